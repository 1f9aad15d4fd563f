// SPDX-License-Identifier: BSD-3-Clause
/*
 * The loader's error text, one per thread, and readable names for it.
 */
#include "internal.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static __thread char *text;
static __thread size_t used, room;

char *__cxa_demangle(const char *mangled, char *buf, size_t *length, int *status); /* libstdc++, cxxabi.h */

static void append(const char *fmt, va_list args)
{
    va_list again;
    va_copy(again, args);
    size_t n = (size_t)vsnprintf(NULL, 0, fmt, args);
    if (used + n + 2 > room) {
        size_t want = (used + n + 2) * 2;
        char *bigger = realloc(text, want);
        if (!bigger)
            goto out;
        text = bigger;
        room = want;
    }
    vsnprintf(text + used, n + 1, fmt, again);
    used += n;
out:
    va_end(again);
}

int kext_fail(const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    used = 0;
    append(fmt, args);
    va_end(args);
    return -1;
}

static void append_text(const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    append(fmt, args);
    va_end(args);
}

void kext_fail_more(const char *fmt, ...)
{
    va_list args;
    append_text("\n    ");
    va_start(args, fmt);
    append(fmt, args);
    va_end(args);
}

const char *kext_error(void)
{
    return text && used ? text : "no error";
}

char *kext_demangle(const char *name)
{
    int status = -1;
    char *plain = NULL;
    if (!strncmp(name, "__Z", 3))
        plain = __cxa_demangle(name + 1, NULL, NULL, &status);
    return plain && !status ? plain : strdup(name);
}
