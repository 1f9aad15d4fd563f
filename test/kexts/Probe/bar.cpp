// SPDX-License-Identifier: BSD-3-Clause
/*
 * Loads and stores on a memory BAR, as compiled C makes them, at every width. The BAR is the memory of QEMU's
 * ivshmem-plain (BAR 2), which has no side effects: what was stored is what must be read. A Mac maps it
 * (iokit/Kernel/IOMemoryDescriptor.cpp doMap) and the processor does the rest.
 */
#include "probe.h"
#include <IOKit/IODeviceMemory.h>
#include <libkern/OSByteOrder.h>
#include <libkern/c++/OSContainers.h>
#include <string.h>

typedef volatile UInt8 V8;
typedef volatile UInt16 V16;
typedef volatile UInt32 V32;
typedef volatile UInt64 V64;

static void testWidths(IOVirtualAddress base)
{
    *(V64 *)base = 0x8877665544332211ull;
    SAME(*(V64 *)base, 0x8877665544332211ull, "8 bytes stored and loaded");
    SAME(*(V8 *)(base + 7), 0x88, "a byte loaded");
    SAME(*(V16 *)(base + 2), 0x4433, "2 bytes loaded");
    SAME(*(V32 *)(base + 4), 0x88776655, "4 bytes loaded");
    *(V8 *)(base + 1) = 0xab;
    *(V16 *)(base + 4) = 0xcdef;
    SAME(*(V64 *)base, 0x8877cdef4433ab11ull, "1 and 2 bytes stored leave the rest");
    *(V32 *)(base + 4) = 0x01020304;
    SAME(*(V64 *)base, 0x010203044433ab11ull, "4 bytes stored leave the rest");
    *(V32 *)(base + 1) = 0xa1b2c3d4;
    SAME(*(V64 *)base, 0x010203a1b2c3d411ull, "an unaligned store");
    SAME(*(V32 *)(base + 3), 0x0203a1b2, "an unaligned load");
}

/* Sign and zero extension, and comparisons with memory. */
static void testExtension(IOVirtualAddress base)
{
    *(V32 *)base = 0x80f1f2f3;
    SAME((SInt64) * (volatile SInt8 *)(base + 3), -128, "a signed byte extended");
    SAME((SInt64) * (volatile SInt16 *)base, (SInt16)0xf2f3, "a signed word extended");
    SAME((SInt64) * (volatile SInt32 *)base, (SInt32)0x80f1f2f3, "a signed double word extended");
    SAME((UInt64) * (V8 *)(base + 2), 0xf1, "an unsigned byte extended");
    SAME((UInt64) * (V32 *)base, 0x80f1f2f3, "an unsigned double word extended");
    CHECK(*(V8 *)base == 0xf3 && *(V8 *)base != 0xf2, "a byte compared");
    CHECK(*(volatile SInt32 *)base < 0, "the sign tested");
    CHECK((*(V16 *)(base + 2) & 0x8000) != 0, "a bit tested");
    CHECK(*(V32 *)base > 0x80f1f2f2u, "an unsigned comparison");
    UInt64 sum = 5;
    sum += *(V32 *)base;
    SAME(sum, 0x80f1f2f8u, "memory added to a register");
}

static void testModify(IOVirtualAddress base)
{
    V32 *word = (V32 *)base;
    V8 *byte = (V8 *)(base + 8);
    V64 *quad = (V64 *)(base + 16);
    *word = 0x10;
    *word |= 0x80000000;
    SAME(*word, 0x80000010, "word |= bit");
    *word &= ~0x10u;
    SAME(*word, 0x80000000, "word &= ~bit");
    *word ^= 0xffffffff;
    SAME(*word, 0x7fffffff, "word ^= mask");
    *word += 1;
    SAME(*word, 0x80000000, "word += 1");
    --*word;
    SAME(*word, 0x7fffffff, "--word");
    *word <<= 1;
    SAME(*word, 0xfffffffe, "word <<= 1");
    *word >>= 4;
    SAME(*word, 0x0fffffff, "word >>= 4");
    *word = -*word;
    SAME(*word, 0xf0000001, "word = -word");
    *byte = 0x7f;
    (*byte)++;
    SAME(*byte, 0x80, "byte++");
    *byte |= 3;
    SAME(*byte, 0x83, "byte |= bits");
    *(V16 *)byte = 0xff00;
    *(V16 *)byte -= 0x100;
    SAME(*(V16 *)byte, 0xfe00, "half -= constant");
    *quad = 0xffffffff;
    *quad += 1;
    SAME(*quad, 0x100000000ull, "quad += 1 carries");
#ifdef __LP64__
    *quad *= 3;
#else
    *quad += 0x200000000ull; // mul takes edx:eax, which kexthost does not carry out
#endif
    SAME(*quad, 0x300000000ull, "quad *= 3");
    *quad = ~*quad;
    SAME(*quad, ~0x300000000ull, "quad = ~quad");
}

/* What a compiler or an assembler's programmer may also write. */
static void testInstructions(IOVirtualAddress base)
{
    V32 *word = (V32 *)base;
    UInt32 reg = 0x12345678;
    *word = 0xcafe;
    __asm__ volatile("xchgl %0, %1" : "+r"(reg), "+m"(*word));
    SAME(reg, 0xcafe, "xchg loads");
    SAME(*word, 0x12345678, "xchg stores");
    __asm__ volatile("lock orl $0x80000000, %0" : "+m"(*word));
    SAME(*word, 0x92345678, "lock or");
    bool set = false;
    __asm__ volatile("btl $3, %1; setc %0" : "=q"(set) : "m"(*word));
    CHECK(set, "bt");
    __asm__ volatile("movl $0xffffffff, %0; notl %0" : "+m"(*word));
    SAME(*word, 0, "mov immediate, not");
    UInt32 four[4] = {1, 2, 3, 4};
    void *to = (void *)base, *from = four;
    unsigned long n = 4;
    __asm__ volatile("rep movsl" : "+D"(to), "+S"(from), "+c"(n) : : "memory");
    CHECK(word[0] == 1 && word[3] == 4 && !n, "rep movsl to the BAR");
    UInt32 back[4] = {0, 0, 0, 0};
    to = back, from = (void *)base, n = 4;
    __asm__ volatile("rep movsl" : "+D"(to), "+S"(from), "+c"(n) : : "memory");
    CHECK(back[0] == 1 && back[3] == 4 && !n, "rep movsl from the BAR");
    to = (void *)base, n = 16;
    __asm__ volatile("rep stosb" : "+D"(to), "+c"(n) : "a"(0x5a) : "memory");
    CHECK(word[0] == 0x5a5a5a5a && word[3] == 0x5a5a5a5a && (IOVirtualAddress)to == base + 16, "rep stosb");
}

/* The same instruction on the BAR and on memory: result, register (rcx) and defined flags must be the same.
 */
enum {
    kCarry = 1,
    kZeroSignParity = 0xc4,
    kOverflow = 0x800,
    kLogic = kCarry | kZeroSignParity | kOverflow,
    kAll = kLogic | 0x10
};
#ifdef __LP64__
#define AT    "(%%rsi)"
#define FLAGS "pushfq; popq %1"
#define PUSHED "pushq (%%rsi); popq %%rcx"
#define ON_BOTH_WIDE ON_BOTH
#else
#define AT    "(%%esi)"
#define FLAGS "pushfl; popl %1"
#define PUSHED "pushl (%%esi); popl %%ecx"
#define ON_BOTH_WIDE(text, value, start, mask)
#endif
#define ON_BOTH(text, value, start, mask)                                                                    \
    do {                                                                                                     \
        UInt64 memory[2] = {value, 0};                                                                       \
        unsigned long r1 = (unsigned long)(start), r2 = r1, a1 = 0x80, a2 = 0x80, f1, f2;                    \
        volatile UInt64 *device = (volatile UInt64 *)base;                                                   \
        *device = value;                                                                                     \
        __asm__ volatile("stc; " text "; " FLAGS                                                             \
                         : "+c"(r1), "=d"(f1), "+a"(a1)                                                      \
                         : "S"(memory)                                                                       \
                         : "cc", "memory");                                                                  \
        __asm__ volatile("stc; " text "; " FLAGS                                                             \
                         : "+c"(r2), "=d"(f2), "+a"(a2)                                                      \
                         : "S"(device)                                                                       \
                         : "cc", "memory");                                                                  \
        bool same = memory[0] == *device && r1 == r2 && a1 == a2 && !((f1 ^ f2) & (mask));                   \
        if (!same)                                                                                           \
            probe_note("memory 0x%llx 0x%llx register 0x%lx 0x%lx flags 0x%lx 0x%lx", memory[0],                 \
                       *device, r1, r2, f1, f2);                                                             \
        probe_check(same, "as on memory: " text, "");                                                        \
    } while (0)

static void testArithmetic(IOVirtualAddress base)
{
    ON_BOTH("addl %%ecx, " AT, 0xfffffff0, 0x20, kAll);
    ON_BOTH("addl " AT ", %%ecx", 0x7fffffff, 1, kAll);
    ON_BOTH("subw %%cx, " AT, 5, 6, kAll);
    ON_BOTH("adcb %%cl, " AT, 0xff, 0, kAll);
    ON_BOTH_WIDE("adcq " AT ", %%rcx", ~0ull, 0, kAll);
    ON_BOTH("sbbl $3, " AT, 3, 0, kAll);
    ON_BOTH_WIDE("cmpq %%rcx, " AT, 1, 2, kAll);
    ON_BOTH("cmpb " AT ", %%cl", 0x80, 0x7f, kAll);
    ON_BOTH("testw $0x8000, " AT, 0x8001, 0, kLogic);
    ON_BOTH("xorl %%ecx, " AT, 0x1234, 0x1234, kLogic);
    ON_BOTH("andl " AT ", %%ecx", 0xff00, 0x0ff0, kLogic);
    ON_BOTH("incb " AT, 0x7f, 0, kAll);
    ON_BOTH("decw " AT, 0, 0, kAll);
    ON_BOTH("notl " AT, 0x12345678, 0, kAll);
    ON_BOTH_WIDE("negq " AT, 0x8000000000000000ull, 0, kAll);
    ON_BOTH("lock xaddl %%ecx, " AT, 0xfffffffe, 7, kAll);
    ON_BOTH("imull " AT ", %%ecx", 0x10000, 0x10000, kCarry | kOverflow);
    ON_BOTH_WIDE("imulq $-3, " AT ", %%rcx", 5, 0, kCarry | kOverflow);
    ON_BOTH("sbbl " AT ", %%ecx", 1, 0, kAll);
    ON_BOTH(PUSHED, 0xfeedbeef, 0, kAll);
}

static void testShifts(IOVirtualAddress base)
{
    ON_BOTH("shll " AT, 0xc0000000, 0, kLogic);
    ON_BOTH("shrb $3, " AT, 0x8c, 0, kCarry | kZeroSignParity);
    ON_BOTH("sarw %%cl, " AT, 0x8001, 4, kCarry | kZeroSignParity);
    ON_BOTH_WIDE("shlq $40, " AT, 0x123456789, 0, kCarry | kZeroSignParity);
    ON_BOTH("shrl %%cl, " AT, 0x80000000, 32, kLogic);
    ON_BOTH("btl $31, " AT, 0x80000000, 0, kCarry);
    ON_BOTH("lock btsl $5, " AT, 0, 0, kCarry);
    ON_BOTH("btrw $15, " AT, 0x8000, 0, kCarry);
    ON_BOTH_WIDE("btcq $63, " AT, 1, 0, kCarry);
    ON_BOTH("cmovcl " AT ", %%ecx", 0x11112222, ~0ull, kAll);
    ON_BOTH("cmovncl " AT ", %%ecx", 0x11112222, ~0ull, kAll);
    ON_BOTH("setcb " AT, 0xffff, 0, kAll);
    ON_BOTH("setlb " AT, 0xffff, 0, kCarry);
    ON_BOTH("lock cmpxchgb %%cl, " AT, 0x80, 0x33, kAll);
    ON_BOTH("lock cmpxchgw %%cx, " AT, 0x81, 0x33, kAll);
    ON_BOTH_WIDE("movsbq " AT ", %%rcx", 0x80, 0, kAll);
    ON_BOTH("movzwl " AT ", %%ecx", 0xffff8000, ~0ull, kAll);
    ON_BOTH("movb " AT ", %%ch", 0x77, ~0ull, kAll);
    ON_BOTH_WIDE("movq $-2, " AT, 0, 0, kAll);
}

static void testStrings(IOVirtualAddress base)
{
    UInt8 pattern[257], back[257];
    for (unsigned i = 0; i < sizeof pattern; i++)
        pattern[i] = (UInt8)(i * 7 + 1);
    memcpy((void *)(base + 64), pattern, sizeof pattern);
    memcpy(back, (void *)(base + 64), sizeof back);
    CHECK(!memcmp(back, pattern, sizeof back), "memcpy to and from the BAR, an odd length");
    CHECK(!memcmp((void *)(base + 64), pattern, sizeof pattern), "memcmp with the BAR");
    bcopy((void *)(base + 64), (void *)(base + 1001), sizeof pattern);
    bcopy((void *)(base + 1001), back, sizeof back);
    CHECK(!memcmp(back, pattern, sizeof back), "bcopy within the BAR, unaligned");
    memmove((void *)(base + 1003), (void *)(base + 1001), 100);
    CHECK(!memcmp((void *)(base + 1003), pattern, 100), "memmove of what overlaps");
    memset((void *)(base + 1000), 0x77, 33);
    CHECK(*(V8 *)(base + 1000) == 0x77 && *(V8 *)(base + 1032) == 0x77, "memset");
    bzero((void *)(base + 1000), 32);
    CHECK(!*(V64 *)(base + 1024) && *(V8 *)(base + 1032) == 0x77, "bzero");
    strlcpy((char *)base, "in the BAR", 64);
    CHECK(!strcmp((char *)base, "in the BAR"), "strlcpy and strcmp");
    SAME(strlen((char *)base), 10, "strlen");
}

/* iokit/Kernel/IOCPU and IOMappedRead: physical addresses; IOMemoryDescriptor::readBytes copies physically.
 */
static void testPhysical(IODeviceMemory *memory, IOVirtualAddress base)
{
    IOPhysicalAddress pa = memory->getPhysicalAddress();
    *(V64 *)(base + 128) = 0x1122334455667788ull;
    SAME(IOMappedRead8(pa + 128), 0x88, "IOMappedRead8");
    SAME(IOMappedRead16(pa + 128), 0x7788, "IOMappedRead16");
    SAME(IOMappedRead32(pa + 132), 0x11223344, "IOMappedRead32");
    SAME(IOMappedRead64(pa + 128), 0x1122334455667788ull, "IOMappedRead64");
    IOMappedWrite8(pa + 128, 1);
    IOMappedWrite16(pa + 130, 2);
    IOMappedWrite32(pa + 132, 3);
    SAME(*(V64 *)(base + 128), 0x300027701ull, "IOMappedWrite8, 16 and 32");
    IOMappedWrite64(pa + 128, 0xfeedull << 32);
    SAME(*(V64 *)(base + 128), 0xfeedull << 32, "IOMappedWrite64");
    UInt8 bytes[5] = {1, 2, 3, 4, 5}, back[5] = {0, 0, 0, 0, 0};
    SAME(memory->writeBytes(301, bytes, 5), 5, "writeBytes to a range of device memory");
    SAME(*(V8 *)(base + 305), 5, "has arrived");
    SAME(memory->readBytes(301, back, 5), 5, "readBytes");
    CHECK(!memcmp(bytes, back, 5), "gives them back");
}

static void testOrder(IOVirtualAddress base)
{
    OSWriteLittleInt32((void *)base, 8, 0x01020304);
    SAME(*(V8 *)(base + 8), 4, "OSWriteLittleInt32");
    OSWriteBigInt32((void *)base, 8, 0x01020304);
    SAME(*(V8 *)(base + 8), 1, "OSWriteBigInt32");
    SAME(OSReadBigInt16((void *)base, 10), 0x0304, "OSReadBigInt16");
    SAME(OSReadLittleInt64((void *)base, 8) & 0xffffffff, 0x04030201, "OSReadLittleInt64");
    struct record {
        UInt32 a, b;
        UInt64 c;
    } one = {1, 2, 3}, *there = (struct record *)(base + 512), two;
    *there = one;
    two = *there;
    CHECK(two.a == 1 && two.b == 2 && two.c == 3, "a structure assigned");
    SAME(OSAddAtomic(5, (volatile SInt32 *)&there->a), 1, "OSAddAtomic gives the old value");
    SAME(there->a, 6, "and adds");
}

/* Two mappings, a part of the range, and one of a sub-range: the same registers. */
static void testMappings(IODeviceMemory *memory, IOVirtualAddress base)
{
    IOMemoryMap *part = memory->createMappingInTask(kernel_task, 0, kIOMapAnywhere, 4096, 8192),
                *again = memory->map();
    if (!CHECK(part && again, "map of a part, and of the whole again"))
        return;
    *(V32 *)(base + 4096 + 20) = 0xbeef;
    SAME(part->getLength(), 8192, "the part's length");
    SAME(*(V32 *)(part->getVirtualAddress() + 20), 0xbeef, "the part shows the same");
    SAME(part->getPhysicalAddress(), memory->getPhysicalAddress() + 4096, "the part's physical address");
    SAME(*(V32 *)(again->getVirtualAddress() + 4116), 0xbeef, "a second mapping too");
    part->release();
    again->release();
    IODeviceMemory *sub = IODeviceMemory::withSubRange(memory, 4096, 256);
    if (!CHECK(sub != 0, "IODeviceMemory::withSubRange"))
        return;
    IOMemoryMap *map = sub->map();
    CHECK(map && *(V32 *)(map->getVirtualAddress() + 20) == 0xbeef, "a sub-range shows the same");
    OSSafeRelease(map);
    sub->release();
}

void test_bar(Probe *p)
{
    IODeviceMemory *memory = p->device->getDeviceMemoryWithRegister(kIOPCIConfigBaseAddress2);
    IOMemoryMap *map = p->device->mapDeviceMemoryWithRegister(kIOPCIConfigBaseAddress2);
    if (!CHECK(memory && map, "BAR 2, 64 bits wide, is mapped"))
        return;
    IOVirtualAddress base = map->getVirtualAddress();
    testWidths(base);
    testExtension(base);
    testModify(base);
    testInstructions(base);
    testArithmetic(base);
    testShifts(base);
    testStrings(base);
    testPhysical(memory, base);
    testOrder(base);
    testMappings(memory, base);
    map->release();
}

/* The legacy registers of a virtio device (virtio 0.9.5, 2.2.2), of all three widths: IOPCIDeviceI386.cpp. */
void test_ports(Probe *p)
{
    enum {
        kFeatures = 0,
        kDriverFeatures = 4,
        kQueueSize = 12,
        kQueueSelect = 14,
        kStatus = 18,
        kVirtioF = 0x30000000
    };
    IOPCIDevice *d = p->device;
    d->setIOEnable(true);
    IODeviceMemory *range = d->getDeviceMemoryWithRegister(kIOPCIConfigBaseAddress0);
    IOMemoryMap *map = d->mapDeviceMemoryWithRegister(kIOPCIConfigBaseAddress0);
    if (!CHECK(range && map, "an I/O BAR has a range and a map"))
        return;
    UInt16 port = (UInt16)(d->configRead32(kIOPCIConfigBaseAddress0) & ~3u);
    SAME(map->getVirtualAddress(), port, "I/O space is mapped one to one");
    SAME(d->ioRead8(kStatus, map), 0, "the status register after a reset");
    d->ioWrite8(kStatus, 1, map);
    d->ioWrite8(kStatus, 3, map);
    SAME(d->ioRead8(kStatus, map), 3, "8 bits written and read");
    SAME(d->ioRead8(port + kStatus), 3, "without a map: the port's number (IOPCIBridge.cpp, initializeNub)");
    d->ioWrite16(kQueueSelect, 7, map);
    SAME(d->ioRead16(kQueueSelect, map), 7, "16 bits written and read");
    SAME(d->ioRead16(kQueueSize, map), 0, "a queue that is not there");
    d->ioWrite16(kQueueSelect, 0, map);
    SAME(d->ioRead16(kQueueSize, map), 8, "queue 0 of virtio-rng");
    CHECK((d->ioRead32(kFeatures, map) & kVirtioF) == kVirtioF, "32 bits read");
    d->ioWrite32(kDriverFeatures, 0x10000000, map);
    SAME(d->ioRead32(kDriverFeatures, map), 0x10000000, "32 bits written");
    IODeviceMemory *ports = d->ioDeviceMemory();
    IOMemoryMap *bus = ports ? ports->map() : 0;
    if (CHECK(bus && ports->getLength() >= 0x10000, "the bus's I/O space, mapped")) {
        SAME(d->ioRead8(port + kStatus, bus), 3, "the port's number as an offset there");
        bus->release();
    }
    d->ioWrite8(kStatus, 0, map);
    SAME(d->ioRead8(kStatus, map), 0, "a reset");
    map->release();
}
