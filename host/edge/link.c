// SPDX-License-Identifier: BSD-3-Clause
/*
 * Link state in COMMAND's namespace over the one rtnetlink socket that was opened there (rtnetlink(7)): changes that
 * ip(8) makes are told to the taps; requests of ours go out and their answers are waited for.
 */
#define _GNU_SOURCE
#include "internal.h"
#include "../linux/linux.h"
#include <errno.h>
#include <linux/ethtool.h>
#include <linux/netconf.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MAX_WATCH = 32, BUFFER = 32768, GROUPS_EVERY_MS = 50, STATES_EVERY = 4 };

static struct {
    pthread_mutex_t turn; /* one request at a time; taken before lock */
    pthread_mutex_t lock; /* watches, pending; never held in an upcall */
    pthread_cond_t changed;
    struct {
        int index, busy, up; /* up: as the watcher was told */
        void (*call)(void *, const struct link_state *);
        void (*groups)(void *, const struct link_groups *);
        void *ctx;
    } watch[MAX_WATCH];
    unsigned sequence, asked, answered; /* asked: whose answer transact() waits for */
    int answer, found;
    int forwarding[2]; /* IPv4, IPv6: the last answer */
    struct lx_thread *listener;
} links = {.turn = PTHREAD_MUTEX_INITIALIZER, .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

struct request {
    struct nlmsghdr head;
    struct ifinfomsg info;
    char room[128];
};

static void add_attribute(struct request *r, int type, const void *data, unsigned length)
{
    struct rtattr *a = (struct rtattr *)((char *)r + NLMSG_ALIGN(r->head.nlmsg_len));
    a->rta_type = type;
    a->rta_len = RTA_LENGTH(length);
    memcpy(RTA_DATA(a), data, length);
    r->head.nlmsg_len = NLMSG_ALIGN(r->head.nlmsg_len) + RTA_ALIGN(a->rta_len);
}

static void read_state(const struct nlmsghdr *h, struct link_state *s)
{
    struct ifinfomsg *info = NLMSG_DATA(h);
    int left = IFLA_PAYLOAD(h);
    memset(s, 0, sizeof *s);
    s->index = info->ifi_index;
    s->up = !!(info->ifi_flags & IFF_UP);
    s->allmulti = !!(info->ifi_flags & IFF_ALLMULTI);
    for (struct rtattr *a = IFLA_RTA(info); RTA_OK(a, left); a = RTA_NEXT(a, left))
        if (a->rta_type == IFLA_MTU && RTA_PAYLOAD(a) == 4)
            memcpy(&s->mtu, RTA_DATA(a), 4);
        else if (a->rta_type == IFLA_ADDRESS && RTA_PAYLOAD(a) == 6)
            memcpy(s->mac, RTA_DATA(a), 6);
        else if (a->rta_type == IFLA_PROMISCUITY && RTA_PAYLOAD(a) == 4) /* by a bridge or tcpdump too, unlike the flag */
            memcpy(&s->promisc, RTA_DATA(a), 4);
    s->promisc = s->promisc != 0;
}

static void dispatch(const struct nlmsghdr *h)
{
    struct link_state s;
    read_state(h, &s);
    pthread_mutex_lock(&links.lock);
    if (h->nlmsg_seq && h->nlmsg_seq == links.asked)
        links.found = s.index;
    for (int i = 0; i < MAX_WATCH; i++)
        if (links.watch[i].index && links.watch[i].index == s.index) {
            links.watch[i].up = s.up;
            links.watch[i].busy = 1;
            pthread_mutex_unlock(&links.lock);
            links.watch[i].call(links.watch[i].ctx, &s);
            pthread_mutex_lock(&links.lock);
            links.watch[i].busy = 0;
            pthread_cond_broadcast(&links.changed);
        }
    pthread_mutex_unlock(&links.lock);
}

/* Whether the system forwards. Asked for now and then, for whoever wants to know may hold what an upcall waits for, a work
 * loop's gate, and must not wait for the listener. */
static void ask_forwarding(int v6)
{
    struct request r = {.head = {.nlmsg_len = NLMSG_LENGTH(sizeof(struct netconfmsg)),
                                 .nlmsg_type = RTM_GETNETCONF,
                                 .nlmsg_flags = NLM_F_REQUEST},
                        .info = {.ifi_family = v6 ? AF_INET6 : AF_INET}};
    int all = NETCONFA_IFINDEX_ALL;
    add_attribute(&r, NETCONFA_IFINDEX, &all, sizeof all);
    send(warden_netlink(), &r, r.head.nlmsg_len, 0);
}

static void read_forwarding(const struct nlmsghdr *h)
{
    const struct netconfmsg *m = NLMSG_DATA(h);
    int left = (int)h->nlmsg_len - (int)NLMSG_SPACE(sizeof *m), on;
    for (struct rtattr *a = (void *)((char *)h + NLMSG_SPACE(sizeof *m)); RTA_OK(a, left); a = RTA_NEXT(a, left))
        if (a->rta_type == NETCONFA_FORWARDING) {
            memcpy(&on, RTA_DATA(a), sizeof on);
            __atomic_store_n(&links.forwarding[m->ncm_family == AF_INET6], on != 0, __ATOMIC_RELAXED);
        }
}

static void note_answer(const struct nlmsghdr *h)
{
    const struct nlmsgerr *e = NLMSG_DATA(h);
    pthread_mutex_lock(&links.lock);
    if (h->nlmsg_seq == links.asked) {
        links.answered = h->nlmsg_seq;
        links.answer = e->error;
        pthread_cond_broadcast(&links.changed);
    }
    pthread_mutex_unlock(&links.lock);
}

/* The groups of one interface; netlink tells of them only from Linux 6.15 on. A line: index, name, users, global users,
 * address. */
static void read_groups(int index, struct link_groups *g)
{
    char path[64];
    int line_index;
    memset(g, 0, sizeof *g);
    snprintf(path, sizeof path, "/proc/%d/net/dev_mcast", warden_pid());
    FILE *f = fopen(path, "re");
    if (!f)
        return;
    unsigned char a[6];
    while (g->count < EDGE_GROUPS && fscanf(f, "%d %*s %*d %*d %2hhx%2hhx%2hhx%2hhx%2hhx%2hhx", &line_index, &a[0], &a[1],
                                            &a[2], &a[3], &a[4], &a[5]) == 7)
        if (line_index == index)
            memcpy(g->group[g->count++], a, 6);
    fclose(f);
}

/* An interface that comes up joins groups before its message is read: not told before that it is up. A driver that knows no
 * multicast could not be enabled, for its family enables the wanted filters with it. */
static void look_at_groups(void)
{
    static struct link_groups now;
    pthread_mutex_lock(&links.lock);
    for (int i = 0; i < MAX_WATCH; i++)
        if (links.watch[i].index && links.watch[i].up) {
            links.watch[i].busy = 1;
            pthread_mutex_unlock(&links.lock);
            read_groups(links.watch[i].index, &now);
            links.watch[i].groups(links.watch[i].ctx, &now);
            pthread_mutex_lock(&links.lock);
            links.watch[i].busy = 0;
            pthread_cond_broadcast(&links.changed);
        }
    pthread_mutex_unlock(&links.lock);
}

/* More changed than the socket holds (ENOBUFS, netlink(7)). Once it is empty, and so has room for the answers, the
 * present state of each link is asked for. */
static void ask_again(void)
{
    ask_forwarding(0);
    ask_forwarding(1);
    for (int i = 0; i < MAX_WATCH; i++) {
        struct request r = {.head = {.nlmsg_len = NLMSG_LENGTH(sizeof(struct ifinfomsg)),
                                     .nlmsg_type = RTM_GETLINK,
                                     .nlmsg_flags = NLM_F_REQUEST}};
        pthread_mutex_lock(&links.lock);
        r.info.ifi_index = links.watch[i].index;
        if (r.info.ifi_index)
            send(warden_netlink(), &r, r.head.nlmsg_len, 0);
        pthread_mutex_unlock(&links.lock);
    }
}

/* A kernel thread as far as drivers can tell: its stack lies in RAM, for the upcalls run driver code. */
static void listen_loop(void *unused)
{
    static char buffer[BUFFER];
    int lost = 0, rounds = 0;
    ask_again();
    for (;;) {
        struct pollfd ready = {.fd = warden_netlink(), .events = POLLIN};
        if (poll(&ready, 1, lost ? 0 : GROUPS_EVERY_MS) == 0) {
            if (lost || ++rounds % STATES_EVERY == 0) /* nobody is told of promiscuity */
                ask_again();
            else
                look_at_groups();
            lost = 0;
            continue;
        }
        ssize_t n = recv(warden_netlink(), buffer, sizeof buffer, 0);
        if (n < 0 && errno == ENOBUFS)
            lost = 1;
        if (n < 0 && (errno == EINTR || errno == ENOBUFS))
            continue;
        if (n <= 0)
            return;
        for (struct nlmsghdr *h = (void *)buffer; NLMSG_OK(h, (unsigned)n); h = NLMSG_NEXT(h, n))
            if (h->nlmsg_type == RTM_NEWLINK)
                dispatch(h);
            else if (h->nlmsg_type == RTM_NEWNETCONF)
                read_forwarding(h);
            else if (h->nlmsg_type == NLMSG_ERROR)
                note_answer(h);
    }
}

/* Sends a request; the caller has the lock. */
static int send_locked(struct request *r)
{
    r->head.nlmsg_seq = ++links.sequence;
    return send(warden_netlink(), r, r->head.nlmsg_len, 0) < 0 ? -errno : 0;
}

/* Sends a request and waits for its answer. In an upcall, on the listener's thread, nobody would read it: not asked for. */
static int transact_for(struct request *r, int *found)
{
    struct timespec until;
    int error;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 5;
    if (links.listener == lx_thread_self()) {
        r->head.nlmsg_flags &= ~NLM_F_ACK;
        pthread_mutex_lock(&links.lock);
        error = send_locked(r);
        pthread_mutex_unlock(&links.lock);
        return error;
    }
    pthread_mutex_lock(&links.turn);
    pthread_mutex_lock(&links.lock);
    if (!links.listener)
        links.listener = lx_thread_start(listen_loop, NULL, "edge-link");
    error = send_locked(r);
    links.asked = r->head.nlmsg_seq; /* nothing is dispatched before the lock is free */
    while (!error && links.answered != links.asked)
        if (pthread_cond_timedwait(&links.changed, &links.lock, &until))
            error = -ETIMEDOUT;
    if (!error)
        error = links.answer;
    *found = links.found; /* before the next request has its turn */
    pthread_mutex_unlock(&links.lock);
    pthread_mutex_unlock(&links.turn);
    return error;
}

static int transact(struct request *r)
{
    int found;
    return transact_for(r, &found);
}

static struct request set_request(int index)
{
    return (struct request){.head = {.nlmsg_len = NLMSG_LENGTH(sizeof(struct ifinfomsg)),
                                     .nlmsg_type = RTM_NEWLINK,
                                     .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK},
                            .info = {.ifi_index = index}};
}

int link_index(const char *name)
{
    struct request r = set_request(0);
    int found = 0;
    r.head.nlmsg_type = RTM_GETLINK;
    add_attribute(&r, IFLA_IFNAME, name, strlen(name) + 1);
    int error = transact_for(&r, &found);
    return error ? error : found;
}

int link_set_mtu(int index, int mtu)
{
    struct request r = set_request(index);
    add_attribute(&r, IFLA_MTU, &mtu, sizeof mtu);
    return transact(&r);
}

int link_set_mac(int index, const unsigned char mac[6])
{
    struct request r = set_request(index);
    add_attribute(&r, IFLA_ADDRESS, mac, 6);
    return transact(&r);
}

int link_forwarding(int v6)
{
    return __atomic_load_n(&links.forwarding[v6], __ATOMIC_RELAXED);
}

int link_gro(const char *name)
{
    struct ethtool_value gro = {.cmd = ETHTOOL_GGRO};
    struct ifreq ifr = {.ifr_data = (void *)&gro};
    strncpy(ifr.ifr_name, name, IFNAMSIZ - 1);
    return !ioctl(warden_netlink(), SIOCETHTOOL, &ifr) && gro.data; /* any socket of the namespace will do */
}

/* Linux names an address by its label: the interface's name, and what may follow a colon (netdevice(7)). */
static int is_of(const struct ifreq *r, const char *name)
{
    size_t n = strlen(name);
    return r->ifr_addr.sa_family == AF_INET && !strncmp(r->ifr_name, name, n) && (!r->ifr_name[n] || r->ifr_name[n] == ':');
}

/* By SIOCGIFCONF, which lists those of all interfaces, and tells first how much room that takes. */
int link_addresses(const char *name, unsigned char (*address)[4], int most)
{
    struct ifconf all = {0};
    int found = 0;
    if (ioctl(warden_netlink(), SIOCGIFCONF, &all) || !(all.ifc_req = malloc(all.ifc_len + 1)))
        return 0;
    if (ioctl(warden_netlink(), SIOCGIFCONF, &all))
        all.ifc_len = 0;
    for (const struct ifreq *r = all.ifc_req; r < all.ifc_req + all.ifc_len / sizeof *r && found < most; r++)
        if (is_of(r, name))
            memcpy(address[found++], &((const struct sockaddr_in *)&r->ifr_addr)->sin_addr, 4);
    free(all.ifc_req);
    return found;
}

void link_watch(int index, void (*changed)(void *ctx, const struct link_state *),
                void (*groups)(void *ctx, const struct link_groups *), void *ctx)
{
    pthread_mutex_lock(&links.lock);
    for (int i = 0; i < MAX_WATCH; i++)
        if (!links.watch[i].index) {
            links.watch[i].call = changed;
            links.watch[i].groups = groups;
            links.watch[i].ctx = ctx;
            links.watch[i].index = index;
            break;
        }
    pthread_mutex_unlock(&links.lock);
}

void link_unwatch(int index)
{
    pthread_mutex_lock(&links.lock);
    for (int i = 0; i < MAX_WATCH; i++)
        if (links.watch[i].index == index) {
            while (links.watch[i].busy)
                pthread_cond_wait(&links.changed, &links.lock);
            links.watch[i].index = 0;
        }
    pthread_mutex_unlock(&links.lock);
}
