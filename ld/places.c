// SPDX-License-Identifier: BSD-3-Clause
/*
 * Where references lead: from a symbol or a section offset of one object to the place that the whole link
 * gave it, and from there, once the layout is done, to an address in the kext.
 */
#include <string.h>

#include "kextld.h"

/* An offset in a piece that lost to another definition of its symbol means the same offset from that
 * definition. */
static int follow(struct ld *ld, const struct insect *from, const struct piece *p, struct target *t)
{
    const struct symbol *winner = p->instead;
    uint64_t delta = t->value - p->off;
    const struct piece *q;

    if (winner->state == SYM_ABSOLUTE) {
        t->kind = TARGET_ABSOLUTE;
        t->value = winner->value + delta;
        return 0;
    }
    q = insect_piece(winner->sect, winner->value);
    if (delta > q->size - (winner->value - q->off))
        return ld_fail(ld, "%s refers into the middle of its %s, but %s has another one that is shorter",
                       insect_name(ld, from), winner->name, winner->obj->path);
    t->sect = winner->sect;
    t->value = winner->value + delta;
    return 0;
}

static int resolve_section(struct ld *ld, const struct insect *from, struct insect *s, uint64_t off,
                           struct target *t)
{
    const struct piece *p = insect_piece(s, off);

    if (s->dropped)
        return ld_fail(ld, "%s refers to section %s,%s, which does not become part of a kext",
                       insect_name(ld, from), s->seg, s->name);
    t->kind = TARGET_LOCAL;
    t->sect = s;
    t->value = off;
    return p->dead ? follow(ld, from, p, t) : 0;
}

int place_resolve(struct ld *ld, const struct insect *from, const struct place *p, struct target *t)
{
    struct symbol *sym;

    memset(t, 0, sizeof(*t));
    if (!p->sym && !p->sect->size)
        return ld_fail(ld, "%s refers to section %s,%s, which is empty", insect_name(ld, from), p->sect->seg,
                       p->sect->name);
    if (!p->sym)
        return resolve_section(ld, from, p->sect, p->off, t);
    sym = p->sym->sym;
    t->sym = sym;
    t->value = sym->value;
    switch (sym->state) {
    case SYM_DEFINED:
        return resolve_section(ld, from, sym->sect, sym->value, t);
    case SYM_ABSOLUTE:
        t->kind = TARGET_ABSOLUTE;
        return 0;
    case SYM_DROPPED:
        return ld_fail(ld, "%s refers to %s, whose section does not become part of a kext",
                       insect_name(ld, from), sym->name);
    default:
        t->kind = TARGET_UNDEFINED;
        return 0;
    }
}

uint64_t insect_address(const struct insect *s, uint64_t off)
{
    const struct piece *p = insect_piece(s, off);

    return s->out->addr + p->out + (off - p->off);
}

uint64_t symbol_address(const struct symbol *sym)
{
    return insect_address(sym->sect, sym->value) + sym->shift;
}

uint64_t target_address(const struct target *t)
{
    return t->kind == TARGET_LOCAL ? insect_address(t->sect, t->value) : t->value;
}
