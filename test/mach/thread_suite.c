// SPDX-License-Identifier: BSD-3-Clause
/* Threads, waits and wakeups, continuations, msleep, semaphores; then thread_call and its cancelling. */
#include <IOKit/IOLib.h>
#include <kern/sched_prim.h>
#include <kern/task.h>
#include <kern/thread.h>
#include <kern/thread_call.h>
#include <libkern/libkern.h>
#include <mach/semaphore.h>
#include <sys/errno.h>
#include <sys/param.h>
#include <sys/proc.h>
#include "linux/linux.h"
#include "test/mach/suite.h"

static volatile SInt32 count;
static IOLock *lock;
static int event, woken;
static volatile SInt32 asleep, returned; /* of sleepers; with the lock held */

static uint64_t after_ms(unsigned ms)
{
    return mach_absolute_time() + ms * 1000000ull;
}

/* What must come may be late: a minute. */
#define EVENTUALLY(what)                                                                                     \
    do                                                                                                       \
        for (int left_ = 60000; !(what) && left_; left_--)                                                   \
            IOSleep(1);                                                                                      \
    while (0)

static int wait_until(volatile SInt32 *n, SInt32 value)
{
    EVENTUALLY(*n == value);
    return *n == value;
}

/* ---- waits --------------------------------------------------------------------------------------------- */
static void sleeper(void *arg)
{
    IOLockLock(lock);
    while (!woken) {
        asleep++;
        IOLockSleep(lock, &event, THREAD_UNINT);
        returned++;
    }
    woken--;
    IOLockUnlock(lock);
    OSIncrementAtomic(&count);
}

/* A record of two words on i386. */
static AbsoluteTime absolute(uint64_t t)
{
    AbsoluteTime result;
    *__OSAbsoluteTimePtr(&result) = t;
    return result;
}

static void wakeups(void)
{
    count = 0;
    for (int i = 0; i < 4; i++)
        IOCreateThread(sleeper, 0);
    wait_until(&asleep, 4);
    IOLockLock(lock); /* the last one is in its sleep when this succeeds */
    woken = 1;
    IOLockWakeup(lock, &event, true);
    IOLockUnlock(lock);
    wait_until(&count, 1);
    IOSleep(20);
    host_check(count == 1 && returned == 1, "wakeup of one thread wakes one");
    IOLockLock(lock);
    woken = 3;
    IOLockWakeup(lock, &event, false);
    IOLockUnlock(lock);
    host_check(wait_until(&count, 4), "wakeup of all wakes the others");
    uint64_t t = mach_absolute_time();
    IOLockLock(lock);
    int r = IOLockSleepDeadline(lock, &event, absolute(after_ms(20)), THREAD_UNINT);
    IOLockUnlock(lock);
    host_check(r == THREAD_TIMED_OUT && mach_absolute_time() - t >= 20000000,
               "IOLockSleepDeadline times out");
    assert_wait(&event, THREAD_UNINT);
    thread_wakeup(&event);
    host_check(thread_block(THREAD_CONTINUE_NULL) == THREAD_AWAKENED,
               "a wakeup before thread_block is not lost");
    host_check(thread_wakeup_prim(&event, FALSE, THREAD_AWAKENED) == KERN_NOT_WAITING, "wakeup of nobody");
    assert_wait_deadline(&event, THREAD_UNINT, ~0ull);
    thread_wakeup_with_result(&event, THREAD_RESTART);
    host_check(thread_block(THREAD_CONTINUE_NULL) == THREAD_RESTART, "result of a wakeup, far deadline");
}

static void continued(void *arg, wait_result_t result)
{
    SInt32 *left = arg;
    if (--*left == 0) {
        OSIncrementAtomic(&count);
        thread_terminate(current_thread());
    }
    assert_wait_deadline(left, THREAD_UNINT, mach_absolute_time() + 1000);
    thread_block_parameter(continued, arg);
}

static void continuations(void)
{
    static SInt32 left = 5000;
    thread_t t;
    count = 0;
    kern_return_t r = kernel_thread_start(continued, &left, &t);
    host_check(r == KERN_SUCCESS && wait_until(&count, 1), "5,000 continuations on one stack");
    host_check(thread_terminate(t) == KERN_FAILURE, "no thread ends another");
    thread_deallocate(t);
}

static void bsd_sleeps(void)
{
    struct timespec ts = {0, 10000000};
    lck_mtx_t *m = IOLockGetMachLock(lock);
    lck_mtx_lock(m);
    host_check(msleep(&event, m, PZERO, "test", &ts) == EWOULDBLOCK, "msleep times out");
    lck_mtx_assert(m, LCK_MTX_ASSERT_OWNED);
    host_check(msleep(&event, m, PZERO | PDROP, "test", &ts) == EWOULDBLOCK, "msleep with PDROP");
    lck_mtx_assert(m, LCK_MTX_ASSERT_NOTOWNED);
}

static void signaller(void *s)
{
    IOSleep(10);
    semaphore_signal(s);
}

static void semaphores(void)
{
    semaphore_t s;
    host_check(semaphore_create(kernel_task, &s, 0, 1) == KERN_SUCCESS, "semaphore_create");
    host_check(semaphore_wait(s) == KERN_SUCCESS && semaphore_wait_noblock(s) == KERN_OPERATION_TIMED_OUT,
               "a count of 1 is taken once");
    host_check(semaphore_wait_deadline(s, after_ms(10)) == KERN_OPERATION_TIMED_OUT,
               "semaphore_wait_deadline");
    IOCreateThread(signaller, s);
    host_check(semaphore_wait(s) == KERN_SUCCESS, "semaphore_signal from another thread");
    semaphore_destroy(kernel_task, s);
    EVENTUALLY(lx_counter_value("semaphores.live") == 0);
    host_check(lx_counter_value("semaphores.live") == 0, "no semaphore is left");
}

static void deep(void *arg)
{
    volatile char big[100000];
    big[0] = big[99999] = 1;
    *(int *)arg = lx_in_ram((void *)big) && big[0];
    OSIncrementAtomic(&count);
}

void suite_threads(void)
{
    unsigned long before = lx_counter_value("kernel.threads.live");
    int in_ram = 0;
    lock = IOLockAlloc();
    count = 0;
    IOCreateThread(deep, &in_ram);
    host_check(wait_until(&count, 1) && in_ram, "stacks lie in RAM and hold 100 KB");
    host_check(current_thread() == current_thread() && current_task() == kernel_task, "who am I");
    wakeups();
    continuations();
    bsd_sleeps();
    semaphores();
    EVENTUALLY(lx_counter_value("kernel.threads.live") == before);
    host_check(lx_counter_value("kernel.threads.live") == before, "no thread is left");
}

/* ---- thread_call --------------------------------------------------------------------------------------- */
static volatile SInt32 runs, ended;
static void *volatile last1;
static volatile int hold;
static thread_call_t again;

static void run(void *p0, void *p1)
{
    last1 = p1;
    OSIncrementAtomic(&runs);
    while (hold)
        IOSleep(1);
    OSIncrementAtomic(&ended);
}

static void rearm(void *p0, void *p1)
{
    if (OSIncrementAtomic(&runs) < 9)
        thread_call_enter_delayed(again, mach_absolute_time() + 100000);
}

/* Again unless it ended before this deadline: a thread that was held up until then saw the call run. */
static int too_late(uint64_t deadline, int *tries, thread_call_t c)
{
    if (mach_absolute_time() < deadline || ++*tries == 20)
        return 0;
    thread_call_cancel_wait(c);
    runs = 0;
    return 1;
}

static void replacing(thread_call_t c)
{
    int first, second, tries = 0;
    uint64_t deadline;
    runs = 0;
    do {
        deadline = after_ms(40);
        first = thread_call_enter_delayed(c, deadline);
        second = thread_call_enter_delayed(c, after_ms(60));
    } while (too_late(deadline, &tries, c));
    host_check(!first, "a first delayed entry was on no queue");
    host_check(second, "a second one replaces it");
    host_check(wait_until(&runs, 1), "it runs when it is due");
    IOSleep(40);
    host_check(runs == 1, "and once only");
}

static void withdrawing(thread_call_t c)
{
    int first, second, tries = 0;
    uint64_t deadline;
    runs = 0;
    do {
        deadline = after_ms(30);
        thread_call_enter_delayed(c, deadline);
        first = thread_call_cancel(c);
        second = thread_call_cancel(c);
    } while (too_late(deadline, &tries, c));
    host_check(first && !second, "cancel tells whether it was queued");
    IOSleep(50);
    host_check(runs == 0, "a cancelled call does not run");
}

static void entering(thread_call_t c)
{
    runs = 0;
    host_check(!thread_call_enter1(c, &event) && wait_until(&runs, 1) && last1 == &event,
               "thread_call_enter1 runs it");
    replacing(c);
    withdrawing(c);
    runs = 0;
    thread_call_enter_delayed(c, ~0ull);
    host_check(!thread_call_free(c), "a call that is queued cannot be freed");
    IOSleep(5);
    host_check(runs == 0 && thread_call_cancel(c), "a deadline at the end of time is not due");
}

static void cancelling(thread_call_t c)
{
    runs = 0;
    hold = 1;
    thread_call_enter(c);
    wait_until(&runs, 1);
    host_check(!thread_call_cancel(c), "a running call is not cancelled");
    thread_call_t other = thread_call_allocate(run, 0);
    thread_call_enter(other);
    host_check(wait_until(&runs, 2), "a call that blocks does not hold up the others");
    ended = 0;
    hold = 0;
    host_check(!thread_call_cancel_wait(c) && ended, "cancel_wait waits for its end");
    thread_call_cancel_wait(other);
    host_check(thread_call_free(other), "free");
}

static void ordering(void)
{
    runs = 0;
    again = thread_call_allocate(rearm, 0);
    thread_call_enter(again);
    host_check(wait_until(&runs, 10), "a call enters itself again");
    thread_call_cancel_wait(again);
    thread_call_free(again);
}

void suite_calls(void)
{
    unsigned long before = lx_counter_value("thread_calls.live");
    thread_call_t c = thread_call_allocate(run, 0);
    entering(c);
    cancelling(c);
    ordering();
    hold = 1;
    runs = 0;
    thread_call_enter(c);
    wait_until(&runs, 1);
    host_check(thread_call_free(c), "free while it runs");
    hold = 0;
    EVENTUALLY(lx_counter_value("thread_calls.live") == before);
    host_check(lx_counter_value("thread_calls.live") == before, "no call is left");
    IOLockFree(lock);
}
