// SPDX-License-Identifier: BSD-3-Clause
/*
 * The packet header: flags, offload requests and results, VLAN, traffic class, tags. Behaviour of xnu's
 * bsd/kern/kpi_mbuf.c.
 */
#include "bsd/mbuf_impl.h"
#include <kern/kern_types.h>
#include <sys/malloc.h>

LX_COUNTER(tags_alive, "mbufs.tags.live")

static const mbuf_flags_t public_flags = MBUF_EXT | MBUF_PKTHDR | MBUF_EOR | MBUF_LOOP | MBUF_BCAST |
                                         MBUF_MCAST | MBUF_FRAG | MBUF_FIRSTFRAG | MBUF_LASTFRAG |
                                         MBUF_PROMISC | MBUF_HASFCS;

mbuf_type_t mbuf_type(const mbuf_t m)
{
    return m->type;
}
errno_t mbuf_settype(mbuf_t m, mbuf_type_t type)
{
    if (type == MBUF_TYPE_FREE)
        return EINVAL;
    m->type = (u_int16_t)type;
    return 0;
}
mbuf_flags_t mbuf_flags(const mbuf_t m)
{
    return m->flags & public_flags;
}

/* Gives an mbuf a packet header or takes it away (xnu: m_reinit). */
static errno_t toggle_header(mbuf_t m, int on)
{
    if (!on) {
        mbuf_free_tags(m);
        m->flags &= (u_int16_t)~MBUF_PKTHDR;
        return 0;
    }
    if (!(m->flags & MBUF_EXT) && (m->data != m->dat || m->len > 0))
        return EBUSY;
    mbuf_pkthdr_init(m);
    if (!(m->flags & MBUF_EXT))
        m->data = mbuf_base(m);
    return 0;
}

errno_t mbuf_setflags_mask(mbuf_t m, mbuf_flags_t flags, mbuf_flags_t mask)
{
    mbuf_flags_t want = (flags & mask) | (m->flags & ~mask), changed = want ^ m->flags;

    if ((flags | mask) & (~public_flags | MBUF_EXT))
        return EINVAL;
    m->flags = (u_int16_t)((want & ~(mbuf_flags_t)MBUF_PKTHDR) | (m->flags & MBUF_PKTHDR));
    return changed & MBUF_PKTHDR ? toggle_header(m, (want & MBUF_PKTHDR) != 0) : 0;
}
errno_t mbuf_setflags(mbuf_t m, mbuf_flags_t flags)
{
    if ((flags | m->flags) & MBUF_EXT)
        return EINVAL;
    return mbuf_setflags_mask(m, flags, public_flags & ~(mbuf_flags_t)MBUF_EXT);
}

errno_t mbuf_copy_pkthdr(mbuf_t dest, const mbuf_t src)
{
    if (!(src->flags & MBUF_PKTHDR))
        return EINVAL;
    if (dest->flags & MBUF_PKTHDR)
        mbuf_free_tags(dest);
    dest->pkthdr = src->pkthdr;
    dest->flags = (src->flags & COPY_FLAGS) | (dest->flags & MBUF_EXT);
    src->pkthdr.tags = NULL; /* they move (xnu: m_tag_init with saving) */
    if (!(dest->flags & MBUF_EXT))
        dest->data = mbuf_base(dest);
    return 0;
}

size_t mbuf_pkthdr_len(const mbuf_t m)
{
    return (size_t)m->pkthdr.len;
}
void mbuf_pkthdr_setlen(mbuf_t m, size_t len)
{
    m->pkthdr.len = (int)len;
}
void mbuf_pkthdr_adjustlen(mbuf_t m, int amount)
{
    m->pkthdr.len += amount;
}
ifnet_t mbuf_pkthdr_rcvif(const mbuf_t m)
{
    return m->pkthdr.rcvif;
}
errno_t mbuf_pkthdr_setrcvif(mbuf_t m, ifnet_t ifp)
{
    m->pkthdr.rcvif = ifp;
    return 0;
}
void *mbuf_pkthdr_header(const mbuf_t m)
{
    return m->pkthdr.header;
}
void mbuf_pkthdr_setheader(mbuf_t m, void *header)
{
    m->pkthdr.header = header;
}

/* ---- offloads ---- */

enum {
    LOW_HALF = 0xffff, /* requests or results of checksums; a new set replaces the old */
    REQUESTS = MBUF_CSUM_REQ_IP | MBUF_CSUM_REQ_TCP | MBUF_CSUM_REQ_UDP | MBUF_CSUM_PARTIAL |
               MBUF_CSUM_REQ_TCPIPV6 | MBUF_CSUM_REQ_UDPIPV6,
    RESULTS =
        MBUF_CSUM_DID_IP | MBUF_CSUM_IP_GOOD | MBUF_CSUM_DID_DATA | MBUF_CSUM_PSEUDO_HDR | MBUF_CSUM_PARTIAL
};

static void set_low(mbuf_t m, u_int32_t bits, u_int32_t value)
{
    m->pkthdr.csum_flags = (m->pkthdr.csum_flags & ~(u_int32_t)LOW_HALF) | bits;
    m->pkthdr.csum_data = value;
}

errno_t mbuf_set_csum_requested(mbuf_t m, mbuf_csum_request_flags_t request, u_int32_t value)
{
    set_low(m, request & REQUESTS, value);
    return 0;
}
errno_t mbuf_get_csum_requested(mbuf_t m, mbuf_csum_request_flags_t *request, u_int32_t *value)
{
    *request = m->pkthdr.csum_flags & REQUESTS;
    if (value)
        *value = m->pkthdr.csum_data;
    return 0;
}
errno_t mbuf_clear_csum_requested(mbuf_t m)
{
    set_low(m, 0, 0);
    return 0;
}
errno_t mbuf_set_csum_performed(mbuf_t m, mbuf_csum_performed_flags_t flags, u_int32_t value)
{
    set_low(m, flags & RESULTS, value);
    return 0;
}
errno_t mbuf_get_csum_performed(mbuf_t m, mbuf_csum_performed_flags_t *flags, u_int32_t *value)
{
    *flags = m->pkthdr.csum_flags & RESULTS;
    *value = m->pkthdr.csum_data;
    return 0;
}
errno_t mbuf_clear_csum_performed(mbuf_t m)
{
    set_low(m, 0, 0);
    return 0;
}
errno_t mbuf_get_tso_requested(mbuf_t m, mbuf_tso_request_flags_t *request, u_int32_t *value)
{
    if (!m || !(m->flags & MBUF_PKTHDR) || !request || !value)
        return EINVAL;
    *request = m->pkthdr.csum_flags & (MBUF_TSO_IPV4 | MBUF_TSO_IPV6);
    if (*request)
        *value = m->pkthdr.tso_segsz;
    return 0;
}
void mbuf_inbound_modified(mbuf_t m)
{
    m->pkthdr.csum_flags = 0;
}

errno_t mbuf_set_vlan_tag(mbuf_t m, u_int16_t vlan)
{
    m->pkthdr.csum_flags |= CSUM_VLAN_TAG_VALID;
    m->pkthdr.vlan = vlan;
    return 0;
}
errno_t mbuf_get_vlan_tag(mbuf_t m, u_int16_t *vlan)
{
    if (!(m->pkthdr.csum_flags & CSUM_VLAN_TAG_VALID))
        return ENXIO;
    *vlan = m->pkthdr.vlan;
    return 0;
}
errno_t mbuf_clear_vlan_tag(mbuf_t m)
{
    m->pkthdr.csum_flags &= ~(u_int32_t)CSUM_VLAN_TAG_VALID;
    m->pkthdr.vlan = 0;
    return 0;
}

mbuf_traffic_class_t mbuf_get_traffic_class(mbuf_t m)
{
    return m && (m->flags & MBUF_PKTHDR) ? (mbuf_traffic_class_t)m->pkthdr.traffic_class : MBUF_TC_BE;
}
errno_t mbuf_set_traffic_class(mbuf_t m, mbuf_traffic_class_t tc)
{
    if (!m || !(m->flags & MBUF_PKTHDR) || (u_int32_t)tc > MBUF_TC_VO)
        return EINVAL;
    m->pkthdr.traffic_class = (u_int8_t)tc;
    return 0;
}

/* ---- tags ---- */

static struct mbuf_tag **tag_find(mbuf_t m, mbuf_tag_id_t module, mbuf_tag_type_t type)
{
    struct mbuf_tag **link = &m->pkthdr.tags;

    while (*link && ((*link)->module != module || (*link)->type != type))
        link = &(*link)->next;
    return link;
}

static void tag_drop(struct mbuf_tag **link)
{
    struct mbuf_tag *tag = *link;

    *link = tag->next;
    _FREE(tag, M_TEMP);
    lx_count(&tags_alive, -1ul);
}

static struct mbuf_tag *tag_add(mbuf_t m, mbuf_tag_id_t module, mbuf_tag_type_t type, size_t length,
                                mbuf_how_t how)
{
    struct mbuf_tag *tag = _MALLOC(sizeof *tag + length, M_TEMP, how == MBUF_WAITOK ? M_WAITOK : M_NOWAIT);

    if (!tag)
        return NULL;
    *tag = (struct mbuf_tag){m->pkthdr.tags, module, type, (u_int16_t)length};
    m->pkthdr.tags = tag;
    lx_count(&tags_alive, 1);
    return tag;
}

void mbuf_free_tags(struct __mbuf *m)
{
    while (m->pkthdr.tags)
        tag_drop(&m->pkthdr.tags);
}

int mbuf_tags_copy(struct __mbuf *to, const struct __mbuf *from, mbuf_how_t how)
{
    for (const struct mbuf_tag *t = from->pkthdr.tags; t; t = t->next) {
        struct mbuf_tag *copy = tag_add(to, t->module, t->type, t->length, how);
        if (!copy)
            return 0;
        memcpy(copy->data, t->data, t->length);
    }
    return 1;
}

errno_t mbuf_tag_id_find(const char *module_string, mbuf_tag_id_t *module_id)
{
    return net_string_id(module_string, module_id);
}

errno_t mbuf_tag_allocate(mbuf_t m, mbuf_tag_id_t id, mbuf_tag_type_t type, size_t length, mbuf_how_t how,
                          void **data_p)
{
    struct mbuf_tag *tag;

    if (data_p)
        *data_p = NULL;
    if (!m || !(m->flags & MBUF_PKTHDR) || !net_string_id_valid(id) || length < 1 || length > 0xffff ||
        !data_p)
        return EINVAL;
    if (*tag_find(m, id, type))
        return EEXIST;
    tag = tag_add(m, id, type, length, how);
    if (!tag)
        return how == MBUF_WAITOK ? ENOMEM : EWOULDBLOCK;
    *data_p = tag->data;
    return 0;
}

errno_t mbuf_tag_find(mbuf_t m, mbuf_tag_id_t id, mbuf_tag_type_t type, size_t *length, void **data_p)
{
    struct mbuf_tag *tag;

    if (length)
        *length = 0;
    if (data_p)
        *data_p = NULL;
    if (!m || !(m->flags & MBUF_PKTHDR) || !net_string_id_valid(id) || !length || !data_p)
        return EINVAL;
    tag = *tag_find(m, id, type);
    if (!tag)
        return ENOENT;
    *length = tag->length;
    *data_p = tag->data;
    return 0;
}

void mbuf_tag_free(mbuf_t m, mbuf_tag_id_t id, mbuf_tag_type_t type)
{
    struct mbuf_tag **link;

    if (!m || !(m->flags & MBUF_PKTHDR) || !net_string_id_valid(id))
        return;
    link = tag_find(m, id, type);
    if (*link)
        tag_drop(link);
}
