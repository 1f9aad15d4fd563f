// SPDX-License-Identifier: BSD-3-Clause
/*
 * IONetworkController, packets and checksums (IONetworkController.cpp: getPacket, replaceOrCopyPacket,
 * getChecksumDemand, setChecksumResult). Buffers are aligned as the driver's constraints say.
 */
#include <IOKit/IOLib.h>
#include <IOKit/network/IONetworkController.h>
#include <sys/kpi_mbuf.h>
#include "private.h"
#include "profile.h"

static mbuf_t makePacket(UInt32 size, mbuf_how_t how, UInt32 startMask, UInt32 lengthMask)
{
    mbuf_t packet;
    size_t want = size + startMask + lengthMask;
    size_t cluster = mbuf_get_minclsize() + 1;
    if (want > mbuf_get_mhlen() && want < cluster)
        want = cluster; /* never split a small packet over two mbufs */
    if (mbuf_allocpacket(how, want, 0, &packet))
        return 0;
    mbuf_pkthdr_setlen(packet, size);
    size_t left = size;
    for (mbuf_t m = packet; m; m = mbuf_next(m)) {
        uintptr_t at = (uintptr_t)mbuf_data(m), start = (at + startMask) & ~(uintptr_t)startMask;
        size_t room = (mbuf_maxlen(m) - (start - at)) & ~(size_t)lengthMask;
        if (room > left)
            room = left;
        mbuf_setdata(m, (void *)start, room);
        left -= room;
    }
    return packet;
}

mbuf_t IONetworkController::allocatePacket(UInt32 size)
{
    return makePacket(size, MBUF_WAITOK, _alignStart, _alignLength);
}

UInt32 IONetworkController::outputPacket(mbuf_t m, void *param)
{
    if (m)
        freePacket(m);
    return 0;
}

void IONetworkController::freePacket(mbuf_t m, IOOptionBits options)
{
    if (!(options & kDelayFree)) {
        mbuf_freem_list(m);
        return;
    }
    mbuf_setnextpkt(m, _freeList);
    _freeList = m;
}

UInt32 IONetworkController::releaseFreePackets()
{
    mbuf_t all = _freeList;
    _freeList = 0;
    return all ? mbuf_freem_list(all) : 0;
}

/* The first `length` bytes and the packet header of src, into dst, which is large enough. */
static bool copyInto(mbuf_t src, mbuf_t dst, size_t length)
{
    if (mbuf_copy_pkthdr(dst, src))
        return false;
    mbuf_pkthdr_setheader(dst, 0);
    mbuf_pkthdr_setlen(dst, length);
    size_t at = 0;
    for (mbuf_t m = dst; m && at < length; m = mbuf_next(m)) {
        size_t n = mbuf_len(m);
        if (n > length - at)
            n = length - at;
        if (mbuf_copydata(src, at, n, mbuf_data(m)))
            return false;
        at += n;
    }
    return at == length;
}

mbuf_t IONetworkController::copyPacket(const mbuf_t m, UInt32 size)
{
    if (!size)
        size = mbuf_pkthdr_len(m);
    mbuf_t copy = makePacket(size, MBUF_DONTWAIT, _alignStart, _alignLength);
    if (copy && !copyInto(m, copy, size)) {
        mbuf_freem(copy);
        copy = 0;
    }
    return copy;
}

/* Takes *mp's packet and leaves a fresh one in its place; 0 and nothing changed when there is no memory. */
mbuf_t IONetworkController::replacePacket(mbuf_t *mp, UInt32 size)
{
    mbuf_t taken = *mp;
    mbuf_t fresh = makePacket(size ? size : mbuf_pkthdr_len(taken), MBUF_DONTWAIT, _alignStart, _alignLength);
    if (!fresh)
        return 0;
    *mp = fresh;
    return taken;
}

mbuf_t IONetworkController::replaceOrCopyPacket(mbuf_t *mp, UInt32 length, bool *replaced)
{
    *replaced = length + _alignPadding > mbuf_get_mhlen();
    return *replaced ? replacePacket(mp) : copyPacket(*mp, length);
}

void IONetworkController::getPacketBufferConstraints(IOPacketBufferConstraints *constraints) const
{
    constraints->alignStart = constraints->alignLength = kIOPacketBufferAlign1;
}

UInt32 checksumsOverIPv6()
{
    enum { kSince = 8 };
    return host_profile->minor_of_ten >= kSince ? kChecksumTCPIPv6 | kChecksumUDPIPv6 : 0;
}

IOReturn IONetworkController::getChecksumSupport(UInt32 *mask, UInt32 family, bool isOutput)
{
    return kIOReturnUnsupported;
}

void IONetworkController::getChecksumDemand(const mbuf_t m, UInt32 family, UInt32 *demand, void *param0, void *param1)
{
    mbuf_csum_request_flags_t request = 0;
    u_int32_t value = 0;
    *demand = 0;
    if (family != kChecksumFamilyTCPIP)
        return;
    mbuf_get_csum_requested(m, &request, &value);
    *demand = request & (kChecksumIP | kChecksumTCP | kChecksumUDP | kChecksumTCPSum16 | checksumsOverIPv6());
    if (request & kChecksumTCPSum16) {
        if (param0)
            *(UInt16 *)param0 = (UInt16)value;
        if (param1)
            *(UInt16 *)param1 = (UInt16)(value >> 16);
    }
}

bool IONetworkController::setChecksumResult(mbuf_t m, UInt32 family, UInt32 resultMask, UInt32 validMask, UInt32 param0,
                                            UInt32 param1)
{
    mbuf_csum_performed_flags_t performed = 0;
    u_int32_t value = 0;
    if (family != kChecksumFamilyTCPIP)
        return false;
    validMask &= resultMask;
    if (resultMask & kChecksumIP)
        performed |= MBUF_CSUM_DID_IP;
    if (validMask & kChecksumIP)
        performed |= MBUF_CSUM_IP_GOOD;
    if (validMask & (kChecksumTCP | kChecksumUDP | checksumsOverIPv6())) {
        performed |= MBUF_CSUM_DID_DATA | MBUF_CSUM_PSEUDO_HDR;
        value = 0xffff;
    } else if (resultMask & (kChecksumTCPNoPseudoHeader | kChecksumUDPNoPseudoHeader | kChecksumTCPSum16)) {
        performed |= MBUF_CSUM_DID_DATA;
        value = param0 & 0xffff;
        if (resultMask & kChecksumTCPSum16) {
            performed |= kMbufSum16;
            value |= param1 << 16;
        }
    }
    mbuf_set_csum_performed(m, performed, value);
    return true;
}
