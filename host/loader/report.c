// SPDX-License-Identifier: BSD-3-Clause
/*
 * Addresses to names, for crash reports and traces: of loaded kexts (an array that readers walk without a
 * lock; an entry is set last and cleared first) and of the host's exports.
 */
#include "internal.h"
#include "../linux/linux.h"
#include <stdio.h>
#include <string.h>

static struct kext *volatile loaded[MAX_LOADED];

int report_add(struct kext *k)
{
    for (unsigned i = 0; i < MAX_LOADED; i++)
        if (!loaded[i]) {
            __atomic_store_n(&loaded[i], k, __ATOMIC_RELEASE);
            return 0;
        }
    return kext_fail("%s: more than %d kexts", k->path, MAX_LOADED);
}

void report_remove(struct kext *k)
{
    for (unsigned i = 0; i < MAX_LOADED; i++)
        if (loaded[i] == k)
            __atomic_store_n(&loaded[i], NULL, __ATOMIC_RELEASE);
}

static const struct kext *at(unsigned long address)
{
    for (unsigned i = 0; i < MAX_LOADED; i++) {
        const struct kext *k = __atomic_load_n(&loaded[i], __ATOMIC_ACQUIRE);
        if (k && address - (unsigned long)k->image.base < k->image.ram_size)
            return k;
    }
    return NULL;
}

#ifdef __i386__
/* x86_64 code reaches the host through stubs with absolute addresses, i386 code by relative calls. */
void kext_text_moved(unsigned char *copy, unsigned long address, unsigned long size, unsigned long by)
{
    const struct kext *k = at(address);
    for (unsigned i = 0; k && i < k->image.nexternal; i++) {
        const struct reloc *r = &k->image.external[i];
        uint32_t target = (uint32_t)k->image.symbols[r->target].address, v;
        unsigned long offset = (unsigned long)k->image.base + r->address - address;
        if (!r->pcrel || offset >= size || lx_in_ram((void *)target))
            continue;
        memcpy(&v, copy + offset, sizeof v);
        v -= (uint32_t)by;
        memcpy(copy + offset, &v, sizeof v);
    }
}
#else
void kext_text_moved(unsigned char *copy, unsigned long address, unsigned long size, unsigned long by) {}
#endif

const char *kext_identifier_of(unsigned long address)
{
    const struct kext *k = at(address);
    return k ? k->identifier : NULL;
}

static int name_in_kext(const struct kext *k, unsigned long address, char *buf, unsigned long size)
{
    const struct image *im = &k->image;
    uint64_t offset = address - (unsigned long)im->base, best = 0;
    const char *name = NULL;
    for (unsigned i = 0; i < im->nsymbols; i++) {
        const struct symbol *s = &im->symbols[i];
        if ((s->type & (N_STAB | N_TYPE)) == N_SECT && s->value <= offset && (!name || s->value >= best)) {
            best = s->value;
            name = s->name;
        }
    }
    if (offset >= im->vmsize)
        name = NULL; /* a branch stub */
    if (name)
        snprintf(buf, size, "%s`%s + 0x%llx", k->executable, name, (unsigned long long)(offset - best));
    else
        snprintf(buf, size, "%s + 0x%llx", k->executable, (unsigned long long)offset);
    return 0;
}

int kext_symbolise(unsigned long address, char *buf, unsigned long size)
{
    enum { FAR = 0x10000 }; /* the exports' sizes are not known: further off it is some other function */
    const struct kext *k = at(address);
    const struct host_export *best = NULL;
    if (k)
        return name_in_kext(k, address, buf, size);
    for (unsigned i = 0; i < host_export_count; i++) {
        const struct host_export *e = &host_exports[i];
        if ((unsigned long)e->address <= address && (!best || e->address > best->address))
            best = e;
    }
    if (best && address - (unsigned long)best->address < FAR) {
        snprintf(buf, size, "kernel`%s + 0x%lx", best->name, address - (unsigned long)best->address);
        return 0;
    }
    if (size)
        *buf = 0;
    return -1;
}

void kext_print_loaded(void (*out)(void *context, const char *line), void *context)
{
    for (unsigned i = MAX_LOADED; i-- > 0;) {
        const struct kext *k = __atomic_load_n(&loaded[i], __ATOMIC_ACQUIRE);
        char line[256];
        if (!k)
            continue;
        snprintf(line, sizeof line, "%s (%s) @%p->%p", k->identifier, k->version_text, (void *)k->image.base,
                 (void *)(k->image.base + k->image.vmsize - 1));
        out(context, line);
    }
}

void host_unimplemented(const char *mangled)
{
    char *plain = kext_demangle(mangled);
    char caller[256];
    kext_symbolise((unsigned long)__builtin_return_address(0), caller, sizeof caller);
    lx_fatal("%s was called%s%s, and this host does not implement it", plain, *caller ? " from " : "",
             caller);
}
