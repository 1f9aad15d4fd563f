// SPDX-License-Identifier: BSD-3-Clause
/*
 * The driver itself: runs the groups that were asked for, and logs its own life cycle (group "life"). Order
 * of probe/start/stop/free: xnu iokit/Kernel/IOService.cpp probeCandidates, startCandidate, terminateWorker.
 */
#include "probe.h"

OSDefineMetaClassAndStructors(org_virtio_osx_test_Probe, IOService)

    static const struct {
    const char *name;
    UInt32 device; /* device and vendor id that it needs; 0: any */
    void (*run)(Probe *);
} groups[] = {
    {"pci", 0x11e81234, test_pci},
    {"edu", 0x11e81234, test_edu},
    {"bar", 0x11101af4, test_bar},
    {"ports", 0x10051af4, test_ports},
    {"intx", 0x11e81234, test_intx},
    {"msi", 0x11e81234, test_msi},
    {"shared", 0x11e81234, test_shared},
    {"dma", 0x11e81234, test_dma},
    {"memory", 0, test_memory},
    {"gate", 0, test_gate},
    {"sources", 0, test_sources},
    {"timer", 0, test_timer},
    {"call", 0, test_call},
    {"lock", 0, test_lock},
    {"atomic", 0, test_atomic},
    {"service", 0, test_service},
    {"registry", 0, test_registry},
    {"collections", 0, test_collections},
    {"xml", 0, test_xml},
    {"format", 0, test_format},
    {"bootargs", 0, test_bootargs},
};

bool Probe::init(OSDictionary *table)
{
    if (!IOService::init(table))
        return false;
    endOfLife = probe_asked("probe", "life");
    if (endOfLife)
        IOLog("LIFE init\n");
    return true;
}

IOService *Probe::probe(IOService *provider, SInt32 *score)
{
    if (endOfLife)
        IOLog("LIFE probe score %d\n", (int)*score);
    return IOService::probe(provider, score);
}

/* probe=hold: an instance of a class of ours that nothing in the registry refers to. */
static OSObject *held;

static void runGroups(Probe *p, UInt32 identity)
{
    for (unsigned i = 0; i < sizeof groups / sizeof groups[0]; i++) {
        if (!probe_asked("probe", groups[i].name) || (groups[i].device && groups[i].device != identity))
            continue;
        probe_begin(groups[i].name);
        groups[i].run(p);
        probe_end();
    }
}

bool Probe::start(IOService *provider)
{
    device = OSDynamicCast(IOPCIDevice, provider);
    if (!device || !IOService::start(provider))
        return false;
    if (endOfLife)
        IOLog("LIFE start\n");
    loop = IOWorkLoop::workLoop();
    map = device->mapDeviceMemoryWithRegister(kIOPCIConfigBaseAddress0);
    if (!loop || !device->setMemoryEnable(true))
        probe_note("memory was off");
    device->setBusMasterEnable(true);
    runGroups(this, device->configRead32(kIOPCIConfigVendorID));
    if (probe_asked("probe", "hold"))
        held = OSMetaClass::allocClassWithName("org_virtio_osx_test_Nub");
    registerService();
    return true;
}

void Probe::stop(IOService *provider)
{
    if (endOfLife)
        IOLog("LIFE stop\n");
    IOService::stop(provider);
}

void Probe::free()
{
    if (endOfLife)
        IOLog("LIFE free\n");
    OSSafeReleaseNULL(map);
    OSSafeReleaseNULL(loop);
    IOService::free();
}
