// SPDX-License-Identifier: BSD-3-Clause
/*
 * OSBundleLibraries: which of the host's libraries and which other kexts a kext links, by the rules of XNU's
 * libkern/c++/OSKext.cpp (resolveDependencies, isCompatibleWithVersion). The host's libraries have the
 * versions of the system that --darwin selects: the kernel's own (xnu config/System.kext) and those in the
 * Info.plist of the families.
 */
#include "internal.h"
#include "../profile.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Kernel components: version is the kernel's, compatible back to (System.kext/PlugIns of xnu-1504). */
static const struct {
    const char *identifier, *compatible;
    int since;
} kernel[] = {
    {"com.apple.kpi.bsd", "8.0.0b1", 0},         {"com.apple.kpi.dsep", "8.0.0b1", 0},
    {"com.apple.kpi.iokit", "7.0", 0},           {"com.apple.kpi.libkern", "8.0.0d0", 0},
    {"com.apple.kpi.mach", "8.0.0d0", 0},        {"com.apple.kpi.private", "8.0.0b1", 6}, /* 10.5 has none */
    {"com.apple.kpi.unsupported", "8.0.0b1", 0}, {"com.apple.iokit.IOSystemManagementFamily", "1.0.0b1", 0},
};

/* CFBundleVersion of the families in each system's release; OSBundleCompatibleVersion is 1.0.0b1 in all of
 * them. */
static const struct {
    int system;
    const char *pci, *networking;
} families[] = {
    {5, "2.6", "1.6.1"}, {6, "2.6.5", "1.10"}, {7, "2.7", "2.1"}, {8, "2.8", "3.0"}, {9, "2.9", "3.2"}, {13, "2.9", "3.4"},
};
static const char family_compatible[] = "1.0.0b1";

static unsigned int set_bit(const char *identifier)
{
    for (unsigned i = 0; i < host_set_count; i++)
        if (!strcmp(host_sets[i], identifier))
            return 1u << i;
    return 0;
}

static const struct library *keep(const char *identifier, const char *version, const char *compatible)
{
    static struct library known[16];
    static unsigned count;
    struct library *l = known;
    while (l < known + count && strcmp(l->identifier, identifier))
        l++;
    if (l == known + count)
        count++;
    *l = (struct library){identifier, set_bit(identifier),    version,
                          compatible, version_parse(version), version_parse(compatible)};
    return l;
}

const struct library *library_find(const char *identifier)
{
    static char kernel_version[24];
    unsigned row = 0;
    snprintf(kernel_version, sizeof kernel_version, "%d.%d.0", host_profile->major, host_profile->minor);
    for (unsigned i = 0; i < sizeof kernel / sizeof kernel[0]; i++)
        if (!strcmp(kernel[i].identifier, identifier) && kernel[i].since <= host_profile->minor_of_ten)
            return keep(kernel[i].identifier, kernel_version, kernel[i].compatible);
    for (unsigned i = 0; i < sizeof families / sizeof families[0]; i++)
        if (families[i].system <= host_profile->minor_of_ten)
            row = i;
    if (!strcmp(identifier, "com.apple.iokit.IOPCIFamily"))
        return keep("com.apple.iokit.IOPCIFamily", families[row].pci, family_compatible);
    if (!strcmp(identifier, "com.apple.iokit.IONetworkingFamily"))
        return keep("com.apple.iokit.IONetworkingFamily", families[row].networking, family_compatible);
    return NULL;
}

struct version {
    const char *text, *compatible_text;
    long long number, compatible;
    bool host;
};

/* OSKext::isCompatibleWithVersion. */
static int check_version(const struct kext *k, const struct wanted *w, const struct version *have)
{
    long long want = version_parse(w->version);
    if (want > have->number && have->host)
        return kext_fail("%s: needs %s %s or later, and Mac OS X %s has %s: choose a later --darwin", k->path,
                         w->identifier, w->version, host_profile->name, have->text);
    if (want > have->number)
        return kext_fail("%s: needs %s %s or later, and the one given is %s: give a newer one", k->path,
                         w->identifier, w->version, have->text);
    if (have->compatible < 0)
        return kext_fail(
            "%s: links %s, whose Info.plist has no OSBundleCompatibleVersion: a kext that others link needs "
            "one",
            k->path, w->identifier);
    if (want < have->compatible)
        return kext_fail(
            "%s: was built for %s %s, and the one at hand, %s, serves none before %s: rebuild the kext",
            k->path, w->identifier, w->version, have->text, have->compatible_text);
    return 0;
}

static int add_library(struct kext *k, const struct library *l)
{
    for (unsigned i = 0; i < k->nlibraries; i++)
        if (k->libraries[i] == l)
            return 0;
    void *bigger = realloc(k->libraries, (k->nlibraries + 1) * sizeof *k->libraries);
    if (!bigger)
        return kext_fail("%s: no memory for its libraries", k->path);
    k->libraries = bigger;
    k->libraries[k->nlibraries++] = l;
    return 0;
}

static int add_dependency(struct kext *k, struct kext *d)
{
    for (unsigned i = 0; i < k->ndependencies; i++)
        if (k->dependencies[i] == d)
            return 0;
    void *bigger = realloc(k->dependencies, (k->ndependencies + 1) * sizeof *k->dependencies);
    if (!bigger)
        return kext_fail("%s: no memory for its dependencies", k->path);
    k->dependencies = bigger;
    k->dependencies[k->ndependencies++] = d;
    return 0;
}

/* A kext without code stands for its own libraries. */
static int inherit(struct kext *k, const struct kext *codeless)
{
    for (unsigned i = 0; i < codeless->nlibraries; i++)
        if (add_library(k, codeless->libraries[i]))
            return -1;
    for (unsigned i = 0; i < codeless->ndependencies; i++)
        if (add_dependency(k, codeless->dependencies[i]))
            return -1;
    return 0;
}

static int resolve_one(struct kext *k, const struct wanted *w)
{
    const struct library *l = library_find(w->identifier);
    if (l) {
        struct version v = {l->version, l->compatible_text, l->number, l->compatible, true};
        return check_version(k, w, &v) ? -1 : add_library(k, l);
    }
    if (!strncmp(w->identifier, "com.apple.kernel", 16))
        return kext_fail("%s: OSBundleLibraries names %s, %s: name com.apple.kpi.* libraries", k->path, w->identifier,
                         WORD == 8 ? "which 64-bit kexts may not use" : "the interface of systems before 10.5");
    struct kext *d = kext_find(w->identifier);
    if (!d)
        return kext_fail(
            "%s: needs the kext %s (%s or later), which is neither the host's nor given: add --kext with its "
            "bundle",
            k->path, w->identifier, w->version);
    struct version v = {d->version_text, d->compatible_text, d->version, d->compatible, false};
    if (check_version(k, w, &v) || library_resolve(d))
        return -1;
    return d->executable ? add_dependency(k, d) : inherit(k, d);
}

int library_resolve(struct kext *k)
{
    if (k->visit == VISITED)
        return 0;
    if (k->visit == VISITING)
        return kext_fail("%s: depends on itself through OSBundleLibraries: break the circle", k->path);
    k->visit = VISITING;
    k->nlibraries = k->ndependencies = 0;
    for (unsigned i = 0; i < k->nwanted; i++)
        if (resolve_one(k, &k->wanted[i])) {
            k->visit = UNVISITED;
            return -1;
        }
    k->visit = VISITED;
    return 0;
}

struct walk {
    void *(*fn)(struct kext *dep, void *context);
    void *context;
    const struct kext *seen[MAX_LOADED];
    unsigned count;
};

static void *walk(const struct kext *k, struct walk *w)
{
    for (unsigned i = 0; i < k->ndependencies; i++) {
        struct kext *d = k->dependencies[i];
        unsigned j = 0;
        while (j < w->count && w->seen[j] != d)
            j++;
        if (j < w->count || w->count == MAX_LOADED)
            continue;
        w->seen[w->count++] = d;
        void *found = w->fn(d, w->context);
        if (!found)
            found = walk(d, w);
        if (found)
            return found;
    }
    return NULL;
}

void *library_each_dependency(const struct kext *k, void *(*fn)(struct kext *dep, void *context),
                              void *context)
{
    struct walk w = {.fn = fn, .context = context};
    return walk(k, &w);
}
