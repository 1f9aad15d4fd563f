// SPDX-License-Identifier: BSD-3-Clause
/*
 * Threads on stacks in RAM: a driver may hand a device the physical address of a local variable. A stack
 * cannot be freed by the thread that stands on it, so each ending thread joins the one that ended before it;
 * lx_thread_reap takes the last. Below each stack lies a page without access.
 */
#define _GNU_SOURCE
#include "internal.h"
#include "linux.h"
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

enum {
    STACK_SIZE = 256 << 10, /* a block with its guard page, aligned to its size; XNU gives 16 KB */
    SIGNAL_STACK_SIZE = 64 << 10,
};

struct lx_thread {
    void *local;
    void (*fn)(void *);
    void *arg;
    unsigned char *stack; /* NULL: a foreign thread */
    pthread_t pthread;
    unsigned int id;
    char name[16];
    jmp_buf exit;
};

static __thread struct lx_thread *self;
static pthread_key_t foreign_key;
static pthread_once_t foreign_once = PTHREAD_ONCE_INIT;
static struct lx_thread *ended; /* the last that ended, not yet joined */
static void (*exit_hook)(void *local);
static unsigned int next_id;

LX_COUNTER(threads_live, "threads.live")

static struct lx_thread *thread_new(void)
{
    struct lx_thread *t = calloc(1, sizeof *t);
    if (t)
        t->id = __atomic_add_fetch(&next_id, 1, __ATOMIC_RELAXED);
    return t;
}

static void run_exit_hook(struct lx_thread *t)
{
    if (exit_hook && t->local)
        exit_hook(t->local);
}

static void join(struct lx_thread *t)
{
    if (!t)
        return;
    pthread_join(t->pthread, NULL);
    mprotect(t->stack, RAM_PAGE, PROT_READ | PROT_WRITE | PROT_EXEC);
    lx_ram_free(t->stack, STACK_SIZE);
    free(t);
}

void lx_thread_reap(void)
{
    join(__atomic_exchange_n(&ended, NULL, __ATOMIC_ACQ_REL));
}

/* A fault on the page below the stack, too, must have somewhere to be reported from. NULL gives it back. */
static void set_signal_stack(void *memory)
{
    stack_t stack = {.ss_sp = memory, .ss_size = SIGNAL_STACK_SIZE, .ss_flags = memory ? 0 : SS_DISABLE};
    sigaltstack(&stack, NULL);
}

static void *trampoline(void *arg)
{
    struct lx_thread *t = self = arg;
    void *signal_stack = malloc(SIGNAL_STACK_SIZE);
    pthread_setname_np(pthread_self(), t->name);
    set_signal_stack(signal_stack);
    if (!setjmp(t->exit))
        t->fn(t->arg);
    run_exit_hook(t);
    set_signal_stack(NULL);
    free(signal_stack);
    lx_uncount(&threads_live, 1);
    /* On its way out it still needs its own stack, never the previous one's. */
    join(__atomic_exchange_n(&ended, t, __ATOMIC_ACQ_REL));
    return NULL;
}

/* Signals go to the main thread, but those that a fault raises: they stay with the thread that caused them.
 */
static int start(struct lx_thread *t)
{
    pthread_attr_t attr;
    sigset_t block, old;
    if (pthread_attr_init(&attr))
        return -1;
    sigfillset(&block);
    sigdelset(&block, SIGSEGV);
    sigdelset(&block, SIGBUS);
    sigdelset(&block, SIGILL);
    sigdelset(&block, SIGFPE);
    sigdelset(&block, SIGTRAP);
    pthread_attr_setstack(&attr, t->stack + RAM_PAGE, STACK_SIZE - RAM_PAGE);
    pthread_sigmask(SIG_SETMASK, &block, &old);
    int err = pthread_create(&t->pthread, &attr, trampoline, t);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    pthread_attr_destroy(&attr);
    return err ? -1 : 0;
}

struct lx_thread *lx_thread_start(void (*fn)(void *), void *arg, const char *name)
{
    lx_thread_reap();
    struct lx_thread *t = thread_new();
    if (!t)
        return NULL;
    t->stack = lx_ram_alloc(STACK_SIZE, STACK_SIZE, ~0ull);
    if (!t->stack)
        goto no_stack;
    t->fn = fn;
    t->arg = arg;
    snprintf(t->name, sizeof t->name, "%s", name ? name : "kernel thread");
    mprotect(t->stack, RAM_PAGE, PROT_NONE);
    lx_count(&threads_live, 1);
    if (start(t) == 0)
        return t;
    lx_uncount(&threads_live, 1);
    mprotect(t->stack, RAM_PAGE, PROT_READ | PROT_WRITE | PROT_EXEC);
    lx_ram_free(t->stack, STACK_SIZE);
no_stack:
    free(t);
    return NULL;
}

static void foreign_gone(void *arg)
{
    struct lx_thread *t = arg;
    self = t;
    run_exit_hook(t);
    self = NULL;
    free(t);
}

static void foreign_init(void)
{
    pthread_key_create(&foreign_key, foreign_gone);
}

static struct lx_thread *adopt(void)
{
    pthread_once(&foreign_once, foreign_init);
    self = thread_new();
    if (!self)
        lx_fatal("no memory for a thread's identity; free some memory");
    self->pthread = pthread_self();
    pthread_setspecific(foreign_key, self);
    return self;
}

struct lx_thread *lx_thread_self(void)
{
    return self ? self : adopt();
}

void *lx_thread_local(struct lx_thread *t)
{
    return t->local;
}

void lx_thread_set_local(struct lx_thread *t, void *p)
{
    t->local = p;
}

unsigned int lx_thread_id(struct lx_thread *t)
{
    return t->id;
}

void lx_thread_on_exit(void (*fn)(void *local))
{
    exit_hook = fn;
}

void lx_thread_exit(void)
{
    if (lx_thread_self()->stack)
        longjmp(self->exit, 1);
    pthread_exit(NULL);
}

void lx_thread_yield(void)
{
    sched_yield();
}
