// SPDX-License-Identifier: BSD-3-Clause
/* The list of counters behind --stats. It is kept in name order: registration is rare, and printing then is a
 * walk. */
#include "linux.h"
#include <string.h>

static struct lx_counter *counters;
static struct lx_mutex lock;

void lx_counter_register(struct lx_counter *c)
{
    lx_mutex_lock(&lock);
    struct lx_counter **at = &counters;
    while (*at && strcmp((*at)->name, c->name) < 0)
        at = &(*at)->next;
    c->next = *at;
    *at = c;
    lx_mutex_unlock(&lock);
}

void lx_counter_each(void (*fn)(void *ctx, const char *name, unsigned long value), void *ctx)
{
    lx_mutex_lock(&lock);
    for (struct lx_counter *c = counters; c; c = c->next)
        fn(ctx, c->name, __atomic_load_n(&c->value, __ATOMIC_RELAXED));
    lx_mutex_unlock(&lock);
}

unsigned long lx_counter_value(const char *name)
{
    unsigned long value = 0;
    lx_mutex_lock(&lock);
    for (struct lx_counter *c = counters; c; c = c->next)
        if (!strcmp(c->name, name))
            value += __atomic_load_n(&c->value, __ATOMIC_RELAXED);
    lx_mutex_unlock(&lock);
    return value;
}
