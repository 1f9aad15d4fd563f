// SPDX-License-Identifier: BSD-3-Clause
/*
 * A kext that looks at its IOPCIDevice as drivers do and says what it finds in the kernel log, a TAP line
 * each. The nub is QEMU's virtio-net, transitional, at 00:03.0. The device's configuration interrupt (its
 * link goes down) shows which source an interrupt reaches.
 */
#include <IOKit/IOFilterInterruptEventSource.h>
#include <IOKit/IOLib.h>
#include <IOKit/IOWorkLoop.h>
#include <IOKit/pci/IOPCIDevice.h>
#include "test/ld/kmod.h"

class org_test_PCIProbe : public IOService
{
    OSDeclareDefaultStructors(org_test_PCIProbe) public : IOPCIDevice *nub;
    IOMemoryMap *ports;
    IOWorkLoop *loop;
    IOInterruptEventSource *source;
    int index;             // of the interrupt in use
    volatile int filtered, counted; // calls of the filter; what its actions were told
    virtual bool start(IOService *provider);
    virtual void stop(IOService *provider);
    void check(bool ok, const char *what);
    void identity();
    void config();
    void capabilities();
    void enables();
    void portMemory();
    void barMemory();
    void matching();
    void power();
    void interrupts();
    bool matches(const char *key, const char *value);
    void startDevice();
};
OSDefineMetaClassAndStructors(org_test_PCIProbe, IOService)

    enum {
        kStatus = 18,
        kISR = 19,
        kConfigVector = 20,
        kMSIX = 0x11,
        kVendor = 9
    };

void org_test_PCIProbe::check(bool ok, const char *what)
{
    IOLog("%sok - %s\n", ok ? "" : "not ", what);
}

// ---- what it is ----
static UInt32 word(IOService *nub, const char *key)
{
    OSData *data = OSDynamicCast(OSData, nub->getProperty(key));
    return data && data->getLength() == 4 ? *(const UInt32 *)data->getBytesNoCopy() : ~0u;
}

static bool contains(OSData *data, const char *text)
{
    const char *p = data ? (const char *)data->getBytesNoCopy() : 0, *end = p ? p + data->getLength() : 0;
    for (; p < end; p += strlen(p) + 1)
        if (!strcmp(p, text))
            return true;
    return false;
}

void org_test_PCIProbe::identity()
{
    OSString *tuple = OSDynamicCast(OSString, nub->getProperty("pcidebug"));
    OSData *names = OSDynamicCast(OSData, nub->getProperty("compatible"));
    check(word(nub, "vendor-id") == 0x1af4 && word(nub, "device-id") == 0x1000, "vendor-id and device-id");
    check(word(nub, "class-code") == 0x020000 && word(nub, "revision-id") == 0, "class-code and revision-id");
    check(word(nub, "subsystem-vendor-id") == 0x1af4 && word(nub, "subsystem-id") == 1,
          "subsystem identifiers");
    check(contains(names, "pci1af4,1000") && contains(names, "pci1af4,1") &&
              contains(names, "pciclass,020000"),
          "compatible names");
    check(!strcmp(nub->getName(), "ethernet"), "a network card is called ethernet");
    check(nub->getLocation() && !strcmp(nub->getLocation(), "3"), "its location is its device number");
    check(tuple && tuple->isEqualTo("0:3:0"), "pcidebug");
    check(nub->getBusNumber() == 0 && nub->getDeviceNumber() == 3 && nub->getFunctionNumber() == 0,
          "bus numbers");
    check(nub->getProperty("built-in") && nub->getProperty("location"), "the first network card is built in");
    OSData *reg = OSDynamicCast(OSData, nub->getProperty("reg"));
    check(reg && reg->getLength() >= 60 && *(const UInt32 *)reg->getBytesNoCopy() == 0x1800, "reg");
}

// ---- configuration space ----
void org_test_PCIProbe::config()
{
    IOPCIAddressSpace elsewhere = nub->space;
    check(nub->configRead32(0) == 0x10001af4 && nub->configRead16(2) == 0x1000 && nub->configRead8(1) == 0x1a,
          "configuration reads of all widths");
    check(nub->configRead32(3) == 0x10001af4, "a register's low address bits are dropped");
    check(nub->extendedConfigRead16(0) == 0x1af4, "extended reads reach the same registers");
    check(nub->configRead32(elsewhere, 0) == 0x10001af4, "reads by address");
    elsewhere.s.deviceNum = 17;
    check(nub->configRead32(elsewhere, 0) == 0xffffffff, "nobody is there: all ones");
    UInt8 line = nub->configRead8(kIOPCIConfigInterruptLine);
    nub->configWrite8(kIOPCIConfigInterruptLine, 0x5a);
    check(nub->configRead8(kIOPCIConfigInterruptLine) == 0x5a, "a write is kept");
    nub->configWrite8(kIOPCIConfigInterruptLine, line);
}

void org_test_PCIProbe::capabilities()
{
    UInt8 at = 0;
    IOByteCount next = 0;
    int vendor = 0;
    UInt32 data = nub->findPCICapability(kMSIX, &at);
    check((data & 0xff) == kMSIX && at >= 0x40 && nub->configRead32(at) == data,
          "a capability and its offset");
    check(nub->findPCICapability(0x7f, &at) == 0 && at == 0, "a capability that is not there");
    while (nub->extendedFindPCICapability(kVendor, &next))
        vendor++;
    check(vendor == 1,
          "the next of several is looked for at higher offsets only, as Apple does; QEMU's list goes down");
}

void org_test_PCIProbe::enables()
{
    nub->setMemoryEnable(true);
    check(nub->setMemoryEnable(false) == true && nub->setMemoryEnable(true) == false,
          "setMemoryEnable says what was");
    nub->setIOEnable(true);
    nub->setBusMasterEnable(true);
    check((nub->configRead16(kIOPCIConfigCommand) & 7) == 7, "decoding and bus mastering are on");
    check(nub->setConfigBits(kIOPCIConfigCommand, 4, 0) == 4 && !(nub->configRead16(kIOPCIConfigCommand) & 4),
          "setConfigBits");
    nub->setBusMasterEnable(true);
}

// ---- memory ----
void org_test_PCIProbe::portMemory()
{
    IODeviceMemory *range = nub->getDeviceMemoryWithRegister(kIOPCIConfigBaseAddress0);
    ports = nub->mapDeviceMemoryWithRegister(kIOPCIConfigBaseAddress0);
    UInt32 bar = nub->configRead32(kIOPCIConfigBaseAddress0);
    check(range && range == nub->getDeviceMemoryWithIndex(0), "the I/O range, by register and by index");
    check(ports && ports->getVirtualAddress() == (bar & ~3u), "a port is mapped at its number");
    if (!ports)
        return;
    nub->ioWrite16(14, 0, ports);
    check(nub->ioRead16(12, ports) == 256, "port reads and writes: queue 0 has 256 entries");
    nub->ioWrite8(kStatus, 3, ports);
    check(nub->ioRead8(kStatus, ports) == 3, "a status of 3 is kept");
    nub->ioWrite8(kStatus, 0, ports);
    UInt16 size;
    asm volatile("inw %w1, %w0" : "=a"(size) : "d"((UInt16)(ports->getVirtualAddress() + 12)));
    check(size == 256, "an in instruction of the kext's own");
}

void org_test_PCIProbe::barMemory()
{
    IOMemoryMap *map = nub->mapDeviceMemoryWithRegister(kIOPCIConfigBaseAddress4);
    check(map && map->getLength() == 0x4000 && nub->getDeviceMemoryCount() == 3, "a 64-bit memory range");
    if (!map)
        return;
    volatile UInt32 *common = (volatile UInt32 *)map->getVirtualAddress();
    common[0] = 1;
    check(common[0] == 1 && (common[1] & 1), "loads and stores: the device offers VERSION_1");
    check(IOMappedRead32(map->getPhysicalAddress() + 4) == common[1],
          "the same register by its physical address");
    *((volatile UInt8 *)common + 20) = 0;
    check(*((volatile UInt8 *)common + 20) == 0, "a byte register");
    common[0] = 0;
    map->release();
}

// ---- matching ----
bool org_test_PCIProbe::matches(const char *key, const char *value)
{
    OSDictionary *table = OSDictionary::withCapacity(1);
    OSString *text = OSString::withCString(value);
    SInt32 score = 0;
    table->setObject(key, text);
    bool match = nub->matchPropertyTable(table, &score);
    text->release();
    table->release();
    return match;
}

static bool named(IOPCIDevice *nub, const char *name)
{
    OSString *text = OSString::withCString(name);
    bool same = nub->compareName(text);
    text->release();
    return same;
}

void org_test_PCIProbe::matching()
{
    check(matches("IOPCIMatch", "0x10001af4") && !matches("IOPCIMatch", "0x10011af4"), "IOPCIMatch");
    check(matches("IOPCIMatch", "0x11111111 0x00011af4"), "IOPCIMatch looks at the subsystem too");
    check(matches("IOPCIPrimaryMatch", "0x00001af4&0xffff"), "a mask");
    check(!matches("IOPCIPrimaryMatch", "0x00011af4"), "IOPCIPrimaryMatch does not look at the subsystem");
    check(matches("IOPCISecondaryMatch", "0x00011af4"), "IOPCISecondaryMatch");
    check(matches("IOPCIClassMatch", "0x02000000&0xff000000") && !matches("IOPCIClassMatch", "0x01000000"),
          "IOPCIClassMatch");
    check(named(nub, "pci1af4,1000") && named(nub, "ethernet") && !named(nub, "pci8086,100e"),
          "names to match by");
}

void org_test_PCIProbe::power()
{
    UInt32 command = nub->configRead32(kIOPCIConfigCommand) & 0xffff;
    check(nub->saveDeviceState() == kIOReturnSuccess, "the state is saved");
    nub->configWrite16(kIOPCIConfigCommand, 0);
    check(nub->restoreDeviceState() == kIOReturnSuccess &&
              (nub->configRead32(kIOPCIConfigCommand) & 0xffff) == command,
          "and restored");
    check(!nub->hasPCIPowerManagement(kPCIPMCPMESupportFromD3Cold) &&
              nub->enablePCIPowerManagement() == kIOReturnBadArgument,
          "a conventional virtio device has no power management");
}

// ---- interrupts ----
static bool filter(OSObject *owner, IOFilterInterruptEventSource *source)
{
    org_test_PCIProbe *self = (org_test_PCIProbe *)owner;
    self->filtered++;
    return self->index || (self->nub->ioRead8(kISR, self->ports) & 2); // INTx: reading lowers the line
}

static void action(OSObject *owner, IOInterruptEventSource *source, int count)
{
    org_test_PCIProbe *self = (org_test_PCIProbe *)owner;
    self->counted += count; // so far, as several messages may be one action's or several's
    IOLog("config interrupt at index %d, %d filtered, %d counted\n", self->index, self->filtered, self->counted);
}

// Without a queue, for its configuration interrupt alone.
void org_test_PCIProbe::startDevice()
{
    nub->ioWrite8(kStatus, 0, ports);
    nub->ioWrite8(kStatus, 3, ports);
    nub->ioWrite32(4, nub->ioRead32(0, ports) & (1 << 16), ports);
    if (index)
        nub->ioWrite16(kConfigVector, 0, ports);
    nub->ioWrite8(kStatus, 7, ports);
}

void org_test_PCIProbe::interrupts()
{
    int type, count = 0;
    check(nub->getInterruptType(0, &type) == kIOReturnSuccess && type == kIOInterruptTypeLevel,
          "index 0 is INTx");
    while (nub->getInterruptType(count, &type) == kIOReturnSuccess)
        if (count++ && !(type & kIOInterruptTypePCIMessaged))
            check(false, "every further index is a message");
    IOLog("%d interrupt sources\n", count);
    UInt8 msix = 0;
    nub->findPCICapability(kMSIX, &msix);
    index = count > 1 ? 1 : 0;
    loop = IOWorkLoop::workLoop();
    source = IOFilterInterruptEventSource::filterInterruptEventSource(this, action, filter, nub, index);
    check(loop && source && loop->addEventSource(source) == kIOReturnSuccess,
          "an event source for the last of them");
    check((nub->configRead16(msix + 2) >> 15) == (index ? 1 : 0),
          "MSI-X is enabled with the first message's handler");
    check(((nub->configRead16(kIOPCIConfigCommand) >> 10) & 1) == (index ? 1 : 0),
          "and INTx is disabled then");
    source->enable();
    startDevice();
}

bool org_test_PCIProbe::start(IOService *provider)
{
    nub = OSDynamicCast(IOPCIDevice, provider);
    if (!IOService::start(provider) || !nub)
        return false;
    identity();
    config();
    capabilities();
    enables();
    portMemory();
    barMemory();
    matching();
    power();
    interrupts();
    return true;
}

void org_test_PCIProbe::stop(IOService *provider)
{
    UInt8 msix = 0;
    nub->ioWrite8(kStatus, 0, ports);
    source->disable();
    loop->removeEventSource(source);
    source->release();
    loop->release();
    nub->findPCICapability(kMSIX, &msix);
    check(!(nub->configRead16(msix + 2) & 0x8000), "MSI-X is off again after the last handler");
    ports->release();
    IOService::stop(provider);
}

static int start_kext(struct kmod *, void *)
{
    return 0;
}
static int stop_kext(struct kmod *, void *)
{
    return 0;
}
extern "C" {
KMOD("org.test.PCIProbe", "1.0", start_kext, stop_kext);
}
