// SPDX-License-Identifier: BSD-3-Clause
/*
 * libkern's atomic functions (Apple: libkern/gen/OSAtomicOperations.c, libkern/x86_64/OSAtomic.s) and the
 * atomic queues. Those that modify return the value before.
 */
#define KPI_STRICT_ATOMICS
#include <libkern/OSAtomic.h>
#include "mach/atomic64.h"

Boolean OSCompareAndSwap(UInt32 old, UInt32 new, volatile UInt32 *at)
{
    return __atomic_compare_exchange_n(at, &old, new, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

Boolean OSCompareAndSwap64(UInt64 old, UInt64 new, volatile UInt64 *at)
{
    return atomic64_exchange_if(at, &old, new);
}

Boolean OSCompareAndSwapPtr(void *old, void *new, void *volatile *at)
{
    return __atomic_compare_exchange_n(at, &old, new, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

#define ADD(suffix, type, amount_type)                                                                       \
    type OSAddAtomic##suffix(amount_type amount, volatile type *at)                                          \
    {                                                                                                        \
        return __atomic_fetch_add(at, (type)amount, __ATOMIC_SEQ_CST);                                       \
    }
#define STEP(suffix, type)                                                                                   \
    type OSIncrementAtomic##suffix(volatile type *at)                                                        \
    {                                                                                                        \
        return __atomic_fetch_add(at, 1, __ATOMIC_SEQ_CST);                                                  \
    }                                                                                                        \
    type OSDecrementAtomic##suffix(volatile type *at)                                                        \
    {                                                                                                        \
        return __atomic_fetch_sub(at, 1, __ATOMIC_SEQ_CST);                                                  \
    }
#define BITS(suffix, type)                                                                                   \
    type OSBitAndAtomic##suffix(UInt32 mask, volatile type *at)                                              \
    {                                                                                                        \
        return __atomic_fetch_and(at, (type)mask, __ATOMIC_SEQ_CST);                                         \
    }                                                                                                        \
    type OSBitOrAtomic##suffix(UInt32 mask, volatile type *at)                                               \
    {                                                                                                        \
        return __atomic_fetch_or(at, (type)mask, __ATOMIC_SEQ_CST);                                          \
    }                                                                                                        \
    type OSBitXorAtomic##suffix(UInt32 mask, volatile type *at)                                              \
    {                                                                                                        \
        return __atomic_fetch_xor(at, (type)mask, __ATOMIC_SEQ_CST);                                         \
    }

SInt64 OSAddAtomic64(SInt64 amount, volatile SInt64 *at)
{
    return (SInt64)atomic64_add((volatile UInt64 *)at, (UInt64)amount);
}

ADD(, SInt32, SInt32)
ADD(16, SInt16, SInt32)
ADD(8, SInt8, SInt32)
STEP(, SInt32)
STEP(16, SInt16)
STEP(8, SInt8)
BITS(, UInt32)
BITS(16, UInt16)
BITS(8, UInt8)

/* OSAtomicOperations.c: bit 0 is the most significant bit of the first byte. TRUE when the bit was already as
 * asked. */
Boolean OSTestAndSet(UInt32 bit, volatile UInt8 *start)
{
    UInt8 mask = 0x80 >> (bit & 7);
    return (__atomic_fetch_or(start + bit / 8, mask, __ATOMIC_SEQ_CST) & mask) != 0;
}

Boolean OSTestAndClear(UInt32 bit, volatile UInt8 *start)
{
    UInt8 mask = 0x80 >> (bit & 7);
    return !(__atomic_fetch_and(start + bit / 8, (UInt8)~mask, __ATOMIC_SEQ_CST) & mask);
}

/* A word as a lock, tried once (osfmk/i386/lock.h: ev_try_lock, IOTrySpinLock). */
Boolean OSSpinLockTry(volatile SInt32 *lock)
{
    return OSCompareAndSwap(0, 1, (volatile UInt32 *)lock);
}

void OSSpinLockUnlock(volatile SInt32 *lock)
{
    __atomic_store_n(lock, 0, __ATOMIC_RELEASE);
}

Boolean IOTrySpinLock(volatile SInt32 *lock)
{
    return OSSpinLockTry(lock);
}

void IOSpinUnlock(volatile SInt32 *lock)
{
    OSSpinLockUnlock(lock);
}

Boolean ev_try_lock(volatile SInt32 *lock)
{
    return OSSpinLockTry(lock);
}

void ev_unlock(volatile SInt32 *lock)
{
    OSSpinLockUnlock(lock);
}
