// SPDX-License-Identifier: BSD-3-Clause
/*
 * ARP and multicast over Ethernet. Answers to Apple's netinet/if_ether.h.
 */
#ifndef KPI_NETINET_IF_ETHER_H
#define KPI_NETINET_IF_ETHER_H

#include <sys/appleapiopts.h>
#include <net/ethernet.h>
#include <netinet/in.h>
#include <net/if_arp.h>

#define ea_byte ether_addr_octet

struct ether_arp {
    struct arphdr ea_hdr;
    u_char arp_sha[ETHER_ADDR_LEN];
    u_char arp_spa[4];
    u_char arp_tha[ETHER_ADDR_LEN];
    u_char arp_tpa[4];
};
#define arp_hrd ea_hdr.ar_hrd
#define arp_pro ea_hdr.ar_pro
#define arp_hln ea_hdr.ar_hln
#define arp_pln ea_hdr.ar_pln
#define arp_op  ea_hdr.ar_op

#endif
