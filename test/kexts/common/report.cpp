// SPDX-License-Identifier: BSD-3-Clause
/*
 * The report of report.h. IOLog's buffer limits a line; each line is one call so that lines of several
 * threads stay whole.
 */
#include "report.h"
#include <libkern/OSAtomic.h>
#include <libkern/libkern.h>
#include <pexpert/pexpert.h>
#include <string.h>

static SInt32 count;
static const char *current = "";

bool probe_check(bool ok, const char *text, const char *expression)
{
    OSIncrementAtomic(&count);
    if (ok)
        IOLog("PROBE ok - %s: %s\n", current, text);
    else
        IOLog("PROBE not ok - %s: %s: not so: %s\n", current, text, expression);
    return ok;
}

bool probe_same(unsigned long long got, unsigned long long wanted, const char *text, const char *expression)
{
    OSIncrementAtomic(&count);
    if (got == wanted)
        IOLog("PROBE ok - %s: %s\n", current, text);
    else
        IOLog("PROBE not ok - %s: %s: %s is 0x%llx (%lld), not 0x%llx (%lld)\n", current, text, expression,
              got, got, wanted, wanted);
    return got == wanted;
}

void probe_note(const char *format, ...)
{
    char line[200];
    va_list ap;
    va_start(ap, format);
    vsnprintf(line, sizeof line, format, ap);
    va_end(ap);
    IOLog("PROBE # %s: %s\n", current, line);
}

void probe_begin(const char *group)
{
    current = group;
    count = 0;
}

void probe_end(void)
{
    IOLog("PROBE done %s %d\n", current, (int)count);
}

int probe_within(volatile int *word, int n, unsigned ms)
{
    for (unsigned i = 0; *word < n && i < ms; i++)
        IOSleep(1);
    return *word;
}

int probe_wait(volatile int *word, int n)
{
    return probe_within(word, n, 30000);
}

bool probe_asked(const char *name, const char *word)
{
    char list[128];
    if (!PE_parse_boot_argn(name, list, sizeof list))
        return false;
    size_t n = strlen(word);
    for (const char *p = list; *p; p++) {
        if (!strncmp(p, word, n) && (!p[n] || p[n] == ','))
            return true;
        while (*p && *p != ',')
            p++;
        if (!*p)
            break;
    }
    return false;
}
