// SPDX-License-Identifier: BSD-3-Clause
/*
 * Sleeping with a lock: lck_*_sleep (osfmk/kern/locks.c), BSD's msleep, tsleep and wakeup
 * (bsd/kern/kern_synch.c) and its timeouts.
 */
#include <stddef.h>
#include <stdint.h>
#include <kern/locks.h>
#include <kern/sched_prim.h>
#include <kern/thread_call.h>
#include <libkern/libkern.h>
#include <sys/errno.h>
#include <sys/param.h>
#include <sys/proc.h>
#include <sys/systm.h>
#include <sys/time.h>
#include "internal.h"
#include "thread_call.h"

/* ---- lck_*_sleep --------------------------------------------------------------------------------------- */
wait_result_t lck_mtx_sleep_deadline(lck_mtx_t *l, lck_sleep_action_t action, event_t event,
                                     wait_interrupt_t how, uint64_t deadline)
{
    wait_result_t r = assert_wait_deadline(event, how, deadline);
    lck_mtx_unlock(l);
    r = r == THREAD_WAITING ? thread_block(THREAD_CONTINUE_NULL) : r;
    if (!(action & LCK_SLEEP_UNLOCK))
        lck_mtx_lock(l);
    return r;
}

wait_result_t lck_mtx_sleep(lck_mtx_t *l, lck_sleep_action_t action, event_t event, wait_interrupt_t how)
{
    return lck_mtx_sleep_deadline(l, action, event, how, 0);
}

wait_result_t lck_spin_sleep_deadline(lck_spin_t *l, lck_sleep_action_t action, event_t event,
                                      wait_interrupt_t how, uint64_t deadline)
{
    wait_result_t r = assert_wait_deadline(event, how, deadline);
    lck_spin_unlock(l);
    r = r == THREAD_WAITING ? thread_block(THREAD_CONTINUE_NULL) : r;
    if (!(action & LCK_SLEEP_UNLOCK))
        lck_spin_lock(l);
    return r;
}

wait_result_t lck_spin_sleep(lck_spin_t *l, lck_sleep_action_t action, event_t event, wait_interrupt_t how)
{
    return lck_spin_sleep_deadline(l, action, event, how, 0);
}

wait_result_t lck_rw_sleep_deadline(lck_rw_t *l, lck_sleep_action_t action, event_t event,
                                    wait_interrupt_t how, uint64_t deadline)
{
    wait_result_t r = assert_wait_deadline(event, how, deadline);
    lck_rw_type_t held = lck_rw_done(l);
    r = r == THREAD_WAITING ? thread_block(THREAD_CONTINUE_NULL) : r;
    if (action & LCK_SLEEP_UNLOCK)
        return r;
    if (action & LCK_SLEEP_EXCLUSIVE || (held == LCK_RW_TYPE_EXCLUSIVE && !(action & LCK_SLEEP_SHARED)))
        lck_rw_lock_exclusive(l);
    else
        lck_rw_lock_shared(l);
    return r;
}

wait_result_t lck_rw_sleep(lck_rw_t *l, lck_sleep_action_t action, event_t event, wait_interrupt_t how)
{
    return lck_rw_sleep_deadline(l, action, event, how, 0);
}

/* ---- msleep -------------------------------------------------------------------------------------------- */
/* _sleep of kern_synch.c: EWOULDBLOCK after the deadline, EINTR when interrupted. No signals exist here. */
static int sleep_until(void *chan, lck_mtx_t *mtx, int pri, uint64_t deadline)
{
    wait_result_t r = THREAD_AWAKENED;
    wait_interrupt_t how = pri & PCATCH ? THREAD_ABORTSAFE : THREAD_UNINT;
    if (chan)
        assert_wait_deadline(chan, how, deadline);
    if (mtx)
        lck_mtx_unlock(mtx);
    r = thread_block(THREAD_CONTINUE_NULL);
    if (mtx && !(pri & PDROP))
        lck_mtx_lock(mtx);
    return r == THREAD_TIMED_OUT ? EWOULDBLOCK : r == THREAD_INTERRUPTED ? EINTR : 0;
}

int msleep(void *chan, lck_mtx_t *mtx, int pri, const char *wmesg, struct timespec *ts)
{
    uint64_t deadline = 0;
    if (ts && (ts->tv_sec || ts->tv_nsec))
        deadline = lx_time_ns() + (uint64_t)ts->tv_sec * 1000000000 + ts->tv_nsec;
    return sleep_until(chan, mtx, pri, deadline);
}

/* As msleep with an absolute deadline; 0: none. */
int msleep1(void *chan, lck_mtx_t *mtx, int pri, const char *wmesg, u_int64_t deadline)
{
    return sleep_until(chan, mtx, pri, deadline);
}

int hz = 100; /* bsd/conf/param.c */

int tsleep(void *chan, int pri, const char *wmesg, int ticks)
{
    return sleep_until(chan, 0, pri, ticks ? lx_time_ns() + (uint64_t)ticks * (1000000000 / hz) : 0);
}

int sleep(void *chan, int pri)
{
    return sleep_until(chan, 0, pri, 0);
}

void wakeup(void *chan)
{
    thread_wakeup_prim(chan, FALSE, THREAD_AWAKENED);
}

void wakeup_one(caddr_t chan)
{
    thread_wakeup_prim(chan, TRUE, THREAD_AWAKENED);
}

/* ---- timeouts (bsd/kern/kern_clock.c) ------------------------------------------------------------------ */
void bsd_timeout(void (*fn)(void *), void *arg, struct timespec *ts)
{
    uint64_t deadline = lx_time_ns();
    if (ts)
        deadline += (uint64_t)ts->tv_sec * 1000000000 + ts->tv_nsec;
    thread_call_func_delayed((thread_call_func_t)fn, arg, deadline);
}

void bsd_untimeout(void (*fn)(void *), void *arg)
{
    thread_call_func_cancel((thread_call_func_t)fn, arg, FALSE);
}
