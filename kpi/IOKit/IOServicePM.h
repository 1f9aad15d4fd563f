// SPDX-License-Identifier: BSD-3-Clause
// The forward declarations on which IOService's power management part relies. Answers to Apple's
// IOKit/IOServicePM.h (Mac OS X 10.6 view).
#pragma once

#include <IOKit/pwr_mgt/IOPM.h>

class IOService;
class IOServicePM;
class IOPowerConnection;
class IOWorkLoop;
class IOCommandGate;
class IOTimerEventSource;
class IOPlatformExpert;
