// SPDX-License-Identifier: BSD-3-Clause
/*
 * IODMACommand: a descriptor's memory as segments that suit a device: address bits, alignment, largest
 * segment. Memory that does not suit goes through a buffer that does, copied at synchronize. Answers to
 * IOKit/IODMACommand.h; behaviour as in xnu-2422.115.4 iokit/Kernel/IODMACommand.cpp. There is no IOMMU: bus
 * addresses are physical addresses.
 */
#include "iokit/impl.h"
#include "iokit/memory.h"
#include <IOKit/IODMACommand.h>
#include <IOKit/IOMapper.h>
#include <libkern/OSByteOrder.h>

OSDefineMetaClassAndStructors(IODMACommand, IOCommand)

    struct IODMACommandInternal {
    UInt64 offset, length; /* what is prepared, within the descriptor */
    void *bounce;          /* holds all of it when the memory does not suit */
    vm_size_t bounce_size;
    bool iterate_only; /* kIterateOnly: the client copes with addresses as they are */
};

/* ---- output formats ---- */
typedef IODMACommand::Segment32 seg32;
typedef IODMACommand::Segment64 seg64;

bool IODMACommand::OutputHost32(IODMACommand *, Segment64 segment, void *segments, UInt32 index)
{
    seg32 *out = (seg32 *)segments + index;
    out->fIOVMAddr = (UInt32)segment.fIOVMAddr;
    out->fLength = (UInt32)segment.fLength;
    return true;
}

bool IODMACommand::OutputBig32(IODMACommand *, Segment64 segment, void *segments, UInt32 index)
{
    seg32 *out = (seg32 *)segments + index;
    out->fIOVMAddr = OSSwapHostToBigInt32((UInt32)segment.fIOVMAddr);
    out->fLength = OSSwapHostToBigInt32((UInt32)segment.fLength);
    return true;
}

bool IODMACommand::OutputLittle32(IODMACommand *, Segment64 segment, void *segments, UInt32 index)
{
    seg32 *out = (seg32 *)segments + index;
    out->fIOVMAddr = OSSwapHostToLittleInt32((UInt32)segment.fIOVMAddr);
    out->fLength = OSSwapHostToLittleInt32((UInt32)segment.fLength);
    return true;
}

bool IODMACommand::OutputHost64(IODMACommand *, Segment64 segment, void *segments, UInt32 index)
{
    ((seg64 *)segments)[index] = segment;
    return true;
}

bool IODMACommand::OutputBig64(IODMACommand *, Segment64 segment, void *segments, UInt32 index)
{
    seg64 *out = (seg64 *)segments + index;
    out->fIOVMAddr = OSSwapHostToBigInt64(segment.fIOVMAddr);
    out->fLength = OSSwapHostToBigInt64(segment.fLength);
    return true;
}

bool IODMACommand::OutputLittle64(IODMACommand *, Segment64 segment, void *segments, UInt32 index)
{
    seg64 *out = (seg64 *)segments + index;
    out->fIOVMAddr = OSSwapHostToLittleInt64(segment.fIOVMAddr);
    out->fLength = OSSwapHostToLittleInt64(segment.fLength);
    return true;
}

/* ---- life ---- */
IODMACommand *IODMACommand::withSpecification(SegmentFunction outSegFunc, UInt8 numAddressBits,
                                              UInt64 maxSegmentSize, MappingOptions mappingOptions,
                                              UInt64 maxTransferSize, UInt32 alignment, IOMapper *mapper,
                                              void *refCon)
{
    IODMACommand *command = new IODMACommand;
    if (command && !command->initWithSpecification(outSegFunc, numAddressBits, maxSegmentSize, mappingOptions,
                                                   maxTransferSize, alignment, mapper, refCon)) {
        command->release();
        return 0;
    }
    return command;
}

static bool is_32bit_format(IODMACommand::SegmentFunction out)
{
    return out == IODMACommand::OutputHost32 || out == IODMACommand::OutputBig32 ||
           out == IODMACommand::OutputLittle32;
}

/* False: the numbers contradict one another (initWithSpecification, prepareWithSpecification). */
static bool take_specification(IODMACommand *c, IODMACommand::SegmentFunction out, UInt8 bits,
                               UInt64 max_segment, IODMACommand::MappingOptions options, UInt64 max_transfer,
                               UInt32 alignment)
{
    if (!out)
        return false;
    if (is_32bit_format(out)) {
        if (bits > 32)
            return false;
        bits = bits ? bits : 32;
    }
    if (bits && bits < PAGE_SHIFT)
        return false;
    UInt32 type = options & IODMACommand::kTypeMask;
    if (type != IODMACommand::kMapped && type != IODMACommand::kBypassed &&
        type != IODMACommand::kNonCoherent)
        return false;
    c->fOutSeg = out;
    c->fNumAddressBits = bits;
    c->fMaxSegmentSize = max_segment ? max_segment : ~0ull;
    c->fMaxTransferSize = max_transfer ? max_transfer : ~0ull;
    c->fAlignMask = alignment ? alignment - 1 : 0;
    c->fMappingOptions = options;
    c->reserved->iterate_only = (options & IODMACommand::kIterateOnly) != 0;
    return true;
}

bool IODMACommand::initWithSpecification(SegmentFunction outSegFunc, UInt8 numAddressBits,
                                         UInt64 maxSegmentSize, MappingOptions mappingOptions,
                                         UInt64 maxTransferSize, UInt32 alignment, IOMapper *mapper,
                                         void *refCon)
{
    if (!IOCommand::init())
        return false;
    if (!reserved)
        reserved = make_zero<IODMACommandInternal>();
    fRefCon = refCon;
    fMapper = mapper;
    if (mapper)
        mapper->retain();
    return reserved && take_specification(this, outSegFunc, numAddressBits, maxSegmentSize, mappingOptions,
                                          maxTransferSize, alignment);
}

IODMACommand *IODMACommand::cloneCommand(void *refCon)
{
    return withSpecification(fOutSeg, fNumAddressBits, fMaxSegmentSize, fMappingOptions, fMaxTransferSize,
                             fAlignMask + 1, fMapper, refCon);
}

void IODMACommand::free(void)
{
    if (reserved) {
        if (fMemory)
            clearMemoryDescriptor();
        IOFree(reserved, sizeof *reserved);
        reserved = 0;
    }
    drop(fMapper);
    IOCommand::free();
}

IOReturn IODMACommand::setMemoryDescriptor(const IOMemoryDescriptor *mem, bool autoPrepare)
{
    if (mem == fMemory) {
        while (!autoPrepare && fActive)
            complete();
        return kIOReturnSuccess;
    }
    if (fMemory) {
        if (fActive)
            return kIOReturnBusy;
        clearMemoryDescriptor();
    }
    if (!mem)
        return kIOReturnSuccess;
    mem->retain();
    fMemory = mem;
    IOReturn result = autoPrepare ? prepare() : kIOReturnSuccess;
    if (result != kIOReturnSuccess)
        clearMemoryDescriptor();
    return result;
}

IOReturn IODMACommand::clearMemoryDescriptor(bool autoComplete)
{
    if (fActive && !autoComplete)
        return kIOReturnNotReady;
    if (!fMemory)
        return kIOReturnSuccess;
    while (fActive)
        complete();
    fMemory->release();
    fMemory = 0;
    return kIOReturnSuccess;
}

const IOMemoryDescriptor *IODMACommand::getMemoryDescriptor(void) const
{
    return fMemory;
}

UInt8 IODMACommand::getNumAddressBits(void)
{
    return fNumAddressBits;
}

UInt32 IODMACommand::getAlignment(void)
{
    return fAlignMask + 1;
}

/* ---- prepare and complete ---- */
static bool fits_bits(const IODMACommand *c, addr64_t address, UInt64 length)
{
    return !c->fNumAddressBits || c->fNumAddressBits >= 64 || !((address + length - 1) >> c->fNumAddressBits);
}

/* False: some of the memory is out of the device's reach, or does not begin where it must. */
static bool memory_suits(const IODMACommand *c, UInt64 offset, UInt64 end)
{
    IOMemoryDescriptor *memory = (IOMemoryDescriptor *)c->fMemory;
    while (offset < end) {
        IOByteCount length = 0;
        addr64_t address = memory->getPhysicalSegment(offset, &length, kIOMemoryMapperNone);
        if (!length)
            return true; /* genIOVMSegments will say so */
        if (length > end - offset)
            length = end - offset;
        if (!fits_bits(c, address, length) || (address & c->fAlignMask))
            return false;
        offset += length;
    }
    return true;
}

static IOReturn make_bounce(IODMACommand *c, UInt64 length)
{
    IODMACommandInternal *in = c->reserved;
    addr64_t limit = c->fNumAddressBits && c->fNumAddressBits < 64 ? (1ull << c->fNumAddressBits) - 1 : ~0ull;
    vm_size_t align = c->fAlignMask + 1 > PAGE_SIZE ? c->fAlignMask + 1 : PAGE_SIZE;
    in->bounce_size = round_page(length);
    in->bounce = memory_alloc(in->bounce_size, align, limit);
    return in->bounce ? kIOReturnSuccess : kIOReturnNoResources;
}

IOReturn IODMACommand::prepare(UInt64 offset, UInt64 length, bool flushCache, bool synchronize)
{
    IODMACommandInternal *in = reserved;
    if (!fMemory || offset > fMemory->getLength())
        return kIOReturnNotReady;
    if (!length)
        length = fMemory->getLength() - offset;
    if (length > fMaxTransferSize)
        return kIOReturnNoSpace;
    if (fActive) {
        fActive++; /* a refused one counts too, and needs its complete() */
        return in->offset == offset && in->length == length ? kIOReturnSuccess : kIOReturnNotReady;
    }
    in->offset = offset;
    in->length = length;
    if (!in->iterate_only && length && !memory_suits(this, offset, offset + length)) {
        IOReturn result = make_bounce(this, length);
        if (result != kIOReturnSuccess)
            return result;
    }
    fActive++;
    return synchronize ? this->synchronize(kIODirectionOut) : kIOReturnSuccess;
}

IOReturn IODMACommand::complete(bool invalidateCache, bool synchronize)
{
    IODMACommandInternal *in = reserved;
    if (fActive < 1)
        return kIOReturnNotReady;
    if (--fActive)
        return kIOReturnSuccess;
    fActive = 1; /* for synchronize */
    IOReturn result = synchronize ? this->synchronize(kIODirectionIn) : kIOReturnSuccess;
    fActive = 0;
    if (in->bounce)
        memory_free(in->bounce, in->bounce_size);
    in->bounce = 0;
    return result;
}

/* Out: the buffer gets what the descriptor holds; in: the other way; only in directions that the descriptor
 * has. kForceDoubleBuffer: from here on through a buffer, wanted or not. */
IOReturn IODMACommand::synchronize(IOOptionBits options)
{
    IODMACommandInternal *in = reserved;
    IOMemoryDescriptor *memory = (IOMemoryDescriptor *)fMemory;
    if (fActive < 1)
        return kIOReturnNotReady;
    IOOptionBits direction = options & kIODirectionInOut;
    if (direction == kIODirectionInOut)
        return kIOReturnBadArgument;
    bool made = false;
    if ((options & kForceDoubleBuffer) && !in->bounce) {
        IOReturn result = make_bounce(this, in->length);
        if (result != kIOReturnSuccess)
            return result;
        made = true;
    }
    if (!in->bounce || (made && direction == kIODirectionIn) || !(memory->getDirection() & direction))
        return kIOReturnSuccess;
    memory_copy(memory, in->offset, in->bounce, in->length, direction == kIODirectionOut);
    return kIOReturnSuccess;
}

IOReturn IODMACommand::prepareWithSpecification(SegmentFunction outSegFunc, UInt8 numAddressBits,
                                                UInt64 maxSegmentSize, MappingOptions mappingOptions,
                                                UInt64 maxTransferSize, UInt32 alignment, IOMapper *mapper,
                                                UInt64 offset, UInt64 length, bool flushCache,
                                                bool synchronize)
{
    if (fActive)
        return kIOReturnNotPermitted;
    if (!take_specification(this, outSegFunc, numAddressBits, maxSegmentSize, mappingOptions, maxTransferSize,
                            alignment))
        return kIOReturnBadArgument;
    if (mapper)
        mapper->retain();
    drop(fMapper);
    fMapper = mapper;
    return prepare(offset, length, flushCache, synchronize);
}

IOReturn IODMACommand::getPreparedOffsetAndLength(UInt64 *offset, UInt64 *length)
{
    if (fActive < 1)
        return kIOReturnNotReady;
    if (offset)
        *offset = reserved->offset;
    if (length)
        *length = reserved->length;
    return kIOReturnSuccess;
}

/* ---- copies by the CPU, within what is prepared ---- */
UInt64 IODMACommand::transfer(IOOptionBits transferOp, UInt64 offset, void *buffer, UInt64 length)
{
    IODMACommandInternal *in = reserved;
    if (fActive < 1 || offset > in->length)
        return 0;
    if (length > in->length - offset)
        length = in->length - offset;
    bool to_bytes = transferOp == kIODirectionOut;
    if (!in->bounce)
        return memory_copy((IOMemoryDescriptor *)fMemory, in->offset + offset, buffer, length, to_bytes);
    char *at = (char *)in->bounce + offset;
    bcopy(to_bytes ? at : buffer, to_bytes ? buffer : at, length);
    return length;
}

UInt64 IODMACommand::readBytes(UInt64 offset, void *bytes, UInt64 length)
{
    return transfer(kIODirectionOut, offset, bytes, length);
}

UInt64 IODMACommand::writeBytes(UInt64 offset, const void *bytes, UInt64 length)
{
    return transfer(kIODirectionIn, offset, (void *)bytes, length);
}

/* ---- segments ---- */
/* Address and length of the memory at an offset into what is prepared. */
static addr64_t piece_at(IODMACommand *c, UInt64 at, UInt64 *length)
{
    IODMACommandInternal *in = c->reserved;
    *length = in->length - at;
    if (in->bounce)
        return lx_ram_phys((char *)in->bounce + at);
    IOByteCount run = 0;
    addr64_t address =
        ((IOMemoryDescriptor *)c->fMemory)->getPhysicalSegment(in->offset + at, &run, kIOMemoryMapperNone);
    if (run < *length)
        *length = run;
    return address;
}

/* Pieces that follow one another in memory make one segment, up to the largest allowed. */
static seg64 next_segment(IODMACommand *c, UInt64 at)
{
    seg64 segment = {0, 0};
    while (at + segment.fLength < c->reserved->length && segment.fLength < c->fMaxSegmentSize) {
        UInt64 length;
        addr64_t address = piece_at(c, at + segment.fLength, &length);
        if (!length || (segment.fLength && address != segment.fIOVMAddr + segment.fLength))
            break;
        if (!segment.fLength)
            segment.fIOVMAddr = address;
        segment.fLength += length;
    }
    if (segment.fLength > c->fMaxSegmentSize)
        segment.fLength = c->fMaxSegmentSize;
    return segment;
}

/* *offsetP is relative to what is prepared, and moves on past the segments given. */
IOReturn IODMACommand::genIOVMSegments(SegmentFunction segmentFunction, UInt64 *offsetP, void *segmentsP,
                                       UInt32 *numSegmentsP)
{
    if (!fMemory || !fActive)
        return kIOReturnNotReady;
    if (!offsetP || !segmentsP || !numSegmentsP || !*numSegmentsP || !segmentFunction)
        return kIOReturnBadArgument;
    UInt64 at = *offsetP;
    UInt32 count = 0;
    IOReturn result = at >= reserved->length ? kIOReturnOverrun : kIOReturnSuccess;
    while (result == kIOReturnSuccess && count < *numSegmentsP && at < reserved->length) {
        Segment64 segment = next_segment(this, at);
        if (!segment.fLength)
            result = kIOReturnInternalError;
        else if (!reserved->iterate_only && !fits_bits(this, segment.fIOVMAddr, segment.fLength))
            result = kIOReturnMessageTooLarge;
        else if (!segmentFunction(this, segment, segmentsP, count))
            break;
        else {
            count++;
            at += segment.fLength;
        }
    }
    *offsetP = at;
    *numSegmentsP = count;
    return count ? kIOReturnSuccess : result;
}

IOReturn IODMACommand::genIOVMSegments(UInt64 *offset, void *segments, UInt32 *numSegments)
{
    return genIOVMSegments(fOutSeg, offset, segments, numSegments);
}

/* ---- IOMapper: there is none ---- */
OSDefineMetaClassAndAbstractStructors(IOMapper, IOService) IOMapper *IOMapper::gSystem;

bool IOMapper::getBypassMask(addr64_t *maskP) const
{
    return false;
}
