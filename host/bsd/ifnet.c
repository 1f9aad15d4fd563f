// SPDX-License-Identifier: BSD-3-Clause
/*
 * The life of a network interface: allocate, attach, detach, release; and what passes through it. Behaviour
 * of xnu's bsd/net/kpi_interface.c and dlil.c, functions of the same names.
 */
#include "bsd/ifnet_impl.h"
#include "bsd/internal.h"
#include <sys/kern_event.h>
#include <sys/malloc.h>

LX_COUNTER(ifnets_live, "ifnets.live")

static struct lx_mutex list_lock;
static ifnet_t attached;
static u_int32_t last_index = 1; /* lo0 has 1 */

/* ---- uses ---- */

int ifnet_enter(ifnet_t ifp)
{
    int n = __atomic_load_n(&ifp->io, __ATOMIC_RELAXED);

    do
        if (n & IO_DETACHING || ifp->state != IFNET_ATTACHED)
            return -1;
    while (!__atomic_compare_exchange_n(&ifp->io, &n, n + 1, 1, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED));
    return 0;
}

void ifnet_leave(ifnet_t ifp)
{
    if (__atomic_sub_fetch(&ifp->io, 1, __ATOMIC_RELEASE) == IO_DETACHING)
        lx_futex_wake(&ifp->io, 1);
}

static void wait_until_unused(ifnet_t ifp)
{
    int n;

    while ((n = __atomic_load_n(&ifp->io, __ATOMIC_ACQUIRE)) != IO_DETACHING)
        lx_futex_wait(&ifp->io, n, -1);
}

errno_t ifnet_reference(ifnet_t ifp)
{
    if (!ifp)
        return EINVAL;
    __atomic_fetch_add(&ifp->refs, 1, __ATOMIC_RELAXED);
    return 0;
}

errno_t ifnet_release(ifnet_t ifp)
{
    int left;

    if (!ifp)
        return EINVAL;
    left = __atomic_sub_fetch(&ifp->refs, 1, __ATOMIC_ACQ_REL);
    if (left < 0)
        panic("ifnet_release: %s was released too often", ifp->full_name);
    if (left == 0) {
        ifnet_free_groups(ifp);
        _FREE(ifp, M_TEMP);
        lx_count(&ifnets_live, -1ul);
    }
    return 0;
}

/* ---- allocate ---- */

static int unique_in_use(const void *id, u_int32_t len)
{
    ifnet_t i;

    lx_mutex_lock(&list_lock);
    for (i = attached; i; i = i->next)
        if (len && i->init.uniqueid_len == len && memcmp(i->uniqueid, id, len) == 0)
            break;
    lx_mutex_unlock(&list_lock);
    return i != NULL;
}

static int valid(const struct ifnet_init_params *p)
{
    return p && p->family != 0 && p->name && strlen(p->name) < IFNAMSIZ && p->type != 0 && p->type <= 0xff &&
           p->output && p->uniqueid_len <= UNIQUE_MAX && p->broadcast_len <= BROADCAST_MAX;
}

/* The strings and addresses that the parameters point to are copied. */
static void adopt(ifnet_t ifp, const struct ifnet_init_params *p)
{
    ifp->init = *p;
    strlcpy(ifp->name, p->name, sizeof ifp->name);
    snprintf(ifp->full_name, sizeof ifp->full_name, "%s%u", p->name, p->unit);
    if (p->uniqueid_len)
        memcpy(ifp->uniqueid, p->uniqueid, p->uniqueid_len);
    if (p->broadcast_len)
        memcpy(ifp->broadcast, p->broadcast_addr, p->broadcast_len);
    ifp->init.name = ifp->name;
    ifp->init.uniqueid = ifp->uniqueid;
    ifp->init.broadcast_addr = ifp->broadcast;
}

errno_t ifnet_allocate(const struct ifnet_init_params *init, ifnet_t *interface)
{
    ifnet_t ifp;

    if (!interface || !valid(init))
        return EINVAL;
    *interface = NULL;
    if (unique_in_use(init->uniqueid, init->uniqueid_len))
        return EBUSY;
    ifp = _MALLOC(sizeof *ifp, M_TEMP, M_WAITOK | M_ZERO);
    if (!ifp)
        return ENOMEM;
    adopt(ifp, init);
    ifp->refs = 1;
    lx_count(&ifnets_live, 1);
    *interface = ifp;
    return 0;
}

/* ---- attach, detach ---- */

static ifnet_t find_name(const char *full_name)
{
    ifnet_t i = attached;

    while (i && strcmp(i->full_name, full_name) != 0)
        i = i->next;
    return i;
}

static errno_t enlist(ifnet_t ifp)
{
    errno_t error = EEXIST;

    lx_mutex_lock(&list_lock);
    if (ifp->state == IFNET_NEW && !find_name(ifp->full_name)) {
        if (!ifp->index)
            ifp->index = ++last_index;
        ifp->next = attached;
        attached = ifp;
        ifp->refs++;
        ifp->state = IFNET_ATTACHED;
        error = 0;
    }
    lx_mutex_unlock(&list_lock);
    return error;
}

/* 0: it was attached. */
static errno_t delist(ifnet_t ifp)
{
    errno_t error = ifp->state == IFNET_DETACHING ? ENXIO : EINVAL;
    ifnet_t *link;

    lx_mutex_lock(&list_lock);
    for (link = &attached; *link; link = &(*link)->next)
        if (*link == ifp) {
            *link = ifp->next;
            ifp->state = IFNET_DETACHING;
            error = 0;
            break;
        }
    lx_mutex_unlock(&list_lock);
    return error;
}

errno_t ifnet_attach(ifnet_t ifp, const struct sockaddr_dl *ll_addr)
{
    errno_t error;

    if (!ifp)
        return EINVAL;
    if (ll_addr) {
        if (ll_addr->sdl_alen > LLADDR_MAX || (ifp->addrlen && ifp->addrlen != ll_addr->sdl_alen))
            return EINVAL;
        ifp->addrlen = ll_addr->sdl_alen;
        memcpy(ifp->lladdr, (const char *)ll_addr->sdl_data + ll_addr->sdl_nlen, ll_addr->sdl_alen);
    }
    error = enlist(ifp);
    if (error)
        return error;
    error = ifnet_edge_open(ifp);
    if (error) {
        delist(ifp);
        ifp->state = IFNET_NEW;
        ifnet_release(ifp);
        return error;
    }
    ifnet_post(ifp, KEV_DL_IF_ATTACHED);
    return 0;
}

/* The rest of a detach, on a thread of its own: the caller of ifnet_detach may be inside a use, or hold locks
 * that the last users need (dlil.c: ifnet_detacher_thread_cont, ifnet_detach_final). */
static struct {
    struct lx_mutex lock;
    struct lx_cond cond;
    ifnet_t first;
    int busy; /* waiting and being worked on */
} detacher;

static void finish_detach(ifnet_t ifp)
{
    wait_until_unused(ifp);
    ifnet_edge_close(ifp);
    ifnet_post(ifp, KEV_DL_IF_DETACHED);
    if (ifp->init.detach)
        ifp->init.detach(ifp);
    ifnet_release(ifp);
}

static void detach_all(void *unused)
{
    lx_mutex_lock(&detacher.lock);
    for (;;) {
        ifnet_t ifp = detacher.first;
        if (!ifp) {
            lx_cond_wait(&detacher.cond, &detacher.lock, -1);
            continue;
        }
        detacher.first = ifp->next;
        lx_mutex_unlock(&detacher.lock);
        finish_detach(ifp);
        lx_mutex_lock(&detacher.lock);
        detacher.busy--;
    }
}

void ifnet_boot(void)
{
    if (!lx_thread_start(detach_all, NULL, "ifnet_detacher"))
        lx_fatal("no thread for the network interfaces");
}

void ifnet_settle(void)
{
    for (int i = 0; i < 5000 && __atomic_load_n(&detacher.busy, __ATOMIC_ACQUIRE); i++)
        lx_sleep_ns(1000000);
}

errno_t ifnet_detach(ifnet_t ifp)
{
    errno_t error = ifp ? delist(ifp) : EINVAL;

    if (error)
        return error;
    __atomic_fetch_or(&ifp->io, IO_DETACHING, __ATOMIC_ACQ_REL);
    lx_mutex_lock(&ifp->lock);
    ifp->flags &= (u_int16_t)~IFF_UP;
    lx_mutex_unlock(&ifp->lock);
    ifnet_post(ifp, KEV_DL_IF_DETACHING);
    lx_mutex_lock(&detacher.lock);
    ifp->next = detacher.first;
    detacher.first = ifp;
    detacher.busy++;
    lx_cond_signal(&detacher.cond);
    lx_mutex_unlock(&detacher.lock);
    return 0;
}

/* ---- finding ---- */

errno_t ifnet_find_by_name(const char *ifname, ifnet_t *interface)
{
    if (!ifname || !interface)
        return EINVAL;
    lx_mutex_lock(&list_lock);
    *interface = find_name(ifname);
    if (*interface)
        ifnet_reference(*interface);
    lx_mutex_unlock(&list_lock);
    return *interface ? 0 : ENXIO;
}

errno_t ifnet_list_get(ifnet_family_t family, ifnet_t **list, u_int32_t *count)
{
    u_int32_t n = 0;
    ifnet_t i;

    if (!list || !count)
        return EINVAL;
    lx_mutex_lock(&list_lock);
    for (i = attached; i; i = i->next)
        n += family == IFNET_FAMILY_ANY || i->init.family == family;
    *list = n ? _MALLOC((n + 1) * sizeof **list, M_TEMP, M_NOWAIT) : NULL;
    *count = 0;
    for (i = attached; i && *list; i = i->next)
        if (family == IFNET_FAMILY_ANY || i->init.family == family) {
            ifnet_reference(i);
            (*list)[(*count)++] = i;
        }
    if (*list)
        (*list)[*count] = NULL;
    lx_mutex_unlock(&list_lock);
    return *list ? 0 : n ? ENOMEM : ENXIO;
}

void ifnet_list_free(ifnet_t *list)
{
    if (!list)
        return;
    for (ifnet_t *i = list; *i; i++)
        ifnet_release(*i);
    _FREE(list, M_TEMP);
}

/* ---- traffic ---- */

errno_t ifnet_input(ifnet_t ifp, mbuf_t first_packet, const struct ifnet_stat_increment_param *stats)
{
    if (!ifp || !first_packet || ifnet_enter(ifp) != 0) {
        if (first_packet)
            mbuf_freem_list(first_packet);
        return EINVAL;
    }
    if (stats)
        ifnet_stat_increment(ifp, stats);
    ifnet_edge_input(ifp, first_packet);
    ifnet_leave(ifp);
    return 0;
}

/* A frame that is complete already: straight to the driver. */
errno_t ifnet_output_raw(ifnet_t ifp, protocol_family_t protocol_family, mbuf_t packet)
{
    errno_t error = 0;

    if (!ifp || !packet)
        return EINVAL;
    if (ifnet_enter(ifp) != 0) {
        mbuf_freem_list(packet);
        return ENXIO;
    }
    while (packet) {
        mbuf_t next = mbuf_nextpkt(packet);
        errno_t e;
        mbuf_setnextpkt(packet, NULL);
        e = ifp->init.output(ifp, packet);
        error = error ? error : e;
        packet = next;
    }
    ifnet_leave(ifp);
    return error;
}

/* ---- control ---- */

errno_t ifnet_ioctl(ifnet_t ifp, protocol_family_t protocol, unsigned long ioctl_code, void *ioctl_arg)
{
    errno_t error = EOPNOTSUPP;

    if (!ifp || !ioctl_code)
        return EINVAL;
    if (ifnet_enter(ifp) != 0)
        return EOPNOTSUPP;
    if (ifp->init.ioctl)
        error = ifp->init.ioctl(ifp, ioctl_code, ioctl_arg);
    ifnet_leave(ifp);
    return error == ENOTSUP ? EOPNOTSUPP : error == EJUSTRETURN ? 0 : error;
}

/* Who is told: the interface's own event function; Linux, of the link. Nobody else listens to kernel events
 * here. */
static void deliver(ifnet_t ifp, struct kev_msg *msg)
{
    int link = msg->vendor_code == KEV_VENDOR_APPLE && msg->kev_class == KEV_NETWORK_CLASS &&
               msg->kev_subclass == KEV_DL_SUBCLASS;

    lx_trace("%s: event %u.%u.%u code %u", ifp->full_name, msg->vendor_code, msg->kev_class,
             msg->kev_subclass, msg->event_code);
    if (ifp->init.event)
        ifp->init.event(ifp, msg);
    if (link && (msg->event_code == KEV_DL_LINK_ON || msg->event_code == KEV_DL_LINK_OFF) && ifp->tap)
        edge_tap_set_carrier(ifp->tap, msg->event_code == KEV_DL_LINK_ON);
}

errno_t ifnet_event(ifnet_t ifp, struct kern_event_msg *event)
{
    struct kev_msg msg;

    if (!ifp || !event || event->total_size < KEV_MSG_HEADER_SIZE)
        return EINVAL;
    if (ifnet_enter(ifp) != 0)
        return ENXIO;
    bzero(&msg, sizeof msg);
    msg.vendor_code = event->vendor_code;
    msg.kev_class = event->kev_class;
    msg.kev_subclass = event->kev_subclass;
    msg.event_code = event->event_code;
    msg.dv[0].data_ptr = event->event_data;
    msg.dv[0].data_length = event->total_size - (u_int32_t)KEV_MSG_HEADER_SIZE;
    deliver(ifp, &msg);
    ifnet_leave(ifp);
    return 0;
}

void ifnet_post(ifnet_t ifp, u_int32_t code)
{
    struct net_event_data data = {.if_family = ifp->init.family, .if_unit = ifp->init.unit};
    struct kev_msg msg;

    strlcpy(data.if_name, ifp->name, sizeof data.if_name);
    bzero(&msg, sizeof msg);
    msg.vendor_code = KEV_VENDOR_APPLE;
    msg.kev_class = KEV_NETWORK_CLASS;
    msg.kev_subclass = KEV_DL_SUBCLASS;
    msg.event_code = code;
    msg.dv[0].data_ptr = &data;
    msg.dv[0].data_length = sizeof data;
    deliver(ifp, &msg);
}

errno_t kev_msg_post(struct kev_msg *msg)
{
    if (!msg || msg->vendor_code == KEV_VENDOR_APPLE)
        return EINVAL; /* only the kernel speaks for Apple (kpi_kern_event: kev_msg_post) */
    lx_trace("kernel event %u.%u.%u code %u", msg->vendor_code, msg->kev_class, msg->kev_subclass,
             msg->event_code);
    return 0;
}
