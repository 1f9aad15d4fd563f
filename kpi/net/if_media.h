// SPDX-License-Identifier: BSD-3-Clause
/*
 * Media words: type, subtype, options and instance in one int. Answers to Apple's net/if_media.h.
 */
#ifndef KPI_NET_IF_MEDIA_H
#define KPI_NET_IF_MEDIA_H

#include <sys/appleapiopts.h>

/* Fields. */
#define IFM_INST_MAX 0xf
#define IFM_ISHIFT   0x1c
#define IFM_TMASK    0x1f /* differs: 31@i10.5,i10.6,i10.7,x10.6,x10.7,x10.8,x10.9,x10.13 983071@x10.15,x11 */
#define IFM_NMASK    0xe0
#define IFM_OMASK    0xff00
#define IFM_GMASK    0xff00000
#define IFM_IMASK    0xf0000000
/* Types. */
#define IFM_ETHER     0x20
#define IFM_TOKEN     0x40
#define IFM_FDDI      0x60
#define IFM_IEEE80211 0x80
/* Subtypes of any type. */
#define IFM_AUTO   0
#define IFM_MANUAL 1
#define IFM_NONE   2
/* Subtypes of Ethernet. */
#define IFM_10_T    3
#define IFM_10_2    4
#define IFM_10_5    5
#define IFM_100_TX  6
#define IFM_100_FX  7
#define IFM_100_T4  8
#define IFM_100_VG  9
#define IFM_100_T2  10
#define IFM_1000_SX 11
#define IFM_10_STP  12
#define IFM_10_FL   13
#define IFM_1000_LX 14
#define IFM_1000_CX 15
#define IFM_1000_T  16
#define IFM_HPNA_1  17
#define IFM_10G_SR  18
#define IFM_10G_LR  19
#define IFM_10G_CX4 20
#define IFM_10G_T   21
/* Options. */
#define IFM_FDX   0x100000
#define IFM_HDX   0x200000
#define IFM_FLOW  0x400000
#define IFM_EEE   0x800000
#define IFM_FLAG0 0x1000000
#define IFM_FLAG1 0x2000000
#define IFM_FLAG2 0x4000000
#define IFM_LOOP  0x8000000
/* Status. */
#define IFM_AVALID 1
#define IFM_ACTIVE 2

#define IFM_TYPE(x)         ((x) & IFM_NMASK)
#define IFM_SUBTYPE(x)      ((x) & IFM_TMASK)
#define IFM_TYPE_OPTIONS(x) ((x) & IFM_OMASK)
#define IFM_INST(x)         (((x) & IFM_IMASK) >> IFM_ISHIFT)
#define IFM_OPTIONS(x)      ((x) & (IFM_OMASK | IFM_GMASK))
#define IFM_MAKEWORD(type, subtype, options, instance)                                                                 \
    ((type) | (subtype) | (options) | ((instance) << IFM_ISHIFT))

#endif
