// SPDX-License-Identifier: BSD-3-Clause
/*
 * Everything that reaches stderr or the trace file, one write(2) a line, and the one way to give up:
 * lx_fatal, which must work whatever the other threads hold.
 */
#define _GNU_SOURCE
#include "internal.h"
#include "linux.h"
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LINE_MAX_ = 1024, MAX_AT_EXIT = 64, EXIT_KEXTHOST = 3 };

static struct lx_mutex log_lock;
static char line[LINE_MAX_]; /* the unfinished line of the kernel log */
static size_t line_len;
static unsigned line_owner;

int lx_tracing;
static int trace_fd = 2;

static void write_all(int fd, const char *p, size_t n)
{
    while (n) {
        ssize_t w = write(fd, p, n);
        if (w <= 0)
            return; /* nobody to tell */
        p += w;
        n -= w;
    }
}

static void end_line_locked(void)
{
    if (!line_len)
        return;
    if (line[line_len - 1] != '\n')
        line[line_len++] = '\n';
    write_all(2, line, line_len);
    line_len = 0;
}

void lx_log(const char *text)
{
    unsigned me = lx_thread_id(lx_thread_self());
    lx_mutex_lock(&log_lock);
    if (line_owner != me)
        end_line_locked();
    line_owner = me;
    for (; *text; text++) {
        line[line_len++] = *text;
        if (*text == '\n' || line_len == sizeof line - 1)
            end_line_locked();
    }
    lx_mutex_unlock(&log_lock);
}

/* Taken within a tenth of a second or not at all: the holder may be the thread that crashed. */
static int lock_soon(void)
{
    for (int i = 0; i < 100; i++) {
        if (lx_mutex_trylock(&log_lock))
            return 1;
        usleep(1000);
    }
    return 0;
}

void lx_log_flush(void)
{
    if (lock_soon()) {
        end_line_locked();
        lx_mutex_unlock(&log_lock);
    }
}

static void vsay(const char *fmt, va_list ap)
{
    char buf[2 * LINE_MAX_] = "kexthost: ";
    size_t n = strlen(buf);
    vsnprintf(buf + n, sizeof buf - 1 - n, fmt, ap);
    n = strlen(buf);
    buf[n++] = '\n';
    int locked = lock_soon();
    if (locked)
        end_line_locked();
    write_all(2, buf, n);
    if (locked)
        lx_mutex_unlock(&log_lock);
}

void lx_say(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vsay(fmt, ap);
    va_end(ap);
}

/* ---- exit ---------------------------------------------------------------------------------------------- */
static void (*at_exit_fn[MAX_AT_EXIT])(void);
static volatile int at_exit_count;
static struct lx_mutex at_exit_lock;

static void run_at_exit(void)
{
    int n;
    while ((n = __atomic_fetch_sub(&at_exit_count, 1, __ATOMIC_SEQ_CST)) > 0)
        at_exit_fn[n - 1]();
    lx_log_flush();
}

void lx_at_exit(void (*fn)(void))
{
    static int hooked;
    lx_mutex_lock(&at_exit_lock);
    if (!hooked)
        hooked = atexit(run_at_exit) == 0;
    int n = at_exit_count;
    if (n < MAX_AT_EXIT) {
        at_exit_fn[n] = fn;
        __atomic_store_n(&at_exit_count, n + 1, __ATOMIC_SEQ_CST);
    }
    lx_mutex_unlock(&at_exit_lock);
    if (n == MAX_AT_EXIT)
        lx_fatal("more than %d exit functions; raise MAX_AT_EXIT in host/linux/log.c", MAX_AT_EXIT);
}

static volatile unsigned owner; /* the first thread to fail ends the process; the others wait for that */

int lx_failing(void) { return owner != 0; }

void lx_fatal(const char *fmt, ...)
{
    unsigned me = lx_thread_id(lx_thread_self()), nobody = 0;
    va_list ap;
    va_start(ap, fmt);
    if (!__atomic_compare_exchange_n(&owner, &nobody, me, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
        if (nobody != me)
            for (;;)
                pause();
        vsay(fmt, ap);
        _exit(EXIT_KEXTHOST);
    }
    vsay(fmt, ap);
    va_end(ap);
    run_at_exit();
    _exit(EXIT_KEXTHOST);
}

/* ---- trace --------------------------------------------------------------------------------------------- */
int lx_trace_open(const char *file)
{
    if (file) {
        trace_fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0666);
        if (trace_fd < 0)
            return -1;
    }
    lx_tracing = 1;
    return 0;
}

void lx_trace(const char *fmt, ...)
{
    char buf[LINE_MAX_];
    unsigned long long t = lx_time_ns();
    va_list ap;
    if (!lx_tracing)
        return;
    int n = snprintf(buf, sizeof buf, "%6llu.%06llu %3u ", t / 1000000000, t / 1000 % 1000000,
                     lx_thread_id(lx_thread_self()));
    va_start(ap, fmt);
    vsnprintf(buf + n, sizeof buf - 1 - n, fmt, ap);
    va_end(ap);
    n = strlen(buf);
    buf[n++] = '\n';
    write_all(trace_fd, buf, n);
}
