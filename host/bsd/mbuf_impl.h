// SPDX-License-Identifier: BSD-3-Clause
/*
 * An mbuf as host/bsd knows it; kexts see only the functions of sys/kpi_mbuf.h. 256 bytes, as xnu's (MSIZE,
 * i386/param.h): a header, then for the first mbuf of a packet the packet header, then room for data.
 */
#ifndef HOST_BSD_MBUF_IMPL_H
#define HOST_BSD_MBUF_IMPL_H
#include <sys/kpi_mbuf.h>
#include <sys/param.h>
#include <libkern/libkern.h>
#include <kern/debug.h>
#include "bsd/pool.h"
#include "bsd/private.h"

struct cluster;

struct mbuf_tag {
    struct mbuf_tag *next;
    mbuf_tag_id_t module;
    mbuf_tag_type_t type;
    u_int16_t length;
    unsigned char data[] __attribute__((aligned(8)));
};

struct pkthdr {
    ifnet_t rcvif;
    void *header;
    struct mbuf_tag *tags;
    int len;
    /* Bits as in the public enums, requests and results in one word as in xnu (sys/mbuf.h, CSUM_*). */
    u_int32_t csum_flags;
    u_int32_t csum_data;
    u_int32_t tso_segsz;
    u_int16_t vlan;
    u_int8_t traffic_class;
};
enum {
    CSUM_VLAN_TAG_VALID = 0x10000 /* sys/mbuf.h */
};

enum { MHEADER = 4 * sizeof(void *) + 8 }; /* of struct __mbuf, up to its union */

struct __mbuf {
    struct __mbuf *next; /* also the pool's link */
    struct __mbuf *nextpkt;
    char *data;
    int len;
    u_int16_t type;
    u_int16_t flags;
    struct cluster *ext; /* with MBUF_EXT */
    union {
        struct pkthdr pkthdr; /* with MBUF_PKTHDR; the data room begins after it */
        char dat[MSIZE - MHEADER];
    };
};
_Static_assert(sizeof(struct __mbuf) == MSIZE, "an mbuf is MSIZE bytes");

enum {
    MLEN = MSIZE - MHEADER,
    MHLEN = MLEN - (int)sizeof(struct pkthdr),
    MINCLSIZE = MHLEN + MLEN, /* a packet longer than that gets a cluster (xnu: mbuf_get_minclsize) */
    /* Flags that are a property of the packet and go with its header (xnu: M_COPYFLAGS). */
    COPY_FLAGS = MBUF_PKTHDR | MBUF_EOR | MBUF_BCAST | MBUF_MCAST | MBUF_FRAG | MBUF_FIRSTFRAG |
                 MBUF_LASTFRAG | MBUF_PROMISC | MBUF_HASFCS | MBUF_LOOP
};

/* The buffer behind one or more mbufs. Those of the pools lie in the first part of their slab, so that the
 * descriptor of a cluster is found from its address. */
struct cluster {
    struct cluster *next; /* the pool's link */
    volatile int refs;
    u_int32_t size;
    char *base;
    void (*free)(caddr_t base, u_int size, caddr_t arg); /* NULL: back to the pool */
    caddr_t arg;
};

struct __mbuf *mbuf_new(int header, mbuf_type_t type, mbuf_how_t how); /* header: with a packet header */
struct cluster *cluster_new(size_t size, mbuf_how_t how);              /* 2, 4 or 16 KB; one reference */
void cluster_release(struct cluster *c);
void mbuf_give_cluster(struct __mbuf *m, struct cluster *c); /* takes the reference over */
void mbuf_free_tags(struct __mbuf *m);
int mbuf_tags_copy(struct __mbuf *to, const struct __mbuf *from, mbuf_how_t how);
void mbuf_pkthdr_init(struct __mbuf *m);
mbuf_t mbuf_shape(mbuf_t m); /* the packet in the shape that bsd_mbufs() chose */

static inline char *mbuf_base(const struct __mbuf *m)
{
    if (m->flags & MBUF_EXT)
        return m->ext->base;
    return (char *)m->dat + (m->flags & MBUF_PKTHDR ? sizeof(struct pkthdr) : 0);
}
static inline int mbuf_shared(const struct __mbuf *m)
{
    return (m->flags & MBUF_EXT) && __atomic_load_n(&m->ext->refs, __ATOMIC_ACQUIRE) > 1;
}

/* The Internet checksum's sum (not complemented, folded) of len bytes at offset, on top of sum. */
u_int32_t cksum_chain(const struct __mbuf *m, size_t offset, size_t len, u_int32_t sum);

/* A number of its own for each string, from 1000 (xnu: net_str_id_find_internal). */
errno_t net_string_id(const char *string, u_int32_t *id);
int net_string_id_valid(u_int32_t id);
#endif
