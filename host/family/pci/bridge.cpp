// SPDX-License-Identifier: BSD-3-Clause
/*
 * IOPCIBridge: publishing nubs, matching them, capabilities (IOPCIBridge.cpp). Configuring a bus is QEMU's
 * and host/qemu's business: the nubs come from the list of functions there.
 */
#include "family/pci/private.h"
#include <libkern/libkern.h>

#define super IOService
OSDefineMetaClassAndAbstractStructors(IOPCIBridge, IOService)
// clang-format off: these expand to whole functions
#define RESERVED_4(a, b, c, d)                                                                               \
    OSMetaClassDefineReservedUnused(IOPCIBridge, a) OSMetaClassDefineReservedUnused(IOPCIBridge, b)          \
        OSMetaClassDefineReservedUnused(IOPCIBridge, c) OSMetaClassDefineReservedUnused(IOPCIBridge, d)
    RESERVED_4(4, 5, 6, 7) RESERVED_4(8, 9, 10, 11) RESERVED_4(12, 13, 14, 15) RESERVED_4(16, 17, 18, 19)
        RESERVED_4(20, 21, 22, 23) RESERVED_4(24, 25, 26, 27) RESERVED_4(28, 29, 30, 31)
    // clang-format on

    /* ---- life ---- */
    void IOPCIBridge::initialize(void)
{
}

bool IOPCIBridge::start(IOService *provider)
{
    if (!super::start(provider))
        return false;
    if (!reserved) {
        reserved = (ExpansionData *)IOMalloc(sizeof *reserved);
        if (!reserved)
            return false;
        bzero(reserved, sizeof *reserved);
    }
    reserved->messages = pci_messages;
    PMinit();
    provider->joinPMtree(this);
    if (!configure(provider))
        return false;
    probeBus(provider, firstBusNum());
    return true;
}

void IOPCIBridge::stop(IOService *provider)
{
    PMstop();
    super::stop(provider);
}

void IOPCIBridge::free(void)
{
    if (reserved)
        IOFree(reserved, sizeof *reserved);
    super::free();
}

bool IOPCIBridge::configure(IOService *provider)
{
    return true;
}

UInt8 IOPCIBridge::firstBusNum(void)
{
    return getBridgeSpace().s.busNum;
}
UInt8 IOPCIBridge::lastBusNum(void)
{
    return 255;
}

/* ---- nubs ---- */
void IOPCIBridge::probeBus(IOService *provider, UInt8 busNum)
{
    for (struct qemu_pci *f = qemu_pci_first(); f; f = f->next)
        if (f->bdf >> 8 == busNum)
            pci_publish(this, f);
}

OSDictionary *IOPCIBridge::constructProperties(IOPCIAddressSpace space)
{
    const struct qemu_pci *f = qemu_pci_find(pci_bdf(space));
    return f ? pci_properties(f) : 0;
}

IOPCIDevice *IOPCIBridge::createNub(OSDictionary *from)
{
    return new IOPCIDevice;
}

/* The first cell of "reg" is the address. */
void IOPCIBridge::spaceFromProperties(OSDictionary *propTable, IOPCIAddressSpace *space)
{
    OSData *reg = OSDynamicCast(OSData, propTable->getObject("reg"));
    space->bits = reg && reg->getLength() >= sizeof(UInt32) ? *(const UInt32 *)reg->getBytesNoCopy() : 0;
}

bool IOPCIBridge::initializeNub(IOPCIDevice *nub, OSDictionary *from)
{
    spaceFromProperties(from, &nub->space);
    nub->parent = this;
    if (ioDeviceMemory())
        nub->ioMap = ioDeviceMemory()->map(); /* for ports by their number */
    return true;
}

static void learn_capabilities(IOPCIBridge *bridge, IOPCIDevice *nub)
{
    IOPCIDevice::IOPCIDeviceExpansionData *r = nub->reserved;
    UInt32 data, pm = pci_find_capability(bridge, nub->space, kIOPCIPowerManagementCapability, 0, &data);
    r->pmControlStatus = pm ? (UInt16)(pm + 4) : 0;
    r->expressCapability =
        (UInt16)pci_find_capability(bridge, nub->space, kIOPCIPCIExpressCapability, 0, &data);
    r->messageCapability = (UInt16)pci_find_capability(bridge, nub->space, kIOPCIMSICapability, 0, &data);
    if (!r->messageCapability && host_profile->irq != HOST_IRQ_INTX) {
        r->messageCapability =
            (UInt16)pci_find_capability(bridge, nub->space, kIOPCIMSIXCapability, 0, &data);
        r->msix = true;
    }
}

/* The properties win over the registers: firmware may have put other identifiers there to have a driver
 * match. */
bool IOPCIBridge::checkProperties(IOPCIDevice *entry)
{
    static const char *const keys[] = {"vendor-id", "device-id", "class-code", "revision-id"};
    UInt32 v[4];
    for (int i = 0; i < 4; i++) {
        OSData *data = OSDynamicCast(OSData, entry->getProperty(keys[i]));
        if (!data || data->getLength() < sizeof v[i])
            return false;
        v[i] = *(const UInt32 *)data->getBytesNoCopy();
    }
    entry->savedConfig[kIOPCIConfigVendorID >> 2] = v[1] << 16 | v[0];
    entry->savedConfig[kIOPCIConfigRevisionID >> 2] = v[2] << 8 | v[3];
    UInt16 express = entry->reserved->expressCapability;
    if (express) {
        entry->setProperty(kIOPCIExpressLinkStatusKey, entry->configRead16(entry->space, express + 0x12), 32);
        entry->setProperty(kIOPCIExpressLinkCapabilitiesKey,
                           entry->configRead32(entry->space, express + 0x0c), 32);
    }
    return true;
}

bool IOPCIBridge::publishNub(IOPCIDevice *nub, UInt32 index)
{
    char location[24];
    if (!nub)
        return false;
    if (nub->space.s.functionNum)
        snprintf(location, sizeof location, "%X,%X", nub->space.s.deviceNum, nub->space.s.functionNum);
    else
        snprintf(location, sizeof location, "%X", nub->space.s.deviceNum);
    nub->setLocation(location);
    for (int i = 0; i < kPCIHeaderRegisters; i++)
        nub->savedConfig[i] = nub->configRead32(nub->space, i * 4);
    learn_capabilities(this, nub);
    checkProperties(nub);
    if (!nub->attach(this))
        return false;
    nub->registerService();
    return true;
}

IOPCIDevice *pci_publish(IOPCIBridge *bridge, struct qemu_pci *f)
{
    OSDictionary *table = pci_properties(f);
    IOPCIDevice *nub = table ? bridge->createNub(table) : 0;
    if (nub && nub->init(table) && bridge->initializeNub(nub, table)) {
        nub->reserved->function = f;
        if (const OSSymbol *name = OSDynamicCast(OSSymbol, table->getObject(gIONameKey)))
            nub->setName(name);
        IORegistryEntry *above = bridge->getProvider();
        if (!pci_note_nub(f, nub) || !nub->attachToParent(above, gIODTPlane) || !bridge->publishNub(nub, 0))
            nub = 0;
    } else if (nub) {
        nub->release();
        nub = 0;
    }
    if (table)
        table->release();
    return nub;
}

/* A device that goes gives its messages back. */
void IOPCIBridge::removeDevice(IOPCIDevice *device, IOOptionBits options)
{
    pci_messages->deallocateDeviceInterrupts(device);
}

/* ---- matching ---- */
/* "0x10001af4&0xffff 0x12345678": any of the values, each under its own mask. */
bool IOPCIBridge::matchKeys(IOPCIDevice *nub, const char *keys, UInt32 defaultMask, UInt8 regNum)
{
    const char *next;
    for (;;) {
        UInt32 value = (UInt32)strtoul(keys, (char **)&next, 16), mask = defaultMask;
        if (next == keys)
            return false;
        while (*next == ' ')
            next++;
        if (*next == '&')
            mask = (UInt32)strtoul(next + 1, (char **)&next, 16);
        if ((value & mask) == (nub->savedConfig[regNum >> 2] & mask))
            return true;
        keys = next;
    }
}

bool IOPCIBridge::pciMatchNub(IOPCIDevice *nub, OSDictionary *table, SInt32 *score)
{
    static const struct {
        const char *key;
        int first, second; /* registers; second -1: one only */
        UInt32 mask;
    } matching[] = {
        {kIOPCIMatchKey, kIOPCIConfigVendorID, kIOPCIConfigSubSystemVendorID, 0xffffffff},
        {kIOPCIPrimaryMatchKey, kIOPCIConfigVendorID, -1, 0xffffffff},
        {kIOPCISecondaryMatchKey, kIOPCIConfigSubSystemVendorID, -1, 0xffffffff},
        {kIOPCIClassMatchKey, kIOPCIConfigRevisionID, -1, 0xffffff00},
    };
    for (unsigned i = 0; i < sizeof matching / sizeof matching[0]; i++) {
        OSString *text = OSDynamicCast(OSString, table->getObject(matching[i].key));
        if (text && !matchKeys(nub, text->getCStringNoCopy(), matching[i].mask, (UInt8)matching[i].first) &&
            (matching[i].second < 0 ||
             !matchKeys(nub, text->getCStringNoCopy(), matching[i].mask, (UInt8)matching[i].second)))
            return false;
    }
    return true;
}

bool IOPCIBridge::matchNubWithPropertyTable(IOService *nub, OSDictionary *propertyTable, SInt32 *score)
{
    return pciMatchNub((IOPCIDevice *)nub, propertyTable, score);
}

bool IOPCIBridge::compareNubName(const IOService *nub, OSString *name, OSString **matched) const
{
    return IODTCompareNubName(nub, name, matched);
}

/* ---- capabilities ---- */
/* Extended ones are asked for by their negative id (IOPCIConfigurator.cpp findPCICapability). */
static UInt32 find_extended(IOPCIBridge *bridge, IOPCIAddressSpace space, UInt32 id, UInt32 after,
                            UInt32 *data)
{
    UInt32 offset = 0x100, ignored;
    if (!pci_find_capability(bridge, space, kIOPCIPCIExpressCapability, 0, &ignored))
        return 0;
    for (int hops = 0; offset && hops < 960; hops++) {
        IOPCIAddressSpace s = space;
        s.es.registerNumExtended = offset >> 8;
        *data = bridge->configRead32(s, (UInt8)offset);
        if (offset > after && (*data & 0xffff) == id)
            return offset;
        offset = *data >> 20;
        if (offset < 0x100 || (offset & 3))
            return 0;
    }
    return 0;
}

UInt32 pci_find_capability(IOPCIBridge *bridge, IOPCIAddressSpace space, UInt32 id, UInt32 after,
                           UInt32 *data)
{
    if (!(bridge->configRead32(space, kIOPCIConfigCommand) & (kIOPCIStatusCapabilities << 16)))
        return 0;
    if (id >= 0x100)
        return find_extended(bridge, space, -id, after, data);
    UInt32 offset = bridge->configRead32(space, kIOPCIConfigCapabilitiesPtr) & 0xff;
    for (int hops = 0; offset && !(offset & 3) && hops < 64; hops++) {
        *data = bridge->configRead32(space, (UInt8)offset);
        if (offset > after && (*data & 0xff) == id)
            return offset;
        offset = *data >> 8 & 0xff;
    }
    return 0;
}

UInt32 IOPCIBridge::findPCICapability(IOPCIAddressSpace space, UInt8 capabilityID, UInt8 *offset)
{
    UInt32 data, at = pci_find_capability(this, space, capabilityID, 0, &data);
    if (offset)
        *offset = (UInt8)at;
    return at ? data : 0;
}

UInt32 IOPCIBridge::extendedFindPCICapability(IOPCIAddressSpace space, UInt32 capabilityID,
                                              IOByteCount *offset)
{
    UInt32 data, at = pci_find_capability(this, space, capabilityID, offset ? (UInt32)*offset : 0, &data);
    if (offset)
        *offset = at;
    return at ? data : 0;
}

/* ---- what this machine's buses do not have ---- */
IOReturn IOPCIBridge::kernelRequestProbe(IOPCIDevice *device, uint32_t options)
{
    return kIOReturnUnsupported;
}
IOReturn IOPCIBridge::protectDevice(IOPCIDevice *device, uint32_t space, uint32_t prot)
{
    return device->protectDevice(space, prot);
}
IOReturn IOPCIBridge::setDeviceASPMState(IOPCIDevice *device, IOService *client, IOOptionBits state)
{
    return kIOReturnUnsupported;
}
IOReturn IOPCIBridge::checkLink(uint32_t options)
{
    return kIOReturnSuccess;
}
