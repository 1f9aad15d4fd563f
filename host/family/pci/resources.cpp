// SPDX-License-Identifier: BSD-3-Clause
/*
 * What a driver gets with its nub, made when the first one asks: the memory ranges and the interrupt sources
 * (IOPCIBridge.cpp getNubResources, getDTNubAddressing, constructRange, resolveLegacyInterrupts,
 * resolveMSIInterrupts). Legacy interrupts resolve first, so index 0 is INTx.
 */
#include "family/pci/private.h"

/* A port range is a part of the I/O space, a memory range a physical one; the tag is the address's first
 * cell. */
bool IOPCIBridge::constructRange(IOPCIAddressSpace *flags, IOPhysicalAddress64 phys, IOPhysicalLength64 len,
                                 OSArray *array)
{
    IOMemoryDescriptor *range;
    if (flags->s.space == kIOPCIIOSpace) {
        IODeviceMemory *ports = ioDeviceMemory();
        range =
            ports ? IOSubMemoryDescriptor::withSubRange(ports, phys & 0xffffff, len, kIOMemoryThreadSafe) : 0;
    } else {
        range = IOMemoryDescriptor::withAddressRange(phys, len, kIODirectionNone | kIOMemoryMapperNone, 0);
    }
    if (!range)
        return false;
    range->setTag(flags->bits);
    bool ok = array->setObject(range);
    range->release();
    return ok;
}

IOReturn IOPCIBridge::getDTNubAddressing(IOPCIDevice *regEntry)
{
    OSData *assigned = OSDynamicCast(OSData, regEntry->getProperty("assigned-addresses"));
    if (!assigned)
        return kIOReturnSuccess;
    OSArray *array = OSArray::withCapacity(4);
    if (!array)
        return kIOReturnNoMemory;
    const IOPCIPhysicalAddress *a = (const IOPCIPhysicalAddress *)assigned->getBytesNoCopy();
    for (unsigned n = assigned->getLength() / sizeof *a; n; n--, a++) {
        IOPCIAddressSpace flags = a->physHi;
        constructRange(&flags, (UInt64)a->physMid << 32 | a->physLo, (UInt64)a->lengthHi << 32 | a->lengthLo,
                       array);
    }
    if (array->getCount())
        regEntry->setProperty(gIODeviceMemoryKey, array);
    array->release();
    return kIOReturnSuccess;
}

IOReturn IOPCIBridge::getNubAddressing(IOPCIDevice *nub)
{
    return kIOReturnError;
}
bool IOPCIBridge::isDTNub(IOPCIDevice *nub)
{
    return true;
}

IOReturn IOPCIBridge::getNubResources(IOService *service)
{
    IOPCIDevice *nub = (IOPCIDevice *)service;
    if (service->getProperty(kIOPCIResourcedKey))
        return kIOReturnSuccess;
    service->setProperty(kIOPCIResourcedKey, kOSBooleanTrue);
    IOReturn result = getDTNubAddressing(nub);
    resolveLegacyInterrupts(getProvider(), nub);
    resolveMSIInterrupts(getProvider(), nub);
    return result;
}

void pci_drop_resources(IOPCIDevice *nub)
{
    pci_messages->deallocateDeviceInterrupts(nub);
    if (nub->_interruptSources)
        IOFree(nub->_interruptSources, nub->_numInterruptSources * sizeof *nub->_interruptSources);
    nub->_interruptSources = 0;
    nub->_numInterruptSources = 0;
    nub->removeProperty(gIOInterruptControllersKey);
    nub->removeProperty(gIOInterruptSpecifiersKey);
    nub->removeProperty(gIODeviceMemoryKey);
    nub->removeProperty(kIOPCIResourcedKey);
}

/* ---- interrupts ---- */
static OSArray *copy_grown(IOService *nub, const OSSymbol *key)
{
    OSArray *live = OSDynamicCast(OSArray, nub->getProperty(key));
    return live ? OSArray::withArray(live, live->getCount() + 1) : OSArray::withCapacity(1);
}

/* IOPCIMessagedInterruptController.cpp addDeviceInterruptProperties; a specifier is vector and flags. */
void pci_add_interrupt(IOService *nub, const OSSymbol *controller, UInt32 vector, UInt32 flags, int *index)
{
    UInt32 words[2] = {vector, flags};
    OSArray *controllers = copy_grown(nub, gIOInterruptControllersKey);
    OSArray *specifiers = copy_grown(nub, gIOInterruptSpecifiersKey);
    OSData *specifier = OSData::withBytes(words, sizeof words);
    if (controllers && specifiers && specifier) {
        specifiers->setObject(specifier);
        controllers->setObject(controller);
        if (index)
            *index = (int)specifiers->getCount() - 1;
        nub->setProperty(gIOInterruptControllersKey, controllers);
        nub->setProperty(gIOInterruptSpecifiersKey, specifiers);
    }
    if (controllers)
        controllers->release();
    if (specifiers)
        specifiers->release();
    if (specifier)
        specifier->release();
}

IOReturn IOPCIBridge::resolveLegacyInterrupts(IOService *provider, IOPCIDevice *nub)
{
    enum { kLevelLowShared = 7 }; /* the flags that AppleACPIPlatform gives a PCI interrupt */
    int line = nub->reserved->function ? qemu_irq_line(nub->reserved->function) : -1;
    if (line < 0)
        return kIOReturnUnsupported;
    nub->configWrite8(nub->space, kIOPCIConfigInterruptLine, (UInt8)line);
    pci_add_interrupt(nub, pci_ioapic->name, (UInt32)line, kLevelLowShared, 0);
    return kIOReturnSuccess;
}

IOReturn IOPCIBridge::resolveMSIInterrupts(IOService *provider, IOPCIDevice *nub)
{
    if (!nub->reserved->messageCapability)
        return kIOReturnUnsupported;
    return reserved->messages->allocateDeviceInterrupts(nub);
}

/* ---- ranges, AGP: a bus of this machine has its resources from host/qemu, and no AGP ---- */
bool IOPCIBridge::addBridgeMemoryRange(IOPhysicalAddress start, IOPhysicalLength length, bool host)
{
    return true;
}
bool IOPCIBridge::addBridgeIORange(IOByteCount start, IOByteCount length)
{
    return true;
}
bool IOPCIBridge::addBridgePrefetchableMemoryRange(IOPhysicalAddress start, IOPhysicalLength length,
                                                   bool host)
{
    return true;
}
bool IOPCIBridge::addBridgePrefetchableMemoryRange(addr64_t start, addr64_t length)
{
    return true;
}

IOReturn IOPCIBridge::createAGPSpace(IOAGPDevice *master, IOOptionBits options, IOPhysicalAddress *address,
                                     IOPhysicalLength *length)
{
    return kIOReturnUnsupported;
}
IOReturn IOPCIBridge::destroyAGPSpace(IOAGPDevice *master)
{
    return kIOReturnUnsupported;
}
IORangeAllocator *IOPCIBridge::getAGPRangeAllocator(IOAGPDevice *master)
{
    return 0;
}
IOOptionBits IOPCIBridge::getAGPStatus(IOAGPDevice *master, IOOptionBits options)
{
    return 0;
}
IOReturn IOPCIBridge::resetAGPDevice(IOAGPDevice *master, IOOptionBits options)
{
    return kIOReturnUnsupported;
}
IOReturn IOPCIBridge::getAGPSpace(IOAGPDevice *master, IOPhysicalAddress *address, IOPhysicalLength *length)
{
    return kIOReturnUnsupported;
}
IOReturn IOPCIBridge::commitAGPMemory(IOAGPDevice *master, IOMemoryDescriptor *memory, IOByteCount agpOffset,
                                      IOOptionBits options)
{
    return kIOReturnUnsupported;
}
IOReturn IOPCIBridge::releaseAGPMemory(IOAGPDevice *master, IOMemoryDescriptor *memory, IOByteCount agpOffset,
                                       IOOptionBits options)
{
    return kIOReturnUnsupported;
}
