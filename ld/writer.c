// SPDX-License-Identifier: BSD-3-Clause
/*
 * The finished MH_KEXT_BUNDLE: header, load commands and __LINKEDIT around the segments' contents. The
 * commands are those and only those which every system from 10.6 to 10.15 takes, in Apple's order: three
 * LC_SEGMENT_64, LC_SYMTAB, LC_DYSYMTAB, LC_UUID (kxld_kext.c, init_from_final_linked_image, refuses others).
 * i386 has a writer of its own (writer_object.c).
 */
#include <string.h>

#include "kextld.h"

#define DYNAMIC_LOOKUP                                                                                       \
    0xfe00 /* n_desc: library ordinal of an undefined symbol that any dependency may provide */

struct linkedit { /* file offsets */
    uint64_t local, symbols, external, strings, end;
};

uint64_t header_size(const struct ld *ld)
{
    return sizeof(struct mach_header_64) + NSEGS * sizeof(struct segment_command_64) +
           ld->nsects * sizeof(struct section_64) + sizeof(struct symtab_command) +
           sizeof(struct dysymtab_command) + sizeof(struct uuid_command);
}

uint8_t *file_put(uint8_t *at, const void *what, size_t size)
{
    memcpy(at, what, size);
    return at + size;
}

void stamp(struct ld *ld, uint8_t *uuid)
{
    md5(ld->out.data, ld->out.size, uuid);
    uuid[6] = (uint8_t)((uuid[6] & 0x0f) | 0x30); /* RFC 4122: version 3 (MD5), ... */
    uuid[8] = (uint8_t)((uuid[8] & 0x3f) | 0x80); /* ... its variant */
}

static uint8_t *put_section(uint8_t *at, const struct outsect *out)
{
    struct section_64 h = {
        .addr = out->addr,
        .size = out->size,
        .offset = out->zerofill ? 0 : (uint32_t)out->addr,
        .align = out->align,
        .flags = out->flags,
    };

    memcpy(h.sectname, out->name, sizeof(h.sectname));
    memcpy(h.segname, out->seg, sizeof(h.segname));
    return file_put(at, &h, sizeof(h));
}

static uint8_t *put_segment(uint8_t *at, const struct segment *seg)
{
    struct segment_command_64 c = {
        .cmd = LC_SEGMENT_64,
        .cmdsize = (uint32_t)(sizeof(c) + seg->nsects * sizeof(struct section_64)),
        .vmaddr = seg->vmaddr,
        .vmsize = seg->vmsize,
        .fileoff = seg->fileoff,
        .filesize = seg->filesize,
        .maxprot = VM_PROT_ALL,
        .initprot = seg->initprot,
        .nsects = (uint32_t)seg->nsects,
    };

    strcpy(c.segname, seg->name);
    at = file_put(at, &c, sizeof(c));
    for (size_t i = 0; i < seg->nsects; i++)
        at = put_section(at, seg->sects[i]);
    return at;
}

static uint8_t *put_tables(struct ld *ld, uint8_t *at, const struct linkedit *le)
{
    struct symtab_command symtab = {
        .cmd = LC_SYMTAB,
        .cmdsize = sizeof(symtab),
        .symoff = (uint32_t)le->symbols,
        .nsyms = (uint32_t)ld->ntable,
        .stroff = (uint32_t)le->strings,
        .strsize = (uint32_t)ld->strings_size,
    };
    struct dysymtab_command dysymtab = {
        .cmd = LC_DYSYMTAB,
        .cmdsize = sizeof(dysymtab),
        .nlocalsym = (uint32_t)ld->nlocal,
        .iextdefsym = (uint32_t)ld->nlocal,
        .nextdefsym = (uint32_t)ld->nexported,
        .iundefsym = (uint32_t)(ld->nlocal + ld->nexported),
        .nundefsym = (uint32_t)ld->nundefined,
        .extreloff = ld->external.n ? (uint32_t)le->external : 0,
        .nextrel = (uint32_t)ld->external.n,
        .locreloff = ld->local.n ? (uint32_t)le->local : 0,
        .nlocrel = (uint32_t)ld->local.n,
    };

    at = file_put(at, &symtab, sizeof(symtab));
    return file_put(at, &dysymtab, sizeof(dysymtab));
}

/* Returns where the UUID stands. */
static uint8_t *put_header(struct ld *ld, const struct linkedit *le)
{
    uint64_t size = header_size(ld);
    struct mach_header_64 h = {
        .magic = MH_MAGIC_64,
        .cputype = ld->opt.arch->cputype,
        .cpusubtype = ld->opt.arch->cpusubtype,
        .filetype = MH_KEXT_BUNDLE,
        .ncmds = NSEGS + 3,
        .sizeofcmds = (uint32_t)(size - sizeof(h)),
        .flags = MH_NOUNDEFS | MH_DYLDLINK | MH_TWOLEVEL,
    };
    struct uuid_command uuid = {.cmd = LC_UUID, .cmdsize = sizeof(uuid)};
    uint8_t *at = file_put(ld->out.data, &h, sizeof(h));

    for (int i = 0; i < NSEGS; i++)
        at = put_segment(at, &ld->segs[i]);
    at = put_tables(ld, at, le);
    return file_put(at, &uuid, sizeof(uuid)) - sizeof(uuid.uuid);
}

static struct nlist_64 entry_of(const struct symbol *sym)
{
    struct nlist_64 n = {0};

    if (sym->state == SYM_UNDEFINED) {
        n.n_type = N_UNDF | N_EXT;
        n.n_desc = DYNAMIC_LOOKUP | (sym->weak_ref ? N_WEAK_REF : 0);
        return n;
    }
    n.n_type = sym->exported ? N_EXT : sym->global ? N_PEXT : 0;
    if (sym->state == SYM_ABSOLUTE) {
        n.n_type |= N_ABS;
        n.n_value = sym->value;
        return n;
    }
    n.n_type |= N_SECT;
    n.n_sect = (uint8_t)sym->sect->out->number;
    n.n_value = symbol_address(sym);
    return n;
}

static void put_linkedit(struct ld *ld, const struct linkedit *le)
{
    uint8_t *image = ld->out.data, *at = image + le->symbols;
    uint32_t name = 1;

    if (ld->local.n)
        memcpy(image + le->local, ld->local.r, ld->local.n * sizeof(*ld->local.r));
    if (ld->external.n)
        memcpy(image + le->external, ld->external.r, ld->external.n * sizeof(*ld->external.r));
    for (size_t i = 0; i < ld->ntable; i++) {
        struct nlist_64 n = entry_of(ld->table[i]);
        n.n_strx = name;
        name += (uint32_t)strlen(ld->table[i]->name) + 1;
        at = file_put(at, &n, sizeof(n));
    }
    memcpy(image + le->strings, ld->strings, ld->strings_size);
}

/* The order of Apple's ld. */
static struct linkedit linkedit_of(const struct ld *ld)
{
    struct linkedit le = {.local = ld->segs[SEG_LINKEDIT].fileoff};

    le.symbols = le.local + ld->local.n * sizeof(struct relocation_info);
    le.external = le.symbols + ld->ntable * sizeof(struct nlist_64);
    le.strings = le.external + ld->external.n * sizeof(struct relocation_info);
    le.end = le.strings + ld->strings_size;
    return le;
}

int bundle_write(struct ld *ld)
{
    struct segment *seg = &ld->segs[SEG_LINKEDIT];
    struct linkedit le = linkedit_of(ld);
    const uint8_t *contents = ld->out.data;
    uint8_t *uuid;

    seg->filesize = le.end - le.local;
    seg->vmsize = align_up(seg->filesize, PAGE_LOG2);
    ld->out.data = arena_alloc(&ld->mem, le.end);
    ld->out.size = le.end;
    memcpy(ld->out.data, contents, le.local);
    uuid = put_header(ld, &le);
    put_linkedit(ld, &le);
    stamp(ld, uuid);
    return 0;
}
