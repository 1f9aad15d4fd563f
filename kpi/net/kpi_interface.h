// SPDX-License-Identifier: BSD-3-Clause
/*
 * Network interfaces. Answers to Apple's net/kpi_interface.h.
 */
#ifndef KPI_NET_KPI_INTERFACE_H
#define KPI_NET_KPI_INTERFACE_H

#include <sys/kernel_types.h>
#include <sys/errno.h>
#include <sys/socket.h>

struct timeval;
struct sockaddr_dl;
struct kern_event_msg;
struct kev_msg;
struct ifnet_demux_desc;

enum {
    IFNET_FAMILY_ANY      = 0,
    IFNET_FAMILY_LOOPBACK = 1,
    IFNET_FAMILY_ETHERNET = 2,
    IFNET_FAMILY_SLIP     = 3,
    IFNET_FAMILY_TUN      = 4,
    IFNET_FAMILY_VLAN     = 5,
    IFNET_FAMILY_PPP      = 6,
    IFNET_FAMILY_PVC      = 7,
    IFNET_FAMILY_DISC     = 8,
    IFNET_FAMILY_MDECAP   = 9,
    IFNET_FAMILY_GIF      = 10,
    IFNET_FAMILY_FAITH    = 11,
    IFNET_FAMILY_STF      = 12,
    IFNET_FAMILY_FIREWIRE = 13,
    IFNET_FAMILY_BOND     = 14,
    IFNET_FAMILY_CELLULAR = 15, /* from 10.7 */
};
typedef u_int32_t ifnet_family_t;

#ifndef BPF_TAP_MODE_T
#define BPF_TAP_MODE_T
enum {
    BPF_MODE_DISABLED     = 0,
    BPF_MODE_INPUT        = 1,
    BPF_MODE_OUTPUT       = 2,
    BPF_MODE_INPUT_OUTPUT = 3,
};
typedef u_int32_t bpf_tap_mode;
#endif

typedef u_int32_t protocol_family_t; /* PF_INET ... */

/* What the hardware does: ifnet_set_offload. */
enum {
    IFNET_CSUM_IP       = 0x1,
    IFNET_CSUM_TCP      = 0x2,
    IFNET_CSUM_UDP      = 0x4,
    IFNET_CSUM_FRAGMENT = 0x8,
    IFNET_IP_FRAGMENT   = 0x10,
    IFNET_CSUM_TCPIPV6  = 0x20, /* from 10.7 */
    IFNET_CSUM_UDPIPV6  = 0x40, /* from 10.7 */
    IFNET_IPV6_FRAGMENT = 0x80, /* from 10.7 */
    IFNET_VLAN_TAGGING  = 0x10000,
    IFNET_VLAN_MTU      = 0x20000,
    IFNET_MULTIPAGES    = 0x100000,
    IFNET_TSO_IPV4      = 0x200000,
    IFNET_TSO_IPV6      = 0x400000,
    IFNET_TX_STATUS     = 0x800000, /* from 10.9 */
};
typedef u_int32_t ifnet_offload_t;

/* Called by the kernel. A function that gets a packet owns it, unless it returns an error other than EJUSTRETURN and
 * its comment says otherwise. */
typedef errno_t (*bpf_packet_func)(ifnet_t interface, mbuf_t data); /* the packet stays the caller's */
typedef errno_t (*ifnet_output_func)(ifnet_t interface, mbuf_t data);
typedef errno_t (*ifnet_ioctl_func)(ifnet_t interface, unsigned long cmd, void *data);
typedef errno_t (*ifnet_set_bpf_tap)(ifnet_t interface, bpf_tap_mode mode, bpf_packet_func callback);
typedef void (*ifnet_detached_func)(ifnet_t interface);
typedef errno_t (*ifnet_demux_func)(ifnet_t interface, mbuf_t packet, char *frame_header,
                                    protocol_family_t *protocol_family);
typedef void (*ifnet_event_func)(ifnet_t interface, const struct kev_msg *msg);
typedef errno_t (*ifnet_framer_func)(ifnet_t interface, mbuf_t *packet, const struct sockaddr *dest,
                                     const char *dest_linkaddr, const char *frame_type);
typedef errno_t (*ifnet_add_proto_func)(ifnet_t interface, protocol_family_t protocol_family,
                                        const struct ifnet_demux_desc *demux_array, u_int32_t demux_count);
typedef errno_t (*ifnet_del_proto_func)(ifnet_t interface, protocol_family_t protocol_family);
typedef errno_t (*ifnet_check_multi)(ifnet_t interface, const struct sockaddr *mcast);

typedef errno_t (*proto_media_input)(ifnet_t ifp, protocol_family_t protocol, mbuf_t packet, char *header);
typedef errno_t (*proto_media_preout)(ifnet_t ifp, protocol_family_t protocol, mbuf_t *packet,
                                      const struct sockaddr *dest, void *route, char *frame_type,
                                      char *link_layer_dest);
typedef void (*proto_media_event)(ifnet_t ifp, protocol_family_t protocol, const struct kev_msg *event);
typedef errno_t (*proto_media_ioctl)(ifnet_t ifp, protocol_family_t protocol, unsigned long command, void *argument);
typedef errno_t (*proto_media_detached)(ifnet_t ifp, protocol_family_t protocol);
typedef errno_t (*proto_media_resolve_multi)(ifnet_t ifp, const struct sockaddr *proto_addr,
                                             struct sockaddr_dl *out_ll, size_t ll_len);
typedef errno_t (*proto_media_send_arp)(ifnet_t ifp, u_short arpop, const struct sockaddr_dl *sender_hw,
                                        const struct sockaddr *sender_proto, const struct sockaddr_dl *target_hw,
                                        const struct sockaddr *target_proto);

struct ifnet_stat_increment_param {
    u_int32_t packets_in;
    u_int32_t bytes_in;
    u_int32_t errors_in;
    u_int32_t packets_out;
    u_int32_t bytes_out;
    u_int32_t errors_out;
    u_int32_t collisions;
    u_int32_t dropped;
};

struct ifnet_init_params {
    const void *uniqueid; /* optional: brings the same ifnet back after a detach */
    u_int32_t uniqueid_len;
    const char *name; /* "en" */
    u_int32_t unit;
    ifnet_family_t family;
    u_int32_t type; /* IFT_ETHER */
    ifnet_output_func output;
    ifnet_demux_func demux;
    ifnet_add_proto_func add_proto;
    ifnet_del_proto_func del_proto;
    ifnet_check_multi check_multi;
    ifnet_framer_func framer;
    void *softc;
    ifnet_ioctl_func ioctl;
    ifnet_set_bpf_tap set_bpf_tap;
    ifnet_detached_func detach;
    ifnet_event_func event;
    const void *broadcast_addr;
    u_int32_t broadcast_len;
};

struct ifnet_stats_param {
    u_int64_t packets_in;
    u_int64_t bytes_in;
    u_int64_t multicasts_in;
    u_int64_t errors_in;
    u_int64_t packets_out;
    u_int64_t bytes_out;
    u_int64_t multicasts_out;
    u_int64_t errors_out;
    u_int64_t collisions;
    u_int64_t dropped;
    u_int64_t no_protocol;
};

struct ifnet_demux_desc {
    u_int32_t type;
    void *data;
    u_int32_t datalen;
};

struct ifnet_attach_proto_param {
    struct ifnet_demux_desc *demux_array;
    u_int32_t demux_count;
    proto_media_input input;
    proto_media_preout pre_output;
    proto_media_event event;
    proto_media_ioctl ioctl;
    proto_media_detached detached;
    proto_media_resolve_multi resolve;
    proto_media_send_arp send_arp;
};

__BEGIN_DECLS

/* Life: allocate (one reference, the caller's), attach, detach (asynchronous: the detach function of the parameters
 * is called when the last use is over), release. */
extern errno_t ifnet_allocate(const struct ifnet_init_params *init, ifnet_t *interface);
extern errno_t ifnet_reference(ifnet_t interface);
extern errno_t ifnet_release(ifnet_t interface);
extern errno_t ifnet_attach(ifnet_t interface, const struct sockaddr_dl *ll_addr);
extern errno_t ifnet_detach(ifnet_t interface);

/* What it is. */
extern void *ifnet_softc(ifnet_t interface);
extern const char *ifnet_name(ifnet_t interface);
extern ifnet_family_t ifnet_family(ifnet_t interface);
extern u_int32_t ifnet_unit(ifnet_t interface);
extern u_int32_t ifnet_index(ifnet_t interface);
extern u_int8_t ifnet_type(ifnet_t interface);
extern errno_t ifnet_set_flags(ifnet_t interface, u_int16_t new_flags, u_int16_t mask);
extern u_int16_t ifnet_flags(ifnet_t interface);
extern errno_t ifnet_set_capabilities_supported(ifnet_t interface, u_int32_t new_caps,
                                                u_int32_t mask);                     /* from 10.7 */
extern u_int32_t ifnet_capabilities_supported(ifnet_t interface);                    /* from 10.7 */
extern errno_t ifnet_set_capabilities_enabled(ifnet_t interface, u_int32_t new_caps,
                                              u_int32_t mask);                       /* from 10.7 */
extern u_int32_t ifnet_capabilities_enabled(ifnet_t interface);                      /* from 10.7 */
extern errno_t ifnet_set_offload(ifnet_t interface, ifnet_offload_t offload);
extern ifnet_offload_t ifnet_offload(ifnet_t interface);
extern errno_t ifnet_set_tso_mtu(ifnet_t interface, sa_family_t family, u_int32_t mtuLen);  /* from 10.6 */
extern errno_t ifnet_get_tso_mtu(ifnet_t interface, sa_family_t family, u_int32_t *mtuLen); /* from 10.6 */

enum {
    IFNET_WAKE_ON_MAGIC_PACKET = 0x01
};
extern errno_t ifnet_set_wake_flags(ifnet_t interface, u_int32_t properties, u_int32_t mask); /* from 10.6 */
extern u_int32_t ifnet_get_wake_flags(ifnet_t interface);                                     /* from 10.6 */
extern errno_t ifnet_set_link_mib_data(ifnet_t interface, void *mibData, u_int32_t mibLen);
extern errno_t ifnet_get_link_mib_data(ifnet_t interface, void *mibData, u_int32_t *mibLen);
extern u_int32_t ifnet_get_link_mib_data_length(ifnet_t interface);

/* Traffic. */
extern errno_t ifnet_attach_protocol(ifnet_t interface, protocol_family_t protocol_family,
                                     const struct ifnet_attach_proto_param *proto_details);
extern errno_t ifnet_detach_protocol(ifnet_t interface, protocol_family_t protocol_family);
extern errno_t ifnet_output(ifnet_t interface, protocol_family_t protocol_family, mbuf_t packet, void *route,
                            const struct sockaddr *dest);
extern errno_t ifnet_output_raw(ifnet_t interface, protocol_family_t protocol_family, mbuf_t packet);
/* A list of packets (nextpkt), each with its frame header at mbuf_pkthdr_header; owned by the kernel from here on. */
extern errno_t ifnet_input(ifnet_t interface, mbuf_t first_packet, const struct ifnet_stat_increment_param *stats);

/* Control. */
extern errno_t ifnet_ioctl(ifnet_t interface, protocol_family_t protocol, unsigned long ioctl_code, void *ioctl_arg);
extern errno_t ifnet_event(ifnet_t interface, struct kern_event_msg *event_ptr);
extern errno_t ifnet_set_mtu(ifnet_t interface, u_int32_t mtu);
extern u_int32_t ifnet_mtu(ifnet_t interface);
extern errno_t ifnet_set_addrlen(ifnet_t interface, u_int8_t addrlen);
extern u_int8_t ifnet_addrlen(ifnet_t interface);
extern errno_t ifnet_set_hdrlen(ifnet_t interface, u_int8_t hdrlen);
extern u_int8_t ifnet_hdrlen(ifnet_t interface);
extern errno_t ifnet_set_metric(ifnet_t interface, u_int32_t metric);
extern u_int32_t ifnet_metric(ifnet_t interface);
extern errno_t ifnet_set_baudrate(ifnet_t interface, u_int64_t baudrate);
extern u_int64_t ifnet_baudrate(ifnet_t interface);
extern errno_t ifnet_stat_increment(ifnet_t interface, const struct ifnet_stat_increment_param *counts);
extern errno_t ifnet_stat_increment_in(ifnet_t interface, u_int32_t packets_in, u_int32_t bytes_in,
                                       u_int32_t errors_in);
extern errno_t ifnet_stat_increment_out(ifnet_t interface, u_int32_t packets_out, u_int32_t bytes_out,
                                        u_int32_t errors_out);
extern errno_t ifnet_set_stat(ifnet_t interface, const struct ifnet_stats_param *stats);
extern errno_t ifnet_stat(ifnet_t interface, struct ifnet_stats_param *out_stats);
extern errno_t ifnet_set_promiscuous(ifnet_t interface, int on); /* counted */
extern errno_t ifnet_touch_lastchange(ifnet_t interface);
extern errno_t ifnet_lastchange(ifnet_t interface, struct timeval *last_change);

/* Addresses. Lists end with NULL and are given back with the free function beside them. */
extern errno_t ifnet_get_address_list(ifnet_t interface, ifaddr_t **addresses);
extern errno_t ifnet_get_address_list_family(ifnet_t interface, ifaddr_t **addresses, sa_family_t family);
extern void ifnet_free_address_list(ifaddr_t *addresses);
extern errno_t ifnet_set_lladdr(ifnet_t interface, const void *lladdr, size_t lladdr_len);
extern errno_t ifnet_lladdr_copy_bytes(ifnet_t interface, void *lladdr, size_t length);
extern errno_t ifnet_llbroadcast_copy_bytes(ifnet_t interface, void *addr, size_t bufferlen, size_t *addr_len);
extern errno_t ifnet_resolve_multicast(ifnet_t ifp, const struct sockaddr *proto_addr, struct sockaddr *ll_addr,
                                       size_t ll_len);
extern errno_t ifnet_add_multicast(ifnet_t interface, const struct sockaddr *maddr, ifmultiaddr_t *multicast);
extern errno_t ifnet_remove_multicast(ifmultiaddr_t multicast);
extern errno_t ifnet_get_multicast_list(ifnet_t interface, ifmultiaddr_t **addresses);
extern void ifnet_free_multicast_list(ifmultiaddr_t *multicasts);

extern errno_t ifnet_find_by_name(const char *ifname, ifnet_t *interface); /* with a reference */
extern errno_t ifnet_list_get(ifnet_family_t family, ifnet_t **interfaces, u_int32_t *count);
extern void ifnet_list_free(ifnet_t *interfaces);

extern errno_t ifaddr_reference(ifaddr_t ifaddr);
extern errno_t ifaddr_release(ifaddr_t ifaddr);
extern errno_t ifaddr_address(ifaddr_t ifaddr, struct sockaddr *out_addr, u_int32_t addr_size);
extern sa_family_t ifaddr_address_family(ifaddr_t ifaddr);
extern ifnet_t ifaddr_ifnet(ifaddr_t ifaddr);
extern errno_t ifmaddr_reference(ifmultiaddr_t ifmaddr);
extern errno_t ifmaddr_release(ifmultiaddr_t ifmaddr);
extern errno_t ifmaddr_address(ifmultiaddr_t ifmaddr, struct sockaddr *out_multicast, u_int32_t addr_size);
extern errno_t ifmaddr_lladdress(ifmultiaddr_t ifmaddr, struct sockaddr *out_link_layer_multicast,
                                 u_int32_t addr_size);
extern ifnet_t ifmaddr_ifnet(ifmultiaddr_t ifmaddr);

__END_DECLS

#endif
