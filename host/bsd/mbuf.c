// SPDX-License-Identifier: BSD-3-Clause
/*
 * Mbufs and clusters: where they come from and where they go. Behaviour of xnu's bsd/kern/kpi_mbuf.c and
 * uipc_mbuf.c; memory from pools in RAM. A freed mbuf has the type MBUF_TYPE_FREE and a data pointer that
 * traps.
 */
#include "bsd/internal.h"
#include "bsd/mbuf_impl.h"

LX_COUNTER(mbufs_live, "mbufs.live")
LX_COUNTER(clusters_2k, "clusters.2k.live")
LX_COUNTER(clusters_4k, "clusters.4k.live")
LX_COUNTER(clusters_16k, "clusters.16k.live")
LX_COUNTER(clusters_ext, "clusters.external.live")
LX_COUNTER(mbuf_failed, "mbufs.failed")

/* ---- pools ---- */

static unsigned chain(char *slab, unsigned count, unsigned stride, struct pool_node **first,
                      struct pool_node **last)
{
    for (unsigned i = 0; i < count; i++)
        ((struct pool_node *)(slab + i * stride))->next =
            i + 1 < count ? (struct pool_node *)(slab + (i + 1) * stride) : NULL;
    *first = (struct pool_node *)slab;
    *last = (struct pool_node *)(slab + (count - 1) * stride);
    return count;
}

enum { SMALL_SLAB = 64 << 10, BIG_SLAB = 256 << 10 };

static unsigned carve_mbufs(void *slab, struct pool_node **first, struct pool_node **last)
{
    return chain(slab, SMALL_SLAB / MSIZE, MSIZE, first, last);
}
static unsigned carve_descriptors(void *slab, struct pool_node **first, struct pool_node **last)
{
    return chain(slab, SMALL_SLAB / 64, 64, first, last);
}

/* The descriptors take the place of the slab's first cluster. */
static unsigned carve_clusters(char *slab, unsigned slab_size, unsigned size, struct pool_node **first,
                               struct pool_node **last)
{
    struct cluster *c = (struct cluster *)slab;
    unsigned count = slab_size / size - 1;

    for (unsigned i = 0; i < count; i++)
        c[i] = (struct cluster){.size = size, .base = slab + (i + 1) * size};
    return chain(slab, count, sizeof *c, first, last);
}
static unsigned carve_2k(void *slab, struct pool_node **first, struct pool_node **last)
{
    return carve_clusters(slab, SMALL_SLAB, MCLBYTES, first, last);
}
static unsigned carve_4k(void *slab, struct pool_node **first, struct pool_node **last)
{
    return carve_clusters(slab, SMALL_SLAB, MBIGCLBYTES, first, last);
}
static unsigned carve_16k(void *slab, struct pool_node **first, struct pool_node **last)
{
    return carve_clusters(slab, BIG_SLAB, M16KCLBYTES, first, last);
}

enum { LIMIT = 64 << 20 };
static struct pool mbufs = {0, &mbufs_live, &mbuf_failed, SMALL_SLAB, LIMIT, carve_mbufs, {0}, {0}, 0, 0};
static struct pool externals = {
    0, &clusters_ext, &mbuf_failed, SMALL_SLAB, LIMIT, carve_descriptors, {0}, {0}, 0, 0};
static struct pool pool_2k = {0, &clusters_2k, &mbuf_failed, SMALL_SLAB, LIMIT, carve_2k, {0}, {0}, 0, 0};
static struct pool pool_4k = {0, &clusters_4k, &mbuf_failed, SMALL_SLAB, LIMIT, carve_4k, {0}, {0}, 0, 0};
static struct pool pool_16k = {0,         &clusters_16k, &mbuf_failed, BIG_SLAB, 2 * LIMIT,
                               carve_16k, {0},           {0},          0,        0};

void mbuf_trim(void)
{
    pool_trim(&mbufs);
    pool_trim(&externals);
    pool_trim(&pool_2k);
    pool_trim(&pool_4k);
    pool_trim(&pool_16k);
}

static struct pool *pool_of(size_t size)
{
    return size == MCLBYTES      ? &pool_2k
           : size == MBIGCLBYTES ? &pool_4k
           : size == M16KCLBYTES ? &pool_16k
                                 : NULL;
}

static size_t cluster_for(size_t length)
{
    return length <= MCLBYTES ? MCLBYTES : length <= MBIGCLBYTES ? MBIGCLBYTES : M16KCLBYTES;
}

/* ---- clusters ---- */

struct cluster *cluster_new(size_t size, mbuf_how_t how)
{
    struct cluster *c = (struct cluster *)pool_get(pool_of(size), how == MBUF_WAITOK);

    if (c)
        c->refs = 1;
    return c;
}

void cluster_release(struct cluster *c)
{
    struct pool *pool = &externals;

    if (c->refs != 1 && __atomic_sub_fetch(&c->refs, 1, __ATOMIC_ACQ_REL) != 0)
        return;
    if (c->free)
        c->free(c->base, c->size, c->arg);
    else
        pool = pool_of(c->size);
    pool_put(pool, (struct pool_node *)c, (struct pool_node *)c, 1);
}

void mbuf_give_cluster(struct __mbuf *m, struct cluster *c)
{
    if (m->flags & MBUF_EXT)
        cluster_release(m->ext);
    m->ext = c;
    m->flags |= MBUF_EXT;
    m->data = c->base;
}

/* Slabs are aligned in physical memory. */
static struct cluster *cluster_at(caddr_t addr, size_t size)
{
    unsigned long place = (unsigned long)lx_ram_phys(addr),
                  slab = place & ~(unsigned long)(pool_of(size)->slab_size - 1);

    return (struct cluster *)lx_ram_virt(slab) + (place - slab) / size - 1;
}

errno_t mbuf_alloccluster(mbuf_how_t how, size_t *size, caddr_t *addr)
{
    struct cluster *c;

    if (!size || !*size || !addr)
        return EINVAL;
    *addr = NULL;
    *size = *size <= M16KCLBYTES ? cluster_for(*size) : 0;
    c = *size ? cluster_new(*size, how) : NULL;
    if (!c) {
        *size = 0;
        return ENOMEM;
    }
    *addr = c->base;
    return 0;
}

void mbuf_freecluster(caddr_t addr, size_t size)
{
    if (!pool_of(size) || !lx_in_ram(addr))
        panic("mbuf_freecluster: no cluster of %lu bytes at %p", size, addr);
    cluster_release(cluster_at(addr, size));
}

errno_t mbuf_attachcluster(mbuf_how_t how, mbuf_type_t type, mbuf_t *mbuf, caddr_t extbuf,
                           void (*extfree)(caddr_t, u_int, caddr_t), size_t extsize, caddr_t extarg)
{
    struct cluster *c;

    if (!mbuf || !extbuf || !extfree || !extsize)
        return EINVAL;
    c = (struct cluster *)pool_get(&externals, how == MBUF_WAITOK);
    if (c && !*mbuf)
        *mbuf = mbuf_new(1, type, how);
    if (!c || !*mbuf) {
        if (c)
            pool_put(&externals, (struct pool_node *)c, (struct pool_node *)c, 1);
        return ENOMEM;
    }
    *c = (struct cluster){
        .refs = 1, .size = (u_int32_t)extsize, .base = extbuf, .free = extfree, .arg = extarg};
    mbuf_give_cluster(*mbuf, c);
    return 0;
}

errno_t mbuf_getcluster(mbuf_how_t how, mbuf_type_t type, size_t size, mbuf_t *mbuf)
{
    struct __mbuf *created = NULL;
    struct cluster *c;

    if (!mbuf || !pool_of(size))
        return EINVAL;
    if (!*mbuf && !(created = *mbuf = mbuf_new(0, type, how)))
        return ENOMEM;
    c = cluster_new(size, how);
    if (!c) {
        if (created) {
            mbuf_free(created);
            *mbuf = NULL;
        }
        return ENOMEM;
    }
    mbuf_give_cluster(*mbuf, c);
    return 0;
}

errno_t mbuf_mclget(mbuf_how_t how, mbuf_type_t type, mbuf_t *mbuf)
{
    return mbuf_getcluster(how, type, MCLBYTES, mbuf);
}

int mbuf_mclhasreference(mbuf_t m)
{
    return mbuf_shared(m);
}

/* ---- mbufs ---- */

void mbuf_pkthdr_init(struct __mbuf *m)
{
    m->flags |= MBUF_PKTHDR;
    bzero(&m->pkthdr, sizeof m->pkthdr);
}

struct __mbuf *mbuf_new(int header, mbuf_type_t type, mbuf_how_t how)
{
    struct __mbuf *m = (struct __mbuf *)pool_get(&mbufs, how == MBUF_WAITOK);

    if (!m)
        return NULL;
    m->next = m->nextpkt = NULL;
    m->len = 0;
    m->type = (u_int16_t)type;
    m->flags = 0;
    m->data = m->dat;
    if (header) {
        mbuf_pkthdr_init(m);
        m->data += sizeof(struct pkthdr);
    }
    return m;
}

errno_t mbuf_get(mbuf_how_t how, mbuf_type_t type, mbuf_t *mbuf)
{
    *mbuf = mbuf_new(0, type, how);
    return *mbuf ? 0 : ENOMEM;
}
errno_t mbuf_gethdr(mbuf_how_t how, mbuf_type_t type, mbuf_t *mbuf)
{
    *mbuf = mbuf_new(1, type, how);
    return *mbuf ? 0 : ENOMEM;
}

errno_t mbuf_getpacket(mbuf_how_t how, mbuf_t *mbuf)
{
    *mbuf = mbuf_new(1, MBUF_TYPE_DATA, how);
    if (*mbuf && mbuf_getcluster(how, MBUF_TYPE_DATA, MCLBYTES, mbuf) != 0) {
        mbuf_free(*mbuf);
        *mbuf = NULL;
    }
    return *mbuf ? 0 : how == MBUF_WAITOK ? ENOMEM : EWOULDBLOCK;
}

/* One packet: mbufs of cluster bytes (0: without a cluster) until length is covered, the last one no larger
 * than needed (xnu: m_allocpacket_internal). */
static mbuf_t alloc_chain(size_t length, size_t cluster, mbuf_how_t how)
{
    mbuf_t top = NULL, *link = &top;
    size_t size, room;

    for (;; length -= room) {
        mbuf_t m = *link = mbuf_new(!top, MBUF_TYPE_DATA, how);
        size = cluster ? MIN(cluster, cluster_for(length)) : 0;
        if (!m || (size && mbuf_getcluster(how, MBUF_TYPE_DATA, size, &m) != 0)) {
            mbuf_freem(top);
            return NULL;
        }
        room = mbuf_maxlen(m);
        if (room >= length)
            return top;
        link = &m->next;
    }
}

errno_t mbuf_allocpacket_list(unsigned int numpkts, mbuf_how_t how, size_t packetlen, unsigned int *maxchunks,
                              mbuf_t *mbuf)
{
    size_t cluster = packetlen <= MINCLSIZE ? 0 : cluster_for(packetlen);
    unsigned chunks, limit = maxchunks ? *maxchunks : 0;
    mbuf_t first = NULL, *link = &first;

    if (!numpkts || !packetlen)
        return EINVAL;
    if (packetlen > MHLEN && !cluster && limit == 1)
        cluster = MCLBYTES;
    chunks = cluster ? (unsigned)((packetlen - 1) / cluster + 1) : packetlen > MHLEN ? 2 : 1;
    if (limit && chunks > limit)
        return ENOBUFS;
    for (; numpkts; numpkts--) {
        *link = alloc_chain(packetlen, cluster, how);
        if (!*link) {
            mbuf_freem_list(first);
            return ENOMEM;
        }
        link = &(*link)->nextpkt;
    }
    if (maxchunks)
        *maxchunks = chunks;
    *mbuf = first;
    return 0;
}

errno_t mbuf_allocpacket(mbuf_how_t how, size_t packetlen, unsigned int *maxchunks, mbuf_t *mbuf)
{
    return mbuf_allocpacket_list(1, how, packetlen, maxchunks, mbuf);
}

static void retire(struct __mbuf *m)
{
    if (m->type == MBUF_TYPE_FREE)
        panic("mbuf_free: %p is free already", m);
    if ((m->flags & MBUF_PKTHDR) && m->pkthdr.tags)
        mbuf_free_tags(m);
    if (m->flags & MBUF_EXT)
        cluster_release(m->ext);
    m->type = MBUF_TYPE_FREE;
    m->flags = 0;
    m->data = (char *)0xdeadbeef;
    m->len = 0;
}

mbuf_t mbuf_free(mbuf_t m)
{
    mbuf_t next = m->next;

    retire(m);
    pool_put(&mbufs, (struct pool_node *)m, (struct pool_node *)m, 1);
    return next;
}

/* The chain's links are the pool's links: all go back at once. */
int mbuf_freem_list(mbuf_t m)
{
    struct __mbuf *first = m, *last = NULL, *nextpkt;
    unsigned count = 0, packets = 0;

    for (; m; m = nextpkt, packets++) {
        nextpkt = m->nextpkt;
        if (last)
            last->next = m;
        for (; m; m = m->next, count++) {
            retire(m);
            last = m;
        }
    }
    if (last)
        pool_put(&mbufs, (struct pool_node *)first, (struct pool_node *)last, count);
    return (int)packets;
}

void mbuf_freem(mbuf_t m)
{
    if (m) {
        m->nextpkt = NULL;
        mbuf_freem_list(m);
    }
}

/* ---- sizes and statistics ---- */

u_int32_t mbuf_get_mlen(void)
{
    return MLEN;
}
u_int32_t mbuf_get_mhlen(void)
{
    return MHLEN;
}
u_int32_t mbuf_get_minclsize(void)
{
    return MINCLSIZE;
}

static u_int32_t total(const struct pool *p, unsigned per_slab)
{
    return p->slab_count * per_slab;
}

void mbuf_stats(struct mbuf_stat *stats)
{
    bzero(stats, sizeof *stats);
    stats->mbufs = total(&mbufs, SMALL_SLAB / MSIZE);
    stats->clusters = total(&pool_2k, SMALL_SLAB / MCLBYTES - 1);
    stats->clfree = stats->clusters - (u_int32_t)clusters_2k.value;
    stats->bigclusters = total(&pool_4k, SMALL_SLAB / MBIGCLBYTES - 1);
    stats->bigclfree = stats->bigclusters - (u_int32_t)clusters_4k.value;
    stats->drops = (u_int32_t)mbuf_failed.value;
    stats->msize = MSIZE;
    stats->mclbytes = MCLBYTES;
    stats->bigmclbytes = MBIGCLBYTES;
    stats->minclsize = MINCLSIZE;
    stats->mlen = MLEN;
    stats->mhlen = MHLEN;
}
