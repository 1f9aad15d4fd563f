// SPDX-License-Identifier: BSD-3-Clause
/*
 * PCI: configuration access (ports 0xcf8/0xcfc; on q35 the memory-mapped window, for the extended space and
 * for one round trip an access), the list of functions, the wiring of their interrupt pins. PCI Local Bus 3.0
 * sections 3.2.2, 6; ICH9 (q35) and PIIX3 (pc) as QEMU models them.
 */
#define _GNU_SOURCE
#include "internal.h"
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ECAM_BASE 0xb0000000u

enum {
    CONFIG_ADDRESS = 0xcf8,
    CONFIG_DATA = 0xcfc,
    Q35_PCIEXBAR = 0x60, /* host bridge: base and enable of the configuration window (256 MB) */
    PIIX_BDF = 1 << 3,
    PIIX_PIRQRC = 0x60,
    CAP_MSIX = 0x11,
    INTERRUPT_PIN = 0x3d,
    VIRTIO_VENDOR = 0x1af4,
};

/* What pc's four wires become: interrupts that nothing else of the machine uses. */
static const unsigned char piix_irq[4] = {10, 11, 5, 7};

LX_COUNTER(config_reads, "registers.config.reads")
LX_COUNTER(config_writes, "registers.config.writes")

static int q35;
static struct lx_mutex config_lock; /* address and data port belong together */
static struct lx_mutex list_lock;
static struct qemu_pci *functions;
static struct pci_private *ivshmem;
static unsigned next_bus;

/* ---- configuration space ---- */
static uint64_t ecam(unsigned bdf, unsigned offset)
{
    return ECAM_BASE + ((uint64_t)bdf << 12) + offset;
}

static uint32_t port_read(unsigned bdf, unsigned offset, int width)
{
    uint32_t v;
    if (offset > 255)
        return ~0u;
    lx_mutex_lock(&config_lock);
    qtest_post("outl 0x%x 0x%x\n", CONFIG_ADDRESS, 0x80000000u | bdf << 8 | (offset & ~3u));
    v = qtest_call("in%c 0x%x\n", width == 1 ? 'b' : width == 2 ? 'w' : 'l', CONFIG_DATA + (offset & 3));
    lx_mutex_unlock(&config_lock);
    return v;
}

static void port_write(unsigned bdf, unsigned offset, int width, uint32_t value)
{
    if (offset > 255)
        return;
    lx_mutex_lock(&config_lock);
    qtest_post("outl 0x%x 0x%x\n", CONFIG_ADDRESS, 0x80000000u | bdf << 8 | (offset & ~3u));
    qtest_call("out%c 0x%x 0x%x\n",
               width == 1   ? 'b'
               : width == 2 ? 'w'
                            : 'l',
               CONFIG_DATA + (offset & 3), value);
    lx_mutex_unlock(&config_lock);
}

static uint32_t width_mask(int width)
{
    return width == 4 ? ~0u : (1u << 8 * width) - 1;
}

uint32_t pci_read(unsigned bdf, unsigned offset, int width)
{
    uint32_t v = q35 ? register_read(ecam(bdf, offset), width) : port_read(bdf, offset, width);
    return v & width_mask(width);
}

void pci_write(unsigned bdf, unsigned offset, int width, uint32_t value)
{
    value &= width_mask(width);
    if (q35)
        qtest_call("write%c 0x%llx 0x%x\n",
                   width == 1   ? 'b'
                   : width == 2 ? 'w'
                                : 'l',
                   (unsigned long long)ecam(bdf, offset), value);
    else
        port_write(bdf, offset, width, value);
}

static int hidden(unsigned bdf)
{
    return bdf == IVSHMEM_DEVFN;
}

/* ---- functions without an interrupt pin, as virtual functions are ---- */
static int pins_hidden;

void qemu_hide_pins(int on)
{
    pins_hidden = on;
}

static int without_pin(unsigned bdf)
{
    return pins_hidden && pci_read(bdf, 0, 2) == VIRTIO_VENDOR;
}

/* What a driver reads. */
static uint32_t hide_pin(unsigned bdf, unsigned offset, int width, uint32_t v)
{
    if (offset > INTERRUPT_PIN || offset + width <= INTERRUPT_PIN || !without_pin(bdf))
        return v;
    return v & ~(0xffu << 8 * (INTERRUPT_PIN - offset));
}

static int valid(unsigned bdf, unsigned offset, int width)
{
    return bdf < 65536 && !hidden(bdf) && (width == 1 || width == 2 || width == 4) && offset % width == 0 &&
           offset < (q35 ? 4096u : 256u);
}

unsigned qemu_config_read(unsigned bdf, unsigned offset, int width)
{
    uint32_t v = valid(bdf, offset, width) ? pci_read(bdf, offset, width) : width_mask(width);
    v = hide_pin(bdf, offset, width, v);
    lx_count(&config_reads, 1);
    if (lx_tracing)
        lx_trace("config %02x:%02x.%x [%03x].%d -> %x", bdf >> 8, bdf >> 3 & 31, bdf & 7, offset, width, v);
    return v;
}

void qemu_config_write(unsigned bdf, unsigned offset, int width, unsigned value)
{
    struct qemu_pci *f = qemu_pci_find(bdf);
    lx_count(&config_writes, 1);
    if (lx_tracing)
        lx_trace("config %02x:%02x.%x [%03x].%d <- %x", bdf >> 8, bdf >> 3 & 31, bdf & 7, offset, width,
                 value);
    if (!valid(bdf, offset, width))
        return;
    pci_write(bdf, offset, width, value);
    if (f && (offset & ~1u) == 4) /* doorbell.c asks it whether memory is decoded */
        __atomic_store_n(&pci_private(f)->command, pci_read(bdf, 4, 2), __ATOMIC_SEQ_CST);
}

unsigned pci_capability(unsigned bdf, unsigned id, unsigned from)
{
    unsigned at = from ? from : 0x34;
    if (!from && !(pci_read(bdf, 6, 2) & 0x10))
        return 0;
    for (int hops = 0; hops < 48; hops++) {
        at = pci_read(bdf, at + (hops || from ? 1 : 0), 1) & 0xfc;
        if (at < 0x40)
            return 0;
        if (pci_read(bdf, at, 1) == id)
            return at;
    }
    return 0;
}

/* ---- interrupt wiring ---- */
/* A bridge turns its children's pins by their slot (PCI-to-PCI Bridge 1.2, section 9.1). */
static int line_of(const struct qemu_pci *f)
{
    unsigned slot = f->bdf >> 3 & 31;
    int pin = f->pin - 1;
    if (pin < 0 || pin > 3)
        return -1;
    for (const struct qemu_pci *b = f->bridge; b; b = b->bridge) {
        pin = (pin + slot) % 4;
        slot = b->bdf >> 3 & 31;
    }
    if (!q35)
        return piix_irq[(slot + pin + 3) % 4];
    if (slot < 25) /* ICH9: PIRQ E to H by slot; the chipset's own slots by pin */
        return 20 + (slot + pin) % 4;
    return slot == 30 ? 20 + pin : 16 + pin;
}

void pci_init(int is_q35)
{
    if (is_q35) {
        pci_write(0, Q35_PCIEXBAR + 4, 4, 0);
        pci_write(0, Q35_PCIEXBAR, 4, ECAM_BASE | 1);
        q35 = 1;
    } else {
        for (int i = 0; i < 4; i++)
            pci_write(PIIX_BDF, PIIX_PIRQRC + i, 1, piix_irq[i]);
    }
    if (pci_read(0, 0, 2) != 0x8086)
        process_lost("its PCI host bridge does not answer");
    assign_init();
}

/* ---- the list ---- */
struct qemu_pci *qemu_pci_first(void)
{
    return __atomic_load_n(&functions, __ATOMIC_ACQUIRE);
}

struct qemu_pci *qemu_pci_find(unsigned bdf)
{
    for (struct qemu_pci *f = qemu_pci_first(); f; f = f->next)
        if (f->bdf == bdf)
            return f;
    return NULL;
}

struct qemu_pci *pci_find_id(const char *id)
{
    for (struct qemu_pci *f = qemu_pci_first(); f; f = f->next)
        if (!strcmp(f->id, id))
            return f;
    return NULL;
}

struct qemu_pci *pci_ivshmem(void)
{
    return ivshmem ? &ivshmem->pub : NULL;
}

static void list_add(struct qemu_pci *f)
{
    struct qemu_pci **at = &functions;
    lx_mutex_lock(&list_lock);
    while (*at && (*at)->bdf < f->bdf)
        at = &(*at)->next;
    f->next = *at;
    __atomic_store_n(at, f, __ATOMIC_RELEASE);
    lx_mutex_unlock(&list_lock);
}

void pci_forget(struct qemu_pci *f)
{
    struct qemu_pci **at = &functions;
    lx_mutex_lock(&list_lock);
    f->present = 0;
    while (*at && *at != f)
        at = &(*at)->next;
    if (*at)
        __atomic_store_n(at, f->next, __ATOMIC_RELEASE);
    lx_mutex_unlock(&list_lock);
    irq_free_function(f);
    doorbell_forget(f);
    assign_release(f);
}

/* ---- enumeration ---- */
static void read_header(struct qemu_pci *f)
{
    unsigned bdf = f->bdf;
    uint32_t id = pci_read(bdf, 0, 4), class = pci_read(bdf, 8, 4);
    f->vendor = id;
    f->device = id >> 16;
    f->revision = class;
    f->class_code = class >> 8;
    f->header = pci_read(bdf, 0x0e, 1) & 0x7f;
    if (f->header == 0) {
        f->subvendor = pci_read(bdf, 0x2c, 2);
        f->subdevice = pci_read(bdf, 0x2e, 2);
    }
    f->pin = without_pin(bdf) ? 0 : pci_read(bdf, INTERRUPT_PIN, 1);
    f->line = line_of(f);
    f->msix_cap = pci_capability(bdf, CAP_MSIX, 0);
    if (f->msix_cap)
        f->msix_count = (pci_read(bdf, f->msix_cap + 2, 2) & 0x7ff) + 1;
}

static void learn_table(struct pci_private *p)
{
    struct qemu_pci *f = &p->pub;
    if (!f->msix_cap)
        return;
    uint32_t where = pci_read(f->bdf, f->msix_cap + 4, 4);
    if ((where & 7) < 6 && f->bar[where & 7].kind == QEMU_BAR_MEMORY)
        p->table_base = f->bar[where & 7].base + (where & ~7u);
    p->table_shadow = calloc(f->msix_count, 16);
    for (int i = 0; p->table_shadow && i < f->msix_count; i++)
        p->table_shadow[16 * i + 12] = 1; /* every entry masked, as after reset */
}

static void scan_bus(unsigned bus, struct qemu_pci *bridge);

static void enter_bridge(struct qemu_pci *f)
{
    unsigned bus = ++next_bus;
    f->secondary = bus;
    pci_write(f->bdf, 0x18, 4, 0xff << 16 | bus << 8 | f->bdf >> 8);
    assign_bridge_begin(f);
    scan_bus(bus, f);
    pci_write(f->bdf, 0x1a, 1, next_bus);
    assign_bridge_end(f);
}

static void add_function(unsigned bdf, struct qemu_pci *bridge)
{
    struct pci_private *p = calloc(1, sizeof *p);
    if (!p)
        lx_fatal("no memory for a PCI function");
    struct qemu_pci *f = &p->pub;
    f->bdf = bdf;
    f->bridge = bridge;
    f->present = 1;
    read_header(f);
    assign_function(f);
    for (int i = 0; i < 6; i++)
        if (f->bar[i].kind == QEMU_BAR_MEMORY)
            register_open_window(&f->bar[i]);
    learn_table(p);
    if (hidden(bdf)) {
        ivshmem = p;
        return;
    }
    list_add(f);
    if (f->header == 1)
        enter_bridge(f);
    doorbell_learn(f);
    p->command = pci_read(bdf, 4, 2);
}

static void scan_function(unsigned bdf, struct qemu_pci *bridge)
{
    struct qemu_pci *known = qemu_pci_find(bdf);
    if (known && known->header == 1)
        scan_bus(known->secondary, known);
    else if (!known && pci_read(bdf, 0, 2) != 0xffff && !(hidden(bdf) && ivshmem))
        add_function(bdf, bridge);
}

static void scan_bus(unsigned bus, struct qemu_pci *bridge)
{
    for (unsigned slot = 0; slot < 32; slot++) {
        unsigned bdf = bus << 8 | slot << 3;
        if (pci_read(bdf, 0, 2) == 0xffff)
            continue;
        int multi = pci_read(bdf, 0x0e, 1) & 0x80;
        for (unsigned fn = 0; fn < (multi ? 8 : 1); fn++)
            scan_function(bdf + fn, bridge);
    }
}

/* The monitor knows which -device a function is. */
static void name_devices(json_t *devices)
{
    size_t i;
    json_t *d;
    json_array_foreach(devices, i, d)
    {
        unsigned bdf = json_integer_value(json_object_get(d, "bus")) << 8 |
                       json_integer_value(json_object_get(d, "slot")) << 3 |
                       json_integer_value(json_object_get(d, "function"));
        const char *id = json_string_value(json_object_get(d, "qdev_id"));
        struct qemu_pci *f = qemu_pci_find(bdf);
        if (f && id)
            snprintf(f->id, sizeof f->id, "%s", id);
        name_devices(json_object_get(json_object_get(d, "pci_bridge"), "devices"));
    }
}

void pci_scan(void)
{
    size_t i;
    json_t *bus;
    scan_bus(0, NULL);
    json_t *buses = qmp_call("query-pci", NULL);
    if (!buses)
        lx_fatal("QEMU's monitor: query-pci: %s", qemu_error());
    json_array_foreach(buses, i, bus) name_devices(json_object_get(bus, "devices"));
    json_decref(buses);
}
