// SPDX-License-Identifier: BSD-3-Clause
/*
 * IOMemoryCursor and its kinds: a descriptor's memory as a list of physical segments in a device's format,
 * neighbours merged, cut at the largest segment and transfer. Answers to IOKit/IOMemoryCursor.h; behaviour as
 * in xnu-2422.115.4 iokit/Kernel/IOMemoryCursor.cpp.
 */
#include "iokit/impl.h"
#include <IOKit/IOMemoryCursor.h>
#include <IOKit/IOMemoryDescriptor.h>
#include <libkern/OSByteOrder.h>

OSDefineMetaClassAndStructors(IOMemoryCursor, OSObject)
    OSDefineMetaClassAndStructors(IONaturalMemoryCursor, IOMemoryCursor)
        OSDefineMetaClassAndStructors(IOBigMemoryCursor, IOMemoryCursor)
            OSDefineMetaClassAndStructors(IOLittleMemoryCursor, IOMemoryCursor)

                IOMemoryCursor *IOMemoryCursor::withSpecification(SegmentFunction inSegFunc,
                                                                  IOPhysicalLength inMaxSegmentSize,
                                                                  IOPhysicalLength inMaxTransferSize,
                                                                  IOPhysicalLength inAlignment)
{
    IOMemoryCursor *cursor = new IOMemoryCursor;
    if (cursor &&
        !cursor->initWithSpecification(inSegFunc, inMaxSegmentSize, inMaxTransferSize, inAlignment)) {
        cursor->release();
        return 0;
    }
    return cursor;
}

/* The alignment is kept and not acted on, as in Apple's. */
bool IOMemoryCursor::initWithSpecification(SegmentFunction inSegFunc, IOPhysicalLength inMaxSegmentSize,
                                           IOPhysicalLength inMaxTransferSize, IOPhysicalLength inAlignment)
{
    if (!inSegFunc || !OSObject::init())
        return false;
    outSeg = inSegFunc;
    maxSegmentSize = inMaxSegmentSize ? inMaxSegmentSize : (IOPhysicalLength)-1;
    maxTransferSize = inMaxTransferSize ? inMaxTransferSize : (IOPhysicalLength)-1;
    alignMask = inAlignment - 1;
    return true;
}

/* The next run of memory, merged with what follows it, at most limit bytes. */
static IOMemoryCursor::PhysicalSegment next_run(IOMemoryDescriptor *memory, IOByteCount position,
                                                IOByteCount limit)
{
    IOMemoryCursor::PhysicalSegment run = {0, 0};
    IOByteCount end = memory->getLength();
    while (position + run.length < end && run.length < limit) {
        IOByteCount length = 0;
        IOPhysicalAddress at = memory->getPhysicalSegment(position + run.length, &length);
        if (!length || (run.length && at != run.location + run.length))
            break;
        if (!run.length)
            run.location = at;
        run.length += length;
    }
    if (run.length > limit)
        run.length = limit;
    return run;
}

UInt32 IOMemoryCursor::genPhysicalSegments(IOMemoryDescriptor *inDescriptor, IOByteCount fromPosition,
                                           void *inSegments, UInt32 inMaxSegments, UInt32 inMaxTransferSize,
                                           IOByteCount *outTransferSize)
{
    if (!inDescriptor || !inMaxSegments)
        return 0;
    IOByteCount most = inMaxTransferSize ? inMaxTransferSize : maxTransferSize, done = 0;
    UInt32 count = 0;
    while (count < inMaxSegments && done < most) {
        IOByteCount limit = most - done < maxSegmentSize ? most - done : maxSegmentSize;
        PhysicalSegment segment = next_run(inDescriptor, fromPosition + done, limit);
        if (!segment.length)
            break;
        outSeg(segment, inSegments, count++);
        done += segment.length;
    }
    if (outTransferSize)
        *outTransferSize = done;
    return count;
}

/* ---- formats: two words of the machine's address size, in host, big-endian or little-endian order ---- */
void IONaturalMemoryCursor::outputSegment(IOMemoryCursor::PhysicalSegment segment, void *outSegments,
                                          UInt32 index)
{
    ((PhysicalSegment *)outSegments)[index] = segment;
}

void IOBigMemoryCursor::outputSegment(IOMemoryCursor::PhysicalSegment segment, void *outSegments,
                                      UInt32 index)
{
    IOPhysicalAddress *out = (IOPhysicalAddress *)((PhysicalSegment *)outSegments + index);
    out[0] = OSSwapHostToBigInt64(segment.location);
    out[1] = OSSwapHostToBigInt64(segment.length);
}

void IOLittleMemoryCursor::outputSegment(IOMemoryCursor::PhysicalSegment segment, void *outSegments,
                                         UInt32 index)
{
    IOPhysicalAddress *out = (IOPhysicalAddress *)((PhysicalSegment *)outSegments + index);
    out[0] = OSSwapHostToLittleInt64(segment.location);
    out[1] = OSSwapHostToLittleInt64(segment.length);
}

#define CURSOR_KIND(Kind)                                                                                    \
    Kind *Kind::withSpecification(IOPhysicalLength inMaxSegmentSize, IOPhysicalLength inMaxTransferSize,     \
                                  IOPhysicalLength inAlignment)                                              \
    {                                                                                                        \
        Kind *cursor = new Kind;                                                                             \
        if (cursor && !cursor->initWithSpecification(inMaxSegmentSize, inMaxTransferSize, inAlignment)) {    \
            cursor->release();                                                                               \
            return 0;                                                                                        \
        }                                                                                                    \
        return cursor;                                                                                       \
    }                                                                                                        \
    bool Kind::initWithSpecification(IOPhysicalLength inMaxSegmentSize, IOPhysicalLength inMaxTransferSize,  \
                                     IOPhysicalLength inAlignment)                                           \
    {                                                                                                        \
        return IOMemoryCursor::initWithSpecification(outputSegment, inMaxSegmentSize, inMaxTransferSize,     \
                                                     inAlignment);                                           \
    }
CURSOR_KIND(IONaturalMemoryCursor)
CURSOR_KIND(IOBigMemoryCursor)
CURSOR_KIND(IOLittleMemoryCursor)
