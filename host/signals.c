// SPDX-License-Identifier: BSD-3-Clause
/*
 * The signals that end kexthost (signals.h), and the machine that stands in its debugger when COMMAND is over: the main
 * thread itself may have been stopped there, in a kext that it was unloading.
 */
#include "signals.h"
#include "edge/edge.h"
#include "kdp/kdp.h"
#include "linux/linux.h"
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum { LOOK_MS = 200, DEBUGGER_MS = 10000 };

static int fd;
static volatile int phase, told;

void signals_open(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

void signals_phase(enum signals_phase now) { __atomic_store_n(&phase, now, __ATOMIC_SEQ_CST); }

int signals_told(void) { return told; }

/* COMMAND hears of what kexthost is told; a second time it is not asked any more. */
static void pass(void)
{
    struct signalfd_siginfo info;
    while (read(fd, &info, sizeof info) == sizeof info)
        edge_command_signal(told++ ? SIGKILL : (int)info.ssi_signo);
}

/* Nobody is left who could let the machine run on, but a debugger that still comes. */
static void look_at_debugger(void)
{
    static unsigned long long since;
    if (!kdp_frozen() || kdp_connected()) {
        since = 0;
    } else if (!since) {
        since = lx_time_ns();
        lx_say("COMMAND is over, and the machine is stopped in its debugger: it waits %d s for one", DEBUGGER_MS / 1000);
    } else if (lx_time_ns() - since > DEBUGGER_MS * 1000000ull) {
        lx_fatal("no debugger has come, and the machine is stopped in its debugger");
    }
}

static void *watch(void *unused)
{
    for (;;) {
        struct pollfd p = {fd, POLLIN, 0};
        int came = poll(&p, 1, LOOK_MS) > 0;
        if (kdp_frozen() && ((came && phase != SIGNALS_COMMAND) || (told && phase == SIGNALS_END)))
            lx_fatal("told to end while the machine is stopped in its debugger");
        if (came && phase == SIGNALS_END)
            lx_fatal("told to end while it was ending");
        if (came && phase == SIGNALS_COMMAND)
            pass();
        if (came) /* what comes at once is one: timeout(1) tells both the process and its group */
            lx_sleep_ns(LOOK_MS * 1000000ull / 2);
        if (phase == SIGNALS_END)
            look_at_debugger();
    }
    return NULL;
}

void signals_watch(void)
{
    pthread_t thread;
    int failed = pthread_create(&thread, NULL, watch, NULL);
    if (failed)
        lx_fatal("no thread for the signals: %s", strerror(failed));
    pthread_detach(thread);
}
