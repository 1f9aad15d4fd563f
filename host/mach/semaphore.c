// SPDX-License-Identifier: BSD-3-Clause
/* Mach semaphores (mach/semaphore.h; Apple: osfmk/kern/sync_sema.c): first come, first served. */
#include <stdint.h>
#include <kern/sched_prim.h>
#include <mach/semaphore.h>
#include "internal.h"

LX_COUNTER(semaphores_live, "semaphores.live")

enum { SYNC_POLICIES = 7 }; /* mach/sync_policy.h: SYNC_POLICY_MAX */

struct semaphore {
    struct lx_mutex lock;
    int count, waiters, dead;
    volatile int refs;
};

kern_return_t semaphore_create(task_t task, semaphore_t *out, int policy, int value)
{
    *out = SEMAPHORE_NULL;
    if (!task || value < 0 || (policy & ~SYNC_POLICIES))
        return KERN_INVALID_ARGUMENT;
    semaphore_t s = lx_ram_alloc(sizeof *s, 16, ~0ull);
    if (!s)
        return KERN_RESOURCE_SHORTAGE;
    *s = (struct semaphore){.count = value, .refs = 1};
    lx_count(&semaphores_live, 1);
    *out = s;
    return KERN_SUCCESS;
}

void semaphore_reference(semaphore_t s)
{
    __atomic_add_fetch(&s->refs, 1, __ATOMIC_RELAXED);
}

void semaphore_dereference(semaphore_t s)
{
    if (!s || __atomic_sub_fetch(&s->refs, 1, __ATOMIC_ACQ_REL))
        return;
    lx_ram_free(s, sizeof *s);
    lx_uncount(&semaphores_live, 1);
}

kern_return_t semaphore_destroy(task_t task, semaphore_t s)
{
    if (!s)
        return KERN_INVALID_ARGUMENT;
    lx_mutex_lock(&s->lock);
    s->dead = 1;
    s->waiters = 0;
    lx_mutex_unlock(&s->lock);
    thread_wakeup_prim(s, FALSE, THREAD_RESTART);
    semaphore_dereference(s);
    return KERN_SUCCESS;
}

/* block = 0: only if it need not wait. A signal hands its count to the longest waiter, so no newcomer can
 * take it. */
static kern_return_t take(semaphore_t s, int block, uint64_t deadline)
{
    if (!s)
        return KERN_INVALID_ARGUMENT;
    lx_mutex_lock(&s->lock);
    if (s->dead || s->count > 0 || !block) {
        kern_return_t r = s->dead ? KERN_TERMINATED : s->count > 0 ? KERN_SUCCESS : KERN_OPERATION_TIMED_OUT;
        s->count -= r == KERN_SUCCESS;
        lx_mutex_unlock(&s->lock);
        return r;
    }
    s->waiters++;
    assert_wait_deadline(s, THREAD_ABORTSAFE, deadline);
    lx_mutex_unlock(&s->lock);
    wait_result_t w = thread_block(THREAD_CONTINUE_NULL);
    if (w == THREAD_AWAKENED)
        return KERN_SUCCESS;
    if (w == THREAD_RESTART)
        return KERN_TERMINATED;
    lx_mutex_lock(&s->lock);
    s->waiters -= s->waiters > 0;
    lx_mutex_unlock(&s->lock);
    return KERN_OPERATION_TIMED_OUT;
}

kern_return_t semaphore_wait(semaphore_t s)
{
    return take(s, 1, 0);
}

kern_return_t semaphore_wait_deadline(semaphore_t s, uint64_t deadline)
{
    return take(s, 1, deadline ? deadline : 1);
}

kern_return_t semaphore_wait_noblock(semaphore_t s)
{
    return take(s, 0, 0);
}

kern_return_t semaphore_timedwait(semaphore_t s, mach_timespec_t wait)
{
    uint64_t ns = wait.tv_sec * 1000000000ull + wait.tv_nsec;
    return ns ? take(s, 1, lx_time_ns() + ns) : take(s, 0, 0);
}

kern_return_t semaphore_signal(semaphore_t s)
{
    if (!s)
        return KERN_INVALID_ARGUMENT;
    lx_mutex_lock(&s->lock);
    kern_return_t r = s->dead ? KERN_TERMINATED : KERN_SUCCESS;
    if (!s->dead && s->waiters && thread_wakeup_prim(s, TRUE, THREAD_AWAKENED) == KERN_SUCCESS)
        s->waiters--;
    else
        s->count++;
    lx_mutex_unlock(&s->lock);
    return r;
}

/* Wakes all who wait and leaves no count behind. */
kern_return_t semaphore_signal_all(semaphore_t s)
{
    if (!s)
        return KERN_INVALID_ARGUMENT;
    lx_mutex_lock(&s->lock);
    s->waiters = 0;
    s->count = s->count > 0 ? s->count : 0;
    lx_mutex_unlock(&s->lock);
    thread_wakeup_prim(s, FALSE, THREAD_AWAKENED);
    return KERN_SUCCESS;
}
