// SPDX-License-Identifier: BSD-3-Clause
/*
 * What a driver may ask of its superclasses before it has an interface: packets that fit its constraints,
 * checksum marks, media, statistics. IONetworkingFamily-100: IONetworkController.cpp (getPacket,
 * replaceOrCopyPacket, setChecksumResult, getChecksumDemand, setLinkStatus), IOEthernetController.cpp,
 * IONetworkMedium.cpp, IONetworkData.cpp, IOPacketQueue.cpp, IOMbufMemoryCursor.cpp.
 */
#include "loop.h"
#include <IOKit/network/IOMbufMemoryCursor.h>
#include <IOKit/network/IONetworkData.h>
#include <IOKit/network/IOPacketQueue.h>
#include <string.h>

/* com.apple.kpi.bsd exports these; headers show them to Apple's own code only. */
extern "C" errno_t mbuf_set_csum_requested(mbuf_t m, mbuf_csum_request_flags_t request, u_int32_t value);
extern "C" errno_t mbuf_get_csum_performed(mbuf_t m, mbuf_csum_performed_flags_t *flags, u_int32_t *value);

static UInt32 length_of(mbuf_t m)
{
    UInt32 n = 0;
    for (; m; m = mbuf_next(m))
        n += (UInt32)mbuf_len(m);
    return n;
}

static bool fits(mbuf_t m)
{
    for (; m; m = mbuf_next(m))
        if ((uintptr_t)mbuf_data(m) & 15)
            return false;
    return true;
}

static void testAllocate(Loop *l)
{
    static const UInt32 sizes[] = {1, 60, 200, 1514, 2048, 4096, 9000};
    bool all = true;
    for (unsigned i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        mbuf_t m = l->allocatePacket(sizes[i]);
        if (!m || mbuf_pkthdr_len(m) != sizes[i] || length_of(m) != sizes[i] || !fits(m)) {
            probe_note("%u bytes: %p, length %u", (unsigned)sizes[i], m, m ? (unsigned)length_of(m) : 0);
            all = false;
        }
        if (m)
            l->freePacket(m);
    }
    CHECK(all, "allocatePacket: the size asked for, at the alignment asked for");
    mbuf_t m = l->allocatePacket(300);
    CHECK(m && !mbuf_next(m), "a packet between a small and a cluster's size is one piece");
    l->freePacket(m);
}

static void testReplace(Loop *l)
{
    mbuf_t big = l->allocatePacket(1600), small, out;
    bool replaced = false;
    memset(mbuf_data(big), 0x5a, mbuf_len(big));
    mbuf_t was = big;
    out = l->replaceOrCopyPacket(&big, 1500, &replaced);
    CHECK(out == was && replaced && big && big != was,
          "replaceOrCopyPacket of a large frame: a new packet in its place");
    CHECK(mbuf_pkthdr_len(big) == 1600 && fits(big), "as long as the old one, aligned");
    CHECK(mbuf_pkthdr_len(out) == 1600, "the old one keeps its length");
    l->freePacket(out);
    memset(mbuf_data(big), 0x33, 64);
    was = big;
    small = l->replaceOrCopyPacket(&big, 60, &replaced);
    CHECK(small && !replaced && big == was, "of a small one: a copy");
    CHECK(mbuf_len(small) == 60 && *(UInt8 *)mbuf_data(small) == 0x33, "of its length");
    l->freePacket(small);
    out = l->replacePacket(&big, 0);
    CHECK(out == was && big && mbuf_pkthdr_len(big) == 1600, "replacePacket of the same size");
    l->freePacket(out);
    memset(mbuf_data(big), 0x44, 100);
    out = l->copyPacket(big, 100);
    CHECK(out && mbuf_pkthdr_len(out) == 100 && !memcmp(mbuf_data(out), mbuf_data(big), 100),
          "copyPacket of a part");
    l->freePacket(out);
    l->freePacket(big);
}

static void testFree(Loop *l)
{
    enum { kDelayFree = IONetworkController::kDelayFree };
    for (int i = 0; i < 3; i++)
        l->freePacket(l->allocatePacket(100), kDelayFree);
    SAME(l->releaseFreePackets(), 3, "releaseFreePackets frees those put aside");
    SAME(l->releaseFreePackets(), 0, "once");
}

static void testChecksums(Loop *l)
{
    mbuf_t m = l->allocatePacket(100);
    UInt32 demand = 99;
    u_int32_t value = 0;
    mbuf_csum_performed_flags_t done = 0;
    l->getChecksumDemand(m, IONetworkController::kChecksumFamilyTCPIP, &demand);
    SAME(demand, 0, "getChecksumDemand: nothing is asked for");
    mbuf_set_csum_requested(m, MBUF_CSUM_REQ_TCP, 16);
    l->getChecksumDemand(m, IONetworkController::kChecksumFamilyTCPIP, &demand);
    SAME(demand, IONetworkController::kChecksumTCP, "a TCP checksum is");
    l->getChecksumDemand(m, 7, &demand);
    SAME(demand, 0, "in no other family");
    mbuf_clear_csum_requested(m);
    CHECK(!l->setChecksumResult(m, 7, 6, 6), "setChecksumResult of an unknown family");
    CHECK(l->setChecksumResult(m, IONetworkController::kChecksumFamilyTCPIP,
                               IONetworkController::kChecksumIP | IONetworkController::kChecksumUDP,
                               IONetworkController::kChecksumIP | IONetworkController::kChecksumUDP),
          "setChecksumResult");
    mbuf_get_csum_performed(m, &done, &value);
    SAME(done, MBUF_CSUM_DID_IP | MBUF_CSUM_IP_GOOD | MBUF_CSUM_DID_DATA | MBUF_CSUM_PSEUDO_HDR,
         "marks the packet");
    SAME(value, 0xffff, "with the value of a good sum");
    l->setChecksumResult(m, IONetworkController::kChecksumFamilyTCPIP, IONetworkController::kChecksumTCP, 0);
    mbuf_get_csum_performed(m, &done, &value);
    SAME(done, 0, "a sum that was looked at and not found good is not marked");
    l->setChecksumResult(m, IONetworkController::kChecksumFamilyTCPIP, 0, IONetworkController::kChecksumTCP);
    mbuf_get_csum_performed(m, &done, &value);
    SAME(done, 0, "nor one that was not looked at");
    UInt32 tag = 0;
    CHECK(!l->getVlanTagDemand(m, &tag), "no VLAN tag");
    l->setVlanTag(m, 42);
    u_int16_t vlan = 0;
    mbuf_get_vlan_tag(m, &vlan);
    SAME(vlan, 42, "setVlanTag");
    CHECK(l->getVlanTagDemand(m, &tag) && tag == 42, "getVlanTagDemand");
    l->freePacket(m);
}

static void testMedia(Loop *l)
{
    OSDictionary *d = OSDynamicCast(OSDictionary, l->getProperty("IOMediumDictionary"));
    CHECK(d && d->getCount() == 2, "IOMediumDictionary");
    const IONetworkMedium *autoMedium = IONetworkMedium::getMediumWithType(l->media, kIOMediumEthernetAuto);
    const IONetworkMedium *gigabit =
        IONetworkMedium::getMediumWithType(l->media, kIOMediumEthernet1000BaseT | kIOMediumOptionFullDuplex);
    if (!CHECK(autoMedium && gigabit, "getMediumWithType"))
        return;
    CHECK(!IONetworkMedium::getMediumWithType(l->media, kIOMediumEthernet10BaseT),
          "of a type that is not there");
    SAME(gigabit->getSpeed(), 1000000000, "getSpeed");
    CHECK(gigabit->getName()->isEqualTo("00100030"), "a medium's name is its type");
    CHECK(l->setCurrentMedium(autoMedium) && l->getCurrentMedium() == autoMedium, "setCurrentMedium");
    OSString *selected = OSDynamicCast(OSString, l->getProperty("IOSelectedMedium"));
    CHECK(selected && selected->isEqualTo(autoMedium->getName()), "IOSelectedMedium");
    CHECK(l->setLinkStatus(kIONetworkLinkValid | kIONetworkLinkActive, gigabit), "setLinkStatus");
    OSNumber *speed = OSDynamicCast(OSNumber, l->getProperty("IOLinkSpeed"));
    OSNumber *status = OSDynamicCast(OSNumber, l->getProperty("IOLinkStatus"));
    OSString *active = OSDynamicCast(OSString, l->getProperty("IOActiveMedium"));
    CHECK(speed && speed->unsigned64BitValue() == 1000000000, "IOLinkSpeed is the medium's");
    CHECK(status && status->unsigned32BitValue() == 3, "IOLinkStatus");
    CHECK(active && active->isEqualTo("00100030"), "IOActiveMedium");
}

static void testData()
{
    IONetworkData *d = IONetworkData::withInternalBuffer("test", 16, kIONetworkDataAccessTypeMask);
    UInt8 back[16];
    UInt32 size = sizeof back;
    if (!CHECK(d != 0, "IONetworkData"))
        return;
    CHECK(d->getSize() == 16 && d->getKey()->isEqualTo("test"), "size and key");
    SAME(d->write((void *)"abcd", 4, 8), kIOReturnSuccess, "write");
    SAME(d->read(back, &size, 6), kIOReturnSuccess, "read");
    CHECK(size == 10 && !memcmp(back + 2, "abcd", 4), "from an offset: what is left");
    CHECK(d->write((void *)"abcdefgh", 8, 12) != kIOReturnSuccess, "no write beyond the end");
    SAME(d->reset(), kIOReturnSuccess, "reset");
    CHECK(!memcmp(d->getBuffer(), "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16), "clears it");
    d->release();
}

static void testCursor(Loop *l)
{
    IOMbufNaturalMemoryCursor *c = IOMbufNaturalMemoryCursor::withSpecification(4096, 4);
    IOPhysicalSegment s[4];
    mbuf_t m = l->allocatePacket(1500), chain = l->allocatePacket(100), end = 0;
    if (!CHECK(c && m && chain, "IOMbufNaturalMemoryCursor"))
        return;
    UInt32 n = c->getPhysicalSegments(m, s);
    CHECK(n == 1 && s[0].length == 1500 && s[0].location == mbuf_data_to_physical(mbuf_data(m)),
          "one piece, one segment");
    end = chain;
    for (int i = 0; i < 7; i++) {
        mbuf_t next = 0;
        mbuf_get(MBUF_WAITOK, MBUF_TYPE_DATA, &next);
        mbuf_setlen(next, 10);
        mbuf_setnext(end, next);
        end = next;
    }
    mbuf_pkthdr_setlen(chain, 170);
    SAME(c->getPhysicalSegments(chain, s), 0, "more pieces than segments: none");
    n = c->getPhysicalSegmentsWithCoalesce(chain, s);
    UInt32 sum = 0;
    for (UInt32 i = 0; i < n; i++)
        sum += (UInt32)s[i].length;
    CHECK(n >= 1 && n <= 4 && sum == 170, "WithCoalesce: copied together");
    l->freePacket(m);
    l->freePacket(chain);
    c->release();
}

void test_packets(Loop *l)
{
    testAllocate(l);
    testReplace(l);
    testFree(l);
    testChecksums(l);
    testMedia(l);
    testData();
    testCursor(l);
}
