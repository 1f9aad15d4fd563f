// SPDX-License-Identifier: BSD-3-Clause
/*
 * Commands of test/host/frames.py, run on the work loop: WORDS#MARK; each is answered by a frame with text and its mark, as
 * an answer may come when it was given up.
 */
#include "loop.h"
#include <libkern/libkern.h>
#include <string.h>

static const UInt8 peer[6] = {0x52, 0x54, 0, 1, 2, 3};

/* A frame to the interface's own address. */
static mbuf_t make_frame(Loop *l, UInt16 type, const void *payload, UInt32 length)
{
    UInt32 size = kHeader + max(length, (UInt32)46);
    mbuf_t m = l->allocatePacket(size);
    if (!m)
        return 0;
    UInt8 header[kHeader];
    memcpy(header, l->address.bytes, 6);
    memcpy(header + 6, peer, 6);
    header[12] = (UInt8)(type >> 8), header[13] = (UInt8)type;
    mbuf_copyback(m, 0, kHeader, header, MBUF_DONTWAIT);
    mbuf_copyback(m, kHeader, length, payload, MBUF_DONTWAIT);
    return m;
}

void Loop::answer(const char *text)
{
    char marked[kAnswerSize + 16];
    snprintf(marked, sizeof marked, "%s#%u", text, (unsigned)mark);
    mbuf_t m = make_frame(this, kAnswerType, marked, (UInt32)strlen(marked) + 1);
    if (m)
        interface->inputPacket(m, (UInt32)mbuf_pkthdr_len(m));
}

/* 10.9.0.2 to 10.9.0.1, UDP port 9 to 9, one byte of payload; its checksum is wrong unless good. */
static UInt32 make_udp(UInt8 *p, int number, bool good)
{
    static const UInt8 ip[20] = {0x45, 0, 0, 29, 0, 0, 0, 0, 64, 17, 0x66, 0xbc, 10, 9, 0, 2, 10, 9, 0, 1};
    UInt8 udp[9] = {0, 9, 0, 9, 0, 9, 0, 0, (UInt8)number};
    UInt32 sum = 17 + 9 + 0x0a09 * 2 + 2 + 1 + 9 + 9 + 9 + ((UInt32)number << 8);
    sum = (sum & 0xffff) + (sum >> 16);
    UInt32 field = (~sum & 0xffff) ^ (good ? 0 : 0x5555);
    udp[6] = (UInt8)(field >> 8), udp[7] = (UInt8)field;
    memcpy(p, ip, 20);
    memcpy(p + 20, udp, 9);
    return 29;
}

/* how: "plain", "vouched" (the driver says that the sum is good, and it is not), "tagged" (VLAN 5 beside the
 * frame). */
void Loop::input_many(int count, bool queued, const char *how)
{
    UInt8 payload[46];
    for (int i = 0; i < count; i++) {
        bzero(payload, sizeof payload);
        UInt32 n = make_udp(payload, i, strcmp(how, "vouched") != 0);
        mbuf_t m = make_frame(this, 0x0800, payload, n);
        if (!m)
            return;
        if (!strcmp(how, "vouched"))
            setChecksumResult(m, kChecksumFamilyTCPIP, kChecksumIP | kChecksumUDP,
                              kChecksumIP | kChecksumUDP);
        if (!strcmp(how, "tagged"))
            setVlanTag(m, 5);
        stats->inputPackets++;
        interface->inputPacket(m, kHeader + 46, queued ? IONetworkInterface::kInputOptionQueuePacket : 0);
    }
}

static int number(const char *text)
{
    while (*text && (*text < '0' || *text > '9'))
        text++;
    return (int)strtol(text, 0, 10);
}

static bool begins(const char *text, const char *with)
{
    return !strncmp(text, with, strlen(with));
}

static void describe_state(Loop *l, char *out, UInt32 size)
{
    UInt32 n = (UInt32)snprintf(
        out, size,
        "enabled=%d enables=%u disables=%u promisc=%d multi=%d size=%u misplaced=%d "
        "overlapped=%d running=%d mtu=%u medium=%s groups=",
        l->enabled, (unsigned)l->enables, (unsigned)l->disables, l->promiscuous, l->multicast,
        (unsigned)l->maxPacket, l->misplaced, (int)l->overlapped, !!(l->interface->getFlags() & 0x40),
        (unsigned)l->interface->getMaxTransferUnit(),
        l->getCurrentMedium() ? l->getCurrentMedium()->getName()->getCStringNoCopy() : "none");
    for (UInt32 i = 0; i < l->groups && n + 20 < size; i++) {
        const UInt8 *b = l->group[i].bytes;
        n += (UInt32)snprintf(out + n, size - n, "%02x:%02x:%02x:%02x:%02x:%02x,", b[0], b[1], b[2], b[3],
                              b[4], b[5]);
    }
}

static void describe_queue(Loop *l, char *out, UInt32 size)
{
    IOBasicOutputQueue *q = l->queue;
    snprintf(out, size, "capacity=%u size=%u output=%u drop=%u retry=%u stall=%u", (unsigned)q->getCapacity(),
             (unsigned)q->getSize(), (unsigned)q->getOutputCount(), (unsigned)q->getDropCount(),
             (unsigned)q->getRetryCount(), (unsigned)q->getStallCount());
}

/* The oldest ones, as many as fit an answer; what came when there was no room for it is lost, oldest first.
 */
static void take_records(Loop *l, char *out, UInt32 size)
{
    SInt32 n = l->records;
    if (n - l->taken > kRecords)
        l->taken = n - kRecords;
    strlcpy(out, "records: ", size);
    for (; l->taken < n && strlen(out) + kRecordSize < size; l->taken++)
        strlcat(out, l->record[l->taken % kRecords], size);
}

void Loop::set_link(bool up)
{
    const IONetworkMedium *m =
        IONetworkMedium::getMediumWithType(media, kIOMediumEthernet1000BaseT | kIOMediumOptionFullDuplex);
    setLinkStatus(kIONetworkLinkValid | (up ? kIONetworkLinkActive : 0), up ? m : 0);
}

void Loop::timerFired(OSObject *owner, IOTimerEventSource *)
{
    Loop *l = (Loop *)owner;
    switch (l->later) {
    case kStartQueue:
        l->queue->start();
        break;
    case kLinkUp:
        l->set_link(true);
        break;
    default:
        l->queue->service();
    }
}

void Loop::run(char *out, UInt32 size)
{
    strlcpy(out, "ok", size);
    if (begins(command, "state")) {
        describe_state(this, out, size);
    } else if (begins(command, "trail")) {
        snprintf(out, size, "trail: %s", trail);
        trail[0] = 0;
    } else if (begins(command, "records")) {
        take_records(this, out, size);
    } else if (begins(command, "queue")) {
        describe_queue(this, out, size);
    } else if (begins(command, "stall")) { /* so many times; the timer calls service() after each */
        stalls = number(command);
    } else if (begins(command, "drop")) {
        drops = number(command);
    } else if (begins(command, "halt")) { /* for a while: no command could come to end it */
        queue->stop();
        later = kStartQueue;
        timer->setTimeoutMS(number(command));
    } else if (begins(command, "down")) {
        answer(out);
        out[0] = 0;
        set_link(false);
        later = kLinkUp;
        timer->setTimeoutMS(number(command));
    } else if (begins(command, "inputs")) { /* queued, and handed over together */
        input_many(number(command), true, "plain");
        snprintf(out, size, "%u", (unsigned)interface->flushInputQueue());
    } else if (begins(command, "clear")) {
        input_many(number(command), true, "plain");
        snprintf(out, size, "%u", (unsigned)interface->clearInputQueue());
    } else if (begins(command, "input ")) {
        input_many(1, false, command + 6);
    } else if (begins(command, "stats")) {
        snprintf(out, size, "in=%u out=%u", (unsigned)stats->inputPackets, (unsigned)stats->outputPackets);
    } else {
        strlcpy(out, "what?", size);
    }
}

void Loop::commandArrived(OSObject *owner, IOInterruptEventSource *, int)
{
    static char text[kAnswerSize];
    Loop *l = (Loop *)owner;
    char *mark = strchr(l->command, '#');
    l->mark = mark ? (UInt32)number(mark) : 0;
    if (mark)
        *mark = 0;
    l->run(text, sizeof text);
    if (text[0])
        l->answer(text);
}
