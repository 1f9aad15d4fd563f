// SPDX-License-Identifier: BSD-3-Clause
/*
 * i386 only: the compiler calls these for 64-bit divisions, and no kernel exports them. Hidden: each kext has
 * its own.
 */
#include <stdint.h>

#define HIDDEN __attribute__((visibility("hidden")))

HIDDEN uint64_t __udivdi3(uint64_t n, uint64_t d);
HIDDEN uint64_t __umoddi3(uint64_t n, uint64_t d);

/* high < d, or the processor faults. */
static uint32_t divide_words(uint32_t high, uint32_t low, uint32_t d, uint32_t *rest)
{
    uint32_t q;

    __asm__("divl %4" : "=a"(q), "=d"(*rest) : "0"(low), "1"(high), "rm"(d));
    return q;
}

/* The quotient fits 32 bits; one bit at a time. */
static uint64_t divide_long(uint64_t n, uint64_t d, uint64_t *rest)
{
    uint64_t q = 0;
    unsigned shift = 0;

    while (d < n && !(d >> 63)) {
        d <<= 1;
        shift++;
    }
    for (;; d >>= 1, shift--) {
        q <<= 1;
        if (n >= d) {
            n -= d;
            q |= 1;
        }
        if (!shift)
            break;
    }
    *rest = n;
    return q;
}

static uint64_t divide(uint64_t n, uint64_t d, uint64_t *rest)
{
    uint32_t high = (uint32_t)(n >> 32), word = (uint32_t)d, left;
    uint64_t q;

    if (d >> 32)
        return divide_long(n, d, rest);
    q = (uint64_t)divide_words(0, high, word, &left) << 32; /* by 0 it faults, as the processor does */
    q |= divide_words(left, (uint32_t)n, word, &left);
    *rest = left;
    return q;
}

uint64_t __udivdi3(uint64_t n, uint64_t d)
{
    uint64_t rest;

    return divide(n, d, &rest);
}

uint64_t __umoddi3(uint64_t n, uint64_t d)
{
    uint64_t rest;

    divide(n, d, &rest);
    return rest;
}
