// SPDX-License-Identifier: BSD-3-Clause
/*
 * What decoding relocation entries has in common on both processors (mach-o/reloc.h): the entry, the symbol
 * or section that it names, and the checks on the fields that come out.
 */
#include <stdlib.h>
#include <string.h>

#include "kextld.h"

int reloc_bad(struct ld *ld, const struct insect *s, uint64_t off, const char *what)
{
    return ld_fail(ld, "%s: relocation at offset 0x%llx: %s", insect_name(ld, s), (unsigned long long)off,
                   what);
}

struct entry entry_at(const struct insect *s, uint32_t i)
{
    struct entry e;

    memcpy(&e.r, s->obj->file.data + s->reloff + (uint64_t)i * sizeof(e.r), sizeof(e.r));
    e.type = reloc_type(e.r);
    e.by_symbol = reloc_extern(e.r);
    return e;
}

int entry_symbol(struct ld *ld, const struct insect *s, const struct entry *e, uint64_t off, struct place *p)
{
    uint32_t n = reloc_symbolnum(e->r);

    if (n >= s->obj->nsyms || s->obj->syms[n].type & N_STAB)
        return reloc_bad(ld, s, off, "its symbol does not exist");
    p->sym = &s->obj->syms[n];
    return 0;
}

struct insect *entry_section(struct ld *ld, const struct insect *s, const struct entry *e, uint64_t off)
{
    uint32_t n = reloc_symbolnum(e->r);

    if (n == 0 || n > s->obj->nsects) {
        reloc_bad(ld, s, off, "its section does not exist");
        return NULL;
    }
    return &s->obj->sects[n - 1];
}

/* Sections that cannot be divided keep every distance, so a difference may lead outside of them (a label
 * between two others); anything else must stay inside. */
int place_in_section(struct ld *ld, const struct insect *s, struct insect *in, uint64_t address,
                     struct ref *ref)
{
    uint64_t off = address - in->addr;

    if (off > in->size && (ref->kind != REF_DIFF || in->split))
        return reloc_bad(ld, s, ref->off, "it leads outside of the section it names");
    ref->target.sect = in;
    ref->target.off = off;
    return 0;
}

static int by_offset(const void *a, const void *b)
{
    const struct ref *x = a, *y = b;

    return x->off < y->off ? -1 : x->off > y->off;
}

/* No two fields share a byte, and none crosses a symbol where the section may be cut. */
int refs_check(struct ld *ld, struct insect *s)
{
    qsort(s->refs, s->nrefs, sizeof(*s->refs), by_offset);
    for (size_t i = 0; i < s->nrefs; i++) {
        const struct ref *r = &s->refs[i];
        const struct piece *p = insect_piece(s, r->off);
        if (r->off + r->width > p->off + p->size)
            return reloc_bad(ld, s, r->off, "its field crosses a symbol");
        if (i && r->off - r[-1].off < r[-1].width)
            return reloc_bad(ld, s, r->off, "its field overlaps another one");
    }
    return 0;
}
