// SPDX-License-Identifier: BSD-3-Clause
/*
 * The legacy transport (4.1.4.10): one register block in I/O BAR 0, 32 feature bits, a queue's place as a
 * 4096-byte page number. The device configuration begins at 20, or at 24 while MSI-X Enable is set: read from
 * the device each time, since it is the system that sets it (Mac OS X from 10.10 on does so when an interrupt
 * is registered), whatever the driver asked for.
 */
#include "vio_pci.h"

static const struct vio_feature feature_rows[] = {
    {VIRTIO_F_NOTIFY_ON_EMPTY, VIO_KNOWN, "NOTIFY_ON_EMPTY", "6.3", 0, 0},
    {VIRTIO_F_ANY_LAYOUT, VIO_WANTED, "ANY_LAYOUT", "6.3", 0, 0},
    {VIRTIO_F_INDIRECT_DESC, VIO_WANTED, "INDIRECT_DESC", "2.7.5.3", 0, 0},
    {VIRTIO_F_EVENT_IDX, VIO_WANTED, "EVENT_IDX", "2.7.10", 0, 0},
};

static inline uint32_t in(struct vio_pci *p, uint32_t reg, unsigned width)
{
    return hal_read(&p->bar[0], reg, width);
}

static inline void out(struct vio_pci *p, uint32_t reg, unsigned width, uint32_t value)
{
    hal_write(&p->bar[0], reg, width, value);
}

static uint64_t get_features(struct vio_pci *p)
{
    return in(p, VIRTIO_PCI_HOST_FEATURES, 4);
}

static void set_features(struct vio_pci *p, uint64_t features)
{
    out(p, VIRTIO_PCI_GUEST_FEATURES, 4, (uint32_t)features);
}

static uint8_t get_status(struct vio_pci *p)
{
    return (uint8_t)in(p, VIRTIO_PCI_STATUS, 1);
}

static void set_status(struct vio_pci *p, uint8_t status)
{
    out(p, VIRTIO_PCI_STATUS, 1, status);
}

static uint8_t isr(struct vio_pci *p)
{
    return (uint8_t)in(p, VIRTIO_PCI_ISR, 1);
}

static bool config_locate(struct vio_pci *p, struct hal_bar *bar, uint32_t *base, uint32_t *length)
{
    *bar = p->bar[0];
    *base = vio_pci_msix_enabled(p) ? VIRTIO_PCI_CONFIG_MSIX : VIRTIO_PCI_CONFIG;
    if (bar->size <= *base)
        return false;
    *length = (uint32_t)bar->size - *base;
    return true;
}

static uint16_t queue_size(struct vio_pci *p, uint16_t index)
{
    out(p, VIRTIO_PCI_QUEUE_SEL, 2, index);
    return (uint16_t)in(p, VIRTIO_PCI_QUEUE_NUM, 2);
}

static uint16_t set_queue_vector(struct vio_pci *p, uint16_t vector)
{
    out(p, VIRTIO_MSI_QUEUE_VECTOR, 2, vector);
    return (uint16_t)in(p, VIRTIO_MSI_QUEUE_VECTOR, 2);
}

static uint16_t set_config_vector(struct vio_pci *p, uint16_t vector)
{
    out(p, VIRTIO_MSI_CONFIG_VECTOR, 2, vector);
    return (uint16_t)in(p, VIRTIO_MSI_CONFIG_VECTOR, 2);
}

static int queue_enable(struct vio_pci *p, struct vq *q)
{
    out(p, VIRTIO_PCI_QUEUE_PFN, 4, (uint32_t)(vq_desc_pa(q) / VIRTIO_PCI_LEGACY_ALIGN));
    q->bell = p->bar[0];
    q->bell_offset = VIRTIO_PCI_QUEUE_NOTIFY;
    return 0;
}

static const struct vio_pci_ops legacy_ops = {
    .name = "legacy",
    .features = {feature_rows, VIO_COUNT(feature_rows)},
    .addr_bits = 32 + 12, /* a 32-bit number of 4096-byte pages */
    .get_features = get_features,
    .set_features = set_features,
    .get_status = get_status,
    .set_status = set_status,
    .isr = isr,
    .config_locate = config_locate,
    .queue_size = queue_size,
    .queue_enable = queue_enable,
    .set_queue_vector = set_queue_vector,
    .set_config_vector = set_config_vector,
};

/* 4.1.2.3: transitional ids, revision 0, the registers in the I/O BAR 0. */
int vio_pci_legacy_probe(struct vio_pci *p)
{
    enum { PCI_REVISION_ID = 0x08 };
    int error;

    if (p->pci_device >= VIRTIO_PCI_DEVICE_MODERN ||
        hal_pci_read(p->hal, PCI_REVISION_ID, 1) != VIRTIO_PCI_LEGACY_REVISION)
        return VIO_EDEVICE;
    error = vio_pci_map(p, 0);
    if (error)
        return error;
    if (!p->bar[0].is_io || p->bar[0].size < VIRTIO_PCI_CONFIG_MSIX)
        return VIO_EDEVICE;
    p->ops = &legacy_ops;
    return 0;
}
