// SPDX-License-Identifier: BSD-3-Clause
/*
 * Doorbells: stores to a virtio notify register (virtio 1.2, 4.1.4.4; legacy 4.1.4.8) leave as a write to an
 * eventfd of ivshmem's, a vector for each register and value; the vector is aimed when the register is first
 * used. A device driven through its legacy ports is rung at its modern register, where QEMU maps queue n to n
 * * multiplier; one that has only ports gets a posted outw.
 */
#include "internal.h"

enum {
    VIRTIO_VENDOR = 0x1af4,
    CAP_VENDOR = 9,
    CFG_COMMON = 1,
    CFG_NOTIFY = 2,
    LEGACY_NOTIFY = 16,
    COMMAND_MEMORY = 2,
    NONE = 0,
};

struct bell {
    volatile uint64_t phys; /* NONE: free */
    uint32_t value;
};

LX_COUNTER(count_eventfd, "doorbells.eventfd")
LX_COUNTER(count_posted, "doorbells.posted")
LX_COUNTER(count_lost, "doorbells.lost")

static struct bell bells[QEMU_VECTORS];
static volatile unsigned nbells; /* highest ever used */
static struct lx_mutex bells_lock;
static volatile int losing;

void qemu_lose_doorbells(int on)
{
    losing = on;
}

/* True: the fault is on, and this one is gone. */
static int lost(void)
{
    if (!losing)
        return 0;
    lx_count(&count_lost, 1);
    return 1;
}

static void learn_modern(struct pci_private *p)
{
    unsigned bdf = p->pub.bdf, cap = 0;
    while ((cap = pci_capability(bdf, CAP_VENDOR, cap))) {
        unsigned bar = pci_read(bdf, cap + 4, 1), type = pci_read(bdf, cap + 3, 1);
        if (bar > 5 || p->pub.bar[bar].kind != QEMU_BAR_MEMORY)
            continue;
        uint64_t base = p->pub.bar[bar].base + pci_read(bdf, cap + 8, 4);
        if (type == CFG_COMMON && !p->common_base)
            p->common_base = base;
        if (type != CFG_NOTIFY || p->notify_base)
            continue;
        p->notify_base = base;
        p->notify_length = pci_read(bdf, cap + 12, 4);
        p->notify_multiplier = pci_read(bdf, cap + 16, 4);
    }
}

void doorbell_learn(struct qemu_pci *f)
{
    struct pci_private *p = pci_private(f);
    if (f->vendor != VIRTIO_VENDOR)
        return;
    learn_modern(p);
    if (f->device < 0x1040 && f->bar[0].kind == QEMU_BAR_IO)
        p->legacy_notify = f->bar[0].base + LEGACY_NOTIFY;
}

static int in_area(const struct pci_private *p, uint64_t phys)
{
    return p->notify_base && phys - p->notify_base < p->notify_length;
}

void doorbell_forget(struct qemu_pci *f)
{
    struct pci_private *p = pci_private(f);
    lx_mutex_lock(&bells_lock);
    for (unsigned n = 0; n < nbells; n++)
        if (in_area(p, bells[n].phys))
            bells[n].phys = NONE;
    lx_mutex_unlock(&bells_lock);
}

static int find_bell(uint64_t phys, uint32_t value)
{
    unsigned count = __atomic_load_n(&nbells, __ATOMIC_ACQUIRE);
    for (unsigned n = 0; n < count; n++)
        if (bells[n].phys == phys && bells[n].value == value)
            return n;
    return -1;
}

/* A free vector, aimed; -1 when all are in use. */
static int make_bell(uint64_t phys, uint32_t value)
{
    lx_mutex_lock(&bells_lock);
    int n = find_bell(phys, value);
    for (int i = 0; n < 0 && i < QEMU_VECTORS; i++)
        if (bells[i].phys == NONE) {
            n = i;
            ivshmem_aim(n, phys, value);
            bells[n].value = value;
            bells[n].phys = phys;
            if ((unsigned)n >= nbells)
                __atomic_store_n(&nbells, n + 1, __ATOMIC_RELEASE);
        }
    lx_mutex_unlock(&bells_lock);
    return n;
}

static void ring(int n)
{
    qtest_flush(); /* the eventfd is another road: what was posted before must arrive before */
    ivshmem_ring(n);
    lx_count(&count_eventfd, 1);
    if (lx_tracing)
        lx_trace("doorbell %llx <- %x", (unsigned long long)bells[n].phys, bells[n].value);
}

static struct pci_private *area_owner(uint64_t phys)
{
    for (struct qemu_pci *f = qemu_pci_first(); f; f = f->next)
        if (in_area(pci_private(f), phys))
            return pci_private(f);
    return NULL;
}

/*
 * A value above 16 bits carries data of its own (NOTIFICATION_DATA, virtio 1.2, 4.1.5.2): no two stores are
 * alike, no vector helps, and it leaves as a posted write.
 */
static void post_store(uint64_t phys, uint32_t value)
{
    qtest_post("writel 0x%llx 0x%x\n", (unsigned long long)phys, value);
    lx_count(&count_posted, 1);
    if (lx_tracing)
        lx_trace("doorbell %llx <- %x, posted", (unsigned long long)phys, value);
}

int doorbell_store(uint64_t phys, int width, uint32_t value)
{
    struct pci_private *p = area_owner(phys);
    if (!p || (width != 2 && width != 4) || !(p->command & COMMAND_MEMORY))
        return 0;
    if (lost())
        return 1;
    if (value > 0xffff) {
        post_store(phys, value);
        return 1;
    }
    int n = find_bell(phys, value);
    if (n < 0)
        n = make_bell(phys, value);
    if (n < 0)
        return 0;
    ring(n);
    return 1;
}

int doorbell_port(unsigned port, int width, uint32_t value)
{
    struct qemu_pci *f = qemu_pci_first();
    while (f && (pci_private(f)->legacy_notify != port || !port))
        f = f->next;
    if (!f || width != 2)
        return 0;
    struct pci_private *p = pci_private(f);
    if (p->notify_base && doorbell_store(p->notify_base + (uint64_t)value * p->notify_multiplier, 2, value))
        return 1;
    if (lost())
        return 1;
    qtest_post("outw 0x%x 0x%x\n", port, value & 0xffff);
    lx_count(&count_posted, 1);
    if (lx_tracing)
        lx_trace("doorbell port %x <- %x", port, value);
    return 1;
}
