// SPDX-License-Identifier: BSD-3-Clause
/*
 * Chains of mbufs: looking into them, cutting, joining, copying. Behaviour of xnu's bsd/kern/kpi_mbuf.c,
 * uipc_mbuf.c and uipc_mbuf2.c (named beside each function that has more than one reading).
 */
#include "bsd/mbuf_impl.h"

/* ---- one mbuf ---- */

void *mbuf_data(mbuf_t m)
{
    return m->data;
}
void *mbuf_datastart(mbuf_t m)
{
    return mbuf_base(m);
}
size_t mbuf_len(const mbuf_t m)
{
    return (size_t)m->len;
}
void mbuf_setlen(mbuf_t m, size_t len)
{
    m->len = (int)len;
}
size_t mbuf_maxlen(const mbuf_t m)
{
    return m->flags & MBUF_EXT ? m->ext->size : (size_t)(m->dat + MLEN - mbuf_base(m));
}

errno_t mbuf_setdata(mbuf_t m, void *data, size_t len)
{
    char *base = mbuf_base(m), *end = base + mbuf_maxlen(m);

    if ((char *)data < base || (char *)data > end || len > (size_t)(end - (char *)data))
        return EINVAL;
    m->data = data;
    m->len = (int)len;
    return 0;
}

/* No room at all in a cluster that someone else has a share in (xnu: m_leadingspace). */
size_t mbuf_leadingspace(const mbuf_t m)
{
    return mbuf_shared(m) ? 0 : (size_t)(m->data - mbuf_base(m));
}
size_t mbuf_trailingspace(const mbuf_t m)
{
    return mbuf_shared(m) ? 0 : (size_t)(mbuf_base(m) + mbuf_maxlen(m) - (m->data + m->len));
}

/* The data is to begin so that len bytes end at the end of the room, on a word's boundary. */
errno_t mbuf_align_32(mbuf_t m, size_t len)
{
    if (mbuf_shared(m))
        return ENOTSUP;
    m->data = mbuf_base(m);
    m->data += (mbuf_trailingspace(m) - len) & ~(sizeof(u_int32_t) - 1);
    return 0;
}

addr64_t mbuf_data_to_physical(void *ptr)
{
    return lx_in_ram(ptr) ? lx_ram_phys(ptr) : 0;
}

errno_t mbuf_adjustlen(mbuf_t m, int amount)
{
    long used = m->data - mbuf_base(m) + m->len;

    if (amount > 0 ? (size_t)(used + amount) > mbuf_maxlen(m) : -amount > m->len)
        return EINVAL;
    m->len += amount;
    return 0;
}

mbuf_t mbuf_next(const mbuf_t m)
{
    return m->next;
}
mbuf_t mbuf_nextpkt(const mbuf_t m)
{
    return m->nextpkt;
}
void mbuf_setnextpkt(mbuf_t m, mbuf_t nextpkt)
{
    m->nextpkt = nextpkt;
}
errno_t mbuf_setnext(mbuf_t m, mbuf_t next)
{
    if (next && (next->nextpkt || next->type == MBUF_TYPE_FREE))
        return EINVAL;
    m->next = next;
    return 0;
}

/* ---- reading and writing across a chain ---- */

errno_t mbuf_copydata(const mbuf_t m0, size_t offset, size_t length, void *out)
{
    struct __mbuf *m = m0;

    while (offset > 0 && m && offset >= (size_t)m->len) {
        offset -= (size_t)m->len;
        m = m->next;
    }
    for (; length > 0; m = m->next, offset = 0) {
        size_t n;
        if (!m)
            return EINVAL;
        n = MIN((size_t)m->len - offset, length);
        memcpy(out, m->data + offset, n);
        out = (char *)out + n;
        length -= n;
    }
    return 0;
}

static mbuf_t extend(mbuf_t m, size_t want, mbuf_how_t how)
{
    mbuf_t n = mbuf_new(0, m->type, how);

    if (n && want > MINCLSIZE)
        mbuf_mclget(how, m->type, &n); /* without the cluster it is shorter, no more */
    if (n)
        n->len = (int)MIN(mbuf_maxlen(n), want);
    return m->next = n;
}

/* The packet grows where the data goes beyond its end (kpi_mbuf.c: mbuf_copyback). */
errno_t mbuf_copyback(mbuf_t m0, size_t offset, size_t length, const void *data, mbuf_how_t how)
{
    size_t end = offset + length;
    errno_t error = 0;
    mbuf_t m = m0;

    if (!m0 || !length || !data)
        return EINVAL;
    for (; offset > (size_t)m->len; m = m->next) {
        offset -= (size_t)m->len;
        if (m->next)
            continue;
        if (!extend(m, offset + length, how))
            return ENOBUFS;
        bzero(m->next->data, (size_t)m->next->len);
    }
    for (;; m = m->next, offset = 0) {
        size_t n = MIN((size_t)m->len - offset, length);
        if (n < length && !m->next) {
            size_t grow = MIN(mbuf_trailingspace(m), length - n);
            n += grow;
            m->len += (int)grow;
        }
        memcpy(m->data + offset, data, n);
        data = (const char *)data + n;
        length -= n;
        if (!length)
            break;
        if (!m->next && !extend(m, length, how)) {
            error = ENOBUFS;
            end -= length;
            break;
        }
    }
    if ((m0->flags & MBUF_PKTHDR) && m0->pkthdr.len < (int)end)
        m0->pkthdr.len = (int)end;
    return error;
}

/* ---- trimming ---- */

static void trim_head(mbuf_t m0, int len)
{
    int left = len;

    for (mbuf_t m = m0; m && left > 0; m = m->next) {
        int n = MIN(m->len, left);
        m->data += m->len > left ? n : 0;
        m->len -= n;
        left -= n;
    }
    if (m0->flags & MBUF_PKTHDR)
        m0->pkthdr.len -= len - left;
}

static void trim_tail(mbuf_t m0, int len)
{
    int keep = 0;

    for (mbuf_t m = m0; m; m = m->next)
        keep += m->len;
    keep = MAX(keep - len, 0);
    if (m0->flags & MBUF_PKTHDR)
        m0->pkthdr.len = keep;
    for (mbuf_t m = m0; m; m = m->next) {
        m->len = MIN(m->len, keep);
        keep -= m->len;
    }
}

/* len bytes off the head, or -len off the tail; mbufs stay, empty. */
void mbuf_adj(mbuf_t m, int len)
{
    if (!m)
        return;
    if (len >= 0)
        trim_head(m, len);
    else
        trim_tail(m, -len);
}

/* ---- joining ---- */

/* Short ones are copied into the last mbuf's room (xnu: m_cat). dst's packet length stays as it is. */
mbuf_t mbuf_concatenate(mbuf_t dst, mbuf_t src)
{
    mbuf_t m = dst;

    if (!dst)
        return NULL;
    while (m->next)
        m = m->next;
    while (src) {
        if ((m->flags & MBUF_EXT) || m->data + m->len + src->len >= m->dat + MLEN) {
            m->next = src;
            break;
        }
        memcpy(m->data + m->len, src->data, (size_t)src->len);
        m->len += src->len;
        src = mbuf_free(src);
    }
    return dst;
}

/* Moves the packet header (tags and all) to a fresh mbuf; from is no packet's first any more. */
static void move_header(mbuf_t to, mbuf_t from)
{
    to->pkthdr = from->pkthdr;
    to->flags = (from->flags & COPY_FLAGS) | (to->flags & MBUF_EXT);
    from->flags &= (u_int16_t)~MBUF_PKTHDR;
    if (!(to->flags & MBUF_EXT))
        to->data = mbuf_base(to);
}

errno_t mbuf_prepend(mbuf_t *orig, size_t len, mbuf_how_t how)
{
    mbuf_t m = *orig, n = m;

    if (mbuf_leadingspace(m) >= len) {
        m->data -= len;
        m->len += (int)len;
    } else {
        n = len <= (m->flags & MBUF_PKTHDR ? MHLEN : MLEN) ? mbuf_new(0, m->type, how) : NULL;
        if (!n) {
            mbuf_freem(m);
            *orig = NULL;
            return ENOMEM;
        }
        n->nextpkt = m->nextpkt;
        m->nextpkt = NULL;
        if (m->flags & MBUF_PKTHDR)
            move_header(n, m);
        n->next = m;
        mbuf_align_32(n, len); /* at the end of the room, for more of the same (xnu: MH_ALIGN) */
        n->len = (int)len;
    }
    if (n->flags & MBUF_PKTHDR)
        n->pkthdr.len += (int)len;
    *orig = n;
    return 0;
}

/* The first len bytes come to lie in the first mbuf; at most MHLEN when it is not so already (xnu: m_pullup).
 */
errno_t mbuf_pullup(mbuf_t *mbuf, size_t len)
{
    mbuf_t n = *mbuf, m;
    int want;

    if ((size_t)n->len >= len)
        return 0;
    if (!(n->flags & MBUF_EXT) && n->data + len <= n->dat + MLEN && n->next) {
        m = n;
        n = n->next;
    } else {
        m = len <= MHLEN ? mbuf_new(0, n->type, MBUF_DONTWAIT) : NULL;
        if (!m)
            goto bad;
        m->nextpkt = n->nextpkt;
        n->nextpkt = NULL;
        if (n->flags & MBUF_PKTHDR)
            move_header(m, n);
    }
    for (want = (int)len - m->len; want > 0 && n;) {
        int count = MIN(want, n->len);
        memcpy(m->data + m->len, n->data, (size_t)count);
        want -= count;
        m->len += count;
        n->data += count;
        n->len -= count;
        if (!n->len)
            n = mbuf_free(n);
    }
    m->next = n;
    *mbuf = m;
    if (want <= 0)
        return 0;
    n = m;
bad:
    mbuf_freem(n);
    *mbuf = NULL;
    return ENOMEM;
}

/* Where offset lies; *offset becomes the offset in that mbuf. */
static mbuf_t find(mbuf_t m, size_t *offset)
{
    while (m && *offset > 0 && *offset >= (size_t)m->len) {
        *offset -= (size_t)m->len;
        m = m->next;
    }
    while (m && m->len == 0)
        m = m->next;
    return m;
}

static size_t chain_len(mbuf_t m)
{
    size_t n = 0;

    for (; m; m = m->next)
        n += (size_t)m->len;
    return n;
}

/* length bytes at *offset become contiguous in *location, at the new *offset; on failure the packet is freed
 * (xnu: m_pulldown). */
errno_t mbuf_pulldown(mbuf_t src, size_t *offset, size_t length, mbuf_t *location)
{
    mbuf_t n = find(src, offset), o = NULL;
    size_t head;

    *location = NULL;
    if (!n || length > MCLBYTES || chain_len(n) < *offset + length)
        goto bad;
    if (length <= (size_t)n->len - *offset) {
        *location = n;
        return 0;
    }
    head = (size_t)n->len - *offset;
    if (!(n->flags & MBUF_EXT && (mbuf_shared(n) || n->ext->free)) &&
        mbuf_trailingspace(n) >= length - head) {
        mbuf_copydata(n->next, 0, length - head, n->data + n->len);
        n->len += (int)(length - head);
        trim_head(n->next, (int)(length - head));
        *location = n;
        return 0;
    }
    o = mbuf_new(0, src->type, MBUF_DONTWAIT);
    if (!o || (length > MLEN && mbuf_mclget(MBUF_DONTWAIT, src->type, &o) != 0))
        goto bad;
    mbuf_copydata(n, *offset, length, o->data);
    o->len = (int)length;
    n->len -= (int)head;
    trim_head(n->next, (int)(length - head));
    o->next = n->next;
    n->next = o;
    *offset = 0;
    *location = o;
    return 0;
bad:
    if (o)
        mbuf_free(o);
    mbuf_freem(src);
    return ENOMEM;
}

/* ---- copying ---- */

/* A new mbuf that shows len bytes of m at offset: the same cluster, or a copy of the bytes. */
static mbuf_t show(mbuf_t m, size_t offset, size_t len, int header, mbuf_how_t how)
{
    mbuf_t n = mbuf_new(header, m->type, how);

    if (!n)
        return NULL;
    if (m->flags & MBUF_EXT) {
        __atomic_fetch_add(&m->ext->refs, 1, __ATOMIC_RELAXED);
        mbuf_give_cluster(n, m->ext);
        n->data = m->data + offset;
    } else if (len > mbuf_maxlen(n) && mbuf_mclget(how, m->type, &n) != 0) {
        mbuf_free(n);
        return NULL;
    } else {
        memcpy(n->data, m->data + offset, len);
    }
    n->len = (int)len;
    return n;
}

static errno_t copy_header(mbuf_t to, mbuf_t from, mbuf_how_t how)
{
    to->pkthdr = from->pkthdr;
    to->pkthdr.tags = NULL;
    to->flags = (from->flags & COPY_FLAGS) | (to->flags & (MBUF_EXT | MBUF_PKTHDR));
    return mbuf_tags_copy(to, from, how) ? 0 : ENOMEM;
}

errno_t mbuf_copym(const mbuf_t src, size_t offset, size_t len, mbuf_how_t how, mbuf_t *new_mbuf)
{
    int header = offset == 0 && (src->flags & MBUF_PKTHDR) != 0;
    int all = len == MBUF_COPYALL;
    mbuf_t m = find(src, &offset), top = NULL, *link = &top;

    *new_mbuf = NULL;
    if (!m && len)
        panic("mbuf_copym: the chain is shorter than the offset");
    for (; m && len > 0; m = m->next, offset = 0) {
        size_t n = MIN((size_t)m->len - offset, len);
        *link = show(m, offset, n, header && !top, how);
        if (!*link || (header && link == &top && copy_header(top, src, how) != 0)) {
            mbuf_freem(top);
            return ENOMEM;
        }
        link = &(*link)->next;
        len -= n;
    }
    if (len > 0 && !all)
        panic("mbuf_copym: the chain ends %lu bytes early", len);
    if (top && header)
        top->pkthdr.len = (int)chain_len(top);
    *new_mbuf = top;
    return top ? 0 : ENOMEM;
}

/* A copy that shares nothing with src (xnu: m_dup). */
errno_t mbuf_dup(const mbuf_t src, mbuf_how_t how, mbuf_t *new_mbuf)
{
    mbuf_t top = NULL, *link = &top;

    *new_mbuf = NULL;
    for (mbuf_t m = src; m; m = m->next) {
        size_t len = (size_t)m->len, size = len <= MCLBYTES      ? MCLBYTES
                                            : len <= MBIGCLBYTES ? MBIGCLBYTES
                                                                 : M16KCLBYTES;
        int header = m == src && (m->flags & MBUF_PKTHDR);
        mbuf_t n = *link = mbuf_new(header, m->type, how);
        if (!n || len > M16KCLBYTES || (header && copy_header(n, src, how) != 0) ||
            (len > mbuf_maxlen(n) && mbuf_getcluster(how, m->type, size, &n) != 0)) {
            mbuf_freem(top);
            return ENOMEM;
        }
        memcpy(n->data, m->data, len);
        n->len = m->len;
        link = &n->next;
    }
    *new_mbuf = top;
    return top ? 0 : ENOMEM;
}

/* src keeps the first offset bytes, the rest becomes *new_mbuf, with a packet header when src has one (xnu:
 * m_split). */
errno_t mbuf_split(mbuf_t src, size_t offset, mbuf_how_t how, mbuf_t *new_mbuf)
{
    size_t in = offset, total = chain_len(src);
    mbuf_t m = src, n = NULL, rest;

    *new_mbuf = NULL;
    if (offset > total)
        return ENOMEM;
    while (m->next && in >= (size_t)m->len) {
        in -= (size_t)m->len;
        m = m->next;
    }
    rest = show(m, in, (size_t)m->len - in, 0, how);
    if (!rest)
        return ENOMEM;
    if (src->flags & MBUF_PKTHDR) {
        n = mbuf_new(1, src->type, how);
        if (!n) {
            mbuf_free(rest);
            return ENOMEM;
        }
        n->pkthdr.rcvif = src->pkthdr.rcvif;
        n->pkthdr.len = (int)(total - offset);
        src->pkthdr.len = (int)offset;
    }
    rest->next = m->next;
    m->next = NULL;
    m->len = (int)in;
    if (n)
        n->next = rest;
    *new_mbuf = n ? n : rest;
    return 0;
}
