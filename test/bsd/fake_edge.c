// SPDX-License-Identifier: BSD-3-Clause
/* See fake_edge.h. Linux side. */
#include "fake_edge.h"
#include <string.h>

struct edge_tap edge_fake_tap;

struct edge_tap *edge_tap_open(const char *name, const unsigned char mac[6], int mtu, unsigned offloads,
                               const struct edge_upcalls *up, void *ctx)
{
    edge_fake_tap =
        (struct edge_tap){.open = 1, .carrier = 1, .mtu = mtu, .offloads = offloads, .up = up, .ctx = ctx};
    strncpy(edge_fake_tap.name, name, sizeof edge_fake_tap.name - 1);
    memcpy(edge_fake_tap.mac, mac, 6);
    return &edge_fake_tap;
}
void edge_tap_set_carrier(struct edge_tap *tap, int on)
{
    tap->carrier = on;
}
int edge_forwarding(int v6) { return v6; }
int edge_tap_addresses(struct edge_tap *tap, unsigned char (*address)[4])
{
    memcpy(address, tap->address, sizeof tap->address);
    return tap->addresses;
}
int edge_tap_set_mtu(struct edge_tap *tap, int mtu)
{
    tap->mtu = mtu;
    return 0;
}
int edge_tap_set_mac(struct edge_tap *tap, const unsigned char mac[6])
{
    memcpy(tap->mac, mac, 6);
    return 0;
}
int edge_tap_write(struct edge_tap *tap, const struct edge_meta *meta, const struct edge_vec *vec, int nvec)
{
    tap->length = 0;
    tap->meta = *meta;
    for (int i = 0; i < nvec; i++) {
        memcpy(tap->frame + tap->length, vec[i].base, vec[i].len);
        tap->length += vec[i].len;
    }
    tap->frames++;
    return 0;
}
void edge_burst_begin(struct edge_burst *burst, struct edge_tap *tap)
{
    burst->tap = tap;
}
void edge_burst_add(struct edge_burst *burst, const struct edge_meta *meta, const struct edge_vec *vec, int nvec)
{
    edge_tap_write(burst->tap, meta, vec, nvec);
}
void edge_burst_end(struct edge_burst *burst)
{
}
void edge_tap_ready(struct edge_tap *tap)
{
    tap->ready++;
}
void edge_tap_close(struct edge_tap *tap)
{
    tap->open = 0;
}

void edge_fake_send(const void *frame, unsigned length, const struct edge_meta *meta)
{
    struct edge_vec vec[EDGE_MAX_VEC];
    static const struct edge_meta none;
    int n = edge_fake_tap.up->buffers(edge_fake_tap.ctx, vec);
    unsigned at = 0;
    for (int i = 0; i < n && at < length; i++) {
        unsigned part = length - at < vec[i].len ? length - at : vec[i].len;
        memcpy(vec[i].base, (const char *)frame + at, part);
        at += part;
    }
    edge_fake_tap.up->frame(edge_fake_tap.ctx, length, meta ? meta : &none);
}
