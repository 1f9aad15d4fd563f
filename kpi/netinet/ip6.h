// SPDX-License-Identifier: BSD-3-Clause
/*
 * The IPv6 header and its extensions. Answers to Apple's netinet/ip6.h.
 */
#ifndef KPI_NETINET_IP6_H
#define KPI_NETINET_IP6_H

#include <sys/appleapiopts.h>
#include <sys/types.h>
#include <netinet/in.h>

struct ip6_hdr {
    union {
        struct ip6_hdrctl {
            u_int32_t ip6_un1_flow;
            u_int16_t ip6_un1_plen;
            u_int8_t ip6_un1_nxt;
            u_int8_t ip6_un1_hlim;
        } ip6_un1;
        u_int8_t ip6_un2_vfc;
    } ip6_ctlun;
    struct in6_addr ip6_src;
    struct in6_addr ip6_dst;
} __attribute__((__packed__));
#define ip6_vfc  ip6_ctlun.ip6_un2_vfc
#define ip6_flow ip6_ctlun.ip6_un1.ip6_un1_flow
#define ip6_plen ip6_ctlun.ip6_un1.ip6_un1_plen
#define ip6_nxt  ip6_ctlun.ip6_un1.ip6_un1_nxt
#define ip6_hlim ip6_ctlun.ip6_un1.ip6_un1_hlim
#define ip6_hops ip6_ctlun.ip6_un1.ip6_un1_hlim

#define IPV6_DEFHLIM        0x40
#define IPV6_VERSION        0x60
#define IPV6_VERSION_MASK   0xf0
#define IPV6_MAXHLIM        0xff
#define IPV6_MMTU           0x500
#define IPV6_MAXPACKET      0xffff
#define IPV6_FLOWLABEL_MASK 0xffff0f00
#define IPV6_FLOWINFO_MASK  0xffffff0f

struct ip6_ext {
    u_int8_t ip6e_nxt;
    u_int8_t ip6e_len;
} __attribute__((__packed__));

struct ip6_frag {
    u_int8_t ip6f_nxt;
    u_int8_t ip6f_reserved;
    u_int16_t ip6f_offlg;
    u_int32_t ip6f_ident;
} __attribute__((__packed__));
#define IP6F_MORE_FRAG     0x100
#define IP6F_RESERVED_MASK 0x600
#define IP6F_OFF_MASK      0xf8ff

#endif
