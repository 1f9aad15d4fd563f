// SPDX-License-Identifier: BSD-3-Clause
/* The formatter: rows of expected texts; and sscanf, strtol, the boot-args. */
#include <libkern/libkern.h>
#include <pexpert/pexpert.h>
#include "test/mach/suite.h"

int scnprintf(char *buf, size_t size, const char *fmt, ...); /* exported from 10.15 */

static void expect(const char *want, const char *fmt, ...)
{
    char got[128];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(got, sizeof got, fmt, ap);
    va_end(ap);
    host_check(!strcmp(want, got) && n == (int)strlen(want), "format \"%s\" gives \"%s\" (wanted \"%s\")",
               fmt, got, want);
}

static void integers(void)
{
    expect("-5 5 +5 ' 5'", "%d %u %+d '% d'", -5, 5u, 5, 5);
    expect("ff FF 0xff 377 0377 0", "%x %X %#x %o %#o %#x", 255, 255, 255, 255, 255, 0);
    expect("[   42][42   ][00042][-0042]", "[%5d][%-5d][%05d][%05d]", 42, 42, 42, -42);
    expect("[   42][42   ]", "[%*d][%*d]", 5, 42, -5, 42);
    expect("-9223372036854775808", "%lld", (long long)1 << 63);
    expect("18446744073709551615 ffffffffffffffff", "%llu %qx", ~0ull, ~0ull);
    expect(sizeof(long) == 8 ? "123456789abcdef0 -1" : "9abcdef0 -1", "%lx %ld", (unsigned long)0x123456789abcdef0ull, -1l);
    expect("4294967295 -1", "%u %d", ~0u, ~0u);
    expect("200 -56 65535 -1", "%hhu %hhd %hu %hd", 200, 200, 65535, 65535);
    expect("17 0x1000 0", "%zu %p %p", (size_t)17, (void *)0x1000, (void *)0);
    expect("-1f", "%z", -0x1f);
    expect("0x00ff", "%#06x", 255);
}

static void texts(void)
{
    expect("[abc][  abc][abc  ][ab]", "[%s][%5s][%-5s][%.2s]", "abc", "abc", "abc", "abc");
    expect("[abc][abc]", "[%3s][%-3s]", "abcdef", "abcdef");
    expect("[]", "[%s]", (char *)0);
    expect("[ab]", "[%.*s]", 2, "abcdef");
    expect("x%y", "%c%%%c", 'x', 'y');
    expect("reg = 3<BITTWO,BITONE>", "reg = %b", 3, "\10\2BITTWO\1BITONE");
    expect("reg = 9<FIELD1=2,BITONE>", "reg = %b", 9, "\20\4\3FIELD1=\2BITTWO\1BITONE");
    expect("52:54:00:12", "%4D", "\x52\x54\x00\x12", ":");
    expect("5254", "%*D", 2, "\x52\x54", "");
    expect("", "%");
}

void suite_formats(void)
{
    char small[4] = "zzz";
    integers();
    texts();
    host_check(snprintf(small, sizeof small, "%d", 12345) == 5 && !strcmp(small, "123"),
               "snprintf cuts and counts");
    host_check(snprintf(small, 0, "%d", 12345) == 5 && !strcmp(small, "123"),
               "snprintf of size 0 writes nothing");
    host_check(scnprintf(small, sizeof small, "%d", 12345) == 3, "scnprintf counts what it wrote");
}

void suite_scan(void)
{
    int a = 0, b = 0, n = 0;
    unsigned long long q = 0;
    char word[16], set[16], *end;
    host_check(sscanf("12 0x1f abc", "%d %x %15s", &a, &b, word) == 3 && a == 12 && b == 31 &&
                   !strcmp(word, "abc"),
               "sscanf numbers and a word");
    host_check(sscanf("00:1b:ff", "%x:%x:%x%n", &a, &b, (int *)&q, &n) == 3 && b == 0x1b && n == 8,
               "sscanf of an address");
    host_check(sscanf("key=val;", "%15[^=]=%15[a-z]", word, set) == 2 && !strcmp(set, "val"), "sscanf sets");
    host_check(sscanf("12345", "%2d%*d", &a) == 1 && a == 12, "sscanf width and suppression");
    host_check(sscanf("", "%d", &a) == -1 && sscanf("x", "%d", &a) == 0,
               "sscanf at the end of the text and at a mismatch");
    host_check(sscanf("18446744073709551615", "%llu", &q) == 1 && q == ~0ull, "sscanf 64 bits");
    host_check(strtoul("0x1fz", &end, 0) == 31 && *end == 'z', "strtoul stops at the first other character");
    host_check(strtol(" -077", 0, 0) == -63 && strtol("99999999999999999999", 0, 10) == __LONG_MAX__,
               "strtol octal, overflow");
    host_check(strtoul("0x", &end, 16) == 0 && *end == 'x', "0x without a digit is 0");
    host_check(strtouq("", &end, 10) == 0 && strtoq("-5", 0, 10) == -5, "strtoq");
}

void suite_boot(void)
{
    int n = 0;
    unsigned char c = 0;
    char text[8] = "";
    host_check(PE_parse_boot_argn("debug", &n, sizeof n) && n == 0x14e, "boot-arg in hexadecimal");
    host_check(PE_parse_boot_argn("vio_dbg", &c, sizeof c) && c == 7,
               "of two, the last counts; one byte is stored");
    host_check(PE_parse_boot_argn("-v", &n, sizeof n) && n == 1, "flag");
    host_check(PE_parse_boot_argn("name", text, sizeof text) && !strcmp(text, "text"), "text");
    host_check(PE_parse_boot_argn("name", text, 3) && !strcmp(text, "te"), "text is cut");
    host_check(PE_parse_boot_argn("size", &n, sizeof n) && n == 4096, "suffix k");
    host_check(PE_parse_boot_argn("neg", &n, sizeof n) && n == -2, "negative number");
    host_check(PE_parse_boot_argn("_x", text, sizeof text) && !strcmp(text, "abc"),
               "name with an underscore is text");
    n = 99;
    host_check(!PE_parse_boot_argn("vio", &n, sizeof n) && n == 99, "a prefix of a name is not the name");
}
