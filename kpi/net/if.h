// SPDX-License-Identifier: BSD-3-Clause
/*
 * Interface flags, requests and link events. Answers to Apple's net/if.h.
 */
#ifndef KPI_NET_IF_H
#define KPI_NET_IF_H

#include <sys/cdefs.h>
#include <sys/appleapiopts.h>
#include <sys/types.h>
#include <sys/socket.h>
#include <net/if_var.h>

#define IF_NAMESIZE 16

/* Events of KEV_NETWORK_CLASS, KEV_DL_SUBCLASS. */
#define KEV_DL_SIFFLAGS                    1
#define KEV_DL_SIFMETRICS                  2
#define KEV_DL_SUBCLASS                    2
#define KEV_DL_SIFMTU                      3
#define KEV_DL_SIFPHYS                     4
#define KEV_DL_SIFMEDIA                    5
#define KEV_DL_SIFGENERIC                  6
#define KEV_DL_ADDMULTI                    7
#define KEV_DL_DELMULTI                    8
#define KEV_DL_IF_ATTACHED                 9
#define KEV_DL_IF_DETACHING                10
#define KEV_DL_IF_DETACHED                 11
#define KEV_DL_LINK_OFF                    12
#define KEV_DL_LINK_ON                     13
#define KEV_DL_PROTO_ATTACHED              14
#define KEV_DL_PROTO_DETACHED              15
#define KEV_DL_LINK_ADDRESS_CHANGED        16
#define KEV_DL_WAKEFLAGS_CHANGED           17
#define KEV_DL_IF_IDLE_ROUTE_REFCNT        18
#define KEV_DL_IFCAP_CHANGED               19 /* from 10.7 */
#define KEV_DL_LINK_QUALITY_METRIC_CHANGED 20 /* from 10.8 */
#define KEV_DL_NODE_PRESENCE               21 /* from 10.8 */
#define KEV_DL_NODE_ABSENCE                22 /* from 10.8 */
#define KEV_DL_MASTER_ELECTED              23 /* from 10.8 */
#define KEV_DL_ISSUES                      24 /* from 10.9 */
#define KEV_DL_IFDELEGATE_CHANGED          25 /* from 10.9 */

#define IFF_UP          0x1
#define IFF_BROADCAST   0x2
#define IFF_DEBUG       0x4
#define IFF_LOOPBACK    0x8
#define IFF_POINTOPOINT 0x10
#define IFF_NOTRAILERS  0x20
#define IFF_RUNNING     0x40
#define IFF_NOARP       0x80
#define IFF_PROMISC     0x100
#define IFF_ALLMULTI    0x200
#define IFF_OACTIVE     0x400
#define IFF_SIMPLEX     0x800
#define IFF_LINK0       0x1000
#define IFF_LINK1       0x2000
#define IFF_ALTPHYS     0x4000
#define IFF_LINK2       0x4000
#define IFF_MULTICAST   0x8000

#define IFCAP_RXCSUM         0x1 /* from 10.7 */
#define IFCAP_TXCSUM         0x2 /* from 10.7 */
#define IFCAP_HWCSUM         0x3 /* from 10.7 */
#define IFCAP_VLAN_MTU       0x4 /* from 10.7 */
#define IFCAP_VLAN_HWTAGGING 0x8 /* from 10.7 */
#define IFCAP_JUMBO_MTU      0x10 /* from 10.7 */
#define IFCAP_TSO4           0x20 /* from 10.7 */
#define IFCAP_TSO6           0x40 /* from 10.7 */
#define IFCAP_TSO            0x60 /* from 10.7 */
#define IFCAP_LRO            0x80 /* from 10.7 */
#define IFCAP_AV             0x100 /* from 10.7 */
#define IFCAP_TXSTATUS       0x200 /* from 10.9 */
#define IF_WAKE_ON_MAGIC_PACKET 0x1

struct ifdevmtu {
    int ifdm_current;
    int ifdm_min;
    int ifdm_max;
};

#pragma pack(push, 4)
struct ifkpi {
    unsigned int ifk_module_id;
    unsigned int ifk_type;
    union {
        void *ifk_ptr;
        int ifk_value;
        u_int64_t ifk_ptr64; /* from 10.13 */
    } ifk_data;
};
struct ifdrv {
    char ifd_name[IFNAMSIZ];
    unsigned long ifd_cmd;
    size_t ifd_len;
    void *ifd_data;
};
#pragma pack(pop)

struct ifreq {
    char ifr_name[IFNAMSIZ];
    union {
        struct sockaddr ifru_addr;
        struct sockaddr ifru_dstaddr;
        struct sockaddr ifru_broadaddr;
        short ifru_flags;
        int ifru_metric;
        int ifru_mtu;
        int ifru_phys;
        int ifru_media;
        int ifru_intval;
        caddr_t ifru_data;
        struct ifdevmtu ifru_devmtu;
        struct ifkpi ifru_kpi;
        u_int32_t ifru_wake_flags;
        u_int32_t ifru_route_refcnt; /* from 10.7 */
        int ifru_cap[2];             /* from 10.7 */
    } ifr_ifru;
#define ifr_addr         ifr_ifru.ifru_addr
#define ifr_dstaddr      ifr_ifru.ifru_dstaddr
#define ifr_broadaddr    ifr_ifru.ifru_broadaddr
#define ifr_flags        ifr_ifru.ifru_flags
#define ifr_metric       ifr_ifru.ifru_metric
#define ifr_mtu          ifr_ifru.ifru_mtu
#define ifr_phys         ifr_ifru.ifru_phys
#define ifr_media        ifr_ifru.ifru_media
#define ifr_data         ifr_ifru.ifru_data
#define ifr_devmtu       ifr_ifru.ifru_devmtu
#define ifr_intval       ifr_ifru.ifru_intval
#define ifr_kpi          ifr_ifru.ifru_kpi
#define ifr_wake_flags   ifr_ifru.ifru_wake_flags
#define ifr_route_refcnt ifr_ifru.ifru_route_refcnt
#define ifr_reqcap       ifr_ifru.ifru_cap[0]
#define ifr_curcap       ifr_ifru.ifru_cap[1]
};

struct ifaliasreq {
    char ifra_name[IFNAMSIZ];
    struct sockaddr ifra_addr;
    struct sockaddr ifra_broadaddr;
    struct sockaddr ifra_mask;
};

struct kev_dl_proto_data {
    struct net_event_data link_data;
    u_int32_t proto_family;
    u_int32_t proto_remaining_count;
};

#include <net/kpi_interface.h>

#endif
