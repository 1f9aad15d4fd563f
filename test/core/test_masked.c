// SPDX-License-Identifier: BSD-3-Clause
/*
 * Every feature that the tables accept, by its effect on the fake device: it is there with the feature, and
 * not with the feature denied, as vio_off denies it, all else the same. A feature without a row here fails
 * the test. test/net/masked.test does the same with the kexts, for what shows on QEMU's device.
 */
#include "fake.h"
#include <string.h>

#define BIT(n) VIO_BIT(n)
#define BASE                                                                                                 \
    (BIT(VIRTIO_NET_F_MAC) | BIT(VIRTIO_NET_F_STATUS) | BIT(VIRTIO_NET_F_CTRL_VQ) | BIT(VIRTIO_NET_F_CTRL_RX))

enum { RX = 0, TX = 1, NUM = 16, FRAMES = 4, BUF = 2048, BUFS = 64, FRAME = 1000, MTU = 1400, MBPS = 1000 };

static struct hal_dev dev;
static struct vio_pci pci;
static struct vio_net net;
static uint8_t memory[BUFS][BUF];
static uint64_t memory_pa;

/* ---- frames out ---- */

static struct vio_net_tx tcp_frame(bool csum, uint8_t gso)
{
    struct vio_net_tx tx = {.head_len = 54, .len = 54 + FRAME, .segs = 1, .csum = csum, .gso = gso};

    tx.seg[VIO_NET_TX_FIRST] = (struct vq_seg){memory_pa, FRAME};
    tx.csum_start = 34;
    tx.csum_offset = 16;
    tx.hdr_len = 54;
    tx.mss = 100;
    return tx;
}

/* Sends that frame. The header that the device then finds, or all zeros: the frame was refused. */
static struct virtio_net_hdr sent(bool csum, uint8_t gso)
{
    struct vio_net_tx tx = tcp_frame(csum, gso);
    struct virtio_net_hdr h = {0};
    struct fake_chain c;
    uint8_t *head, all[BUF];

    if (vio_net_tx_head(&net, &head) || vio_net_tx(&net, &tx))
        return h;
    vio_net_tx_flush(&net);
    if (fake_take(&dev, TX, &c) && fake_gather(&dev, &c, all, sizeof all) >= sizeof h)
        memcpy(&h, all, sizeof h);
    return h;
}

static bool csum(void)
{
    return sent(true, 0).flags == VIRTIO_NET_HDR_F_NEEDS_CSUM;
}

static bool host_tso4(void)
{
    return sent(true, VIRTIO_NET_HDR_GSO_TCPV4).gso_type == VIRTIO_NET_HDR_GSO_TCPV4;
}

static bool host_tso6(void)
{
    return sent(true, VIRTIO_NET_HDR_GSO_TCPV6).gso_type == VIRTIO_NET_HDR_GSO_TCPV6;
}

static bool host_ecn(void)
{
    return sent(true, VIRTIO_NET_HDR_GSO_TCPV4 | VIRTIO_NET_HDR_GSO_ECN).gso_type & VIRTIO_NET_HDR_GSO_ECN;
}

/* 5.1.9.2: the header length of a request is that of Ethernet, IP and TCP, no more and no less. */
static bool guest_hdrlen(void)
{
    return sent(true, VIRTIO_NET_HDR_GSO_TCPV4).hdr_len == 54;
}

static bool send_frames(struct fake_chain *c)
{
    struct vio_net_tx tx = {.head_len = 60, .len = 60};
    uint8_t *head;
    bool ok = true;

    for (unsigned i = 0; i < FRAMES; i++)
        ok &= !vio_net_tx_head(&net, &head) && !vio_net_tx(&net, &tx);
    fake_want_kick(&dev, TX, true);
    vio_net_tx_flush(&net);
    for (unsigned i = 0; i < FRAMES; i++)
        ok &= fake_take(&dev, TX, &c[i]);
    return ok;
}

/* 2.7.9: the device tells the last of a batch only, and all of them come back. */
static bool in_order(void)
{
    struct fake_chain c[FRAMES];
    void *back[FRAMES];

    if (!send_frames(c))
        return false;
    fake_use_batch(&dev, TX, c, FRAMES, 0);
    (void)vio_net_tx_reap(&net, back, FRAMES);
    return !vio_net_tx_pending(&net) && !net.tx.broken;
}

/* 2.9: the doorbell says how far the ring is filled. */
static bool notification_data(void)
{
    struct fake_chain c[FRAMES];

    return send_frames(c) && (dev.queue[TX].bell_data & ~PVIRTQ_EVENT_WRAP) == FRAMES;
}

/* 2.6.1 */
static bool ring_reset(void)
{
    return !vio_net_tx_quiesce(&net) && !dev.queue[TX].enabled && !vio_net_tx_resume(&net) &&
           dev.queue[TX].enabled;
}

/* 2.8.1: a packed ring's descriptors end with flags, where a split ring's have the number of another one. */
static bool ring_packed(void)
{
    struct fake_chain c[FRAMES];
    const struct pvirtq_desc *d = fake_at(&dev, dev.queue[TX].desc, sizeof *d);

    return send_frames(c) && (d->flags & VIRTQ_DESC_F_AVAIL);
}

/* 2.7.5.3: the ring has one entry for a frame of several pieces. */
static bool indirect_desc(void)
{
    const struct virtq_desc *d = fake_at(&dev, dev.queue[TX].desc, sizeof *d);

    (void)sent(false, 0);
    return (net.tx.packed ? d->next : d->flags) & VIRTQ_DESC_F_INDIRECT;
}

/* 2.7.10: the device's index is what counts, not its flag. */
static bool event_idx(void)
{
    struct virtq_used *u = fake_at(&dev, dev.queue[TX].used, sizeof *u + NUM * sizeof u->ring[0] + 2);

    u->flags = VIRTQ_USED_F_NO_NOTIFY;
    memset(&u->ring[NUM], 0, 2);
    (void)sent(false, 0);
    return dev.queue[TX].kicks == 1;
}

/* ---- frames in ---- */

static void deliver(const struct virtio_net_hdr *h, uint32_t len)
{
    static uint8_t bytes[BUF];
    struct fake_chain c;

    memcpy(bytes, h, sizeof *h);
    if (!fake_take(&dev, RX, &c))
        return;
    fake_scatter(&dev, &c, bytes, len);
    fake_put_used(&dev, RX, c.id, len);
}

/* Delivers a frame in so many buffers. What comes of it; all zeros: it was dropped. */
static struct vio_net_frame received(struct virtio_net_hdr h, unsigned buffers)
{
    static struct vio_net_rx rx;
    struct vio_net_rxbuf buf[BUFS];

    for (unsigned i = 0; i < BUFS; i++)
        buf[i] = (struct vio_net_rxbuf){memory[i], memory_pa + i * BUF, BUF, NULL};
    (void)vio_net_rx_post(&net, buf, BUFS);
    h.num_buffers = (uint16_t)buffers;
    for (unsigned i = 0; i < buffers; i++)
        deliver(&h, i + 1 < buffers ? BUF : FRAME);
    fake_step_used(&dev, RX, (uint16_t)buffers);
    rx.frames = 0;
    (void)vio_net_rx_burst(&net, &rx);
    return rx.frames ? rx.frame[0] : (struct vio_net_frame){0};
}

static bool guest_csum(void)
{
    return received((struct virtio_net_hdr){.flags = VIRTIO_NET_HDR_F_DATA_VALID}, 1).csum_valid;
}

static bool mrg_rxbuf(void)
{
    return received((struct virtio_net_hdr){0}, 2).len == BUF - sizeof(struct virtio_net_hdr) + FRAME;
}

static struct vio_net_frame large(uint8_t gso)
{
    struct virtio_net_hdr h = {.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM, .gso_type = gso, .hdr_len = 54};

    h.gso_size = 100;
    h.csum_start = 34;
    h.csum_offset = 16;
    return received(h, 1);
}

static bool guest_tso4(void)
{
    return large(VIRTIO_NET_HDR_GSO_TCPV4).len;
}

static bool guest_tso6(void)
{
    return large(VIRTIO_NET_HDR_GSO_TCPV6).len;
}

static bool guest_ecn(void)
{
    return large(VIRTIO_NET_HDR_GSO_TCPV4 | VIRTIO_NET_HDR_GSO_ECN).len;
}

/* ---- configuration and control ---- */

static bool mac(void)
{
    return net.mac_valid;
}

static bool mtu(void)
{
    return net.mtu_max == MTU;
}

static bool status(void)
{
    struct vio_net_link link;

    dev.config[6] = 0;
    return !vio_net_link(&net, &link) && !link.up;
}

static bool speed_duplex(void)
{
    struct vio_net_link link;

    return !vio_net_link(&net, &link) && link.mbps == MBPS;
}

/* Applies a filter that needs all there is. Whether such a command came, with a first byte of data not 0. */
static bool commanded(uint8_t class, uint8_t command)
{
    net.filter = (struct vio_net_filter){.promiscuous = true, .no_groups = true, .vlans = 1, .vlan = {5}};
    net.mac[5] ^= 1;
    (void)vio_net_apply(&net);
    for (unsigned i = 0; i < dev.controls; i++)
        if (dev.control[i].bytes[0] == class && dev.control[i].bytes[1] == command && dev.control[i].bytes[2])
            return true;
    return false;
}

static bool ctrl_vq(void)
{
    (void)vio_net_apply(&net);
    return dev.controls;
}

static bool ctrl_rx(void)
{
    return commanded(VIRTIO_NET_CTRL_RX, VIRTIO_NET_CTRL_RX_PROMISC);
}

static bool ctrl_rx_extra(void)
{
    return commanded(VIRTIO_NET_CTRL_RX, VIRTIO_NET_CTRL_RX_NOMULTI);
}

static bool ctrl_vlan(void)
{
    return commanded(VIRTIO_NET_CTRL_VLAN, VIRTIO_NET_CTRL_VLAN_ADD);
}

static bool ctrl_mac_addr(void)
{
    return commanded(VIRTIO_NET_CTRL_MAC, VIRTIO_NET_CTRL_MAC_ADDR_SET);
}

static bool guest_announce(void)
{
    dev.config[6] |= VIRTIO_NET_S_ANNOUNCE;
    return vio_net_announce(&net);
}

static bool ctrl_guest_offloads(void)
{
    return !vio_net_large_receive(&net, true) && dev.controls &&
           dev.control[dev.controls - 1].bytes[0] == VIRTIO_NET_CTRL_GUEST_OFFLOADS;
}

static bool moderated(uint8_t command)
{
    const struct virtio_net_ctrl_coal rx = {32, 64}, none = {0, 0};

    return !vio_net_moderate(&net, rx, none) && dev.controls == 1 &&
           dev.control[0].bytes[0] == VIRTIO_NET_CTRL_NOTF_COAL && dev.control[0].bytes[1] == command;
}

static bool vq_notf_coal(void)
{
    return moderated(VIRTIO_NET_CTRL_NOTF_COAL_VQ_SET);
}

static bool notf_coal(void)
{
    return moderated(VIRTIO_NET_CTRL_NOTF_COAL_RX_SET);
}

/* It starts at all: with a device that insists on the feature, as it may (6.2), or when we do. */
static bool driven(void)
{
    return dev.status & VIRTIO_STATUS_DRIVER_OK;
}

enum how {
    BOTH,    /* over each kind of ring */
    SPLIT,   /* the split one alone */
    INSISTS, /* the device does: without the feature it does not start */
};
static const struct masked {
    const char *name;
    bool (*shows)(void);
    enum how how;
    uint64_t with; /* features that the probe needs besides */
} rows[] = {
    {"CSUM", csum, BOTH, 0},
    {"GUEST_CSUM", guest_csum, BOTH, 0},
    {"CTRL_GUEST_OFFLOADS", ctrl_guest_offloads, BOTH,
     BIT(VIRTIO_NET_F_GUEST_TSO4) | BIT(VIRTIO_NET_F_GUEST_CSUM) | BIT(VIRTIO_NET_F_MRG_RXBUF)},
    {"MTU", mtu, BOTH, 0},
    {"MAC", mac, BOTH, 0},
    {"GUEST_TSO4", guest_tso4, BOTH, BIT(VIRTIO_NET_F_MRG_RXBUF)},
    {"GUEST_TSO6", guest_tso6, BOTH, BIT(VIRTIO_NET_F_MRG_RXBUF)},
    {"GUEST_ECN", guest_ecn, BOTH, BIT(VIRTIO_NET_F_MRG_RXBUF)},
    {"HOST_TSO4", host_tso4, BOTH, 0},
    {"HOST_TSO6", host_tso6, BOTH, 0},
    {"HOST_ECN", host_ecn, BOTH, 0},
    {"MRG_RXBUF", mrg_rxbuf, BOTH, 0},
    {"STATUS", status, BOTH, 0},
    {"CTRL_VQ", ctrl_vq, BOTH, 0},
    {"CTRL_RX", ctrl_rx, BOTH, 0},
    {"CTRL_VLAN", ctrl_vlan, BOTH, 0},
    {"CTRL_RX_EXTRA", ctrl_rx_extra, BOTH, 0},
    {"GUEST_ANNOUNCE", guest_announce, BOTH, 0},
    {"CTRL_MAC_ADDR", ctrl_mac_addr, BOTH, 0},
    {"VQ_NOTF_COAL", vq_notf_coal, BOTH, 0},
    {"NOTF_COAL", notf_coal, BOTH, 0},
    {"GUEST_HDRLEN", guest_hdrlen, INSISTS, BIT(VIRTIO_NET_F_HOST_TSO4)},
    {"SPEED_DUPLEX", speed_duplex, BOTH, 0},
    {"INDIRECT_DESC", indirect_desc, BOTH, 0},
    {"EVENT_IDX", event_idx, SPLIT, 0},
    {"VERSION_1", driven, INSISTS, 0},
    {"ACCESS_PLATFORM", driven, INSISTS, 0},
    {"RING_PACKED", ring_packed, SPLIT, 0},
    {"IN_ORDER", in_order, BOTH, 0},
    {"ORDER_PLATFORM", driven, INSISTS, 0},
    {"NOTIFICATION_DATA", notification_data, BOTH, 0},
    {"RING_RESET", ring_reset, BOTH, 0},
};

/* The feature and what it needs, as the tables say. */
static uint64_t with_companions(uint64_t want)
{
    uint64_t before;

    do {
        before = want;
        for (unsigned bit = 0; bit < 64; bit++) {
            const struct vio_feature *f = want >> bit & 1 ? vio_feature_find(pci.tables, 2, bit) : NULL;
            if (!f)
                continue;
            want |= f->needs;
            if (f->needs_one && !(want & f->needs_one))
                want |= f->needs_one & -f->needs_one;
        }
    } while (want != before);
    return want;
}

static void prepare(uint64_t features, uint64_t demands)
{
    static const uint8_t address[6] = {2, 0, 0, 0, 0, 2};
    static const uint16_t mtu_told = MTU;
    static const uint32_t speed_told = MBPS;

    fake_init(&dev, "modern", features, NUM);
    dev.demands = demands;
    memcpy(dev.config, address, sizeof address);
    dev.config[6] = VIRTIO_NET_S_LINK_UP;
    memcpy(dev.config + 10, &mtu_told, sizeof mtu_told);
    memcpy(dev.config + 12, &speed_told, sizeof speed_told);
    dev.config[16] = 1;
    fake_lend(&dev, memory, sizeof memory, &memory_pa);
}

/* Whether it shows, in a life of its own: 1 or 0; -1: something else went wrong. */
static int play(const struct masked *row, uint64_t features, uint64_t demands, uint64_t deny)
{
    bool started = false, shows = false;
    void *cookie;

    prepare(features, demands);
    if (vio_pci_open(&pci, &dev, false))
        return -1;
    if (!vio_net_attach(&net, &pci, deny, BUF)) {
        started = !vio_net_start(&net, 0);
        shows = started && row->shows();
        (void)vio_net_stop(&net);
        while (vio_net_tx_detach(&net, &cookie))
            ;
        while (vio_net_rx_detach(&net, &cookie))
            ;
        vio_net_detach(&net);
    }
    vio_pci_close(&pci);
    return fake_leak(&dev) || (!started && row->how != INSISTS) ? -1 : shows;
}

static void play_row(const struct vio_feature *f, const struct masked *row)
{
    uint64_t features = with_companions(BASE | BIT(f->bit) | row->with);
    uint64_t demands = row->how == INSISTS ? BIT(f->bit) : 0;

    for (unsigned packed = 0; packed < (row->how == SPLIT ? 1 : 2); packed++) {
        uint64_t all = features | (packed ? BIT(VIRTIO_F_RING_PACKED) : 0);
        const char *name = packed ? "packed" : "split";
        tap(play(row, all, demands, 0) == 1, "masked, %s ring: %s shows", name, f->name);
        tap(play(row, all, demands, BIT(f->bit)) == 0, "masked, %s ring: without %s it does not", name,
            f->name);
    }
}

void test_masked(void)
{
    struct vio_feature_table tables[2];

    prepare(BASE, 0);
    if (vio_pci_open(&pci, &dev, false) || vio_net_attach(&net, &pci, 0, BUF))
        return tap(false, "masked: the tables");
    memcpy(tables, pci.tables, sizeof tables);
    vio_net_detach(&net);
    vio_pci_close(&pci);
    for (unsigned t = 0; t < 2; t++)
        for (unsigned i = 0; i < tables[t].rows; i++) {
            const struct vio_feature *f = &tables[t].row[i];
            unsigned k = 0;
            while (k < VIO_COUNT(rows) && strcmp(rows[k].name, f->name))
                k++;
            memcpy(pci.tables, tables, sizeof tables);
            if (f->use != VIO_KNOWN && k == VIO_COUNT(rows))
                tap(false, "masked: %s is accepted and has no row", f->name);
            else if (f->use != VIO_KNOWN)
                play_row(f, &rows[k]);
        }
}
