// SPDX-License-Identifier: BSD-3-Clause
// Base of what a work loop serves. Answers to Apple's IOKit/IOEventSource.h (Mac OS X 10.6 view).
#pragma once

#include <libkern/c++/OSObject.h>
#include <IOKit/IOLib.h>
#include <IOKit/system.h>
#include <IOKit/IOWorkLoop.h>
#include <kern/clock.h>

#define IOEventSourceAction IOEventSource::Action

// Something that a work loop serves: an owner, an action, enabled or not. checkForWork is called by the
// work loop's thread with the gate held and returns true to be asked again (xnu
// iokit/Kernel/IOEventSource.cpp).
class IOEventSource : public OSObject
{
    OSDeclareAbstractStructors(IOEventSource)
    friend class IOWorkLoop;

public:
    typedef void (*Action)(OSObject *, ...);

protected:
    struct ExpansionData; // the implementation's own

    IOEventSource *eventChainNext;
    OSObject *owner;
    Action action;
    bool enabled;
    IOWorkLoop *workLoop;
    void *refcon;
    ExpansionData *reserved;

    // The owner is not retained: it must outlive the source.
    virtual bool init(OSObject *owner, Action action = 0);
    virtual bool checkForWork(void) = 0;
    // Called by the work loop when it adds or, with 0, removes the source.
    virtual void setWorkLoop(IOWorkLoop *workLoop);
    virtual void setNext(IOEventSource *next);
    virtual IOEventSource *getNext(void) const;

public:
    virtual void setAction(Action action);
    virtual Action getAction(void) const;
    virtual void enable(void);
    // Until enable, no action; what arrives is kept or dropped as the class says.
    virtual void disable(void);
    virtual bool isEnabled(void) const;
    // Not retained; 0 when it is not added.
    virtual IOWorkLoop *getWorkLoop(void) const;
    virtual bool onThread(void) const;
    OSMetaClassDeclareReservedUnused(IOEventSource, 0);
    OSMetaClassDeclareReservedUnused(IOEventSource, 1);
    OSMetaClassDeclareReservedUnused(IOEventSource, 2);
    OSMetaClassDeclareReservedUnused(IOEventSource, 3);
    OSMetaClassDeclareReservedUnused(IOEventSource, 4);
    OSMetaClassDeclareReservedUnused(IOEventSource, 5);
    OSMetaClassDeclareReservedUnused(IOEventSource, 6);
    OSMetaClassDeclareReservedUnused(IOEventSource, 7);

protected:
    // Any context.
    void signalWorkAvailable(void);
    void openGate(void);
    void closeGate(void);
    bool tryCloseGate(void);
    int sleepGate(void *event, UInt32 type);
    int sleepGate(void *event, AbsoluteTime deadline, UInt32 type);
    void wakeupGate(void *event, bool oneThread);
};
