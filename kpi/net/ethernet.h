// SPDX-License-Identifier: BSD-3-Clause
/*
 * Ethernet frames. Answers to Apple's net/ethernet.h.
 */
#ifndef KPI_NET_ETHERNET_H
#define KPI_NET_ETHERNET_H

#include <sys/appleapiopts.h>
#include <sys/types.h>

#define ETHER_ALIGN    2 /* from 10.7 */
#define ETHER_TYPE_LEN 2
#define ETHER_CRC_LEN  4
#define ETHER_ADDR_LEN 6
#define ETHER_HDR_LEN  14
#define ETHER_MIN_LEN  64
#define ETHER_MAX_LEN  1518

typedef struct ether_header {
    u_char ether_dhost[ETHER_ADDR_LEN];
    u_char ether_shost[ETHER_ADDR_LEN];
    u_short ether_type; /* network order */
} ether_header_t;

typedef struct ether_addr {
    u_char octet[ETHER_ADDR_LEN];
} ether_addr_t;
#define ether_addr_octet octet

#define ETHER_IS_VALID_LEN(len) ((len) >= ETHER_MIN_LEN && (len) <= ETHER_MAX_LEN)

#define ETHERTYPE_PUP         0x200
#define ETHERTYPE_IP          0x800
#define ETHERTYPE_ARP         0x806
#define ETHERTYPE_TRAIL       0x1000
#define ETHERTYPE_REVARP      0x8035
#define ETHERTYPE_VLAN        0x8100
#define ETHERTYPE_IPV6        0x86dd
#define ETHERTYPE_PAE         0x888e
#define ETHERTYPE_RSN_PREAUTH 0x88c7
#define ETHERTYPE_LOOPBACK    0x9000
#define ETHERMTU (ETHER_MAX_LEN - ETHER_HDR_LEN - ETHER_CRC_LEN)
#define ETHERMIN (ETHER_MIN_LEN - ETHER_HDR_LEN - ETHER_CRC_LEN)

#endif
