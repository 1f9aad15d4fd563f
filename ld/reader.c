// SPDX-License-Identifier: BSD-3-Clause
/*
 * Reads one MH_OBJECT into struct object. The file is hostile: every offset, count and index is checked here
 * against the bytes there are, once, and no later stage looks at the raw file again but for relocation
 * entries and section contents whose ranges were checked. Formats: mach-o/loader.h, nlist.h.
 */
#include <stdlib.h>
#include <string.h>

#include "kextld.h"

#define MAX_RANGES (2 * MAX_SECT + 4)

struct range { /* of the file, with what stands there */
    uint64_t off, size;
    const struct insect *sect;
    const char *what;
};

struct reader {
    struct ld *ld;
    struct object *o;
    struct segment_command_64 seg;
    struct symtab_command symtab;
    uint64_t sections; /* file offset of the section headers */
    bool has_seg, has_symtab;
    struct range ranges[MAX_RANGES];
    size_t nranges;
};

static const struct format *format_of(const struct reader *r)
{
    return r->ld->opt.arch->format;
}

/* NULL when the file is too short. */
static const uint8_t *bytes(const struct reader *r, uint64_t off, size_t size)
{
    if (off > r->o->file.size || size > r->o->file.size - off)
        return NULL;
    return r->o->file.data + off;
}

static int copy(const struct reader *r, uint64_t off, void *to, size_t size)
{
    const uint8_t *from = bytes(r, off, size);

    if (!from)
        return -1;
    memcpy(to, from, size);
    return 0;
}

static int bad(struct reader *r, const char *what)
{
    return ld_fail(r->ld, "%s: %s", r->o->path, what);
}

const char *insect_name(struct ld *ld, const struct insect *s)
{
    size_t n = strlen(s->obj->path) + sizeof(s->seg) + sizeof(s->name) + 16;
    char *text = arena_alloc(&ld->mem, n);

    strcpy(text, s->obj->path);
    strcat(strcat(text, ": section "), s->seg);
    return strcat(strcat(text, ","), s->name);
}

static int bad_sect(struct reader *r, const struct insect *s, const char *what)
{
    return ld_fail(r->ld, "%s: %s", insect_name(r->ld, s), what);
}

static int claim(struct reader *r, uint64_t off, uint64_t size, const struct insect *s, const char *what)
{
    if (off > r->o->file.size || size > r->o->file.size - off) {
        if (s)
            return ld_fail(r->ld, "%s: its %s lie outside the file", insect_name(r->ld, s), what);
        return ld_fail(r->ld, "%s: the %s lie outside the file", r->o->path, what);
    }
    if (size)
        r->ranges[r->nranges++] = (struct range){off, size, s, what};
    return 0;
}

static int by_offset(const void *a, const void *b)
{
    const struct range *x = a, *y = b;

    return x->off < y->off ? -1 : x->off > y->off;
}

static int check_overlaps(struct reader *r)
{
    qsort(r->ranges, r->nranges, sizeof(r->ranges[0]), by_offset);
    for (size_t i = 1; i < r->nranges; i++) {
        const struct range *a = &r->ranges[i - 1], *b = &r->ranges[i];
        if (b->off - a->off >= a->size)
            continue;
        return ld_fail(r->ld, "%s: %s%s%s and %s%s%s overlap in the file", r->o->path, a->what,
                       a->sect ? " of " : "", a->sect ? a->sect->name : "", b->what, b->sect ? " of " : "",
                       b->sect ? b->sect->name : "");
    }
    return 0;
}

static int read_header(struct reader *r, struct mach_header_64 *h)
{
    const struct arch *arch = r->ld->opt.arch;
    uint32_t magic;

    if (copy(r, 0, &magic, sizeof(magic)))
        return bad(r, "not a Mach-O object file (too short)");
    if (magic == FAT_MAGIC || magic == FAT_CIGAM)
        return ld_fail(r->ld, "%s: a universal file; give its %s part", r->o->path, arch->name);
    if (magic == MH_CIGAM || magic == MH_CIGAM_64)
        return bad(r, "a big-endian Mach-O file");
    if (magic != MH_MAGIC && magic != MH_MAGIC_64)
        return bad(r, "not a Mach-O object file");
    if (magic != arch->format->magic)
        return ld_fail(r->ld, "%s: a %d-bit object, but -arch is %s", r->o->path, magic == MH_MAGIC ? 32 : 64,
                       arch->name);
    if (!bytes(r, 0, arch->format->header))
        return bad(r, "truncated in its header");
    *h = header_load(arch->format, r->o->file.data);
    if (h->cputype != arch->cputype)
        return ld_fail(r->ld, "%s: made for processor type 0x%x, but -arch is %s", r->o->path, h->cputype,
                       arch->name);
    if (h->filetype != MH_OBJECT)
        return ld_fail(r->ld, "%s: Mach-O file type %u; only objects (MH_OBJECT) can be linked", r->o->path,
                       h->filetype);
    return 0;
}

static int read_segment(struct reader *r, uint64_t off, uint32_t cmdsize)
{
    const struct format *f = format_of(r);

    if (r->has_seg)
        return bad(r, "more than one segment in an object");
    if (cmdsize < f->segment || !bytes(r, off, f->segment))
        return ld_fail(r->ld, "%s: %s is too short", r->o->path, f->segment_name);
    r->seg = segment_load(f, r->o->file.data + off);
    if (r->seg.nsects > MAX_SECT)
        return ld_fail(r->ld, "%s: %u sections; %d is the most", r->o->path, r->seg.nsects, MAX_SECT);
    if (r->seg.nsects * f->section > cmdsize - f->segment)
        return ld_fail(r->ld, "%s: section headers exceed %s", r->o->path, f->segment_name);
    r->sections = off + f->segment;
    r->has_seg = true;
    return 0;
}

static int read_command(struct reader *r, const struct load_command *lc, uint64_t off)
{
    switch (lc->cmd) {
    case LC_SEGMENT:
    case LC_SEGMENT_64:
        if (lc->cmd != format_of(r)->segment_cmd)
            return bad(r, lc->cmd == LC_SEGMENT ? "LC_SEGMENT in a 64-bit object"
                                                : "LC_SEGMENT_64 in a 32-bit object");
        return read_segment(r, off, lc->cmdsize);
    case LC_SYMTAB:
        if (r->has_symtab)
            return bad(r, "more than one LC_SYMTAB");
        if (lc->cmdsize < sizeof(r->symtab) || copy(r, off, &r->symtab, sizeof(r->symtab)))
            return bad(r, "LC_SYMTAB is too short");
        r->has_symtab = true;
        return 0;
    default: /* versions, hints, LC_DYSYMTAB: nothing that LC_SYMTAB does not say */
        return 0;
    }
}

static int read_commands(struct reader *r)
{
    struct mach_header_64 h = {0};
    uint64_t off = format_of(r)->header, end;

    if (read_header(r, &h))
        return -1;
    r->o->flags = h.flags;
    end = off + h.sizeofcmds;
    if (claim(r, 0, end, NULL, "load commands"))
        return -1;
    for (uint32_t i = 0; i < h.ncmds; i++) {
        struct load_command lc;
        if (end - off < sizeof(lc) || copy(r, off, &lc, sizeof(lc)))
            return ld_fail(r->ld, "%s: load command %u of %u lies outside the header", r->o->path, i,
                           h.ncmds);
        if (lc.cmdsize < sizeof(lc) || lc.cmdsize % 4 || lc.cmdsize > end - off)
            return ld_fail(r->ld, "%s: load command %u has a bad size, %u", r->o->path, i, lc.cmdsize);
        if (read_command(r, &lc, off))
            return -1;
        off += lc.cmdsize;
    }
    return 0;
}

/* What an object carries for debuggers, unwinders and user-space linkers; a kext has none of it. */
static bool is_dropped(const struct insect *s)
{
    return s->flags & S_ATTR_DEBUG || !strcmp(s->seg, "__LD") || !strcmp(s->seg, "__DWARF") ||
           !strcmp(s->seg, "__LLVM") || !strcmp(s->name, "__eh_frame") ||
           !strcmp(s->name, "__compact_unwind");
}

/* Section types that the kernel's linker copies (kxld_sect.c, export_macho), zerofill, and those that become
 * regular. */
static bool type_supported(uint32_t flags)
{
    switch (flags & SECTION_TYPE) {
    case S_REGULAR:
    case S_ZEROFILL:
    case S_CSTRING_LITERALS:
    case S_4BYTE_LITERALS:
    case S_8BYTE_LITERALS:
    case S_16BYTE_LITERALS:
    case S_LITERAL_POINTERS:
    case S_MOD_INIT_FUNC_POINTERS:
    case S_MOD_TERM_FUNC_POINTERS:
    case S_COALESCED:
        return true;
    default:
        return false;
    }
}

static int check_section(struct reader *r, const struct insect *s)
{
    if (s->dropped)
        return 0;
    if (strcmp(s->seg, "__TEXT") && strcmp(s->seg, "__DATA"))
        return bad_sect(r, s, "a kext has segments __TEXT and __DATA only");
    if (!type_supported(s->flags))
        return ld_fail(r->ld, "%s: section type 0x%x is not supported in a kext", insect_name(r->ld, s),
                       s->flags & SECTION_TYPE);
    if (s->align > PAGE_LOG2)
        return ld_fail(r->ld, "%s: alignment 2^%u exceeds a page", insect_name(r->ld, s), s->align);
    if (s->size > IMAGE_MAX || s->addr > UINT64_MAX - s->size)
        return bad_sect(r, s, "absurd size or address");
    if (!s->data && s->nreloc)
        return bad_sect(r, s, "relocations in a zerofill section");
    return 0;
}

static int read_section(struct reader *r, struct insect *s, uint64_t off)
{
    struct section_64 h;

    if (!bytes(r, off, format_of(r)->section))
        return bad(r, "truncated in its section headers");
    h = section_load(format_of(r), r->o->file.data + off);
    memcpy(s->seg, h.segname, sizeof(h.segname));
    memcpy(s->name, h.sectname, sizeof(h.sectname));
    s->obj = r->o;
    s->addr = h.addr;
    s->size = h.size;
    s->align = h.align;
    s->flags = h.flags;
    s->reloff = h.reloff;
    s->nreloc = h.nreloc;
    s->dropped = is_dropped(s);
    if ((h.flags & SECTION_TYPE) != S_ZEROFILL && (h.flags & SECTION_TYPE) != S_GB_ZEROFILL) {
        if (claim(r, h.offset, h.size, s, "contents"))
            return -1;
        s->data = r->o->file.data + h.offset;
    }
    if (claim(r, h.reloff, (uint64_t)h.nreloc * sizeof(struct relocation_info), s, "relocations"))
        return -1;
    return check_section(r, s);
}

static int read_sections(struct reader *r)
{
    struct object *o = r->o;

    o->nsects = r->seg.nsects;
    o->sects = arena_alloc(&r->ld->mem, o->nsects * sizeof(*o->sects));
    for (size_t i = 0; i < o->nsects; i++) {
        if (read_section(r, &o->sects[i], r->sections + i * format_of(r)->section))
            return -1;
    }
    return 0;
}

static int check_symbol(struct reader *r, struct insym *s, unsigned n_sect)
{
    switch (s->type & N_TYPE) {
    case N_UNDF:
        if (!(s->type & N_EXT))
            return ld_fail(r->ld, "%s: symbol %s is undefined and local", r->o->path, s->name);
        if (s->value > IMAGE_MAX)
            return ld_fail(r->ld, "%s: common symbol %s has an absurd size", r->o->path, s->name);
        return 0;
    case N_ABS:
        return 0;
    case N_SECT:
        if (n_sect == NO_SECT || n_sect > r->o->nsects)
            return ld_fail(r->ld, "%s: symbol %s is in section %u, which does not exist", r->o->path, s->name,
                           n_sect);
        s->sect = &r->o->sects[n_sect - 1];
        if (s->value < s->sect->addr || s->value - s->sect->addr > s->sect->size)
            return ld_fail(r->ld, "%s: symbol %s lies outside its section", r->o->path, s->name);
        s->value -= s->sect->addr;
        return 0;
    default:
        return ld_fail(r->ld, "%s: symbol %s has type 0x%x, which is not supported", r->o->path, s->name,
                       s->type);
    }
}

static int read_symbol(struct reader *r, struct insym *s, size_t i)
{
    const char *strings = (const char *)r->o->file.data + r->symtab.stroff;
    size_t size = format_of(r)->nlist;
    struct nlist_64 n = nlist_load(format_of(r), r->o->file.data + r->symtab.symoff + i * size);

    s->type = n.n_type;
    s->desc = n.n_desc;
    s->value = n.n_value;
    s->name = "";
    if (n.n_strx) {
        if (n.n_strx >= r->symtab.strsize || !memchr(strings + n.n_strx, 0, r->symtab.strsize - n.n_strx))
            return ld_fail(r->ld, "%s: the name of symbol %zu lies outside the string table", r->o->path, i);
        s->name = strings + n.n_strx;
    }
    if (n.n_type & N_STAB)
        return 0;
    if (n.n_type & (N_EXT | N_PEXT) && !*s->name)
        return ld_fail(r->ld, "%s: symbol %zu has no name", r->o->path, i);
    return check_symbol(r, s, n.n_sect);
}

static int read_symbols(struct reader *r)
{
    struct object *o = r->o;

    if (!r->has_symtab)
        return 0;
    if (claim(r, r->symtab.symoff, (uint64_t)r->symtab.nsyms * format_of(r)->nlist, NULL, "symbols") ||
        claim(r, r->symtab.stroff, r->symtab.strsize, NULL, "symbol names"))
        return -1;
    o->nsyms = r->symtab.nsyms;
    o->syms = arena_alloc(&r->ld->mem, o->nsyms * sizeof(*o->syms));
    for (size_t i = 0; i < o->nsyms; i++) {
        if (read_symbol(r, &o->syms[i], i))
            return -1;
    }
    return 0;
}

static int read_relocations(struct reader *r)
{
    for (size_t i = 0; i < r->o->nsects; i++) {
        struct insect *s = &r->o->sects[i];
        if (!s->dropped && s->nreloc && r->ld->opt.arch->decode(r->ld, s))
            return -1;
    }
    return 0;
}

int object_read(struct ld *ld, const char *path, struct buffer file)
{
    struct reader *r = arena_alloc(&ld->mem, sizeof(*r));

    r->ld = ld;
    r->o = arena_alloc(&ld->mem, sizeof(*r->o));
    r->o->path = path;
    r->o->file = file;
    if (read_commands(r))
        return -1;
    if (!r->has_seg)
        return bad(r, "no segment");
    if (read_sections(r) || read_symbols(r) || check_overlaps(r))
        return -1;
    insect_split(ld, r->o);
    if (read_relocations(r))
        return -1;
    ld->objects = arena_grow(&ld->mem, ld->objects, ld->nobjects, &ld->objects_cap, sizeof(*ld->objects));
    ld->objects[ld->nobjects++] = r->o;
    return 0;
}
