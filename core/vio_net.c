// SPDX-License-Identifier: BSD-3-Clause
/* The network device's life: features (5.1.3), configuration (5.1.4), start and stop. */
#include "vio_net.h"
#include "vq_any.h"

enum { QUEUE_RX = 0, QUEUE_TX = 1, QUEUE_CTRL = 2 }; /* 5.1.2, without MQ */

#define LARGE (VIO_BIT(VIRTIO_NET_F_GUEST_TSO4) | VIO_BIT(VIRTIO_NET_F_GUEST_TSO6))
/* What large frames need: 5.1.3.1, and that they can be stopped, for a bridge could not send them on. */
#define LARGE_RX (VIO_BIT(VIRTIO_NET_F_GUEST_CSUM) | VIO_BIT(VIRTIO_NET_F_CTRL_GUEST_OFFLOADS))

/* In the order of their bits. What is only KNOWN has a name for display and comes in by another word here and
 * its code. */
static const struct vio_feature feature_rows[] = {
    {VIRTIO_NET_F_CSUM, VIO_WANTED, "CSUM", "5.1.3", 0, 0},
    {VIRTIO_NET_F_GUEST_CSUM, VIO_WANTED, "GUEST_CSUM", "5.1.3", 0, 0},
    {VIRTIO_NET_F_CTRL_GUEST_OFFLOADS, VIO_WANTED, "CTRL_GUEST_OFFLOADS", "5.1.9.5.9",
     VIO_BIT(VIRTIO_NET_F_CTRL_VQ), 0},
    {VIRTIO_NET_F_MTU, VIO_WANTED, "MTU", "5.1.4", 0, 0},
    {VIRTIO_NET_F_MAC, VIO_WANTED, "MAC", "5.1.4", 0, 0},
    {VIRTIO_NET_F_GSO, VIO_KNOWN, "GSO", "5.1.3.2", 0, 0},
    {VIRTIO_NET_F_GUEST_TSO4, VIO_WANTED, "GUEST_TSO4", "5.1.3.1", LARGE_RX, 0},
    {VIRTIO_NET_F_GUEST_TSO6, VIO_WANTED, "GUEST_TSO6", "5.1.3.1", LARGE_RX, 0},
    {VIRTIO_NET_F_GUEST_ECN, VIO_WANTED, "GUEST_ECN", "5.1.3.1", 0,
     VIO_BIT(VIRTIO_NET_F_GUEST_TSO4) | VIO_BIT(VIRTIO_NET_F_GUEST_TSO6)},
    {VIRTIO_NET_F_GUEST_UFO, VIO_KNOWN, "GUEST_UFO", "5.1.3.1", VIO_BIT(VIRTIO_NET_F_GUEST_CSUM), 0},
    {VIRTIO_NET_F_HOST_TSO4, VIO_WANTED, "HOST_TSO4", "5.1.3.1", VIO_BIT(VIRTIO_NET_F_CSUM), 0},
    {VIRTIO_NET_F_HOST_TSO6, VIO_WANTED, "HOST_TSO6", "5.1.3.1", VIO_BIT(VIRTIO_NET_F_CSUM), 0},
    {VIRTIO_NET_F_HOST_ECN, VIO_WANTED, "HOST_ECN", "5.1.3.1", 0,
     VIO_BIT(VIRTIO_NET_F_HOST_TSO4) | VIO_BIT(VIRTIO_NET_F_HOST_TSO6)},
    {VIRTIO_NET_F_HOST_UFO, VIO_KNOWN, "HOST_UFO", "5.1.3.1", VIO_BIT(VIRTIO_NET_F_CSUM), 0},
    {VIRTIO_NET_F_MRG_RXBUF, VIO_WANTED, "MRG_RXBUF", "5.1.9.3", 0, 0},
    {VIRTIO_NET_F_STATUS, VIO_WANTED, "STATUS", "5.1.4", 0, 0},
    {VIRTIO_NET_F_CTRL_VQ, VIO_WANTED, "CTRL_VQ", "5.1.9.5", 0, 0},
    {VIRTIO_NET_F_CTRL_RX, VIO_WANTED, "CTRL_RX", "5.1.9.5.1", VIO_BIT(VIRTIO_NET_F_CTRL_VQ), 0},
    {VIRTIO_NET_F_CTRL_VLAN, VIO_WANTED, "CTRL_VLAN", "5.1.9.5.3", VIO_BIT(VIRTIO_NET_F_CTRL_VQ), 0},
    {VIRTIO_NET_F_CTRL_RX_EXTRA, VIO_WANTED, "CTRL_RX_EXTRA", "5.1.3.2", VIO_BIT(VIRTIO_NET_F_CTRL_RX), 0},
    {VIRTIO_NET_F_GUEST_ANNOUNCE, VIO_WANTED, "GUEST_ANNOUNCE", "5.1.9.5.4",
     VIO_BIT(VIRTIO_NET_F_CTRL_VQ) | VIO_BIT(VIRTIO_NET_F_STATUS), 0},
    {VIRTIO_NET_F_MQ, VIO_KNOWN, "MQ", "5.1.9.5.6", VIO_BIT(VIRTIO_NET_F_CTRL_VQ), 0},
    {VIRTIO_NET_F_CTRL_MAC_ADDR, VIO_WANTED, "CTRL_MAC_ADDR", "5.1.9.5.2", VIO_BIT(VIRTIO_NET_F_CTRL_VQ), 0},
    {VIRTIO_NET_F_VQ_NOTF_COAL, VIO_WANTED, "VQ_NOTF_COAL", "5.1.9.5.10", VIO_BIT(VIRTIO_NET_F_CTRL_VQ), 0},
    {VIRTIO_NET_F_NOTF_COAL, VIO_WANTED, "NOTF_COAL", "5.1.9.5.10", VIO_BIT(VIRTIO_NET_F_CTRL_VQ), 0},
    {VIRTIO_NET_F_HOST_USO, VIO_KNOWN, "HOST_USO", "5.1.3.1", VIO_BIT(VIRTIO_NET_F_CSUM), 0},
    {VIRTIO_NET_F_HASH_REPORT, VIO_KNOWN, "HASH_REPORT", "5.1.9.4.2", VIO_BIT(VIRTIO_NET_F_CTRL_VQ), 0},
    {VIRTIO_NET_F_GUEST_HDRLEN, VIO_WANTED, "GUEST_HDRLEN", "5.1.9.2", 0, 0},
    {VIRTIO_NET_F_RSS, VIO_KNOWN, "RSS", "5.1.9.5.7", VIO_BIT(VIRTIO_NET_F_CTRL_VQ), 0},
    {VIRTIO_NET_F_RSC_EXT, VIO_KNOWN, "RSC_EXT", "5.1.3.1", 0,
     VIO_BIT(VIRTIO_NET_F_GUEST_TSO4) | VIO_BIT(VIRTIO_NET_F_GUEST_TSO6)},
    {VIRTIO_NET_F_STANDBY, VIO_KNOWN, "STANDBY", "5.1.3", 0, 0},
    {VIRTIO_NET_F_SPEED_DUPLEX, VIO_WANTED, "SPEED_DUPLEX", "5.1.4", 0, 0},
};
const struct vio_feature_table vio_net_features = {feature_rows, VIO_COUNT(feature_rows)};

#define CONFIG(field) (uint32_t) offsetof(struct virtio_net_config, field)

static int negotiate(struct vio_net *n, uint64_t deny)
{
    int error = vio_pci_begin(n->pci);

    return error ? error : vio_pci_negotiate(n->pci, vio_net_features, deny);
}

/* A MAC of all zeros, or a group address, is none: the caller chooses one then. */
static int read_mac(struct vio_net *n)
{
    uint8_t any = 0;
    int error;

    if (!vio_pci_has(n->pci, VIRTIO_NET_F_MAC))
        return 0;
    error = vio_pci_config(n->pci, CONFIG(mac), n->mac, sizeof n->mac, 1);
    for (unsigned i = 0; i < sizeof n->mac; i++)
        any |= n->mac[i];
    __builtin_memcpy(n->mac_device, n->mac, sizeof n->mac);
    n->mac_valid = !error && any && !(n->mac[0] & 1);
    return error;
}

static int read_mtu(struct vio_net *n)
{
    int error;

    n->mtu = 0;
    n->mtu_max = VIO_NET_MTU_JUMBO;
    if (!vio_pci_has(n->pci, VIRTIO_NET_F_MTU))
        return 0;
    error = vio_pci_config(n->pci, CONFIG(mtu), &n->mtu, 1, 2);
    if (error)
        return error;
    n->mtu_max = n->mtu;
    return n->mtu < VIO_NET_MTU_MIN ? VIO_EFEATURE : 0;
}

/*
 * How many buffers a descriptor chain needs, so that it holds any frame (5.1.9.3.1): the longest by MTU, also
 * by the device's own, whose acceptance promises buffers for it (5.1.4.2); or 64 KB and its headers.
 */
static unsigned chain_for(const struct vio_net *n, uint32_t mtu)
{
    uint32_t frame = (n->mtu > mtu ? n->mtu : mtu) + VIO_NET_ETHER_HEADER + VIO_NET_VLAN_TAG;

    if (n->merge)
        return 1;
    if (n->features & LARGE)
        frame = VIO_NET_RX_LONGEST;
    frame += sizeof(struct virtio_net_hdr);
    /* A buffer of the least size is for standard frames without tag. */
    return mtu <= VIO_NET_MTU_STANDARD && frame <= n->rx_buf_size + VIO_NET_VLAN_TAG
               ? 1
               : (frame + n->rx_buf_size - 1) / n->rx_buf_size;
}

/* An MTU that is nonsense is refused by negotiating once more without it. */
static int learn(struct vio_net *n)
{
    int error = negotiate(n, n->deny);

    if (error)
        return error;
    error = read_mtu(n);
    if (error == VIO_EFEATURE) {
        hal_log(n->pci->hal, HAL_INFO, "the device's MTU of %u is not usable and is ignored", n->mtu);
        n->deny |= VIO_BIT(VIRTIO_NET_F_MTU);
        error = negotiate(n, n->deny);
        if (!error)
            error = read_mtu(n);
    }
    if (error)
        return error;
    n->features = n->pci->features;
    n->merge = vio_pci_has(n->pci, VIRTIO_NET_F_MRG_RXBUF);
    bool modern = vio_pci_has(n->pci, VIRTIO_F_VERSION_1);
    n->hdr_len = modern || n->merge ? sizeof(struct virtio_net_hdr) : VIRTIO_NET_HDR_SIZE_LEGACY;
    n->one_layout = !modern && !vio_pci_has(n->pci, VIRTIO_F_ANY_LAYOUT);
    n->mtu_wanted = n->mtu_max < VIO_NET_MTU_STANDARD ? n->mtu_max : VIO_NET_MTU_STANDARD;
    n->rx_chain_most = (uint16_t)chain_for(n, n->mtu_max);
    return n->rx_chain_most <= VIO_NET_RX_PIECES ? read_mac(n) : VIO_EINVAL;
}

static uint32_t rx_bufs_size(const struct vio_net *n)
{
    return n->rx.num * (uint32_t)sizeof(struct vio_net_rxbuf) * n->rx_chain_most;
}

/* Descriptors of the ring for a receive buffer: one for an indirect table (2.7.5.3), or one for each piece and, with
 * old devices, one for the header (see vio_net_rx.c). */
static unsigned rx_descriptors(const struct vio_net *n, unsigned chain)
{
    unsigned segs = chain + (n->one_layout && !n->merge);

    return segs <= n->rx.ind_max ? 1 : segs;
}

static int alloc_queues(struct vio_net *n)
{
    uint16_t table = n->rx_chain_most > 1 ? n->rx_chain_most + 1 : 0;
    int error = vio_pci_queue_alloc(n->pci, &n->rx, QUEUE_RX, VIO_NET_QUEUE_MAX, table);

    if (!error)
        error = vio_pci_queue_alloc(n->pci, &n->tx, QUEUE_TX, VIO_NET_QUEUE_MAX, VIO_NET_TX_SEGS);
    if (!error && vio_pci_has(n->pci, VIRTIO_NET_F_CTRL_VQ))
        error = vio_ctrl_alloc(&n->ctrl, n->pci, QUEUE_CTRL);
    if (error)
        return error;
    n->rx_buf = (struct vio_net_rxbuf *)hal_alloc(rx_bufs_size(n));
    if (!n->rx_buf)
        return VIO_ENOMEM;
    return hal_dma_alloc(n->pci->hal, &n->tx_slots, n->tx.num * (uint32_t)VIO_NET_TX_SLOT, VIO_NET_TX_SLOT,
                         64);
}

static void free_queues(struct vio_net *n)
{
    hal_dma_free(n->pci->hal, &n->tx_slots);
    hal_free(n->rx_buf, rx_bufs_size(n));
    n->rx_buf = NULL; /* a second round may end before there is another */
    vio_ctrl_free(&n->ctrl, n->pci);
    vq_free(&n->tx);
    vq_free(&n->rx);
}

/* What the device may still write to is not freed, on purpose. */
static void lose_memory(struct vio_net *n)
{
    struct vq *queues[] = {&n->rx, &n->tx, &n->ctrl.q};

    hal_log(n->pci->hal, HAL_ERROR, "the device does not stop: its rings are lost");
    for (unsigned i = 0; i < VIO_COUNT(queues); i++)
        queues[i]->ring_mem = queues[i]->ind_mem = (struct hal_dma){0};
    n->tx_slots = n->ctrl.mem = (struct hal_dma){0};
}

/* Chains that leave the ring without a second one are given up: large frames first, then the MTU. */
static int learn_and_alloc(struct vio_net *n)
{
    int error;

    while (!(error = learn(n)) && !(error = alloc_queues(n)) &&
           rx_descriptors(n, n->rx_chain_most) > n->rx.num / 2u) {
        uint64_t give_up = n->features & LARGE ? LARGE : n->features & VIO_BIT(VIRTIO_NET_F_MTU);
        if (!give_up) {
            n->mtu_max = VIO_NET_MTU_STANDARD;
            return 0;
        }
        hal_log(n->pci->hal, HAL_INFO, "a receive queue of %u is too short for frames of %u buffers", n->rx.num,
                n->rx_chain_most);
        n->deny |= give_up;
        free_queues(n);
    }
    return error;
}

int vio_net_attach(struct vio_net *n, struct vio_pci *pci, uint64_t deny, uint32_t rx_buf_size)
{
    int error;

    *n = (struct vio_net){.pci = pci, .deny = deny, .rx_buf_size = rx_buf_size};
    if (rx_buf_size < sizeof(struct virtio_net_hdr) + VIO_NET_ETHER_HEADER + VIO_NET_MTU_STANDARD)
        return VIO_EINVAL;
    error = learn_and_alloc(n);
    if (error)
        vio_pci_fail(pci);
    /* Quiet until vio_net_start(). No queue has been enabled, so its memory is ours even if the reset fails.
     */
    int reset = vio_pci_reset(pci);
    if (!error)
        error = reset;
    if (error) {
        free_queues(n);
        *n = (struct vio_net){0};
    }
    return error;
}

void vio_net_detach(struct vio_net *n)
{
    if (!n->pci)
        return;
    if (!vio_pci_quiet(n->pci))
        lose_memory(n);
    free_queues(n);
    *n = (struct vio_net){0};
}

static int bring_up(struct vio_net *n, uint16_t vectors)
{
    int error = negotiate(n, n->deny);

    if (error)
        return error;
    if (n->pci->features != n->features)
        return VIO_EDEVICE;
    error = vio_pci_set_vectors(n->pci, vectors);
    if (error)
        return error;
    n->moderation_rx = n->moderation_tx = (struct virtio_net_ctrl_coal){0}; /* a reset's (5.1.9.5.10) */
    n->moderation_refused = false;
    vq_restart(&n->rx);
    vq_restart(&n->tx);
    n->rx_chain = (uint16_t)chain_for(n, n->mtu_wanted);
    vio_net_tx_unwait(n);
    vio_net_rx_disarm(n);
    error = vio_pci_queue_enable(n->pci, &n->rx);
    if (!error)
        error = vio_pci_queue_enable(n->pci, &n->tx);
    if (!error && vio_pci_has(n->pci, VIRTIO_NET_F_CTRL_VQ))
        error = vio_ctrl_start(&n->ctrl, n->pci);
    return error ? error : vio_pci_ready(n->pci);
}

int vio_net_start(struct vio_net *n, uint16_t vectors)
{
    int error = bring_up(n, vectors);

    if (error) {
        vio_pci_fail(n->pci);
        (void)vio_pci_reset(n->pci); /* the first error is the one to tell; nothing was posted yet */
        return error;
    }
    n->running = true;
    return 0;
}

/*
 * A host's hiccup passes, so each life begins with a working control queue. A device that is silent in one after
 * another must not be given what only commands make usable: VLANs that cannot be named, large frames that cannot
 * be stopped. All of it needs CTRL_VQ.
 */
static void judge_ctrl(struct vio_net *n)
{
    const struct vio_feature *missing;

    if (!n->running)
        return;
    n->ctrl_silent = vio_net_ctrl_lost(n) ? n->ctrl_silent + 1 : 0;
    if (n->ctrl_silent < VIO_NET_CTRL_CHANCES)
        return;
    hal_log(n->pci->hal, HAL_ERROR, "the control queue does not work and is given up");
    n->deny |= VIO_BIT(VIRTIO_NET_F_CTRL_VQ);
    (void)vio_feature_choose(n->pci->tables, VIO_COUNT(n->pci->tables), n->features, n->deny, &n->features, &missing);
}

int vio_net_stop(struct vio_net *n)
{
    judge_ctrl(n);
    n->running = false;
    vio_ctrl_stop(&n->ctrl);
    return vio_pci_reset(n->pci);
}

bool vio_net_set_mtu(struct vio_net *n, uint16_t mtu)
{
    n->mtu_wanted = mtu;
    return n->running && chain_for(n, mtu) > n->rx_chain;
}

int vio_net_link(struct vio_net *n, struct vio_net_link *link)
{
    uint16_t status = VIRTIO_NET_S_LINK_UP;
    uint32_t speed = 0;
    uint8_t duplex = 1;
    int error = 0;

    if (n->features & VIO_BIT(VIRTIO_NET_F_STATUS))
        error = vio_pci_config(n->pci, CONFIG(status), &status, 1, sizeof status);
    if (!error && (n->features & VIO_BIT(VIRTIO_NET_F_SPEED_DUPLEX))) {
        error = vio_pci_config(n->pci, CONFIG(speed), &speed, 1, sizeof speed);
        if (!error)
            error = vio_pci_config(n->pci, CONFIG(duplex), &duplex, 1, sizeof duplex);
    }
    link->up = !error && (status & VIRTIO_NET_S_LINK_UP);
    link->mbps = speed <= 0x7fffffff ? speed : 0; /* 5.1.4: larger values mean unknown */
    link->half_duplex = duplex == 0;
    return error;
}

unsigned vio_net_tx_pending(const struct vio_net *n)
{
    return vq_in_flight(&n->tx);
}

bool vio_net_tx_room(const struct vio_net *n, unsigned frames)
{
    return n->tx.num_free >= frames * (n->tx.ind_max >= VIO_NET_TX_SEGS ? 1u : (unsigned)VIO_NET_TX_SEGS);
}

void vio_net_tx_nudge(struct vio_net *n)
{
    if (n->running && !n->tx.broken)
        vq_any_kick(&n->tx);
}

void vio_net_rx_nudge(struct vio_net *n)
{
    if (n->running && !n->rx.broken)
        vq_any_kick(&n->rx);
}

bool vio_net_tx_detach(struct vio_net *n, void **cookie)
{
    return vq_detach(&n->tx, cookie);
}

int vio_net_tx_quiesce(struct vio_net *n)
{
    return vio_pci_queue_reset(n->pci, &n->tx);
}

int vio_net_tx_resume(struct vio_net *n)
{
    /* A queue that is enabled again has forgotten its own values (5.1.9.5.10). */
    n->moderation_tx = (struct virtio_net_ctrl_coal){0};
    vq_restart(&n->tx);
    vio_net_tx_unwait(n);
    return vio_pci_queue_enable(n->pci, &n->tx);
}

unsigned vio_net_rx_room(const struct vio_net *n)
{
    unsigned room, most;

    if (!n->running || n->rx.broken)
        return 0;
    room = n->rx.num_free / rx_descriptors(n, n->rx_chain);
    if (n->rx_chain == 1)
        return room;
    most = VIO_NET_RX_MEMORY / (n->rx_chain * n->rx_buf_size); /* 34 buffers of 64 KB at most: some fit */
    most = most > vq_in_flight(&n->rx) ? most - vq_in_flight(&n->rx) : 0;
    return (room < most ? room : most) * n->rx_chain;
}

bool vio_net_rx_detach(struct vio_net *n, void **cookie)
{
    void *chain;

    if (!n->spills && vq_detach(&n->rx, &chain))
        for (const struct vio_net_rxbuf *buf = chain; n->spills < n->rx_chain; buf++)
            n->spilled[n->spills++] = buf->cookie;
    if (!n->spills)
        return false;
    *cookie = n->spilled[--n->spills];
    return true;
}

static const char *const fault_names[VIO_NET_FAULTS] = {
    [VIO_NET_RX_SHORT] = "rx-short",     [VIO_NET_RX_NUM_BUFFERS] = "rx-num-buffers",
    [VIO_NET_RX_MISSING] = "rx-missing", [VIO_NET_RX_GAP] = "rx-gap",
    [VIO_NET_RX_RUNT] = "rx-runt",       [VIO_NET_RX_LONG] = "rx-long",
    [VIO_NET_RX_GSO] = "rx-gso",         [VIO_NET_RX_CSUM] = "rx-csum",
    [VIO_NET_TX_REQUEST] = "tx-request",
};

const char *vio_net_fault_name(enum vio_net_fault fault)
{
    return fault_names[fault];
}
