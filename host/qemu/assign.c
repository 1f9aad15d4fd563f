// SPDX-License-Identifier: BSD-3-Clause
/*
 * PCI resources, as firmware assigns them: base addresses, bridge windows, decoding switched on. Functions
 * are placed one after the other in the order of enumeration, so a bridge's window is what its children took;
 * a hot-plug port keeps some room for later. What is placed never moves.
 */
#include "internal.h"
#include <stdlib.h>

#define MB (1ull << 20)

enum { IO_WINDOW = 4096, COMMAND_IO = 1, COMMAND_MEMORY = 2, COMMAND_MASTER = 4, CAP_EXPRESS = 0x10 };

struct arena {
    uint64_t next, end, start;
};
static struct arena io = {0xc000, 0x10000, 0xc000};
static struct arena memory = {0xe0000000, 0xfec00000, 0xe0000000};  /* below the ioapic */
static struct arena high = {32ull << 30, 64ull << 30, 32ull << 30}; /* what is too large for it, on bus 0 */

/* Room behind a hot-plug port. */
struct reserve {
    struct reserve *next;
    const struct qemu_pci *bridge;
    struct arena io, memory;
};
static struct reserve *reserves;

void assign_init(void)
{
    if (lx_ram_size > 2048 * MB)
        lx_fatal("the machine's memory may have 2048 MB at most, not %lu MB", lx_ram_size >> 20);
}

static uint64_t take(struct arena *a, uint64_t size, uint64_t align)
{
    uint64_t at = (a->next + align - 1) & -align;
    if (at + size > a->end)
        return 0;
    a->next = at + size;
    return at;
}

static struct reserve *reserve_of(const struct qemu_pci *bridge)
{
    struct reserve *r = reserves;
    while (r && r->bridge != bridge)
        r = r->next;
    return r;
}

/* Ports are few, so those of unplugged devices are used again. (Memory is not: a late store to a BAR that is
 * gone must not hit another device.) */
static struct {
    uint64_t base, size;
} free_ports[64];

void assign_release(const struct qemu_pci *f)
{
    for (int i = 0; i < 6; i++)
        for (int n = 0; f->bar[i].kind == QEMU_BAR_IO && n < 64; n++)
            if (!free_ports[n].size) {
                free_ports[n].base = f->bar[i].base;
                free_ports[n].size = f->bar[i].size;
                break;
            }
}

static uint64_t take_ports(struct arena *a, uint64_t size)
{
    for (int n = 0; n < 64; n++)
        if (free_ports[n].size == size && free_ports[n].base < a->end && free_ports[n].base >= a->start) {
            free_ports[n].size = 0;
            return free_ports[n].base;
        }
    return take(a, size, size);
}

static uint64_t place(const struct qemu_pci *f, const struct qemu_bar *b)
{
    struct reserve *r = f->bridge ? reserve_of(f->bridge) : NULL;
    if (b->kind == QEMU_BAR_IO)
        return take_ports(r ? &r->io : &io, b->size);
    if (b->is64 && b->size > 128 * MB && !f->bridge)
        return take(&high, b->size, b->size);
    return take(r ? &r->memory : &memory, b->size, b->size < 4096 ? 4096 : b->size);
}

/* Size of the register pair at `at`: the address bits that can be set (PCI 3.0, 6.2.5.1). */
static uint64_t measure(unsigned bdf, unsigned at, int is64, uint32_t flags)
{
    pci_write(bdf, at, 4, ~0u);
    uint64_t bits = pci_read(bdf, at, 4) & ~(uint64_t)flags;
    if (!bits && !is64)
        return 0;
    if (is64) {
        pci_write(bdf, at + 4, 4, ~0u);
        bits |= (uint64_t)pci_read(bdf, at + 4, 4) << 32;
    } else {
        bits |= ~0ull << 32;
    }
    return bits & -bits;
}

/* Returns how many registers it takes. */
static int assign_bar(struct qemu_pci *f, int i)
{
    struct qemu_bar *b = &f->bar[i];
    unsigned at = 0x10 + 4 * i;
    uint32_t low = pci_read(f->bdf, at, 4);
    b->is64 = !(low & 1) && (low & 6) == 4;
    b->prefetchable = !(low & 1) && (low & 8);
    b->size = measure(f->bdf, at, b->is64, low & 1 ? 3 : 15);
    if (b->size) {
        b->kind = low & 1 ? QEMU_BAR_IO : QEMU_BAR_MEMORY;
        b->base = place(f, b);
        if (!b->base)
            lx_fatal("no PCI address space left for %04x:%04x (%llu bytes); attach fewer or smaller devices",
                     f->vendor, f->device, b->size);
    }
    pci_write(f->bdf, at, 4, (uint32_t)b->base);
    if (b->is64)
        pci_write(f->bdf, at + 4, 4, b->base >> 32);
    return b->is64 ? 2 : 1;
}

void assign_function(struct qemu_pci *f)
{
    unsigned command = f->header == 1 ? COMMAND_IO | COMMAND_MEMORY | COMMAND_MASTER : 0;
    int registers = f->header == 0 ? 6 : f->header == 1 ? 2 : 0;
    if (f->class_code >> 16 == 6 && f->header == 0)
        registers = 0; /* host bridge, ISA bridge: their addresses are the chipset's */
    if (registers)
        pci_write(f->bdf, 4, 2, 0);
    for (int i = 0; i < registers;)
        i += assign_bar(f, i);
    for (int i = 0; i < registers; i++)
        command |= f->bar[i].kind == QEMU_BAR_IO       ? COMMAND_IO
                   : f->bar[i].kind == QEMU_BAR_MEMORY ? COMMAND_MEMORY
                                                       : 0;
    if (registers)
        pci_write(f->bdf, 4, 2, command);
    if (f->line >= 0)
        pci_write(f->bdf, 0x3c, 1, f->line);
}

/* ---- bridges ---- */
static int has_slot(const struct qemu_pci *bridge)
{
    unsigned cap = pci_capability(bridge->bdf, CAP_EXPRESS, 0);
    return cap && (pci_read(bridge->bdf, cap + 2, 2) & 0x100);
}

void assign_bridge_begin(struct qemu_pci *bridge)
{
    take(&io, 0, IO_WINDOW);
    take(&memory, 0, MB);
    bridge->bar[2].base = io.next; /* a bridge has two BARs: these entries keep its windows' beginnings */
    bridge->bar[3].base = memory.next;
}

static void keep_room(const struct qemu_pci *bridge)
{
    struct reserve *r = calloc(1, sizeof *r);
    uint64_t i = take(&io, IO_WINDOW, IO_WINDOW), m = take(&memory, 16 * MB, MB);
    if (!r || !i || !m) {
        free(r);
        return; /* no hot-plug there, then */
    }
    r->bridge = bridge;
    r->io = (struct arena){i, i + IO_WINDOW, i};
    r->memory = (struct arena){m, m + 16 * MB, m};
    r->next = reserves;
    reserves = r;
}

void assign_bridge_end(struct qemu_pci *bridge)
{
    uint64_t io_base = bridge->bar[2].base, memory_base = bridge->bar[3].base;
    bridge->bar[2].base = bridge->bar[3].base = 0;
    if (has_slot(bridge)) /* also where something stands already: it may go, and another come */
        keep_room(bridge);
    take(&io, 0, IO_WINDOW);
    take(&memory, 0, MB);
    /* A base above its limit closes a window (PCI-to-PCI Bridge 1.2, 3.2.5). */
    pci_write(bridge->bdf, 0x1c, 2,
              io.next > io_base ? (io_base >> 8 & 0xf0) | ((io.next - 1) & 0xf000) : 0x00f0);
    pci_write(bridge->bdf, 0x20, 4,
              memory.next > memory_base ? (memory_base >> 16 & 0xfff0) | ((memory.next - 1) & 0xfff00000)
                                        : 0xfff0);
    pci_write(bridge->bdf, 0x24, 4, 0x0000fff0);
}
