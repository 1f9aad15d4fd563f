// SPDX-License-Identifier: BSD-3-Clause
/*
 * lck_grp, lck_attr, lck_mtx, lck_spin, lck_rw (kern/locks.h; Apple: osfmk/kern/locks.c,
 * osfmk/i386/locks_i386.c). A lock fits in the 16 bytes that Apple's mutex and read-write lock have on
 * x86_64, since a driver may embed one. What would hang a Mac (a thread that takes its own mutex or spin lock
 * again) is a panic here.
 */
#include <stddef.h>
#include <stdint.h>
#include <kern/locks.h>
#include <kern/debug.h>
#include <kern/sched_prim.h>
#include <kern/thread.h>
#include <libkern/libkern.h>
#include "internal.h"

LX_COUNTER(groups_live, "locks.groups.live")
LX_COUNTER(attributes_live, "locks.attributes.live")
LX_COUNTER(mutexes_live, "locks.mutex.live")
LX_COUNTER(spins_live, "locks.spin.live")
LX_COUNTER(rws_live, "locks.rw.live")

/* ---- groups and attributes ----------------------------------------------------------------------------- */
struct __lck_grp__ {
    volatile int refs; /* one for its owner, one for each lock */
    char name[64];
};
struct __lck_grp_attr__ {
    uint32_t bits;
};
struct __lck_attr__ {
    uint32_t bits;
};

static void *lock_alloc(size_t size, struct lx_counter *kind)
{
    void *p = lx_ram_alloc(size, 16, ~0ull);
    if (!p)
        panic("no memory for a lock; give the machine more RAM");
    bzero(p, size);
    lx_count(kind, 1);
    return p;
}

static void lock_free(void *p, size_t size, struct lx_counter *kind)
{
    lx_ram_free(p, size);
    lx_uncount(kind, 1);
}

lck_grp_t *lck_grp_alloc_init(const char *name, lck_grp_attr_t *attr)
{
    lck_grp_t *g = lock_alloc(sizeof *g, &groups_live);
    g->refs = 1;
    strlcpy(g->name, name, sizeof g->name);
    return g;
}

static void group_reference(lck_grp_t *g)
{
    if (g)
        __atomic_add_fetch(&g->refs, 1, __ATOMIC_RELAXED);
}

static void group_release(lck_grp_t *g)
{
    if (g && !__atomic_sub_fetch(&g->refs, 1, __ATOMIC_ACQ_REL))
        lock_free(g, sizeof *g, &groups_live);
}

void lck_grp_free(lck_grp_t *g)
{
    group_release(g);
}

lck_grp_attr_t *lck_grp_attr_alloc_init(void)
{
    return lock_alloc(sizeof(lck_grp_attr_t), &attributes_live);
}

void lck_grp_attr_setdefault(lck_grp_attr_t *attr)
{
    attr->bits = 0;
}

void lck_grp_attr_setstat(lck_grp_attr_t *attr)
{
    attr->bits |= 1; /* LCK_GRP_ATTR_STAT */
}

void lck_grp_attr_free(lck_grp_attr_t *attr)
{
    lock_free(attr, sizeof *attr, &attributes_live);
}

lck_attr_t *lck_attr_alloc_init(void)
{
    return lock_alloc(sizeof(lck_attr_t), &attributes_live);
}

void lck_attr_setdefault(lck_attr_t *attr)
{
    attr->bits = 0;
}

void lck_attr_setdebug(lck_attr_t *attr)
{
    attr->bits |= 1; /* LCK_ATTR_DEBUG */
}

void lck_attr_cleardebug(lck_attr_t *attr)
{
    attr->bits &= ~1u;
}

void lck_attr_free(lck_attr_t *attr)
{
    lock_free(attr, sizeof *attr, &attributes_live);
}

/* ---- mutex --------------------------------------------------------------------------------------------- */
struct __lck_mtx_t__ {
    struct lx_mutex m;
    volatile uint32_t owner; /* a thread's id; 0: nobody's */
    lck_grp_t *group;
};
_Static_assert(sizeof(struct __lck_mtx_t__) <= 16, "lck_mtx_t is two longs in Apple's kernel");

enum { DESTROYED = -1 }; /* in the futex word: whoever touches it hears of it */

static void check_alive(volatile int *word, const void *lock)
{
    if (*word == DESTROYED)
        panic("lock %p is used after it was destroyed or freed", lock);
}

void lck_mtx_init(lck_mtx_t *l, lck_grp_t *group, lck_attr_t *attr)
{
    l->m.word = 0;
    l->owner = 0;
    l->group = group;
    group_reference(group);
}

void lck_mtx_destroy(lck_mtx_t *l, lck_grp_t *group)
{
    check_alive(&l->m.word, l);
    l->m.word = DESTROYED;
    group_release(group);
}

lck_mtx_t *lck_mtx_alloc_init(lck_grp_t *group, lck_attr_t *attr)
{
    lck_mtx_t *l = lock_alloc(sizeof *l, &mutexes_live);
    lck_mtx_init(l, group, attr);
    return l;
}

void lck_mtx_free(lck_mtx_t *l, lck_grp_t *group)
{
    lck_mtx_destroy(l, group);
    lock_free(l, sizeof *l, &mutexes_live);
}

static void mutex_wait(lck_mtx_t *l, uint32_t me)
{
    check_alive(&l->m.word, l);
    if (l->owner == me)
        panic("lck_mtx_lock: thread %u takes mutex %p, which it holds already: a Mac would hang here", me, l);
    mach_assert_may_block("lck_mtx_lock");
    lx_mutex_lock(&l->m);
}

void lck_mtx_lock(lck_mtx_t *l)
{
    uint32_t me = current_thread()->id;
    if (!lx_mutex_trylock(&l->m))
        mutex_wait(l, me);
    l->owner = me;
}

boolean_t lck_mtx_try_lock(lck_mtx_t *l)
{
    if (!lx_mutex_trylock(&l->m)) {
        check_alive(&l->m.word, l);
        return FALSE;
    }
    l->owner = current_thread()->id;
    return TRUE;
}

/* Not only by the thread that took it: XNU's release kernel does not ask, and drivers have used mutexes as
 * gates. */
void lck_mtx_unlock(lck_mtx_t *l)
{
    if (l->m.word <= 0)
        panic("lck_mtx_unlock: mutex %p is not locked", l);
    l->owner = 0;
    lx_mutex_unlock(&l->m);
}

/* The spin forms hold the mutex as a spin lock until converted; a plain mutex keeps every promise they make.
 */
void lck_mtx_lock_spin(lck_mtx_t *l)
{
    lck_mtx_lock(l);
}

boolean_t lck_mtx_try_lock_spin(lck_mtx_t *l)
{
    return lck_mtx_try_lock(l);
}

void lck_mtx_convert_spin(lck_mtx_t *l)
{
    check_alive(&l->m.word, l);
}

void lck_mtx_assert(lck_mtx_t *l, unsigned int type)
{
    int owned = l->owner == current_thread()->id;
    if (type == LCK_MTX_ASSERT_OWNED && !owned)
        panic("mutex (%p) not owned", l);
    if (type == LCK_MTX_ASSERT_NOTOWNED && owned)
        panic("mutex (%p) owned", l);
}

/* ---- spin lock ----------------------------------------------------------------------------------------- */
struct __lck_spin_t__ {
    struct lx_mutex m; /* a holder may lose its processor to another Linux process: spin, then sleep */
    volatile uint32_t owner;
    lck_grp_t *group;
};

void lck_spin_init(lck_spin_t *l, lck_grp_t *group, lck_attr_t *attr)
{
    l->m.word = 0;
    l->owner = 0;
    l->group = group;
    group_reference(group);
}

void lck_spin_destroy(lck_spin_t *l, lck_grp_t *group)
{
    check_alive(&l->m.word, l);
    l->m.word = DESTROYED;
    group_release(group);
}

lck_spin_t *lck_spin_alloc_init(lck_grp_t *group, lck_attr_t *attr)
{
    lck_spin_t *l = lock_alloc(sizeof *l, &spins_live);
    lck_spin_init(l, group, attr);
    return l;
}

void lck_spin_free(lck_spin_t *l, lck_grp_t *group)
{
    lck_spin_destroy(l, group);
    lock_free(l, sizeof *l, &spins_live);
}

void lck_spin_lock(lck_spin_t *l)
{
    thread_t self = current_thread();
    self->preemption_level++;
    if (!lx_mutex_trylock(&l->m)) {
        check_alive(&l->m.word, l);
        if (l->owner == self->id)
            panic(
                "lck_spin_lock: thread %u takes spin lock %p, which it holds already: a Mac would hang here",
                self->id, l);
        lx_mutex_lock(&l->m);
    }
    l->owner = self->id;
}

boolean_t lck_spin_try_lock(lck_spin_t *l)
{
    thread_t self = current_thread();
    if (!lx_mutex_trylock(&l->m)) {
        check_alive(&l->m.word, l);
        return FALSE;
    }
    self->preemption_level++;
    l->owner = self->id;
    return TRUE;
}

void lck_spin_unlock(lck_spin_t *l)
{
    if (l->m.word <= 0)
        panic("lck_spin_unlock: spin lock %p is not locked", l);
    l->owner = 0;
    lx_mutex_unlock(&l->m);
    current_thread()->preemption_level--;
}

/* ---- read-write lock ----------------------------------------------------------------------------------- */
struct __lck_rw_t__ {
    volatile int
        state; /* readers; EXCLUSIVE; or DESTROYED. With UPGRADE: a reader waits to be the only one */
    volatile uint16_t writers; /* that wait: they go before new readers */
    volatile uint16_t waiters; /* that sleep on state */
    lck_grp_t *group;
};
_Static_assert(sizeof(struct __lck_rw_t__) <= 16, "lck_rw_t is 16 bytes in Apple's kernel");
enum { EXCLUSIVE = 1 << 29, UPGRADE = 1 << 28 };

void lck_rw_init(lck_rw_t *l, lck_grp_t *group, lck_attr_t *attr)
{
    l->state = 0;
    l->writers = l->waiters = 0;
    l->group = group;
    group_reference(group);
}

void lck_rw_destroy(lck_rw_t *l, lck_grp_t *group)
{
    check_alive(&l->state, l);
    l->state = DESTROYED;
    group_release(group);
}

lck_rw_t *lck_rw_alloc_init(lck_grp_t *group, lck_attr_t *attr)
{
    lck_rw_t *l = lock_alloc(sizeof *l, &rws_live);
    lck_rw_init(l, group, attr);
    return l;
}

void lck_rw_free(lck_rw_t *l, lck_grp_t *group)
{
    lck_rw_destroy(l, group);
    lock_free(l, sizeof *l, &rws_live);
}

static int rw_change(lck_rw_t *l, int from, int to)
{
    return __atomic_compare_exchange_n(&l->state, &from, to, 0, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
}

static void rw_sleep(lck_rw_t *l, int state)
{
    check_alive(&l->state, l);
    mach_assert_may_block("lck_rw_lock");
    __atomic_add_fetch(&l->waiters, 1, __ATOMIC_SEQ_CST);
    lx_futex_wait(&l->state, state, -1);
    __atomic_sub_fetch(&l->waiters, 1, __ATOMIC_SEQ_CST);
}

static void rw_wake(lck_rw_t *l)
{
    if (__atomic_load_n(&l->waiters, __ATOMIC_SEQ_CST))
        lx_futex_wake(&l->state, INT32_MAX);
}

static int rw_may_read(lck_rw_t *l, int state)
{
    return !(state & (EXCLUSIVE | UPGRADE)) && !l->writers;
}

static boolean_t rw_try_shared(lck_rw_t *l)
{
    int s = l->state;
    check_alive(&l->state, l);
    return rw_may_read(l, s) && rw_change(l, s, s + 1);
}

void lck_rw_lock_shared(lck_rw_t *l)
{
    while (!rw_try_shared(l)) {
        int s = l->state;
        if (!rw_may_read(l, s))
            rw_sleep(l, s);
    }
}

void lck_rw_lock_exclusive(lck_rw_t *l)
{
    if (rw_change(l, 0, EXCLUSIVE))
        return;
    __atomic_add_fetch(&l->writers, 1, __ATOMIC_SEQ_CST);
    while (!rw_change(l, 0, EXCLUSIVE)) {
        int s = l->state;
        if (s)
            rw_sleep(l, s);
    }
    __atomic_sub_fetch(&l->writers, 1, __ATOMIC_SEQ_CST);
}

static boolean_t rw_try_exclusive(lck_rw_t *l)
{
    check_alive(&l->state, l);
    return rw_change(l, 0, EXCLUSIVE);
}

void lck_rw_unlock_exclusive(lck_rw_t *l)
{
    if (!rw_change(l, EXCLUSIVE, 0))
        panic("lck_rw_unlock_exclusive: lock %p is not held exclusively", l);
    rw_wake(l);
}

void lck_rw_unlock_shared(lck_rw_t *l)
{
    if (l->state <= 0 || l->state & EXCLUSIVE)
        panic("lck_rw_unlock_shared: lock %p is not held shared", l);
    __atomic_sub_fetch(&l->state, 1, __ATOMIC_SEQ_CST);
    rw_wake(l);
}

lck_rw_type_t lck_rw_done(lck_rw_t *l)
{
    if (l->state & EXCLUSIVE) {
        lck_rw_unlock_exclusive(l);
        return LCK_RW_TYPE_EXCLUSIVE;
    }
    lck_rw_unlock_shared(l);
    return LCK_RW_TYPE_SHARED;
}

void lck_rw_lock(lck_rw_t *l, lck_rw_type_t type)
{
    if (type == LCK_RW_TYPE_SHARED)
        lck_rw_lock_shared(l);
    else if (type == LCK_RW_TYPE_EXCLUSIVE)
        lck_rw_lock_exclusive(l);
    else
        panic("lck_rw_lock(): Invalid RW lock type: %d", type);
}

void lck_rw_unlock(lck_rw_t *l, lck_rw_type_t type)
{
    if (type == LCK_RW_TYPE_SHARED)
        lck_rw_unlock_shared(l);
    else if (type == LCK_RW_TYPE_EXCLUSIVE)
        lck_rw_unlock_exclusive(l);
    else
        panic("lck_rw_unlock(): Invalid RW lock type: %d", type);
}

boolean_t lck_rw_try_lock(lck_rw_t *l, lck_rw_type_t type)
{
    return type == LCK_RW_TYPE_SHARED ? rw_try_shared(l) : rw_try_exclusive(l);
}

/* Two readers that both want this would wait for one another: the second one loses its hold. */
boolean_t lck_rw_lock_shared_to_exclusive(lck_rw_t *l)
{
    for (;;) {
        int s = l->state;
        if (s & UPGRADE) {
            lck_rw_unlock_shared(l);
            return FALSE;
        }
        if (rw_change(l, s, s | UPGRADE))
            break;
    }
    while (!rw_change(l, 1 | UPGRADE, EXCLUSIVE)) {
        int s = l->state;
        if (s != (1 | UPGRADE))
            rw_sleep(l, s);
    }
    return TRUE;
}

void lck_rw_lock_exclusive_to_shared(lck_rw_t *l)
{
    if (!rw_change(l, EXCLUSIVE, 1))
        panic("lck_rw_lock_exclusive_to_shared: lock %p is not held exclusively", l);
    rw_wake(l);
}
