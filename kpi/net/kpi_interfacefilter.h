// SPDX-License-Identifier: BSD-3-Clause
/*
 * Filters on an interface. Answers to Apple's net/kpi_interfacefilter.h.
 */
#ifndef KPI_NET_KPI_INTERFACEFILTER_H
#define KPI_NET_KPI_INTERFACEFILTER_H

#include <sys/kernel_types.h>
#include <net/kpi_interface.h>

__BEGIN_DECLS

/* A filter that returns EJUSTRETURN has taken the packet; another error drops it. */
typedef errno_t (*iff_input_func)(void *cookie, ifnet_t interface, protocol_family_t protocol, mbuf_t *data,
                                  char **frame_ptr);
typedef errno_t (*iff_output_func)(void *cookie, ifnet_t interface, protocol_family_t protocol, mbuf_t *data);
typedef void (*iff_event_func)(void *cookie, ifnet_t interface, protocol_family_t protocol,
                               const struct kev_msg *event_msg);
typedef errno_t (*iff_ioctl_func)(void *cookie, ifnet_t interface, protocol_family_t protocol,
                                  unsigned long ioctl_cmd, void *ioctl_arg);
typedef void (*iff_detached_func)(void *cookie, ifnet_t interface);

struct iff_filter {
    void *iff_cookie;
    const char *iff_name;
    protocol_family_t iff_protocol; /* 0: every packet */
    iff_input_func iff_input;
    iff_output_func iff_output;
    iff_event_func iff_event;
    iff_ioctl_func iff_ioctl;
    iff_detached_func iff_detached;
};
extern errno_t iflt_attach(ifnet_t interface, const struct iff_filter *filter, interface_filter_t *filter_ref);
extern void iflt_detach(interface_filter_t filter_ref);

__END_DECLS

#endif
