// SPDX-License-Identifier: BSD-3-Clause
/* The test's own virtio-net driver. Registers of the modern transport are touched by plain accesses. */
#include "virtio.h"
#include <stdio.h>
#include <string.h>

enum {
    BUFFER = 2048,
    L_FEATURES = 0,
    L_DRIVER = 4,
    L_PFN = 8,
    L_QSIZE = 12,
    L_QSEL = 14,
    L_NOTIFY = 16,
    L_STATUS = 18,
    L_ISR = 19,
    L_CONFIG_VECTOR = 20,
    L_QUEUE_VECTOR = 22,
    M_DFSELECT = 0,
    M_DF = 4,
    M_GFSELECT = 8,
    M_GF = 12,
    M_CONFIG_VECTOR = 16,
    M_STATUS = 20,
    M_QSEL = 22,
    M_QSIZE = 24,
    M_QVECTOR = 26,
    M_QENABLE = 28,
    M_NOTIFY_OFF = 30,
    M_DESC = 32,
    M_AVAIL = 40,
    M_USED = 48,
    S_ACK = 1,
    S_DRIVER = 2,
    S_OK = 4,
    S_FEATURES = 8,
    F_MAC = 1 << 5,
    F_STATUS = 1 << 16,
};

#define R8(p)  (*(volatile uint8_t *)(p))
#define R16(p) (*(volatile uint16_t *)(p))
#define R32(p) (*(volatile uint32_t *)(p))

/* ---- capabilities ---- */
static volatile unsigned char *structure(struct qemu_pci *f, unsigned type, unsigned *multiplier)
{
    for (unsigned at = qemu_config_read(f->bdf, 0x34, 1); at; at = qemu_config_read(f->bdf, at + 1, 1)) {
        if (qemu_config_read(f->bdf, at, 1) != 9 || qemu_config_read(f->bdf, at + 3, 1) != type)
            continue;
        unsigned bar = qemu_config_read(f->bdf, at + 4, 1);
        if (multiplier)
            *multiplier = qemu_config_read(f->bdf, at + 16, 4);
        return qemu_window(f->bar[bar].base + qemu_config_read(f->bdf, at + 8, 4),
                           qemu_config_read(f->bdf, at + 12, 4));
    }
    return NULL;
}

/* ---- interrupts ---- */
static void on_interrupt(void *arg, int source)
{
    struct nic *n = arg;
    if (!n->msix) { /* reading the status lowers the line */
        unsigned isr = n->modern ? R8(n->isr) : qemu_io_read(n->port + L_ISR, 1);
        if (!isr)
            return;
    }
    __atomic_fetch_add(&n->interrupts, 1, __ATOMIC_SEQ_CST);
    lx_futex_wake(&n->interrupts, 100);
}

static int route(struct nic *n)
{
    for (int q = 0; q < NQUEUES; q++) {
        n->source[q] = n->msix ? qemu_irq_msix(n->f, q, 1) : qemu_irq_line(n->f);
        if (n->source[q] < 0) {
            printf("not ok - an interrupt source for queue %d\n", q);
            return -1;
        }
        qemu_irq_register(n->source[q], on_interrupt, n);
        qemu_irq_enable(n->source[q]);
    }
    unsigned control = n->f->msix_cap + 2;
    qemu_config_write(n->f->bdf, control, 2, n->msix ? 0x8000 : 0);
    return 0;
}

/* ---- queues ---- */
static void make_queue(struct queue *q, unsigned size)
{
    unsigned used_at = (16 * size + 6 + 2 * size + 4095) & ~4095u, bytes = used_at + 4096 * 2;
    q->size = size;
    q->ring = lx_ram_alloc(bytes, 4096, ~0u);
    memset(q->ring, 0, bytes);
    q->used = q->ring + used_at;
    q->buffer = lx_ram_alloc(BUFFER, 16, ~0u);
}

static void set_queue(struct nic *n, int i)
{
    struct queue *q = &n->q[i];
    unsigned multiplier = 0;
    if (!n->modern) {
        qemu_io_write(n->port + L_QSEL, 2, i);
        make_queue(q, qemu_io_read(n->port + L_QSIZE, 2));
        qemu_io_write(n->port + L_PFN, 4, lx_ram_phys(q->ring) >> 12);
        if (n->msix)
            qemu_io_write(n->port + L_QUEUE_VECTOR, 2, i);
        return;
    }
    R16(n->common + M_QSEL) = i;
    make_queue(q, R16(n->common + M_QSIZE));
    uint64_t at = lx_ram_phys(q->ring), avail = at + 16 * q->size, used = lx_ram_phys(q->used);
    R32(n->common + M_DESC) = at;
    R32(n->common + M_DESC + 4) = at >> 32;
    R32(n->common + M_AVAIL) = avail;
    R32(n->common + M_AVAIL + 4) = avail >> 32;
    *(volatile uint64_t *)(n->common + M_USED) = used;
    if (n->msix)
        R16(n->common + M_QVECTOR) = i;
    q->notify = structure(n->f, 2, &multiplier);
    q->notify += multiplier * R16(n->common + M_NOTIFY_OFF);
    R16(n->common + M_QENABLE) = 1;
}

static void put(struct nic *n, int i, unsigned length, unsigned flags)
{
    struct queue *q = &n->q[i];
    uint64_t at = lx_ram_phys(q->buffer);
    volatile uint16_t *avail = (volatile uint16_t *)(q->ring + 16 * q->size);
    memcpy(q->ring, &at, 8);
    memcpy(q->ring + 8, &length, 4);
    memcpy(q->ring + 12, (uint16_t[]){flags, 0}, 4);
    avail[2 + q->avail_idx % q->size] = 0;
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    avail[1] = ++q->avail_idx;
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    if (n->modern)
        R16(q->notify) = i;
    else
        qemu_io_write(n->port + L_NOTIFY, 2, i);
}

void nic_post_rx(struct nic *n)
{
    put(n, RX, BUFFER, 2);
}

void nic_send(struct nic *n, const void *frame, unsigned length)
{
    unsigned header = n->modern ? 12 : 10;
    memset(n->q[TX].buffer, 0, header);
    memcpy(n->q[TX].buffer + header, frame, length);
    put(n, TX, header + length, 0);
}

unsigned nic_receive(struct nic *n, const unsigned char **frame, int ms)
{
    struct queue *q = &n->q[RX];
    unsigned header = n->modern ? 12 : 10;
    unsigned long long end = lx_time_ns() + ms * 1000000ull;
    volatile uint16_t *idx = (volatile uint16_t *)(q->used + 2);
    while ((uint16_t)q->used_idx == *idx) {
        int seen = n->interrupts;
        if ((uint16_t)q->used_idx != *idx)
            break;
        long long left = end - lx_time_ns();
        if (left <= 0)
            return 0;
        lx_futex_wait(&n->interrupts, seen, left);
    }
    unsigned length = *(volatile uint32_t *)(q->used + 4 + 8 * (q->used_idx % q->size) + 4);
    q->used_idx++;
    *frame = q->buffer + header;
    return length - header;
}

/* ---- life ---- */
static void set_status(struct nic *n, unsigned status)
{
    if (n->modern)
        R8(n->common + M_STATUS) = status;
    else
        qemu_io_write(n->port + L_STATUS, 1, status);
}

static int negotiate(struct nic *n)
{
    set_status(n, 0);
    set_status(n, S_ACK | S_DRIVER);
    if (!n->modern) {
        qemu_io_write(n->port + L_DRIVER, 4, qemu_io_read(n->port + L_FEATURES, 4) & (F_MAC | F_STATUS));
        return 0;
    }
    R32(n->common + M_DFSELECT) = 0;
    uint32_t offered = R32(n->common + M_DF);
    R32(n->common + M_GFSELECT) = 0;
    R32(n->common + M_GF) = offered & (F_MAC | F_STATUS);
    R32(n->common + M_GFSELECT) = 1;
    R32(n->common + M_GF) = 1; /* VERSION_1 */
    set_status(n, S_ACK | S_DRIVER | S_FEATURES);
    if (R8(n->common + M_STATUS) & S_FEATURES)
        return 0;
    printf("not ok - the device takes our features\n");
    return -1;
}

static unsigned config_byte(struct nic *n, unsigned at)
{
    return n->modern ? R8(n->device + at) : qemu_io_read(n->port + (n->msix ? 24 : 20) + at, 1);
}

int nic_link(struct nic *n)
{
    return config_byte(n, 6) & 1;
}

int nic_start(struct nic *n, struct qemu_pci *f, int modern, int msix)
{
    n->f = f;
    n->modern = modern;
    n->msix = msix;
    n->port = f->bar[0].base;
    qemu_config_write(f->bdf, 4, 2, 7);
    if (modern) {
        n->common = structure(f, 1, NULL);
        n->isr = structure(f, 3, NULL);
        n->device = structure(f, 4, NULL);
        if (!n->common || !n->isr || !n->device) {
            printf("not ok - the device's capabilities\n");
            return -1;
        }
    }
    if (route(n) < 0 || negotiate(n) < 0)
        return -1;
    for (int q = 0; q < NQUEUES; q++)
        set_queue(n, q);
    set_status(n, S_ACK | S_DRIVER | S_OK | (modern ? S_FEATURES : 0));
    for (int i = 0; i < 6; i++)
        n->mac[i] = config_byte(n, i);
    return 0;
}

void nic_stop(struct nic *n)
{
    set_status(n, 0);
    for (int q = 0; q < NQUEUES; q++) {
        qemu_irq_disable(n->source[q]);
        qemu_irq_register(n->source[q], NULL, NULL);
        if (n->msix)
            qemu_irq_message_free(n->source[q]);
        lx_ram_free(n->q[q].buffer, BUFFER);
    }
}
