// SPDX-License-Identifier: BSD-3-Clause
/*
 * Output sections, their order and addresses. The kernel wants (kxld_kext.c, kxld_seg.c): __TEXT at 0 with
 * the headers in it, then __DATA, then __LINKEDIT; whole pages; file offset equal to address for all that is
 * relocated; zerofill last in __DATA; no empty section; each section in the segment that it names. __TEXT
 * becomes read-only, so constants that hold pointers go to __DATA,__const.
 * An i386 kext is an object, one segment without name, whose sections follow each other from 0 in the same
 * order. Constants stay where the compiler put them, and what runs at start and stop is in
 * __TEXT,__constructor and __destructor (10.5 and 10.6 know no other name).
 */
#include <stdlib.h>
#include <string.h>

#include "kextld.h"

struct placement {
    const char *seg, *name;
};

/* Sections by which older compilers kept coalesced and start-up code apart. */
static const struct {
    struct placement from, to;
} folded[] = {
    {{"__TEXT", "__textcoal_nt"}, {"__TEXT", "__text"}}, {{"__TEXT", "__StaticInit"}, {"__TEXT", "__text"}},
    {{"__TEXT", "__const_coal"}, {"__TEXT", "__const"}}, {{"__DATA", "__const_coal"}, {"__DATA", "__const"}},
    {{"__DATA", "__datacoal_nt"}, {"__DATA", "__data"}},
};

static const struct placement order[] = {
    {"__TEXT", "__text"},          {"__TEXT", "__const"},         {"__TEXT", "__cstring"},
    {"__TEXT", "__constructor"},   {"__TEXT", "__destructor"},    {"__DATA", "__got"},
    {"__DATA", "__mod_init_func"}, {"__DATA", "__mod_term_func"}, {"__DATA", "__const"},
    {"__DATA", "__data"},
};
enum { RANK_OTHER = sizeof(order) / sizeof(order[0]), RANK_ZEROFILL };

static bool is_at(const struct placement *p, const char *seg, const char *name)
{
    return !strcmp(p->seg, seg) && !strcmp(p->name, name);
}

static unsigned rank_of(const char *seg, const char *name, bool zerofill)
{
    if (zerofill)
        return RANK_ZEROFILL;
    for (unsigned i = 0; i < RANK_OTHER; i++) {
        if (is_at(&order[i], seg, name))
            return i;
    }
    return RANK_OTHER;
}

static bool is_object(const struct ld *ld)
{
    return ld->opt.arch->filetype == MH_OBJECT;
}

/* Zerofill and code keep their nature, start-up tables of a bundle their meaning. In an object all else is
 * S_REGULAR: what is folded or renamed, and literals, which 10.5's linker would merge. */
static uint32_t flags_of(const struct ld *ld, uint32_t in)
{
    uint32_t type = in & SECTION_TYPE;

    if (type == S_COALESCED || type == S_LITERAL_POINTERS || (is_object(ld) && type != S_ZEROFILL))
        type = S_REGULAR;
    return type | (in & (S_ATTR_PURE_INSTRUCTIONS | S_ATTR_SOME_INSTRUCTIONS));
}

static struct outsect *outsect_new(struct ld *ld, const char *seg, const char *name, uint32_t flags)
{
    struct outsect *out = arena_alloc(&ld->mem, sizeof(*out));

    strcpy(out->seg, seg);
    strcpy(out->name, name);
    out->flags = flags;
    out->zerofill = (flags & SECTION_TYPE) == S_ZEROFILL;
    out->rank = rank_of(seg, name, out->zerofill);
    out->order = (unsigned)ld->nsects;
    ld->sects = arena_grow(&ld->mem, ld->sects, ld->nsects, &ld->sects_cap, sizeof(*ld->sects));
    return ld->sects[ld->nsects++] = out;
}

/* The output section of that name; NULL when the input section cannot join it. */
static struct outsect *outsect_get(struct ld *ld, const struct insect *s, const struct placement *p)
{
    uint32_t flags = flags_of(ld, s->flags);

    for (size_t i = 0; i < ld->nsects; i++) {
        struct outsect *out = ld->sects[i];
        if (strcmp(out->seg, p->seg) || strcmp(out->name, p->name))
            continue;
        if (out->zerofill != !s->data) {
            ld_fail(ld, "%s is zerofill here and has contents elsewhere, or the other way round",
                    insect_name(ld, s));
            return NULL;
        }
        if ((out->flags ^ flags) & SECTION_TYPE)
            out->flags &= ~SECTION_TYPE; /* S_REGULAR */
        out->flags |= flags & SECTION_ATTRIBUTES;
        return out;
    }
    return outsect_new(ld, p->seg, p->name, flags);
}

static bool holds_pointers(const struct insect *s)
{
    if (s->flags & (S_ATTR_PURE_INSTRUCTIONS | S_ATTR_SOME_INSTRUCTIONS))
        return false;
    for (size_t i = 0; i < s->nrefs; i++) {
        if (s->refs[i].kind == REF_ABS)
            return true;
    }
    return false;
}

static struct placement place_of(const struct ld *ld, const struct insect *s)
{
    struct placement p = {s->seg, s->name};
    uint32_t type = s->flags & SECTION_TYPE;

    if (is_object(ld) && (type == S_MOD_INIT_FUNC_POINTERS || type == S_MOD_TERM_FUNC_POINTERS))
        return (struct placement){"__TEXT",
                                  type == S_MOD_INIT_FUNC_POINTERS ? "__constructor" : "__destructor"};

    for (size_t i = 0; i < sizeof(folded) / sizeof(folded[0]); i++) {
        if (is_at(&folded[i].from, s->seg, s->name))
            p = folded[i].to;
    }
    if (!is_object(ld) && !strcmp(p.seg, "__TEXT") && holds_pointers(s))
        p = (struct placement){"__DATA", "__const"};
    return p;
}

static bool contributes(const struct insect *s)
{
    for (size_t i = 0; i < s->npieces; i++) {
        if (!s->pieces[i].dead && s->pieces[i].size)
            return !s->dropped;
    }
    return false;
}

static int assign_one(struct ld *ld, struct insect *s)
{
    struct placement p = place_of(ld, s);
    struct outsect *out;

    if (!s->data && !strcmp(p.seg, "__TEXT"))
        return ld_fail(ld, "%s: zerofill belongs in __DATA", insect_name(ld, s));
    out = outsect_get(ld, s, &p);
    if (!out)
        return -1;
    out->members = arena_grow(&ld->mem, out->members, out->nmembers, &out->cap, sizeof(*out->members));
    out->members[out->nmembers++] = s;
    if (s->align > out->align)
        out->align = s->align;
    s->out = out;
    return 0;
}

static int assign(struct ld *ld)
{
    for (size_t i = 0; i < ld->nobjects; i++) {
        struct object *o = ld->objects[i];
        for (size_t j = 0; j < o->nsects; j++) {
            if (contributes(&o->sects[j]) && assign_one(ld, &o->sects[j]))
                return -1;
        }
    }
    return 0;
}

/* Sections without contents get no output section, unless a symbol stands in them and needs an address. */
static int assign_empty(struct ld *ld)
{
    for (size_t i = 0; i < ld->nsyms; i++) {
        struct symbol *sym = ld->syms[i];
        struct insect *s = sym->sect;
        if (sym->state != SYM_DEFINED || s->out || s->dropped || insect_piece(s, sym->value)->dead)
            continue;
        if (assign_one(ld, s))
            return -1;
    }
    return 0;
}

/* Pieces keep their offset modulo the section's alignment, and so whatever alignment their symbols asked for.
 */
static void place_pieces(struct insect *s, uint64_t *cursor)
{
    uint64_t mask = ((uint64_t)1 << s->align) - 1;

    for (size_t i = 0; i < s->npieces; i++) {
        struct piece *p = &s->pieces[i];
        if (p->dead)
            continue;
        p->out = *cursor + ((p->off - *cursor) & mask);
        *cursor = p->out + p->size + p->pad;
    }
}

static int by_rank(const void *a, const void *b)
{
    const struct outsect *x = *(struct outsect *const *)a, *y = *(struct outsect *const *)b;
    int seg = strcmp(y->seg, x->seg); /* __TEXT before __DATA */

    if (seg)
        return seg;
    if (x->rank != y->rank)
        return x->rank < y->rank ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

static int size_sections(struct ld *ld)
{
    uint64_t total = 0;

    if (!ld->nsects)
        return ld_fail(ld, "no object has contents");
    for (size_t i = 0; i < ld->nsects; i++) {
        struct outsect *out = ld->sects[i];
        for (size_t j = 0; j < out->nmembers; j++)
            place_pieces(out->members[j], &out->size);
        if (!out->size) /* nothing but labels: still no empty section */
            out->size = ld->opt.arch->pointer;
        total += out->size;
    }
    if (total > IMAGE_MAX)
        return ld_fail(ld, "the kext would be larger than 1 GB");
    if (ld->nsects > MAX_SECT)
        return ld_fail(ld, "%zu sections; %d is the most", ld->nsects, MAX_SECT);
    qsort(ld->sects, ld->nsects, sizeof(*ld->sects), by_rank);
    for (size_t i = 0; i < ld->nsects; i++)
        ld->sects[i]->number = (unsigned)i + 1;
    return 0;
}

static void place_segment(struct segment *seg, uint64_t start, uint64_t skip)
{
    uint64_t cursor = start + skip, end = cursor;

    seg->vmaddr = seg->fileoff = start;
    for (size_t i = 0; i < seg->nsects; i++) {
        struct outsect *out = seg->sects[i];
        out->addr = cursor = align_up(cursor, out->align);
        cursor += out->size;
        if (!out->zerofill)
            end = cursor;
    }
    seg->filesize = align_up(end, PAGE_LOG2) - start;
    seg->vmsize = align_up(cursor, PAGE_LOG2) - start;
}

void place_segments(struct ld *ld)
{
    struct segment *text = &ld->segs[SEG_TEXT], *data = &ld->segs[SEG_DATA],
                   *linkedit = &ld->segs[SEG_LINKEDIT];

    *text =
        (struct segment){.name = "__TEXT", .initprot = VM_PROT_READ | VM_PROT_EXECUTE, .sects = ld->sects};
    *data = (struct segment){.name = "__DATA", .initprot = VM_PROT_READ | VM_PROT_WRITE};
    *linkedit = (struct segment){.name = "__LINKEDIT", .initprot = VM_PROT_READ};
    while (text->nsects < ld->nsects && !strcmp(ld->sects[text->nsects]->seg, "__TEXT"))
        text->nsects++;
    data->sects = ld->sects + text->nsects;
    data->nsects = ld->nsects - text->nsects;
    place_segment(text, 0, header_size(ld));
    place_segment(data, text->vmsize, 0);
    linkedit->vmaddr = data->vmaddr + data->vmsize;
    linkedit->fileoff = data->fileoff + data->filesize;
}

void place_object(struct ld *ld)
{
    struct segment *all = &ld->segs[SEG_TEXT];
    uint64_t cursor = 0;

    *all = (struct segment){.name = "", .sects = ld->sects, .nsects = ld->nsects};
    for (size_t i = 0; i < ld->nsects; i++) {
        struct outsect *out = ld->sects[i];
        out->addr = cursor = align_up(cursor, out->align);
        cursor += out->size;
        if (!out->zerofill)
            all->filesize = cursor;
    }
    all->vmsize = cursor;
    ld->segs[SEG_LINKEDIT].fileoff = all->filesize;
}

int layout(struct ld *ld)
{
    if (assign(ld) || assign_empty(ld) || size_sections(ld))
        return -1;
    ld->opt.arch->place(ld);
    return 0;
}
