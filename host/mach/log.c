// SPDX-License-Identifier: BSD-3-Clause
/*
 * The kernel log and the panic (Apple: osfmk/kern/printf.c, debug.c; iokit/Kernel/IOLib.cpp;
 * libkern/gen/OSDebug.cpp). One log: printf, kprintf and IOLog all go to stderr. A panic ends the run.
 */
#include <stdarg.h>
#include <stddef.h>
#include <kern/debug.h>
#include <libkern/libkern.h>
#include <libkern/OSDebug.h>
#include <IOKit/IOLib.h>
#include "internal.h"

enum { CHUNK = 512, FRAMES = 32 };

struct chunk { /* text on its way to lx_log */
    int len;
    char text[CHUNK];
};

static void flush(struct chunk *c)
{
    c->text[c->len] = 0;
    if (c->len)
        lx_log(c->text);
    c->len = 0;
}

static void put_chunk(int ch, void *ctx)
{
    struct chunk *c = ctx;
    if (ch)
        c->text[c->len++] = ch;
    if (c->len == CHUNK - 1)
        flush(c);
}

int vprintf(const char *fmt, va_list ap)
{
    struct chunk c = {.len = 0};
    mach_format(put_chunk, &c, fmt, ap, 16);
    flush(&c);
    return 0;
}

int printf(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vprintf(fmt, ap);
    va_end(ap);
    return 0;
}

void kprintf(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vprintf(fmt, ap);
    va_end(ap);
}

void IOLogv(const char *fmt, va_list ap)
{
    vprintf(fmt, ap);
}

void IOLog(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vprintf(fmt, ap);
    va_end(ap);
}

/* bsd/kern/subr_prf.c: log() with a syslog level; every level is shown. */
void log(int level, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vprintf(fmt, ap);
    va_end(ap);
}

/* ---- failure ------------------------------------------------------------------------------------------- */
void panic(const char *fmt, ...)
{
    char text[1024];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    for (size_t n = strlen(text); n && text[n - 1] == '\n';)
        text[--n] = 0;
    OSReportWithBacktrace("panic(caller %p): %s", __builtin_return_address(0), text);
    if (mach_debugger)
        mach_debugger("panic", 1);
    lx_fatal("panic: %s (the kernel or a driver gave up; the backtrace above names the caller)", text);
}

#undef IOPanic
void IOPanic(const char *reason)
{
    panic("%s", reason);
}

void Assert(const char *file, int line, const char *expression)
{
    panic("%s:%d Assertion failed: %s", file, line, expression);
}

/* Without a debugger attached XNU returns from Debugger() on a kernel that may
 * (osfmk/i386/AT386/model_dep.c). */
int (*mach_debugger)(const char *reason, int panicked);

void Debugger(const char *reason)
{
    if (!mach_debugger || mach_debugger(reason, 0))
        printf("Debugger called: <%s>\n", reason);
}

/* ---- backtraces ---------------------------------------------------------------------------------------- */
/* Follows the frame pointers as XNU's does: kexts are compiled with them. Stops at the first frame outside
 * the RAM, where every kernel thread's stack lies. */
unsigned OSBacktrace(void **bt, unsigned max)
{
    void **frame = __builtin_frame_address(0);
    unsigned n = 0;
    while (n < max && lx_in_ram(frame) && !((unsigned long)frame & (sizeof(void *) - 1))) {
        void **next = frame[0];
        if (!frame[1])
            break;
        bt[n++] = frame[1];
        if (next <= frame)
            break;
        frame = next;
    }
    for (unsigned i = n; i < max; i++)
        bt[i] = 0;
    return n;
}

static int (*symboliser)(unsigned long address, char *text, unsigned long size);

void mach_symboliser(int (*fn)(unsigned long address, char *text, unsigned long size))
{
    symboliser = fn;
}

static void print_name(unsigned long address)
{
    char name[256];
    if (symboliser && symboliser(address, name, sizeof name))
        printf("    0x%016lx %s\n", address, name);
}

void OSReportWithBacktrace(const char *fmt, ...)
{
    char text[1024];
    void *bt[FRAMES];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    unsigned n = OSBacktrace(bt, FRAMES);
    printf("%s\nBacktrace", text);
    for (unsigned i = 0; i < n; i++)
        printf(" %p", bt[i]);
    printf("\n");
    for (unsigned i = 0; i < n; i++)
        print_name((unsigned long)bt[i]);
}

vm_offset_t OSKernelStackRemaining(void)
{
    enum { STACK = 256 << 10 }; /* host/linux/thread.c: aligned to its size, a guard page at the bottom */
    vm_offset_t here = (vm_offset_t)__builtin_frame_address(0);
    return lx_in_ram((void *)here) ? (here - (vm_offset_t)lx_ram) % STACK - 4096 : STACK;
}
