// SPDX-License-Identifier: BSD-3-Clause
/* A tap that is played: what the interface did to it, and its upcalls for the test to call. */
#ifndef TEST_BSD_FAKE_EDGE_H
#define TEST_BSD_FAKE_EDGE_H
#include "edge/edge.h"

extern struct edge_tap {
    int open, carrier, mtu, frames, ready;
    unsigned offloads;
    char name[16];
    unsigned char mac[6], frame[EDGE_MAX_FRAME + 64];
    unsigned length;
    unsigned char address[EDGE_ADDRESSES][4]; /* of IPv4 */
    int addresses;
    struct edge_meta meta;
    const struct edge_upcalls *up;
    void *ctx;
} edge_fake_tap;

/* A frame from Linux. */
void edge_fake_send(const void *frame, unsigned length, const struct edge_meta *meta);
#endif
