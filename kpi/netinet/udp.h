// SPDX-License-Identifier: BSD-3-Clause
/*
 * The UDP header. Answers to Apple's netinet/udp.h.
 */
#ifndef KPI_NETINET_UDP_H
#define KPI_NETINET_UDP_H

#include <sys/appleapiopts.h>
#include <sys/types.h>

struct udphdr {
    u_short uh_sport;
    u_short uh_dport;
    u_short uh_ulen;
    u_short uh_sum;
};

#endif
