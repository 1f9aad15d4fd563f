// SPDX-License-Identifier: BSD-3-Clause
/*
 * Protection of a mapping. Answers to Apple's mach/vm_prot.h.
 */
#ifndef KPI_MACH_VM_PROT_H
#define KPI_MACH_VM_PROT_H

typedef int vm_prot_t;

#define VM_PROT_NONE      0x0
#define VM_PROT_READ      0x1
#define VM_PROT_WRITE     0x2
#define VM_PROT_DEFAULT   0x3
#define VM_PROT_EXECUTE   0x4
#define VM_PROT_ALL       0x7
#define VM_PROT_NO_CHANGE 0x8
#define VM_PROT_COPY      0x10

#endif
