// SPDX-License-Identifier: BSD-3-Clause
/*
 * The order in which a work loop asks its event sources, and what adding and removing them does: xnu
 * iokit/Kernel/IOWorkLoop.cpp runEventSources, _maintRequest, free.
 */
#include "probe.h"
#include <IOKit/IOEventSource.h>

#define Source org_virtio_osx_test_Source
class Source : public IOEventSource
{
    OSDeclareDefaultStructors(org_virtio_osx_test_Source) protected : virtual bool checkForWork() override;

  public:
    int number, more; /* says so often that there is more */
    volatile int asked;
    Source *removes; /* during its next check */
    static Source *make(Probe *p, int number);
    void kick() { signalWorkAvailable(); }
};
OSDefineMetaClassAndStructors(org_virtio_osx_test_Source, IOEventSource)

    static char trail[64];
static volatile int steps, misplaced;
static Probe *subject;

Source *Source::make(Probe *p, int number)
{
    Source *s = new Source;
    if (s && !s->init(p)) {
        s->release();
        return 0;
    }
    s->number = number;
    return s;
}

bool Source::checkForWork()
{
    asked++;
    if (!subject->loop->onThread() || !subject->loop->inGate())
        misplaced++;
    if (enabled && steps < (int)sizeof trail - 1)
        trail[steps++] = (char)('0' + number);
    if (removes) {
        Source *other = removes;
        removes = 0;
        workLoop->removeEventSource(other);
    }
    return more-- > 0;
}

static IOReturn kickOne(OSObject *, void *source, void *before, void *, void *)
{
    *(int *)before = ((Source *)source)->asked;
    ((Source *)source)->kick();
    return 0;
}

/* What was signalled before has been asked for when a round that was signalled between two rounds is over. */
static void settle(Source *any)
{
    int before;
    subject->loop->runAction(kickOne, subject, any, &before);
    probe_wait(&any->asked, before + 1);
    subject->loop->runAction([](OSObject *, void *, void *, void *, void *) -> IOReturn { return 0; }, subject);
    bzero(trail, sizeof trail);
    steps = 0;
}

static bool trailIs(const char *wanted)
{
    for (int i = 0; i < 30000 && strncmp(trail, wanted, sizeof trail); i++)
        IOSleep(1);
    IOSleep(10);
    if (strncmp(trail, wanted, sizeof trail))
        probe_note("asked: %s", trail);
    return !strncmp(trail, wanted, sizeof trail);
}

static void testOrder(Probe *p, Source **s)
{
    for (int i = 0; i < 3; i++)
        SAME(p->loop->addEventSource(s[i]), kIOReturnSuccess, "added");
    settle(s[0]);
    s[2]->kick();
    CHECK(trailIs("123"), "all are asked, in the order of adding, whoever signals");
    settle(s[0]);
    s[1]->more = 1;
    s[0]->kick();
    CHECK(trailIs("123123"), "one that says it has more: all are asked again");
    settle(s[0]);
    s[1]->disable();
    CHECK(!s[1]->isEnabled(), "disable");
    s[0]->kick();
    CHECK(trailIs("13"), "a disabled one is asked, and sees that it is");
    s[1]->enable();
    settle(s[0]);
    s[0]->removes = s[1];
    s[0]->kick();
    CHECK(trailIs("113"), "one removed during a round: the round begins anew without it");
    CHECK(!s[1]->getWorkLoop() && !s[1]->isEnabled(), "it has no work loop and is disabled");
    SAME(p->loop->addEventSource(s[1]), kIOReturnSuccess, "added again");
    s[1]->enable();
    settle(s[0]);
    s[0]->kick();
    CHECK(trailIs("132"), "it comes last");
    SAME(p->loop->addEventSource(s[1]), kIOReturnSuccess, "adding it twice is accepted");
    SAME(s[1]->getRetainCount(), 2, "and nothing: one reference is the loop's");
}

static void testGate(Probe *p, Source **s)
{
    settle(s[0]);
    p->loop->runAction(
        [](OSObject *, void *source, void *, void *, void *) -> IOReturn {
            ((Source *)source)->kick();
            ((Source *)source)->kick();
            IOSleep(20);
            return SAME(steps, 0, "gate held: nobody is asked") ? 0 : 1;
        },
        p, s[0]);
    CHECK(trailIs("132"), "then once, however often it was signalled");
}

static void testFree()
{
    IOWorkLoop *loop = IOWorkLoop::workLoop();
    Source *s = Source::make(subject, 9);
    if (!CHECK(loop && s && !loop->addEventSource(s), "a second work loop"))
        return;
    IOSleep(10);
    loop->release();
    for (int i = 0; i < 30000 && s->getRetainCount() > 1; i++)
        IOSleep(1);
    SAME(s->getRetainCount(), 1, "a work loop that goes releases its sources");
    CHECK(!s->getWorkLoop(), "they have no work loop then");
    s->release();
}

void test_sources(Probe *p)
{
    Source *s[3];
    subject = p;
    for (int i = 0; i < 3; i++)
        if (!CHECK((s[i] = Source::make(p, i + 1)) != 0, "an event source of our own"))
            return;
    testOrder(p, s);
    testGate(p, s);
    for (int i = 0; i < 3; i++) {
        SAME(p->loop->removeEventSource(s[i]), kIOReturnSuccess, "removed");
        s[i]->release();
    }
    SAME(misplaced, 0, "always on the work loop's thread with the gate held");
    testFree();
}
