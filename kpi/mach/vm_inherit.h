// SPDX-License-Identifier: BSD-3-Clause
/*
 * Inheritance of a mapping. Answers to Apple's mach/vm_inherit.h.
 */
#ifndef KPI_MACH_VM_INHERIT_H
#define KPI_MACH_VM_INHERIT_H

typedef unsigned int vm_inherit_t;

#define VM_INHERIT_SHARE       0
#define VM_INHERIT_COPY        1
#define VM_INHERIT_DEFAULT     1
#define VM_INHERIT_LAST_VALID  2
#define VM_INHERIT_NONE        2
#define VM_INHERIT_DONATE_COPY 3

#endif
