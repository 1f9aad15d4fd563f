// SPDX-License-Identifier: BSD-3-Clause
/*
 * Symbol binding by the rules of XNU's libkern/kxld/kxld_kext.c (resolve_symbols, validate_symbols): a kext
 * sees the names of the libraries and kexts that its OSBundleLibraries lists, in the system that --darwin
 * selects, and no others; it must not define one of them again; weak references that are not there get the
 * address that gOSKextUnresolved holds.
 */
#include "internal.h"
#include "../profile.h"
#include <stdlib.h>
#include <string.h>

unsigned int host_system_bit(void)
{
    for (unsigned i = 0; i < host_system_count; i++)
        if (!strcmp(host_systems[i], host_profile->abi))
            return 1u << i;
    return 0;
}

static int compare_export(const void *name, const void *export)
{
    return strcmp(name, ((const struct host_export *)export)->name);
}

const struct host_export *host_export_find(const char *name)
{
    return bsearch(name, host_exports, host_export_count, sizeof *host_exports, compare_export);
}

void *host_stub_find(const char *name)
{
    for (unsigned i = 0; i < host_stub_count; i++)
        if (!strcmp(host_stubs[i].name, name))
            return host_stubs[i].address;
    return NULL;
}

void *kext_host_symbol(const char *name)
{
    const struct host_export *e = host_export_find(name);
    return e && (e->systems & host_system_bit()) ? e->address : NULL;
}

static const struct host_export *in_libraries(const struct kext *k, const char *name)
{
    const struct host_export *e = host_export_find(name);
    if (!e || !(e->systems & host_system_bit()))
        return NULL;
    for (unsigned i = 0; i < k->nlibraries; i++)
        if (e->sets & k->libraries[i]->set)
            return e;
    return NULL;
}

/* The address under which the kext's libraries and direct dependencies define the name; 0: none does. */
static uint64_t find_import(const struct kext *k, const char *name)
{
    const struct host_export *e = in_libraries(k, name);
    if (e)
        return (uintptr_t)e->address;
    for (unsigned i = 0; i < k->ndependencies; i++) {
        const struct symbol *s = image_symbol(&k->dependencies[i]->image, name);
        if (s && s->exported)
            return s->address;
    }
    return 0;
}

static int place_definitions(struct kext *k)
{
    struct image *im = &k->image;
    bool again = false;
    for (unsigned i = 0; i < im->nsymbols; i++) {
        struct symbol *s = &im->symbols[i];
        if (s->binding != BIND_LOCAL)
            continue;
        s->address = (s->type & N_TYPE) == N_ABS ? s->value : s->value + (uintptr_t)im->base;
        uint64_t other = s->exported ? find_import(k, s->name) : 0;
        if (!other || other == s->address)
            continue;
        if (!again)
            kext_fail("%s: defines names that its libraries define too; hide or rename them:", k->path);
        char *plain = kext_demangle(s->name);
        kext_fail_more("%s", plain);
        free(plain);
        again = true;
    }
    return again ? -1 : 0;
}

/* Where unresolved weak references point; NULL: the host has no gOSKextUnresolved. */
static void *unresolved(void)
{
    const struct host_export *e = host_export_find("_gOSKextUnresolved");
    return e ? *(void **)e->address : NULL;
}

static bool mentions(const struct image *im, const char *name)
{
    for (unsigned i = 0; i < im->nsymbols; i++)
        if (!(im->symbols[i].type & N_STAB) && !strcmp(im->symbols[i].name, name))
            return true;
    return false;
}

int bind_symbols(struct kext *k)
{
    struct image *im = &k->image;
    void *weak = unresolved();
    bool tests = mentions(im, "_gOSKextUnresolved");
    k->imports = k->weak_missing = 0;
    if (place_definitions(k))
        return -1;
    for (unsigned i = 0; i < im->nexternal; i++)
        im->external[i].patched = false;
    for (unsigned i = 0; i < im->nsymbols; i++) {
        struct symbol *s = &im->symbols[i];
        if ((s->type & N_STAB) || s->binding == BIND_LOCAL)
            continue;
        s->covered = 0;
        s->address = find_import(k, s->name);
        s->binding = s->address ? BIND_LIBRARY : BIND_NONE;
        k->imports += s->binding == BIND_LIBRARY;
        if (s->binding != BIND_NONE || !(s->desc & N_WEAK_REF) || host_profile->minor_of_ten < 6) /* 10.5: never weak */
            continue;
        if (!tests)
            return kext_fail("%s: refers weakly to %s but never tests for it: use OSKextSymbolIsResolved()",
                             k->path, s->name);
        if (!weak)
            return kext_fail("%s: refers weakly to %s, and the host has no gOSKextUnresolved", k->path,
                             s->name);
        s->binding = BIND_WEAK;
        s->address = (uintptr_t)weak;
        k->weak_missing++;
    }
    return 0;
}

/* Why a name that the kext wants is not there for it. */
static const char *reason(const struct host_export *e, const char *name)
{
    if (!e)
        return host_stub_find(name) ? ": declared, but not in this host" : "";
    if (!(e->systems & host_system_bit()))
        return ": not in this system";
    for (unsigned i = 0; i < host_set_count; i++)
        if (e->sets & 1u << i)
            return host_sets[i];
    return "";
}

static void list_missing(const char *name)
{
    const struct host_export *e = host_export_find(name);
    const char *why = reason(e, name);
    bool elsewhere = *why && *why != ':';
    char *plain = kext_demangle(name);
    bool same = !strcmp(plain, name);
    kext_fail_more("%s%s%s%s%s%s", name, same ? "" : "  ", same ? "" : plain, elsewhere ? ": in " : "", why,
                   elsewhere ? ", which OSBundleLibraries does not list" : "");
    free(plain);
}

/* A name that only patched vtable slots wanted is not missing, whether or not the host has it. */
int bind_check(struct kext *k)
{
    const struct image *im = &k->image;
    unsigned missing = 0;
    for (int pass = 0; pass < 2; pass++) {
        if (pass && missing)
            kext_fail("%s: %u import%s missing in this host (--darwin %s): it cannot run here", k->path,
                      missing, missing == 1 ? " is" : "s are", host_profile->name);
        for (unsigned i = 0; i < im->nsymbols; i++) {
            const struct symbol *s = &im->symbols[i];
            if ((s->type & N_STAB) || s->binding != BIND_NONE || (s->uses && s->uses == s->covered))
                continue;
            if (pass)
                list_missing(s->name);
            else
                missing++;
        }
    }
    return missing ? -1 : 0;
}
