// SPDX-License-Identifier: BSD-3-Clause
// A thread and a gate that serialise a driver's event sources. Answers to Apple's IOKit/IOWorkLoop.h
// (x86_64, Mac OS X 10.6 view).
#pragma once

#include <libkern/c++/OSObject.h>
#include <IOKit/IOReturn.h>
#include <IOKit/IOLib.h>
#include <IOKit/IOLocks.h>
#include <IOKit/system.h>

class IOEventSource;
class IOTimerEventSource;
class IOCommandGate;

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
    virtual bool onThread(void) const;
    virtual bool inGate(void) const;
    virtual IOReturn addEventSource(IOEventSource *newEvent);
    virtual IOReturn removeEventSource(IOEventSource *toRemove);
    virtual void enableAllEventSources(void) const;
    virtual void disableAllEventSources(void) const;
    virtual void enableAllInterrupts(void) const;
    virtual void disableAllInterrupts(void) const;

protected:
    virtual void signalWorkAvailable(void);
    virtual void openGate(void);
    virtual void closeGate(void);
    virtual bool tryCloseGate(void);
    virtual int sleepGate(void *event, UInt32 interuptibleType);
    virtual void wakeupGate(void *event, bool oneThread);

public:
    virtual IOReturn runAction(Action action, OSObject *target, void *arg0 = 0, void *arg1 = 0,
                               void *arg2 = 0, void *arg3 = 0);
    virtual bool runEventSources(void);

protected:
    virtual int sleepGate(void *event, AbsoluteTime deadline, UInt32 interuptibleType);
    OSMetaClassDeclareReservedUnused(IOWorkLoop, 0);
    OSMetaClassDeclareReservedUnused(IOWorkLoop, 1);
    OSMetaClassDeclareReservedUnused(IOWorkLoop, 2);
    OSMetaClassDeclareReservedUnused(IOWorkLoop, 3);
    OSMetaClassDeclareReservedUnused(IOWorkLoop, 4);
    OSMetaClassDeclareReservedUnused(IOWorkLoop, 5);
    OSMetaClassDeclareReservedUnused(IOWorkLoop, 6);
    OSMetaClassDeclareReservedUnused(IOWorkLoop, 7);

    static void threadMainContinuation(IOWorkLoop *self);

public:
    static IOWorkLoop *workLoop(void);
    static IOWorkLoop *workLoopWithOptions(IOOptionBits options);
};
