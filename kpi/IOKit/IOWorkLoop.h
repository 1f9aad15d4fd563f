// SPDX-License-Identifier: BSD-3-Clause
// A thread and a gate that serialise a driver's event sources. Answers to Apple's IOKit/IOWorkLoop.h
// (Mac OS X 10.6 view).
#pragma once

#include <libkern/c++/OSObject.h>
#include <IOKit/IOReturn.h>
#include <IOKit/IOLib.h>
#include <IOKit/IOLocks.h>
#include <IOKit/system.h>

class IOEventSource;
class IOTimerEventSource;
class IOCommandGate;

// One thread and one recursive gate. Event sources' actions run on the thread with the gate held, one at a
// time, in the order in which the sources were added; runAction and command gates take the gate on their
// caller's thread (xnu iokit/Kernel/IOWorkLoop.cpp).
class IOWorkLoop : public OSObject
{
    OSDeclareDefaultStructors(IOWorkLoop)
    friend class IOEventSource;
    friend class IOTimerEventSource;

public:
    typedef IOReturn (*Action)(OSObject *, void *, void *, void *, void *);
    enum {
        kPreciousStack = 0x1
    };

protected:
    typedef enum {
        mAddEvent = 0,
        mRemoveEvent = 1
    } maintCommandEnum;
    struct ExpansionData; // the implementation's own

    IORecursiveLock *gateLock;
    IOEventSource *eventChain;
    IOCommandGate *controlG;
    IOSimpleLock *workToDoLock;
    IOThread workThread;
    volatile bool workToDo;
    bool loopRestart;
    ExpansionData *reserved;

    virtual IOReturn _maintRequest(void *command, void *data, void *, void *);
    virtual void free(void);
    virtual void threadMain(void);

public:
    virtual bool init(void);
    virtual IOThread getThread(void) const;
    // Whether the caller is the work loop's thread.
    virtual bool onThread(void) const;
    // Whether the caller holds the gate.
    virtual bool inGate(void) const;
    // Retains it. Takes the gate.
    virtual IOReturn addEventSource(IOEventSource *newEvent);
    // Releases it. Takes the gate, so after return no other thread runs its action.
    virtual IOReturn removeEventSource(IOEventSource *toRemove);
    virtual void enableAllEventSources(void) const;
    virtual void disableAllEventSources(void) const;
    virtual void enableAllInterrupts(void) const;
    // Every interrupt source on this work loop.
    virtual void disableAllInterrupts(void) const;

protected:
    // Wakes the thread; any context, primary interrupt included.
    virtual void signalWorkAvailable(void);
    virtual void openGate(void);
    // Recursive.
    virtual void closeGate(void);
    virtual bool tryCloseGate(void);
    // Gives the gate up while waiting for the event; THREAD_AWAKENED, TIMED_OUT or INTERRUPTED.
    virtual int sleepGate(void *event, UInt32 interuptibleType);
    // Gate held.
    virtual void wakeupGate(void *event, bool oneThread);

public:
    // Calls action with the gate held, on the caller's thread; waits for the gate, so never in primary
    // interrupt context.
    virtual IOReturn runAction(Action action, OSObject *target, void *arg0 = 0, void *arg1 = 0,
                               void *arg2 = 0, void *arg3 = 0);
    virtual bool runEventSources(void);

protected:
#ifndef KPI_10_5
    virtual int sleepGate(void *event, AbsoluteTime deadline, UInt32 interuptibleType);
#endif
#ifdef __LP64__
    OSMetaClassDeclareReservedUnused(IOWorkLoop, 0);
    OSMetaClassDeclareReservedUnused(IOWorkLoop, 1);
#endif
#if defined(__LP64__) || defined(KPI_10_5)
    OSMetaClassDeclareReservedUnused(IOWorkLoop, 2);
#endif
    OSMetaClassDeclareReservedUnused(IOWorkLoop, 3);
    OSMetaClassDeclareReservedUnused(IOWorkLoop, 4);
    OSMetaClassDeclareReservedUnused(IOWorkLoop, 5);
    OSMetaClassDeclareReservedUnused(IOWorkLoop, 6);
    OSMetaClassDeclareReservedUnused(IOWorkLoop, 7);

    static void threadMainContinuation(IOWorkLoop *self);

public:
    // One reference; its thread runs at once.
    static IOWorkLoop *workLoop(void);
    static IOWorkLoop *workLoopWithOptions(IOOptionBits options);
};
