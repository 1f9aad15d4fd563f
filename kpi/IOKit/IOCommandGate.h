// SPDX-License-Identifier: BSD-3-Clause
// Calls made with a work loop's gate held. Answers to Apple's IOKit/IOCommandGate.h (Mac OS X 10.6
// view).
#pragma once

#include <IOKit/IOEventSource.h>

// Runs a function on the caller's thread with the work loop's gate held: how calls from outside meet
// interrupt and timer actions (xnu iokit/Kernel/IOCommandGate.cpp).
class IOCommandGate : public IOEventSource
{
    OSDeclareDefaultStructors(IOCommandGate)

public:
    typedef IOReturn (*Action)(OSObject *, void *, void *, void *, void *);

protected:
    struct ExpansionData; // the implementation's own

    ExpansionData *reserved;

    virtual bool checkForWork(void);

public:
    virtual bool init(OSObject *owner, Action action = 0);
    virtual void free(void);
    virtual void setWorkLoop(IOWorkLoop *inWorkLoop);
    virtual IOReturn runCommand(void *arg0 = 0, void *arg1 = 0, void *arg2 = 0, void *arg3 = 0);
    // Waits for the gate and while the gate is disabled; never in primary interrupt context. Returns the
    // action's result.
    virtual IOReturn runAction(Action action, void *arg0 = 0, void *arg1 = 0, void *arg2 = 0, void *arg3 = 0);
    virtual IOReturn attemptCommand(void *arg0 = 0, void *arg1 = 0, void *arg2 = 0, void *arg3 = 0);
    // As runAction, but kIOReturnCannotLock or kIOReturnNotPermitted instead of waiting.
    virtual IOReturn attemptAction(Action action, void *arg0 = 0, void *arg1 = 0, void *arg2 = 0,
                                   void *arg3 = 0);
    // Inside an action: gives the gate up until commandWakeup of the same event.
    virtual IOReturn commandSleep(void *event, UInt32 interruptible = THREAD_ABORTSAFE);
    // Gate held; onlyOneThread wakes one.
    virtual void commandWakeup(void *event, bool oneThread = false);
    virtual void disable(void);
    virtual void enable(void);
#ifndef KPI_10_5
    virtual IOReturn commandSleep(void *event, AbsoluteTime deadline, UInt32 interruptible);
#endif
#if defined(__LP64__) || defined(KPI_10_5)
    OSMetaClassDeclareReservedUnused(IOCommandGate, 0);
#endif
    OSMetaClassDeclareReservedUnused(IOCommandGate, 1);
    OSMetaClassDeclareReservedUnused(IOCommandGate, 2);
    OSMetaClassDeclareReservedUnused(IOCommandGate, 3);
    OSMetaClassDeclareReservedUnused(IOCommandGate, 4);
    OSMetaClassDeclareReservedUnused(IOCommandGate, 5);
    OSMetaClassDeclareReservedUnused(IOCommandGate, 6);
    OSMetaClassDeclareReservedUnused(IOCommandGate, 7);

public:
    // One reference.
    static IOCommandGate *commandGate(OSObject *owner, Action action = 0);
};
