// SPDX-License-Identifier: BSD-3-Clause
/*
 * The machine's RAM and its allocator. Blocks up to 32 KB come from size classes: each class owns 64 KB
 * chunks cut into equal slots, whose free slots are bits outside the RAM, so that a driver (or a device)
 * writing to freed memory cannot lead the allocator astray, and a double free is seen. Larger blocks are
 * whole units (units.c).
 */
#define _GNU_SOURCE
#include "internal.h"
#include "linux.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

unsigned char *lx_ram;
unsigned long lx_ram_size;
int lx_ram_fd = -1;

enum { NCLASSES = 20, MAX_SLOTS = UNIT / 16, MAX_WORDS = MAX_SLOTS / 64, SMALL_MAX = 32768 };
static const uint16_t class_size[NCLASSES] = {16,  32,   48,   64,   96,   128,  192,  256,   384,   512,
                                              768, 1024, 1536, 2048, 3072, 4096, 8192, 12288, 16384, 32768};

/* One per unit of RAM; only those of units that serve as chunks are ever touched. */
struct chunk {
    struct chunk *next, *prev; /* among the class's chunks that have a free slot */
    uint16_t slots, nfree;
    uint8_t class, in_use; /* in_use: the unit is a chunk */
    uint16_t hint;         /* no free bit in a word below this one */
    uint64_t free[MAX_WORDS];
};
static struct chunk *chunks;

static struct size_class {
    struct lx_mutex lock;
    struct chunk *partial; /* chunks with a free slot */
    unsigned empty;        /* chunks among them with nothing in use */
} classes[NCLASSES] __attribute__((aligned(64)));
static unsigned char class_of[SMALL_MAX / 16 + 1]; /* by (size + 15) / 16 */

LX_COUNTER(ram_live, "ram.bytes.live")

int lx_ram_init(unsigned long size)
{
    size = (size + (2ul << 20) - 1) & -(2ul << 20);
    lx_ram_fd = memfd_create("guest-ram", MFD_CLOEXEC);
    if (lx_ram_fd < 0 || ftruncate(lx_ram_fd, size) < 0)
        return -1;
    void *p = mmap(NULL, size, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_SHARED | MAP_NORESERVE, lx_ram_fd, 0);
    if (p == MAP_FAILED)
        return -1;
    size_t n = size >> UNIT_SHIFT;
    chunks = mmap(NULL, n * sizeof *chunks, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (chunks == MAP_FAILED || lx_units_init(size) < 0)
        return -1;
    for (int c = NCLASSES - 1; c >= 0; c--)
        memset(class_of, c, class_size[c] / 16 + 1);
    lx_ram = p;
    lx_ram_size = size;
    return 0;
}

static void partial_add(struct size_class *k, struct chunk *c)
{
    c->prev = NULL;
    c->next = k->partial;
    if (c->next)
        c->next->prev = c;
    k->partial = c;
}

static void partial_remove(struct size_class *k, struct chunk *c)
{
    if (c->prev)
        c->prev->next = c->next;
    else
        k->partial = c->next;
    if (c->next)
        c->next->prev = c->prev;
}

static uint64_t chunk_end(const struct chunk *c)
{
    return ((uint64_t)(c - chunks) + 1) << UNIT_SHIFT;
}

static void chunk_retire(struct size_class *k, struct chunk *c)
{
    partial_remove(k, c);
    k->empty--;
    c->in_use = 0;
    lx_units_free(c - chunks);
}

static struct chunk *chunk_new(int class, uint64_t limit)
{
    size_t unit = lx_units_alloc(1, 1, limit);
    if (!unit)
        return NULL;
    struct chunk *c = &chunks[unit];
    c->class = class;
    c->slots = c->nfree = UNIT / class_size[class];
    c->hint = 0;
    memset(c->free, 0, sizeof c->free);
    memset(c->free, 0xff, c->slots / 64 * 8);
    if (c->slots % 64)
        c->free[c->slots / 64] = (1ull << c->slots % 64) - 1;
    c->in_use = 1;
    return c;
}

static void *chunk_take(struct size_class *k, struct chunk *c)
{
    unsigned w = c->hint;
    if (c->nfree == c->slots)
        k->empty--;
    while (!c->free[w])
        w++;
    unsigned bit = __builtin_ctzll(c->free[w]);
    c->free[w] &= c->free[w] - 1;
    c->hint = w;
    if (!--c->nfree)
        partial_remove(k, c);
    return lx_ram + ((size_t)(c - chunks) << UNIT_SHIFT) + (size_t)(w * 64 + bit) * class_size[c->class];
}

static void *small_alloc(int class, uint64_t limit)
{
    struct size_class *k = &classes[class];
    lx_mutex_lock(&k->lock);
    struct chunk *c = k->partial;
    while (c && chunk_end(c) - 1 > limit)
        c = c->next;
    if (!c) {
        c = chunk_new(class, limit);
        if (!c) {
            lx_mutex_unlock(&k->lock);
            return NULL;
        }
        partial_add(k, c);
        k->empty++;
    }
    void *p = chunk_take(k, c);
    lx_mutex_unlock(&k->lock);
    lx_count(&ram_live, class_size[class]);
    return p;
}

static void small_free(void *p, struct chunk *c, unsigned long size)
{
    size_t offset = (size_t)((unsigned char *)p - lx_ram) & (UNIT - 1);
    int class = c->class;
    struct size_class *k = &classes[class];
    unsigned slot = offset / class_size[class];
    if (offset % class_size[class] || size > class_size[class])
        lx_fatal(
            "memory at %p freed with size %lu, but it is part of a block of %u; find the driver's wrong free",
            p, size, class_size[class]);
    lx_mutex_lock(&k->lock);
    if (c->free[slot / 64] >> slot % 64 & 1)
        lx_fatal("memory at %p (size %lu) freed twice; find the driver's second free", p, size);
    c->free[slot / 64] |= 1ull << slot % 64;
    if (slot / 64 < c->hint)
        c->hint = slot / 64;
    if (!c->nfree++)
        partial_add(k, c);
    if (c->nfree == c->slots && ++k->empty > 1)
        chunk_retire(k, c);
    lx_mutex_unlock(&k->lock);
    lx_uncount(&ram_live, class_size[class]);
}

/* The class whose slots hold size bytes at the alignment: chunks are 64 KB aligned, so a slot is aligned to
 * the lowest bit of its class's size. -1: none. */
static int class_for(unsigned long size, unsigned long align)
{
    if (size > SMALL_MAX || align > SMALL_MAX)
        return -1;
    int c = class_of[(size + 15) / 16];
    while (c < NCLASSES && (class_size[c] & (align - 1)))
        c++;
    return c < NCLASSES ? c : -1;
}

/* Each class keeps one empty chunk for its next block: they are given back when they stand in a large block's
 * way. */
static void retire_empty_chunks(void)
{
    for (struct size_class *k = classes; k < classes + NCLASSES; k++) {
        lx_mutex_lock(&k->lock);
        for (struct chunk *c = k->partial, *next; c; c = next) {
            next = c->next;
            if (c->nfree == c->slots)
                chunk_retire(k, c);
        }
        lx_mutex_unlock(&k->lock);
    }
}

static void *large_alloc(unsigned long size, unsigned long align, uint64_t limit)
{
    size_t n = (size + UNIT - 1) >> UNIT_SHIFT, step = align > UNIT ? align >> UNIT_SHIFT : 1;
    size_t unit = lx_units_alloc(n, step, limit);
    if (!unit) {
        retire_empty_chunks();
        unit = lx_units_alloc(n, step, limit);
    }
    if (!unit)
        return NULL;
    lx_count(&ram_live, n << UNIT_SHIFT);
    return lx_ram + (unit << UNIT_SHIFT);
}

void *lx_ram_alloc(unsigned long size, unsigned long align, unsigned long long limit)
{
    if (!size || size > lx_ram_size)
        return NULL;
    if (align < 16)
        align = 16;
    if (size >= RAM_PAGE && align < RAM_PAGE)
        align = RAM_PAGE;
    int class = class_for(size, align);
    return class >= 0 ? small_alloc(class, limit) : large_alloc(size, align, limit);
}

void lx_ram_free(void *p, unsigned long size)
{
    if (!p)
        return;
    size_t offset = (unsigned char *)p - lx_ram, unit = offset >> UNIT_SHIFT;
    if (offset >= lx_ram_size)
        lx_fatal("memory at %p (size %lu) freed, but it was never allocated; find the driver's wrong free", p,
                 size);
    if (chunks[unit].in_use) {
        small_free(p, &chunks[unit], size);
        return;
    }
    size_t n = lx_units_run(unit);
    if (offset & (UNIT - 1) || !n || size > n << UNIT_SHIFT)
        lx_fatal("memory at %p freed with size %lu, but no such block is in use; find the driver's wrong or "
                 "second "
                 "free",
                 p, size);
    lx_units_free(unit);
    lx_uncount(&ram_live, n << UNIT_SHIFT);
}

unsigned long lx_ram_block_size(const void *p)
{
    size_t offset = (const unsigned char *)p - lx_ram, unit = offset >> UNIT_SHIFT;
    if (offset >= lx_ram_size)
        return 0;
    if (!chunks[unit].in_use)
        return offset & (UNIT - 1) ? 0 : lx_units_run(unit) << UNIT_SHIFT;
    unsigned long size = class_size[chunks[unit].class];
    size_t slot = (offset & (UNIT - 1)) / size;
    if ((offset & (UNIT - 1)) % size || chunks[unit].free[slot / 64] >> slot % 64 & 1)
        return 0;
    return size;
}

unsigned long lx_ram_in_use(void)
{
    lx_thread_reap();
    return ram_live.value;
}
