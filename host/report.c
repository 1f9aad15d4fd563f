// SPDX-License-Identifier: BSD-3-Clause
/*
 * Registry, counters and leaks, as lines. A leak is what has grown between the moment before the first nub was made
 * and the moment after the last kext and the last nub have gone: instances by class, and every counter whose name ends
 * in ".live".
 */
#include "report.h"
#include "bsd/boot.h"
#include "iokit/boot.h"
#include "libkern/modules.h"
#include "linux/linux.h"
#include "loader/loader.h"
#include "qemu/qemu.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void to_stream(void *stream, const char *line) { fprintf(stream, "%s\n", line); }

FILE *report_open(const char *file)
{
    FILE *stream = file ? fopen(file, "we") : stderr;
    if (!stream)
        lx_fatal("cannot write %s: %s", file, strerror(errno));
    return stream;
}

void report_to(FILE *stream, const char *file, void (*print)(report_out *out, void *context))
{
    print(to_stream, stream);
    if (file ? fclose(stream) : fflush(stream))
        lx_fatal("cannot write %s: %s", file ? file : "stderr", strerror(errno));
}

void report_registry(report_out *out, void *context) { iokit_print_registry(out, context); }

struct sink {
    report_out *out;
    void *context;
};

static void kext_line(void *arg, const struct kext_info *k)
{
    struct sink *s = arg;
    char line[512];
    snprintf(line, sizeof line, "kext.%s.version %s", k->identifier, k->version);
    s->out(s->context, line);
    snprintf(line, sizeof line, "kext.%s.size %lu", k->identifier, k->size);
    s->out(s->context, line);
    snprintf(line, sizeof line, "kext.%s.load_us %lu", k->identifier, k->load_ns / 1000);
    s->out(s->context, line);
}

static void counter_line(void *arg, const char *name, unsigned long value)
{
    struct sink *s = arg;
    char line[256];
    snprintf(line, sizeof line, "%s %lu", name, value);
    s->out(s->context, line);
}

/* CPU time of a process, user and system, in microseconds: fields 14 and 15 of /proc/PID/stat (proc(5)). */
static unsigned long cpu_us(int pid)
{
    char path[64], text[1024];
    unsigned long user = 0, system = 0;
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    FILE *f = fopen(path, "r");
    if (!f)
        return 0;
    const char *end = fgets(text, sizeof text, f) ? strrchr(text, ')') : NULL;
    if (end)
        sscanf(end + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system);
    fclose(f);
    return (user + system) * (1000000 / sysconf(_SC_CLK_TCK));
}

void report_counters(report_out *out, void *context)
{
    struct sink s = {out, context};
    kext_each(kext_line, &s);
    counter_line(&s, "process.cpu_us", cpu_us(getpid()));
    counter_line(&s, "process.qemu_cpu_us", qemu_pid() ? cpu_us(qemu_pid()) : 0);
    lx_counter_each(counter_line, &s);
}

/* ---- leaks ---- */

enum { MAX_ROWS = 1024 };
struct row {
    const char *name;
    long count;
};
struct table {
    struct row rows[MAX_ROWS];
    int n;
};
static struct table before, now;

static void note(struct table *t, const char *name, long count)
{
    if (count && t->n < MAX_ROWS && (t->rows[t->n].name = strdup(name)))
        t->rows[t->n++].count = count;
}

static void note_class(void *t, const char *bundle, const char *name, int instances) { note(t, name, instances); }

/* All of RAM and all of Linux's threads have the host's own among them, made when first needed; a container that lives
 * on may have grown. What is the kernel's is counted by kind. */
static int counts(const char *name)
{
    static const char *const ours[] = {"ram.bytes.live", "threads.live", "memory.containers.bytes.live"};
    size_t n = strlen(name);
    for (unsigned i = 0; i < sizeof ours / sizeof ours[0]; i++)
        if (!strcmp(name, ours[i]))
            return 0;
    return n > 5 && !strcmp(name + n - 5, ".live");
}

static void note_counter(void *t, const char *name, unsigned long value)
{
    if (counts(name))
        note(t, name, value);
}

static long count_in(const struct table *t, const char *name)
{
    for (int i = 0; i < t->n; i++)
        if (!strcmp(t->rows[i].name, name))
            return t->rows[i].count;
    return 0;
}

static void take(struct table *t)
{
    while (t->n)
        free((char *)t->rows[--t->n].name);
    libkern_each_class(note_class, t);
    lx_counter_each(note_counter, t);
}

/* The kernel's threads free their jobs' records a moment after the registry has become quiet. One that has been told to end,
 * as a work loop's, which then frees the loop, does so when it gets to run: on a busy machine that takes as long as it takes, and
 * the records, too, may take seconds. */
enum { SETTLE_MS = 5, SETTLE_ROUNDS = 40, RECORD_ROUNDS = 400, THREAD_ROUNDS = 2000 };

static int same(const struct table *a, const struct table *b)
{
    int i = 0;
    while (i < a->n && i < b->n && a->rows[i].count == b->rows[i].count)
        i++;
    return a->n == b->n && i == a->n;
}

/* Only work loops have a thread for as long as they live; another one that is still there at the beginning is about to end, and
 * would hide one that is left at the end. */
static const char threads[] = "kernel.threads.live";

static void expect_threads_of_loops(struct table *t)
{
    long loops = count_in(t, "IOWorkLoop");
    int i = 0;
    while (i < t->n && strcmp(t->rows[i].name, threads))
        i++;
    if (i < t->n)
        t->rows[i].count = loops;
    else
        note(t, threads, loops);
}

void report_leaks_begin(void)
{
    int rounds = 0;
    do {
        take(&now);
        lx_sleep_ns(SETTLE_MS * 1000000ull);
        take(&before);
    } while (!same(&before, &now) && rounds++ < SETTLE_ROUNDS);
    expect_threads_of_loops(&before);
}

static int count_leaks(void (*tell)(long grown, const char *name))
{
    int lines = 0;
    take(&now);
    for (int i = 0; i < now.n; i++) {
        long grown = now.rows[i].count - count_in(&before, now.rows[i].name);
        if (grown > 0 && tell)
            tell(grown, now.rows[i].name);
        lines += grown > 0;
    }
    return lines;
}

static int threads_left(void)
{
    return count_in(&now, threads) > count_in(&before, threads);
}

static void tell_leak(long grown, const char *name) { lx_say("leak: %ld %s", grown, name); }

int report_leaks_end(void)
{
    bsd_settle();
    int rounds = 0, alone = 0;
    while (alone < RECORD_ROUNDS && rounds++ < THREAD_ROUNDS && count_leaks(NULL)) {
        lx_sleep_ns(SETTLE_MS * 1000000ull);
        alone = threads_left() ? 0 : alone + 1;
    }
    return count_leaks(tell_leak);
}
