// SPDX-License-Identifier: BSD-3-Clause
/*
 * Reads a kext's executable: a thin or fat Mach-O file of type MH_KEXT_BUNDLE for x86_64. Every offset, size
 * and count is checked before use, so that a corrupt file is one line of text; beyond that it refuses what
 * XNU's kernel linker refuses (libkern/kxld/kxld_object.c init_from_final_linked_image, kxld_seg.c,
 * kxld_sect.c; 10.6: kxld_kext.c).
 */
#include "internal.h"
#include "../profile.h"
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_FILE = 256 << 20, MAX_IMAGE = 256 << 20, PAGE = 4096, MAX_COMMANDS = 4096 };

__attribute__((format(printf, 2, 3))) static int bad(const struct image *im, const char *fmt, ...)
{
    char what[256];
    va_list args;
    va_start(args, fmt);
    vsnprintf(what, sizeof what, fmt, args);
    va_end(args);
    return kext_fail("%s: not a sound kext executable: %s; build or copy it again", im->path, what);
}

static uint32_t big(uint32_t v)
{
    return __builtin_bswap32(v);
}

static bool inside(uint64_t offset, uint64_t size, uint64_t limit)
{
    return offset <= limit && size <= limit - offset;
}

static uint64_t page_up(uint64_t v)
{
    return (v + PAGE - 1) & ~(uint64_t)(PAGE - 1);
}

static int wrong_arch(const struct image *im, const char *what)
{
    return kext_fail("%s: %s, and kexthost runs x86_64 kexts: give it one that has an x86_64 part", im->path,
                     what);
}

/* Points data and size at the x86_64 part. */
static int choose_slice(struct image *im, size_t size)
{
    struct fat_header fat;
    im->data = im->file;
    im->size = size;
    if (size < sizeof fat)
        return bad(im, "%zu bytes are too few", size);
    memcpy(&fat, im->file, sizeof fat);
    if (fat.magic != FAT_CIGAM)
        return 0;
    unsigned n = big(fat.nfat_arch);
    if (n > 64 || !inside(sizeof fat, n * sizeof(struct fat_arch), size))
        return bad(im, "its list of %u architectures does not fit the file", n);
    for (unsigned i = 0; i < n; i++) {
        struct fat_arch arch;
        memcpy(&arch, im->file + sizeof fat + i * sizeof arch, sizeof arch);
        if (big(arch.cputype) != CPU_TYPE_X86_64)
            continue;
        if (!inside(big(arch.offset), big(arch.size), size))
            return bad(im, "its x86_64 part reaches beyond the end of the file");
        im->data = im->file + big(arch.offset);
        im->size = big(arch.size);
        return 0;
    }
    return wrong_arch(im, "a fat file without an x86_64 part");
}

static int check_header(const struct image *im, struct mach_header_64 *h)
{
    if (im->size < sizeof *h)
        return bad(im, "%zu bytes are too few for a Mach-O header", im->size);
    memcpy(h, im->data, sizeof *h);
    if (h->magic == MH_MAGIC && h->cputype == CPU_TYPE_I386)
        return wrong_arch(im, "an i386 kext");
    if (h->magic == MH_CIGAM || h->magic == MH_CIGAM_64)
        return wrong_arch(im, "a big-endian Mach-O file");
    if (h->magic != MH_MAGIC_64)
        return bad(im, "no Mach-O file (it begins with 0x%08x)", h->magic);
    if (h->cputype != CPU_TYPE_X86_64)
        return wrong_arch(im, "a Mach-O file for another processor");
    if (h->filetype != MH_KEXT_BUNDLE)
        return bad(im, "file type %u, where a kext has 11 (MH_KEXT_BUNDLE)", h->filetype);
    if (h->ncmds > MAX_COMMANDS || !inside(sizeof *h, h->sizeofcmds, im->size))
        return bad(im, "its %u load commands do not fit the file", h->ncmds);
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

static void copy_name(char to[17], const char from[16])
{
    memcpy(to, from, 16);
    to[16] = 0;
}

static int add_section(struct image *im, struct segment *seg, const unsigned char *at)
{
    struct section_64 s;
    char segname[17];
    struct sect *out = &im->sects[im->nsects];
    memcpy(&s, at, sizeof s);
    copy_name(out->name, s.sectname);
    copy_name(segname, s.segname);
    if (strcmp(segname, seg->name))
        return bad(im, "section %.16s says it is in segment %.16s but stands in %s", out->name, segname,
                   seg->name);
    if (s.addr < seg->vmaddr || !inside(s.addr - seg->vmaddr, s.size, seg->vmsize))
        return bad(im, "section %s,%s lies outside its segment", seg->name, out->name);
    if (s.nreloc)
        return bad(im, "section %s,%s has relocations of its own", seg->name, out->name);
    if (im->nsects == MAX_SECT)
        return bad(im, "more than %d sections", MAX_SECT);
    out->addr = s.addr;
    out->size = s.size;
    out->flags = s.flags;
    out->reserved1 = s.reserved1;
    im->nsects++;
    if ((s.flags & SECTION_TYPE) == S_ZEROFILL || !s.size)
        return 0;
    /* The linker relocates at the segment's file offset and copies from the section's: they must agree. */
    if (s.offset != seg->fileoff + (s.addr - seg->vmaddr) ||
        !inside(s.addr - seg->vmaddr, s.size, seg->filesize))
        return bad(im, "section %s,%s is not where its segment has its bytes", seg->name, out->name);
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
    if (first < im->nsects && page_up(end) > page_up(top + size))
        return bad(im, "segment %s has an empty section before a full one at the same address", seg->name);
    return 0;
}

static int add_segment(struct image *im, const unsigned char *at, uint32_t cmdsize)
{
    struct segment_command_64 c;
    struct segment *seg = &im->segments[im->nsegments];
    unsigned first = im->nsects;
    if (cmdsize < sizeof c)
        return bad(im, "a segment command of %u bytes", cmdsize);
    memcpy(&c, at, sizeof c);
    if (!c.vmsize)
        return 0; /* ignored by Apple's linker too */
    copy_name(seg->name, c.segname);
    if (c.nsects > (cmdsize - sizeof c) / sizeof(struct section_64))
        return bad(im, "segment %s names %u sections, more than its command holds", seg->name, c.nsects);
    if (!inside(c.vmaddr, c.vmsize, MAX_IMAGE))
        return bad(im, "segment %s at 0x%llx of 0x%llx bytes", seg->name, (unsigned long long)c.vmaddr,
                   (unsigned long long)c.vmsize);
    if (c.filesize > c.vmsize || !inside(c.fileoff, c.filesize, im->size))
        return bad(im, "segment %s reaches beyond the end of the file", seg->name);
    if (c.vmaddr % PAGE)
        return bad(im, "segment %s does not begin on a page", seg->name);
    seg->vmaddr = c.vmaddr;
    seg->vmsize = page_up(c.vmsize);
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

/* Counts first, so that the arrays have their final size. */
static int reserve(struct image *im, const struct mach_header_64 *h)
{
    uint64_t at = sizeof *h, end = at + h->sizeofcmds;
    uint64_t nsegments = 0, nsects = 0;
    for (uint32_t i = 0; i < h->ncmds; i++) {
        struct load_command lc;
        if (!inside(at, sizeof lc, end))
            return bad(im, "load command %u lies outside the commands' space", i);
        memcpy(&lc, im->data + at, sizeof lc);
        if (lc.cmdsize < sizeof lc || !inside(at, lc.cmdsize, end))
            return bad(im, "load command %u (0x%x) of %u bytes", i, lc.cmd, lc.cmdsize);
        if (lc.cmd == LC_SEGMENT_64) {
            nsegments++;
            nsects += lc.cmdsize / sizeof(struct section_64);
        }
        at += lc.cmdsize;
    }
    im->segments = calloc(nsegments + 1, sizeof *im->segments);
    im->sects = calloc(nsects + 1, sizeof *im->sects);
    return im->segments && im->sects ? 0 : kext_fail("%s: no memory for its segments", im->path);
}

/* The fixed part of a command, when it is that long. */
static int command(const struct image *im, const unsigned char *at, uint32_t cmdsize, void *out, size_t size)
{
    if (cmdsize < size)
        return bad(im, "a load command of %u bytes where %zu belong", cmdsize, size);
    memcpy(out, at, size);
    return 0;
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
            r = command(im, at, lc.cmdsize, symtab, sizeof *symtab);
        } else if (lc.cmd == LC_DYSYMTAB) {
            r = command(im, at, lc.cmdsize, dysymtab, sizeof *dysymtab);
        } else if (lc.cmd == LC_UUID) {
            r = command(im, at, lc.cmdsize, &uuid, sizeof uuid);
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
                return bad(im, "segments %s and %s overlap", b->name, a->name);
        }
        if (!a->linkedit && a->vmaddr + a->vmsize > im->vmsize)
            im->vmsize = a->vmaddr + a->vmsize;
    }
    return header ? 0 : bad(im, "no segment at address 0 that holds its header");
}

/* OSKext::validateKextMapping: start and stop are set and inside the kext. They are pointers with local
 * relocations, so the file holds their unslid addresses. */
static int check_kmod_info(struct image *im)
{
    struct kmod_info_64 kmod;
    const unsigned char *at;
    im->kmod_info = image_symbol(im, "_kmod_info");
    if (!im->kmod_info)
        return kext_fail("%s: no _kmod_info: a kext defines one (KMOD_EXPLICIT_DECL), link it in", im->path);
    at = image_bytes(im, im->kmod_info->value, sizeof kmod);
    if (!at || im->kmod_info->value % 4)
        return bad(im, "_kmod_info lies outside its data, or askew in it");
    memcpy(&kmod, at, sizeof kmod);
    if (!kmod.start_addr || kmod.start_addr >= im->vmsize || !kmod.stop_addr || kmod.stop_addr >= im->vmsize)
        return bad(im, "the start or stop function of _kmod_info is not inside the kext");
    return 0;
}

static int parse(struct image *im, size_t size)
{
    struct mach_header_64 h;
    struct symtab_command symtab = {0};
    struct dysymtab_command dysymtab = {0};
    if (choose_slice(im, size) || check_header(im, &h) || reserve(im, &h) ||
        read_commands(im, &h, &symtab, &dysymtab) || check_layout(im))
        return -1;
    if (!symtab.cmd)
        return bad(im, "no symbol table (LC_SYMTAB)");
    if (!dysymtab.cmd)
        return bad(im, "no LC_DYSYMTAB, where a kext has its relocations");
    if (image_read_symbols(im, &symtab) || image_read_relocations(im, &dysymtab))
        return -1;
    return check_kmod_info(im);
}

int image_parse(struct image *im, const char *path, unsigned char *file, size_t size)
{
    memset(im, 0, sizeof *im);
    im->path = path;
    im->file = file;
    if (!parse(im, size))
        return 0;
    image_free(im);
    return -1;
}

static int read_all(int fd, unsigned char *to, size_t size)
{
    for (size_t done = 0; done < size;) {
        ssize_t n = read(fd, to + done, size - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return -1;
        done += (size_t)n;
    }
    return 0;
}

int image_read(struct image *im, const char *path)
{
    struct stat st;
    unsigned char *file = NULL;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return kext_fail("%s: %s; the bundle's Info.plist names it as CFBundleExecutable", path,
                         strerror(errno));
    if (fstat(fd, &st) || !S_ISREG(st.st_mode) || st.st_size > MAX_FILE) {
        kext_fail("%s: not a file that can be a kext's executable", path);
    } else if (!(file = malloc((size_t)st.st_size + 1)) || read_all(fd, file, (size_t)st.st_size)) {
        kext_fail("%s: cannot be read whole: %s", path, errno ? strerror(errno) : "it shrank");
        free(file);
        file = NULL;
    }
    close(fd);
    return file ? image_parse(im, path, file, (size_t)st.st_size) : -1;
}

void image_free(struct image *im)
{
    free(im->segments);
    free(im->sects);
    free(im->symbols);
    free(im->external);
    free(im->local);
    free(im->indirect);
    free(im->by_name);
    free(im->by_value);
    free(im->file);
    memset(im, 0, sizeof *im);
}

static const struct segment *segment_at(const struct image *im, uint64_t address, uint64_t size)
{
    for (unsigned i = 0; i < im->nsegments; i++) {
        const struct segment *seg = &im->segments[i];
        if (address >= seg->vmaddr && inside(address - seg->vmaddr, size, seg->vmsize))
            return seg;
    }
    return NULL;
}

const unsigned char *image_bytes(const struct image *im, uint64_t address, uint64_t size)
{
    const struct segment *seg = segment_at(im, address, size);
    if (!seg || seg->linkedit || !inside(address - seg->vmaddr, size, seg->filesize))
        return NULL;
    return im->data + seg->fileoff + (address - seg->vmaddr);
}

int image_pointer(const struct image *im, uint64_t address, uint64_t *value)
{
    const unsigned char *at = image_bytes(im, address, sizeof *value);
    *value = 0;
    if (at)
        memcpy(value, at, sizeof *value);
    return at || segment_at(im, address, sizeof *value) ? 0 : -1;
}
