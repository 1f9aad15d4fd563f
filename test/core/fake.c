// SPDX-License-Identifier: BSD-3-Clause
/* The fake device's registers (4.1.4, 4.1.4.10) and the HAL. */
#include "fake.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int tap_failed;

static struct hal_dev *latest; /* of fake_init() */
static uint64_t waited, now;

void tap(bool ok, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    printf("%sok - core %u-bit: ", ok ? "" : "not ", (unsigned)sizeof(void *) * 8);
    vprintf(format, ap);
    printf("\n");
    va_end(ap);
    tap_failed |= !ok;
}

static void die(const char *what)
{
    printf("not ok - core %u-bit: %s\n", (unsigned)sizeof(void *) * 8, what);
    fflush(stdout);
    abort();
}

static const struct fake_layout plain_layout = {
    .bar = 4,
    .common = 0x0,
    .common_length = sizeof(struct virtio_pci_common_cfg),
    .isr = 0x1000,
    .config = 0x2000,
    .notify = 0x3000,
    .notify_step = 4,
    .size = 0x4000,
};
enum { MSIX_AT = 0x98, LEGACY_BAR_SIZE = 64 };

static void put(uint8_t *p, unsigned width, uint64_t value)
{
    memcpy(p, &value, width);
}

void fake_cap(struct hal_dev *f, uint8_t at, uint8_t next, uint8_t type, uint8_t bar, uint32_t offset,
              uint32_t length)
{
    uint8_t *c = f->pci + at;

    memset(c, 0, type == VIRTIO_PCI_CAP_NOTIFY_CFG ? 20 : 16);
    c[0] = 9;
    c[1] = next;
    c[2] = type == VIRTIO_PCI_CAP_NOTIFY_CFG ? 20 : 16;
    c[3] = type;
    c[4] = bar;
    put(c + 8, 4, offset);
    put(c + 12, 4, length);
    if (type == VIRTIO_PCI_CAP_NOTIFY_CFG)
        put(c + 16, 4, f->at.notify_step);
}

void fake_init(struct hal_dev *f, const char *kind, uint64_t features, uint16_t num)
{
    bool modern = strcmp(kind, "legacy"), legacy = strcmp(kind, "modern");

    memset(f, 0, sizeof *f);
    latest = f;
    f->at = plain_layout;
    put(f->pci, 2, 0x1af4);
    put(f->pci + 2, 2, legacy ? 0x1000 : 0x1041);
    put(f->pci + 6, 2, 0x10);
    f->pci[8] = legacy ? 0 : 1;
    put(f->pci + 0x2e, 2, VIRTIO_ID_NETWORK);
    f->pci[0x34] = MSIX_AT;
    f->pci[MSIX_AT] = 0x11;
    f->pci[MSIX_AT + 1] = modern ? 0x84 : 0;
    f->features = features | (modern ? VIO_BIT(VIRTIO_F_VERSION_1) : 0);
    if (legacy) {
        f->bar[0].size = LEGACY_BAR_SIZE;
        f->bar[0].io = true;
    }
    if (modern) {
        f->bar[4].size = f->at.size;
        fake_cap(f, 0x84, 0x70, VIRTIO_PCI_CAP_PCI_CFG, 0, 0, 0);
        fake_cap(f, 0x70, 0x60, VIRTIO_PCI_CAP_NOTIFY_CFG, 4, f->at.notify, 0x1000);
        fake_cap(f, 0x60, 0x50, VIRTIO_PCI_CAP_DEVICE_CFG, 4, f->at.config, 0x1000);
        fake_cap(f, 0x50, 0x40, VIRTIO_PCI_CAP_ISR_CFG, 4, f->at.isr, 0x1000);
        fake_cap(f, 0x40, 0x00, VIRTIO_PCI_CAP_COMMON_CFG, 4, f->at.common, 0x1000);
    }
    for (unsigned i = 0; i < FAKE_QUEUES; i++)
        f->queue[i] = (struct fake_queue){
            .size = num, .num = num, .vector = VIRTIO_MSI_NO_VECTOR, .notify_off = (uint16_t)i};
    if (!(features & VIO_BIT(VIRTIO_NET_F_CTRL_VQ))) /* queue 2 is the control queue */
        f->queue[FAKE_QUEUES - 1].size = f->queue[FAKE_QUEUES - 1].num = 0;
    f->config_vector = VIRTIO_MSI_NO_VECTOR;
    f->next_pa = 0x23456000; /* unlike any pointer; grows past 4 GB at once on purpose */
    memcpy(f->config, "\x52\x54\x00\x12\x34\x56\x01\x00", 8);
}

void fake_set_msix(struct hal_dev *f, bool on)
{
    put(f->pci + MSIX_AT + 2, 2, on ? 0x8002 : 0x0002);
}

static bool msix(const struct hal_dev *f)
{
    return f->pci[MSIX_AT + 3] & 0x80;
}

static void reset_queue(struct fake_queue *q)
{
    *q = (struct fake_queue){.size = q->size,
                             .num = q->size,
                             .vector = VIRTIO_MSI_NO_VECTOR,
                             .notify_off = q->notify_off,
                             .kicks = q->kicks,
                             .stuck = q->stuck};
}

static void reset(struct hal_dev *f)
{
    f->resets++;
    f->driver_features = 0;
    f->isr = 0;
    f->irq &= f->ways.reset_leaves_irq;
    f->queue_select = 0;
    f->config_vector = VIRTIO_MSI_NO_VECTOR;
    for (unsigned i = 0; i < FAKE_QUEUES; i++)
        reset_queue(&f->queue[i]);
}

void fake_reset(struct hal_dev *f)
{
    if (f->reset_hangs) { /* it goes on with what it has */
        f->resets++;
        f->status |= 1;
        return;
    }
    reset(f);
    f->status = 0;
}

static void write_status(struct hal_dev *f, uint8_t value)
{
    if (!value) {
        fake_reset(f);
        return;
    }
    f->status = value;
    if (f->refuses_features || (f->driver_features & f->demands) != f->demands)
        f->status &= (uint8_t)~VIRTIO_STATUS_FEATURES_OK;
    if (f->needs_reset && (value & VIRTIO_STATUS_DRIVER_OK))
        f->status |= VIRTIO_STATUS_DEVICE_NEEDS_RESET;
}

static uint8_t read_isr(struct hal_dev *f)
{
    uint8_t isr = f->isr;

    f->isr = 0;
    f->irq = false;
    return isr;
}

void fake_interrupt(struct hal_dev *f, uint8_t cause)
{
    if (f->ways.isr_config_both && (cause & VIRTIO_ISR_CONFIG))
        cause |= VIRTIO_ISR_QUEUE;
    f->isr = f->ways.isr_replaced ? cause : f->isr | cause;
    f->irq = true;
}

/* 4.1.3.1: a field is read in one access, of its own width or less; no access spans two (5.1.4). */
static void require_one_field(uint32_t at, unsigned width)
{
    static const uint8_t ends[] = {6, 8, 10, 12, 16, 17};

    for (unsigned i = 0; i < sizeof ends; i++)
        if (at < ends[i] && at + width > ends[i])
            die("a configuration read across two fields");
}

static uint32_t read_config(struct hal_dev *f, uint32_t at, unsigned width, uint32_t outside)
{
    uint32_t value = 0;

    require_one_field(at, width);
    if (f->ways.config_bytes && at + width > f->ways.config_bytes)
        return outside;

    if (f->config_flickers || f->config_changes) {
        f->generation++;
        f->config[at]++;
        f->config_changes -= f->config_changes != 0;
    }
    if (at + width <= sizeof f->config)
        memcpy(&value, f->config + at, width);
    return value;
}

static uint16_t vector_as_taken(const struct hal_dev *f, uint32_t value)
{
    return f->refuses_vectors || !msix(f) ? VIRTIO_MSI_NO_VECTOR : (uint16_t)value;
}

/* A device's own registers answer to accesses of their own width alone; all real ones agree on that. */
static void require_width(unsigned width, unsigned own)
{
    if (width != own)
        die("a register access of another width than the register's");
}

static void kick(struct hal_dev *f, uint32_t queue)
{
    if (queue >= FAKE_QUEUES || !f->queue[queue].enabled)
        die("a doorbell for a queue that is not enabled");
    if (f->loses_doorbells)
        return;
    f->queue[queue].kicks++;
    if (queue == 2 && f->driver_features & VIO_BIT(VIRTIO_NET_F_CTRL_VQ))
        fake_control(f);
}

static struct fake_queue *selected(struct hal_dev *f)
{
    static struct fake_queue none;

    none = (struct fake_queue){0};
    return f->queue_select < FAKE_QUEUES ? &f->queue[f->queue_select] : &none;
}

static void select_queue(struct hal_dev *f, uint32_t queue)
{
    if (queue < FAKE_QUEUES || !f->ways.select_ignored)
        f->queue_select = (uint16_t)queue;
}

static void accept_features(struct hal_dev *f, uint64_t features)
{
    f->driver_features = features & f->ways.bad ? f->ways.minimal : features;
}

#define AT(field) offsetof(struct virtio_pci_common_cfg, field)

/* Widths of the common structure's fields; its 64-bit ones go by halves (4.1.3.1). */
static unsigned common_width(uint32_t at)
{
    if (at < AT(config_msix_vector) || (at >= AT(queue_desc) && at < AT(queue_device) + 8))
        return 4;
    return at == AT(device_status) || at == AT(config_generation) ? 1 : 2;
}

static uint32_t common_read(struct hal_dev *f, uint32_t at, unsigned width)
{
    struct fake_queue *q = selected(f);

    require_width(width, common_width(at));
    switch (at) {
    case AT(device_feature):
        return f->feature_select < 2 ? (uint32_t)(f->features >> (32 * f->feature_select)) : 0;
    case AT(config_msix_vector):
        return f->config_vector;
    case AT(num_queues):
        if (f->ways.num_is_limit)
            return 24;
        return f->features & VIO_BIT(VIRTIO_NET_F_CTRL_VQ) ? FAKE_QUEUES : FAKE_QUEUES - 1;
    case AT(device_status):
        return f->status;
    case AT(config_generation):
        return f->generation;
    case AT(queue_size):
        return q->num;
    case AT(queue_msix_vector):
        return q->vector;
    case AT(queue_enable):
        return q->enabled;
    case AT(queue_notify_off):
        return q->notify_off;
    case AT(queue_reset):
        return q->stuck;
    }
    die("read of a common register that the driver does not need");
    return 0;
}

static void set_half(uint64_t *field, bool high, uint32_t value)
{
    *field = high ? (*field & 0xffffffff) | (uint64_t)value << 32 : (*field & ~0xffffffffULL) | value;
}

static void common_write(struct hal_dev *f, uint32_t at, unsigned width, uint32_t value)
{
    struct fake_queue *q = selected(f);

    require_width(width, common_width(at));
    switch (at) {
    case AT(device_feature_select):
    case AT(driver_feature_select):
        f->feature_select = value;
        return;
    case AT(driver_feature):
        set_half(&f->driver_features, f->feature_select == 1, value);
        return;
    case AT(config_msix_vector):
        f->config_vector = vector_as_taken(f, value);
        return;
    case AT(device_status):
        write_status(f, (uint8_t)value);
        return;
    case AT(queue_select):
        select_queue(f, value);
        return;
    case AT(queue_size):
        q->num = (uint16_t)value;
        return;
    case AT(queue_reset):
        reset_queue(q);
        return;
    case AT(queue_msix_vector):
        q->vector = vector_as_taken(f, value);
        return;
    case AT(queue_enable):
        q->enabled = true;
        return;
    case AT(queue_desc):
    case AT(queue_desc) + 4:
        set_half(&q->desc, at & 4, value);
        return;
    case AT(queue_driver):
    case AT(queue_driver) + 4:
        set_half(&q->avail, at & 4, value);
        return;
    case AT(queue_device):
    case AT(queue_device) + 4:
        set_half(&q->used, at & 4, value);
        return;
    }
    die("write to a common register that the driver has no business with");
}

static void legacy_place(struct fake_queue *q, uint32_t pfn)
{
    q->desc = (uint64_t)pfn << 12;
    q->avail = q->desc + 16u * q->num;
    q->used = (q->avail + 4 + 2u * q->num + 2 + 4095) & ~4095ULL;
    q->enabled = pfn != 0;
}

static unsigned legacy_width(uint32_t at)
{
    return at < 12 ? 4 : at == 18 || at == 19 ? 1 : 2;
}

static uint32_t legacy_read(struct hal_dev *f, uint32_t at, unsigned width)
{
    uint32_t config = msix(f) ? 24 : 20;

    if (at >= config)
        return read_config(f, at - config, width, width == 4 ? ~0u : (1u << (8 * width)) - 1);
    require_width(width, legacy_width(at));
    switch (at) {
    case 0:
        return (uint32_t)f->features;
    case 12:
        return selected(f)->num;
    case 18:
        return f->status;
    case 19:
        return read_isr(f);
    case 20:
        return f->config_vector;
    case 22:
        return selected(f)->vector;
    }
    die("read of a legacy register that the driver does not need");
    return 0;
}

static void legacy_write(struct hal_dev *f, uint32_t at, unsigned width, uint32_t value)
{
    require_width(width, legacy_width(at));
    switch (at) {
    case 4:
        accept_features(f, value);
        return;
    case 8:
        if (!value && f->ways.pfn0_resets)
            reset(f);
        else
            legacy_place(selected(f), value);
        return;
    case 14:
        select_queue(f, value);
        return;
    case 16:
        kick(f, value);
        return;
    case 18:
        write_status(f, (uint8_t)value);
        return;
    case 20:
        if (msix(f))
            f->config_vector = vector_as_taken(f, value);
        return;
    case 22:
        if (msix(f))
            selected(f)->vector = vector_as_taken(f, value);
        return;
    }
    die("write to a legacy register that the driver has no business with");
}

/* 4.1.5.2: 16 bits, the queue; with NOTIFICATION_DATA 32, the queue and how far it is filled. */
static void modern_kick(struct hal_dev *f, uint32_t at, unsigned width, uint32_t value)
{
    bool data = f->driver_features & VIO_BIT(VIRTIO_F_NOTIFICATION_DATA);
    uint32_t queue = value & 0xffff;

    if (width != (data ? 4 : 2))
        die("a doorbell of the wrong width");
    if (queue >= FAKE_QUEUES || f->queue[queue].notify_off * f->at.notify_step != at)
        die("a doorbell at another queue's place");
    if (data && f->queue[queue].enabled && !f->queue[queue].spoiled && value >> 16 != fake_filled(f, queue))
        die("a doorbell that tells of another place than the ring's end");
    kick(f, queue);
    f->queue[queue].bell_data = (uint16_t)(value >> 16);
}

static bool inside(uint32_t at, uint32_t begin, uint32_t length)
{
    return at >= begin && at - begin < length;
}

static uint32_t modern_read(struct hal_dev *f, uint32_t at, unsigned width)
{
    uint32_t value;

    if (inside(at, f->at.common, f->at.common_length))
        return common_read(f, at - f->at.common, width);
    if (at == f->at.isr && width == 1)
        return read_isr(f);
    if (!inside(at, f->at.config, sizeof f->config))
        die("a read outside the structures");
    value = read_config(f, at - f->at.config, width, 0);
    f->irq &= !f->ways.config_lowers;
    return value;
}

static void modern_write(struct hal_dev *f, uint32_t at, unsigned width, uint32_t value)
{
    if (inside(at, f->at.common, f->at.common_length)) {
        common_write(f, at - f->at.common, width, value);
        return;
    }
    modern_kick(f, at - f->at.notify, width, value); /* what is left to write to is a doorbell */
}

/* The HAL. */

static void check_access(const struct hal_bar *bar, uint32_t at, unsigned width)
{
    if (!bar->os || (uint64_t)at + width > bar->size || at % width)
        die("a register access outside its BAR, or not aligned");
}

uint32_t hal_read(const struct hal_bar *bar, uint32_t at, unsigned width)
{
    struct hal_dev *f = bar->os;

    check_access(bar, at, width);
    if (f->gone)
        return width == 4 ? 0xffffffff : (1u << (8 * width)) - 1;
    return bar->is_io ? legacy_read(f, at, width) : modern_read(f, at, width);
}

void hal_write(const struct hal_bar *bar, uint32_t at, unsigned width, uint32_t value)
{
    struct hal_dev *f = bar->os;

    check_access(bar, at, width);
    if (f->gone)
        return;
    if (bar->is_io)
        legacy_write(f, at, width, value);
    else
        modern_write(f, at, width, value);
}

uint32_t hal_pci_read(struct hal_dev *f, unsigned at, unsigned width)
{
    uint32_t value = 0;

    if (at % width || at + width > sizeof f->pci)
        die("a PCI configuration read out of range, or not aligned");
    if (f->gone)
        return width == 4 ? 0xffffffff : (1u << (8 * width)) - 1;
    memcpy(&value, f->pci + at, width);
    return value;
}

int hal_bar_map(struct hal_dev *f, unsigned index, struct hal_bar *bar)
{
    if (index >= 6 || !f->bar[index].size)
        return VIO_EDEVICE;
    *bar = (struct hal_bar){.size = f->bar[index].size, .is_io = f->bar[index].io, .os = f};
    f->maps++;
    return 0;
}

void hal_bar_unmap(struct hal_dev *f, struct hal_bar *bar)
{
    f->maps -= bar->size != 0;
    *bar = (struct hal_bar){0};
}

static bool alloc_fails(struct hal_dev *f)
{
    return f->fail_alloc && --f->fail_alloc == 0;
}

static struct fake_region *add_region(struct hal_dev *f, void *va, uint32_t size, uint64_t align)
{
    for (unsigned i = 0; i < FAKE_REGIONS; i++) {
        struct fake_region *r = &f->region[i];
        if (r->va)
            continue;
        *r = (struct fake_region){(f->next_pa + align - 1) & ~(align - 1), va, size, false};
        f->next_pa = r->pa + size + 0x100000000ULL;
        return r;
    }
    die("more DMA regions than the fake can hold");
    return NULL;
}

int hal_dma_alloc(struct hal_dev *f, struct hal_dma *dma, uint32_t size, uint32_t align, unsigned addr_bits)
{
    struct fake_region *r;

    *dma = (struct hal_dma){0};
    if (alloc_fails(f))
        return VIO_ENOMEM;
    r = add_region(f, calloc(1, size), size, align);
    if (addr_bits < 64 && (r->pa + size) >> addr_bits)
        die("the fake ran out of low addresses");
    *dma = (struct hal_dma){r->va, r->pa, size, r};
    return 0;
}

void hal_dma_free(struct hal_dev *f, struct hal_dma *dma)
{
    struct fake_region *r = dma->os;

    if (!dma->va)
        return;
    for (unsigned i = 0; i < FAKE_QUEUES; i++)
        if (f->queue[i].enabled && f->status && !f->gone)
            die("DMA memory is freed while the device may use it");
    free(r->va);
    *r = (struct fake_region){0};
    *dma = (struct hal_dma){0};
}

void *fake_lend(struct hal_dev *f, void *va, uint32_t size, uint64_t *pa)
{
    struct fake_region *r = add_region(f, va, size, 1);

    r->lent = true;
    *pa = r->pa;
    return va;
}

/* The HAL gives private memory no device to belong to: one account for the program. */
static long private_bytes;
static struct hal_dev *alloc_failer;

void *hal_alloc(uint32_t size)
{
    if (alloc_failer && alloc_fails(alloc_failer))
        return NULL;
    private_bytes += size;
    return calloc(1, size);
}

void hal_free(void *p, uint32_t size)
{
    private_bytes -= p ? size : 0;
    free(p);
}

void fake_fail_alloc(struct hal_dev *f, int nth)
{
    f->fail_alloc = nth;
    alloc_failer = nth ? f : NULL;
}

const char *fake_leak(struct hal_dev *f)
{
    for (unsigned i = 0; i < FAKE_REGIONS; i++)
        if (f->region[i].va && !f->region[i].lent)
            return "DMA memory";
    return private_bytes ? "private memory" : f->maps ? "a mapped BAR" : NULL;
}

void fake_reclaim(struct hal_dev *f)
{
    for (unsigned i = 0; i < FAKE_REGIONS; i++)
        if (!f->region[i].lent)
            free(f->region[i].va);
    memset(f->region, 0, sizeof f->region);
}

/* hal_time() moves by itself; here the device gets its turn. */
void hal_delay(unsigned us)
{
    waited += us;
    if (latest && latest->on_delay)
        latest->on_delay(latest);
}

uint64_t fake_waited(void)
{
    return waited;
}

void fake_pass(uint64_t us)
{
    now += us;
}

uint64_t hal_time(void)
{
    if (latest && latest->on_time)
        latest->on_time(latest);
    return now += 1000;
}

void hal_log(struct hal_dev *f, enum hal_level level, const char *format, ...)
{
    va_list ap;

    (void)level;
    va_start(ap, format);
    vsnprintf(f->log, sizeof f->log, format, ap);
    va_end(ap);
}

void *fake_at(struct hal_dev *f, uint64_t pa, uint64_t size)
{
    for (unsigned i = 0; i < FAKE_REGIONS; i++) {
        struct fake_region *r = &f->region[i];
        if (r->va && pa >= r->pa && pa + size <= r->pa + r->size)
            return r->va + (pa - r->pa);
    }
    die("the driver gave the device an address outside its DMA memory");
    return NULL;
}
