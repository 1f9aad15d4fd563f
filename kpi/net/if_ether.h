// SPDX-License-Identifier: BSD-3-Clause
/*
 * Old place of netinet/if_ether.h.
 */
#ifndef KPI_NET_IF_ETHER_H
#define KPI_NET_IF_ETHER_H

#include <netinet/if_ether.h>

#endif
