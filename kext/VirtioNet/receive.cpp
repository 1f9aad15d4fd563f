// SPDX-License-Identifier: BSD-3-Clause
/*
 * VirtioNetController's receiving side, all of it on the work loop.
 *
 * The ring is always full of clusters, 2 KB each, or 4 KB for large frames: each buffer that comes back with a
 * frame's bytes is replaced at once, from packets that are allocated by the burst. Without a replacement the frame is dropped and its buffers go
 * back to the ring, so a shortage of memory costs frames and never starves the device. A frame that fits an
 * mbuf without cluster is copied, and costs neither.
 */
#include "VirtioNetController.h"
#include <IOKit/IOLib.h>
#include <libkern/version.h>

enum { kAlignIP = 2, kDarwinOf10_9 = 13 };

/*
 * Describes an mbuf's cluster to the device. The header is 12 bytes and Ethernet's 14: two bytes in front of
 * both align the IP header to 4. (10-byte headers of old devices do by themselves.)
 */
bool VirtioNetController::makeBuffer(mbuf_t m, struct vio_net_rxbuf *buf) const
{
    UInt32 skip = fNet.hdr_len == sizeof(struct virtio_net_hdr) ? kAlignIP : 0;

    buf->va = (UInt8 *)mbuf_datastart(m) + skip;
    buf->pa = mbuf_data_to_physical(buf->va);
    buf->len = fNet.rx_buf_size;
    buf->cookie = m;
    return buf->pa && mbuf_maxlen(m) >= buf->len + skip;
}

/* Has `count` packets ready in fSpare, if memory allows. */
bool VirtioNetController::needSpares(unsigned count)
{
    unsigned chunks = 1;
    mbuf_t list;

    if (fSpares >= count)
        return true;
    if (mbuf_allocpacket_list(count - fSpares, MBUF_DONTWAIT, fNet.rx_buf_size + kAlignIP, &chunks, &list))
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
    while (fPosts)
        mbuf_freem((mbuf_t)fPost[--fPosts].cookie);
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
    unsigned left = fPosts - (taken > 0 ? taken : 0);

    if (left < fNet.rx_chain && taken >= 0) { /* less than a chain waits for more */
        bcopy(&fPost[fPosts - left], fPost, left * sizeof fPost[0]);
        fPosts = left;
        return;
    }
    while (left--) /* the queue broke: what it did not take is ours */
        mbuf_freem((mbuf_t)fPost[--fPosts].cookie);
    fPosts = 0;
}

/* Fills the ring up. False: it is empty all the same. */
bool VirtioNetController::fillRing()
{
    unsigned room;

    while ((room = vio_net_rx_room(&fNet)) > fPosts) {
        unsigned before = fNet.rx.num_free, batch = room - fPosts;
        if (batch > kFillBatch)
            batch = kFillBatch;
        if (!needSpares(batch))
            break;
        while (batch--)
            postSpare();
        postAll();
        if (fNet.rx.num_free == before) /* no buffer had an address, or the queue broke */
            break;
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

    if (f->used != 1 || f->len > fCopyLimit || mbuf_gethdr(MBUF_DONTWAIT, MBUF_TYPE_HEADER, &m))
        return 0;
    mbuf_setdata(m, (UInt8 *)mbuf_datastart(m) + kAlignIP, f->len);
    bcopy(p->buf.va + p->offset, mbuf_data(m), f->len);
    fCount.rxCopied++;
    return m;
}

/* The frame's own buffers as one packet, their places in the ring taken by spares, and the rest of its chain goes
 * back; NULL if there are not enough. */
mbuf_t VirtioNetController::takeFrame(const struct vio_net_frame *f)
{
    mbuf_t head = 0, tail = 0;

    if (!needSpares(f->used))
        return 0;
    for (unsigned i = f->used; i < f->pieces; i++)
        fPost[fPosts++] = fRx->piece[f->first + i].buf;
    for (unsigned i = 0; i < f->used; i++) {
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

/*
 * Where the header of a whole TCP segment or UDP datagram has its checksum; 0 for all else. Only those may be told as good:
 * the mark of a fragment stays with the datagram that the stack makes of it (xnu-1504 ip_reass()), and then nobody sums
 * that. After IPv6's extension headers nobody looks: such a frame is left to the stack.
 */
unsigned VirtioNetController::sumOffset(const struct vio_net_piece *p)
{
    enum { kType = 12, kIPv4Length = 20, kIPv6Length = 40, kFragment = 0x3f, kTCP = 6, kUDP = 17 };
    const UInt8 *frame = p->buf.va + p->offset;
    UInt32 ip = VIO_NET_ETHER_HEADER;
    UInt8 protocol = 0;

    if (p->len >= ip && frame[kType] == 0x81 && frame[kType + 1] == 0) /* IEEE 802.1Q */
        ip += VIO_NET_VLAN_TAG;
    if (p->len < ip + kIPv4Length)
        return 0;
    if (frame[ip - 2] == 0x08 && frame[ip - 1] == 0 && !(frame[ip + 6] & kFragment) && !frame[ip + 7])
        protocol = frame[ip + 9];
    else if (frame[ip - 2] == 0x86 && frame[ip - 1] == 0xdd && p->len >= ip + kIPv6Length)
        protocol = frame[ip + 6];
    return protocol == kTCP ? kTCPSumOffset : protocol == kUDP ? kUDPSumOffset : 0;
}

/*
 * A partial checksum can be told as good to the stack alone, and only where it listens: for TCP and UDP, and over
 * IPv6 not up to 10.8 (xnu-1504 tcp_input(), udp6_input(): in6_cksum() always; from xnu-2422 on csum_flags; in
 * between not known). Whoever sends the frame on, or looks at it, needs the sum itself. `at`: sumOffset().
 */
bool VirtioNetController::sumNeeded(const struct vio_net_frame *f, unsigned at) const
{
    const struct vio_net_piece *p = &fRx->piece[f->first];
    const UInt8 *type = p->buf.va + p->offset + 12;

    if (!f->csum_partial)
        return false;
    if (!at || f->csum_offset != at)
        return true;
    if (type[0] == 0x81 && type[1] == 0) /* IEEE 802.1Q */
        type += VIO_NET_VLAN_TAG;
    if (type[0] == 0x86 && type[1] == 0xdd && version_major < kDarwinOf10_9)
        return true;
    return fNet.filter.promiscuous || fForwarding;
}

/* Queues one frame for the stack, or drops it for want of memory. */
void VirtioNetController::deliver(const struct vio_net_frame *f)
{
    const UInt32 sums = kChecksumTCP | kChecksumUDP;
    unsigned at = sumOffset(&fRx->piece[f->first]);
    mbuf_t m;

    if (sumNeeded(f, at)) {
        vio_net_complete(f, &fRx->piece[f->first]);
        fCount.rxCompleted++;
    }
    m = copyFrame(f);
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
     * cases. The family turns it into CSUM_DATA_VALID | CSUM_PSEUDO_HDR and 0xffff. */
    if (at && (f->csum_valid || (f->csum_partial && f->csum_offset == at))) {
        setChecksumResult(m, kChecksumFamilyTCPIP, sums, sums);
        fCount.rxVouched++;
    }
    fStats->inputPackets++;
    push(m);
}

/* The stack gets a burst, and the ring its buffers. */
void VirtioNetController::deliverBurst(int frames)
{
    unsigned used = 0;

    for (int i = 0; i < frames; i++)
        used += fRx->frame[i].used;
    (void)needSpares(used); /* in one go; takeFrame() asks again for what it needs */
    for (int i = 0; i < frames; i++)
        deliver(&fRx->frame[i]);
    postAll();
}

/* What vio_net_rx_burst() says; frames that it had to drop are input errors. */
int VirtioNetController::takeBurst()
{
    int frames = vio_net_rx_burst(&fNet, fRx);

    fStats->inputErrors += fRx->dropped;
    return frames;
}

/* Takes what has been received. True if there was something. Ends with interrupts on, or with itself
 * scheduled again. */
bool VirtioNetController::receive()
{
    bool any = false;
    unsigned taken = 0;

    vio_net_rx_disarm(&fNet);
    if (fPolling) /* the poller takes them */
        return false;
    for (unsigned round = 0; round < kRxRounds; round++) {
        int frames = takeBurst();
        if (frames < 0) {
            fNeedsReset = true;
            return any;
        }
        if (!frames && hold(taken))
            return any;
        if (!frames && !vio_net_rx_arm(&fNet))
            return any;
        taken += (unsigned)frames;
        deliverBurst(frames);
        if (frames)
            fInterface->flushInputQueue();
        any |= frames > 0;
    }
    fNub->repeatEvents(kVirtioEventQueues); /* even if all of it was refused: no interrupt is asked for */
    return any;
}
