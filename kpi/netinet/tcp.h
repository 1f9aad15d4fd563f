// SPDX-License-Identifier: BSD-3-Clause
/*
 * The TCP header and its options. Answers to Apple's netinet/tcp.h.
 */
#ifndef KPI_NETINET_TCP_H
#define KPI_NETINET_TCP_H

#include <sys/types.h>
#include <sys/appleapiopts.h>
#include <machine/endian.h>

typedef __uint32_t tcp_seq;

struct tcphdr {
    unsigned short th_sport;
    unsigned short th_dport;
    tcp_seq th_seq;
    tcp_seq th_ack;
    unsigned int th_x2 : 4,
        th_off : 4; /* in words of 4 bytes */
    unsigned char th_flags;
#define TH_FIN  0x1
#define TH_SYN  0x2
#define TH_RST  0x4
#define TH_PUSH 0x8
#define TH_ACK  0x10
#define TH_URG  0x20
#define TH_ECE  0x40
#define TH_CWR  0x80
    unsigned short th_win;
    unsigned short th_sum;
    unsigned short th_urp;
};
#define TH_FLAGS (TH_FIN | TH_SYN | TH_RST | TH_ACK | TH_URG | TH_ECE | TH_CWR)

#define TCPOPT_EOL             0
#define TCPOPT_NOP             1
#define TCPOLEN_SACK_PERMITTED 2
#define TCPOPT_MAXSEG          2
#define TCPOLEN_WINDOW         3
#define TCPOPT_WINDOW          3
#define TCPOLEN_MAXSEG         4
#define TCPOPT_SACK_PERMITTED  4
#define TCPOPT_SACK            5
#define TCPOLEN_SACK           8
#define TCPOPT_TIMESTAMP       8
#define TCPOLEN_TIMESTAMP      10
#define TCP_MAXWIN  65535
#define TCP_MAXHLEN (0xf << 2)

#endif
