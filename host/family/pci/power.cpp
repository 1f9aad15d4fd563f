// SPDX-License-Identifier: BSD-3-Clause
/*
 * Power of a PCI function: its configuration saved and restored around the off state, its power management
 * capability set for sleep when the driver asked for that (IOPCIDevice.cpp setPowerState,
 * hasPCIPowerManagement, enablePCIPowerManagement; IOPCIBridge.cpp setDevicePowerState, saveDeviceState,
 * _restoreDeviceState).
 */
#include "family/pci/private.h"

static void enter_sleep(IOPCIDevice *device)
{
    IOPCIDevice::IOPCIDeviceExpansionData *r = device->reserved;
    UInt16 bits = r->sleepControlBits;
    if (!r->sleepEnabled || !r->pmControlStatus || !bits)
        return;
    if (r->sleepEnabled & kPMEOption)
        bits &=
            ~kPCIPMCSPMEStatus; /* cleared before, in powerStateWillChangeTo: an event since then must wake */
    device->extendedConfigWrite16(r->pmControlStatus, bits);
}

static void leave_sleep(IOPCIDevice *device)
{
    IOPCIDevice::IOPCIDeviceExpansionData *r = device->reserved;
    if (!r->sleepEnabled || !r->pmControlStatus || !r->sleepControlBits)
        return;
    if ((device->extendedConfigRead16(r->pmControlStatus) & kPCIPMCSPowerStateMask) != kPCIPMCSPowerStateD0) {
        device->extendedConfigWrite16(r->pmControlStatus, kPCIPMCSPMEStatus | kPCIPMCSPowerStateD0);
        IOSleep(10);
    } else {
        device->extendedConfigWrite16(r->pmControlStatus, kPCIPMCSPMEStatus);
    }
}

/* ---- the device's side ---- */
IOReturn IOPCIDevice::powerStateWillChangeTo(IOPMPowerFlags capabilities, unsigned long stateNumber,
                                             IOService *whatDevice)
{
    if (stateNumber == kIOPCIDeviceOffState && (reserved->sleepEnabled & kPMEOption) &&
        reserved->pmControlStatus && (reserved->sleepControlBits & kPCIPMCSPMEStatus)) {
        UInt16 status = extendedConfigRead16(reserved->pmControlStatus);
        if (status & kPCIPMCSPMEStatus)
            extendedConfigWrite16(reserved->pmControlStatus, status); /* written back, the bit clears */
    }
    return IOService::powerStateWillChangeTo(capabilities, stateNumber, whatDevice);
}

IOReturn IOPCIDevice::setPowerState(unsigned long newState, IOService *whatDevice)
{
    if (isInactive() || newState == reserved->powerState)
        return kIOPMAckImplied;
    if (newState == kIOPCIDeviceOnState) {
        leave_sleep(this);
        parent->restoreDeviceState(this);
    } else {
        if (reserved->powerState == kIOPCIDeviceOnState)
            parent->saveDeviceState(this);
        enter_sleep(this);
    }
    reserved->powerState = newState;
    return kIOPMAckImplied;
}

IOReturn IOPCIDevice::saveDeviceState(IOOptionBits options)
{
    return parent->saveDeviceState(this, options);
}

IOReturn IOPCIDevice::restoreDeviceState(IOOptionBits options)
{
    return parent->restoreDeviceState(this, options);
}

/* What the driver asks for must be offered by the capability; without a state the firmware's property
 * decides. */
static UInt16 sleep_bits_for(IOOptionBits state)
{
    enum { kWake = kPCIPMCSPMEStatus | kPCIPMCSPMEEnable };
    switch (state) {
    case kPCIPMCPMESupportFromD3Cold:
    case kPCIPMCPMESupportFromD3Hot:
        return kWake | kPCIPMCSPowerStateD3;
    case kPCIPMCPMESupportFromD2:
        return kWake | kPCIPMCSPowerStateD2;
    case kPCIPMCPMESupportFromD1:
        return kWake | kPCIPMCSPowerStateD1;
    case kPCIPMCD2Support:
        return kPCIPMCSPowerStateD2;
    case kPCIPMCD1Support:
        return kPCIPMCSPowerStateD1;
    case kPCIPMCD3Support:
        return kPCIPMCSPowerStateD3;
    default:
        return 0;
    }
}

bool IOPCIDevice::hasPCIPowerManagement(IOOptionBits state)
{
    reserved->sleepControlBits = 0;
    if (!reserved->pmControlStatus)
        return false;
    if (state) {
        UInt16 offered = extendedConfigRead16(reserved->pmControlStatus - 2);
        if (state == kPCIPMCD3Support || (offered & state))
            reserved->sleepControlBits = sleep_bits_for(state);
    } else if (OSData *text = OSDynamicCast(OSData, getProperty("sleep-power-state"))) {
        if (text->isEqualTo("D3cold", 6) || text->isEqualTo("D3Hot", 5))
            reserved->sleepControlBits = sleep_bits_for(kPCIPMCPMESupportFromD3Cold);
    }
    return reserved->sleepControlBits != 0;
}

IOReturn IOPCIDevice::enablePCIPowerManagement(IOOptionBits state)
{
    if (!reserved->pmControlStatus)
        return kIOReturnBadArgument;
    if (state == kPCIPMCSPowerStateD0) {
        reserved->sleepControlBits = 0;
        reserved->sleepEnabled = 0;
        return kIOReturnSuccess;
    }
    reserved->sleepControlBits = (state & kPCIPMCSPowerStateMask) |
                                 (reserved->sleepControlBits & (kPCIPMCSPMEStatus | kPCIPMCSPMEEnable));
    if (!reserved->sleepControlBits)
        return kIOReturnBadArgument;
    reserved->sleepEnabled = kPMEnable | kPMEOption;
    return kIOReturnSuccess;
}

/* ---- the bridge's side ---- */
/* The old call: 0 saves, 1 restores (IOPCIFamily-144). */
IOReturn IOPCIBridge::setDevicePowerState(IOPCIDevice *device, unsigned long whatToDo)
{
    return whatToDo ? restoreDeviceState(device) : saveDeviceState(device);
}

IOReturn IOPCIBridge::saveDeviceState(IOPCIDevice *device, IOOptionBits options)
{
    IOPCIDevice::IOPCIDeviceExpansionData *r = device->reserved;
    if (r->saved)
        return kIOReturnSuccess;
    if (r->handler)
        r->handler(r->handlerRef, kIOMessageDeviceWillPowerOff, device, 3);
    for (int i = 0; i < kPCIHeaderRegisters; i++)
        device->savedConfig[i] = device->configRead32(i * 4);
    r->saved = true;
    if (r->handler)
        r->handler(r->handlerRef, kIOMessageDeviceHasPoweredOff, device, 3);
    return kIOReturnSuccess;
}

/* "Callers expect success": also when nothing was saved. */
IOReturn IOPCIBridge::restoreDeviceState(IOPCIDevice *device, IOOptionBits options)
{
    _restoreDeviceState(device, options);
    return kIOReturnSuccess;
}

IOReturn IOPCIBridge::_restoreDeviceState(IOPCIDevice *device, IOOptionBits options)
{
    IOPCIDevice::IOPCIDeviceExpansionData *r = device->reserved;
    if (!r->saved)
        return kIOReturnNoResources;
    if (r->handler)
        r->handler(r->handlerRef, kIOMessageDeviceWillPowerOn, device, 3);
    r->saved = false;
    if (device->configRead32(kIOPCIConfigVendorID) != device->savedConfig[kIOPCIConfigVendorID >> 2])
        return kIOReturnSuccess; /* it has gone, or another stands in its place */
    for (int i = kIOPCIConfigRevisionID >> 2; i < kPCIHeaderRegisters; i++)
        device->configWrite32(i * 4, device->savedConfig[i]);
    device->configWrite32(kIOPCIConfigCommand, device->savedConfig[kIOPCIConfigCommand >> 2]);
    if (r->messages)
        pci_messages->restoreDevice(device);
    if (r->handler)
        r->handler(r->handlerRef, kIOMessageDeviceHasPoweredOn, device, 3);
    return kIOReturnSuccess;
}
