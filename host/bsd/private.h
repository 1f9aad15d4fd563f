// SPDX-License-Identifier: BSD-3-Clause
/*
 * What xnu's own families see of packets and interfaces beyond the public interface: the names that Apple's
 * headers (sys/kpi_mbuf.h, net/kpi_interface.h, net/dlil.h, sys/sockio.h) show under KERNEL_PRIVATE. KPI
 * side, host only: kexts never import these.
 */
#ifndef HOST_BSD_PRIVATE_H
#define HOST_BSD_PRIVATE_H
#include <sys/kpi_mbuf.h>
#include <sys/sockio.h>
#include <net/kpi_interface.h>

enum {
    MBUF_CSUM_PARTIAL = 0x1000, /* a plain 16-bit sum */
    MBUF_CSUM_REQ_SUM16 = MBUF_CSUM_PARTIAL,
    MBUF_CSUM_TCP_SUM16 = MBUF_CSUM_PARTIAL,
    IFNET_CSUM_PARTIAL = 0x1000,
    IFNET_CSUM_SUM16 = IFNET_CSUM_PARTIAL
};

/* net/dlil.h's names of the tap modes. */
enum {
    BPF_TAP_DISABLE = BPF_MODE_DISABLED,
    BPF_TAP_INPUT = BPF_MODE_INPUT,
    BPF_TAP_OUTPUT = BPF_MODE_OUTPUT,
    BPF_TAP_INPUT_OUTPUT = BPF_MODE_INPUT_OUTPUT
};

#ifndef SIOCSIFDEVMTU
#define SIOCSIFDEVMTU SIOCSIFALTMTU
#endif

__BEGIN_DECLS
errno_t mbuf_set_csum_requested(mbuf_t mbuf, mbuf_csum_request_flags_t request, u_int32_t value);
errno_t mbuf_get_csum_performed(mbuf_t mbuf, mbuf_csum_performed_flags_t *flags, u_int32_t *value);
u_int32_t ifnet_eflags(ifnet_t interface);
errno_t ifnet_set_eflags(ifnet_t interface, u_int32_t new_flags, u_int32_t mask);
/* The driver has room again after network_output_full(): Linux goes on sending at once. Any context. */
void ifnet_output_ready(ifnet_t interface);
__END_DECLS
#endif
