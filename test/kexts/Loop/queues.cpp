// SPDX-License-Identifier: BSD-3-Clause
/*
 * Output queues with a target of our own: order, stall, retry, drop, service, stop, flush.
 * IONetworkingFamily-100 IOOutputQueue.cpp: IOBasicOutputQueue::enqueue, dequeue, output, service, stop,
 * flush; IOGatedOutputQueue:: gatedOutput; IOPacketQueue.cpp.
 */
#include "loop.h"
#include <IOKit/network/IOPacketQueue.h>
#include <libkern/libkern.h>
#include <string.h>

#define Target org_virtio_osx_test_Target
class Target : public OSObject
{
    OSDeclareDefaultStructors(org_virtio_osx_test_Target) public : Loop *loop;
    char order[64];
    volatile int seen;
    int stallAt, ungated;
    UInt32 refusal;             /* what it says to packet number stallAt */
    IOBasicOutputQueue *serves; /* calls service() before it says so */
    UInt32 output(mbuf_t m, void *param);
    using OSObject::init;
};
OSDefineMetaClassAndStructors(org_virtio_osx_test_Target, OSObject)

    UInt32 Target::output(mbuf_t m, void *param)
{
    int n = *(UInt8 *)mbuf_data(m);
    ungated += !loop->loop->inGate();
    if (n == stallAt) {
        UInt32 what = refusal;
        stallAt = -1;
        if (serves)
            serves->service();
        if ((what & kIOOutputStatusMask) != kIOOutputStatusRetry) {
            order[seen++] = (char)('a' + n);
            loop->freePacket(m);
        }
        return what;
    }
    order[seen++] = (char)('a' + n);
    loop->freePacket(m);
    return kIOReturnOutputSuccess;
}

static mbuf_t packet(Loop *l, int n)
{
    mbuf_t m = l->allocatePacket(60);
    *(UInt8 *)mbuf_data(m) = (UInt8)n;
    return m;
}

static void reset(Target *t)
{
    bzero(t->order, sizeof t->order);
    t->seen = t->ungated = 0;
    t->stallAt = -1;
    t->serves = 0;
}

static bool order(Target *t, const char *wanted)
{
    if (strcmp(t->order, wanted))
        probe_note("order %s, not %s", t->order, wanted);
    return !strcmp(t->order, wanted);
}

static void fill(Loop *l, IOBasicOutputQueue *q, int from, int to)
{
    for (int i = from; i < to; i++)
        q->enqueue(packet(l, i), 0);
}

static void testStall(Loop *l, IOBasicOutputQueue *q, Target *t)
{
    reset(t);
    fill(l, q, 0, 3);
    CHECK(order(t, "abc"), "running: packets pass at once");
    t->stallAt = 1;
    t->refusal = kIOReturnOutputStall;
    reset(t);
    t->stallAt = 1;
    fill(l, q, 0, 4);
    CHECK(order(t, "a"), "a stall stops the queue");
    SAME(q->getSize(), 3, "what waits: the stalled packet and those after it");
    SAME(q->getStallCount(), 1, "getStallCount");
    SAME(q->getRetryCount(), 1, "getRetryCount");
    CHECK(q->service(), "service: it did something");
    CHECK(order(t, "abcd"), "the stalled packet is tried again, first");
    CHECK(!q->service(), "service of a queue that is not stalled: nothing to do");
    reset(t);
    t->stallAt = 0;
    t->serves = q;
    fill(l, q, 0, 2);
    CHECK(order(t, "ab"), "service() during the call that then stalls: no stall");
    SAME(q->getSize(), 0, "nothing waits");
    reset(t);
    t->stallAt = 1;
    fill(l, q, 0, 3);
    CHECK(q->service(IOBasicOutputQueue::kServiceAsync), "service, asynchronously");
    for (int i = 0; i < 30000 && strcmp(t->order, "abc"); i++)
        IOSleep(1);
    CHECK(order(t, "abc"), "by another thread");
    q->stop(); /* waits for that thread to be out of the queue */
    q->start();
}

static void testAnswers(Loop *l, IOBasicOutputQueue *q, Target *t)
{
    UInt32 output = q->getOutputCount(), retry = q->getRetryCount();
    reset(t);
    t->stallAt = 1;
    t->refusal = kIOReturnOutputDropped;
    fill(l, q, 0, 3);
    CHECK(order(t, "abc"), "a packet that the driver drops");
    SAME(q->getOutputCount(), output + 3, "counts as output");
    reset(t);
    t->stallAt = 1;
    t->refusal = kIOOutputStatusRetry;
    fill(l, q, 0, 3);
    CHECK(order(t, "abc"), "retry without a stall: tried again at once");
    SAME(q->getRetryCount(), retry + 1, "a retry");
    reset(t);
    t->stallAt = 1;
    t->refusal = kIOOutputStatusAccepted | kIOOutputCommandStall;
    fill(l, q, 0, 3);
    CHECK(order(t, "ab"), "accepted, and a stall: the next one waits");
    q->service();
    CHECK(order(t, "abc"), "for service");
}

static void testStop(Loop *l, IOBasicOutputQueue *q, Target *t)
{
    reset(t);
    CHECK(q->stop(), "stop: it was running");
    CHECK(!q->stop(), "and is not");
    UInt32 drops = q->getDropCount();
    fill(l, q, 0, 10);
    CHECK(order(t, ""), "stopped: nothing passes");
    SAME(q->getSize(), 8, "the capacity waits");
    SAME(q->getDropCount(), drops + 2, "the rest is dropped");
    CHECK(q->start(), "start");
    CHECK(order(t, "abcdefgh"), "what waited passes");
    q->stop();
    fill(l, q, 0, 3);
    SAME(q->flush(), 3, "flush");
    SAME(q->getDropCount(), drops + 5, "counts as dropped");
    CHECK(q->setCapacity(2) && q->getCapacity() == 2, "setCapacity");
    fill(l, q, 0, 5);
    SAME(q->getSize(), 2, "is in force");
    q->setCapacity(8);
    q->flush();
    q->start();
    IONetworkData *data = q->getStatisticsData();
    const IOOutputQueueStats *s = data ? (const IOOutputQueueStats *)data->getBuffer() : 0;
    CHECK(s && s->outputCount == q->getOutputCount() && s->dropCount == q->getDropCount(),
          "getStatisticsData");
}

static void testQueue(Loop *l, IOBasicOutputQueue *q, Target *t)
{
    SAME(q->getCapacity(), 8, "capacity");
    reset(t);
    fill(l, q, 0, 2);
    CHECK(order(t, ""), "a queue starts stopped");
    q->start();
    CHECK(order(t, "ab"), "and passes on what waited");
    testStall(l, q, t);
    testAnswers(l, q, t);
    testStop(l, q, t);
}

static void testPacketQueue(Loop *l)
{
    IOPacketQueue *q = IOPacketQueue::withCapacity(3);
    mbuf_t m[4];
    for (int i = 0; i < 4; i++)
        m[i] = packet(l, i);
    CHECK(q->enqueue(m[0]) && q->enqueue(m[1]) && q->enqueue(m[2]), "IOPacketQueue");
    CHECK(!q->enqueue(m[3]), "is full");
    CHECK(q->getSize() == 3 && q->peek() == m[0], "size and head");
    CHECK(q->dequeue() == m[0] && q->getSize() == 2, "first in, first out");
    q->prepend(m[0]);
    CHECK(q->dequeue() == m[0] && q->dequeue() == m[1], "prepend");
    CHECK(q->lockEnqueue(m[3]) && q->lockDequeue() == m[2], "with its lock");
    SAME(q->flush(), 1, "flush");
    l->freePacket(m[0]);
    l->freePacket(m[1]);
    l->freePacket(m[2]);
    q->release();
}

void test_queues(Loop *l)
{
    enum { kCapacity = 8 };
    Target *t = new Target;
    if (!CHECK(t && t->init(), "a target"))
        return;
    t->loop = l;
    IOBasicOutputQueue *q = IOBasicOutputQueue::withTarget(t, (IOOutputAction)&Target::output, kCapacity);
    if (CHECK(q != 0, "IOBasicOutputQueue"))
        testQueue(l, q, t);
    CHECK(t->ungated > 0, "its target is called without the gate");
    OSSafeRelease(q);
    IOGatedOutputQueue *g =
        IOGatedOutputQueue::withTarget(t, (IOOutputAction)&Target::output, l->loop, kCapacity);
    if (CHECK(g != 0, "IOGatedOutputQueue"))
        testQueue(l, g, t);
    reset(t);
    fill(l, g, 0, 2);
    CHECK(t->seen == 2 && !t->ungated, "its target is called with the gate held");
    OSSafeRelease(g);
    t->release();
    testPacketQueue(l);
}
