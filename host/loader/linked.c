// SPDX-License-Identifier: BSD-3-Clause
/*
 * The executable of an x86_64 kext: MH_KEXT_BUNDLE, linked by a linker. It refuses what XNU's kernel linker
 * refuses (libkern/kxld/kxld_object.c init_from_final_linked_image, kxld_seg.c, kxld_sect.c; 10.6: kxld_kext.c).
 */
#ifdef __x86_64__
#include "internal.h"
#include "../profile.h"
#include <string.h>

enum { MAX_IMAGE = 256 << 20, PAGE = 4096, MAX_COMMANDS = 4096 };

static int check_header(const struct image *im, struct mach_header_64 *h)
{
    if (im->size < sizeof *h)
        return image_bad(im, "%zu bytes are too few for a Mach-O header", im->size);
    memcpy(h, im->data, sizeof *h);
    if (h->magic == MH_MAGIC && h->cputype == CPU_TYPE_I386)
        return image_wrong_arch(im, "an i386 kext");
    if (h->magic == MH_CIGAM || h->magic == MH_CIGAM_64)
        return image_wrong_arch(im, "a big-endian Mach-O file");
    if (h->magic != MH_MAGIC_64)
        return image_bad(im, "no Mach-O file (it begins with 0x%08x)", h->magic);
    if (h->cputype != CPU_TYPE_X86_64)
        return image_wrong_arch(im, "a Mach-O file for another processor");
    if (h->filetype != MH_KEXT_BUNDLE)
        return image_bad(im, "file type %u, where a kext has 11 (MH_KEXT_BUNDLE)", h->filetype);
    if (h->ncmds > MAX_COMMANDS || !image_inside(sizeof *h, h->sizeofcmds, im->size))
        return image_bad(im, "its %u load commands do not fit the file", h->ncmds);
    return 0;
}

/* Load commands besides those that are read here, and the first system (10.N) whose linker ignores
 * them. 10.6's and 10.7's know none (kxld_kext.c of xnu-1504, kxld_object.c of 1699: "Invalid segment type").
 */
static int since(uint32_t cmd)
{
    enum { REQ_DYLD = 0x80000000u };
    switch (cmd) {
    case 0x1d: /* LC_CODE_SIGNATURE */
    case 0x1e: /* LC_SEGMENT_SPLIT_INFO */
    case 0x22:
    case 0x22u | REQ_DYLD: /* LC_DYLD_INFO, _ONLY */
    case LC_VERSION_MIN_MACOSX:
    case 0x26: /* LC_FUNCTION_STARTS */
    case LC_DATA_IN_CODE:
    case 0x2a: /* LC_SOURCE_VERSION */
    case 0x2b: /* LC_DYLIB_CODE_SIGN_DRS */
        return 8;
    case 0x31: /* LC_NOTE */
    case LC_BUILD_VERSION:
        return 14;
    default:
        return -1;
    }
}

static int check_other(const struct image *im, uint32_t cmd)
{
    int first = since(cmd);
    if (first < 0)
        return kext_fail(
            "%s: load command 0x%x, which no Mac OS X kernel accepts in a kext: link it with kextld",
            im->path, cmd);
    if (host_profile->minor_of_ten < first)
        return kext_fail(
            "%s: load command 0x%x, which Mac OS X %s refuses in a kext: link it with kextld, or choose "
            "--darwin 10.%d or later",
            im->path, cmd, host_profile->name, first);
    return 0;
}

static int add_section(struct image *im, struct segment *seg, const unsigned char *at)
{
    struct section_64 s;
    char segname[17];
    struct sect *out = &im->sects[im->nsects];
    memcpy(&s, at, sizeof s);
    image_copy_name(out->name, s.sectname);
    image_copy_name(segname, s.segname);
    if (strcmp(segname, seg->name))
        return image_bad(im, "section %.16s says it is in segment %.16s but stands in %s", out->name, segname,
                   seg->name);
    if (s.addr < seg->vmaddr || !image_inside(s.addr - seg->vmaddr, s.size, seg->vmsize))
        return image_bad(im, "section %s,%s lies outside its segment", seg->name, out->name);
    if (s.nreloc)
        return image_bad(im, "section %s,%s has relocations of its own", seg->name, out->name);
    if (im->nsects == MAX_SECT)
        return image_bad(im, "more than %d sections", MAX_SECT);
    out->addr = s.addr;
    out->size = s.size;
    out->flags = s.flags;
    out->reserved1 = s.reserved1;
    im->nsects++;
    if ((s.flags & SECTION_TYPE) == S_ZEROFILL || !s.size)
        return 0;
    /* The linker relocates at the segment's file offset and copies from the section's: they must agree. */
    if (s.offset != seg->fileoff + (s.addr - seg->vmaddr) ||
        !image_inside(s.addr - seg->vmaddr, s.size, seg->filesize))
        return image_bad(im, "section %s,%s is not where its segment has its bytes", seg->name, out->name);
    return 0;
}

/* kxld_seg_finish_init: a segment ends with its highest section; what lies beyond would not be mapped. */
static int check_end(const struct image *im, const struct segment *seg, unsigned first)
{
    uint64_t top = 0, size = 0, end = 0;
    for (unsigned i = first; i < im->nsects; i++) {
        const struct sect *s = &im->sects[i];
        if (s->addr > top) {
            top = s->addr;
            size = s->size;
        }
        if (s->addr + s->size > end)
            end = s->addr + s->size;
    }
    if (first < im->nsects && image_page_up(end) > image_page_up(top + size))
        return image_bad(im, "segment %s has an empty section before a full one at the same address", seg->name);
    return 0;
}

static int add_segment(struct image *im, const unsigned char *at, uint32_t cmdsize)
{
    struct segment_command_64 c;
    struct segment *seg = &im->segments[im->nsegments];
    unsigned first = im->nsects;
    if (cmdsize < sizeof c)
        return image_bad(im, "a segment command of %u bytes", cmdsize);
    memcpy(&c, at, sizeof c);
    if (!c.vmsize)
        return 0; /* ignored by Apple's linker too */
    image_copy_name(seg->name, c.segname);
    if (c.nsects > (cmdsize - sizeof c) / sizeof(struct section_64))
        return image_bad(im, "segment %s names %u sections, more than its command holds", seg->name, c.nsects);
    if (!image_inside(c.vmaddr, c.vmsize, MAX_IMAGE))
        return image_bad(im, "segment %s at 0x%llx of 0x%llx bytes", seg->name, (unsigned long long)c.vmaddr,
                   (unsigned long long)c.vmsize);
    if (c.filesize > c.vmsize || !image_inside(c.fileoff, c.filesize, im->size))
        return image_bad(im, "segment %s reaches beyond the end of the file", seg->name);
    if (c.vmaddr % PAGE)
        return image_bad(im, "segment %s does not begin on a page", seg->name);
    seg->vmaddr = c.vmaddr;
    seg->vmsize = image_page_up(c.vmsize);
    seg->fileoff = c.fileoff;
    seg->filesize = c.filesize;
    seg->prot = c.initprot;
    seg->linkedit = !strcmp(seg->name, "__LINKEDIT");
    im->nsegments++;
    for (uint32_t i = 0; i < c.nsects; i++)
        if (add_section(im, seg, at + sizeof c + i * sizeof(struct section_64)))
            return -1;
    return check_end(im, seg, first);
}

static int read_commands(struct image *im, const struct mach_header_64 *h, struct symtab_command *symtab,
                         struct dysymtab_command *dysymtab)
{
    const unsigned char *at = im->data + sizeof *h;
    struct load_command lc;
    struct uuid_command uuid;
    for (uint32_t i = 0; i < h->ncmds; i++, at += lc.cmdsize) {
        int r;
        memcpy(&lc, at, sizeof lc);
        if (lc.cmd == LC_SEGMENT_64) {
            r = add_segment(im, at, lc.cmdsize);
        } else if (lc.cmd == LC_SYMTAB) {
            r = image_command(im, at, lc.cmdsize, symtab, sizeof *symtab);
        } else if (lc.cmd == LC_DYSYMTAB) {
            r = image_command(im, at, lc.cmdsize, dysymtab, sizeof *dysymtab);
        } else if (lc.cmd == LC_UUID) {
            r = image_command(im, at, lc.cmdsize, &uuid, sizeof uuid);
            memcpy(im->uuid, uuid.uuid, r ? 0 : sizeof im->uuid);
            im->has_uuid = !r;
        } else {
            r = check_other(im, lc.cmd);
        }
        if (r)
            return -1;
    }
    return 0;
}

/* The header is what kmod_info.address points at, so a segment must map it. Segments must not overlap. */
static int check_layout(struct image *im)
{
    bool header = false;
    for (unsigned i = 0; i < im->nsegments; i++) {
        struct segment *a = &im->segments[i];
        if (!a->vmaddr && !a->fileoff && a->filesize >= sizeof(struct mach_header_64))
            header = true;
        for (unsigned j = 0; j < i; j++) {
            struct segment *b = &im->segments[j];
            if (a->vmaddr < b->vmaddr + b->vmsize && b->vmaddr < a->vmaddr + a->vmsize)
                return image_bad(im, "segments %s and %s overlap", b->name, a->name);
        }
        if (!a->linkedit && a->vmaddr + a->vmsize > im->vmsize)
            im->vmsize = a->vmaddr + a->vmsize;
    }
    return header ? 0 : image_bad(im, "no segment at address 0 that holds its header");
}

int image_parse_file(struct image *im)
{
    struct mach_header_64 h;
    struct symtab_command symtab = {0};
    struct dysymtab_command dysymtab = {0};
    if (check_header(im, &h) || image_reserve(im, &h) ||
        read_commands(im, &h, &symtab, &dysymtab) || check_layout(im))
        return -1;
    if (!symtab.cmd)
        return image_bad(im, "no symbol table (LC_SYMTAB)");
    if (!dysymtab.cmd)
        return image_bad(im, "no LC_DYSYMTAB, where a kext has its relocations");
    return image_read_symbols(im, &symtab) || image_read_relocations(im, &dysymtab) ? -1 : 0;
}
#endif
