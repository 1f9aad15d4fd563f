// SPDX-License-Identifier: BSD-3-Clause
/*
 * host/edge/gro.c against a segmentation of the test's own (RFC 9293 and what Linux's tcp_gso_segment() does): each
 * frame that crosses is cut up again and must be the frames that went in, every byte but the TCP checksum, which must
 * be right. Then, one change at a time, what may not be joined.
 */
#include "edge/internal.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_FRAMES = 256, MTU = 1514, TAP = 1 };

struct packet {
    unsigned length;
    unsigned char byte[9200];
};
static struct packet in[MAX_FRAMES], out[MAX_FRAMES];
static unsigned nin, nout, writes, bad_meta, on = 1, bad;

static void report(int good, const char *what)
{
    printf("%sok - %s\n", good ? "" : "not ", what);
    bad |= !good;
}

static unsigned get16(const unsigned char *p) { return p[0] * 256u + p[1]; }
static unsigned get32(const unsigned char *p) { return get16(p) * 65536u + get16(p + 2); }
static void set16(unsigned char *p, unsigned v) { p[0] = v >> 8, p[1] = v; }
static void set32(unsigned char *p, unsigned v) { set16(p, v >> 16), set16(p + 2, v); }

static unsigned fold(const unsigned char *p, unsigned n, unsigned long sum)
{
    for (unsigned i = 0; i < n; i++)
        sum += i & 1 ? p[i] : p[i] * 256ul;
    while (sum > 0xffff)
        sum = sum % 65536 + sum / 65536;
    return sum;
}

static unsigned ip_length(const unsigned char *f) { return f[14] >> 4 == 6 ? 40 : (f[14] & 15) * 4; }
static unsigned pseudo(const unsigned char *f, unsigned length)
{
    return f[14] >> 4 == 6 ? fold(f + 22, 32, length + 6ul) : fold(f + 26, 8, length + 6ul);
}

static void seal(struct packet *p) /* lengths and checksums of a frame that is complete */
{
    unsigned char *f = p->byte, *tcp = f + 14 + ip_length(f);
    unsigned length = p->length - (tcp - f);
    if (f[14] >> 4 == 6) {
        set16(f + 18, length);
    } else {
        set16(f + 16, p->length - 14);
        set16(f + 24, 0);
        set16(f + 24, ~fold(f + 14, ip_length(f), 0));
    }
    set16(tcp + 16, 0);
    set16(tcp + 16, ~fold(tcp, length, pseudo(f, length)));
}

/* ---- the tap: takes frames, cuts up what is marked ---- */

static void cut_up(const struct edge_meta *m, const unsigned char *f, unsigned length)
{
    unsigned tcp = 14 + ip_length(f), head = tcp + (f[tcp + 12] >> 4) * 4, at = head;
    bad_meta |= m->gso != (f[14] >> 4) || m->header_len != head || m->csum_start != tcp || m->csum_offset != 16 ||
                !m->needs_csum || get16(f + tcp + 16) != pseudo(f, length - tcp);
    bad_meta |= f[14] >> 4 == 4 && (fold(f + 14, 20, 0) != 0xffff || get16(f + 16) != length - 14);
    bad_meta |= f[14] >> 4 == 6 && get16(f + 18) != length - 54;
    bad_meta |= length - head <= m->gso_size;
    for (unsigned n = 0; at < length; n++) {
        struct packet *p = &out[nout++];
        unsigned part = length - at < m->gso_size ? length - at : m->gso_size;
        memcpy(p->byte, f, head);
        memcpy(p->byte + head, f + at, part);
        p->length = head + part;
        set32(p->byte + tcp + 4, get32(f + tcp + 4) + at - head);
        if (f[14] >> 4 == 4)
            set16(p->byte + 18, get16(f + 18) + n);
        at += part;
        if (at < length)
            p->byte[tcp + 13] &= ~9; /* FIN, PSH */
        seal(p);
    }
}

int edge_tap_coalesces(struct edge_tap *tap) { return on; }

int edge_tap_write_run(struct edge_tap *tap, const struct edge_meta *m, const struct edge_vec *vec, int nvec, unsigned frames)
{
    static unsigned char f[EDGE_MAX_FRAME];
    unsigned length = 0, before = nout;
    for (int i = 0; i < nvec; i++) {
        memcpy(f + length, vec[i].base, vec[i].len);
        length += vec[i].len;
    }
    writes++;
    if (m->gso) {
        cut_up(m, f, length);
    } else {
        memcpy(out[nout].byte, f, length);
        out[nout++].length = length;
    }
    bad_meta |= nout - before != frames;
    return 0;
}

int edge_tap_write(struct edge_tap *tap, const struct edge_meta *m, const struct edge_vec *vec, int nvec)
{
    return edge_tap_write_run(tap, m, vec, nvec, 1);
}

/* ---- frames ---- */

/* The next segment of a stream, `payload` bytes, with 12 bytes of TCP options (time stamps). */
static struct packet *segment(int v6, unsigned payload, unsigned flags)
{
    static unsigned sequence, id = 65530;
    struct packet *p = &in[nin++];
    unsigned char *f = p->byte, *tcp = f + (v6 ? 54 : 34);
    memset(f, 0, 128);
    memcpy(f, "\2\0\0\0\0\1\2\0\0\0\0\2", 12);
    set16(f + 12, v6 ? 0x86dd : 0x0800);
    if (v6) {
        memcpy(f + 14, "\x60\0\0\0\0\0\6\x40\xfd", 9);
        f[37] = 1, f[53] = 2;
    } else {
        memcpy(f + 14, "\x45\0\0\0\0\0\x40\0\x40\6\0\0\12\11\0\1\12\11\0\2", 20);
        set16(f + 18, id++);
    }
    set16(tcp, 5201), set16(tcp + 2, 40000), set32(tcp + 4, sequence), set32(tcp + 8, 77777);
    tcp[12] = 0x80, tcp[13] = 16 | flags;
    set16(tcp + 14, 502);
    memcpy(tcp + 20, "\1\1\10\12\0\0\0\5\0\0\0\6", 12);
    for (unsigned i = 0; i < payload; i++)
        tcp[32 + i] = rand();
    p->length = tcp + 32 + payload - f;
    sequence += payload;
    seal(p);
    return p;
}

static void begin(void) { nin = nout = writes = bad_meta = 0; }

/* Sends what was made, in pieces cut at random places; vouched for, but frame number `bare`. */
static void send_all(int bare)
{
    struct edge_burst b;
    edge_burst_begin(&b, (struct edge_tap *)TAP);
    for (unsigned i = 0; i < nin; i++) {
        struct edge_meta meta = {.csum_valid = (int)i != bare};
        struct edge_vec vec[4];
        unsigned at = 0, n = 0, most = 1 + rand() % 4;
        while (at < in[i].length) {
            unsigned left = in[i].length - at, part = n + 1 == most ? left : 1 + rand() % left;
            vec[n++] = (struct edge_vec){in[i].byte + at, part};
            at += part;
        }
        edge_burst_add(&b, &meta, vec, n);
    }
    edge_burst_end(&b);
}

/* What came out is what went in? The TCP checksum of a joined frame is the new one: the test's frames have right ones. */
static int intact(void)
{
    int same = nin == nout && !bad_meta;
    for (unsigned i = 0; same && i < nin; i++)
        same = in[i].length == out[i].length && !memcmp(in[i].byte, out[i].byte, in[i].length);
    return same;
}

static void streams(void)
{
    for (int v6 = 0; v6 < 2; v6++) {
        begin();
        for (int i = 0; i < 20; i++)
            segment(v6, 1448, i == 19 ? 8 : 0);
        send_all(-1);
        report(intact() && writes == 1, v6 ? "IPv6: 20 segments, one write" : "IPv4: 20 segments, one write, the identification wraps");
        begin();
        for (int i = 0; i < 60; i++)
            segment(v6, 8190, 0);
        send_all(-1);
        report(intact() && writes == 9, v6 ? "IPv6: 64 KB are the limit" : "IPv4: 64 KB are the limit");
        begin();
        for (int i = 0; i < 200; i++)
            segment(v6, 100, 0);
        send_all(-1);
        report(intact() && writes >= 4 && writes < 14, v6 ? "IPv6: 64 pieces are the limit" : "IPv4: 64 pieces are the limit");
    }
}

/* A random mixture of segments of all sizes and flags, losses, repeats and changes of family. */
static void mixtures(void)
{
    unsigned joined = 0, good = 1;
    for (unsigned seed = 1; seed <= 3000 && good; seed++) {
        srand(seed);
        begin();
        int v6 = rand() & 1, n = 2 + rand() % 60;
        unsigned usual = 1 + rand() % 1448;
        for (int i = 0; i < n; i++) {
            unsigned r = rand() % 40;
            struct packet *p = segment(v6, r == 0 ? 0 : r == 1 ? 1 + rand() % 1448 : usual, r == 2 ? 8 : r == 3 ? 1 : r == 4 ? 0x40 : 0);
            if (r == 5)
                nin--; /* lost */
            if (r == 6)
                v6 = !v6;
            if (r == 7)
                p->byte[20 + rand() % 50] ^= 1 << rand() % 8, seal(p);
        }
        send_all(rand() % 100);
        good = intact();
        joined += nin - writes;
        if (!good)
            printf("# seed %u\n", seed);
    }
    report(good, "3000 random mixtures arrive bit for bit");
    report(joined > 30000, "most of them in fewer writes");
}

/* ---- what must not be joined ---- */

enum { ETH = 0, IP = 14, TCP = 34 };
static const struct {
    const char *what;
    unsigned at, xor; /* a byte of the second frame */
    int reseal;
} differs[] = {
    {"another destination", ETH + 5, 1, 1},
    {"another source", ETH + 11, 1, 1},
    {"another type of service (ECN: congestion)", IP + 1, 3, 1},
    {"another identification", IP + 5, 4, 1},
    {"no don't-fragment", IP + 6, 0x40, 1},
    {"a fragment: more to come", IP + 6, 0x20, 1},
    {"a fragment: an offset", IP + 7, 1, 1},
    {"the reserved bit of IPv4", IP + 6, 0x80, 1},
    {"another time to live", IP + 8, 1, 1},
    {"another protocol", IP + 9, 1, 1},
    {"a bad IP checksum", IP + 10, 1, 0},
    {"another source address", IP + 15, 1, 1},
    {"another destination address", IP + 19, 1, 1},
    {"a wrong IP length", IP + 3, 1, 0},
    {"another source port", TCP + 1, 1, 1},
    {"another destination port", TCP + 3, 1, 1},
    {"a sequence number ahead", TCP + 4, 1, 1},
    {"another acknowledgment", TCP + 11, 1, 1},
    {"another reserved bit", TCP + 12, 1, 1},
    {"another header length", TCP + 12, 0x10, 1},
    {"SYN", TCP + 13, 2, 1},
    {"RST", TCP + 13, 4, 1},
    {"no ACK", TCP + 13, 16, 1},
    {"URG", TCP + 13, 32, 1},
    {"ECE", TCP + 13, 64, 1},
    {"CWR", TCP + 13, 128, 1},
    {"another window", TCP + 15, 1, 1},
    {"another urgent pointer", TCP + 19, 1, 1},
    {"another time stamp", TCP + 27, 1, 1},
    {"another option", TCP + 20, 1, 1},
};

static void refusals(void)
{
    for (unsigned i = 0; i < sizeof differs / sizeof differs[0]; i++) {
        begin();
        segment(0, 500, 0);
        segment(0, 500, 0);
        in[1].byte[differs[i].at] ^= differs[i].xor;
        if (differs[i].reseal && in[1].byte[14] == 0x45)
            seal(&in[1]);
        send_all(-1);
        char text[80];
        snprintf(text, sizeof text, "not joined: %s", differs[i].what);
        report(intact() && writes == 2, text);
    }
}

static void pair(const char *what, unsigned first, unsigned first_flags, unsigned second, unsigned second_flags, int bare,
                 unsigned expect)
{
    begin();
    segment(0, first, first_flags);
    segment(0, second, second_flags);
    send_all(bare);
    report(intact() && writes == expect, what);
}

static void pairs(void)
{
    pair("joined: the plain pair", 500, 0, 500, 0, -1, 1);
    pair("joined: a shorter last one with PSH and FIN", 500, 0, 499, 9, -1, 1);
    pair("joined: both with ECE", 500, 0x40, 500, 0x40, -1, 1);
    pair("not joined: a longer second", 500, 0, 501, 0, -1, 2);
    pair("not joined: PSH before it", 500, 8, 500, 0, -1, 2);
    pair("not joined: FIN before it", 500, 1, 500, 0, -1, 2);
    pair("not joined: no payload", 500, 0, 0, 0, -1, 2);
    pair("not joined: CWR in both", 500, 0x80, 500, 0x80, -1, 2);
    pair("not joined: a checksum that nobody vouches for", 500, 0, 500, 0, 1, 2);
    on = 0;
    pair("not joined: coalescing is off (ethtool -K)", 500, 0, 500, 0, -1, 2);
    on = 1;
}

static void rest(void)
{
    begin();
    segment(0, 500, 0), segment(0, 300, 0), segment(0, 300, 0);
    send_all(-1);
    report(intact() && writes == 2, "a short segment ends a run");
    begin();
    segment(0, 500, 0), segment(0, 500, 8), segment(0, 500, 0), segment(0, 500, 0);
    send_all(-1);
    report(intact() && writes == 2, "PSH ends a run");
    begin();
    segment(0, 500, 0), segment(0, 500, 0);
    in[1].length += 4; /* Ethernet padding behind the IP packet */
    send_all(-1);
    report(intact() && writes == 2, "not joined: bytes behind the IP packet");
    begin();
    segment(0, 500, 0), segment(0, 500, 0);
    for (int i = 0; i < 2; i++) { /* IEEE 802.1Q */
        memmove(in[i].byte + 16, in[i].byte + 12, in[i].length - 12);
        memcpy(in[i].byte + 12, "\x81\0\0\5", 4);
        in[i].length += 4;
    }
    send_all(-1);
    report(intact() && writes == 2, "not joined: VLAN tags");
    begin();
    for (unsigned n = 0; n < 200; n++) { /* cut short anywhere, and nonsense */
        in[n].length = 1 + n;
        for (unsigned i = 0; i < n; i++)
            in[n].byte[i] = n & 1 ? rand() : in[0].byte[i];
    }
    nin = 200;
    send_all(-1);
    report(intact() && writes == 200, "short frames and nonsense pass as they are");
}

int main(void)
{
    streams();
    mixtures();
    refusals();
    pairs();
    rest();
    return bad;
}
