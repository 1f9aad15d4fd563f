// SPDX-License-Identifier: BSD-3-Clause
/*
 * Two functions on one INTx line: every handler is asked, and while one of them is off the line is masked
 * after the next interrupt (xnu iokit/Kernel/IOInterruptController.cpp,
 * IOSharedInterruptController::handleInterrupt).
 */
#include "irq.h"

struct Side {
    Probe *probe;
    IOFilterInterruptEventSource *source;
    volatile int asked, mine, acted;
};
static Side sides[2];
static SInt32 arrived;
static volatile int prepared;

static bool filter(OSObject *owner, IOFilterInterruptEventSource *)
{
    Side *s = &sides[sides[1].probe == owner];
    s->asked++;
    if (!*s->probe->reg(kEduInterruptStatus))
        return false;
    edu_clear(s->probe);
    s->mine++;
    return true;
}

static void action(OSObject *owner, IOInterruptEventSource *, int)
{
    sides[sides[1].probe == owner].acted++;
}

static bool prepare(Side *s, Probe *p)
{
    s->probe = p;
    s->source = IOFilterInterruptEventSource::filterInterruptEventSource(p, action, filter, p->device, 0);
    if (!s->source || p->loop->addEventSource(s->source))
        return false;
    s->source->enable();
    return true;
}

/* With the gate once taken, the action that is counted has ended and its source is on again. */
static void settle(Side *s)
{
    s->probe->loop->runAction([](OSObject *, void *, void *, void *, void *) -> IOReturn { return 0; },
                              s->probe);
}

/*
 * a goes off and b raises. The controller looks for clients that are off after it has called them all, when their
 * actions may have run already: a disabled right then masks the line before b's interrupt. So the line is left alone
 * for a while first, and a thread that is held up for longer than that has more chances.
 */
static bool nextComes(Side *a, Side *b)
{
    for (int tries = 0; tries < 5; tries++) {
        settle(a);
        settle(b);
        IOSleep(20);
        a->source->disable();
        int before = b->mine;
        edu_raise(b->probe, 1);
        if (probe_within(&b->mine, before + 1, 2000) == before + 1)
            return true;
        a->source->enable();
        probe_wait(&b->mine, before + 1);
    }
    return false;
}

/* a is off: b's next interrupt is delivered and masks the line; then nothing until a is on. */
static void testMasked(Side *a, Side *b)
{
    CHECK(nextComes(a, b), "one is off: the other still has its next interrupt");
    int before = b->mine, askedA = a->asked;
    edu_raise(b->probe, 1);
    IOSleep(30);
    SAME(b->mine, before, "and then none: the line is masked");
    SAME(a->asked, askedA, "the one that is off is not asked");
    a->source->enable();
    SAME(probe_wait(&b->mine, before + 1), before + 1, "until both are on");
}

/* The second instance, when both are there, does it for both. */
void test_shared(Probe *p)
{
    SInt32 n = OSIncrementAtomic(&arrived);
    Side *a = &sides[0], *b = &sides[1];
    if (n > 1 || !CHECK(prepare(&sides[n], p), n ? "the second device" : "the first device"))
        return;
    if (!n) {
        prepared = 1;
        return;
    }
    probe_wait(&prepared, 1);
    if (!CHECK(a->probe->device->configRead8(kIOPCIConfigInterruptLine) ==
                   b->probe->device->configRead8(kIOPCIConfigInterruptLine),
               "both on one line"))
        return;
    edu_raise(a->probe, 1);
    SAME(probe_wait(&a->acted, 1), 1, "the first raises: its action runs");
    probe_wait(&b->asked, 1);
    IOSleep(20);
    SAME(a->mine, 1, "its filter found the cause once");
    CHECK(b->asked >= 1 && !b->mine && !b->acted, "the other was asked and said no");
    edu_raise(b->probe, 1);
    SAME(probe_wait(&b->acted, 1), 1, "the second raises: its action runs");
    SAME(a->acted, 1, "the first one's does not");
    edu_raise(a->probe, 1);
    edu_raise(b->probe, 1);
    SAME(probe_wait(&a->acted, 2), 2, "both raise: the first");
    SAME(probe_wait(&b->acted, 2), 2, "and the second");
    testMasked(a, b);
    testMasked(b, a);
    for (int i = 0; i < 2; i++) {
        sides[i].probe->loop->removeEventSource(sides[i].source);
        sides[i].source->release();
        if (!i) {
            int mine = b->mine;
            edu_raise(b->probe, 1);
            SAME(probe_wait(&b->mine, mine + 1), mine + 1, "one unregistered: the other goes on");
        }
    }
}
