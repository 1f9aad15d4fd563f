// SPDX-License-Identifier: BSD-3-Clause
/*
 * IOPCIDevice: the nub of a function, its memory, what it leaves to its bridge (IOPCIDevice.cpp).
 */
#include "family/pci/private.h"

#define super IOService
OSDefineMetaClassAndStructors(IOPCIDevice, IOService)
    // clang-format off: these expand to whole functions
    OSMetaClassDefineReservedUnused(IOPCIDevice, 3) OSMetaClassDefineReservedUnused(IOPCIDevice, 4)
        OSMetaClassDefineReservedUnused(IOPCIDevice, 5) OSMetaClassDefineReservedUnused(IOPCIDevice, 6)
            OSMetaClassDefineReservedUnused(IOPCIDevice, 7) OSMetaClassDefineReservedUnused(IOPCIDevice, 8)
                OSMetaClassDefineReservedUnused(IOPCIDevice, 9)
                    OSMetaClassDefineReservedUnused(IOPCIDevice, 10)
                        OSMetaClassDefineReservedUnused(IOPCIDevice, 11)
                            OSMetaClassDefineReservedUnused(IOPCIDevice, 12)
                                OSMetaClassDefineReservedUnused(IOPCIDevice, 13)
                                    OSMetaClassDefineReservedUnused(IOPCIDevice, 14)
                                        OSMetaClassDefineReservedUnused(IOPCIDevice, 15)
    // clang-format on

    bool IOPCIDevice::initReserved(void)
{
    if (!reserved) {
        reserved = (IOPCIDeviceExpansionData *)IOMalloc(sizeof *reserved);
        if (!reserved)
            return false;
        bzero(reserved, sizeof *reserved);
        savedConfig = reserved->header;
    }
    return true;
}

bool IOPCIDevice::init(OSDictionary *propTable)
{
    return super::init(propTable) && initReserved();
}

bool IOPCIDevice::init(IORegistryEntry *from, const IORegistryPlane *inPlane)
{
    return super::init(from, inPlane) && initReserved();
}

void IOPCIDevice::free(void)
{
    if (ioMap)
        ioMap->release();
    if (reserved)
        IOFree(reserved, sizeof *reserved);
    reserved = 0;
    savedConfig = 0;
    super::free();
}

static IOPMPowerState power_states[kIOPCIDevicePowerStateCount] = {
    {1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
    {1, 0, kIOPMSoftSleep, kIOPMSoftSleep, 0, 0, 0, 0, 0, 0, 0, 0},
    {1, 0, kIOPMPowerOn, kIOPMPowerOn, 0, 0, 0, 0, 0, 0, 0, 0},
};

bool IOPCIDevice::attach(IOService *provider)
{
    if (!super::attach(provider))
        return false;
    PMinit();
    temporaryPowerClampOn();
    registerPowerDriver(this, power_states, kIOPCIDevicePowerStateCount);
    reserved->powerState = kIOPCIDeviceOnState;
    provider->joinPMtree(this);
    return true;
}

void IOPCIDevice::detach(IOService *provider)
{
    if (parent)
        parent->removeDevice(this);
    PMstop();
    super::detach(provider);
    detachAbove(gIODTPlane);
}

void IOPCIDevice::detachAbove(const IORegistryPlane *plane)
{
    super::detachAbove(plane);
}

/* ---- matching: the bridge's affair ---- */
bool IOPCIDevice::matchPropertyTable(OSDictionary *table, SInt32 *score)
{
    return parent->matchNubWithPropertyTable(this, table, score);
}

bool IOPCIDevice::compareName(OSString *name, OSString **matched) const
{
    return parent->compareNubName(this, name, matched);
}

IOService *IOPCIDevice::matchLocation(IOService *client)
{
    return this;
}

IOReturn IOPCIDevice::getResources(void)
{
    return parent->getNubResources(this);
}

/* ---- memory ---- */
IODeviceMemory *IOPCIDevice::getDeviceMemoryWithRegister(UInt8 reg)
{
    OSArray *array = OSDynamicCast(OSArray, getProperty(gIODeviceMemoryKey));
    IODeviceMemory *range = 0;
    for (unsigned i = 0; array && (range = (IODeviceMemory *)array->getObject(i)); i++)
        if ((range->getTag() & 0xff) == reg)
            return range;
    return 0;
}

IOMemoryMap *IOPCIDevice::mapDeviceMemoryWithRegister(UInt8 reg, IOOptionBits options)
{
    IODeviceMemory *range = getDeviceMemoryWithRegister(reg);
    return range ? range->map(options) : 0;
}

IODeviceMemory *IOPCIDevice::ioDeviceMemory(void)
{
    return parent->ioDeviceMemory();
}

/* ---- what drivers may ask but a virtual machine's root bus does not offer ---- */
IOReturn IOPCIDevice::requestProbe(IOOptionBits options)
{
    return kernelRequestProbe(options);
}

IOReturn IOPCIDevice::kernelRequestProbe(uint32_t options)
{
    return parent->kernelRequestProbe(this, options);
}

IOReturn IOPCIDevice::checkLink(uint32_t options)
{
    return parent->checkLink(options);
}

IOReturn IOPCIDevice::setProperties(OSObject *properties)
{
    return super::setProperties(properties);
}

IOReturn IOPCIDevice::callPlatformFunction(const OSSymbol *functionName, bool waitForFunction, void *p1,
                                           void *p2, void *p3, void *p4)
{
    IOReturn result = super::callPlatformFunction(functionName, waitForFunction, p1, p2, p3, p4);
    if (result == kIOReturnUnsupported && functionName->isEqualTo(kIOPlatformDeviceASPMEnableKey) &&
        getProperty(kIOPCIDeviceASPMSupportedKey))
        result = parent->setDeviceASPMState(this, (IOService *)p1, (IOOptionBits)(uintptr_t)p2);
    return result;
}

IOReturn IOPCIDevice::callPlatformFunction(const char *functionName, bool waitForFunction, void *p1, void *p2,
                                           void *p3, void *p4)
{
    return super::callPlatformFunction(functionName, waitForFunction, p1, p2, p3, p4);
}

IOReturn IOPCIDevice::newUserClient(task_t owningTask, void *securityID, UInt32 type,
                                    OSDictionary *properties, IOUserClient **handler)
{
    return super::newUserClient(owningTask, securityID, type, properties, handler);
}
