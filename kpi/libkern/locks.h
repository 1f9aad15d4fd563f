// SPDX-License-Identifier: BSD-3-Clause
/*
 * Locks, as IOKit/IOLocks.h includes them.
 */
#ifndef KPI_LIBKERN_LOCKS_H
#define KPI_LIBKERN_LOCKS_H

#include <kern/locks.h>

#endif
