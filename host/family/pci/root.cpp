// SPDX-License-Identifier: BSD-3-Clause
/*
 * The root bridge, where configuration cycles leave for QEMU (AppleACPIPCI's place in a Mac's registry).
 */
#include "family/pci/private.h"

#define super IOPCIBridge
OSDefineMetaClassAndStructors(HostPCIBridge, IOPCIBridge)

enum { kPorts = 65536 };

bool HostPCIBridge::start(IOService *provider)
{
    ports = IODeviceMemory::withRange(0, kPorts);
    return ports && super::start(provider);
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
