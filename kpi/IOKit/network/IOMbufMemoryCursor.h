// SPDX-License-Identifier: BSD-3-Clause
// From a packet to physical segments. Answers to Apple's IOKit/network/IOMbufMemoryCursor.h (Mac OS
// X 10.6 view).
#pragma once

#include <IOKit/IOMemoryCursor.h>
#include <sys/kernel_types.h>

// Cuts a packet into physical segments of mbuf data; a packet with more than maxSegments is copied by the
// ...WithCoalesce methods (IONetworkingFamily IOMbufMemoryCursor.cpp).
class IOMbufMemoryCursor : public IOMemoryCursor
{
    OSDeclareDefaultStructors(IOMbufMemoryCursor)

protected:
    struct ExpansionData; // the implementation's own

    UInt32 maxNumSegments;
    UInt32 coalesceCount;
    UInt32 packetTooBigErrors;
    ExpansionData *reserved;

    virtual bool initWithSpecification(IOMemoryCursor::SegmentFunction outSeg, UInt32 maxSegmentSize,
                                       UInt32 maxTransferSize, UInt32 align);

public:
    virtual bool initWithSpecification(IOMemoryCursor::SegmentFunction outSeg, UInt32 maxSegmentSize,
                                       UInt32 maxNumSegments);
    // Returns how many segments; 0 when they do not fit.
    virtual UInt32 genPhysicalSegments(mbuf_t packet, void *vector, UInt32 maxSegs, bool doCoalesce);
    OSMetaClassDeclareReservedUnused(IOMbufMemoryCursor, 0);
    OSMetaClassDeclareReservedUnused(IOMbufMemoryCursor, 1);
    OSMetaClassDeclareReservedUnused(IOMbufMemoryCursor, 2);
    OSMetaClassDeclareReservedUnused(IOMbufMemoryCursor, 3);

public:
    UInt32 getAndResetCoalesceCount(void);
};

// Segments in the processor's byte order (IONetworkingFamily IOMbufMemoryCursor.cpp).
class IOMbufNaturalMemoryCursor : public IOMbufMemoryCursor
{
    OSDeclareDefaultStructors(IOMbufNaturalMemoryCursor)

public:
    static IOMbufNaturalMemoryCursor *withSpecification(UInt32 maxSegmentSize, UInt32 maxNumSegments);
    UInt32 getPhysicalSegments(mbuf_t packet, struct IOMemoryCursor::PhysicalSegment *vector,
                               UInt32 numVectorSegments = 0);
    UInt32 getPhysicalSegmentsWithCoalesce(mbuf_t packet, struct IOMemoryCursor::PhysicalSegment *vector,
                                           UInt32 numVectorSegments = 0);
};

// Big-endian segments (IONetworkingFamily IOMbufMemoryCursor.cpp).
class IOMbufBigMemoryCursor : public IOMbufMemoryCursor
{
    OSDeclareDefaultStructors(IOMbufBigMemoryCursor)

public:
    static IOMbufBigMemoryCursor *withSpecification(UInt32 maxSegmentSize, UInt32 maxNumSegments);
    UInt32 getPhysicalSegments(mbuf_t packet, struct IOMemoryCursor::PhysicalSegment *vector,
                               UInt32 numVectorSegments = 0);
    UInt32 getPhysicalSegmentsWithCoalesce(mbuf_t packet, struct IOMemoryCursor::PhysicalSegment *vector,
                                           UInt32 numVectorSegments = 0);
};

// Little-endian segments (IONetworkingFamily IOMbufMemoryCursor.cpp).
class IOMbufLittleMemoryCursor : public IOMbufMemoryCursor
{
    OSDeclareDefaultStructors(IOMbufLittleMemoryCursor)

public:
    static IOMbufLittleMemoryCursor *withSpecification(UInt32 maxSegmentSize, UInt32 maxNumSegments);
    UInt32 getPhysicalSegments(mbuf_t packet, struct IOMemoryCursor::PhysicalSegment *vector,
                               UInt32 numVectorSegments = 0);
    UInt32 getPhysicalSegmentsWithCoalesce(mbuf_t packet, struct IOMemoryCursor::PhysicalSegment *vector,
                                           UInt32 numVectorSegments = 0);
};
