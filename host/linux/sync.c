// SPDX-License-Identifier: BSD-3-Clause
/*
 * Futexes, and the mutex and condition made of them (Drepper, "Futexes Are Tricky": word 0 free, 1 taken, 2
 * taken and somebody may sleep).
 */
#define _GNU_SOURCE
#include "linux.h"
#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int lx_futex_wait(volatile int *word, int value, long long timeout_ns)
{
    struct timespec ts = {timeout_ns / 1000000000, timeout_ns % 1000000000};
    long r = syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, timeout_ns < 0 ? NULL : &ts, NULL, 0);
    return r < 0 && errno == ETIMEDOUT;
}

void lx_futex_wake(volatile int *word, int count)
{
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, count, NULL, NULL, 0);
}

static int cas(volatile int *word, int from, int to)
{
    return __atomic_compare_exchange_n(word, &from, to, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

int lx_mutex_trylock(struct lx_mutex *m)
{
    return cas(&m->word, 0, 1);
}

void lx_mutex_lock(struct lx_mutex *m)
{
    enum { SPINS = 100 }; /* holders keep it for tens of nanoseconds; longer means they were preempted */
    for (int i = 0; i < SPINS; i++) {
        if (cas(&m->word, 0, 1))
            return;
        __builtin_ia32_pause();
    }
    while (__atomic_exchange_n(&m->word, 2, __ATOMIC_ACQUIRE) != 0)
        lx_futex_wait(&m->word, 2, -1);
}

void lx_mutex_unlock(struct lx_mutex *m)
{
    if (__atomic_exchange_n(&m->word, 0, __ATOMIC_RELEASE) == 2)
        lx_futex_wake(&m->word, 1);
}

int lx_cond_wait(struct lx_cond *c, struct lx_mutex *m, long long timeout_ns)
{
    __atomic_fetch_add(&c->waiters, 1, __ATOMIC_SEQ_CST);
    int seq = __atomic_load_n(&c->seq, __ATOMIC_SEQ_CST);
    lx_mutex_unlock(m);
    int timed_out = lx_futex_wait(&c->seq, seq, timeout_ns);
    __atomic_fetch_sub(&c->waiters, 1, __ATOMIC_SEQ_CST);
    lx_mutex_lock(m);
    return timed_out;
}

static void wake(struct lx_cond *c, int count)
{
    __atomic_fetch_add(&c->seq, 1, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&c->waiters, __ATOMIC_SEQ_CST))
        lx_futex_wake(&c->seq, count);
}

void lx_cond_signal(struct lx_cond *c)
{
    wake(c, 1);
}

void lx_cond_broadcast(struct lx_cond *c)
{
    wake(c, INT_MAX);
}
