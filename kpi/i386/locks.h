// SPDX-License-Identifier: BSD-3-Clause
/*
 * Lock types; the public ones are opaque and declared in kern/locks.h.
 */
#ifndef KPI_I386_LOCKS_H
#define KPI_I386_LOCKS_H

#include <kern/locks.h>

#endif
