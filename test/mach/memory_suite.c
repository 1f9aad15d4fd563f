// SPDX-License-Identifier: BSD-3-Clause
/* memcpy and kin at every alignment and overlap, str*, atomics, IOMalloc's family and its counters. */
#define KPI_STRICT_ATOMICS
#include <libkern/libkern.h>
#include <libkern/OSAtomic.h>
#include <libkern/OSMalloc.h>
#include <sys/malloc.h>
#include <IOKit/IOLib.h>
#include "linux/linux.h"
#include "test/mach/suite.h"

int atoi(const char *s);
void *kern_os_malloc(size_t size);
void *kern_os_realloc(void *p, size_t size);
void kern_os_free(void *p);

enum { SIZE = 2048 };
static unsigned char area[SIZE], model[SIZE];

static void fill(unsigned char *p)
{
    for (int i = 0; i < SIZE; i++)
        p[i] = (unsigned char)(i * 31 + i / 256);
}

static int same(void)
{
    for (int i = 0; i < SIZE; i++)
        if (area[i] != model[i])
            return 0;
    return 1;
}

static int one_move(int to, int from, int n)
{
    unsigned char copy[SIZE];
    fill(area);
    fill(model);
    fill(copy);
    for (int i = 0; i < n; i++)
        model[to + i] = copy[from + i];
    memmove(area + to, area + from, n);
    return same();
}

static int all_moves(void)
{
    static const int sizes[] = {0, 1, 2, 3, 7, 8, 9, 15, 31, 32, 33, 63, 100, 511, 512, 600};
    for (unsigned s = 0; s < sizeof sizes / sizeof sizes[0]; s++)
        for (int distance = -70; distance <= 70; distance++)
            if (!one_move(200 + distance, 200, sizes[s]))
                return 0;
    return 1;
}

static int all_sets(void)
{
    for (int start = 0; start < 9; start++)
        for (int n = 0; n < 700; n += n < 40 ? 1 : 83) {
            fill(area);
            fill(model);
            for (int i = 0; i < n; i++)
                model[start + i] = 0xa5;
            memset(area + start, 0xa5, n);
            if (!same())
                return 0;
        }
    return 1;
}

/* A device's registers see whole words: what is aligned is copied in 8-byte accesses. In RAM: rep movsb. */
static void blocks_in_ram(void)
{
    char *a = IOMalloc(100000), *b = IOMalloc(100000);
    memset(a, 'x', 100000);
    memcpy(b, a, 100000);
    host_check(!memcmp(a, b, 100000) && b[99999] == 'x', "large blocks in RAM");
    b[50000] = 'y';
    host_check(memcmp(a, b, 100000) < 0 && bcmp(a, b, 50000) == 0, "memcmp finds the one byte");
    IOFree(a, 100000);
    IOFree(b, 100000);
}

void suite_strings(void)
{
    char buf[16] = "abc";
    char list[] = "a,,b", *p = list;
    host_check(all_moves(), "memmove at every distance, both ways");
    host_check(all_sets(), "memset at every alignment");
    blocks_in_ram();
    host_check(strlcpy(buf, "0123456789abcdefgh", sizeof buf) == 18 && strlen(buf) == 15,
               "strlcpy cuts, counts all");
    host_check(strlcat(buf, "xyz", sizeof buf) == 18 && strlen(buf) == 15, "strlcat of a full buffer");
    host_check(!strcmp(strncat(strcpy(buf, "ab"), "cdef", 2), "abcd"), "strncat");
    host_check(strncmp("abcd", "abxx", 2) == 0 && strcmp("a", "b") < 0 && strcasecmp("AbC", "aBc") == 0,
               "comparisons");
    strncpy(buf, "ab", 5);
    host_check(buf[2] == 0 && buf[4] == 0, "strncpy pads");
    host_check(strnstr("hello world", "wor", 11) && !strnstr("hello world", "wor", 8), "strnstr's limit");
    const char *first = strsep(&p, ","), *empty = strsep(&p, ","), *last = strsep(&p, ",");
    host_check(*first == 'a' && !*empty && *last == 'b' && !p, "strsep keeps empty fields");
    host_check(ffs(0) == 0 && ffs(0x80) == 8 && strprefix("abc", "ab") && atoi("42x") == 42,
               "ffs, strprefix, atoi");
    host_check(crc32(0, "123456789", 9) == 0xcbf43926, "crc32's check value");
}

static void atomics(void)
{
    SInt32 n = 5;
    UInt8 bits = 0;
    UInt64 q = 1;
    host_check(OSAddAtomic(3, &n) == 5 && OSIncrementAtomic(&n) == 8 && OSDecrementAtomic(&n) == 9 && n == 8,
               "atomics return the value before");
    host_check(OSCompareAndSwap(8, 1, (UInt32 *)&n) && !OSCompareAndSwap(8, 2, (UInt32 *)&n) && n == 1,
               "OSCompareAndSwap");
    host_check(OSCompareAndSwap64(1, 1ull << 40, &q) && q == 1ull << 40, "OSCompareAndSwap64");
    host_check(!OSTestAndSet(0, &bits) && bits == 0x80 && OSTestAndSet(0, &bits) &&
                   !OSTestAndClear(0, &bits) && OSTestAndClear(0, &bits),
               "OSTestAndSet and Clear: bit 0 is the highest");
}

static void wrong_free(void)
{
    IOFree((char *)IOMalloc(64) + 16, 64);
}

static void kinds(void)
{
    unsigned long before = lx_counter_value("memory.IOMallocContiguous.bytes.live");
    IOPhysicalAddress phys = 0;
    void *p = IOMallocContiguous(5000, 8192, &phys);
    host_check(p && !(phys & 8191) && phys == lx_ram_phys(p),
               "IOMallocContiguous: physical address, alignment");
    host_check(lx_counter_value("memory.IOMallocContiguous.bytes.live") == before + 5000,
               "its bytes are counted by kind");
    IOFreeContiguous(p, 5000);
    host_check(lx_counter_value("memory.IOMallocContiguous.bytes.live") == before,
               "and no more after the free");
    p = IOMallocAligned(100, 1024);
    host_check(p && !((unsigned long)p & 1023), "IOMallocAligned");
    IOFreeAligned(p, 100);
    host_check(!IOMallocAligned(100, 24) && !IOMallocAligned(0, 16), "no memory for a bad alignment or size");
    char *z = kern_os_malloc(10);
    z[9] = 1;
    z = kern_os_realloc(z, 5000);
    host_check(z[9] == 1 && z[4999] == 0 && !kern_os_malloc(0),
               "kern_os_realloc keeps the old, clears the new");
    kern_os_free(z);
    OSMallocTag tag = OSMalloc_Tagalloc("test", OSMT_DEFAULT);
    p = OSMalloc(100, tag);
    OSMalloc_Tagfree(tag);
    host_check(lx_counter_value("memory.OSMalloc.tags.live") == 1, "a tag lives as long as its blocks");
    OSFree(p, 100, tag);
    host_check(lx_counter_value("memory.OSMalloc.tags.live") == 0, "and ends with them");
    z = _MALLOC(100, M_TEMP, M_WAITOK | M_ZERO);
    host_check(z && !z[99], "_MALLOC clears when asked");
    _FREE(z, M_TEMP);
    host_check(host_dies(wrong_free, "wrong free"), "a wrong IOFree is named");
}

void suite_memory(void)
{
    atomics();
    kinds();
    host_check(IOSizeToAlignment(4096) == 12 && IOSizeToAlignment(0) == 0 && IOAlignmentToSize(3) == 8,
               "IOLib's sizes");
}
