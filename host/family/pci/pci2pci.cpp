// SPDX-License-Identifier: BSD-3-Clause
/*
 * IOPCI2PCIBridge: the driver of a bridge's nub; configuration cycles go up to the root (IOPCIBridge.cpp).
 * Plugging is told by the control socket, not by the slot's interrupt, so those methods have nothing to do.
 */
#include "family/pci/private.h"

#define super IOPCIBridge
OSDefineMetaClassAndStructors(IOPCI2PCIBridge, IOPCIBridge)
// clang-format off: these expand to whole functions
#define UNUSED(n) OSMetaClassDefineReservedUnused(IOPCI2PCIBridge, n)
    UNUSED(0) UNUSED(1) UNUSED(2) UNUSED(3) UNUSED(4) UNUSED(5) UNUSED(6) UNUSED(7) UNUSED(8)
    // clang-format on

    IOService *IOPCI2PCIBridge::probe(IOService *provider, SInt32 *score)
{
    bridgeDevice = OSDynamicCast(IOPCIDevice, provider);
    if (!bridgeDevice)
        return 0;
    *score -= 100;
    return this;
}

bool IOPCI2PCIBridge::start(IOService *provider)
{
    bridgeDevice = OSDynamicCast(IOPCIDevice, provider);
    return bridgeDevice && super::start(provider);
}

void IOPCI2PCIBridge::stop(IOService *provider)
{
    super::stop(provider);
}
void IOPCI2PCIBridge::free(void)
{
    super::free();
}
bool IOPCI2PCIBridge::configure(IOService *provider)
{
    return super::configure(provider);
}
void IOPCI2PCIBridge::probeBus(IOService *provider, UInt8 busNum)
{
    super::probeBus(provider, busNum);
}
bool IOPCI2PCIBridge::serializeProperties(OSSerialize *serialize) const
{
    return super::serializeProperties(serialize);
}
IOReturn IOPCI2PCIBridge::requestProbe(IOOptionBits options)
{
    return kIOReturnUnsupported;
}

UInt8 IOPCI2PCIBridge::firstBusNum(void)
{
    return bridgeDevice->configRead8(0x19);
}
UInt8 IOPCI2PCIBridge::lastBusNum(void)
{
    return bridgeDevice->configRead8(0x1a);
}
IOPCIAddressSpace IOPCI2PCIBridge::getBridgeSpace(void)
{
    return bridgeDevice->space;
}
IODeviceMemory *IOPCI2PCIBridge::ioDeviceMemory(void)
{
    return bridgeDevice->ioDeviceMemory();
}

UInt32 IOPCI2PCIBridge::configRead32(IOPCIAddressSpace space, UInt8 offset)
{
    return bridgeDevice->configRead32(space, offset);
}
void IOPCI2PCIBridge::configWrite32(IOPCIAddressSpace space, UInt8 offset, UInt32 data)
{
    bridgeDevice->configWrite32(space, offset, data);
}
UInt16 IOPCI2PCIBridge::configRead16(IOPCIAddressSpace space, UInt8 offset)
{
    return bridgeDevice->configRead16(space, offset);
}
void IOPCI2PCIBridge::configWrite16(IOPCIAddressSpace space, UInt8 offset, UInt16 data)
{
    bridgeDevice->configWrite16(space, offset, data);
}
UInt8 IOPCI2PCIBridge::configRead8(IOPCIAddressSpace space, UInt8 offset)
{
    return bridgeDevice->configRead8(space, offset);
}
void IOPCI2PCIBridge::configWrite8(IOPCIAddressSpace space, UInt8 offset, UInt8 data)
{
    bridgeDevice->configWrite8(space, offset, data);
}

/* The type 1 header beyond the 64 bytes that every nub saves is the same 64 bytes: nothing more to keep. */
void IOPCI2PCIBridge::saveBridgeState(void)
{
    for (int i = 0; i < kPCIHeaderRegisters; i++)
        bridgeState[i] = bridgeDevice->configRead32((UInt8)(i * 4));
}
void IOPCI2PCIBridge::restoreBridgeState(void)
{
    for (int i = 0; i < kPCIHeaderRegisters; i++)
        bridgeDevice->configWrite32((UInt8)(i * 4), bridgeState[i]);
}
IOReturn IOPCI2PCIBridge::saveDeviceState(IOPCIDevice *device, IOOptionBits options)
{
    return super::saveDeviceState(device, options);
}

bool IOPCI2PCIBridge::publishNub(IOPCIDevice *nub, UInt32 index)
{
    if (nub)
        nub->setProperty("IOChildIndex", index, 32);
    return super::publishNub(nub, index);
}

IOReturn IOPCI2PCIBridge::setDeviceASPMState(IOPCIDevice *device, IOService *client, IOOptionBits state)
{
    return super::setDeviceASPMState(device, client, state);
}
IOReturn IOPCI2PCIBridge::checkLink(uint32_t options)
{
    return bridgeDevice->checkLink(options);
}
