// SPDX-License-Identifier: BSD-3-Clause
/*
 * Internet addresses and protocols. Answers to Apple's netinet/in.h.
 */
#ifndef KPI_NETINET_IN_H
#define KPI_NETINET_IN_H

#include <sys/appleapiopts.h>
#include <sys/types.h>
#include <sys/socket.h>
#include <machine/endian.h>

#define IPPROTO_HOPOPTS  0
#define IPPROTO_IP       0
#define IPPROTO_ICMP     1
#define IPPROTO_IGMP     2
#define IPPROTO_IPV4     4
#define IPPROTO_TCP      6
#define IPPROTO_UDP      17
#define IPPROTO_IPV6     41
#define IPPROTO_ROUTING  43
#define IPPROTO_FRAGMENT 44
#define IPPROTO_GRE      47
#define IPPROTO_ESP      50
#define IPPROTO_AH       51
#define IPPROTO_ICMPV6   58
#define IPPROTO_NONE     59
#define IPPROTO_DSTOPTS  60
#define IPPROTO_SCTP     132 /* from 10.7 */
#define IPPROTO_RAW      255
#define IPPROTO_MAX      256

struct in_addr {
    in_addr_t s_addr; /* network order */
};

/* Host order. */
#define INADDR_ANY       (u_int32_t)0x00000000
#define INADDR_BROADCAST (u_int32_t)0xffffffff
#define INADDR_LOOPBACK  (u_int32_t)0x7f000001
#define INADDR_NONE      0xffffffff
#define IN_MULTICAST(i)  (((u_int32_t)(i)&0xf0000000) == 0xe0000000)
#define INET_ADDRSTRLEN  16

struct sockaddr_in {
    __uint8_t sin_len;
    sa_family_t sin_family;
    in_port_t sin_port;
    struct in_addr sin_addr;
    char sin_zero[8];
};

#define __KAME_NETINET_IN_H_INCLUDED_
#include <netinet6/in6.h>
#undef __KAME_NETINET_IN_H_INCLUDED_

#endif
