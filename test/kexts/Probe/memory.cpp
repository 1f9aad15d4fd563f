// SPDX-License-Identifier: BSD-3-Clause
/*
 * Memory descriptors, their segments and mappings, IODMACommand and memory cursors without a device. What is
 * expected: xnu iokit/Kernel/IOMemoryDescriptor.cpp, IOBufferMemoryDescriptor.cpp, IOSubMemoryDescriptor.cpp,
 * IOMultiMemoryDescriptor.cpp, IODMACommand.cpp, IOMemoryCursor.cpp, IOLib.cpp.
 */
#include "probe.h"
#include <IOKit/IOBufferMemoryDescriptor.h>
#include <IOKit/IODMACommand.h>
#include <IOKit/IOMemoryCursor.h>
#include <IOKit/IOMultiMemoryDescriptor.h>
#include <IOKit/IOSubMemoryDescriptor.h>

static void testAllocation()
{
    void *p = IOMalloc(100);
    CHECK(p && !((uintptr_t)p & 7), "IOMalloc");
    IOFree(p, 100);
    p = IOMallocAligned(100, 512);
    CHECK(p && !((uintptr_t)p & 511), "IOMallocAligned: 512");
    IOFreeAligned(p, 100);
    p = IOMallocAligned(9000, 4096);
    CHECK(p && !((uintptr_t)p & 4095), "IOMallocAligned: a page");
    IOFreeAligned(p, 9000);
    CHECK(!IOMallocAligned(0, 16), "IOMallocAligned of nothing");
    IOPhysicalAddress pa = 1;
    p = IOMallocContiguous(70000, 65536, &pa);
    CHECK(p && pa && !(pa & 65535), "IOMallocContiguous: 70000 bytes at a multiple of 64 KB");
    IOFreeContiguous(p, 70000);
    p = IOMallocContiguous(64, 64, 0);
    CHECK(p && !((uintptr_t)p & 63), "the physical address may be left out");
    IOFreeContiguous(p, 64);
    p = IOMallocPageable(5000, 4096);
    CHECK(p && !((uintptr_t)p & 4095), "IOMallocPageable");
    IOFreePageable(p, 5000);
}

static void testBytes(IOMemoryDescriptor *d, UInt8 *memory)
{
    UInt8 back[16];
    for (int i = 0; i < 16; i++)
        memory[i] = (UInt8)i;
    SAME(d->readBytes(3, back, 5), 5, "readBytes");
    CHECK(back[0] == 3 && back[4] == 7, "from the offset");
    SAME(d->writeBytes(14, "ab", 2), 2, "writeBytes");
    CHECK(memory[14] == 'a' && memory[15] == 'b', "to the offset");
}

static void testGeneral()
{
    UInt8 *memory = (UInt8 *)IOMallocAligned(3 * 4096, 4096);
    IOMemoryDescriptor *d = IOMemoryDescriptor::withAddressRange((mach_vm_address_t)memory, 3 * 4096,
                                                                 kIODirectionOut, kernel_task);
    if (!CHECK(d != 0, "withAddressRange"))
        return;
    SAME(d->getLength(), 3 * 4096, "getLength");
    SAME(d->getDirection(), kIODirectionOut, "getDirection");
    SAME(d->getTag(), 0, "the tag is 0 at first");
    d->setTag(77);
    SAME(d->getTag(), 77, "and kept");
    SAME(d->prepare(), kIOReturnSuccess, "prepare");
    SAME(d->prepare(), kIOReturnSuccess, "twice");
    testBytes(d, memory);
    IOByteCount length = 0, rest = 0;
    addr64_t first = d->getPhysicalSegment(0, &length), second = d->getPhysicalSegment(5000, &rest);
    CHECK(first && length, "a segment");
    CHECK(second && rest && rest <= 3 * 4096 - 5000, "a segment in the middle");
    CHECK(length < 5000 || second == first + 5000, "of the same memory");
    SAME(d->getPhysicalSegment(3 * 4096, &length), 0, "none behind the end");
    SAME(d->complete(), kIOReturnSuccess, "complete");
    SAME(d->complete(), kIOReturnSuccess, "as often as prepare");
    IOMemoryMap *map = d->map();
    if (CHECK(map != 0, "map")) {
        *(volatile UInt8 *)(map->getVirtualAddress() + 4097) = 0x42;
        SAME(memory[4097], 0x42, "shows the same memory");
        SAME(map->getLength(), 3 * 4096, "all of it");
        map->release();
    }
    d->release();
    IOFreeAligned(memory, 3 * 4096);
}

static void testBuffer()
{
    IOBufferMemoryDescriptor *b = IOBufferMemoryDescriptor::withCapacity(100, kIODirectionIn);
    if (!CHECK(b != 0, "IOBufferMemoryDescriptor::withCapacity"))
        return;
    SAME(b->getLength(), 100, "its length is the capacity");
    SAME(b->getCapacity(), 100, "getCapacity");
    SAME(b->getDirection(), kIODirectionIn, "getDirection");
    b->setDirection(kIODirectionOut);
    SAME(b->getDirection(), kIODirectionOut, "setDirection");
    b->setLength(10);
    SAME(b->getLength(), 10, "setLength");
    CHECK(b->appendBytes("xyz", 3), "appendBytes");
    SAME(b->getLength(), 13, "grows the length");
    CHECK(!memcmp((UInt8 *)b->getBytesNoCopy() + 10, "xyz", 3), "at its end");
    CHECK(b->getBytesNoCopy(10, 3) == (UInt8 *)b->getBytesNoCopy() + 10, "getBytesNoCopy of a part");
    CHECK(!b->getBytesNoCopy(200, 3), "and of none");
    b->release();
    b = IOBufferMemoryDescriptor::withBytes("hello", 6, kIODirectionOut);
    CHECK(b && !strcmp((char *)b->getBytesNoCopy(), "hello"), "withBytes");
    OSSafeRelease(b);
    b = IOBufferMemoryDescriptor::inTaskWithOptions(kernel_task, kIODirectionInOut, 5 * 4096, 4096);
    UInt8 sum = 0;
    for (int i = 0; b && i < 5 * 4096; i++)
        sum |= ((UInt8 *)b->getBytesNoCopy())[i];
    CHECK(b && !((uintptr_t)b->getBytesNoCopy() & 4095) && !sum, "inTaskWithOptions: aligned, cleared");
    OSSafeRelease(b);
}

/* Two ranges, a part of them, and descriptors in a row. */
static void testRanges()
{
    UInt8 *memory = (UInt8 *)IOMallocAligned(4 * 4096, 4096);
    IOAddressRange ranges[2] = {{(mach_vm_address_t)memory + 4096, 4096},
                                {(mach_vm_address_t)memory + 3 * 4096, 100}};
    IOMemoryDescriptor *d = IOMemoryDescriptor::withAddressRanges(ranges, 2, kIODirectionInOut, kernel_task);
    if (!CHECK(d && !d->prepare(), "withAddressRanges"))
        return;
    SAME(d->getLength(), 4196, "the sum of the ranges");
    SAME(d->writeBytes(4090, "0123456789ab", 12), 12, "bytes across the gap");
    CHECK(!memcmp(memory + 4096 + 4090, "012345", 6) && !memcmp(memory + 3 * 4096, "6789ab", 6),
          "land on both sides");
    IOByteCount length = 0;
    CHECK(d->getPhysicalSegment(0, &length) && length <= 4096, "a segment ends where its range ends");
    IOMemoryDescriptor *sub = IOSubMemoryDescriptor::withSubRange(d, 4092, 8, kIODirectionInOut);
    char text[9] = {0};
    CHECK(sub && sub->getLength() == 8 && sub->readBytes(0, text, 8) == 8 && !strcmp(text, "23456789"),
          "IOSubMemoryDescriptor across the gap");
    IOMemoryDescriptor *parts[2] = {sub, d};
    IOMultiMemoryDescriptor *multi = IOMultiMemoryDescriptor::withDescriptors(parts, 2, kIODirectionInOut);
    CHECK(multi && multi->getLength() == 8 + 4196, "IOMultiMemoryDescriptor");
    if (multi && !multi->prepare()) {
        IOByteCount a = 0, b = 0;
        addr64_t one = multi->getPhysicalSegment(8, &a), two = d->getPhysicalSegment(0, &b);
        CHECK(one && one == two, "its second part follows the first");
        multi->complete();
    }
    OSSafeRelease(multi);
    OSSafeRelease(sub);
    d->complete();
    d->release();
    IOFreeAligned(memory, 4 * 4096);
}

static void testCommand(IOMemoryDescriptor *d)
{
    IODMACommand *c = IODMACommand::withSpecification(kIODMACommandOutputHost64, 64, 1024);
    IODMACommand::Segment64 s[20];
    UInt64 offset = 0, length = 0;
    UInt32 n = 20;
    if (!CHECK(c != 0, "IODMACommand"))
        return;
    SAME(c->genIOVMSegments(&offset, s, &n), kIOReturnNotReady, "no segments before a descriptor is set");
    SAME(c->setMemoryDescriptor(d, false), kIOReturnSuccess, "setMemoryDescriptor, not prepared");
    CHECK(c->getMemoryDescriptor() == d, "getMemoryDescriptor");
    SAME(c->prepare(0, 0), kIOReturnSuccess, "prepare");
    SAME(c->prepare(100, 50), kIOReturnNotReady, "a second prepare must be of the same range");
    SAME(c->complete(), kIOReturnSuccess, "complete of it");
    SAME(c->clearMemoryDescriptor(false), kIOReturnNotReady, "not to be cleared while prepared");
    SAME(c->gen64IOVMSegments(&offset, s, &n), kIOReturnSuccess, "segments");
    bool small = n >= 4;
    for (UInt32 i = 0; i < n; i++)
        small = small && s[i].fLength <= 1024;
    CHECK(small && offset == 4096, "none longer than the maximum, together the whole");
    n = 20;
    SAME(c->gen64IOVMSegments(&offset, s, &n), kIOReturnOverrun, "behind the end");
    offset = 0;
    n = 2;
    SAME(c->gen64IOVMSegments(&offset, s, &n), kIOReturnSuccess, "two segments at most");
    CHECK(n == 2 && offset == 2048, "the offset says where to go on");
    n = 20;
    SAME(c->gen64IOVMSegments(&offset, s, &n), kIOReturnSuccess, "the rest");
    CHECK(n == 2 && offset == 4096, "from there");
    UInt64 at = 0;
    SAME(c->getPreparedOffsetAndLength(&at, &length), kIOReturnSuccess, "getPreparedOffsetAndLength");
    CHECK(at == 0 && length == 4096, "what was prepared");
    c->complete();
    SAME(c->prepare(1000, 96), kIOReturnSuccess, "a part");
    offset = 0;
    n = 20;
    SAME(c->gen64IOVMSegments(&offset, s, &n), kIOReturnSuccess, "its segments");
    CHECK(n == 1 && s[0].fLength == 96 && offset == 96, "offsets count from the part's start");
    SAME(c->writeBytes(90, "0123456789", 10), 6, "writeBytes ends with the part");
    c->complete();
    SAME(c->readBytes(0, s, 10), 0, "readBytes of what is not prepared");
    SAME(c->clearMemoryDescriptor(false), kIOReturnSuccess, "clearMemoryDescriptor");
    c->release();
}

static void testSpecifications(IOMemoryDescriptor *d)
{
    CHECK(!IODMACommand::withSpecification(kIODMACommandOutputHost32, 40, 0),
          "32-bit output with 40 address bits");
    CHECK(!IODMACommand::withSpecification(0, 64, 0), "no output function");
    IODMACommand *c =
        IODMACommand::withSpecification(kIODMACommandOutputBig32, 32, 0, IODMACommand::kMapped, 100);
    if (!CHECK(c != 0, "a command of 100 bytes at most"))
        return;
    SAME(c->setMemoryDescriptor(d), kIOReturnNoSpace, "refuses a longer descriptor");
    CHECK(!c->getMemoryDescriptor(), "and does not keep it");
    SAME(c->setMemoryDescriptor(d, false), kIOReturnSuccess, "not prepared, it does");
    SAME(c->prepare(8, 100), kIOReturnSuccess, "100 bytes of it");
    IODMACommand::Segment32 s[2], little;
    UInt64 offset = 0;
    UInt32 n = 2;
    SAME(c->gen32IOVMSegments(&offset, s, &n), kIOReturnSuccess, "big endian segments");
    IOByteCount length = 0;
    little.fIOVMAddr = (UInt32)d->getPhysicalSegment(8, &length);
    CHECK(s[0].fIOVMAddr == OSSwapInt32(little.fIOVMAddr) && s[0].fLength == OSSwapInt32(100), "swapped");
    IODMACommand *twin = c->cloneCommand();
    CHECK(twin && twin->getNumAddressBits() == 32 && twin->getAlignment() == 1 &&
              !twin->getMemoryDescriptor(),
          "cloneCommand has the specification, not the descriptor");
    OSSafeRelease(twin);
    c->complete();
    c->release();
}

static void testCursor(IOMemoryDescriptor *d)
{
    IOMemoryCursor::PhysicalSegment s[20];
    IONaturalMemoryCursor *natural = IONaturalMemoryCursor::withSpecification(512, 4096);
    IOLittleMemoryCursor *little = IOLittleMemoryCursor::withSpecification(4096, 4096);
    if (!CHECK(natural && little, "memory cursors"))
        return;
    IOByteCount moved = 0;
    SAME(natural->getPhysicalSegments(d, 0, s, 20, 0, &moved), 8, "segments of 512 bytes");
    SAME(moved, 4096, "the whole");
    SAME(natural->getPhysicalSegments(d, 0, s, 3, 0, &moved), 3, "three of them");
    SAME(moved, 1536, "and what they hold");
    SAME(little->getPhysicalSegments(d, 96, s, 20, 1000, &moved), 1, "from an offset, at most 1000 bytes");
    IOByteCount length = 0;
    CHECK(s[0].length == 1000 && s[0].location == d->getPhysicalSegment(96, &length), "there");
    natural->release();
    little->release();
}

void test_memory(Probe *p)
{
    testAllocation();
    testGeneral();
    testBuffer();
    testRanges();
    IOBufferMemoryDescriptor *d = IOBufferMemoryDescriptor::inTaskWithOptions(
        kernel_task, kIODirectionInOut | kIOMemoryPhysicallyContiguous, 4096, 4096);
    if (!CHECK(d != 0, "a page"))
        return;
    testCommand(d);
    testSpecifications(d);
    testCursor(d);
    d->release();
}
