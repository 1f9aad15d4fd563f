// SPDX-License-Identifier: BSD-3-Clause
/*
 * Socket addresses, families and options. Answers to Apple's sys/socket.h.
 */
#ifndef KPI_SYS_SOCKET_H
#define KPI_SYS_SOCKET_H

#include <sys/types.h>
#include <sys/cdefs.h>
#include <machine/_types.h>

typedef __uint8_t          sa_family_t;
typedef __darwin_socklen_t socklen_t;

struct iovec {
    void *iov_base;
    size_t iov_len;
};

#define SOCK_STREAM    1
#define SOCK_DGRAM     2
#define SOCK_RAW       3
#define SOCK_RDM       4
#define SOCK_SEQPACKET 5

/* Address families; the protocol families are the same. */
#define AF_UNSPEC    0
#define AF_LOCAL     1
#define AF_UNIX      1
#define AF_INET      2
#define AF_IMPLINK   3
#define AF_NS        6
#define AF_ISO       7
#define AF_APPLETALK 16
#define AF_ROUTE     17
#define AF_LINK      18
#define AF_IPX       23
#define AF_NDRV      27
#define AF_ISDN      28
#define AF_INET6     30
#define AF_NATM      31
#define AF_SYSTEM    32
#define AF_NETBIOS   33
#define AF_PPP       34
#define AF_IEEE80211 37
#define pseudo_AF_HDRCMPLT 35
#define PF_UNSPEC    0
#define PF_LOCAL     1
#define PF_UNIX      1
#define PF_INET      2
#define PF_APPLETALK 16
#define PF_ROUTE     17
#define PF_LINK      18
#define PF_NDRV      27
#define PF_INET6     30
#define PF_SYSTEM    32
#define PF_BOND      1651469924
#define PF_VLAN      1986814318

#define SOMAXCONN       128
#define SOCK_MAXADDRLEN 255
#define SOL_SOCKET      65535
#define SO_DEBUG     0x1
#define SO_REUSEADDR 0x4
#define SO_KEEPALIVE 0x8
#define SO_BROADCAST 0x20
#define SO_LINGER    0x80
#define SO_OOBINLINE 0x100
#define SO_REUSEPORT 0x200
#define SO_SNDBUF    0x1001
#define SO_RCVBUF    0x1002
#define SO_SNDTIMEO  0x1005
#define SO_RCVTIMEO  0x1006
#define SO_ERROR     0x1007
#define SO_TYPE      0x1008
#define MSG_OOB       0x1
#define MSG_PEEK      0x2
#define MSG_DONTROUTE 0x4
#define MSG_EOR       0x8
#define MSG_TRUNC     0x10
#define MSG_CTRUNC    0x20
#define MSG_WAITALL   0x40
#define MSG_DONTWAIT  0x80

struct sockaddr {
    __uint8_t sa_len; /* of the whole address, which may be longer than this structure */
    sa_family_t sa_family;
    char sa_data[14];
};

#define _SS_MAXSIZE   128
#define _SS_ALIGNSIZE (sizeof(__int64_t))
#define _SS_PAD1SIZE  (_SS_ALIGNSIZE - sizeof(__uint8_t) - sizeof(sa_family_t))
#define _SS_PAD2SIZE  (_SS_MAXSIZE - sizeof(__uint8_t) - sizeof(sa_family_t) - _SS_PAD1SIZE - _SS_ALIGNSIZE)
struct sockaddr_storage {
    __uint8_t ss_len;
    sa_family_t ss_family;
    char __ss_pad1[_SS_PAD1SIZE];
    __int64_t __ss_align;
    char __ss_pad2[_SS_PAD2SIZE];
};

struct msghdr {
    void *msg_name;
    socklen_t msg_namelen;
    struct iovec *msg_iov;
    int msg_iovlen;
    void *msg_control;
    socklen_t msg_controllen;
    int msg_flags;
};

#endif
