// SPDX-License-Identifier: BSD-3-Clause
/*
 * The few routines of the machine layer that drivers call. Answers to Apple's i386/machine_routines.h.
 */
#ifndef KPI_I386_MACHINE_ROUTINES_H
#define KPI_I386_MACHINE_ROUTINES_H

#include <mach/mach_types.h>
#include <mach/boolean.h>
#include <kern/kern_types.h>
#include <sys/cdefs.h>

__BEGIN_DECLS
boolean_t ml_at_interrupt_context(void);
boolean_t ml_get_interrupts_enabled(void);             /* from 10.6 */
boolean_t ml_set_interrupts_enabled(boolean_t enable); /* this CPU's; the old state */
__END_DECLS

#endif
