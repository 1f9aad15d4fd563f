// SPDX-License-Identifier: BSD-3-Clause
/*
 * Frames that the stack sends: recorded with what is asked for them and whether their checksums hold;
 * reflected when asked; commands picked out.
 */
#include "loop.h"
#include <libkern/OSByteOrder.h>
#include <libkern/libkern.h>
#include <string.h>

static UInt16 word(const UInt8 *p)
{
    return (UInt16)(p[0] << 8 | p[1]);
}

UInt32 sum_packet(mbuf_t m, UInt32 from, UInt32 start)
{
    UInt32 sum = start, at = 0;
    for (; m; m = mbuf_next(m)) {
        const UInt8 *p = (const UInt8 *)mbuf_data(m);
        for (UInt32 i = 0; i < mbuf_len(m); i++, at++)
            if (at >= from)
                sum += (at - from) & 1 ? p[i] : (UInt32)p[i] << 8;
    }
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return sum;
}

struct Transport {
    UInt8 header[kHeader + 4 + 40 + 20];
    UInt32 type, network, transport, protocol, length, tag;
    bool tagged;
};

/* Where the headers lie; false: neither TCP nor UDP. */
static bool dissect(mbuf_t m, Transport *t)
{
    UInt32 total = (UInt32)mbuf_pkthdr_len(m), n = min(total, (UInt32)sizeof t->header);
    bzero(t, sizeof *t);
    mbuf_copydata(m, 0, n, t->header);
    t->type = word(t->header + 12);
    t->network = kHeader;
    if (t->type == 0x8100) {
        t->tagged = true;
        t->tag = word(t->header + 14);
        t->type = word(t->header + 16);
        t->network += 4;
    }
    const UInt8 *ip = t->header + t->network;
    if (t->type == 0x0800) {
        t->transport = t->network + (ip[0] & 15) * 4;
        t->protocol = ip[9];
    } else if (t->type == 0x86dd) {
        t->transport = t->network + 40;
        t->protocol = ip[6];
    }
    t->length = total - t->transport;
    return t->protocol == 6 || t->protocol == 17;
}

static UInt32 pseudo(const Transport *t)
{
    const UInt8 *ip = t->header + t->network;
    UInt32 from = t->type == 0x0800 ? 12 : 8, to = t->type == 0x0800 ? 20 : 40, sum = t->protocol + t->length;
    for (UInt32 i = from; i < to; i += 2)
        sum += word(ip + i);
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return sum;
}

/* "good": complete; "pseudo": the field holds the sum of the pseudo header, the rest is left to the hardware.
 */
static const char *state_of_sum(mbuf_t m, const Transport *t, UInt32 *field)
{
    UInt32 at = t->transport + (t->protocol == 6 ? 16 : 6);
    UInt8 bytes[2] = {0, 0};
    if (mbuf_copydata(m, at, 2, bytes))
        return "short";
    *field = word(bytes);
    if (*field == pseudo(t) || (*field == 0 && t->protocol == 17))
        return *field ? "pseudo" : "none";
    return sum_packet(m, t->transport, pseudo(t)) == 0xffff ? "good" : "bad";
}

static UInt32 pieces(mbuf_t m)
{
    UInt32 n = 0;
    for (; m; m = mbuf_next(m))
        n++;
    return n;
}

void Loop::note_packet(mbuf_t m)
{
    Transport t;
    UInt32 demand = 0, tag = 0, field = 0;
    u_int32_t size = 0;
    mbuf_tso_request_flags_t tso = 0;
    bool known = dissect(m, &t);
    getChecksumDemand(m, kChecksumFamilyTCPIP, &demand);
    mbuf_get_tso_requested(m, &tso, &size);
    bool hard = getVlanTagDemand(m, &tag);
    SInt32 i = OSIncrementAtomic(&records);
    snprintf(record[i % kRecords], kRecordSize,
             "type=%04x len=%u proto=%u demand=%x sum=%s tso=%x:%u tag=%s%u pieces=%u;", (unsigned)t.type,
             (unsigned)mbuf_pkthdr_len(m), (unsigned)t.protocol, (unsigned)demand,
             known ? state_of_sum(m, &t, &field) : "-", (unsigned)tso, (unsigned)size, hard ? "hard" : "",
             (unsigned)(hard       ? tag
                        : t.tagged ? t.tag & 0xfff
                                   : 0),
             (unsigned)pieces(m));
}

static void exchange(UInt8 *a, UInt8 *b, int n)
{
    for (int i = 0; i < n; i++) {
        UInt8 c = a[i];
        a[i] = b[i];
        b[i] = c;
    }
}

/* The frame comes back as if a neighbour had answered: ARP and echo requests become answers, UDP goes back to
 * its port. */
void Loop::reflect(mbuf_t m)
{
    mbuf_t copy = 0;
    UInt32 length = (UInt32)mbuf_pkthdr_len(m);
    if (!(copy = copyPacket(m)))
        return;
    UInt8 *p = (UInt8 *)mbuf_data(copy), *ip = p + kHeader;
    static const UInt8 neighbour[6] = {0x52, 0x54, 0, 1, 2, 3};
    if (mbuf_len(copy) < 42 || (p[0] & 1 && word(p + 12) != 0x0806)) {
        freePacket(copy);
        return;
    }
    memcpy(p, p + 6, 6);
    memcpy(p + 6, neighbour, 6);
    if (word(p + 12) == 0x0806) {
        ip[7] = 2;
        exchange(ip + 8, ip + 18, 10);
        memcpy(ip + 8, neighbour, 6);
    } else if (word(p + 12) == 0x0800) {
        exchange(ip + 12, ip + 16, 4);
        UInt8 *data = ip + (ip[0] & 15) * 4;
        if (word(ip + 6) & 0x1fff) {
            ; /* a fragment's rest has no header */
        } else if (ip[9] == 1 && data[0] == 8) {
            UInt32 sum = word(data + 2) + 0x0800u;
            data[0] = 0;
            sum = (sum & 0xffff) + (sum >> 16);
            data[2] = (UInt8)(sum >> 8), data[3] = (UInt8)sum;
        } else if (ip[9] == 17) {
            exchange(data, data + 2, 2);
        }
    }
    stats->inputPackets++;
    interface->inputPacket(copy, length, 0);
}

/* Drops and stalls are counted down by commands; a stalled packet stays with the queue. */
UInt32 Loop::outputPacket(mbuf_t m, void *param)
{
    UInt8 type[2] = {0, 0};
    mbuf_copydata(m, 12, 2, type);
    if (word(type) == kCommandType) {
        size_t n = min((size_t)(mbuf_pkthdr_len(m) - kHeader), sizeof command - 1);
        mbuf_copydata(m, kHeader, n, command);
        command[n] = 0;
        freePacket(m);
        commands->interruptOccurred(0, 0, 0);
        return kIOReturnOutputSuccess;
    }
    if (OSIncrementAtomic(&inside))
        overlapped++;
    UInt32 result = kIOReturnOutputSuccess;
    if (stalls > 0) {
        OSDecrementAtomic(&stalls);
        later = kService;
        timer->setTimeoutMS(20);
        result = kIOReturnOutputStall;
    } else if (drops > 0) {
        OSDecrementAtomic(&drops);
        freePacket(m);
        result = kIOReturnOutputDropped;
    } else {
        note_packet(m);
        if (loop_asked("gated") && !loop->inGate())
            misplaced = true;
        stats->outputPackets++;
        if (loop_asked("reflect"))
            reflect(m);
        freePacket(m);
    }
    OSDecrementAtomic(&inside);
    return result;
}
