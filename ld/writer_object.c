// SPDX-License-Identifier: BSD-3-Clause
/*
 * The finished i386 kext: a relocatable object (MH_OBJECT) with one unnamed LC_SEGMENT, LC_SYMTAB and
 * LC_UUID; any other command is refused by one of the linkers of 10.5 (kld), 10.6 and 10.7 (kxld_kext.c).
 * Each section has its own relocations, by descending address as the compilers write them, external or local.
 */
#include <stdlib.h>
#include <string.h>

#include "kextld.h"

struct plan { /* file offsets */
    uint64_t contents, relocs, symbols, strings, end;
    struct relocation_info *r; /* all, section by section */
    uint32_t *first;           /* of each section in r; one more at the end */
};

static uint64_t commands_size(const struct ld *ld)
{
    return sizeof(struct segment_command) + ld->nsects * sizeof(struct section) +
           sizeof(struct symtab_command) + sizeof(struct uuid_command);
}

static int descending(const void *a, const void *b)
{
    const struct relocation_info *x = a, *y = b;

    return x->word0 > y->word0 ? -1 : x->word0 < y->word0;
}

/* Appends those of a list that lie in the section, their addresses relative to it. */
static uint32_t take(const struct relocs *list, const struct outsect *out, struct relocation_info *to)
{
    uint32_t n = 0;

    for (size_t i = 0; i < list->n; i++) {
        if (list->r[i].word0 - out->addr >= out->size)
            continue;
        to[n] = list->r[i];
        to[n++].word0 -= (uint32_t)out->addr;
    }
    return n;
}

static void plan_relocs(struct ld *ld, struct plan *p)
{
    uint32_t n = 0;

    p->r = arena_alloc(&ld->mem, (ld->local.n + ld->external.n) * sizeof(*p->r));
    p->first = arena_alloc(&ld->mem, (ld->nsects + 1) * sizeof(*p->first));
    for (size_t i = 0; i < ld->nsects; i++) {
        p->first[i] = n;
        if (ld->sects[i]->zerofill)
            continue;
        n += take(&ld->local, ld->sects[i], p->r + n);
        n += take(&ld->external, ld->sects[i], p->r + n);
        qsort(p->r + p->first[i], n - p->first[i], sizeof(*p->r), descending);
    }
    p->first[ld->nsects] = n;
}

static struct plan plan_of(struct ld *ld)
{
    struct plan p = {.contents = sizeof(struct mach_header) + commands_size(ld)};

    plan_relocs(ld, &p);
    p.relocs = align_up(p.contents + ld->segs[SEG_TEXT].filesize, 2);
    p.symbols = p.relocs + p.first[ld->nsects] * sizeof(*p.r);
    p.strings = p.symbols + ld->ntable * sizeof(struct nlist);
    p.end = p.strings + ld->strings_size;
    return p;
}

static uint8_t *put_section(const struct ld *ld, uint8_t *at, size_t i, const struct plan *p)
{
    const struct outsect *out = ld->sects[i];
    uint32_t n = p->first[i + 1] - p->first[i];
    struct section h = {
        .addr = (uint32_t)out->addr,
        .size = (uint32_t)out->size,
        .offset = out->zerofill ? 0 : (uint32_t)(p->contents + out->addr),
        .align = out->align,
        .reloff = n ? (uint32_t)(p->relocs + p->first[i] * sizeof(*p->r)) : 0,
        .nreloc = n,
        .flags = out->flags,
    };

    memcpy(h.sectname, out->name, sizeof(h.sectname));
    memcpy(h.segname, out->seg, sizeof(h.segname));
    return file_put(at, &h, sizeof(h));
}

static uint8_t *put_segment(const struct ld *ld, uint8_t *at, const struct plan *p)
{
    const struct segment *seg = &ld->segs[SEG_TEXT];
    struct segment_command c = {
        .cmd = LC_SEGMENT,
        .cmdsize = (uint32_t)(sizeof(c) + ld->nsects * sizeof(struct section)),
        .vmsize = (uint32_t)seg->vmsize,
        .fileoff = (uint32_t)p->contents,
        .filesize = (uint32_t)seg->filesize,
        .maxprot = VM_PROT_ALL,
        .initprot = VM_PROT_ALL,
        .nsects = (uint32_t)ld->nsects,
    };

    at = file_put(at, &c, sizeof(c));
    for (size_t i = 0; i < ld->nsects; i++)
        at = put_section(ld, at, i, p);
    return at;
}

/* MH_SUBSECTIONS_VIA_SYMBOLS stays when every input promises it, as in Apple's kexts. */
static uint32_t flags_of(const struct ld *ld)
{
    uint32_t flags = MH_SUBSECTIONS_VIA_SYMBOLS;

    for (size_t i = 0; i < ld->nobjects; i++)
        flags &= ld->objects[i] == ld->made ? flags : ld->objects[i]->flags;
    return flags;
}

/* Returns where the UUID stands. */
static uint8_t *put_header(const struct ld *ld, const struct plan *p)
{
    struct mach_header h = {
        .magic = MH_MAGIC,
        .cputype = ld->opt.arch->cputype,
        .cpusubtype = ld->opt.arch->cpusubtype,
        .filetype = MH_OBJECT,
        .ncmds = 3,
        .sizeofcmds = (uint32_t)commands_size(ld),
        .flags = flags_of(ld),
    };
    struct symtab_command symtab = {
        .cmd = LC_SYMTAB,
        .cmdsize = sizeof(symtab),
        .symoff = (uint32_t)p->symbols,
        .nsyms = (uint32_t)ld->ntable,
        .stroff = (uint32_t)p->strings,
        .strsize = (uint32_t)ld->strings_size,
    };
    struct uuid_command uuid = {.cmd = LC_UUID, .cmdsize = sizeof(uuid)};
    uint8_t *at = put_segment(ld, file_put(ld->out.data, &h, sizeof(h)), p);

    at = file_put(at, &symtab, sizeof(symtab));
    return file_put(at, &uuid, sizeof(uuid)) - sizeof(uuid.uuid);
}

static struct nlist entry_of(const struct symbol *sym, uint32_t name)
{
    struct nlist n = {.n_strx = name, .n_type = sym->exported ? N_EXT : 0};

    if (sym->state == SYM_UNDEFINED) {
        n.n_type = N_UNDF | N_EXT;
    } else if (sym->state == SYM_ABSOLUTE) {
        n.n_type |= N_ABS;
        n.n_value = (uint32_t)sym->value;
    } else {
        n.n_type |= N_SECT;
        n.n_sect = (uint8_t)sym->sect->out->number;
        n.n_value = (uint32_t)symbol_address(sym);
    }
    return n;
}

static void put_tables(const struct ld *ld, const struct plan *p)
{
    uint8_t *at = ld->out.data + p->symbols;
    uint32_t name = 1;

    if (p->first[ld->nsects])
        memcpy(ld->out.data + p->relocs, p->r, p->first[ld->nsects] * sizeof(*p->r));
    for (size_t i = 0; i < ld->ntable; i++) {
        struct nlist n = entry_of(ld->table[i], name);
        name += (uint32_t)strlen(ld->table[i]->name) + 1;
        at = file_put(at, &n, sizeof(n));
    }
    memcpy(ld->out.data + p->strings, ld->strings, ld->strings_size);
}

int object_write(struct ld *ld)
{
    struct plan p = plan_of(ld);
    const uint8_t *contents = ld->out.data;

    ld->out.data = arena_alloc(&ld->mem, p.end);
    ld->out.size = p.end;
    memcpy(ld->out.data + p.contents, contents, ld->segs[SEG_TEXT].filesize);
    put_tables(ld, &p);
    stamp(ld, put_header(ld, &p));
    return 0;
}
