// SPDX-License-Identifier: BSD-3-Clause
/*
 * A tap with virtio_net_hdr in COMMAND's namespace, its reader thread, and the two directions (Linux's
 * Documentation/networking/tuntap). Frames are read straight into the buffers that the owner supplies.
 */
#define _GNU_SOURCE
#include "internal.h"
#include "../linux/linux.h"
#include <errno.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

LX_COUNTER(frames_out, "edge.frames_out")
LX_COUNTER(bytes_out, "edge.bytes_out")
LX_COUNTER(frames_in, "edge.frames_in")
LX_COUNTER(bytes_in, "edge.bytes_in")
LX_COUNTER(writes_in, "edge.writes_in")
LX_COUNTER(refused_in, "edge.frames_in_refused")
LX_COUNTER(waits, "edge.waits_for_driver")

struct edge_tap {
    int fd, wake, index;
    unsigned offloads;
    volatile int quit, waiting, done, gro;
    struct edge_upcalls up;
    void *ctx;
    struct link_state state;
    struct link_groups groups;
    char name[IFNAMSIZ];
};

_Static_assert(sizeof(struct edge_vec) == sizeof(struct iovec) &&
                   offsetof(struct edge_vec, len) == offsetof(struct iovec, iov_len),
               "edge_vec is an iovec");
enum { HEADER = sizeof(struct virtio_net_hdr) };

/* ---- from Linux to the driver ---- */

static void to_meta(const struct virtio_net_hdr *h, struct edge_meta *m)
{
    memset(m, 0, sizeof *m);
    if (h->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) {
        m->needs_csum = 1;
        m->csum_start = h->csum_start;
        m->csum_offset = h->csum_offset;
    }
    switch (h->gso_type & ~VIRTIO_NET_HDR_GSO_ECN) {
    case VIRTIO_NET_HDR_GSO_TCPV4:
        m->gso = 4;
        break;
    case VIRTIO_NET_HDR_GSO_TCPV6:
        m->gso = 6;
        break;
    }
    if (m->gso) {
        m->gso_size = h->gso_size;
        m->header_len = h->hdr_len;
    }
}

/* Sleeps until the driver has room again; edge_tap_ready() ends it early. */
static void wait_for_room(struct edge_tap *t)
{
    unsigned long long token;
    struct pollfd p = {t->wake, POLLIN, 0};
    lx_count(&waits, 1);
    __atomic_store_n(&t->waiting, 1, __ATOMIC_SEQ_CST);
    if (t->up.full(t->ctx) && !t->quit)
        poll(&p, 1, 1);
    __atomic_store_n(&t->waiting, 0, __ATOMIC_SEQ_CST);
    if (p.revents && read(t->wake, &token, sizeof token) < 0)
        return;
}

/* 1 a frame was passed on, 0 there is none, -1 the tap is gone. */
static int read_frame(struct edge_tap *t)
{
    struct virtio_net_hdr h;
    struct edge_meta meta;
    struct edge_vec vec[1 + EDGE_MAX_VEC] = {{&h, HEADER}};
    int n = t->up.buffers(t->ctx, vec + 1);
    if (n <= 0) {
        lx_sleep_ns(100000);
        return 1;
    }
    ssize_t got = readv(t->fd, (struct iovec *)vec, 1 + n);
    if (got < HEADER)
        return got < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
    offload_complete(t->offloads, &h, vec + 1, n, got - HEADER);
    to_meta(&h, &meta);
    lx_count(&frames_out, 1);
    lx_count(&bytes_out, got - HEADER);
    t->up.frame(t->ctx, got - HEADER, &meta);
    return 1;
}

static void reader(void *arg)
{
    struct edge_tap *t = arg;
    struct pollfd p[2] = {{t->fd, POLLIN, 0}, {t->wake, POLLIN, 0}};
    unsigned long long token;
    while (!t->quit) {
        if (t->up.full(t->ctx)) {
            wait_for_room(t);
            continue;
        }
        int r = read_frame(t);
        if (r < 0)
            break;
        if (r == 0) {
            poll(p, 2, -1);
            if (p[1].revents && read(t->wake, &token, sizeof token) < 0)
                break;
        }
    }
    __atomic_store_n(&t->done, 1, __ATOMIC_SEQ_CST);
    lx_futex_wake(&t->done, 1);
}

void edge_tap_ready(struct edge_tap *t)
{
    unsigned long long one = 1;
    if (__atomic_load_n(&t->waiting, __ATOMIC_SEQ_CST) && write(t->wake, &one, sizeof one) < 0)
        return;
}

/* ---- from the driver to Linux ---- */

int edge_tap_coalesces(struct edge_tap *t) { return t->gro; }

int edge_tap_write(struct edge_tap *t, const struct edge_meta *meta, const struct edge_vec *vec, int nvec)
{
    return edge_tap_write_run(t, meta, vec, nvec, 1);
}

int edge_tap_write_run(struct edge_tap *t, const struct edge_meta *meta, const struct edge_vec *vec, int nvec,
                       unsigned frames)
{
    struct virtio_net_hdr h = {0};
    struct iovec iov[1 + EDGE_MAX_VEC] = {{&h, HEADER}};
    if (nvec > EDGE_MAX_VEC)
        return -1;
    if (meta->csum_valid)
        offload_vouch(&h, vec);
    if (meta->needs_csum) {
        h.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
        h.csum_start = meta->csum_start;
        h.csum_offset = meta->csum_offset;
    }
    if (meta->gso) {
        h.gso_type = meta->gso == 4 ? VIRTIO_NET_HDR_GSO_TCPV4 : VIRTIO_NET_HDR_GSO_TCPV6;
        h.gso_size = meta->gso_size;
        h.hdr_len = meta->header_len;
    }
    memcpy(iov + 1, vec, nvec * sizeof *iov);
    ssize_t n = writev(t->fd, iov, 1 + nvec);
    if (n < HEADER) {
        lx_count(&refused_in, frames);
        return -1;
    }
    lx_count(&writes_in, 1);
    lx_count(&frames_in, frames);
    lx_count(&bytes_in, n - HEADER + (frames - 1) * meta->header_len);
    return 0;
}

/* ---- life ---- */

static void link_changed(void *ctx, const struct link_state *s)
{
    struct edge_tap *t = ctx;
    t->gro = link_gro(t->name);
    if (!memcmp(&t->state, s, sizeof *s))
        return;
    t->state = *s;
    t->up.changed(t->ctx, s->up, s->mtu, s->mac, s->promisc, s->allmulti);
}

static void groups_read(void *ctx, const struct link_groups *g)
{
    struct edge_tap *t = ctx;
    if (!t->up.groups || !memcmp(&t->groups, g, sizeof *g))
        return;
    t->groups = *g;
    t->up.groups(t->ctx, (const unsigned char (*)[6])t->groups.group, t->groups.count);
}

static int create(struct edge_tap *t, const unsigned char mac[6], int mtu)
{
    struct ifreq ifr = {.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR | IFF_NAPI};
    int off = 0, error;
    strcpy(ifr.ifr_name, t->name);
    t->fd = warden_open_tun();
    if (t->fd < 0)
        return -errno;
    if (ioctl(t->fd, TUNSETIFF, &ifr)) { /* a kernel without IFF_NAPI (before 4.15) */
        ifr.ifr_flags &= ~IFF_NAPI;
        if (ioctl(t->fd, TUNSETIFF, &ifr))
            return -errno;
    }
    if (ioctl(t->fd, TUNSETOFFLOAD, offload_tun_bits(t->offloads)))
        return -errno;
    ioctl(t->fd, TUNSETCARRIER, &off); /* Linux 5.0; before, the carrier is always on */
    t->index = link_index(t->name);
    if (t->index <= 0)
        return t->index ? t->index : -ENODEV;
    if ((error = link_set_mac(t->index, mac)) || (error = link_set_mtu(t->index, mtu)))
        return error;
    t->gro = link_gro(t->name);
    t->state.mtu = mtu;
    memcpy(t->state.mac, mac, 6);
    t->state.index = t->index;
    return 0;
}

struct edge_tap *edge_tap_open(const char *name, const unsigned char mac[6], int mtu, unsigned offloads,
                               const struct edge_upcalls *up, void *ctx)
{
    struct edge_tap *t = calloc(1, sizeof *t);
    if (!t)
        lx_fatal("no memory for the tap %s", name);
    *t = (struct edge_tap){.fd = -1, .offloads = offloads, .up = *up, .ctx = ctx};
    snprintf(t->name, sizeof t->name, "%s", name);
    t->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    int error = t->wake < 0 ? -errno : create(t, mac, mtu);
    if (!error && lx_thread_start(reader, t, name)) {
        link_watch(t->index, link_changed, groups_read, t);
        return t;
    }
    lx_fatal("cannot make the tap %s with /dev/net/tun (%s): %s", name, strerror(error ? -error : ENOMEM),
             error == -ENOENT || error == -ENODEV ? "load the tun module (modprobe tun)"
                                                  : "give read and write access to it");
}

void edge_tap_set_carrier(struct edge_tap *t, int on) { ioctl(t->fd, TUNSETCARRIER, &on); }
int edge_forwarding(int v6) { return link_forwarding(v6); }
int edge_tap_addresses(struct edge_tap *t, unsigned char (*address)[4])
{
    return link_addresses(t->name, address, EDGE_ADDRESSES);
}
int edge_tap_set_mtu(struct edge_tap *t, int mtu) { return link_set_mtu(t->index, mtu) ? -1 : 0; }
int edge_tap_set_mac(struct edge_tap *t, const unsigned char mac[6]) { return link_set_mac(t->index, mac) ? -1 : 0; }

void edge_tap_close(struct edge_tap *t)
{
    unsigned long long one = 1;
    link_unwatch(t->index);
    t->quit = 1;
    while (!t->done) {
        if (write(t->wake, &one, sizeof one) < 0 && errno != EAGAIN)
            break;
        lx_futex_wait(&t->done, 0, 10000000);
    }
    close(t->fd);
    close(t->wake);
    free(t);
}
