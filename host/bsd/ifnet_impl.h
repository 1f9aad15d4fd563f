// SPDX-License-Identifier: BSD-3-Clause
/*
 * A network interface as host/bsd knows it; kexts see only the functions of net/kpi_interface.h.
 */
#ifndef HOST_BSD_IFNET_IMPL_H
#define HOST_BSD_IFNET_IMPL_H
#include <sys/kernel_types.h>
#include <sys/param.h>
#include <sys/sockio.h>
#include <sys/time.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <net/if_dl.h>
#include <net/if_types.h>
#include <net/kpi_interface.h>
#include <netinet/in.h>
#include <libkern/libkern.h>
#include <kern/debug.h>
#include "linux/linux.h"
#include "edge/edge.h"
#include "bsd/private.h"

enum { LLADDR_MAX = 32, UNIQUE_MAX = 32, BROADCAST_MAX = 8 };

/* A link-level multicast group that an interface listens to. */
struct __ifmultiaddr {
    struct __ifmultiaddr *next;
    volatile int refs;
    int uses; /* joins without a leave; under the interface's lock */
    ifnet_t ifp;
    struct sockaddr_dl addr;
};

/* An address of an interface: the link-level one, or one of IPv4 that Linux has on its tap. */
struct __ifaddr {
    volatile int refs;
    ifnet_t ifp;
    union {
        struct sockaddr any;
        struct sockaddr_dl link;
        struct sockaddr_in inet;
    } addr;
};

enum ifnet_state { IFNET_NEW, IFNET_ATTACHED, IFNET_DETACHING };
enum { IO_DETACHING = 1 << 30 }; /* in __ifnet.io: no new use may begin */

struct __ifnet {
    struct __ifnet *next; /* list of the attached ones */
    volatile int refs;
    enum ifnet_state state;
    volatile int io; /* threads inside; IO_DETACHING */
    struct lx_mutex lock;

    struct ifnet_init_params init; /* pointers to names and addresses refer to the copies below */
    char name[IFNAMSIZ], full_name[IFNAMSIZ + 8];
    unsigned char uniqueid[UNIQUE_MAX], broadcast[BROADCAST_MAX];
    u_int32_t index;

    u_int16_t flags;
    u_int32_t eflags, mtu, metric, wake_flags;
    u_int8_t addrlen, hdrlen;
    u_int64_t baudrate;
    ifnet_offload_t offload;
    u_int32_t caps, caps_enabled, tso4_mtu, tso6_mtu;
    int promiscuous; /* how many want it */
    unsigned char lladdr[LLADDR_MAX];
    void *mib;
    u_int32_t mib_len;
    struct ifnet_stats_param stats;
    struct timeval lastchange;
    struct __ifmultiaddr *groups;
    struct __ifmultiaddr *mirrored[EDGE_GROUPS]; /* those joined because Linux did */

    struct edge_tap *tap;
    volatile int opening;      /* edge_tap_open() has not returned yet */
    int joined;                /* the groups of a host's IP stack, joined when it first came up */
    mbuf_t room[EDGE_MAX_VEC]; /* where the tap's next frame goes */
    int rooms;
};

/* A use of an attached interface: 0 when it is attached, and then to be ended. */
int ifnet_enter(ifnet_t ifp);
void ifnet_leave(ifnet_t ifp);

void ifnet_post(ifnet_t ifp, u_int32_t code); /* a KEV_DL event of the kernel's own */
void ifnet_free_groups(ifnet_t ifp);
void ifnet_join_host_groups(ifnet_t ifp);
/* What Linux's IP listens to on the tap, of which Darwin's would tell the driver too. */
void ifnet_mirror_groups(ifnet_t ifp, const unsigned char (*group)[ETHER_ADDR_LEN], int count);

/* ifnet_edge.c: the interface's tap. 0 or an errno. */
errno_t ifnet_edge_open(ifnet_t ifp);
void ifnet_edge_close(ifnet_t ifp);
void ifnet_edge_input(ifnet_t ifp, mbuf_t list);
#endif
