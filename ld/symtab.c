// SPDX-License-Identifier: BSD-3-Clause
/*
 * The kext's symbol table in the order that LC_DYSYMTAB describes: locals as they came, exported and
 * undefined ones by name. Locals stay unless -x: a panic log and a debugger name functions by them, and the
 * kernel's linker finds vtables and their slots by symbols of either kind (kxld_vtable.c), which is why -x
 * spares C++ names.
 */
#include <stdlib.h>
#include <string.h>

#include "kextld.h"

static bool keep_local(const struct ld *ld, const struct symbol *sym)
{
    if (sym->state == SYM_DEFINED) {
        if (insect_piece(sym->sect, sym->value)->dead)
            return false;
    } else if (sym->state != SYM_ABSOLUTE) {
        return false;
    }
    if (!*sym->name || *sym->name == 'l' || *sym->name == 'L') /* the assembler's and compiler's own labels */
        return false;
    return !ld->opt.strip_locals || !strncmp(sym->name, "__Z", 3);
}

static int by_name(const void *a, const void *b)
{
    return strcmp((*(struct symbol *const *)a)->name, (*(struct symbol *const *)b)->name);
}

/* Appends the symbols that pass a test and returns how many. */
static size_t append(struct ld *ld, bool (*test)(const struct ld *, const struct symbol *))
{
    size_t first = ld->ntable;

    for (size_t i = 0; i < ld->nsyms; i++) {
        if (!ld->syms[i]->in_table && test(ld, ld->syms[i])) {
            ld->syms[i]->in_table = true;
            ld->table[ld->ntable++] = ld->syms[i];
        }
    }
    return ld->ntable - first;
}

static bool is_local(const struct ld *ld, const struct symbol *sym)
{
    return !sym->exported && keep_local(ld, sym);
}

static bool is_exported(const struct ld *ld, const struct symbol *sym)
{
    return sym->exported;
}

static bool is_undefined(const struct ld *ld, const struct symbol *sym)
{
    return sym->state == SYM_UNDEFINED && sym->used;
}

static void build_strings(struct ld *ld)
{
    size_t at = 1; /* offset 0 is the empty name */

    for (size_t i = 0; i < ld->ntable; i++)
        ld->strings_size += strlen(ld->table[i]->name) + 1;
    ld->strings_size = align_up(ld->strings_size + 1, 3);
    ld->strings = arena_alloc(&ld->mem, ld->strings_size);
    for (size_t i = 0; i < ld->ntable; i++) {
        size_t n = strlen(ld->table[i]->name) + 1;
        memcpy(ld->strings + at, ld->table[i]->name, n);
        at += n;
    }
}

int symtab_build(struct ld *ld)
{
    ld->table = arena_alloc(&ld->mem, ld->nsyms * sizeof(*ld->table));
    ld->nlocal = append(ld, is_local);
    ld->nexported = append(ld, is_exported);
    ld->nundefined = append(ld, is_undefined);
    qsort(ld->table + ld->nlocal, ld->nexported, sizeof(*ld->table), by_name);
    qsort(ld->table + ld->nlocal + ld->nexported, ld->nundefined, sizeof(*ld->table), by_name);
    if (ld->ntable >= 1 << 24)
        return ld_fail(ld, "%zu symbols; a relocation can number 2^24", ld->ntable);
    for (size_t i = 0; i < ld->ntable; i++)
        ld->table[i]->index = (uint32_t)i;
    build_strings(ld);
    return 0;
}
