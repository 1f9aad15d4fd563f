// SPDX-License-Identifier: BSD-3-Clause
/*
 * The executable of an i386 kext: MH_OBJECT, one unnamed segment whose sections have their own relocations. XNU
 * makes segments of them in memory (libkern/kxld/kxld_kext.c init_from_object, kxld_seg.c
 * kxld_seg_create_seg_from_sections; relocations: kxld_reloc.c generic_process_reloc). So does this file: the
 * header on pages of its own, then each segment's sections, aligned; contents and symbols are moved along, and what
 * remains to be done at load is adding the image's address or a symbol's. 10.5's linker (libsa's kld_patch.c)
 * wants more of the file than 10.6's: checked in that profile.
 */
#ifdef __i386__
#include "internal.h"
#include "../profile.h"
#include <stdlib.h>
#include <string.h>

enum { PAGE = 4096, MAX_ALIGN = 12, MAX_IMAGE = 64 << 20, MAX_COMMANDS = 4096 };
#define LEOPARD (host_profile->minor_of_ten < 6)

/* A section's command, and where its bytes were. */
struct source {
    macho_section s;
    char segname[17];
    bool placed;
};

/* ---- header and commands ---- */
static int check_header(const struct image *im, macho_header *h)
{
    if (im->size < sizeof *h)
        return image_bad(im, "%zu bytes are too few for a Mach-O header", im->size);
    memcpy(h, im->data, sizeof *h);
    if (h->magic == MH_MAGIC_64 && h->cputype == CPU_TYPE_X86_64)
        return image_wrong_arch(im, "an x86_64 kext");
    if (h->magic == MH_CIGAM || h->magic == MH_CIGAM_64)
        return image_wrong_arch(im, "a big-endian Mach-O file");
    if (h->magic != MH_MAGIC)
        return image_bad(im, "no Mach-O file (it begins with 0x%08x)", h->magic);
    if (h->cputype != CPU_TYPE_I386)
        return image_wrong_arch(im, "a Mach-O file for another processor");
    if (h->filetype != MH_OBJECT)
        return image_bad(im, "file type %u, where an i386 kext has 1 (MH_OBJECT)", h->filetype);
    if (h->ncmds > MAX_COMMANDS || !image_inside(sizeof *h, h->sizeofcmds, im->size))
        return image_bad(im, "its %u load commands do not fit the file", h->ncmds);
    return 0;
}

/* The commands that kxld and kld know; a compiler's object has others (LC_DYSYMTAB, LC_VERSION_MIN). */
static int read_commands(struct image *im, const macho_header *h, const unsigned char **segment,
                         struct symtab_command *symtab)
{
    const unsigned char *at = im->data + sizeof *h;
    struct load_command lc;
    struct uuid_command uuid;
    macho_segment seg;
    for (uint32_t i = 0; i < h->ncmds; i++, at += lc.cmdsize) {
        memcpy(&lc, at, sizeof lc);
        if (lc.cmd == LC_SEGMENT) {
            if (image_command(im, at, lc.cmdsize, &seg, sizeof seg))
                return -1;
            if (*segment && seg.vmsize)
                return image_bad(im, "more than one segment, where an i386 kext has one");
            *segment = seg.vmsize ? at : *segment;
        } else if (lc.cmd == LC_SYMTAB) {
            if (image_command(im, at, lc.cmdsize, symtab, sizeof *symtab))
                return -1;
        } else if (lc.cmd == LC_UUID) {
            if (image_command(im, at, lc.cmdsize, &uuid, sizeof uuid))
                return -1;
            memcpy(im->uuid, uuid.uuid, sizeof im->uuid);
            im->has_uuid = true;
        } else if (lc.cmd != LC_UNIXTHREAD) {
            return kext_fail("%s: load command 0x%x, which no Mac OS X kernel accepts in an i386 kext: link it with kextld",
                             im->path, lc.cmd);
        }
    }
    return *segment ? 0 : image_bad(im, "no segment");
}

/* ---- layout ---- */
static bool is_zerofill(const macho_section *s)
{
    return (s->flags & SECTION_TYPE) == S_ZEROFILL;
}

static int check_section(const struct image *im, const struct sect *out, const macho_section *s)
{
    if (s->align > MAX_ALIGN || s->size > MAX_IMAGE)
        return image_bad(im, "section %s of %u bytes, aligned to 2^%u", out->name, s->size, s->align);
    if (!is_zerofill(s) && !image_inside(s->offset, s->size, im->size))
        return image_bad(im, "section %s reaches beyond the end of the file", out->name);
    if (!image_inside(s->reloff, (uint64_t)s->nreloc * sizeof(struct relocation_info), im->size) ||
        (s->nreloc && is_zerofill(s)))
        return image_bad(im, "the relocations of section %s are not in the file", out->name);
    return 0;
}

static int read_sections(struct image *im, const unsigned char *at, struct source **out)
{
    macho_segment seg;
    memcpy(&seg, at, sizeof seg);
    if (seg.nsects > MAX_SECT || seg.nsects > (seg.cmdsize - sizeof seg) / sizeof(macho_section))
        return image_bad(im, "its segment names %u sections, more than its command holds", seg.nsects);
    *out = calloc(seg.nsects + 1u, sizeof **out);
    free(im->segments);
    im->segments = calloc(seg.nsects + 2u, sizeof *im->segments);
    if (!*out || !im->segments)
        return kext_fail("%s: no memory for %u sections", im->path, seg.nsects);
    for (uint32_t i = 0; i < seg.nsects; i++) {
        struct source *from = *out + i;
        struct sect *to = &im->sects[im->nsects++];
        memcpy(&from->s, at + sizeof seg + i * sizeof from->s, sizeof from->s);
        image_copy_name(to->name, from->s.sectname);
        image_copy_name(from->segname, from->s.segname);
        to->size = from->s.size;
        to->flags = from->s.flags;
        if (check_section(im, to, &from->s))
            return -1;
    }
    return 0;
}

static uint64_t place_section(struct sect *to, struct source *from, uint64_t at)
{
    uint64_t align = 1ull << from->s.align;
    to->addr = (at + align - 1) & -align;
    to->moved = to->addr - from->s.addr;
    from->placed = true;
    return to->addr + to->size;
}

static struct segment *add_segment(struct image *im, const char *name, uint64_t from, uint64_t end, uint32_t prot)
{
    struct segment *seg = &im->segments[im->nsegments++];
    strcpy(seg->name, name);
    seg->vmaddr = seg->fileoff = from;
    seg->vmsize = seg->filesize = image_page_up(end) - from;
    seg->prot = prot;
    return seg;
}

/* One segment for each name, in the order in which they first appear. */
static int lay_out(struct image *im, const macho_header *h, struct source *from)
{
    uint64_t at = image_page_up(sizeof *h + h->sizeofcmds);
    im->header_size = (uint32_t)at;
    add_segment(im, "", 0, at, VM_PROT_READ);
    for (unsigned first = 0; first < im->nsects; first++) {
        uint64_t start = at;
        if (from[first].placed)
            continue;
        for (unsigned i = first; i < im->nsects; i++)
            if (!from[i].placed && !strcmp(from[i].segname, from[first].segname))
                at = place_section(&im->sects[i], &from[i], at);
        if (at > MAX_IMAGE)
            return image_bad(im, "its sections have more than %d MB", MAX_IMAGE >> 20);
        if (at == start)
            continue;
        at = start + add_segment(im, from[first].segname, start, at, VM_PROT_ALL)->vmsize;
    }
    im->vmsize = at;
    im->laid_out = calloc(1, at);
    if (!im->laid_out)
        return kext_fail("%s: no memory for its image", im->path);
    for (unsigned i = 0; i < im->nsects; i++)
        if (!is_zerofill(&from[i].s))
            memcpy(im->laid_out + im->sects[i].addr, im->data + from[i].s.offset, from[i].s.size);
    return 0;
}

/* The header in memory tells the sections' addresses there; place.c adds the image's. */
static void write_header(struct image *im, const macho_header *h, const unsigned char *segment)
{
    macho_section s;
    size_t at = (size_t)(segment - im->data) + sizeof(macho_segment);
    memcpy(im->laid_out, im->data, sizeof *h + h->sizeofcmds);
    for (unsigned i = 0; i < im->nsects; i++, at += sizeof s) {
        memcpy(&s, im->data + at, sizeof s);
        s.addr = (uint32_t)im->sects[i].addr;
        memcpy(im->laid_out + at, &s, sizeof s);
    }
}

/* ---- relocations ---- */
struct entry {
    uint32_t address, target; /* target: section's or symbol's number, or (scattered) an address */
    unsigned type, length, pcrel, external, scattered;
};

static struct entry unpack(struct relocation_info r)
{
    if (!(r.word0 & R_SCATTERED))
        return (struct entry){r.word0,        reloc_symbolnum(r), reloc_type(r), reloc_length(r),
                              reloc_pcrel(r), reloc_extern(r),    0};
    return (struct entry){r.word0 & 0xffffff, r.word1, r.word0 >> 24 & 15, r.word0 >> 28 & 3, r.word0 >> 30 & 1, 0, 1};
}

/* How far what stood at an address of the file has moved; -1: no section was there. */
static int moved_at(const struct image *im, uint32_t address, uint32_t *by)
{
    for (unsigned i = 0; i < im->nsects; i++) {
        const struct sect *s = &im->sects[i];
        if (address - (uint32_t)(s->addr - s->moved) < s->size) {
            *by = (uint32_t)s->moved;
            return 0;
        }
    }
    return -1;
}

static void add_at(struct image *im, uint64_t address, uint32_t by)
{
    uint32_t v;
    memcpy(&v, im->laid_out + address, sizeof v);
    v += by;
    memcpy(im->laid_out + address, &v, sizeof v);
}

static void keep(struct image *im, bool external, uint64_t address, const struct entry *e)
{
    struct reloc *to = external ? &im->external[im->nexternal++] : &im->local[im->nlocal++];
    *to = (struct reloc){.address = (uint32_t)address, .target = e->target, .type = GENERIC_RELOC_VANILLA,
                         .length = 2, .pcrel = (uint8_t)e->pcrel, .order = im->nexternal + im->nlocal + im->nother};
}

/* The distance of two places: changes only with the layout, not with the image's address. */
static int relocate_difference(struct image *im, const struct sect *s, const struct entry *e, const struct entry *pair)
{
    uint32_t to, from;
    if (!e->scattered || !pair || !pair->scattered || pair->type != GENERIC_RELOC_PAIR || e->pcrel)
        return image_bad(im, "a difference of addresses in %s without its other half", s->name);
    if (moved_at(im, e->target, &to) || moved_at(im, pair->target, &from))
        return image_bad(im, "a difference of addresses in %s that are in no section", s->name);
    add_at(im, s->addr + e->address, to - from);
    im->nother++;
    return 0;
}

static int relocate_local(struct image *im, const struct sect *s, const struct entry *e)
{
    uint32_t by = 0;
    if (!e->scattered && e->target == R_ABS)
        return e->pcrel ? image_bad(im, "a branch to a number in %s", s->name) : 0;
    if (!e->scattered && e->target > im->nsects)
        return image_bad(im, "a relocation in %s names section %u, which is not there", s->name, e->target);
    if (e->scattered && moved_at(im, e->target, &by))
        return image_bad(im, "a scattered relocation in %s points into no section", s->name);
    if (!e->scattered)
        by = (uint32_t)im->sects[e->target - 1].moved;
    add_at(im, s->addr + e->address, by - (e->pcrel ? (uint32_t)s->moved : 0));
    if (e->pcrel)
        im->nother++;
    else
        keep(im, false, s->addr + e->address, e);
    return 0;
}

static int relocate_external(struct image *im, const struct sect *s, const struct entry *e)
{
    if (e->target >= im->nsymbols || (im->symbols[e->target].type & N_STAB))
        return image_bad(im, "a relocation in %s names symbol %u, which is not there", s->name, e->target);
    if (e->pcrel)
        add_at(im, s->addr + e->address, -(uint32_t)s->moved);
    im->symbols[e->target].uses++;
    keep(im, true, s->addr + e->address, e);
    return 0;
}

/* pair: the entry behind it. The result says how many entries were used; 0: failed. */
static unsigned relocate(struct image *im, const struct sect *s, const struct entry *e, const struct entry *pair)
{
    if (e->length != 2 || !image_inside(e->address, 4, s->size)) {
        image_bad(im, "a relocation in %s of a kind or at a place that kexts cannot have", s->name);
        return 0;
    }
    switch (e->type) {
    case GENERIC_RELOC_VANILLA:
        return (e->external ? relocate_external(im, s, e) : relocate_local(im, s, e)) ? 0 : 1;
    case GENERIC_RELOC_SECTDIFF:
    case GENERIC_RELOC_LOCAL_SECTDIFF:
        return relocate_difference(im, s, e, pair) ? 0 : 2;
    default:
        image_bad(im, "a relocation in %s of type %u, which kexts cannot have", s->name, e->type);
        return 0;
    }
}

static struct relocation_info table_entry(const struct image *im, const macho_section *s, uint32_t i)
{
    struct relocation_info r;
    memcpy(&r, im->data + s->reloff + i * sizeof r, sizeof r);
    return r;
}

static bool holds_vtable(const struct image *im, const struct sect *s)
{
    for (unsigned i = 0; i < im->nby_name; i++)
        if (!strncmp(im->by_name[i]->name, "__ZTV", 5) && image_sect_at(im, im->by_name[i]->value) == s)
            return true;
    return false;
}

static int check_vtable_section(const struct image *im, const struct sect *s, const macho_section *from)
{
    if (!LEOPARD || !from->nreloc || !holds_vtable(im, s))
        return 0;
    for (uint32_t i = 0; i < from->nreloc; i++)
        if (table_entry(im, from, i).word0 & R_SCATTERED)
            return kext_fail("%s: scattered relocations in %s, which has vtables: Mac OS X %s refuses them; link it with "
                             "kextld for 10.5", im->path, s->name, host_profile->name);
    return 0;
}

static int read_relocations(struct image *im, const struct source *from)
{
    size_t n = 0;
    for (unsigned i = 0; i < im->nsects; i++)
        n += from[i].s.nreloc;
    im->external = calloc(n + 1, sizeof *im->external);
    im->local = calloc(n + 1, sizeof *im->local);
    if (!im->external || !im->local)
        return kext_fail("%s: no memory for %zu relocations", im->path, n);
    for (unsigned i = 0; i < im->nsects; i++) {
        unsigned used;
        if (check_vtable_section(im, &im->sects[i], &from[i].s))
            return -1;
        for (uint32_t j = 0; j < from[i].s.nreloc; j += used) {
            struct entry e = unpack(table_entry(im, &from[i].s, j)), pair;
            bool more = j + 1 < from[i].s.nreloc;
            if (more)
                pair = unpack(table_entry(im, &from[i].s, j + 1));
            used = relocate(im, &im->sects[i], &e, more ? &pair : NULL);
            if (!used)
                return -1;
        }
    }
    image_index_relocations(im);
    return 0;
}

/* ---- what 10.5 wants besides (libsa/kld_patch.c, cctools' ld) ---- */
static bool must_be_external(const char *name)
{
    size_t n = strlen(name);
    return !strcmp(name, "_kmod_info") || !strncmp(name, "__ZTV", 5) ||
           (n > 13 && !strcmp(name + n - 13, "10superClassE"));
}

/* It searches the symbols by halves: locals, then those that others see, by name, then undefined ones. */
static int check_leopard(const struct image *im)
{
    int stage = 0;
    for (unsigned i = 0; i < im->nsymbols; i++) {
        const struct symbol *s = &im->symbols[i];
        int now = s->binding != BIND_LOCAL ? 2 : s->type & N_EXT ? 1 : 0;
        if (s->type & N_STAB)
            continue;
        if (now < stage || (now == 1 && stage == 1 && strcmp(im->symbols[i - 1].name, s->name) >= 0))
            return kext_fail("%s: its symbols are not in the order that Mac OS X %s needs (at %s): link it with kextld",
                             im->path, host_profile->name, s->name);
        stage = now;
        if (now == 0 && must_be_external(s->name))
            return kext_fail("%s: %s is local: Mac OS X %s would leave the vtables unpatched; link it with kextld", im->path,
                             s->name, host_profile->name);
    }
    return 0;
}

int image_parse_file(struct image *im)
{
    macho_header h;
    struct symtab_command symtab = {0};
    struct source *from = NULL;
    const unsigned char *segment = NULL;
    int r = -1;
    if (check_header(im, &h) || image_reserve(im, &h) || read_commands(im, &h, &segment, &symtab) ||
        read_sections(im, segment, &from) || lay_out(im, &h, from))
        goto out;
    if (!symtab.cmd) {
        image_bad(im, "no symbol table (LC_SYMTAB)");
        goto out;
    }
    if (image_read_symbols(im, &symtab) || read_relocations(im, from) || (LEOPARD && check_leopard(im)))
        goto out;
    write_header(im, &h, segment);
    im->data = im->laid_out;
    im->size = im->vmsize;
    r = 0;
out:
    free(from);
    return r;
}
#endif
