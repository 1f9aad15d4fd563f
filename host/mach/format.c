// SPDX-License-Identifier: BSD-3-Clause
/*
 * printf's formatter, as XNU's __doprnt (osfmk/kern/printf.c) behaves: its own conversions %b %B (bit
 * fields), %D (hex dump), %z %Z (signed hex), %r %n (radix); no floating point; a field width truncates %s.
 * The length letters h, z, t and j are those of later systems. Then everything that formats into a buffer.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <libkern/libkern.h>
#include "internal.h"

enum length { LEN_INT, LEN_CHAR, LEN_SHORT, LEN_64 };

struct spec {                  /* one conversion */
    int alt, left, zero, plus; /* plus: 0, '+' or ' ' */
    int width, precision;      /* precision -1: none */
    enum length length;
};

struct sink {
    void (*put)(int c, void *ctx);
    void *ctx;
    int count;
};

static void put(struct sink *s, int c)
{
    s->put(c, s->ctx);
    s->count++;
}

static void pad(struct sink *s, int c, int n)
{
    while (n-- > 0)
        put(s, c);
}

static void put_number(struct sink *s, const struct spec *f, unsigned long long u, int sign, int base,
                       int upper)
{
    char digits[65];
    int n = 0, width = f->width;
    const char *prefix = "";
    if (u && f->alt)
        prefix = base == 8 ? "0" : base == 16 ? "0x" : "";
    do {
        int d = u % base;
        digits[n++] = d < 10 ? '0' + d : (upper ? 'A' : 'a') + d - 10;
        u /= base;
    } while (u);
    width -= n + !!sign + (int)strlen(prefix);
    if (!f->zero && !f->left)
        pad(s, ' ', width);
    if (sign)
        put(s, sign);
    while (*prefix)
        put(s, *prefix++);
    if (f->zero && !f->left)
        pad(s, '0', width);
    while (n)
        put(s, digits[--n]);
    if (f->left)
        pad(s, ' ', width);
}

/* %s. Padding looks at the length within the precision; then the width limits what is put (as Apple's does).
 */
static void put_string(struct sink *s, const struct spec *f, const char *p)
{
    int max = f->precision < 0 ? INT32_MAX : f->precision, n;
    if (!p)
        p = "";
    n = (int)strnlen(p, max);
    if (!f->left)
        pad(s, ' ', f->width - n);
    if (f->width > 0 && n > f->width)
        n = f->width;
    for (int i = 0; i < n; i++)
        put(s, p[i]);
    if (f->left)
        pad(s, ' ', f->width - n);
}

static void put_plain(struct sink *s, unsigned long long u, int base)
{
    static const struct spec plain = {.precision = -1};
    put_number(s, &plain, u, 0, base, 0);
}

static const char *put_name(struct sink *s, const char *p, int *any)
{
    put(s, *any ? ',' : '<');
    *any = 1;
    for (; *p > 32; p++)
        put(s, *p);
    return p;
}

/* %b: names is "<base>" then, for each bit (from 1) or field, its number(s) as control characters and a name.
 * %B counts the bits from the most significant one. */
static void put_bits(struct sink *s, unsigned long long u, const char *names, int from_top)
{
    int base = *names++, any = 0, bit;
    if (base < 2 || base > 16)
        return;
    put_plain(s, u, base);
    if (!u)
        return;
    while ((bit = *names++)) {
        if (from_top)
            bit = 33 - bit;
        if (*names && *names <= 32) {
            int low = from_top ? 32 - *names++ : *names++;
            names = put_name(s, names, &any);
            put_plain(s, u >> (low - 1) & ((2ull << (bit - low)) - 1), base);
        } else if (u >> (bit - 1) & 1) {
            names = put_name(s, names, &any);
        } else {
            while (*names > 32)
                names++;
        }
    }
    if (any)
        put(s, '>');
}

static void put_dump(struct sink *s, int n, const unsigned char *p, const char *separator)
{
    for (; n-- > 0; p++) {
        put(s, "0123456789abcdef"[*p >> 4]);
        put(s, "0123456789abcdef"[*p & 15]);
        for (const char *q = separator; n && *q; q++)
            put(s, *q);
    }
}

struct args {
    va_list ap;
}; /* so that a va_list can be handed on by pointer on every ABI */

static int read_number(const char **fmt, struct args *a)
{
    int n = 0;
    if (**fmt == '*') {
        ++*fmt;
        return va_arg(a->ap, int);
    }
    for (; **fmt >= '0' && **fmt <= '9'; ++*fmt)
        n = n < 100000 ? n * 10 + **fmt - '0' : n;
    return n;
}

static void read_flags(const char **fmt, struct spec *f)
{
    for (;; ++*fmt) {
        if (**fmt == '#')
            f->alt = 1;
        else if (**fmt == '-')
            f->left = 1;
        else if (**fmt == '+')
            f->plus = '+';
        else if (**fmt == ' ')
            f->plus = f->plus ? f->plus : ' ';
        else
            break;
    }
    if (**fmt == '0') {
        f->zero = 1;
        ++*fmt;
    }
}

/* z is a length before an integer conversion, otherwise a conversion of its own (signed hex). */
static int is_integer(char c)
{
    return c && strchr("diouxX", c) != 0;
}

static void read_length(const char **fmt, struct spec *f)
{
    const char *p = *fmt;
    if (*p == 'l') {
        p += p[1] == 'l' ? 2 : 1;
        f->length = p[-2] == 'l' && p - *fmt == 2 ? LEN_64 : sizeof(long) == 8 ? LEN_64 : LEN_INT;
    } else if (*p == 'q' || *p == 'L' || *p == 'j') {
        f->length = LEN_64;
        p++;
    } else if ((*p == 'z' || *p == 't') && is_integer(p[1])) {
        f->length = sizeof(size_t) == 8 ? LEN_64 : LEN_INT;
        p++;
    } else if (*p == 'h') {
        p += p[1] == 'h' ? 2 : 1;
        f->length = p - *fmt == 2 ? LEN_CHAR : LEN_SHORT;
    }
    *fmt = p;
}

static struct spec read_spec(const char **fmt, struct args *a)
{
    struct spec f = {.precision = -1};
    read_flags(fmt, &f);
    f.width = read_number(fmt, a);
    if (f.width < 0) {
        f.left = !f.left;
        f.width = -f.width;
    }
    if (**fmt == '.') {
        ++*fmt;
        f.precision = read_number(fmt, a);
    }
    read_length(fmt, &f);
    return f;
}

static unsigned long long next_unsigned(const struct spec *f, struct args *a)
{
    if (f->length == LEN_64)
        return va_arg(a->ap, unsigned long long);
    unsigned int u = va_arg(a->ap, unsigned int);
    return f->length == LEN_SHORT ? (unsigned short)u : f->length == LEN_CHAR ? (unsigned char)u : u;
}

static void put_signed(struct sink *s, const struct spec *f, struct args *a, int base, int upper)
{
    long long n;
    if (f->length == LEN_64) {
        n = va_arg(a->ap, long long);
    } else {
        int i = va_arg(a->ap, int);
        n = f->length == LEN_SHORT ? (short)i : f->length == LEN_CHAR ? (signed char)i : i;
    }
    put_number(s, f, n < 0 ? 0ull - (unsigned long long)n : (unsigned long long)n, n < 0 ? '-' : f->plus,
               base, upper);
}

/* The conversions that take an integer. 0: c is none of them. */
static int put_integer(struct sink *s, struct spec *f, struct args *a, char c, int radix)
{
    switch (c) {
    case 'd':
    case 'i':
        put_signed(s, f, a, 10, 0);
        return 1;
    case 'z':
    case 'Z':
        put_signed(s, f, a, 16, c == 'Z');
        return 1;
    case 'r':
    case 'R':
        put_signed(s, f, a, radix, 0);
        return 1;
    case 'u':
    case 'U':
        put_number(s, f, next_unsigned(f, a), 0, 10, 0);
        return 1;
    case 'o':
    case 'O':
        put_number(s, f, next_unsigned(f, a), 0, 8, 0);
        return 1;
    case 'n':
    case 'N':
        put_number(s, f, next_unsigned(f, a), 0, radix, 0);
        return 1;
    case 'p':
        f->alt = 1;
        f->length = sizeof(void *) == 8 ? LEN_64 : LEN_INT; /* fallthrough */
    case 'x':
    case 'X':
        put_number(s, f, next_unsigned(f, a), 0, 16, c == 'X');
        return 1;
    }
    return 0;
}

static void put_conversion(struct sink *s, struct spec *f, struct args *a, char c, int radix)
{
    if (put_integer(s, f, a, c, radix))
        return;
    if (c == 's') {
        put_string(s, f, va_arg(a->ap, const char *));
    } else if (c == 'c') {
        put(s, va_arg(a->ap, int));
    } else if (c == 'b' || c == 'B') {
        unsigned long long u = next_unsigned(f, a);
        put_bits(s, u, va_arg(a->ap, const char *), c == 'B');
    } else if (c == 'D') {
        const unsigned char *p = va_arg(a->ap, const unsigned char *);
        put_dump(s, f->width, p, va_arg(a->ap, const char *));
    } else {
        put(s, c);
    }
}

int mach_format(void (*put_char)(int c, void *ctx), void *ctx, const char *fmt, va_list ap, int radix)
{
    struct sink s = {put_char, ctx, 0};
    struct args a;
    va_copy(a.ap, ap);
    for (; *fmt; fmt++) {
        if (*fmt != '%') {
            put(&s, *fmt);
            continue;
        }
        fmt++;
        struct spec f = read_spec(&fmt, &a);
        if (!*fmt)
            break;
        put_conversion(&s, &f, &a, *fmt, radix);
    }
    va_end(a.ap);
    return s.count;
}

/* ---- into a buffer ------------------------------------------------------------------------------------- */
struct buffer {
    char *at;
    size_t left; /* with the terminating NUL's place */
};

static void put_buffer(int c, void *ctx)
{
    struct buffer *b = ctx;
    if (b->left >= 2) {
        *b->at++ = c;
        b->left--;
    }
}

/* bsd/kern/subr_prf.c: the length it would have had; the NUL is there whenever there is room for one. */
int vsnprintf(char *buf, size_t size, const char *fmt, va_list ap)
{
    struct buffer b = {buf, size};
    int n = mach_format(put_buffer, &b, fmt, ap, 16);
    if (b.left)
        *b.at = 0;
    return n;
}

int snprintf(char *buf, size_t size, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(buf, size, fmt, ap);
    va_end(ap);
    return n;
}

/* xnu-6153 bsd/kern/subr_prf.c: the number of characters written. */
int vscnprintf(char *buf, size_t size, const char *fmt, va_list ap)
{
    int n = vsnprintf(buf, size, fmt, ap);
    return (size_t)n < size ? n : size ? (int)size - 1 : 0;
}

int scnprintf(char *buf, size_t size, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int n = vscnprintf(buf, size, fmt, ap);
    va_end(ap);
    return n;
}

int vsprintf(char *buf, const char *fmt, va_list ap)
{
    return vsnprintf(buf, INT32_MAX, fmt, ap);
}

int sprintf(char *buf, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int n = vsprintf(buf, fmt, ap);
    va_end(ap);
    return n;
}
