// SPDX-License-Identifier: BSD-3-Clause
/* Packets in other shapes (host/bsd/mbuf_shape.c): the same bytes and requests, in a chain that is one. */
#include <sys/kpi_mbuf.h>
#include <sys/param.h>
#include <libkern/libkern.h>
#include "bsd/boot.h"
#include "bsd/mbuf_impl.h"
#include "suite.h"

enum { LARGEST = 65549 };
static unsigned char before[LARGEST], after[LARGEST];

static mbuf_t packet(size_t len)
{
    mbuf_t m = NULL;
    size_t at = 0;

    for (size_t i = 0; i < len; i++)
        before[i] = (unsigned char)(i * 31 + i / 253);
    if (mbuf_allocpacket(MBUF_WAITOK, len, NULL, &m) != 0)
        return NULL;
    for (mbuf_t n = m; n; n = mbuf_next(n)) {
        size_t part = MIN(mbuf_maxlen(n), len - at);
        memcpy(mbuf_data(n), before + at, part);
        mbuf_setlen(n, part);
        at += part;
    }
    mbuf_pkthdr_setlen(m, len);
    mbuf_set_csum_requested(m, MBUF_CSUM_REQ_TCP, 16);
    m->pkthdr.csum_flags |= MBUF_TSO_IPV4;
    m->pkthdr.tso_segsz = 1000;
    mbuf_set_vlan_tag(m, 5);
    m->flags |= MBUF_MCAST;
    return m;
}

struct sight {
    unsigned pieces, empty, odd, ones;
};

/* 1 when the chain holds what every chain must, and the packet's bytes and requests. */
static int sound(mbuf_t m, size_t len, struct sight *s)
{
    mbuf_tso_request_flags_t tso = 0;
    mbuf_csum_request_flags_t sums = 0;
    u_int32_t value = 0, mss = 0;
    u_int16_t tag = 0;
    size_t total = 0;

    bzero(s, sizeof *s);
    for (mbuf_t n = m; n; n = mbuf_next(n)) {
        if (((mbuf_flags(n) & MBUF_PKTHDR) != 0) != (n == m) || n->nextpkt || mbuf_type(n) != MBUF_TYPE_DATA ||
            (char *)mbuf_data(n) < mbuf_base(n) || mbuf_trailingspace(n) > mbuf_maxlen(n))
            return 0;
        total += mbuf_len(n);
        s->pieces++;
        s->empty += mbuf_len(n) == 0;
        s->ones += mbuf_len(n) == 1;
        s->odd += (uintptr_t)mbuf_data(n) & 1;
    }
    mbuf_get_csum_requested(m, &sums, &value);
    mbuf_get_tso_requested(m, &tso, &mss);
    return total == len && mbuf_pkthdr_len(m) == len && mbuf_copydata(m, 0, len, after) == 0 &&
           memcmp(before, after, len) == 0 && sums == MBUF_CSUM_REQ_TCP && value == 16 && tso == MBUF_TSO_IPV4 && mss == 1000 &&
           mbuf_get_vlan_tag(m, &tag) == 0 && tag == 5 && (mbuf_flags(m) & MBUF_MCAST);
}

static struct sight shaped(const char *shape)
{
    static const size_t sizes[] = {14, 42, 60, 61, 257, 1514, 9014, LARGEST};
    struct sight s = {}, all = {};
    int good = bsd_mbufs(shape) == 0;

    for (unsigned i = 0; good && i < sizeof sizes / sizeof *sizes; i++) {
        mbuf_t m = packet(sizes[i]);
        m = m ? mbuf_shape(m) : NULL;
        good = m && sound(m, sizes[i], &s);
        mbuf_freem(m);
        all.pieces = MAX(all.pieces, s.pieces);
        all.empty += s.empty;
        all.odd += s.odd;
        all.ones += s.ones;
    }
    host_check(good, "shape %s: the same packet, %u pieces at most", shape, all.pieces);
    return all;
}

void suite_shape(void)
{
    struct sight s;
    char name[24];

    s = shaped("whole");
    host_check(s.pieces <= 5, "shape whole: as it was");
    s = shaped("bytes");
    host_check(s.ones >= 14 + 42 + 60 + 61 + 4 * 256, "shape bytes: byte by byte");
    s = shaped("segments");
    host_check(s.pieces >= 1025, "shape segments: more than a ring of 1024");
    for (unsigned i = 0; i < 70; i += 1 + i / 4) {
        snprintf(name, sizeof name, "split=%u", i);
        s = shaped(name);
    }
    host_check(s.odd > 0, "shape split: the second part at an odd address");
    shaped("split=20000");
    bzero(&s, sizeof s);
    for (unsigned i = 0; i < 12; i++) {
        struct sight one;
        snprintf(name, sizeof name, "random=%u", i * 1000003);
        one = shaped(name);
        s.empty += one.empty;
        s.odd += one.odd;
    }
    host_check(s.empty > 0 && s.odd > 0, "shape random: empty mbufs and odd addresses among them");
    host_check(bsd_mbufs("round") != 0 && bsd_mbufs("split=") != 0 && bsd_mbufs("random=4294967296") != 0 && bsd_mbufs("") != 0,
               "shape: no such one");
    bsd_mbufs("whole");
    host_check(host_leaks() == 0, "shape: nothing left behind");
}
