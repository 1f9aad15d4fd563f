// SPDX-License-Identifier: BSD-3-Clause
/*
 * The stages of a link in their order, each needing the ones before.
 */
#include <string.h>

#include "kextld.h"

static void made_section(struct ld *ld, struct insect *s, const char *name, uint32_t type, unsigned align)
{
    s->obj = ld->made;
    strcpy(s->seg, "__DATA");
    strcpy(s->name, name);
    s->flags = type;
    s->align = align;
    s->pieces = arena_alloc(&ld->mem, sizeof(*s->pieces));
    s->npieces = 1;
}

/* Sections of the linker's own, as an object like the others. */
static void make_object(struct ld *ld)
{
    struct object *o = arena_alloc(&ld->mem, sizeof(*o));

    o->path = "(kextld)";
    o->nsects = 2;
    o->sects = arena_alloc(&ld->mem, o->nsects * sizeof(*o->sects));
    ld->made = o;
    ld->got = &o->sects[0];
    ld->common = &o->sects[1];
    made_section(ld, ld->got, "__got", S_REGULAR, ld->opt.arch->pointer == 8 ? 3 : 2);
    made_section(ld, ld->common, "__common", S_ZEROFILL, 0);
    ld->objects = arena_grow(&ld->mem, ld->objects, ld->nobjects, &ld->objects_cap, sizeof(*ld->objects));
    ld->objects[ld->nobjects++] = o;
}

static int make_image(struct ld *ld)
{
    ld->out.size = ld->segs[SEG_LINKEDIT].fileoff;
    ld->out.data = arena_alloc(&ld->mem, ld->out.size);
    return image_fill(ld) || check_image(ld) || ld->opt.arch->write(ld) ? -1 : 0;
}

int ld_link(struct ld *ld)
{
    make_object(ld);
    if (symbols_resolve(ld) || commons_allocate(ld) || symbols_export(ld))
        return -1;
    if (vtables_prepare(ld) || refs_scan(ld))
        return -1;
    if (check_undefined(ld) || check_exports(ld) || symtab_build(ld) || layout(ld))
        return -1;
    return make_image(ld);
}
