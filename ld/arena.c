// SPDX-License-Identifier: BSD-3-Clause
/*
 * Memory of a link, and the string map. Each allocation is a block of its own, so that a sanitiser sees every
 * overrun; a link makes some thousands.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kextld.h"

struct arena_block {
    struct arena_block *next;
    max_align_t data[];
};

void *arena_alloc(struct arena *a, size_t size)
{
    struct arena_block *b = NULL;

    if (size <= SIZE_MAX - sizeof(*b))
        b = calloc(1, sizeof(*b) + size);
    if (!b) {
        fputs("kextld: out of memory\n", stderr);
        exit(1);
    }
    b->next = a->blocks;
    a->blocks = b;
    return b->data;
}

char *arena_strndup(struct arena *a, const char *s, size_t n)
{
    char *copy = arena_alloc(a, n + 1);

    memcpy(copy, s, n);
    return copy;
}

void *arena_grow(struct arena *a, void *array, size_t count, size_t *capacity, size_t element)
{
    void *bigger;

    if (count < *capacity)
        return array;
    *capacity = *capacity ? *capacity * 2 : 16;
    bigger = arena_alloc(a, *capacity * element);
    if (count)
        memcpy(bigger, array, count * element);
    return bigger;
}

void arena_free(struct arena *a)
{
    while (a->blocks) {
        struct arena_block *next = a->blocks->next;
        free(a->blocks);
        a->blocks = next;
    }
}

struct strmap_slot {
    const char *key;
    void *value;
};

static size_t hash(const char *s) /* FNV-1a */
{
    uint64_t h = 0xcbf29ce484222325u;

    for (; *s; s++)
        h = (h ^ (uint8_t)*s) * 0x100000001b3u;
    return (size_t)(h ^ h >> 32);
}

static struct strmap_slot *find(const struct strmap *m, const char *key)
{
    size_t i = hash(key) & (m->capacity - 1);

    while (m->slots[i].key && strcmp(m->slots[i].key, key))
        i = (i + 1) & (m->capacity - 1);
    return &m->slots[i];
}

void *strmap_get(const struct strmap *m, const char *key)
{
    return m->capacity ? find(m, key)->value : NULL;
}

static void rehash(struct strmap *m, struct arena *a)
{
    struct strmap old = *m;

    m->capacity = old.capacity ? old.capacity * 2 : 256;
    m->slots = arena_alloc(a, m->capacity * sizeof(*m->slots));
    for (size_t i = 0; i < old.capacity; i++) {
        if (old.slots[i].key)
            *find(m, old.slots[i].key) = old.slots[i];
    }
}

void **strmap_at(struct strmap *m, struct arena *a, const char *key)
{
    struct strmap_slot *slot;

    if (m->count * 2 >= m->capacity)
        rehash(m, a);
    slot = find(m, key);
    if (!slot->key) {
        slot->key = key;
        m->count++;
    }
    return &slot->value;
}
