// SPDX-License-Identifier: BSD-3-Clause
/*
 * Every kind of memory that a driver may ask a physical address of, filled and read by edu's DMA engine (QEMU
 * docs/specs/edu.txt; with dma_mask wide enough for all memory). A transfer takes the device 100 ms, so each
 * kind gets one round: memory to device from one place, device to memory at another.
 */
#include "probe.h"
#include <IOKit/IOBufferMemoryDescriptor.h>
#include <IOKit/IODMACommand.h>
#include <IOKit/IOMemoryCursor.h>
#include <IOKit/network/IOMbufMemoryCursor.h>
#include <libkern/OSAtomic.h>
#include <sys/kpi_mbuf.h>

enum { kLength = 1000 };

/* One transfer; true when the device is done with it. */
static bool transfer(Probe *p, UInt64 from, UInt64 to, UInt32 length, UInt32 direction)
{
    *p->reg64(kEduSource) = from;
    *p->reg64(kEduDestination) = to;
    *p->reg64(kEduCount) = length;
    *p->reg64(kEduCommand) = kEduBusy | direction;
    for (int i = 0; i < 15000; i++) {
        if (!(*p->reg64(kEduCommand) & kEduBusy))
            return true;
        IOSleep(2);
    }
    return false;
}

static void fill(UInt8 *bytes, UInt32 length, UInt8 seed)
{
    for (UInt32 i = 0; i < length; i++)
        bytes[i] = (UInt8)(i * 5 + (i >> 8) + seed);
}

/* out at physical address `from` goes to the device and comes back at `to`, where `in` is. */
static void loop(Probe *p, UInt8 *out, UInt64 from, UInt8 *in, UInt64 to, UInt8 seed, const char *text)
{
    bool there, equal;
    fill(out, kLength, seed);
    bzero(in, kLength);
    there = from && to && transfer(p, from, kEduBuffer, kLength, 0) &&
            transfer(p, kEduBuffer, to, kLength, kEduToRam);
    equal = there && !memcmp(out, in, kLength);
    if (!equal)
        probe_note("%s: 0x%llx to 0x%llx", text, from, to);
    probe_check(equal, text, "what the device wrote is what it read");
}

static void testContiguous(Probe *p)
{
    IOPhysicalAddress one = 0;
    UInt8 *a = (UInt8 *)IOMallocContiguous(8192, 4096, &one), *b = (UInt8 *)IOMallocAligned(8192, 4096);
    if (!CHECK(a && b && one && !(one & 4095), "IOMallocContiguous gives a physical address, aligned"))
        return;
    IOMemoryDescriptor *d = IOMemoryDescriptor::withAddress(b, 8192, kIODirectionInOut);
    if (CHECK(d && d->prepare() == kIOReturnSuccess, "a descriptor of IOMallocAligned memory")) {
        IOByteCount length = 0;
        addr64_t pa = d->getPhysicalSegment(100, &length);
        loop(p, a + 17, one + 17, b + 100, pa, 1, "DMA from IOMallocContiguous, to IOMallocAligned");
        d->complete();
        d->release();
    }
    IOFreeContiguous(a, 8192);
    IOFreeAligned(b, 8192);
}

static UInt8 image[kLength] = {1}; /* a part of the kext's __DATA */

/* A driver may describe its own stack and its own variables. */
static void testOdd(Probe *p)
{
    UInt8 stack[kLength];
    IOMemoryDescriptor *s = IOMemoryDescriptor::withAddress(stack, sizeof stack, kIODirectionInOut);
    IOMemoryDescriptor *i = IOMemoryDescriptor::withAddress(image, sizeof image, kIODirectionInOut);
    s->prepare();
    i->prepare();
    IOByteCount length = 0, most = 0;
    addr64_t one = s->getPhysicalSegment(0, &length), two = i->getPhysicalSegment(0, &most);
    CHECK(length && most, "segments of stack and image");
    if (length >= kLength && most >= kLength)
        loop(p, stack, one, image, two, 2, "DMA from the stack to the kext's data");
    s->complete();
    i->complete();
    s->release();
    i->release();
}

static void testBuffers(Probe *p)
{
    IOBufferMemoryDescriptor *a = IOBufferMemoryDescriptor::inTaskWithOptions(
        kernel_task, kIODirectionInOut | kIOMemoryPhysicallyContiguous, 3 * 4096, 4096);
    IOBufferMemoryDescriptor *b = IOBufferMemoryDescriptor::inTaskWithPhysicalMask(
        kernel_task, kIODirectionInOut | kIOMemoryPhysicallyContiguous, 5000, 0x0ffff000ull);
    if (!CHECK(a && b, "buffers: contiguous, and with a physical mask"))
        return;
    IOByteCount length = 0;
    SAME(a->getLength(), 3 * 4096, "the length");
    addr64_t one = a->getPhysicalSegment(0, &length);
    SAME(length, 3 * 4096, "one segment");
    CHECK(!(one & 4095), "aligned");
    addr64_t two = b->getPhysicalSegment(0, &length);
    CHECK(two + 5000 < 0x10000000, "below the mask");
    CHECK(!(two & 4095) && length >= 5000, "aligned to the mask's zero bits, one segment");
    loop(p, (UInt8 *)a->getBytesNoCopy() + 4000, one + 4000, (UInt8 *)b->getBytesNoCopy(), two, 3,
         "DMA between IOBufferMemoryDescriptors");
    a->release();
    b->release();
}

static void testMbufs(Probe *p)
{
    mbuf_t a = 0, b = 0;
    unsigned one = 1;
    SAME(mbuf_getpacket(MBUF_WAITOK, &a), 0, "a packet with a cluster");
    SAME(mbuf_allocpacket(MBUF_WAITOK, 4096, &one, &b), 0, "a packet of 4096 bytes in one piece");
    if (a && b)
        loop(p, (UInt8 *)mbuf_data(a), mbuf_data_to_physical(mbuf_data(a)), (UInt8 *)mbuf_data(b) + 8,
             mbuf_data_to_physical((UInt8 *)mbuf_data(b) + 8), 4,
             "DMA between mbufs, by mbuf_data_to_physical");
    mbuf_freem(a);
    mbuf_freem(b);
}

/* Through IODMACommand, with a two-page range that starts in the middle of a page; the driver object itself.
 */
static void testCommand(Probe *p)
{
    IODMACommand *c =
        IODMACommand::withSpecification(kIODMACommandOutputHost64, 64, 0, IODMACommand::kMapped, 0, 1);
    UInt8 *a = (UInt8 *)IOMallocAligned(8192, 4096), *b = (UInt8 *)IOMalloc(kLength);
    IOMemoryDescriptor *d = IOMemoryDescriptor::withAddress(a + 3600, kLength, kIODirectionInOut);
    IODMACommand::Segment64 s[8];
    UInt64 offset = 0;
    UInt32 n = 8;
    if (!CHECK(c && d && d->prepare() == kIOReturnSuccess, "an IODMACommand") ||
        !SAME(c->setMemoryDescriptor(d), kIOReturnSuccess, "setMemoryDescriptor"))
        return;
    SAME(c->gen64IOVMSegments(&offset, s, &n), kIOReturnSuccess, "gen64IOVMSegments");
    UInt64 sum = 0;
    for (UInt32 i = 0; i < n; i++)
        sum += s[i].fLength;
    CHECK(n >= 1 && sum == kLength && offset == kLength, "the segments cover the range");
    IOPhysicalAddress pa = 0;
    UInt8 *from = (UInt8 *)IOMallocContiguous(4096, 4096, &pa);
    fill(from, kLength, 5);
    transfer(p, pa, kEduBuffer, kLength, 0);
    UInt64 at = 0;
    for (UInt32 i = 0; i < n; at += s[i++].fLength)
        transfer(p, kEduBuffer + at, s[i].fIOVMAddr, (UInt32)s[i].fLength, kEduToRam);
    c->synchronize(kIODirectionIn);
    CHECK(!memcmp(a + 3600, from, kLength), "DMA to the segments of an IODMACommand");
    SAME(c->readBytes(10, b, 50), 50, "readBytes of the command");
    CHECK(!memcmp(b, from + 10, 50), "gives what the device wrote");
    SAME(c->complete(), kIOReturnSuccess, "complete");
    SAME(c->clearMemoryDescriptor(), kIOReturnSuccess, "clearMemoryDescriptor");
    d->complete();
    d->release();
    c->release();
    IOFreeContiguous(from, 4096);
    IOFreeAligned(a, 8192);
    IOFree(b, kLength);
}

/* The end of a transfer as an interrupt cause: 0x100. */
static void testInterruptCause(Probe *p)
{
    *p->reg(kEduInterruptAck) = ~0u;
    *p->reg64(kEduCount) = 4;
    IOPhysicalAddress pa = 0;
    void *memory = IOMallocContiguous(4096, 4096, &pa);
    *p->reg64(kEduSource) = pa;
    *p->reg64(kEduDestination) = kEduBuffer;
    *p->reg64(kEduCommand) = kEduBusy | 4;
    for (int i = 0; i < 15000 && !*p->reg(kEduInterruptStatus); i++)
        IOSleep(2);
    SAME(*p->reg(kEduInterruptStatus), 0x100, "the cause of a transfer's end");
    *p->reg(kEduInterruptAck) = 0x100;
    SAME(*p->reg(kEduInterruptStatus), 0, "acknowledged");
    IOFreeContiguous(memory, 4096);
}

void test_dma(Probe *p)
{
    testContiguous(p);
    testOdd(p);
    testBuffers(p);
    testMbufs(p);
    testCommand(p);
    testInterruptCause(p);
}
