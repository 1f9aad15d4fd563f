// SPDX-License-Identifier: BSD-3-Clause
/*
 * Multicast groups of an interface. Behaviour of xnu's bsd/net/if.c (if_addmulti_anon, if_delmulti_anon) and
 * kpi_interface.c: a group joined twice is left after two leaves; the driver hears of the first and the last.
 */
#include "bsd/ifnet_impl.h"
#include <netinet/in.h>
#include <sys/malloc.h>

/* The address of a group in the one form that is compared: AF_LINK, no name. AF_UNSPEC: the bare bytes. */
static errno_t normalize(ifnet_t ifp, const struct sockaddr *sa, struct sockaddr_dl *out)
{
    const struct sockaddr_dl *sdl = (const void *)sa;
    const char *bytes = sa->sa_data;
    u_char len = ifp->addrlen;

    bzero(out, sizeof *out);
    if (sa->sa_family == AF_LINK) {
        bytes = sdl->sdl_data + sdl->sdl_nlen;
        len = sdl->sdl_alen;
    } else if (sa->sa_family != AF_UNSPEC) {
        return EINVAL;
    }
    if (len == 0 || len > sizeof out->sdl_data || (len == ETHER_ADDR_LEN && !(bytes[0] & 1)))
        return EADDRNOTAVAIL;
    out->sdl_len = sizeof *out;
    out->sdl_family = AF_LINK;
    out->sdl_alen = len;
    memcpy(out->sdl_data, bytes, len);
    return 0;
}

static ifmultiaddr_t *find_group(ifnet_t ifp, const struct sockaddr_dl *addr)
{
    ifmultiaddr_t *link = &ifp->groups;

    while (*link && memcmp(&(*link)->addr, addr, sizeof *addr) != 0)
        link = &(*link)->next;
    return link;
}

/* One more use of a group; *added: it is new. */
static ifmultiaddr_t join(ifnet_t ifp, const struct sockaddr_dl *addr, int *added)
{
    ifmultiaddr_t group, fresh = _MALLOC(sizeof *fresh, M_TEMP, M_WAITOK | M_ZERO);

    if (!fresh)
        return NULL;
    fresh->refs = 1; /* the list's */
    fresh->ifp = ifp;
    fresh->addr = *addr;
    lx_mutex_lock(&ifp->lock);
    group = *find_group(ifp, addr);
    *added = !group;
    if (!group) {
        group = fresh;
        group->next = ifp->groups;
        ifp->groups = group;
    }
    group->uses++;
    ifmaddr_reference(group);
    lx_mutex_unlock(&ifp->lock);
    if (group != fresh)
        _FREE(fresh, M_TEMP);
    return group;
}

errno_t ifnet_add_multicast(ifnet_t ifp, const struct sockaddr *maddr, ifmultiaddr_t *multicast)
{
    struct sockaddr_dl addr;
    ifmultiaddr_t group;
    errno_t error;
    int added;

    if (!ifp || !maddr)
        return EINVAL;
    if (!(ifp->flags & IFF_MULTICAST))
        return EADDRNOTAVAIL;
    error = normalize(ifp, maddr, &addr);
    if (!error && ifp->init.check_multi)
        error = ifp->init.check_multi(ifp, (struct sockaddr *)&addr);
    if (error)
        return error;
    group = join(ifp, &addr, &added);
    if (!group)
        return ENOMEM;
    if (added)
        ifnet_ioctl(ifp, 0, SIOCADDMULTI, NULL);
    if (multicast)
        *multicast = group; /* with the reference */
    else
        ifmaddr_release(group);
    return 0;
}

errno_t ifnet_remove_multicast(ifmultiaddr_t group)
{
    ifmultiaddr_t *link;
    ifnet_t ifp;
    int left = -1;

    if (!group)
        return EINVAL;
    ifp = group->ifp;
    lx_mutex_lock(&ifp->lock);
    link = find_group(ifp, &group->addr);
    if (*link == group) {
        left = --group->uses;
        if (left == 0)
            *link = group->next;
    }
    lx_mutex_unlock(&ifp->lock);
    if (left == 0) {
        ifnet_ioctl(ifp, 0, SIOCDELMULTI, NULL);
        ifmaddr_release(group); /* the list's */
    }
    return left < 0 ? ENOENT : 0;
}

errno_t ifnet_get_multicast_list(ifnet_t ifp, ifmultiaddr_t **addresses)
{
    unsigned n = 0;
    ifmultiaddr_t g;

    if (!ifp || !addresses)
        return EINVAL;
    lx_mutex_lock(&ifp->lock);
    for (g = ifp->groups; g; g = g->next)
        n++;
    *addresses = _MALLOC((n + 1) * sizeof **addresses, M_TEMP, M_NOWAIT | M_ZERO);
    for (g = ifp->groups, n = 0; g && *addresses; g = g->next) {
        ifmaddr_reference(g);
        (*addresses)[n++] = g;
    }
    lx_mutex_unlock(&ifp->lock);
    return *addresses ? 0 : ENOMEM;
}

void ifnet_free_multicast_list(ifmultiaddr_t *groups)
{
    if (!groups)
        return;
    for (ifmultiaddr_t *g = groups; *g; g++)
        ifmaddr_release(*g);
    _FREE(groups, M_TEMP);
}

void ifnet_free_groups(ifnet_t ifp)
{
    while (ifp->groups) {
        ifmultiaddr_t g = ifp->groups;
        ifp->groups = g->next;
        ifmaddr_release(g);
    }
}

errno_t ifmaddr_reference(ifmultiaddr_t g)
{
    if (!g)
        return EINVAL;
    __atomic_fetch_add(&g->refs, 1, __ATOMIC_RELAXED);
    return 0;
}
errno_t ifmaddr_release(ifmultiaddr_t g)
{
    if (!g)
        return EINVAL;
    if (__atomic_sub_fetch(&g->refs, 1, __ATOMIC_ACQ_REL) == 0)
        _FREE(g, M_TEMP);
    return 0;
}
errno_t ifmaddr_address(ifmultiaddr_t g, struct sockaddr *out, u_int32_t size)
{
    if (!g || !out)
        return EINVAL;
    memcpy(out, &g->addr, MIN(size, g->addr.sdl_len));
    return size < g->addr.sdl_len ? EMSGSIZE : 0;
}
/* Every group is a link-level one already. */
errno_t ifmaddr_lladdress(ifmultiaddr_t g, struct sockaddr *out, u_int32_t size)
{
    return ifmaddr_address(g, out, size);
}
ifnet_t ifmaddr_ifnet(ifmultiaddr_t g)
{
    return g ? g->ifp : NULL;
}

static void map_group(const struct sockaddr *sa, unsigned char mac[ETHER_ADDR_LEN])
{
    const unsigned char *ip =
        (const unsigned char *)&((const struct sockaddr_in *)(const void *)sa)->sin_addr;
    const unsigned char *ip6 = ((const struct sockaddr_in6 *)(const void *)sa)->sin6_addr.s6_addr;
    const unsigned char v4[] = {0x01, 0x00, 0x5e, ip[1] & 0x7f, ip[2], ip[3]}; /* RFC 1112 6.4 */

    if (sa->sa_family == AF_INET) {
        memcpy(mac, v4, sizeof v4);
    } else { /* RFC 2464 7 */
        mac[0] = mac[1] = 0x33;
        memcpy(mac + 2, ip6 + 12, 4);
    }
}

/* The link-level group of a protocol's group (ether_inet_pr_module.c, ether_inet6_pr_module.c). */
errno_t ifnet_resolve_multicast(ifnet_t ifp, const struct sockaddr *proto_addr, struct sockaddr *ll_addr,
                                size_t room)
{
    struct sockaddr_dl out;

    if (!ifp || !proto_addr || !ll_addr)
        return EINVAL;
    if (proto_addr->sa_family != AF_INET && proto_addr->sa_family != AF_INET6) {
        errno_t error = normalize(ifp, proto_addr, &out);
        if (error)
            return error;
    } else {
        bzero(&out, sizeof out);
        out.sdl_len = sizeof out;
        out.sdl_family = AF_LINK;
        out.sdl_alen = ETHER_ADDR_LEN;
        map_group(proto_addr, (unsigned char *)out.sdl_data);
    }
    memcpy(ll_addr, &out, MIN(room, sizeof out));
    return room < sizeof out ? EMSGSIZE : 0;
}

/* What Darwin's IP joins when an interface comes up: all hosts (in_domifattach), all nodes and the
 * solicited-node group of the link-local address (in6_ifattach_linklocal). IP lives in Linux here, but a
 * driver with a multicast filter is to see, and pass, the same. */
void ifnet_join_host_groups(ifnet_t ifp)
{
    const unsigned char *mac = ifp->lladdr;
    const unsigned char groups[][ETHER_ADDR_LEN] = {
        {0x01, 0x00, 0x5e, 0, 0, 1}, {0x33, 0x33, 0, 0, 0, 1}, {0x33, 0x33, 0xff, mac[3], mac[4], mac[5]}};

    for (unsigned i = 0; i < sizeof groups / sizeof groups[0]; i++) {
        struct sockaddr sa = {.sa_len = sizeof sa, .sa_family = AF_UNSPEC};
        memcpy(sa.sa_data, groups[i], ETHER_ADDR_LEN);
        ifnet_add_multicast(ifp, &sa, NULL);
    }
}

static int listed(const struct __ifmultiaddr *m, const unsigned char (*group)[ETHER_ADDR_LEN], int count)
{
    while (count > 0)
        if (memcmp(group[--count], m->addr.sdl_data, ETHER_ADDR_LEN) == 0)
            return 1;
    return 0;
}

static int mirrored(ifnet_t ifp, const unsigned char *group)
{
    for (int i = 0; i < EDGE_GROUPS; i++)
        if (ifp->mirrored[i] && memcmp(ifp->mirrored[i]->addr.sdl_data, group, ETHER_ADDR_LEN) == 0)
            return 1;
    return 0;
}

static void mirror(ifnet_t ifp, const unsigned char *group)
{
    struct sockaddr sa = {.sa_len = sizeof sa, .sa_family = AF_UNSPEC};

    memcpy(sa.sa_data, group, ETHER_ADDR_LEN);
    for (int i = 0; i < EDGE_GROUPS; i++)
        if (!ifp->mirrored[i]) {
            if (ifnet_add_multicast(ifp, &sa, &ifp->mirrored[i]) != 0)
                ifp->mirrored[i] = NULL;
            return;
        }
}

void ifnet_mirror_groups(ifnet_t ifp, const unsigned char (*group)[ETHER_ADDR_LEN], int count)
{
    for (int i = 0; i < EDGE_GROUPS; i++) {
        ifmultiaddr_t m = ifp->mirrored[i];
        if (!m || listed(m, group, count))
            continue;
        ifp->mirrored[i] = NULL;
        ifnet_remove_multicast(m);
        ifmaddr_release(m);
    }
    for (int i = 0; i < count; i++)
        if (!mirrored(ifp, group[i]))
            mirror(ifp, group[i]);
}
