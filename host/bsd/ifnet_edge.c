// SPDX-License-Identifier: BSD-3-Clause
/*
 * An Ethernet interface's other end is a Linux tap. Frames that Linux sends arrive in clusters and go to the
 * interface's output function, as from dlil_output(); what ifnet_input() gets goes out through the tap. What
 * is done to the tap (up, down, MTU, address, promiscuous) becomes what ifconfig does on Darwin (xnu
 * bsd/net/if.c, ifioctl).
 */
#include "bsd/ifnet_impl.h"
#include "bsd/mbuf_impl.h"
#include "family/network/boot.h"
#include "kdp/kdp.h"
#include <netinet/in.h>
#include <libkern/version.h>

enum {
    LEAD = 34, /* room before a frame for a driver's header; leaves the IP header on a 16-byte boundary */
    COPY_MAX = 128, /* frames up to here travel inside one mbuf, as small packets do on Darwin */
    VLAN_LEN = 4,
    DARWIN_10_9 = 13
};

#pragma weak host_kdp_learn /* absent from the test programs */

LX_COUNTER(output_errors, "ifnet.output_refused")
LX_COUNTER(input_flattened, "ifnet.input_flattened")

/* ---- from Linux to the driver ---- */

/* Clusters for one frame of the largest size. Without IFNET_MULTIPAGES a driver never sees a buffer that
 * crosses a page (dlil.c: dlil_output, m_normalize). */
static int buffers(void *ctx, struct edge_vec *vec)
{
    ifnet_t ifp = ctx;
    size_t big = ifp->offload & IFNET_MULTIPAGES ? M16KCLBYTES : MBIGCLBYTES;
    long need = EDGE_MAX_FRAME;
    int i;

    for (i = 0; need > 0; i++) {
        mbuf_t *m = &ifp->room[i];
        size_t skip = i == 0 ? LEAD : 0;
        if (!*m) {
            *m = mbuf_new(i == 0, MBUF_TYPE_DATA, MBUF_DONTWAIT);
            if (!*m || mbuf_getcluster(MBUF_DONTWAIT, MBUF_TYPE_DATA, i == 0 ? MCLBYTES : big, m) != 0) {
                if (*m)
                    mbuf_free(*m);
                *m = NULL;
                return 0;
            }
            (*m)->data += skip;
        }
        vec[i].base = (*m)->data;
        vec[i].len = (*m)->ext->size - skip;
        need -= (long)vec[i].len;
    }
    return ifp->rooms = i;
}

static mbuf_t take_frame(ifnet_t ifp, unsigned length)
{
    mbuf_t top = NULL, *link = &top, m;
    unsigned left = length;

    if (length <= COPY_MAX && (m = mbuf_new(1, MBUF_TYPE_DATA, MBUF_DONTWAIT))) {
        m->data += 2; /* the IP header on a 4-byte boundary */
        memcpy(m->data, ifp->room[0]->data, length);
        m->len = m->pkthdr.len = (int)length;
        return m;
    }
    for (int i = 0; left > 0 && i < ifp->rooms; i++) {
        m = ifp->room[i];
        ifp->room[i] = NULL;
        m->len = (int)MIN(left, (unsigned)(m->ext->size - (i == 0 ? LEAD : 0)));
        left -= (unsigned)m->len;
        *link = m;
        link = &m->next;
    }
    top->pkthdr.len = (int)length;
    return top;
}

/* The request as Darwin's TCP and UDP make it: csum_data is the field's offset in the header (ip_output,
 * tcp_output). */
static void request_offloads(mbuf_t m, const struct edge_meta *meta)
{
    const unsigned char *frame = (const unsigned char *)m->data;
    int tcp = meta->csum_offset == 16, at = 12, v6;

    if (frame[at] == 0x81 && frame[at + 1] == 0x00)
        at += VLAN_LEN;
    v6 = frame[at] == 0x86 && frame[at + 1] == 0xdd;
    if (meta->needs_csum) {
        m->pkthdr.csum_flags = tcp  ? v6 ? MBUF_CSUM_REQ_TCPIPV6 : MBUF_CSUM_REQ_TCP
                               : v6 ? MBUF_CSUM_REQ_UDPIPV6
                                    : MBUF_CSUM_REQ_UDP;
        m->pkthdr.csum_data = meta->csum_offset;
    }
    if (meta->gso) {
        m->pkthdr.csum_flags |= meta->gso == 4 ? MBUF_TSO_IPV4 : MBUF_TSO_IPV6;
        m->pkthdr.tso_segsz = meta->gso_size;
    }
}

/* With hardware tagging announced a VLAN's frames come with the tag beside them (if_vlan.c: vlan_output). */
static void take_tag(ifnet_t ifp, mbuf_t m)
{
    unsigned char *data = (unsigned char *)m->data;

    if (!(ifp->offload & IFNET_VLAN_TAGGING) || m->len < ETHER_HDR_LEN + VLAN_LEN || data[12] != 0x81 || data[13] != 0)
        return;
    mbuf_set_vlan_tag(m, (u_int16_t)(data[14] << 8 | data[15]));
    memmove(data + VLAN_LEN, data, 2 * ETHER_ADDR_LEN);
    m->data += VLAN_LEN;
    m->len -= VLAN_LEN;
    m->pkthdr.len -= VLAN_LEN;
}

static void frame(void *ctx, unsigned length, const struct edge_meta *meta)
{
    static const unsigned char broadcast[ETHER_ADDR_LEN] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    ifnet_t ifp = ctx;
    mbuf_t m;

    if (length < ETHER_HDR_LEN || ifnet_enter(ifp) != 0)
        return;
    m = take_frame(ifp, length);
    if (m->data[12] == 8 && m->data[13] == 6 && host_kdp_learn) /* ARP */
        host_kdp_learn((unsigned char *)m->data, (unsigned)m->len);
    if (m->data[0] & 1)
        m->flags |= memcmp(m->data, broadcast, sizeof broadcast) == 0 ? MBUF_BCAST : MBUF_MCAST;
    if (meta->needs_csum || meta->gso)
        request_offloads(m, meta);
    take_tag(ifp, m);
    m = mbuf_shape(m);
    if (ifp->init.output(ifp, m) != 0)
        lx_count(&output_errors, 1);
    ifnet_leave(ifp);
}

static int full(void *ctx)
{
    ifnet_t ifp = ctx;
    int answer;

    if (ifnet_enter(ifp) != 0)
        return 0;
    answer = network_output_full(ifp->init.softc);
    ifnet_leave(ifp);
    return answer;
}

void ifnet_output_ready(ifnet_t ifp)
{
    if (ifp && ifp->tap)
        edge_tap_ready(ifp->tap);
}

/* ---- what is done to the tap ---- */

static void request(ifnet_t ifp, struct ifreq *ifr)
{
    bzero(ifr, sizeof *ifr);
    strlcpy(ifr->ifr_name, ifp->full_name, sizeof ifr->ifr_name);
}

/* A driver that is going away refuses everything: that is no news. */
static int going(ifnet_t ifp)
{
    return (ifp->io & IO_DETACHING) != 0;
}

static void change_mtu(ifnet_t ifp, int mtu)
{
    struct ifreq ifr;
    errno_t error = EINVAL;

    request(ifp, &ifr);
    ifr.ifr_mtu = mtu;
    if (mtu >= IF_MINMTU && mtu <= IF_MAXMTU)
        error = ifnet_ioctl(ifp, 0, SIOCSIFMTU, &ifr);
    if (!error) {
        ifnet_post(ifp, KEV_DL_SIFMTU);
        ifnet_touch_lastchange(ifp);
        return;
    }
    if (going(ifp))
        return;
    lx_say("%s: the driver refuses an MTU of %d (error %d); it stays %u", ifp->full_name, mtu, error,
           ifp->mtu);
    edge_tap_set_mtu(ifp->tap, (int)ifp->mtu);
}

static void change_mac(ifnet_t ifp, const unsigned char *mac)
{
    struct ifreq ifr;
    errno_t error;

    request(ifp, &ifr);
    ifr.ifr_addr.sa_len = ETHER_ADDR_LEN;
    ifr.ifr_addr.sa_family = AF_LINK;
    memcpy(ifr.ifr_addr.sa_data, mac, ETHER_ADDR_LEN);
    error = ifnet_ioctl(ifp, 0, SIOCSIFLLADDR, &ifr);
    if (!error) {
        ifnet_touch_lastchange(ifp);
        return;
    }
    if (going(ifp))
        return;
    lx_say("%s: the driver refuses the address (error %d%s); it stays as it was", ifp->full_name, error,
           error == ENETDOWN ? ": set the interface up first, as on Darwin" : "");
    edge_tap_set_mac(ifp->tap, ifp->lladdr);
}

/* As SIOCSIFFLAGS: the flags are set first, the driver's error does not undo them (if.c, ifioctl_ifreq). */
static void change_flags(ifnet_t ifp, u_int16_t flags, u_int16_t mask)
{
    struct ifreq ifr;
    errno_t error;
    int rises = flags & ~ifp->flags & IFF_UP;

    request(ifp, &ifr);
    ifnet_set_flags(ifp, flags, mask);
    ifr.ifr_flags = (short)ifp->flags;
    error = ifnet_ioctl(ifp, 0, SIOCSIFFLAGS, &ifr);
    if (error && !going(ifp))
        lx_say("%s: the driver %s (error %d)", ifp->full_name,
               rises ? "could not be enabled" : "refuses the new flags; they stay set", error);
    ifnet_post(ifp, KEV_DL_SIFFLAGS);
    ifnet_touch_lastchange(ifp);
}

/* Linux may hand over several changes at once: what the driver must know before it starts comes first. */
static void changed(void *ctx, int up, int mtu, const unsigned char mac[6], int promisc, int allmulti)
{
    u_int16_t want = (u_int16_t)((up ? IFF_UP : 0) | (allmulti ? IFF_ALLMULTI : 0)),
              mask = IFF_UP | IFF_ALLMULTI;
    ifnet_t ifp = ctx;

    while (ifp->opening)
        lx_sleep_ns(1000000);
    if (ifnet_enter(ifp) != 0)
        return;
    if ((u_int32_t)mtu != ifp->mtu)
        change_mtu(ifp, mtu);
    if (memcmp(mac, ifp->lladdr, ETHER_ADDR_LEN) != 0)
        change_mac(ifp, mac);
    if (promisc != (ifp->promiscuous > 0))
        ifnet_set_promiscuous(ifp, promisc);
    if (want != (ifp->flags & mask))
        change_flags(ifp, want, mask);
    if (up && !ifp->joined) {
        ifp->joined = 1;
        ifnet_join_host_groups(ifp);
    }
    ifnet_leave(ifp);
}

static void groups(void *ctx, const unsigned char (*group)[ETHER_ADDR_LEN], int count)
{
    ifnet_t ifp = ctx;

    while (ifp->opening)
        lx_sleep_ns(1000000);
    if (ifnet_enter(ifp) != 0)
        return;
    ifnet_mirror_groups(ifp, group, count);
    ifnet_leave(ifp);
}

/* ---- from the driver to Linux ---- */

/* The frame header, which ifnet_input()'s caller has taken off, mostly still lies right before the data. A
 * VLAN tag that the hardware took out is put back between the addresses and the type. */
static int gather(ifnet_t ifp, mbuf_t m, struct edge_vec *vec, unsigned char *vlan)
{
    unsigned char *header = m->pkthdr.header;
    unsigned hdrlen = header ? ifp->hdrlen : 0;
    int n = 0;

    if (hdrlen == ETHER_HDR_LEN && (m->pkthdr.csum_flags & CSUM_VLAN_TAG_VALID)) {
        vlan[0] = 0x81;
        vlan[1] = 0x00;
        vlan[2] = (unsigned char)(m->pkthdr.vlan >> 8);
        vlan[3] = (unsigned char)m->pkthdr.vlan;
        vec[n++] = (struct edge_vec){header, 2 * ETHER_ADDR_LEN};
        vec[n++] = (struct edge_vec){vlan, VLAN_LEN};
        vec[n++] = (struct edge_vec){header + 2 * ETHER_ADDR_LEN, 2};
    } else if (hdrlen) {
        vec[n++] = (struct edge_vec){header, hdrlen};
    }
    for (; m; m = m->next) {
        if (m->len == 0)
            continue;
        if (n > 0 && (char *)vec[n - 1].base + vec[n - 1].len == m->data) {
            vec[n - 1].len += (unsigned)m->len;
            continue;
        }
        if (n == EDGE_MAX_VEC)
            return -1;
        vec[n++] = (struct edge_vec){m->data, (unsigned)m->len};
    }
    return n;
}

/* A chain of too many small pieces, in few large ones. */
static mbuf_t flatten(mbuf_t m)
{
    mbuf_t flat = NULL;
    size_t at = 0;

    lx_count(&input_flattened, 1);
    if (m->pkthdr.len <= 0 || mbuf_allocpacket(MBUF_DONTWAIT, (size_t)m->pkthdr.len, NULL, &flat) != 0)
        return NULL;
    for (mbuf_t f = flat; f; f = f->next) {
        f->len = (int)MIN(mbuf_maxlen(f), (size_t)m->pkthdr.len - at);
        if (mbuf_copydata(m, at, (size_t)f->len, f->data) != 0) {
            mbuf_freem(flat);
            return NULL;
        }
        at += (size_t)f->len;
    }
    flat->pkthdr = m->pkthdr;
    flat->pkthdr.tags = NULL;
    return flat;
}

/* Good by the driver's word: the sum of the segment with its pseudo header is 0xffff (tcp_input:
 * tcp_checksum). Over IPv6 the stack sums by itself, whatever the driver says (xnu-1504 tcp_input.c, udp6_usrreq.c:
 * in6_cksum), until it looks at the flags too (xnu-2422, 10.9; taken for the first). */
static int vouched(mbuf_t m, const struct edge_vec *head)
{
    const u_int32_t good = MBUF_CSUM_DID_DATA | MBUF_CSUM_PSEUDO_HDR;
    const unsigned char *type = (const unsigned char *)head->base + 2 * ETHER_ADDR_LEN;

    if (head->len >= ETHER_HDR_LEN + VLAN_LEN && type[0] == 0x81 && type[1] == 0x00)
        type += VLAN_LEN;
    if (version_major < DARWIN_10_9 && head->len >= ETHER_HDR_LEN && type[0] == 0x86 && type[1] == 0xdd)
        return 0;
    return (m->pkthdr.csum_flags & good) == good && (m->pkthdr.csum_data & 0xffff) == 0xffff;
}

/* A frame that has bytes elsewhere than in its mbufs cannot wait for the end of the burst. */
static void send(ifnet_t ifp, struct edge_burst *burst, mbuf_t m)
{
    struct edge_vec vec[EDGE_MAX_VEC + 3];
    struct edge_meta meta = {0};
    unsigned char vlan[VLAN_LEN];
    mbuf_t flat = NULL;
    int n = gather(ifp, m, vec, vlan);

    if (n < 0 && (flat = flatten(m)))
        n = gather(ifp, flat, vec, vlan);
    if (n > 0) {
        meta.csum_valid = (unsigned char)vouched(m, vec);
        edge_burst_add(burst, &meta, vec, n);
    }
    if (flat || (m->pkthdr.csum_flags & CSUM_VLAN_TAG_VALID))
        edge_burst_end(burst);
    mbuf_freem(flat);
}

void ifnet_edge_input(ifnet_t ifp, mbuf_t list)
{
    struct edge_burst burst;

    if (ifp->tap) {
        edge_burst_begin(&burst, ifp->tap);
        for (mbuf_t m = list; m; m = m->nextpkt)
            send(ifp, &burst, m);
        edge_burst_end(&burst);
    }
    mbuf_freem_list(list);
}

/* ---- life ---- */

static unsigned announced(ifnet_t ifp)
{
    static const struct {
        ifnet_offload_t ifnet;
        unsigned edge;
    } map[] = {{IFNET_CSUM_TCP, EDGE_CSUM_TCP4},     {IFNET_CSUM_UDP, EDGE_CSUM_UDP4},
               {IFNET_CSUM_TCPIPV6, EDGE_CSUM_TCP6}, {IFNET_CSUM_UDPIPV6, EDGE_CSUM_UDP6},
               {IFNET_TSO_IPV4, EDGE_TSO4},          {IFNET_TSO_IPV6, EDGE_TSO6}};
    unsigned bits = 0;

    for (unsigned i = 0; i < sizeof map / sizeof map[0]; i++)
        if (ifp->offload & map[i].ifnet)
            bits |= map[i].edge;
    return bits;
}

errno_t ifnet_edge_open(ifnet_t ifp)
{
    static const struct edge_upcalls up = {buffers, frame, full, changed, groups};

    if (ifp->init.type != IFT_ETHER || ifp->addrlen != ETHER_ADDR_LEN)
        return 0;
    if (!ifp->mtu)
        ifp->mtu = ETHERMTU;
    ifp->opening = 1;
    ifp->tap = edge_tap_open(ifp->full_name, ifp->lladdr, (int)ifp->mtu, announced(ifp), &up, ifp);
    __atomic_store_n(&ifp->opening, 0, __ATOMIC_RELEASE);
    return ifp->tap ? 0 : ENXIO;
}

void ifnet_edge_close(ifnet_t ifp)
{
    if (ifp->tap)
        edge_tap_close(ifp->tap);
    ifp->tap = NULL;
    for (int i = 0; i < EDGE_GROUPS; i++)
        if (ifp->mirrored[i]) { /* the interface frees its groups; this is the reference to them */
            ifmaddr_release(ifp->mirrored[i]);
            ifp->mirrored[i] = NULL;
        }
    for (int i = 0; i < EDGE_MAX_VEC; i++)
        if (ifp->room[i]) {
            mbuf_freem(ifp->room[i]);
            ifp->room[i] = NULL;
        }
}
