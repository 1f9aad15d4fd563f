// SPDX-License-Identifier: BSD-3-Clause
/*
 * Interface types (IANA's ifType). Answers to Apple's net/if_types.h.
 */
#ifndef KPI_NET_IF_TYPES_H
#define KPI_NET_IF_TYPES_H

#define IFT_OTHER         1
#define IFT_1822          2
#define IFT_HDH1822       3
#define IFT_X25DDN        4
#define IFT_X25           5
#define IFT_ETHER         6
#define IFT_ISO88023      7
#define IFT_ISO88024      8
#define IFT_ISO88025      9
#define IFT_ISO88026      10
#define IFT_STARLAN       11
#define IFT_P10           12
#define IFT_P80           13
#define IFT_HY            14
#define IFT_FDDI          15
#define IFT_LAPB          16
#define IFT_SDLC          17
#define IFT_T1            18
#define IFT_CEPT          19
#define IFT_ISDNBASIC     20
#define IFT_ISDNPRIMARY   21
#define IFT_PTPSERIAL     22
#define IFT_PPP           23
#define IFT_LOOP          24
#define IFT_EON           25
#define IFT_XETHER        26
#define IFT_NSIP          27
#define IFT_SLIP          28
#define IFT_ULTRA         29
#define IFT_DS3           30
#define IFT_SIP           31
#define IFT_FRELAY        32
#define IFT_RS232         33
#define IFT_PARA          34
#define IFT_ARCNET        35
#define IFT_ARCNETPLUS    36
#define IFT_ATM           37
#define IFT_MIOX25        38
#define IFT_SONET         39
#define IFT_X25PLE        40
#define IFT_ISO88022LLC   41
#define IFT_LOCALTALK     42
#define IFT_SMDSDXI       43
#define IFT_FRELAYDCE     44
#define IFT_V35           45
#define IFT_HSSI          46
#define IFT_HIPPI         47
#define IFT_MODEM         48
#define IFT_AAL5          49
#define IFT_SONETPATH     50
#define IFT_SONETVT       51
#define IFT_SMDSICIP      52
#define IFT_PROPVIRTUAL   53
#define IFT_PROPMUX       54
#define IFT_GIF           55
#define IFT_FAITH         56
#define IFT_STF           57
#define IFT_L2VLAN        135
#define IFT_IEEE8023ADLAG 136
#define IFT_IEEE1394      144
#define IFT_BRIDGE        209
#define IFT_ENC           244
#define IFT_PFLOG         245
#define IFT_PFSYNC        246
#define IFT_CARP          248
#define IFT_PKTAP         254 /* from 10.9 */
#define IFT_CELLULAR      255 /* from 10.7 */
#define IFT_PDP           255

#endif
