// SPDX-License-Identifier: BSD-3-Clause
/*
 * What the memory descriptors share: addresses. All of RAM is mapped at lx_ram; a physical address above it
 * lies in a device's BAR and has a trapped window (host/qemu/qemu.h).
 */
#ifndef HOST_IOKIT_MEMORY_H
#define HOST_IOKIT_MEMORY_H
#include <IOKit/IOMemoryDescriptor.h>

enum { /* IOKit/IOMemoryDescriptor.h of 10.9; the kernel's own use */
       kIOMemoryAutoPrepare = 0x00000008,
       kIOMemoryPreparedReadOnly = 0x00008000,
};

addr64_t memory_phys(mach_vm_address_t virtual_address); /* 0: neither in RAM nor in a window */
void *memory_virt(addr64_t physical, mach_vm_size_t length);
/* A buffer below or at limit (inclusive), counted; 0 when there is none. */
void *memory_alloc(vm_size_t size, vm_size_t align, addr64_t limit);
void memory_free(void *buffer, vm_size_t size);

/* The kernel-side copy between a descriptor's range and bytes; how much was copied. */
IOByteCount memory_copy(IOMemoryDescriptor *memory, IOByteCount offset, void *bytes, IOByteCount length,
                        bool to_bytes);

/* Every map is one of these: kpi/ shows IOMemoryMap without its fields. */
class HostMemoryMap : public IOMemoryMap
{
    OSDeclareDefaultStructors(HostMemoryMap) public
        : IOMemoryDescriptor *memory; /* retained; 0 after unmap */
    task_t task;
    mach_vm_address_t address;
    IOByteCount offset, length;
    IOOptionBits options;
};
#endif
