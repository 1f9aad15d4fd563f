// SPDX-License-Identifier: BSD-3-Clause
/*
 * What an interface is and has: flags, lengths, offloads, statistics, addresses. Behaviour of xnu's
 * bsd/net/kpi_interface.c, functions of the same names.
 */
#include "bsd/ifnet_impl.h"
#include "mach/atomic64.h"
#include <net/bpf.h>
#include <sys/malloc.h>

void *ifnet_softc(ifnet_t ifp)
{
    return ifp ? ifp->init.softc : NULL;
}
const char *ifnet_name(ifnet_t ifp)
{
    return ifp ? ifp->name : NULL;
}
ifnet_family_t ifnet_family(ifnet_t ifp)
{
    return ifp ? ifp->init.family : 0;
}
u_int32_t ifnet_unit(ifnet_t ifp)
{
    return ifp ? ifp->init.unit : 0xffffffff;
}
u_int32_t ifnet_index(ifnet_t ifp)
{
    return ifp ? ifp->index : 0xffffffff;
}
u_int8_t ifnet_type(ifnet_t ifp)
{
    return ifp ? (u_int8_t)ifp->init.type : 0;
}

/* ---- flags ---- */

static void set_bits(ifnet_t ifp, u_int32_t *word, u_int32_t bits, u_int32_t mask)
{
    lx_mutex_lock(&ifp->lock);
    *word = (bits & mask) | (*word & ~mask);
    lx_mutex_unlock(&ifp->lock);
}

errno_t ifnet_set_flags(ifnet_t ifp, u_int16_t new_flags, u_int16_t mask)
{
    u_int16_t old;

    if (!ifp)
        return EINVAL;
    lx_mutex_lock(&ifp->lock);
    old = ifp->flags;
    ifp->flags = (u_int16_t)((new_flags & mask) | (old & ~mask));
    lx_mutex_unlock(&ifp->lock);
    if ((old ^ ifp->flags) & IFF_UP)
        ifnet_touch_lastchange(ifp);
    return 0;
}
u_int16_t ifnet_flags(ifnet_t ifp)
{
    return ifp ? ifp->flags : 0;
}
errno_t ifnet_set_eflags(ifnet_t ifp, u_int32_t new_flags, u_int32_t mask)
{
    if (!ifp)
        return EINVAL;
    set_bits(ifp, &ifp->eflags, new_flags, mask);
    return 0;
}
u_int32_t ifnet_eflags(ifnet_t ifp)
{
    return ifp ? ifp->eflags : 0;
}

errno_t ifnet_set_promiscuous(ifnet_t ifp, int on)
{
    u_int16_t old, new;
    errno_t error = 0;

    if (!ifp)
        return EINVAL;
    lx_mutex_lock(&ifp->lock);
    old = ifp->flags;
    ifp->promiscuous += on ? 1 : -1;
    new = ifp->flags = (u_int16_t)(ifp->promiscuous > 0 ? old | IFF_PROMISC : old & ~IFF_PROMISC);
    lx_mutex_unlock(&ifp->lock);
    if (old != new && (new &IFF_UP))
        error = ifnet_ioctl(ifp, 0, SIOCSIFFLAGS, NULL);
    if (!error)
        return 0;
    lx_mutex_lock(&ifp->lock);
    ifp->promiscuous -= on ? 1 : -1;
    ifp->flags = (u_int16_t)((ifp->flags & ~IFF_PROMISC) | (ifp->promiscuous > 0 ? IFF_PROMISC : 0));
    lx_mutex_unlock(&ifp->lock);
    return error;
}

errno_t ifnet_set_wake_flags(ifnet_t ifp, u_int32_t properties, u_int32_t mask)
{
    if (!ifp || (properties & mask & ~(u_int32_t)IFNET_WAKE_ON_MAGIC_PACKET))
        return EINVAL;
    set_bits(ifp, &ifp->wake_flags, properties, mask);
    ifnet_touch_lastchange(ifp);
    return 0;
}
u_int32_t ifnet_get_wake_flags(ifnet_t ifp)
{
    return ifp ? ifp->wake_flags : 0;
}

/* ---- offloads ---- */

enum {
    CSUM_ANY = IFNET_CSUM_IP | IFNET_CSUM_TCP | IFNET_CSUM_UDP | IFNET_CSUM_FRAGMENT | IFNET_IP_FRAGMENT |
               IFNET_CSUM_TCPIPV6 | IFNET_CSUM_UDPIPV6 | IFNET_IPV6_FRAGMENT | IFNET_CSUM_PARTIAL,
    OFFLOAD_ANY = CSUM_ANY | IFNET_VLAN_TAGGING | IFNET_VLAN_MTU | IFNET_MULTIPAGES | IFNET_TSO_IPV4 |
                  IFNET_TSO_IPV6 | IFNET_TX_STATUS
};

errno_t ifnet_set_offload(ifnet_t ifp, ifnet_offload_t offload)
{
    static const struct {
        ifnet_offload_t offload;
        u_int32_t caps;
    } map[] = {{CSUM_ANY, IFCAP_HWCSUM},
               {IFNET_TSO_IPV4, IFCAP_TSO4},
               {IFNET_TSO_IPV6, IFCAP_TSO6},
               {IFNET_VLAN_MTU, IFCAP_VLAN_MTU},
               {IFNET_VLAN_TAGGING, IFCAP_VLAN_HWTAGGING}};

    if (!ifp)
        return EINVAL;
    offload &= OFFLOAD_ANY;
    /* Hardware that sums anything does every transport (kpi_interface.c: ifnet_set_offload). */
    if (offload & IFNET_CSUM_PARTIAL)
        offload |= IFNET_CSUM_TCP | IFNET_CSUM_UDP | IFNET_CSUM_TCPIPV6 | IFNET_CSUM_UDPIPV6;
    lx_mutex_lock(&ifp->lock);
    ifp->offload = offload;
    for (unsigned i = 0; i < sizeof map / sizeof map[0]; i++)
        if (offload & map[i].offload)
            ifp->caps |= map[i].caps;
    ifp->caps_enabled = ifp->caps;
    lx_mutex_unlock(&ifp->lock);
    return 0;
}
ifnet_offload_t ifnet_offload(ifnet_t ifp)
{
    return ifp ? ifp->offload : 0;
}

errno_t ifnet_set_capabilities_supported(ifnet_t ifp, u_int32_t new_caps, u_int32_t mask)
{
    if (!ifp)
        return EINVAL;
    set_bits(ifp, &ifp->caps, new_caps, mask);
    return 0;
}
u_int32_t ifnet_capabilities_supported(ifnet_t ifp)
{
    return ifp ? ifp->caps : 0;
}
errno_t ifnet_set_capabilities_enabled(ifnet_t ifp, u_int32_t new_caps, u_int32_t mask)
{
    if (!ifp)
        return EINVAL;
    set_bits(ifp, &ifp->caps_enabled, new_caps, mask);
    return 0;
}
u_int32_t ifnet_capabilities_enabled(ifnet_t ifp)
{
    return ifp ? ifp->caps_enabled : 0;
}

static u_int32_t *tso_mtu(ifnet_t ifp, sa_family_t family, errno_t *error)
{
    *error = family == AF_INET || family == AF_INET6 ? EINVAL : EPROTONOSUPPORT;
    if (family == AF_INET && (ifp->offload & IFNET_TSO_IPV4))
        return &ifp->tso4_mtu;
    if (family == AF_INET6 && (ifp->offload & IFNET_TSO_IPV6))
        return &ifp->tso6_mtu;
    return NULL;
}
errno_t ifnet_set_tso_mtu(ifnet_t ifp, sa_family_t family, u_int32_t mtu)
{
    errno_t error;
    u_int32_t *p;

    if (!ifp || mtu < ifp->mtu)
        return EINVAL;
    p = tso_mtu(ifp, family, &error);
    if (!p)
        return error;
    *p = mtu;
    return 0;
}
errno_t ifnet_get_tso_mtu(ifnet_t ifp, sa_family_t family, u_int32_t *mtu)
{
    errno_t error;
    u_int32_t *p;

    if (!ifp || !mtu)
        return EINVAL;
    p = tso_mtu(ifp, family, &error);
    if (!p)
        return error;
    *mtu = *p;
    return 0;
}

/* ---- lengths, speed ---- */

errno_t ifnet_set_mtu(ifnet_t ifp, u_int32_t mtu)
{
    if (!ifp)
        return EINVAL;
    ifp->mtu = mtu;
    return 0;
}
u_int32_t ifnet_mtu(ifnet_t ifp)
{
    return ifp ? ifp->mtu : 0;
}
errno_t ifnet_set_addrlen(ifnet_t ifp, u_int8_t addrlen)
{
    if (!ifp || addrlen > LLADDR_MAX)
        return EINVAL;
    ifp->addrlen = addrlen;
    return 0;
}
u_int8_t ifnet_addrlen(ifnet_t ifp)
{
    return ifp ? ifp->addrlen : 0;
}
errno_t ifnet_set_hdrlen(ifnet_t ifp, u_int8_t hdrlen)
{
    if (!ifp)
        return EINVAL;
    ifp->hdrlen = hdrlen;
    return 0;
}
u_int8_t ifnet_hdrlen(ifnet_t ifp)
{
    return ifp ? ifp->hdrlen : 0;
}
errno_t ifnet_set_metric(ifnet_t ifp, u_int32_t metric)
{
    if (!ifp)
        return EINVAL;
    ifp->metric = metric;
    return 0;
}
u_int32_t ifnet_metric(ifnet_t ifp)
{
    return ifp ? ifp->metric : 0;
}
errno_t ifnet_set_baudrate(ifnet_t ifp, u_int64_t baudrate)
{
    if (!ifp)
        return EINVAL;
    ifp->baudrate = baudrate;
    return 0;
}
u_int64_t ifnet_baudrate(ifnet_t ifp)
{
    return ifp ? ifp->baudrate : 0;
}

/* The kernel keeps the pointer, not a copy. */
errno_t ifnet_set_link_mib_data(ifnet_t ifp, void *data, u_int32_t len)
{
    if (!ifp)
        return EINVAL;
    lx_mutex_lock(&ifp->lock);
    ifp->mib = data;
    ifp->mib_len = len;
    lx_mutex_unlock(&ifp->lock);
    return 0;
}
errno_t ifnet_get_link_mib_data(ifnet_t ifp, void *data, u_int32_t *len)
{
    errno_t error = 0;

    if (!ifp || !len)
        return EINVAL;
    lx_mutex_lock(&ifp->lock);
    if (*len < ifp->mib_len)
        error = EMSGSIZE;
    else if (!ifp->mib)
        error = ENOTSUP;
    else
        memcpy(data, ifp->mib, *len = ifp->mib_len);
    lx_mutex_unlock(&ifp->lock);
    return error;
}
u_int32_t ifnet_get_link_mib_data_length(ifnet_t ifp)
{
    return ifp ? ifp->mib_len : 0;
}

/* ---- statistics ---- */

static void add(u_int64_t *counter, u_int32_t n)
{
    if (n)
        atomic64_add(counter, n);
}

errno_t ifnet_stat_increment(ifnet_t ifp, const struct ifnet_stat_increment_param *c)
{
    if (!ifp || !c)
        return EINVAL;
    add(&ifp->stats.packets_in, c->packets_in);
    add(&ifp->stats.bytes_in, c->bytes_in);
    add(&ifp->stats.errors_in, c->errors_in);
    add(&ifp->stats.packets_out, c->packets_out);
    add(&ifp->stats.bytes_out, c->bytes_out);
    add(&ifp->stats.errors_out, c->errors_out);
    add(&ifp->stats.collisions, c->collisions);
    add(&ifp->stats.dropped, c->dropped);
    return 0;
}
errno_t ifnet_stat_increment_in(ifnet_t ifp, u_int32_t packets, u_int32_t bytes, u_int32_t errors)
{
    if (!ifp)
        return EINVAL;
    add(&ifp->stats.packets_in, packets);
    add(&ifp->stats.bytes_in, bytes);
    add(&ifp->stats.errors_in, errors);
    return 0;
}
errno_t ifnet_stat_increment_out(ifnet_t ifp, u_int32_t packets, u_int32_t bytes, u_int32_t errors)
{
    if (!ifp)
        return EINVAL;
    add(&ifp->stats.packets_out, packets);
    add(&ifp->stats.bytes_out, bytes);
    add(&ifp->stats.errors_out, errors);
    return 0;
}
errno_t ifnet_set_stat(ifnet_t ifp, const struct ifnet_stats_param *stats)
{
    if (!ifp || !stats)
        return EINVAL;
    ifp->stats = *stats;
    return 0;
}
errno_t ifnet_stat(ifnet_t ifp, struct ifnet_stats_param *stats)
{
    if (!ifp || !stats)
        return EINVAL;
    *stats = ifp->stats;
    return 0;
}
errno_t ifnet_touch_lastchange(ifnet_t ifp)
{
    if (!ifp)
        return EINVAL;
    microtime(&ifp->lastchange);
    return 0;
}
errno_t ifnet_lastchange(ifnet_t ifp, struct timeval *last)
{
    if (!ifp || !last)
        return EINVAL;
    *last = ifp->lastchange;
    return 0;
}

/* ---- addresses ---- */

errno_t ifnet_set_lladdr(ifnet_t ifp, const void *lladdr, size_t len)
{
    if (!ifp || (len != 0 && (len != ifp->addrlen || !lladdr)))
        return EINVAL;
    lx_mutex_lock(&ifp->lock);
    bzero(ifp->lladdr, sizeof ifp->lladdr);
    if (len)
        memcpy(ifp->lladdr, lladdr, len);
    lx_mutex_unlock(&ifp->lock);
    if (ifnet_enter(ifp) == 0) {
        if (ifp->tap && len == ETHER_ADDR_LEN)
            edge_tap_set_mac(ifp->tap, ifp->lladdr);
        ifnet_post(ifp, KEV_DL_LINK_ADDRESS_CHANGED);
        ifnet_leave(ifp);
    }
    return 0;
}
errno_t ifnet_lladdr_copy_bytes(ifnet_t ifp, void *lladdr, size_t len)
{
    if (!ifp || !lladdr)
        return EINVAL;
    if (len != ifp->addrlen) {
        bzero(lladdr, len);
        return EMSGSIZE;
    }
    memcpy(lladdr, ifp->lladdr, len);
    return 0;
}
errno_t ifnet_llbroadcast_copy_bytes(ifnet_t ifp, void *addr, size_t room, size_t *len)
{
    if (!ifp || !addr || !len)
        return EINVAL;
    *len = ifp->init.broadcast_len;
    if (room < *len)
        return EMSGSIZE;
    if (!*len)
        return ENXIO;
    memcpy(addr, ifp->broadcast, *len);
    return 0;
}

static errno_t fill(ifnet_t ifp, struct sockaddr_dl *out)
{
    bzero(out, sizeof *out);
    if (ifp->addrlen > sizeof out->sdl_data)
        return EMSGSIZE;
    out->sdl_len = sizeof *out;
    out->sdl_family = AF_LINK;
    out->sdl_index = (u_short)ifp->index;
    out->sdl_type = (u_char)ifp->init.type;
    out->sdl_alen = ifp->addrlen;
    memcpy(out->sdl_data, ifp->lladdr, ifp->addrlen);
    return 0;
}

/* IP lives in Linux: its addresses are those of the tap, while there is one. */
static int inet_addresses(ifnet_t ifp, unsigned char (*address)[4])
{
    int count = 0;

    if (ifnet_enter(ifp) != 0)
        return 0;
    if (ifp->tap)
        count = edge_tap_addresses(ifp->tap, address);
    ifnet_leave(ifp);
    return count;
}

/* One more address in a list that has room; the list has the reference. */
static ifaddr_t append(ifnet_t ifp, ifaddr_t *list)
{
    ifaddr_t a = _MALLOC(sizeof *a, M_TEMP, M_WAITOK | M_ZERO);

    if (!a)
        return NULL;
    a->refs = 1;
    a->ifp = ifp;
    while (*list)
        list++;
    return *list = a;
}
static errno_t append_link(ifnet_t ifp, ifaddr_t *list)
{
    ifaddr_t a = append(ifp, list);

    return a ? fill(ifp, &a->addr.link) : ENOMEM;
}
static errno_t append_inet(ifnet_t ifp, ifaddr_t *list, const unsigned char address[4])
{
    ifaddr_t a = append(ifp, list);

    if (!a)
        return ENOMEM;
    a->addr.inet.sin_len = sizeof a->addr.inet;
    a->addr.inet.sin_family = AF_INET;
    memcpy(&a->addr.inet.sin_addr, address, sizeof a->addr.inet.sin_addr);
    return 0;
}

/* The link-level address comes first. A list is never empty (kpi_interface.c). */
errno_t ifnet_get_address_list_family(ifnet_t ifp, ifaddr_t **addresses, sa_family_t family)
{
    unsigned char inet[EDGE_ADDRESSES][4];
    int link = family == AF_UNSPEC || family == AF_LINK, inets = 0;
    errno_t error = 0;
    ifaddr_t *list;

    if (!ifp || !addresses)
        return EINVAL;
    *addresses = NULL;
    if (family == AF_UNSPEC || family == AF_INET)
        inets = inet_addresses(ifp, inet);
    if (!link && !inets)
        return ENXIO;
    list = _MALLOC((size_t)(link + inets + 1) * sizeof *list, M_TEMP, M_WAITOK | M_ZERO);
    if (!list)
        return ENOMEM;
    if (link)
        error = append_link(ifp, list);
    for (int i = 0; !error && i < inets; i++)
        error = append_inet(ifp, list, inet[i]);
    if (error) {
        ifnet_free_address_list(list);
        return ENOMEM;
    }
    *addresses = list;
    return 0;
}
errno_t ifnet_get_address_list(ifnet_t ifp, ifaddr_t **addresses)
{
    return ifnet_get_address_list_family(ifp, addresses, AF_UNSPEC);
}
void ifnet_free_address_list(ifaddr_t *addresses)
{
    if (!addresses)
        return;
    for (ifaddr_t *a = addresses; *a; a++)
        ifaddr_release(*a);
    _FREE(addresses, M_TEMP);
}

errno_t ifaddr_reference(ifaddr_t a)
{
    if (!a)
        return EINVAL;
    __atomic_fetch_add(&a->refs, 1, __ATOMIC_RELAXED);
    return 0;
}
errno_t ifaddr_release(ifaddr_t a)
{
    if (!a)
        return EINVAL;
    if (__atomic_sub_fetch(&a->refs, 1, __ATOMIC_ACQ_REL) == 0)
        _FREE(a, M_TEMP);
    return 0;
}
errno_t ifaddr_address(ifaddr_t a, struct sockaddr *out, u_int32_t size)
{
    if (!a || !out || size == 0)
        return EINVAL;
    memcpy(out, &a->addr, MIN(size, a->addr.any.sa_len));
    return size < a->addr.any.sa_len ? EMSGSIZE : 0;
}
sa_family_t ifaddr_address_family(ifaddr_t a)
{
    return a ? a->addr.any.sa_family : 0;
}
ifnet_t ifaddr_ifnet(ifaddr_t a)
{
    return a ? a->ifp : NULL;
}

/* ---- packet taps ---- */

/* Tools listen on Linux's side of the interface (tcpdump -i en0), where each frame passes too: there is never
 * a listener here, and a driver's set_bpf_tap function is not asked to feed one. */
void bpfattach(ifnet_t ifp, u_int data_link_type, u_int header_length)
{
    bpf_attach(ifp, data_link_type, header_length, NULL, NULL);
}
errno_t bpf_attach(ifnet_t ifp, u_int32_t data_link_type, u_int32_t header_length, bpf_send_func send,
                   bpf_tap_func tap)
{
    return ifp ? 0 : EINVAL;
}
void bpf_tap_in(ifnet_t ifp, u_int32_t dlt, mbuf_t packet, void *header, size_t header_len) {}
void bpf_tap_out(ifnet_t ifp, u_int32_t dlt, mbuf_t packet, void *header, size_t header_len) {}
