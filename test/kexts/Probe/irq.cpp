// SPDX-License-Identifier: BSD-3-Clause
/*
 * INTx of edu through IOFilterInterruptEventSource, IOInterruptEventSource and the bare IOService calls. What
 * is expected: xnu iokit/Kernel/IOInterruptEventSource.cpp, IOFilterInterruptEventSource.cpp
 * (disableInterruptOccurred: a level source stays off from a filter's "true" until its action has run),
 * IOInterruptController.cpp, IOService.cpp lookupInterrupt; IOPCIFamily IOPCIBridge.cpp getNubResources
 * (legacy interrupts resolve first).
 */
#include "irq.h"
#include <i386/machine_routines.h>

Seen seen;

/* With the gate once taken, an action that was counted has ended and its source is on again. */
void seen_reset(Probe *p)
{
    p->loop->runAction([](OSObject *, void *, void *, void *, void *) -> IOReturn { return 0; }, p);
    bzero((void *)&seen, sizeof seen);
    seen.owner = p;
    seen.answer = seen.filterClears = true;
}

void edu_raise(Probe *p, UInt32 bits)
{
    *p->reg(kEduInterruptRaise) = bits;
}

/* Reads back, so that the line is down when it returns (a posted write has then reached the device). */
UInt32 edu_clear(Probe *p)
{
    UInt32 causes = *p->reg(kEduInterruptStatus);
    *p->reg(kEduInterruptAck) = causes;
    (void)*p->reg(kEduInterruptStatus);
    return causes;
}

static void leave_or_clear(bool clears)
{
    if (seen.leave > 0)
        seen.leave--;
    else if (clears)
        seen.status |= edu_clear(seen.owner);
}

bool seen_filter(OSObject *owner, IOFilterInterruptEventSource *source)
{
    seen.filterTime = mach_absolute_time();
    seen.filterPrimary = ml_at_interrupt_context();
    leave_or_clear(seen.filterClears);
    if (seen.signals)
        source->signalInterrupt();
    bool answer = seen.answer;
    seen.filtered++; /* last: who waits for it goes on */
    return answer;
}

void seen_action(OSObject *owner, IOInterruptEventSource *source, int count)
{
    seen.actionPrimary = ml_at_interrupt_context();
    seen.onLoop = seen.owner->loop->onThread();
    seen.gated = seen.owner->loop->inGate();
    seen.ordered = seen.filtered && mach_absolute_time() >= seen.filterTime;
    seen.last = count;
    leave_or_clear(seen.actionClears);
    if (seen.actionDisables)
        source->disable();
    seen.acted++;
}

static void testIndexes(Probe *p)
{
    int type = -1;
    SAME(p->device->getInterruptType(0, &type), kIOReturnSuccess, "index 0 has a type");
    SAME(type, kIOInterruptTypeLevel, "INTx: level triggered");
    SAME(p->device->getInterruptType(7, &type), kIOReturnNoInterrupt, "there is no index 7");
    SAME(p->device->registerInterrupt(7, p, (IOInterruptAction)0), kIOReturnNoInterrupt,
         "and none to register");
    SAME(p->device->enableInterrupt(-1), kIOReturnNoInterrupt, "nor index -1");
    CHECK(
        !IOFilterInterruptEventSource::filterInterruptEventSource(p, seen_action, seen_filter, p->device, 7),
        "no event source for it");
    CHECK(!IOFilterInterruptEventSource::filterInterruptEventSource(p, seen_action, 0, p->device, 0),
          "no filter source without a filter");
}

static void testFilter(Probe *p, IOFilterInterruptEventSource *s)
{
    seen_reset(p);
    CHECK(s->getAutoDisable(), "a level source disables itself");
    SAME(s->getIntIndex(), 0, "getIntIndex");
    CHECK(s->getProvider() == p->device, "getProvider");
    edu_raise(p, 1);
    IOSleep(20);
    SAME(seen.filtered, 0, "added, not enabled: no interrupt");
    s->enable();
    SAME(probe_wait(&seen.acted, 1), 1, "enabled: the line that is up comes through");
    SAME(seen.filtered, 1, "the filter is called once");
    CHECK(seen.filterPrimary, "the filter runs in primary interrupt context");
    CHECK(!seen.actionPrimary, "the action does not");
    CHECK(seen.onLoop && seen.gated, "the action runs on the work loop's thread, gate closed");
    CHECK(seen.ordered, "the filter ran before the action");
    SAME(seen.last, 1, "the action's count");
    SAME(seen.status, 1, "the cause");
    seen_reset(p);
    *p->reg(kEduStatus) = kEduFactorialInterrupt;
    *p->reg(kEduFactorial) = 6;
    SAME(probe_wait(&seen.acted, 1), 1, "an interrupt of the device's own: a factorial is done");
    SAME(seen.status, kEduFactorialDone, "its cause");
    SAME(*p->reg(kEduFactorial), 720, "6!");
    *p->reg(kEduStatus) = 0;
}

static void testAnswers(Probe *p, IOFilterInterruptEventSource *s)
{
    seen_reset(p);
    seen.answer = false;
    edu_raise(p, 2);
    SAME(probe_wait(&seen.filtered, 1), 1, "a filter that says false");
    IOSleep(20);
    SAME(seen.acted, 0, "has no action");
    SAME(seen.filtered, 1, "and is not called again");
    seen_reset(p);
    seen.answer = false;
    seen.leave = 3;
    edu_raise(p, 2);
    SAME(probe_wait(&seen.filtered, 4), 4, "a cause left three times comes three times more");
    IOSleep(20);
    SAME(seen.filtered, 4, "and not more often");
    seen_reset(p);
    seen.answer = false;
    seen.signals = true;
    edu_raise(p, 2);
    SAME(probe_wait(&seen.acted, 1), 1, "signalInterrupt in a filter that says false: the action runs");
    seen_reset(p);
    seen.filterClears = false;
    seen.actionClears = true;
    edu_raise(p, 4);
    SAME(probe_wait(&seen.acted, 1), 1, "the action clears the cause");
    IOSleep(20);
    SAME(seen.filtered, 1, "the source was off until then");
    seen_reset(p);
    seen.filterClears = false;
    seen.actionClears = true;
    seen.leave = 1 + 2;
    edu_raise(p, 4);
    /* the filter leaves it, the action leaves it, the filter leaves it, the action clears it */
    SAME(probe_wait(&seen.acted, 2), 2, "an action that leaves the cause runs again");
    IOSleep(20);
    SAME(seen.filtered, 2, "after another call of the filter");
}

static void testDisable(Probe *p, IOFilterInterruptEventSource *s)
{
    seen_reset(p);
    s->disable();
    CHECK(!s->isEnabled(), "isEnabled after disable");
    edu_raise(p, 8);
    IOSleep(30);
    SAME(seen.filtered, 0, "disabled: the filter is not called");
    s->enable();
    CHECK(s->isEnabled(), "isEnabled after enable");
    SAME(probe_wait(&seen.acted, 1), 1, "enabled again: it is");
    seen_reset(p);
    seen.actionDisables = true;
    edu_raise(p, 8);
    SAME(probe_wait(&seen.acted, 1), 1, "an action that disables its source");
    edu_raise(p, 8);
    IOSleep(30);
    SAME(seen.filtered, 1, "leaves it disabled");
    seen.actionDisables = false;
    s->enable();
    SAME(probe_wait(&seen.acted, 2), 2, "until it is enabled");
    seen_reset(p);
    p->loop->disableAllInterrupts();
    edu_raise(p, 16);
    IOSleep(30);
    SAME(seen.filtered, 0, "disableAllInterrupts");
    p->loop->enableAllInterrupts();
    SAME(probe_wait(&seen.acted, 1), 1, "enableAllInterrupts");
}

/* While the gate is held no action runs; interrupts of a message source are counted, a level source gives
 * one. */
static void testGate(Probe *p)
{
    seen_reset(p);
    p->loop->runAction(
        [](OSObject *o, void *, void *, void *, void *) -> IOReturn {
            Probe *self = (Probe *)o;
            edu_raise(self, 32);
            SAME(probe_wait(&seen.filtered, 1), 1, "gate held: the filter runs");
            IOSleep(20);
            return SAME(seen.acted, 0, "the action waits") ? 0 : 1;
        },
        p);
    SAME(probe_wait(&seen.acted, 1), 1, "until the gate is open");
}

static void testPlain(Probe *p)
{
    seen_reset(p);
    IOInterruptEventSource *s = IOInterruptEventSource::interruptEventSource(p, seen_action, p->device, 0);
    if (!CHECK(s != 0, "a source without filter"))
        return;
    SAME(p->loop->addEventSource(s), kIOReturnSuccess, "is added");
    seen.actionClears = true;
    seen.leave = 2;
    s->enable();
    edu_raise(p, 1);
    SAME(probe_wait(&seen.acted, 3), 3, "a cause that two actions leave: three actions");
    SAME(seen.last, 1, "each of one interrupt");
    IOSleep(20);
    SAME(seen.acted, 3, "and no more");
    SAME(p->loop->removeEventSource(s), kIOReturnSuccess, "is removed");
    edu_raise(p, 1);
    IOSleep(20);
    SAME(seen.acted, 3, "and then silent");
    edu_clear(p);
    s->release();
}

static volatile int bare, bareRight;
static void bareHandler(OSObject *target, void *refCon, IOService *nub, int source)
{
    bareRight = target == seen.owner && refCon == &bare && nub == seen.owner->device && source == 0 &&
                ml_at_interrupt_context();
    edu_clear(seen.owner);
    bare++;
}

static void testBare(Probe *p)
{
    bare = 0;
    SAME(p->device->registerInterrupt(0, p, bareHandler, (void *)&bare), kIOReturnSuccess,
         "registerInterrupt");
    edu_raise(p, 1);
    IOSleep(20);
    SAME(bare, 0, "it starts disabled");
    SAME(p->device->enableInterrupt(0), kIOReturnSuccess, "enableInterrupt");
    SAME(probe_wait(&bare, 1), 1, "the handler is called");
    CHECK(bareRight, "with target, refCon, nub and index, in primary interrupt context");
    SAME(p->device->disableInterrupt(0), kIOReturnSuccess, "disableInterrupt");
    edu_raise(p, 1);
    IOSleep(20);
    SAME(bare, 1, "silences it");
    p->device->enableInterrupt(0);
    SAME(probe_wait(&bare, 2), 2, "enabled again");
    SAME(p->device->unregisterInterrupt(0), kIOReturnSuccess, "unregisterInterrupt");
    edu_raise(p, 1);
    IOSleep(20);
    SAME(bare, 2, "silent");
    edu_clear(p);
}

/* A source without provider: interruptOccurred() from anywhere. */
static void testSoftware(Probe *p)
{
    seen_reset(p);
    IOInterruptEventSource *s = IOInterruptEventSource::interruptEventSource(p, seen_action);
    if (!CHECK(s && !p->loop->addEventSource(s), "a source without provider"))
        return;
    p->loop->runAction(
        [](OSObject *o, void *source, void *, void *, void *) -> IOReturn {
            for (int i = 0; i < 3; i++)
                ((IOInterruptEventSource *)source)->interruptOccurred(0, 0, 0);
            return 0;
        },
        p, s);
    SAME(probe_wait(&seen.acted, 1), 1, "three interrupts while the gate is held: one action");
    SAME(seen.last, 3, "with the count 3");
    CHECK(seen.onLoop, "on the work loop's thread");
    p->loop->removeEventSource(s);
    s->release();
}

void test_intx(Probe *p)
{
    seen_reset(p);
    edu_clear(p);
    testIndexes(p);
    IOFilterInterruptEventSource *s =
        IOFilterInterruptEventSource::filterInterruptEventSource(p, seen_action, seen_filter, p->device, 0);
    if (!CHECK(s && !p->loop->addEventSource(s), "a filter source for index 0"))
        return;
    testFilter(p, s);
    testAnswers(p, s);
    testDisable(p, s);
    testGate(p);
    p->loop->removeEventSource(s);
    seen_reset(p);
    edu_raise(p, 1);
    IOSleep(20);
    SAME(seen.filtered, 0, "removed: the filter is not called");
    edu_clear(p);
    s->release();
    testPlain(p);
    testBare(p);
    testSoftware(p);
}
