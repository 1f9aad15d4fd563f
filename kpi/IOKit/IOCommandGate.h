// SPDX-License-Identifier: BSD-3-Clause
// Calls made with a work loop's gate held. Answers to Apple's IOKit/IOCommandGate.h (x86_64, Mac OS X 10.6
// view).
#pragma once

#include <IOKit/IOEventSource.h>

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
    virtual IOReturn runAction(Action action, void *arg0 = 0, void *arg1 = 0, void *arg2 = 0, void *arg3 = 0);
    virtual IOReturn attemptCommand(void *arg0 = 0, void *arg1 = 0, void *arg2 = 0, void *arg3 = 0);
    virtual IOReturn attemptAction(Action action, void *arg0 = 0, void *arg1 = 0, void *arg2 = 0,
                                   void *arg3 = 0);
    virtual IOReturn commandSleep(void *event, UInt32 interruptible = THREAD_ABORTSAFE);
    virtual void commandWakeup(void *event, bool oneThread = false);
    virtual void disable(void);
    virtual void enable(void);
    virtual IOReturn commandSleep(void *event, AbsoluteTime deadline, UInt32 interruptible);
    OSMetaClassDeclareReservedUnused(IOCommandGate, 0);
    OSMetaClassDeclareReservedUnused(IOCommandGate, 1);
    OSMetaClassDeclareReservedUnused(IOCommandGate, 2);
    OSMetaClassDeclareReservedUnused(IOCommandGate, 3);
    OSMetaClassDeclareReservedUnused(IOCommandGate, 4);
    OSMetaClassDeclareReservedUnused(IOCommandGate, 5);
    OSMetaClassDeclareReservedUnused(IOCommandGate, 6);
    OSMetaClassDeclareReservedUnused(IOCommandGate, 7);

public:
    static IOCommandGate *commandGate(OSObject *owner, Action action = 0);
};
