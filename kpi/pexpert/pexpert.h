// SPDX-License-Identifier: BSD-3-Clause
/*
 * The platform expert's C side: boot-args, console. Answers to the part of Apple's pexpert/pexpert.h that drivers
 * use.
 */
#ifndef KPI_PEXPERT_PEXPERT_H
#define KPI_PEXPERT_PEXPERT_H

#include <sys/cdefs.h>
#include <kern/kern_types.h>
#include <mach/boolean.h>
#include <mach/kern_return.h>
#include <mach/machine/vm_types.h>

__BEGIN_DECLS

void PE_enter_debugger(const char *cause);
void kprintf(const char *fmt, ...) __printflike(1, 2);
extern void (*PE_kputc)(char c);

/* Finds name in the boot-args: "name=value" stores a number (decimal, 0x, 0b; max_arg bytes) or a string of at most
 * max_arg bytes; a bare "-name" or "name" stores 1. FALSE: not there. */
extern boolean_t PE_parse_boot_argn(const char *arg_string, void *arg_ptr, int max_arg);
#ifndef __LP64__
extern boolean_t PE_parse_boot_arg(const char *arg_string, void *arg_ptr);
#endif

__END_DECLS

#endif
