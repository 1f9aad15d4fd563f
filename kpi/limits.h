// SPDX-License-Identifier: BSD-3-Clause
/*
 * Limits of the basic types.
 */
#ifndef KPI_LIMITS_H
#define KPI_LIMITS_H

#include <machine/limits.h>

#endif
