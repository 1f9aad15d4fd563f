// SPDX-License-Identifier: BSD-3-Clause
/*
 * Locks and waiting: xnu iokit/Kernel/IOLocks.cpp, IOConditionLock.cpp, osfmk/kern/locks.c, sched_prim.c,
 * sync_sema.c.
 */
#include "probe.h"
#include <IOKit/IOConditionLock.h>
#include <kern/sched_prim.h>
#include <kern/thread.h>
#include <libkern/OSMalloc.h>
#include <mach/semaphore.h>
#include <mach/sync_policy.h>

struct Shared {
    IOLock *lock;
    IORecursiveLock *recursive;
    IORWLock *rw;
    IOConditionLock *condition;
    IOSimpleLock *spin;
    volatile int turn, done, result, event, in, most;
};
static Shared s;

static void spawn(void (*run)())
{
    thread_t t;
    s.done = s.result = s.turn = 0;
    if (kernel_thread_start(
            [](void *f, wait_result_t) {
                ((void (*)())f)();
                s.done = 1;
                thread_terminate(current_thread());
            },
            (void *)run, &t) == KERN_SUCCESS)
        thread_deallocate(t);
}

static void finish(const char *text)
{
    SAME(probe_wait(&s.done, 1), 1, text);
}

static void testMutex()
{
    IOLockLock(s.lock);
    spawn([] {
        s.result = IOLockTryLock(s.lock) ? 1 : 2;
        s.turn = 1;
        IOLockLock(s.lock);
        s.turn = 2;
        IOLockUnlock(s.lock);
    });
    SAME(probe_wait(&s.turn, 1), 1, "IOLock: another thread");
    SAME(s.result, 2, "cannot take it");
    IOSleep(10);
    SAME(s.turn, 1, "waits");
    IOLockUnlock(s.lock);
    finish("until it is unlocked");
    CHECK(IOLockTryLock(s.lock), "IOLockTryLock of a free lock");
    spawn([] {
        IOLockLock(s.lock);
        s.turn = 1;
        IOLockWakeup(s.lock, (void *)&s.event, true);
        IOLockUnlock(s.lock);
    });
    SAME(IOLockSleep(s.lock, (void *)&s.event, THREAD_UNINT), THREAD_AWAKENED, "IOLockSleep");
    SAME(s.turn, 1, "let the other thread in");
    CHECK(!IOLockTryLock(s.lock), "and holds the lock again");
    AbsoluteTime soon;
    clock_interval_to_deadline(20, kMillisecondScale, __OSAbsoluteTimePtr(&soon));
    SAME(IOLockSleepDeadline(s.lock, (void *)&s.event, soon, THREAD_UNINT), THREAD_TIMED_OUT,
         "IOLockSleepDeadline");
    IOLockUnlock(s.lock);
    finish("done");
}

static void testRecursive()
{
    CHECK(!IORecursiveLockHaveLock(s.recursive), "IORecursiveLock: not held");
    IORecursiveLockLock(s.recursive);
    CHECK(IORecursiveLockTryLock(s.recursive), "taken twice");
    CHECK(IORecursiveLockHaveLock(s.recursive), "held");
    spawn([] {
        s.result = IORecursiveLockTryLock(s.recursive) ? 1 : 2;
        s.turn = 1;
        IORecursiveLockLock(s.recursive);
        IORecursiveLockWakeup(s.recursive, (void *)&s.event, false);
        IORecursiveLockUnlock(s.recursive);
    });
    SAME(probe_wait(&s.turn, 1), 1, "another thread");
    SAME(s.result, 2, "cannot take it");
    SAME(IORecursiveLockSleep(s.recursive, (void *)&s.event, THREAD_UNINT), THREAD_AWAKENED,
         "sleeping gives it up, however deep");
    CHECK(IORecursiveLockHaveLock(s.recursive), "and takes it back");
    IORecursiveLockUnlock(s.recursive);
    CHECK(IORecursiveLockHaveLock(s.recursive), "as deep as before");
    IORecursiveLockUnlock(s.recursive);
    CHECK(!IORecursiveLockHaveLock(s.recursive), "free");
    finish("done");
}

static void testReadWrite()
{
    IORWLockRead(s.rw);
    spawn([] {
        IORWLockRead(s.rw);
        s.turn = 1;
        IORWLockUnlock(s.rw);
        IORWLockWrite(s.rw);
        s.turn = 2;
        IORWLockUnlock(s.rw);
    });
    SAME(probe_wait(&s.turn, 1), 1, "IORWLock: two readers");
    IOSleep(10);
    SAME(s.turn, 1, "a writer waits for a reader");
    IORWLockUnlock(s.rw);
    finish("and then has it");
    SAME(s.turn, 2, "alone");
}

static void testCondition()
{
    s.condition->lock();
    SAME(s.condition->getCondition(), 0, "IOConditionLock: the first condition");
    s.condition->unlockWith(1);
    spawn([] {
        s.condition->lockWhen(5);
        s.turn = s.condition->getCondition();
        s.condition->unlockWith(6);
    });
    IOSleep(10);
    SAME(s.turn, 0, "lockWhen waits");
    bool taken = false; /* which it has for moments, to look */
    for (int ms = 0; ms < 30000 && !(taken = s.condition->tryLock()); ms++)
        IOSleep(1);
    CHECK(taken, "without the lock");
    s.condition->unlockWith(5);
    finish("until the condition is there");
    SAME(s.turn, 5, "which it sees");
    s.condition->lockWhen(6);
    s.condition->unlock();
}

/* A spin lock holds off interrupts only by ml_set_interrupts_enabled; the count shows mutual exclusion. */
static void testSpin()
{
    auto turns = [] {
        for (int i = 0; i < 2000; i++) {
            IOInterruptState state = IOSimpleLockLockDisableInterrupt(s.spin);
            s.in++;
            if (s.in > s.most)
                s.most = s.in;
            s.result++;
            s.in--;
            IOSimpleLockUnlockEnableInterrupt(s.spin, state);
        }
    };
    spawn(turns);
    turns();
    finish("IOSimpleLock: two threads");
    SAME(s.result, 4000, "lose no turn");
    SAME(s.most, 1, "one at a time");
    CHECK(IOSimpleLockTryLock(s.spin) && !IOSimpleLockTryLock(s.spin), "IOSimpleLockTryLock");
    IOSimpleLockUnlock(s.spin);
}

static void testWait()
{
    assert_wait((event_t)&s.event, THREAD_UNINT);
    SAME(thread_wakeup_prim((event_t)&s.event, FALSE, THREAD_AWAKENED), KERN_SUCCESS, "a wakeup between");
    SAME(thread_block(THREAD_CONTINUE_NULL), THREAD_AWAKENED, "assert_wait and thread_block is not lost");
    SAME(thread_wakeup_prim((event_t)&s.event, TRUE, THREAD_AWAKENED), KERN_NOT_WAITING, "nobody waits");
    assert_wait_timeout((event_t)&s.event, THREAD_UNINT, 20, kMillisecondScale);
    SAME(thread_block(THREAD_CONTINUE_NULL), THREAD_TIMED_OUT, "assert_wait_timeout");
    spawn([] {
        for (; !s.turn; IOSleep(10)) /* one that comes before the wait is for nobody */
            thread_wakeup_prim((event_t)&s.event, FALSE, THREAD_RESTART);
    });
    assert_wait((event_t)&s.event, THREAD_UNINT);
    SAME(thread_block(THREAD_CONTINUE_NULL), THREAD_RESTART, "the waker's result");
    s.turn = 1;
    finish("done");
}

static semaphore_t semaphore;
static void testSemaphore()
{
    SAME(semaphore_create(kernel_task, &semaphore, 0 /* SYNC_POLICY_FIFO */, 1), KERN_SUCCESS,
         "semaphore_create");
    SAME(semaphore_wait(semaphore), KERN_SUCCESS, "its first count");
    uint64_t soon;
    clock_interval_to_deadline(20, kMillisecondScale, &soon);
    SAME(semaphore_wait_deadline(semaphore, soon), KERN_OPERATION_TIMED_OUT, "no second one");
    spawn([] {
        IOSleep(10);
        semaphore_signal(semaphore);
    });
    SAME(semaphore_wait(semaphore), KERN_SUCCESS, "until it is signalled");
    finish("done");
    SAME(semaphore_destroy(kernel_task, semaphore), KERN_SUCCESS, "semaphore_destroy");
}

void test_lock(Probe *p)
{
    bzero((void *)&s, sizeof s);
    s.lock = IOLockAlloc();
    s.recursive = IORecursiveLockAlloc();
    s.rw = IORWLockAlloc();
    s.condition = IOConditionLock::withCondition(0);
    s.spin = IOSimpleLockAlloc();
    if (!CHECK(s.lock && s.recursive && s.rw && s.condition && s.spin, "one of each"))
        return;
    testMutex();
    testRecursive();
    testReadWrite();
    testCondition();
    testSpin();
    testWait();
    testSemaphore();
    IOLockFree(s.lock);
    IORecursiveLockFree(s.recursive);
    IORWLockFree(s.rw);
    s.condition->release();
    IOSimpleLockFree(s.spin);
}
