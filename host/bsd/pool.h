// SPDX-License-Identifier: BSD-3-Clause
/*
 * Pools of equal objects in RAM, for the packet path: a lock-free stack of free objects (Treiber, with a tag
 * against ABA), filled from slabs. The RAM stays mapped whoever has it, so that a racing reader of a slab
 * that was given back reads garbage at worst, and its exchange fails.
 */
#ifndef HOST_BSD_POOL_H
#define HOST_BSD_POOL_H
#include <sys/types.h>
#include "linux/linux.h"

struct pool_node {
    struct pool_node *volatile next;
};

struct pool {
    volatile u_int64_t head; /* tag << 32 | (address - lx_ram) >> 3 of the first free node; 0: none */
    struct lx_counter *live, *failed;
    unsigned slab_size;  /* bytes; the slab is aligned to it in physical memory */
    unsigned long limit; /* bytes of all slabs */
    /* Cuts a fresh slab into nodes: chains them, gives the first and last, returns how many. */
    unsigned (*carve)(void *slab, struct pool_node **first, struct pool_node **last);
    struct lx_mutex lock; /* growing and trimming */
    void *slabs[1024];
    unsigned slab_count, per_slab;
};

/* One object, or NULL. wait: sleep for memory, at most a few seconds. Contents are undefined. */
struct pool_node *pool_get(struct pool *p, int wait);
/* A chain of count objects, linked first to last. Any context. */
void pool_put(struct pool *p, struct pool_node *first, struct pool_node *last, unsigned count);
/* Gives the slabs back when every object is free. */
void pool_trim(struct pool *p);
#endif
