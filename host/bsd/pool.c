// SPDX-License-Identifier: BSD-3-Clause
/*
 * Pools of equal objects in RAM: see pool.h.
 */
#include "pool.h"
#include "mach/atomic64.h"

static u_int64_t ref_of(const void *node)
{
    return node ? (u_int64_t)((unsigned long)node - (unsigned long)lx_ram) >> 3 : 0;
}
static struct pool_node *node_of(u_int64_t head)
{
    return (u_int32_t)head ? (struct pool_node *)(lx_ram + ((u_int64_t)(u_int32_t)head << 3)) : NULL;
}

static void push(struct pool *p, struct pool_node *first, struct pool_node *last)
{
    u_int64_t old = atomic64_load(&p->head), new;

    do {
        __atomic_store_n(&last->next, node_of(old), __ATOMIC_RELAXED);
        new = ((old >> 32) + 1) << 32 | ref_of(first);
    } while (!atomic64_exchange_if(&p->head, &old, new));
}

/* The next pointer may be another thread's data by the time it is read; the tag has changed then, and the
 * exchange fails. */
static struct pool_node *pop(struct pool *p)
{
    u_int64_t old = atomic64_load(&p->head), new;
    struct pool_node *node;

    do {
        node = node_of(old);
        if (!node)
            return NULL;
        new = ((old >> 32) + 1) << 32 | (u_int32_t)ref_of(__atomic_load_n(&node->next, __ATOMIC_RELAXED));
    } while (!atomic64_exchange_if(&p->head, &old, new));
    return node;
}

/* 0 when there is something to take (perhaps another thread's doing). */
static int grow(struct pool *p)
{
    struct pool_node *first, *last;
    void *slab = NULL;

    lx_mutex_lock(&p->lock);
    if (node_of(p->head)) {
        lx_mutex_unlock(&p->lock);
        return 0;
    }
    if (p->slab_count < sizeof p->slabs / sizeof p->slabs[0] &&
        (unsigned long)(p->slab_count + 1) * p->slab_size <= p->limit)
        slab = lx_ram_alloc(p->slab_size, p->slab_size, ~0ull);
    if (slab) {
        p->slabs[p->slab_count++] = slab;
        p->per_slab = p->carve(slab, &first, &last);
        push(p, first, last);
    }
    lx_mutex_unlock(&p->lock);
    return slab ? 0 : -1;
}

struct pool_node *pool_get(struct pool *p, int wait)
{
    int tries = wait ? 5000 : 0;
    struct pool_node *node;

    while (!(node = pop(p)))
        if (grow(p) < 0) {
            if (tries-- == 0) {
                lx_count(p->failed, 1);
                return NULL;
            }
            lx_sleep_ns(1000000);
        }
    lx_count(p->live, 1);
    return node;
}

void pool_put(struct pool *p, struct pool_node *first, struct pool_node *last, unsigned count)
{
    push(p, first, last);
    lx_count(p->live, 0ul - count);
}

void pool_trim(struct pool *p)
{
    struct pool_node *first, *last = NULL;
    u_int64_t old = atomic64_load(&p->head);
    unsigned count = 0;

    lx_mutex_lock(&p->lock);
    while (!atomic64_exchange_if(&p->head, &old, ((old >> 32) + 1) << 32))
        ;
    first = node_of(old);
    for (struct pool_node *n = first; n; n = n->next, count++)
        last = n;
    if (count == p->slab_count * p->per_slab)
        while (p->slab_count)
            lx_ram_free(p->slabs[--p->slab_count], p->slab_size);
    else if (first)
        push(p, first, last);
    lx_mutex_unlock(&p->lock);
}
