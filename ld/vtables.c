// SPDX-License-Identifier: BSD-3-Clause
/*
 * Vtables: a zero word after each, and the form that they have on i386. There a kernel's vptr is the address
 * of the symbol __ZTV..., and two words that are not functions come first; clang's is that address and 8,
 * behind the same two words. kpi's OSMetaClassBase begins with two dummy virtuals for i386
 * (libkern/c++/OSMetaClass.h), so in an object a vtable is
 *     __ZTVname: 0, 0, dummy, dummy, slot 0, slot 1 ...
 * and its vptr points at the dummies. Here the label moves by 8 and the dummies become 0, which is what
 * Apple's compiler would have made; references to the kernel's vtables, which are so already, lose the 8.
 * Vtables without the dummies are a kext's own affair and stay as they are; check.c refuses them in classes
 * that the kernel will patch.
 */
#include <string.h>

#include "kextld.h"

#define WORDS_BEFORE 8 /* bytes */

static bool is_vtable(const struct symbol *sym)
{
    return !strncmp(sym->name, "__ZTV", 5);
}

static size_t ref_index(const struct insect *s, uint64_t off)
{
    size_t low = 0, high = s->nrefs;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (s->refs[middle].off < off)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool is_dummy(const struct ref *r, uint64_t off, const char *name)
{
    return r->off == off && r->kind == REF_ABS && r->target.sym && !strcmp(r->target.sym->name, name);
}

static int shift(struct ld *ld, struct symbol *sym)
{
    struct insect *s = sym->sect;
    uint64_t at = sym->value + WORDS_BEFORE;
    size_t i = ref_index(s, at);

    if (s->nrefs - i < 2 || !is_dummy(&s->refs[i], at, "__ZN15OSMetaClassBase6_vptr0Ev") ||
        !is_dummy(&s->refs[i + 1], at + 4, "__ZN15OSMetaClassBase6_vptr1Ev"))
        return 0;
    if (s->refs[i].addend || s->refs[i + 1].addend)
        return ld_fail(ld, "%s: %s: its dummies have contents", sym->obj->path, sym->name);
    memmove(&s->refs[i], &s->refs[i + 2], (s->nrefs - i - 2) * sizeof(*s->refs));
    s->nrefs -= 2;
    sym->shift = WORDS_BEFORE;
    return 0;
}

static void rebase(const struct object *o)
{
    for (size_t i = 0; i < o->nsects; i++) {
        for (size_t j = 0; j < o->sects[i].nrefs; j++) {
            struct ref *r = &o->sects[i].refs[j];
            if (r->target.sym && r->target.sym->sym && r->target.sym->sym->state == SYM_UNDEFINED &&
                is_vtable(r->target.sym->sym))
                r->addend -= WORDS_BEFORE;
        }
    }
}

/* The walk over a vtable ends at the first zero word without relocation (kxld_vtable.c; 10.5: kld_patch.c),
 * so there has to be one. */
static void mark(struct ld *ld, const struct symbol *sym)
{
    struct piece *p = insect_piece(sym->sect, sym->value);

    if (!sym->sect->split)
        return;
    p->vtable = true;
    p->pad = ld->opt.arch->pointer;
}

int vtables_prepare(struct ld *ld)
{
    bool shifts = ld->opt.arch->filetype == MH_OBJECT;

    for (size_t i = 0; i < ld->nsyms; i++) {
        struct symbol *sym = ld->syms[i];
        if (sym->state != SYM_DEFINED || !is_vtable(sym))
            continue;
        mark(ld, sym);
        if (shifts && shift(ld, sym))
            return -1;
    }
    for (size_t i = 0; i < ld->nobjects && shifts; i++)
        rebase(ld->objects[i]);
    return 0;
}
