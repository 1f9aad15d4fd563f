// SPDX-License-Identifier: BSD-3-Clause
/*
 * The coarse half of the RAM allocator: first fit over 64 KB units. Callers without an address limit are
 * served from the top, limited ones from the bottom: low memory stays free for those that need it. A search
 * looks at a window from its far end, so it leaps over the whole window when it meets a unit in use.
 */
#include "internal.h"
#include "linux.h"
#include <stdlib.h>
#include <string.h>

static struct lx_mutex units_lock;
static unsigned char *used; /* a byte a unit */
static uint32_t *run;       /* run[i]: length of the run handed out that starts at i, else 0 */
static size_t nunits;

enum { FIRST = RAM_FIRST >> UNIT_SHIFT };

int lx_units_init(unsigned long ram_size)
{
    nunits = ram_size >> UNIT_SHIFT;
    used = calloc(nunits, sizeof *used);
    run = calloc(nunits, sizeof *run);
    return used && run ? 0 : -1;
}

/* Both searches return the first unit of a fit, or 0. end: one past the last unit allowed. */
static size_t search_up(size_t n, size_t align, size_t end)
{
    size_t at = (FIRST + align - 1) / align * align;
    while (at + n <= end) {
        size_t i = at + n;
        while (i > at && !used[i - 1])
            i--;
        if (i == at)
            return at;
        at = (i + align - 1) / align * align;
    }
    return 0;
}

static size_t search_down(size_t n, size_t align, size_t end)
{
    while (end >= FIRST + n) {
        size_t at = (end - n) / align * align, i = at;
        if (at < FIRST)
            return 0;
        while (i < at + n && !used[i])
            i++;
        if (i == at + n)
            return at;
        end = i;
    }
    return 0;
}

size_t lx_units_alloc(size_t n, size_t align, uint64_t limit)
{
    size_t end = nunits, at;
    int low = 0;
    if (limit < ((uint64_t)nunits << UNIT_SHIFT) - 1) {
        end = (limit + 1) >> UNIT_SHIFT;
        low = 1;
    }
    if (!n || n > nunits || align > nunits)
        return 0;
    lx_mutex_lock(&units_lock);
    at = low ? search_up(n, align, end) : search_down(n, align, end);
    if (at) {
        memset(used + at, 1, n);
        run[at] = n;
    }
    lx_mutex_unlock(&units_lock);
    return at;
}

void lx_units_free(size_t first)
{
    lx_mutex_lock(&units_lock);
    memset(used + first, 0, run[first]);
    run[first] = 0;
    lx_mutex_unlock(&units_lock);
}

size_t lx_units_run(size_t first)
{
    return first < nunits ? __atomic_load_n(&run[first], __ATOMIC_RELAXED) : 0;
}
