// SPDX-License-Identifier: BSD-3-Clause
/* IOKit's names for the locks (IOKit/IOLocks.h; Apple: iokit/Kernel/IOLocks.cpp). */
#include <IOKit/IOLib.h>
#include <IOKit/IOLocks.h>
#include <kern/debug.h>
#include <kern/sched_prim.h>
#include "internal.h"

LX_COUNTER(recursive_live, "locks.recursive.live")

lck_grp_t *IOLockGroup;

void mach_lock_init(void)
{
    IOLockGroup = lck_grp_alloc_init("IOKit", LCK_GRP_ATTR_NULL);
}

/* ---- mutex --------------------------------------------------------------------------------------------- */
IOLock *IOLockAlloc(void)
{
    return (IOLock *)lck_mtx_alloc_init(IOLockGroup, LCK_ATTR_NULL);
}

void IOLockFree(IOLock *l)
{
    lck_mtx_free((lck_mtx_t *)l, IOLockGroup);
}

lck_mtx_t *IOLockGetMachLock(IOLock *l)
{
    return (lck_mtx_t *)l;
}

void IOLockInitWithState(IOLock *l, IOLockState state)
{
    if (state == kIOLockStateLocked)
        lck_mtx_lock((lck_mtx_t *)l);
}

void IOLockLock(IOLock *l)
{
    lck_mtx_lock((lck_mtx_t *)l);
}

boolean_t IOLockTryLock(IOLock *l)
{
    return lck_mtx_try_lock((lck_mtx_t *)l);
}

void IOLockUnlock(IOLock *l)
{
    lck_mtx_unlock((lck_mtx_t *)l);
}

int IOLockSleep(IOLock *l, void *event, UInt32 how)
{
    return lck_mtx_sleep((lck_mtx_t *)l, LCK_SLEEP_DEFAULT, event, (wait_interrupt_t)how);
}

int IOLockSleepDeadline(IOLock *l, void *event, AbsoluteTime deadline, UInt32 how)
{
    return lck_mtx_sleep_deadline((lck_mtx_t *)l, LCK_SLEEP_DEFAULT, event, (wait_interrupt_t)how,
                                  __OSAbsoluteTime(deadline));
}

void IOLockWakeup(IOLock *l, void *event, bool one)
{
    thread_wakeup_prim(event, one, THREAD_AWAKENED);
}

/* ---- recursive mutex ----------------------------------------------------------------------------------- */
struct _IORecursiveLock {
    lck_mtx_t *mutex;
    lck_grp_t *group;
    volatile thread_t thread;
    UInt32 count;
};

IORecursiveLock *IORecursiveLockAllocWithLockGroup(lck_grp_t *group)
{
    if (!group)
        return 0;
    IORecursiveLock *l = lx_ram_alloc(sizeof *l, 16, ~0ull);
    if (!l)
        return 0;
    l->mutex = lck_mtx_alloc_init(group, LCK_ATTR_NULL);
    l->group = group;
    l->thread = 0;
    l->count = 0;
    lx_count(&recursive_live, 1);
    return l;
}

IORecursiveLock *IORecursiveLockAlloc(void)
{
    return IORecursiveLockAllocWithLockGroup(IOLockGroup);
}

void IORecursiveLockFree(IORecursiveLock *l)
{
    lck_mtx_free(l->mutex, l->group);
    lx_ram_free(l, sizeof *l);
    lx_uncount(&recursive_live, 1);
}

lck_mtx_t *IORecursiveLockGetMachLock(IORecursiveLock *l)
{
    return l->mutex;
}

boolean_t IORecursiveLockHaveLock(const IORecursiveLock *l)
{
    return l->thread == current_thread();
}

static void own(IORecursiveLock *l, UInt32 count)
{
    l->thread = current_thread();
    l->count = count;
}

void IORecursiveLockLock(IORecursiveLock *l)
{
    if (IORecursiveLockHaveLock(l)) {
        l->count++;
        return;
    }
    lck_mtx_lock(l->mutex);
    own(l, 1);
}

boolean_t IORecursiveLockTryLock(IORecursiveLock *l)
{
    if (IORecursiveLockHaveLock(l)) {
        l->count++;
        return TRUE;
    }
    if (!lck_mtx_try_lock(l->mutex))
        return FALSE;
    own(l, 1);
    return TRUE;
}

static void check_held(const IORecursiveLock *l, const char *who)
{
    if (!IORecursiveLockHaveLock(l))
        panic("%s: the recursive lock %p is not held by this thread", who, l);
}

void IORecursiveLockUnlock(IORecursiveLock *l)
{
    check_held(l, "IORecursiveLockUnlock");
    if (--l->count == 0) {
        l->thread = 0;
        lck_mtx_unlock(l->mutex);
    }
}

/* Gives up every level of the lock, and has them all again at its end. */
static int recursive_sleep(IORecursiveLock *l, void *event, UInt32 how, uint64_t deadline)
{
    UInt32 count = l->count;
    check_held(l, "IORecursiveLockSleep");
    l->count = 0;
    l->thread = 0;
    int r = lck_mtx_sleep_deadline(l->mutex, LCK_SLEEP_DEFAULT, event, (wait_interrupt_t)how, deadline);
    own(l, count);
    return r;
}

int IORecursiveLockSleep(IORecursiveLock *l, void *event, UInt32 how)
{
    return recursive_sleep(l, event, how, 0);
}

int IORecursiveLockSleepDeadline(IORecursiveLock *l, void *event, AbsoluteTime deadline, UInt32 how)
{
    return recursive_sleep(l, event, how, __OSAbsoluteTime(deadline));
}

void IORecursiveLockWakeup(IORecursiveLock *l, void *event, bool one)
{
    thread_wakeup_prim(event, one, THREAD_AWAKENED);
}

/* ---- read-write lock ----------------------------------------------------------------------------------- */
IORWLock *IORWLockAlloc(void)
{
    return (IORWLock *)lck_rw_alloc_init(IOLockGroup, LCK_ATTR_NULL);
}

void IORWLockFree(IORWLock *l)
{
    lck_rw_free((lck_rw_t *)l, IOLockGroup);
}

lck_rw_t *IORWLockGetMachLock(IORWLock *l)
{
    return (lck_rw_t *)l;
}

void IORWLockRead(IORWLock *l)
{
    lck_rw_lock_shared((lck_rw_t *)l);
}

void IORWLockWrite(IORWLock *l)
{
    lck_rw_lock_exclusive((lck_rw_t *)l);
}

void IORWLockUnlock(IORWLock *l)
{
    lck_rw_done((lck_rw_t *)l);
}

/* ---- spin lock ----------------------------------------------------------------------------------------- */
IOSimpleLock *IOSimpleLockAlloc(void)
{
    return (IOSimpleLock *)lck_spin_alloc_init(IOLockGroup, LCK_ATTR_NULL);
}

void IOSimpleLockFree(IOSimpleLock *l)
{
    lck_spin_free((lck_spin_t *)l, IOLockGroup);
}

lck_spin_t *IOSimpleLockGetMachLock(IOSimpleLock *l)
{
    return (lck_spin_t *)l;
}

void IOSimpleLockInit(IOSimpleLock *l)
{
    lck_spin_init((lck_spin_t *)l, IOLockGroup, LCK_ATTR_NULL);
}

void IOSimpleLockLock(IOSimpleLock *l)
{
    lck_spin_lock((lck_spin_t *)l);
}

boolean_t IOSimpleLockTryLock(IOSimpleLock *l)
{
    return lck_spin_try_lock((lck_spin_t *)l);
}

void IOSimpleLockUnlock(IOSimpleLock *l)
{
    lck_spin_unlock((lck_spin_t *)l);
}
