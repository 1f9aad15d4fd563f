// SPDX-License-Identifier: BSD-3-Clause
/*
 * memcpy and its kin (Apple: osfmk/x86_64/bcopy.s, bzero.s). A driver may use them on a BAR, where every
 * access traps and must decode as one plain load or store of at most eight bytes: hence volatile words and no
 * vector code there. Between two blocks of RAM `rep movsb` does the work.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include "linux/linux.h"

typedef volatile uint64_t __attribute__((aligned(1), may_alias)) word64;
typedef volatile uint32_t __attribute__((aligned(1), may_alias)) word32;
typedef volatile uint16_t __attribute__((aligned(1), may_alias)) word16;
typedef volatile uint8_t byte;

enum { REP_FROM = 512 }; /* below, the start-up of rep movsb costs more than the loop */

/* Both load a step whole before they store it, so they serve overlapping blocks at any distance. */
static inline void copy_up(void *to, const void *from, size_t n)
{
    byte *d = to;
    const byte *s = from;
    for (; n >= 32; n -= 32, d += 32, s += 32) {
        uint64_t a = ((word64 *)s)[0], b = ((word64 *)s)[1], c = ((word64 *)s)[2], e = ((word64 *)s)[3];
        ((word64 *)d)[0] = a;
        ((word64 *)d)[1] = b;
        ((word64 *)d)[2] = c;
        ((word64 *)d)[3] = e;
    }
    for (; n >= 8; n -= 8, d += 8, s += 8)
        *(word64 *)d = *(word64 *)s;
    if (n & 4) {
        *(word32 *)d = *(word32 *)s;
        d += 4;
        s += 4;
    }
    if (n & 2) {
        *(word16 *)d = *(word16 *)s;
        d += 2;
        s += 2;
    }
    if (n & 1)
        *d = *s;
}

static inline void copy_down(void *to, const void *from, size_t n)
{
    byte *d = (byte *)to + n;
    const byte *s = (const byte *)from + n;
    for (; n >= 8; n -= 8) {
        d -= 8;
        s -= 8;
        *(word64 *)d = *(word64 *)s;
    }
    while (n--)
        *--d = *--s;
}

#undef memcpy
#undef memmove
#undef memset
#undef memcmp
#undef bcopy
#undef bzero
#undef bcmp
#undef ovbcopy

void *memcpy(void *to, const void *from, size_t n)
{
    if (n >= REP_FROM && lx_in_ram(to) && lx_in_ram(from)) {
        void *d = to;
        __asm__ volatile("rep movsb" : "+D"(d), "+S"(from), "+c"(n) : : "memory");
    } else {
        copy_up(to, from, n);
    }
    return to;
}

void *memmove(void *to, const void *from, size_t n)
{
    if ((uintptr_t)to - (uintptr_t)from >= n && (uintptr_t)from - (uintptr_t)to >= n)
        return memcpy(to, from, n);
    if ((uintptr_t)to < (uintptr_t)from)
        copy_up(to, from, n);
    else
        copy_down(to, from, n);
    return to;
}

void *memset(void *to, int c, size_t n)
{
    byte *d = to;
    uint64_t v = 0x0101010101010101ull * (uint8_t)c;
    if (n >= REP_FROM && lx_in_ram(to)) {
        void *p = to;
        __asm__ volatile("rep stosb" : "+D"(p), "+c"(n) : "a"(c) : "memory");
        return to;
    }
    for (; n >= 8; n -= 8, d += 8)
        *(word64 *)d = v;
    while (n--)
        *d++ = c;
    return to;
}

int memcmp(const void *a, const void *b, size_t n)
{
    const byte *p = a, *q = b;
    for (; n >= 8 && *(word64 *)p == *(word64 *)q; n -= 8) {
        p += 8;
        q += 8;
    }
    for (; n; n--, p++, q++) {
        int x = *p, y = *q;
        if (x != y)
            return x - y;
    }
    return 0;
}

void bcopy(const void *from, void *to, size_t n)
{
    memmove(to, from, n);
}

void ovbcopy(const void *from, void *to, size_t n)
{
    memmove(to, from, n);
}

void bzero(void *to, size_t n)
{
    memset(to, 0, n);
}

void __bzero(void *to, size_t n)
{
    memset(to, 0, n);
}

int bcmp(const void *a, const void *b, size_t n)
{
    return memcmp(a, b, n);
}
