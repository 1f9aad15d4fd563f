// SPDX-License-Identifier: BSD-3-Clause
/*
 * IOTimerEventSource: xnu iokit/Kernel/IOTimerEventSource.cpp. An action runs with the gate held, on the
 * thread of the thread call (timeoutAndRelease), not on the work loop's.
 */
#include "probe.h"
#include <IOKit/IOTimerEventSource.h>

struct Fired {
    volatile int count, onLoop, gated, again;
    volatile uint64_t when;
};
static Fired fired[2];
static IOTimerEventSource *timers[2];
static Probe *subject;
static volatile int sequence;

static void action(OSObject *owner, IOTimerEventSource *sender)
{
    int which = sender == timers[1];
    Fired *f = &fired[which];
    f->when = mach_absolute_time();
    f->onLoop = subject->loop->onThread();
    f->gated = subject->loop->inGate() && owner == subject;
    sequence = sequence * 10 + which + 1;
    if (f->again-- > 0)
        sender->setTimeoutMS(5);
    f->count++; /* last: who waits for it goes on */
}

static void reset()
{
    bzero((void *)fired, sizeof fired);
    sequence = 0;
}

static uint64_t since(uint64_t start, uint64_t end)
{
    uint64_t ns;
    absolutetime_to_nanoseconds(end - start, &ns);
    return ns;
}

/*
 * Is a try void that was to end ms milliseconds after its start? The thread was held up then, and the timer had its
 * time. A try that was not says something; there are twenty.
 */
static bool isVoid(uint64_t start, unsigned ms, int *tries, IOTimerEventSource *t)
{
    if (since(start, mach_absolute_time()) < ms * 1000000ull || ++*tries == 20)
        return false;
    t->enable();
    t->cancelTimeout();
    subject->loop->runAction([](OSObject *, void *, void *, void *, void *) -> IOReturn { return 0; }, subject);
    IOSleep(20);
    return true;
}

static void testFire(IOTimerEventSource *t)
{
    reset();
    uint64_t start = mach_absolute_time();
    SAME(t->setTimeoutMS(30), kIOReturnSuccess, "setTimeoutMS");
    SAME(probe_wait(&fired[0].count, 1), 1, "fires");
    CHECK(since(start, fired[0].when) >= 30000000, "not before its time");
    CHECK(since(start, fired[0].when) < 10000000000ull, "nor long after it");
    CHECK(fired[0].gated, "its action has the gate and the owner");
    CHECK(!fired[0].onLoop, "and does not run on the work loop's thread");
    IOSleep(50);
    SAME(fired[0].count, 1, "once");
    reset();
    fired[0].again = 3;
    t->setTimeoutUS(1000);
    SAME(probe_wait(&fired[0].count, 4), 4, "an action sets its own next time");
    reset();
    t->setTimeoutMS(0);
    SAME(probe_wait(&fired[0].count, 1), 1, "no time at all");
    reset();
    AbsoluteTime past;
    *__OSAbsoluteTimePtr(&past) = mach_absolute_time() - 1000;
    t->wakeAtTime(past);
    SAME(probe_wait(&fired[0].count, 1), 1, "wakeAtTime in the past");
}

static void testCancel(IOTimerEventSource *t)
{
    int tries = 0;
    uint64_t start;
    do {
        reset();
        start = mach_absolute_time();
        t->setTimeoutMS(20);
        t->cancelTimeout();
    } while (isVoid(start, 20, &tries, t));
    IOSleep(60);
    SAME(fired[0].count, 0, "cancelled");
    start = mach_absolute_time();
    t->setTimeoutMS(60000);
    t->setTimeoutMS(20);
    SAME(probe_wait(&fired[0].count, 1), 1, "a new time replaces the old one");
    CHECK(since(start, fired[0].when) < 60000000000ull, "the earlier one counts");
    int early;
    bool held; /* between the two */
    tries = 0;
    do {
        reset();
        start = mach_absolute_time();
        t->setTimeoutMS(60);
        t->setTimeoutMS(300);
        held = since(start, mach_absolute_time()) >= 60000000;
        IOSleep(150);
        early = fired[0].count;
    } while (isVoid(start, held ? 0 : 300, &tries, t));
    SAME(early, 0, "a later time replaces it too");
    SAME(probe_wait(&fired[0].count, 1), 1, "and fires");
    /* with the gate held the action cannot run; a cancel there stops it although its time has come */
    reset();
    subject->loop->runAction(
        [](OSObject *, void *source, void *, void *, void *) -> IOReturn {
            ((IOTimerEventSource *)source)->setTimeoutMS(5);
            IOSleep(40);
            ((IOTimerEventSource *)source)->cancelTimeout();
            return 0;
        },
        subject, t);
    IOSleep(40);
    SAME(fired[0].count, 0, "cancelled under the gate after its time had come");
}

static void testDisable(IOTimerEventSource *t)
{
    int tries = 0;
    uint64_t start;
    do {
        reset();
        start = mach_absolute_time();
        t->setTimeoutMS(20);
        t->disable();
    } while (isVoid(start, 20, &tries, t));
    IOSleep(60);
    SAME(fired[0].count, 0, "disabled");
    t->enable();
    SAME(probe_wait(&fired[0].count, 1), 1, "enabled: the time that has passed fires now");
    t->disable();
    t->enable();
    SAME(probe_wait(&fired[0].count, 2), 2,
         "it is not forgotten by firing: enable again, and it fires again");
    t->cancelTimeout();
    t->disable();
    t->enable();
    IOSleep(30);
    SAME(fired[0].count, 2, "cancelTimeout forgets it");
    t->disable();
    SAME(t->setTimeoutMS(10), kIOReturnSuccess, "set while disabled");
    IOSleep(30);
    SAME(fired[0].count, 2, "does not fire");
    t->enable();
    SAME(probe_wait(&fired[0].count, 3), 3, "until it is enabled");
}

static void testTwo(IOTimerEventSource *a, IOTimerEventSource *b)
{
    /* What is due at the same moment runs on a thread each, in any order: a thread held up so long has more chances. */
    for (int tries = 0; tries < 10 && sequence != 21; tries++) {
        reset();
        a->setTimeoutMS(40 << tries);
        b->setTimeoutMS(20);
        probe_wait(&fired[0].count, 1);
        probe_wait(&fired[1].count, 1);
    }
    SAME(sequence, 21, "two timers: by time, not by order of setting");
    reset();
    subject->loop->runAction(
        [](OSObject *, void *one, void *two, void *, void *) -> IOReturn {
            ((IOTimerEventSource *)one)->setTimeoutMS(5);
            ((IOTimerEventSource *)two)->setTimeoutMS(10);
            IOSleep(40);
            return SAME(sequence, 0, "gate held: no action") ? 0 : 1;
        },
        subject, a, b);
    probe_wait(&fired[0].count, 1);
    probe_wait(&fired[1].count, 1);
    SAME(fired[0].count + fired[1].count, 2, "both when it opens");
}

void test_timer(Probe *p)
{
    subject = p;
    IOTimerEventSource *none = IOTimerEventSource::timerEventSource(p);
    SAME(none->setTimeoutMS(10), kIOReturnNoResources, "a timer without action");
    none->release();
    for (int i = 0; i < 2; i++)
        timers[i] = IOTimerEventSource::timerEventSource(p, action);
    if (!CHECK(timers[0] && timers[1], "two timers"))
        return;
    reset();
    SAME(timers[0]->setTimeoutMS(10), kIOReturnSuccess, "set before it has a work loop");
    IOSleep(30);
    SAME(fired[0].count, 0, "does not fire");
    p->loop->addEventSource(timers[0]);
    SAME(probe_wait(&fired[0].count, 1), 1, "until it has one");
    p->loop->addEventSource(timers[1]);
    testFire(timers[0]);
    testCancel(timers[0]);
    testDisable(timers[0]);
    testTwo(timers[0], timers[1]);
    reset();
    timers[0]->setTimeoutMS(30);
    timers[1]->setTimeoutMS(1000);
    for (int i = 0; i < 2; i++) {
        timers[i]->cancelTimeout();
        p->loop->removeEventSource(timers[i]);
        for (int ms = 0; ms < 30000 && timers[i]->getRetainCount() != 1; ms++)
            IOSleep(1); /* the thread of its last action */
        SAME(timers[i]->getRetainCount(), 1, "no reference is left after cancel and remove");
        timers[i]->release();
    }
}
