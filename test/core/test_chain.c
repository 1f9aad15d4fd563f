// SPDX-License-Identifier: BSD-3-Clause
/* Large frames in without mergeable buffers (5.1.9.3.1): chains of buffers, with good lengths and with lies; the MTU that
 * they are for; and the checksum that a receiver completes. */
#include "fake.h"
#include <string.h>

#define BIT(n) VIO_BIT(n)
#define LARGE                                                                                                \
    (BIT(VIRTIO_NET_F_MAC) | BIT(VIRTIO_NET_F_GUEST_CSUM) | BIT(VIRTIO_NET_F_GUEST_TSO4) |                   \
     BIT(VIRTIO_NET_F_GUEST_TSO6) | BIT(VIRTIO_NET_F_CTRL_VQ) | BIT(VIRTIO_NET_F_CTRL_GUEST_OFFLOADS))
#define INDIRECT BIT(VIRTIO_F_INDIRECT_DESC)
#define PACKED   BIT(VIRTIO_F_RING_PACKED)

enum { BUF = 2048, BUFS = 4 * 33, RX = 0, LONGEST = 65535 + 18 };

static struct hal_dev dev;
static struct vio_pci pci;
static struct vio_net net;
static struct vio_net_rx rx;
static uint8_t memory[BUFS][BUF], bytes[BUFS * BUF];
static struct vio_net_rxbuf bufs[BUFS];
static uint64_t pa;

static bool open_net(const char *kind, uint64_t features, uint16_t num)
{
    fake_init(&dev, kind, features, num);
    fake_lend(&dev, memory, sizeof memory, &pa);
    for (unsigned i = 0; i < BUFS; i++)
        bufs[i] = (struct vio_net_rxbuf){memory[i], pa + i * BUF, BUF, memory[i]};
    for (unsigned i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 7 + i / 251);
    return !vio_pci_open(&pci, &dev, false) && !vio_net_attach(&net, &pci, 0, BUF);
}

static bool close_net(void)
{
    vio_net_detach(&net);
    vio_pci_close(&pci);
    return !fake_leak(&dev);
}

/* All that are posted come back, each once. */
static bool stops_with(unsigned posted)
{
    bool seen[BUFS] = {false};
    void *cookie;
    unsigned back = 0;

    if (vio_net_stop(&net))
        return false;
    while (vio_net_rx_detach(&net, &cookie)) {
        unsigned i = (unsigned)(((uint8_t *)cookie - memory[0]) / BUF);
        if (i >= BUFS || seen[i])
            return false;
        seen[i] = true;
        back++;
    }
    return back == posted;
}

static void test_lengths_of_chains(void)
{
    static const struct {
        const char *text, *kind;
        uint64_t features;
        uint16_t num, mtu, device_mtu, chain, mtu_max, room;
        bool large;
    } rows[] = {
        {"64 KB frames", "modern", LARGE | INDIRECT, 128, 1500, 0, 33, 9000, 0, true},
        {"64 KB frames, packed", "modern", LARGE | INDIRECT | PACKED, 16, 1500, 0, 33, 9000, 16 * 33, true},
        {"64 KB frames, legacy", "legacy", LARGE | INDIRECT, 16, 1500, 0, 33, 9000, 16 * 33, true},
        {"64 KB frames, no indirect descriptors", "modern", LARGE, 128, 1500, 0, 33, 9000, 3 * 33, true},
        {"the same, legacy: the header apart", "legacy", LARGE, 128, 1500, 0, 33, 9000, 3 * 33, true},
        {"a ring too short for that", "modern", LARGE, 32, 1500, 0, 1, 9000, 32, false},
        {"standard frames", "modern", 0, 32, 1500, 0, 1, 9000, 32, false},
        {"jumbo frames", "modern", 0, 32, 9000, 0, 5, 9000, 6 * 5, false},
        {"one more than a buffer holds", "modern", 0, 32, 2019, 0, 2, 9000, 32, false},
        {"as much as a buffer holds", "modern", 0, 32, 2018, 0, 1, 9000, 32, false},
        {"a ring too short for jumbo frames", "modern", 0, 8, 1500, 0, 1, 1500, 8, false},
        {"the device's MTU, whatever ours is", "modern", BIT(VIRTIO_NET_F_MTU), 32, 1500, 4000, 2, 4000, 32, false},
        {"mergeable buffers", "modern", LARGE | BIT(VIRTIO_NET_F_MRG_RXBUF), 32, 9000, 0, 1, 9000, 32, true},
    };

    for (unsigned i = 0; i < VIO_COUNT(rows); i++) {
        bool ok = open_net(rows[i].kind, rows[i].features, rows[i].num);
        unsigned room = rows[i].room;
        memcpy(dev.config + 10, &rows[i].device_mtu, 2);
        if (rows[i].device_mtu)
            ok &= close_net() && !vio_pci_open(&pci, &dev, false) && !vio_net_attach(&net, &pci, 0, BUF);
        ok &= !vio_net_set_mtu(&net, rows[i].mtu) && !vio_net_start(&net, 0);
        if (!room) /* bounded by memory, not by the ring */
            room = VIO_NET_RX_MEMORY / (33 * BUF) * 33;
        ok &= net.rx_chain == rows[i].chain && net.mtu_max == rows[i].mtu_max && vio_net_rx_room(&net) == room;
        ok &= !!(net.features & BIT(VIRTIO_NET_F_GUEST_TSO4)) == rows[i].large;
        ok &= stops_with(0);
        tap(ok && close_net(), "chains: %s", rows[i].text);
    }
}

/* A ring that is too short for the device's MTU is given back, and what comes then may fail. */
static void test_given_up(void)
{
    static const uint16_t mtu = 9000;
    int error = VIO_ENOMEM;
    bool ok = open_net("modern", BIT(VIRTIO_NET_F_MTU), 8), strict;

    memcpy(dev.config + 10, &mtu, sizeof mtu);
    for (int nth = 1; ok && error == VIO_ENOMEM && nth < 40; nth++) {
        ok = close_net() && !vio_pci_open(&pci, &dev, false);
        fake_fail_alloc(&dev, nth);
        error = vio_net_attach(&net, &pci, 0, BUF);
        fake_fail_alloc(&dev, 0);
    }
    ok &= !error && net.mtu == 0 && close_net();
    dev.demands = BIT(VIRTIO_NET_F_MTU);
    strict = !vio_pci_open(&pci, &dev, false) && vio_net_attach(&net, &pci, 0, BUF) == VIO_EFEATURE;
    tap(ok && strict && close_net(), "chains: an MTU that is given up, without memory or against the device's will");
}

/* The device fills a chain: header, then `len` bytes; it says `say`. */
static bool device_receives(struct virtio_net_hdr h, uint32_t len, uint32_t say)
{
    struct fake_chain c;

    if (!fake_take(&dev, RX, &c) || c.in_len < 65562) /* 5.1.9.3.1 */
        return false;
    memcpy(bytes, &h, net.hdr_len);
    fake_scatter(&dev, &c, bytes, net.hdr_len + len);
    fake_put_used(&dev, RX, c.id, say);
    fake_step_used(&dev, RX, 1);
    return true;
}

static void test_good_lengths(const char *kind, uint64_t features)
{
    static const uint32_t lengths[] = {14, 60, 1514, BUF - 12, BUF - 11, BUF - 10, BUF - 9, 9018, 65549, LONGEST};
    bool ok = open_net(kind, features, 128) && !vio_net_start(&net, 0);
    struct vio_net_rxbuf again[33];

    ok &= vio_net_rx_post(&net, bufs, BUFS) == 99 + (features & INDIRECT ? 33 : 0);
    for (unsigned turn = 0; turn < 40; turn++)
        for (unsigned i = 0; i < VIO_COUNT(lengths); i++) {
            uint32_t at = net.hdr_len, len = lengths[i];
            bool large = len > 9018;
            struct virtio_net_hdr h = {.flags = large, .gso_type = large, .gso_size = large ? 1448 : 0,
                                       .csum_start = 34, .csum_offset = large ? 16 : 0};
            ok &= device_receives(h, len, net.hdr_len + len) && vio_net_rx_burst(&net, &rx) == 1;
            ok &= rx.frame[0].len == len && rx.frame[0].pieces == 33 && rx.pieces == 33;
            ok &= rx.frame[0].used == (net.hdr_len + len + BUF - 1) / BUF && rx.frame[0].gso == large;
            for (unsigned p = 0; ok && p < 33; p++) {
                const struct vio_net_piece *piece = &rx.piece[p];
                ok &= p < rx.frame[0].used ? piece->len != 0 : !piece->len;
                ok &= !memcmp(piece->buf.va + piece->offset, bytes + at, piece->len);
                at += piece->len;
                again[p] = piece->buf;
            }
            ok &= vio_net_rx_post(&net, again, 32) == 0 && vio_net_rx_post(&net, again, 33) == 33;
        }
    ok &= net.rx_count.large == 80 && net.rx_count.packets == 400;
    ok &= stops_with(99 + (features & INDIRECT ? 33 : 0));
    tap(ok && close_net(), "chains: frames of any length, %s%s%s", kind, features & PACKED ? ", packed" : "",
        features & INDIRECT ? ", indirect" : "");
}

static void test_hostile_lengths(void)
{
    static const struct {
        const char *text;
        uint32_t say;
        struct virtio_net_hdr h;
        int fault; /* VIO_NET_FAULTS: none; -1: the queue breaks */
    } rows[] = {
        {"the whole chain: longer than any frame", 33 * BUF, {0}, VIO_NET_RX_LONG},
        {"one byte too long", 12 + LONGEST + 1, {0}, VIO_NET_RX_LONG},
        {"the longest", 12 + LONGEST, {0}, VIO_NET_FAULTS},
        {"more than the chain", 33 * BUF + 1, {0}, -1},
        {"4 GB", 0xffffffff, {0}, -1},
        {"nothing", 0, {0}, VIO_NET_RX_SHORT},
        {"half a header", 11, {0}, VIO_NET_RX_SHORT},
        {"a header alone", 12, {0}, VIO_NET_RX_RUNT},
        {"a checksum past the end", 112, {.flags = 1, .csum_start = 90, .csum_offset = 16}, VIO_NET_RX_CSUM},
        {"a segment size of 0", 112, {.flags = 1, .gso_type = 1, .csum_start = 34, .csum_offset = 16}, VIO_NET_RX_GSO},
        {"UDP fragments, not negotiated", 112, {.gso_type = 3, .gso_size = 9}, VIO_NET_RX_GSO},
    };

    for (unsigned i = 0; i < VIO_COUNT(rows); i++) {
        bool ok = open_net("modern", LARGE | INDIRECT, 128) && !vio_net_start(&net, 0);
        int fault = rows[i].fault;
        ok &= vio_net_rx_post(&net, bufs, BUFS) == BUFS && device_receives(rows[i].h, 60, rows[i].say);
        rx.pieces = 0;
        ok &= vio_net_rx_burst(&net, &rx) == (fault == -1 ? VIO_EBROKEN : fault == VIO_NET_FAULTS);
        for (int f = 0; f < VIO_NET_FAULTS; f++)
            ok &= net.fault[f] == (f == fault);
        ok &= net.rx.fault[VQ_FAULT_LENGTH] == (fault == -1);
        ok &= stops_with(fault == VIO_NET_FAULTS ? BUFS - 33 : BUFS); /* what was dropped had been posted again */
        tap(ok && close_net(), "chains: the device says: %s", rows[i].text);
    }
}

static void test_mtu_change(void)
{
    bool ok = open_net("modern", INDIRECT, 32) && !vio_net_start(&net, 0) && net.rx_chain == 1;

    ok &= !vio_net_set_mtu(&net, 2000) && vio_net_set_mtu(&net, 9000) && net.rx_chain == 1;
    ok &= vio_net_rx_post(&net, bufs, 7) == 7 && stops_with(7) && !vio_net_start(&net, 0) && net.rx_chain == 5;
    ok &= !vio_net_set_mtu(&net, 1500); /* no hurry */
    ok &= vio_net_rx_post(&net, bufs, 7) == 5 && stops_with(5) && !vio_net_start(&net, 0) && net.rx_chain == 1;
    ok &= vio_net_rx_post(&net, bufs, 7) == 7 && stops_with(7);
    tap(ok && close_net(), "chains: a larger MTU needs another start, a smaller one waits for it");
}

/* The checksum by the book, over flat bytes (RFC 1071). */
static uint16_t by_the_book(const uint8_t *p, unsigned n)
{
    uint64_t total = 0;

    for (unsigned i = 0; i < n; i++)
        total += i & 1 ? p[i] : (unsigned)p[i] << 8;
    while (total >> 16)
        total = (total & 0xffff) + (total >> 16);
    return (uint16_t)~total;
}

static void test_complete(void)
{
    static const struct {
        const char *text;
        uint16_t start, offset;
        uint32_t piece[4];
        bool zero; /* the frame's rest is such that the sum is 0 */
    } rows[] = {
        {"one piece", 34, 16, {1514}, false},
        {"an odd length", 34, 16, {1513}, false},
        {"pieces that end at odd places", 34, 16, {1001, 333, 1, 700}, false},
        {"the field in two pieces", 34, 16, {51, 600}, false},
        {"64 KB", 54, 16, {BUF, BUF, BUF, 60000}, false},
        {"UDP, where 0 means none", 34, 6, {62}, true},
        {"TCP, where 0 is a sum", 34, 16, {62}, true},
    };

    for (unsigned i = 0; i < VIO_COUNT(rows); i++) {
        struct vio_net_frame f = {.csum_partial = true, .csum_start = rows[i].start, .csum_offset = rows[i].offset};
        struct vio_net_piece piece[4] = {{.len = 0}};
        unsigned field = rows[i].start + rows[i].offset;
        uint8_t *at = memory[0];
        for (unsigned k = 0; k < sizeof bytes; k++)
            bytes[k] = (uint8_t)(k * 31 + k / 255);
        for (; f.used < 4 && rows[i].piece[f.used]; f.used++) {
            piece[f.used] = (struct vio_net_piece){.buf = {.va = at}, .offset = 5, .len = rows[i].piece[f.used]};
            memcpy(at + 5, bytes + f.len, piece[f.used].len);
            f.len += piece[f.used].len;
            at += 5 + piece[f.used].len;
        }
        if (rows[i].zero) { /* all ones but for the words that make it so */
            memset(bytes + rows[i].start, 0, f.len - rows[i].start);
            memset(bytes + rows[i].start, 0xff, 2);
            memcpy(memory[0] + 5 + rows[i].start, bytes + rows[i].start, f.len - rows[i].start);
        }
        uint16_t want = by_the_book(bytes + rows[i].start, f.len - rows[i].start);
        bool ok = !rows[i].zero || want == 0;
        if (rows[i].offset == 6 && !want)
            want = 0xffff;
        vio_net_complete(&f, piece);
        bytes[field] = (uint8_t)(want >> 8);
        bytes[field + 1] = (uint8_t)want;
        uint32_t done = 0;
        for (unsigned k = 0; k < f.used; done += piece[k++].len)
            ok &= !memcmp(piece[k].buf.va + 5, bytes + done, piece[k].len);
        tap(ok, "a partial checksum completed: %s", rows[i].text);
    }
}

void test_chain(void)
{
    test_lengths_of_chains();
    test_given_up();
    test_good_lengths("modern", LARGE | INDIRECT);
    test_good_lengths("modern", LARGE);
    test_good_lengths("modern", LARGE | INDIRECT | PACKED);
    test_good_lengths("legacy", LARGE | INDIRECT);
    test_good_lengths("legacy", LARGE);
    test_hostile_lengths();
    test_mtu_change();
    test_complete();
}
