// SPDX-License-Identifier: BSD-3-Clause
/*
 * The machine-independent kernel (threads, locks, clocks, memory, the C library) as main() and the interrupt
 * source see it. Only builtin types: safe on both sides of the boundary.
 */
#ifndef HOST_MACH_BOOT_H
#define HOST_MACH_BOOT_H
#ifdef __cplusplus
extern "C" {
#endif

/* After lx_ram_init and the choice of the profile, before any other KPI-side call. boot_args: what
 * PE_parse_boot_argn searches, copied; NULL: none. */
void mach_init(const char *boot_args);
const char *mach_boot_args(void);
unsigned mach_debug_arg(void); /* the boot-arg debug=, 0 without */

/* Says that the calling thread serves interrupts (on = 1: ml_at_interrupt_context() holds, blocking is a
 * panic) or no longer does. The interrupt thread brackets each interrupt with it. */
void mach_interrupt_context(int on);

/* What would block, on a thread for which `whether` returns 1, ends the run: the kernel debugger's, which nobody could wake. */
void mach_never_block(int (*whether)(void));

/* Enters the kernel debugger and returns 0, or -1 when there is none to enter; NULL: none at all. */
extern int (*mach_debugger)(const char *reason, int panicked);
const char *mach_version_text(void); /* the kernel's, as `uname -v` gives it */

/* What names the addresses of a panic's backtrace: fn writes a name and returns 1, or 0. */
void mach_symboliser(int (*fn)(unsigned long address, char *text, unsigned long size));

#ifdef __cplusplus
}
#endif
#endif
