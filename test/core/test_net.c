// SPDX-License-Identifier: BSD-3-Clause
/* The network device (core/vio_net.h) against a device that behaves, and against its lies. */
#include "fake.h"
#include <string.h>

#define BIT(n) VIO_BIT(n)
#define RING   (BIT(VIRTIO_F_EVENT_IDX) | BIT(VIRTIO_F_INDIRECT_DESC))
#define BASIC  (BIT(VIRTIO_NET_F_MAC) | BIT(VIRTIO_NET_F_STATUS))
#define ALL                                                                                                  \
    (RING | BASIC | BIT(VIRTIO_NET_F_CSUM) | BIT(VIRTIO_NET_F_GUEST_CSUM) | BIT(VIRTIO_NET_F_HOST_TSO4) |    \
     BIT(VIRTIO_NET_F_MRG_RXBUF))

/* What the tests run over: ring features added to each modern device, and their name. */
static uint64_t ring_features;
static const char *ring_name = "";
#define tap(ok, format, ...) (tap)(ok, "%s" format, ring_name, ##__VA_ARGS__)

enum { NUM = 16, BUF = 2048, RX = 0, TX = 1 };

static struct hal_dev dev;
static struct vio_pci pci;
static struct vio_net net;
static struct vio_net_rx rx;
static uint8_t rx_memory[2 * NUM][BUF], tx_memory[1 << 16];
static uint64_t rx_pa, tx_pa;
static struct vio_net_rxbuf bufs[2 * NUM];

static void *cookie(unsigned i)
{
    return (void *)(uintptr_t)(i + 1);
}

static int open_net(const char *kind, uint64_t features)
{
    int error;

    fake_init(&dev, kind, features | (strcmp(kind, "legacy") ? ring_features : 0), NUM);
    fake_lend(&dev, rx_memory, sizeof rx_memory, &rx_pa);
    fake_lend(&dev, tx_memory, sizeof tx_memory, &tx_pa);
    for (unsigned i = 0; i < VIO_COUNT(bufs); i++)
        bufs[i] = (struct vio_net_rxbuf){rx_memory[i], rx_pa + i * BUF, BUF, cookie(i)};
    error = vio_pci_open(&pci, &dev, false);
    if (!error)
        error = vio_net_attach(&net, &pci, 0, BUF);
    return error;
}

static const char *close_net(void)
{
    vio_net_detach(&net);
    vio_pci_close(&pci);
    return fake_leak(&dev);
}

static void test_attach(void)
{
    static const struct {
        const char *name, *kind;
        uint64_t features;
        uint16_t mtu;
        int hdr_len, mtu_max;
        bool one_layout;
    } rows[] = {
        {"bare legacy", "legacy", 0, 0, 10, 9000, true},
        {"legacy, any layout", "legacy", BIT(VIRTIO_F_ANY_LAYOUT), 0, 10, 9000, false},
        {"legacy, mergeable", "legacy", BIT(VIRTIO_NET_F_MRG_RXBUF), 0, 12, 9000, true},
        {"modern", "modern", ALL, 0, 12, 9000, false},
        {"modern, MTU 1400", "modern", ALL | BIT(VIRTIO_NET_F_MTU), 1400, 12, 1400, false},
        {"modern, MTU 65535", "modern", ALL | BIT(VIRTIO_NET_F_MTU), 65535, 12, 65535, false},
        {"MTU of 67", "modern", ALL | BIT(VIRTIO_NET_F_MTU), 67, 12, 9000, false},
        {"MTU 9000 without mergeable buffers", "modern", BIT(VIRTIO_NET_F_MTU), 9000, 12, 9000, false},
        {"MTU 65535 without mergeable buffers, on a short ring", "modern", BIT(VIRTIO_NET_F_MTU), 65535, 12, 9000, false},
    };

    for (unsigned i = 0; i < VIO_COUNT(rows); i++) {
        struct vio_net_link link;
        uint16_t mtu = rows[i].mtu;
        fake_init(&dev, rows[i].kind, rows[i].features | BASIC, NUM);
        memcpy(dev.config + 10, &mtu, 2);
        bool ok = !vio_pci_open(&pci, &dev, false) && !vio_net_attach(&net, &pci, 0, BUF);
        ok &= net.hdr_len == rows[i].hdr_len && net.mtu_max == rows[i].mtu_max &&
              net.one_layout == rows[i].one_layout;
        ok &= net.mac_valid && !memcmp(net.mac, dev.config, 6) && dev.status == 0;
        ok &= !vio_net_start(&net, 0) && dev.status == (strcmp(rows[i].kind, "legacy") ? 0x0f : 0x07);
        ok &= !vio_net_link(&net, &link) && link.up && !link.mbps;
        dev.config[6] = 0;
        ok &= !vio_net_link(&net, &link) && !link.up;
        ok &= !vio_net_stop(&net);
        const char *leak = close_net();
        tap(ok && !leak, "attach: %s", rows[i].name);
    }
}

static void test_mac_and_speed(void)
{
    static const struct {
        uint8_t mac[6];
        bool valid;
    } rows[] = {{{0}, false}, {{1, 2, 3, 4, 5, 6}, false}, {{2, 0, 0, 0, 0, 1}, true}};
    struct vio_net_link link;
    bool ok = true;

    for (unsigned i = 0; i < VIO_COUNT(rows); i++) {
        fake_init(&dev, "modern", ALL | BIT(VIRTIO_NET_F_SPEED_DUPLEX), NUM);
        memcpy(dev.config, rows[i].mac, 6);
        memcpy(dev.config + 12, i ? "\x10\x27\0\0\x01" : "\xff\xff\xff\xff\xff", 5);
        ok &= !vio_pci_open(&pci, &dev, false) && !vio_net_attach(&net, &pci, 0, BUF) &&
              net.mac_valid == rows[i].valid;
        ok &= !vio_net_link(&net, &link) && link.mbps == (i ? 10000 : 0) && !link.half_duplex;
        ok &= !close_net();
    }
    tap(ok, "addresses that are none, speeds that are unknown");
}

/* Each allocation in turn fails, at attach. */
static void test_attach_no_memory(void)
{
    int failures = 0, error = 0;
    bool ok = true;

    for (int nth = 1; nth < 20; nth++) {
        fake_init(&dev, "modern", ALL & ~BIT(VIRTIO_F_INDIRECT_DESC), NUM);
        fake_fail_alloc(&dev, nth);
        ok &= !vio_pci_open(&pci, &dev, false);
        error = vio_net_attach(&net, &pci, 0, BUF);
        fake_fail_alloc(&dev, 0);
        ok &= (error == 0 || error == VIO_ENOMEM) && dev.status == 0;
        failures += error != 0;
        ok &= !close_net();
    }
    tap(ok && failures == 6 && !error, "attach with each of 6 allocations failing");
}

static void features_shrink(void)
{
    dev.features &= ~BIT(VIRTIO_NET_F_MRG_RXBUF);
}
static void queue_shrinks(void)
{
    dev.queue[1].size = dev.queue[1].num = NUM / 2;
}
static void queue_grows(void)
{
    dev.queue[1].size = dev.queue[1].num = NUM * 2;
}
static void nothing(void) {}

static void test_restart(void)
{
    static const struct {
        const char *name, *kind;
        void (*change)(void);
        int error;
    } rows[] = {{"the same", "modern", nothing, 0},
                {"other features", "modern", features_shrink, VIO_EDEVICE},
                {"a smaller queue", "modern", queue_shrinks, VIO_EDEVICE},
                {"a larger queue", "modern", queue_grows, 0},
                {"a larger queue on a legacy device", "legacy", queue_grows, VIO_EDEVICE}};

    for (unsigned i = 0; i < VIO_COUNT(rows); i++) {
        bool ok = !open_net(rows[i].kind, ALL) && !vio_net_start(&net, 0) && !vio_net_stop(&net);
        rows[i].change();
        ok &= vio_net_start(&net, 0) == rows[i].error && (!rows[i].error || dev.status == 0);
        ok &= !vio_net_stop(&net);
        tap(ok && !close_net(), "a second life of the device with %s", rows[i].name);
    }
}

/* Transmission. */

/* Queues a frame whose head is the first bytes of tx_memory. */
static int send(struct vio_net_tx *tx)
{
    uint8_t *head;
    int error = vio_net_tx_head(&net, &head);

    if (error)
        return error;
    memcpy(head, tx_memory, tx->head_len);
    return vio_net_tx(&net, tx);
}

static struct vio_net_tx tx_of(unsigned head, unsigned segs, unsigned seg_len)
{
    struct vio_net_tx tx = {.head_len = (uint16_t)head,
                            .segs = (uint16_t)segs,
                            .len = head + segs * seg_len,
                            .cookie = cookie(99)};

    for (unsigned i = 0; i < segs; i++)
        tx.seg[VIO_NET_TX_FIRST + i] = (struct vq_seg){tx_pa + head + i * seg_len, seg_len};
    return tx;
}

static void test_tx_frames(void)
{
    static const struct {
        const char *kind;
        uint64_t features;
        unsigned head, segs, seg_len, expect_segs;
    } rows[] = {
        {"modern", ALL, 60, 0, 0, 1},
        {"modern", ALL, 244, 0, 0, 1},
        {"modern", ALL, 0, 1, 1514, 2},
        {"modern", ALL, 54, 1, 1460, 2},
        {"modern", ALL, 66, 38, 1000, 39},
        {"modern", ALL, 1, 3, 1, 4},
        {"modern", BASIC, 66, 12, 1000, 13},
        {"legacy", BASIC, 60, 0, 0, 2},
        {"legacy", BASIC, 54, 2, 700, 4},
        {"legacy", BASIC, 0, 2, 700, 3},
        {"legacy", RING | BASIC, 244, 38, 10, 40},
        {"legacy", ALL | BIT(VIRTIO_F_ANY_LAYOUT), 60, 1, 100, 2},
    };

    for (unsigned i = 0; i < sizeof tx_memory; i++)
        tx_memory[i] = (uint8_t)(i * 7 + (i >> 8));
    for (unsigned i = 0; i < VIO_COUNT(rows); i++) {
        struct vio_net_tx tx = tx_of(rows[i].head, rows[i].segs, rows[i].seg_len);
        struct fake_chain c;
        static uint8_t got[1 << 16], zero[12];
        void *back[4];
        bool ok = !open_net(rows[i].kind, rows[i].features) && !vio_net_start(&net, 0);
        for (unsigned turn = 0; ok && turn < 3u * NUM; turn++) {
            ok &= !send(&tx) && !fake_take(&dev, TX, &c);
            fake_want_kick(&dev, TX, true);
            vio_net_tx_flush(&net);
            ok &= dev.queue[TX].kicks == turn + 1 && fake_take(&dev, TX, &c) && c.segs == rows[i].expect_segs;
            uint32_t len = fake_gather(&dev, &c, got, sizeof got);
            ok &= len == net.hdr_len + tx.len && !memcmp(got, zero, net.hdr_len) &&
                  !memcmp(got + net.hdr_len, tx_memory, tx.len);
            ok &= vio_net_tx_reap(&net, back, 4) == 0 && vio_net_tx_pending(&net) == 1;
            ok &= !fake_use(&dev, TX, c.id, 0); /* no TX interrupts */
            ok &=
                vio_net_tx_reap(&net, back, 4) == 1 && back[0] == cookie(99) && vio_net_tx_pending(&net) == 0;
        }
        ok &= net.tx_count.packets == 3u * NUM && net.tx_count.bytes == 3ull * NUM * tx.len;
        vio_net_stop(&net);
        tap(ok && !close_net(), "tx %s: %u bytes copied, %u pieces", rows[i].kind, rows[i].head,
            rows[i].segs);
    }
}

static void test_tx_offload(void)
{
    static const struct {
        const char *name;
        uint64_t features;
        struct vio_net_tx tx;
        int error;
        struct virtio_net_hdr hdr;
    } rows[] = {
        {"checksum", ALL, {.csum = true, .csum_start = 34, .csum_offset = 16}, 0, {1, 0, 0, 0, 34, 16, 0}},
        {"checksum at the very end",
         ALL,
         {.csum = true, .csum_start = 182, .csum_offset = 16},
         0,
         {1, 0, 0, 0, 182, 16, 0}},
        {"checksum past the end", ALL, {.csum = true, .csum_start = 183, .csum_offset = 16}, VIO_EINVAL, {0}},
        {"checksum far past the end",
         ALL,
         {.csum = true, .csum_start = 65535, .csum_offset = 65535},
         VIO_EINVAL,
         {0}},
        {"checksum not negotiated",
         BASIC,
         {.csum = true, .csum_start = 34, .csum_offset = 16},
         VIO_EINVAL,
         {0}},
        {"TSO4",
         ALL,
         {.csum = true, .csum_start = 34, .csum_offset = 16, .gso = 1, .mss = 50, .hdr_len = 54},
         0,
         {1, 1, 54, 50, 34, 16, 0}},
        {"TSO4 without checksum", ALL, {.gso = 1, .mss = 50, .hdr_len = 54}, VIO_EINVAL, {0}},
        {"TSO4 without size",
         ALL,
         {.csum = true, .csum_start = 34, .csum_offset = 16, .gso = 1, .hdr_len = 54},
         VIO_EINVAL,
         {0}},
        {"TSO4 of headers alone",
         ALL,
         {.csum = true, .csum_start = 34, .csum_offset = 16, .gso = 1, .mss = 50, .hdr_len = 200},
         VIO_EINVAL,
         {0}},
        {"TSO6 not negotiated",
         ALL,
         {.csum = true, .csum_start = 54, .csum_offset = 16, .gso = 4, .mss = 50, .hdr_len = 74},
         VIO_EINVAL,
         {0}},
        {"an unknown type",
         ALL,
         {.csum = true, .csum_start = 34, .csum_offset = 16, .gso = 77, .mss = 50, .hdr_len = 54},
         VIO_EINVAL,
         {0}},
    };

    for (unsigned i = 0; i < VIO_COUNT(rows); i++) {
        struct vio_net_tx tx = rows[i].tx;
        struct fake_chain c;
        uint8_t got[512];
        bool ok = !open_net("modern", rows[i].features) && !vio_net_start(&net, 0);
        tx.head_len = 100;
        tx.segs = 1;
        tx.len = 200;
        tx.seg[VIO_NET_TX_FIRST] = (struct vq_seg){tx_pa, 100};
        ok &= send(&tx) == rows[i].error;
        ok &= net.fault[VIO_NET_TX_REQUEST] == (rows[i].error != 0);
        vio_net_tx_flush(&net);
        ok &= fake_take(&dev, TX, &c) == !rows[i].error;
        if (ok && !rows[i].error)
            ok &= fake_gather(&dev, &c, got, sizeof got) == 212 && !memcmp(got, &rows[i].hdr, 12);
        vio_net_stop(&net);
        tap(ok && !close_net(), "tx offload: %s", rows[i].name);
    }
}

static void test_tx_full(void)
{
    struct vio_net_tx tx = tx_of(0, 3, 100);
    struct fake_chain c[NUM];
    void *back[2 * NUM];
    bool ok = !open_net("modern", ALL) && !vio_net_start(&net, 0);

    for (unsigned i = 0; i < NUM; i++) {
        tx.cookie = i == 3 ? NULL : cookie(i);
        ok &= !send(&tx);
    }
    ok &= send(&tx) == VIO_EFULL && net.tx_count.full == 1;
    vio_net_tx_flush(&net);
    for (unsigned i = 0; i < NUM; i++)
        ok &= fake_take(&dev, TX, &c[i]);
    ok &= !vio_net_tx_wait(&net);
    for (unsigned i = 0; i < NUM; i++)
        ok &= fake_use(&dev, TX, c[i].id, 0) == (i == NUM * 3 / 4 - 1);
    ok &= vio_net_tx_wait(&net); /* asked too late */
    vio_net_tx_unwait(&net);
    ok &= vio_net_tx_reap(&net, back, 4) == 4 && back[2] == cookie(2) && back[3] == cookie(4);
    ok &= vio_net_tx_reap(&net, back, 2 * NUM) == NUM - 5 && vio_net_tx_reap(&net, back, 1) == 0;
    tap(ok, "a full transmit ring: one interrupt at three quarters, all reaped");

    for (unsigned i = 0; i < 5; i++)
        ok &= !send(&tx);
    vio_net_tx_flush(&net);
    ok &= fake_take(&dev, TX, &c[0]) && fake_take(&dev, TX, &c[1]);
    fake_use(&dev, TX, c[0].id, 0);
    fake_use(&dev, TX, c[0].id, 0); /* twice */
    ok &= vio_net_tx_reap(&net, back, 8) == 1 && vio_net_tx_reap(&net, back, 8) == VIO_EBROKEN;
    ok &= send(&tx) == VIO_EBROKEN;
    ok &= !vio_net_stop(&net) && send(&tx) == VIO_EBROKEN;
    unsigned left = 0;
    while (vio_net_tx_detach(&net, back))
        left++;
    ok &= left == 4 && !vio_net_start(&net, 0) && !send(&tx);
    vio_net_stop(&net);
    tap(ok && !close_net(), "a broken transmit ring gives back what it held, and works after a restart");
}

/* The transmit queue alone has a new life (2.6.1), while the receive queue goes on. */
static void test_tx_reset(void)
{
    struct vio_net_tx tx = tx_of(0, 1, 100);
    struct fake_chain c;
    void *back[4];
    unsigned left = 0;
    bool ok = !open_net("modern", ALL | BIT(VIRTIO_F_RING_RESET)) && !vio_net_start(&net, 0) &&
              vio_net_rx_post(&net, bufs, 4) == 4;

    for (unsigned i = 0; i < 5; i++)
        ok &= !send(&tx);
    vio_net_tx_flush(&net);
    ok &= fake_take(&dev, TX, &c) && !vio_net_tx_quiesce(&net);
    while (vio_net_tx_detach(&net, back))
        left++;
    ok &= left == 5 && !dev.queue[TX].enabled && dev.queue[RX].enabled && !vio_net_tx_resume(&net);
    ok &= !send(&tx) && vio_net_tx_pending(&net) == 1;
    vio_net_tx_flush(&net);
    ok &= fake_take(&dev, TX, &c);
    ok &= !fake_use(&dev, TX, c.id, 0) && vio_net_tx_reap(&net, back, 4) == 1;
    ok &= fake_take(&dev, RX, &c) && (dev.status & VIRTIO_STATUS_DRIVER_OK);
    tap(ok, "the transmit queue alone is reset and goes on");

    dev.queue[TX].stuck = true;
    ok = vio_net_tx_quiesce(&net) == VIO_ETIMEOUT;
    vio_net_stop(&net);
    dev.queue[TX].stuck = false;
    tap(ok && !close_net(), "a reset of the transmit queue that does not end is given up");
    ok = !open_net("modern", ALL) && !vio_net_start(&net, 0) && vio_net_tx_quiesce(&net) == VIO_EFEATURE;
    vio_net_stop(&net);
    tap(ok && !close_net(), "no reset of a queue without RING_RESET");
}

/* Reception. A row: what the device writes; what must come of it. */
struct rx_row {
    const char *name;
    struct virtio_net_hdr hdr;
    uint32_t len[3]; /* written to each buffer, header included; 0: not used */
    int fault;       /* VIO_NET_FAULTS: none, the frame arrives */
    bool breaks;     /* the queue */
    uint32_t frame_len;
    bool csum_valid, csum_partial;
};
#define NONE VIO_NET_FAULTS
static const struct rx_row rx_merge_rows[] = {
    {"a frame", {.num_buffers = 1}, {72}, NONE, false, 60, false, false},
    {"a frame that fills its buffer", {.num_buffers = 1}, {BUF}, NONE, false, BUF - 12, false, false},
    {"a frame in two buffers", {.num_buffers = 2}, {BUF, 100}, NONE, false, BUF - 12 + 100, false, false},
    {"a frame in three buffers",
     {.num_buffers = 3},
     {BUF, BUF, 1},
     NONE,
     false,
     2 * BUF - 12 + 1,
     false,
     false},
    {"checksum verified", {.flags = 2, .num_buffers = 1}, {72}, NONE, false, 60, true, false},
    {"checksum partial",
     {.flags = 1, .csum_start = 34, .csum_offset = 16, .num_buffers = 1},
     {72},
     NONE,
     false,
     60,
     false,
     true},
    {"checksum at the very end",
     {.flags = 1, .csum_start = 42, .csum_offset = 16, .num_buffers = 1},
     {72},
     NONE,
     false,
     60,
     false,
     true},
    {"checksum past the end",
     {.flags = 1, .csum_start = 43, .csum_offset = 16, .num_buffers = 1},
     {72},
     VIO_NET_RX_CSUM,
     false,
     0,
     false,
     false},
    {"checksum start of 65535",
     {.flags = 1, .csum_start = 65535, .csum_offset = 65535, .num_buffers = 1},
     {72},
     VIO_NET_RX_CSUM,
     false,
     0,
     false,
     false},
    {"checksum in the Ethernet header",
     {.flags = 1, .csum_start = 13, .csum_offset = 16, .num_buffers = 1},
     {72},
     VIO_NET_RX_CSUM,
     false,
     0,
     false,
     false},
    {"unknown flags", {.flags = 0xfc, .num_buffers = 1}, {72}, NONE, false, 60, false, false},
    {"segmentation not negotiated",
     {.gso_type = 1, .gso_size = 1000, .num_buffers = 1},
     {72},
     VIO_NET_RX_GSO,
     false,
     0,
     false,
     false},
    {"segmentation of no known type",
     {.gso_type = 0x7f, .gso_size = 1, .num_buffers = 1},
     {72},
     VIO_NET_RX_GSO,
     false,
     0,
     false,
     false},
    {"ECN alone", {.gso_type = 0x80, .num_buffers = 1}, {72}, VIO_NET_RX_GSO, false, 0, false, false},
    {"nothing written", {.num_buffers = 1}, {0xffffffff}, VIO_NET_RX_SHORT, false, 0, false, false},
    {"half a header", {.num_buffers = 9}, {11}, VIO_NET_RX_SHORT, false, 0, false, false},
    {"a header alone", {.num_buffers = 1}, {12}, VIO_NET_RX_RUNT, false, 0, false, false},
    {"13 bytes", {.num_buffers = 1}, {25}, VIO_NET_RX_RUNT, false, 0, false, false},
    {"first of two not full", {.num_buffers = 2}, {BUF - 1, 100}, VIO_NET_RX_GAP, false, 0, false, false},
    {"num_buffers 0", {.num_buffers = 0}, {72}, VIO_NET_RX_NUM_BUFFERS, true, 0, false, false},
    {"num_buffers 65535", {.num_buffers = 65535}, {72}, VIO_NET_RX_NUM_BUFFERS, true, 0, false, false},
    {"num_buffers 35", {.num_buffers = 35}, {72}, VIO_NET_RX_NUM_BUFFERS, true, 0, false, false},
    {"second buffer missing", {.num_buffers = 2}, {BUF}, VIO_NET_RX_MISSING, true, 0, false, false},
};
static const struct rx_row rx_plain_rows[] = {
    {"a frame, any num_buffers", {.num_buffers = 77}, {72}, NONE, false, 60, false, false},
    {"checksum flags without GUEST_CSUM",
     {.flags = 3, .csum_start = 65535},
     {72},
     NONE,
     false,
     60,
     false,
     false},
    {"nothing written", {0}, {0xffffffff}, VIO_NET_RX_SHORT, false, 0, false, false},
};

static uint8_t frame_bytes[4 * BUF];

/* Takes a buffer and uses it with `len` bytes written (all-ones: none). */
static void receive(const void *bytes, uint32_t len)
{
    struct fake_chain c;

    if (!fake_take(&dev, RX, &c))
        return;
    len = len == 0xffffffff ? 0 : len;
    fake_scatter(&dev, &c, bytes, len);
    fake_put_used(&dev, RX, c.id, len);
}

static void play(const struct rx_row *row)
{
    uint32_t at = 0;
    uint16_t used = 0;

    memcpy(frame_bytes, &row->hdr, net.hdr_len);
    for (unsigned i = 0; i < 3 && row->len[i]; i++, used++) {
        receive(frame_bytes + at, row->len[i]);
        at += row->len[i];
    }
    fake_step_used(&dev, RX, used);
}

static bool frame_arrived(const struct rx_row *row)
{
    const struct vio_net_frame *f = &rx.frame[0];
    uint32_t at = net.hdr_len;

    if (rx.frames != 1 || f->len != row->frame_len || f->csum_valid != row->csum_valid ||
        f->csum_partial != row->csum_partial || f->gso)
        return false;
    for (unsigned i = 0; i < f->pieces; i++) {
        const struct vio_net_piece *p = &rx.piece[f->first + i];
        if (p->buf.va != rx_memory[(uintptr_t)p->buf.cookie - 1] ||
            memcmp(p->buf.va + p->offset, frame_bytes + at, p->len))
            return false;
        at += p->len;
    }
    return at == net.hdr_len + f->len;
}

/* Every buffer posted is posted, delivered or given back: none lost, none twice. */
static bool all_back(unsigned posted)
{
    bool seen[2 * NUM] = {false};
    void *back;

    for (unsigned i = 0; i < rx.pieces; i++)
        seen[(uintptr_t)rx.piece[i].buf.cookie - 1] = true;
    while (vio_net_rx_detach(&net, &back)) {
        if (seen[(uintptr_t)back - 1])
            return false;
        seen[(uintptr_t)back - 1] = true;
    }
    for (unsigned i = 0; i < posted; i++)
        if (!seen[i])
            return false;
    return true;
}

static void run_rx_rows(const char *kind, uint64_t features, const struct rx_row *row, unsigned rows)
{
    for (; rows--; row++) {
        bool ok = !open_net(kind, features) && !vio_net_start(&net, 0);
        unsigned room = vio_net_rx_room(&net);
        ok &= vio_net_rx_post(&net, bufs, 2 * NUM) == (int)room && !vio_net_rx_room(&net);
        ok &= vio_net_rx_burst(&net, &rx) == 0 && !vio_net_rx_arm(&net);
        play(row);
        ok &= vio_net_rx_burst(&net, &rx) == (row->breaks ? VIO_EBROKEN : row->fault == NONE);
        ok &= row->fault != NONE || frame_arrived(row);
        ok &= rx.dropped == (row->fault != NONE);
        for (int f = 0; f < VIO_NET_FAULTS; f++)
            ok &= net.fault[f] == (f == row->fault);
        /* A dropped frame's buffers are posted again at once. */
        ok &= row->fault == NONE || row->breaks || vio_net_rx_room(&net) == 0;
        ok &= !row->breaks || vio_net_rx_post(&net, bufs, 1) == VIO_EBROKEN;
        ok &= !vio_net_stop(&net) && all_back(room);
        tap(ok && !close_net(), "rx %s: %s", kind, row->name);
    }
}

/* Good frames before a lie are delivered, then the lie shows. */
static void test_rx_partial_burst(void)
{
    bool ok = !open_net("modern", ALL) && !vio_net_start(&net, 0) && vio_net_rx_post(&net, bufs, NUM) == NUM;

    play(&rx_merge_rows[0]);
    play(&rx_merge_rows[2]);
    fake_put_used(&dev, RX, 0xdead, 72);
    fake_step_used(&dev, RX, 1);
    ok &= vio_net_rx_burst(&net, &rx) == 2 && rx.pieces == 3;
    rx.pieces = 0;
    ok &= vio_net_rx_burst(&net, &rx) == VIO_EBROKEN && !vio_net_rx_arm(&net);
    vio_net_stop(&net);
    tap(ok && !close_net(), "rx: frames before a lie are delivered");
}

/* The second buffer of a frame is a lie: the first must not be lost. */
static void test_rx_lie_inside(void)
{
    struct virtio_net_hdr hdr = {.num_buffers = 2};
    bool ok = !open_net("modern", ALL) && !vio_net_start(&net, 0) && vio_net_rx_post(&net, bufs, NUM) == NUM;

    memcpy(frame_bytes, &hdr, 12);
    receive(frame_bytes, BUF);
    fake_put_used(&dev, RX, NUM, 100);
    fake_step_used(&dev, RX, 2);
    ok &= vio_net_rx_burst(&net, &rx) == VIO_EBROKEN && net.rx.fault[VQ_FAULT_ID_RANGE] == 1;
    vio_net_stop(&net);
    ok &= all_back(NUM);
    tap(ok && !close_net(), "rx: a lie in the middle of a frame loses no buffer");
}

/* A long run with reposting: indices wrap, every frame arrives, interrupts come when asked for. */
static void test_rx_long(void)
{
    unsigned frames = 0, interrupts = 0;
    bool ok = !open_net("modern", ALL) && !vio_net_start(&net, 0) && vio_net_rx_post(&net, bufs, NUM) == NUM;

    for (unsigned turn = 0; ok && turn < 70000; turn++) {
        struct fake_chain c;
        struct virtio_net_hdr hdr = {.num_buffers = 1};
        ok &= !vio_net_rx_arm(&net);
        for (unsigned i = 0; i <= turn % 3; i++) {
            ok &= fake_take(&dev, RX, &c);
            fake_scatter(&dev, &c, &hdr, sizeof hdr);
            interrupts += fake_use(&dev, RX, c.id, 100);
        }
        ok &= vio_net_rx_burst(&net, &rx) == (int)(1 + turn % 3);
        for (unsigned i = 0; i < rx.pieces; i++)
            ok &= vio_net_rx_post(&net, &rx.piece[i].buf, 1) == 1;
        frames += rx.frames;
    }
    ok &= frames == net.rx_count.packets && interrupts == 70000;
    vio_net_stop(&net);
    rx.pieces = 0;
    ok &= all_back(NUM);
    tap(ok && !close_net(), "rx: 70000 bursts, one interrupt each, no buffer lost");
}

/* A device that does anything at all, for a while: nothing crashes, hangs or leaks. */
static uint32_t random_state = 12345;
static uint32_t rnd(uint32_t below)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 17;
    random_state ^= random_state << 5;
    return random_state % below;
}

static void misbehave(void)
{
    unsigned queue = rnd(2);
    struct fake_chain c;

    switch (rnd(12)) {
    case 0:
        fake_put_used(&dev, queue, rnd(NUM + 2), rnd(BUF + 2));
        break;
    case 1:
        fake_step_used(&dev, queue, (uint16_t)rnd(3));
        break;
    case 2:
        fake_use(&dev, queue, rnd(4) ? rnd(NUM) : rnd(0xffffffff), rnd(BUF));
        break;
    case 3:
        if (!rnd(20))
            fake_step_used(&dev, queue, (uint16_t)rnd(65536));
        break;
    default:
        if (!fake_take(&dev, queue, &c))
            break;
        uint8_t header[16];
        for (unsigned i = 0; i < sizeof header; i++)
            header[i] = rnd(3) ? 0 : (uint8_t)rnd(256);
        header[10] = (uint8_t)rnd(4);
        header[11] = 0;
        fake_scatter(&dev, &c, header, sizeof header);
        fake_use(&dev, queue, c.id, rnd(3) ? c.in_len : rnd(c.in_len + 1));
    }
}

static bool wild_life(void)
{
    struct vio_net_tx tx = tx_of(rnd(245), rnd(4), 1 + rnd(300));
    unsigned posted, out = 0, back_count = 0;
    void *back[NUM];
    int n = 0;

    if (vio_net_start(&net, 0))
        return false;
    posted = (unsigned)vio_net_rx_post(&net, bufs, NUM);
    rx.pieces = 0;
    for (unsigned step = 0; step < 60; step++) {
        misbehave();
        if (!rnd(3) && send(&tx) == 0)
            out++;
        vio_net_tx_flush(&net);
        if (!rnd(3) && (n = vio_net_tx_reap(&net, back, NUM)) > 0)
            back_count += (unsigned)n;
        if (!rnd(3)) {
            vio_net_rx_burst(&net, &rx);
            unsigned i = 0;
            while (i < rx.pieces && vio_net_rx_post(&net, &rx.piece[i].buf, 1) == 1)
                i++;
            if (i < rx.pieces) /* broken: the rest stays ours */
                posted -= rx.pieces - i;
        }
    }
    if (vio_net_stop(&net))
        return false;
    while (vio_net_tx_detach(&net, back))
        back_count++;
    while (vio_net_rx_detach(&net, back))
        posted--;
    return posted == 0 && back_count == out;
}

static void test_wild(void)
{
    static const struct {
        const char *kind;
        uint64_t features;
    } rows[] = {{"modern", ALL}, {"modern", BASIC}, {"legacy", BASIC}, {"legacy", ALL}};

    for (unsigned i = 0; i < VIO_COUNT(rows); i++) {
        bool ok = !open_net(rows[i].kind, rows[i].features);
        for (unsigned life = 0; ok && life < 3000; life++)
            ok &= wild_life();
        tap(ok && !close_net(), "3000 lives of a wild %s device (features 0x%llx)", rows[i].kind,
            (unsigned long long)rows[i].features);
    }
}

/* Everything that depends on the rings. */
static void test_over_rings(const char *name, uint64_t features)
{
    ring_name = name;
    ring_features = features;
    test_restart();
    test_tx_frames();
    test_tx_offload();
    test_tx_full();
    test_tx_reset();
    run_rx_rows("modern", ALL, rx_merge_rows, VIO_COUNT(rx_merge_rows));
    run_rx_rows("modern", BASIC, rx_plain_rows, VIO_COUNT(rx_plain_rows));
    test_rx_partial_burst();
    test_rx_lie_inside();
    test_rx_long();
    test_wild();
    ring_name = "";
    ring_features = 0;
}

void test_net(void)
{
    test_attach();
    test_mac_and_speed();
    test_attach_no_memory();
    test_over_rings("", 0);
    run_rx_rows("legacy", ALL, rx_merge_rows, VIO_COUNT(rx_merge_rows));
    run_rx_rows("legacy", BASIC, rx_plain_rows + 2, 1);
    test_over_rings("packed, ", BIT(VIRTIO_F_RING_PACKED));
    test_over_rings("split in order, ", BIT(VIRTIO_F_IN_ORDER));
    test_over_rings("packed in order, with data in doorbells, ",
                    BIT(VIRTIO_F_RING_PACKED) | BIT(VIRTIO_F_IN_ORDER) | BIT(VIRTIO_F_NOTIFICATION_DATA));
    test_over_rings("data in doorbells, ", BIT(VIRTIO_F_NOTIFICATION_DATA));
}
