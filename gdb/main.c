// SPDX-License-Identifier: BSD-3-Clause
/*
 * kdpgdb: the kernel of a Mac guest, stopped in its debugger, for gdb (target remote) and lldb (gdb-remote). One KDP session over
 * UDP on one side, gdb's protocol on a loopback port on the other. KDP first, then the port: once the port is told on standard
 * output, gdb is answered at once.
 */
#define _GNU_SOURCE
#include "gdb.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

static const char help[] =
    "usage: kdpgdb [OPTION]... HOST[:PORT]\n"
    "Lets gdb debug the kernel of a Mac OS X machine that waits in its debugger, over the network (KDP, UDP port 41139).\n\n"
    "  --arch x86_64|i386   what the kernel is (default: what it says)\n"
    "  --listen PORT        where gdb shall come, on 127.0.0.1 (default 41139; 0: any free port)\n"
    "  --wait SECONDS       how long to try to reach the machine (default 16)\n"
    "  --version, --help\n\n"
    "The machine needs the boot-arg debug=0x144 and a network card whose driver has the debugger's polled mode. It enters the\n"
    "debugger on a panic, on a non-maskable interrupt (VirtualBox: VBoxManage debugvm NAME injectnmi; QEMU's monitor: nmi;\n"
    "a Mac's power button) and where a driver asks. Then:\n\n"
    "  kdpgdb 192.168.56.101 &                        gdb -ex 'target remote :41139'\n"
    "                                                 lldb mach_kernel -o 'gdb-remote 41139' (with its symbols)\n\n"
    "A running kernel does not listen: to interrupt it, use its NMI. detach lets it run and ends kdpgdb; kill restarts the\n"
    "machine, and so does lldb that quits without `process detach'. A gdb that goes without detach may come again. `monitor\n"
    "version', `hostinfo', `exception' tell what KDP knows (gdb).\n"
    "Exit status: 0 after detach, kill or a signal; 1 after any error, a wrong command line too.\n";

static struct options {
    const char *host, *port;
    int arch, wait;
    uint16_t listen;
} options = {.arch = -1, .wait = 16, .listen = KDP_PORT};

static volatile sig_atomic_t told_to_end;
enum { LOOK_MS = 200 }; /* no wait is longer: a signal may come just before it */

static void __attribute__((noreturn, format(printf, 2, 3))) die(int status, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    fputs("kdpgdb: ", stderr);
    vfprintf(stderr, fmt, ap);
    fputc('\n', stderr);
    va_end(ap);
    exit(status);
}

/* ---- the link to the machine ---- */

static int link_send(void *ctx, const uint8_t *packet, size_t length)
{
    /* refused: an ICMP message about an earlier packet, e.g. from a machine that is still booting */
    ssize_t sent = send(*(int *)ctx, packet, length, 0);
    return sent >= 0 || errno == ECONNREFUSED || errno == EHOSTUNREACH || errno == ENETUNREACH ? 0 : -1;
}

static int link_receive(void *ctx, uint8_t *packet, size_t size, int timeout_ms)
{
    struct pollfd p = {*(int *)ctx, POLLIN, 0};
    int ready = poll(&p, 1, timeout_ms);
    if (ready <= 0 || told_to_end)
        return ready < 0 || told_to_end ? -1 : 0;
    ssize_t got = recv(*(int *)ctx, packet, size, 0);
    if (got < 0 && errno == ECONNREFUSED) {
        poll(NULL, 0, timeout_ms < 50 ? timeout_ms : 50);
        return 0;
    }
    return (int)got;
}

static int open_udp(uint16_t *port)
{
    struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_DGRAM}, *found;
    struct sockaddr_in own;
    socklen_t length = sizeof own;
    int bad = getaddrinfo(options.host, options.port, &hints, &found);
    if (bad)
        die(1, "%s:%s: %s", options.host, options.port, gai_strerror(bad));
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, found->ai_addr, found->ai_addrlen) || getsockname(fd, (struct sockaddr *)&own, &length))
        die(1, "%s:%s: %s", options.host, options.port, strerror(errno));
    freeaddrinfo(found);
    *port = ntohs(own.sin_port);
    return fd;
}

static void connect_machine(struct kdp *k)
{
    uint32_t key = 0;
    int failed;
    if (getrandom(&key, sizeof key, 0) != sizeof key || !key)
        key = 1;
    k->first_ms = 500;
    k->tries = 1;
    for (int left = options.wait * 2; (failed = kdp_connect(k, key)) == KDP_ETIMEOUT && left > 1; left--)
        ;
    k->first_ms = k->tries = 0;
    if (told_to_end)
        exit(0);
    if (failed == KDP_ETIMEOUT)
        die(1, "%s:%s does not answer: is it in its debugger, and has it the boot-arg debug=0x144?", options.host,
            options.port);
    if (failed)
        die(1, "%s:%s: %s", options.host, options.port, kdp_strerror(failed));
}

static enum gdb_arch choose_arch(const struct kdp *k)
{
    if (options.arch >= 0)
        return (enum gdb_arch)options.arch;
    if (k->cpu_type != KDP_CPU_I386 && k->cpu_type != KDP_CPU_X86_64)
        die(1, "%s:%s has an unknown processor type 0x%x: say --arch", options.host, options.port, k->cpu_type);
    return k->cpu_type == KDP_CPU_I386 ? GDB_I386 : GDB_X86_64;
}

/* ---- gdb ---- */

static int open_tcp(uint16_t *port)
{
    struct sockaddr_in own = {.sin_family = AF_INET, .sin_port = htons(*port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t length = sizeof own;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
    if (fd >= 0)
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (fd < 0 || bind(fd, (struct sockaddr *)&own, sizeof own) || listen(fd, 1) ||
        getsockname(fd, (struct sockaddr *)&own, &length))
        die(1, "port %u on 127.0.0.1: %s; say --listen 0 or another port", *port, strerror(errno));
    *port = ntohs(own.sin_port);
    return fd;
}

struct client {
    int fd;
    struct gdb *gdb;
    struct gdb_framing in;
    char reply[GDB_PACKET_MAX], frame[GDB_FRAME_MAX];
    size_t framed; /* the last one sent, for a repetition */
    bool waits;    /* for the machine to stop */
    enum gdb_next end;
};

static void put_frame(struct client *c, size_t length)
{
    if (length != (size_t)-1)
        c->framed = gdb_frame(c->reply, length, c->frame);
    for (size_t done = 0; done < c->framed;) {
        ssize_t n = send(c->fd, c->frame + done, c->framed - done, MSG_NOSIGNAL);
        if (n <= 0)
            return; /* the next read tells */
        done += (size_t)n;
    }
}

static void put_ack(struct client *c, char ack)
{
    if (!c->gdb->no_ack && send(c->fd, &ack, 1, MSG_NOSIGNAL) < 0)
        return;
}

static void take_packet(struct client *c, size_t length)
{
    size_t out;
    put_ack(c, '+');
    if (c->gdb->kdp->running) { /* a new gdb finds it running: nothing can be asked */
        c->waits = c->waits || c->in.text[0] == '?';
        return;
    }
    enum gdb_next next = gdb_command(c->gdb, c->in.text, length, c->reply, &out);
    if (next == GDB_RUNS)
        c->waits = true;
    else
        put_frame(c, out);
    if (next == GDB_ENDS || next == GDB_KILLED)
        c->end = next;
}

static void take_byte(struct client *c, uint8_t byte)
{
    int got = gdb_feed(&c->in, byte);
    if (got >= 0)
        take_packet(c, (size_t)got);
    else if (got == GDB_DAMAGED)
        put_ack(c, '-');
    else if (got == GDB_BREAK && c->waits)
        put_frame(c, gdb_console("kdpgdb: a running kernel does not listen; stop it by its NMI\n", c->reply));
    else if (byte == '-' && c->in.at == GDB_IDLE && c->framed && !c->gdb->no_ack)
        put_frame(c, (size_t)-1);
}

/* Serves one gdb until it goes. False: the session with the machine is over too. */
static bool serve(struct client *c)
{
    int udp = *(int *)c->gdb->kdp->link.ctx;
    uint8_t bytes[4096];
    while (!told_to_end) {
        struct pollfd p[2] = {{c->fd, POLLIN, 0}, {c->gdb->kdp->running ? udp : -1, POLLIN, 0}};
        if (poll(p, 2, LOOK_MS) <= 0)
            continue;
        if (p[1].revents && kdp_wait(c->gdb->kdp, 0) > 0 && c->waits) {
            c->waits = false;
            put_frame(c, gdb_stop_reply(c->gdb, c->reply));
        }
        if (!p[0].revents)
            continue;
        ssize_t n = recv(c->fd, bytes, sizeof bytes, 0);
        if (n <= 0)
            return true;
        for (ssize_t i = 0; i < n && !c->end; i++)
            take_byte(c, bytes[i]);
        if (c->end)
            return false;
    }
    return false;
}

static void on_signal(int sig)
{
    (void)sig;
    told_to_end = 1;
}

static void serve_all(struct gdb *g, int listener)
{
    static struct client c;
    bool more = true;
    int on = 1;
    while (more && !told_to_end) {
        struct pollfd p = {listener, POLLIN, 0};
        int fd = poll(&p, 1, LOOK_MS) > 0 ? accept4(listener, NULL, NULL, SOCK_CLOEXEC) : -1;
        if (fd < 0)
            continue;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        memset(&c, 0, sizeof c);
        c.fd = fd;
        c.gdb = g;
        g->no_ack = false;
        more = serve(&c);
        close(fd);
    }
}

/* ---- command line ---- */

static long in_range(const char *option, const char *text, long most)
{
    char *end;
    long value = strtol(text, &end, 10);
    if (!*text || *end || value < 0 || value > most)
        die(1, "%s takes a number up to %ld, not %s", option, most, text);
    return value;
}

static void set_option(const char *name, const char *value)
{
    if (!strcmp(name, "--arch") && !strcmp(value, "x86_64"))
        options.arch = GDB_X86_64;
    else if (!strcmp(name, "--arch") && !strcmp(value, "i386"))
        options.arch = GDB_I386;
    else if (!strcmp(name, "--arch"))
        die(1, "--arch is x86_64 or i386, not %s", value);
    else if (!strcmp(name, "--listen"))
        options.listen = (uint16_t)in_range(name, value, 65535);
    else if (!strcmp(name, "--wait"))
        options.wait = (int)in_range(name, value, 86400);
    else
        die(1, "unknown option %s; see kdpgdb --help", name);
}

static void set_host(char *text)
{
    static char standard[8];
    char *colon = strchr(text, ':');
    snprintf(standard, sizeof standard, "%d", KDP_PORT);
    if (options.host)
        die(1, "one HOST, not also %s", text);
    if (colon)
        *colon = 0;
    options.port = colon ? colon + 1 : standard;
    if (!*text || in_range("PORT", options.port, 65535) == 0)
        die(1, "HOST[:PORT] is missing a part; see kdpgdb --help");
    options.host = text;
}

static void parse(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        char *equals = strchr(argv[i], '=');
        if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "--version")) {
            fputs(argv[i][2] == 'h' ? help : "kdpgdb " VERSION "\n", stdout);
            exit(0);
        }
        if (strncmp(argv[i], "--", 2)) {
            set_host(argv[i]);
        } else if (equals) {
            *equals = 0;
            set_option(argv[i], equals + 1);
        } else if (i + 1 < argc) {
            set_option(argv[i], argv[i + 1]);
            i++;
        } else {
            die(1, "a value is missing after %s, or it is unknown; see kdpgdb --help", argv[i]);
        }
    }
    if (!options.host)
        die(1, "which HOST? see kdpgdb --help");
}

int main(int argc, char **argv)
{
    struct sigaction end = {.sa_handler = on_signal};
    static struct kdp k;
    static struct gdb g;
    int udp;
    parse(argc, argv);
    sigaction(SIGINT, &end, NULL);
    sigaction(SIGTERM, &end, NULL);
    udp = open_udp(&k.link.port);
    int listener = open_tcp(&options.listen);
    k.link.send = link_send;
    k.link.receive = link_receive;
    k.link.ctx = &udp;
    connect_machine(&k);
    g.kdp = &k;
    g.arch = choose_arch(&k);
    printf("%s\n%s; gdb: target remote :%u\n", *k.kernel ? k.kernel : "a kernel that does not tell its version",
           g.arch == GDB_I386 ? "i386" : "x86_64", options.listen);
    fflush(stdout);
    serve_all(&g, listener);
    told_to_end = 0;
    if (k.connected && !k.running) { /* told to end: it shall not hang */
        k.tries = 2;
        (void)kdp_disconnect(&k);
    }
    return 0;
}
