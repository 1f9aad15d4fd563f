// SPDX-License-Identifier: BSD-3-Clause
/*
 * Mach's machine words on x86. Answers to Apple's mach/i386/vm_types.h.
 */
#ifndef KPI_MACH_I386_VM_TYPES_H
#define KPI_MACH_I386_VM_TYPES_H

#include <i386/_types.h>
#include <stdint.h>

typedef __darwin_natural_t natural_t;
typedef int integer_t;

#ifdef __LP64__
typedef uintptr_t vm_offset_t;
typedef uintptr_t vm_size_t;
#else
typedef natural_t vm_offset_t;
typedef natural_t vm_size_t;
#endif

typedef uint64_t mach_vm_address_t;
typedef uint64_t mach_vm_offset_t;
typedef uint64_t mach_vm_size_t;
typedef uint64_t vm_map_offset_t;
typedef uint64_t vm_map_address_t;
typedef uint64_t vm_map_size_t;

#endif
