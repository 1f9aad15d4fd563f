// SPDX-License-Identifier: BSD-3-Clause
/*
 * VirtioPCIDriver: its life, its settings, and what it publishes. Interrupts are in interrupts.cpp.
 *
 * Its personality's probe score is -1000, below the 0 of a driver that states none, so where the system brings
 * a driver of its own for the device (AppleVirtIO, from 10.14 on) that one is used. Boot-argument vio_first=1
 * or a higher score in the personality prefers this one, vio_first=0 any other, whatever the personality says. On older
 * systems probe() raises the score above 0: what else matches there is the virtio-net.kext of 2013.
 */
#include "VirtioPCIDriver.h"
#include <IOKit/IOLib.h>
#include <pexpert/pexpert.h>
#include <libkern/libkern.h>
#include <libkern/version.h>

#define super IOService
OSDefineMetaClassAndStructors(VirtioPCIDriver, IOService) OSMetaClassDefineReservedUnused(VirtioPCIDriver, 0);
OSMetaClassDefineReservedUnused(VirtioPCIDriver, 1);
OSMetaClassDefineReservedUnused(VirtioPCIDriver, 2);
OSMetaClassDefineReservedUnused(VirtioPCIDriver, 3);
OSMetaClassDefineReservedUnused(VirtioPCIDriver, 4);
OSMetaClassDefineReservedUnused(VirtioPCIDriver, 5);
OSMetaClassDefineReservedUnused(VirtioPCIDriver, 6);
OSMetaClassDefineReservedUnused(VirtioPCIDriver, 7);

bool VirtioPCIDriver::init(OSDictionary *properties)
{
    if (!super::init(properties))
        return false;
    setName("VirtioPCIDriver");
    return true;
}

/* vio_off and vio_dbg, and their properties in the personality: VirtioOff, VirtioDebug. */
void VirtioPCIDriver::readSettings()
{
    OSString *off = OSDynamicCast(OSString, getProperty("VirtioOff"));
    OSBoolean *debug = OSDynamicCast(OSBoolean, getProperty("VirtioDebug"));
    UInt32 value = debug && debug->isTrue();

    if (!PE_parse_boot_argn("vio_off", fOff[0], kOffLength))
        fOff[0][0] = 0;
    fOff[0][kOffLength - 1] = 0;
    strlcpy(fOff[1], off ? off->getCStringNoCopy() : "", kOffLength);
    (void)PE_parse_boot_argn("vio_dbg", &value, sizeof value);
    fHal.debug = value != 0;
}

bool VirtioPCIDriver::isOff(const char *what) const
{
    return vio_listed(fOff[0], what) || vio_listed(fOff[1], what);
}

UInt64 VirtioPCIDriver::deniedFeatures(const struct vio_feature_table *device) const
{
    const struct vio_feature_table tables[2] = {*device, fTransport.ops->features};

    return vio_feature_listed(tables, 2, fOff[0]) | vio_feature_listed(tables, 2, fOff[1]);
}

/*
 * IONetworkInterface and IOKernelDebugger look for these in the provider of a controller, which with this nub
 * between is not the PCI device any more. Mirrored before the nub is registered, hence before any driver can
 * ask.
 */
void VirtioPCIDriver::mirrorProperty(IOService *provider, const char *key)
{
    OSObject *value = provider->copyProperty(key);

    if (value) {
        setProperty(key, value);
        value->release();
    }
}

void VirtioPCIDriver::enableFunction(bool on)
{
    fHal.pci->setMemoryEnable(on);
    fHal.pci->setIOEnable(on);
    fHal.pci->setBusMasterEnable(on);
}

/*
 * Power is between the device's driver and the PCI function: the driver becomes the latter's power child as
 * it would without this nub between, stops the device before it loses power and starts it from its reset
 * afterwards.
 */
void VirtioPCIDriver::joinPMtree(IOService *driver)
{
    fHal.pci->joinPMtree(driver);
}

IOService *VirtioPCIDriver::probe(IOService *provider, SInt32 *score)
{
    UInt32 first;

    if (PE_parse_boot_argn("vio_first", &first, sizeof first))
        *score = first ? kFirst : -kFirst;
    else if (version_major < kDarwinOf1014)
        *score += kFirst;
    return super::probe(provider, score);
}

bool VirtioPCIDriver::start(IOService *provider)
{
    int error;

    readSettings();
    if (isOff("all")) {
        IOLog("[VirtioFamily]: vio_off=all keeps the drivers away from %s\n", provider->getName());
        return false;
    }
    if (!super::start(provider))
        return false;
    fHal.pci = OSDynamicCast(IOPCIDevice, provider);
    snprintf(fHal.name, sizeof fHal.name, "virtio %x:%x", fHal.pci->getDeviceNumber(),
             fHal.pci->getFunctionNumber());
    enableFunction(true);
    error = vio_pci_open(&fTransport, &fHal, isOff("modern"));
    if (error) {
        hal_log(&fHal, HAL_ERROR, "no usable virtio transport: %s", vio_strerror(error));
        goto no_transport;
    }
    fOpen = true;
    mirrorProperty(provider, "built-in");
    mirrorProperty(provider, "location");
    setProperty("VirtioDeviceType", fTransport.device_type, 32);
    setProperty("Virtio Transport", fTransport.ops->name);
    registerService();
    return true;

no_transport:
    enableFunction(false);
    super::stop(provider);
    return false;
}

void VirtioPCIDriver::stop(IOService *provider)
{
    detachInterrupts(); /* a driver that stopped has done so */
    if (fOpen) {
        vio_pci_close(&fTransport);
        enableFunction(
            false); /* should the device have ignored its reset, it cannot write to memory any more */
    }
    fOpen = false;
    super::stop(provider);
}

struct vio_pci *VirtioPCIDriver::transport()
{
    return &fTransport;
}

/* The names of a set of features, in the order of their bits. */
static OSString *featureNames(const struct vio_pci *p, UInt64 features)
{
    char text[512], *end = text;

    text[0] = 0;
    for (unsigned bit = 0; bit < 64; bit++) {
        const struct vio_feature *f = vio_feature_find(p->tables, 2, bit);
        size_t room = sizeof text - (end - text);
        if (!(features >> bit & 1))
            continue;
        int n = f ? snprintf(end, room, " %s", f->name) : snprintf(end, room, " %u", bit);
        if (n < 0 || (size_t)n >= room)
            break;
        end += n;
    }
    return OSString::withCString(text[0] ? text + 1 : text);
}

void VirtioPCIDriver::publishNegotiation(const char *model)
{
    char text[64];
    OSString *names = featureNames(&fTransport, fTransport.features);
    OSString *offered = featureNames(&fTransport, fTransport.offered);

    snprintf(text, sizeof text, "%s (1af4:%04x, %s)", model, fTransport.pci_device, fTransport.ops->name);
    setProperty("Virtio Device", text);
    if (names)
        setProperty("Virtio Features", names);
    if (offered)
        setProperty("Virtio Features Offered", offered);
    setProperty("Virtio Feature Bits", fTransport.features, 64);
    setProperty("Virtio Feature Bits Offered", fTransport.offered, 64);
    OSSafeReleaseNULL(names);
    OSSafeReleaseNULL(offered);
}
