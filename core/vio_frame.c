// SPDX-License-Identifier: BSD-3-Clause
/* Headers of frames on their way out: see vio_frame.h. */
#include "vio_frame.h"

enum {
    ETHER_TYPE = 12,
    TYPE_IP = 0x0800,
    TYPE_IPV6 = 0x86dd,
    TYPE_VLAN = 0x8100,
    TAG = 4,
    TAGS_MOST = 2,
    IP_HEADER = 20,
    IPV6_HEADER = 40,
    TCP_HEADER = 20,
    UDP_HEADER = 8,
    TCP_SEQUENCE = 4,
    TCP_OFFSET = 12, /* of the header's length, then of the flags */
    TCP_FIN_PSH = 0x09,
    NEXT_HOP = 0, /* RFC 8200, 4.1; AUTH is RFC 4302's */
    NEXT_TCP = 6,
    NEXT_UDP = 17,
    NEXT_ROUTING = 43,
    NEXT_AUTH = 51,
    NEXT_DESTINATION = 60,
};

static uint32_t be16(const uint8_t *p)
{
    return (uint32_t)p[0] << 8 | p[1];
}

static void put16(uint8_t *p, uint32_t value)
{
    p[0] = (uint8_t)(value >> 8);
    p[1] = (uint8_t)value;
}

struct view {
    const uint8_t *head;
    uint32_t have, len;
};

/* 0 when bytes up to `end` are there, else what vio_frame_parse() returns. */
static int reach(const struct view *v, uint32_t end)
{
    if (VIO_LIKELY(end <= v->have))
        return 0;
    return end <= v->len && end <= UINT16_MAX ? (int)end : VIO_EINVAL;
}

static int parse_ip(const struct view *v, struct vio_frame *f, uint8_t *protocol)
{
    const uint8_t *ip = v->head + f->ip;
    uint32_t header, total;
    int error = reach(v, f->ip + (uint32_t)IP_HEADER);

    if (VIO_UNLIKELY(error))
        return error;
    header = (ip[0] & 15) * 4U;
    total = be16(ip + 2);
    if (ip[0] >> 4 != 4 || header < IP_HEADER || total < header || f->ip + total > v->len ||
        (be16(ip + 6) & 0x3fff))
        return VIO_EINVAL;
    *protocol = ip[9];
    f->transport = (uint16_t)(f->ip + header);
    return 0;
}

/* Each extension header is at least 8 bytes long: the loop ends with the frame, or at 64 KB. */
static int parse_ipv6(const struct view *v, struct vio_frame *f, uint8_t *protocol)
{
    uint32_t at = f->ip + (uint32_t)IPV6_HEADER, size;
    int error = reach(v, at);

    if (VIO_UNLIKELY(error))
        return error;
    if (v->head[f->ip] >> 4 != 6 || at + be16(v->head + f->ip + 4) > v->len)
        return VIO_EINVAL;
    for (*protocol = v->head[f->ip + 6]; *protocol != NEXT_TCP && *protocol != NEXT_UDP; at += size) {
        if (*protocol != NEXT_HOP && *protocol != NEXT_ROUTING && *protocol != NEXT_DESTINATION &&
            *protocol != NEXT_AUTH)
            return VIO_EINVAL;
        error = reach(v, at + 8);
        if (VIO_UNLIKELY(error))
            return error;
        size = *protocol == NEXT_AUTH ? (v->head[at + 1] + 2U) * 4 : (v->head[at + 1] + 1U) * 8;
        *protocol = v->head[at];
    }
    if (at > UINT16_MAX - 60) /* the longest TCP header */
        return VIO_EINVAL;
    f->transport = (uint16_t)at;
    return 0;
}

static int parse_transport(const struct view *v, struct vio_frame *f, uint8_t protocol)
{
    uint32_t header = protocol == NEXT_TCP ? TCP_HEADER : UDP_HEADER;
    const uint8_t *p = v->head + f->transport;
    int error = reach(v, f->transport + header);

    if (VIO_UNLIKELY(error))
        return error;
    f->tcp = protocol == NEXT_TCP;
    f->csum_offset = f->tcp ? VIO_FRAME_TCP_SUM : VIO_FRAME_UDP_SUM;
    f->tcp_flags = f->tcp ? p[TCP_OFFSET + 1] : 0;
    if (f->tcp)
        header = (p[TCP_OFFSET] >> 4) * 4U;
    if (header < (f->tcp ? (uint32_t)TCP_HEADER : UDP_HEADER) || f->transport + header > v->len)
        return VIO_EINVAL;
    f->payload = (uint16_t)(f->transport + header);
    return 0;
}

int vio_frame_parse(const uint8_t *head, uint32_t have, uint32_t len, struct vio_frame *f)
{
    const struct view v = {head, have < len ? have : len, len};
    uint32_t at = ETHER_TYPE, type = TYPE_VLAN;
    uint8_t protocol = 0;
    int error = 0;

    for (unsigned tags = 0; type == TYPE_VLAN && tags <= TAGS_MOST; tags++, at += TAG) {
        error = reach(&v, at + 2);
        if (VIO_UNLIKELY(error))
            return error;
        type = be16(head + at);
    }
    *f = (struct vio_frame){.ip = (uint16_t)(at - TAG + 2), .v6 = type == TYPE_IPV6};
    if (!f->v6 && type != TYPE_IP)
        return VIO_EINVAL;
    error = f->v6 ? parse_ipv6(&v, f, &protocol) : parse_ip(&v, f, &protocol);
    if (!error && protocol != NEXT_TCP && protocol != NEXT_UDP)
        error = VIO_EINVAL;
    return error ? error : parse_transport(&v, f, protocol);
}

/* RFC 1071, of an even number of bytes. */
static uint32_t sum(const uint8_t *p, uint32_t len, uint32_t s)
{
    for (uint32_t i = 0; i < len; i += 2)
        s += be16(p + i);
    while (s >> 16)
        s = (s & 0xffff) + (s >> 16);
    return s;
}

static void part_ip(uint8_t *ip, uint32_t header, uint32_t total, uint16_t part_number)
{
    put16(ip + 2, total);
    put16(ip + 4,
          be16(ip + 4) +
              part_number); /* as the device counts on, for each segment (RFC 6864 wants them unique) */
    put16(ip + 10, 0);
    put16(ip + 10, ~sum(ip, header, 0) & 0xffff);
}

void vio_frame_part(uint8_t *head, const struct vio_frame *f, uint32_t len, uint32_t skip, uint32_t size,
                    uint16_t part_number)
{
    uint8_t *tcp = head + f->transport, *flags = tcp + TCP_OFFSET + 1;
    uint32_t sequence = (be16(tcp + TCP_SEQUENCE) << 16 | be16(tcp + TCP_SEQUENCE + 2)) + skip;
    uint32_t header = f->payload - (uint32_t)f->transport, before = len - f->transport, after = header + size;

    if (f->v6)
        put16(head + f->ip + 4, f->payload - (uint32_t)f->ip - IPV6_HEADER + size);
    else
        part_ip(head + f->ip, f->transport - (uint32_t)f->ip, f->payload - (uint32_t)f->ip + size,
                part_number);
    put16(tcp + TCP_SEQUENCE, sequence >> 16);
    put16(tcp + TCP_SEQUENCE + 2, sequence & 0xffff);
    if (skip)
        *flags &= (uint8_t)~VIO_FRAME_TCP_CWR;
    if (f->payload + skip + size < len)
        *flags &= (uint8_t)~TCP_FIN_PSH;
    /* The pseudo header's sum counts the length: RFC 1624, equation 3, of sums that are not complemented. */
    put16(tcp + VIO_FRAME_TCP_SUM, sum(tcp + VIO_FRAME_TCP_SUM, 2, (~before & 0xffff) + after));
}
