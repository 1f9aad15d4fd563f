// SPDX-License-Identifier: BSD-3-Clause
/*
 * Divides input sections into pieces. With MH_SUBSECTIONS_VIA_SYMBOLS the compiler promises that no code
 * falls through from one symbol to the next and that every reference across a symbol has a relocation; so
 * what lies between two symbols can be left out (the loser of a weak definition) or followed by padding.
 * Without it a section stays whole.
 */
#include <stdlib.h>
#include <string.h>

#include "kextld.h"

static bool divisible(const struct object *o, const struct insect *s)
{
    uint32_t type = s->flags & SECTION_TYPE;

    return o->flags & MH_SUBSECTIONS_VIA_SYMBOLS && !s->dropped &&
           (type == S_REGULAR || type == S_COALESCED || type == S_ZEROFILL);
}

/* A symbol that opens a piece. N_ALT_ENTRY marks a second entry into the piece before it. */
static bool opens_piece(const struct insym *sym, const struct insect *s)
{
    return !(sym->type & N_STAB) && (sym->type & N_TYPE) == N_SECT && sym->sect == s &&
           !(sym->desc & N_ALT_ENTRY) && sym->value < s->size;
}

static int by_value(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return x < y ? -1 : x > y;
}

/* starts: room for one offset a symbol and one more */
static void split(struct ld *ld, struct insect *s, uint64_t *starts)
{
    struct object *o = s->obj;
    size_t n = 1;

    starts[0] = 0;
    s->split = divisible(o, s);
    for (size_t i = 0; i < o->nsyms && s->split; i++) {
        if (opens_piece(&o->syms[i], s))
            starts[n++] = o->syms[i].value;
    }
    qsort(starts, n, sizeof(*starts), by_value);
    s->pieces = arena_alloc(&ld->mem, n * sizeof(*s->pieces));
    for (size_t i = 0; i < n; i++) {
        if (!i || starts[i] != starts[i - 1])
            s->pieces[s->npieces++].off = starts[i];
    }
    for (size_t i = 0; i < s->npieces; i++)
        s->pieces[i].size = (i + 1 < s->npieces ? s->pieces[i + 1].off : s->size) - s->pieces[i].off;
}

void insect_split(struct ld *ld, struct object *o)
{
    uint64_t *starts = arena_alloc(&ld->mem, (o->nsyms + 1) * sizeof(*starts));

    for (size_t i = 0; i < o->nsects; i++)
        split(ld, &o->sects[i], starts);
}

struct piece *insect_piece(const struct insect *s, uint64_t off)
{
    size_t low = 0, high = s->npieces;

    while (high - low > 1) { /* pieces[low].off <= off < pieces[high].off */
        size_t middle = low + (high - low) / 2;
        if (s->pieces[middle].off <= off)
            low = middle;
        else
            high = middle;
    }
    return &s->pieces[low];
}
