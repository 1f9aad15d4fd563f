// SPDX-License-Identifier: BSD-3-Clause
/*
 * The transport-independent half of vio_pci.h: discovery (4.1.2), the life cycle (3.1.1), consistent
 * configuration reads (2.5.4) and interrupt vectors (4.1.5.1.2).
 */
#include "vio_pci.h"

enum {
    PCI_VENDOR_ID = 0x00,
    PCI_DEVICE_ID = 0x02,
    PCI_STATUS = 0x06,
    PCI_SUBSYSTEM_ID = 0x2e,
    PCI_CAP_POINTER = 0x34,
    PCI_STATUS_CAP_LIST = 0x10,
    PCI_CAP_MSIX = 0x11,
    PCI_CAP_FIRST = 0x40, /* capabilities lie above the standard header */
    PCI_CAPS_MAX = 48,    /* (256 - 64) / 4: more steps than that are a loop */
    MSIX_CONTROL = 2,
    MSIX_CONTROL_ENABLE = 0x8000,
    STATUS_GONE = 0xff, /* no device sets all status bits (2.1): nobody answers */
    RESET_TIMEOUT_US = 2000000,
    RESET_POLL_US = 500, /* short enough to be a busy wait: the kernel debugger, too, resets the device */
    CONFIG_TRIES = 16,
};

uint8_t vio_pci_find_cap(struct vio_pci *p, uint8_t id, uint8_t after)
{
    unsigned at;

    if (!(hal_pci_read(p->hal, PCI_STATUS, 2) & PCI_STATUS_CAP_LIST))
        return 0;
    at = hal_pci_read(p->hal, after ? after + 1u : PCI_CAP_POINTER, 1) & 0xfc;
    for (unsigned i = 0; i < PCI_CAPS_MAX && at >= PCI_CAP_FIRST; i++) {
        if (hal_pci_read(p->hal, at, 1) == id)
            return (uint8_t)at;
        at = hal_pci_read(p->hal, at + 1, 1) & 0xfc;
    }
    return 0;
}

int vio_pci_map(struct vio_pci *p, unsigned index)
{
    return p->bar[index].size ? 0 : hal_bar_map(p->hal, index, &p->bar[index]);
}

static void unmap_all(struct vio_pci *p)
{
    for (unsigned i = 0; i < VIO_COUNT(p->bar); i++)
        hal_bar_unmap(p->hal, &p->bar[i]);
}

/* 4.1.2: a modern id names the type itself; a transitional device has it in the subsystem id. */
static uint16_t device_type(struct vio_pci *p)
{
    if (p->pci_device >= VIRTIO_PCI_DEVICE_MODERN)
        return (uint16_t)(p->pci_device - VIRTIO_PCI_DEVICE_MODERN);
    return (uint16_t)hal_pci_read(p->hal, PCI_SUBSYSTEM_ID, 2);
}

int vio_pci_open(struct vio_pci *p, struct hal_dev *hal, bool legacy)
{
    int error;

    *p = (struct vio_pci){.hal = hal};
    p->pci_device = (uint16_t)hal_pci_read(hal, PCI_DEVICE_ID, 2);
    if (hal_pci_read(hal, PCI_VENDOR_ID, 2) != VIRTIO_PCI_VENDOR ||
        p->pci_device < VIRTIO_PCI_DEVICE_LEGACY || p->pci_device > VIRTIO_PCI_DEVICE_LAST)
        return VIO_EDEVICE;
    p->device_type = device_type(p);
    p->msix_cap = vio_pci_find_cap(p, PCI_CAP_MSIX, 0);

    error = legacy ? VIO_EDEVICE : vio_pci_modern_probe(p);
    if (error == VIO_EDEVICE) {
        unmap_all(p);
        error = vio_pci_legacy_probe(p);
    }
    if (error)
        unmap_all(p);
    return error;
}

void vio_pci_close(struct vio_pci *p)
{
    if (p->hal)
        unmap_all(p);
    *p = (struct vio_pci){0};
}

static int reset(struct vio_pci *p)
{
    uint64_t start = hal_time();

    p->resets++;
    p->status = 0;
    p->ops->set_status(p, 0);
    for (;;) {
        uint8_t status = p->ops->get_status(p);
        if (!status) {
            /* VirtualBox 4.3 keeps INTx raised over a reset; whoever shares the line would hear it for ever.
             */
            if (!p->vectors)
                (void)p->ops->isr(p);
            return 0;
        }
        if (status == STATUS_GONE)
            return VIO_EGONE;
        if (hal_time() - start > RESET_TIMEOUT_US)
            return VIO_ETIMEOUT;
        hal_delay(RESET_POLL_US);
    }
}

int vio_pci_reset(struct vio_pci *p)
{
    int error = reset(p);

    p->stuck = error == VIO_ETIMEOUT;
    return error;
}

bool vio_pci_quiet(struct vio_pci *p)
{
    return !p->stuck || vio_pci_reset(p) != VIO_ETIMEOUT;
}

static void add_status(struct vio_pci *p, uint8_t bits)
{
    p->status |= bits;
    p->ops->set_status(p, p->status);
}

int vio_pci_health(struct vio_pci *p)
{
    uint8_t status = p->ops->get_status(p);

    if (status == STATUS_GONE)
        return VIO_EGONE;
    /* A status that lacks what was set: somebody else has reset the device. */
    return status & VIRTIO_STATUS_DEVICE_NEEDS_RESET || (p->status & ~status) ? VIO_ERESET : 0;
}

int vio_pci_begin(struct vio_pci *p)
{
    int error = vio_pci_reset(p);
    if (error)
        return error;
    add_status(p, VIRTIO_STATUS_ACKNOWLEDGE);
    add_status(p, VIRTIO_STATUS_DRIVER);
    return vio_pci_health(p);
}

/* 2.2.3, 3.1.1 steps 5 and 6: the device has the last word. */
static int confirm_features(struct vio_pci *p)
{
    uint8_t status;

    if (!p->ops->features_ok)
        return 0;
    add_status(p, VIRTIO_STATUS_FEATURES_OK);
    status = p->ops->get_status(p);
    if (status == STATUS_GONE)
        return VIO_EGONE;
    if (status & VIRTIO_STATUS_FEATURES_OK)
        return 0;
    hal_log(p->hal, HAL_ERROR, "the device refuses features 0x%llx", (unsigned long long)p->features);
    return VIO_EFEATURE;
}

int vio_pci_negotiate(struct vio_pci *p, struct vio_feature_table device, uint64_t deny)
{
    const struct vio_feature *missing;

    p->tables[0] = device;
    p->tables[1] = p->ops->features;
    p->offered = p->ops->get_features(p);
    if (vio_feature_choose(p->tables, VIO_COUNT(p->tables), p->offered, deny, &p->features, &missing)) {
        hal_log(p->hal, HAL_ERROR, "required feature %s (%s) is not available", missing->name, missing->spec);
        return VIO_EFEATURE;
    }
    hal_log(p->hal, HAL_DEBUG, "%s device of type %u: features 0x%llx of 0x%llx", p->ops->name,
            p->device_type, (unsigned long long)p->features, (unsigned long long)p->offered);
    p->ops->set_features(p, p->features);
    return confirm_features(p);
}

static uint32_t field_mask(unsigned width)
{
    return width == 4 ? 0xffffffffu : (1u << (8 * width)) - 1;
}

static void read_fields(const struct hal_bar *bar, uint32_t at, uint8_t *out, unsigned count, unsigned width)
{
    for (unsigned i = 0; i < count; i++) {
        uint32_t value = hal_read(bar, at + i * width, width) & field_mask(width);
        for (unsigned b = 0; b < width; b++)
            *out++ = (uint8_t)(value >> (8 * b));
    }
}

static bool equal(const uint8_t *a, const uint8_t *b, unsigned n)
{
    uint8_t differ = 0;

    for (unsigned i = 0; i < n; i++)
        differ |= (uint8_t)(a[i] ^ b[i]);
    return !differ;
}

int vio_pci_config(struct vio_pci *p, uint32_t offset, void *fields, unsigned count, unsigned width)
{
    uint8_t again[64], *out = (uint8_t *)fields;
    struct hal_bar bar;
    uint32_t base, length, bytes = count * width;

    if (count > sizeof again || bytes > sizeof again)
        return VIO_EINVAL;
    for (unsigned i = 0; i < CONFIG_TRIES; i++) {
        /* Located anew each time: on legacy devices it moves with MSI-X Enable. */
        if (!p->ops->config_locate(p, &bar, &base, &length) || offset > length || bytes > length - offset)
            return VIO_EDEVICE;
        uint8_t before = p->ops->generation ? p->ops->config_generation(p) : 0;
        read_fields(&bar, base + offset, out, count, width);
        if (p->ops->generation) {
            if (p->ops->config_generation(p) == before)
                return 0;
        } else {
            read_fields(&bar, base + offset, again, count, width);
            if (equal(out, again, bytes))
                return 0;
        }
    }
    return VIO_EDEVICE;
}

bool vio_pci_msix_enabled(struct vio_pci *p)
{
    /* All-ones, from a device that is gone, does not count as enabled. */
    uint32_t control = p->msix_cap ? hal_pci_read(p->hal, p->msix_cap + MSIX_CONTROL, 2) : 0;

    return control != 0xffff && (control & MSIX_CONTROL_ENABLE);
}

int vio_pci_set_vectors(struct vio_pci *p, uint16_t vectors)
{
    p->vectors = vectors;
    if (vio_pci_msix_enabled(p) != (vectors != 0)) {
        hal_log(p->hal, HAL_ERROR, "MSI-X is %s in the device, and the driver is set up for %s",
                vectors ? "off" : "on", vectors ? "MSI-X" : "INTx");
        return VIO_EVECTOR;
    }
    return vectors && p->ops->set_config_vector(p, 0) != 0 ? VIO_EVECTOR : 0;
}

uint16_t vio_pci_queue_vector(const struct vio_pci *p, uint16_t index)
{
    return p->vectors < 2 ? 0 : (uint16_t)(1 + index % (p->vectors - 1));
}

int vio_pci_queue_alloc(struct vio_pci *p, struct vq *q, uint16_t index, uint16_t size_max, uint16_t ind_max)
{
    struct vq_config config = {
        .num = p->ops->queue_size(p, index),
        .index = index,
        .ind_max = vio_pci_has(p, VIRTIO_F_INDIRECT_DESC) ? ind_max : 0,
        .event_idx = vio_pci_has(p, VIRTIO_F_EVENT_IDX),
        .packed = vio_pci_has(p, VIRTIO_F_RING_PACKED),
        .in_order = vio_pci_has(p, VIRTIO_F_IN_ORDER),
        .bell_data = vio_pci_has(p, VIRTIO_F_NOTIFICATION_DATA),
        .addr_bits = p->ops->addr_bits,
    };
    int error;

    if (p->ops->can_shrink && config.num > size_max)
        config.num = size_max;
    error = vq_alloc(q, p->hal, &config);
    if (error)
        hal_log(p->hal, HAL_ERROR, "queue %u of %u entries: %s", index, config.num, vio_strerror(error));
    return error;
}

int vio_pci_queue_enable(struct vio_pci *p, struct vq *q)
{
    uint16_t size = p->ops->queue_size(p, q->index); /* selects the queue */
    uint16_t vector = vio_pci_queue_vector(p, q->index);

    /* A device may not shrink a queue between two lives, and a legacy one cannot be told ours. */
    if (p->ops->can_shrink ? size < q->num : size != q->num)
        return VIO_EDEVICE;
    if (p->vectors && p->ops->set_queue_vector(p, vector) != vector)
        return VIO_EVECTOR;
    hal_log(p->hal, HAL_DEBUG, "queue %u: %u entries at 0x%llx, vector %u of %u", q->index, q->num,
            (unsigned long long)vq_desc_pa(q), vector, p->vectors);
    return p->ops->queue_enable(p, q);
}

int vio_pci_queue_reset(struct vio_pci *p, struct vq *q)
{
    uint64_t start = hal_time();

    if (!vio_pci_has(p, VIRTIO_F_RING_RESET))
        return VIO_EFEATURE;
    (void)p->ops->queue_size(p, q->index); /* selects the queue */
    p->ops->queue_reset(p);
    while (p->ops->queue_resetting(p)) {
        if (p->ops->get_status(p) == STATUS_GONE)
            return VIO_EGONE;
        if (hal_time() - start > RESET_TIMEOUT_US)
            return VIO_ETIMEOUT;
        hal_delay(RESET_POLL_US);
    }
    return 0;
}

int vio_pci_ready(struct vio_pci *p)
{
    add_status(p, VIRTIO_STATUS_DRIVER_OK);
    return vio_pci_health(p);
}

void vio_pci_fail(struct vio_pci *p)
{
    add_status(p, VIRTIO_STATUS_FAILED);
}

uint8_t vio_pci_isr(struct vio_pci *p)
{
    uint8_t isr = p->ops->isr(p);

    /* Only two bits are defined (4.1.4.5): with others set, nobody is there. */
    return isr & ~(VIRTIO_ISR_QUEUE | VIRTIO_ISR_CONFIG) ? 0 : isr;
}
