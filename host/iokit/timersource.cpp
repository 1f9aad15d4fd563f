// SPDX-License-Identifier: BSD-3-Clause
/*
 * IOTimerEventSource: a timer whose action runs in the gate of a work loop, on a thread of the thread calls.
 * Answers to IOKit/IOTimerEventSource.h; behaviour as in xnu-2422.115.4 iokit/Kernel/IOTimerEventSource.cpp:
 * a pending timer holds itself and its loop, and a call that was overtaken by a cancel or a new timeout is
 * known by its generation.
 */
#include "iokit/impl.h"
#include "iokit/loop.h"
#include <IOKit/IOTimerEventSource.h>

OSDefineMetaClassAndStructors(IOTimerEventSource, IOEventSource)

    struct timer_record { /* IOTimerEventSource::reserved; a subclass with a setTimeoutFunc of its own has
                             none */
    SInt32 generation;
    IOWorkLoop *loop;
};
#define RECORD ((timer_record *)reserved)

IOTimerEventSource *IOTimerEventSource::timerEventSource(OSObject *inOwner, Action inAction)
{
    IOTimerEventSource *timer = new IOTimerEventSource;
    if (timer && !timer->init(inOwner, inAction)) {
        timer->release();
        return 0;
    }
    return timer;
}

bool IOTimerEventSource::init(OSObject *inOwner, Action inAction)
{
    if (!IOEventSource::init(inOwner, (IOEventSource::Action)inAction))
        return false;
    setTimeoutFunc();
    return calloutEntry != 0;
}

void IOTimerEventSource::setTimeoutFunc(void)
{
    reserved = (ExpansionData *)make_zero<timer_record>();
    calloutEntry = thread_call_allocate((thread_call_func_t)timeoutAndRelease, this);
}

void IOTimerEventSource::free(void)
{
    if (calloutEntry) {
        cancelTimeout();
        thread_call_free((thread_call_t)calloutEntry);
    }
    if (reserved)
        IOFree(reserved, sizeof(timer_record));
    reserved = 0;
    IOEventSource::free();
}

bool IOTimerEventSource::checkForWork(void)
{
    return false;
}

/* ---- when the time has come ---- */
/* For subclasses that allocate the thread call themselves. */
void IOTimerEventSource::timeout(void *self)
{
    IOTimerEventSource *timer = (IOTimerEventSource *)self;
    IOWorkLoop *loop = timer->workLoop;
    if (!timer->enabled || !timer->action || !loop)
        return;
    loop->closeGate();
    if (timer->action && timer->enabled && __OSAbsoluteTime(timer->abstime))
        ((Action)timer->action)(timer->owner, timer);
    loop->openGate();
}

void IOTimerEventSource::timeoutAndRelease(void *self, void *wl)
{
    IOTimerEventSource *timer = (IOTimerEventSource *)self;
    timer_record *record = (timer_record *)timer->reserved;
    IOWorkLoop *loop = record->loop;
    if (timer->enabled && timer->action) {
        loop->closeGate();
        if (timer->action && record->generation == (SInt32)(uintptr_t)wl)
            ((Action)timer->action)(timer->owner, timer);
        loop->openGate();
    }
    timer->release();
    loop->release();
}

/* ---- control ---- */
static void stop_call(IOTimerEventSource *timer)
{
    timer_record *record = (timer_record *)timer->reserved;
    IOWorkLoop *loop = record ? record->loop : 0;
    if (record)
        record->generation++;
    if (thread_call_cancel((thread_call_t)timer->calloutEntry) && record) {
        timer->release(); /* what the pending call held */
        loop->release();
    }
}

void IOTimerEventSource::cancelTimeout(void)
{
    stop_call(this);
    abstime = absolute_time(0);
}

void IOTimerEventSource::enable(void)
{
    IOEventSource::enable();
    if (wakeAtTime(abstime) != kIOReturnSuccess)
        IOEventSource::disable();
}

void IOTimerEventSource::disable(void)
{
    stop_call(this);
    IOEventSource::disable();
}

void IOTimerEventSource::setWorkLoop(IOWorkLoop *inWorkLoop)
{
    IOEventSource::setWorkLoop(inWorkLoop);
    if (enabled && __OSAbsoluteTime(abstime) && workLoop)
        wakeAtTime(abstime);
}

IOReturn IOTimerEventSource::wakeAtTime(AbsoluteTime inAbstime)
{
    if (!action)
        return kIOReturnNoResources;
    abstime = inAbstime;
    if (!enabled || !__OSAbsoluteTime(inAbstime) || !workLoop)
        return kIOReturnSuccess;
    thread_call_t call = (thread_call_t)calloutEntry;
    if (!reserved) {
        thread_call_enter_delayed(call, __OSAbsoluteTime(inAbstime));
        return kIOReturnSuccess;
    }
    IOWorkLoop *loop = workLoop;
    retain();
    loop->retain();
    RECORD->loop = loop;
    RECORD->generation++;
    if (thread_call_enter1_delayed(call, (void *)(uintptr_t)RECORD->generation, __OSAbsoluteTime(inAbstime))) {
        release(); /* it was pending: its references serve on */
        loop->release();
    }
    return kIOReturnSuccess;
}

/* ---- units ---- */
IOReturn IOTimerEventSource::setTimeout(UInt32 interval, UInt32 scale_factor)
{
    uint64_t end;
    clock_interval_to_deadline(interval, scale_factor, &end);
    return wakeAtTime(absolute_time(end));
}

IOReturn IOTimerEventSource::setTimeout(AbsoluteTime interval)
{
    return wakeAtTime(absolute_time(mach_absolute_time() + __OSAbsoluteTime(interval)));
}

IOReturn IOTimerEventSource::wakeAtTime(UInt32 inAbstime, UInt32 scale_factor)
{
    uint64_t end;
    clock_interval_to_absolutetime_interval(inAbstime, scale_factor, &end);
    return wakeAtTime(absolute_time(end));
}

IOReturn IOTimerEventSource::setTimeoutTicks(UInt32 ticks)
{
    return setTimeout(ticks, kTickScale);
}

IOReturn IOTimerEventSource::setTimeoutMS(UInt32 ms)
{
    return setTimeout(ms, kMillisecondScale);
}

IOReturn IOTimerEventSource::setTimeoutUS(UInt32 us)
{
    return setTimeout(us, kMicrosecondScale);
}

IOReturn IOTimerEventSource::wakeAtTimeTicks(UInt32 ticks)
{
    return wakeAtTime(ticks, kTickScale);
}

IOReturn IOTimerEventSource::wakeAtTimeMS(UInt32 ms)
{
    return wakeAtTime(ms, kMillisecondScale);
}

IOReturn IOTimerEventSource::wakeAtTimeUS(UInt32 us)
{
    return wakeAtTime(us, kMicrosecondScale);
}
