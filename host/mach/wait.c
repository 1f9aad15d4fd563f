// SPDX-License-Identifier: BSD-3-Clause
/*
 * Waiting for an event (kern/sched_prim.h; Apple: osfmk/kern/sched_prim.c, wait_queue.c). assert_wait puts
 * the thread on the event's queue, thread_block sleeps while it is there; a wakeup between the two is not
 * lost. Wakeups are first in, first out.
 */
#include <stddef.h>
#include <stdint.h>
#include <kern/clock.h>
#include <kern/debug.h>
#include <kern/sched_prim.h>
#include <kern/thread.h>
#include "internal.h"
#include "boot.h"

enum { QUEUES = 64, WAITING = 1, FOREVER = -1 };

static struct queue {
    struct lx_mutex lock;
    thread_t first, last;
} queues[QUEUES] __attribute__((aligned(64)));

void mach_continue(thread_continue_t continuation, void *parameter) __attribute__((noreturn));

static struct queue *queue_of(event_t event)
{
    return &queues[((uintptr_t)event >> 4 ^ (uintptr_t)event >> 12) % QUEUES];
}

static void enqueue(struct queue *q, thread_t t)
{
    t->next = 0;
    t->prev = q->last;
    if (q->last)
        q->last->next = t;
    else
        q->first = t;
    q->last = t;
}

static void dequeue(struct queue *q, thread_t t)
{
    if (t->prev)
        t->prev->next = t->next;
    else
        q->first = t->next;
    if (t->next)
        t->next->prev = t->prev;
    else
        q->last = t->prev;
}

static int (*never)(void);

void mach_never_block(int (*whether)(void)) { never = whether; }

void mach_assert_may_block(const char *what)
{
    thread_t t = current_thread();
    if (never && never()) /* nobody is left who could wake it */
        lx_fatal("%s: blocking in the kernel debugger", what);
    if (mach_in_interrupt(t))
        panic("%s: blocking in interrupt context", what);
    if (t->preemption_level)
        panic("%s: blocking with %d spin lock(s) held", what, t->preemption_level);
}

wait_result_t assert_wait_deadline(event_t event, wait_interrupt_t how, uint64_t deadline)
{
    thread_t t = current_thread();
    struct queue *q = queue_of(event);
    if (event == NO_EVENT)
        panic("assert_wait: no event");
    if (mach_in_interrupt(t))
        panic("assert_wait: blocking in interrupt context");
    if (t->word == WAITING)
        panic("assert_wait: the thread already waits for %p", t->event);
    lx_mutex_lock(&q->lock);
    t->event = event;
    t->deadline = deadline;
    t->result = THREAD_WAITING;
    t->word = WAITING;
    enqueue(q, t);
    lx_mutex_unlock(&q->lock);
    return THREAD_WAITING;
}

wait_result_t assert_wait(event_t event, wait_interrupt_t how)
{
    return assert_wait_deadline(event, how, 0);
}

wait_result_t assert_wait_timeout(event_t event, wait_interrupt_t how, uint32_t interval, uint32_t scale)
{
    uint64_t deadline;
    clock_interval_to_deadline(interval, scale, &deadline);
    return assert_wait_deadline(event, how, deadline);
}

/* The queue's lock is held. The thread may be gone as soon as word has changed: a futex wake needs its
 * address only. */
static void release(struct queue *q, thread_t t, wait_result_t result)
{
    dequeue(q, t);
    t->result = result;
    __atomic_store_n(&t->word, 0, __ATOMIC_RELEASE);
    lx_futex_wake(&t->word, 1);
}

static void time_out(thread_t t)
{
    struct queue *q = queue_of(t->event);
    lx_mutex_lock(&q->lock);
    if (t->word == WAITING)
        release(q, t, THREAD_TIMED_OUT);
    lx_mutex_unlock(&q->lock);
}

static void sleep_until_released(thread_t t)
{
    while (__atomic_load_n(&t->word, __ATOMIC_ACQUIRE) == WAITING) {
        long long left = FOREVER;
        if (t->deadline)
            left = mach_time_left(t->deadline);
        if (!left) {
            time_out(t);
            return;
        }
        lx_futex_wait(&t->word, WAITING, left);
    }
}

wait_result_t thread_block_parameter(thread_continue_t continuation, void *parameter)
{
    thread_t t = current_thread();
    mach_assert_may_block("thread_block");
    if (t->word == WAITING)
        sleep_until_released(t);
    else
        lx_thread_yield();
    if (continuation)
        mach_continue(continuation, parameter);
    return t->result;
}

wait_result_t thread_block(thread_continue_t continuation)
{
    return thread_block_parameter(continuation, 0);
}

kern_return_t thread_wakeup_prim(event_t event, boolean_t one, wait_result_t result)
{
    struct queue *q = queue_of(event);
    kern_return_t r = KERN_NOT_WAITING;
    lx_mutex_lock(&q->lock);
    for (thread_t t = q->first, next; t; t = next) {
        next = t->next;
        if (t->event != event)
            continue;
        release(q, t, result);
        r = KERN_SUCCESS;
        if (one)
            break;
    }
    lx_mutex_unlock(&q->lock);
    return r;
}
