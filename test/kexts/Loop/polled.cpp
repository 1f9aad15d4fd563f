// SPDX-License-Identifier: BSD-3-Clause
/*
 * What a driver may and may not do while the kernel stands in its debugger, by loop=polled,WORD: sleeps; locks (a lock that a
 * standing thread holds); blocks (for an event that nobody can bring); logs (while threads that log all the time stand).
 */
#include "loop.h"
#include <IOKit/IOLib.h>
#include <IOKit/network/IOKernelDebugger.h>
#include <kern/sched_prim.h>
#include <libkern/OSAtomic.h>

void Loop::hold(void *self)
{
    Loop *l = static_cast<Loop *>(self);

    IOLockLock(l->held);
    OSIncrementAtomic(&l->ready);
    while (!l->ending)
        IODelay(100);
    IOLockUnlock(l->held);
    OSDecrementAtomic(&l->threads);
    IOExitThread();
}

void Loop::chatter(void *self)
{
    Loop *l = static_cast<Loop *>(self);

    OSIncrementAtomic(&l->ready);
    while (!l->ending)
        IOLog("."); /* takes the log's lock, and writes a line now and then */
    OSDecrementAtomic(&l->threads);
    IOExitThread();
}

bool Loop::offer_debugger()
{
    enum { kChatterers = 3 }; /* so that one of them has the lock at nearly any moment */

    if (!loop_asked("polled"))
        return true;
    held = IOLockAlloc();
    if (!held || !attachDebuggerClient(&debugger))
        return false;
    for (int i = 0, n = loop_asked("logs") ? kChatterers : 1; i < n; i++) {
        OSIncrementAtomic(&threads);
        if (!IOCreateThread(loop_asked("logs") ? chatter : hold, this))
            OSDecrementAtomic(&threads);
    }
    while (ready < threads)
        IOSleep(1);
    return true;
}

void Loop::drop_debugger()
{
    if (!held)
        return;
    if (debugger)
        detachDebuggerClient(debugger);
    OSSafeReleaseNULL(debugger);
    ending = true;
    while (threads)
        IOSleep(1);
    IOLockFree(held);
}

/* The debugger enables a controller that has power. */
IOReturn Loop::registerWithPolicyMaker(IOService *policyMaker)
{
    static IOPMPowerState states[2] = {{1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
                                       {1, kIOPMDeviceUsable, kIOPMPowerOn, kIOPMPowerOn, 0, 0, 0, 0, 0, 0, 0, 0}};

    if (!loop_asked("polled"))
        return IOEthernetController::registerWithPolicyMaker(policyMaker);
    IOReturn result = policyMaker->registerPowerDriver(this, states, 2);
    if (result == kIOReturnSuccess)
        makeUsable();
    return result;
}

IOReturn Loop::enable(IOKernelDebugger *)
{
    return kIOReturnSuccess;
}

IOReturn Loop::disable(IOKernelDebugger *)
{
    return kIOReturnSuccess;
}

void Loop::receivePacket(void *, UInt32 *size, UInt32 timeout)
{
    *size = 0;
    if (loop_asked("logs"))
        IOLog("polled\n");
    if (loop_asked("sleeps"))
        IOSleep(1);
    if (loop_asked("locks"))
        IOLockLock(held);
    if (loop_asked("blocks")) {
        assert_wait(this, THREAD_UNINT);
        thread_block(THREAD_CONTINUE_NULL);
    }
    IODelay(timeout * 1000);
}

void Loop::sendPacket(void *, UInt32)
{
}
