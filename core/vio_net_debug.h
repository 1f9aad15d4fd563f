// SPDX-License-Identifier: BSD-3-Clause
/*
 * The network device in the hands of a kernel debugger, while everything else in the machine stands still. The ordinary driver
 * may have been stopped anywhere, between any two instructions, with its locks held; so nothing of its state is looked at. The
 * device is reset and started anew on rings and buffers of the debugger's own, made beforehand; afterwards the ordinary driver
 * must start it again, which is what vio_net_start() does. What was in flight is lost.
 *
 * Only vio_net_debug_attach() and _detach() allocate and free. The others poll and take no lock; any context.
 */
#ifndef CORE_VIO_NET_DEBUG_H
#define CORE_VIO_NET_DEBUG_H
#include "vio_net.h"

VIO_BEGIN

enum {
    VIO_NET_DEBUG_RX = 16,      /* receive buffers */
    VIO_NET_DEBUG_BUFFER = 2048,
    VIO_NET_DEBUG_FRAME = 1514, /* longest that is sent; the debugger's protocol has no larger ones */
};

struct vio_net_debug {
    struct vio_net net;
    struct hal_dma mem; /* one buffer to send from, then those to receive into */
    struct vio_net_rx burst;
    struct vio_net_tx tx;
    unsigned next;   /* frame of the burst that was not yet given out */
    unsigned stalls; /* times in a row that the device did not take a frame */
};

/* Allocates all that is needed. Before vio_net_attach() of the ordinary driver: the device is left reset. *d is zeroed. */
int vio_net_debug_attach(struct vio_net_debug *d, struct vio_pci *pci, uint64_t deny);
/* The device is stopped, or another's. Nothing happens on a zeroed *d. As vio_net_detach(). */
void vio_net_debug_detach(struct vio_net_debug *d);
/* Takes the device over, whatever it and its driver were doing. */
int vio_net_debug_take(struct vio_net_debug *d);
/* Whether the link is up, of a device that was taken over. */
bool vio_net_debug_link(struct vio_net_debug *d);
/* Resets the device: no DMA into the debugger's memory any more. As vio_net_stop(). */
int vio_net_debug_leave(struct vio_net_debug *d);
/*
 * Sends one frame and waits, some milliseconds at most, until the device has it. VIO_ETIMEOUT: it does not take this one, or still
 * has the one before, and this one is lost. VIO_EBROKEN: the ring is broken or stands still for good, take the device over anew.
 */
int vio_net_debug_send(struct vio_net_debug *d, const void *frame, uint32_t length);
/* Waits up to timeout_ms for a frame and copies at most `size` bytes of it: their number; 0: none came; or an error. */
int vio_net_debug_receive(struct vio_net_debug *d, void *frame, uint32_t size, unsigned timeout_ms);

VIO_END
#endif
