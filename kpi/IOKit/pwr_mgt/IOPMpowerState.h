// SPDX-License-Identifier: BSD-3-Clause
// One state of a driver's power state array. Answers to Apple's IOKit/pwr_mgt/IOPMpowerState.h (Mac
// OS X 10.6 view).
#pragma once

#include <IOKit/pwr_mgt/IOPM.h>

// What a driver is and needs in one power state; version is 1.
struct IOPMPowerState {
    unsigned long version;
    IOPMPowerFlags capabilityFlags;
    IOPMPowerFlags outputPowerCharacter;
    IOPMPowerFlags inputPowerRequirement;
    unsigned long staticPower;
    unsigned long unbudgetedPower;
    unsigned long powerToAttain;
    unsigned long timeToAttain;
    unsigned long settleUpTime;
    unsigned long timeToLower;
    unsigned long settleDownTime;
    unsigned long powerDomainBudget;
};
typedef struct IOPMPowerState IOPMPowerState;
enum {
    kIOPMPowerStateVersion1 = 1
};
