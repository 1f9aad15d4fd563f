// SPDX-License-Identifier: BSD-3-Clause
/*
 * host/edge/link.c in a network namespace of the test's own: forwarding is told, and telling it waits for nobody. A work loop
 * asks for it with its gate closed, and the listener may be in an upcall that waits for this very gate.
 */
#define _GNU_SOURCE
#include "edge/internal.h"
#include "linux/linux.h"
#include <linux/netlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static int netlink_fd, bad;
static volatile int entered, released, left;

int warden_netlink(void) { return netlink_fd; }
int warden_pid(void) { return getpid(); }

/* Threads of the host are pthreads here. */
static struct thread {
    void (*function)(void *);
    void *arg;
} listener;
static __thread void *self = &bad; /* of the main thread: any but the listener's */

static void *body(void *t)
{
    self = t;
    listener.function(listener.arg);
    return NULL;
}

struct lx_thread *lx_thread_start(void (*function)(void *), void *arg, const char *name)
{
    pthread_t id;
    (void)name;
    listener = (struct thread){function, arg};
    return pthread_create(&id, NULL, body, &listener) ? NULL : (struct lx_thread *)&listener;
}

struct lx_thread *lx_thread_self(void) { return self; }

static void report(int good, const char *what)
{
    printf("%sok - %s\n", good ? "" : "not ", what);
    bad |= !good;
}

static long long now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000ll + t.tv_nsec / 1000000;
}

/* What the gate is to an upcall: it returns when the other side lets go. */
static void changed(void *ctx, const struct link_state *s)
{
    (void)ctx, (void)s;
    entered = 1;
    for (long long end = now_ms() + 60000; !released && now_ms() < end;)
        usleep(1000);
    left = 1;
}

static void groups(void *ctx, const struct link_groups *g) { (void)ctx, (void)g; }

static int wait_for(volatile int *flag)
{
    for (long long end = now_ms() + 10000; !*flag && now_ms() < end;)
        usleep(1000);
    return *flag;
}

static int forwarding_becomes(int v6, int on)
{
    const char *path = v6 ? "/proc/sys/net/ipv6/conf/all/forwarding" : "/proc/sys/net/ipv4/ip_forward";
    FILE *f = fopen(path, "w");
    if (!f || fprintf(f, "%d\n", on) < 0 || fclose(f))
        return 0;
    for (long long end = now_ms() + 10000; link_forwarding(v6) != on && now_ms() < end;)
        usleep(1000);
    return link_forwarding(v6) == on;
}

static void loopback_up(void)
{
    struct ifreq r = {.ifr_name = "lo", .ifr_flags = IFF_UP};
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    report(!ioctl(fd, SIOCSIFFLAGS, &r), "an interface changes");
    close(fd);
}

/* More addresses for the loopback, which has 127.0.0.1 since it came up: under labels. */
static void more_addresses(int count)
{
    struct ifreq r = {.ifr_name = "lo"};
    struct sockaddr_in *in = (struct sockaddr_in *)&r.ifr_addr;
    int fd = socket(AF_INET, SOCK_DGRAM, 0), good = 1;
    in->sin_family = AF_INET;
    for (int i = 2; i <= count; i++) {
        snprintf(r.ifr_name, sizeof r.ifr_name, "lo:%d", i);
        in->sin_addr.s_addr = htonl(INADDR_LOOPBACK - 1 + i);
        good &= !ioctl(fd, SIOCSIFADDR, &r);
    }
    report(good, "addresses are given");
    close(fd);
}

int main(void)
{
    struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = 1}; /* RTMGRP_LINK, as the warden has it */
    netlink_fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    report(netlink_fd >= 0 && !bind(netlink_fd, (struct sockaddr *)&address, sizeof address), "a namespace");
    int index = link_index("lo");
    unsigned char inet[4][4];
    report(index > 0, "an interface is found");
    report(link_addresses("lo", inet, 4) == 0, "no address of IPv4");
    report(forwarding_becomes(0, 1) && forwarding_becomes(0, 0), "forwarding of IPv4 is told, on and off");
    report(forwarding_becomes(1, 1) && forwarding_becomes(1, 0), "of IPv6");
    report(forwarding_becomes(1, 1) && !link_forwarding(0), "each of its own");
    link_watch(index, changed, groups, NULL);
    loopback_up();
    report(wait_for(&entered), "its upcall runs, and waits");
    report(link_forwarding(1) == 1 && !link_forwarding(0), "forwarding is told meanwhile");
    report(!left, "without waiting for that upcall");
    more_addresses(3);
    report(link_addresses("lo", inet, 4) == 3 && !memcmp(inet, "\x7f\0\0\1\x7f\0\0\2\x7f\0\0\3", 12), "three, in order");
    report(!left, "told without waiting for that upcall");
    report(link_addresses("lo", inet, 2) == 2 && link_addresses("l", inet, 4) == 0, "no more than asked for, of none but it");
    released = 1;
    link_unwatch(index);
    return bad;
}
