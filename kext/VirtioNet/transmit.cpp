// SPDX-License-Identifier: BSD-3-Clause
/*
 * VirtioNetController's sending side.
 *
 * The queue is an IOBasicOutputQueue: it calls on the sender's own thread, without the work loop, so a sender
 * neither waits for reception nor wakes another thread (an IOGatedOutputQueue would do both). It calls one
 * packet at a time; while more wait in it the doorbell is held back, up to kTxUnflushedMax.
 *
 * A small packet is copied into its descriptor's slot and freed at once. Of a larger one the protocol headers
 * are copied, which must be read anyway, and the rest is described page by page: mbuf memory is physically
 * contiguous only within a page (mbuf_data_to_physical). Packets in more pieces than a ring entry takes, or
 * in memory that is no mbuf's, are copied.
 */
#include "VirtioNetController.h"
#include <IOKit/IOLib.h>
#include <libkern/OSByteOrder.h>

enum {
    kEtherTypeVLAN = 0x8100,
    kAddresses = 12,
    kEtherHeader = 14,
    kVLANTag = 4,
    kTCPHeader = 20,                        /* without options */
    kHeadMost = VIO_NET_TX_HEAD - kVLANTag, /* a tag may have to be inserted */
    kHeadersUsual = kEtherHeader + 20 + kTCPHeader,
    kHeadersLongest = kEtherHeader + kVLANTag + 60 + 60,
    kHeadersLook = 512, /* looked at, where extension headers are many */
    kPage = 4096,
};

/* Where the headers are; what lies behind the head is fetched, as often as a header tells of another one.
 * False: they are not what a request needs. */
bool VirtioNetController::parse(mbuf_t m, const UInt8 *head, struct vio_frame *f) const
{
    int need = vio_frame_parse(head, fTx.head_len, fTx.len, f);
    UInt8 room[kHeadersLook];
    UInt32 len = fTx.len < kHeadersLook ? fTx.len : kHeadersLook;

    if (need <= 0)
        return need == 0;
    return mbuf_copydata(m, 0, len, room) == 0 && vio_frame_parse(room, len, fTx.len, f) == 0;
}

/* Fills in fTx's segmentation; false: not possible as asked. */
bool VirtioNetController::takeSegmentation(const struct vio_frame *f, mbuf_tso_request_flags_t tso,
                                           UInt32 mss)
{
    if (!f->tcp || !mss || mss > 0xffff ||
        tso != (mbuf_tso_request_flags_t)(f->v6 ? MBUF_TSO_IPV6 : MBUF_TSO_IPV4))
        return false;
    fTx.hdr_len = f->payload;
    fTx.mss = (UInt16)mss;
    /* One segment's worth needs no segmentation, and some devices refuse to be asked for it. */
    if (fTx.len <= fTx.hdr_len + mss)
        return true;
    fTx.gso = f->v6 ? VIRTIO_NET_HDR_GSO_TCPV6 : VIRTIO_NET_HDR_GSO_TCPV4;
    /* CWR belongs in the first segment alone (RFC 3168, 6.1.2): the device must know. One that does not may
     * not get such a frame (5.1.9.2.1): submitInTwo(). */
    if ((f->tcp_flags & VIO_FRAME_TCP_CWR) && (fNet.features & VIO_BIT(VIRTIO_NET_F_HOST_ECN)))
        fTx.gso |= VIRTIO_NET_HDR_GSO_ECN;
    return true;
}

/*
 * Fills in fTx's offload fields from what the stack asks of the packet; head holds its first fTx.head_len
 * bytes. False: it asks for something that is not announced, or the headers are not what it says.
 *
 * The stack leaves the pseudo header's sum in the checksum field, for TSO one that counts the whole payload,
 * as virtio wants it; and a TSO request stands in place of the checksum request (xnu tcp_output).
 */
bool VirtioNetController::takeOffload(mbuf_t m, const UInt8 *head, struct vio_frame *f)
{
    const mbuf_csum_request_flags_t sums =
        MBUF_CSUM_REQ_TCP | MBUF_CSUM_REQ_UDP | MBUF_CSUM_REQ_TCPIPV6 | MBUF_CSUM_REQ_UDPIPV6;
    mbuf_csum_request_flags_t request = 0;
    mbuf_tso_request_flags_t tso = 0;
    u_int32_t value = 0, mss = 0;

    fTx.csum = false;
    fTx.gso = VIRTIO_NET_HDR_GSO_NONE;
    mbuf_get_csum_requested(m, &request, &value);
    if (kMayTSO)
        mbuf_get_tso_requested(m, &tso, &mss);
    if (!(request & sums) && !tso)
        return true;
    if (!parse(m, head, f))
        return false;
    fTx.csum = true;
    fTx.csum_start = f->transport;
    fTx.csum_offset = f->csum_offset;
    return !tso || takeSegmentation(f, tso, mss);
}

/* A tag that travels beside the packet goes into the frame, behind the addresses (IEEE 802.1Q, 9.3); all that
 * lies behind it moves. The head has room for it (copyHead()). */
void VirtioNetController::insertTag(UInt8 *head, UInt16 tag)
{
    memmove(head + kAddresses + kVLANTag, head + kAddresses, fTx.head_len - kAddresses);
    head[kAddresses] = kEtherTypeVLAN >> 8;
    head[kAddresses + 1] = kEtherTypeVLAN & 0xff;
    head[kAddresses + 2] = (UInt8)(tag >> 8);
    head[kAddresses + 3] = (UInt8)tag;
    fTx.head_len += kVLANTag;
    fTx.len += kVLANTag;
    fTx.csum_start += kVLANTag;
    fTx.hdr_len += kVLANTag;
}

/*
 * Copies the packet's first bytes to head: all of a small packet; else whole mbufs until the headers of TCP
 * over IP may be there, or of a large mbuf what headers can need. *m and *offset move to the first byte not
 * copied. How many bytes.
 */
UInt32 VirtioNetController::copyHead(mbuf_t *m, UInt32 *offset, UInt8 *head)
{
    UInt32 want = fTx.len <= kHeadMost ? fTx.len : kHeadersUsual, done = 0;

    while (*m && done < want) {
        UInt32 len = (UInt32)mbuf_len(*m), part = len;
        if (len > fTx.len - done) /* more than its header says: what is not the packet's stays */
            part = len = fTx.len - done;
        if (done + len > kHeadMost)
            part = kHeadersLongest - done < len ? kHeadersLongest - done : len;
        bcopy(mbuf_data(*m), head + done, part);
        done += part;
        if (part < len) {
            *offset = part;
            break;
        }
        *m = mbuf_next(*m);
    }
    return done;
}

/* One stretch of a packet's memory, a page at a time; neighbours in physical memory become one piece. */
bool VirtioNetController::addPhysical(UInt8 *data, size_t len)
{
    while (len) {
        size_t part = kPage - ((uintptr_t)data & (kPage - 1));
        UInt64 pa = mbuf_data_to_physical(data);
        struct vq_seg *last = &fTx.seg[VIO_NET_TX_FIRST + fTx.segs - 1];

        part = part < len ? part : len;
        if (!pa)
            return false;
        if (fTx.segs && last->pa + last->len == pa) {
            last->len += (UInt32)part;
        } else {
            if (fTx.segs == VIO_NET_TX_SEGS - VIO_NET_TX_FIRST)
                return false;
            last[1].pa = pa;
            last[1].len = (UInt32)part;
            fTx.segs++;
        }
        data += part;
        len -= part;
    }
    return true;
}

/* The packet from byte `offset` of mbuf m on. False: too many pieces, or memory without address: flatten()
 * helps. */
bool VirtioNetController::addPieces(mbuf_t m, UInt32 offset)
{
    for (fTx.segs = 0; m; m = mbuf_next(m), offset = 0)
        if (mbuf_len(m) > offset && !addPhysical((UInt8 *)mbuf_data(m) + offset, mbuf_len(m) - offset))
            return false;
    return true;
}

/* A copy of `len` bytes of the packet in as few clusters as there are, without its requests; NULL if there is
 * no memory. */
mbuf_t VirtioNetController::flatten(mbuf_t m, UInt32 at, UInt32 len)
{
    UInt32 done = 0;
    mbuf_t copy;

    if (mbuf_allocpacket(MBUF_DONTWAIT, len, NULL, &copy))
        return 0;
    for (mbuf_t to = copy; to; to = mbuf_next(to)) {
        UInt32 part = mbuf_maxlen(to) < len - done ? (UInt32)mbuf_maxlen(to) : len - done;
        if (part && mbuf_copydata(m, at + done, part, mbuf_data(to)))
            break;
        mbuf_setlen(to, part);
        done += part;
    }
    if (done == len)
        return copy;
    mbuf_freem(copy);
    return 0;
}

/* Takes back a batch of sent packets, as a list by nextpkt before *done. False: the device had used none. Tx
 * lock held. */
bool VirtioNetController::reap(mbuf_t *done)
{
    void *cookies[kTxReapBatch];
    unsigned before = vio_net_tx_pending(&fNet);
    int found = vio_net_tx_reap(&fNet, cookies, kTxReapBatch);

    for (int i = 0; i < found; i++) {
        mbuf_t m = (mbuf_t)cookies[i];
        mbuf_setnextpkt(m, *done);
        *done = m;
    }
    if (found < 0)
        fNeedsReset = true;
    return vio_net_tx_pending(&fNet) != before;
}

/* Frees what the device has sent. Work loop context. */
void VirtioNetController::reapAll()
{
    for (unsigned i = 0; i < VIO_NET_QUEUE_MAX / kTxReapBatch; i++) {
        mbuf_t done = 0;
        IOLockLock(fTxLock);
        bool more = reap(&done);
        IOLockUnlock(fTxLock);
        if (done)
            mbuf_freem_list(done);
        if (!more)
            return;
    }
}

void VirtioNetController::flushTx()
{
    fUnflushed = 0;
    vio_net_tx_flush(&fNet);
}

/*
 * The ring is full. True: it has room again. False: an interrupt will say so, and the queue must stall. (If
 * that comes before the queue has stalled it does not: IOBasicOutputQueue::dequeue. If the device contradicts
 * itself, and no interrupt comes, the timer starts the queue.)
 */
bool VirtioNetController::makeRoom(mbuf_t *done)
{
    if (reap(done))
        return true;
    flushTx();
    fTxWaiting = true;
    if (!vio_net_tx_wait(&fNet) || !reap(done))
        return false;
    fTxWaiting = false;
    vio_net_tx_unwait(&fNet);
    return true;
}

/* The packet from byte `offset` of its mbuf `rest` on, or if that does not fit, byte `at` of the packet, a
 * copy of it. 0, or VIO_ENOMEM. */
int VirtioNetController::addRest(mbuf_t m, mbuf_t rest, UInt32 offset, UInt32 at)
{
    if (addPieces(rest, offset)) {
        UInt32 length = fTx.head_len;
        for (unsigned i = 0; i < fTx.segs; i++)
            length += fTx.seg[VIO_NET_TX_FIRST + i].len;
        if (length == fTx.len)
            return 0;
        fCount.txBadOffload++; /* the chain and its header disagree */
        return VIO_EINVAL;
    }
    fTx.cookie = flatten(m, at, (UInt32)mbuf_pkthdr_len(m) - at);
    if (!fTx.cookie || !addPieces((mbuf_t)fTx.cookie, 0)) {
        fCount.txNoMemory++;
        return VIO_ENOMEM;
    }
    fCount.txCopied++;
    return 0;
}

/* Puts in the tag that travels beside m. */
void VirtioNetController::takeTag(mbuf_t m, UInt8 *head)
{
    u_int16_t tag;

    if (mbuf_get_vlan_tag(m, &tag) == 0 && fTx.head_len >= kAddresses) {
        insertTag(head, tag);
        fCount.txTagged++;
    }
}

/*
 * One part of a large TCP frame as a frame of its own: `size` bytes of payload from byte `skip` of it on,
 * segmented if that is still more than one segment. The last part may lie in m, which it then owns; others
 * are copied.
 */
int VirtioNetController::submitPart(mbuf_t m, const struct vio_frame *f, UInt32 skip, UInt32 size,
                                    UInt16 number)
{
    UInt32 total = (UInt32)mbuf_pkthdr_len(m), at = f->payload + skip, offset = at;
    mbuf_t rest = m;
    UInt8 *head;
    int error = vio_net_tx_head(&fNet, &head);

    if (error)
        return error;
    if (f->payload > kHeadMost || mbuf_copydata(m, 0, f->payload, head) != 0) {
        fCount.txBadOffload++;
        return VIO_EINVAL;
    }
    vio_frame_part(head, f, total, skip, size, number);
    fTx.head_len = f->payload;
    fTx.len = f->payload + size;
    fTx.csum_start = f->transport;
    fTx.hdr_len = f->payload;
    if (at + size == total) {
        fTx.cookie = m;
        while (rest && mbuf_len(rest) <= offset) {
            offset -= (UInt32)mbuf_len(rest);
            rest = mbuf_next(rest);
        }
        error = addRest(m, rest, offset, at);
    } else {
        rest = flatten(m, at, size);
        fTx.cookie = rest;
        error = rest && addPieces(rest, 0) ? 0 : VIO_ENOMEM;
        fCount.txNoMemory += error != 0;
    }
    if (error)
        return error;
    takeTag(m, head);
    return vio_net_tx(&fNet, &fTx);
}

/*
 * A frame to be segmented with CWR, for a device that may not get one (5.1.9.2.1): the first segment goes
 * alone and has CWR, the others after it have none. Both or none while the ring is full, because the queue
 * keeps the packet then.
 */
int VirtioNetController::submitInTwo(mbuf_t m, const struct vio_frame *f)
{
    UInt32 payload = fTx.len - fTx.hdr_len;
    int error;

    if (!vio_net_tx_room(&fNet, 2) && vio_net_tx_pending(&fNet))
        return VIO_EFULL;
    error = submitPart(m, f, 0, fTx.mss, 0);
    if (error)
        return error;
    fCount.txCut++;
    fTx.cookie = 0;
    error = submitPart(m, f, fTx.mss, payload - fTx.mss, 1);
    return error == VIO_EFULL ? VIO_ENOMEM : error; /* a ring too small for two: TCP sends the rest again */
}

/*
 * Describes packet m in fTx and queues it. 0, or an enum vio_error; VIO_EFULL: no room now. fTx.cookie then
 * owns what the device will read: m, a copy of it, or nothing if all of it is in the slot.
 */
int VirtioNetController::submit(mbuf_t m)
{
    UInt32 offset = 0;
    struct vio_frame f = {};
    mbuf_t rest = m;
    UInt8 *head;
    int error = vio_net_tx_head(&fNet, &head);

    fTx.cookie = 0;
    if (error)
        return error;
    fTx.len = (UInt32)mbuf_pkthdr_len(m);
    fTx.head_len = (UInt16)copyHead(&rest, &offset, head);
    if (!takeOffload(m, head, &f)) {
        fCount.txBadOffload++;
        return VIO_EINVAL;
    }
    if (fTx.gso && (f.tcp_flags & VIO_FRAME_TCP_CWR) && !(fTx.gso & VIRTIO_NET_HDR_GSO_ECN))
        return submitInTwo(m, &f);
    fTx.cookie = fTx.head_len < fTx.len ? m : 0;
    error = addRest(m, rest, offset, fTx.head_len);
    if (error)
        return error;
    takeTag(m, head);
    return vio_net_tx(&fNet, &fTx);
}

/* Sends one packet. What is done with, of this and earlier ones, goes to *done; a packet that must wait stays
 * the queue's. */
UInt32 VirtioNetController::transmit(mbuf_t m, mbuf_t *done)
{
    int error;

    if (vio_net_tx_pending(&fNet) >= kTxReapAt)
        (void)reap(done);
    do {
        error = submit(m);
        if (error && fTx.cookie && fTx.cookie != m)
            mbuf_freem((mbuf_t)fTx.cookie);
    } while (error == VIO_EFULL && makeRoom(done));

    if (error == VIO_EFULL)
        return kIOReturnOutputStall;
    if (error == VIO_EBROKEN)
        fNeedsReset = true;
    if (error || fTx.cookie != m) {
        mbuf_setnextpkt(m, *done);
        *done = m;
    }
    return error ? kIOReturnOutputDropped : kIOReturnOutputSuccess;
}

/* Called by the queue on the sender's thread, one packet at a time. */
UInt32 VirtioNetController::outputPacket(mbuf_t m, void *)
{
    mbuf_t done = 0;
    UInt32 status;

    if (fTakenOver) /* by the debugger; see handleEvents() */
        fTimer->setTimeoutUS(1);
    IOLockLock(fTxLock);
    status = transmit(m, &done);
    if (++fUnflushed >= kTxUnflushedMax || fQueue->getSize() == 0)
        flushTx();
    IOLockUnlock(fTxLock);

    if (status == kIOReturnOutputSuccess)
        fStats->outputPackets++;
    else if (status == kIOReturnOutputDropped)
        fStats->outputErrors++;
    if (done)
        mbuf_freem_list(done);
    return status;
}

/* Work loop context: the device has used something, and the queue may be waiting for that. True: it was. */
bool VirtioNetController::txInterrupt()
{
    if (!fTxWaiting)
        return false;
    IOLockLock(fTxLock);
    fTxWaiting = false;
    vio_net_tx_unwait(&fNet);
    IOLockUnlock(fTxLock);
    reapAll();
    serviceQueue();
    return true;
}

/*
 * Gate held: a device that does not go on sending gets a new transmit queue, where it can be reset alone
 * (RING_RESET); reception and the link do not notice. False: the device must be reset.
 */
bool VirtioNetController::resetTransmit()
{
    mbuf_t done = 0;
    void *cookie;
    int error;

    stopQueue();
    IOLockLock(fTxLock);
    error = vio_net_tx_quiesce(&fNet);
    while (!error && vio_net_tx_detach(&fNet, &cookie))
        if (cookie) {
            mbuf_setnextpkt((mbuf_t)cookie, done);
            done = (mbuf_t)cookie;
        }
    if (!error)
        error = vio_net_tx_resume(&fNet);
    fTxWaiting = false;
    fUnflushed = fStuckTicks = 0;
    IOLockUnlock(fTxLock);
    if (done)
        mbuf_freem_list(done);
    if (error)
        return false;
    fCount.txResets++;
    IOLog("[VirtioNet]: the transmit queue was stuck and has been reset\n");
    startQueue();
    return true;
}
