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
    kEtherTypeIPv6 = 0x86dd,
    kEtherTypeVLAN = 0x8100,
    kAddresses = 12,
    kEtherHeader = 14,
    kVLANTag = 4,
    kIPv6Header = 40,
    kExtensionHop = 0,
    kExtensionRouting = 43,
    kExtensionAuth = 51,
    kExtensionDestination = 60,
    kExtensionsMax = 16, /* in one packet; it ends by its length anyway */
    kProtocolTCP = 6,
    kProtocolUDP = 17,
    kChecksumOfTCP = 16, /* offset of th_sum */
    kChecksumOfUDP = 6,  /* of uh_sum */
    kTCPHeader = 20,     /* without options */
    kTCPOffset = 12,     /* of the header's length, then of the flags */
    kTCPCwr = 0x80,
    kUDPHeader = 8,
    kHeadMost = VIO_NET_TX_HEAD - kVLANTag, /* a tag may have to be inserted */
    kHeadersUsual = kEtherHeader + 20 + kTCPHeader,
    kHeadersLongest = kEtherHeader + kVLANTag + 60 + 60,
    kPage = 4096,
};

static UInt16 be16(const UInt8 *p)
{
    return (UInt16)(p[0] << 8 | p[1]);
}

/* `len` bytes of the packet from `at` on: in the head if they were copied there, else fetched to `room`.
 * NULL: the packet ends before. */
const UInt8 *VirtioNetController::look(mbuf_t m, const UInt8 *head, UInt32 at, UInt32 len, UInt8 *room) const
{
    if (at + len <= fTx.head_len)
        return head + at;
    return at + len <= fTx.len && mbuf_copydata(m, at, len, room) == 0 ? room : 0;
}

/* Where the transport header begins behind an IPv6 header at `ip`, past its extension headers (RFC 8200, 4);
 * 0: none that can be offloaded, as in a fragment. */
UInt32 VirtioNetController::skipIPv6(mbuf_t m, const UInt8 *head, UInt32 ip, UInt8 *protocol) const
{
    UInt8 room[8];
    const UInt8 *p = look(m, head, ip + 6, 1, room);
    UInt32 at = ip + kIPv6Header;

    if (!p)
        return 0;
    *protocol = *p;
    for (unsigned i = 0; i < kExtensionsMax; i++) {
        if (*protocol == kProtocolTCP || *protocol == kProtocolUDP)
            return at;
        p = look(m, head, at, 2, room);
        if (!p)
            return 0;
        if (*protocol == kExtensionAuth)
            at += (p[1] + 2U) * 4; /* RFC 4302, 2.2 */
        else if (*protocol == kExtensionHop || *protocol == kExtensionRouting ||
                 *protocol == kExtensionDestination)
            at += (p[1] + 1U) * 8;
        else
            return 0;
        *protocol = p[0];
    }
    return 0;
}

/* Fills in fTx's place of the checksum and the IP version; the offset of the transport header, or 0 if this
 * is no such packet. */
UInt32 VirtioNetController::findTransport(mbuf_t m, const UInt8 *head, bool *v6)
{
    UInt8 room[kEtherHeader + kVLANTag + 20], protocol;
    const UInt8 *p = look(m, head, 0, sizeof room, room);
    UInt32 ip = kEtherHeader, at;
    UInt16 type;

    if (!p)
        return 0;
    type = be16(p + 12);
    if (type == kEtherTypeVLAN) {
        type = be16(p + 16);
        ip += kVLANTag;
    }
    *v6 = type == kEtherTypeIPv6;
    if (*v6) {
        at = skipIPv6(m, head, ip, &protocol);
    } else {
        at = type == kEtherTypeIP ? ip + (p[ip] & 15) * 4 : 0;
        protocol = p[ip + 9];
    }
    if (!at || (protocol != kProtocolTCP && protocol != kProtocolUDP) ||
        at + (protocol == kProtocolTCP ? kTCPHeader : kUDPHeader) > fTx.len)
        return 0;
    fTx.csum = true;
    fTx.csum_start = (UInt16)at;
    fTx.csum_offset = protocol == kProtocolTCP ? kChecksumOfTCP : kChecksumOfUDP;
    return at;
}

/* Fills in fTx's segmentation; false: not possible as asked. */
bool VirtioNetController::takeSegmentation(mbuf_t m, const UInt8 *head, bool v6, mbuf_tso_request_flags_t tso,
                                           UInt32 mss)
{
    UInt8 room[2];
    const UInt8 *p = look(m, head, fTx.csum_start + kTCPOffset, 2, room);

    if (!p || fTx.csum_offset != kChecksumOfTCP || !mss || mss > 0xffff ||
        tso != (mbuf_tso_request_flags_t)(v6 ? MBUF_TSO_IPV6 : MBUF_TSO_IPV4))
        return false;
    fTx.hdr_len = (UInt16)(fTx.csum_start + (p[0] >> 4) * 4);
    fTx.mss = (UInt16)mss;
    /* One segment's worth needs no segmentation, and some devices refuse to be asked for it. */
    if (fTx.len <= fTx.hdr_len + mss)
        return true;
    fTx.gso = v6 ? VIRTIO_NET_HDR_GSO_TCPV6 : VIRTIO_NET_HDR_GSO_TCPV4;
    /* CWR belongs in the first segment alone (RFC 3168, 6.1.2): the device must know. */
    if ((p[1] & kTCPCwr) && (fNet.features & VIO_BIT(VIRTIO_NET_F_HOST_ECN)))
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
bool VirtioNetController::takeOffload(mbuf_t m, const UInt8 *head)
{
    const mbuf_csum_request_flags_t sums =
        MBUF_CSUM_REQ_TCP | MBUF_CSUM_REQ_UDP | MBUF_CSUM_REQ_TCPIPV6 | MBUF_CSUM_REQ_UDPIPV6;
    mbuf_csum_request_flags_t request = 0;
    mbuf_tso_request_flags_t tso = 0;
    u_int32_t value = 0, mss = 0;
    bool v6;

    fTx.csum = false;
    fTx.gso = VIRTIO_NET_HDR_GSO_NONE;
    mbuf_get_csum_requested(m, &request, &value);
    mbuf_get_tso_requested(m, &tso, &mss);
    if (!(request & sums) && !tso)
        return true;
    if (!findTransport(m, head, &v6))
        return false;
    return !tso || takeSegmentation(m, head, v6, tso, mss);
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
    u_int16_t tag;
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
    if (!addPieces(rest, offset)) {
        rest = flatten(m);
        fTx.cookie = rest;
        offset = 0;
        fTx.head_len = rest ? (UInt16)copyHead(&rest, &offset, head) : 0;
        if (!fTx.cookie || !addPieces(rest, offset)) {
            fCount.txNoMemory++;
            return VIO_ENOMEM;
        }
        fCount.txCopied++;
    }
    if (mbuf_get_vlan_tag(m, &tag) == 0 && fTx.head_len >= kAddresses) {
        insertTag(head, tag);
        fCount.txTagged++;
    }
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
