// SPDX-License-Identifier: BSD-3-Clause
/*
 * See vio_net_debug.h. The device is asked for as little as there is: no offloads, no merged buffers, no interrupts.
 */
#include "vio_net_debug.h"

enum { POLL_US = 20, SEND_US = 20000, STALLS = 8 };
/* Without the first ones a device may not start at all, or not reach memory; STATUS: the link's state. */
#define NEEDED                                                                                               \
    (VIO_BIT(VIRTIO_F_VERSION_1) | VIO_BIT(VIRTIO_NET_F_MAC) | VIO_BIT(VIRTIO_F_ANY_LAYOUT) | VIO_BIT(33) |   \
     VIO_BIT(VIRTIO_NET_F_STATUS))

int vio_net_debug_attach(struct vio_net_debug *d, struct vio_pci *pci, uint64_t deny)
{
    int error = vio_net_attach(&d->net, pci, deny | ~NEEDED, VIO_NET_DEBUG_BUFFER);

    if (error)
        return error;
    error = hal_dma_alloc(pci->hal, &d->mem, (1 + VIO_NET_DEBUG_RX) * VIO_NET_DEBUG_BUFFER, VIO_NET_DEBUG_BUFFER, 64);
    if (error)
        vio_net_detach(&d->net);
    return error;
}

void vio_net_debug_detach(struct vio_net_debug *d)
{
    if (!d->net.pci)
        return;
    if (vio_pci_quiet(d->net.pci))
        hal_dma_free(d->net.pci->hal, &d->mem);
    vio_net_detach(&d->net);
    d->mem = (struct hal_dma){0}; /* lost to a device that does not stop */
}

static struct vio_net_rxbuf buffer(const struct vio_net_debug *d, unsigned i)
{
    uint32_t at = (1 + i) * VIO_NET_DEBUG_BUFFER;

    return (struct vio_net_rxbuf){(uint8_t *)d->mem.va + at, d->mem.pa + at, VIO_NET_DEBUG_BUFFER, 0};
}

/* MSI-X stays as the ordinary driver has it (4.1.5.1.2): no interrupt is waited for, in either case. */
static uint16_t vectors(struct vio_pci *pci)
{
    if (!vio_pci_msix_enabled(pci))
        return 0;
    return pci->vectors ? pci->vectors : 1;
}

int vio_net_debug_take(struct vio_net_debug *d)
{
    void *cookie;
    int error;

    if (!d->net.pci)
        return VIO_EINVAL;
    error = vio_net_stop(&d->net);
    if (error)
        return error;
    while (vio_net_tx_detach(&d->net, &cookie))
        ;
    while (vio_net_rx_detach(&d->net, &cookie))
        ;
    d->next = d->burst.frames = d->stalls = 0;
    error = vio_net_start(&d->net, vectors(d->net.pci));
    for (unsigned i = 0; i < VIO_NET_DEBUG_RX && !error; i++) {
        struct vio_net_rxbuf buf = buffer(d, i);
        if (vio_net_rx_post(&d->net, &buf, 1) != 1)
            break; /* a smaller ring: so many, then */
    }
    return error;
}

bool vio_net_debug_link(struct vio_net_debug *d)
{
    struct vio_net_link link;

    return d->net.pci && vio_net_link(&d->net, &link) == 0 && link.up;
}

int vio_net_debug_leave(struct vio_net_debug *d)
{
    return d->net.pci ? vio_net_stop(&d->net) : VIO_EINVAL;
}

/* Takes sent frames back, for so many microseconds at most: 0 when the device has none any more. */
static int take_back(struct vio_net_debug *d, unsigned patience)
{
    void *cookie;

    for (unsigned us = 0;; us += POLL_US) {
        if (!d->net.running || vio_net_tx_reap(&d->net, &cookie, 1) < 0)
            return VIO_EBROKEN;
        if (!vio_net_tx_pending(&d->net))
            return 0;
        if (us >= patience)
            return VIO_ETIMEOUT;
        hal_delay(POLL_US);
    }
}

static int put(struct vio_net_debug *d, const void *frame, uint32_t length)
{
    uint8_t *head;
    int error = vio_net_tx_head(&d->net, &head);

    if (error)
        return error;
    d->tx = (struct vio_net_tx){.len = length, .head_len = VIO_NET_ETHER_HEADER, .segs = length > VIO_NET_ETHER_HEADER};
    __builtin_memcpy(head, frame, VIO_NET_ETHER_HEADER);
    __builtin_memcpy(d->mem.va, (const uint8_t *)frame + VIO_NET_ETHER_HEADER, length - VIO_NET_ETHER_HEADER);
    d->tx.seg[VIO_NET_TX_FIRST] = (struct vq_seg){d->mem.pa, length - VIO_NET_ETHER_HEADER};
    error = vio_net_tx(&d->net, &d->tx);
    if (!error)
        vio_net_tx_flush(&d->net);
    return error;
}

int vio_net_debug_send(struct vio_net_debug *d, const void *frame, uint32_t length)
{
    int error;

    if (length < VIO_NET_ETHER_HEADER || length > VIO_NET_DEBUG_FRAME)
        return VIO_EINVAL;
    error = take_back(d, 0); /* there is one buffer to send from */
    if (!error)
        error = put(d, frame, length);
    if (!error)
        error = take_back(d, SEND_US);
    d->stalls = error == VIO_ETIMEOUT ? d->stalls + 1 : 0;
    return d->stalls > STALLS ? VIO_EBROKEN : error;
}

/* Gives out the next frame of the burst, and its buffers back to the ring. */
static int give(struct vio_net_debug *d, void *to, uint32_t size)
{
    const struct vio_net_frame *f = &d->burst.frame[d->next++];
    uint32_t done = 0;

    for (unsigned i = 0; i < f->pieces; i++) {
        const struct vio_net_piece *p = &d->burst.piece[f->first + i];
        uint32_t part = p->len < size - done ? p->len : size - done;
        __builtin_memcpy((uint8_t *)to + done, p->buf.va + p->offset, part);
        done += part;
        (void)vio_net_rx_post(&d->net, &p->buf, 1);
    }
    return (int)done;
}

int vio_net_debug_receive(struct vio_net_debug *d, void *frame, uint32_t size, unsigned timeout_ms)
{
    for (unsigned us = 0;; us += POLL_US) {
        if (d->next < d->burst.frames)
            return give(d, frame, size);
        d->next = 0;
        int got = vio_net_rx_burst(&d->net, &d->burst);
        if (got < 0)
            return got;
        if (!got && us >= timeout_ms * 1000)
            return 0;
        if (!got)
            hal_delay(POLL_US);
    }
}
