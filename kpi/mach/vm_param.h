// SPDX-License-Identifier: BSD-3-Clause
/*
 * Pages. Answers to Apple's mach/vm_param.h.
 */
#ifndef KPI_MACH_VM_PARAM_H
#define KPI_MACH_VM_PARAM_H

#include <mach/machine/vm_param.h>
#include <mach/vm_types.h>

#define PAGE_SIZE_64 (unsigned long long)PAGE_SIZE
#define PAGE_MASK_64 (unsigned long long)PAGE_MASK

__BEGIN_DECLS
extern vm_size_t page_size;
extern vm_size_t page_mask;
extern int page_shift;
extern vm_size_t mem_size; /* bytes of physical memory, at most 2 GB */
extern uint64_t max_mem;   /* bytes of physical memory */
__END_DECLS

#define atop(x)          ((vm_address_t)(x) >> PAGE_SHIFT)
#define ptoa(x)          ((vm_address_t)(x) << PAGE_SHIFT)
#define atop_64(x)       ((uint64_t)(x) >> PAGE_SHIFT)
#define ptoa_64(x)       ((uint64_t)(x) << PAGE_SHIFT)
#define round_page(x)    (((vm_offset_t)(x) + PAGE_MASK) & ~((vm_offset_t)PAGE_MASK))
#define trunc_page(x)    ((vm_offset_t)(x) & ~((vm_offset_t)PAGE_MASK))
#define round_page_64(x) (((uint64_t)(x) + PAGE_MASK_64) & ~((uint64_t)PAGE_MASK_64))
#define trunc_page_64(x) ((uint64_t)(x) & ~((uint64_t)PAGE_MASK_64))
#define page_aligned(x)  (((x) & PAGE_MASK) == 0)

#endif
