// SPDX-License-Identifier: BSD-3-Clause
/*
 * Small things that drivers use: randomness (sys/random.h), checksums (bsd/libkern/crc32.c,
 * libkern/zlib/adler32.c), tables of names and IOLib's sizes (iokit/Kernel/IOLib.cpp), diagnostic variables.
 */
#include <stddef.h>
#include <stdint.h>
#include <libkern/libkern.h>
#include <IOKit/IOLib.h>
#include "internal.h"

/* ---- randomness ---------------------------------------------------------------------------------------- */
void read_random(void *buf, u_int size)
{
    lx_random(buf, size);
}

void read_frandom(void *buf, u_int size)
{
    lx_random(buf, size);
}

void random_buf(void *buf, size_t size)
{
    lx_random(buf, size);
}

/* bsd/libkern/random.c: 31 bits. */
u_int32_t random(void)
{
    u_int32_t r;
    lx_random(&r, sizeof r);
    return r & 0x7fffffff;
}

/* ---- checksums ----------------------------------------------------------------------------------------- */
/* The polynomial of Ethernet and zlib, reflected; crc is the value so far, 0 at first. */
u_int32_t crc32(u_int32_t crc, const void *buf, size_t size)
{
    enum { POLYNOMIAL = 0xedb88320 };
    const unsigned char *p = buf;
    crc = ~crc;
    while (size--) {
        crc ^= *p++;
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? POLYNOMIAL : 0);
    }
    return ~crc;
}

/* RFC 1950; no buffer: the value to start with. */
unsigned long adler32(unsigned long adler, const unsigned char *p, unsigned int size)
{
    enum { MODULUS = 65521 };
    unsigned long a = adler & 0xffff, b = adler >> 16 & 0xffff;
    if (!p)
        return 1;
    while (size--) {
        a = (a + *p++) % MODULUS;
        b = (b + a) % MODULUS;
    }
    return b << 16 | a;
}

/* ---- bytes --------------------------------------------------------------------------------------------- */
void *memchr(const void *s, int c, size_t n)
{
    for (const unsigned char *p = s; n--; p++)
        if (*p == (unsigned char)c)
            return (void *)p;
    return 0;
}

/* bsd/libkern/scanc.c: how many bytes are left at the first whose table entry has a bit of the mask. */
int scanc(u_int size, u_char *p, const u_char *table, int mask)
{
    while (size && !(table[*p] & mask)) {
        p++;
        size--;
    }
    return (int)size;
}

/* bsd/libkern/skpc.c: how many bytes are left at the first that is not c. */
int skpc(int c, int size, char *p)
{
    while (size > 0 && *p == (char)c) {
        p++;
        size--;
    }
    return size;
}

/* ---- IOLib.cpp ----------------------------------------------------------------------------------------- */
const char *IOFindNameForValue(int value, const IONamedValue *table)
{
    static char unknown[80];
    for (; table->name; table++)
        if (table->value == value)
            return table->name;
    snprintf(unknown, sizeof unknown, "0x%x (UNDEFINED)", value);
    return unknown;
}

IOReturn IOFindValueForName(const char *name, const IONamedValue *table, int *value)
{
    for (; table->name; table++)
        if (!strcmp(table->name, name)) {
            *value = table->value;
            return kIOReturnSuccess;
        }
    return kIOReturnBadArgument;
}

/* The bit number of the highest bit set; 0 for 0 and 1. */
IOAlignment IOSizeToAlignment(unsigned int size)
{
    return size > 1 ? 31 - __builtin_clz(size) : 0;
}

unsigned int IOAlignmentToSize(IOAlignment align)
{
    return align < 32 ? 1u << align : 0;
}

/* ---- diagnostic variables ------------------------------------------------------------------------------ */
int debug_malloc_size, debug_iomalloc_size, debug_container_malloc_size, debug_ivars_size;
void *_giDebugLogInternal, *_giDebugLogDataInternal, *_giDebugReserved1, *_giDebugReserved2;
int log_leaks;

/* A weak symbol that the kernel lacks has this variable's value as its address (libkern/c++/OSKext.cpp). */
static const char unresolved;
const void *gOSKextUnresolved = &unresolved;
