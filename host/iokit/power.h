// SPDX-License-Identifier: BSD-3-Clause
/*
 * Power management's private record of a service (IOService::pwrMgt) and its two halves: power.cpp has the
 * calls that drivers make, power_change.cpp the thread on which every change of state happens.
 */
#ifndef HOST_IOKIT_POWER_H
#define HOST_IOKIT_POWER_H
#include <IOKit/IOService.h>
#include <IOKit/pwr_mgt/IOPM.h>
#include <IOKit/pwr_mgt/IOPMpowerState.h>

enum {
    kDesireDevice,
    kDesireDriver,
    kDesireProxy,
    kDesires
}; /* who wants a state: activityTickle, changePowerState... */

struct power_record {
    IOService *driver; /* the controlling driver; 0 until registerPowerDriver */
    IOPMPowerState states[kIOPMMaxPowerStates];
    unsigned long count, current;
    unsigned long desire[kDesires];
    bool clamped;        /* temporaryPowerClampOn: up until a child says what it needs */
    unsigned long floor; /* of the first change: the state to begin with */
    bool initial;        /* the first change happens even to the state that it is in */
    bool stopped;        /* PMstop */
    bool root;           /* always on, domain of all */
    bool domain_known;
    IOPMPowerFlags domain; /* the parent's output, as of its last change */
    OSArray *interested;
    volatile int waiting;                   /* acknowledgements still to come */
    volatile bool changing;                 /* the PM thread is in the driver */
    unsigned long idle_seconds, idle_ticks; /* setIdleTimerPeriod; tickles since the last look */
    thread_call_t idle_call;
};

static inline power_record *power_of(const IOService *service)
{
    return (power_record *)service->pwrMgt;
}

extern IOLock *power_lock; /* records; IOLockSleep/Wakeup event: the record */

enum power_operation {
    kPowerRegister, /* the controlling driver has come: take the domain's state, make the first change */
    kPowerAdjust,   /* desires changed */
    kPowerDomain,   /* the parent's output changed */
};
void power_post(power_operation operation, IOService *service);
void power_thread_init(void);
void power_wait_callout(IOService *service); /* until the PM thread is out of the driver, 15 s at most */
#endif
