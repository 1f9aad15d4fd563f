// SPDX-License-Identifier: BSD-3-Clause
/* The control queue (core/vio_ctrl.h) and what vio_net says through it, byte by byte; refusals, lies,
 * silence. */
#include "fake.h"
#include <string.h>

#define BIT(n) VIO_BIT(n)
#define BASE   (BIT(VIRTIO_NET_F_MAC) | BIT(VIRTIO_NET_F_STATUS) | BIT(VIRTIO_NET_F_MRG_RXBUF))
#define CTRL   (BASE | BIT(VIRTIO_NET_F_CTRL_VQ) | BIT(VIRTIO_NET_F_CTRL_RX))
#define FULL                                                                                                 \
    (CTRL | BIT(VIRTIO_NET_F_CTRL_RX_EXTRA) | BIT(VIRTIO_NET_F_CTRL_MAC_ADDR) |                              \
     BIT(VIRTIO_NET_F_CTRL_VLAN) | BIT(VIRTIO_NET_F_GUEST_ANNOUNCE) |                                        \
     BIT(VIRTIO_NET_F_CTRL_GUEST_OFFLOADS) | BIT(VIRTIO_NET_F_GUEST_CSUM) | BIT(VIRTIO_NET_F_GUEST_TSO4) |   \
     BIT(VIRTIO_NET_F_GUEST_TSO6) | BIT(VIRTIO_NET_F_GUEST_ECN))

static struct hal_dev dev;
static struct vio_pci pci;
static struct vio_net net;

static bool open_net(const char *kind, uint64_t features)
{
    fake_init(&dev, kind, features, 16);
    return !vio_pci_open(&pci, &dev, false) && !vio_net_attach(&net, &pci, 0, 2048) &&
           !vio_net_start(&net, 0);
}

static bool close_net(void)
{
    bool ok = !vio_net_stop(&net);

    vio_net_detach(&net);
    vio_pci_close(&pci);
    return ok && !fake_leak(&dev);
}

static bool again(void)
{
    return !vio_net_stop(&net) && !vio_net_start(&net, 0);
}

/* The nth command so far is exactly these bytes. */
static bool said(unsigned nth, const void *bytes, unsigned len)
{
    return nth < dev.controls && dev.control[nth].len == len && !memcmp(dev.control[nth].bytes, bytes, len);
}

static void test_filters(void)
{
    static const uint8_t group[6] = {1, 0, 0x5e, 0, 0, 1}, mac[6] = {2, 9, 9, 9, 9, 9};
    static const char *const kinds[] = {"modern", "legacy", "packed"};

    for (unsigned i = 0; i < 3; i++) {
        bool packed = i == 2;
        bool ok = open_net(packed ? "modern" : kinds[i], CTRL | (packed ? BIT(VIRTIO_F_RING_PACKED) : 0));
        memcpy(net.filter.group[0], group, 6);
        net.filter.groups = 1;
        ok &= !vio_net_apply(&net) && dev.controls == 3 && dev.control[0].segs == 4;
        ok &=
            said(0, "\1\0\0\0\0\0\1\0\0\0\1\0\x5e\0\0\1", 16) && said(1, "\0\1\0", 3) && said(2, "\0\0\0", 3);
        tap(ok, "%s: one group: tables, then the modes", kinds[i]);

        net.filter.promiscuous = net.filter.all_groups = true;
        ok = !vio_net_apply(&net) && said(3, "\1\0\0\0\0\0\0\0\0\0", 10) && said(4, "\0\1\1", 3) &&
             said(5, "\0\0\1", 3);
        tap(ok, "%s: promiscuous, all groups", kinds[i]);

        memcpy(net.mac, mac, 6);
        net.filter = (struct vio_net_filter){0};
        ok = !vio_net_apply(&net) && said(6, "\1\0\1\0\0\0\2\x9\x9\x9\x9\x9\0\0\0\0", 16);
        tap(ok && close_net(), "%s: another address, without CTRL_MAC_ADDR: by the table", kinds[i]);
    }
}

static void test_full(void)
{
    static const uint8_t mac[6] = {2, 9, 9, 9, 9, 9};
    bool ok = open_net("modern", FULL);

    memcpy(net.mac, mac, 6);
    net.filter = (struct vio_net_filter){.no_groups = true, .vlans = 2, .vlan = {5, 0x123}};
    ok &= !vio_net_apply(&net) && dev.controls == 7;
    ok &= said(0, "\1\1\2\x9\x9\x9\x9\x9", 8) && said(1, "\2\0\5\0", 4) && said(2, "\2\0\x23\1", 4);
    ok &= said(3, "\1\0\0\0\0\0\0\0\0\0", 10) && said(5, "\0\3\1", 3);
    tap(ok, "address, VLANs, no groups, each in the spec's bytes");

    ok = !vio_net_large_receive(&net, false) && said(7, "\5\0\2\0\0\0\0\0\0\0", 10);
    ok &= !vio_net_large_receive(&net, true) && said(8, "\5\0\x82\3\0\0\0\0\0\0", 10);
    tap(ok, "large receive off and on");

    ok = !vio_net_announce(&net) && dev.controls == 9;
    dev.config[6] |= VIRTIO_NET_S_ANNOUNCE;
    ok &= vio_net_announce(&net) && said(9, "\3\0", 2);
    tap(ok && close_net(), "an announcement is acknowledged when asked for");
}

/* Moderation of interrupts (5.1.9.5.10), by direction and by queue. */
static void test_moderation(void)
{
    static const uint64_t by_direction = CTRL | BIT(VIRTIO_NET_F_NOTF_COAL);
    static const uint64_t by_queue = by_direction | BIT(VIRTIO_NET_F_VQ_NOTF_COAL);
    const struct virtio_net_ctrl_coal none = {0, 0}, rx = {32, 50}, tx = {64, 0x12345};
    bool ok = open_net("modern", by_direction);

    ok &= !vio_net_moderate(&net, none, none) && dev.controls == 0;
    tap(ok, "no moderation is what a device begins with");
    ok = !vio_net_moderate(&net, rx, tx) && dev.controls == 2;
    ok &= said(0, "\6\1\x20\0\0\0\x32\0\0\0", 10) && said(1, "\6\0\x40\0\0\0\x45\x23\1\0", 10);
    ok &= !vio_net_moderate(&net, rx, tx) && dev.controls == 2;
    ok &= !vio_net_moderate(&net, none, tx) && dev.controls == 3 && said(2, "\6\1\0\0\0\0\0\0\0\0", 10);
    tap(ok, "NOTF_COAL: each direction in the spec's bytes, and only when it changes");
    ok = !vio_net_stop(&net) && !vio_net_start(&net, 0) && !vio_net_moderate(&net, none, none) && dev.controls == 3;
    ok &= !vio_net_moderate(&net, rx, none) && dev.controls == 4 && said(3, "\6\1\x20\0\0\0\x32\0\0\0", 10);
    tap(ok && close_net(), "a reset forgets it");

    ok = open_net("modern", by_queue) && !vio_net_moderate(&net, rx, tx) && dev.controls == 2;
    ok &= said(0, "\6\2\0\0\0\0\x20\0\0\0\x32\0\0\0", 14) &&
          said(1, "\6\2\1\0\0\0\x40\0\0\0\x45\x23\1\0", 14);
    tap(ok && close_net(), "VQ_NOTF_COAL: each queue");

    ok = open_net("modern", by_queue);
    dev.control_refuse = 1 + 6 * 256 + 2;
    ok &= !vio_net_moderate(&net, rx, none) && dev.controls == 2 && said(1, "\6\1\x20\0\0\0\x32\0\0\0", 10);
    tap(ok && close_net(), "refused by queue: by direction");
    ok = open_net("modern", by_direction);
    dev.control_refuse = 1 + 6 * 256 + 1;
    ok &= vio_net_moderate(&net, rx, tx) == VIO_EINVAL && dev.controls == 1 && net.ctrl.count.refused == 1;
    ok &= vio_net_moderate(&net, rx, tx) == VIO_EINVAL && dev.controls == 1 && !vio_net_ctrl_lost(&net);
    ok &= !vio_net_apply(&net) && dev.controls == 4;
    tap(ok && close_net(), "refused: not asked for again, other commands go on");

    ok = open_net("modern", CTRL) && vio_net_moderate(&net, rx, tx) == VIO_EINVAL && !dev.controls;
    ok &= close_net();
    ok &= open_net("modern", by_queue & ~(BIT(VIRTIO_NET_F_CTRL_VQ) | BIT(VIRTIO_NET_F_CTRL_RX))) &&
          !(net.features & (BIT(VIRTIO_NET_F_NOTF_COAL) | BIT(VIRTIO_NET_F_VQ_NOTF_COAL))) &&
          vio_net_moderate(&net, rx, tx) == VIO_EINVAL && !dev.controls;
    tap(ok && close_net(), "moderation not offered, or no CTRL_VQ: no command");
}

/* A second with so many packets; how many commands the device had then. */
static unsigned after(uint64_t packets, struct virtio_net_ctrl_coal busy)
{
    net.rx_count.packets += packets;
    (void)vio_net_moderate_by_load(&net, busy);
    return dev.controls;
}

static void test_load(void)
{
    static const uint64_t by_direction = CTRL | BIT(VIRTIO_NET_F_NOTF_COAL), by_queue = CTRL | BIT(VIRTIO_NET_F_VQ_NOTF_COAL);
    static const uint64_t event = BIT(VIRTIO_F_EVENT_IDX);
    const struct virtio_net_ctrl_coal busy = {32, 64}, none = {0, 0};
    bool ok = open_net("modern", by_direction | event);

    ok &= after(0, busy) == 0 && after(1, busy) == 0 && after(VIO_NET_BUSY - 1, busy) == 0;
    tap(ok, "load: a device that is not busy is told nothing");
    ok = after(VIO_NET_BUSY, busy) == 1 && said(0, "\6\1\x20\0\0\0\x40\0\0\0", 10);
    tap(ok, "load: a busy one waits, for what comes in alone where sending has the event index");
    ok = after(VIO_NET_BUSY, busy) == 1 && after(1u << 30, busy) == 1 && after(VIO_NET_QUIET + 1, busy) == 1;
    tap(ok, "load: between the edges it goes on waiting");
    ok = after(VIO_NET_QUIET, busy) == 2 && said(1, "\6\1\0\0\0\0\0\0\0\0", 10);
    ok &= after(VIO_NET_QUIET + 1, busy) == 2 && after(VIO_NET_BUSY - 1, busy) == 2;
    tap(ok, "load: a quiet one does not wait, nor until it is busy again");
    ok = after(VIO_NET_BUSY, busy) == 3 && again() && after(0, busy) == 3 && after(VIO_NET_BUSY, busy) == 4;
    tap(ok && close_net(), "load: a reset's device is told when it is busy again");

    ok = open_net("modern", by_queue) && after(VIO_NET_BUSY, busy) == 2;
    ok &= said(0, "\6\2\0\0\0\0\x20\0\0\0\x40\0\0\0", 14) && said(1, "\6\2\1\0\0\0\x20\0\0\0\x40\0\0\0", 14);
    ok &= after(0, busy) == 4 && said(3, "\6\2\1\0\0\0\0\0\0\0\0\0\0\0", 14);
    tap(ok && close_net(), "load: without the event index sending waits too; VQ_NOTF_COAL alone does for both");

    ok = open_net("modern", by_direction | by_queue);
    dev.control_refuse = 1 + 6 * 256 + 2;
    ok &= after(VIO_NET_BUSY, busy) == 4 && said(1, "\6\1\x20\0\0\0\x40\0\0\0", 10) && after(VIO_NET_BUSY, busy) == 4;
    tap(ok && close_net(), "load: both bits, refused by queue: by direction");
    ok = open_net("modern", by_direction);
    dev.control_refuse = 1 + 6 * 256 + 1;
    ok &= after(VIO_NET_BUSY, busy) == 1 && after(VIO_NET_BUSY, busy) == 1 && after(0, busy) == 1 && again();
    dev.control_refuse = 0;
    ok &= after(VIO_NET_BUSY, busy) == 3;
    tap(ok && close_net(), "load: refused: asked again in the device's next life");
    ok = open_net("modern", by_direction) && after(VIO_NET_BUSY, none) == 0 && after(VIO_NET_BUSY, none) == 0;
    tap(ok && close_net(), "load: nothing to wait for: no command");
    ok = open_net("modern", CTRL) && after(VIO_NET_BUSY, busy) == 0 && after(0, busy) == 0 && !vio_net_ctrl_lost(&net);
    tap(ok && close_net(), "load: not offered: no command");
}

/* What a user may write. */
static void test_moderation_words(void)
{
    static const struct {
        const char *text;
        uint32_t packets, usecs; /* 0: refused */
    } rows[] = {
        {"32,64", 32, 64},          {"1,1", 1, 1},         {"4294967295,4294967295", 4294967295u, 4294967295u},
        {"007,08", 7, 8},           {"", 0, 0},            {"0", 0, 0},
        {"0,0", 0, 0},              {"0,64", 0, 0},        {"32,0", 0, 0},
        {"32", 0, 0},               {"32,", 0, 0},         {",64", 0, 0},
        {"32,64,1", 0, 0},          {"32, 64", 0, 0},      {" 32,64", 0, 0},
        {"32;64", 0, 0},            {"32,64us", 0, 0},     {"-1,64", 0, 0},
        {"32,-1", 0, 0},            {"0x20,64", 0, 0},     {"many,64", 0, 0},
        {"4294967296,64", 0, 0},    {"4294967297,64", 0, 0}, {"32,4294967296", 0, 0}, {"18446744073709551648,64", 0, 0},
        {"32,99999999999999999999999999999999", 0, 0},
    };

    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct virtio_net_ctrl_coal coal = {9, 9};
        bool taken = vio_net_moderation_read(rows[i].text, &coal);
        tap(taken == (rows[i].packets != 0) && coal.max_packets == rows[i].packets && coal.max_usecs == rows[i].usecs,
            "moderation \"%s\" is %s", rows[i].text, rows[i].packets ? "taken" : "refused");
    }
}

/* What the device refuses is replaced by something wider. */
static void test_refusal(void)
{
    bool ok = open_net("modern", CTRL);

    net.filter.groups = 2;
    dev.control_refuse = 1 + 256;
    ok &= !vio_net_apply(&net) && said(1, "\0\1\1", 3) && said(2, "\0\0\0", 3) && net.ctrl.count.refused == 1;
    tap(ok, "tables refused: all groups");
    net.filter.all_groups = true;
    dev.control_refuse = 1 + 1;
    ok = !vio_net_apply(&net) && said(5, "\0\0\1", 3);
    tap(ok, "all groups refused: promiscuous");
    net.filter = (struct vio_net_filter){0};
    dev.control_refuse = 0;
    dev.control_ack = 77;
    ok = vio_net_apply(&net) == VIO_EINVAL && net.ctrl.count.nonsense == 3;
    tap(ok && close_net(), "an acknowledgement that there is not counts as a refusal");

    ok = open_net("modern", FULL);
    net.filter.vlans = 2;
    dev.control_refuse = 1 + 2 * 256;
    ok &= !vio_net_apply(&net) && net.ctrl.count.refused == 1 && said(dev.controls - 1, "\0\0\1", 3);
    tap(ok && close_net(), "a VLAN refused: promiscuous, so that its frames come in");
}

static void test_silence(void)
{
    bool ok = open_net("modern", CTRL);

    dev.control_ack = FAKE_SILENT;
    ok &= !vio_net_ctrl_lost(&net) && vio_net_apply(&net) == VIO_EBROKEN && net.ctrl.count.timeouts == 1;
    ok &= vio_net_apply(&net) == VIO_EBROKEN && net.ctrl.count.commands == 1 && vio_net_ctrl_lost(&net);
    tap(ok, "a silent device: one time-out, then no more commands in that life");
    dev.control_ack = 0;
    net.filter.promiscuous = true;
    ok = again() && !vio_net_apply(&net) && dev.controls == 3 && said(2, "\0\0\1", 3) && !vio_net_ctrl_lost(&net);
    tap(ok && close_net(), "one that answers in its next life: its filters are set");

    ok = open_net("modern", CTRL);
    for (unsigned life = 0; life < 20; life++) {
        dev.control_ack = life % 4 == 3 ? 0 : FAKE_SILENT; /* three out of four would be too many in a row */
        if (life % 4 == 2)
            ok &= again();
        else
            ok &= !!vio_net_apply(&net) == (life % 4 < 2) && again();
    }
    ok &= net.features == (CTRL | BIT(VIRTIO_F_VERSION_1));
    tap(ok && close_net(), "time-outs that are not in a row do not add up");

    ok = open_net("modern", CTRL);
    dev.control_ack = FAKE_SILENT;
    fake_put_used(&dev, 2, 9, 1); /* an id that is not posted */
    fake_step_used(&dev, 2, 1);
    ok &= vio_net_apply(&net) != 0 && vio_net_ctrl_lost(&net) && net.ctrl.q.broken;
    tap(ok && close_net(), "a control queue that breaks is not used any more");
}

/* Silent in life after life: what only commands make usable is not accepted any more. */
static void test_given_up(void)
{
    static const char *const kinds[] = {"modern", "legacy", "packed"};
    const uint64_t left = BASE | BIT(VIRTIO_NET_F_GUEST_CSUM);

    for (unsigned i = 0; i < 3; i++) {
        uint64_t ring = i == 2 ? BIT(VIRTIO_F_RING_PACKED) : 0, extra = ring | (i == 1 ? 0 : BIT(VIRTIO_F_VERSION_1));
        bool ok = open_net(i == 2 ? "modern" : kinds[i], FULL | ring);
        net.filter.vlans = 1;
        net.filter.vlan[0] = 5;
        dev.control_ack = FAKE_SILENT;
        for (unsigned life = 0; life < VIO_NET_CTRL_CHANCES; life++) {
            ok &= net.features == (FULL | extra) && vio_net_apply(&net) == VIO_EBROKEN;
            ok &= vio_net_large_receive(&net, false) == VIO_EBROKEN && again();
        }
        tap(ok && net.ctrl.count.commands == VIO_NET_CTRL_CHANCES, "%s: one command in each of its lives", kinds[i]);
        ok = net.features == (left | extra) && dev.driver_features == net.features && !dev.queue[2].enabled;
        tap(ok, "%s: then no CTRL_VLAN, no large receive, no control queue", kinds[i]);
        ok = !vio_net_apply(&net) && vio_net_large_receive(&net, false) == VIO_EINVAL && !vio_net_announce(&net);
        dev.control_ack = 0;
        ok &= again() && net.features == (left | extra) && !vio_net_apply(&net) && !dev.controls;
        tap(ok && close_net(), "%s: and filters are the caller's alone", kinds[i]);
    }
}

static void test_masked(void)
{
    bool ok = open_net("modern", BASE);

    net.filter.promiscuous = true;
    ok &= !vio_net_apply(&net) && vio_net_large_receive(&net, true) == VIO_EINVAL && !vio_net_announce(&net);
    ok &= !dev.controls && !dev.queue[2].enabled;
    tap(ok && close_net(), "without CTRL_VQ: no commands, no queue");
    ok = open_net("modern", FULL & ~BIT(VIRTIO_NET_F_CTRL_VQ)) &&
         net.features ==
             (BASE | BIT(VIRTIO_NET_F_GUEST_CSUM) | BIT(VIRTIO_F_VERSION_1));
    tap(ok && close_net(), "nothing that needs CTRL_VQ is accepted without it");
}

void test_ctrl(void)
{
    test_filters();
    test_full();
    test_moderation();
    test_load();
    test_moderation_words();
    test_refusal();
    test_silence();
    test_given_up();
    test_masked();
}
