// SPDX-License-Identifier: BSD-3-Clause
/*
 * The modern transport (4.1.3, 4.1.4): structures anywhere in the BARs, found through vendor-specific
 * capabilities. A capability that points outside its BAR, or is too short for its structure, is skipped as
 * one of unknown type would be; a device without a valid set is not modern.
 */
#include "vio_pci.h"

static const struct vio_feature feature_rows[] = {
    {VIRTIO_F_INDIRECT_DESC, VIO_WANTED, "INDIRECT_DESC", "2.7.5.3", 0, 0},
    {VIRTIO_F_EVENT_IDX, VIO_WANTED, "EVENT_IDX", "2.7.10", 0, 0},
    {VIRTIO_F_VERSION_1, VIO_REQUIRED, "VERSION_1", "6", 0, 0},
    {VIRTIO_F_ACCESS_PLATFORM, VIO_WANTED, "ACCESS_PLATFORM", "6", 0, 0},
    {VIRTIO_F_RING_PACKED, VIO_WANTED, "RING_PACKED", "2.8", 0, 0},
    {VIRTIO_F_IN_ORDER, VIO_WANTED, "IN_ORDER", "2.7.9", 0, 0},
    {VIRTIO_F_ORDER_PLATFORM, VIO_WANTED, "ORDER_PLATFORM", "6", 0, 0},
    {VIRTIO_F_SR_IOV, VIO_KNOWN, "SR_IOV", "6", 0, 0},
    {VIRTIO_F_NOTIFICATION_DATA, VIO_WANTED, "NOTIFICATION_DATA", "6", 0, 0},
    {VIRTIO_F_NOTIF_CONFIG_DATA, VIO_KNOWN, "NOTIF_CONFIG_DATA", "6", 0, 0},
    {VIRTIO_F_RING_RESET, VIO_WANTED, "RING_RESET", "2.6.1", 0, 0},
};

#define COMMON(field) (uint32_t) offsetof(struct virtio_pci_common_cfg, field)

static inline uint32_t in(struct vio_pci *p, uint32_t reg, unsigned width)
{
    return hal_read(&p->common.bar, p->common.offset + reg, width);
}

static inline void out(struct vio_pci *p, uint32_t reg, unsigned width, uint32_t value)
{
    hal_write(&p->common.bar, p->common.offset + reg, width, value);
}

/* 4.1.3.1: 64-bit fields are accessed as two halves. */
static void out64(struct vio_pci *p, uint32_t reg, uint64_t value)
{
    out(p, reg, 4, (uint32_t)value);
    out(p, reg + 4, 4, (uint32_t)(value >> 32));
}

static uint64_t get_features(struct vio_pci *p)
{
    uint64_t features = 0;

    for (unsigned half = 0; half < 2; half++) {
        out(p, COMMON(device_feature_select), 4, half);
        features |= (uint64_t)in(p, COMMON(device_feature), 4) << (32 * half);
    }
    if (p->common.length < sizeof(struct virtio_pci_common_cfg))
        features &= ~VIO_BIT(VIRTIO_F_RING_RESET); /* offered without its register */
    return features;
}

static void set_features(struct vio_pci *p, uint64_t features)
{
    for (unsigned half = 0; half < 2; half++) {
        out(p, COMMON(driver_feature_select), 4, half);
        out(p, COMMON(driver_feature), 4, (uint32_t)(features >> (32 * half)));
    }
}

static uint8_t get_status(struct vio_pci *p)
{
    return (uint8_t)in(p, COMMON(device_status), 1);
}

static void set_status(struct vio_pci *p, uint8_t status)
{
    out(p, COMMON(device_status), 1, status);
}

static uint8_t isr(struct vio_pci *p)
{
    return (uint8_t)hal_read(&p->isr.bar, p->isr.offset, 1);
}

static uint8_t config_generation(struct vio_pci *p)
{
    return (uint8_t)in(p, COMMON(config_generation), 1);
}

static bool config_locate(struct vio_pci *p, struct hal_bar *bar, uint32_t *base, uint32_t *length)
{
    *bar = p->config.bar;
    *base = p->config.offset;
    *length = p->config.length;
    return *length != 0;
}

static uint16_t queue_size(struct vio_pci *p, uint16_t index)
{
    if (index >= (uint16_t)in(p, COMMON(num_queues), 2))
        return 0;
    out(p, COMMON(queue_select), 2, index);
    return (uint16_t)in(p, COMMON(queue_size), 2);
}

static uint16_t set_queue_vector(struct vio_pci *p, uint16_t vector)
{
    out(p, COMMON(queue_msix_vector), 2, vector);
    return (uint16_t)in(p, COMMON(queue_msix_vector), 2);
}

static uint16_t set_config_vector(struct vio_pci *p, uint16_t vector)
{
    out(p, COMMON(config_msix_vector), 2, vector);
    return (uint16_t)in(p, COMMON(config_msix_vector), 2);
}

/* The queue's doorbell (4.1.4.4), which must lie inside the notification structure. */
static int locate_bell(struct vio_pci *p, struct vq *q)
{
    uint64_t at = (uint64_t)(uint16_t)in(p, COMMON(queue_notify_off), 2) * p->notify_multiplier;
    unsigned width = q->bell_data ? 4 : 2;

    if (at + width > p->notify.length || (p->notify.offset + at) & (width - 1))
        return VIO_EDEVICE;
    q->bell = p->notify.bar;
    q->bell_offset = p->notify.offset + (uint32_t)at;
    return 0;
}

static int queue_enable(struct vio_pci *p, struct vq *q)
{
    int error = locate_bell(p, q);
    if (error)
        return error;
    out(p, COMMON(queue_size), 2, q->num);
    out64(p, COMMON(queue_desc), vq_desc_pa(q));
    out64(p, COMMON(queue_driver), vq_avail_pa(q));
    out64(p, COMMON(queue_device), vq_used_pa(q));
    out(p, COMMON(queue_enable), 2, 1); /* last: 4.1.4.3.2 */
    return 0;
}

/* 4.1.4.3.1: reads 1 until the reset has ended. */
static void queue_reset(struct vio_pci *p)
{
    out(p, COMMON(queue_reset), 2, 1);
}

static bool queue_resetting(struct vio_pci *p)
{
    return in(p, COMMON(queue_reset), 2) != 0;
}

static const struct vio_pci_ops modern_ops = {
    .name = "modern",
    .features = {feature_rows, VIO_COUNT(feature_rows)},
    .addr_bits = 64,
    .can_shrink = true,
    .features_ok = true,
    .generation = true,
    .get_features = get_features,
    .set_features = set_features,
    .get_status = get_status,
    .set_status = set_status,
    .isr = isr,
    .config_generation = config_generation,
    .config_locate = config_locate,
    .queue_size = queue_size,
    .queue_enable = queue_enable,
    .queue_reset = queue_reset,
    .queue_resetting = queue_resetting,
    .set_queue_vector = set_queue_vector,
    .set_config_vector = set_config_vector,
};

/* Where a capability's structure goes, how long it must be, and how aligned (4.1.4.1 to 4.1.4.6). */
struct structure {
    uint8_t cfg_type;
    uint8_t align;
    uint8_t min_length;
    uint8_t cap_length;
    size_t region; /* in struct vio_pci */
};
static const struct structure structures[] = {
    {VIRTIO_PCI_CAP_COMMON_CFG, 4, VIRTIO_PCI_COMMON_CFG_SIZE, sizeof(struct virtio_pci_cap),
     offsetof(struct vio_pci, common)},
    {VIRTIO_PCI_CAP_NOTIFY_CFG, 2, 2, sizeof(struct virtio_pci_notify_cap), offsetof(struct vio_pci, notify)},
    {VIRTIO_PCI_CAP_ISR_CFG, 1, 1, sizeof(struct virtio_pci_cap), offsetof(struct vio_pci, isr)},
    {VIRTIO_PCI_CAP_DEVICE_CFG, 4, 1, sizeof(struct virtio_pci_cap), offsetof(struct vio_pci, config)},
};

static uint32_t cap_read(struct vio_pci *p, unsigned cap, size_t field, unsigned width)
{
    return hal_pci_read(p->hal, cap + (unsigned)field, width);
}

/* Takes the structure at capability `cap` if it is valid: 0; VIO_EDEVICE if not; VIO_ENOMEM if its BAR cannot
 * be mapped. */
static int take_structure(struct vio_pci *p, unsigned cap, const struct structure *s)
{
    struct vio_pci_region *r = (struct vio_pci_region *)((char *)p + s->region);
    uint32_t bar = cap_read(p, cap, offsetof(struct virtio_pci_cap, bar), 1);
    uint32_t offset = cap_read(p, cap, offsetof(struct virtio_pci_cap, offset), 4);
    uint32_t length = cap_read(p, cap, offsetof(struct virtio_pci_cap, length), 4);
    int error;

    if (bar >= VIO_COUNT(p->bar) || length < s->min_length || (offset & (s->align - 1)))
        return VIO_EDEVICE;
    error = vio_pci_map(p, bar);
    if (error)
        return error;
    if (offset > p->bar[bar].size || length > p->bar[bar].size - offset)
        return VIO_EDEVICE;
    *r = (struct vio_pci_region){p->bar[bar], offset, length};
    return 0;
}

/* 4.1.4.1: the first valid capability of a type is the one to use. */
static int find_structure(struct vio_pci *p, const struct structure *s)
{
    enum { PCI_CAP_VENDOR = 0x09, PCI_CAPS_MAX = 48 };
    uint8_t cap = 0;

    for (unsigned i = 0; i < PCI_CAPS_MAX; i++) {
        cap = vio_pci_find_cap(p, PCI_CAP_VENDOR, cap);
        if (!cap || cap > 256 - s->cap_length)
            return VIO_EDEVICE;
        if (cap_read(p, cap, offsetof(struct virtio_pci_cap, cfg_type), 1) != s->cfg_type ||
            cap_read(p, cap, offsetof(struct virtio_pci_cap, cap_len), 1) < s->cap_length)
            continue;
        int error = take_structure(p, cap, s);
        if (!error && s->cfg_type == VIRTIO_PCI_CAP_NOTIFY_CFG)
            p->notify_multiplier =
                cap_read(p, cap, offsetof(struct virtio_pci_notify_cap, notify_off_multiplier), 4);
        if (error != VIO_EDEVICE)
            return error;
    }
    return VIO_EDEVICE;
}

int vio_pci_modern_probe(struct vio_pci *p)
{
    for (unsigned i = 0; i < VIO_COUNT(structures); i++) {
        int error = find_structure(p, &structures[i]);
        /* Only device types without configuration lack that structure (4.1.4.6). */
        if (error && !(error == VIO_EDEVICE && structures[i].cfg_type == VIRTIO_PCI_CAP_DEVICE_CFG))
            return error;
    }
    p->ops = &modern_ops;
    return 0;
}
