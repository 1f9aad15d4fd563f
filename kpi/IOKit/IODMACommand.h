// SPDX-License-Identifier: BSD-3-Clause
// Turns a memory descriptor into segments that a device can use. Answers to Apple's IOKit/IODMACommand.h
// (Mac OS X 10.6 view).
#pragma once

#include <IOKit/IOCommand.h>
#include <IOKit/IOMemoryDescriptor.h>

#define kIODMACommandOutputHost32   (IODMACommand::OutputHost32)
#define kIODMACommandOutputBig32    (IODMACommand::OutputBig32)
#define kIODMACommandOutputLittle32 (IODMACommand::OutputLittle32)
#define kIODMACommandOutputHost64   (IODMACommand::OutputHost64)
#define kIODMACommandOutputBig64    (IODMACommand::OutputBig64)
#define kIODMACommandOutputLittle64 (IODMACommand::OutputLittle64)

class IOMapper;

// Makes a descriptor's memory usable by a device: address width, segment size and alignment are given
// once, then setMemoryDescriptor, prepare, gen...Segments, complete for each transfer; copies through
// bounce buffers when the memory does not fit (xnu iokit/Kernel/IODMACommand.cpp).
class IODMACommand : public IOCommand
{
    OSDeclareDefaultStructors(IODMACommand)

public:
    struct Segment32 {
        UInt32 fIOVMAddr;
        UInt32 fLength;
    };
    struct Segment64 {
        UInt64 fIOVMAddr;
        UInt64 fLength;
    };
    enum MappingOptions {
        kMapped = 0x0,
        kBypassed = 0x1,
        kNonCoherent = 0x2,
        kTypeMask = 0xf,
        kNoCacheStore = 0x10,
        kOnChip = 0x20,
        kIterateOnly = 0x40
    };
    enum SynchronizeOptions {
        kForceDoubleBuffer = 0x1000000
    };
    typedef bool (*SegmentFunction)(IODMACommand *, Segment64, void *, UInt32);

private:
    typedef IOReturn (*InternalSegmentFunction)(void *, IODMACommand *, Segment64, void *, UInt32);

public:
    void *fRefCon;

protected:
    UInt64 fMaxSegmentSize;
    UInt64 fMaxTransferSize;
    UInt64 fBypassMask;
    IOMapper *fMapper;
    const IOMemoryDescriptor *fMemory;
    SegmentFunction fOutSeg;
    UInt32 fAlignMask;
    UInt32 fNumAddressBits;
    UInt32 fNumSegments;
    MappingOptions fMappingOptions;
    UInt32 fActive;
    struct IODMACommandInternal *reserved;

public:
    // One reference to a command of the same specification.
    virtual IODMACommand *cloneCommand(void *refCon = 0);
    virtual bool initWithSpecification(SegmentFunction outSegFunc, UInt8 numAddressBits,
                                       UInt64 maxSegmentSize, MappingOptions mappingOptions = kMapped,
                                       UInt64 maxTransferSize = 0, UInt32 alignment = 1, IOMapper *mapper = 0,
                                       void *refCon = 0);
    // Retains it; with autoPrepare also prepares.
    virtual IOReturn setMemoryDescriptor(const IOMemoryDescriptor *mem, bool autoPrepare = true);
    // Completes as often as it was prepared.
    virtual IOReturn clearMemoryDescriptor(bool autoComplete = true);
    virtual const IOMemoryDescriptor *getMemoryDescriptor(void) const;
    // Nests. Copies to the bounce buffer when there is one.
    virtual IOReturn prepare(UInt64 offset = 0, UInt64 length = 0, bool flushCache = true,
                             bool synchronize = true);
    // Undoes prepare; copies back.
    virtual IOReturn complete(bool invalidateCache = true, bool synchronize = true);
    // Copies between memory and bounce buffer within a prepare.
    virtual IOReturn synchronize(IOOptionBits options);
    // Through the output function given at creation.
    virtual IOReturn genIOVMSegments(UInt64 *offset, void *segments, UInt32 *numSegments);

private:
    virtual UInt64 transfer(IOOptionBits transferOp, UInt64 offset, void *buffer, UInt64 length);

public:
    virtual void free(void);
    virtual IOReturn prepareWithSpecification(SegmentFunction outSegFunc, UInt8 numAddressBits,
                                              UInt64 maxSegmentSize, MappingOptions mappingOptions = kMapped,
                                              UInt64 maxTransferSize = 0, UInt32 alignment = 1,
                                              IOMapper *mapper = 0, UInt64 offset = 0, UInt64 length = 0,
                                              bool flushCache = true, bool synchronize = true);
#ifndef KPI_10_5
    virtual IOReturn getPreparedOffsetAndLength(UInt64 *offset, UInt64 *length);
#else
    OSMetaClassDeclareReservedUnused(IODMACommand, 2);
#endif
    OSMetaClassDeclareReservedUnused(IODMACommand, 3);
    OSMetaClassDeclareReservedUnused(IODMACommand, 4);
    OSMetaClassDeclareReservedUnused(IODMACommand, 5);
    OSMetaClassDeclareReservedUnused(IODMACommand, 6);
    OSMetaClassDeclareReservedUnused(IODMACommand, 7);
    OSMetaClassDeclareReservedUnused(IODMACommand, 8);
    OSMetaClassDeclareReservedUnused(IODMACommand, 9);
    OSMetaClassDeclareReservedUnused(IODMACommand, 10);
    OSMetaClassDeclareReservedUnused(IODMACommand, 11);
    OSMetaClassDeclareReservedUnused(IODMACommand, 12);
    OSMetaClassDeclareReservedUnused(IODMACommand, 13);
    OSMetaClassDeclareReservedUnused(IODMACommand, 14);
    OSMetaClassDeclareReservedUnused(IODMACommand, 15);

public:
    static bool OutputHost32(IODMACommand *target, Segment64 seg, void *segs, UInt32 ind);
    static bool OutputBig32(IODMACommand *target, Segment64 seg, void *segs, UInt32 ind);
    static bool OutputLittle32(IODMACommand *target, Segment64 seg, void *segs, UInt32 ind);
    static bool OutputHost64(IODMACommand *target, Segment64 seg, void *segs, UInt32 ind);
    static bool OutputBig64(IODMACommand *target, Segment64 seg, void *segs, UInt32 ind);
    static bool OutputLittle64(IODMACommand *target, Segment64 seg, void *segs, UInt32 ind);
    // One reference. numAddressBits 0 means any; maxSegmentSize and maxTransferSize 0 mean no limit;
    // alignment is a power of two.
    static IODMACommand *withSpecification(SegmentFunction outSegFunc, UInt8 numAddressBits,
                                           UInt64 maxSegmentSize, MappingOptions mappingOptions = kMapped,
                                           UInt64 maxTransferSize = 0, UInt32 alignment = 1,
                                           IOMapper *mapper = 0, void *refCon = 0);
    UInt64 writeBytes(UInt64 offset, const void *bytes, UInt64 length);
    UInt64 readBytes(UInt64 offset, void *bytes, UInt64 length);
    // As gen64IOVMSegments, for addresses below 4 GB.
    IOReturn gen32IOVMSegments(UInt64 *offset, Segment32 *segments, UInt32 *numSegments)
    {
        return genIOVMSegments(offset, segments, numSegments);
    }
    // From *offset on: on return *offset is behind the last segment and *numSegments how many were made.
    IOReturn gen64IOVMSegments(UInt64 *offset, Segment64 *segments, UInt32 *numSegments)
    {
        return genIOVMSegments(offset, segments, numSegments);
    }
    IOReturn genIOVMSegments(SegmentFunction segmentFunction, UInt64 *offsetP, void *segmentsP,
                             UInt32 *numSegmentsP);
    UInt8 getNumAddressBits(void);
    UInt32 getAlignment(void);
};
