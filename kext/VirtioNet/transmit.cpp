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
    kEtherTypeIP = 0x0800,
    kEtherTypeVLAN = 0x8100,
    kEtherHeader = 14,
    kVLANTag = 4,
    kProtocolTCP = 6,
    kProtocolUDP = 17,
    kChecksumOfTCP = 16, /* offset of th_sum */
    kChecksumOfUDP = 6,  /* of uh_sum */
    kTCPHeader = 20,     /* without options */
    kUDPHeader = 8,
    kHeadersUsual = kEtherHeader + 20 + kTCPHeader,
    kHeadersLongest = kEtherHeader + kVLANTag + 60 + 60,
    kPage = 4096,
};

static UInt16 be16(const UInt8 *p)
{
    return (UInt16)(p[0] << 8 | p[1]);
}

/* Where the IPv4 header of a frame begins, or 0. */
static UInt16 ipv4Offset(const UInt8 *head, UInt32 len)
{
    UInt16 at = kEtherHeader, type;

    if (len < kEtherHeader + kVLANTag + 20)
        return 0;
    type = be16(head + 12);
    if (type == kEtherTypeVLAN) {
        type = be16(head + 16);
        at += kVLANTag;
    }
    return type == kEtherTypeIP && (head[at] >> 4) == 4 ? at : 0;
}

/* Fills in fTx's place of the checksum; the offset of the transport header, or 0 if this is no such packet.
 */
UInt16 VirtioNetController::findTransport(const UInt8 *head)
{
    UInt16 ip = ipv4Offset(head, fTx.head_len);
    UInt16 transport = (UInt16)(ip + (head[ip] & 15) * 4);
    bool tcp = ip && head[ip + 9] == kProtocolTCP;

    if (!tcp && !(ip && head[ip + 9] == kProtocolUDP))
        return 0;
    if (transport + (tcp ? kTCPHeader : kUDPHeader) > fTx.head_len)
        return 0;
    fTx.csum = true;
    fTx.csum_start = transport;
    fTx.csum_offset = tcp ? kChecksumOfTCP : kChecksumOfUDP;
    return transport;
}

/*
 * Fills in fTx's offload fields from what the stack asks of the packet; head holds its first fTx.head_len
 * bytes. False: it asks for something that is not announced, or the headers are not what it says.
 *
 * The stack leaves the pseudo header's sum in the checksum field, for TSO one that counts the whole payload,
 * as virtio wants it; and a TSO request stands in place of the checksum request (xnu tcp_output).
 */
bool VirtioNetController::takeOffload(mbuf_t m, const UInt8 *head)
{
    mbuf_csum_request_flags_t request = 0;
    mbuf_tso_request_flags_t tso = 0;
    u_int32_t value = 0, mss = 0;
    UInt16 transport;

    fTx.csum = false;
    fTx.gso = VIRTIO_NET_HDR_GSO_NONE;
    mbuf_get_csum_requested(m, &request, &value);
    mbuf_get_tso_requested(m, &tso, &mss);
    if (!(request & (MBUF_CSUM_REQ_TCP | MBUF_CSUM_REQ_UDP)) && !tso)
        return true;
    transport = findTransport(head);
    if (!transport || (tso && (tso != MBUF_TSO_IPV4 || fTx.csum_offset != kChecksumOfTCP)))
        return false;
    if (!tso)
        return true;
    fTx.hdr_len = (UInt16)(transport + (head[transport + 12] >> 4) * 4);
    fTx.mss = (UInt16)mss;
    /* One segment's worth needs no segmentation, and some devices refuse to be asked for it. */
    if (fTx.len > fTx.hdr_len + mss)
        fTx.gso = VIRTIO_NET_HDR_GSO_TCPV4;
    return true;
}

/*
 * Copies the packet's first bytes to head: all of a small packet; else whole mbufs until the headers of TCP
 * over IP may be there, or of a large mbuf what headers can need. *m and *offset move to the first byte not
 * copied. How many bytes.
 */
UInt32 VirtioNetController::copyHead(mbuf_t *m, UInt32 *offset, UInt8 *head)
{
    UInt32 want = fTx.len <= VIO_NET_TX_HEAD ? fTx.len : kHeadersUsual, done = 0;

    while (*m && done < want) {
        UInt32 len = (UInt32)mbuf_len(*m), part = len;
        if (done + len > VIO_NET_TX_HEAD)
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

/* A copy of the packet in as few clusters as there are, without its requests; NULL if there is no memory. */
mbuf_t VirtioNetController::flatten(mbuf_t m)
{
    size_t len = mbuf_pkthdr_len(m), done = 0;
    mbuf_t copy;

    if (mbuf_allocpacket(MBUF_DONTWAIT, len, NULL, &copy))
        return 0;
    for (mbuf_t to = copy; to; to = mbuf_next(to)) {
        size_t part = mbuf_maxlen(to) < len - done ? mbuf_maxlen(to) : len - done;
        if (part && mbuf_copydata(m, done, part, mbuf_data(to)))
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

/*
 * Describes packet m in fTx. 0, or an enum vio_error; VIO_EFULL: no room now. fTx.cookie then owns what the
 * device will read: m, a copy of it, or nothing if all of it is in the slot.
 */
int VirtioNetController::describe(mbuf_t m)
{
    UInt32 offset = 0;
    mbuf_t rest = m;
    UInt8 *head;
    int error = vio_net_tx_head(&fNet, &head);

    if (error)
        return error;
    fTx.len = (UInt32)mbuf_pkthdr_len(m);
    fTx.head_len = (UInt16)copyHead(&rest, &offset, head);
    fTx.cookie = fTx.head_len < fTx.len ? m : 0;
    if (!takeOffload(m, head)) {
        fCount.txBadOffload++;
        return VIO_EINVAL;
    }
    if (addPieces(rest, offset))
        return 0;
    fTx.head_len = 0;
    fTx.cookie = flatten(m);
    if (!fTx.cookie || !addPieces((mbuf_t)fTx.cookie, 0)) {
        fCount.txNoMemory++;
        return VIO_ENOMEM;
    }
    fCount.txCopied++;
    return 0;
}

/* Sends one packet. What is done with, of this and earlier ones, goes to *done; a packet that must wait stays
 * the queue's. */
UInt32 VirtioNetController::transmit(mbuf_t m, mbuf_t *done)
{
    int error;

    if (vio_net_tx_pending(&fNet) >= kTxReapAt)
        (void)reap(done);
    do {
        fTx.cookie = 0;
        error = describe(m);
        if (!error)
            error = vio_net_tx(&fNet, &fTx);
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

    fQueue->stop();
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
    fQueue->start();
    return true;
}
