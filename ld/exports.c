// SPDX-License-Identifier: BSD-3-Clause
/*
 * Lists of names: what each system's kernel and families export (a TSV of symbol, systems, set; see
 * kpi/abi/README), what another kext exports (its own symbol table), and which symbols of this kext are to be
 * external.
 */
#include <string.h>

#include "kextld.h"

#define PRIVATE_SET "com.apple.kpi.private"

struct system { /* the oldest one asked for */
    char id[32];
    bool seen;
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

/* mask: "*" or ids separated by commas */
static void note(struct ld *ld, struct system *oldest, const char *name, char *mask, const char *set)
{
    bool private = !strcmp(set, PRIVATE_SET), any = !strcmp(mask, "*"), old = any;
    struct kpi_name *k;

    for (char *id = cut(&mask, ','); id; id = cut(&mask, ',')) {
        any = any || !strncmp(id, ld->opt.arch->abi, strlen(ld->opt.arch->abi));
        if (!strcmp(id, oldest->id))
            old = oldest->seen = true;
    }
    if (!any)
        return;
    k = name_at(ld, name);
    if (!k->any || (k->only_private && !private)) {
        k->set = set;
        k->only_private = private;
        k->oldest = false;
    }
    k->any = true;
    k->oldest = k->oldest || (old && private == k->only_private);
}

int exports_read(struct ld *ld, const char *path)
{
    char *text = read_text(ld, path), *line;
    struct system oldest = {{0}, false};

    if (!text)
        return -1;
    strcpy(oldest.id, ld->opt.arch->abi);
    strncat(oldest.id, ld->opt.min, sizeof(oldest.id) - strlen(oldest.id) - 1);
    for (unsigned n = 1; (line = cut(&text, '\n')); n++) {
        char *name = cut(&line, '\t'), *mask = cut(&line, '\t'), *set = cut(&line, '\t');
        if (!*name || *name == '#')
            continue;
        if (!mask || !set || !*mask || !*set)
            return ld_fail(ld, "%s: line %u is not symbol, systems, set", path, n);
        note(ld, &oldest, name, mask, set);
    }
    if (!oldest.seen)
        return ld_fail(ld, "%s: no system %s (-arch %s -min %s)", path, oldest.id, ld->opt.arch->name,
                       ld->opt.min);
    return 0;
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
    struct mach_header_64 h;
    struct load_command lc;
    uint64_t off = sizeof(h);

    if (f.size < sizeof(h))
        return bad(ld, path, "not a kext (too short)");
    memcpy(&h, f.data, sizeof(h));
    if (h.magic != MH_MAGIC_64 || h.cputype != ld->opt.arch->cputype || h.filetype != MH_KEXT_BUNDLE)
        return ld_fail(ld, "%s: not a kext binary for %s", path, ld->opt.arch->name);
    for (uint32_t i = 0; i < h.ncmds && off <= f.size - sizeof(lc); i++, off += lc.cmdsize) {
        memcpy(&lc, f.data + off, sizeof(lc));
        if (lc.cmdsize < sizeof(lc) || lc.cmdsize > f.size - off)
            return bad(ld, path, "a load command lies outside the file");
        if (lc.cmd != LC_SYMTAB || lc.cmdsize < sizeof(*out))
            continue;
        memcpy(out, f.data + off, sizeof(*out));
        if (out->stroff > f.size || out->strsize > f.size - out->stroff || out->symoff > f.size ||
            out->nsyms > (f.size - out->symoff) / sizeof(struct nlist_64))
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
        struct nlist_64 n;
        memcpy(&n, file.data + t.symoff + (uint64_t)i * sizeof(n), sizeof(n));
        if (n.n_type & (N_STAB | N_PEXT) || !(n.n_type & N_EXT) || (n.n_type & N_TYPE) == N_UNDF)
            continue;
        if (n.n_strx >= t.strsize)
            return bad(ld, path, "a symbol's name lies outside the string table");
        if (!strcmp(strings + n.n_strx, "_kmod_info"))
            continue;
        k = name_at(ld, strings + n.n_strx);
        *k = (struct kpi_name){.set = path, .oldest = true, .any = true, .kext = true};
    }
    return 0;
}
