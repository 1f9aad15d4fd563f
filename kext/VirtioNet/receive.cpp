// SPDX-License-Identifier: BSD-3-Clause
/*
 * VirtioNetController's receiving side, all of it on the work loop.
 *
 * The ring is always full of 2 KB clusters: each buffer that comes back with a frame is replaced at once,
 * from packets that are allocated by the burst. Without a replacement the frame is dropped and its buffers go
 * back to the ring, so a shortage of memory costs frames and never starves the device. A frame that fits an
 * mbuf without cluster is copied, and costs neither.
 */
#include "VirtioNetController.h"
#include <IOKit/IOLib.h>
#include <pexpert/pexpert.h>

enum { kCluster = 2048, kAlignIP = 2 };

/*
 * Describes an mbuf's cluster to the device. The header is 12 bytes and Ethernet's 14: two bytes in front of
 * both align the IP header to 4. (10-byte headers of old devices do by themselves.)
 */
bool VirtioNetController::makeBuffer(mbuf_t m, struct vio_net_rxbuf *buf) const
{
    UInt32 skip = fNet.hdr_len == sizeof(struct virtio_net_hdr) ? kAlignIP : 0;

    buf->va = (UInt8 *)mbuf_datastart(m) + skip;
    buf->pa = mbuf_data_to_physical(buf->va);
    buf->len = kRxBuffer;
    buf->cookie = m;
    return buf->pa && mbuf_maxlen(m) >= kRxBuffer + skip;
}

/* Has `count` packets ready in fSpare, if memory allows. */
bool VirtioNetController::needSpares(unsigned count)
{
    unsigned chunks = 1;
    mbuf_t list;

    if (fSpares >= count)
        return true;
    if (mbuf_allocpacket_list(count - fSpares, MBUF_DONTWAIT, kCluster, &chunks, &list))
        return false;
    while (list) {
        mbuf_t next = mbuf_nextpkt(list);
        mbuf_setnextpkt(list, fSpare);
        fSpare = list;
        fSpares++;
        list = next;
    }
    return fSpares >= count;
}

void VirtioNetController::dropSpares()
{
    if (fSpare)
        mbuf_freem_list(fSpare);
    fSpare = 0;
    fSpares = 0;
}

/* Adds a spare packet to what will be posted. Only after needSpares() said that there is one. */
void VirtioNetController::postSpare()
{
    mbuf_t m = fSpare;

    fSpare = mbuf_nextpkt(m);
    fSpares--;
    mbuf_setnextpkt(m, 0);
    if (makeBuffer(m, &fPost[fPosts]))
        fPosts++;
    else
        mbuf_freem(m); /* no cluster, or no address: the ring is one short until the timer fills it */
}

void VirtioNetController::postAll()
{
    int taken = fPosts ? vio_net_rx_post(&fNet, fPost, fPosts) : 0;

    for (unsigned i = taken > 0 ? taken : 0; i < fPosts;
         i++) /* the queue broke: what it did not take is ours */
        mbuf_freem((mbuf_t)fPost[i].cookie);
    fPosts = 0;
}

/*
 * Large receive: frames of up to 64 KB that the device put together from many. Only on request, by boot-arg
 * vio_lro=1 or property VirtioLargeReceive: no system before macOS 11 has a name for it
 * (kIONetworkFeatureLRO), though its stack takes such packets. Needs merged buffers, and a device that stops
 * on command. The features to deny.
 */
UInt64 VirtioNetController::largeReceiveDenied()
{
    OSBoolean *property = OSDynamicCast(OSBoolean, getProperty("VirtioLargeReceive"));
    UInt32 on = property && property->isTrue();

    (void)PE_parse_boot_argn("vio_lro", &on, sizeof on);
    return on ? 0
              : VIO_BIT(VIRTIO_NET_F_GUEST_TSO4) | VIO_BIT(VIRTIO_NET_F_GUEST_TSO6) |
                    VIO_BIT(VIRTIO_NET_F_GUEST_ECN) | VIO_BIT(VIRTIO_NET_F_CTRL_GUEST_OFFLOADS);
}

/* On, but while promiscuous: a bridge would have to send what it cannot segment. */
void VirtioNetController::updateLargeReceive()
{
    bool want = !fNet.filter.promiscuous;

    if (want != fLargeReceive && vio_net_large_receive(&fNet, want) == 0)
        fLargeReceive = want;
}

/* Fills the ring up. False: it is empty all the same. */
bool VirtioNetController::fillRing()
{
    unsigned room;

    while ((room = vio_net_rx_room(&fNet)) != 0) {
        unsigned batch = room < VIO_NET_RX_FRAMES ? room : VIO_NET_RX_FRAMES;
        if (!needSpares(batch))
            break;
        while (batch--)
            postSpare();
        if (!fPosts)
            break;
        postAll();
    }
    return vq_in_flight(&fNet.rx) != 0;
}

/* Gives a frame's buffers back to the ring. */
void VirtioNetController::repost(const struct vio_net_frame *f)
{
    for (unsigned i = 0; i < f->pieces; i++)
        fPost[fPosts++] = fRx->piece[f->first + i].buf;
}

/* A small frame in an mbuf of its own; NULL if it does not fit one, or there is none. */
mbuf_t VirtioNetController::copyFrame(const struct vio_net_frame *f)
{
    const struct vio_net_piece *p = &fRx->piece[f->first];
    mbuf_t m;

    if (f->pieces != 1 || f->len > fCopyLimit || mbuf_gethdr(MBUF_DONTWAIT, MBUF_TYPE_HEADER, &m))
        return 0;
    mbuf_setdata(m, (UInt8 *)mbuf_datastart(m) + kAlignIP, f->len);
    bcopy(p->buf.va + p->offset, mbuf_data(m), f->len);
    fCount.rxCopied++;
    return m;
}

/* The frame's own buffers as one packet, their places in the ring taken by spares; NULL if there are not
 * enough. */
mbuf_t VirtioNetController::takeFrame(const struct vio_net_frame *f)
{
    mbuf_t head = 0, tail = 0;

    if (!needSpares(f->pieces))
        return 0;
    for (unsigned i = 0; i < f->pieces; i++) {
        const struct vio_net_piece *p = &fRx->piece[f->first + i];
        mbuf_t m = (mbuf_t)p->buf.cookie;
        postSpare();
        mbuf_setdata(m, p->buf.va + p->offset, p->len);
        if (tail) {
            mbuf_setflags_mask(m, 0, MBUF_PKTHDR);
            mbuf_setnext(tail, m);
        } else {
            head = m;
        }
        tail = m;
    }
    return head;
}

/* Queues one frame for the stack, or drops it for want of memory. */
void VirtioNetController::deliver(const struct vio_net_frame *f)
{
    const UInt32 sums = kChecksumTCP | kChecksumUDP;
    mbuf_t m = copyFrame(f);

    if (m)
        repost(f);
    else
        m = takeFrame(f);
    if (!m) {
        repost(f);
        fCount.rxNoMemory++;
        fStats->inputErrors++;
        return;
    }
    mbuf_pkthdr_setlen(m, f->len);
    /* Verified by the device, or never computed because the frame has not left this machine: good in both
     * cases. */
    if (f->csum_valid || f->csum_partial)
        setChecksumResult(m, kChecksumFamilyTCPIP, sums, sums);
    fStats->inputPackets++;
    fInterface->inputPacket(m, 0, IONetworkInterface::kInputOptionQueuePacket);
}

/* Takes what has been received. True if there was something. Ends with interrupts on, or with itself
 * scheduled again. */
bool VirtioNetController::receive()
{
    bool any = false;

    vio_net_rx_disarm(&fNet);
    for (unsigned round = 0; round < kRxRounds; round++) {
        int frames = vio_net_rx_burst(&fNet, fRx);
        if (frames < 0) {
            fNeedsReset = true;
            return any;
        }
        if (!frames && !vio_net_rx_arm(&fNet))
            return any;
        (void)needSpares(fRx->pieces); /* in one go; takeFrame() asks again for what it needs */
        for (int i = 0; i < frames; i++)
            deliver(&fRx->frame[i]);
        postAll();
        if (frames)
            fInterface->flushInputQueue();
        any |= frames > 0;
    }
    if (any)
        fNub->repeatEvents(kVirtioEventQueues);
    return any;
}
