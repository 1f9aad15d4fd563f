// SPDX-License-Identifier: BSD-3-Clause
/*
 * References: which symbols the kext needs, the table of pointers (global offset table), and at last the
 * contents of the segments with every field resolved and the kext's own relocations collected. The table is a
 * __DATA,__got of type S_REGULAR, each slot an ordinary pointer with its relocation, as Apple's ld makes it
 * for kexts: no indirect symbols.
 */
#include <string.h>

#include "kextld.h"

static bool ref_live(const struct insect *s, const struct ref *r)
{
    return !insect_piece(s, r->off)->dead;
}

static void add_slot(struct ld *ld, struct symbol *sym)
{
    struct insect *got = ld->got;
    struct insym *name;
    struct ref *r;

    if (sym->got)
        return;
    name = arena_alloc(&ld->mem, sizeof(*name));
    name->name = sym->name;
    name->sym = sym;
    got->refs = arena_grow(&ld->mem, got->refs, got->nrefs, &ld->got_cap, sizeof(*got->refs));
    r = &got->refs[got->nrefs++];
    *r = (struct ref){
        .kind = REF_ABS, .width = (uint8_t)ld->opt.arch->pointer, .off = got->size, .target.sym = name};
    got->size += ld->opt.arch->pointer;
    sym->got = (uint32_t)got->nrefs;
}

static int scan_place(struct ld *ld, const struct insect *s, const struct place *p, bool in_vtable,
                      struct target *t)
{
    if (place_resolve(ld, s, p, t))
        return -1;
    if (t->sym) {
        t->sym->used = true;
        t->sym->called = t->sym->called || !in_vtable;
    }
    return 0;
}

static int scan_ref(struct ld *ld, struct insect *s, struct ref *r)
{
    bool in_vtable = insect_piece(s, r->off)->vtable;
    struct target t;

    if (r->kind == REF_DIFF && scan_place(ld, s, &r->minus, false, &t))
        return -1;
    if (scan_place(ld, s, &r->target, in_vtable, &t))
        return -1;
    if (r->kind != REF_GOT && r->kind != REF_GOT_LOAD)
        return 0;
    if (t.kind == TARGET_LOCAL && ld->opt.arch->relaxable(s, r))
        r->kind = REF_LEA;
    else
        add_slot(ld, t.sym);
    return 0;
}

int refs_scan(struct ld *ld)
{
    for (size_t i = 0; i < ld->nobjects; i++) {
        struct object *o = ld->objects[i];
        for (size_t j = 0; j < o->nsects; j++) {
            struct insect *s = &o->sects[j];
            for (size_t k = 0; k < s->nrefs; k++) {
                if (ref_live(s, &s->refs[k]))
                    scan_ref(ld, s, &s->refs[k]);
            }
        }
    }
    ld->got->data = arena_alloc(&ld->mem, ld->got->size);
    ld->got->pieces->size = ld->got->size;
    return ld->errors ? -1 : 0;
}

static void add_reloc(struct ld *ld, struct relocs *to, struct relocation_info r)
{
    to->r = arena_grow(&ld->mem, to->r, to->n, &to->cap, sizeof(*to->r));
    to->r[to->n++] = r;
}

/* kxld adds the distance that the section moved (kxld_reloc.c, calculate_targets); the type is 0 on both
 * machines. */
void add_local_reloc(struct ld *ld, uint64_t at, const struct target *t, bool pcrel)
{
    unsigned length = ld->opt.arch->pointer == 8 ? 3 : 2;

    add_reloc(ld, &ld->local, reloc_make((uint32_t)at, t->sect->out->number, pcrel, length, 0, 0));
}

void add_external_reloc(struct ld *ld, struct relocation_info r)
{
    add_reloc(ld, &ld->external, r);
}

static int fill(struct ld *ld, const struct insect *s)
{
    uint8_t *image = ld->out.data;

    for (size_t i = 0; i < s->npieces; i++) {
        const struct piece *p = &s->pieces[i];
        if (!p->dead && p->size)
            memcpy(image + s->out->addr + p->out, s->data + p->off, p->size);
    }
    for (size_t i = 0; i < s->nrefs; i++) {
        uint64_t at;
        if (!ref_live(s, &s->refs[i]))
            continue;
        at = insect_address(s, s->refs[i].off);
        if (ld->opt.arch->apply(ld, s, &s->refs[i], image + at, at))
            return -1;
    }
    return 0;
}

/* The image holds contents by address, up to the zerofill sections. */
int image_fill(struct ld *ld)
{
    for (size_t i = 0; i < ld->nsects; i++) {
        const struct outsect *out = ld->sects[i];
        if (out->zerofill)
            continue;
        if (out->flags & S_ATTR_PURE_INSTRUCTIONS) /* nop between functions, should anything run there */
            memset(ld->out.data + out->addr, 0x90, out->size);
        for (size_t j = 0; j < out->nmembers; j++) {
            if (fill(ld, out->members[j]))
                return -1;
        }
    }
    return 0;
}
