// SPDX-License-Identifier: BSD-3-Clause
// Power management constants and records. Answers to Apple's IOKit/pwr_mgt/IOPM.h (Mac OS X 10.6
// view).
#pragma once

#include <IOKit/IOTypes.h>
#include <IOKit/IOMessage.h>
#include <IOKit/IOReturn.h>

enum {
    kIOPMMaxPowerStates = 10,
    IOPMMaxPowerStates = 10
};

typedef unsigned long IOPMPowerFlags;
enum {
    kIOPMPowerOn = 0x2,
    kIOPMDeviceUsable = 0x8000,
    kIOPMLowPower = 0x10000,
    kIOPMPreventIdleSleep = 0x40,
    kIOPMSleepCapability = 0x4,
    kIOPMRestartCapability = 0x80,
    kIOPMSleep = 0x1,
    kIOPMRestart = 0x80
};

enum {
    kIOPMClockNormal = 0x4,
    kIOPMClockRunning = 0x8,
    kIOPMPreventSystemSleep = 0x10,
    kIOPMDoze = 0x400,
    kIOPMChildClamp = 0x80,
    kIOPMChildClamp2 = 0x200,
    kIOPMNotPowerManaged = 0x800
};

enum {
    kIOPMMaxPerformance = 0x4000,
    kIOPMPassThrough = 0x100,
    kIOPMAuxPowerOn = 0x20,
    kIOPMNotAttainable = 0x1,
    kIOPMContextRetained = 0x2000,
    kIOPMConfigRetained = 0x1000,
    kIOPMStaticPowerValid = 0x800,
    kIOPMSoftSleep = 0x400,
    kIOPMCapabilitiesMask = 0xf086
};

enum {
    IOPMNotAttainable = 1,
    IOPMPowerOn = 2,
    IOPMClockNormal = 4,
    IOPMClockRunning = 8,
    IOPMAuxPowerOn = 32,
    IOPMDeviceUsable = 32768,
    IOPMMaxPerformance = 16384,
    IOPMContextRetained = 8192,
    IOPMConfigRetained = 4096,
    IOPMNotPowerManaged = 2048,
    IOPMSoftSleep = 1024
};

enum {
    kIOPMNextHigherState = 1,
    kIOPMHighestState = 2,
    kIOPMNextLowerState = 3,
    kIOPMLowestState = 4
};

enum {
    IOPMNextHigherState = 1,
    IOPMHighestState = 2,
    IOPMNextLowerState = 3,
    IOPMLowestState = 4
};

enum {
    kIOPMBroadcastAggressiveness = 1,
    kIOPMUnidleDevice = 2
};

enum {
    kIOPMUnknown = 0xffff
};

enum {
    kIOPMDriverAssertionCPUBit = 0x1,
    kIOPMDriverAssertionUSBExternalDeviceBit = 0x4,
    kIOPMDriverAssertionBluetoothHIDDevicePairedBit = 0x8,
    kIOPMDriverAssertionExternalMediaMountedBit = 0x10,
    kIOPMDriverAssertionReservedBit5 = 0x20,
    kIOPMDriverAssertionReservedBit6 = 0x40,
    kIOPMDriverAssertionReservedBit7 = 0x80
};

enum {
    kClamshellStateBit = 0x1,
    kClamshellSleepBit = 0x2
};

enum {
    kInflowForciblyEnabledBit = 0x1
};

enum {
    kIOPMSleepNow = 0x1,
    kIOPMAllowSleep = 0x2,
    kIOPMPreventSleep = 0x4,
    kIOPMPowerButton = 0x8,
    kIOPMClamshellClosed = 0x10,
    kIOPMPowerEmergency = 0x20,
    kIOPMDisableClamshell = 0x40,
    kIOPMEnableClamshell = 0x80,
    kIOPMProcessorSpeedChange = 0x100,
    kIOPMOverTemp = 0x200,
    kIOPMClamshellOpened = 0x400
};

enum {
    kIOPMNoErr = 0,
    kIOPMAckImplied = 0,
    kIOPMWillAckLater = 1,
    kIOPMBadSpecification = 4,
    kIOPMNoSuchState = 5,
    kIOPMCannotRaisePower = 6,
    kIOPMParameterError = 7,
    kIOPMNotYetInitialized = 8,
    IOPMNoErr = 0,
    IOPMAckImplied = 0,
    IOPMWillAckLater = 1,
    IOPMBadSpecification = 4,
    IOPMNoSuchState = 5,
    IOPMCannotRaisePower = 6,
    IOPMParameterError = 7,
    IOPMNotYetInitialized = 8
};

enum {
    kIOPMPSLocationLeft = 1001,
    kIOPMPSLocationRight = 1002
};

enum {
    kIOPMUndefinedValue = 0,
    kIOPMPoorValue = 1,
    kIOPMFairValue = 2,
    kIOPMGoodValue = 3
};

enum {
    kIOPMThermalWarningLevelNormal = 0,
    kIOPMThermalWarningLevelDanger = 5,
    kIOPMThermalWarningLevelCrisis = 10
};

struct IOPMCalendarStruct {
    UInt32 year;
    UInt8 month;
    UInt8 day;
    UInt8 hour;
    UInt8 minute;
    UInt8 second;
};
typedef struct IOPMCalendarStruct IOPMCalendarStruct;
enum {
    kPMGeneralAggressiveness = 0,
    kPMMinutesToDim = 1,
    kPMMinutesToSpinDown = 2,
    kPMMinutesToSleep = 3,
    kPMEthernetWakeOnLANSettings = 4,
    kPMSetProcessorSpeed = 5,
    kPMPowerSource = 6,
    kPMMotionSensor = 7,
    kPMLastAggressivenessType = 8
};

enum {
    kIOPMInternalPower = 1,
    kIOPMExternalPower = 2
};

enum {
    kIOBatteryInstalled = 0x4,
    kIOBatteryCharge = 0x2,
    kIOBatteryChargerConnect = 0x1
};

enum {
    kIOPMACInstalled = 1,
    kIOPMBatteryCharging = 2,
    kIOPMBatteryInstalled = 4,
    kIOPMUPSInstalled = 0x8,
    kIOPMBatteryAtWarn = 0x10,
    kIOPMBatteryDepleted = 0x20,
    kIOPMACnoChargeCapability = 0x40,
    kIOPMRawLowBattery = 0x80,
    kIOPMForceLowSpeed = 0x100,
    kIOPMClosedClamshell = 0x200,
    kIOPMClamshellStateOnWake = 0x400
};

class IOService;
enum {
    kIOPowerEmergencyLevel = 1000
};

enum {
    kIOPMSubclassPolicy = 0,
    kIOPMSuperclassPolicy1 = 1
};

struct stateChangeNote {
    IOPMPowerFlags stateFlags;
    unsigned long stateNum;
    void *powerRef;
};
typedef struct stateChangeNote stateChangeNote;
struct IOPowerStateChangeNotification {
    void *powerRef;
    unsigned long returnValue;
    unsigned long stateNumber;
    IOPMPowerFlags stateFlags;
};
typedef struct IOPowerStateChangeNotification IOPowerStateChangeNotification;
typedef IOPowerStateChangeNotification sleepWakeNote;
