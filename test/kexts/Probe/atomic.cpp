// SPDX-License-Identifier: BSD-3-Clause
/*
 * Atomic operations, byte order and clocks: xnu libkern/libkern/OSAtomic.h (each gives the old value; bits
 * are numbered from the most significant end of a byte), osfmk/kern/clock.c.
 */
#include "probe.h"
#include <kern/clock.h>
#include <libkern/OSAtomic.h>
#include <libkern/OSByteOrder.h>

static void testArithmetic()
{
    SInt32 n = 10;
    SInt64 wide = 1ll << 40;
    SInt16 half = -1;
    SInt8 byte = 127;
    SAME(OSIncrementAtomic(&n), 10, "OSIncrementAtomic gives the old value");
    SAME(OSDecrementAtomic(&n), 11, "OSDecrementAtomic");
    SAME(OSAddAtomic(-20, &n), 10, "OSAddAtomic");
    SAME(n, -10, "the sum");
    SAME(OSAddAtomic64(5, &wide), 1ll << 40, "OSAddAtomic64");
    SAME(OSAddAtomic16(2, &half), -1, "OSAddAtomic16");
    SAME(half, 1, "wraps");
    SAME(OSAddAtomic8(1, &byte), 127, "OSAddAtomic8");
    SAME(byte, -128, "wraps");
    UInt32 bits = 0xf0;
    SAME(OSBitOrAtomic(0x0f, &bits), 0xf0, "OSBitOrAtomic gives the old value");
    SAME(OSBitAndAtomic(0x3c, &bits), 0xff, "OSBitAndAtomic");
    SAME(OSBitXorAtomic(0xff, &bits), 0x3c, "OSBitXorAtomic");
    SAME(bits, 0xc3, "what is left");
}

static void testExchange()
{
    UInt32 word = 5;
    UInt64 wide = 7;
    void *pointer = 0;
    CHECK(OSCompareAndSwap(5, 6, &word) && word == 6, "OSCompareAndSwap of what is there");
    CHECK(!OSCompareAndSwap(5, 9, &word) && word == 6, "and of what is not");
    CHECK(OSCompareAndSwap64(7, 1ull << 63, &wide) && wide == 1ull << 63, "OSCompareAndSwap64");
    CHECK(OSCompareAndSwapPtr(0, &word, &pointer) && pointer == &word, "OSCompareAndSwapPtr");
    UInt8 flags[2] = {0, 0};
    CHECK(!OSTestAndSet(0, flags), "OSTestAndSet: bit 0 was clear");
    SAME(flags[0], 0x80, "it is the most significant one");
    CHECK(OSTestAndSet(0, flags), "now it was set");
    CHECK(!OSTestAndSet(9, flags) && flags[1] == 0x40, "bit 9 is in the second byte");
    CHECK(OSTestAndClear(1, flags), "OSTestAndClear of a clear bit");
    CHECK(!OSTestAndClear(0, flags) && !flags[0], "and of a set one");
}

static void testTime()
{
    uint64_t a, b, c, ns, deadline;
    clock_get_uptime(&a);
    b = mach_absolute_time();
    clock_get_uptime(&c);
    CHECK(b >= a && c >= b, "clock_get_uptime and mach_absolute_time are one clock");
    nanoseconds_to_absolutetime(5000000, &a);
    absolutetime_to_nanoseconds(a, &ns);
    SAME(ns, 5000000, "nanoseconds there and back");
    clock_interval_to_absolutetime_interval(3, kSecondScale, &a);
    absolutetime_to_nanoseconds(a, &ns);
    SAME(ns, 3000000000ull, "an interval");
    a = mach_absolute_time();
    clock_interval_to_deadline(10, kMillisecondScale, &deadline);
    b = mach_absolute_time();
    nanoseconds_to_absolutetime(10000000, &c);
    CHECK(deadline >= a + c && deadline <= b + c, "a deadline");
    clock_delay_until(deadline);
    CHECK(mach_absolute_time() >= deadline, "clock_delay_until");
    a = mach_absolute_time();
    IODelay(2000);
    absolutetime_to_nanoseconds(mach_absolute_time() - a, &ns);
    CHECK(ns >= 2000000, "IODelay");
    a = mach_absolute_time();
    IOSleep(5);
    absolutetime_to_nanoseconds(mach_absolute_time() - a, &ns);
    CHECK(ns >= 5000000, "IOSleep");
    clock_sec_t seconds;
    clock_nsec_t fraction;
    clock_get_calendar_nanotime(&seconds, &fraction);
    CHECK(seconds > 1600000000 && fraction < 1000000000, "the calendar");
    SAME(OSSwapInt16(0x1234), 0x3412, "OSSwapInt16");
    SAME(OSSwapInt64(1), 1ull << 56, "OSSwapInt64");
    SAME(OSSwapBigToHostInt32(0x01020304), 0x04030201, "OSSwapBigToHostInt32");
    SAME(OSSwapHostToLittleInt32(0x01020304), 0x01020304, "OSSwapHostToLittleInt32");
}

void test_atomic(Probe *p)
{
    testArithmetic();
    testExchange();
    testTime();
}
