// SPDX-License-Identifier: BSD-3-Clause
/*
 * Packet taps. Unlike Apple's header this one has C linkage in C++ too: the exported names are the plain ones.
 * Answers to Apple's net/bpf.h.
 */
#ifndef KPI_NET_BPF_H
#define KPI_NET_BPF_H

#include <sys/appleapiopts.h>
#include <sys/types.h>
#include <sys/time.h>
#include <sys/kernel_types.h>
#include <sys/errno.h>
#include <net/kpi_interface.h>

#define DLT_NULL                   0
#define DLT_EN10MB                 1
#define DLT_IEEE802                6
#define DLT_SLIP                   8
#define DLT_PPP                    9
#define DLT_FDDI                   10
#define DLT_RAW                    12
#define DLT_IEEE802_11             105
#define DLT_LOOP                   108
#define DLT_APPLE_IP_OVER_IEEE1394 138

struct bpf_insn {
    u_short code;
    u_char jt;
    u_char jf;
    u_int32_t k;
};
struct bpf_program {
    u_int bf_len;
    struct bpf_insn *bf_insns;
};

typedef errno_t (*bpf_send_func)(ifnet_t interface, u_int32_t data_link_type, mbuf_t packet);
typedef errno_t (*bpf_tap_func)(ifnet_t interface, u_int32_t data_link_type, bpf_tap_mode direction);

__BEGIN_DECLS
extern void bpfattach(ifnet_t interface, u_int data_link_type, u_int header_length);
extern errno_t bpf_attach(ifnet_t interface, u_int32_t data_link_type, u_int32_t header_length, bpf_send_func send,
                          bpf_tap_func tap);
/* Shows a packet to who listens; the packet stays the caller's. header, if any, stands before its data. */
extern void bpf_tap_in(ifnet_t interface, u_int32_t dlt, mbuf_t packet, void *header, size_t header_len);
extern void bpf_tap_out(ifnet_t interface, u_int32_t dlt, mbuf_t packet, void *header, size_t header_len);
__END_DECLS

#endif
