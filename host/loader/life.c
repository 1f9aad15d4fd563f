// SPDX-License-Identifier: BSD-3-Clause
/*
 * A kext's life: linked, C++ initialised, started, stopped, finalised, unloaded. The order and the refusals
 * are those of XNU's libkern/c++/OSKext.cpp (loadExecutable, start, stop, unload) and OSRuntime.cpp
 * (OSRuntimeInitializeCPP, OSRuntimeFinalizeCPP).
 */
#include "internal.h"
#include "../libkern/modules.h"
#include "../linux/linux.h"
#include "../profile.h"
#include <stdio.h>
#include <string.h>

LX_COUNTER(kexts_loaded, "kexts.loaded")

#define CPP_BY_KEXT (host_profile->minor_of_ten < 6)

typedef int kmod_function(kmod_record *, void *);

/* loadExecutable and populate_kmod_info: what the kernel writes into the kext's record. */
static int fill_kmod_info(struct kext *k)
{
    struct image *im = &k->image;
    kmod_record *kmod = (kmod_record *)(im->base + im->kmod_info->value);
    uintptr_t start = (uintptr_t)im->base, end = start + im->vmsize;
    if (kmod->start_addr < start || kmod->start_addr >= end || kmod->stop_addr < start ||
        kmod->stop_addr >= end)
        return kext_fail("%s: the start or stop function of _kmod_info lies outside the kext: build it again",
                         k->path);
    memset(kmod->name, 0, sizeof kmod->name);
    memset(kmod->version, 0, sizeof kmod->version);
    strcpy(kmod->name, k->identifier); /* bundle.c has checked their lengths */
    strcpy(kmod->version, k->version_text);
    kmod->info_version = KMOD_INFO_VERSION;
    kmod->next_addr = kmod->reference_list_addr = 0;
    kmod->reference_count = 0;
    kmod->id = k->tag;
    kmod->address = start;
    kmod->size = im->vmsize;
    kmod->hdr_size = im->header_size; /* kxld_kext_get_vmsize: 0, the header is part of __TEXT */
    k->kmod = kmod;
    return 0;
}

int life_link(struct kext *k)
{
    if (place_image(k) || bind_symbols(k) || vtable_patch_all(k) || bind_check(k) || place_relocate(k) ||
        fill_kmod_info(k)) {
        life_discard(k);
        return -1;
    }
    return 0;
}

void life_discard(struct kext *k)
{
    vtable_free_all(k);
    place_free(k);
    k->kmod = NULL;
}

/* i386 compilers called them __constructor and __destructor; 10.7's kernel takes both names. */
static bool has_functions(const char *section, bool begin)
{
    const char *now = begin ? "__mod_init_func" : "__mod_term_func", *then = begin ? "__constructor" : "__destructor";
    if (WORD == 8)
        return !strcmp(section, now);
    return !strcmp(section, then) || (host_profile->minor_of_ten >= 7 && !strcmp(section, now));
}

/* Runs the functions of a segment's first section of the kind (OSRuntimeInitializeCPP looks no further); all
 * of its sections for the end. go_on: asked before each call. */
static bool run_functions(const struct kext *k, const struct segment *seg, void *handle)
{
    const struct image *im = &k->image;
    for (unsigned i = 0; i < im->nsects; i++) {
        const struct sect *s = &im->sects[i];
        if (s->addr < seg->vmaddr || s->addr >= seg->vmaddr + seg->vmsize || !has_functions(s->name, handle != NULL))
            continue;
        void (**functions)(void) = (void (**)(void))(im->base + s->addr);
        for (uint64_t n = 0; n < s->size / sizeof *functions; n++) {
            if (handle && !libkern_check_mod_load(handle))
                return false;
            if (functions[n])
                functions[n]();
        }
        if (handle)
            return libkern_check_mod_load(handle);
    }
    return true;
}

static void run_terminators(const struct kext *k, const struct segment *end)
{
    for (const struct segment *s = k->image.segments; s < end; s++)
        if (!s->linkedit)
            run_functions(k, s, NULL);
}

static void finalize_cpp(struct kext *k)
{
    const struct image *im = &k->image;
    void *handle = libkern_pre_mod_load(k->identifier);
    libkern_page_unload(im->base, im->base + im->vmsize);
    run_terminators(k, im->segments + im->nsegments);
    if (handle)
        libkern_post_mod_load(handle);
    k->cpp = false;
}

static int initialize_cpp(struct kext *k)
{
    const struct image *im = &k->image;
    const struct segment *s = im->segments, *end = s + im->nsegments;
    void *handle = libkern_pre_mod_load(k->identifier);
    if (!handle)
        return kext_fail("%s: no memory to register its classes", k->path);
    while (s < end && (s->linkedit || run_functions(k, s, handle)))
        s++;
    if (s < end)
        run_terminators(k, s);
    int result = libkern_post_mod_load(handle);
    if (s == end && !result) {
        k->cpp = true;
        return 0;
    }
    if (s == end)
        finalize_cpp(k);
    return kext_fail(
        "%s: its C++ classes cannot be registered (0x%x): one of them has the name of a class that exists "
        "already",
        k->path, (unsigned)result);
}

/* ---- OSRuntimeInitializeCPP and OSRuntimeFinalizeCPP: in 10.5 a kext's start and stop functions call them, later they
 * find the work done. ---- */
static struct kext *of_record(const void *kmod)
{
    struct kext *k = kext_list;
    while (k && (!k->kmod || k->kmod != kmod))
        k = k->next;
    return k;
}

int kext_cpp_initialize(void *kmod)
{
    struct kext *k = of_record(kmod);
    return !k || (!k->cpp && initialize_cpp(k)) ? -1 : 0;
}

int kext_cpp_finalize(void *kmod)
{
    struct kext *k = of_record(kmod);
    if (!k || (CPP_BY_KEXT && libkern_mod_has_instances(k->identifier, NULL, NULL)))
        return -1;
    if (k->cpp)
        finalize_cpp(k);
    return 0;
}

static void reference(struct kext *k, int by)
{
    for (unsigned i = 0; i < k->ndependencies; i++) {
        k->dependencies[i]->references += (unsigned)by;
        k->dependencies[i]->kmod->reference_count += by;
    }
}

int life_start(struct kext *k)
{
    unsigned long long begin = lx_time_ns();
    if (place_protect(k) || report_add(k))
        goto discard;
    k->loaded = true;
    reference(k, 1);
    if (!CPP_BY_KEXT && initialize_cpp(k))
        goto unload;
    lx_trace("kext %s: start", k->identifier);
    int result = ((kmod_function *)(uintptr_t)k->kmod->start_addr)(k->kmod, NULL);
    if (result) {
        if (k->cpp)
            finalize_cpp(k);
        kext_fail("%s: its start function failed (0x%x)", k->path, (unsigned)result);
        goto unload;
    }
    k->started = true;
    k->start_ns = lx_time_ns() - begin;
    lx_count(&kexts_loaded, 1);
    return 0;
unload:
    reference(k, -1);
    k->loaded = false;
    report_remove(k);
discard:
    life_discard(k);
    return -1;
}

static void name_instances(void *context, const char *cls, int instances)
{
    if (instances)
        kext_fail_more("%s: %d", cls, instances);
}

static int refuse_instances(const struct kext *k, const char *why)
{
    kext_fail("%s cannot be unloaded%s: its classes have instances:", k->identifier, why);
    libkern_mod_has_instances(k->identifier, name_instances, NULL);
    return -1;
}

int life_stop(struct kext *k)
{
    if (libkern_mod_has_instances(k->identifier, NULL, NULL))
        return refuse_instances(k, "");
    if (libkern_kext_retained(k->tag))
        return kext_fail("%s cannot be unloaded: a kext holds it (OSKextRetainKextWithLoadTag)",
                         k->identifier);
    if (k->started) {
        lx_trace("kext %s: stop", k->identifier);
        int result = ((kmod_function *)(uintptr_t)k->kmod->stop_addr)(k->kmod, NULL);
        if (result)
            return kext_fail("%s cannot be unloaded: its stop function failed (0x%x)", k->identifier,
                             (unsigned)result);
        k->started = false;
        lx_count(&kexts_loaded, -1ul);
    }
    if (k->cpp && libkern_mod_has_instances(k->identifier, NULL, NULL))
        return refuse_instances(k, " though it has stopped");
    if (k->cpp)
        finalize_cpp(k);
    reference(k, -1);
    k->loaded = false;
    report_remove(k);
    life_discard(k);
    return 0;
}
