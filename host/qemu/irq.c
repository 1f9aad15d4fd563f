// SPDX-License-Identifier: BSD-3-Clause
/*
 * Interrupts: sources, their masks, and the one thread on which handlers run. It sleeps in epoll on the
 * vectors' eventfds and on qtest's socket, whose "IRQ" lines are the INTx wires, so that a device's signal
 * reaches the driver with a single wake-up. Unmasking from another thread kicks it through an eventfd of its
 * own.
 */
#define _GNU_SOURCE
#include "internal.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum {
    FIRST_VECTOR = QEMU_LINES,
    NSOURCES = QEMU_LINES + QEMU_VECTORS,
    TAG_QTEST = NSOURCES, /* epoll tags above the sources' numbers */
    TAG_KICK,
    TAG_STDERR,
    TAG_PROCESS,
    LOOK_MS = 1000,   /* for what nobody woke the thread for */
    ON_ITS_WAY_MS = 500, /* from what makes a source deliverable to its wake-up, on a machine however busy */
    CAP_MSI = 5,
    MSI_64BIT = 0x80,
};

struct source {
    void (*handler)(void *, int);
    void *arg;
    volatile int masked;
    volatile int pending; /* vectors: a message came; lines: the wire's level */
    volatile int running;
    struct qemu_pci *function; /* vectors: whose entries; NULL: the vector is free */
    int entry, count;
};

LX_COUNTER(count_msix, "interrupts.msix")
LX_COUNTER(count_intx, "interrupts.intx")
LX_COUNTER(count_late, "interrupts.late") /* found by the time-out: somebody forgot to wake the thread */

static struct source sources[NSOURCES];
static struct lx_mutex alloc_lock;
static int epoll_fd = -1, kick_fd = -1;
static volatile int kicked;
static volatile int held; /* by the kernel debugger */
static int again; /* the interrupt thread's own kick: something became deliverable on it */
static __thread int on_thread, in_handler;

int irq_on_thread(void)
{
    return on_thread;
}

int qemu_in_interrupt(void)
{
    return in_handler;
}

static void kick(void)
{
    static const uint64_t one = 1;
    if (on_thread)
        again = 1;
    if (on_thread || __atomic_exchange_n(&kicked, 1, __ATOMIC_SEQ_CST))
        return;
    if (write(kick_fd, &one, sizeof one) < 0)
        lx_fatal("cannot wake the interrupt thread: %s", strerror(errno));
}

static int deliverable(const struct source *s)
{
    return s->pending && !s->masked && s->handler;
}

/* ---- delivery ---- */
static void call_handler(struct source *s, int n)
{
    __atomic_store_n(&s->running, 1, __ATOMIC_SEQ_CST);
    void (*handler)(void *, int) = __atomic_load_n(&s->handler, __ATOMIC_SEQ_CST);
    if (handler && !__atomic_load_n(&s->masked, __ATOMIC_SEQ_CST)) {
        if (n >= FIRST_VECTOR)
            __atomic_store_n(&s->pending, 0, __ATOMIC_SEQ_CST);
        lx_count(n >= FIRST_VECTOR ? &count_msix : &count_intx, 1);
        if (lx_tracing)
            lx_trace("interrupt %s %d", n >= FIRST_VECTOR ? "vector" : "line", n);
        in_handler = 1;
        handler(s->arg, n);
        in_handler = 0;
    }
    __atomic_store_n(&s->running, 0, __ATOMIC_SEQ_CST);
}

/* Every deliverable source once. A level may still stand, or a handler may have unmasked another: again,
 * then. */
static void deliver(void)
{
    again = 0;
    for (int n = 0; n < NSOURCES && !held; n++)
        if (deliverable(&sources[n])) {
            call_handler(&sources[n], n);
            again |= deliverable(&sources[n]);
        }
}

void qemu_irq_hold(int on)
{
    __atomic_store_n(&held, on, __ATOMIC_SEQ_CST);
    if (!on)
        kick();
}

static void take_kick(void)
{
    uint64_t n;
    if (read(kick_fd, &n, sizeof n) < 0 && errno != EAGAIN)
        lx_fatal("cannot read the interrupt thread's eventfd: %s", strerror(errno));
    __atomic_store_n(&kicked, 0, __ATOMIC_SEQ_CST); /* after: a kick in between is the delivery's that follows */
}

static void take_event(unsigned tag)
{
    switch (tag) {
    case TAG_QTEST:
        qtest_poll();
        break;
    case TAG_KICK:
        take_kick();
        break;
    case TAG_STDERR:
        process_read_stderr();
        break;
    case TAG_PROCESS:
        process_lost("it ended");
        break;
    default: /* edge triggered: the eventfd's count need not be read */
        __atomic_store_n(&sources[tag].pending, 1, __ATOMIC_SEQ_CST);
    }
}

static int any_deliverable(void)
{
    for (int n = 0; n < NSOURCES; n++)
        if (deliverable(&sources[n]))
            return !held;
    return 0;
}

/* Something may become deliverable just as the time is over, its wake-up still to come: that one is not late. */
static int await_events(struct epoll_event *ev, int most)
{
    int n = epoll_wait(epoll_fd, ev, most, again ? 0 : LOOK_MS);
    if (n || again || !any_deliverable())
        return n;
    n = epoll_wait(epoll_fd, ev, most, ON_ITS_WAY_MS);
    if (!n && any_deliverable())
        lx_count(&count_late, 1);
    return n;
}

static void interrupt_thread(void *unused)
{
    struct epoll_event ev[32];
    on_thread = 1;
    while (!process_stopping()) {
        int n = await_events(ev, 32);
        for (int i = 0; i < n; i++)
            take_event(ev[i].data.u32);
        deliver();
    }
}

static void watch(int fd, unsigned tag, unsigned events)
{
    struct epoll_event ev = {events, {.u64 = tag}};
    if (fd >= 0 && epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &ev) < 0)
        lx_fatal("cannot watch QEMU's descriptors: %s", strerror(errno));
}

void irq_init(void)
{
    for (int n = 0; n < NSOURCES; n++)
        sources[n].masked = 1;
    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    kick_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (epoll_fd < 0 || kick_fd < 0)
        lx_fatal("cannot make the interrupt thread's descriptors: %s", strerror(errno));
    for (int v = 0; v < QEMU_VECTORS; v++)
        watch(ivshmem_irq_fd(v), FIRST_VECTOR + v, EPOLLIN | EPOLLET);
    watch(kick_fd, TAG_KICK, EPOLLIN);
    watch(process_stderr_fd(), TAG_STDERR, EPOLLIN | EPOLLET);
    watch(process_pidfd(), TAG_PROCESS, EPOLLIN | EPOLLONESHOT);
    qtest_attach(epoll_fd, (void *)(uintptr_t)TAG_QTEST);
    if (!lx_thread_start(interrupt_thread, NULL, "interrupts"))
        lx_fatal("cannot start the interrupt thread; is memory short?");
}

/* ---- lines ---- */
void irq_line_changed(int line, int level)
{
    if (line < 0 || line >= QEMU_LINES)
        return;
    if (lx_tracing)
        lx_trace("line %d %s", line, level ? "raised" : "lowered");
    __atomic_store_n(&sources[line].pending, level, __ATOMIC_SEQ_CST);
    if (deliverable(&sources[line]))
        kick();
}

int qemu_irq_line(const struct qemu_pci *f)
{
    return f->line;
}

/* ---- vectors ---- */
static int take_vector(struct qemu_pci *f, int entry, int count)
{
    int n;
    lx_mutex_lock(&alloc_lock);
    for (n = FIRST_VECTOR; n < NSOURCES && sources[n].function; n++)
        ;
    if (n < NSOURCES) {
        sources[n].function = f;
        sources[n].entry = entry;
        sources[n].count = count;
        sources[n].pending = 0;
        sources[n].masked = 1;
    }
    lx_mutex_unlock(&alloc_lock);
    return n < NSOURCES ? n : -1;
}

static void aim_entry(uint64_t at, int vector)
{
    uint64_t address = ivshmem_message_address();
    register_write(at, 4, (uint32_t)address);
    register_write(at + 4, 4, address >> 32);
    register_write(at + 8, 4, vector);
    register_write(at + 12, 4, 0);
    register_read(at + 12, 4); /* in force now */
}

int qemu_irq_msix(struct qemu_pci *f, int entry, int count)
{
    if (entry < 0 || count < 1 || entry + count > f->msix_count || !f->present)
        return -1;
    int n = take_vector(f, entry, count);
    for (int i = 0; n >= 0 && i < count; i++)
        aim_entry(pci_private(f)->table_base + 16 * (entry + i), n - FIRST_VECTOR);
    return n;
}

int qemu_irq_msi(struct qemu_pci *f)
{
    unsigned cap = f->present ? pci_capability(f->bdf, CAP_MSI, 0) : 0;
    int n = cap ? take_vector(f, 0, 0) : -1;
    if (n < 0)
        return -1;
    uint64_t address = ivshmem_message_address();
    int wide = pci_read(f->bdf, cap + 2, 2) & MSI_64BIT;
    pci_write(f->bdf, cap + 4, 4, (uint32_t)address);
    if (wide)
        pci_write(f->bdf, cap + 8, 4, address >> 32);
    pci_write(f->bdf, cap + (wide ? 12 : 8), 2, n - FIRST_VECTOR);
    return n;
}

void qemu_irq_message_free(int n)
{
    struct source *s = &sources[n];
    if (n < FIRST_VECTOR || n >= NSOURCES || !s->function)
        return;
    qemu_irq_register(n, NULL, NULL);
    for (int i = 0; s->function->present && i < s->count; i++) {
        uint64_t control = pci_private(s->function)->table_base + 16 * (s->entry + i) + 12;
        register_write(control, 4, 1);
        register_read(control, 4);
    }
    __atomic_store_n(&s->function, NULL, __ATOMIC_SEQ_CST);
}

void irq_free_function(struct qemu_pci *f)
{
    for (int n = FIRST_VECTOR; n < NSOURCES; n++)
        if (sources[n].function == f)
            sources[n].masked = 1; /* its owner still calls qemu_irq_message_free */
}

int irq_entry_aimed(const struct qemu_pci *f, int entry)
{
    for (int n = FIRST_VECTOR; n < NSOURCES; n++)
        if (sources[n].function == f && entry >= sources[n].entry &&
            entry < sources[n].entry + sources[n].count)
            return 1;
    return 0;
}

/* ---- registration, masks ---- */
void qemu_irq_register(int n, void (*handler)(void *, int), void *arg)
{
    struct source *s = &sources[n];
    __atomic_store_n(&s->handler, NULL, __ATOMIC_SEQ_CST);
    while (!on_thread && __atomic_load_n(&s->running, __ATOMIC_SEQ_CST))
        lx_thread_yield();
    s->arg = arg;
    __atomic_store_n(&s->handler, handler, __ATOMIC_SEQ_CST);
    if (deliverable(s))
        kick();
}

void qemu_irq_enable(int n)
{
    __atomic_store_n(&sources[n].masked, 0, __ATOMIC_SEQ_CST);
    if (deliverable(&sources[n]))
        kick();
}

void qemu_irq_disable(int n)
{
    __atomic_store_n(&sources[n].masked, 1, __ATOMIC_SEQ_CST);
}

int qemu_irq_running(int n)
{
    return __atomic_load_n(&sources[n].running, __ATOMIC_SEQ_CST);
}
