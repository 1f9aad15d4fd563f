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

/* DevVirtioNet.cpp: vnetControlMac(), vnetControlVlan(), VNET_MAC_FILTER_LEN; of 7: virtioNetR3CtrlMac() and
 * VIRTIONET_MAC_FILTER_LEN, there pieces do not matter. QEMU's virtio-net.c: virtio_net_handle_mac(),
 * MAC_TABLE_ENTRIES. */
#define VBOX_OLD_CONTROL .table = 32, .vlans_always = true, .control_in_pieces = true
#define QEMU_CONTROL     .table = 64, .overflow_apart = true

const struct profile profiles[] = {
    {
        .name = "VirtualBox 4.3",
        .kind = "legacy",
        .features = VBOX_NET | VBOX_LEGACY,
        .size = {256, 256, 16},
        .io_size = 32,
        .ways = {VBOX_OLD_WAYS, .reset_leaves_irq = true},
        .header_alone = true,
        VBOX_OLD_CONTROL,
    },
    {
        .name = "VirtualBox 6.1",
        .kind = "legacy",
        .features = VBOX_NET | VBOX_LEGACY,
        .size = {256, 256, 16},
        .io_size = 32,
        .ways = {VBOX_OLD_WAYS},
        .header_alone = true,
        VBOX_OLD_CONTROL,
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
        .table = 64,
        .table_each = true,
        .table_refuses = true,
        .vlans_always = true,
    },
    {
        .name = "QEMU 7.2, INTx",
        .kind = "transitional",
        .features = QEMU_NET,
        .size = {256, 256, 64},
        .io_size = 32,
        QEMU_CONTROL,
    },
    {
        .name = "QEMU 7.2, MSI-X",
        .kind = "transitional",
        .features = QEMU_NET,
        .size = {256, 256, 64},
        .io_size = 32,
        QEMU_CONTROL,
        .vectors = 3,
    },
    {
        .name = "QEMU 7.2, packed=on",
        .kind = "transitional",
        .features = QEMU_NET | BIT(VIRTIO_F_RING_PACKED),
        .size = {256, 256, 64},
        .io_size = 32,
        QEMU_CONTROL,
        .vectors = 3,
    },
    {
        .name = "QEMU 7.2, disable-modern=on",
        .kind = "legacy",
        .features = QEMU_NET,
        .size = {256, 256, 64},
        .io_size = 32,
        QEMU_CONTROL,
    },
};
const unsigned profile_count = VIO_COUNT(profiles);

/* What the device filters by. */
static struct {
    const struct profile *p;
    unsigned resets; /* at which it began */
    bool promiscuous, all_groups, no_groups, unicast_overflow, group_overflow;
    uint32_t unicast, groups;
    uint8_t own[6], address[2][64][6];
    bool vlan[4096];
} filter;

/* After a reset all comes in (vnetReset(), virtioNetR3StatusChg(), virtio_net_reset()), but no VLAN is named. */
static void renew_filter(struct hal_dev *f)
{
    const struct profile *p = filter.p;

    if (filter.resets == f->resets)
        return;
    memset(&filter, 0, sizeof filter);
    filter.p = p;
    filter.resets = f->resets;
    filter.promiscuous = true;
    memcpy(filter.own, f->config, sizeof filter.own);
}

static uint8_t control_rx(struct hal_dev *f, uint8_t command, bool on)
{
    switch (command) {
    case VIRTIO_NET_CTRL_RX_PROMISC:
        filter.promiscuous = on;
        return VIRTIO_NET_OK;
    case VIRTIO_NET_CTRL_RX_ALLMULTI:
        filter.all_groups = on;
        return VIRTIO_NET_OK;
    case VIRTIO_NET_CTRL_RX_NOMULTI:
        if (!(f->driver_features & BIT(VIRTIO_NET_F_CTRL_RX_EXTRA)))
            return VIRTIO_NET_ERR;
        filter.no_groups = on;
        return VIRTIO_NET_OK;
    default:
        return VIRTIO_NET_ERR;
    }
}

/* One of the two tables, `*at` bytes behind the command's first; false: refused. */
static bool control_table(const uint8_t *bytes, uint32_t *at, uint32_t end, bool group)
{
    const struct profile *p = filter.p;
    uint32_t entries, room = p->table - (group && !p->table_each ? filter.unicast : 0);
    bool *mode = p->overflow_apart ? (group ? &filter.group_overflow : &filter.unicast_overflow)
                                   : (group ? &filter.all_groups : &filter.promiscuous);

    if (end - *at < 4)
        return false;
    memcpy(&entries, bytes + *at, 4);
    if (entries > (end - *at - 4) / 6 || (entries > room && p->table_refuses))
        return false;
    if (p->overflow_apart)
        *mode = entries > room;
    if (entries > room)
        *mode = true;
    else
        memcpy(filter.address[group], bytes + *at + 4, 6 * entries);
    *(group ? &filter.groups : &filter.unicast) = entries > room ? 0 : entries;
    *at += 4 + 6 * entries;
    return true;
}

static uint8_t control_mac(const struct fake_chain *c, const uint8_t *bytes, bool may_set)
{
    uint32_t at = 2;

    if (bytes[1] == VIRTIO_NET_CTRL_MAC_ADDR_SET && may_set && c->out_len == 8) {
        memcpy(filter.own, bytes + 2, 6);
        return VIRTIO_NET_OK;
    }
    if (bytes[1] != VIRTIO_NET_CTRL_MAC_TABLE_SET || (filter.p->control_in_pieces && c->segs != 4))
        return VIRTIO_NET_ERR;
    if (!control_table(bytes, &at, filter.p->control_in_pieces ? 2 + c->seg[1].len : c->out_len, false))
        return VIRTIO_NET_ERR;
    return control_table(bytes, &at, c->out_len, true) ? VIRTIO_NET_OK : VIRTIO_NET_ERR;
}

static uint8_t control_vlan(const struct fake_chain *c, const uint8_t *bytes)
{
    unsigned id = bytes[2] | bytes[3] << 8;

    if (c->out_len != 4 || (filter.p->control_in_pieces && c->segs != 3) || id >= VIO_COUNT(filter.vlan) ||
        bytes[1] != VIRTIO_NET_CTRL_VLAN_ADD)
        return VIRTIO_NET_ERR;
    filter.vlan[id] = true;
    return VIRTIO_NET_OK;
}

/* vnetQueueControl(), virtioNetR3Ctrl(), virtio_net_handle_ctrl_iov(). */
static uint8_t control(struct hal_dev *f, const struct fake_chain *c, const uint8_t *bytes)
{
    renew_filter(f);
    if (!(f->driver_features & BIT(VIRTIO_NET_F_CTRL_VQ)))
        return VIRTIO_NET_ERR;
    switch (bytes[0]) {
    case VIRTIO_NET_CTRL_RX:
        return c->out_len == 3 && c->segs == 3 ? control_rx(f, bytes[1], bytes[2]) : VIRTIO_NET_ERR;
    case VIRTIO_NET_CTRL_MAC:
        return control_mac(c, bytes, f->driver_features & BIT(VIRTIO_NET_F_CTRL_MAC_ADDR));
    case VIRTIO_NET_CTRL_VLAN:
        return control_vlan(c, bytes);
    case VIRTIO_NET_CTRL_ANNOUNCE:
        if (!(filter.p->features & BIT(VIRTIO_NET_F_GUEST_ANNOUNCE)))
            return VIRTIO_NET_ERR;
        f->config[6] &= (uint8_t)~VIRTIO_NET_S_ANNOUNCE;
        return VIRTIO_NET_OK;
    default:
        return VIRTIO_NET_ERR;
    }
}

static bool in_table(bool group, const uint8_t *address)
{
    for (uint32_t i = 0; i < (group ? filter.groups : filter.unicast); i++)
        if (!memcmp(filter.address[group][i], address, 6))
            return true;
    return false;
}

/* vnetAddressFilter(), virtioNetR3AddressFilter(), receive_filter(). */
bool profile_hears(struct hal_dev *f, const uint8_t *address, uint16_t vlan)
{
    bool group = address[0] & 1;

    renew_filter(f);
    if (filter.promiscuous)
        return true;
    if (vlan && (filter.p->vlans_always || f->driver_features & BIT(VIRTIO_NET_F_CTRL_VLAN)) && !filter.vlan[vlan])
        return false;
    if (!memcmp(address, "\xff\xff\xff\xff\xff\xff", 6))
        return true;
    if (group && filter.no_groups)
        return false;
    if (group ? filter.all_groups || filter.group_overflow : filter.unicast_overflow)
        return true;
    return !memcmp(address, filter.own, 6) || in_table(group, address);
}

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
    memset(&filter, 0, sizeof filter);
    filter.p = p;
    f->on_control = control;
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
