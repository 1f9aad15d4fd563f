// SPDX-License-Identifier: BSD-3-Clause
/*
 * Puts a checked image into the machine's RAM and applies its relocations, as XNU's libkern/kxld does for a
 * linked kext (kxld_object.c process_relocs_from_tables, process_symbol_pointers, populate_kmod_info;
 * kxld_reloc.c x86_64_process_reloc, generic_process_reloc). One difference: on x86_64 the host's functions are further away than the 2 GB
 * that a call reaches, so a BRANCH to one goes through a stub behind the image.
 */
#include "internal.h"
#include "../linux/linux.h"
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { PAGE = 4096, STUB = 16 };

static unsigned long page_up(unsigned long v)
{
    return (v + PAGE - 1) & ~(unsigned long)(PAGE - 1);
}

static bool is_branch(const struct reloc *r)
{
    return WORD == 8 ? r->type == X86_64_RELOC_BRANCH : r->pcrel;
}

/* At most one stub for each relocation; symbols that several branches share need but one. */
static unsigned long stub_space(const struct image *im)
{
    unsigned long n = 0;
    for (unsigned i = 0; i < im->nexternal; i++)
        n += WORD == 8 && is_branch(&im->external[i]);
    return page_up(n * STUB);
}

/* Addresses in the header's segments and sections become those in RAM (kxld_seg_export_macho_to_vm): a kext
 * may walk its own header from kmod_info.address. */
static void slide_header(struct image *im)
{
    macho_header h;
    struct load_command lc;
    macho_segment seg;
    macho_section s;
    unsigned char *at = im->base + sizeof h;
    memcpy(&h, im->base, sizeof h);
    if (sizeof h + h.sizeofcmds > im->segments[0].filesize || im->segments[0].vmaddr)
        return;
    for (uint32_t i = 0; i < h.ncmds; i++, at += lc.cmdsize) {
        memcpy(&lc, at, sizeof lc);
        if (lc.cmd != KEXT_SEGMENT)
            continue;
        memcpy(&seg, at, sizeof seg);
        seg.vmaddr += (uintptr_t)im->base;
        memcpy(at, &seg, sizeof seg);
        for (uint32_t j = 0; j < seg.nsects; j++) {
            unsigned char *p = at + sizeof seg + j * sizeof s;
            memcpy(&s, p, sizeof s);
            s.addr += (uintptr_t)im->base;
            memcpy(p, &s, sizeof s);
        }
    }
}

int place_image(struct kext *k)
{
    struct image *im = &k->image;
    im->ram_size = page_up(im->vmsize) + stub_space(im);
    im->base = lx_ram_alloc(im->ram_size, PAGE, ~0ull);
    if (!im->base)
        return kext_fail("%s: no RAM left for its %lu KB", k->path, im->ram_size >> 10);
    memset(im->base, 0, im->ram_size);
    for (unsigned i = 0; i < im->nsegments; i++) {
        const struct segment *seg = &im->segments[i];
        if (!seg->linkedit)
            memcpy(im->base + seg->vmaddr, im->data + seg->fileoff, seg->filesize);
    }
    im->stubs = im->stubs_end = im->base + page_up(im->vmsize);
    slide_header(im);
    return 0;
}

#ifdef __x86_64__
/* jmp *0(%rip) and the address; found again for the same target. */
static uint64_t stub_for(struct image *im, uint64_t target)
{
    static const unsigned char jump[6] = {0xff, 0x25, 0, 0, 0, 0};
    for (unsigned char *s = im->stubs; s < im->stubs_end; s += STUB)
        if (!memcmp(s + sizeof jump, &target, sizeof target))
            return (uint64_t)s;
    unsigned char *s = im->stubs_end;
    im->stubs_end += STUB;
    memcpy(s, jump, sizeof jump);
    memcpy(s + sizeof jump, &target, sizeof target);
    return (uint64_t)s;
}

static int relocate_branch(struct kext *k, unsigned char *at, const struct symbol *s, uint64_t target)
{
    int32_t addend;
    memcpy(&addend, at, sizeof addend);
    int64_t distance = (int64_t)(target + (uint64_t)(int64_t)addend - ((uint64_t)at + sizeof addend));
    if (distance != (int32_t)distance) {
        if (addend)
            return kext_fail("%s: a branch to %s with an offset is out of reach: compile with -mkernel",
                             k->path, s->name);
        distance = (int64_t)(stub_for(&k->image, target) - ((uint64_t)at + sizeof addend));
    }
    addend = (int32_t)distance;
    memcpy(at, &addend, sizeof addend);
    return 0;
}

#else
/* The whole address space is in reach; the content is right for an image at 0. */
static int relocate_branch(struct kext *k, unsigned char *at, const struct symbol *s, uint64_t target)
{
    uint32_t v;
    memcpy(&v, at, sizeof v);
    v += (uint32_t)(target - (uintptr_t)k->image.base);
    memcpy(at, &v, sizeof v);
    return 0;
}
#endif

static void add_pointer(unsigned char *at, uint64_t value)
{
    uintptr_t v;
    memcpy(&v, at, sizeof v);
    v += (uintptr_t)value;
    memcpy(at, &v, sizeof v);
}

/* __DATA,__nl_symbol_ptr, whose pointers the indirect symbol table names instead of relocations. */
static int fill_symbol_pointers(struct kext *k)
{
    struct image *im = &k->image;
    for (unsigned i = 0; i < im->nsects; i++) {
        const struct sect *s = &im->sects[i];
        if (strcmp(s->name, "__nl_symbol_ptr") || (s->flags & SECTION_TYPE) != S_NON_LAZY_SYMBOL_POINTERS)
            continue;
        uint64_t n = s->size / WORD;
        if (s->reserved1 > im->nindirect || n > im->nindirect - s->reserved1 ||
            !image_bytes(im, s->addr, s->size))
            return kext_fail(
                "%s: not a sound kext executable: its symbol pointers have no table; build or copy it again",
                k->path);
        for (uint64_t j = 0; j < n; j++) {
            uint32_t index = im->indirect[s->reserved1 + j];
            unsigned char *at = im->base + s->addr + j * WORD;
            if (!(index & (INDIRECT_SYMBOL_LOCAL | INDIRECT_SYMBOL_ABS)))
                add_pointer(at, im->symbols[index].address);
            else if (!(index & INDIRECT_SYMBOL_ABS))
                add_pointer(at, (uintptr_t)im->base);
        }
    }
    return 0;
}

int place_relocate(struct kext *k)
{
    struct image *im = &k->image;
    if (fill_symbol_pointers(k))
        return -1;
    for (unsigned i = 0; i < im->nexternal; i++) {
        const struct reloc *r = &im->external[i];
        const struct symbol *s = &im->symbols[r->target];
        uint64_t target = r->patched ? r->to : s->address;
        unsigned char *at = im->base + r->address;
        if (!is_branch(r))
            add_pointer(at, target);
        else if (relocate_branch(k, at, s, target))
            return -1;
    }
    for (unsigned i = 0; i < im->nlocal; i++)
        if (im->local[i].target || WORD == 4) /* R_ABS stays; object.c has dropped it */
            add_pointer(im->base + im->local[i].address, (uintptr_t)im->base);
    return 0;
}

/* ---- text: known without a lock, for the kernel debugger ---- */
enum { TEXTS = 256 };
static struct {
    volatile unsigned long at, size; /* size 0: free */
} texts[TEXTS];

static void note_text(unsigned char *at, unsigned long size)
{
    for (int i = 0; i < TEXTS; i++)
        if (!texts[i].size && size) {
            texts[i].at = (unsigned long)at;
            __atomic_store_n(&texts[i].size, size, __ATOMIC_RELEASE);
            return;
        }
}

static void forget_texts(unsigned char *base, unsigned long size)
{
    for (int i = 0; i < TEXTS; i++)
        if (texts[i].at - (unsigned long)base < size)
            texts[i].size = texts[i].at = 0;
}

void kext_text_protect(int executable)
{
    for (int i = 0; i < TEXTS; i++)
        if (texts[i].size)
            mprotect((void *)texts[i].at, texts[i].size, PROT_READ | (executable ? PROT_EXEC : 0));
}

void kext_text_each(void (*fn)(unsigned long at, unsigned long size))
{
    for (int i = 0; i < TEXTS; i++)
        if (texts[i].size)
            fn(texts[i].at, texts[i].size);
}

int kext_text_contains(unsigned long address)
{
    for (int i = 0; i < TEXTS; i++)
        if (address - texts[i].at < texts[i].size)
            return 1;
    return 0;
}

static int protect(const struct kext *k, unsigned char *at, unsigned long size, int prot)
{
    if (!size || !mprotect(at, size, prot))
        return 0;
    return kext_fail("%s: the memory of its image cannot be protected", k->path);
}

/* kxld_seg_set_vm_protections with strict protections, as for every x86_64 kext. (An i386 kernel does not protect text;
 * a kext that writes there is told so here.) */
int place_protect(struct kext *k)
{
    struct image *im = &k->image;
    for (unsigned i = 0; i < im->nsegments; i++) {
        const struct segment *seg = &im->segments[i];
        bool code = !strcmp(seg->name, "__TEXT");
        if (!seg->linkedit &&
            protect(k, im->base + seg->vmaddr, seg->vmsize, PROT_READ | (code ? PROT_EXEC : PROT_WRITE)))
            return -1;
        if (code)
            note_text(im->base + seg->vmaddr, page_up(seg->vmsize));
    }
    unsigned long image = page_up(im->vmsize);
    note_text(im->base + image, im->ram_size - image);
    return protect(k, im->base + image, im->ram_size - image, PROT_READ | PROT_EXEC);
}

void place_free(struct kext *k)
{
    struct image *im = &k->image;
    if (!im->base)
        return;
    forget_texts(im->base, im->ram_size);
    protect(k, im->base, im->ram_size, PROT_READ | PROT_WRITE | PROT_EXEC);
    lx_ram_free(im->base, im->ram_size);
    im->base = NULL;
}
