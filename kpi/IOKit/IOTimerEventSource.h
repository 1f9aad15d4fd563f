// SPDX-License-Identifier: BSD-3-Clause
// One-shot timer on a work loop. Answers to Apple's IOKit/IOTimerEventSource.h (Mac OS X 10.6 view).
#pragma once

#include <kern/clock.h>
#include <IOKit/IOEventSource.h>
#include <IOKit/IOTypes.h>

// One shot: setTimeout... replaces a pending one, and the action runs on the work loop. Durations count
// from now; wakeAtTime takes absolute time (xnu iokit/Kernel/IOTimerEventSource.cpp).
class IOTimerEventSource : public IOEventSource
{
    OSDeclareDefaultStructors(IOTimerEventSource)

protected:
    struct ExpansionData; // the implementation's own

public:
    typedef void (*Action)(OSObject *, IOTimerEventSource *);

protected:
    void *calloutEntry;
    AbsoluteTime abstime;
    ExpansionData *reserved;

    virtual void setTimeoutFunc(void);
    virtual void free(void);
    virtual bool checkForWork(void);
    virtual void setWorkLoop(IOWorkLoop *workLoop);

public:
    virtual bool init(OSObject *owner, Action action = 0);
    // A time-out that passed while disabled fires now.
    virtual void enable(void);
    virtual void disable(void);
    virtual IOReturn setTimeoutTicks(UInt32 ticks);
    virtual IOReturn setTimeoutMS(UInt32 ms);
    virtual IOReturn setTimeoutUS(UInt32 us);
    // Interval times scale_factor nanoseconds, or absolute time units.
    virtual IOReturn setTimeout(UInt32 interval, UInt32 scale_factor = kNanosecondScale);
#ifndef __LP64__
    virtual IOReturn setTimeout(mach_timespec_t interval);
#endif
    virtual IOReturn setTimeout(AbsoluteTime interval);
    virtual IOReturn wakeAtTimeTicks(UInt32 ticks);
    virtual IOReturn wakeAtTimeMS(UInt32 ms);
    virtual IOReturn wakeAtTimeUS(UInt32 us);
    virtual IOReturn wakeAtTime(UInt32 abstime, UInt32 scale_factor = kNanosecondScale);
#ifndef __LP64__
    virtual IOReturn wakeAtTime(mach_timespec_t abstime);
#endif
    virtual IOReturn wakeAtTime(AbsoluteTime abstime);
    // The action may still be running on another thread unless the gate is held.
    virtual void cancelTimeout(void);
    OSMetaClassDeclareReservedUnused(IOTimerEventSource, 0);
    OSMetaClassDeclareReservedUnused(IOTimerEventSource, 1);
    OSMetaClassDeclareReservedUnused(IOTimerEventSource, 2);
    OSMetaClassDeclareReservedUnused(IOTimerEventSource, 3);
    OSMetaClassDeclareReservedUnused(IOTimerEventSource, 4);
    OSMetaClassDeclareReservedUnused(IOTimerEventSource, 5);
    OSMetaClassDeclareReservedUnused(IOTimerEventSource, 6);
    OSMetaClassDeclareReservedUnused(IOTimerEventSource, 7);

protected:
    static void timeout(void *self);

public:
    // One reference.
    static IOTimerEventSource *timerEventSource(OSObject *owner, Action action = 0);

private:
    static void timeoutAndRelease(void *self, void *wl);
};
