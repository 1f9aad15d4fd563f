// SPDX-License-Identifier: BSD-3-Clause
/*
 * Work loop and command gate: recursion, actions of other threads, sleeping inside the gate, disabled gates.
 * What is expected: xnu iokit/Kernel/IOWorkLoop.cpp, IOCommandGate.cpp, and IOLocks.cpp for the recursive
 * lock below.
 */
#include "probe.h"
#include <IOKit/IOCommandGate.h>
#include <kern/thread.h>

/* A thread of our own that does one thing; `done` when it has. */
struct Helper {
    Probe *p;
    IOCommandGate *gate;
    void (*run)(Helper *);
    volatile int begun, done;
    volatile IOReturn result;
    thread_t thread;
};

static void helper_main(void *arg, wait_result_t)
{
    Helper *h = (Helper *)arg;
    h->run(h);
    h->done = 1;
    thread_terminate(current_thread());
}

static bool helper_start(Helper *h, Probe *p, IOCommandGate *gate, void (*run)(Helper *))
{
    bzero(h, sizeof *h);
    h->p = p;
    h->gate = gate;
    h->run = run;
    if (kernel_thread_start(helper_main, h, &h->thread) != KERN_SUCCESS)
        return false;
    thread_deallocate(h->thread);
    return true;
}

static IOReturn justReturn(OSObject *, void *value, void *, void *, void *)
{
    return (IOReturn)(uintptr_t)value;
}

static IOReturn describe(OSObject *owner, void *a, void *b, void *c, void *d)
{
    Probe *p = (Probe *)owner;
    CHECK(p->loop->inGate(), "inside an action the gate is held");
    CHECK(!p->loop->onThread(), "on the caller's thread, not the work loop's");
    CHECK(a == (void *)1 && b == (void *)2 && c == (void *)3 && d == (void *)4, "arguments");
    IOReturn inner = p->loop->runAction(justReturn, p, (void *)77);
    SAME(inner, 77, "an action inside an action: the gate is recursive");
    CHECK(p->loop->inGate(), "and still held after it");
    return 55;
}

static void testActions(Probe *p, IOCommandGate *gate)
{
    CHECK(!p->loop->inGate(), "outside, the gate is not held");
    CHECK(p->loop->getThread() && p->loop->getThread() != current_thread(),
          "the loop has a thread of its own");
    SAME(gate->runAction(describe, (void *)1, (void *)2, (void *)3, (void *)4), 55,
         "runAction gives the action's result");
    SAME(p->loop->runAction(describe, p, (void *)1, (void *)2, (void *)3, (void *)4), 55,
         "so does the work loop's");
    CHECK(!p->loop->inGate(), "afterwards the gate is open");
    SAME(gate->runCommand((void *)9), 9, "runCommand calls the gate's own action");
    SAME(gate->attemptCommand((void *)8), 8, "attemptCommand too");
    SAME(gate->attemptAction(justReturn, (void *)7), 7, "attemptAction");
    SAME(gate->runAction(0), kIOReturnBadArgument, "no action");
    gate->setAction(0);
    SAME(gate->runCommand(), kIOReturnBadArgument, "nor a default one");
    gate->setAction((IOEventSource::Action)justReturn);
}

static void testContention(Probe *p, IOCommandGate *gate)
{
    static Helper h;
    p->loop->runAction(
        [](OSObject *o, void *g, void *, void *, void *) -> IOReturn {
            Helper *self = &h;
            helper_start(self, (Probe *)o, (IOCommandGate *)g, [](Helper *me) {
                me->begun = 1;
                me->result = me->gate->attemptAction(justReturn, (void *)1);
                me->begun = 2;
                me->gate->runAction(justReturn, (void *)2);
            });
            SAME(probe_wait(&self->begun, 2), 2, "gate held: attemptAction of another thread returns");
            SAME(self->result, kIOReturnCannotLock, "kIOReturnCannotLock");
            IOSleep(20);
            return SAME(self->done, 0, "and its runAction waits") ? 0 : 1;
        },
        p, gate);
    SAME(probe_wait(&h.done, 1), 1, "until the gate is open");
}

static int event;
static volatile int asleep, awake; /* with the gate held */

static IOReturn sleeper(OSObject *, void *g, void *, void *, void *)
{
    asleep++;
    IOReturn result = ((IOCommandGate *)g)->commandSleep(&event, THREAD_UNINT);
    awake++;
    return result;
}

static void testSleep(Probe *p, IOCommandGate *gate)
{
    static Helper h[2];
    asleep = awake = 0;
    SAME(gate->commandSleep(&event, THREAD_UNINT), kIOReturnNotPermitted, "commandSleep outside the gate");
    for (int i = 0; i < 2; i++)
        helper_start(&h[i], p, gate, [](Helper *me) {
            me->begun = 1;
            me->result = me->gate->runAction(sleeper, me->gate);
        });
    probe_wait(&asleep, 2);
    gate->runAction(justReturn); /* the second one has let go of the gate */
    SAME(gate->attemptAction(justReturn, (void *)3), 3, "a thread in commandSleep leaves the gate open");
    gate->runAction(
        [](OSObject *, void *g, void *, void *, void *) -> IOReturn {
            ((IOCommandGate *)g)->commandWakeup(&event, true);
            IOSleep(20);
            return SAME(awake, 0, "one that is woken waits for the gate") ? 0 : 1;
        },
        gate);
    SAME(probe_wait(&awake, 1), 1, "commandWakeup of one thread");
    IOSleep(20);
    SAME(awake, 1, "wakes one");
    gate->runAction(
        [](OSObject *, void *g, void *, void *, void *) -> IOReturn {
            ((IOCommandGate *)g)->commandWakeup(&event, false);
            return 0;
        },
        gate);
    SAME(probe_wait(&awake, 2), 2, "commandWakeup of all");
    probe_wait(&h[0].done, 1);
    probe_wait(&h[1].done, 1);
    CHECK(h[0].result == THREAD_AWAKENED && h[1].result == THREAD_AWAKENED,
          "commandSleep returns THREAD_AWAKENED");
}

static void testDeadline(Probe *p, IOCommandGate *gate)
{
    uint64_t before = mach_absolute_time(), spent;
    IOReturn result = gate->runAction(
        [](OSObject *, void *g, void *, void *, void *) -> IOReturn {
            AbsoluteTime deadline;
            clock_interval_to_deadline(30, kMillisecondScale, __OSAbsoluteTimePtr(&deadline));
            return ((IOCommandGate *)g)->commandSleep(&event, deadline, THREAD_UNINT);
        },
        gate);
    absolutetime_to_nanoseconds(mach_absolute_time() - before, &spent);
    SAME(result, THREAD_TIMED_OUT, "commandSleep with a deadline: THREAD_TIMED_OUT");
    CHECK(spent >= 30000000 && spent < 20000000000ull, "at the deadline");
    CHECK(!p->loop->inGate(), "and the gate is open after the action");
}

static IOReturn setEnabled(OSObject *, void *g, void *on, void *, void *)
{
    if (on)
        ((IOCommandGate *)g)->enable();
    else
        ((IOCommandGate *)g)->disable();
    return 0;
}

static void testDisabled(Probe *p, IOCommandGate *gate)
{
    static Helper h;
    p->loop->runAction(setEnabled, p, gate, (void *)0);
    SAME(gate->attemptAction(justReturn, (void *)1), kIOReturnNotPermitted,
         "disabled: attemptAction is not permitted");
    helper_start(&h, p, gate, [](Helper *me) {
        me->begun = 1;
        me->result = me->gate->runAction(justReturn, (void *)5);
    });
    probe_wait(&h.begun, 1);
    IOSleep(20);
    SAME(h.done, 0, "runAction waits");
    SAME(p->loop->runAction(justReturn, p, (void *)6), 6, "with the gate open to others");
    p->loop->runAction(setEnabled, p, gate, (void *)1);
    SAME(probe_wait(&h.done, 1), 1, "until it is enabled");
    SAME(h.result, 5, "and then runs");
}

/* A gate that is removed while a thread waits for it to be enabled: the thread gets kIOReturnAborted. */
static void testRemoved(Probe *p)
{
    static Helper h;
    IOReturn removed;
    int done, tries = 0;
    do { /* a thread that came to the gate after it had gone has more chances to wait there */
        IOCommandGate *gate = IOCommandGate::commandGate(p);
        p->loop->addEventSource(gate);
        p->loop->runAction(setEnabled, p, gate, (void *)0);
        helper_start(&h, p, gate, [](Helper *me) {
            me->begun = 1;
            me->result = me->gate->runAction(justReturn, (void *)5);
        });
        probe_wait(&h.begun, 1);
        IOSleep(20 << tries);
        removed = p->loop->removeEventSource(gate);
        done = probe_wait(&h.done, 1);
        gate->release();
    } while (done && h.result != kIOReturnAborted && ++tries < 6);
    SAME(removed, kIOReturnSuccess, "a disabled gate is removed");
    SAME(done, 1, "the thread that waits at it goes on");
    SAME(h.result, kIOReturnAborted, "with kIOReturnAborted");
}

void test_gate(Probe *p)
{
    IOCommandGate *gate = IOCommandGate::commandGate(p, justReturn);
    if (!CHECK(gate && !p->loop->addEventSource(gate), "a command gate"))
        return;
    CHECK(gate->getWorkLoop() == p->loop, "knows its work loop");
    testActions(p, gate);
    testContention(p, gate);
    testSleep(p, gate);
    testDeadline(p, gate);
    testDisabled(p, gate);
    SAME(p->loop->removeEventSource(gate), kIOReturnSuccess, "removed");
    gate->release();
    testRemoved(p);
}
