// SPDX-License-Identifier: BSD-3-Clause
/*
 * The Internet checksum (RFC 1071) over chains of mbufs, and what the stack completes itself when no hardware
 * does. Behaviour of xnu's bsd/netinet/in_cksum.c and ip_output.c (in_finalize_cksum).
 */
#include "bsd/mbuf_impl.h"
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>

static u_int32_t fold(u_int64_t sum)
{
    sum = (sum & 0xffffffff) + (sum >> 32);
    sum = (sum & 0xffffffff) + (sum >> 32);
    sum = (sum & 0xffff) + (sum >> 16);
    return (u_int32_t)((sum & 0xffff) + (sum >> 16));
}

/* Words as they lie in memory; an odd last byte counts as the low half of one. */
static u_int32_t sum_bytes(const void *data, size_t len)
{
    const u_int8_t *p = data;
    u_int64_t sum = 0;

    for (; len >= 4; p += 4, len -= 4) {
        u_int32_t w;
        __builtin_memcpy(&w, p, 4);
        sum += w;
    }
    if (len >= 2) {
        u_int16_t w;
        __builtin_memcpy(&w, p, 2);
        sum += w;
        p += 2;
    }
    return fold(sum + (len & 1 ? *p : 0));
}

u_int32_t cksum_chain(const struct __mbuf *m, size_t offset, size_t len, u_int32_t sum)
{
    int odd = 0;

    for (; m && offset >= (size_t)m->len; m = m->next)
        offset -= (size_t)m->len;
    for (; m && len > 0; m = m->next, offset = 0) {
        size_t n = MIN((size_t)m->len - offset, len);
        u_int32_t part = sum_bytes(m->data + offset, n);
        if (odd) /* the bytes of this piece stand in the other halves of the words */
            part = (part & 0xff) << 8 | part >> 8;
        sum = fold((u_int64_t)sum + part);
        odd ^= (int)(n & 1);
        len -= n;
    }
    return sum;
}

/* Addresses, length and protocol of the IP header at the packet's start; 0: it is not whole. */
static int pseudo4(mbuf_t m, int protocol, u_int32_t length, u_int32_t *sum)
{
    struct ip ip;

    if (mbuf_copydata(m, 0, sizeof ip, &ip) != 0)
        return 0;
    *sum = fold((u_int64_t)sum_bytes(&ip.ip_src, 8) + htons((u_int16_t)length) + htons((u_int16_t)protocol));
    return 1;
}
static int pseudo6(mbuf_t m, int protocol, u_int32_t length, u_int32_t *sum)
{
    struct ip6_hdr ip6;
    u_int32_t wide = htonl(length);

    if (mbuf_copydata(m, 0, sizeof ip6, &ip6) != 0)
        return 0;
    *sum = fold((u_int64_t)sum_bytes(&ip6.ip6_src, 32) + sum_bytes(&wide, 4) + htons((u_int16_t)protocol));
    return 1;
}

static errno_t inet_sum(mbuf_t m, int protocol, u_int32_t offset, u_int32_t length, u_int16_t *csum,
                        int (*pseudo)(mbuf_t, int, u_int32_t, u_int32_t *))
{
    u_int32_t sum = 0;

    if (!m || !length || !csum || (u_int32_t)m->pkthdr.len < offset + length)
        return EINVAL;
    if (protocol != 0 && !pseudo(m, protocol, length, &sum))
        return EINVAL;
    *csum = (u_int16_t)~cksum_chain(m, offset, length, sum);
    return 0;
}

/* protocol 0: no pseudo header; otherwise the packet begins with the IP header. */
errno_t mbuf_inet_cksum(mbuf_t m, int protocol, u_int32_t offset, u_int32_t length, u_int16_t *csum)
{
    return inet_sum(m, protocol, offset, length, csum, pseudo4);
}
errno_t mbuf_inet6_cksum(mbuf_t m, int protocol, u_int32_t offset, u_int32_t length, u_int16_t *csum)
{
    return inet_sum(m, protocol, offset, length, csum, pseudo6);
}

/* The field at start + csum_data already has the pseudo header's sum. */
static void finish_transport(mbuf_t m, size_t start, size_t len, int udp)
{
    size_t field = start + (m->pkthdr.csum_data & 0xffff);
    u_int16_t csum = (u_int16_t)~cksum_chain(m, start, len, 0);

    if (udp && csum == 0)
        csum = 0xffff;
    mbuf_copyback(m, field, sizeof csum, &csum, MBUF_DONTWAIT);
}

static void finalize4(mbuf_t m, size_t offset)
{
    u_int32_t want = m->pkthdr.csum_flags;
    struct ip ip;
    size_t header, total;

    if (mbuf_copydata(m, offset, sizeof ip, &ip) != 0)
        return;
    header = (size_t)ip.ip_hl << 2;
    total = ntohs(ip.ip_len);
    if (header < sizeof ip || total < header || (size_t)m->pkthdr.len < offset + total)
        return;
    if (want & (MBUF_CSUM_REQ_TCP | MBUF_CSUM_REQ_UDP))
        finish_transport(m, offset + header, total - header, (want & MBUF_CSUM_REQ_UDP) != 0);
    if (want & MBUF_CSUM_REQ_IP) {
        u_int16_t csum = 0;
        mbuf_copyback(m, offset + __builtin_offsetof(struct ip, ip_sum), sizeof csum, &csum, MBUF_DONTWAIT);
        csum = (u_int16_t)~cksum_chain(m, offset, header, 0);
        mbuf_copyback(m, offset + __builtin_offsetof(struct ip, ip_sum), sizeof csum, &csum, MBUF_DONTWAIT);
    }
    m->pkthdr.csum_flags &= ~(u_int32_t)(MBUF_CSUM_REQ_TCP | MBUF_CSUM_REQ_UDP | MBUF_CSUM_REQ_IP);
}

/* Extension headers are passed over. */
static void finalize6(mbuf_t m, size_t offset)
{
    u_int32_t want = m->pkthdr.csum_flags;
    struct ip6_hdr ip6;
    struct ip6_ext ext;
    size_t start = offset + sizeof ip6, end;
    u_int8_t next;

    if (!(want & (MBUF_CSUM_REQ_TCPIPV6 | MBUF_CSUM_REQ_UDPIPV6)) ||
        mbuf_copydata(m, offset, sizeof ip6, &ip6) != 0)
        return;
    end = start + ntohs(ip6.ip6_plen);
    for (next = ip6.ip6_nxt; next == IPPROTO_HOPOPTS || next == IPPROTO_ROUTING || next == IPPROTO_DSTOPTS;
         next = ext.ip6e_nxt) {
        if (mbuf_copydata(m, start, sizeof ext, &ext) != 0)
            return;
        start += ((size_t)ext.ip6e_len + 1) * 8;
    }
    if (start >= end || (size_t)m->pkthdr.len < end)
        return;
    finish_transport(m, start, end - start, (want & MBUF_CSUM_REQ_UDPIPV6) != 0);
    m->pkthdr.csum_flags &= ~(u_int32_t)(MBUF_CSUM_REQ_TCPIPV6 | MBUF_CSUM_REQ_UDPIPV6);
}

void mbuf_outbound_finalize(mbuf_t m, u_int32_t protocol_family, size_t protocol_offset)
{
    if (protocol_family == PF_INET)
        finalize4(m, protocol_offset);
    else if (protocol_family == PF_INET6)
        finalize6(m, protocol_offset);
}
