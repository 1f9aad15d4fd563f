// SPDX-License-Identifier: BSD-3-Clause
/*
 * Atomic operations on 8, 16, 32 and 64 bits; full barriers. All but the compare-and-swap and test functions return
 * the old value. Answers to Apple's libkern/OSAtomic.h.
 */
#ifndef KPI_LIBKERN_OSATOMIC_H
#define KPI_LIBKERN_OSATOMIC_H

#include <libkern/OSBase.h>

__BEGIN_DECLS

/* TRUE when *address was oldValue and is now newValue. */
extern Boolean OSCompareAndSwap(UInt32 oldValue, UInt32 newValue, volatile UInt32 *address);
extern Boolean OSCompareAndSwap64(UInt64 oldValue, UInt64 newValue, volatile UInt64 *address);
extern Boolean OSCompareAndSwapPtr(void *oldValue, void *newValue, void *volatile *address); /* from 10.6 */

extern SInt64 OSAddAtomic64(SInt64 theAmount, volatile SInt64 *address);
extern SInt32 OSAddAtomic(SInt32 amount, volatile SInt32 *address);
extern SInt16 OSAddAtomic16(SInt32 amount, volatile SInt16 *address);
extern SInt8 OSAddAtomic8(SInt32 amount, volatile SInt8 *address);
extern SInt32 OSIncrementAtomic(volatile SInt32 *address);
extern SInt16 OSIncrementAtomic16(volatile SInt16 *address);
extern SInt8 OSIncrementAtomic8(volatile SInt8 *address);
extern SInt32 OSDecrementAtomic(volatile SInt32 *address);
extern SInt16 OSDecrementAtomic16(volatile SInt16 *address);
extern SInt8 OSDecrementAtomic8(volatile SInt8 *address);
extern UInt32 OSBitAndAtomic(UInt32 mask, volatile UInt32 *address);
extern UInt16 OSBitAndAtomic16(UInt32 mask, volatile UInt16 *address);
extern UInt8 OSBitAndAtomic8(UInt32 mask, volatile UInt8 *address);
extern UInt32 OSBitOrAtomic(UInt32 mask, volatile UInt32 *address);
extern UInt16 OSBitOrAtomic16(UInt32 mask, volatile UInt16 *address);
extern UInt8 OSBitOrAtomic8(UInt32 mask, volatile UInt8 *address);
extern UInt32 OSBitXorAtomic(UInt32 mask, volatile UInt32 *address);
extern UInt16 OSBitXorAtomic16(UInt32 mask, volatile UInt16 *address);
extern UInt8 OSBitXorAtomic8(UInt32 mask, volatile UInt8 *address);
/* Bit 0 is the most significant of the first byte. The old state of the bit. */
extern Boolean OSTestAndSet(UInt32 bit, volatile UInt8 *startAddress);
extern Boolean OSTestAndClear(UInt32 bit, volatile UInt8 *startAddress);

static inline SInt64 OSIncrementAtomic64(volatile SInt64 *address)
{
    return OSAddAtomic64(1, address);
}
static inline SInt64 OSDecrementAtomic64(volatile SInt64 *address)
{
    return OSAddAtomic64(-1, address);
}

/* Any pointer to a word of the right size is accepted, as with Apple's header. */
#ifndef KPI_STRICT_ATOMICS
#define OSCompareAndSwap(a, b, c)    (OSCompareAndSwap(a, b, (volatile UInt32 *)(c)))
#define OSCompareAndSwap64(a, b, c)  (OSCompareAndSwap64(a, b, (volatile UInt64 *)(c)))
#define OSCompareAndSwapPtr(a, b, c) (OSCompareAndSwapPtr(a, b, (void *volatile *)(c)))
#define OSAddAtomic64(a, b)          (OSAddAtomic64(a, (volatile SInt64 *)(b)))
#define OSAddAtomic(a, b)            (OSAddAtomic(a, (volatile SInt32 *)(b)))
#define OSIncrementAtomic(a)         (OSIncrementAtomic((volatile SInt32 *)(a)))
#define OSDecrementAtomic(a)         (OSDecrementAtomic((volatile SInt32 *)(a)))
#define OSBitAndAtomic(a, b)         (OSBitAndAtomic(a, (volatile UInt32 *)(b)))
#define OSBitOrAtomic(a, b)          (OSBitOrAtomic(a, (volatile UInt32 *)(b)))
#define OSBitXorAtomic(a, b)         (OSBitXorAtomic(a, (volatile UInt32 *)(b)))
#endif

#define OS_SPINLOCK_INIT 0
typedef SInt32 OSSpinLock;

/* Orders accesses to a device: nothing to do on x86. */
static inline void OSSynchronizeIO(void)
{
}

__END_DECLS

#endif
