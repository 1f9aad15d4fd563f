// SPDX-License-Identifier: BSD-3-Clause
/*
 * Kernel events. Answers to Apple's sys/kern_event.h.
 */
#ifndef KPI_SYS_KERN_EVENT_H
#define KPI_SYS_KERN_EVENT_H

#include <sys/appleapiopts.h>
#include <sys/types.h>
#include <sys/errno.h>
#include <sys/ioccom.h>

#define KEV_ANY_CLASS    0
#define KEV_ANY_SUBCLASS 0
#define KEV_ANY_VENDOR   0
#define KEV_VENDOR_APPLE 1
#define KEV_NETWORK_CLASS    1
#define KEV_IOKIT_CLASS      2
#define KEV_SYSTEM_CLASS     3
#define KEV_APPLESHARE_CLASS 4
#define KEV_FIREWALL_CLASS   5
#define KEV_IEEE80211_CLASS  6

struct kern_event_msg {
    u_int32_t total_size; /* bytes, header included */
    u_int32_t vendor_code;
    u_int32_t kev_class;
    u_int32_t kev_subclass;
    u_int32_t id;
    u_int32_t event_code;
    u_int32_t event_data[1];
};
#define KEV_MSG_HEADER_SIZE (offsetof(struct kern_event_msg, event_data[0]))

struct kev_request {
    u_int32_t vendor_code;
    u_int32_t kev_class;
    u_int32_t kev_subclass;
};

#define N_KEV_VECTORS 5
struct kev_d_vectors {
    u_int32_t data_length;
    void *data_ptr;
};
struct kev_msg {
    u_int32_t vendor_code;
    u_int32_t kev_class;
    u_int32_t kev_subclass;
    u_int32_t event_code;
    struct kev_d_vectors dv[N_KEV_VECTORS];
};

__BEGIN_DECLS
errno_t kev_vendor_code_find(const char *vendor_string, u_int32_t *vendor_code);
errno_t kev_msg_post(struct kev_msg *event_msg);
__END_DECLS

#endif
