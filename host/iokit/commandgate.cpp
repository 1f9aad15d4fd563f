// SPDX-License-Identifier: BSD-3-Clause
/*
 * IOCommandGate: calls in the gate of a work loop, on the caller's thread. Answers to IOKit/IOCommandGate.h;
 * behaviour as in xnu-2422.115.4 iokit/Kernel/IOCommandGate.cpp. There a gate that was removed keeps pointing
 * at its loop, and drivers go on using it; here it also holds the loop then, until it is freed itself.
 */
#include "iokit/impl.h"
#include "iokit/loop.h"
#include <IOKit/IOCommandGate.h>

OSDefineMetaClassAndStructors(IOCommandGate, IOEventSource)

    /* In the pointer-sized `reserved`: how many sleep in runAction because the gate is disabled, and two
       flags. */
    enum {
        kTearDown = 1,
        kHoldsLoop = 2,
        kSleeper = 4
    };
#define STATE (*(uintptr_t *)&reserved)

IOCommandGate *IOCommandGate::commandGate(OSObject *inOwner, Action inAction)
{
    IOCommandGate *gate = new IOCommandGate;
    if (gate && !gate->init(inOwner, inAction)) {
        gate->release();
        return 0;
    }
    return gate;
}

bool IOCommandGate::init(OSObject *inOwner, Action inAction)
{
    return IOEventSource::init(inOwner, (IOEventSource::Action)inAction);
}

void IOCommandGate::free(void)
{
    IOWorkLoop *loop = STATE & kHoldsLoop ? workLoop : 0;
    STATE = 0;
    workLoop = 0;
    if (loop)
        loop->release();
    IOEventSource::free();
}

bool IOCommandGate::checkForWork(void)
{
    return false;
}

/* Leaving the loop: who still sleeps in runAction comes out with kIOReturnAborted first. */
static void send_sleepers_off(IOCommandGate *gate, uintptr_t *state)
{
    gate->closeGate();
    *state |= kTearDown;
    while (*state / kSleeper) {
        gate->wakeupGate(&gate->enabled, false);
        gate->sleepGate(state, THREAD_UNINT);
    }
    *state = 0;
    gate->openGate();
}

void IOCommandGate::setWorkLoop(IOWorkLoop *inWorkLoop)
{
    if (inWorkLoop || !workLoop) {
        IOEventSource::setWorkLoop(inWorkLoop);
        return;
    }
    if (STATE & kHoldsLoop)
        return;
    send_sleepers_off(this, &STATE);
    if (loop_is_dying(workLoop)) {
        workLoop = 0;
    } else {
        workLoop->retain();
        STATE |= kHoldsLoop;
    }
}

void IOCommandGate::disable(void)
{
    if (workLoop && !workLoop->inGate())
        IOLog("IOCommandGate::disable() called when not gated\n");
    IOEventSource::disable();
}

void IOCommandGate::enable(void)
{
    if (!workLoop)
        return;
    closeGate();
    IOEventSource::enable();
    wakeupGate(&enabled, false);
    openGate();
}

IOReturn IOCommandGate::runCommand(void *arg0, void *arg1, void *arg2, void *arg3)
{
    return runAction((Action)action, arg0, arg1, arg2, arg3);
}

IOReturn IOCommandGate::attemptCommand(void *arg0, void *arg1, void *arg2, void *arg3)
{
    return attemptAction((Action)action, arg0, arg1, arg2, arg3);
}

/* A disabled gate lets only the loop's own thread through; others sleep until it is enabled or torn down. */
IOReturn IOCommandGate::runAction(Action inAction, void *arg0, void *arg1, void *arg2, void *arg3)
{
    if (!inAction)
        return kIOReturnBadArgument;
    closeGate();
    while (!enabled && !workLoop->onThread()) {
        STATE += kSleeper;
        int woke = sleepGate(&enabled, THREAD_ABORTSAFE);
        STATE -= kSleeper;
        bool torn = STATE & kTearDown;
        if (torn)
            wakeupGate(&STATE, false);
        if (torn || woke != THREAD_AWAKENED) {
            openGate();
            return kIOReturnAborted;
        }
    }
    IOReturn result = inAction(owner, arg0, arg1, arg2, arg3);
    openGate();
    return result;
}

IOReturn IOCommandGate::attemptAction(Action inAction, void *arg0, void *arg1, void *arg2, void *arg3)
{
    if (!inAction)
        return kIOReturnBadArgument;
    if (!tryCloseGate())
        return kIOReturnCannotLock;
    IOReturn result = kIOReturnNotPermitted;
    if (enabled || workLoop->onThread())
        result = inAction(owner, arg0, arg1, arg2, arg3);
    openGate();
    return result;
}

IOReturn IOCommandGate::commandSleep(void *event, UInt32 interruptible)
{
    if (!workLoop->inGate())
        return kIOReturnNotPermitted;
    return sleepGate(event, interruptible);
}

IOReturn IOCommandGate::commandSleep(void *event, AbsoluteTime deadline, UInt32 interruptible)
{
    if (!workLoop->inGate())
        return kIOReturnNotPermitted;
    return sleepGate(event, deadline, interruptible);
}

void IOCommandGate::commandWakeup(void *event, bool oneThread)
{
    wakeupGate(event, oneThread);
}
