// SPDX-License-Identifier: BSD-3-Clause
/*
 * Formats and strings of the kernel's C library: xnu osfmk/kern/printf.c (__doprnt), bsd/kern/subr_prf.c
 * (snprintf), osfmk/device/subrs.c, bsd/libkern/strtol.c, scanf.c; boot arguments: pexpert/gen/bootargs.c.
 */
#include "probe.h"
#include <libkern/libkern.h>
#include <pexpert/pexpert.h>
#include <string.h>

static char out[128];

static bool is(const char *wanted, int length)
{
    if (strcmp(out, wanted) || length != (int)strlen(wanted))
        probe_note("\"%s\" (%d), not \"%s\"", out, length, wanted);
    return !strcmp(out, wanted) && length == (int)strlen(wanted);
}
#define PRINTS(wanted, ...)                                                                                  \
    probe_check(is(wanted, snprintf(out, sizeof out, __VA_ARGS__)), "snprintf: " wanted, #__VA_ARGS__)

static void testPrint()
{
    PRINTS("a b 100%", "%s %c %d%%", "a", 'b', 100);
    PRINTS("-5 4294967291 ff FF 0xff", "%d %u %x %X %#x", -5, 4294967291u, 255, 255, 255);
    PRINTS("   42|42   |00042", "%5d|%-5d|%05d", 42, 42, 42);
    PRINTS("1234567890123 -1 abcdef0123", "%lld %ld %llx", 1234567890123ll, -1l, 0xabcdef0123ull);
    PRINTS("18446744073709551615 -1", "%qu %hd", ~0ull, (short)-1);
    PRINTS("abc|  ab|ab  ", "%.3s|%4s|%-4s", "abcdef", "ab", "ab");
    PRINTS("  xy|12", "%*s|%.*s", 4, "xy", 2, "123");
    PRINTS("0xdeadbeef", "%p", (void *)0xdeadbeef);
    PRINTS("777 0777", "%o %#o", 0777, 0777);
    PRINTS("+3 7", "%+d %.4d", 3, 7); /* a precision is for strings only */
    PRINTS("<>", "<%s>", (const char *)0);
    PRINTS("12 34", "%zu %zd", (size_t)12, (ssize_t)34);
    SAME(snprintf(out, 4, "%d", 123456), 6, "snprintf returns the length without a limit");
    CHECK(!strcmp(out, "123"), "and ends what fits with 0");
    out[0] = 'x';
    SAME(snprintf(out, 0, "%d", 5), 1, "no room at all");
    CHECK(out[0] == 'x', "nothing is written");
}

static void testStrings()
{
    SAME(strlcpy(out, "hello", 3), 5, "strlcpy returns the source's length");
    CHECK(!strcmp(out, "he"), "and cuts");
    SAME(strlcat(out, "yo", sizeof out), 4, "strlcat");
    CHECK(!strcmp(out, "heyo"), "appends");
    CHECK(strcmp("a", "b") < 0 && !strcmp("a", "a") && strncmp("abc", "abd", 2) == 0, "strcmp, strncmp");
    CHECK(!strcasecmp("HeLLo", "hEllO") && !strncasecmp("ABx", "aby", 2), "strcasecmp, strncasecmp");
    const char *text = "find";
    CHECK(strchr(text, 'n') == text + 2 && !strchr(text, 'z'), "strchr");
    SAME(strnlen("abc", 2), 2, "strnlen");
    char *end;
    SAME(strtol("-0x1fz", &end, 0), -31, "strtol");
    SAME(*end, 'z', "stops there");
    SAME(strtoul("777", 0, 8), 511, "strtoul");
    SAME(strtouq("0xffffffffffffffff", 0, 16), ~0ull, "strtouq");
    int a = 0, b = 0;
    SAME(sscanf("12 x1f", "%d x%x", &a, &b), 2, "sscanf");
    CHECK(a == 12 && b == 31, "its values");
    CHECK(!memcmp("abc", "abc", 3) && memcmp("abc", "abd", 3) && !bcmp("ab", "ab", 2), "memcmp, bcmp");
}

void test_format(Probe *p)
{
    testPrint();
    testStrings();
    IOLog("format: %s in ", "a line");
    IOLog("two pieces\n");
    kprintf("format: kprintf\n");
    printf("format: printf %d\n", 7);
}

/* With: text=hello number=0x1234 small=7 neg=-5 -flag last=end */
void test_bootargs(Probe *p)
{
    char text[16] = "none";
    UInt32 n = 1;
    UInt8 small[2] = {9, 9};
    SInt32 negative = 0;
    CHECK(PE_parse_boot_argn("text", text, sizeof text) && !strcmp(text, "hello"), "text");
    char five[4] = "zzz";
    CHECK(PE_parse_boot_argn("text", five, 3) && !strncmp(five, "he", 2) && five[3] == 0,
          "cut to the room there is");
    CHECK(PE_parse_boot_argn("number", &n, sizeof n) && n == 0x1234, "a number");
    CHECK(PE_parse_boot_argn("small", small, 1) && small[0] == 7 && small[1] == 9, "into one byte");
    CHECK(PE_parse_boot_argn("neg", &negative, sizeof negative) && negative == -5, "a negative number");
    n = 5;
    CHECK(PE_parse_boot_argn("-flag", &n, sizeof n) && n == 1, "a flag is 1");
    n = 5;
    CHECK(!PE_parse_boot_argn("absent", &n, sizeof n) && n == 5, "one that is not there changes nothing");
    CHECK(!PE_parse_boot_argn("num", &n, sizeof n), "a name is whole");
    CHECK(PE_parse_boot_argn("last", text, sizeof text) && !strcmp(text, "end"), "the last");
}
