// SPDX-License-Identifier: BSD-3-Clause
/*
 * The kernel debugger's polled rings (core/vio_net_debug.h) against the fake device: frames in both directions, a device that
 * the ordinary driver used until that instant, and what a device can do to keep the debugger waiting or to mislead it. The HAL's
 * own account of time passed (fake_waited()) bounds every call.
 */
#include "fake.h"
#include "../../core/vio_net_debug.h"
#include <string.h>

#define BIT(n) VIO_BIT(n)
#define BASIC  (BIT(VIRTIO_NET_F_MAC) | BIT(VIRTIO_NET_F_STATUS))
#define FULL                                                                                                           \
    (BASIC | BIT(VIRTIO_F_EVENT_IDX) | BIT(VIRTIO_F_INDIRECT_DESC) | BIT(VIRTIO_NET_F_CSUM) | BIT(VIRTIO_NET_F_GUEST_CSUM) | \
     BIT(VIRTIO_NET_F_MRG_RXBUF) | BIT(VIRTIO_NET_F_HOST_TSO4))

enum { NUM = 32, RX = 0, TX = 1, BUF = 2048, LONGEST = 1514, SEND_US = 40000, POLL_MS = 3, SLACK_US = 2000 };

static struct hal_dev dev;
static struct vio_pci pci;
static struct vio_net net;         /* the ordinary driver */
static struct vio_net_debug debug; /* not on a stack: it holds a burst */
static const char *kind;
static uint64_t features;
static const char *ring;
#define tap(ok, format, ...) (tap)(ok, "debugger, %s: " format, ring, ##__VA_ARGS__)

static int open_both(void)
{
    int error;

    fake_init(&dev, kind, features, NUM);
    memset(&debug, 0, sizeof debug);
    error = vio_pci_open(&pci, &dev, false);
    if (!error)
        error = vio_net_debug_attach(&debug, &pci, 0);
    if (!error)
        error = vio_net_attach(&net, &pci, 0, BUF);
    return error;
}

static const char *close_both(void)
{
    void *cookie;

    dev.gone = dev.reset_hangs = false;
    vio_net_stop(&net);
    while (vio_net_rx_detach(&net, &cookie))
        ;
    vio_net_detach(&net);
    vio_net_debug_detach(&debug);
    vio_pci_close(&pci);
    return fake_leak(&dev);
}

static void fill(uint8_t *frame, unsigned length, unsigned seed)
{
    for (unsigned i = 0; i < length; i++)
        frame[i] = (uint8_t)(i * 7 + seed);
}

/* The device puts a frame into the next buffer, behind a header; false: it has none, or none that is large enough. */
static bool device_sends(const uint8_t *frame, unsigned length)
{
    uint8_t bytes[12 + BUF] = {0};
    struct fake_chain c;
    unsigned header = debug.net.hdr_len;

    if (!fake_take(&dev, RX, &c) || c.in_len < header + length)
        return false;
    memcpy(bytes + header, frame, length);
    fake_scatter(&dev, &c, bytes, header + length);
    fake_use(&dev, RX, c.id, header + length);
    return true;
}

/* What a well-behaved device does while the debugger waits for its frame to be sent: called by hal_delay(). */
static struct {
    uint8_t frame[BUF];
    unsigned length, frames;
} sent;

static void take_sent(struct hal_dev *f)
{
    struct fake_chain c;
    uint8_t bytes[12 + BUF];

    while (fake_take(f, TX, &c)) {
        uint32_t n = fake_gather(f, &c, bytes, sizeof bytes);
        sent.length = n - debug.net.hdr_len;
        sent.frames++;
        memcpy(sent.frame, bytes + debug.net.hdr_len, sent.length);
        fake_use(f, TX, c.id, 0);
    }
}

static bool one_way(unsigned length)
{
    uint8_t frame[BUF];
    unsigned before = sent.frames;

    fill(frame, length, length);
    return vio_net_debug_send(&debug, frame, length) == 0 && sent.frames == before + 1 && sent.length == length &&
           !memcmp(frame, sent.frame, length);
}

static bool other_way(unsigned length)
{
    uint8_t frame[BUF], got[BUF];

    fill(frame, length, length + 1);
    return device_sends(frame, length) && vio_net_debug_receive(&debug, got, sizeof got, POLL_MS) == (int)length &&
           !memcmp(frame, got, length);
}

static void test_both_ways(void)
{
    static const unsigned lengths[] = {14, 15, 60, 64, 342, 1513, LONGEST};
    bool ok = !open_both() && !vio_net_debug_take(&debug);

    dev.on_delay = take_sent;
    for (unsigned round = 0; round < 5 * NUM; round++) /* several times round the rings */
        ok = ok && one_way(lengths[round % VIO_COUNT(lengths)]) && other_way(lengths[(round + 3) % VIO_COUNT(lengths)]);
    tap(ok, "frames of all lengths, both ways, %u times round the rings", 5);

    uint8_t frame[LONGEST + 1] = {0}, got[BUF];
    tap(vio_net_debug_send(&debug, frame, 13) == VIO_EINVAL && vio_net_debug_send(&debug, frame, LONGEST + 1) == VIO_EINVAL,
        "frames that are none are refused");
    fill(frame, 1000, 1);
    memset(got, 0xee, sizeof got);
    ok = device_sends(frame, 1000) && vio_net_debug_receive(&debug, got, 100, POLL_MS) == 100 && !memcmp(frame, got, 100) &&
         got[100] == 0xee;
    tap(ok && other_way(60), "a frame that is longer than its buffer is cut, the next one is whole");
    unsigned n = 0;
    while (device_sends(frame, 60))
        n++;
    for (unsigned i = 0; i < n; i++)
        ok = ok && vio_net_debug_receive(&debug, got, sizeof got, POLL_MS) == 60;
    tap(ok && n >= 8 && other_way(60), "a flood: all that fits is received, then the next");
    tap(!close_both(), "nothing is left over");
}

static void test_waiting(void)
{
    uint8_t frame[64] = {0};
    bool ok = !open_both() && !vio_net_debug_take(&debug);

    uint64_t start = fake_waited();
    ok = ok && vio_net_debug_receive(&debug, frame, sizeof frame, POLL_MS) == 0;
    uint64_t waited = fake_waited() - start;
    tap(ok && waited >= POLL_MS * 1000 && waited < POLL_MS * 1000 + SLACK_US, "no frame: the time-out, no more");
    start = fake_waited();
    ok = vio_net_debug_receive(&debug, frame, sizeof frame, 0) == 0 && fake_waited() == start;
    tap(ok, "no frame, no time: at once");

    start = fake_waited();
    ok = vio_net_debug_send(&debug, frame, 60) == VIO_ETIMEOUT && fake_waited() - start < SEND_US;
    tap(ok, "a device that never completes: a time-out, soon");
    int error = 0;
    start = fake_waited();
    for (unsigned i = 0; i < 4 * NUM; i++)
        error = vio_net_debug_send(&debug, frame, 60);
    tap(error == VIO_EBROKEN && fake_waited() == start, "it never does: the ring counts as broken, at once");
    dev.on_delay = take_sent; /* it wakes up */
    ok = !vio_net_debug_take(&debug) && one_way(60) && other_way(60);
    tap(ok, "taken over anew, it works again");
    tap(!close_both(), "nothing is left over");
}

/* The device stands still over many frames, then goes on: what it has is what was sent first, and the next one is sent. */
static void test_stall(void)
{
    uint8_t frame[BUF];
    unsigned before = sent.frames;
    bool ok = !open_both() && !vio_net_debug_take(&debug);

    for (unsigned i = 0; i < NUM; i++) {
        fill(frame, LONGEST, i);
        ok = ok && vio_net_debug_send(&debug, frame, LONGEST) == (i < 8 ? VIO_ETIMEOUT : VIO_EBROKEN);
    }
    take_sent(&dev);
    fill(frame, LONGEST, 0);
    ok = ok && sent.frames == before + 1 && !memcmp(sent.frame, frame, LONGEST);
    dev.on_delay = take_sent;
    for (unsigned i = 0; i < 2 * NUM; i++)
        ok = ok && one_way(LONGEST - i) && other_way(60);
    tap(ok && !close_both(), "a device that stands still, then goes on: no frame of mixed bytes, and the next is sent");
}

/* Each is done to a device that has just been taken over. */
static void bad_rx_id(void) { fake_use(&dev, RX, 0x7fff, 80); }
static void bad_tx_id(void) { fake_use(&dev, TX, 0xffff, 0); }
static void used_twice(void)
{
    struct fake_chain c;
    if (fake_take(&dev, RX, &c)) {
        fake_use(&dev, RX, c.id, 100);
        fake_use(&dev, RX, c.id, 100);
    }
}
static void length_of(uint32_t length)
{
    struct fake_chain c;
    if (fake_take(&dev, RX, &c))
        fake_use(&dev, RX, c.id, length);
}
static void no_length(void) { length_of(0); }
static void header_only(void) { length_of(debug.net.hdr_len); }
static void runt(void) { length_of(debug.net.hdr_len + 13u); }
static void huge_length(void) { length_of(0xffffffff); }
static void too_long(void) { length_of(BUF + 1); }
static void goes_away(void) { dev.gone = true; }

static const struct {
    const char *name;
    void (*lie)(void);
    bool survives; /* without being taken over anew */
} lies[] = {
    {"a receive id that was never posted", bad_rx_id, false},
    {"a transmit id that was never posted", bad_tx_id, false},
    {"a buffer used twice", used_twice, false},
    {"a frame of no bytes", no_length, true},
    {"a frame that is a header", header_only, true},
    {"a frame shorter than an Ethernet header", runt, true},
    {"a frame of 4 GB", huge_length, false},
    {"a frame one byte longer than its buffer", too_long, false},
    {"it goes away", goes_away, false},
};

static void test_lies(unsigned i)
{
    uint8_t frame[BUF];
    bool ok = !open_both() && !vio_net_debug_take(&debug);
    int got = 0, status = 0;

    dev.on_delay = take_sent;
    uint64_t start = fake_waited();
    lies[i].lie();
    if (dev.gone)
        dev.on_delay = NULL;
    for (unsigned n = 0; ok && n < 4; n++) {
        got = vio_net_debug_receive(&debug, frame, sizeof frame, POLL_MS);
        ok = got <= (int)sizeof frame;
        status = vio_net_debug_send(&debug, frame, 60);
        ok = ok && status <= 0;
    }
    ok = ok && fake_waited() - start < 4 * (SEND_US + POLL_MS * 1000 + SLACK_US);
    if (dev.gone) {
        ok = ok && vio_net_debug_take(&debug) != 0;
        dev.gone = false;
    }
    dev.on_delay = take_sent;
    if (!lies[i].survives)
        ok = ok && !vio_net_debug_take(&debug);
    ok = ok && one_way(60) && other_way(60);
    tap(ok && !close_both(), "%s: bounded time, then it works", lies[i].name);
}

/* Taken over with the ordinary driver's frames in flight both ways; then given back. */
static void test_between(void)
{
    static uint8_t memory[4][BUF];
    uint64_t pa;
    struct vio_net_rxbuf bufs[4];
    uint8_t *head;
    void *cookie;
    unsigned posted = 0, unsent = 0;
    bool ok = !open_both() && !vio_net_start(&net, 0);

    fake_lend(&dev, memory, sizeof memory, &pa);
    for (unsigned i = 0; i < 4; i++)
        bufs[i] = (struct vio_net_rxbuf){memory[i], pa + i * BUF, BUF, memory[i]};
    ok = ok && vio_net_rx_post(&net, bufs, 4) == 4 && !vio_net_tx_head(&net, &head);
    struct vio_net_tx tx = {.len = 60, .head_len = 60, .cookie = memory};
    ok = ok && !vio_net_tx(&net, &tx); /* in the ring, not shown: stopped between two instructions */

    unsigned resets = dev.resets;
    ok = ok && !vio_net_debug_take(&debug) && dev.resets > resets;
    tap(ok && dev.driver_features == (debug.net.features) && !(dev.driver_features & ~(BASIC | BIT(VIRTIO_F_VERSION_1) |
        BIT(VIRTIO_F_RING_PACKED))), "taken over in the middle: reset, and as few features as there are");
    dev.on_delay = take_sent;
    ok = one_way(60) && other_way(1000);
    tap(ok, "it is the debugger's");
    ok = vio_net_debug_link(&debug);
    dev.config[6] = 0; /* status */
    ok = ok && !vio_net_debug_link(&debug);
    dev.config[6] = 1;
    tap(ok && vio_net_debug_link(&debug), "the link's state");

    ok = !vio_net_debug_leave(&debug) && dev.status == 0 && !dev.queue[RX].enabled;
    tap(ok, "left: the device is reset");
    ok = !vio_net_stop(&net);
    while (vio_net_tx_detach(&net, &cookie))
        unsent += cookie == memory;
    while (vio_net_rx_detach(&net, &cookie))
        posted++;
    ok = ok && unsent == 1 && posted == 4 && !vio_net_start(&net, 0) && vio_net_rx_post(&net, bufs, 4) == 4;
    tap(ok && dev.driver_features == net.features, "the ordinary driver has all its buffers back, and starts again");
    dev.on_delay = take_sent;
    ok = !vio_net_debug_take(&debug) && one_way(60) && other_way(60) && !vio_net_debug_leave(&debug);
    tap(ok && !close_both(), "and the debugger comes again; nothing is left over");
}

/* It is stopped in vain: neither the debugger's memory nor the driver's is freed. */
static void test_goes_on(void)
{
    struct fake_chain c;
    bool ok = !open_both() && !vio_net_debug_take(&debug);

    dev.reset_hangs = true;
    ok = ok && vio_net_debug_leave(&debug) == VIO_ETIMEOUT;
    vio_net_detach(&net);
    vio_net_debug_detach(&debug);
    vio_pci_close(&pci);
    ok = ok && fake_take(&dev, RX, &c) && fake_at(&dev, c.seg[0].pa, c.in_len) && fake_leak(&dev);
    (void)fake_use(&dev, RX, c.id, 60);
    fake_reclaim(&dev);
    tap(ok && !fake_leak(&dev), "a device that does not stop keeps its memory");
}

static void test_vectors(void)
{
    bool ok = !open_both();

    fake_set_msix(&dev, true);
    dev.on_delay = take_sent;
    ok = ok && !vio_net_start(&net, 3) && !vio_net_debug_take(&debug) && one_way(60) && other_way(60);
    tap(ok, "taken over with MSI-X on");
    vio_net_debug_leave(&debug);
    pci.vectors = 0; /* stopped between the two halves of attaching interrupts */
    ok = !vio_net_debug_take(&debug) && one_way(60);
    tap(ok, "taken over with MSI-X on and no vector set up");
    vio_net_debug_leave(&debug);
    tap(!close_both(), "nothing is left over");
}

static void test_refused(void)
{
    int error = 0;
    bool ok = true;

    for (int i = 1; i < 20; i++) {
        fake_init(&dev, kind, features, NUM);
        memset(&debug, 0, sizeof debug);
        ok = ok && !vio_pci_open(&pci, &dev, false);
        fake_fail_alloc(&dev, i);
        error = vio_net_debug_attach(&debug, &pci, 0);
        fake_fail_alloc(&dev, 0);
        ok = ok && (error == 0 || error == VIO_ENOMEM);
        vio_net_debug_detach(&debug);
        vio_net_debug_detach(&debug); /* a second time is none */
        vio_pci_close(&pci);
        ok = ok && !fake_leak(&dev);
        if (!error)
            break;
    }
    tap(ok && !error, "no memory: refused, at whichever allocation");

    ok = !open_both();
    dev.reset_hangs = true;
    uint64_t start = hal_time();
    ok = ok && vio_net_debug_take(&debug) == VIO_ETIMEOUT && hal_time() - start < 10000000;
    dev.reset_hangs = false;
    dev.refuses_features = true;
    bool strict = strcmp(kind, "legacy") != 0; /* FEATURES_OK came with 1.0 */
    ok = ok && !vio_net_debug_take(&debug) == !strict;
    dev.refuses_features = false;
    ok = ok && !vio_net_debug_take(&debug);
    tap(ok && !close_both(), "a reset that does not end, features that are refused: an error, and again");
    memset(&debug, 0, sizeof debug);
    tap(vio_net_debug_take(&debug) == VIO_EINVAL && vio_net_debug_leave(&debug) == VIO_EINVAL && !vio_net_debug_link(&debug),
        "nothing attached: nothing to take");
}

void test_debug(void)
{
    static const struct {
        const char *name, *kind;
        uint64_t features;
    } rows[] = {
        {"legacy", "legacy", FULL},
        {"split", "modern", FULL},
        {"packed", "modern", FULL | BIT(VIRTIO_F_RING_PACKED)},
        {"bare", "modern", BASIC},
    };

    for (unsigned r = 0; r < VIO_COUNT(rows); r++) {
        ring = rows[r].name;
        kind = rows[r].kind;
        features = rows[r].features;
        memset(&sent, 0, sizeof sent);
        test_both_ways();
        test_waiting();
        test_stall();
        for (unsigned i = 0; i < VIO_COUNT(lies); i++)
            test_lies(i);
        test_between();
        test_goes_on();
        test_vectors();
        test_refused();
    }
}
