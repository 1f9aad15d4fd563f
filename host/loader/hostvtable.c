// SPDX-License-Identifier: BSD-3-Clause
/*
 * The vtables of the host's own classes as a kext's classes inherit them. The host is compiled with one
 * system's view (kpi/: 10.6's names); in the system that --darwin selects, a slot that is padding there may
 * be in use, or the other way round (host_pads, from the ABI facts). So before the first kext is linked each
 * table gets the system's names, and a slot that the system fills gets the host's function of that name;
 * where the host has none, a stub that stops the run naming the method, instead of a call into padding.
 */
#include "internal.h"
#include "../linux/linux.h"
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { PAGE = 4096, THUNK = 32 };

static struct vtable *tables; /* one for each of host_vtables */

static const char *name_in_system(const char *name)
{
    unsigned bit = host_system_bit();
    const char *pad = name;
    for (unsigned i = 0; i < host_pad_count; i++)
        if (!strcmp(host_pads[i].real, name)) {
            if (host_pads[i].systems & bit)
                return name;
            pad = host_pads[i].pad;
        }
    for (unsigned i = 0; i < host_pad_count; i++)
        if (!strcmp(host_pads[i].pad, pad) && (host_pads[i].systems & bit))
            return host_pads[i].real;
    return pad;
}

static unsigned char *put(unsigned char *t, const char *code, size_t length, const void *operand)
{
    memcpy(t, code, length);
    memcpy(t + length, &operand, sizeof operand);
    return t + length + sizeof operand;
}

/* Calls host_unimplemented(name), as exports.py's stubs do: in RAM, for the run's length. */
static void *thunk(const char *name)
{
    static unsigned char *next, *end;
    if (next == end) {
        next = lx_ram_alloc(PAGE, PAGE, ~0ull);
        if (!next)
            lx_fatal("no RAM for the kernel's tables: give the machine more");
        end = next + PAGE;
    }
    unsigned char *t = next, *at = t;
    next += THUNK;
#ifdef __x86_64__
    at = put(at, "\x48\xbf", 2, name); /* mov $name, %rdi; mov $host_unimplemented, %rax; jmp *%rax */
    at = put(at, "\x48\xb8", 2, (void *)host_unimplemented);
#else
    /* mov (%esp), %eax; and $-16, %esp; sub $12, %esp; push $name; push %eax; mov $host_unimplemented, %eax; jmp *%eax */
    at = put(at, "\x8b\x04\x24\x83\xe4\xf0\x83\xec\x0c\x68", 10, name);
    at = put(at, "\x50\xb8", 2, (void *)host_unimplemented);
#endif
    memcpy(at, "\xff\xe0", 2);
    return t;
}

static void *address_of(const char *name)
{
    const struct host_export *e = host_export_find(name);
    void *stub = e ? NULL : host_stub_find(name);
    return e ? e->address : stub ? stub : thunk(name);
}

/* The tables lie in read-only pages. */
static void set_slot(void **slot, void *value)
{
    unsigned long page = (unsigned long)slot & ~(unsigned long)(PAGE - 1);
    if (mprotect((void *)page, PAGE, PROT_READ | PROT_WRITE))
        lx_fatal("the kernel's vtables cannot be changed: kexthost needs mprotect() on its own data");
    *slot = value;
    mprotect((void *)page, PAGE, PROT_READ);
}

static bool is_pad(const char *name)
{
    return strstr(name, "_RESERVED") != NULL;
}

static void build(struct vtable *t, const struct host_vtable *h)
{
    t->name = h->name;
    t->count = h->count;
    t->patched = true;
    t->slots = calloc(h->count + 1, sizeof *t->slots);
    if (!t->slots)
        lx_fatal("out of memory");
    for (unsigned i = 0; i < h->count; i++) {
        const char *name = h->names[i];
        struct slot *s = &t->slots[i];
        s->name = name ? name_in_system(name) : NULL;
        if (name && is_pad(name) && !is_pad(s->name))
            set_slot(&h->slots[i], address_of(s->name));
        s->address = (uintptr_t)h->slots[i];
    }
}

void host_vtables_prepare(void)
{
    if (tables)
        return;
    tables = calloc(host_vtable_count + 1, sizeof *tables);
    if (!tables)
        lx_fatal("out of memory");
    for (unsigned i = 0; i < host_vtable_count; i++)
        build(&tables[i], &host_vtables[i]);
}

const struct vtable *host_vtable_find(const char *name)
{
    host_vtables_prepare();
    for (unsigned i = 0; i < host_vtable_count; i++)
        if (!strcmp(tables[i].name, name))
            return &tables[i];
    return NULL;
}
