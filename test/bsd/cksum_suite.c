// SPDX-License-Identifier: BSD-3-Clause
/* Internet checksums over split packets, and what mbuf_outbound_finalize() completes. */
#include <sys/kpi_mbuf.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <libkern/libkern.h>
#include "bsd/private.h"
#include "suite.h"

static unsigned plain(const unsigned char *p, size_t len, unsigned sum)
{
    for (size_t i = 0; i < len; i++)
        sum += i & 1 ? p[i] : (unsigned)p[i] << 8;
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return sum;
}

/* The bytes in mbufs of the given sizes, in turn. */
static mbuf_t split(const unsigned char *p, size_t len, size_t a, size_t b)
{
    mbuf_t top, last = NULL, m;
    size_t at = 0;

    for (int i = 0; at < len; i++) {
        size_t n = i & 1 ? b : a;
        n = n < len - at ? n : len - at;
        if (i == 0) {
            mbuf_gethdr(MBUF_WAITOK, MBUF_TYPE_DATA, &m);
            top = m;
        } else {
            mbuf_get(MBUF_WAITOK, MBUF_TYPE_DATA, &m);
            mbuf_setnext(last, m);
        }
        memcpy(mbuf_data(m), p + at, n);
        mbuf_setlen(m, n);
        at += n;
        last = m;
    }
    mbuf_pkthdr_setlen(top, len);
    return top;
}

static void splits(void)
{
    unsigned char data[1200];
    int good = 1;

    for (unsigned i = 0; i < sizeof data; i++)
        data[i] = (unsigned char)(i * 57 + 11);
    for (size_t a = 1; a < 40; a += 3)
        for (size_t b = 1; b < 150; b += 7)
            for (unsigned offset = 0; offset < 50; offset += 7) {
                mbuf_t m = split(data, 500 + a, a, b);
                u_int16_t sum;
                unsigned len = (unsigned)(500 + a - offset - b % 2);
                good &= mbuf_inet_cksum(m, 0, offset, len, &sum) == 0 &&
                        ntohs(sum) == (0xffff & ~plain(data + offset, len, 0));
                mbuf_freem(m);
            }
    host_check(good, "sums over odd pieces at odd offsets");
}

/* An IPv4 TCP segment whose field holds the pseudo header's sum, as the stack leaves it to hardware. */
static void completed(size_t a, size_t b)
{
    unsigned char p[20 + 20 + 101] = {0x45, 0, 0,  141, 1, 2,  0x40, 0, 64, IPPROTO_TCP,
                                      0,    0, 10, 0,   2, 15, 10,   0, 2,  2};
    unsigned pseudo = plain(p + 12, 8, 0) + IPPROTO_TCP + 121, sum;
    mbuf_t m;

    for (unsigned i = 20; i < sizeof p; i++)
        p[i] = (unsigned char)(i * 7);
    pseudo = (pseudo & 0xffff) + (pseudo >> 16);
    p[36] = (unsigned char)(pseudo >> 8);
    p[37] = (unsigned char)pseudo;
    m = split(p, sizeof p, a, b);
    mbuf_set_csum_requested(m, MBUF_CSUM_REQ_TCP | MBUF_CSUM_REQ_IP, 16);
    mbuf_outbound_finalize(m, PF_INET, 0);
    mbuf_copydata(m, 0, sizeof p, p);
    sum = plain(p + 20, 121, plain(p + 12, 8, IPPROTO_TCP + 121));
    host_check(sum == 0xffff && plain(p, 20, 0) == 0xffff,
               "the checksums of TCP and IP, in pieces of %zu and %zu", a, b);
    mbuf_csum_request_flags_t left;
    mbuf_get_csum_requested(m, &left, NULL);
    host_check(left == 0, "nothing is requested any more");
    mbuf_freem(m);
}

void suite_cksum(void)
{
    splits();
    completed(141, 141);
    completed(37, 3);
    host_check(host_leaks() == 0, "nothing is left");
}
