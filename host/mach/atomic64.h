// SPDX-License-Identifier: BSD-3-Clause
/*
 * 64-bit words, atomically, on both widths. On i386 such a word is aligned to 4 bytes, for which __atomic_* would call a library;
 * cmpxchg8b does not mind.
 */
#ifndef HOST_MACH_ATOMIC64_H
#define HOST_MACH_ATOMIC64_H

static inline int atomic64_exchange_if(volatile unsigned long long *at, unsigned long long *old, unsigned long long new_value)
{
#ifdef __x86_64__
    return __atomic_compare_exchange_n(at, old, new_value, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
#else
    unsigned long long found = __sync_val_compare_and_swap(at, *old, new_value);
    int same = found == *old;
    *old = found;
    return same;
#endif
}

static inline unsigned long long atomic64_load(volatile unsigned long long *at)
{
#ifdef __x86_64__
    return __atomic_load_n(at, __ATOMIC_ACQUIRE);
#else
    return __sync_val_compare_and_swap(at, 0, 0);
#endif
}

/* The value before. */
static inline unsigned long long atomic64_add(volatile unsigned long long *at, unsigned long long n)
{
#ifdef __x86_64__
    return __atomic_fetch_add(at, n, __ATOMIC_SEQ_CST);
#else
    return __sync_fetch_and_add(at, n);
#endif
}

#endif
