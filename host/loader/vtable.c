// SPDX-License-Identifier: BSD-3-Clause
/*
 * Apple's vtable patching, which keeps a kext that was built with one system's headers running on another:
 * each slot that a class of the kext inherits gets what stands in its superclass's table, by position, unless
 * the class defines the function itself. Theory of operation (XNU libkern/kxld/kxld_kext.c create_vtables,
 * patch_vtables; kxld_vtable.c):
 *
 *   the symbol __ZN<class>10superClassE marks a class; its relocation names the superclass's metaclass,
 *   __ZN<super>10gMetaClassE; the tables are __ZTV<class> and __ZTV<super>. Tables are patched once their
 * superclass's are, until all are done. The metaclass's table, __ZTVN<class>9MetaClassE, inherits from
 * OSMetaClass's.
 *
 * A slot that is padding (_RESERVED...) in the superclass but something else in the kext means that the kext
 * was built with later headers: refused. What this host adds: an inherited slot may name a function that the
 * host exports only through its tables (see exports.py, stubs); it takes the table's.
 */
#include "internal.h"
#include "../profile.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_NAME = 1024, MAX_SLOTS = 8192 };
static const char super_token[] = "10superClassE", meta_token[] = "10gMetaClassE";

/* "__ZN" CLASS token -> CLASS; false when the name is not of this form. */
static bool inner(const char *name, const char *token, char out[MAX_NAME])
{
    size_t n = strlen(name), t = strlen(token);
    if (strncmp(name, "__ZN", 4) || n < 4 + t || n - 4 - t >= MAX_NAME - 32 || strcmp(name + n - t, token))
        return false;
    memcpy(out, name + 4, n - 4 - t);
    out[n - 4 - t] = 0;
    return true;
}

static bool pad_name(const char *name)
{
    return name && strstr(name, "_RESERVED");
}
static bool pure_virtual(const char *name)
{
    return name && !strcmp(name, "___cxa_pure_virtual");
}

/* The class's name for messages: CLASS without its length. */
static const char *plain(const char *cls)
{
    return cls + strspn(cls, "0123456789");
}

static int malformed(const struct kext *k, const char *cls, const char *what)
{
    return kext_fail("%s: class %s: %s: build it again with the right headers, keeping its symbols", k->path,
                     plain(cls), what);
}

static uint64_t slot_at(uint64_t table, unsigned slot)
{
    return table + (2 + (uint64_t)slot) * WORD;
}

static const struct reloc *reloc_at(const struct image *im, uint64_t at)
{
    const struct reloc *r = image_external_at(im, at);
    return r ? r : image_local_at(im, at);
}

/* An x86_64 table ends at the first zero word without a relocation (init_by_entries_and_relocs), an i386 one at the first word
 * without one, or whose relocation does not stand right before the last slot's (init_by_relocs walks them backwards). */
static bool is_slot(const struct image *im, uint64_t at, const struct reloc **last)
{
    uint64_t value;
    if (image_pointer(im, at, &value))
        return false;
    if (WORD == 8)
        return value || image_external_at(im, at);
    const struct reloc *before = *last;
    *last = reloc_at(im, at);
    return *last && (!before || (*last)->order + 1 == before->order);
}

static unsigned count_slots(const struct kext *k, uint64_t address)
{
    const struct reloc *last = NULL;
    for (unsigned count = 0; count < MAX_SLOTS; count++)
        if (!is_slot(&k->image, slot_at(address, count), &last))
            return count;
    return 0;
}

/* 10.5 goes on to a zero word: without one in the table's section it would take the next table for slots. */
static int check_end(const struct kext *k, const struct vtable *t, const char *cls)
{
    uint64_t value, end = slot_at(t->address, t->count);
    if (host_profile->minor_of_ten >= 6)
        return 0;
    if (!image_pointer(&k->image, end, &value) && !value &&
        image_sect_at(&k->image, end + WORD - 1) == image_sect_at(&k->image, t->address))
        return 0;
    return kext_fail("%s: class %s: no zero word stands behind its vtable, and Mac OS X %s needs one: link it with kextld",
                     k->path, plain(cls), host_profile->name);
}

static int read_table(struct kext *k, struct vtable *t, const struct symbol *symbol, const char *cls)
{
    struct image *im = &k->image;
    t->name = symbol->name;
    t->address = symbol->value;
    t->patched = false;
    t->count = count_slots(k, t->address);
    t->slots = calloc(t->count + 1, sizeof *t->slots);
    if (!t->slots)
        return malformed(k, cls, "no memory for its vtable");
    for (unsigned i = 0; i < t->count; i++) {
        uint64_t value, at = slot_at(t->address, i);
        struct slot *s = &t->slots[i];
        image_pointer(im, at, &value);
        if (WORD == 8 ? value != 0 : !image_external_at(im, at)) {
            s->symbol = (struct symbol *)image_cxx_symbol_at(im, value);
            s->name = s->symbol ? s->symbol->name : NULL;
            s->address = value + (uintptr_t)im->base;
        } else {
            s->reloc = image_external_at(im, at);
            s->symbol = &im->symbols[s->reloc->target];
            s->name = s->symbol->name;
            s->address = s->symbol->address;
        }
    }
    return check_end(k, t, cls);
}

static int add_table(struct kext *k, const char *name, const char *cls)
{
    const struct symbol *s = image_symbol(&k->image, name);
    if (!s || (s->type & N_TYPE) != N_SECT) {
        char what[MAX_NAME + 64];
        snprintf(what, sizeof what, "its vtable's symbol %s is missing", name);
        return malformed(k, cls, what);
    }
    return read_table(k, &k->vtables[k->nvtables++], s, cls);
}

/* Every class twice: its own table and its metaclass's. */
static int create_tables(struct kext *k)
{
    const struct image *im = &k->image;
    char cls[MAX_NAME], name[MAX_NAME];
    unsigned classes = 0;
    for (unsigned i = 0; i < im->nby_name; i++)
        classes += inner(im->by_name[i]->name, super_token, cls);
    k->vtables = calloc(2 * (size_t)classes + 1, sizeof *k->vtables);
    if (!k->vtables)
        return kext_fail("%s: no memory for %u classes", k->path, classes);
    for (unsigned i = 0; i < im->nby_name; i++) {
        if (!inner(im->by_name[i]->name, super_token, cls))
            continue;
        snprintf(name, sizeof name, "__ZTV%s", cls);
        if (add_table(k, name, cls))
            return -1;
        snprintf(name, sizeof name, "__ZTVN%s9MetaClassE", cls);
        if (add_table(k, name, cls))
            return -1;
    }
    return 0;
}

static struct vtable *own_table(const struct kext *k, const char *name)
{
    for (unsigned i = 0; i < k->nvtables; i++)
        if (!strcmp(k->vtables[i].name, name))
            return &k->vtables[i];
    return NULL;
}

static void *dependency_table(struct kext *dep, void *name)
{
    return own_table(dep, name);
}

/* A table that is final: of this kext, of one that it links, or of the host. */
static const struct vtable *final_table(const struct kext *k, char *name)
{
    const struct vtable *t = own_table(k, name);
    if (!t)
        t = library_each_dependency(k, dependency_table, name);
    if (!t)
        t = host_vtable_find(name);
    return t && t->patched ? t : NULL;
}

/* The metaclass that the class's superClass pointer will hold. */
static const struct symbol *super_metaclass(const struct kext *k, const struct symbol *pointer)
{
    const struct image *im = &k->image;
    const struct reloc *r = image_external_at(im, pointer->value);
    uint64_t value;
    if (r)
        return &im->symbols[r->target];
    return image_pointer(im, pointer->value, &value) || !value ? NULL : image_cxx_symbol_at(im, value);
}

/* kxld_vtable.c step 5: a method of the class's own that nobody defines is not an inherited slot. */
static bool declared_here(const struct slot *s, const char *cls)
{
    char prefix[MAX_NAME];
    int n = snprintf(prefix, sizeof prefix, "__ZN%s", cls);
    return s->symbol->binding == BIND_NONE && !strncmp(s->name, prefix, (size_t)n);
}

static int patch_slot(struct kext *k, struct slot *child, const struct slot *parent, const char *cls,
                      const char *super)
{
    if (!child->symbol || !parent->name || child->symbol->binding == BIND_LOCAL ||
        pure_virtual(child->name) || !child->reloc)
        return 0;
    if (strcmp(child->name, parent->name)) {
        char *method = kext_demangle(child->name);
        int r = 0;
        if (pad_name(parent->name))
            r = kext_fail(
                "%s: class %s inherits %s, a slot that %s does not have in this system: it was built with "
                "later headers; choose a later --darwin",
                k->path, plain(cls), method, plain(super));
        else if (declared_here(child, cls))
            r = kext_fail("%s: class %s declares %s and nobody defines it", k->path, plain(cls), method);
        free(method);
        if (r)
            return r;
        k->patched_slots++;
    }
    child->symbol->covered++;
    child->reloc->patched = true;
    child->reloc->to = child->address = parent->address;
    child->name = parent->name;
    return 0;
}

static int patch_table(struct kext *k, struct vtable *t, const struct vtable *parent, const char *cls,
                       const char *super)
{
    if (t->count < parent->count) {
        char what[MAX_NAME + 128];
        snprintf(what, sizeof what, "its vtable has %u slots, and that of %s, its superclass, has %u",
                 t->count, plain(super), parent->count);
        return malformed(k, cls, what);
    }
    for (unsigned i = 0; i < parent->count; i++)
        if (patch_slot(k, &t->slots[i], &parent->slots[i], cls, super))
            return -1;
    t->patched = true;
    return 0;
}

/* __OSFinalClassEv marks a class that nobody may subclass (OSDeclareFinalStructors). */
static bool is_final(const struct kext *k, const char *super)
{
    char name[MAX_NAME];
    snprintf(name, sizeof name, "__ZN%s14__OSFinalClassEv", super);
    return host_export_find(name) || image_symbol(&k->image, name);
}

/* 1: patched (now or before), 0: its superclass is not patched yet, -1: failed. */
static int patch_class(struct kext *k, const struct symbol *pointer, char super[MAX_NAME])
{
    char cls[MAX_NAME], name[MAX_NAME];
    inner(pointer->name, super_token, cls);
    snprintf(name, sizeof name, "__ZTV%s", cls);
    struct vtable *t = own_table(k, name);
    if (t->patched)
        return 1;
    const struct symbol *metaclass = super_metaclass(k, pointer);
    if (!metaclass || !inner(metaclass->name, meta_token, super))
        return malformed(k, cls, "its superClass pointer names no metaclass");
    if (is_final(k, super))
        return kext_fail("%s: class %s is a subclass of the final class %s", k->path, plain(cls),
                         plain(super));
    snprintf(name, sizeof name, "__ZTV%s", super);
    const struct vtable *parent = final_table(k, name);
    if (!parent)
        return 0;
    if (patch_table(k, t, parent, cls, super))
        return -1;
    snprintf(name, sizeof name, "__ZTVN%s9MetaClassE", cls);
    const struct vtable *meta = host_vtable_find("__ZTV11OSMetaClass");
    if (!meta)
        return kext_fail("%s: class %s: the host has no OSMetaClass", k->path, plain(cls));
    return patch_table(k, own_table(k, name), meta, cls, "11OSMetaClass") ? -1 : 1;
}

int vtable_patch_all(struct kext *k)
{
    const struct image *im = &k->image;
    char cls[MAX_NAME], super[MAX_NAME], stuck[2][MAX_NAME];
    unsigned waiting = 1, before = 0;
    k->patched_slots = 0;
    if (create_tables(k))
        return -1;
    while (waiting && waiting != before) {
        before = waiting;
        waiting = 0;
        for (unsigned i = 0; i < im->nby_name; i++) {
            if (!inner(im->by_name[i]->name, super_token, cls))
                continue;
            int r = patch_class(k, im->by_name[i], super);
            if (r < 0)
                return -1;
            if (r)
                continue;
            waiting++;
            strcpy(stuck[0], cls);
            strcpy(stuck[1], super);
        }
    }
    if (waiting)
        return kext_fail(
            "%s: class %s: its superclass %s is neither in the kexts it links nor in this host: add the one "
            "that has it to OSBundleLibraries",
            k->path, plain(stuck[0]), plain(stuck[1]));
    return 0;
}

void vtable_free_all(struct kext *k)
{
    for (unsigned i = 0; i < k->nvtables; i++)
        free(k->vtables[i].slots);
    free(k->vtables);
    k->vtables = NULL;
    k->nvtables = 0;
}
