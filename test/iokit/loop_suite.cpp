// SPDX-License-Identifier: BSD-3-Clause
// Work loops: order of sources, the gate, command gates, timers; interrupts by edge and level, alone and
// shared.
#include "iokit/impl.h"
#include <IOKit/IOCommandGate.h>
#include <IOKit/IOFilterInterruptEventSource.h>
#include <IOKit/IOInterruptController.h>
#include <IOKit/IOTimerEventSource.h>
#include <IOKit/IOWorkLoop.h>
#include "test/iokit/suite.h"

static char order[64];
static void note(char c)
{
    size_t n = strlen(order);
    if (n + 1 < sizeof order)
        order[n] = c;
}
static void forget(void)
{
    bzero(order, sizeof order);
}

class TestSource : public IOEventSource
{
    OSDeclareDefaultStructors(TestSource) public : char letter;
    int rounds;
    virtual bool checkForWork()
    {
        if (!rounds)
            return false;
        note(letter);
        return --rounds > 0;
    }
    void kick() { signalWorkAvailable(); }
};
OSDefineMetaClassAndStructors(TestSource, IOEventSource)

    static TestSource *make_source(OSObject *owner, char letter)
{
    TestSource *source = new TestSource;
    source->init(owner);
    source->letter = letter;
    return source;
}

/* Long enough for the loop's thread to do what it should not, and it is out of the gate. */
static void settle(IOWorkLoop *loop)
{
    IOSleep(15);
    loop->runAction([](OSObject *, void *, void *, void *, void *) -> IOReturn { return 0; }, loop);
}

static void source_order(IOWorkLoop *loop)
{
    TestSource *a = make_source(loop, 'a'), *b = make_source(loop, 'b');
    loop->addEventSource(a);
    loop->addEventSource(b);
    forget();
    loop->runAction(
        [](OSObject *, void *x, void *y, void *, void *) -> IOReturn {
            ((TestSource *)x)->rounds = 2;
            ((TestSource *)y)->rounds = 1;
            ((TestSource *)y)->kick();
            return 0;
        },
        loop, a, b);
    EVENTUALLY(strlen(order) == 3);
    settle(loop);
    host_check(!strcmp(order, "aba"), "sources come in the order they were added, again while one asks: %s",
               order);
    loop->removeEventSource(a);
    host_check(!a->getWorkLoop() && a->getRetainCount() == 1, "a removed source is let go");
    forget();
    a->rounds = b->rounds = 1;
    b->kick();
    EVENTUALLY(*order);
    settle(loop);
    host_check(!strcmp(order, "b"), "and not visited: %s", order);
    loop->removeEventSource(b);
    a->release();
    b->release();
}

/* ---- gates ---- */
struct gate_test {
    IOWorkLoop *loop;
    IOCommandGate *gate;
    volatile int entered, result;
    int event;
};

static IOReturn gated(OSObject *, void *arg, void *, void *, void *)
{
    gate_test *t = (gate_test *)arg;
    t->entered = 1;
    return t->loop->inGate() ? 42 : 0;
}

static IOReturn gated_sleep(OSObject *, void *arg, void *, void *, void *)
{
    gate_test *t = (gate_test *)arg;
    t->entered = 1;
    return t->gate->commandSleep(&t->event, THREAD_UNINT);
}

static void call_gated(void *arg, wait_result_t)
{
    gate_test *t = (gate_test *)arg;
    t->result = t->gate->runAction(gated, t);
}

static void call_sleep(void *arg, wait_result_t)
{
    gate_test *t = (gate_test *)arg;
    t->result = t->gate->runAction(gated_sleep, t);
}

static void start(void (*fn)(void *, wait_result_t), gate_test *t)
{
    thread_t thread;
    t->entered = 0;
    t->result = -1;
    kernel_thread_start(fn, t, &thread);
    thread_deallocate(thread);
    IOSleep(10);
}

static IOReturn hold_gate(OSObject *, void *arg, void *, void *, void *)
{
    gate_test *t = (gate_test *)arg;
    start(call_gated, t);
    host_check(!t->entered, "one thread at a time is in the gate");
    host_check(t->gate->runAction(gated, t) == 42, "the gate is recursive");
    t->entered = 0;
    return kIOReturnSuccess;
}

static void gates(IOWorkLoop *loop)
{
    gate_test t = {loop, IOCommandGate::commandGate(loop), 0, 0, 0};
    loop->addEventSource(t.gate);
    loop->runAction(hold_gate, loop, &t);
    EVENTUALLY(t.entered && t.result == 42);
    host_check(t.entered && t.result == 42, "the next one enters when it opens");
    start(call_sleep, &t);
    int inside = 0;
    EVENTUALLY(t.entered && (inside = t.gate->attemptAction(gated, &t)) == 42);
    host_check(inside == 42 && t.result == -1, "sleeping leaves the gate open");
    t.gate->commandWakeup(&t.event);
    EVENTUALLY(t.result == THREAD_AWAKENED);
    host_check(t.result == THREAD_AWAKENED, "and ends with a wakeup");
    loop->runAction([](OSObject *, void *g, void *, void *,
                       void *) -> IOReturn { return ((IOCommandGate *)g)->disable(), 0; },
                    loop, t.gate);
    start(call_gated, &t);
    host_check(!t.entered && t.gate->attemptAction(gated, &t) == kIOReturnNotPermitted,
               "a disabled gate lets nobody in");
    t.gate->enable();
    EVENTUALLY(t.result == 42);
    host_check(t.result == 42, "until it is enabled");
    loop->runAction([](OSObject *, void *g, void *, void *,
                       void *) -> IOReturn { return ((IOCommandGate *)g)->disable(), 0; },
                    loop, t.gate);
    start(call_gated, &t);
    EVENTUALLY(t.gate->reserved); /* it sleeps there */
    loop->removeEventSource(t.gate);
    EVENTUALLY(t.result != -1);
    host_check(t.result == (int)kIOReturnAborted, "who waits at a gate that goes is sent off");
    t.gate->release();
}

/* ---- timers ---- */
static volatile int fired, fired_in_gate;
static IOWorkLoop *timer_loop;

static void fire(OSObject *, IOTimerEventSource *)
{
    fired++;
    fired_in_gate += timer_loop->inGate();
}

/* Does what() before its timer's 200 ms are over, which a thread that is held up for longer tries again. */
static void in_time(IOTimerEventSource *timer, void (*what)(IOTimerEventSource *))
{
    enum { kTries = 20, kShort = 200 };
    for (int tries = 0; tries < kTries; tries++) {
        uint64_t begin = mach_absolute_time();
        int before = fired;
        timer->setTimeoutMS(kShort);
        what(timer);
        if (mach_absolute_time() - begin < kShort * 1000000ull)
            return;
        timer->enable();
        timer->cancelTimeout();
        IOSleep(kShort);
        timer_loop->runAction([](OSObject *, void *, void *, void *, void *) -> IOReturn { return 0; }, timer_loop);
        fired = before;
    }
}

static void timers(IOWorkLoop *loop)
{
    IOTimerEventSource *timer = IOTimerEventSource::timerEventSource(loop, fire);
    timer_loop = loop;
    fired = fired_in_gate = 0;
    timer->setTimeoutMS(1);
    IOSleep(10);
    host_check(!fired, "without a loop a timer does not fire");
    loop->addEventSource(timer);
    EVENTUALLY(fired_in_gate);
    host_check(fired == 1 && fired_in_gate == 1, "with one it does, in the gate");
    in_time(timer, [](IOTimerEventSource *t) { t->setTimeoutMS(2); });
    EVENTUALLY(fired == 2);
    IOSleep(250);
    host_check(fired == 2, "a new timeout replaces the old one (%d)", fired);
    in_time(timer, [](IOTimerEventSource *t) { t->cancelTimeout(); });
    IOSleep(250);
    host_check(fired == 2, "a cancelled one does not fire");
    loop->runAction(
        [](OSObject *, void *t, void *, void *, void *) -> IOReturn {
            ((IOTimerEventSource *)t)->setTimeoutMS(1);
            IOSleep(20); /* it is due and waits for the gate */
            ((IOTimerEventSource *)t)->cancelTimeout();
            return 0;
        },
        loop, timer);
    IOSleep(20);
    host_check(fired == 2, "nor one that was cancelled while it waited for the gate");
    EVENTUALLY(timer->getRetainCount() == 2);
    host_check(timer->getRetainCount() == 2, "nothing holds it but the loop (%d)", timer->getRetainCount());
    in_time(timer, [](IOTimerEventSource *t) { t->disable(); });
    IOSleep(250);
    host_check(fired == 2, "a disabled one does not fire");
    timer->enable();
    EVENTUALLY(fired == 3);
    host_check(fired == 3, "but when it is enabled again");
    loop->removeEventSource(timer);
    timer->release();
}

void suite_loops(void)
{
    int before = host_objects();
    IOWorkLoop *loop = IOWorkLoop::workLoop();
    host_check(!loop->onThread() && !loop->inGate(), "a loop has a thread of its own");
    source_order(loop);
    gates(loop);
    timers(loop);
    loop->release();
    EVENTUALLY(host_objects() == before);
    host_check(host_objects() == before, "no object is left (%d, %d before)", host_objects(), before);
}

/* ---- interrupts ---- */
enum { kVectors = 4, kLevelVector = 1 };

/* A controller whose lines the test drives: edge, but for kLevelVector, which stays asserted. */
class TestController : public IOInterruptController
{
    OSDeclareDefaultStructors(TestController) public : bool enabled[kVectors], asserted[kVectors];
    virtual bool vectorCanBeShared(IOInterruptVectorNumber, IOInterruptVector *) { return true; }
    virtual int getVectorType(IOInterruptVectorNumber vector, IOInterruptVector *)
    {
        return vector == kLevelVector ? kIOInterruptTypeLevel : kIOInterruptTypeEdge;
    }
    virtual void enableVector(IOInterruptVectorNumber vector, IOInterruptVector *) { enabled[vector] = true; }
    virtual void disableVectorHard(IOInterruptVectorNumber vector, IOInterruptVector *)
    {
        enabled[vector] = false;
    }
    /* How often the line interrupts until it is quiet or masked. */
    int pump(int vector)
    {
        int count = 0;
        for (; enabled[vector] && asserted[vector] && count < 20; count++) {
            if (vector != kLevelVector)
                asserted[vector] = false;
            iokit_dispatch_interrupt(this, vector);
        }
        return count;
    }
};
OSDefineMetaClassAndStructors(TestController, IOInterruptController)

    static TestController *controller;
static int pumped;

static void pump_now(void *vector)
{
    pumped = controller->pump((int)(uintptr_t)vector);
}

static int pump(int vector)
{
    controller->asserted[vector] = true;
    host_interrupt(pump_now, (void *)(uintptr_t)vector);
    return pumped;
}

static IOService *make_nub(int vector, int count)
{
    IOService *nub = new IOService;
    const OSSymbol *name = OSSymbol::withCString("test-pic");
    OSArray *names = OSArray::withCapacity(count), *vectors = OSArray::withCapacity(count);
    for (IOInterruptVectorNumber i = vector; i < vector + count; i++) {
        OSData *data = OSData::withBytes(&i, sizeof i);
        names->setObject(name);
        vectors->setObject(data);
        data->release();
    }
    nub->init((OSDictionary *)0);
    nub->setProperty(gIOInterruptControllersKey, names);
    nub->setProperty(gIOInterruptSpecifiersKey, vectors);
    names->release();
    vectors->release();
    name->release();
    return nub;
}

static volatile int filtered, acted, counted;
static bool filter_says;

static bool filter(OSObject *, IOFilterInterruptEventSource *)
{
    filtered++;
    return filter_says;
}

static void act(OSObject *, IOInterruptEventSource *, int count)
{
    acted++;
    counted += count;
    controller->asserted[kLevelVector] = false; /* the action serves the device */
}

static void reset(void)
{
    filtered = acted = counted = 0;
}

static void edge(IOWorkLoop *loop)
{
    IOService *nub = make_nub(0, 1);
    IOFilterInterruptEventSource *source =
        IOFilterInterruptEventSource::filterInterruptEventSource(loop, act, filter, nub);
    host_check(source && !source->getAutoDisable(), "an edge source does not disable itself");
    loop->addEventSource(source);
    host_check(pump(0) == 0, "it starts disabled");
    source->enable();
    controller->asserted[0] = false;
    reset();
    filter_says = false;
    pump(0);
    settle(loop);
    host_check(filtered == 1 && !acted, "a filter that says no keeps the loop asleep");
    filter_says = true;
    loop->runAction(
        [](OSObject *, void *, void *, void *, void *) -> IOReturn {
            pump(0);
            pump(0);
            return 0;
        },
        loop);
    EVENTUALLY(counted == 2);
    settle(loop);
    host_check(filtered == 3 && acted == 1 && counted == 2, "two interrupts, one action that counts two (%d)",
               counted);
    source->disable();
    host_check(pump(0) == 1 && filtered == 3 && !controller->enabled[0],
               "disabled: masked when it comes, not served");
    source->enable();
    host_check(controller->enabled[0], "and unmasked again");
    loop->removeEventSource(source);
    host_check(!controller->enabled[0], "a source that leaves is masked");
    source->release();
    nub->release();
}

static void level(IOWorkLoop *loop)
{
    IOService *nub = make_nub(kLevelVector, 1);
    IOFilterInterruptEventSource *source =
        IOFilterInterruptEventSource::filterInterruptEventSource(loop, act, filter, nub);
    host_check(source && source->getAutoDisable(), "a level source disables itself");
    loop->addEventSource(source);
    source->enable();
    reset();
    filter_says = true;
    int masked = loop->runAction(
        [](OSObject *, void *, void *, void *, void *) -> IOReturn {
            return pump(kLevelVector) == 1 && !controller->enabled[kLevelVector];
        },
        loop);
    host_check(masked, "its line is masked until the loop has served it");
    EVENTUALLY(acted && controller->enabled[kLevelVector]);
    host_check(acted == 1 && controller->enabled[kLevelVector], "and then open again");
    filter_says = false;
    controller->asserted[kLevelVector] = false;
    reset();
    host_check(pump(kLevelVector) == 20 && !acted, "a filter that says no leaves the line open");
    loop->removeEventSource(source);
    source->release();
    nub->release();
}

static volatile int first_calls, second_calls;
static void first_handler(OSObject *, void *, IOService *, int)
{
    first_calls++;
}
static void second_handler(OSObject *, void *, IOService *, int)
{
    second_calls++;
}

static void shared(void)
{
    IOService *a = make_nub(2, 1), *b = make_nub(2, 1);
    a->registerInterrupt(0, a, first_handler);
    a->enableInterrupt(0);
    host_check(b->registerInterrupt(0, b, second_handler) == kIOReturnSuccess,
               "a second client shares the line");
    host_check(pump(2) == 1 && !controller->enabled[2], "which goes off when one of them is not enabled");
    b->enableInterrupt(0);
    host_check(controller->enabled[2], "and is open when both are");
    first_calls = second_calls = 0;
    pump(2);
    host_check(first_calls == 1 && second_calls == 1, "an interrupt reaches both");
    b->disableInterrupt(0);
    pump(2);
    host_check(first_calls == 2 && second_calls == 1 && !controller->enabled[2],
               "one disabled holds the line off");
    b->unregisterInterrupt(0);
    host_check(controller->enabled[2], "gone, it does so no longer");
    a->unregisterInterrupt(0);
    host_check(!controller->enabled[2] && !controller->vectors[2].sharedController,
               "without clients the line is off");
    host_check(a->registerInterrupt(0, a, first_handler) == kIOReturnSuccess && a->enableInterrupt(0) == 0 &&
                   controller->enabled[2],
               "and can be had again");
    a->unregisterInterrupt(0);
    a->release();
    b->release();
}

void suite_interrupts(void)
{
    const OSSymbol *name = OSSymbol::withCString("test-pic");
    controller = new TestController;
    controller->init((OSDictionary *)0);
    iokit_make_vectors(controller, kVectors);
    IOService::getPlatform()->registerInterruptController((OSSymbol *)name, controller);
    int before = host_objects();
    IOWorkLoop *loop = IOWorkLoop::workLoop();
    edge(loop);
    level(loop);
    loop->release();
    EVENTUALLY(host_objects() == before);
    host_check(host_objects() == before, "no object is left (%d, %d before)", host_objects(), before);
    shared();
    host_check(host_objects() == before, "nor of sharing (%d, %d before)", host_objects(), before);
    IOService::getResourceService()->removeProperty(name);
    iokit_free_vectors(controller, kVectors);
    controller->release();
    name->release();
}
