// SPDX-License-Identifier: BSD-3-Clause
// The head of a Mach message, as far as data queues and notifications to user processes need it. Answers to Apple's
// mach/message.h.
#ifndef KPI_MACH_MESSAGE_H
#define KPI_MACH_MESSAGE_H

#include <mach/port.h>

typedef natural_t mach_msg_timeout_t;
typedef unsigned int mach_msg_bits_t;
typedef natural_t mach_msg_size_t;
typedef integer_t mach_msg_id_t;
typedef unsigned int mach_msg_type_name_t;

#pragma pack(push, 4)
typedef struct {
    mach_msg_bits_t msgh_bits;
    mach_msg_size_t msgh_size;
    mach_port_t msgh_remote_port;
    mach_port_t msgh_local_port;
    mach_msg_size_t msgh_reserved;
    mach_msg_id_t msgh_id;
} mach_msg_header_t;
#pragma pack(pop)

#endif
