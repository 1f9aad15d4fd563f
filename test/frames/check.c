// SPDX-License-Identifier: BSD-3-Clause
/*
 * Checks captured frames against what was sent, knowing nothing of the driver, its host or the kernel that segmented: written
 * from the RFCs alone (791, 8200, 9293, 768, 1071, 3168, 6864; IEEE 802.1Q). From each frame that send.py gave to the interface,
 * with its request, it makes the frames that must be on the wire, and compares them with the capture's, in order, bit for bit.
 *      frames SENT CAPTURE [MAC]
 * SENT: records of place (u32), length (u32), virtio-net header (10 bytes), frame. CAPTURE: a pcap file of this machine's byte
 * order; frames that MAC did not send are left out. Prints a line for each record, "PLACE ok N" or "PLACE fault WHAT"; exit
 * status 1 if there was a fault.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct bytes {
    uint8_t *data;
    unsigned len;
};

static struct bytes *captured;
static unsigned captures, at_capture, faults;

static unsigned get16(const uint8_t *p) { return (unsigned)p[0] << 8 | p[1]; }
static uint32_t get32(const uint8_t *p) { return (uint32_t)get16(p) << 16 | get16(p + 2); }
static void put16(uint8_t *p, unsigned v) { p[0] = (uint8_t)(v >> 8), p[1] = (uint8_t)v; }
static void put32(uint8_t *p, uint32_t v) { put16(p, v >> 16), put16(p + 2, v & 0xffff); }

/* RFC 1071: the one's complement sum, by bytes. */
static uint32_t sum(uint32_t start, const uint8_t *p, unsigned len)
{
    uint64_t s = start;
    for (unsigned i = 0; i < len; i++)
        s += i & 1 ? p[i] : (unsigned)p[i] << 8;
    while (s >> 16)
        s = (s & 0xffff) + (s >> 16);
    return (uint32_t)s;
}

/* ---- what must be on the wire ---- */

struct headers {
    unsigned ip, transport, payload; /* offsets */
    int v6, tcp;
    uint32_t pseudo; /* addresses and protocol, without a length */
};

static void find(const uint8_t *p, struct headers *h)
{
    unsigned at = 12, next;
    while (get16(p + at) == 0x8100)
        at += 4;
    h->v6 = get16(p + at) == 0x86dd;
    h->ip = at + 2;
    if (h->v6) {
        next = p[h->ip + 6];
        at = h->ip + 40;
        while (next != 6 && next != 17) {
            unsigned this = next;
            next = p[at];
            at += this == 51 ? (p[at + 1] + 2u) * 4 : (p[at + 1] + 1u) * 8;
        }
        h->pseudo = sum(next, p + h->ip + 8, 32);
    } else {
        next = p[h->ip + 9];
        at = h->ip + (p[h->ip] & 15) * 4u;
        h->pseudo = sum(next, p + h->ip + 12, 8);
    }
    h->tcp = next == 6;
    h->transport = at;
    h->payload = at + (h->tcp ? (p[at + 12] >> 4) * 4u : 8);
}

/* The transport checksum in full, from the addresses on: whatever the field had before. */
static void complete(uint8_t *p, unsigned len, const struct headers *h)
{
    unsigned size = len - h->transport;
    uint8_t *field = p + h->transport + (h->tcp ? 16 : 6);
    put16(field, 0);
    unsigned value = ~sum(h->pseudo + size, p + h->transport, size) & 0xffff;
    put16(field, value || h->tcp ? value : 0xffff); /* RFC 768: zero would mean none */
}

/* The n-th segment of the frame: `size` bytes of payload from `skip` on. */
static unsigned segment(uint8_t *out, const struct bytes *f, const struct headers *h, unsigned n, unsigned skip, unsigned size)
{
    unsigned len = h->payload + size;
    uint8_t *ip = out + h->ip, *tcp = out + h->transport;
    memcpy(out, f->data, h->payload);
    memcpy(out + h->payload, f->data + h->payload + skip, size);
    if (h->v6) {
        put16(ip + 4, len - h->ip - 40);
    } else {
        put16(ip + 2, len - h->ip);
        put16(ip + 4, get16(ip + 4) + n);
        put16(ip + 10, 0);
        put16(ip + 10, ~sum(0, ip, h->transport - h->ip) & 0xffff);
    }
    put32(tcp + 4, get32(tcp + 4) + skip);
    if (n)
        tcp[13] &= 0x7f; /* RFC 3168, 6.1.2: CWR in the first */
    if (h->payload + skip + size < f->len)
        tcp[13] &= 0xf6; /* FIN and PSH in the last */
    complete(out, len, h);
    return len;
}

/* ---- comparing ---- */

static int differs(unsigned place, unsigned n, const uint8_t *want, unsigned len)
{
    if (at_capture == captures) {
        printf("%u fault: segment %u is not in the capture\n", place, n);
        return 1;
    }
    const struct bytes *got = &captured[at_capture];
    if (got->len == len && !memcmp(got->data, want, len)) {
        at_capture++;
        return 0;
    }
    unsigned i = 0;
    while (i < len && i < got->len && got->data[i] == want[i])
        i++;
    printf("%u fault: segment %u: %u bytes, want %u; differs at byte %u\n", place, n, got->len, len, i);
    return 1;
}

static unsigned first_of(const struct bytes *f, unsigned mss, uint8_t *out)
{
    struct headers h;
    find(f->data, &h);
    unsigned payload = f->len - h.payload;
    if (mss && payload > mss)
        return segment(out, f, &h, 0, 0, mss);
    memcpy(out, f->data, f->len);
    complete(out, f->len, &h);
    return f->len;
}

static void check(unsigned place, const struct bytes *f, unsigned mss)
{
    static uint8_t want[1 << 17];
    struct headers h;
    find(f->data, &h);
    unsigned payload = f->len - h.payload, n = 0, len = first_of(f, mss, want), start = at_capture;
    /* After a fault: go on with the first frame that fits. */
    while (start < captures && (captured[start].len != len || memcmp(captured[start].data, want, len)))
        start++;
    if (start < captures && faults)
        at_capture = start;
    if (differs(place, n++, want, len)) {
        faults++;
        return;
    }
    for (unsigned skip = mss; mss && skip < payload; skip += mss, n++) {
        len = segment(want, f, &h, n, skip, payload - skip < mss ? payload - skip : mss);
        if (differs(place, n, want, len)) {
            faults++;
            return;
        }
    }
    printf("%u ok %u\n", place, n);
}

static void read_capture(const char *name, const uint8_t *mac)
{
    uint32_t head[6], record[4];
    FILE *f = fopen(name, "rb");
    if (!f || fread(head, sizeof head, 1, f) != 1 || head[0] != 0xa1b2c3d4) {
        fprintf(stderr, "frames: %s is no pcap file of this machine's byte order\n", name);
        exit(2);
    }
    while (fread(record, sizeof record, 1, f) == 1 && record[2] < 1 << 18) {
        struct bytes b = {malloc(record[2] + 1), record[2]};
        if (!b.data || fread(b.data, 1, b.len, f) != b.len)
            break;
        if (record[2] != record[3] || b.len < 14 || memcmp(b.data + 6, mac, 6)) {
            free(b.data);
            continue;
        }
        if (!(captures & (captures - 1)))
            captured = realloc(captured, (captures ? captures * 2 : 1) * sizeof *captured);
        captured[captures++] = b;
    }
    fclose(f);
}

int main(int argc, char **argv)
{
    static uint8_t frame[1 << 18];
    uint8_t mac[6] = {0x52, 0x54, 0x00, 0x12, 0x34, 0x56}, vnet[10];
    uint32_t record[2];
    FILE *f = argc > 2 ? fopen(argv[1], "rb") : NULL;
    if (!f || (argc > 3 && sscanf(argv[3], "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", mac, mac + 1, mac + 2, mac + 3, mac + 4, mac + 5) != 6)) {
        fprintf(stderr, "usage: frames SENT CAPTURE [MAC]\n");
        return 2;
    }
    read_capture(argv[2], mac);
    unsigned records = 0;
    while (fread(record, sizeof record, 1, f) == 1 && record[1] <= sizeof frame + sizeof vnet && record[1] >= sizeof vnet + 42 &&
           fread(vnet, sizeof vnet, 1, f) == 1 && fread(frame, record[1] - sizeof vnet, 1, f) == 1) {
        struct bytes sent = {frame, record[1] - (unsigned)sizeof vnet};
        check(record[0], &sent, vnet[1] ? vnet[4] | vnet[5] << 8 : 0);
        records++;
    }
    if (!faults && at_capture != captures) {
        printf("fault: %u more frames than were sent\n", captures - at_capture);
        faults++;
    }
    printf("%u sent, %u captured, %u faults\n", records, captures, faults);
    return faults || !records;
}
