// SPDX-License-Identifier: BSD-3-Clause
/*
 * The control socket's server: a thread a client, a table of commands. Commands wait for one another, but for those
 * that come from outside the machine: a hand pulls a card or a cable while the system is busy with something else.
 */
#define _GNU_SOURCE
#include "control.h"
#include "bsd/boot.h"
#include "family/pci/boot.h"
#include "iokit/boot.h"
#include "kdp/kdp.h"
#include "linux/linux.h"
#include "loader/loader.h"
#include "qemu/qemu.h"
#include "report.h"
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

enum { QUIET_MS = 60000, CLIENT_S = 5 };

static struct {
    char folder[96];
    struct sockaddr_un address;
    int listener, quit;
    volatile int running; /* threads, the listener's among them */
    struct lx_mutex turn;
} control = {.listener = -1, .quit = -1};

/* Every line of text is prefixed with a blank, so that none can be taken for the answer's end. */
static void put_line(void *stream, const char *line) { fprintf(stream, " %s\n", line); }

static void fail(FILE *out, const char *why)
{
    char line[2048];
    snprintf(line, sizeof line, "%s", why && *why ? why : "it did not work");
    for (char *p = line; (p = strchr(p, '\n')) != NULL;)
        *p = ';';
    fprintf(out, "error: %s\n", line);
}

static void settle(FILE *out, int failed, const char *why)
{
    if (failed)
        fail(out, why);
    else
        fputs("ok\n", out);
}

static void list_one(void *out, const struct kext_info *k)
{
    char line[512];
    snprintf(line, sizeof line, "%s %s %#lx %#lx %u %s", k->identifier, k->version, k->address, k->size, k->references,
             k->started ? "started" : "unloaded");
    put_line(out, line);
}

static void do_list(FILE *out, char *arg)
{
    kext_each(list_one, out);
    settle(out, 0, NULL);
}

static void do_load(FILE *out, char *arg)
{
    int failed = kext_load(arg) || iokit_wait_quiet(QUIET_MS);
    settle(out, failed, kext_error());
}

static void do_unload(FILE *out, char *arg)
{
    int failed = kext_unload(arg);
    settle(out, failed, kext_error());
}

static void do_link(FILE *out, char *arg)
{
    char *state = strrchr(arg, ' ');
    int up = state && !strcmp(state + 1, "up");
    if (!state || (!up && strcmp(state + 1, "down"))) {
        fail(out, "usage: link ID up|down");
        return;
    }
    *state = 0;
    int failed = qemu_set_link(arg, up);
    settle(out, failed, qemu_error());
}

/* "ADDRESS HEX", both hexadecimal, written byte by byte. */
static int poke(const char *arg)
{
    unsigned char bytes[64];
    int used = 0;
    unsigned long address;
    unsigned n = 0, value;
    if (sscanf(arg, "%lx %n", &address, &used) != 1 || !used)
        return -1;
    for (arg += used; n < sizeof bytes && sscanf(arg, "%2x%n", &value, &used) == 1 && used == 2; arg += 2)
        bytes[n++] = (unsigned char)value;
    if (!n || *arg || address > lx_ram_size || n > lx_ram_size - address)
        return -1;
    memcpy(lx_ram + address, bytes, n);
    return 0;
}

static void do_poke(FILE *out, char *arg)
{
    settle(out, poke(arg), "usage: poke ADDRESS HEX, both hexadecimal, up to 64 bytes, inside the RAM");
}

static void do_doorbells(FILE *out, char *arg)
{
    int lost = !strcmp(arg, "lost"), bad = !lost && strcmp(arg, "heard");
    if (!bad)
        qemu_lose_doorbells(lost);
    settle(out, bad, "usage: doorbells lost|heard");
}

static void do_interrupts(FILE *out, char *arg)
{
    int held = !strcmp(arg, "held"), bad = !held && strcmp(arg, "heard");
    if (!bad)
        qemu_irq_hold(held);
    settle(out, bad, "usage: interrupts held|heard");
}

static void do_vectors(FILE *out, char *arg)
{
    int refused = !strcmp(arg, "refused"), bad = !refused && strcmp(arg, "taken");
    if (!bad)
        qemu_refuse_vectors(refused);
    settle(out, bad, "usage: vectors refused|taken");
}

static void do_netdev(FILE *out, char *arg)
{
    int failed = qemu_netdev_add(arg);
    settle(out, failed, qemu_error());
}

static void do_plug(FILE *out, char *arg)
{
    struct qemu_pci *f = qemu_plug(arg);
    if (!f)
        fail(out, qemu_error());
    else
        settle(out, pci_add(f) || iokit_wait_quiet(QUIET_MS), "the registry did not become quiet");
}

static struct qemu_pci *device_of(const char *id)
{
    struct qemu_pci *f = qemu_pci_first();
    while (f && strcmp(f->id, id))
        f = f->next;
    return f;
}

static void remove_device(FILE *out, char *id, int surprise)
{
    struct qemu_pci *f = device_of(id);
    if (!f) {
        fail(out, "no device has that id");
        return;
    }
    if (!qemu_removable(f)) {
        fail(out, qemu_error());
        return;
    }
    if (!surprise && pci_remove(f, QUIET_MS)) {
        fail(out, "the driver would not go");
        return;
    }
    int failed = qemu_unplug(id);
    if (!failed && surprise)
        failed = pci_remove(f, QUIET_MS);
    settle(out, failed, qemu_error());
}

static void do_unplug(FILE *out, char *arg) { remove_device(out, arg, 0); }
static void do_yank(FILE *out, char *arg) { remove_device(out, arg, 1); }
static void do_sleep(FILE *out, char *arg)
{
    int failed = iokit_sleep(QUIET_MS);
    settle(out, failed, "a driver did not acknowledge in time");
}
static void do_wake(FILE *out, char *arg)
{
    int failed = iokit_wake(QUIET_MS);
    settle(out, failed, "a driver did not acknowledge in time");
}
static void do_powerdown(FILE *out, char *arg)
{
    int failed = qemu_powerdown();
    settle(out, failed, qemu_error());
}
static void do_debugger(FILE *out, char *arg)
{
    int failed = kdp_request("kextctl debugger");
    settle(out, failed, "no debugger: it needs --boot-args debug=0x144 and a built-in network card whose driver has polled mode");
}
static void do_qmp(FILE *out, char *arg)
{
    char reply[4096] = "";
    int failed = qemu_monitor(arg, reply, sizeof reply);
    for (char *line = strtok(reply, "\n"); !failed && line; line = strtok(NULL, "\n"))
        put_line(out, line);
    settle(out, failed, qemu_error());
}
static void do_counters(FILE *out, char *arg)
{
    report_counters(put_line, out);
    settle(out, 0, NULL);
}
static void do_mbufs(FILE *out, char *arg)
{
    settle(out, bsd_mbufs(arg), "the shapes are whole, bytes, split=N, random=SEED, segments, long, short");
}
static void do_ioreg(FILE *out, char *arg)
{
    report_registry(put_line, out);
    settle(out, 0, NULL);
}

static const struct {
    const char *name;
    int takes;   /* an argument */
    int outside; /* waits for no other */
    void (*run)(FILE *out, char *arg);
} commands[] = {
    {"list", 0, 1, do_list},         {"load", 1, 0, do_load},           {"unload", 1, 0, do_unload},
    {"link", 1, 1, do_link},         {"netdev", 1, 0, do_netdev},       {"plug", 1, 0, do_plug},
    {"unplug", 1, 0, do_unplug},     {"yank", 1, 1, do_yank},           {"sleep", 0, 0, do_sleep},
    {"wake", 0, 0, do_wake},         {"powerdown", 0, 1, do_powerdown}, {"debugger", 0, 0, do_debugger},
    {"counters", 0, 1, do_counters}, {"ioreg", 0, 0, do_ioreg},         {"qmp", 1, 1, do_qmp},
    {"mbufs", 1, 1, do_mbufs},       {"poke", 1, 1, do_poke},           {"doorbells", 1, 1, do_doorbells},
    {"interrupts", 1, 1, do_interrupts}, {"vectors", 1, 1, do_vectors},
};

static void run_command(unsigned i, FILE *out, char *arg)
{
    if (!commands[i].outside)
        lx_mutex_lock(&control.turn);
    commands[i].run(out, arg);
    if (!commands[i].outside)
        lx_mutex_unlock(&control.turn);
}

static void serve_line(FILE *out, char *line)
{
    line[strcspn(line, "\r\n")] = 0;
    char *arg = strchr(line, ' ');
    if (arg)
        *arg++ = 0;
    for (unsigned i = 0; i < sizeof commands / sizeof commands[0]; i++)
        if (!strcmp(commands[i].name, line)) {
            if (commands[i].takes != (arg && *arg))
                fail(out, commands[i].takes ? "an argument is missing; see kextctl --help" : "it takes no argument");
            else
                run_command(i, out, arg);
            return;
        }
    fail(out, "unknown command; see kextctl --help");
}

/* A client that says nothing, or reads nothing, holds up neither the next one for long nor the end. */
static void serve(int fd)
{
    char line[4096];
    struct timeval patience = {CLIENT_S, 0};
    FILE *stream = fdopen(fd, "r+");
    if (!stream) {
        close(fd);
        return;
    }
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (fgets(line, sizeof line, stream)) {
        fseek(stream, 0, SEEK_CUR);
        serve_line(stream, line);
    }
    fclose(stream);
}

static void thread_ends(void)
{
    __atomic_fetch_sub(&control.running, 1, __ATOMIC_SEQ_CST);
    lx_futex_wake(&control.running, 1);
}

static void client_thread(void *fd)
{
    serve((int)(long)fd);
    thread_ends();
}

static int start_thread(void (*run)(void *), void *arg)
{
    __atomic_fetch_add(&control.running, 1, __ATOMIC_SEQ_CST);
    if (lx_thread_start(run, arg, "control"))
        return 0;
    thread_ends();
    return -1;
}

static void control_thread(void *unused)
{
    struct pollfd p[2] = {{control.listener, POLLIN, 0}, {control.quit, POLLIN, 0}};
    while (poll(p, 2, -1) >= 0 || errno == EINTR) {
        if (p[1].revents)
            break;
        int fd = p[0].revents ? accept4(control.listener, NULL, NULL, SOCK_CLOEXEC) : -1;
        if (fd >= 0 && start_thread(client_thread, (void *)(long)fd))
            close(fd);
    }
    thread_ends();
}

static void remove_socket(void)
{
    if (!control.folder[0])
        return;
    unlink(control.address.sun_path);
    rmdir(control.folder);
    control.folder[0] = 0;
}

const char *control_start(void)
{
    const char *tmp = getenv("TMPDIR");
    snprintf(control.folder, sizeof control.folder, "%s/kexthost.XXXXXX", tmp && strlen(tmp) < 64 ? tmp : "/tmp");
    if (!mkdtemp(control.folder))
        lx_fatal("cannot make the folder %s (%s): set TMPDIR to a writable one", control.folder, strerror(errno));
    lx_at_exit(remove_socket);
    control.address.sun_family = AF_UNIX;
    snprintf(control.address.sun_path, sizeof control.address.sun_path, "%s/control", control.folder);
    control.listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    control.quit = eventfd(0, EFD_CLOEXEC);
    if (control.listener < 0 || control.quit < 0 ||
        bind(control.listener, (struct sockaddr *)&control.address, sizeof control.address) ||
        listen(control.listener, 8))
        lx_fatal("the control socket %s: %s", control.address.sun_path, strerror(errno));
    if (start_thread(control_thread, NULL))
        lx_fatal("no memory for the control thread");
    return control.address.sun_path;
}

void control_stop(void)
{
    unsigned long long one = 1;
    if (control.listener < 0 || write(control.quit, &one, sizeof one) < 0)
        return;
    for (int n; (n = control.running) != 0;)
        lx_futex_wait(&control.running, n, 100000000);
    close(control.listener);
    control.listener = -1;
    remove_socket();
}
