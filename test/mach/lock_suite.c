// SPDX-License-Identifier: BSD-3-Clause
/* Locks of every kind under contention; what would hang a Mac is a panic with a text. */
#include <IOKit/IOLib.h>
#include <IOKit/IOLocks.h>
#include <kern/sched_prim.h>
#include <kern/thread.h>
#include <libkern/libkern.h>
#include "linux/linux.h"
#include "mach/boot.h"
#include "test/mach/suite.h"

enum { THREADS = 3, ROUNDS = 30000 };

static volatile SInt32 running;
static unsigned long shared, readers_saw_torn;
static volatile unsigned long pair[2];

static void run_threads(void (*fn)(void *), void *arg)
{
    running = THREADS;
    for (int i = 0; i < THREADS; i++)
        IOCreateThread(fn, arg);
    while (running)
        IOSleep(1);
}

static void mutex_adder(void *arg)
{
    for (int i = 0; i < ROUNDS; i++) {
        IOLockLock(arg);
        shared++;
        IOLockUnlock(arg);
    }
    OSDecrementAtomic(&running);
}

static void recursive_adder(void *arg)
{
    for (int i = 0; i < ROUNDS; i++) {
        IORecursiveLockLock(arg);
        IORecursiveLockLock(arg);
        shared++;
        IORecursiveLockUnlock(arg);
        IORecursiveLockUnlock(arg);
    }
    OSDecrementAtomic(&running);
}

static void spin_adder(void *arg)
{
    for (int i = 0; i < ROUNDS; i++) {
        IOInterruptState s = IOSimpleLockLockDisableInterrupt(arg);
        shared++;
        IOSimpleLockUnlockEnableInterrupt(arg, s);
    }
    OSDecrementAtomic(&running);
}

static void rw_worker(void *arg)
{
    for (int i = 0; i < ROUNDS; i++) {
        if (i % 8) {
            IORWLockRead(arg);
            readers_saw_torn += pair[0] != pair[1];
        } else {
            IORWLockWrite(arg);
            pair[0]++;
            pair[1]++;
        }
        IORWLockUnlock(arg);
    }
    OSDecrementAtomic(&running);
}

static void rw_upgrader(void *arg)
{
    lck_rw_t *l = IORWLockGetMachLock(arg);
    for (int i = 0; i < ROUNDS / 10; i++) {
        lck_rw_lock_shared(l);
        if (!lck_rw_lock_shared_to_exclusive(l))
            continue;
        pair[0]++;
        pair[1]++;
        lck_rw_lock_exclusive_to_shared(l);
        readers_saw_torn += pair[0] != pair[1];
        lck_rw_unlock_shared(l);
    }
    OSDecrementAtomic(&running);
}

static void contention(void)
{
    IOLock *m = IOLockAlloc();
    IORecursiveLock *r = IORecursiveLockAlloc();
    IOSimpleLock *s = IOSimpleLockAlloc();
    IORWLock *rw = IORWLockAlloc();
    shared = 0;
    run_threads(mutex_adder, m);
    host_check(shared == THREADS * ROUNDS, "mutex");
    shared = 0;
    run_threads(recursive_adder, r);
    host_check(shared == THREADS * ROUNDS && !IORecursiveLockHaveLock(r), "recursive mutex");
    shared = 0;
    run_threads(spin_adder, s);
    host_check(shared == THREADS * ROUNDS, "spin lock");
    run_threads(rw_worker, rw);
    host_check(!readers_saw_torn && pair[0] == THREADS * (ROUNDS / 8), "read-write lock");
    run_threads(rw_upgrader, rw);
    host_check(!readers_saw_torn, "read-write lock, upgrades");
    IOLockFree(m);
    IORecursiveLockFree(r);
    IOSimpleLockFree(s);
    IORWLockFree(rw);
}

static void lock_twice(void)
{
    IOLock *l = IOLockAlloc();
    IOLockLock(l);
    IOLockLock(l);
}

static void spin_twice(void)
{
    IOSimpleLock *l = IOSimpleLockAlloc();
    IOSimpleLockLock(l);
    IOSimpleLockLock(l);
}

static void sleep_with_spin(void)
{
    IOSimpleLockLock(IOSimpleLockAlloc());
    IOSleep(1);
}

static void sleep_in_interrupt(void)
{
    mach_interrupt_context(1);
    IOSleep(1);
}

static void unlock_unlocked(void)
{
    IOLockUnlock(IOLockAlloc());
}

static void use_freed(void)
{
    IOLock *l = IOLockAlloc();
    IOLockFree(l);
    IOLockLock(l);
}

static void foreign_recursive(void)
{
    IORecursiveLockUnlock(IORecursiveLockAlloc());
}

static void misuse(void)
{
    host_check(host_dies(lock_twice, "holds already"), "mutex taken twice");
    host_check(host_dies(spin_twice, "holds already"), "spin lock taken twice");
    host_check(host_dies(sleep_with_spin, "spin lock(s) held"), "IOSleep with a spin lock held");
    host_check(host_dies(sleep_in_interrupt, "interrupt context"), "IOSleep in an interrupt");
    host_check(host_dies(unlock_unlocked, "not locked"), "unlock of a free mutex");
    host_check(host_dies(use_freed, "destroyed or freed"), "use after free of a mutex");
    host_check(host_dies(foreign_recursive, "not held"),
               "unlock of a recursive mutex that another thread holds");
}

void suite_locks(void)
{
    unsigned long groups = lx_counter_value("locks.groups.live"),
                  mutexes = lx_counter_value("locks.mutex.live");
    lck_grp_t *group = lck_grp_alloc_init("test", LCK_GRP_ATTR_NULL);
    lck_mtx_t *m = lck_mtx_alloc_init(group, LCK_ATTR_NULL);
    lck_grp_free(group);
    lck_mtx_lock(m);
    lck_mtx_assert(m, LCK_MTX_ASSERT_OWNED);
    host_check(!IOLockTryLock((IOLock *)m), "try of a taken mutex");
    lck_mtx_unlock(m);
    lck_mtx_assert(m, LCK_MTX_ASSERT_NOTOWNED);
    host_check(lx_counter_value("locks.groups.live") == groups + 1, "a lock keeps its group");
    lck_mtx_free(m, group);
    contention();
    host_check(lx_counter_value("locks.groups.live") == groups &&
                   lx_counter_value("locks.mutex.live") == mutexes,
               "no lock and no group is left");
    misuse();
}
