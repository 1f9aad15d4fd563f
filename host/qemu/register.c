// SPDX-License-Identifier: BSD-3-Clause
/*
 * Register access: ports and memory BARs, by address. Memory writes are posted, as on the bus; port writes
 * wait, as they do on a PC. An MSI-X table is not the device's own but a shadow: the real entries are aimed
 * at the host.
 */
#include "internal.h"
#include <string.h>
#include <sys/mman.h>

enum { COMMAND_IO = 1, COMMAND_MEMORY = 2, TABLE_ENTRY = 16, ENTRY_CONTROL = 12 };

LX_COUNTER(io_reads, "registers.io.reads")
LX_COUNTER(io_writes, "registers.io.writes")
LX_COUNTER(mmio_reads, "registers.mmio.reads")
LX_COUNTER(mmio_writes, "registers.mmio.writes")

static char letter(int width)
{
    return width == 1 ? 'b' : width == 2 ? 'w' : width == 4 ? 'l' : 'q';
}

static uint64_t mask(int width)
{
    return width == 8 ? ~0ull : (1ull << 8 * width) - 1;
}

static int valid_width(int width)
{
    return width == 1 || width == 2 || width == 4 || width == 8;
}

/* ---- ports ---- */
static int isr_is_apart;

void qemu_isr_apart(int on)
{
    isr_is_apart = on;
}

/* virtio 4.1.4.10: the status register is three ports behind the doorbell. */
static int is_legacy_isr(unsigned port, int width)
{
    enum { ISR_FROM_NOTIFY = 3 };
    struct qemu_pci *f = width == 1 ? qemu_pci_first() : NULL;

    while (f && (!pci_private(f)->legacy_notify || pci_private(f)->legacy_notify + ISR_FROM_NOTIFY != port))
        f = f->next;
    return f != NULL;
}

unsigned qemu_io_read(unsigned port, int width)
{
    uint32_t v = ~0u;
    if (valid_width(width) && width < 8 && port < 65536)
        v = qtest_call("in%c 0x%x\n", letter(width), port);
    v &= mask(width);
    if (isr_is_apart && v == 3 && is_legacy_isr(port, width))
        v = 2;
    lx_count(&io_reads, 1);
    if (lx_tracing)
        lx_trace("port %x.%d -> %x", port, width, v);
    return v;
}

void qemu_io_write(unsigned port, int width, unsigned value)
{
    if (!valid_width(width) || width == 8 || port > 65535)
        return;
    value &= mask(width);
    if (doorbell_port(port, width, value))
        return;
    value = vector_port(port, width, value);
    lx_count(&io_writes, 1);
    if (lx_tracing)
        lx_trace("port %x.%d <- %x", port, width, value);
    qtest_call("out%c 0x%x 0x%x\n", letter(width), port, value);
}

/* ---- memory ---- */
uint64_t register_read(uint64_t phys, int width)
{
    return qtest_call("read%c 0x%llx\n", letter(width), (unsigned long long)phys);
}

void register_write(uint64_t phys, int width, uint64_t value)
{
    qtest_post("write%c 0x%llx 0x%llx\n", letter(width), (unsigned long long)phys, (unsigned long long)value);
}

struct qemu_pci *register_owner(uint64_t phys, uint64_t size, int *bar)
{
    for (struct qemu_pci *f = qemu_pci_first(); f; f = f->next)
        for (int i = 0; i < 6; i++) {
            const struct qemu_bar *b = &f->bar[i];
            if (b->kind == QEMU_BAR_MEMORY && phys - b->base < b->size &&
                size <= b->size - (phys - b->base)) {
                *bar = i;
                return f;
            }
        }
    return NULL;
}

static int in_table(const struct pci_private *p, uint64_t phys, int width)
{
    return p->table_shadow && p->table_base && phys >= p->table_base &&
           phys + width <= p->table_base + (uint64_t)p->pub.msix_count * TABLE_ENTRY;
}

static void table_store(struct pci_private *p, uint64_t at, int width, uint64_t value)
{
    int entry = at / TABLE_ENTRY, end = at % TABLE_ENTRY + width;
    uint64_t control = (uint64_t)entry * TABLE_ENTRY + ENTRY_CONTROL;
    memcpy(p->table_shadow + at, &value, width);
    if (end > ENTRY_CONTROL && irq_entry_aimed(&p->pub, entry))
        register_write(p->table_base + control, 4, p->table_shadow[control] & 1);
}

static struct pci_private *decoder(uint64_t phys, int width)
{
    int bar;
    struct qemu_pci *f = valid_width(width) ? register_owner(phys, width, &bar) : NULL;
    return f && (pci_private(f)->command & COMMAND_MEMORY) ? pci_private(f) : NULL;
}

unsigned long long qemu_mmio_read(unsigned long long phys, int width)
{
    struct pci_private *p = decoder(phys, width);
    uint64_t v = ~0ull;
    if (p && in_table(p, phys, width))
        memcpy(&v, p->table_shadow + (phys - p->table_base), width);
    else if (p)
        v = register_read(phys, width);
    v &= mask(width);
    lx_count(&mmio_reads, 1);
    if (lx_tracing)
        lx_trace("memory %llx.%d -> %llx", phys, width, (unsigned long long)v);
    return v;
}

void qemu_mmio_write(unsigned long long phys, int width, unsigned long long value)
{
    struct pci_private *p = decoder(phys, width);
    value &= mask(width);
    if (p && doorbell_store(phys, width, value))
        return;
    lx_count(&mmio_writes, 1);
    if (lx_tracing)
        lx_trace("memory %llx.%d <- %llx", phys, width, value);
    if (p && in_table(p, phys, width))
        table_store(p, phys - p->table_base, width, value);
    else if (p)
        register_write(phys, width, vector_store(p, phys, width, value));
}

/* ---- windows ---- */
/* They outlive their device: a late access must find all ones, not a fault. */
enum { MAX_WINDOWS = 1024 };
static struct {
    uintptr_t va;
    uint64_t size, phys;
} windows[MAX_WINDOWS];
static volatile int nwindows;

void register_open_window(struct qemu_bar *b)
{
    uint64_t size = (b->size + 4095) & ~4095ull;
    int n = nwindows;
    void *va = n < MAX_WINDOWS
                   ? mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
                   : MAP_FAILED;
    if (va == MAP_FAILED)
        return; /* qemu_window refuses, and the mapping fails in the driver's face */
    windows[n].va = (uintptr_t)va;
    windows[n].size = size;
    windows[n].phys = b->base;
    __atomic_store_n(&nwindows, n + 1, __ATOMIC_RELEASE);
    b->window = va;
}

void *qemu_window(unsigned long long phys, unsigned long long size)
{
    int bar;
    struct qemu_pci *f = register_owner(phys, size ? size : 1, &bar);
    return f && f->bar[bar].window ? (char *)f->bar[bar].window + (phys - f->bar[bar].base) : NULL;
}

unsigned long long qemu_window_phys(const void *p)
{
    int count = __atomic_load_n(&nwindows, __ATOMIC_ACQUIRE);
    for (int n = 0; n < count; n++)
        if ((uintptr_t)p - windows[n].va < windows[n].size)
            return windows[n].phys + ((uintptr_t)p - windows[n].va);
    return ~0ull;
}
