// SPDX-License-Identifier: BSD-3-Clause
/*
 * The whole life of a network card on each profile: start, traffic both ways with and without offload, cable
 * out and in, stop, and once more. For VirtualBox, which cannot run here, this is the test
 * (docs/virtualbox.md).
 */
#include "profile.h"
#include <string.h>

#define BIT(n) VIO_BIT(n)
enum { BUF = 2048, BUFS = 64, LONGEST = 65000, TX = 1 };

static struct hal_dev dev;
static struct vio_pci pci;
static struct vio_net net;
static struct vio_net_rx rx;
static const struct profile *on;
static uint8_t rx_memory[BUFS][BUF], tx_memory[LONGEST], frame[1 << 17];
static uint64_t rx_pa, tx_pa;
static unsigned posted;
static const char *why; /* the first thing that went wrong */

static bool expect(bool ok, const char *what)
{
    if (!ok && !why)
        why = what;
    return ok;
}

static bool open_on(const struct profile *p, uint64_t deny)
{
    on = p;
    why = NULL;
    profile_init(&dev, p);
    fake_set_msix(&dev, p->vectors != 0);
    fake_lend(&dev, rx_memory, sizeof rx_memory, &rx_pa);
    fake_lend(&dev, tx_memory, sizeof tx_memory, &tx_pa);
    for (unsigned i = 0; i < sizeof tx_memory; i++)
        tx_memory[i] = (uint8_t)(i * 7 + (i >> 8));
    return expect(!vio_pci_open(&pci, &dev, false), "the device is not found") &&
           expect(!vio_net_attach(&net, &pci, deny, BUF), "attach fails") &&
           expect(!strcmp(pci.ops->name, strcmp(p->kind, "legacy") ? "modern" : "legacy"),
                  "the wrong transport") &&
           expect(net.mac_valid && !memcmp(net.mac, dev.config, 6), "the wrong address") &&
           expect(!(net.features & ~p->features & ~BIT(VIRTIO_F_VERSION_1)),
                  "a feature that was not offered");
}

static void post_all(void)
{
    struct vio_net_rxbuf buf[VIO_NET_RX_PIECES];

    for (posted = 0; posted + net.rx_chain <= BUFS; posted += net.rx_chain) {
        for (unsigned i = 0; i < net.rx_chain; i++)
            buf[i] = (struct vio_net_rxbuf){rx_memory[posted + i], rx_pa + (posted + i) * BUF, BUF, rx_memory[posted + i]};
        expect(vio_net_rx_post(&net, buf, net.rx_chain) == net.rx_chain, "a buffer is not taken");
    }
}

static bool start(void)
{
    if (!expect(!vio_net_start(&net, on->vectors), "start fails"))
        return false;
    expect(dev.driver_features == net.features, "the device has other features than the driver");
    post_all();
    return expect(!vio_net_rx_arm(&net), "something to receive on a new ring");
}

/* Queues a frame of `len` bytes of tx_memory in pieces of at most 4000. Its offloads are in *tx. */
static void queue(struct vio_net_tx *tx, uint32_t len)
{
    uint8_t *head;
    uint32_t done = tx->head_len = (uint16_t)(len < 200 ? len : 66);

    tx->len = len;
    tx->segs = 0;
    for (; done < len; done += 4000)
        tx->seg[VIO_NET_TX_FIRST + tx->segs++] =
            (struct vq_seg){tx_pa + done, len - done < 4000 ? len - done : 4000};
    expect(!vio_net_tx_head(&net, &head), "no room to send");
    memcpy(head, tx_memory, tx->head_len);
    expect(!vio_net_tx(&net, tx), "a frame is refused");
    vio_net_tx_flush(&net);
}

/* The device takes the frame; it must be what was queued. */
static void taken(uint32_t len, uint8_t flags, uint8_t gso)
{
    struct virtio_net_hdr h;
    const char *error = NULL;
    uint32_t got = profile_transmit(&dev, on, &h, frame, sizeof frame, &error);
    void *cookies[4];

    expect(!error, error);
    if (!expect(got == len && !memcmp(frame, tx_memory, len), "another frame arrives than was sent"))
        return;
    expect(h.flags == flags && h.gso_type == gso, "other offloads arrive than were asked for");
    expect(vio_net_tx_reap(&net, cookies, 4) == 0 && !vio_net_tx_pending(&net),
           "a sent frame does not come back");
}

static void transmit_plain(void)
{
    static const uint32_t lengths[] = {14, 60, 199, 200, 1514, 9018};

    for (unsigned i = 0; i < VIO_COUNT(lengths); i++) {
        struct vio_net_tx tx = {0};
        queue(&tx, lengths[i]);
        taken(lengths[i], 0, 0);
    }
}

static void transmit_offload(void)
{
    static const struct {
        uint32_t len;
        uint8_t asked, sent;
    } rows[] = {
        {1514, VIRTIO_NET_HDR_GSO_NONE, VIRTIO_NET_HDR_GSO_NONE},
        {LONGEST, VIRTIO_NET_HDR_GSO_TCPV4, VIRTIO_NET_HDR_GSO_TCPV4},
        {66 + 1449, VIRTIO_NET_HDR_GSO_TCPV4, VIRTIO_NET_HDR_GSO_TCPV4},
        {66 + 1448, VIRTIO_NET_HDR_GSO_TCPV4, VIRTIO_NET_HDR_GSO_NONE}, /* one segment */
        {66 + 1, VIRTIO_NET_HDR_GSO_TCPV4, VIRTIO_NET_HDR_GSO_NONE},
    };

    for (unsigned i = 0; i < VIO_COUNT(rows); i++) {
        struct vio_net_tx tx = {.csum = true, .csum_start = 34, .csum_offset = 16, .gso = rows[i].asked};
        if (rows[i].asked) {
            tx.mss = 1448;
            tx.hdr_len = 66;
        }
        if (!(net.features & BIT(VIRTIO_NET_F_CSUM)) ||
            (rows[i].asked && !(net.features & BIT(VIRTIO_NET_F_HOST_TSO4))))
            continue;
        queue(&tx, rows[i].len);
        taken(rows[i].len, VIRTIO_NET_HDR_F_NEEDS_CSUM, rows[i].sent);
    }
}

/* Takes one frame of `len` bytes of tx_memory, and posts its buffers again. */
static void received(uint32_t len)
{
    struct vio_net_rxbuf again[VIO_NET_RX_PIECES];
    uint32_t done = 0;
    int pieces;

    if (!expect(vio_net_rx_burst(&net, &rx) == 1 && rx.frame[0].len == len, "a frame does not arrive"))
        return;
    pieces = rx.frame[0].pieces;
    for (int i = 0; i < pieces; i++) {
        const struct vio_net_piece *piece = &rx.piece[rx.frame[0].first + i];
        again[i] = piece->buf;
        expect(!memcmp(piece->buf.va + piece->offset, tx_memory + done, piece->len),
               "a received frame is damaged");
        done += piece->len;
    }
    expect(vio_net_rx_post(&net, again, (unsigned)pieces) == pieces, "a buffer is not taken again");
}

static void receive_all(void)
{
    static const uint32_t lengths[] = {14, 60, 1514, 2018, 9018};

    for (unsigned turn = 0; turn < 300; turn++) /* more than the ring is long */
        for (unsigned i = 0; i < VIO_COUNT(lengths) && (net.merge || net.rx_chain > 1 || lengths[i] <= 2018); i++) {
            expect(!vio_net_rx_arm(&net), "a frame before its time");
            expect(profile_receive(&dev, on, tx_memory, lengths[i]), "the device does not take the buffers");
            if (!on->vectors)
                expect(dev.irq && vio_pci_isr(&pci) == VIRTIO_ISR_QUEUE && !dev.irq,
                       "no interrupt for a frame");
            received(lengths[i]);
        }
}

static bool link_is(bool up)
{
    struct vio_net_link link;

    return !vio_net_link(&net, &link) && link.up == up;
}

/* The cable out and in; what is sent meanwhile arrives in the end or is gone, but nothing hangs. */
static void cable(void)
{
    struct vio_net_tx tx = {0};

    profile_cable(&dev, false);
    if (!on->vectors)
        expect(vio_pci_isr(&pci) & VIRTIO_ISR_CONFIG, "no interrupt for the cable");
    expect(link_is(false), "the link is still up");
    queue(&tx, 100);
    if (on->cable_stops_tx)
        expect(vio_net_tx_pending(&net) == 1, "a frame without a cable");
    else
        taken(100, 0, 0);
    profile_cable(&dev, true);
    expect(on->vectors || vio_pci_isr(&pci), "no interrupt for the cable");
    expect(link_is(true), "the link is still down");
    unsigned kicks = dev.queue[TX].kicks;
    vio_net_tx_nudge(&net);
    expect(dev.queue[TX].kicks - kicks == 1, "the device is not told to look again");
    if (on->cable_stops_tx)
        taken(100, 0, 0);
}

/* A frame and the cable at once, in either order: with INTx one cause may swallow the other, and reading the
 * configuration may take INTx back. The driver finds both by looking. */
static void coincidence(void)
{
    for (unsigned order = 0; order < 2; order++) {
        if (order)
            profile_cable(&dev, false);
        expect(profile_receive(&dev, on, tx_memory, 60), "the device does not take the buffers");
        if (!order)
            profile_cable(&dev, false);
        expect(link_is(false), "the link is still up");
        expect(vio_net_rx_arm(&net), "a frame is overlooked after reading the configuration");
        received(60);
        if (!on->vectors)
            (void)vio_pci_isr(&pci);
        profile_cable(&dev, true);
        expect(link_is(true), "the link is still down");
        if (!on->vectors)
            (void)vio_pci_isr(&pci);
    }
}

static void stop(void)
{
    unsigned back = 0;
    void *cookie;

    fake_interrupt(&dev, VIRTIO_ISR_QUEUE); /* the last one comes too late */
    expect(!vio_net_stop(&net), "stop fails");
    if (!on->vectors)
        expect(!dev.irq, "INTx is still raised after a reset");
    while (vio_net_rx_detach(&net, &cookie))
        back++;
    expect(back == posted, "receive buffers are lost");
    expect(!vio_net_tx_detach(&net, &cookie), "a frame is left");
}

static bool hears(const char *address, uint16_t vlan)
{
    return profile_hears(&dev, (const uint8_t *)address, vlan);
}

/* `count` groups, and no more. */
static void groups(unsigned count)
{
    uint8_t other[6] = {1, 0, 0x5e, 1, 0, 0};

    net.filter.groups = (uint16_t)count;
    for (unsigned i = 0; i < count; i++) {
        memcpy(net.filter.group[i], other, sizeof other);
        net.filter.group[i][5] = (uint8_t)i;
    }
    expect(!vio_net_apply(&net), "groups are not taken");
    for (unsigned i = 0; i < count; i++)
        expect(profile_hears(&dev, net.filter.group[i], 0), "a group is not heard");
    other[4] = 1;
    expect(!profile_hears(&dev, other, 0), "a group is heard that was not asked for");
    expect(!hears("\2\x9\x9\x9\x9\x9", 0) && hears((const char *)net.mac, 0) && hears("\xff\xff\xff\xff\xff\xff", 0),
           "the groups' filter takes another unicast, or not ours");
}

/* What the system asks of the device at every start, and can ask. */
static void control(void)
{
    uint8_t mac[sizeof net.mac];

    net.filter = (struct vio_net_filter){.vlans = 2, .vlan = {5, 4094}};
    groups(3);
    groups(0);
    groups(VIO_NET_GROUPS);
    bool vlans = net.features & BIT(VIRTIO_NET_F_CTRL_VLAN), every = !vlans && !on->vlans_always;
    for (unsigned i = 0; i < 3; i++)
        expect(hears((const char *)net.mac, (uint16_t[]){5, 4094, 6}[i]) == (every || (vlans && i < 2)),
               "not the VLANs that were named");
    net.filter.all_groups = true;
    net.filter.groups = 0;
    expect(!vio_net_apply(&net) && hears("\1\0\x5e\2\2\2", 0) && !hears("\2\x9\x9\x9\x9\x9", 0), "not all groups are heard");
    net.filter.promiscuous = true;
    expect(!vio_net_apply(&net) && hears("\2\x9\x9\x9\x9\x9", 6), "promiscuous, but not all is heard");
    net.filter.promiscuous = net.filter.all_groups = false;
    memcpy(mac, net.mac, sizeof mac);
    memcpy(net.mac, "\2\x9\x9\x9\x9\x9", sizeof mac);
    expect(!vio_net_apply(&net) && hears("\2\x9\x9\x9\x9\x9", 0), "another address is not heard");
    memcpy(net.mac, mac, sizeof mac);
    groups(0);
    if (net.features & BIT(VIRTIO_NET_F_GUEST_ANNOUNCE)) {
        dev.config[6] |= VIRTIO_NET_S_ANNOUNCE;
        expect(vio_net_announce(&net) && !vio_net_announce(&net), "an announcement is not acknowledged");
    }
    expect(!net.ctrl.count.refused && !net.ctrl.count.nonsense && !vio_net_ctrl_lost(&net), "a command is refused");
}

static void whole_life(const struct profile *p, const char *name, uint64_t deny)
{
    bool ok = open_on(p, deny);

    for (unsigned life = 0; ok && life < 3; life++) {
        if (!start())
            break;
        control();
        transmit_plain();
        transmit_offload();
        receive_all();
        cable();
        coincidence();
        stop();
    }
    vio_net_detach(&net);
    vio_pci_close(&pci);
    const char *leak = fake_leak(&dev);
    expect(!leak, leak);
    tap(!why, "%s, %s: start, traffic, cable, stop, three times%s%s", p->name, name, why ? ": " : "",
        why ? why : "");
}

/* Whoever accepts VirtualBox's bit 30 is left with nothing but MAC. */
static void all_features_is_a_trap(const struct profile *p)
{
    if (!p->ways.bad)
        return;
    bool ok = open_on(p, 0);
    ok &= dev.features & p->ways.bad && !vio_net_start(&net, 0) && dev.driver_features != p->ways.minimal;
    vio_net_stop(&net);
    vio_net_detach(&net);
    vio_pci_close(&pci);
    tap(ok, "%s: feature bit 30 is offered and not accepted", p->name);
}

void test_profile(void)
{
    for (unsigned i = 0; i < profile_count; i++) {
        const struct profile *p = &profiles[i];
        whole_life(p, "all features", 0);
        whole_life(p, "no offloads", BIT(VIRTIO_NET_F_CSUM) | BIT(VIRTIO_NET_F_GUEST_CSUM));
        whole_life(p, "no notification tricks", BIT(VIRTIO_F_EVENT_IDX) | BIT(VIRTIO_F_INDIRECT_DESC));
        /* VirtualBox 7 takes a modern driver without mergeable buffers for a legacy one from its second life
         * on. */
        if (!p->first_life_counts)
            whole_life(p, "no mergeable buffers", BIT(VIRTIO_NET_F_MRG_RXBUF));
        whole_life(p, "no VLANs named", BIT(VIRTIO_NET_F_CTRL_VLAN));
        all_features_is_a_trap(p);
    }
}
