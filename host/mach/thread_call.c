// SPDX-License-Identifier: BSD-3-Clause
/*
 * Calls on another thread, now or later (kern/thread_call.h; Apple: osfmk/kern/thread_call.c of 10.9). A call
 * is on the pending list, on the delayed list (in order of deadline) or on none. A few worker threads run
 * what is pending; one more moves what has become due. A call that is entered again while it runs may run on
 * two threads, as Apple's does.
 */
#include <stddef.h>
#include <stdint.h>
#include <kern/debug.h>
#include <kern/thread.h>
#include <libkern/libkern.h>
#include "internal.h"
#include "thread_call.h"

LX_COUNTER(calls_live, "thread_calls.live")
LX_COUNTER(calls_run, "thread_calls.run")

enum { MAX_WORKERS = 32 };

struct list {
    struct thread_call *first, *last;
};

struct thread_call {
    struct thread_call *next, *prev;
    struct list *on; /* the list it is on */
    thread_call_func_t func;
    thread_call_param_t param0, param1;
    uint64_t deadline;
    uint64_t submitted, finished; /* runs asked for, runs that ended or were cancelled */
    int refs;                     /* the owner's, one for each run under way */
    int internal;                 /* thread_call_func's: freed when it leaves the list */
};

static struct lx_mutex lock;
static struct list pending, delayed;
static struct lx_cond work, due, done;
static int workers, idle, waiting; /* waiting: calls on the pending list */

/* ---- lists (lock held) --------------------------------------------------------------------------------- */
static void insert_before(struct list *l, thread_call_t c, thread_call_t at)
{
    c->on = l;
    c->next = at;
    c->prev = at ? at->prev : l->last;
    *(c->prev ? &c->prev->next : &l->first) = c;
    *(at ? &at->prev : &l->last) = c;
}

/* The list it was on, NULL: none. */
static struct list *take_off(thread_call_t c)
{
    struct list *l = c->on;
    if (!l)
        return 0;
    *(c->prev ? &c->prev->next : &l->first) = c->next;
    *(c->next ? &c->next->prev : &l->last) = c->prev;
    c->on = 0;
    waiting -= l == &pending;
    return l;
}

static void worker(void *arg);

static void make_pending(thread_call_t c)
{
    insert_before(&pending, c, 0);
    /* One thread for each call, or a call that waits for another one's work could wait for ever. */
    if (++waiting > idle && workers < MAX_WORKERS && lx_thread_start(worker, 0, "thread_call"))
        workers++;
    else
        lx_cond_signal(&work);
}

static void make_delayed(thread_call_t c, uint64_t deadline)
{
    thread_call_t at = delayed.last;
    c->deadline = deadline;
    while (at && at->deadline > deadline)
        at = at->prev;
    insert_before(&delayed, c, at ? at->next : delayed.first);
    if (delayed.first == c)
        lx_cond_signal(&due);
}

static void call_delete(thread_call_t c)
{
    lx_ram_free(c, sizeof *c);
    lx_uncount(&calls_live, 1);
}

/* ---- the threads --------------------------------------------------------------------------------------- */
/* Runs one call. Its memory may be gone after the run: the owner may free it, or it is thread_call_func's
 * own. */
static void run_one(thread_call_t c)
{
    thread_call_func_t func = c->func;
    thread_call_param_t param0 = c->param0, param1 = c->param1;
    thread_t self = current_thread();
    int internal = c->internal;
    take_off(c);
    if (internal)
        call_delete(c);
    else
        c->refs++;
    lx_mutex_unlock(&lock);
    func(param0, param1);
    if (self->preemption_level)
        panic("thread_call function %p returned with a spin lock held", func);
    lx_count(&calls_run, 1);
    lx_mutex_lock(&lock);
    if (internal)
        return;
    c->finished++;
    if (--c->refs == 0)
        call_delete(c);
    lx_cond_broadcast(&done);
}

static void worker(void *arg)
{
    lx_mutex_lock(&lock);
    for (;;) {
        if (pending.first) {
            run_one(pending.first);
            continue;
        }
        idle++;
        lx_cond_wait(&work, &lock, -1);
        idle--;
    }
}

static void timer(void *arg)
{
    lx_mutex_lock(&lock);
    for (;;) {
        thread_call_t c = delayed.first;
        long long left = c ? mach_time_left(c->deadline) : -1;
        if (!left) {
            take_off(c);
            make_pending(c);
            continue;
        }
        lx_cond_wait(&due, &lock, left);
    }
}

void mach_thread_call_init(void)
{
    lx_mutex_lock(&lock);
    workers = 2;
    if (!lx_thread_start(timer, 0, "timer") || !lx_thread_start(worker, 0, "thread_call") ||
        !lx_thread_start(worker, 0, "thread_call"))
        lx_fatal("no memory for the kernel's own threads; give the machine more RAM");
    lx_mutex_unlock(&lock);
}

/* ---- the interface ------------------------------------------------------------------------------------- */
thread_call_t thread_call_allocate(thread_call_func_t func, thread_call_param_t param0)
{
    thread_call_t c = lx_ram_alloc(sizeof *c, 16, ~0ull);
    if (!c)
        panic("no memory for a thread_call; give the machine more RAM");
    bzero(c, sizeof *c);
    c->func = func;
    c->param0 = param0;
    c->refs = 1;
    lx_count(&calls_live, 1);
    return c;
}

thread_call_t thread_call_allocate_with_priority(thread_call_func_t func, thread_call_param_t param0,
                                                 thread_call_priority_t pri)
{
    if (pri > THREAD_CALL_PRIORITY_LOW)
        panic("Invalid pri: %d\n", pri);
    return thread_call_allocate(func, param0);
}

boolean_t thread_call_free(thread_call_t c)
{
    lx_mutex_lock(&lock);
    if (c->on) {
        lx_mutex_unlock(&lock);
        return FALSE;
    }
    int refs = --c->refs;
    lx_mutex_unlock(&lock);
    if (refs < 0)
        panic("Refcount negative: %d\n", refs);
    if (refs == 0)
        call_delete(c);
    return TRUE;
}

/* Takes it off whatever list it is on: that request will not be run, so it counts as finished. */
static boolean_t withdraw(thread_call_t c)
{
    if (!take_off(c))
        return FALSE;
    c->finished++;
    return TRUE;
}

boolean_t thread_call_enter1(thread_call_t c, thread_call_param_t param1)
{
    boolean_t was_on = TRUE;
    lx_mutex_lock(&lock);
    if (c->on != &pending) {
        was_on = withdraw(c);
        c->submitted++;
        make_pending(c);
    }
    c->param1 = param1;
    lx_mutex_unlock(&lock);
    return was_on;
}

boolean_t thread_call_enter(thread_call_t c)
{
    return thread_call_enter1(c, 0);
}

boolean_t thread_call_enter1_delayed(thread_call_t c, thread_call_param_t param1, uint64_t deadline)
{
    lx_mutex_lock(&lock);
    boolean_t was_on = withdraw(c);
    c->submitted++;
    c->param1 = param1;
    make_delayed(c, deadline);
    lx_mutex_unlock(&lock);
    return was_on;
}

boolean_t thread_call_enter_delayed(thread_call_t c, uint64_t deadline)
{
    return thread_call_enter1_delayed(c, 0, deadline);
}

boolean_t thread_call_cancel(thread_call_t c)
{
    lx_mutex_lock(&lock);
    boolean_t was_on = withdraw(c);
    lx_mutex_unlock(&lock);
    return was_on;
}

/* Returns when every run that was asked for before has ended. */
boolean_t thread_call_cancel_wait(thread_call_t c)
{
    mach_assert_may_block("thread_call_cancel_wait");
    lx_mutex_lock(&lock);
    boolean_t was_on = withdraw(c);
    uint64_t upto = c->submitted;
    while (!was_on && c->finished < upto)
        lx_cond_wait(&done, &lock, -1);
    lx_mutex_unlock(&lock);
    return was_on;
}

boolean_t thread_call_is_delayed(thread_call_t c, uint64_t *deadline)
{
    lx_mutex_lock(&lock);
    boolean_t is = c->on == &delayed;
    if (is && deadline)
        *deadline = c->deadline;
    lx_mutex_unlock(&lock);
    return is;
}

/* ---- calls by function and parameter ------------------------------------------------------------------- */
static thread_call_t find(struct list *l, thread_call_func_t func, thread_call_param_t param)
{
    thread_call_t c = l->first;
    while (c && !(c->internal && c->func == func && c->param0 == param))
        c = c->next;
    return c;
}

void thread_call_func(thread_call_func_t func, thread_call_param_t param, boolean_t unique)
{
    thread_call_t c = thread_call_allocate(func, param);
    c->internal = 1;
    lx_mutex_lock(&lock);
    if (unique && find(&pending, func, param))
        call_delete(c);
    else
        make_pending(c);
    lx_mutex_unlock(&lock);
}

void thread_call_func_delayed(thread_call_func_t func, thread_call_param_t param, uint64_t deadline)
{
    thread_call_t c = thread_call_allocate(func, param);
    c->internal = 1;
    lx_mutex_lock(&lock);
    make_delayed(c, deadline);
    lx_mutex_unlock(&lock);
}

static boolean_t cancel_one(thread_call_func_t func, thread_call_param_t param)
{
    thread_call_t c = find(&pending, func, param);
    if (!c)
        c = find(&delayed, func, param);
    if (!c)
        return FALSE;
    take_off(c);
    call_delete(c);
    return TRUE;
}

boolean_t thread_call_func_cancel(thread_call_func_t func, thread_call_param_t param, boolean_t all)
{
    lx_mutex_lock(&lock);
    boolean_t any = cancel_one(func, param);
    while (any && all && cancel_one(func, param))
        ;
    lx_mutex_unlock(&lock);
    return any;
}
