// SPDX-License-Identifier: BSD-3-Clause
/*
 * Messaged interrupts of edu, which has plain MSI: every system from 10.6 on gives one message, as the index
 * after INTx (IOPCIFamily-144 to 306.50.1, IOPCIBridge.cpp getNubResources; MSI before MSI-X from 239.1.2
 * on). IOPCIMessagedInterruptController.cpp: registerInterrupt switches the device over, disableInterrupt has
 * no effect on a vector that was enabled once, enableVector replays what came before that.
 */
#include "irq.h"

static UInt16 command(Probe *p)
{
    return p->device->configRead16(kIOPCIConfigCommand);
}

static void testSwitch(Probe *p, UInt8 at)
{
    CHECK(p->device->configRead16(at + 2) & 1, "registered: MSI is on");
    CHECK(command(p) & kIOPCICommandInterruptDisable, "INTx is off");
    CHECK(command(p) & kIOPCICommandBusMaster, "bus master is on");
    CHECK(p->device->getProperty("IOPCIMSIMode") == kOSBooleanTrue, "IOPCIMSIMode");
}

static IOFilterInterruptEventSource *attach(Probe *p)
{
    IOFilterInterruptEventSource *s =
        IOFilterInterruptEventSource::filterInterruptEventSource(p, seen_action, seen_filter, p->device, 1);
    return s && !p->loop->addEventSource(s) ? s : 0;
}

/*
 * A message comes before the source is enabled. Nothing tells when it has arrived: should it come later than that,
 * there are more chances, each with a source that was never enabled.
 */
static IOFilterInterruptEventSource *testReplay(Probe *p, IOFilterInterruptEventSource *s)
{
    int early, replayed;
    for (int tries = 0;; tries++) {
        seen_reset(p);
        seen.filterClears = false;
        edu_raise(p, 1);
        IOSleep(200 << tries);
        early = seen.filtered;
        s->enable();
        replayed = seen.filtered;
        if (early || replayed || tries == 4)
            break;
        probe_wait(&seen.acted, 1);
        p->loop->removeEventSource(s);
        s->release();
        s = attach(p);
    }
    SAME(early, 0, "not enabled: no call");
    SAME(replayed, 1, "enable replays it, before it returns");
    CHECK(!seen.filterPrimary, "on the caller's thread");
    SAME(probe_wait(&seen.acted, 1), 1, "and its action follows");
    return s;
}

static void testDelivery(Probe *p, IOFilterInterruptEventSource *s)
{
    edu_raise(p, 1);
    SAME(probe_wait(&seen.filtered, 2), 2, "a message");
    CHECK(seen.filterPrimary, "its filter runs in primary interrupt context");
    IOSleep(20);
    SAME(seen.filtered, 2, "comes once, though its cause is still there");
    probe_wait(&seen.acted, 2);
    edu_raise(p, 1);
    SAME(probe_wait(&seen.filtered, 3), 3, "a second message");
    SAME(probe_wait(&seen.acted, 3), 3, "has its action");
    s->disable();
    edu_raise(p, 1);
    SAME(probe_wait(&seen.filtered, 4), 4, "disable does not hold a message back");
    s->enable();
    probe_wait(&seen.acted, 4);
    edu_clear(p);
}

static void testCount(Probe *p)
{
    seen_reset(p);
    p->loop->runAction(
        [](OSObject *o, void *, void *, void *, void *) -> IOReturn {
            for (int i = 1; i <= 3; i++) {
                edu_raise((Probe *)o, 1);
                probe_wait(&seen.filtered, i);
            }
            return 0;
        },
        p);
    SAME(probe_wait(&seen.acted, 1), 1, "three messages while the gate is held: one action");
    SAME(seen.last, 3, "with the count 3");
}

void test_msi(Probe *p)
{
    int type = -1;
    UInt8 at = 0;
    SAME(p->device->getInterruptType(0, &type), kIOReturnSuccess, "index 0");
    SAME(type, kIOInterruptTypeLevel, "is INTx");
    SAME(p->device->getInterruptType(1, &type), kIOReturnSuccess, "index 1");
    SAME(type, kIOInterruptTypeEdge | kIOInterruptTypePCIMessaged, "is a message");
    SAME(p->device->getInterruptType(2, &type), kIOReturnNoInterrupt, "index 2: there is none");
    p->device->findPCICapability(kIOPCIMSICapability, &at);
    CHECK(!(p->device->configRead16(at + 2) & 1), "MSI is off at first");
    seen_reset(p);
    edu_clear(p);
    IOFilterInterruptEventSource *s = attach(p);
    if (!CHECK(s != 0, "a filter source for index 1"))
        return;
    CHECK(!s->getAutoDisable(), "an edge source does not disable itself");
    testSwitch(p, at);
    s = testReplay(p, s);
    testDelivery(p, s);
    testCount(p);
    p->loop->removeEventSource(s);
    s->release();
    CHECK(!(p->device->configRead16(at + 2) & 1), "unregistered: MSI is off");
    CHECK(!(command(p) & kIOPCICommandInterruptDisable), "INTx is on");
    CHECK(!p->device->getProperty("IOPCIMSIMode"), "IOPCIMSIMode is gone");
}
