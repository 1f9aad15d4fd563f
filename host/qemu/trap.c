// SPDX-License-Identifier: BSD-3-Clause
/*
 * Faults. A load or store in the window of a memory BAR is carried out on the device (decode.c), so is an in
 * or out instruction; anything else is a crash of kernel code, which ends the run with one report: what,
 * where, and the way there by frame pointers, as a panic's backtrace shows it.
 */
#define _GNU_SOURCE
#include "internal.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

enum { MAX_FRAMES = 24, ERROR_WRITE = 2, ERROR_FETCH = 16 };

static int (*symboliser)(unsigned long, char *, unsigned long);
static int (*fetch_hook)(void *);
static int (*crash_hook)(int, void *);
static int (*stands_hook)(void);
static void (*park_hook)(void);
static volatile int accesses; /* threads that carry one out */

void qemu_trap_debugger(int (*fetch)(void *context), int (*crash)(int sig, void *context), int (*stands)(void),
                        void (*park)(void))
{
    fetch_hook = fetch;
    crash_hook = crash;
    stands_hook = stands;
    park_hook = park;
}

int qemu_trap_accesses(void) { return __atomic_load_n(&accesses, __ATOMIC_SEQ_CST); }

void qemu_trap_symboliser(int (*fn)(unsigned long address, char *text, unsigned long size))
{
    symboliser = fn;
}

static void name_address(uint64_t address, char *text, size_t size)
{
    if (!symboliser || !symboliser(address, text, size))
        snprintf(text, size, "0x%llx", (unsigned long long)address);
}

static int read_word(uint64_t at, uint64_t *value)
{
    struct iovec to = {value, CPU_WIDTH}, from = {(void *)(uintptr_t)at, CPU_WIDTH};
    *value = 0;
    return process_vm_readv(getpid(), &to, 1, &from, 1, 0) == CPU_WIDTH;
}

static void print_frame(uint64_t address)
{
    char name[256], line[320];
    name_address(address, name, sizeof name);
    snprintf(line, sizeof line, "    0x%0*llx %s\n", 2 * CPU_WIDTH, (unsigned long long)address, name);
    lx_log(line);
}

static void print_backtrace(const greg_t *g)
{
    uint64_t frame = cpu_register(g, CPU_BP), next, back;
    lx_log("Backtrace (newest first):\n");
    print_frame(cpu_register(g, CPU_IP));
    if (g[CPU_ERROR] & ERROR_FETCH && read_word(cpu_register(g, CPU_SP), &back))
        print_frame(back);
    for (int i = 0; i < MAX_FRAMES && read_word(frame, &next) && read_word(frame + CPU_WIDTH, &back) && back; i++) {
        print_frame(back);
        if (next <= frame)
            break;
        frame = next;
    }
}

static void describe(char *what, size_t size, int sig, const siginfo_t *si, const greg_t *g, int in_window)
{
    const char *access = g[CPU_ERROR] & ERROR_FETCH   ? "jump to"
                         : g[CPU_ERROR] & ERROR_WRITE ? "store to"
                                                    : "load from";
    if (in_window)
        snprintf(what, size, "a %s a device register (%p) by an instruction that kexthost cannot carry out",
                 access, si->si_addr);
    else if (sig == SIGSEGV && si->si_code == SI_KERNEL)
        snprintf(what, size, "a privileged instruction or an address that is none");
    else if (sig == SIGSEGV && lx_in_ram(si->si_addr)) /* of RAM, only the pages below stacks refuse */
        snprintf(what, size, "stack overflow, a %s %p", access, si->si_addr);
    else if (sig == SIGSEGV || sig == SIGBUS)
        snprintf(what, size, "page fault, a %s %p", access, si->si_addr);
    else
        snprintf(what, size, "%s", sig == SIGILL ? "invalid instruction" : "arithmetic fault");
}

/* Who is to blame: after a jump into nothing the caller, whose address is on top of the stack. */
static uint64_t culprit(const greg_t *g)
{
    uint64_t back;
    return g[CPU_ERROR] & ERROR_FETCH && read_word(cpu_register(g, CPU_SP), &back) ? back : cpu_register(g, CPU_IP);
}

static void report(int sig, const siginfo_t *si, void *uc, int in_window)
{
    static volatile int reporting;
    const greg_t *g = ((ucontext_t *)uc)->uc_mcontext.gregs;
    char what[160], where[256];
    if (__atomic_exchange_n(&reporting, 1, __ATOMIC_SEQ_CST))
        lx_fatal("another fault while reporting one");
    describe(what, sizeof what, sig, si, g, in_window);
    name_address(culprit(g), where, sizeof where);
    lx_say("crash in kernel code: %s at %s", what, where);
    print_backtrace(g);
    if (crash_hook)
        crash_hook(sig, uc);
    lx_fatal("the kernel code's fault ends the run; look at %s", where);
}

static int is_fetch(const ucontext_t *uc)
{
    return (uc->uc_mcontext.gregs[CPU_ERROR] & ERROR_FETCH) != 0;
}

/* 1: done, or to be tried again since the machine stood meanwhile. */
static int carry_out(siginfo_t *si, void *uc, int *in_window)
{
    int done = 1;
    __atomic_add_fetch(&accesses, 1, __ATOMIC_SEQ_CST); /* before the look at whether the machine stands: see freeze.c */
    if (stands_hook && stands_hook()) {
        __atomic_sub_fetch(&accesses, 1, __ATOMIC_SEQ_CST);
        park_hook();
        return 1;
    }
    if (si->si_code == SI_KERNEL) {
        done = decode_port(uc);
    } else {
        uint64_t phys = qemu_window_phys(si->si_addr);
        *in_window = phys != ~0ull;
        done = *in_window && decode_emulate(uc, phys);
    }
    __atomic_sub_fetch(&accesses, 1, __ATOMIC_SEQ_CST);
    return done;
}

static void on_fault(int sig, siginfo_t *si, void *uc)
{
    int error = errno, in_window = 0, done = 0;
    if (sig == SIGSEGV && si->si_code != SI_KERNEL && is_fetch(uc) && fetch_hook)
        done = fetch_hook(uc);
    if (sig == SIGSEGV && !done)
        done = carry_out(si, uc, &in_window);
    if (!done)
        report(sig, si, uc, in_window);
    errno = error;
}

void trap_init(void)
{
    static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE};
    struct sigaction sa = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_NODEFER | SA_ONSTACK};
    sigemptyset(&sa.sa_mask);
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
        sigaction(signals[i], &sa, NULL);
}
