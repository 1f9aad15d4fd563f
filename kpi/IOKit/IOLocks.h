// SPDX-License-Identifier: BSD-3-Clause
/*
 * I/O Kit's locks: opaque, one allocation each. Answers to Apple's IOKit/IOLocks.h.
 */
#ifndef KPI_IOKIT_IOLOCKS_H
#define KPI_IOKIT_IOLOCKS_H

#include <IOKit/system.h>
#include <IOKit/IOReturn.h>
#include <IOKit/IOTypes.h>
#include <libkern/locks.h>
#include <machine/machine_routines.h>

__BEGIN_DECLS

/* Mutex: not recursive; the holder may sleep. */
typedef struct _IOLock IOLock;
typedef enum {
    kIOLockStateUnlocked = 0,
    kIOLockStateLocked = 1
} IOLockState;
IOLock *IOLockAlloc(void);
void IOLockFree(IOLock *lock);
lck_mtx_t *IOLockGetMachLock(IOLock *lock);
void IOLockInitWithState(IOLock *lock, IOLockState state);
void IOLockLock(IOLock *lock);
boolean_t IOLockTryLock(IOLock *lock);
void IOLockUnlock(IOLock *lock);
/* Sleeps on event with the lock released, and takes it again; interType: THREAD_UNINT... THREAD_AWAKENED and so on. */
int IOLockSleep(IOLock *lock, void *event, UInt32 interType);
int IOLockSleepDeadline(IOLock *lock, void *event, AbsoluteTime deadline, UInt32 interType);
void IOLockWakeup(IOLock *lock, void *event, bool oneThread); /* the lock is held */

typedef struct _IORecursiveLock IORecursiveLock;
IORecursiveLock *IORecursiveLockAlloc(void);
IORecursiveLock *IORecursiveLockAllocWithLockGroup(lck_grp_t *lockGroup);
void IORecursiveLockFree(IORecursiveLock *lock);
lck_mtx_t *IORecursiveLockGetMachLock(IORecursiveLock *lock);
void IORecursiveLockLock(IORecursiveLock *lock);
boolean_t IORecursiveLockTryLock(IORecursiveLock *lock);
void IORecursiveLockUnlock(IORecursiveLock *lock);
boolean_t IORecursiveLockHaveLock(const IORecursiveLock *lock);
int IORecursiveLockSleep(IORecursiveLock *lock, void *event, UInt32 interType);
int IORecursiveLockSleepDeadline(IORecursiveLock *lock, void *event, AbsoluteTime deadline,
                                 UInt32 interType); /* from 10.6 */
void IORecursiveLockWakeup(IORecursiveLock *lock, void *event, bool oneThread);

typedef struct _IORWLock IORWLock;
IORWLock *IORWLockAlloc(void);
void IORWLockFree(IORWLock *lock);
lck_rw_t *IORWLockGetMachLock(IORWLock *lock);
void IORWLockRead(IORWLock *lock);
void IORWLockWrite(IORWLock *lock);
void IORWLockUnlock(IORWLock *lock);

/* Spin lock: for primary interrupt context; the holder must not sleep. */
typedef struct _IOSimpleLock IOSimpleLock;
IOSimpleLock *IOSimpleLockAlloc(void);
void IOSimpleLockFree(IOSimpleLock *lock);
lck_spin_t *IOSimpleLockGetMachLock(IOSimpleLock *lock);
void IOSimpleLockInit(IOSimpleLock *lock);
void IOSimpleLockLock(IOSimpleLock *lock);
boolean_t IOSimpleLockTryLock(IOSimpleLock *lock);
void IOSimpleLockUnlock(IOSimpleLock *lock);

#ifdef __LP64__
typedef boolean_t IOInterruptState;
#else
typedef long int IOInterruptState;
#endif

static inline IOInterruptState IOSimpleLockLockDisableInterrupt(IOSimpleLock *lock)
{
    IOInterruptState state = ml_set_interrupts_enabled(false);

    IOSimpleLockLock(lock);
    return state;
}
static inline void IOSimpleLockUnlockEnableInterrupt(IOSimpleLock *lock, IOInterruptState state)
{
    IOSimpleLockUnlock(lock);
    ml_set_interrupts_enabled((boolean_t)state);
}

__END_DECLS

#endif
