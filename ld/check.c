// SPDX-License-Identifier: BSD-3-Clause
/*
 * What some system's linker would refuse or, worse, accept and crash on, is refused here with the symbol's
 * and the file's name. Each rule cites the linker that holds it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <fnmatch.h>

#include "kextld.h"

static bool is_object(const struct ld *ld)
{
    return ld->opt.arch->filetype == MH_OBJECT;
}

static const struct {
    const char *pattern, *cure;
} never_exported[] = {
    {"_atexit", "compile with -fno-use-cxa-atexit -fno-register-global-dtors-with-atexit -fapple-kext"},
    {"___cxa_atexit", "compile with -fno-use-cxa-atexit"},
    {"___stack_chk_*", "compile with -fno-stack-protector"},
    {"___bzero", "define a hidden one, 10.6 exports none"},
    {"___*[dt]i3", "define a hidden one, no system exports it"},
};

static int check_never(struct ld *ld, const struct symbol *sym)
{
    for (size_t i = 0; i < sizeof(never_exported) / sizeof(never_exported[0]); i++) {
        if (fnmatch(never_exported[i].pattern, sym->name, 0) == 0)
            return ld_fail(ld, "%s: %s is not there in a kernel: %s", sym->obj->path, sym->name,
                           never_exported[i].cure);
    }
    return 0;
}

/* A later system may have put a padding slot to use: its linker takes the slot from the parent's table, and
 * the name is not looked up (kxld_vtable.c, kxld_vtable_patch). */
static bool is_patched(const struct symbol *sym)
{
    return !sym->called && strstr(sym->name, "_RESERVED");
}

static int check_known(struct ld *ld, const struct symbol *sym)
{
    const struct kpi_name *k = strmap_get(&ld->kpi, sym->name);
    const char *missing;

    if (!k)
        return ld_fail(ld, "%s: undefined symbol %s: no object defines it and no library exports it",
                       sym->obj->path, sym->name);
    if (!k->in)
        return ld_fail(ld, "%s: undefined symbol %s: only %s exports it, which is Apple's own",
                       sym->obj->path, sym->name, k->set);
    missing = sym->weak_ref ? NULL : exports_missing(ld, k);
    if (!missing)
        return 0;
    if (!strcmp(missing, ld->opt.min))
        return ld_fail(ld, "%s: undefined symbol %s: %s %s does not export it, only other systems do; %s",
                       sym->obj->path, sym->name, k->set, missing,
                       is_object(ld) ? "i386 has no weak symbols: do without it" : "make it weak");
    if (is_patched(sym))
        return 0;
    return ld_fail(ld, "%s: undefined symbol %s: %s %s no longer exports it", sym->obj->path, sym->name,
                   k->set, missing);
}

/* Every name that the kernel cannot bind, and weak ones only as 10.6 and later bind them: a kext that has any
 * must refer to gOSKextUnresolved (kxld_kext.c, resolve_symbols), through OSKextSymbolIsUnresolved() or the
 * like. */
int check_undefined(struct ld *ld)
{
    const struct symbol *unresolved = symbol_find(ld, "_gOSKextUnresolved");

    for (size_t i = 0; i < ld->nsyms; i++) {
        const struct symbol *sym = ld->syms[i];
        if (sym->state != SYM_UNDEFINED || !sym->used || check_never(ld, sym))
            continue;
        if (ld->opt.kpi)
            check_known(ld, sym);
        if (sym->weak_ref && is_object(ld))
            ld_fail(ld, "%s: weak symbol %s: the kernels of i386 bind none", sym->obj->path, sym->name);
        else if (sym->weak_ref && (!unresolved || !unresolved->used))
            ld_fail(ld, "%s: weak symbol %s, but nothing refers to _gOSKextUnresolved to test for it",
                    sym->obj->path, sym->name);
    }
    return ld->errors ? -1 : 0;
}

/* Names that any kext may define for itself (kxld_kext.c, restrict_private_symbols). */
static bool is_private(const char *name)
{
    static const char *const private[] = {"_kmod_info", "__Znwm", "__Znam", "__ZdlPv", "__ZdaPv"};

    for (size_t i = 0; i < sizeof(private) / sizeof(private[0]); i++) {
        if (!strcmp(name, private[i]))
            return true;
    }
    return false;
}

/* A symbol that a dependency exports too is fatal at load (resolve_symbols: "defined more than once"). */
int check_exports(struct ld *ld)
{
    for (size_t i = 0; i < ld->nsyms; i++) {
        const struct symbol *sym = ld->syms[i];
        const struct kpi_name *k = sym->exported ? strmap_get(&ld->kpi, sym->name) : NULL;
        if (k && !is_private(sym->name))
            ld_fail(ld, "%s: %s is external, but %s exports one too; hide it", sym->obj->path, sym->name,
                    k->set);
    }
    return ld->errors ? -1 : 0;
}

/* Relocations are in order of address: sections, members and fields were visited so. */
static bool has_reloc(const struct relocs *list, uint64_t at)
{
    size_t low = 0, high = list->n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (list->r[middle].word0 < at)
            low = middle + 1;
        else
            high = middle;
    }
    return low < list->n && list->r[low].word0 == at;
}

static uint64_t word_at(const struct ld *ld, uint64_t at)
{
    uint64_t w = 0;

    memcpy(&w, ld->out.data + at, ld->opt.arch->pointer);
    return w;
}

/* Bytes from the symbol to its section's end in the file; 0 for zerofill and a bundle's __TEXT, where nothing
 * can be patched. */
static uint64_t room_after(const struct ld *ld, const struct symbol *sym)
{
    const struct outsect *out = sym->sect->out;
    uint64_t at = symbol_address(sym), end = out->addr + out->size;

    return out->zerofill || (!is_object(ld) && strcmp(out->seg, "__DATA")) || at > end ? 0 : end - at;
}

static int bad(struct ld *ld, const struct symbol *sym, const char *what)
{
    return ld_fail(ld, "%s: %s: %s", sym->obj->path, sym->name, what);
}

static int check_function(struct ld *ld, const struct symbol *info, uint64_t at, const char *which)
{
    uint64_t address = word_at(ld, at);

    for (size_t i = 0; i < ld->segs[SEG_TEXT].nsects; i++) {
        const struct outsect *out = ld->segs[SEG_TEXT].sects[i];
        if (out->flags & S_ATTR_PURE_INSTRUCTIONS && address - out->addr < out->size &&
            has_reloc(&ld->local, at))
            return 0;
    }
    return ld_fail(ld, "%s: _kmod_info: its %s is not a function of this kext", info->obj->path, which);
}

static int check_text(struct ld *ld, const struct symbol *info, const char *have, const char *want,
                      const char *what)
{
    if (!memchr(have, 0, KMOD_MAX_NAME))
        return ld_fail(ld, "%s: _kmod_info: its %s is not terminated", info->obj->path, what);
    if (want && strcmp(have, want))
        return ld_fail(ld, "%s: _kmod_info: its %s is \"%s\", not \"%s\"", info->obj->path, what, have, want);
    return 0;
}

/* kmod_info of either width: the members that matter here. */
struct kmod_form {
    size_t size, version, name, text, start, stop;
};

static const struct kmod_form *kmod_form_of(const struct ld *ld)
{
    static const struct kmod_form narrow = {sizeof(struct kmod_info_32),
                                            offsetof(struct kmod_info_32, info_version),
                                            offsetof(struct kmod_info_32, name),
                                            offsetof(struct kmod_info_32, version),
                                            offsetof(struct kmod_info_32, start_addr),
                                            offsetof(struct kmod_info_32, stop_addr)},
                                  wide = {sizeof(struct kmod_info_64),
                                          offsetof(struct kmod_info_64, info_version),
                                          offsetof(struct kmod_info_64, name),
                                          offsetof(struct kmod_info_64, version),
                                          offsetof(struct kmod_info_64, start_addr),
                                          offsetof(struct kmod_info_64, stop_addr)};
    return ld->opt.arch->pointer == 8 ? &wide : &narrow;
}

static int check_kmod_info(struct ld *ld)
{
    const struct symbol *info = symbol_find(ld, "_kmod_info");
    const struct kmod_form *f = kmod_form_of(ld);
    const char *k;
    uint64_t at;
    int32_t version;

    if (!info || info->state != SYM_DEFINED)
        return ld_fail(ld, "no object defines _kmod_info (KMOD_EXPLICIT_DECL, mach/kmod.h)");
    if (room_after(ld, info) < f->size)
        return bad(ld, info, "not a kmod_info in initialised data");
    at = symbol_address(info);
    k = (const char *)ld->out.data + at;
    memcpy(&version, k + f->version, sizeof(version));
    if (version != KMOD_INFO_VERSION)
        return bad(ld, info, "its info_version is not 1");
    if (check_text(ld, info, k + f->name, ld->opt.id, "name") ||
        check_text(ld, info, k + f->text, ld->opt.version, "version") ||
        check_function(ld, info, at + f->start, "start") || check_function(ld, info, at + f->stop, "stop"))
        return -1;
    return 0;
}

/* As kxld_vtable.c, init_by_entries_and_relocs reads it: two header words; slots that are zero with an
 * external relocation (inherited) or not zero with a local one (our own); a zero word without any. */
static int check_vtable(struct ld *ld, const struct symbol *vtable)
{
    uint64_t at = symbol_address(vtable), end = at + room_after(ld, vtable), word = ld->opt.arch->pointer;

    if (is_object(ld) && !vtable->shift)
        return bad(ld, vtable, "no dummies precede its slots; compile with kpi/ (libkern/c++/OSMetaClass.h)");
    if (is_object(ld) && !vtable->exported)
        return bad(ld, vtable, "not external, so 10.5 would not patch it");
    for (int i = 0; i < 2; i++, at += word) {
        if (end - at < word || end < at)
            return bad(ld, vtable, "not a vtable in __DATA");
        if (word_at(ld, at) || has_reloc(&ld->local, at) || has_reloc(&ld->external, at))
            return bad(ld, vtable, "a header word is not zero; compile with -fno-rtti");
    }
    for (; end - at >= word; at += word) {
        bool inherited = has_reloc(&ld->external, at), own = has_reloc(&ld->local, at);
        if (!word_at(ld, at) && !inherited && !own)
            return 0;
        if (inherited ? word_at(ld, at) != 0 : !own || !word_at(ld, at))
            return bad(ld, vtable, "a slot is neither inherited nor a function of this kext");
    }
    return bad(ld, vtable, "no zero word ends it");
}

static int check_class_vtable(struct ld *ld, const struct strmap *defined, const struct symbol *super,
                              const char *fmt, int length, const char *class)
{
    char *name = arena_alloc(&ld->mem, strlen(fmt) + (size_t)length);
    const struct symbol *vtable;

    sprintf(name, fmt, length, class);
    vtable = strmap_get(defined, name);
    if (!vtable)
        return ld_fail(ld, "%s: %s is defined, but %s is not in the symbol table", super->obj->path,
                       super->name, name);
    return check_vtable(ld, vtable);
}

/* The kernel finds classes by their superClass pointers and derives the vtables' names (kxld_kext.c,
 * create_vtables, patch_vtables). */
static int check_class(struct ld *ld, const struct strmap *defined, const struct symbol *super)
{
    const char *class = super->name + 4, *tail = strstr(class, "10superClassE");
    int length = tail ? (int)(tail - class) : 0;
    uint64_t at;

    if (!tail || tail[13] || strncmp(super->name, "__ZN", 4))
        return 0;
    at = symbol_address(super);
    if (!has_reloc(&ld->local, at) && !has_reloc(&ld->external, at))
        return bad(ld, super, "no relocation stands at it, so the kernel cannot find the parent class");
    if (check_class_vtable(ld, defined, super, "__ZTV%.*s", length, class))
        return -1;
    return check_class_vtable(ld, defined, super, "__ZTVN%.*s9MetaClassE", length, class);
}

static void check_classes(struct ld *ld)
{
    struct strmap defined = {0};

    for (size_t i = 0; i < ld->nlocal + ld->nexported; i++) {
        if (ld->table[i]->state == SYM_DEFINED)
            *strmap_at(&defined, &ld->mem, ld->table[i]->name) = ld->table[i];
    }
    for (size_t i = 0; i < ld->nlocal + ld->nexported; i++) {
        const struct symbol *sym = ld->table[i];
        if (sym->state == SYM_DEFINED && strlen(sym->name) > 4)
            check_class(ld, &defined, sym);
    }
}

int check_image(struct ld *ld)
{
    check_kmod_info(ld);
    check_classes(ld);
    return ld->errors ? -1 : 0;
}
