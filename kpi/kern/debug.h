// SPDX-License-Identifier: BSD-3-Clause
/*
 * The end of the world. Answers to Apple's kern/debug.h.
 */
#ifndef KPI_KERN_DEBUG_H
#define KPI_KERN_DEBUG_H

#include <stdint.h>
#include <sys/cdefs.h>

__BEGIN_DECLS
/* Stops the system with a message. Any context; does not return. */
extern void panic(const char *string, ...) __printflike(1, 2) __dead2;
__END_DECLS

#endif
