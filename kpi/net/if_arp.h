// SPDX-License-Identifier: BSD-3-Clause
/*
 * ARP. Answers to Apple's net/if_arp.h.
 */
#ifndef KPI_NET_IF_ARP_H
#define KPI_NET_IF_ARP_H

#include <stdint.h>
#include <sys/appleapiopts.h>
#include <netinet/in.h>

#define ARPHRD_ETHER          1
#define ARPHRD_IEEE802        6
#define ARPHRD_FRELAY         15
#define ARPHRD_IEEE1394       24
#define ARPHRD_IEEE1394_EUI64 27
#define ARPOP_REQUEST    1
#define ARPOP_REPLY      2
#define ARPOP_REVREQUEST 3
#define ARPOP_REVREPLY   4
#define ARPOP_INVREQUEST 8
#define ARPOP_INVREPLY   9

/* Network order. */
struct arphdr {
    u_short ar_hrd;
    u_short ar_pro;
    u_char ar_hln;
    u_char ar_pln;
    u_short ar_op;
};

#endif
