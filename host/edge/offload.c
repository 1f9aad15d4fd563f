// SPDX-License-Identifier: BSD-3-Clause
/*
 * What the driver did not announce is done here. Linux's tun knows one generic transmit checksum and TSO per family, a
 * kext may announce less: TCP but not UDP, IPv4 but not IPv6. Then the tap has the generic offload on and the rest is
 * summed in software (RFC 1071). Segmentation is never needed: a tap whose driver has no TSO does not offer it.
 */
#include "internal.h"
#include <linux/if_tun.h>
#include <stdint.h>
#include <string.h>

unsigned offload_tun_bits(unsigned announced)
{
    unsigned bits = 0;
    if (announced & (EDGE_CSUM_TCP4 | EDGE_CSUM_UDP4 | EDGE_CSUM_TCP6 | EDGE_CSUM_UDP6))
        bits |= TUN_F_CSUM;
    if (bits && (announced & EDGE_TSO4) && (announced & EDGE_CSUM_TCP4))
        bits |= TUN_F_TSO4;
    if (bits && (announced & EDGE_TSO6)) /* 10.6 and 10.7 have it without sums over IPv6 (xnu tcp_subr.c, tcp_set_tso) */
        bits |= TUN_F_TSO6;
    if (bits & (TUN_F_TSO4 | TUN_F_TSO6))
        bits |= TUN_F_TSO_ECN; /* Darwin's TSO request says nothing of CWR: any driver must expect it (xnu tcp_output) */
    return bits;
}

/* Is the checksum that the frame still needs one of the announced? csum_offset tells TCP (16) from UDP (6). */
static int announced_for(unsigned announced, const struct virtio_net_hdr *h, const struct edge_vec *vec)
{
    const unsigned char *frame = vec[0].base;
    unsigned at = 12, tcp = h->csum_offset == 16, udp = h->csum_offset == 6;
    while (vec[0].len >= at + 6 && frame[at] == 0x81 && frame[at + 1] == 0x00)
        at += 4; /* IEEE 802.1Q tags */
    if (vec[0].len < at + 2)
        return 0;
    unsigned type = frame[at] << 8 | frame[at + 1];
    if (type == 0x0800)
        return (tcp && (announced & EDGE_CSUM_TCP4)) || (udp && (announced & EDGE_CSUM_UDP4));
    if (type == 0x86dd)
        return (tcp && (announced & EDGE_CSUM_TCP6)) || (udp && (announced & EDGE_CSUM_UDP6));
    return 0;
}

/* The one's complement sum of bytes [from, to) of the pieces, as 16-bit big-endian words counted from `from`. */
static uint16_t sum_range(const struct edge_vec *vec, int nvec, unsigned from, unsigned to)
{
    uint64_t sum = 0;
    unsigned base = 0;
    for (int i = 0; i < nvec && base < to; base += vec[i++].len) {
        const unsigned char *p = vec[i].base;
        unsigned first = from > base ? from - base : 0;
        unsigned last = to - base < vec[i].len ? to - base : vec[i].len;
        for (unsigned k = first; k < last; k++)
            sum += (base + k - from) & 1 ? p[k] : (unsigned)p[k] << 8;
    }
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return sum;
}

static void put_byte(const struct edge_vec *vec, int nvec, unsigned at, unsigned char value)
{
    for (int i = 0; i < nvec; at -= vec[i++].len)
        if (at < vec[i].len) {
            ((unsigned char *)vec[i].base)[at] = value;
            return;
        }
}

/* Where the transport header of an unfragmented IPv4 or IPv6 frame begins and its protocol; 0: none that is known. */
static unsigned transport(const unsigned char *p, unsigned n, unsigned *protocol)
{
    unsigned at = 12;
    while (n >= at + 4 && p[at] == 0x81 && p[at + 1] == 0x00)
        at += 4; /* IEEE 802.1Q tags */
    if (n < at + 2)
        return 0;
    unsigned type = p[at] << 8 | p[at + 1];
    at += 2;
    if (type == 0x0800 && n >= at + 20) { /* RFC 791 */
        if ((p[at + 6] & 0x3f) || p[at + 7])
            return 0;
        *protocol = p[at + 9];
        return at + (p[at] & 15) * 4;
    }
    if (type != 0x86dd || n < at + 40)
        return 0;
    *protocol = p[at + 6];
    at += 40;
    while ((*protocol == 0 || *protocol == 43 || *protocol == 60) && n >= at + 8) { /* RFC 8200, 4.1: options, routing */
        *protocol = p[at];
        at += 8 + p[at + 1] * 8;
    }
    return at;
}

/*
 * The driver vouches for the transport checksum, whatever the field holds: a frame that never left this machine has only
 * its pseudo header's sum there. The tun driver knows no "is valid"; "still to be completed" has the same effect, for a
 * receiver does not verify what is still to come.
 */
void offload_vouch(struct virtio_net_hdr *h, const struct edge_vec *vec)
{
    unsigned protocol = 0, at = transport(vec[0].base, vec[0].len, &protocol);
    unsigned offset = protocol == 6 ? 16 : protocol == 17 ? 6 : 0;
    if (!at || !offset || at + offset + 2 > vec[0].len)
        return;
    h->flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
    h->csum_start = at;
    h->csum_offset = offset;
}

void offload_complete(unsigned announced, struct virtio_net_hdr *h, const struct edge_vec *vec, int nvec,
                      unsigned length)
{
    unsigned field = h->csum_start + h->csum_offset;
    if (!(h->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) || h->gso_type || announced_for(announced, h, vec) || field + 2 > length)
        return;
    uint16_t sum = ~sum_range(vec, nvec, h->csum_start, length);
    if (!sum && h->csum_offset == 6)
        sum = 0xffff; /* RFC 768: a UDP checksum of zero means none */
    put_byte(vec, nvec, field, sum >> 8);
    put_byte(vec, nvec, field + 1, sum & 0xff);
    h->flags &= ~VIRTIO_NET_HDR_F_NEEDS_CSUM;
}
