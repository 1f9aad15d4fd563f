// SPDX-License-Identifier: BSD-3-Clause
/*
 * The QEMU process: command line, inherited descriptors, standard error, the ways it can end. The machine has
 * no firmware: its BIOS is 64 KB whose few instructions halt the virtual CPU for good, an NMI included (the
 * interrupt table lies in ROM), while QEMU's clocks and devices run by themselves.
 */
#define _GNU_SOURCE
#include "internal.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROGRAM "qemu-system-x86_64"

enum { MAX_ARGS = 256, BIOS_SIZE = 65536, QUIT_MS = 3000 };

static pid_t pid;
static int pidfd = -1, err_fd = -1;
static volatile int stopping, lost;
static void (*death_fn)(const char *);
static char err_text[4096]; /* what of stderr has not been shown */
static size_t err_len;
static struct lx_mutex err_lock;

static const char *argv[MAX_ARGS];
static int argc;

int qemu_pid(void)
{
    return pid;
}

int process_stopping(void)
{
    return __atomic_load_n(&stopping, __ATOMIC_ACQUIRE);
}

int process_stderr_fd(void)
{
    return err_fd;
}

int process_pidfd(void)
{
    return pidfd;
}

/* ---- command line ---- */
static void add(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static void add(const char *fmt, ...)
{
    char *s;
    va_list ap;
    va_start(ap, fmt);
    int n = vasprintf(&s, fmt, ap);
    va_end(ap);
    if (n < 0 || argc == MAX_ARGS - 1)
        lx_fatal("too many arguments for QEMU; at most %d fit", MAX_ARGS - 1);
    argv[argc++] = s;
}

size_t device_name_length(const char *device)
{
    return strcspn(device, ",");
}

char *device_option(const char *device, const char *key, char *out, size_t size)
{
    size_t k = strlen(key);
    for (const char *p = strchr(device, ','); p; p = strchr(p + 1, ','))
        if (!strncmp(p + 1, key, k) && p[1 + k] == '=') {
            snprintf(out, size, "%.*s", (int)strcspn(p + 2 + k, ","), p + 2 + k);
            return out;
        }
    return NULL;
}

/* A device gets an id when it has none, so that it can be found among the PCI functions later. */
static void add_device(const char *device, int index)
{
    char id[64];
    add("-device");
    if (device[0] == '{' || device_option(device, "id", id, sizeof id))
        add("%s", device);
    else
        add("%s,id=device%d", device, index);
}

static void add_machine(const struct qemu_config *c, const struct process_fds *fds, int bios)
{
    int q35 = !strcmp(c->machine, "q35");
    add("-M");
    add("%s,accel=tcg,memory-backend=ram0,pit=off,hpet=off", c->machine);
    add("-m");
    add("%luM", lx_ram_size >> 20);
    add("-object");
    add("memory-backend-file,id=ram0,mem-path=/proc/self/fd/%d,share=on,size=%lu", lx_ram_fd, lx_ram_size);
    add("-bios");
    add("/proc/self/fd/%d", bios);
    for (const char *const *a =
             (const char *const[]){"-display", "none", "-nodefaults", "-no-user-config", NULL};
         *a; a++)
        add("%s", *a);
    add("-chardev");
    add("socket,id=kexthost-qtest,fd=%d", fds->qtest);
    add("-object");
    add("qtest,id=kexthost-qtest0,chardev=kexthost-qtest,log=none");
    add("-chardev");
    add("socket,id=kexthost-qmp,fd=%d", fds->qmp);
    add("-mon");
    add("chardev=kexthost-qmp,mode=control");
    add("-chardev");
    add("socket,id=kexthost-ivshmem,fd=%d", fds->ivshmem);
    add("-device");
    add("ivshmem-doorbell,id=kexthost-ivshmem0,vectors=%d,chardev=kexthost-ivshmem,addr=%x.0,ioeventfd=off",
        QEMU_VECTORS, IVSHMEM_DEVFN >> 3);
    if (q35) {
        add("-device");
        add("pcie-root-port,id=slot0,chassis=250,addr=%x.0", HOTPLUG_DEVFN >> 3);
    }
}

static void build_arguments(const struct qemu_config *c, const struct process_fds *fds, int bios)
{
    add(PROGRAM);
    add_machine(c, fds, bios);
    for (int i = 0; i < c->nnetdevs; i++) {
        add("-netdev");
        add("%s", c->netdevs[i]);
    }
    for (int i = 0; i < c->nargs; i++) /* before the devices: they may refer to a bus or a drive made here */
        add("%s", c->args[i]);
    for (int i = 0; i < c->ndevices; i++)
        add_device(c->devices[i], i);
    argv[argc] = NULL;
    for (int i = 0; lx_tracing && i < argc; i++)
        lx_trace("qemu argument %s", argv[i]);
}

/* Offsets in the ROM; real mode, code segment F000. */
static int make_bios(void)
{
    static const unsigned char reset[] = {0xea, 0x00, 0xe0, 0x00, 0xf0};     /* jmp F000:E000 */
    static const unsigned char code[] = {0xfa, 0x2e, 0x0f, 0x01, 0x1e, 0x00, /* cli; lidt cs:E100 */
                                         0xe1, 0xf4, 0xeb, 0xfd};            /* hlt; jmp to the hlt */
    static const unsigned char idtr[] = {0xff, 0x03, 0x00, 0xe2, 0x0f, 0x00};
    static const unsigned char vector[] = {0x10, 0xe1, 0x00, 0xf0}; /* F000:E110, an iret */
    int fd = memfd_create("bios", MFD_CLOEXEC);
    unsigned char *rom = fd < 0 ? NULL : calloc(1, BIOS_SIZE);
    if (!rom)
        lx_fatal("no memory for QEMU's BIOS: %s", strerror(errno));
    memcpy(rom + 0xfff0, reset, sizeof reset);
    memcpy(rom + 0xe000, code, sizeof code);
    memcpy(rom + 0xe100, idtr, sizeof idtr);
    rom[0xe110] = 0xcf;
    for (int i = 0; i < 256; i++)
        memcpy(rom + 0xe200 + 4 * i, vector, sizeof vector);
    if (write(fd, rom, BIOS_SIZE) != BIOS_SIZE)
        lx_fatal("cannot write QEMU's BIOS: %s", strerror(errno));
    free(rom);
    return fd;
}

/* ---- start ---- */
/* In the child: only what is safe after fork. Never returns; status reports what exec said. */
static void become_qemu(const int *inherit, int err, int status, pid_t parent)
{
    sigset_t none;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    setpgid(0, 0); /* a terminal's ^C is for kexthost, which stops QEMU in order */
    for (; *inherit >= 0; inherit++)
        fcntl(*inherit, F_SETFD, 0);
    int null = open("/dev/null", O_RDWR);
    dup2(null, 0);
    dup2(err, 1);
    dup2(err, 2);
    execvp(PROGRAM, (char *const *)argv);
    int e = errno;
    if (write(status, &e, sizeof e) < 0)
        _exit(1);
    _exit(1);
}

static void kill_now(void)
{
    pid_t p = __atomic_exchange_n(&pid, 0, __ATOMIC_SEQ_CST);
    __atomic_store_n(&stopping, 1, __ATOMIC_SEQ_CST);
    if (p) {
        kill(p, SIGKILL);
        waitpid(p, NULL, 0);
    }
}

void process_start(const struct qemu_config *c, const struct process_fds *fds)
{
    int status[2], err[2], bios = make_bios(), e = 0;
    const int inherit[] = {fds->qtest, fds->qmp, fds->ivshmem, lx_ram_fd, bios, -1};
    build_arguments(c, fds, bios);
    if (pipe2(status, O_CLOEXEC) < 0 || pipe2(err, O_CLOEXEC) < 0)
        lx_fatal("cannot make a pipe for QEMU: %s", strerror(errno));
    pid_t parent = getpid(), child = fork();
    if (child < 0)
        lx_fatal("cannot fork QEMU: %s", strerror(errno));
    if (child == 0)
        become_qemu(inherit, err[1], status[1], parent);
    pid = child;
    lx_at_exit(kill_now);
    close(status[1]);
    close(err[1]);
    close(bios);
    close(fds->qtest);
    close(fds->qmp);
    close(fds->ivshmem);
    err_fd = err[0];
    fcntl(err_fd, F_SETFL, O_NONBLOCK);
    pidfd = syscall(SYS_pidfd_open, child, 0);
    if (read(status[0], &e, sizeof e) == sizeof e) {
        if (e == ENOENT)
            lx_fatal(PROGRAM " is not in PATH; install Debian's package qemu-system-x86");
        lx_fatal("cannot run " PROGRAM ": %s", strerror(e));
    }
    close(status[0]);
}

/* ---- standard error ---- */
static const char *without_program(const char *s)
{
    const char *prefix = PROGRAM ": ";
    return strncmp(s, prefix, strlen(prefix)) ? s : s + strlen(prefix);
}

static void fill_stderr(void)
{
    ssize_t n;
    while (err_len < sizeof err_text - 1 &&
           (n = read(err_fd, err_text + err_len, sizeof err_text - 1 - err_len)) > 0)
        err_len += n;
    err_text[err_len] = 0;
}

/* Shows whole lines, but keeps the last `keep` of them. */
static void show_lines(int keep)
{
    char *p = err_text, *end;
    int lines = 0;
    for (char *q = err_text; (q = strchr(q, '\n')); q++)
        lines++;
    for (; lines > keep && (end = strchr(p, '\n')); lines--) {
        *end = 0;
        if (*p)
            lx_say("qemu: %s", without_program(p));
        p = end + 1;
    }
    err_len -= p - err_text;
    memmove(err_text, p, err_len + 1);
    if (err_len == sizeof err_text - 1) /* a line without end */
        err_len = 0;
}

void process_read_stderr(void)
{
    lx_mutex_lock(&err_lock);
    fill_stderr();
    show_lines(0);
    lx_mutex_unlock(&err_lock);
}

const char *process_last_words(void)
{
    struct pollfd p = {err_fd, POLLIN, 0};
    lx_mutex_lock(&err_lock);
    for (int i = 0; i < 20 && !(p.revents & POLLHUP); i++) {
        poll(&p, 1, 50);
        fill_stderr();
    }
    show_lines(1);
    err_text[strcspn(err_text, "\n")] = 0;
    lx_mutex_unlock(&err_lock);
    return without_program(err_text);
}

/* ---- end ---- */
void qemu_on_death(void (*fn)(const char *why))
{
    death_fn = fn;
}

static void describe_end(char *why, size_t size, const char *what)
{
    siginfo_t si = {0};
    for (int i = 0; i < 50 && si.si_pid == 0; i++) {
        if (waitid(P_PID, pid, &si, WEXITED | WNOWAIT | WNOHANG) < 0)
            break;
        if (!si.si_pid)
            usleep(10000);
    }
    const char *words = process_last_words();
    if (!si.si_pid)
        snprintf(why, size, "%s", what);
    else if (*words)
        snprintf(why, size, "%s", words);
    else if (si.si_code == CLD_EXITED)
        snprintf(why, size, "it ended with status %d", si.si_status);
    else
        snprintf(why, size, "it was ended by signal %d (%s)", si.si_status, strsignal(si.si_status));
}

void process_lost(const char *what)
{
    static char why[1024];
    if (process_stopping())
        return;
    if (__atomic_exchange_n(&lost, 1, __ATOMIC_SEQ_CST)) {
        while (!process_stopping()) /* the first to notice ends the process */
            usleep(10000);
        return;
    }
    describe_end(why, sizeof why, what);
    if (death_fn)
        death_fn(why);
    lx_fatal("qemu: %s", why);
}

/* Waits for the child; 1 when it has ended. */
static int wait_end(int ms)
{
    struct pollfd p = {pidfd, POLLIN, 0};
    if (pidfd >= 0)
        poll(&p, 1, ms);
    return waitpid(pid, NULL, WNOHANG) == pid;
}

void qemu_stop(void)
{
    if (!pid || __atomic_exchange_n(&stopping, 1, __ATOMIC_SEQ_CST))
        return;
    kill(pid, SIGTERM); /* QEMU's own orderly way out: block devices are flushed */
    if (wait_end(QUIT_MS))
        pid = 0;
    else
        kill_now();
}
