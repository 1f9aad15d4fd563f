// SPDX-License-Identifier: BSD-3-Clause
/*
 * Types of mbufs by their old names. Answers to the public part of Apple's sys/mbuf.h.
 */
#ifndef KPI_SYS_MBUF_H
#define KPI_SYS_MBUF_H

#include <sys/cdefs.h>
#include <sys/kpi_mbuf.h>
#include <machine/param.h>



#endif
