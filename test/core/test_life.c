// SPDX-License-Identifier: BSD-3-Clause
/*
 * What a driver must notice and survive while the network device runs: it asks for a reset (2.1.2), was reset behind
 * the driver's back, stands still with what it was given, does not hear doorbells, is pulled out. Every buffer comes
 * back, and the next life of the device carries frames both ways.
 */
#include "fake.h"
#include <string.h>

enum { NUM = 16, BUF = 2048, RX = 0, TX = 1, SENT = 6, TAKEN = 3 };

#define BIT(n) VIO_BIT(n)
#define BASIC                                                                                                \
    (BIT(VIRTIO_NET_F_MAC) | BIT(VIRTIO_NET_F_STATUS) | BIT(VIRTIO_F_EVENT_IDX) | BIT(VIRTIO_NET_F_MRG_RXBUF))

static struct hal_dev dev;
static struct vio_pci pci;
static struct vio_net net;
static struct vio_net_rx rx;
static uint8_t rx_memory[NUM][BUF], tx_memory[BUF];
static uint64_t rx_pa, tx_pa;

static void *cookie(unsigned i)
{
    return (void *)(uintptr_t)(i + 1);
}

static bool open_net(const char *kind, uint64_t ring)
{
    fake_init(&dev, kind, BASIC | ring, NUM);
    fake_lend(&dev, rx_memory, sizeof rx_memory, &rx_pa);
    fake_lend(&dev, tx_memory, sizeof tx_memory, &tx_pa);
    return !vio_pci_open(&pci, &dev, false) && !vio_net_attach(&net, &pci, 0, BUF);
}

static const char *close_net(void)
{
    vio_net_detach(&net);
    vio_pci_close(&pci);
    return fake_leak(&dev);
}

static bool start(void)
{
    struct vio_net_rxbuf bufs[NUM];

    for (unsigned i = 0; i < NUM; i++)
        bufs[i] = (struct vio_net_rxbuf){rx_memory[i], rx_pa + i * BUF, BUF, cookie(i)};
    return !vio_net_start(&net, 0) && vio_net_rx_post(&net, bufs, NUM) == NUM &&
           !vio_pci_health(&pci);
}

static bool send(unsigned i)
{
    struct vio_net_tx tx = {.segs = 1, .len = 100, .cookie = cookie(i)};
    uint8_t *head;

    tx.seg[VIO_NET_TX_FIRST] = (struct vq_seg){tx_pa, 100};
    if (vio_net_tx_head(&net, &head) || vio_net_tx(&net, &tx))
        return false;
    vio_net_tx_flush(&net);
    return true;
}

/* One frame in and one out, as on the first day. */
static bool works(void)
{
    struct virtio_net_hdr hdr = {.num_buffers = 1};
    unsigned kicks = dev.queue[TX].kicks;
    struct fake_chain c;
    void *back[2];
    bool ok = send(77) && dev.queue[TX].kicks == kicks + 1 && fake_take(&dev, TX, &c);

    if (ok)
        (void)fake_use(&dev, TX, c.id, 0);
    ok = ok && vio_net_tx_reap(&net, back, 2) == 1 && back[0] == cookie(77) && fake_take(&dev, RX, &c);
    if (!ok)
        return false;
    fake_scatter(&dev, &c, &hdr, sizeof hdr);
    (void)fake_use(&dev, RX, c.id, 100);
    return vio_net_rx_burst(&net, &rx) == 1 && rx.frames == 1;
}

/* Takes back what the device had: each of the sent frames and of the receive buffers exactly once. */
static bool all_back(void)
{
    unsigned sent = 0, posted = 0;
    void *back;

    while (vio_net_tx_detach(&net, &back))
        sent += back == cookie(sent);
    while (vio_net_rx_detach(&net, &back))
        posted++;
    return sent == SENT && posted == NUM;
}

static void asks_for_reset(void)
{
    dev.status |= VIRTIO_STATUS_DEVICE_NEEDS_RESET;
}

static void reset_by_others(void)
{
    fake_reset(&dev);
}

/* Reset, and half started by firmware or another driver. */
static void started_by_others(void)
{
    fake_reset(&dev);
    dev.status = VIRTIO_STATUS_ACKNOWLEDGE | VIRTIO_STATUS_DRIVER;
}

static void stands_still(void) {}

static void is_pulled_out(void)
{
    dev.gone = true;
}

struct event {
    const char *name;
    void (*happen)(void);
    int health;
};

static void live(const char *kind, const char *ring_name, uint64_t ring, const struct event *e)
{
    struct fake_chain c;
    void *back[SENT];
    bool ok = open_net(kind, ring) && start();

    for (unsigned i = 0; i < SENT; i++)
        ok = ok && send(i);
    for (unsigned i = 0; ok && i < TAKEN; i++)
        ok = fake_take(&dev, TX, &c); /* and never uses them */
    ok = ok && !vio_pci_health(&pci);
    e->happen();
    ok &= vio_pci_health(&pci) == e->health;
    ok &= vio_net_tx_reap(&net, back, SENT) == 0 && vio_net_tx_pending(&net) == SENT;
    ok &= vio_net_stop(&net) == (dev.gone ? VIO_EGONE : 0) && all_back();
    if (dev.gone)
        ok &= vio_net_start(&net, 0) == VIO_EGONE;
    else
        ok = ok && start() && works() && !vio_net_stop(&net);
    bool clean = !close_net();
    tap(ok && clean, "%s, %s: %s", kind, ring_name, e->name);
}

/* The doorbell of what is sent gets lost: with event index the device does not ask for another one. A nudge, or a new
 * life, has it look again. */
static void doorbells_lost(const char *kind, const char *ring_name, uint64_t ring)
{
    bool ok = open_net(kind, ring) && start();
    unsigned kicks = dev.queue[TX].kicks;

    dev.loses_doorbells = true;
    for (unsigned i = 0; i < SENT; i++)
        ok = ok && send(i);
    dev.loses_doorbells = false;
    ok &= dev.queue[TX].kicks == kicks && vio_net_tx_pending(&net) == SENT && !vio_pci_health(&pci);
    vio_net_tx_nudge(&net);
    ok &= dev.queue[TX].kicks == kicks + 1;
    ok = ok && !vio_net_stop(&net) && all_back() && start() && works() && !vio_net_stop(&net);
    vio_net_tx_nudge(&net); /* at rest: the fake refuses a doorbell now */
    bool clean = !close_net();
    tap(ok && clean, "%s, %s: doorbells that get lost", kind, ring_name);
}

static void hangs_when_given_up(struct hal_dev *f)
{
    f->reset_hangs |= f->status & VIRTIO_STATUS_FAILED;
}

/* A device that does not stop: it may write to its rings for ever, so they are not freed; but for one that stops when it is
 * asked again. */
static void goes_on(const char *kind, const char *ring_name, uint64_t ring)
{
    struct fake_chain c;
    bool ok = open_net(kind, ring) && start() && send(0);

    dev.reset_hangs = true;
    ok = ok && vio_net_stop(&net) == VIO_ETIMEOUT;
    bool kept = close_net() != NULL && fake_take(&dev, TX, &c);
    (void)fake_use(&dev, TX, c.id, 0);
    fake_reclaim(&dev);
    tap(ok && kept && !fake_leak(&dev), "%s, %s: a device that does not stop keeps its rings", kind, ring_name);

    ok = open_net(kind, ring) && start();
    dev.reset_hangs = true;
    ok = ok && vio_net_stop(&net) == VIO_ETIMEOUT;
    dev.reset_hangs = false;
    bool freed = !close_net();
    tap(ok && freed, "%s, %s: of one that stops at last they are freed", kind, ring_name);

    ok = open_net(kind, ring);
    dev.needs_reset = true; /* with its queues enabled */
    dev.on_time = hangs_when_given_up;
    ok = ok && vio_net_start(&net, 0) == VIO_ERESET;
    kept = close_net() != NULL && dev.queue[RX].enabled;
    fake_reclaim(&dev);
    tap(ok && kept && !fake_leak(&dev), "%s, %s: one that fails to start and does not stop keeps them, too", kind, ring_name);
}

/* A nudge tells the truth to a device that wants data in doorbells; and shows it what was queued, for it is behind that. */
static void nudged(const char *kind, const char *ring_name, uint64_t ring)
{
    bool data = strcmp(kind, "legacy"), ok = open_net(kind, ring | (data ? BIT(VIRTIO_F_NOTIFICATION_DATA) : 0)) && start();
    struct vio_net_tx tx = {.len = 60, .head_len = 60};
    struct fake_chain c;
    uint8_t *head;

    for (unsigned i = 0; i < 3 * NUM / 2 && ok; i++) { /* into the second lap */
        unsigned kicks = dev.queue[TX].kicks;
        ok = !vio_net_tx_head(&net, &head) && !vio_net_tx(&net, &tx);
        vio_net_tx_nudge(&net);
        vio_net_rx_nudge(&net);
        ok = ok && dev.queue[TX].kicks == kicks + 1 && fake_take(&dev, TX, &c) && !fake_take(&dev, TX, &c);
        vio_net_tx_flush(&net); /* nothing new */
        ok = ok && dev.queue[TX].kicks == kicks + 1;
        (void)fake_use(&dev, TX, c.id, 0);
        ok = ok && !vio_net_tx_reap(&net, (void *[1]){NULL}, 1) && !vio_net_tx_pending(&net);
    }
    vio_net_tx_nudge(&net); /* with nothing in flight */
    ok = ok && !vio_net_stop(&net);
    bool clean = !close_net();
    tap(ok && clean, "%s, %s: a nudge tells how far the ring is filled", kind, ring_name);
}

/* The driver stands still between its look at the queue and one at the clock: the device has answered meanwhile. */
static void answers_in_a_pause(struct hal_dev *f)
{
    static unsigned looks;

    if (++looks != 2) /* the first: when the command was sent */
        return;
    f->control_ack = VIRTIO_NET_OK;
    fake_control(f);
    fake_pass(2 * VIO_CTRL_PATIENCE);
}

static void paused(void)
{
    bool ok;

    fake_init(&dev, "modern", BIT(VIRTIO_NET_F_CTRL_VQ) | BIT(VIRTIO_NET_F_CTRL_RX), NUM);
    ok = !vio_pci_open(&pci, &dev, false) && !vio_net_attach(&net, &pci, 0, BUF) && !vio_net_start(&net, 0);
    dev.control_ack = FAKE_SILENT;
    dev.on_time = answers_in_a_pause;
    ok = ok && !vio_net_apply(&net) && !net.ctrl.count.timeouts && dev.controls > 1;
    dev.on_time = NULL;
    ok = ok && !vio_net_stop(&net);
    bool clean = !close_net();
    tap(ok && clean, "a command's answer counts, however late the driver looks for it");
}

void test_life(void)
{
    static const struct event events[] = {
        {"the device asks for a reset", asks_for_reset, VIO_ERESET},
        {"it was reset behind the driver's back", reset_by_others, VIO_ERESET},
        {"it was reset and begun by somebody else", started_by_others, VIO_ERESET},
        {"it stands still with what it was given", stands_still, 0},
        {"it is pulled out", is_pulled_out, VIO_EGONE},
    };
    static const struct {
        const char *kind, *name;
        uint64_t ring;
    } rings[] = {
        {"legacy", "split", 0},
        {"modern", "split", 0},
        {"modern", "packed", BIT(VIRTIO_F_RING_PACKED)},
        {"modern", "packed in order", BIT(VIRTIO_F_RING_PACKED) | BIT(VIRTIO_F_IN_ORDER)},
    };

    for (unsigned r = 0; r < VIO_COUNT(rings); r++) {
        for (unsigned i = 0; i < VIO_COUNT(events); i++)
            live(rings[r].kind, rings[r].name, rings[r].ring, &events[i]);
        doorbells_lost(rings[r].kind, rings[r].name, rings[r].ring);
        nudged(rings[r].kind, rings[r].name, rings[r].ring);
        goes_on(rings[r].kind, rings[r].name, rings[r].ring);
    }
    paused();
}
