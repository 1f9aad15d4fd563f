// SPDX-License-Identifier: BSD-3-Clause
/*
 * The open kexts and what may be asked of them: opening, loading in dependency order, unloading. Order of
 * loading as kextload has it: every executable linked and started, dependencies first; then the personalities
 * go to IOKit, which starts matching. Order of unloading as OSKext::removeKext: services terminated, no
 * instance left, stopped, freed.
 */
#include "internal.h"
#include "../iokit/boot.h"
#include "../libkern/modules.h"
#include "../linux/linux.h"
#include <stdlib.h>
#include <string.h>

enum { QUIET_MS = 30000, SETTLE_MS = 5000 };

struct kext *kext_list;
static struct lx_mutex lock;
static unsigned int next_tag = 1;

struct kext *kext_find(const char *identifier)
{
    for (struct kext *k = kext_list; k; k = k->next)
        if (!strcmp(k->identifier, identifier))
            return k;
    return NULL;
}

static int open_locked(const char *bundle)
{
    struct kext **end = &kext_list, *k = calloc(1, sizeof *k), *same;
    if (!k)
        return kext_fail("%s: no memory for it", bundle);
    if (bundle_read(k, bundle)) {
        free(k);
        return -1;
    }
    same = kext_find(k->identifier);
    if (same || library_find(k->identifier)) {
        kext_fail("%s: its CFBundleIdentifier %s is that of %s: give each kext once", bundle, k->identifier,
                  same ? same->path : "a library of the kernel");
        bundle_free(k);
        free(k);
        return -1;
    }
    while (*end)
        end = &(*end)->next;
    *end = k;
    return 0;
}

int kext_open(const char *bundle)
{
    lx_mutex_lock(&lock);
    int r = open_locked(bundle);
    lx_mutex_unlock(&lock);
    return r;
}

/* ---- loading ---- */
/* kextload reads the bundle each time: what was unloaded may have been rebuilt. */
static int reread(struct kext *k)
{
    struct kext fresh;
    if (bundle_read(&fresh, k->path))
        return -1;
    if (strcmp(fresh.identifier, k->identifier)) {
        kext_fail("%s: its CFBundleIdentifier has changed from %s to %s: start kexthost again", k->path,
                  k->identifier, fresh.identifier);
        bundle_free(&fresh);
        return -1;
    }
    struct kext *next = k->next;
    bundle_free(k);
    *k = fresh;
    k->next = next;
    return 0;
}

static void forget_visits(void)
{
    for (struct kext *k = kext_list; k; k = k->next)
        if (!k->loaded)
            k->visit = UNVISITED;
}

/* Links and starts the kext and what it depends on. order, count: the kexts that were loaded, dependencies
 * first. */
static int load_code(struct kext *k, struct kext **order, unsigned *count)
{
    unsigned long long begin = lx_time_ns();
    if (k->loaded)
        return 0;
    if (library_resolve(k))
        return -1;
    for (unsigned i = 0; i < k->ndependencies; i++)
        if (load_code(k->dependencies[i], order, count))
            return -1;
    if (*count == MAX_LOADED)
        return kext_fail("%s: more than %d kexts", k->path, MAX_LOADED);
    if (k->executable) {
        begin = lx_time_ns();
        k->tag = next_tag++;
        if (life_link(k))
            return -1;
        k->load_ns = lx_time_ns() - begin;
        if (life_start(k))
            return -1;
    }
    k->loaded = true;
    order[(*count)++] = k;
    return 0;
}

/* All at once, as a kernel cache has them: a driver that is started before a better one is known keeps the device. */
static int publish(struct kext **order, unsigned count)
{
    unsigned left = 0;
    for (unsigned i = 0; i < count; i++)
        left += order[i]->personalities != NULL;
    for (unsigned i = 0; i < count; i++) {
        const char *why = NULL;
        struct kext *k = order[i];
        if (k->personalities && iokit_add_personalities(k->identifier, k->personalities, --left > 0, &why))
            return kext_fail("%s: IOKitPersonalities: %s: correct its Info.plist", k->path,
                             why ? why : "refused");
    }
    return 0;
}

int kext_load_all(void)
{
    struct kext *order[MAX_LOADED];
    unsigned count = 0;
    int r = 0;
    lx_mutex_lock(&lock);
    forget_visits();
    for (struct kext *k = kext_list; k && !r; k = k->next)
        r = load_code(k, order, &count);
    if (!r)
        r = publish(order, count);
    lx_mutex_unlock(&lock);
    return r;
}

int kext_load(const char *identifier)
{
    struct kext *order[MAX_LOADED], *k;
    unsigned count = 0;
    int r = 0;
    lx_mutex_lock(&lock);
    forget_visits();
    k = kext_find(identifier);
    if (!k)
        r = kext_fail("%s: no such kext: name one by its CFBundleIdentifier", identifier);
    else if (k->loaded)
        r = kext_fail("%s: loaded already", identifier);
    if (!r)
        r = reread(k);
    if (!r)
        r = load_code(k, order, &count);
    if (!r)
        r = publish(order, count);
    lx_mutex_unlock(&lock);
    return r;
}

/* ---- unloading ---- */
static bool depends(const struct kext *k, const struct kext *on)
{
    for (unsigned i = 0; i < k->ndependencies; i++)
        if (k->dependencies[i] == on)
            return true;
    return false;
}

static int refuse_dependents(const struct kext *k)
{
    unsigned found = 0;
    for (struct kext *d = kext_list; d; d = d->next) {
        if (!d->loaded || !depends(d, k))
            continue;
        if (!found++)
            kext_fail("%s cannot be unloaded: loaded kexts link it; unload them first:", k->identifier);
        kext_fail_more("%s", d->identifier);
    }
    return found ? -1 : 0;
}

/* Terminating one service may bring others of the kext to light (a busy parent's children): asked until none
 * is left. */
static int end_services(const struct kext *k)
{
    unsigned long long limit = lx_time_ns() + QUIET_MS * 1000000ull;
    iokit_remove_personalities(k->identifier);
    while (iokit_terminate_module(k->identifier) > 0 || iokit_module_services(k->identifier) > 0) {
        iokit_wait_quiet(QUIET_MS);
        if (!iokit_module_services(k->identifier))
            break;
        if (lx_time_ns() > limit)
            return kext_fail("%s cannot be unloaded: its services would not go in %d s: %s", k->identifier,
                             QUIET_MS / 1000, iokit_busy_names());
        lx_sleep_ns(1000000);
    }
    return 0;
}

/* The last reference to a service may be in the hands of a thread that is just letting go of it. */
static void await_instances(const struct kext *k)
{
    unsigned long long limit = lx_time_ns() + SETTLE_MS * 1000000ull;
    while (libkern_mod_has_instances(k->identifier, NULL, NULL) && lx_time_ns() < limit)
        lx_sleep_ns(1000000);
}

static int unload_locked(struct kext *k)
{
    if (refuse_dependents(k) || end_services(k))
        return -1;
    await_instances(k);
    if (k->executable && life_stop(k))
        return -1;
    k->loaded = false;
    return 0;
}

int kext_unload(const char *identifier)
{
    lx_mutex_lock(&lock);
    struct kext *k = kext_find(identifier);
    int r;
    if (!k || !k->loaded)
        r = kext_fail("%s: no such kext is loaded: name one by its CFBundleIdentifier", identifier);
    else
        r = unload_locked(k);
    lx_mutex_unlock(&lock);
    return r;
}

/* The last one in the list that nobody loaded depends on. */
static struct kext *leaf(void)
{
    struct kext *found = NULL;
    for (struct kext *k = kext_list; k; k = k->next)
        if (k->loaded && !k->references)
            found = k;
    return found;
}

int kext_unload_all(void)
{
    struct kext *k;
    int r = 0;
    lx_mutex_lock(&lock);
    while (!r && (k = leaf()))
        r = unload_locked(k);
    lx_mutex_unlock(&lock);
    return r;
}

void kext_each(void (*fn)(void *context, const struct kext_info *info), void *context)
{
    lx_mutex_lock(&lock);
    for (struct kext *k = kext_list; k; k = k->next) {
        struct kext_info info = {
            .identifier = k->identifier,
            .version = k->version_text,
            .path = k->path,
            .executable = k->executable ? k->executable : "",
            .tag = k->loaded ? k->tag : 0,
            .started = k->started,
            .references = k->references,
            .address = (unsigned long)k->image.base,
            .size = k->image.vmsize,
            .load_ns = k->load_ns,
            .start_ns = k->start_ns,
            .imports = k->imports,
            .weak_missing = k->weak_missing,
            .classes = k->nvtables / 2,
            .patched_slots = k->patched_slots,
        };
        fn(context, &info);
    }
    lx_mutex_unlock(&lock);
}
