// SPDX-License-Identifier: BSD-3-Clause
/*
 * IPv6 addresses; included by netinet/in.h. Answers to Apple's netinet6/in6.h.
 */
#ifndef KPI_NETINET6_IN6_H
#define KPI_NETINET6_IN6_H

#include <sys/types.h>
#include <sys/socket.h>

#define INET6_ADDRSTRLEN 46

typedef struct in6_addr {
    union {
        __uint8_t __u6_addr8[16];
        __uint16_t __u6_addr16[8];
        __uint32_t __u6_addr32[4];
    } __u6_addr;
} in6_addr_t;
#define s6_addr   __u6_addr.__u6_addr8
#define s6_addr8  __u6_addr.__u6_addr8
#define s6_addr16 __u6_addr.__u6_addr16
#define s6_addr32 __u6_addr.__u6_addr32
#define IN6_IS_ADDR_MULTICAST(a) ((a)->s6_addr[0] == 0xff)

struct sockaddr_in6 {
    __uint8_t sin6_len;
    sa_family_t sin6_family;
    in_port_t sin6_port;
    __uint32_t sin6_flowinfo;
    struct in6_addr sin6_addr;
    __uint32_t sin6_scope_id;
};

#endif
