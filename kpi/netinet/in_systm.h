// SPDX-License-Identifier: BSD-3-Clause
/*
 * Network order integers. Answers to Apple's netinet/in_systm.h.
 */
#ifndef KPI_NETINET_IN_SYSTM_H
#define KPI_NETINET_IN_SYSTM_H

#include <sys/types.h>

typedef __uint16_t n_short;
typedef __uint32_t n_long;
typedef __uint32_t n_time;

#endif
