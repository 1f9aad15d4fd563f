// SPDX-License-Identifier: BSD-3-Clause
/*
 * The IPv4 header. Answers to Apple's netinet/ip.h.
 */
#ifndef KPI_NETINET_IP_H
#define KPI_NETINET_IP_H

#include <sys/appleapiopts.h>
#include <sys/types.h>
#include <netinet/in.h>
#include <netinet/in_systm.h>

#define IPVERSION 4

struct ip {
    u_int ip_hl : 4, /* in words of 4 bytes */
        ip_v : 4;
    u_char ip_tos;
    u_short ip_len;
    u_short ip_id;
    u_short ip_off;
#define IP_OFFMASK 0x1fff
#define IP_MF      0x2000
#define IP_DF      0x4000
#define IP_RF      0x8000
    u_char ip_ttl;
    u_char ip_p;
    u_short ip_sum;
    struct in_addr ip_src, ip_dst;
};

#define IP_MAXPACKET 65535
#define IPTOS_ECN_NOTECT  0x0
#define IPTOS_CE          0x1
#define IPTOS_ECN_ECT1    0x1
#define IPTOS_ECN_ECT0    0x2
#define IPTOS_ECT         0x2
#define IPTOS_MINCOST     0x2
#define IPTOS_ECN_CE      0x3
#define IPTOS_ECN_MASK    0x3
#define IPTOS_RELIABILITY 0x4
#define IPTOS_THROUGHPUT  0x8
#define IPTOS_LOWDELAY    0x10
#define MAXTTL   255
#define IPDEFTTL 64

#endif
