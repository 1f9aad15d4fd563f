// SPDX-License-Identifier: BSD-3-Clause
/* The kernel's string functions (Apple: osfmk/device/subrs.c, bsd/libkern/, libkern/OSKextLib's C exports).
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <libkern/libkern.h>

size_t strnlen(const char *s, size_t max)
{
    size_t n = 0;
    while (n < max && s[n])
        n++;
    return n;
}

size_t strlen(const char *s)
{
    return strnlen(s, SIZE_MAX);
}

int strncmp(const char *a, const char *b, size_t n)
{
    for (; n; n--, a++, b++) {
        int x = (unsigned char)*a, y = (unsigned char)*b;
        if (x != y || !x)
            return x - y;
    }
    return 0;
}

int strcmp(const char *a, const char *b)
{
    return strncmp(a, b, SIZE_MAX);
}

static int lower(int c)
{
    return c >= 'A' && c <= 'Z' ? c + 'a' - 'A' : c;
}

int strncasecmp(const char *a, const char *b, size_t n)
{
    for (; n; n--, a++, b++) {
        int x = lower((unsigned char)*a), y = lower((unsigned char)*b);
        if (x != y || !x)
            return x - y;
    }
    return 0;
}

int strcasecmp(const char *a, const char *b)
{
    return strncasecmp(a, b, SIZE_MAX);
}

char *strncpy(char *to, const char *from, size_t n)
{
    size_t i = 0;
    for (; i < n && from[i]; i++)
        to[i] = from[i];
    for (; i < n; i++)
        to[i] = 0;
    return to;
}

char *strcpy(char *to, const char *from)
{
    char *d = to;
    while ((*d++ = *from++))
        ;
    return to;
}

char *strncat(char *to, const char *from, size_t n)
{
    size_t at = strlen(to), len = strnlen(from, n);
    memcpy(to + at, from, len);
    to[at + len] = 0;
    return to;
}

char *strcat(char *to, const char *from)
{
    return strncat(to, from, SIZE_MAX);
}

size_t strlcpy(char *to, const char *from, size_t size)
{
    size_t len = strlen(from);
    if (size) {
        size_t n = len < size ? len : size - 1;
        memcpy(to, from, n);
        to[n] = 0;
    }
    return len;
}

size_t strlcat(char *to, const char *from, size_t size)
{
    size_t at = strnlen(to, size);
    if (at == size)
        return size + strlen(from);
    return at + strlcpy(to + at, from, size - at);
}

char *strchr(const char *s, int c)
{
    for (;; s++) {
        if (*s == (char)c)
            return (char *)s;
        if (!*s)
            return 0;
    }
}

char *strrchr(const char *s, int c)
{
    const char *last = 0;
    for (;; s++) {
        if (*s == (char)c)
            last = s;
        if (!*s)
            return (char *)last;
    }
}

char *strnstr(const char *s, const char *find, size_t max)
{
    size_t n = strlen(find);
    if (!n)
        return (char *)s;
    for (; max >= n && *s; s++, max--)
        if (!strncmp(s, find, n))
            return (char *)s;
    return 0;
}

/* bsd/libkern/strsep.c as 4.4BSD: an empty field is a field. */
char *strsep(char **at, const char *delimiters)
{
    char *start = *at, *s = start;
    if (!start)
        return 0;
    for (; *s; s++)
        if (strchr(delimiters, *s)) {
            *s = 0;
            *at = s + 1;
            return start;
        }
    *at = 0;
    return start;
}

/* osfmk/device/subrs.c: is prefix a prefix of s? */
int strprefix(const char *s, const char *prefix)
{
    return !strncmp(s, prefix, strlen(prefix));
}

char *itoa(int number, char *buf)
{
    snprintf(buf, 12, "%d", number);
    return buf;
}

int ffs(int mask)
{
    return __builtin_ffs(mask);
}
