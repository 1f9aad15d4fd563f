// SPDX-License-Identifier: BSD-3-Clause
/*
 * Configuration space, capabilities, BARs and matching of an IOPCIDevice, as IOPCIFamily-144 to 306.50.1 have
 * them: IOPCIDevice.cpp (setConfigBits, getDeviceMemoryWithRegister, mapDeviceMemoryWithRegister,
 * matchPropertyTable), IOPCIBridge.cpp (constructProperties, findPCICapability, saveDeviceState,
 * restoreDeviceState, pciMatchNub).
 */
#include "probe.h"
#include <libkern/c++/OSContainers.h>

static void testReads(IOPCIDevice *d)
{
    SAME(d->configRead32(kIOPCIConfigVendorID), 0x11e81234, "32 bits: the identity of edu");
    SAME(d->configRead16(kIOPCIConfigVendorID), 0x1234, "16 bits: vendor");
    SAME(d->configRead16(kIOPCIConfigDeviceID), 0x11e8, "16 bits: device");
    SAME(d->configRead8(kIOPCIConfigVendorID + 1), 0x12, "8 bits at offset 1");
    SAME(d->configRead8(kIOPCIConfigDeviceID + 1), 0x11, "8 bits at offset 3");
    SAME(d->configRead32(kIOPCIConfigRevisionID), 0x00ff0010, "class and revision");
    SAME(d->configRead32(d->space, kIOPCIConfigVendorID), 0x11e81234, "with the space given");
    SAME(d->extendedConfigRead16(kIOPCIConfigDeviceID), 0x11e8, "extendedConfigRead16");
    SAME(d->configRead8(kIOPCIConfigInterruptPin), 1, "interrupt pin A");
}

static void testWrites(IOPCIDevice *d)
{
    UInt32 word = d->configRead32(kIOPCIConfigInterruptLine);
    d->configWrite8(kIOPCIConfigInterruptLine, 0xa5);
    SAME(d->configRead32(kIOPCIConfigInterruptLine), (word & ~0xffu) | 0xa5,
         "a byte written leaves its neighbours");
    d->configWrite16(kIOPCIConfigInterruptLine, 0x5a);
    SAME(d->configRead8(kIOPCIConfigInterruptLine), 0x5a, "16 bits written");
    d->configWrite32(kIOPCIConfigInterruptLine, word);
    SAME(d->configRead32(kIOPCIConfigInterruptLine), word, "32 bits written");
    d->configWrite32(kIOPCIConfigVendorID, 0);
    SAME(d->configRead32(kIOPCIConfigVendorID), 0x11e81234, "a read-only register stays");
    UInt16 command = d->configRead16(kIOPCIConfigCommand);
    d->extendedConfigWrite16(kIOPCIConfigCommand, command ^ kIOPCICommandBusMaster);
    SAME(d->configRead16(kIOPCIConfigCommand), command ^ kIOPCICommandBusMaster, "extendedConfigWrite16");
    d->configWrite16(kIOPCIConfigCommand, command);
    SAME(d->setConfigBits(kIOPCIConfigInterruptLine, 0x0f, 0x05), word & 0x0f,
         "setConfigBits: the old bits of the mask");
    SAME(d->configRead32(kIOPCIConfigInterruptLine), (word & ~0xfu) | 5,
         "setConfigBits changes only the mask");
    d->configWrite32(kIOPCIConfigInterruptLine, word);
    d->setBusMasterEnable(false);
    CHECK(!d->setBusMasterEnable(true), "setBusMasterEnable returns the old state: off");
    CHECK(d->setBusMasterEnable(true), "setBusMasterEnable returns the old state: on");
    CHECK(d->configRead16(kIOPCIConfigCommand) & kIOPCICommandBusMaster, "and has set the bit");
    CHECK(d->setMemoryEnable(true), "setMemoryEnable returns the old state");
}

/* IOPCIBridge::findPCICapability: the capability's first word, its offset by reference; 0 and 0 when there is
 * none. */
static void testCapabilities(IOPCIDevice *d)
{
    UInt8 at = 0xff;
    UInt32 word = d->findPCICapability(kIOPCIMSICapability, &at);
    SAME(word & 0xff, kIOPCIMSICapability, "findPCICapability gives the capability's word");
    CHECK(at && d->configRead32(at) == word, "and its offset");
    CHECK(word & 0x800000, "edu's messages have 64-bit addresses");
    at = 0xff;
    SAME(d->findPCICapability(0x13, &at), 0, "a capability that is not there");
    SAME(at, 0, "has offset 0");
    SAME(d->findPCICapability(kIOPCIMSICapability), word, "the offset may be left out");
    IOByteCount next = 0;
    SAME(d->extendedFindPCICapability(kIOPCIMSICapability, &next), word, "extendedFindPCICapability");
    SAME(d->extendedFindPCICapability(kIOPCIMSICapability, &next), 0, "goes on behind the offset given");
    next = 0;
    SAME(d->extendedFindPCICapability((UInt32)kIOPCIExpressDeviceSerialNumberCapability, &next), 0,
         "no extended capability on a conventional device");
}

static void testMemory(IOPCIDevice *d)
{
    SAME(d->getDeviceMemoryCount(), 1, "one range");
    IODeviceMemory *m = d->getDeviceMemoryWithIndex(0);
    if (!CHECK(m != 0, "range 0"))
        return;
    UInt32 bar = d->configRead32(kIOPCIConfigBaseAddress0);
    SAME(m->getLength(), 0x100000, "its length");
    SAME(m->getPhysicalAddress(), bar & ~0xfu, "its physical address is the BAR");
    IOPCIAddressSpace tag;
    tag.bits = (UInt32)m->getTag();
    SAME(tag.s.registerNum, kIOPCIConfigBaseAddress0, "the tag names the register");
    SAME(tag.s.space, kIOPCI32BitMemorySpace, "and the space");
    CHECK(d->getDeviceMemoryWithRegister(kIOPCIConfigBaseAddress0) == m, "the same by register");
    CHECK(!d->getDeviceMemoryWithRegister(kIOPCIConfigBaseAddress1), "no range for an empty BAR");
    CHECK(!d->getDeviceMemoryWithIndex(1), "no range 1");
    CHECK(!d->mapDeviceMemoryWithRegister(kIOPCIConfigBaseAddress1), "no mapping of an empty BAR");
    CHECK(!d->mapDeviceMemoryWithIndex(7), "no mapping of range 7");
    IOMemoryMap *map = d->mapDeviceMemoryWithIndex(0);
    if (!CHECK(map != 0, "a mapping by index"))
        return;
    SAME(map->getLength(), 0x100000, "its length");
    SAME(map->getPhysicalAddress(), bar & ~0xfu, "its physical address");
    CHECK(map->getMemoryDescriptor() == m, "its descriptor");
    SAME(*(volatile UInt32 *)map->getVirtualAddress(), 0x010000ed, "edu's identity through it");
    map->release();
}

/* 64 bytes of header, restored once: IOPCIBridge.cpp, kIOPCIConfigShadowValid. */
static void testSave(IOPCIDevice *d)
{
    UInt8 line = d->configRead8(kIOPCIConfigInterruptLine);
    UInt32 bar = d->configRead32(kIOPCIConfigBaseAddress0);
    SAME(d->saveDeviceState(), kIOReturnSuccess, "saveDeviceState");
    d->configWrite8(kIOPCIConfigInterruptLine, line ^ 0xff);
    d->configWrite32(kIOPCIConfigBaseAddress0, 0);
    SAME(d->restoreDeviceState(), kIOReturnSuccess, "restoreDeviceState");
    SAME(d->configRead8(kIOPCIConfigInterruptLine), line, "the interrupt line is back");
    SAME(d->configRead32(kIOPCIConfigBaseAddress0), bar, "the BAR is back");
    d->configWrite8(kIOPCIConfigInterruptLine, line ^ 0xff);
    SAME(d->restoreDeviceState(), kIOReturnSuccess, "a second restoreDeviceState says success");
    SAME(d->configRead8(kIOPCIConfigInterruptLine), line ^ 0xff, "and changes nothing");
    d->configWrite8(kIOPCIConfigInterruptLine, line);
}

static bool matches(IOPCIDevice *d, const char *key, const char *value)
{
    SInt32 score = 0;
    OSDictionary *table = OSDictionary::withCapacity(1);
    OSString *text = OSString::withCString(value);
    table->setObject(key, text);
    bool yes = d->matchPropertyTable(table, &score);
    text->release();
    table->release();
    return yes;
}

static void testMatching(IOPCIDevice *d)
{
    CHECK(matches(d, kIOPCIMatchKey, "0x11e81234"), "IOPCIMatch");
    CHECK(!matches(d, kIOPCIMatchKey, "0x11e81235"), "IOPCIMatch of another device");
    CHECK(matches(d, kIOPCIMatchKey, "0x11111111 0x11e81234"), "IOPCIMatch: one of several");
    CHECK(matches(d, kIOPCIMatchKey, "0x00001234&0x0000ffff"), "IOPCIMatch with a mask");
    CHECK(matches(d, kIOPCIMatchKey, "0x11001af4"), "IOPCIMatch takes the subsystem too");
    CHECK(matches(d, kIOPCIPrimaryMatchKey, "0x11e81234"), "IOPCIPrimaryMatch");
    CHECK(!matches(d, kIOPCIPrimaryMatchKey, "0x11001af4"), "IOPCIPrimaryMatch does not");
    CHECK(matches(d, kIOPCISecondaryMatchKey, "0x11001af4"), "IOPCISecondaryMatch");
    CHECK(matches(d, kIOPCIClassMatchKey, "0x00ff0000"), "IOPCIClassMatch leaves the revision out");
    CHECK(!matches(d, kIOPCIClassMatchKey, "0x02000000"), "IOPCIClassMatch of another class");
}

static bool dataIs(IOService *nub, const char *key, UInt32 wanted)
{
    OSData *data = OSDynamicCast(OSData, nub->getProperty(key));
    return data && data->getLength() >= 4 && *(const UInt32 *)data->getBytesNoCopy() == wanted;
}

static void testProperties(IOPCIDevice *d)
{
    CHECK(dataIs(d, "vendor-id", 0x1234), "vendor-id");
    CHECK(dataIs(d, "device-id", 0x11e8), "device-id");
    CHECK(dataIs(d, "class-code", 0x00ff00), "class-code");
    CHECK(dataIs(d, "revision-id", 0x10), "revision-id");
    CHECK(dataIs(d, "subsystem-vendor-id", 0x1af4), "subsystem-vendor-id");
    OSString *name = OSDynamicCast(OSString, d->getProperty("IOName"));
    CHECK(name && name->isEqualTo("pci1234,11e8"), "IOName");
    CHECK(!strncmp(d->getName(), "pci1234,11e8", 13), "the registry's name");
    OSData *reg = OSDynamicCast(OSData, d->getProperty("reg"));
    CHECK(reg && (*(const UInt32 *)reg->getBytesNoCopy() & 0xffff00) == (d->space.bits & 0xffff00),
          "reg begins with the function's address");
    OSData *assigned = OSDynamicCast(OSData, d->getProperty("assigned-addresses"));
    CHECK(assigned && assigned->getLength() == sizeof(IOPCIPhysicalAddress), "assigned-addresses: one range");
    char where[8];
    snprintf(where, sizeof where, "%X", d->getDeviceNumber());
    CHECK(d->getLocation() && !strcmp(d->getLocation(), where), "the location is the device number");
    SAME(d->getBusNumber(), d->space.s.busNum, "getBusNumber");
    SAME(d->getFunctionNumber(), 0, "getFunctionNumber");
}

void test_pci(Probe *p)
{
    testReads(p->device);
    testWrites(p->device);
    testCapabilities(p->device);
    testMemory(p->device);
    testSave(p->device);
    testMatching(p->device);
    testProperties(p->device);
}
