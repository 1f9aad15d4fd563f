// SPDX-License-Identifier: BSD-3-Clause
/*
 * IOPCIDevice: configuration space, ports, capabilities, command register (IOPCIDevice.cpp,
 * IOPCIDeviceI386.cpp).
 */
#include "family/pci/private.h"
#include <mach/vm_prot.h>

/* ---- any function, by address ---- */
UInt32 IOPCIDevice::configRead32(IOPCIAddressSpace space, UInt8 offset)
{
    return parent->configRead32(space, offset);
}
void IOPCIDevice::configWrite32(IOPCIAddressSpace space, UInt8 offset, UInt32 data)
{
    parent->configWrite32(space, offset, data);
}
UInt16 IOPCIDevice::configRead16(IOPCIAddressSpace space, UInt8 offset)
{
    return parent->configRead16(space, offset);
}
void IOPCIDevice::configWrite16(IOPCIAddressSpace space, UInt8 offset, UInt16 data)
{
    parent->configWrite16(space, offset, data);
}
UInt8 IOPCIDevice::configRead8(IOPCIAddressSpace space, UInt8 offset)
{
    return parent->configRead8(space, offset);
}
void IOPCIDevice::configWrite8(IOPCIAddressSpace space, UInt8 offset, UInt8 data)
{
    parent->configWrite8(space, offset, data);
}

/* ---- its own ---- */
/* A terminated device reads as all ones (configAccess, from IOPCIFamily-144 on). */
bool IOPCIDevice::configAccess(bool write)
{
    return !isInactive() && !((write ? VM_PROT_WRITE : VM_PROT_READ) & reserved->configProtection);
}

UInt32 IOPCIDevice::extendedConfigRead32(IOByteCount offset)
{
    IOPCIAddressSpace s = space;
    s.es.registerNumExtended = (unsigned)(offset >> 8);
    return configAccess(false) ? configRead32(s, (UInt8)offset) : ~0u;
}
UInt16 IOPCIDevice::extendedConfigRead16(IOByteCount offset)
{
    IOPCIAddressSpace s = space;
    s.es.registerNumExtended = (unsigned)(offset >> 8);
    return configAccess(false) ? configRead16(s, (UInt8)offset) : 0xffff;
}
UInt8 IOPCIDevice::extendedConfigRead8(IOByteCount offset)
{
    IOPCIAddressSpace s = space;
    s.es.registerNumExtended = (unsigned)(offset >> 8);
    return configAccess(false) ? configRead8(s, (UInt8)offset) : 0xff;
}
void IOPCIDevice::extendedConfigWrite32(IOByteCount offset, UInt32 data)
{
    IOPCIAddressSpace s = space;
    s.es.registerNumExtended = (unsigned)(offset >> 8);
    if (configAccess(true))
        configWrite32(s, (UInt8)offset, data);
}
void IOPCIDevice::extendedConfigWrite16(IOByteCount offset, UInt16 data)
{
    IOPCIAddressSpace s = space;
    s.es.registerNumExtended = (unsigned)(offset >> 8);
    if (configAccess(true))
        configWrite16(s, (UInt8)offset, data);
}
void IOPCIDevice::extendedConfigWrite8(IOByteCount offset, UInt8 data)
{
    IOPCIAddressSpace s = space;
    s.es.registerNumExtended = (unsigned)(offset >> 8);
    if (configAccess(true))
        configWrite8(s, (UInt8)offset, data);
}

UInt32 IOPCIDevice::configRead32(UInt8 offset)
{
    return extendedConfigRead32(offset);
}
UInt16 IOPCIDevice::configRead16(UInt8 offset)
{
    return extendedConfigRead16(offset);
}
UInt8 IOPCIDevice::configRead8(UInt8 offset)
{
    return extendedConfigRead8(offset);
}
void IOPCIDevice::configWrite32(UInt8 offset, UInt32 data)
{
    extendedConfigWrite32(offset, data);
}
void IOPCIDevice::configWrite16(UInt8 offset, UInt16 data)
{
    extendedConfigWrite16(offset, data);
}
void IOPCIDevice::configWrite8(UInt8 offset, UInt8 data)
{
    extendedConfigWrite8(offset, data);
}

/* ---- command register: the previous state is returned ---- */
UInt32 IOPCIDevice::setConfigBits(UInt8 offset, UInt32 mask, UInt32 value)
{
    UInt32 bits = extendedConfigRead32(offset);
    extendedConfigWrite32(offset, (bits & ~mask) | (value & mask));
    return bits & mask;
}

bool IOPCIDevice::setMemoryEnable(bool enable)
{
    return setConfigBits(kIOPCIConfigCommand, kIOPCICommandMemorySpace,
                         enable ? kIOPCICommandMemorySpace : 0) != 0;
}
bool IOPCIDevice::setIOEnable(bool enable, bool exclusive)
{
    return setConfigBits(kIOPCIConfigCommand, kIOPCICommandIOSpace, enable ? kIOPCICommandIOSpace : 0) != 0;
}
bool IOPCIDevice::setBusMasterEnable(bool enable)
{
    return setConfigBits(kIOPCIConfigCommand, kIOPCICommandBusMaster, enable ? kIOPCICommandBusMaster : 0) !=
           0;
}

UInt8 IOPCIDevice::getBusNumber(void)
{
    return space.s.busNum;
}
UInt8 IOPCIDevice::getDeviceNumber(void)
{
    return space.s.deviceNum;
}
UInt8 IOPCIDevice::getFunctionNumber(void)
{
    return space.s.functionNum;
}

/* ---- capabilities ---- */
UInt32 IOPCIDevice::findPCICapability(UInt8 capabilityID, UInt8 *offset)
{
    return parent->findPCICapability(space, capabilityID, offset);
}

UInt32 IOPCIDevice::extendedFindPCICapability(UInt32 capabilityID, IOByteCount *offset)
{
    return parent->extendedFindPCICapability(space, capabilityID, offset);
}

IOReturn IOPCIDevice::setConfigHandler(IOPCIDeviceConfigHandler handler, void *ref,
                                       IOPCIDeviceConfigHandler *currentHandler, void **currentRef)
{
    if (currentHandler)
        *currentHandler = reserved->handler;
    if (currentRef)
        *currentRef = reserved->handlerRef;
    reserved->handler = handler;
    reserved->handlerRef = ref;
    return kIOReturnSuccess;
}

IOReturn IOPCIDevice::protectDevice(uint32_t space, uint32_t prot)
{
    if (space != kIOPCIConfigSpace)
        return kIOReturnUnsupported;
    reserved->configProtection = (UInt8)prot;
    return kIOReturnSuccess;
}

/* ---- ports: I/O space is mapped one to one ---- */
static unsigned port(IOPCIDevice *device, UInt16 offset, IOMemoryMap *map)
{
    if (!map && !(map = device->ioMap))
        panic("%s: port access at offset 0x%x without a mapping of its I/O space", device->getName(), offset);
    return (unsigned)(map->getVirtualAddress() + offset);
}

void IOPCIDevice::ioWrite32(UInt16 offset, UInt32 value, IOMemoryMap *map)
{
    qemu_io_write(port(this, offset, map), 4, value);
}
void IOPCIDevice::ioWrite16(UInt16 offset, UInt16 value, IOMemoryMap *map)
{
    qemu_io_write(port(this, offset, map), 2, value);
}
void IOPCIDevice::ioWrite8(UInt16 offset, UInt8 value, IOMemoryMap *map)
{
    qemu_io_write(port(this, offset, map), 1, value);
}
UInt32 IOPCIDevice::ioRead32(UInt16 offset, IOMemoryMap *map)
{
    return qemu_io_read(port(this, offset, map), 4);
}
UInt16 IOPCIDevice::ioRead16(UInt16 offset, IOMemoryMap *map)
{
    return (UInt16)qemu_io_read(port(this, offset, map), 2);
}
UInt8 IOPCIDevice::ioRead8(UInt16 offset, IOMemoryMap *map)
{
    return (UInt8)qemu_io_read(port(this, offset, map), 1);
}
