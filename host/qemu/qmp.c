// SPDX-License-Identifier: BSD-3-Clause
/*
 * Client of QEMU's monitor (docs/interop/qmp-spec of QEMU): JSON objects, one a line. A thread of its own
 * reads; commands are answered in order, one at a time; the last events are kept for those who wait for one.
 */
#define _GNU_SOURCE
#include "internal.h"
#include <errno.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { KEPT_EVENTS = 32, REPLY_MS = 20000, LINE_LIMIT = 1 << 20 };

static int sock = -1;
static struct lx_mutex call_lock; /* one command at a time */
static struct lx_mutex lock;      /* what follows */
static struct lx_cond changed;
static json_t *reply;               /* of the command under way */
static json_t *events[KEPT_EVENTS]; /* event n is at n % KEPT_EVENTS */
static unsigned long nevents;
static char version[32];

static __thread char error_text[512];

const char *qemu_error(void)
{
    return error_text;
}

void qemu_set_error(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(error_text, sizeof error_text, fmt, ap);
    va_end(ap);
}

const char *qemu_version(void)
{
    return version;
}

/* ---- reader ---- */
static void (*powerdown)(void);

void qemu_on_powerdown(void (*fn)(void))
{
    powerdown = fn;
}

static void take_event(json_t *o)
{
    const char *name = json_string_value(json_object_get(o, "event"));
    if (powerdown && name && !strcmp(name, "POWERDOWN"))
        powerdown();
    if (lx_tracing)
        lx_trace("qmp event %s", json_string_value(json_object_get(o, "event")));
    json_decref(events[nevents % KEPT_EVENTS]);
    events[nevents++ % KEPT_EVENTS] = o;
}

static void take_object(json_t *o)
{
    lx_mutex_lock(&lock);
    if (json_object_get(o, "event")) {
        take_event(o);
    } else { /* greeting or reply */
        json_decref(reply);
        reply = o;
    }
    lx_cond_broadcast(&changed);
    lx_mutex_unlock(&lock);
}

static size_t read_more(void *buffer, size_t size)
{
    ssize_t n;
    do
        n = recv(sock, buffer, size, 0);
    while (n < 0 && errno == EINTR);
    return n > 0 ? (size_t)n : 0;
}

/* Takes complete lines from buf, returns how much is left over. */
static size_t take_lines(char *buf, size_t len)
{
    char *p = buf, *end;
    while ((end = memchr(p, '\n', len - (p - buf)))) {
        json_t *o = json_loadb(p, end - p, 0, NULL);
        if (json_is_object(o))
            take_object(o);
        else
            json_decref(o);
        p = end + 1;
    }
    len -= p - buf;
    memmove(buf, p, len);
    return len;
}

static void read_forever(void *unused)
{
    char *buf = malloc(LINE_LIMIT);
    size_t len = 0, n;
    while (buf && len < LINE_LIMIT && (n = read_more(buf + len, LINE_LIMIT - len)))
        len = take_lines(buf, len + n);
    free(buf);
    process_lost("it closed its monitor");
}

/* ---- commands ---- */
static json_t *wait_reply(int ms)
{
    unsigned long long end = lx_time_ns() + ms * 1000000ull, now;
    json_t *r;
    lx_mutex_lock(&lock);
    while (!reply && !process_stopping() && (now = lx_time_ns()) < end)
        lx_cond_wait(&changed, &lock, end - now < 100000000 ? end - now : 100000000);
    r = reply;
    reply = NULL;
    lx_mutex_unlock(&lock);
    return r;
}

static int send_object(json_t *o)
{
    char *text = json_dumps(o, JSON_COMPACT);
    int ok = 0;
    if (text && lx_tracing)
        lx_trace("qmp %s", text);
    if (text && send(sock, text, strlen(text), MSG_NOSIGNAL) == (ssize_t)strlen(text) &&
        send(sock, "\n", 1, MSG_NOSIGNAL) == 1)
        ok = 1;
    free(text);
    return ok;
}

static json_t *unpack_reply(json_t *r)
{
    json_t *value = json_incref(json_object_get(r, "return"));
    if (!r)
        qemu_set_error("QEMU's monitor does not answer");
    else if (!value) {
        const char *why = json_string_value(json_object_get(json_object_get(r, "error"), "desc"));
        qemu_set_error("%s", why ? why : "QEMU's monitor refuses");
    }
    json_decref(r);
    return value;
}

static json_t *run_object(json_t *o)
{
    json_t *r = NULL;
    lx_mutex_lock(&call_lock);
    if (send_object(o))
        r = wait_reply(REPLY_MS);
    lx_mutex_unlock(&call_lock);
    json_decref(o);
    return unpack_reply(r);
}

json_t *qmp_call(const char *command, json_t *arguments)
{
    json_t *o = json_pack("{s:s}", "execute", command);
    if (arguments)
        json_object_set_new(o, "arguments", arguments);
    return run_object(o);
}

int qemu_monitor(const char *command, char *out, unsigned long size)
{
    json_error_t e;
    json_t *o = json_loads(command, 0, &e), *r;
    if (!json_is_object(o)) {
        json_decref(o);
        qemu_set_error("not a JSON object: %s", e.text);
        return -1;
    }
    r = run_object(o);
    if (!r)
        return -1;
    char *text = json_dumps(r, JSON_COMPACT | JSON_ENCODE_ANY);
    snprintf(out, size, "%s", text ? text : "");
    free(text);
    json_decref(r);
    return 0;
}

/* ---- events ---- */
unsigned long qmp_mark(void)
{
    lx_mutex_lock(&lock);
    unsigned long n = nevents;
    lx_mutex_unlock(&lock);
    return n;
}

static int is_event(json_t *o, const char *event, const char *key, const char *value)
{
    const char *name = json_string_value(json_object_get(o, "event"));
    if (!name || strcmp(name, event))
        return 0;
    const char *v = key ? json_string_value(json_object_get(json_object_get(o, "data"), key)) : NULL;
    return !key || (v && !strcmp(v, value));
}

int qmp_wait_event(unsigned long mark, const char *event, const char *key, const char *value, int ms)
{
    unsigned long long end = lx_time_ns() + ms * 1000000ull, now;
    int found = 0;
    lx_mutex_lock(&lock);
    for (;;) {
        for (; mark < nevents && !found; mark++)
            if (nevents - mark <= KEPT_EVENTS)
                found = is_event(events[mark % KEPT_EVENTS], event, key, value);
        if (found || process_stopping() || (now = lx_time_ns()) >= end)
            break;
        lx_cond_wait(&changed, &lock, end - now);
    }
    lx_mutex_unlock(&lock);
    return found ? 0 : -1;
}

void qmp_init(int fd)
{
    sock = fd;
    if (!lx_thread_start(read_forever, NULL, "qemu monitor"))
        lx_fatal("cannot start the monitor's thread: %s", strerror(errno));
    json_t *greeting = wait_reply(REPLY_MS);
    json_t *v = json_object_get(json_object_get(json_object_get(greeting, "QMP"), "version"), "qemu");
    if (!v)
        process_lost("its monitor did not greet within 20 s");
    snprintf(version, sizeof version, "%d.%d.%d", (int)json_integer_value(json_object_get(v, "major")),
             (int)json_integer_value(json_object_get(v, "minor")),
             (int)json_integer_value(json_object_get(v, "micro")));
    json_decref(greeting);
    json_t *r = qmp_call("qmp_capabilities", NULL);
    if (!r)
        lx_fatal("QEMU's monitor: %s", qemu_error());
    json_decref(r);
}
