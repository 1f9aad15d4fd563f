// SPDX-License-Identifier: BSD-3-Clause
/*
 * A kext's symbol and relocation tables, checked and turned into arrays that the linker walks. What counts as
 * which kind of symbol is as in XNU's libkern/kxld/kxld_sym.c (init_predicates) and kxld_symtab.c;
 * an x86_64 kext's relocations as in kxld_reloc.c: UNSIGNED of 8 bytes and BRANCH only (an i386 one's: object.c).
 */
#include "internal.h"
#include <stdlib.h>
#include <string.h>

static int bad(const struct image *im, const char *what, unsigned long long n)
{
    return kext_fail("%s: not a sound kext executable: %s (%llu); build or copy it again", im->path, what, n);
}

static bool fits(uint64_t offset, uint64_t count, uint64_t each, uint64_t limit)
{
    return offset <= limit && count <= (limit - offset) / each;
}

static bool defined(const struct symbol *s)
{
    return s->binding == BIND_LOCAL;
}

static bool is_cxx(const char *name)
{
    return !strncmp(name, "__Z", 3) || !strcmp(name, "___cxa_pure_virtual");
}

/* kxld_symtab.c restrict_private_symbols: never seen by other kexts. */
static bool is_private(const char *name)
{
    static const char *const names[] = {"_kmod_info", "__Znwm", "__Znam", "__ZdlPv", "__ZdaPv"};
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++)
        if (!strcmp(name, names[i]))
            return true;
    return false;
}

static int classify(const struct image *im, struct symbol *s, unsigned index)
{
    switch (s->type & N_TYPE) {
    case N_UNDF:
        if (s->value)
            return kext_fail("%s: common symbol %s: compile with -fno-common", im->path, s->name);
        return 0;
    case N_ABS:
        s->binding = BIND_LOCAL;
        break;
    case N_SECT:
        if (s->sect > im->nsects)
            return bad(im, "a symbol names a section that is not there: symbol", index);
        s->value += s->sect ? im->sects[s->sect - 1].moved : 0;
        if (s->value > im->vmsize)
            return bad(im, "a symbol lies outside the image: symbol", index);
        s->binding = BIND_LOCAL;
        break;
    default:
        return bad(im, "a symbol of a kind that kexts cannot have: symbol", index);
    }
    s->exported = (s->type & N_EXT) && !(s->type & N_PEXT) && !is_private(s->name);
    return 0;
}

static int by_name(const void *a, const void *b)
{
    return strcmp((*(struct symbol *const *)a)->name, (*(struct symbol *const *)b)->name);
}

static int by_value(const void *a, const void *b)
{
    uint64_t x = (*(struct symbol *const *)a)->value, y = (*(struct symbol *const *)b)->value;
    return x < y ? -1 : x > y;
}

static int index_symbols(struct image *im)
{
    im->by_name = calloc(im->nsymbols + 1, sizeof *im->by_name);
    im->by_value = calloc(im->nsymbols + 1, sizeof *im->by_value);
    if (!im->by_name || !im->by_value)
        return kext_fail("%s: no memory for %u symbols", im->path, im->nsymbols);
    for (unsigned i = 0; i < im->nsymbols; i++) {
        struct symbol *s = &im->symbols[i];
        if (!defined(s))
            continue;
        im->by_name[im->nby_name++] = s;
        if (is_cxx(s->name))
            im->by_value[im->nby_value++] = s;
    }
    qsort(im->by_name, im->nby_name, sizeof *im->by_name, by_name);
    qsort(im->by_value, im->nby_value, sizeof *im->by_value, by_value);
    return 0;
}

/* Stabs keep their index (relocations count them) but take no part. */
int image_read_symbols(struct image *im, const struct symtab_command *c)
{
    if (!fits(c->symoff, c->nsyms, sizeof(macho_nlist), im->size))
        return bad(im, "its symbol table reaches beyond the end of the file: symbols", c->nsyms);
    if (!fits(c->stroff, c->strsize, 1, im->size))
        return bad(im, "its string table reaches beyond the end of the file: bytes", c->strsize);
    im->strings = (const char *)im->data + c->stroff;
    if (!c->strsize || im->strings[c->strsize - 1])
        return bad(im, "its string table does not end with a zero byte: bytes", c->strsize);
    im->symbols = calloc((size_t)c->nsyms + 1, sizeof *im->symbols);
    if (!im->symbols)
        return kext_fail("%s: no memory for %u symbols", im->path, c->nsyms);
    im->nsymbols = c->nsyms;
    for (unsigned i = 0; i < c->nsyms; i++) {
        macho_nlist n;
        struct symbol *s = &im->symbols[i];
        memcpy(&n, im->data + c->symoff + i * sizeof n, sizeof n);
        if (n.n_strx >= c->strsize)
            return bad(im, "a symbol's name lies outside the string table: symbol", i);
        *s = (struct symbol){.name = im->strings + n.n_strx,
                             .value = n.n_value,
                             .type = n.n_type,
                             .sect = n.n_sect,
                             .desc = n.n_desc};
        if (!(n.n_type & N_STAB) && classify(im, s, i))
            return -1;
    }
    return index_symbols(im);
}

const struct symbol *image_symbol(const struct image *im, const char *name)
{
    struct symbol key = {.name = name}, *want = &key;
    struct symbol **found = bsearch(&want, im->by_name, im->nby_name, sizeof want, by_name);
    return found ? *found : NULL;
}

const struct symbol *image_cxx_symbol_at(const struct image *im, uint64_t value)
{
    struct symbol key = {.value = value}, *want = &key;
    struct symbol **found = bsearch(&want, im->by_value, im->nby_value, sizeof want, by_value);
    return found ? *found : NULL;
}

/* ---- relocations ---- */
#ifdef __x86_64__
static int check_external(const struct image *im, const struct reloc *r, unsigned i)
{
    bool absolute = r->type == X86_64_RELOC_UNSIGNED && r->length == 3 && !r->pcrel;
    bool branch = r->type == X86_64_RELOC_BRANCH && r->length == 2 && r->pcrel;
    if (r->target >= im->nsymbols || (im->symbols[r->target].type & N_STAB))
        return bad(im, "an external relocation names a symbol that is not there: relocation", i);
    if (!absolute && !branch)
        return bad(im, "an external relocation of a kind that kexts cannot have: relocation", i);
    return 0;
}

static int check_local(const struct image *im, const struct reloc *r, unsigned i)
{
    if (r->type != X86_64_RELOC_UNSIGNED || r->length != 3 || r->pcrel)
        return bad(im, "a local relocation of a kind that kexts cannot have: relocation", i);
    if (r->target > im->nsects)
        return bad(im, "a local relocation names a section that is not there: relocation", i);
    return 0;
}

static int read_table(struct image *im, uint32_t offset, uint32_t count, bool external, struct reloc **out)
{
    if (!fits(offset, count, sizeof(struct relocation_info), im->size))
        return bad(im, "its relocations reach beyond the end of the file", count);
    *out = calloc((size_t)count + 1, sizeof **out);
    if (!*out)
        return kext_fail("%s: no memory for %u relocations", im->path, count);
    for (unsigned i = 0; i < count; i++) {
        struct relocation_info info;
        struct reloc *r = *out + i;
        memcpy(&info, im->data + offset + i * sizeof info, sizeof info);
        *r = (struct reloc){.address = info.word0,
                            .target = reloc_symbolnum(info),
                            .type = (uint8_t)reloc_type(info),
                            .length = (uint8_t)reloc_length(info),
                            .pcrel = (uint8_t)reloc_pcrel(info)};
        if ((info.word0 & R_SCATTERED) || !reloc_extern(info) == external)
            return bad(im, "a relocation stands in the wrong table", i);
        if (external ? check_external(im, r, i) : check_local(im, r, i))
            return -1;
        if (!image_bytes(im, r->address, 1u << r->length))
            return bad(im, "a relocation lies outside the kext's data", i);
    }
    return 0;
}

static int read_indirect(struct image *im, const struct dysymtab_command *c)
{
    if (!fits(c->indirectsymoff, c->nindirectsyms, sizeof(uint32_t), im->size))
        return bad(im, "its indirect symbols reach beyond the end of the file", c->nindirectsyms);
    im->indirect = calloc((size_t)c->nindirectsyms + 1, sizeof *im->indirect);
    if (!im->indirect)
        return kext_fail("%s: no memory for %u indirect symbols", im->path, c->nindirectsyms);
    im->nindirect = c->nindirectsyms;
    memcpy(im->indirect, im->data + c->indirectsymoff, c->nindirectsyms * sizeof *im->indirect);
    for (unsigned i = 0; i < im->nindirect; i++)
        if (!(im->indirect[i] & (INDIRECT_SYMBOL_LOCAL | INDIRECT_SYMBOL_ABS)) &&
            im->indirect[i] >= im->nsymbols)
            return bad(im, "an indirect symbol is not there: entry", i);
    return 0;
}

int image_read_relocations(struct image *im, const struct dysymtab_command *c)
{
    if (read_table(im, c->extreloff, c->nextrel, true, &im->external))
        return -1;
    im->nexternal = c->nextrel;
    for (unsigned i = 0; i < im->nexternal; i++)
        im->symbols[im->external[i].target].uses++;
    if (read_table(im, c->locreloff, c->nlocrel, false, &im->local))
        return -1;
    im->nlocal = c->nlocrel;
    image_index_relocations(im);
    return read_indirect(im, c);
}
#endif

static int by_address(const void *a, const void *b)
{
    uint32_t x = ((const struct reloc *)a)->address, y = ((const struct reloc *)b)->address;
    return x < y ? -1 : x > y;
}

void image_index_relocations(struct image *im)
{
    qsort(im->external, im->nexternal, sizeof *im->external, by_address);
    qsort(im->local, im->nlocal, sizeof *im->local, by_address);
}

static struct reloc *find(struct reloc *table, unsigned count, uint64_t address)
{
    struct reloc key = {.address = (uint32_t)address};
    return address > UINT32_MAX ? NULL : bsearch(&key, table, count, sizeof key, by_address);
}

struct reloc *image_local_at(const struct image *im, uint64_t address)
{
    return find(im->local, im->nlocal, address);
}

struct reloc *image_external_at(const struct image *im, uint64_t address)
{
    return find(im->external, im->nexternal, address);
}
