// SPDX-License-Identifier: BSD-3-Clause
/* Operations on chains, against a flat array that has the same done to it. */
#include <sys/kpi_mbuf.h>
#include <sys/param.h>
#include <libkern/libkern.h>
#include "linux/linux.h"
#include "suite.h"

enum { LARGEST = 20000 };
static unsigned char flat[2 * LARGEST], out[2 * LARGEST];
static size_t length;
static unsigned seed = 1;

static unsigned dice(unsigned n)
{
    seed = seed * 1103515245 + 12345;
    return (seed >> 8) % n;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* A packet of pieces of odd sizes in mbufs and clusters. */
static mbuf_t build(size_t len)
{
    mbuf_t top = NULL, last = NULL;
    size_t at = 0;
    unsigned char stamp = (unsigned char)dice(256);

    for (size_t i = 0; i < len; i++)
        flat[i] = (unsigned char)(stamp + i * 7 + i / 251);
    do {
        mbuf_t m = NULL;
        size_t n, lead;
        if (!top)
            mbuf_gethdr(MBUF_WAITOK, MBUF_TYPE_DATA, &m);
        else
            mbuf_get(MBUF_WAITOK, MBUF_TYPE_DATA, &m);
        if (dice(2))
            mbuf_getcluster(MBUF_WAITOK, MBUF_TYPE_DATA, dice(2) ? 2048 : 4096, &m);
        lead = dice(40);
        n = least(len - at, dice((unsigned)(mbuf_maxlen(m) - lead)));
        mbuf_setdata(m, (char *)mbuf_datastart(m) + lead, n);
        memcpy(mbuf_data(m), flat + at, n);
        at += n;
        if (!top)
            top = m;
        else
            mbuf_setnext(last, m);
        last = m;
    } while (at < len);
    mbuf_pkthdr_setlen(top, len);
    length = len;
    return top;
}

static int same(mbuf_t m)
{
    size_t n = 0;

    for (mbuf_t i = m; i; i = mbuf_next(i)) {
        if (memcmp(mbuf_data(i), flat + n, mbuf_len(i)) != 0)
            return 0;
        n += mbuf_len(i);
    }
    return n == length && mbuf_pkthdr_len(m) == length;
}

static mbuf_t step_prepend(mbuf_t m)
{
    size_t n = dice(120) + 1;

    if (mbuf_prepend(&m, n, MBUF_WAITOK) != 0)
        return NULL;
    memmove(flat + n, flat, length);
    for (size_t i = 0; i < n; i++)
        flat[i] = (unsigned char)i;
    length += n;
    mbuf_copyback(m, 0, n, flat, MBUF_WAITOK);
    return m;
}

static mbuf_t step_adj(mbuf_t m)
{
    size_t n = dice((unsigned)length + 1);

    if (dice(2)) {
        mbuf_adj(m, (int)n);
        memmove(flat, flat + n, length - n);
    } else {
        mbuf_adj(m, -(int)n);
    }
    length -= n;
    return m;
}

static mbuf_t step_split(mbuf_t m)
{
    size_t at = dice((unsigned)length + 1);
    mbuf_t rest;

    if (mbuf_split(m, at, MBUF_WAITOK, &rest) != 0)
        return m;
    if (mbuf_pkthdr_len(m) != at || mbuf_pkthdr_len(rest) != length - at)
        return NULL;
    mbuf_setflags_mask(rest, 0, MBUF_PKTHDR);
    mbuf_concatenate(m, rest);
    mbuf_pkthdr_setlen(m, length);
    return m;
}

static mbuf_t step_pullup(mbuf_t m)
{
    size_t n = least(length, dice(mbuf_get_mhlen()));

    if (mbuf_pullup(&m, n) != 0 || mbuf_len(m) < n)
        return NULL;
    return m;
}

static mbuf_t step_pulldown(mbuf_t m)
{
    size_t n = least(length, dice(2000) + 1), offset = dice((unsigned)(length - n) + 1), at = offset;
    mbuf_t where;

    if (!length)
        return m;
    if (mbuf_pulldown(m, &at, n, &where) != 0 || mbuf_len(where) < at + n ||
        memcmp((char *)mbuf_data(where) + at, flat + offset, n) != 0)
        return NULL;
    return m;
}

static mbuf_t step_copyback(mbuf_t m)
{
    size_t at = dice((unsigned)length + 300), n = dice(3000) + 1;

    for (size_t i = length; i < at; i++)
        flat[i] = 0;
    for (size_t i = 0; i < n; i++)
        flat[at + i] = out[i] = (unsigned char)(i * 3 + at);
    for (mbuf_t i = m; i;
         i = mbuf_next(i)) /* a shared cluster may not be written to: make the packet one's own */
        if (mbuf_mclhasreference(i)) {
            mbuf_t own;
            mbuf_dup(m, MBUF_WAITOK, &own);
            mbuf_freem(m);
            m = own;
            break;
        }
    if (mbuf_copyback(m, at, n, out, MBUF_WAITOK) != 0)
        return NULL;
    /* Between the old end and at the last mbuf's old room may show through; Darwin does not clear it either.
     */
    if (at > length)
        mbuf_copydata(m, length, at - length, flat + length);
    length = MAX(length, at + n);
    return m;
}

static mbuf_t step_copy(mbuf_t m)
{
    mbuf_t copy;

    if ((dice(2) && length ? mbuf_copym(m, 0, MBUF_COPYALL, MBUF_WAITOK, &copy)
                           : mbuf_dup(m, MBUF_WAITOK, &copy)) != 0)
        return NULL;
    mbuf_freem(m);
    return copy;
}

static int part_of(mbuf_t m)
{
    size_t n = dice((unsigned)length + 1), at = dice((unsigned)(length - n) + 1);
    mbuf_t part;
    int good;

    if (mbuf_copydata(m, at, n, out) != 0 || memcmp(out, flat + at, n) != 0 ||
        mbuf_copydata(m, at, length - at + 1, out) != EINVAL)
        return 0;
    if (n == 0)
        return 1;
    if (mbuf_copym(m, at, n, MBUF_WAITOK, &part) != 0)
        return 0;
    good = mbuf_copydata(part, 0, n, out) == 0 && memcmp(out, flat + at, n) == 0 &&
           (at || mbuf_pkthdr_len(part) == n);
    mbuf_freem(part);
    return good;
}

void suite_chain(void)
{
    static mbuf_t (*const steps[])(mbuf_t) = {step_prepend,  step_adj,      step_split, step_pullup,
                                              step_pulldown, step_copyback, step_copy};
    static const char *const names[] = {
        "mbuf_prepend",  "mbuf_adj",      "mbuf_split and mbuf_concatenate", "mbuf_pullup",
        "mbuf_pulldown", "mbuf_copyback", "mbuf_copym and mbuf_dup"};
    int good[7] = {1, 1, 1, 1, 1, 1, 1}, parts = 1;

    for (int round = 0; round < 400; round++) {
        mbuf_t m = build(dice(LARGEST / 2) + 1);
        for (int i = 0; i < 30 && m; i++) {
            unsigned which = dice(7);
            mbuf_t next;
            if (length > LARGEST)
                break;
            next = steps[which](m);
            if (!next || !same(next)) {
                good[which] = 0;
                host_note("%s, round %d, step %d, seed %u", names[which], round, i, seed);
                m = next;
                break;
            }
            m = next;
            parts &= part_of(m);
        }
        if (m)
            mbuf_freem(m);
    }
    for (int i = 0; i < 7; i++)
        host_check(good[i], "%s against a flat array", names[i]);
    host_check(parts, "mbuf_copydata and parts by mbuf_copym");
    host_check(host_leaks() == 0, "nothing is left of 400 packets");
}
