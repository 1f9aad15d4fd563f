// SPDX-License-Identifier: BSD-3-Clause
/*
 * shuttle: the yardstick. Two threads copy frames between two taps, with no driver and no device in between: what
 * any user-space path between the same two interfaces can at best reach on this machine.
 *   shuttle NETNS:TAP:OFFLOADS NETNS:TAP:OFFLOADS
 * NETNS is a namespace file ("/proc/123/ns/net"; "-" is the caller's). OFFLOADS, of frames that the tap hands out, is a
 * list joined by '+': csum, tso4, tso6 or none. Frames larger than the other tap's MTU pass as segmentation requests
 * (virtio_net_hdr, 12 bytes; Linux's tun driver). Prints "ready" on stdout, runs until it is killed.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { HEADER = 12, LARGEST = 65536 + 64 };

static void die(const char *what)
{
    fprintf(stderr, "shuttle: %s: %s\n", what, strerror(errno));
    exit(1);
}

static unsigned parse_offloads(char *list)
{
    static const struct {
        const char *name;
        unsigned bits;
    } known[] = {{"csum", TUN_F_CSUM}, {"tso4", TUN_F_TSO4 | TUN_F_TSO_ECN}, {"tso6", TUN_F_TSO6}, {"none", 0}};
    unsigned bits = 0;
    for (char *name = strtok(list, "+"); name; name = strtok(NULL, "+")) {
        unsigned i = 0;
        while (i < 4 && strcmp(known[i].name, name))
            i++;
        if (i == 4) {
            fprintf(stderr, "shuttle: no offload %s: use csum, tso4, tso6 or none\n", name);
            exit(1);
        }
        bits |= known[i].bits;
    }
    return bits;
}

/* Opens the tap that the argument describes; the thread is in its namespace meanwhile. */
static int open_tap(char *arg, int home)
{
    char *tap = strchr(arg, ':'), *offloads = tap ? strchr(tap + 1, ':') : NULL;
    if (!offloads) {
        fprintf(stderr, "usage: shuttle NETNS:TAP:OFFLOADS NETNS:TAP:OFFLOADS\n");
        exit(1);
    }
    *tap++ = *offloads++ = 0;
    if (strcmp(arg, "-")) {
        int ns = open(arg, O_RDONLY);
        if (ns < 0 || setns(ns, CLONE_NEWNET))
            die(arg);
        close(ns);
    }
    struct ifreq ifr = {.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR};
    strncpy(ifr.ifr_name, tap, IFNAMSIZ - 1);
    int header = HEADER, fd = open("/dev/net/tun", O_RDWR);
    if (fd < 0 || ioctl(fd, TUNSETIFF, &ifr) || ioctl(fd, TUNSETVNETHDRSZ, &header) ||
        ioctl(fd, TUNSETOFFLOAD, parse_offloads(offloads)))
        die(tap);
    if (setns(home, CLONE_NEWNET))
        die("setns");
    return fd;
}

static void *carry(void *arg)
{
    const int *fd = arg;
    char *frame = malloc(LARGEST);
    for (;;) {
        ssize_t n = read(fd[0], frame, LARGEST);
        if (n <= 0)
            die("read");
        while (write(fd[1], frame, n) < 0 && (errno == EAGAIN || errno == ENOBUFS))
            ;
    }
    return NULL;
}

int main(int argc, char **argv)
{
    int home = open("/proc/self/ns/net", O_RDONLY);
    if (argc != 3) {
        fprintf(stderr, "usage: shuttle NETNS:TAP:OFFLOADS NETNS:TAP:OFFLOADS\n");
        return 1;
    }
    int a = open_tap(argv[1], home), b = open_tap(argv[2], home);
    int there[2] = {a, b}, back[2] = {b, a};
    pthread_t thread;
    if ((errno = pthread_create(&thread, NULL, carry, there)))
        die("pthread_create");
    puts("ready");
    fflush(stdout);
    carry(back);
}
