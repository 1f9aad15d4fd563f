// SPDX-License-Identifier: BSD-3-Clause
/*
 * Kernel threads (kern/thread.h; Apple: osfmk/kern/thread.c, thread_act.c, iokit/Kernel/IOLib.cpp). Every
 * Linux thread that runs kernel code has a struct thread, made when it first asks who it is; it ends with the
 * thread, or with the last reference to it.
 */
#include <stddef.h>
#include <stdint.h>
#include <kern/thread.h>
#include <kern/task.h>
#include <kern/debug.h>
#include <kern/sched_prim.h>
#include <libkern/libkern.h>
#include <IOKit/IOLib.h>
#include "internal.h"

LX_COUNTER(threads_live, "kernel.threads.live")
LX_COUNTER(threads_made, "kernel.threads.started")

static __thread thread_t self;

static thread_t thread_new(int refs)
{
    thread_t t = lx_ram_alloc(sizeof *t, 16, ~0ull);
    if (!t)
        panic("no memory for a thread; give the machine more RAM");
    bzero(t, sizeof *t);
    t->refs = refs;
    return t;
}

static void bind(thread_t t)
{
    struct lx_thread *lx = lx_thread_self();
    t->id = lx_thread_id(lx);
    lx_thread_set_local(lx, t);
    self = t;
}

thread_t current_thread(void)
{
    if (__builtin_expect(!self, 0))
        bind(thread_new(1));
    return self;
}

void thread_reference(thread_t t)
{
    if (t)
        __atomic_add_fetch(&t->refs, 1, __ATOMIC_RELAXED);
}

void thread_deallocate(thread_t t)
{
    if (!t || __atomic_sub_fetch(&t->refs, 1, __ATOMIC_ACQ_REL))
        return;
    if (t->counted)
        lx_uncount(&threads_live, 1);
    lx_ram_free(t, sizeof *t);
}

/* The Linux thread is ending: what it leaves held would hang others. */
static void thread_gone(void *local)
{
    thread_t t = local;
    if (t->preemption_level)
        panic("thread %u ended with a spin lock held", t->id);
    self = 0;
    thread_deallocate(t);
}

void mach_thread_init(void)
{
    lx_thread_on_exit(thread_gone);
}

/* A continuation starts on an empty stack (thread_block's contract): here, at the bottom of the thread's. */
static void run(void *arg)
{
    thread_t t = arg;
    bind(t);
    t->has_base = 1;
    __builtin_setjmp(t->base);
    thread_t now = self; /* arg may have been lost across the jump */
    now->continuation(now->parameter, now->result);
    lx_thread_exit(); /* and never a tail call: the jump's target is this frame */
}

void mach_continue(thread_continue_t continuation, void *parameter)
{
    thread_t t = current_thread();
    t->continuation = continuation;
    t->parameter = parameter;
    if (t->has_base)
        __builtin_longjmp(t->base, 1);
    continuation(parameter, t->result);
    lx_thread_exit();
}

kern_return_t kernel_thread_start(thread_continue_t continuation, void *parameter, thread_t *out)
{
    thread_t t = thread_new(2); /* the thread's own and the caller's */
    t->continuation = continuation;
    t->parameter = parameter;
    t->counted = 1; /* threads of Linux that come by are nobody's leak */
    *out = t;
    lx_count(&threads_live, 1);
    if (!lx_thread_start(run, t, "kernel thread")) {
        lx_uncount(&threads_live, 1);
        lx_ram_free(t, sizeof *t);
        *out = THREAD_NULL;
        return KERN_RESOURCE_SHORTAGE;
    }
    lx_count(&threads_made, 1);
    return KERN_SUCCESS;
}

/* osfmk/kern/thread_act.c: a kernel thread can end itself only. */
kern_return_t thread_terminate(thread_t t)
{
    if (!t)
        return KERN_INVALID_ARGUMENT;
    if (t != current_thread())
        return KERN_FAILURE;
    lx_thread_exit();
}

uint64_t thread_tid(thread_t t)
{
    return t ? t->id : 0;
}

/* ---- IOLib.cpp ----------------------------------------------------------------------------------------- */
IOThread IOCreateThread(IOThreadFunc fn, void *arg)
{
    thread_t t;
    if (kernel_thread_start((thread_continue_t)fn, arg, &t) != KERN_SUCCESS)
        return 0;
    thread_deallocate(t);
    return t;
}

void IOExitThread(void)
{
    thread_terminate(current_thread());
}

/* ---- tasks: there is one ------------------------------------------------------------------------------- */
struct task {
    int unused;
};
static struct task the_kernel_task;
task_t kernel_task = &the_kernel_task;

task_t current_task(void)
{
    return kernel_task;
}

void task_reference(task_t t) {}

void task_deallocate(task_t t) {}
