// SPDX-License-Identifier: BSD-3-Clause
/*
 * Client of QEMU's qtest protocol (QEMU's softmmu/qtest.c): one text command a line, answered in order by "OK
 * ..." lines, between which "IRQ raise N" and "IRQ lower N" appear. QEMU blocks when nobody reads, so
 * somebody always does: the interrupt thread by default, or a thread that waits for an answer, which takes
 * the reader's role for as long as it waits. That spares the hop through another thread, and a short spin
 * spares the sleep.
 */
#define _GNU_SOURCE
#include "internal.h"
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MAX_PENDING = 1024, MAX_POSTED = 256, COMMAND_MAX = 96, SPIN_NS = 60000, STUCK_MS = 30000 };

struct call {
    volatile int done;
    uint64_t value;
};

static int sock = -1;
static struct lx_mutex send_lock;           /* order of sending = order of the ring */
static struct call *ring[MAX_PENDING];      /* NULL: posted, nobody waits */
static volatile unsigned ring_in, ring_out; /* in: under send_lock; out: the reader's */
static volatile unsigned posted;            /* among them, posted ones */

static volatile int reader;                     /* the role: 1 taken */
static volatile int reader_seq, reader_waiters; /* futex of those who wait for an answer without the role */
static char input[65536];
static size_t input_len;
static int epoll_fd = -1;
static void *epoll_tag;

void qtest_init(int fd)
{
    sock = fd;
}

/* ---- the reader's side ---- */
static void arm(int on)
{
    struct epoll_event ev = {on ? EPOLLIN : 0, {.ptr = epoll_tag}};
    if (epoll_fd >= 0)
        epoll_ctl(epoll_fd, EPOLL_CTL_MOD, sock, &ev);
}

void qtest_attach(int efd, void *tag)
{
    struct epoll_event ev = {EPOLLIN, {.ptr = tag}};
    epoll_tag = tag;
    epoll_ctl(efd, EPOLL_CTL_ADD, sock, &ev);
    epoll_fd = efd;
}

static void wake_waiters(void)
{
    __atomic_fetch_add(&reader_seq, 1, __ATOMIC_SEQ_CST);
    lx_futex_wake(&reader_seq, 1 << 30);
}

static int reader_take(void)
{
    return !__atomic_exchange_n(&reader, 1, __ATOMIC_ACQUIRE);
}

static void reader_give(void)
{
    __atomic_store_n(&reader, 0, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&reader_waiters, __ATOMIC_SEQ_CST))
        wake_waiters();
}

static void answer(const char *line)
{
    unsigned out = ring_out;
    if (out == __atomic_load_n(&ring_in, __ATOMIC_ACQUIRE))
        lx_fatal("qtest: an answer to no question (\"%.60s\"); this QEMU speaks another protocol", line);
    struct call *c = ring[out % MAX_PENDING];
    __atomic_store_n(&ring_out, out + 1, __ATOMIC_RELEASE);
    if (!c) {
        __atomic_fetch_sub(&posted, 1, __ATOMIC_RELAXED);
        return;
    }
    c->value = line[2] == ' ' ? strtoull(line + 3, NULL, 16) : 0;
    __atomic_store_n(&c->done, 1, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&reader_waiters, __ATOMIC_SEQ_CST))
        wake_waiters();
}

static void take_line(const char *line)
{
    if (process_stopping())
        return; /* who waited has gone */
    if (!strncmp(line, "OK", 2))
        answer(line);
    else if (!strncmp(line, "IRQ raise ", 10))
        irq_line_changed(atoi(line + 10), 1);
    else if (!strncmp(line, "IRQ lower ", 10))
        irq_line_changed(atoi(line + 10), 0);
    else
        lx_fatal("qtest: QEMU answered \"%.80s\"; this QEMU speaks another protocol", line);
}

static void take_lines(void)
{
    char *p = input, *end;
    while ((end = memchr(p, '\n', input + input_len - p))) {
        *end = 0;
        take_line(p);
        p = end + 1;
    }
    input_len -= p - input;
    memmove(input, p, input_len);
}

/* One non-blocking read. 1 when something came. The caller has the role. */
static int read_some(void)
{
    ssize_t n = recv(sock, input + input_len, sizeof input - input_len, MSG_DONTWAIT);
    if (n > 0) {
        input_len += n;
        take_lines();
        return 1;
    }
    if (n == 0 || (errno != EAGAIN && errno != EINTR))
        process_lost("it closed its qtest socket");
    return 0;
}

void qtest_poll(void)
{
    if (!reader_take())
        return;
    read_some();
    reader_give();
}

static void sleep_readable(void)
{
    struct pollfd p = {sock, POLLIN, 0};
    int waited = 0;
    while (poll(&p, 1, 1000) == 0 && !process_stopping())
        if ((waited += 1000) >= STUCK_MS)
            lx_fatal("QEMU has not answered for %d s; is it stopped? kexthost gives up", STUCK_MS / 1000);
}

/* Reads until *done; has the role. Spins first: an answer usually takes some 15 us. */
static void read_until(volatile int *done)
{
    unsigned long long start = lx_time_ns();
    while (!__atomic_load_n(done, __ATOMIC_ACQUIRE) && !process_stopping()) {
        if (read_some())
            continue;
        if (lx_time_ns() - start < SPIN_NS)
            __builtin_ia32_pause();
        else
            sleep_readable();
    }
}

static void wait_done(volatile int *done)
{
    while (!__atomic_load_n(done, __ATOMIC_ACQUIRE) && !process_stopping()) {
        int seq = __atomic_load_n(&reader_seq, __ATOMIC_SEQ_CST);
        if (reader_take()) {
            int own = irq_on_thread(); /* it does not sleep in epoll now: nobody to keep asleep */
            if (!own)
                arm(0);
            read_until(done);
            reader_give();
            if (!own)
                arm(1);
            continue;
        }
        __atomic_fetch_add(&reader_waiters, 1, __ATOMIC_SEQ_CST);
        if (!__atomic_load_n(done, __ATOMIC_ACQUIRE))
            lx_futex_wait(&reader_seq, seq, 1000000);
        __atomic_fetch_sub(&reader_waiters, 1, __ATOMIC_SEQ_CST);
    }
}

/* ---- the senders' side ---- */
static void send_all(const char *p, size_t n)
{
    while (n && !process_stopping()) {
        ssize_t w = send(sock, p, n, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (w > 0) {
            p += w;
            n -= w;
        } else if (errno == EAGAIN) {
            qtest_poll(); /* QEMU may be blocked on us */
            struct pollfd f = {sock, POLLOUT, 0};
            poll(&f, 1, 1);
        } else if (errno != EINTR) {
            process_lost("it closed its qtest socket");
        }
    }
}

static int room(struct call *c)
{
    if (ring_in - __atomic_load_n(&ring_out, __ATOMIC_ACQUIRE) >= MAX_PENDING)
        return 0;
    return c || __atomic_load_n(&posted, __ATOMIC_RELAXED) < MAX_POSTED;
}

static void submit(struct call *c, const char *text, size_t n)
{
    lx_mutex_lock(&send_lock);
    while (!room(c) && !process_stopping()) {
        struct pollfd f = {sock, POLLIN, 0};
        poll(&f, 1, 1);
        qtest_poll();
    }
    ring[ring_in % MAX_PENDING] = c;
    __atomic_store_n(&ring_in, ring_in + 1, __ATOMIC_RELEASE);
    if (!c)
        __atomic_fetch_add(&posted, 1, __ATOMIC_RELAXED);
    send_all(text, n);
    lx_mutex_unlock(&send_lock);
}

uint64_t qtest_call(const char *fmt, ...)
{
    char text[COMMAND_MAX];
    struct call c = {0, ~0ull};
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    if (process_stopping())
        return ~0ull;
    submit(&c, text, n);
    wait_done(&c.done);
    return c.value;
}

void qtest_post(const char *fmt, ...)
{
    char text[COMMAND_MAX];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    if (!process_stopping())
        submit(NULL, text, n);
}

void qtest_flush(void)
{
    if (__atomic_load_n(&posted, __ATOMIC_ACQUIRE))
        qtest_call("inb 0x80\n"); /* commands are carried out in order, and nothing lives at port 80 */
}
