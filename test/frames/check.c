// SPDX-License-Identifier: BSD-3-Clause
/*
 * Checks the frames of a pcap file, knowing nothing of the driver or its host: written from the RFCs alone (791, 8200,
 * 9293, 768, 1071, 4302; IEEE 802.1Q). Every IPv4 header sum and TCP or UDP checksum must be right, lengths must agree,
 * no TCP segment may carry more than LIMIT bytes. Prints a line for each fault, then what it saw; exit status 1 if
 * there was a fault.
 *      frames FILE [LIMIT [PAYLOAD-FILE PORT]]
 * With PAYLOAD-FILE the TCP payloads to PORT, in the order of their sequence numbers, are written there.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct {
    unsigned frames, ip4, ip6, tcp, udp, vlan, options, extensions, faults, longest;
} seen;
static unsigned limit = 65535, port;
static uint8_t *stream;
static uint32_t first_sequence, stream_end;
enum { STREAM_MAX = 1 << 24 };

static unsigned get16(const uint8_t *p) { return (unsigned)p[0] << 8 | p[1]; }
static uint32_t get32(const uint8_t *p) { return (uint32_t)get16(p) << 16 | get16(p + 2); }

static void fault(const char *what)
{
    printf("frame %u: %s\n", seen.frames, what);
    seen.faults++;
}

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

static void keep(const uint8_t *tcp, const uint8_t *data, unsigned len)
{
    uint32_t sequence = get32(tcp + 4);
    if (!stream || get16(tcp + 2) != port || !len)
        return;
    if (!stream_end)
        first_sequence = sequence;
    uint32_t at = sequence - first_sequence;
    if (at > STREAM_MAX - len) {
        fault("a sequence number out of nowhere");
        return;
    }
    memcpy(stream + at, data, len);
    if (at + len > stream_end)
        stream_end = at + len;
}

static void transport(unsigned protocol, uint32_t pseudo, const uint8_t *p, unsigned len)
{
    unsigned header;
    if (protocol == 6) {
        seen.tcp++;
        header = len < 20 ? 0 : (p[12] >> 4) * 4u;
        if (header < 20 || header > len) {
            fault("TCP header length");
            return;
        }
        if (len - header > limit)
            fault("a TCP segment longer than its MSS");
        if (len - header > seen.longest)
            seen.longest = len - header;
        keep(p, p + header, len - header);
    } else if (protocol == 17) {
        seen.udp++;
        if (len < 8 || get16(p + 4) != len) {
            fault("UDP length");
            return;
        }
        if (!get16(p + 6)) /* RFC 768: none was computed */
            return;
    } else {
        return;
    }
    if (sum(pseudo, p, len) != 0xffff)
        fault(protocol == 6 ? "TCP checksum" : "UDP checksum");
}

static void ip4(const uint8_t *p, unsigned len)
{
    unsigned header = len < 20 ? 0 : (p[0] & 15) * 4u, total = len < 20 ? 0 : get16(p + 2);
    seen.ip4++;
    if (header < 20 || total < header || total > len) {
        fault("IPv4 length");
        return;
    }
    seen.options += header > 20;
    if (sum(0, p, header) != 0xffff)
        fault("IPv4 header checksum");
    if (get16(p + 6) & 0x3fff)
        return; /* a fragment: its transport checksum spans others */
    transport(p[9], sum(p[9] + total - header, p + 12, 8), p + header, total - header);
}

static void ip6(const uint8_t *p, unsigned len)
{
    unsigned next = p[6], at = 40, end = 40 + get16(p + 4);
    const uint8_t *to = p + 24;
    seen.ip6++;
    if (len < 40 || end > len) {
        fault("IPv6 length");
        return;
    }
    while ((next == 0 || next == 43 || next == 60 || next == 51) && at + 8 <= end) {
        seen.extensions++;
        if (next == 43 && p[at + 3]) /* the pseudo header has the last address (RFC 8200, 8.1) */
            to = p + at + 8 + 16 * (p[at + 1] / 2 - 1);
        unsigned this = next;
        next = p[at];
        at += this == 51 ? (p[at + 1] + 2u) * 4 : (p[at + 1] + 1u) * 8;
    }
    if (at > end || next == 44)
        return;
    transport(next, sum(sum(next + end - at, p + 8, 16), to, 16), p + at, end - at);
}

static void ethernet(const uint8_t *p, unsigned len)
{
    unsigned at = 12;
    seen.frames++;
    if (len < 14) {
        fault("shorter than an Ethernet header");
        return;
    }
    if (get16(p + at) == 0x8100 && len >= 18) {
        seen.vlan++;
        at += 4;
    }
    if (get16(p + at) == 0x0800)
        ip4(p + at + 2, len - at - 2);
    else if (get16(p + at) == 0x86dd && len >= at + 42)
        ip6(p + at + 2, len - at - 2);
}

int main(int argc, char **argv)
{
    static uint8_t frame[1 << 18];
    uint32_t head[6], record[4];
    FILE *f = argc > 1 ? fopen(argv[1], "rb") : NULL;
    if (!f || fread(head, sizeof head, 1, f) != 1 || head[0] != 0xa1b2c3d4) {
        fprintf(stderr, "usage: frames FILE [LIMIT [PAYLOAD-FILE PORT]]; FILE is a pcap file of this machine's byte order\n");
        return 2;
    }
    if (argc > 2)
        limit = (unsigned)atoi(argv[2]);
    if (argc > 4) {
        stream = calloc(1, STREAM_MAX);
        port = (unsigned)atoi(argv[4]);
    }
    while (fread(record, sizeof record, 1, f) == 1 && record[2] <= sizeof frame && fread(frame, record[2], 1, f) == 1) {
        if (record[2] == record[3])
            ethernet(frame, record[2]);
        else
            fault("cut short by the capture");
    }
    printf("%u frames, %u ip4, %u ip6, %u tcp, %u udp, %u vlan, %u options, %u extensions, longest %u, %u faults\n",
           seen.frames, seen.ip4, seen.ip6, seen.tcp, seen.udp, seen.vlan, seen.options, seen.extensions, seen.longest,
           seen.faults);
    FILE *out = stream ? fopen(argv[3], "wb") : NULL;
    if (out && (fwrite(stream, 1, stream_end, out) != stream_end || fclose(out)))
        return 2;
    return seen.faults != 0;
}
