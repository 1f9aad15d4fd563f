// SPDX-License-Identifier: BSD-3-Clause
/*
 * Lists of names: what each system's kernel and families export (a TSV of symbol, systems, set; see
 * kpi/abi/README), what another kext exports (its own symbol table), and which symbols of this kext are to be
 * external.
 */
#include <stdlib.h>
#include <string.h>

#include "kextld.h"

#define PRIVATE_SET "com.apple.kpi.private"

/* The systems that the list knows, one bit each, in order of appearance. */
#define MAX_SYSTEMS 32
struct systems {
    const char *id[MAX_SYSTEMS];
    unsigned n;
};

/* Cuts the text at sep and returns what precedes it; NULL at the end. */
static char *cut(char **text, char sep)
{
    char *start = *text, *end;

    if (!start)
        return NULL;
    end = strchr(start, sep);
    if (end)
        *end = 0;
    *text = end ? end + 1 : NULL;
    return start;
}

static char *read_text(struct ld *ld, const char *path)
{
    struct buffer b;

    if (ld_read_file(ld, path, &b))
        return NULL;
    return arena_strndup(&ld->mem, (const char *)b.data, b.size);
}

static struct kpi_name *name_at(struct ld *ld, const char *name)
{
    void **slot = strmap_at(&ld->kpi, &ld->mem, name);

    if (!*slot)
        *slot = arena_alloc(&ld->mem, sizeof(struct kpi_name));
    return *slot;
}

static int system_bit(struct ld *ld, struct systems *all, const char *id, uint32_t *bit)
{
    for (unsigned i = 0; i < all->n; i++) {
        *bit = 1u << i;
        if (!strcmp(all->id[i], id))
            return 0;
    }
    if (all->n == MAX_SYSTEMS)
        return ld_fail(ld, "%s: more than %d systems", ld->opt.kpi, MAX_SYSTEMS);
    *bit = 1u << all->n;
    all->id[all->n++] = id;
    return 0;
}

/* mask: "*" or ids separated by commas. Only ids of this architecture count. */
static int note(struct ld *ld, struct systems *all, const char *name, char *mask, const char *set)
{
    bool private = !strcmp(set, PRIVATE_SET);
    uint32_t bits = !strcmp(mask, "*") ? UINT32_MAX : 0, bit;
    struct kpi_name *k;

    for (char *id = bits ? NULL : cut(&mask, ','); id; id = cut(&mask, ',')) {
        if (strncmp(id, ld->opt.arch->abi, strlen(ld->opt.arch->abi)))
            continue;
        if (system_bit(ld, all, id, &bit))
            return -1;
        bits |= bit;
    }
    if (!bits)
        return 0;
    k = name_at(ld, name);
    if (!k->set || (!k->in && !private))
        k->set = set;
    *(private ? &k->in_private : &k->in) |= bits;
    return 0;
}

/* "10.15" as a number that grows with it. */
static unsigned long order_of(const char *version)
{
    char *end;
    unsigned long major = strtoul(version, &end, 10);

    return major * 1000 + (*end == '.' ? strtoul(end + 1, NULL, 10) : 0);
}

static int choose_systems(struct ld *ld, const struct systems *all)
{
    const struct options *o = &ld->opt;
    unsigned long min = order_of(o->min), max = o->max ? order_of(o->max) : min;
    size_t prefix = strlen(o->arch->abi);
    bool seen_min = false, seen_max = !o->max;
    const char *absent;

    for (unsigned i = 0; i < all->n; i++) {
        const char *version = all->id[i] + prefix;
        unsigned long order = order_of(version);
        if (order < min || order > max)
            continue;
        ld->systems[ld->nsystems].bit = 1u << i;
        ld->systems[ld->nsystems].order = order;
        ld->systems[ld->nsystems++].version = version;
        seen_min = seen_min || !strcmp(version, o->min);
        seen_max = seen_max || !strcmp(version, o->max);
    }
    if (seen_min && seen_max)
        return 0;
    absent = seen_min ? o->max : o->min;
    return ld_fail(ld, "%s: no system %s%s (-arch %s %s %s)", o->kpi, o->arch->abi, absent, o->arch->name,
                   seen_min ? "-max" : "-min", absent);
}

int exports_read(struct ld *ld, const char *path)
{
    char *text = read_text(ld, path), *line;
    struct systems all = {.n = 0};

    if (!text)
        return -1;
    for (unsigned n = 1; (line = cut(&text, '\n')); n++) {
        char *name = cut(&line, '\t'), *mask = cut(&line, '\t'), *set = cut(&line, '\t');
        if (!*name || *name == '#')
            continue;
        if (!mask || !set || !*mask || !*set)
            return ld_fail(ld, "%s: line %u is not symbol, systems, set", path, n);
        if (note(ld, &all, name, mask, set))
            return -1;
    }
    return choose_systems(ld, &all);
}

const char *exports_missing(const struct ld *ld, const struct kpi_name *k)
{
    const struct claimed *oldest = NULL;

    for (unsigned i = 0; i < ld->nsystems && !k->kext; i++) {
        const struct claimed *c = &ld->systems[i];
        if (!(k->in & c->bit) && (!oldest || c->order < oldest->order))
            oldest = c;
    }
    return oldest ? oldest->version : NULL;
}

int patterns_read(struct ld *ld, const char *path, struct names *to)
{
    char *text = read_text(ld, path), *line;

    if (!text)
        return -1;
    while ((line = cut(&text, '\n'))) {
        line[strcspn(line, "# \t\r")] = 0;
        if (!*line)
            continue;
        to->v = arena_grow(&ld->mem, to->v, to->n, &to->cap, sizeof(*to->v));
        to->v[to->n++] = line;
    }
    return 0;
}

static int bad(struct ld *ld, const char *path, const char *what)
{
    return ld_fail(ld, "%s: %s", path, what);
}

static int find_symtab(struct ld *ld, const char *path, struct buffer f, struct symtab_command *out)
{
    const struct arch *arch = ld->opt.arch;
    struct mach_header_64 h;
    struct load_command lc;
    uint64_t off = arch->format->header;

    if (f.size < arch->format->header)
        return bad(ld, path, "not a kext (too short)");
    h = header_load(arch->format, f.data);
    if (h.magic != arch->format->magic || h.cputype != arch->cputype || h.filetype != arch->filetype)
        return ld_fail(ld, "%s: not a kext binary for %s", path, ld->opt.arch->name);
    for (uint32_t i = 0; i < h.ncmds && off <= f.size - sizeof(lc); i++, off += lc.cmdsize) {
        memcpy(&lc, f.data + off, sizeof(lc));
        if (lc.cmdsize < sizeof(lc) || lc.cmdsize > f.size - off)
            return bad(ld, path, "a load command lies outside the file");
        if (lc.cmd != LC_SYMTAB || lc.cmdsize < sizeof(*out))
            continue;
        memcpy(out, f.data + off, sizeof(*out));
        if (out->stroff > f.size || out->strsize > f.size - out->stroff || out->symoff > f.size ||
            out->nsyms > (f.size - out->symoff) / arch->format->nlist)
            return bad(ld, path, "its symbol table lies outside the file");
        return 0;
    }
    return bad(ld, path, "no symbol table");
}

int exports_read_kext(struct ld *ld, const char *path, struct buffer file)
{
    struct symtab_command t;
    char *strings;

    if (find_symtab(ld, path, file, &t))
        return -1;
    strings = arena_alloc(&ld->mem, (size_t)t.strsize + 1);
    memcpy(strings, file.data + t.stroff, t.strsize);
    for (uint32_t i = 0; i < t.nsyms; i++) {
        struct kpi_name *k;
        const struct format *f = ld->opt.arch->format;
        struct nlist_64 n = nlist_load(f, file.data + t.symoff + (uint64_t)i * f->nlist);
        if (n.n_type & (N_STAB | N_PEXT) || !(n.n_type & N_EXT) || (n.n_type & N_TYPE) == N_UNDF)
            continue;
        if (n.n_strx >= t.strsize)
            return bad(ld, path, "a symbol's name lies outside the string table");
        if (!strcmp(strings + n.n_strx, "_kmod_info"))
            continue;
        k = name_at(ld, strings + n.n_strx);
        *k = (struct kpi_name){.set = path, .in = UINT32_MAX, .kext = true};
    }
    return 0;
}
