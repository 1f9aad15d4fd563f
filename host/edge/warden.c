// SPDX-License-Identifier: BSD-3-Clause
/*
 * The warden: a child process that lives in COMMAND's namespaces. It opens descriptors there on request, runs COMMAND,
 * reaps whatever COMMAND leaves behind, and ends with it all when the socket to kexthost closes, so that nothing
 * survives kexthost however that ends. namespaces(7), user_namespaces(7).
 */
#define _GNU_SOURCE
#include "internal.h"
#include "../linux/linux.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ASK_TUN = 1, ASK_RUN, ASK_SIGNAL, TELL_READY, TELL_FD, TELL_ERROR, TELL_EXIT };

struct message {
    int kind;
    int value;       /* errno, status, signal number */
    char text[120];  /* of an error */
};

static struct {
    int fd;                  /* kexthost's end of the socket pair */
    int netlink;
    pid_t pid;
    int status;              /* of COMMAND; -1: running or never started */
    pthread_mutex_t lock;    /* one request at a time */
} warden = {.fd = -1, .netlink = -1, .status = -1, .lock = PTHREAD_MUTEX_INITIALIZER};

/* ---- both ends: one message, perhaps with a descriptor ---- */

static int tell(int sock, const struct message *m, int fd)
{
    struct iovec iov = {(void *)m, sizeof *m};
    union {
        char room[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control;
    struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
    if (fd >= 0) {
        msg.msg_control = control.room;
        msg.msg_controllen = sizeof control.room;
        struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(c), &fd, sizeof fd);
    }
    return sendmsg(sock, &msg, MSG_NOSIGNAL) == sizeof *m ? 0 : -1;
}

/* 1 a message, 0 the other end is gone. */
static int hear(int sock, struct message *m, int *fd)
{
    struct iovec iov = {m, sizeof *m};
    union {
        char room[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control;
    struct msghdr msg = {
        .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.room, .msg_controllen = sizeof control.room};
    ssize_t n;
    *fd = -1;
    while ((n = recvmsg(sock, &msg, MSG_CMSG_CLOEXEC)) < 0 && errno == EINTR)
        ;
    if (n != sizeof *m)
        return 0;
    struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
    if (c && c->cmsg_type == SCM_RIGHTS)
        memcpy(fd, CMSG_DATA(c), sizeof *fd);
    return 1;
}

/* ---- the warden's side: from here to warden_main, code of the child ---- */

static void report(int sock, const char *what, int error)
{
    struct message m = {TELL_ERROR, error, ""};
    snprintf(m.text, sizeof m.text, "%s", what);
    tell(sock, &m, -1);
    _exit(3);
}

static int put_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : write(fd, text, strlen(text));
    if (fd >= 0)
        close(fd);
    return n < 0 ? -1 : 0;
}

static void enter_namespaces(int sock)
{
    unsigned uid = geteuid(), gid = getegid();
    char map[64];
    if (uid == 0) {
        if (unshare(CLONE_NEWNET | CLONE_NEWNS))
            report(sock, "network and mount namespaces", errno);
        return;
    }
    if (unshare(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWNS))
        report(sock, "user, network and mount namespaces", errno);
    put_file("/proc/self/setgroups", "deny");
    snprintf(map, sizeof map, "0 %u 1", uid);
    if (put_file("/proc/self/uid_map", map))
        report(sock, "the user namespace's uid map", errno);
    snprintf(map, sizeof map, "0 %u 1", gid);
    if (put_file("/proc/self/gid_map", map))
        report(sock, "the user namespace's gid map", errno);
}

/*
 * What is mounted from here on must not reach the caller's namespace. In a chroot "/" is no mount point and cannot be
 * made private: entering one's own namespace again leads to its true root (setns(2)), from where it can, and then back.
 */
static int make_mounts_private(void)
{
    if (!mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL))
        return 0;
    int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC), folder = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    int self = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
    int failed = root < 0 || folder < 0 || self < 0 || setns(self, CLONE_NEWNS) ||
                 mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) || fchdir(root) || chroot(".") || fchdir(folder);
    close(root);
    close(folder);
    close(self);
    return failed ? -1 : 0;
}

/* /etc becomes a private layer over the caller's; where the kernel has no overlay for us, it becomes read-only. */
static void shield_etc(int sock)
{
    const char *layer = "/tmp";
    if (make_mounts_private())
        report(sock, "making mounts private", errno);
    int layered = !mount("kexthost", layer, "tmpfs", 0, "mode=0700") && !mkdir("/tmp/upper", 0755) &&
                  !mkdir("/tmp/work", 0755) &&
                  !mount("overlay", "/etc", "overlay", 0, "lowerdir=/etc,upperdir=/tmp/upper,workdir=/tmp/work");
    umount2(layer, MNT_DETACH); /* the overlay keeps it; /tmp is the caller's again */
    if (layered)
        return;
    if (mount("/etc", "/etc", NULL, MS_BIND | MS_REC, NULL) ||
        mount(NULL, "/etc", NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL))
        report(sock, "shielding /etc", errno);
}

static int open_route_socket(void)
{
    struct sockaddr_nl self = {.nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK};
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    if (fd >= 0 && bind(fd, (struct sockaddr *)&self, sizeof self)) {
        close(fd);
        fd = -1;
    }
    return fd;
}

static void raise_loopback(void)
{
    struct ifreq ifr = {.ifr_name = "lo", .ifr_flags = IFF_UP};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd >= 0) {
        ioctl(fd, SIOCSIFFLAGS, &ifr);
        close(fd);
    }
}

static void answer_tun(int sock)
{
    struct message m = {TELL_FD, 0, ""};
    int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        m.kind = TELL_ERROR, m.value = errno;
    tell(sock, &m, fd);
    if (fd >= 0)
        close(fd);
}

/* argv and environment come as one block of strings over the socket: counts in the message's text. */
static char **hear_strings(int sock, int size, int *count)
{
    char *block = malloc(size + 1);
    int got = 0, n = 0;
    while (block && got < size) {
        ssize_t r = recv(sock, block + got, size - got, 0);
        if (r <= 0)
            _exit(3);
        got += r;
    }
    char **list = calloc(size + 2, sizeof *list);
    if (!block || !list)
        _exit(3);
    for (int at = 0; at < size; at += strlen(block + at) + 1)
        list[n++] = block + at;
    *count = n;
    return list;
}

static pid_t start_command(int sock, const struct message *m)
{
    int args, count;
    sscanf(m->text, "%d", &args);
    char **list = hear_strings(sock, m->value, &count);
    pid_t pid = fork();
    if (pid)
        return pid;
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* however the warden ends */
    for (int i = args; i < count; i++)
        putenv(list[i]);
    list[args] = NULL;
    execvp(list[0], list);
    int error = errno;
    fprintf(stderr, "kexthost: %s: %s\n", list[0], strerror(error));
    _exit(error == ENOENT ? 127 : 126);
}

/* Reaps everybody; tells COMMAND's status. */
static void reap(int sock, pid_t command)
{
    int status;
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;)
        if (pid == command) {
            struct message m = {TELL_EXIT, WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status), ""};
            tell(sock, &m, -1);
        }
}

/* Everything that still descends from the warden ends: it is their subreaper, so each round finds the next ones. */
static void end_children(void)
{
    char path[64], pids[4096];
    snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
    for (int round = 0; round < 100; round++) {
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        ssize_t n = fd < 0 ? 0 : read(fd, pids, sizeof pids - 1);
        if (fd >= 0)
            close(fd);
        if (n <= 0)
            return;
        pids[n] = 0;
        for (char *p = strtok(pids, " "); p; p = strtok(NULL, " "))
            kill(atoi(p), round < 1 ? SIGTERM : SIGKILL);
        struct timespec tick = {0, 20000000};
        nanosleep(&tick, NULL);
        while (waitpid(-1, NULL, WNOHANG) > 0)
            ;
    }
}

static void serve(int sock)
{
    sigset_t set;
    sigfillset(&set);
    sigprocmask(SIG_SETMASK, &set, NULL);
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    int children = signalfd(-1, &set, SFD_CLOEXEC);
    struct pollfd poll_on[2] = {{sock, POLLIN, 0}, {children, POLLIN, 0}};
    pid_t command = -1;
    while (poll(poll_on, 2, -1) >= 0 || errno == EINTR) {
        struct signalfd_siginfo info;
        struct message m;
        int fd;
        if (poll_on[1].revents && read(children, &info, sizeof info) > 0)
            reap(sock, command);
        if (!poll_on[0].revents)
            continue;
        if (!hear(sock, &m, &fd))
            break;
        if (m.kind == ASK_TUN)
            answer_tun(sock);
        else if (m.kind == ASK_RUN)
            command = start_command(sock, &m);
        else if (m.kind == ASK_SIGNAL && command > 0)
            kill(command, m.value);
    }
    end_children();
    _exit(0);
}

static void warden_main(int sock)
{
    struct message ready = {TELL_READY, 0, ""};
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    prctl(PR_SET_NAME, "kexthost-warden");
    enter_namespaces(sock);
    shield_etc(sock);
    raise_loopback();
    int netlink = open_route_socket();
    if (netlink < 0)
        report(sock, "a netlink socket", errno);
    tell(sock, &ready, netlink);
    close(netlink);
    serve(sock);
}

/* ---- kexthost's side ---- */

static const char *cure(int error)
{
    if (error == EPERM || error == ENOSPC || error == EACCES)
        return geteuid() ? "allow user namespaces (sysctl kernel.unprivileged_userns_clone=1, "
                           "user.max_user_namespaces) or run as root"
                         : "root lacks CAP_SYS_ADMIN here: run outside the restricted container";
    return "see namespaces(7)";
}

void edge_open(void)
{
    int pair[2], fd;
    struct message m;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
        lx_fatal("socketpair: %s", strerror(errno));
    warden.pid = fork();
    if (warden.pid < 0)
        lx_fatal("fork: %s", strerror(errno));
    if (!warden.pid) {
        close(pair[0]);
        warden_main(pair[1]);
    }
    close(pair[1]);
    warden.fd = pair[0];
    if (!hear(warden.fd, &m, &fd))
        lx_fatal("the namespace helper died; see the kernel's log");
    if (m.kind != TELL_READY)
        lx_fatal("no permission for %s (%s): %s", m.text, strerror(m.value), cure(m.value));
    warden.netlink = fd;
    lx_at_exit(edge_close);
}

/* Called with the lock held: the answer to a request; a COMMAND that ends meanwhile is noted. */
static int answer(struct message *m)
{
    int fd;
    while (hear(warden.fd, m, &fd)) {
        if (m->kind != TELL_EXIT)
            return fd;
        warden.status = m->value;
    }
    m->kind = TELL_ERROR;
    m->value = ECONNRESET;
    return -1;
}

int warden_open_tun(void)
{
    struct message m = {ASK_TUN, 0, ""};
    pthread_mutex_lock(&warden.lock);
    int fd = tell(warden.fd, &m, -1) ? -1 : answer(&m);
    pthread_mutex_unlock(&warden.lock);
    if (fd < 0)
        errno = m.value;
    return fd;
}

int warden_pid(void) { return warden.pid; }
int warden_netlink(void) { return warden.netlink; }

void edge_command_start(char *const argv[], char *const extra[])
{
    struct message m = {ASK_RUN, 0, ""};
    int args = 0;
    for (; argv[args]; args++)
        m.value += strlen(argv[args]) + 1;
    for (int i = 0; extra && extra[i]; i++)
        m.value += strlen(extra[i]) + 1;
    snprintf(m.text, sizeof m.text, "%d", args);
    char *block = malloc(m.value), *at = block;
    for (int i = 0; i < args; i++)
        at = stpcpy(at, argv[i]) + 1;
    for (int i = 0; extra && extra[i]; i++)
        at = stpcpy(at, extra[i]) + 1;
    pthread_mutex_lock(&warden.lock);
    int bad = tell(warden.fd, &m, -1);
    for (int sent = 0; !bad && sent < m.value;) { /* a packet socket has a limit: pieces */
        int n = m.value - sent < 32768 ? m.value - sent : 32768;
        bad = send(warden.fd, block + sent, n, MSG_NOSIGNAL) != n;
        sent += n;
    }
    pthread_mutex_unlock(&warden.lock);
    free(block);
    if (bad)
        lx_fatal("the namespace helper is gone: COMMAND cannot be started");
}

int edge_command_wait(int timeout_ms)
{
    struct message m;
    struct pollfd p = {warden.fd, POLLIN, 0};
    int fd;
    if (warden.status >= 0)
        return warden.status;
    if (poll(&p, 1, timeout_ms) <= 0)
        return warden.status;
    pthread_mutex_lock(&warden.lock);
    if (warden.status < 0 && poll(&p, 1, 0) > 0) {
        if (!hear(warden.fd, &m, &fd))
            lx_fatal("the namespace helper was killed: what COMMAND had started may run on; see the kernel's log");
        if (m.kind == TELL_EXIT)
            warden.status = m.value;
    }
    pthread_mutex_unlock(&warden.lock);
    return warden.status;
}

void edge_command_signal(int signo)
{
    struct message m = {ASK_SIGNAL, signo, ""};
    tell(warden.fd, &m, -1);
}

void edge_close(void)
{
    if (warden.fd < 0)
        return;
    close(warden.fd);
    warden.fd = -1;
    waitpid(warden.pid, NULL, 0);
}
