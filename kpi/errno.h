// SPDX-License-Identifier: BSD-3-Clause
/*
 * Error numbers.
 */
#ifndef KPI_ERRNO_H
#define KPI_ERRNO_H

#include <sys/errno.h>

#endif
