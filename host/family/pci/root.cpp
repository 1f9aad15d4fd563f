// SPDX-License-Identifier: BSD-3-Clause
/*
 * The root bridge, where configuration cycles leave for QEMU (AppleACPIPCI's place in a Mac's registry).
 */
#include "family/pci/private.h"

#define super IOPCIBridge
OSDefineMetaClassAndStructors(HostPCIBridge, IOPCIBridge)

    enum {
        kPorts = 65536
    };

/* The I/O space: a port's mapped address is its number (IOPCIDeviceI386.cpp relies on it). */
class HostPorts : public IOGeneralMemoryDescriptor
{
    OSDeclareDefaultStructors(HostPorts) public
        : virtual IOReturn doMap(vm_map_t map, IOVirtualAddress *address, IOOptionBits options,
                                 IOByteCount offset, IOByteCount length);
    virtual IOReturn doUnmap(vm_map_t map, IOVirtualAddress address, IOByteCount length);
};
OSDefineMetaClassAndStructors(HostPorts, IOGeneralMemoryDescriptor)

    IOReturn HostPorts::doMap(vm_map_t map, IOVirtualAddress *address, IOOptionBits options,
                              IOByteCount offset, IOByteCount length)
{
    *address = offset;
    return kIOReturnSuccess;
}

IOReturn HostPorts::doUnmap(vm_map_t map, IOVirtualAddress address, IOByteCount length)
{
    return kIOReturnSuccess;
}

bool HostPCIBridge::start(IOService *provider)
{
    IOAddressRange range = {0, kPorts};
    HostPorts *space = new HostPorts;
    if (!space || !space->initWithOptions(&range, 1, 0, 0, kIOMemoryTypePhysical64 | kIOMemoryMapperNone))
        return false;
    ports =
        (IODeviceMemory *)(IOMemoryDescriptor *)space; /* as IODeviceMemory::withRange hands out its own */
    return super::start(provider);
}

void HostPCIBridge::free()
{
    if (ports)
        ports->release();
    super::free();
}

IODeviceMemory *HostPCIBridge::ioDeviceMemory(void)
{
    return ports;
}

IOPCIAddressSpace HostPCIBridge::getBridgeSpace(void)
{
    IOPCIAddressSpace zero = {0};
    return zero;
}

/* A register's low address bits do not leave the host bridge (configuration mechanism 1). */
UInt32 HostPCIBridge::configRead32(IOPCIAddressSpace space, UInt8 offset)
{
    return qemu_config_read(pci_bdf(space), pci_register(space, offset & ~3), 4);
}
void HostPCIBridge::configWrite32(IOPCIAddressSpace space, UInt8 offset, UInt32 data)
{
    qemu_config_write(pci_bdf(space), pci_register(space, offset & ~3), 4, data);
}
UInt16 HostPCIBridge::configRead16(IOPCIAddressSpace space, UInt8 offset)
{
    return (UInt16)qemu_config_read(pci_bdf(space), pci_register(space, offset & ~1), 2);
}
void HostPCIBridge::configWrite16(IOPCIAddressSpace space, UInt8 offset, UInt16 data)
{
    qemu_config_write(pci_bdf(space), pci_register(space, offset & ~1), 2, data);
}
UInt8 HostPCIBridge::configRead8(IOPCIAddressSpace space, UInt8 offset)
{
    return (UInt8)qemu_config_read(pci_bdf(space), pci_register(space, offset), 1);
}
void HostPCIBridge::configWrite8(IOPCIAddressSpace space, UInt8 offset, UInt8 data)
{
    qemu_config_write(pci_bdf(space), pci_register(space, offset), 1, data);
}
