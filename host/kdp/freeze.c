// SPDX-License-Identifier: BSD-3-Clause
/*
 * How the machine stands still (XNU: osfmk/i386/mp.c, mp_kdp_enter, stops the other processors). The text of all kexts loses its
 * right to be executed: a thread in a kext faults at its next instruction and waits in the fault handler; one inside the host
 * runs on, with the host's locks, until it calls or returns into a kext, and faults there. So no lock of the host stays held by
 * a stopped thread but those that lie around calls into kexts, which the debugger does not need. The debugger's own
 * thread runs the driver's polled functions in a second mapping of the RAM, with a copy of the text: its faults are sent on there. One consequence: an
 * address of a static that polled code takes lies in that mapping.
 */
#define _GNU_SOURCE
#include "internal.h"
#include "loader/loader.h"
#include "mach/boot.h"
#include "qemu/qemu.h"
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

enum { TRAP_FLAG = 0x100, INT3 = 0xcc, BPTFLT = 3, PAGE = 4096, ACCESS_NS = 1000000000 };

static unsigned long second; /* the other mapping, less the first: what to add to an address */
static unsigned debug_bits;
static volatile int frozen;
static volatile int owner;   /* id of the thread in the debugger; 0: none */
static volatile int requests;
static const char *volatile request_reason;
static __thread int entering, panicking; /* kdp_enter()'s own breakpoint */

LX_COUNTER(entries, "kdp.entries")

static int self(void) { return (int)lx_thread_id(lx_thread_self()); }

/* ---- memory ---- */

unsigned freeze_read(uint64_t address, void *to, unsigned length)
{
    unsigned done = 0;
    while (done < length) { /* page by page: what is there before a hole counts */
        unsigned part = PAGE - (unsigned)((address + done) % PAGE);
        part = part < length - done ? part : length - done;
        struct iovec local = {(char *)to + done, part}, remote = {(void *)(uintptr_t)(address + done), part};
        if (process_vm_readv(getpid(), &local, 1, &remote, 1, 0) != (ssize_t)part)
            break;
        done += part;
    }
    return done;
}

/* RAM only, text included; the host's own memory is not the machine's. */
unsigned freeze_write(uint64_t address, const void *from, unsigned length)
{
    if (!lx_in_ram((void *)(uintptr_t)address) || address + length > (uintptr_t)lx_ram + lx_ram_size)
        return 0;
    if (!kext_text_contains(address)) {
        memcpy((void *)(uintptr_t)(address + second), from, length);
        return length;
    }
    unsigned long page = address & ~(PAGE - 1ul), size = address + length - page;
    if (mprotect((void *)page, size, PROT_READ | PROT_WRITE))
        return 0;
    memcpy((void *)(uintptr_t)address, from, length);
    mprotect((void *)page, size, PROT_READ);
    return length;
}

/* ---- stopping ---- */

static void park(void)
{
    while (frozen)
        lx_futex_wait(&frozen, 1, -1);
}

/* Whether the calling thread is the debugger's, and all others stand. */
static int mine(void) { return frozen && owner == self(); }

/* A fault at an instruction in the RAM: 1 when it came from the freeze, and is dealt with. */
static int on_fetch(void *context)
{
    greg_t *g = ((ucontext_t *)context)->uc_mcontext.gregs;
    int error = errno;
    if (!kext_text_contains((unsigned long)g[CPU_IP]))
        return 0;
    if (mine())
        g[CPU_IP] += (greg_t)second;
    else
        park();
    errno = error;
    return 1;
}

static int stands(void) { return __atomic_load_n(&frozen, __ATOMIC_SEQ_CST) && owner != self(); }

/* The debugger's own text: a copy without breakpoints, so that one in the driver's polled path does not stop the debugger. */
static void copy_text(unsigned long at, unsigned long size)
{
    void *copy = mmap((void *)(at + second), size, PROT_READ | PROT_WRITE | PROT_EXEC,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    if (copy == MAP_FAILED)
        lx_fatal("no memory for the debugger's copy of a kext's text");
    memcpy(copy, (void *)at, size);
    server_clean(copy, at, size);
    kext_text_moved(copy, at, size, second);
}

static void share_text(unsigned long at, unsigned long size)
{
    if (mmap((void *)(at + second), size, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_SHARED | MAP_NORESERVE | MAP_FIXED,
             lx_ram_fd, (off_t)(at - (unsigned long)lx_ram)) == MAP_FAILED)
        lx_fatal("no address space for the debugger");
}

/* A thread may be halfway through a register access of a kext's: it must have reached the device before the debugger does. One
 * that comes to it now finds the machine standing (stands). */
static void await_accesses(void)
{
    uint64_t end = lx_time_ns() + ACCESS_NS;
    while (qemu_trap_accesses() && lx_time_ns() < end)
        lx_thread_yield();
    if (qemu_trap_accesses())
        lx_say("a register access does not end though the machine stands; the debugger may not reach its card");
}

static void freeze(void)
{
    qemu_irq_hold(1);
    __atomic_store_n(&frozen, 1, __ATOMIC_SEQ_CST);
    kext_text_protect(0);
    await_accesses();
    kext_text_each(copy_text);
}

static void thaw(void)
{
    kext_text_each(share_text);
    kext_text_protect(1);
    __atomic_store_n(&frozen, 0, __ATOMIC_SEQ_CST);
    lx_futex_wake(&frozen, 1 << 30);
    qemu_irq_hold(0);
}

/* One at a time: another thread that came meanwhile waits outside, and looks again whether its breakpoint is still there. */
static int take_turn(ucontext_t *uc)
{
    greg_t *g = uc->uc_mcontext.gregs;
    uint8_t byte = 0;
    int none = 0;
    if (__atomic_compare_exchange_n(&owner, &none, self(), 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
        return 1;
    lx_futex_wait(&owner, none, 100000000);
    park();
    if (!entering && kext_text_contains((unsigned long)g[CPU_IP] - 1) && freeze_read(cpu_register(g, CPU_IP) - 1, &byte, 1) &&
        byte != INT3) {
        g[CPU_IP]--; /* it was taken away: the instruction is whole again */
        return -1;
    }
    return 0;
}

static void enter(int exception, int code, ucontext_t *uc, int panicked)
{
    int turn = 0;
    while (!(turn = take_turn(uc)))
        ;
    if (turn < 0)
        return;
    lx_count(&entries, 1);
    freeze();
    server_run(exception, code, uc, panicked);
    thaw();
    __atomic_store_n(&owner, 0, __ATOMIC_SEQ_CST);
    lx_futex_wake(&owner, 1 << 30);
}

static void on_trap(int sig, siginfo_t *si, void *context)
{
    ucontext_t *uc = context;
    greg_t *g = uc->uc_mcontext.gregs;
    int error = errno, own = entering, stepped = si->si_code == TRAP_TRACE && !own;
    if (owner && owner == self())
        lx_fatal("a breakpoint at %p, in code that the debugger itself runs; set none there", (void *)g[CPU_IP]);
    /* A step over a call of the host's ends where the kext goes on. */
    if (stepped && kdp_ready() && !kext_text_contains((unsigned long)g[CPU_IP]))
        return;
    if (!kdp_ready() && !stepped)
        lx_fatal("a breakpoint instruction at %p, and no debugger: give the boot-arg debug=0x144", (void *)g[CPU_IP]);
    if (kdp_ready())
        enter(EXC_BREAKPOINT, BPTFLT, uc, own && panicking);
    else
        g[CPU_FLAGS] &= ~TRAP_FLAG;
    errno = error;
}

/* ---- ways in ---- */

int kdp_ready(void) { return debug_bits && second && udp_ready(); }

int kdp_frozen(void) { return frozen; }

int kdp_enter(const char *reason, int panicked)
{
    if (!kdp_ready())
        return -1;
    lx_say("entering the debugger: %s", reason);
    entering = 1;
    panicking = panicked;
    __asm__ volatile("int3" ::: "memory");
    entering = 0;
    return 0;
}

int kdp_enter_fault(int exception, void *context)
{
    if (!kdp_ready() || (owner && owner == self()))
        return -1;
    enter(exception, 0, context, 1);
    return 0;
}

static int on_crash(int sig, void *context)
{
    return kdp_enter_fault(sig == SIGILL ? EXC_BAD_INSTRUCTION : sig == SIGFPE ? EXC_ARITHMETIC : EXC_BAD_ACCESS, context);
}

static void entry_thread(void *unused)
{
    for (;;) {
        while (!requests)
            lx_futex_wait(&requests, 0, -1);
        requests = 0; /* before: the debugger's client goes a while before this thread is back, and the next request may come */
        kdp_enter(request_reason, 0);
    }
}

int kdp_request(const char *reason)
{
    if (!kdp_ready())
        return -1;
    request_reason = reason;
    __atomic_store_n(&requests, 1, __ATOMIC_SEQ_CST);
    lx_futex_wake(&requests, 1);
    return 0;
}

int kdp_nmi(void) { return (debug_bits & KDP_DB_NMI) && kdp_request("non-maskable interrupt") == 0; }

void kdp_halt(void)
{
    static int halted;
    if ((debug_bits & KDP_DB_HALT) && kdp_ready() && !__atomic_exchange_n(&halted, 1, __ATOMIC_SEQ_CST))
        (void)kdp_enter("the boot-arg debug says to halt", 0);
}

static void on_powerdown(void) { (void)kdp_nmi(); }

void kdp_init(unsigned debug)
{
    struct sigaction sa = {.sa_sigaction = on_trap, .sa_flags = SA_SIGINFO | SA_NODEFER | SA_ONSTACK};
    void *map;
    if (!debug)
        return;
    map = mmap(NULL, lx_ram_size, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_SHARED | MAP_NORESERVE, lx_ram_fd, 0);
    if (map == MAP_FAILED)
        lx_fatal("no address space for the debugger: %s", strerror(errno));
    second = (unsigned long)map - (unsigned long)lx_ram;
    debug_bits = debug;
    udp_setup((debug & KDP_DB_ARP) != 0);
    sigaction(SIGTRAP, &sa, NULL);
    mach_never_block(mine);
    qemu_trap_debugger(on_fetch, on_crash, stands, park);
    qemu_on_powerdown(on_powerdown);
    if (!lx_thread_start(entry_thread, NULL, "debugger"))
        lx_fatal("no memory for the debugger's thread");
}
