// SPDX-License-Identifier: BSD-3-Clause
/* Numbers and fields out of text: strtol and kin (bsd/kern and libkern exports), sscanf
 * (libkern/stdio/scanf.c). */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <libkern/libkern.h>
#include "internal.h"

static int is_space(int c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static int digit(int c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'Z')
        return c - 'A' + 10;
    return 99;
}

struct number {
    unsigned long long value;
    int negative, any, overflow;
    const char *end;
};

/* Reads at most `max` characters. A 0x without a digit behind it is the number 0. */
static struct number read_number(const char *s, int base, size_t max)
{
    struct number n = {0, 0, 0, 0, s};
    const char *limit = max > (size_t)-1 - (uintptr_t)s ? (const char *)-1 : s + max;
    while (s < limit && is_space(*s))
        s++;
    if (s < limit && (*s == '-' || *s == '+'))
        n.negative = *s++ == '-';
    if ((base == 0 || base == 16) && s + 2 < limit && s[0] == '0' && (s[1] | 32) == 'x' && digit(s[2]) < 16) {
        s += 2;
        base = 16;
    } else if (base == 0) {
        base = s < limit && *s == '0' ? 8 : 10;
    }
    for (; s < limit && digit(*s) < base; s++) {
        unsigned long long next;
        n.any = 1;
        if (__builtin_mul_overflow(n.value, (unsigned)base, &next) ||
            __builtin_add_overflow(next, (unsigned)digit(*s), &n.value))
            n.overflow = 1;
    }
    if (n.any)
        n.end = s;
    return n;
}

static unsigned long long to_unsigned(const char *s, char **end, int base, unsigned long long max)
{
    struct number n = read_number(s, base, SIZE_MAX);
    if (end)
        *end = (char *)n.end;
    if (n.overflow || n.value > max)
        return max;
    return n.negative ? 0 - n.value : n.value;
}

static long long to_signed(const char *s, char **end, int base, long long max)
{
    struct number n = read_number(s, base, SIZE_MAX);
    unsigned long long limit = (unsigned long long)max + n.negative;
    if (end)
        *end = (char *)n.end;
    if (n.overflow || n.value > limit)
        n.value = limit;
    return n.negative ? (long long)(0 - n.value) : (long long)n.value;
}

long strtol(const char *s, char **end, int base)
{
    return to_signed(s, end, base, __LONG_MAX__);
}

unsigned long strtoul(const char *s, char **end, int base)
{
    return to_unsigned(s, end, base, ~0ul);
}

quad_t strtoq(const char *s, char **end, int base)
{
    return to_signed(s, end, base, INT64_MAX);
}

u_quad_t strtouq(const char *s, char **end, int base)
{
    return to_unsigned(s, end, base, UINT64_MAX);
}

/* osfmk/device/subrs.c: digits only, no sign; anything else ends it. */
int atoi(const char *s)
{
    unsigned n = 0;
    while (is_space(*s))
        s++;
    for (; *s >= '0' && *s <= '9'; s++)
        n = n * 10 + (*s - '0');
    return (int)n;
}

/* ---- sscanf -------------------------------------------------------------------------------------------- */
struct scan {
    const char *start, *at; /* input */
    const char *fmt;
    int skip;                /* '*': convert, assign nothing */
    size_t width;            /* 0: none given */
    char length;             /* 0, 'h', 'H' (hh), 'l', 'q' (ll) */
    int assigned, converted; /* converted counts those that assign nothing too */
};
struct scan_args {
    va_list ap;
};

static void store(struct scan *s, struct scan_args *a, long long v)
{
    if (s->length == 'H')
        *va_arg(a->ap, signed char *) = (signed char)v;
    else if (s->length == 'h')
        *va_arg(a->ap, short *) = (short)v;
    else if (s->length == 'l')
        *va_arg(a->ap, long *) = (long)v;
    else if (s->length == 'q')
        *va_arg(a->ap, long long *) = v;
    else
        *va_arg(a->ap, int *) = (int)v;
}

static void read_modifiers(struct scan *s)
{
    s->skip = 0;
    s->length = 0;
    s->width = 0;
    for (;; s->fmt++) {
        char c = *s->fmt;
        if (c == '*')
            s->skip = 1;
        else if (c == 'l')
            s->length = s->length == 'l' ? 'q' : 'l';
        else if (c == 'q')
            s->length = 'q';
        else if (c == 'h')
            s->length = s->length == 'h' ? 'H' : 'h';
        else if (c >= '0' && c <= '9')
            s->width = s->width < 100000 ? s->width * 10 + (c - '0') : s->width;
        else
            break;
    }
}

static int scan_number(struct scan *s, struct scan_args *a, int base)
{
    struct number n = read_number(s->at, base, s->width ? s->width : SIZE_MAX);
    if (!n.any)
        return -1;
    s->at = n.end;
    s->converted++;
    if (!s->skip) {
        store(s, a, (long long)(n.negative ? 0 - n.value : n.value));
        s->assigned++;
    }
    return 0;
}

/* %s, %c and %[: as many characters as `in` allows. Only %c does not end its text with a NUL. */
static int scan_text(struct scan *s, struct scan_args *a, const unsigned char in[32], size_t width,
                     int terminate)
{
    char *to = s->skip ? 0 : va_arg(a->ap, char *);
    size_t n = 0;
    for (; n < width && *s->at && in[(unsigned char)*s->at >> 3] >> (*s->at & 7) & 1; n++, s->at++)
        if (to)
            to[n] = *s->at;
    if (!n || (!terminate && n < width))
        return -1;
    s->converted++;
    if (to) {
        if (terminate)
            to[n] = 0;
        s->assigned++;
    }
    return 0;
}

/* The set behind "%[": fmt stands after the bracket and is left after the closing one. */
static void read_set(struct scan *s, unsigned char in[32])
{
    const unsigned char *p = (const unsigned char *)s->fmt;
    int invert = *p == '^', first = 1;
    memset(in, 0, 32);
    for (p += invert; *p && (*p != ']' || first); p++, first = 0) {
        unsigned from = *p, to = from;
        if (p[1] == '-' && p[2] && p[2] != ']') {
            to = p[2];
            p += 2;
        }
        for (unsigned c = from; c <= to; c++)
            in[c >> 3] |= 1 << (c & 7);
    }
    if (invert)
        for (int i = 0; i < 32; i++)
            in[i] = ~in[i];
    s->fmt = (const char *)p + (*p == ']');
}

static int scan_conversion(struct scan *s, struct scan_args *a)
{
    unsigned char in[32];
    char c = *s->fmt;
    if (!c)
        return -1;
    s->fmt++;
    if (c == 'n') {
        if (!s->skip)
            store(s, a, s->at - s->start);
        return 0;
    }
    if (c == '[') {
        read_set(s, in);
    } else if (c == 'c') {
        memset(in, 0xff, sizeof in);
        return scan_text(s, a, in, s->width ? s->width : 1, 0);
    } else {
        while (is_space(*s->at))
            s->at++;
        memset(in, 0xff, sizeof in);
        in[1] = 0xc1; /* \t \n \v \f \r */
        in[4] = 0xfe; /* space */
    }
    if (c == 's' || c == '[')
        return scan_text(s, a, in, s->width ? s->width : SIZE_MAX, 1);
    if (c == 'p')
        s->length = 'l';
    return scan_number(s, a, c == 'd' || c == 'u' ? 10 : c == 'o' ? 8 : c == 'i' ? 0 : 16);
}

/* The input ended before anything was converted: that is -1, not 0. */
static int input_failure(struct scan *s)
{
    if (!s->converted)
        s->assigned = -1;
    return -1;
}

/* One element of the format; 0, or -1: the scan ends here. */
static int scan_step(struct scan *s, struct scan_args *a)
{
    char c = *s->fmt++;
    if (is_space(c)) {
        while (is_space(*s->at))
            s->at++;
        return 0;
    }
    if (c == '%' && *s->fmt != '%') {
        read_modifiers(s);
        if (!*s->at && *s->fmt != 'n')
            return input_failure(s);
        return scan_conversion(s, a);
    }
    if (c == '%')
        s->fmt++;
    if (!*s->at)
        return input_failure(s);
    if (*s->at != c)
        return -1;
    s->at++;
    return 0;
}

int vsscanf(const char *text, const char *fmt, va_list ap)
{
    struct scan s = {.start = text, .at = text, .fmt = fmt};
    struct scan_args a;
    va_copy(a.ap, ap);
    while (*s.fmt && scan_step(&s, &a) == 0)
        ;
    va_end(a.ap);
    return s.assigned;
}

int sscanf(const char *text, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int n = vsscanf(text, fmt, ap);
    va_end(ap);
    return n;
}
