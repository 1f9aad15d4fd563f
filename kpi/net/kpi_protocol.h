// SPDX-License-Identifier: BSD-3-Clause
/*
 * Protocols. Answers to Apple's net/kpi_protocol.h.
 */
#ifndef KPI_NET_KPI_PROTOCOL_H
#define KPI_NET_KPI_PROTOCOL_H

#include <sys/kernel_types.h>
#include <net/kpi_interface.h>

__BEGIN_DECLS
typedef errno_t (*proto_plumb_handler)(ifnet_t ifp, protocol_family_t protocol);
typedef void (*proto_unplumb_handler)(ifnet_t ifp, protocol_family_t protocol);
extern errno_t proto_input(protocol_family_t protocol, mbuf_t packet);
extern errno_t proto_inject(protocol_family_t protocol, mbuf_t packet);
extern errno_t proto_register_plumber(protocol_family_t proto_fam, ifnet_family_t if_fam, proto_plumb_handler plumb,
                                      proto_unplumb_handler unplumb);
extern void proto_unregister_plumber(protocol_family_t proto_fam, ifnet_family_t if_fam);
__END_DECLS

#endif
