// SPDX-License-Identifier: BSD-3-Clause
/* The profiles (profile.h), and how their devices send and receive. */
#include "profile.h"
#include <string.h>

#define BIT(n) VIO_BIT(n)
/* DevVirtioNet.cpp, the same from 4.3 to 7. */
#define VBOX_NET                                                                                             \
    (BIT(VIRTIO_NET_F_MAC) | BIT(VIRTIO_NET_F_STATUS) | BIT(VIRTIO_NET_F_CTRL_VQ) |                          \
     BIT(VIRTIO_NET_F_CTRL_RX) | BIT(VIRTIO_NET_F_CTRL_VLAN) | BIT(VIRTIO_NET_F_CSUM) |                      \
     BIT(VIRTIO_NET_F_HOST_TSO4) | BIT(VIRTIO_NET_F_HOST_TSO6) | BIT(VIRTIO_NET_F_HOST_UFO) |                \
     BIT(VIRTIO_NET_F_GUEST_CSUM) | BIT(VIRTIO_NET_F_GUEST_TSO4) | BIT(VIRTIO_NET_F_GUEST_TSO6) |            \
     BIT(VIRTIO_NET_F_GUEST_UFO) | BIT(VIRTIO_NET_F_MRG_RXBUF))
/* Virtio.cpp: what it adds on a read of the features; bit 30 is a trap for drivers that accept all they see.
 */
#define VBOX_LEGACY (BIT(VIRTIO_F_NOTIFY_ON_EMPTY) | BIT(30))
#define QEMU_NET                                                                                             \
    (BIT(VIRTIO_NET_F_CSUM) | BIT(VIRTIO_NET_F_GUEST_CSUM) | BIT(VIRTIO_NET_F_CTRL_GUEST_OFFLOADS) |         \
     BIT(VIRTIO_NET_F_MAC) | BIT(VIRTIO_NET_F_GUEST_TSO4) | BIT(VIRTIO_NET_F_GUEST_TSO6) |                   \
     BIT(VIRTIO_NET_F_GUEST_ECN) | BIT(VIRTIO_NET_F_GUEST_UFO) | BIT(VIRTIO_NET_F_HOST_TSO4) |               \
     BIT(VIRTIO_NET_F_HOST_TSO6) | BIT(VIRTIO_NET_F_HOST_ECN) | BIT(VIRTIO_NET_F_HOST_UFO) |                 \
     BIT(VIRTIO_NET_F_MRG_RXBUF) | BIT(VIRTIO_NET_F_STATUS) | BIT(VIRTIO_NET_F_CTRL_VQ) |                    \
     BIT(VIRTIO_NET_F_CTRL_RX) | BIT(VIRTIO_NET_F_CTRL_VLAN) | BIT(VIRTIO_NET_F_CTRL_RX_EXTRA) |             \
     BIT(VIRTIO_NET_F_GUEST_ANNOUNCE) | BIT(VIRTIO_NET_F_CTRL_MAC_ADDR) | BIT(VIRTIO_F_ANY_LAYOUT) |         \
     BIT(VIRTIO_F_INDIRECT_DESC) | BIT(VIRTIO_F_EVENT_IDX))

#define VBOX_OLD_WAYS                                                                                        \
    .isr_config_both = true, .select_ignored = true, .pfn0_resets = true, .config_bytes = 8, .bad = BIT(30), \
    .minimal = BIT(VIRTIO_NET_F_MAC)

const struct profile profiles[] = {
    {
        .name = "VirtualBox 4.3",
        .kind = "legacy",
        .features = VBOX_NET | VBOX_LEGACY,
        .size = {256, 256, 16},
        .io_size = 32,
        .ways = {VBOX_OLD_WAYS, .reset_leaves_irq = true},
        .header_alone = true,
    },
    {
        .name = "VirtualBox 6.1",
        .kind = "legacy",
        .features = VBOX_NET | VBOX_LEGACY,
        .size = {256, 256, 16},
        .io_size = 32,
        .ways = {VBOX_OLD_WAYS},
        .header_alone = true,
        .strict_offload = true,
        .cable_stops_tx = true,
    },
    {
        .name = "VirtualBox 7",
        .kind = "transitional",
        .features = VBOX_NET | BIT(VIRTIO_NET_F_GUEST_ANNOUNCE),
        .size = {1024, 1024, 1024},
        .io_size = 32,
        .at = {.bar = 2,
               .common = 0,
               .common_length = 56,
               .notify = 56,
               .isr = 108,
               .config = 112,
               .notify_step = 2,
               .size = 8192},
        .cap = {{0x40, 0x50, VIRTIO_PCI_CAP_COMMON_CFG, 0, 56},
                {0x50, 0x64, VIRTIO_PCI_CAP_NOTIFY_CFG, 56, 50},
                {0x64, 0x74, VIRTIO_PCI_CAP_ISR_CFG, 108, 1},
                {0x74, 0x88, VIRTIO_PCI_CAP_PCI_CFG, 0, 4},
                {0x88, 0x00, VIRTIO_PCI_CAP_DEVICE_CFG, 112, 10}},
        .ways = {.isr_config_both = true,
                 .isr_replaced = true,
                 .config_lowers = true,
                 .select_ignored = true,
                 .num_is_limit = true,
                 .config_bytes = 10},
        .strict_offload = true,
        .cable_stops_tx = true,
        .first_life_counts = true,
    },
    {
        .name = "QEMU 7.2, INTx",
        .kind = "transitional",
        .features = QEMU_NET,
        .size = {256, 256, 64},
        .io_size = 32,
    },
    {
        .name = "QEMU 7.2, MSI-X",
        .kind = "transitional",
        .features = QEMU_NET,
        .size = {256, 256, 64},
        .io_size = 32,
        .vectors = 3,
    },
    {
        .name = "QEMU 7.2, packed=on",
        .kind = "transitional",
        .features = QEMU_NET | BIT(VIRTIO_F_RING_PACKED),
        .size = {256, 256, 64},
        .io_size = 32,
        .vectors = 3,
    },
    {
        .name = "QEMU 7.2, disable-modern=on",
        .kind = "legacy",
        .features = QEMU_NET,
        .size = {256, 256, 64},
        .io_size = 32,
    },
};
const unsigned profile_count = VIO_COUNT(profiles);

static void set_layout(struct hal_dev *f, const struct profile *p)
{
    f->bar[f->at.bar].size = 0;
    f->at = p->at;
    f->bar[f->at.bar].size = f->at.size;
    for (unsigned i = 0; i < VIO_COUNT(p->cap); i++)
        fake_cap(f, p->cap[i].at, p->cap[i].next, p->cap[i].type, (uint8_t)f->at.bar, p->cap[i].offset,
                 p->cap[i].length);
}

void profile_init(struct hal_dev *f, const struct profile *p)
{
    fake_init(f, p->kind, p->features, p->size[0]);
    for (unsigned i = 0; i < FAKE_QUEUES; i++)
        f->queue[i].size = f->queue[i].num = p->size[i];
    f->ways = p->ways;
    f->bar[0].size = p->io_size;
    if (p->at.size)
        set_layout(f, p);
    if (p->ways.config_bytes) { /* VirtualBox: no MSI-X, and its own capability list */
        f->pci[0x34] = p->at.size ? 0x40 : 0;
        f->pci[6] = p->at.size ? 0x10 : 0;
    }
    memcpy(f->config, "\x08\x00\x27\x12\x34\x56\x01\x00", 8);
}

unsigned profile_header(const struct hal_dev *f, const struct profile *p)
{
    bool modern = f->driver_features & BIT(VIRTIO_F_VERSION_1);

    /* The fake counts a reset before each negotiation, one of them for the first. */
    if (p->first_life_counts && f->resets > 1)
        modern = false;
    return modern || (f->driver_features & BIT(VIRTIO_NET_F_MRG_RXBUF)) ? 12 : 10;
}

void profile_cable(struct hal_dev *f, bool in)
{
    f->config[6] = in;
    f->generation++;
    fake_interrupt(f, VIRTIO_ISR_CONFIG);
}

/* What vnetR3ReadHeader() and virtioNetR3ReadVirtioTxPktHdr() demand. */
static const char *check_offload(const struct virtio_net_hdr *h, uint32_t len)
{
    enum { TCP_HEADER = 20 };

    if ((h->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) && h->csum_start + h->csum_offset + 2u > len)
        return "the checksum lies outside the frame";
    if (h->gso_type == VIRTIO_NET_HDR_GSO_NONE)
        return NULL;
    if (!(h->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) || (h->gso_type & VIRTIO_NET_HDR_GSO_ECN))
        return "segmentation without checksum, or with ECN";
    return (uint32_t)TCP_HEADER + h->csum_start + h->gso_size > len ? "a segment larger than the frame"
                                                                    : NULL;
}

static void used(struct hal_dev *f, unsigned queue, uint32_t id, uint32_t len)
{
    if (fake_use(f, queue, id, len))
        fake_interrupt(f, VIRTIO_ISR_QUEUE);
}

uint32_t profile_transmit(struct hal_dev *f, const struct profile *p, struct virtio_net_hdr *h,
                          uint8_t *bytes, uint32_t max, const char **error)
{
    unsigned header = profile_header(f, p);
    struct fake_chain c;
    static uint8_t all[1 << 17];
    uint32_t len;

    if ((p->cable_stops_tx && !(f->config[6] & VIRTIO_NET_S_LINK_UP)) || !fake_take(f, 1, &c))
        return 0;
    len = fake_gather(f, &c, all, sizeof all);
    if (p->header_alone ? c.segs < 2 || c.seg[0].len != header : c.seg[0].len < header)
        *error = "the first piece is not the header";
    if (len <= header || len - header > max)
        *error = "a frame of no possible length";
    if (*error)
        return 0;
    memset(h, 0, sizeof *h);
    memcpy(h, all, header);
    len -= header;
    memcpy(bytes, all + header, len);
    if (p->strict_offload)
        *error = check_offload(h, len);
    /* VirtualBox counts what it read as written; the driver must not believe that (2.7.8.1). */
    used(f, 1, c.id, p->header_alone ? 10 + len : 0);
    return len;
}

/* Copies into a chain from `skip` bytes on; how many bytes. */
static uint32_t fill(struct hal_dev *f, const struct fake_chain *c, uint32_t skip, const uint8_t *bytes,
                     uint32_t len)
{
    uint32_t done = 0;

    for (unsigned i = 0; i < c->segs && done < len; i++) {
        uint32_t jump = skip < c->seg[i].len ? skip : c->seg[i].len;
        uint32_t part = c->seg[i].len - jump < len - done ? c->seg[i].len - jump : len - done;
        memcpy((uint8_t *)fake_at(f, c->seg[i].pa, c->seg[i].len) + jump, bytes + done, part);
        skip -= jump;
        done += part;
    }
    return done;
}

bool profile_receive(struct hal_dev *f, const struct profile *p, const uint8_t *bytes, uint32_t len)
{
    bool merge = f->driver_features & BIT(VIRTIO_NET_F_MRG_RXBUF);
    unsigned header = profile_header(f, p), chains = 0;
    struct fake_chain c[VIO_NET_RX_PIECES];
    uint32_t part[VIO_NET_RX_PIECES], done = 0;
    struct virtio_net_hdr h = {0};

    while (done < len && chains < (merge ? VIO_NET_RX_PIECES : 1) && fake_take(f, 0, &c[chains])) {
        uint32_t skip = chains ? 0 : header;
        if (p->header_alone && !merge && c[0].seg[0].len != header)
            return false;
        part[chains] = fill(f, &c[chains], skip, bytes + done, len - done);
        done += part[chains++];
    }
    if (done < len)
        return false;
    h.num_buffers = (uint16_t)chains;
    fill(f, &c[0], 0, (const uint8_t *)&h, header);
    for (unsigned i = 0; i < chains; i++)
        used(f, 0, c[i].id, part[i] + (i ? 0 : header));
    return true;
}
