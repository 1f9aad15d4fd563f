// SPDX-License-Identifier: BSD-3-Clause
/*
 * Receive coalescing, as Linux's network cards do it (GRO): consecutive segments of one TCP connection in a burst from
 * the driver cross into Linux as one frame, marked as segmented (virtio_net_hdr's gso fields), for a write to the tap
 * costs the same whatever it carries. The driver sees nothing of it, and a Linux that forwards the frame cuts it up again
 * bit for bit: whatever its segmentation (net/ipv4/tcp_offload.c, tcp_gso_segment; net/ipv4/af_inet.c) could not
 * reproduce ends the run. That is stricter than tcp_gro_receive(): the window and the IP identification count too.
 *
 * Only frames whose checksum the driver vouches for, without a VLAN tag, IP options or extension headers. The order of
 * all frames is kept: one run at a time.
 */
#include "internal.h"
#include <linux/types.h>
#include <string.h>

enum {
    ETHER = 14,
    MAX_HEAD = ETHER + 40 + 60,
    MAX_IP = 65535,
    FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16, URG = 32, CWR = 128, /* RFC 9293, 3.1; RFC 3168, 6.1 */
    LAST_ONLY = FIN | PSH, /* of a segmented frame's flags only the last segment has these */
};
_Static_assert(sizeof((struct edge_burst *)0)->head >= MAX_HEAD, "room for the headers");

/* A frame that may be part of a run. */
struct segment {
    unsigned tcp, data, payload; /* offset of the TCP header and of what follows it; its bytes */
    unsigned sequence, ip_id, flags;
    int v6;
};

static unsigned be16(const unsigned char *p) { return p[0] << 8 | p[1]; }
static unsigned be32(const unsigned char *p) { return be16(p) << 16 | be16(p + 2); }

static void put16(unsigned char *p, unsigned value)
{
    p[0] = value >> 8;
    p[1] = value;
}

static unsigned sum16(const unsigned char *p, unsigned n, unsigned sum) /* RFC 1071; n is even */
{
    for (unsigned i = 0; i < n; i += 2)
        sum += be16(p + i);
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return sum;
}

/* The IP header, complete and without anything that a segment could not repeat. Its payload's length; 0: no. */
static unsigned parse_ip(const unsigned char *head, unsigned n, unsigned length, struct segment *s)
{
    const unsigned char *ip = head + ETHER;
    s->v6 = be16(head + 12) == 0x86dd;
    s->tcp = ETHER + (s->v6 ? 40 : 20);
    if (n < s->tcp + 20)
        return 0;
    if (s->v6) /* RFC 8200, 3 */
        return ip[0] >> 4 == 6 && ip[6] == 6 && be16(ip + 4) + s->tcp == length ? length - s->tcp : 0;
    s->ip_id = be16(ip + 4);
    if (be16(head + 12) != 0x0800 || ip[0] != 0x45 || ip[9] != 6 || (be16(ip + 6) & ~0x4000)) /* RFC 791, 3.1 */
        return 0;
    return be16(ip + 2) + ETHER == length && sum16(ip, 20, 0) == 0xffff ? length - s->tcp : 0;
}

static int parse(const unsigned char *head, unsigned n, unsigned length, struct segment *s)
{
    unsigned rest = parse_ip(head, n, length, s), header = rest ? (head[s->tcp + 12] >> 4) * 4 : 0;
    if (header < 20 || header >= rest || s->tcp + header > n)
        return 0;
    s->data = s->tcp + header;
    s->payload = rest - header;
    s->sequence = be32(head + s->tcp + 4);
    s->flags = head[s->tcp + 13];
    return (s->flags & (ACK | SYN | RST | URG | CWR)) == ACK;
}

/* Same headers but for what segmentation counts up by itself: IP length, identification and checksum; TCP sequence
 * number, PSH and FIN, checksum. */
static int same_headers(const unsigned char *a, const unsigned char *b, const struct segment *s)
{
    const unsigned char *ta = a + s->tcp, *tb = b + s->tcp;
    if (memcmp(a, b, ETHER))
        return 0;
    a += ETHER;
    b += ETHER;
    if (s->v6 ? memcmp(a, b, 4) || memcmp(a + 6, b + 6, 34)
              : memcmp(a, b, 2) || memcmp(a + 6, b + 6, 4) || memcmp(a + 12, b + 12, 8))
        return 0;
    return !memcmp(ta, tb, 4) && !memcmp(ta + 8, tb + 8, 5) && !((ta[13] ^ tb[13]) & ~LAST_ONLY) &&
           !memcmp(ta + 14, tb + 14, 2) && !memcmp(ta + 18, tb + 18, s->data - s->tcp - 18);
}

static int continues(const struct edge_burst *b, const struct segment *s, const unsigned char *head)
{
    return b->frames && s->data == b->head_len && s->v6 == b->v6 && s->payload <= b->gso_size &&
           s->sequence == b->next_sequence && b->length + s->payload <= MAX_IP + ETHER - (s->v6 ? 40 : 0) &&
           (s->v6 || s->ip_id == ((b->first_id + b->frames) & 0xffff)) && same_headers(b->head, head, s);
}

/* The run's frame takes over the bytes behind the headers. 0: no room for the pieces. */
static int append(struct edge_burst *b, const struct edge_vec *vec, int nvec, unsigned skip)
{
    int n = b->nvec;
    for (int i = 0; i < nvec; i++) {
        unsigned cut = skip < vec[i].len ? skip : vec[i].len;
        skip -= cut;
        if (cut == vec[i].len)
            continue;
        if (n == EDGE_MAX_VEC)
            return 0;
        b->vec[n++] = (struct edge_vec){(char *)vec[i].base + cut, vec[i].len - cut};
    }
    b->nvec = n;
    return 1;
}

static unsigned gather_head(const struct edge_vec *vec, int nvec, unsigned char *head)
{
    unsigned n = 0;
    for (int i = 0; i < nvec && n < MAX_HEAD; i++) {
        unsigned part = vec[i].len < MAX_HEAD - n ? vec[i].len : MAX_HEAD - n;
        memcpy(head + n, vec[i].base, part);
        n += part;
    }
    return n;
}

/* The headers of the whole: lengths, the IP checksum, and of the TCP checksum the pseudo header's part. */
static void finish_headers(struct edge_burst *b)
{
    unsigned char *ip = b->head + ETHER, *tcp = ip + (b->v6 ? 40 : 20);
    unsigned length = b->length - (tcp - b->head);
    if (b->v6) {
        put16(ip + 4, length);
    } else {
        put16(ip + 2, length + 20);
        put16(ip + 10, 0);
        put16(ip + 10, ~sum16(ip, 20, 0));
    }
    put16(tcp + 16, sum16(b->v6 ? ip + 8 : ip + 12, b->v6 ? 32 : 8, length + 6));
    tcp[13] |= b->last_flags & LAST_ONLY;
}

void edge_burst_begin(struct edge_burst *b, struct edge_tap *tap)
{
    b->tap = tap;
    b->frames = 0;
}

void edge_burst_end(struct edge_burst *b)
{
    struct edge_meta meta = {.csum_valid = 1};
    if (!b->frames)
        return;
    b->vec[0] = (struct edge_vec){b->head, b->head_len};
    if (b->frames > 1) {
        finish_headers(b);
        meta.needs_csum = 1;
        meta.csum_start = ETHER + (b->v6 ? 40 : 20);
        meta.csum_offset = 16;
        meta.gso = b->v6 ? 6 : 4;
        meta.gso_size = b->gso_size;
        meta.header_len = b->head_len;
    }
    edge_tap_write_run(b->tap, &meta, b->vec, b->nvec, b->frames);
    b->frames = 0;
}

/* A run begins; not with a frame that would end it at once, or that comes in too many pieces. */
static int start(struct edge_burst *b, const struct segment *s, const unsigned char *head, const struct edge_vec *vec,
                 int nvec)
{
    b->nvec = 1;
    if ((s->flags & LAST_ONLY) || !append(b, vec, nvec, s->data))
        return 0;
    memcpy(b->head, head, s->data);
    b->head_len = s->data;
    b->v6 = s->v6;
    b->gso_size = s->payload;
    b->first_id = s->ip_id;
    b->frames = 1;
    b->length = s->data + s->payload;
    b->next_sequence = s->sequence + s->payload;
    b->last_flags = s->flags;
    return 1;
}

void edge_burst_add(struct edge_burst *b, const struct edge_meta *meta, const struct edge_vec *vec, int nvec)
{
    unsigned char head[MAX_HEAD];
    struct segment s;
    unsigned length = 0;
    for (int i = 0; i < nvec; i++)
        length += vec[i].len;
    int fit = meta->csum_valid && !meta->gso && !meta->needs_csum && edge_tap_coalesces(b->tap) &&
              parse(head, gather_head(vec, nvec, head), length, &s);
    if (fit && continues(b, &s, head) && append(b, vec, nvec, s.data)) {
        b->frames++;
        b->length += s.payload;
        b->next_sequence += s.payload;
        b->last_flags = s.flags;
        if (s.payload < b->gso_size || (s.flags & LAST_ONLY))
            edge_burst_end(b);
        return;
    }
    edge_burst_end(b);
    if (!fit || !start(b, &s, head, vec, nvec))
        edge_tap_write(b->tap, meta, vec, nvec);
}
