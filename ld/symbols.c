// SPDX-License-Identifier: BSD-3-Clause
/*
 * What names mean: one definition for each, from all objects. The kernel's linker knows neither common
 * symbols nor the coalescing of weak ones (kxld_kext.c, resolve_symbols), so both end here: commons become
 * zerofill, of several weak definitions the first stays, and the pieces of the others are left out.
 */
#include <fnmatch.h>
#include <string.h>

#include "kextld.h"

static struct symbol *symbol_new(struct ld *ld, struct object *o, const char *name)
{
    struct symbol *sym = arena_alloc(&ld->mem, sizeof(*sym));

    sym->name = name;
    sym->obj = o;
    ld->syms = arena_grow(&ld->mem, ld->syms, ld->nsyms, &ld->syms_cap, sizeof(*ld->syms));
    ld->syms[ld->nsyms++] = sym;
    return sym;
}

struct symbol *symbol_find(const struct ld *ld, const char *name)
{
    return strmap_get(&ld->globals, name);
}

static enum sym_state state_of(const struct insym *s)
{
    switch (s->type & N_TYPE) {
    case N_SECT:
        return s->sect->dropped ? SYM_DROPPED : SYM_DEFINED;
    case N_ABS:
        return SYM_ABSOLUTE;
    default:
        return s->value ? SYM_COMMON : SYM_UNDEFINED;
    }
}

static void define(struct symbol *sym, struct object *o, const struct insym *s)
{
    sym->state = state_of(s);
    sym->obj = o;
    sym->sect = s->sect;
    sym->value = s->value;
    sym->align = GET_COMM_ALIGN(s->desc);
    sym->weak_def = s->desc & N_WEAK_DEF;
    sym->weak_ref = sym->state == SYM_UNDEFINED && s->desc & N_WEAK_REF;
}

static bool is_definition(enum sym_state state)
{
    return state == SYM_DEFINED || state == SYM_ABSOLUTE;
}

static void merge_common(struct symbol *sym, struct object *o, const struct insym *s)
{
    unsigned align = GET_COMM_ALIGN(s->desc);

    if (s->value > sym->value) {
        sym->value = s->value;
        sym->obj = o;
    }
    if (align > sym->align)
        sym->align = align;
}

/* Another object has something to say about a global symbol. */
static int merge(struct ld *ld, struct symbol *sym, struct object *o, const struct insym *s)
{
    enum sym_state state = state_of(s);

    if (state == SYM_UNDEFINED) {
        sym->weak_ref = sym->weak_ref && s->desc & N_WEAK_REF;
        return 0;
    }
    sym->hidden = sym->hidden || s->type & N_PEXT;
    if (sym->state == SYM_UNDEFINED) {
        define(sym, o, s);
        return 0;
    }
    if (state == SYM_COMMON) {
        if (sym->state == SYM_COMMON)
            merge_common(sym, o, s);
        return 0;
    }
    if (!is_definition(sym->state) || (sym->weak_def && !(s->desc & N_WEAK_DEF))) {
        define(sym, o, s);
        return 0;
    }
    if (s->desc & N_WEAK_DEF)
        return 0;
    return ld_fail(ld, "duplicate symbol %s in %s and %s", s->name, sym->obj->path, o->path);
}

static int enter(struct ld *ld, struct object *o, struct insym *s)
{
    void **slot;

    if (!(s->type & N_EXT) || state_of(s) == SYM_DROPPED) {
        s->sym = symbol_new(ld, o, s->name);
        define(s->sym, o, s);
        return 0;
    }
    slot = strmap_at(&ld->globals, &ld->mem, s->name);
    if (*slot) {
        s->sym = *slot;
        return merge(ld, s->sym, o, s);
    }
    *slot = s->sym = symbol_new(ld, o, s->name);
    define(s->sym, o, s);
    s->sym->global = true;
    s->sym->hidden = s->type & N_PEXT && s->sym->state != SYM_UNDEFINED;
    return 0;
}

/* Marks the piece of a definition that lost. It can go only where pieces are symbols. */
static void discard(struct insym *s)
{
    struct symbol *sym = s->sym;
    struct piece *p;

    if (!sym->global || !s->sect || !s->sect->split || (sym->sect == s->sect && sym->value == s->value))
        return;
    p = insect_piece(s->sect, s->value);
    if (p->off == s->value && p->size && !p->dead) {
        p->dead = true;
        p->instead = sym;
    }
}

/* A discarded piece that another symbol's only definition shares stays after all. */
static void revive(struct insym *s)
{
    struct symbol *sym = s->sym;

    if (sym->global && s->sect && sym->sect == s->sect && sym->value == s->value)
        insect_piece(s->sect, s->value)->dead = false;
}

int symbols_resolve(struct ld *ld)
{
    for (size_t i = 0; i < ld->nobjects; i++) {
        struct object *o = ld->objects[i];
        for (size_t j = 0; j < o->nsyms; j++) {
            if (!(o->syms[j].type & N_STAB))
                enter(ld, o, &o->syms[j]);
        }
    }
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < ld->nobjects; i++) {
            struct object *o = ld->objects[i];
            for (size_t j = 0; j < o->nsyms; j++) {
                if (!(o->syms[j].type & N_STAB))
                    (pass ? revive : discard)(&o->syms[j]);
            }
        }
    }
    return ld->errors ? -1 : 0;
}

int commons_allocate(struct ld *ld)
{
    struct insect *s = ld->common;

    for (size_t i = 0; i < ld->nsyms; i++) {
        struct symbol *sym = ld->syms[i];
        uint64_t size = sym->value;
        if (sym->state != SYM_COMMON)
            continue;
        if (sym->align > PAGE_LOG2)
            return ld_fail(ld, "%s: common symbol %s: alignment 2^%u exceeds a page", sym->obj->path,
                           sym->name, sym->align);
        s->size = align_up(s->size, sym->align);
        if (s->size + size > IMAGE_MAX)
            return ld_fail(ld, "%s: common symbol %s: commons take more than 1 GB", sym->obj->path,
                           sym->name);
        if (sym->align > s->align)
            s->align = sym->align;
        sym->state = SYM_DEFINED;
        sym->sect = s;
        sym->value = s->size;
        s->size += size;
    }
    s->pieces->size = s->size;
    return 0;
}

static bool listed(struct ld *ld, const char *name, bool *used)
{
    bool found = false;

    for (size_t i = 0; i < ld->opt.exported.n; i++) {
        if (fnmatch(ld->opt.exported.v[i], name, 0) == 0)
            found = used[i] = true;
    }
    return found;
}

/* 10.5's linker patches only what it finds as external symbols (kld_patch.c): class pointers and vtables. It
 * does not say so when it skips one. */
static bool needed_external(const struct ld *ld, const char *name)
{
    const char *tail = strstr(name, "10superClassE");

    return ld->opt.arch->filetype == MH_OBJECT &&
           ((tail && !tail[13] && !strncmp(name, "__ZN", 4)) || !strncmp(name, "__ZTV", 5));
}

static int export_one(struct ld *ld, struct symbol *sym, bool *used)
{
    bool is_listed = listed(ld, sym->name, used);

    if (!strcmp(sym->name, "_kmod_info") || needed_external(ld, sym->name)) { /* loaders look for it */
        sym->exported = true;
        return 0;
    }
    if (is_listed && sym->hidden)
        return ld_fail(ld, "%s: %s is to be exported, but was compiled with hidden visibility",
                       sym->obj->path, sym->name);
    /* Weak definitions are every file's own copy of an inline function or template: no part of an interface,
     * and fatal where the kernel exports the same one. */
    sym->exported = !sym->hidden && (ld->opt.limit_exports ? is_listed : !sym->weak_def);
    return 0;
}

/* Patterns without wildcards are promises. */
static void check_listed(struct ld *ld, const bool *used)
{
    for (size_t i = 0; i < ld->opt.exported.n; i++) {
        if (!used[i] && !strpbrk(ld->opt.exported.v[i], "*?["))
            ld_fail(ld, "%s is to be exported, but no object defines it", ld->opt.exported.v[i]);
    }
}

int symbols_export(struct ld *ld)
{
    bool *used = arena_alloc(&ld->mem, ld->opt.exported.n);

    for (size_t i = 0; i < ld->nsyms; i++) {
        if (ld->syms[i]->global && is_definition(ld->syms[i]->state))
            export_one(ld, ld->syms[i], used);
    }
    check_listed(ld, used);
    return ld->errors ? -1 : 0;
}
