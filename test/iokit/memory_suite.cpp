// SPDX-License-Identifier: BSD-3-Clause
// Memory descriptors and DMA commands: segments, buffers under masks, bounce copies.
#include "iokit/impl.h"
#include <IOKit/IOBufferMemoryDescriptor.h>
#include <IOKit/IODMACommand.h>
#include <IOKit/IOMemoryCursor.h>
#include <IOKit/IOMultiMemoryDescriptor.h>
#include <IOKit/IOSubMemoryDescriptor.h>
#include "test/iokit/suite.h"

enum { kPage = 4096 };

static void ranges_of_memory(char *buffer)
{
    IOAddressRange two[2] = {{(mach_vm_address_t)buffer, 100}, {(mach_vm_address_t)buffer + kPage, 50}};
    IOMemoryDescriptor *memory =
        IOMemoryDescriptor::withAddressRanges(two, 2, kIODirectionOutIn, kernel_task);
    host_check(memory->getLength() == 150, "two ranges add up");
    host_check(memory->prepare() == kIOReturnSuccess, "prepare");
    IOByteCount length;
    addr64_t first = memory->getPhysicalSegment(10, &length);
    host_check(first == lx_ram_phys(buffer + 10) && length == 90, "a segment ends with its range (%llu)",
               (unsigned long long)length);
    addr64_t second = memory->getPhysicalSegment(100, &length);
    host_check(second == lx_ram_phys(buffer + kPage) && length == 50, "the next one follows");
    host_check(memory->getPhysicalSegment(150, &length) == 0 && length == 0,
               "there is nothing behind the end");
    host_check(memory->writeBytes(95, "abcdefgh", 8) == 8 && buffer[99] == 'e' && buffer[kPage] == 'f' &&
                   buffer[kPage + 2] == 'h',
               "bytes are written across ranges");
    char back[8];
    host_check(memory->readBytes(95, back, 8) == 8 && !memcmp(back, "abcdefgh", 8), "and read back");
    IOMemoryDescriptor *parts[2] = {memory, memory};
    IOMultiMemoryDescriptor *multi = IOMultiMemoryDescriptor::withDescriptors(parts, 2, kIODirectionOut);
    host_check(multi->getLength() == 300 && multi->getPhysicalSegment(150, &length) == lx_ram_phys(buffer),
               "descriptors follow one another");
    multi->release();
    IOMemoryDescriptor *part = IOSubMemoryDescriptor::withSubRange(memory, 90, 20, kIODirectionOut);
    host_check(part->getPhysicalSegment(0, &length) == lx_ram_phys(buffer + 90) && length == 10 &&
                   part->getPhysicalSegment(10, &length) == second && length == 10,
               "a part has its place");
    host_check(!IOSubMemoryDescriptor::withSubRange(memory, 140, 20, kIODirectionOut), "and must lie inside");
    part->release();
    host_check(!memory->map(), "memory that is not contiguous is not mapped");
    memory->complete();
    memory->release();
}

static void buffers(void)
{
    IOBufferMemoryDescriptor *memory = IOBufferMemoryDescriptor::inTaskWithPhysicalMask(
        kernel_task, kIODirectionInOut | kIOMemoryPhysicallyContiguous, 10000, 0x7ffc000ull);
    IOByteCount length;
    addr64_t address = memory ? memory->getPhysicalSegment(0, &length) : 0;
    host_check(address && !(address & 0x3fff) && address + 10000 <= 0x8000000 && length == 10000,
               "a mask sets alignment and limit (0x%llx)", address);
    memory->setLength(10);
    host_check(memory->appendBytes("xyz", 3) && memory->getLength() == 13 &&
                   ((char *)memory->getBytesNoCopy())[12] == 'z',
               "bytes are appended");
    host_check(memory->getBytesNoCopy(5, 8) && !memory->getBytesNoCopy(5, 9), "no pointer past the length");
    IOMemoryMap *map = memory->map();
    host_check(map && map->getVirtualAddress() == (IOVirtualAddress)memory->getBytesNoCopy() &&
                   map->getPhysicalAddress() == address,
               "it maps to where it is");
    host_check(memory->getRetainCount() == 2, "a map holds it");
    map->release();
    memory->release();
    host_check(
        !IOBufferMemoryDescriptor::inTaskWithPhysicalMask(kernel_task, kIODirectionIn, 8192, 0xfffull << 4),
        "a mask below all memory gets none");
}

static void cursors(char *buffer)
{
    IOMemoryDescriptor *memory = IOMemoryDescriptor::withAddress(buffer, 5000, kIODirectionOut);
    IONaturalMemoryCursor *cursor = IONaturalMemoryCursor::withSpecification(2048, 4500);
    IOMemoryCursor::PhysicalSegment segments[4];
    IOByteCount done = 0;
    UInt32 count = cursor->genPhysicalSegments(memory, 0, segments, 4, 0, &done);
    host_check(count == 3 && done == 4500 && segments[0].length == 2048 && segments[2].length == 404,
               "a cursor cuts at segment and transfer (%u, %llu)", (unsigned)count, (unsigned long long)done);
    count = cursor->getPhysicalSegments(memory, 4500, segments, 4, 100, &done);
    host_check(count == 1 && done == 100 && segments[0].location == lx_ram_phys(buffer + 4500),
               "and goes on");
    count = cursor->genPhysicalSegments(memory, 0, segments, 1, 0, &done);
    host_check(count == 1 && done == 2048, "as many segments as there is room for");
    cursor->release();
    memory->release();
}

void suite_memory_descriptors(void)
{
    int before = host_objects();
    unsigned long bytes = lx_ram_in_use();
    char *buffer = (char *)IOMallocAligned(4 * kPage, kPage);
    ranges_of_memory(buffer);
    buffers();
    cursors(buffer);
    IOFreeAligned(buffer, 4 * kPage);
    host_check(host_objects() == before, "no object is left (%d, %d before)", host_objects(), before);
    host_check(lx_ram_in_use() == bytes, "no memory is left (%lu, %lu before)", lx_ram_in_use(), bytes);
}

/* ---- DMA commands ---- */
static void straight(char *buffer)
{
    IOAddressRange two[2] = {{(mach_vm_address_t)buffer, 3000}, {(mach_vm_address_t)buffer + 3000, 2000}};
    IOMemoryDescriptor *memory = IOMemoryDescriptor::withAddressRanges(two, 2, kIODirectionOut, kernel_task);
    IODMACommand *command = IODMACommand::withSpecification(IODMACommand::OutputHost64, 64, 4096);
    IODMACommand::Segment64 segments[4];
    UInt64 offset = 0;
    UInt32 count = 4;
    memory->prepare();
    host_check(command->genIOVMSegments(&offset, segments, &count) == kIOReturnNotReady,
               "not without prepare");
    host_check(command->setMemoryDescriptor(memory) == kIOReturnSuccess, "a descriptor is set");
    count = 4;
    IOReturn result = command->gen64IOVMSegments(&offset, segments, &count);
    host_check(result == kIOReturnSuccess && count == 2 && offset == 5000 && segments[0].fLength == 4096 &&
                   segments[0].fIOVMAddr == lx_ram_phys(buffer) && segments[1].fLength == 904,
               "neighbours merge up to the largest segment (%u)", (unsigned)count);
    count = 4;
    host_check(command->gen64IOVMSegments(&offset, segments, &count) == kIOReturnOverrun && !count,
               "then comes the end");
    host_check(command->setMemoryDescriptor(0) == kIOReturnBusy, "a prepared one is not replaced");
    command->complete();
    host_check(command->clearMemoryDescriptor() == kIOReturnSuccess && memory->getRetainCount() == 1,
               "it is let go");
    command->release();
    memory->complete();
    memory->release();
    host_check(!IODMACommand::withSpecification(IODMACommand::OutputHost32, 40, 0),
               "32-bit format, 40-bit device: no");
}

static void bounced(char *buffer)
{
    char *odd = buffer + 3;
    IOMemoryDescriptor *memory = IOMemoryDescriptor::withAddress(odd, 6000, kIODirectionOutIn);
    IODMACommand *command =
        IODMACommand::withSpecification(IODMACommand::OutputLittle32, 32, 0, IODMACommand::kMapped, 0, 16);
    IODMACommand::Segment32 segments[4];
    UInt64 offset = 0;
    UInt32 count = 4;
    memset(odd, 'o', 6000);
    command->setMemoryDescriptor(memory);
    IOReturn result = command->gen32IOVMSegments(&offset, segments, &count);
    char *device = (char *)lx_ram_virt(segments[0].fIOVMAddr);
    host_check(result == kIOReturnSuccess && count == 1 && device != odd && !(segments[0].fIOVMAddr & 15),
               "memory out of line goes through a buffer");
    host_check(device[0] == 'o' && device[5999] == 'o', "which holds what goes out");
    memset(device, 'i', 6000);
    host_check(odd[0] == 'o', "before complete nothing has come in");
    command->complete();
    host_check(odd[0] == 'i' && odd[5999] == 'i', "after it everything has");
    command->clearMemoryDescriptor();
    command->release();
    memory->release();
}

static void limits(char *buffer)
{
    IOMemoryDescriptor *memory = IOMemoryDescriptor::withAddress(buffer, 6000, kIODirectionOut);
    IODMACommand *command = IODMACommand::withSpecification(IODMACommand::OutputHost64, 20, 0);
    host_check(command->setMemoryDescriptor(memory) == kIOReturnNoResources, "20 address bits cannot be had");
    command->release();
    command = IODMACommand::withSpecification(IODMACommand::OutputHost64, 0, 0, IODMACommand::kMapped, 5000);
    host_check(command->setMemoryDescriptor(memory) == kIOReturnNoSpace, "more than the largest transfer");
    command->setMemoryDescriptor(memory, false);
    UInt64 offset = 0, length = 0;
    host_check(command->prepare(1000, 2000) == kIOReturnSuccess &&
                   command->getPreparedOffsetAndLength(&offset, &length) == kIOReturnSuccess &&
                   offset == 1000 && length == 2000,
               "a part of it is prepared");
    char bytes[16];
    buffer[1010] = 'q';
    host_check(command->readBytes(10, bytes, 1) == 1 && bytes[0] == 'q' &&
                   command->readBytes(1995, bytes, 16) == 5,
               "bytes are read within it");
    command->release();
    memory->release();
}

void suite_dma(void)
{
    int before = host_objects();
    unsigned long bytes = lx_ram_in_use();
    char *buffer = (char *)IOMallocAligned(4 * kPage, kPage);
    straight(buffer);
    bounced(buffer);
    limits(buffer);
    IOFreeAligned(buffer, 4 * kPage);
    host_check(host_objects() == before, "no object is left (%d, %d before)", host_objects(), before);
    host_check(lx_ram_in_use() == bytes, "no memory is left (%lu, %lu before)", lx_ram_in_use(), bytes);
}
