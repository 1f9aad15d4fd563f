// SPDX-License-Identifier: BSD-3-Clause
/*
 * Reads a kext's executable: a thin or fat Mach-O file. Every offset, size and count is checked before use, so
 * that a corrupt file is one line of text; what an x86_64 kext looks like is in linked.c, an i386 one in object.c.
 */
#include "internal.h"
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_FILE = 256 << 20, PAGE = 4096 };

int image_bad(const struct image *im, const char *fmt, ...)
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

bool image_inside(uint64_t offset, uint64_t size, uint64_t limit)
{
    return offset <= limit && size <= limit - offset;
}

uint64_t image_page_up(uint64_t v)
{
    return (v + PAGE - 1) & ~(uint64_t)(PAGE - 1);
}

int image_wrong_arch(const struct image *im, const char *what)
{
    return kext_fail("%s: %s, and this host runs " KEXT_ARCH " kexts: give it one that has that part, or use %s", im->path,
                     what, WORD == 8 ? "kexthost32" : "kexthost");
}

/* Points data and size at the part for this host. */
static int choose_slice(struct image *im, size_t size)
{
    struct fat_header fat;
    im->data = im->file;
    im->size = size;
    if (size < sizeof fat)
        return image_bad(im, "%zu bytes are too few", size);
    memcpy(&fat, im->file, sizeof fat);
    if (fat.magic != FAT_CIGAM)
        return 0;
    unsigned n = big(fat.nfat_arch);
    if (n > 64 || !image_inside(sizeof fat, n * sizeof(struct fat_arch), size))
        return image_bad(im, "its list of %u architectures does not fit the file", n);
    for (unsigned i = 0; i < n; i++) {
        struct fat_arch arch;
        memcpy(&arch, im->file + sizeof fat + i * sizeof arch, sizeof arch);
        if (big(arch.cputype) != KEXT_CPU)
            continue;
        if (!image_inside(big(arch.offset), big(arch.size), size))
            return image_bad(im, "its " KEXT_ARCH " part reaches beyond the end of the file");
        im->data = im->file + big(arch.offset);
        im->size = big(arch.size);
        return 0;
    }
    return image_wrong_arch(im, "a fat file without an " KEXT_ARCH " part");
}

void image_copy_name(char to[17], const char from[16])
{
    memcpy(to, from, 16);
    to[16] = 0;
}

/* Counts first, so that the arrays have their final size. */
int image_reserve(struct image *im, const macho_header *h)
{
    uint64_t at = sizeof *h, end = at + h->sizeofcmds;
    uint64_t nsegments = 0, nsects = 0;
    for (uint32_t i = 0; i < h->ncmds; i++) {
        struct load_command lc;
        if (!image_inside(at, sizeof lc, end))
            return image_bad(im, "load command %u lies outside the commands' space", i);
        memcpy(&lc, im->data + at, sizeof lc);
        if (lc.cmdsize < sizeof lc || !image_inside(at, lc.cmdsize, end))
            return image_bad(im, "load command %u (0x%x) of %u bytes", i, lc.cmd, lc.cmdsize);
        if (lc.cmd == KEXT_SEGMENT) {
            nsegments++;
            nsects += lc.cmdsize / sizeof(macho_section);
        }
        at += lc.cmdsize;
    }
    im->segments = calloc(nsegments + 1, sizeof *im->segments);
    im->sects = calloc(nsects + 1, sizeof *im->sects);
    return im->segments && im->sects ? 0 : kext_fail("%s: no memory for its segments", im->path);
}

/* The fixed part of a command, when it is that long. */
int image_command(const struct image *im, const unsigned char *at, uint32_t cmdsize, void *out, size_t size)
{
    if (cmdsize < size)
        return image_bad(im, "a load command of %u bytes where %zu belong", cmdsize, size);
    memcpy(out, at, size);
    return 0;
}

/* OSKext::validateKextMapping: start and stop are set and inside the kext. They are pointers with local
 * relocations, so the file holds their unslid addresses. */
static int check_kmod_info(struct image *im)
{
    kmod_record kmod;
    const unsigned char *at;
    im->kmod_info = image_symbol(im, "_kmod_info");
    if (!im->kmod_info)
        return kext_fail("%s: no _kmod_info: a kext defines one (KMOD_EXPLICIT_DECL), link it in", im->path);
    at = image_bytes(im, im->kmod_info->value, sizeof kmod);
    if (!at || im->kmod_info->value % 4)
        return image_bad(im, "_kmod_info lies outside its data, or askew in it");
    memcpy(&kmod, at, sizeof kmod);
    if (!kmod.start_addr || kmod.start_addr >= im->vmsize || !kmod.stop_addr || kmod.stop_addr >= im->vmsize)
        return image_bad(im, "the start or stop function of _kmod_info is not inside the kext");
    return 0;
}

static int parse(struct image *im, size_t size)
{
    return choose_slice(im, size) || image_parse_file(im) || check_kmod_info(im) ? -1 : 0;
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
    free(im->laid_out);
    free(im->file);
    memset(im, 0, sizeof *im);
}

static const struct segment *segment_at(const struct image *im, uint64_t address, uint64_t size)
{
    for (unsigned i = 0; i < im->nsegments; i++) {
        const struct segment *seg = &im->segments[i];
        if (address >= seg->vmaddr && image_inside(address - seg->vmaddr, size, seg->vmsize))
            return seg;
    }
    return NULL;
}

const unsigned char *image_bytes(const struct image *im, uint64_t address, uint64_t size)
{
    const struct segment *seg = segment_at(im, address, size);
    if (!seg || seg->linkedit || !image_inside(address - seg->vmaddr, size, seg->filesize))
        return NULL;
    return im->data + seg->fileoff + (address - seg->vmaddr);
}

int image_pointer(const struct image *im, uint64_t address, uint64_t *value)
{
    const unsigned char *at = image_bytes(im, address, WORD);
    *value = 0;
    if (at)
        memcpy(value, at, WORD);
    return at || segment_at(im, address, WORD) ? 0 : -1;
}

const struct sect *image_sect_at(const struct image *im, uint64_t address)
{
    for (unsigned i = 0; i < im->nsects; i++)
        if (address - im->sects[i].addr < im->sects[i].size)
            return &im->sects[i];
    return NULL;
}
