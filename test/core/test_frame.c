// SPDX-License-Identifier: BSD-3-Clause
/*
 * core/vio_frame.h against frames whose headers are known because they were just made: any stack of tags, options and
 * extension headers, any part of it at hand, any byte of it wrong. Memory at hand ends where it is said to, so that the
 * sanitizer sees a look beyond.
 */
#include "fake.h"
#include "../../core/vio_frame.h"
#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 60000, LARGEST = 4000 };
static uint32_t seed = 20;

static unsigned dice(unsigned below)
{
    seed = seed * 1664525 + 1013904223;
    return (seed >> 10) % below;
}

struct made {
    uint8_t data[LARGEST];
    unsigned len, ip, transport, payload;
    bool v6, tcp;
};

static void add(struct made *m, const void *p, unsigned n)
{
    memcpy(m->data + m->len, p, n);
    m->len += n;
}

static void add_zeros(struct made *m, unsigned n)
{
    memset(m->data + m->len, 0, n);
    m->len += n;
}

static void set16(uint8_t *p, unsigned v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}

static void ipv6_headers(struct made *m, uint8_t transport)
{
    static const uint8_t kinds[] = {0, 43, 60, 51};
    unsigned next = m->ip + 6;

    add_zeros(m, 40);
    m->data[m->ip] = 0x60;
    for (unsigned n = dice(3) ? dice(3) : dice(9); n; n--) {
        uint8_t kind = kinds[dice(4)], units = (uint8_t)dice(dice(4) ? 3 : 12);
        m->data[next] = kind;
        next = m->len;
        if (kind == 51) { /* counted in words, less two; its least is three words behind those */
            add_zeros(m, (units + 3U) * 4);
            m->data[next + 1] = (uint8_t)(units + 1);
        } else {
            add_zeros(m, (units + 1U) * 8);
            m->data[next + 1] = units;
        }
    }
    m->data[next] = transport;
}

static void make(struct made *m)
{
    static const uint8_t tag[] = {0x81, 0, 0, 5};
    unsigned header, size = dice(900);

    m->len = 0;
    m->v6 = dice(2);
    m->tcp = dice(3);
    add_zeros(m, 12);
    for (unsigned n = dice(3); n; n--)
        add(m, tag, 4);
    add(m, m->v6 ? "\x86\xdd" : "\x08\x00", 2);
    m->ip = m->len;
    if (m->v6) {
        ipv6_headers(m, m->tcp ? 6 : 17);
    } else {
        add_zeros(m, 20 + 4 * dice(11));
        m->data[m->ip] = (uint8_t)(0x40 | (m->len - m->ip) / 4);
        m->data[m->ip + 6] = (uint8_t)(dice(2) << 6); /* "don't fragment" */
        m->data[m->ip + 9] = m->tcp ? 6 : 17;
    }
    m->transport = m->len;
    header = m->tcp ? 20 + 4 * dice(11) : 8;
    add_zeros(m, header);
    if (m->tcp) {
        m->data[m->transport + 12] = (uint8_t)(header / 4 << 4);
        m->data[m->transport + 13] = (uint8_t)dice(256);
    }
    m->payload = m->len;
    for (; size; size--)
        m->data[m->len++] = (uint8_t)dice(256);
    if (m->v6)
        set16(m->data + m->ip + 4, m->len - m->ip - 40);
    else
        set16(m->data + m->ip + 2, m->len - m->ip);
}

/* The first `have` bytes of the frame in memory of just that size. */
static int parse(const struct made *m, unsigned have, struct vio_frame *f)
{
    uint8_t *exact = malloc(have ? have : 1);
    int result;

    memcpy(exact, m->data, have);
    result = vio_frame_parse(exact, have, m->len, f);
    free(exact);
    return result;
}

static bool found(const struct made *m, const struct vio_frame *f)
{
    return f->ip == m->ip && f->transport == m->transport && f->payload == m->payload && f->v6 == m->v6 && f->tcp == m->tcp &&
           f->csum_offset == (m->tcp ? 16 : 6) && (!m->tcp || f->tcp_flags == m->data[m->transport + 13]);
}

/* More is asked for until the headers are there; each time more than was there, never more than the headers. */
static bool in_steps(const struct made *m, struct vio_frame *f)
{
    unsigned have = dice(m->payload + 10);
    int need;

    if (have > m->len)
        have = m->len;
    while ((need = parse(m, have, f)) > 0) {
        if ((unsigned)need <= have || (unsigned)need > m->payload)
            return false;
        have = (unsigned)need;
    }
    return need == 0;
}

static void any_stack(void)
{
    static struct made m;
    struct vio_frame f;
    unsigned wrong = 0;

    for (unsigned i = 0; i < ROUNDS; i++) {
        make(&m);
        wrong += !in_steps(&m, &f) || !found(&m, &f);
    }
    tap(!wrong, "frame: %d stacks of headers are found, however little is at hand", ROUNDS);
}

/* Whatever is said of a damaged frame, its places are inside it. */
static void damaged(void)
{
    static struct made m;
    unsigned wrong = 0, refused = 0;

    for (unsigned i = 0; i < ROUNDS; i++) {
        struct vio_frame f;
        int error;
        make(&m);
        for (unsigned n = 1 + dice(3); n; n--)
            m.data[12 + dice(m.payload - 12)] = (uint8_t)dice(256);
        if (dice(2))
            m.len = dice(m.len + 1);
        error = parse(&m, m.len, &f);
        refused += error < 0;
        wrong += error > 0 || (!error && (f.ip >= f.transport || f.transport + (f.tcp ? 20 : 8) > f.payload || f.payload > m.len));
    }
    tap(!wrong && refused > ROUNDS / 10, "frame: of damaged ones (%u refused) no place is outside", refused);
}

/* ---- parts ---- */

/* RFC 1071 over words of an even length, and the pseudo header without its length. */
static uint32_t words(uint32_t s, const uint8_t *p, unsigned n)
{
    for (unsigned i = 0; i < n; i += 2)
        s += (uint32_t)p[i] << 8 | p[i + 1];
    return s;
}
static unsigned fold(uint32_t s)
{
    while (s >> 16)
        s = (s & 0xffff) + (s >> 16);
    return s;
}
static unsigned pseudo(const uint8_t *p, const struct made *m, unsigned length)
{
    return fold(words(6 + length, p + m->ip + (m->v6 ? 8 : 12), m->v6 ? 32 : 8));
}
static uint32_t get32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}
/* Zero has two spellings. */
static bool same_sum(unsigned a, unsigned b)
{
    return a % 0xffff == b % 0xffff;
}

static bool part_right(const struct made *m, const struct vio_frame *f, unsigned skip, unsigned size, uint16_t number)
{
    uint8_t p[LARGEST], *tcp = p + m->transport;
    const uint8_t *before = m->data + m->transport;
    unsigned flags = before[13] & ~((skip ? 0x80u : 0) | (m->payload + skip + size < m->len ? 9u : 0));

    memcpy(p, m->data, m->payload);
    vio_frame_part(p, f, m->len, skip, size, number);
    if (m->v6 ? words(0, p + m->ip + 4, 2) != m->payload + size - m->ip - 40
              : words(0, p + m->ip + 2, 2) != m->payload + size - m->ip || fold(words(0, p + m->ip, m->transport - m->ip)) != 0xffff ||
                    (uint16_t)(words(0, p + m->ip + 4, 2) - words(0, m->data + m->ip + 4, 2)) != number)
        return false;
    return get32(tcp + 4) == get32(before + 4) + skip && tcp[13] == flags &&
           same_sum(words(0, tcp + 16, 2), pseudo(p, m, m->payload - m->transport + size)) &&
           !memcmp(p, m->data, m->ip) && !memcmp(tcp + 8, before + 8, 5);
}

static void parts(void)
{
    static struct made m;
    struct vio_frame f;
    unsigned wrong = 0;

    for (unsigned i = 0; i < ROUNDS / 4; i++) {
        unsigned payload, skip, size;
        do
            make(&m);
        while (!m.tcp || m.len - m.payload < 2);
        for (unsigned at = m.ip + (m.v6 ? 8 : 12); at < m.ip + (m.v6 ? 40U : 20U); at++)
            m.data[at] = (uint8_t)dice(256);
        for (unsigned at = 0; at < 12; at++)
            m.data[m.transport + at] = (uint8_t)dice(256);
        set16(m.data + m.transport + 16, pseudo(m.data, &m, m.len - m.transport));
        payload = m.len - m.payload;
        skip = dice(3) ? dice(payload - 1) : 0;
        size = dice(3) ? 1 + dice(payload - skip) : payload - skip;
        wrong += parse(&m, m.len, &f) || !part_right(&m, &f, skip, size, (uint16_t)dice(3));
    }
    tap(!wrong, "frame: headers of any part");
}

static bool refused(const char *bytes, unsigned len)
{
    struct vio_frame f;
    return vio_frame_parse((const uint8_t *)bytes, len, len, &f) == VIO_EINVAL;
}

static void refusals(void)
{
    static struct made m;
    struct vio_frame f;

    do
        make(&m);
    while (m.v6 || m.len < m.payload + 8);
    tap(parse(&m, m.len, &f) == 0, "frame: before it is damaged");
    m.data[m.ip + 7] = 1;
    tap(parse(&m, m.len, &f) == VIO_EINVAL, "frame: a fragment");
    m.data[m.ip + 7] = 0, m.data[m.ip + 6] = 0x20;
    tap(parse(&m, m.len, &f) == VIO_EINVAL, "frame: a first fragment");
    m.data[m.ip + 6] = 0, m.data[m.ip] = 0x44;
    tap(parse(&m, m.len, &f) == VIO_EINVAL, "frame: an IPv4 header too short for one");
    do
        make(&m);
    while (!m.v6 || m.transport > m.ip + 40);
    m.data[m.ip + 6] = 44;
    tap(parse(&m, m.len, &f) == VIO_EINVAL, "frame: an IPv6 fragment");
    tap(refused("", 0) && refused("\1\2\3\4\5\6\1\2\3\4\5\6\x08\6\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 38),
        "frame: nothing, and no IP");
}

void test_frame(void)
{
    any_stack();
    damaged();
    parts();
    refusals();
}
