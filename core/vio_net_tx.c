// SPDX-License-Identifier: BSD-3-Clause
/*
 * Transmission (5.1.9.2). Each descriptor id has a slot of coherent memory that takes the header and the
 * first bytes of the frame: a small frame travels in it whole, as one descriptor, and its owner's memory is
 * free at once; a large one saves the descriptor and the address translation of its protocol headers. Sent
 * frames are reaped on the next submission; interrupts stay off unless the ring is full.
 */
#include "vio_net.h"

/* The feature that a segmentation type needs on the way out; 0: none (no type), 64: not a type. */
static unsigned gso_feature(uint8_t gso)
{
    switch (gso & ~VIRTIO_NET_HDR_GSO_ECN) {
    case VIRTIO_NET_HDR_GSO_TCPV4:
        return VIRTIO_NET_F_HOST_TSO4;
    case VIRTIO_NET_HDR_GSO_TCPV6:
        return VIRTIO_NET_F_HOST_TSO6;
    default:
        return 64;
    }
}

static bool has(const struct vio_net *n, unsigned bit)
{
    return bit < 64 && (n->features & VIO_BIT(bit));
}

static bool request_valid(const struct vio_net *n, const struct vio_net_tx *tx)
{
    if (tx->head_len > VIO_NET_TX_HEAD || tx->head_len > tx->len ||
        tx->segs > VIO_NET_TX_SEGS - VIO_NET_TX_FIRST || (!tx->segs && !tx->head_len))
        return false;
    if (tx->csum && (!has(n, VIRTIO_NET_F_CSUM) || tx->csum_start + tx->csum_offset + 2u > tx->len))
        return false;
    if ((tx->gso & VIRTIO_NET_HDR_GSO_ECN) && !has(n, VIRTIO_NET_F_HOST_ECN))
        return false;
    if (tx->gso != VIRTIO_NET_HDR_GSO_NONE)
        return tx->csum && has(n, gso_feature(tx->gso)) && tx->mss && tx->hdr_len < tx->len;
    return true;
}

/* Devices may refuse or, as VirtualBox 7, choke on a segmentation request for what is one segment. */
static bool segmented(const struct vio_net_tx *tx)
{
    return tx->gso != VIRTIO_NET_HDR_GSO_NONE && tx->len - tx->hdr_len > tx->mss;
}

static void put_header(const struct vio_net *n, uint8_t *slot, const struct vio_net_tx *tx)
{
    struct virtio_net_hdr h = {0};

    if (tx->csum) {
        h.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
        h.csum_start = tx->csum_start;
        h.csum_offset = tx->csum_offset;
    }
    if (segmented(tx)) {
        h.gso_type = tx->gso;
        h.gso_size = tx->mss;
        h.hdr_len = tx->hdr_len;
    }
    __builtin_memcpy(slot, &h, n->hdr_len);
}

/* Puts the slot's pieces before the caller's; returns the index of the first one. */
static unsigned put_slot_segs(const struct vio_net *n, struct vio_net_tx *tx, uint64_t slot_pa)
{
    struct vq_seg *seg = &tx->seg[VIO_NET_TX_FIRST];

    if (!n->one_layout || !tx->head_len) {
        seg[-1] = (struct vq_seg){slot_pa, n->hdr_len + (uint32_t)tx->head_len};
        return VIO_NET_TX_FIRST - 1;
    }
    seg[-1] = (struct vq_seg){slot_pa + n->hdr_len, tx->head_len};
    seg[-2] = (struct vq_seg){slot_pa, n->hdr_len};
    return VIO_NET_TX_FIRST - 2;
}

static void count(struct vio_net *n, const struct vio_net_tx *tx)
{
    n->tx_count.packets++;
    n->tx_count.bytes += tx->len;
    n->tx_count.csum += tx->csum;
    n->tx_count.tso += segmented(tx);
    n->tx_count.copied += !tx->segs;
}

static uint32_t next_slot(const struct vio_net *n)
{
    return vq_next_id(&n->tx) * (uint32_t)VIO_NET_TX_SLOT;
}

/* Whether the next id, and with it its slot, is free. */
static int check_room(struct vio_net *n)
{
    if (VIO_UNLIKELY(!n->running || n->tx.broken))
        return VIO_EBROKEN;
    if (VIO_LIKELY(n->tx.num_free))
        return 0;
    n->tx_count.full++;
    return VIO_EFULL;
}

int VQ_NAME(vio_net_tx_head)(struct vio_net *n, uint8_t **head)
{
    *head = (uint8_t *)n->tx_slots.va + next_slot(n) + n->hdr_len;
    return check_room(n);
}

int VQ_NAME(vio_net_tx)(struct vio_net *n, struct vio_net_tx *tx)
{
    uint32_t slot = next_slot(n);
    unsigned first;
    int error = check_room(n);

    if (VIO_UNLIKELY(error))
        return error;
    if (VIO_UNLIKELY(!request_valid(n, tx))) {
        n->fault[VIO_NET_TX_REQUEST]++;
        return VIO_EINVAL;
    }
    put_header(n, (uint8_t *)n->tx_slots.va + slot, tx);
    first = put_slot_segs(n, tx, n->tx_slots.pa + slot);
    error = vq_add(&n->tx, &tx->seg[first], VIO_NET_TX_FIRST + tx->segs - first, 0, tx->cookie);
    if (VIO_LIKELY(!error))
        count(n, tx);
    else
        n->tx_count.full += error == VIO_EFULL;
    return error;
}

void VQ_NAME(vio_net_tx_flush)(struct vio_net *n)
{
    if (VIO_LIKELY(n->running) && vq_publish(&n->tx))
        vq_kick(&n->tx);
}

int VQ_NAME(vio_net_tx_reap)(struct vio_net *n, void **cookies, unsigned max)
{
    struct vq_done done;
    unsigned found = 0;
    int got = 0;

    /* Bounded: nothing is offered meanwhile, so at most a ring's worth comes back. */
    while (found < max && (got = vq_pop(&n->tx, &done)) > 0) {
        n->tx_count.reaped++;
        if (done.cookie)
            cookies[found++] = done.cookie;
    }
    return found ? (int)found : got < 0 ? got : 0;
}

bool VQ_NAME(vio_net_tx_wait)(struct vio_net *n)
{
    /* At three quarters: the device still has work while the queue starts again. */
    unsigned after = vq_in_flight(&n->tx) * 3 / 4;

    return vq_intr_on(&n->tx, (uint16_t)(after ? after : 1));
}

void VQ_NAME(vio_net_tx_unwait)(struct vio_net *n)
{
    vq_intr_off(&n->tx);
}
