// SPDX-License-Identifier: BSD-3-Clause
/*
 * Shared by the edge's own files.
 */
#ifndef HOST_EDGE_INTERNAL_H
#define HOST_EDGE_INTERNAL_H
#include "edge.h"
#include <linux/virtio_net.h>
#include <stddef.h>

/* File descriptors that belong to COMMAND's network namespace; -1 with errno. */
int warden_open_tun(void);
int warden_pid(void);     /* a process in the namespace */
int warden_netlink(void); /* the rtnetlink socket, opened with the namespace; owned by the edge */

/* Link state by rtnetlink, in COMMAND's namespace. 0, or a negative errno. */
int link_index(const char *name);
int link_set_mtu(int index, int mtu);
int link_set_mac(int index, const unsigned char mac[6]);
int link_forwarding(int v6); /* does the namespace send on what it receives? As of the last fifth of a second; never waits */
int link_gro(const char *name); /* is receive coalescing on (ethtool -k)? */
int link_addresses(const char *name, unsigned char (*address)[4], int most); /* of IPv4; how many. Never waits for the listener */

struct link_state {
    int index, up, mtu, promisc, allmulti;
    unsigned char mac[6];
};
struct link_groups {
    int count;
    unsigned char group[EDGE_GROUPS][6];
};
/* The listener thread calls changed for every change of a watched interface, and groups now and then. */
void link_watch(int index, void (*changed)(void *ctx, const struct link_state *),
                void (*groups)(void *ctx, const struct link_groups *), void *ctx);
void link_unwatch(int index); /* returns when no call for it is running */

/* Completes in software what the driver did not announce; h is brought up to date. */
void offload_complete(unsigned announced, struct virtio_net_hdr *h, const struct edge_vec *vec, int nvec,
                      unsigned length);
/* A frame for Linux whose transport checksum the driver vouches for. */
void offload_vouch(struct virtio_net_hdr *h, const struct edge_vec *vec);
/* A frame that stands for `frames` of the driver's. */
int edge_tap_write_run(struct edge_tap *tap, const struct edge_meta *meta, const struct edge_vec *vec, int nvec,
                       unsigned frames);
int edge_tap_coalesces(struct edge_tap *tap); /* does Linux want received segments as one frame? */
/* The tun driver's TUN_F_ bits for a set of announced offloads. */
unsigned offload_tun_bits(unsigned announced);
#endif
