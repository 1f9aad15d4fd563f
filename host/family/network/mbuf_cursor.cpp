// SPDX-License-Identifier: BSD-3-Clause
/*
 * IOMbufMemoryCursor and its three byte orders (IOMbufMemoryCursor.cpp): a packet as physical segments. A segment never
 * crosses a page and is never longer than the specification says; with coalescing, a packet of too many segments is
 * copied into fresh clusters that replace its data (the packet header mbuf stays, emptied).
 */
#include <IOKit/IOLib.h>
#include <IOKit/network/IOMbufMemoryCursor.h>
#include <sys/kpi_mbuf.h>
#include "reserved.h"

#define super IOMemoryCursor
OSDefineMetaClassAndStructors(IOMbufMemoryCursor, IOMemoryCursor)
RESERVED_4(IOMbufMemoryCursor, 0, 1, 2, 3)
OSDefineMetaClassAndStructors(IOMbufNaturalMemoryCursor, IOMbufMemoryCursor)
OSDefineMetaClassAndStructors(IOMbufBigMemoryCursor, IOMbufMemoryCursor)
OSDefineMetaClassAndStructors(IOMbufLittleMemoryCursor, IOMbufMemoryCursor)

enum { kPage = 4096 };

/* The inherited form has no meaning for packets (Apple's refuses too). */
bool IOMbufMemoryCursor::initWithSpecification(SegmentFunction, UInt32, UInt32, UInt32) { return false; }

bool IOMbufMemoryCursor::initWithSpecification(SegmentFunction outSegment, UInt32 maxSegSize, UInt32 maxSegments)
{
    if (!maxSegSize || !super::initWithSpecification(outSegment, maxSegSize, 0, 1))
        return false;
    if (maxSegmentSize > kPage)
        maxSegmentSize = kPage;
    maxNumSegments = maxSegments;
    coalesceCount = packetTooBigErrors = 0;
    return true;
}

/* Emits segments into vector while there is room and counts all. 0 when some byte has no physical address. */
static UInt32 emit(mbuf_t packet, void *vector, UInt32 room, UInt32 maxLen, IOMemoryCursor::SegmentFunction out)
{
    UInt32 n = 0;
    for (mbuf_t m = packet; m; m = mbuf_next(m)) {
        char *at = (char *)mbuf_data(m);
        for (size_t left = mbuf_len(m); left; n++) {
            size_t len = kPage - ((uintptr_t)at & (kPage - 1));
            if (len > left)
                len = left;
            if (len > maxLen)
                len = maxLen;
            if (n < room) {
                IOPhysicalSegment seg;
                seg.location = mbuf_data_to_physical(at);
                seg.length = len;
                if (!seg.location)
                    return 0;
                out(seg, vector, n);
            }
            at += len;
            left -= len;
        }
    }
    return n;
}

/* Copies the packet's bytes into one new chain and hangs it behind the emptied header mbuf. */
static bool coalesce(mbuf_t packet)
{
    mbuf_t fresh;
    size_t length = mbuf_pkthdr_len(packet), at = 0;
    if (mbuf_allocpacket(MBUF_DONTWAIT, length, 0, &fresh))
        return false;
    for (mbuf_t m = fresh; m && at < length; m = mbuf_next(m)) {
        size_t n = mbuf_maxlen(m);
        if (n > length - at)
            n = length - at;
        if (mbuf_copydata(packet, at, n, mbuf_data(m))) {
            mbuf_freem(fresh);
            return false;
        }
        mbuf_setlen(m, n);
        at += n;
    }
    mbuf_setflags_mask(fresh, 0, MBUF_PKTHDR);
    mbuf_t old = mbuf_next(packet);
    mbuf_setnext(packet, 0);
    if (old)
        mbuf_freem(old);
    mbuf_setlen(packet, 0);
    mbuf_setnext(packet, fresh);
    return true;
}

UInt32 IOMbufMemoryCursor::genPhysicalSegments(mbuf_t packet, void *vector, UInt32 maxSegs, bool doCoalesce)
{
    if (!packet || !(mbuf_flags(packet) & MBUF_PKTHDR))
        return 0;
    if (!maxSegs)
        maxSegs = maxNumSegments;
    if (!maxSegs)
        return 0;
    UInt32 n = emit(packet, vector, maxSegs, maxSegmentSize, outSeg);
    if (n && n <= maxSegs)
        return n;
    if (!doCoalesce)
        return 0;
    if (mbuf_pkthdr_len(packet) <= (size_t)maxSegs * maxSegmentSize && coalesce(packet)) {
        coalesceCount++;
        n = emit(packet, vector, maxSegs, maxSegmentSize, outSeg);
        if (n && n <= maxSegs)
            return n;
    }
    packetTooBigErrors++;
    return 0;
}

UInt32 IOMbufMemoryCursor::getAndResetCoalesceCount()
{
    UInt32 n = coalesceCount;
    coalesceCount = 0;
    return n;
}

template <class Cursor>
static Cursor *make(IOMemoryCursor::SegmentFunction out, UInt32 maxSegmentSize, UInt32 maxNumSegments)
{
    Cursor *c = new Cursor;
    if (c && !c->initWithSpecification(out, maxSegmentSize, maxNumSegments)) {
        c->release();
        c = 0;
    }
    return c;
}

#define BYTE_ORDER_CURSOR(Class, function)                                                                             \
    Class *Class::withSpecification(UInt32 maxSegmentSize, UInt32 maxNumSegments)                                      \
    {                                                                                                                  \
        return make<Class>(&function, maxSegmentSize, maxNumSegments);                                                 \
    }                                                                                                                  \
    UInt32 Class::getPhysicalSegments(mbuf_t packet, struct IOPhysicalSegment *vector, UInt32 count)                   \
    {                                                                                                                  \
        return genPhysicalSegments(packet, vector, count, false);                                                      \
    }                                                                                                                  \
    UInt32 Class::getPhysicalSegmentsWithCoalesce(mbuf_t packet, struct IOPhysicalSegment *vector, UInt32 count)       \
    {                                                                                                                  \
        return genPhysicalSegments(packet, vector, count, true);                                                       \
    }

BYTE_ORDER_CURSOR(IOMbufNaturalMemoryCursor, IONaturalMemoryCursor::outputSegment)
BYTE_ORDER_CURSOR(IOMbufBigMemoryCursor, IOBigMemoryCursor::outputSegment)
BYTE_ORDER_CURSOR(IOMbufLittleMemoryCursor, IOLittleMemoryCursor::outputSegment)
