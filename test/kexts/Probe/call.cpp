// SPDX-License-Identifier: BSD-3-Clause
/*
 * thread_call: xnu osfmk/kern/thread_call.c. Entering says whether the call was on a queue already,
 * cancelling whether it was taken off one; a call that runs is on none.
 */
#include "probe.h"
#include <kern/thread_call.h>

enum { kNever = 600000 }; /* milliseconds: while the test runs */

struct Called {
    volatile int begun, ended, hold;
    volatile thread_call_param_t first, second;
    volatile uint64_t when;
};
static Called called;

static void function(thread_call_param_t first, thread_call_param_t second)
{
    called.when = mach_absolute_time();
    called.first = first;
    called.second = second;
    called.begun++;
    for (int i = 0; called.hold && i < 60000; i++)
        IOSleep(1);
    called.ended++;
}

static uint64_t deadline(unsigned ms)
{
    uint64_t when;
    clock_interval_to_deadline(ms, kMillisecondScale, &when);
    return when;
}

/* Is a try void that was to end before this? The thread was held up, and the call ran. There are twenty tries. */
static bool isVoid(uint64_t before, int *tries, thread_call_t c)
{
    if (mach_absolute_time() < before || ++*tries == 20)
        return false;
    if (!thread_call_cancel(c))
        probe_wait(&called.ended, 1);
    IOSleep(20);
    return true;
}

static void testEnter(thread_call_t c)
{
    bzero((void *)&called, sizeof called);
    CHECK(!thread_call_enter(c), "entered: it was on no queue");
    SAME(probe_wait(&called.ended, 1), 1, "runs");
    CHECK(called.first == &called && !called.second, "with its first parameter");
    CHECK(!thread_call_enter1(c, (void *)&called.hold), "entered with a second parameter");
    SAME(probe_wait(&called.ended, 2), 2, "runs again");
    CHECK(called.second == (void *)&called.hold, "with both");
    CHECK(!thread_call_cancel(c), "a call that has run cannot be cancelled");
}

static void testDelayed(thread_call_t c)
{
    bool first, second;
    int tries = 0;
    uint64_t start, due, ns;
    do {
        bzero((void *)&called, sizeof called);
        start = mach_absolute_time();
        first = thread_call_enter_delayed(c, due = deadline(30));
        second = thread_call_enter_delayed(c, deadline(40));
    } while (isVoid(due, &tries, c));
    CHECK(!first, "delayed");
    CHECK(second, "delayed anew: it was on a queue");
    SAME(probe_wait(&called.ended, 1), 1, "runs");
    absolutetime_to_nanoseconds(called.when - start, &ns);
    CHECK(ns >= 40000000, "the later time counts");
    IOSleep(20);
    SAME(called.ended, 1, "once");
    tries = 0;
    do {
        called.ended = 0;
        first = thread_call_enter1_delayed(c, &called, due = deadline(20));
        second = thread_call_cancel(c);
    } while (isVoid(due, &tries, c));
    CHECK(!first, "delayed with a parameter");
    CHECK(second, "cancelled: it was on a queue");
    IOSleep(50);
    SAME(called.ended, 0, "does not run");
    CHECK(!thread_call_cancel(c), "cancelled twice: it was not");
    called.ended = 1;
    thread_call_enter_delayed(c, deadline(kNever));
    CHECK(thread_call_enter(c), "entered while delayed: it was on a queue");
    SAME(probe_wait(&called.ended, 2), 2, "runs soon");
    IOSleep(20);
    SAME(called.ended, 2, "and once");
    thread_call_enter_delayed(c, deadline(0));
    SAME(probe_wait(&called.ended, 3), 3, "a deadline that has passed");
}

static void testRunning(thread_call_t c)
{
    bzero((void *)&called, sizeof called);
    called.hold = 1;
    thread_call_enter(c);
    SAME(probe_wait(&called.begun, 1), 1, "running");
    CHECK(!thread_call_cancel(c), "a running call cannot be cancelled");
    CHECK(!thread_call_enter_delayed(c, deadline(kNever)), "but entered: it is on no queue");
    CHECK(thread_call_enter_delayed(c, deadline(20)), "and then it is");
    called.hold = 0;
    SAME(probe_wait(&called.ended, 2), 2, "it runs a second time");
}

void test_call(Probe *p)
{
    thread_call_t c = thread_call_allocate(function, &called);
    if (!CHECK(c != 0, "thread_call_allocate"))
        return;
    testEnter(c);
    testDelayed(c);
    testRunning(c);
    IOSleep(10);
    thread_call_enter_delayed(c, deadline(kNever));
    CHECK(!thread_call_free(c), "a call on a queue is not freed");
    CHECK(thread_call_cancel(c), "cancelled");
    CHECK(thread_call_free(c), "it is");
}
