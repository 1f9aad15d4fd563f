// SPDX-License-Identifier: BSD-3-Clause
// The older way from a memory descriptor to physical segments. Answers to Apple's IOKit/IOMemoryCursor.h
// (Mac OS X 10.6 view).
#pragma once

#include <libkern/c++/OSObject.h>
#include <IOKit/IOTypes.h>

#define IOPhysicalSegment IOMemoryCursor::PhysicalSegment

class IOMemoryDescriptor;

// Cuts a descriptor's memory into physical segments, written by a function (xnu
// iokit/Kernel/IOMemoryCursor.cpp).
class IOMemoryCursor : public OSObject
{
    OSDeclareDefaultStructors(IOMemoryCursor)

public:
    struct PhysicalSegment {
        IOPhysicalAddress location;
        IOPhysicalLength length;
    };
    typedef void (*SegmentFunction)(PhysicalSegment, void *, UInt32);

protected:
    SegmentFunction outSeg;
    IOPhysicalLength maxSegmentSize;
    IOPhysicalLength maxTransferSize;
    IOPhysicalLength alignMask;

public:
    virtual bool initWithSpecification(SegmentFunction outSegFunc, IOPhysicalLength maxSegmentSize = 0,
                                       IOPhysicalLength maxTransferSize = 0, IOPhysicalLength alignment = 1);
    // Returns how many segments were made from fromPosition on; the descriptor must be prepared.
    // *transferSize receives the bytes covered.
    virtual UInt32 genPhysicalSegments(IOMemoryDescriptor *descriptor, IOByteCount fromPosition,
                                       void *segments, UInt32 maxSegments, UInt32 maxTransferSize = 0,
                                       IOByteCount *transferSize = 0);

    static IOMemoryCursor *withSpecification(SegmentFunction outSegFunc, IOPhysicalLength maxSegmentSize = 0,
                                             IOPhysicalLength maxTransferSize = 0,
                                             IOPhysicalLength alignment = 1);
};

// Segments in the processor's byte order (xnu iokit/Kernel/IOMemoryCursor.cpp).
class IONaturalMemoryCursor : public IOMemoryCursor
{
    OSDeclareDefaultStructors(IONaturalMemoryCursor)

public:
    virtual bool initWithSpecification(IOPhysicalLength maxSegmentSize, IOPhysicalLength maxTransferSize,
                                       IOPhysicalLength alignment = 1);
    virtual UInt32 getPhysicalSegments(IOMemoryDescriptor *descriptor, IOByteCount fromPosition,
                                       IOMemoryCursor::PhysicalSegment *segments, UInt32 maxSegments,
                                       UInt32 inMaxTransferSize = 0, IOByteCount *transferSize = 0)
    {
        return genPhysicalSegments(descriptor, fromPosition, segments, maxSegments, inMaxTransferSize,
                                   transferSize);
    }

    static void outputSegment(IOMemoryCursor::PhysicalSegment segment, void *segments, UInt32 segmentIndex);
    static IONaturalMemoryCursor *withSpecification(IOPhysicalLength maxSegmentSize,
                                                    IOPhysicalLength maxTransferSize,
                                                    IOPhysicalLength alignment = 1);
};

// Big-endian segments (xnu iokit/Kernel/IOMemoryCursor.cpp).
class IOBigMemoryCursor : public IOMemoryCursor
{
    OSDeclareDefaultStructors(IOBigMemoryCursor)

public:
    virtual bool initWithSpecification(IOPhysicalLength maxSegmentSize, IOPhysicalLength maxTransferSize,
                                       IOPhysicalLength alignment = 1);
    virtual UInt32 getPhysicalSegments(IOMemoryDescriptor *descriptor, IOByteCount fromPosition,
                                       IOMemoryCursor::PhysicalSegment *segments, UInt32 maxSegments,
                                       UInt32 inMaxTransferSize = 0, IOByteCount *transferSize = 0)
    {
        return genPhysicalSegments(descriptor, fromPosition, segments, maxSegments, inMaxTransferSize,
                                   transferSize);
    }

    static void outputSegment(IOMemoryCursor::PhysicalSegment segment, void *segments, UInt32 segmentIndex);
    static IOBigMemoryCursor *withSpecification(IOPhysicalLength maxSegmentSize,
                                                IOPhysicalLength maxTransferSize,
                                                IOPhysicalLength alignment = 1);
};

// Little-endian segments (xnu iokit/Kernel/IOMemoryCursor.cpp).
class IOLittleMemoryCursor : public IOMemoryCursor
{
    OSDeclareDefaultStructors(IOLittleMemoryCursor)

public:
    virtual bool initWithSpecification(IOPhysicalLength maxSegmentSize, IOPhysicalLength maxTransferSize,
                                       IOPhysicalLength alignment = 1);
    virtual UInt32 getPhysicalSegments(IOMemoryDescriptor *descriptor, IOByteCount fromPosition,
                                       IOMemoryCursor::PhysicalSegment *segments, UInt32 maxSegments,
                                       UInt32 inMaxTransferSize = 0, IOByteCount *transferSize = 0)
    {
        return genPhysicalSegments(descriptor, fromPosition, segments, maxSegments, inMaxTransferSize,
                                   transferSize);
    }

    static void outputSegment(IOMemoryCursor::PhysicalSegment segment, void *segments, UInt32 segmentIndex);
    static IOLittleMemoryCursor *withSpecification(IOPhysicalLength maxSegmentSize,
                                                   IOPhysicalLength maxTransferSize,
                                                   IOPhysicalLength alignment = 1);
};
