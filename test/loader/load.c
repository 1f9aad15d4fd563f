// SPDX-License-Identifier: BSD-3-Clause
/*
 * The loader on its test kernel: `load [--darwin V] WORD...`, each word done in turn: a path opens that
 * bundle, the others are load-all, load=ID, unload=ID, unload-all, info, where=SYMBOL, version=TEXT. An error
 * goes to stdout and ends it with 1.
 */
#include "host/iokit/boot.h"
#include "host/linux/linux.h"
#include "host/loader/internal.h"
#include "host/profile.h"
#include <stdio.h>
#include <string.h>

int iokit_add_personalities(const char *bundle, const char *xml, int more, const char **error)
{
    printf("personalities of %s%s\n", bundle, strstr(xml, "IOTest") ? ": IOTest" : "");
    return 0;
}
int iokit_remove_personalities(const char *bundle)
{
    return 0;
}
int iokit_terminate_module(const char *bundle)
{
    return 0;
}
int iokit_module_services(const char *bundle)
{
    return 0;
}
int iokit_wait_quiet(int ms)
{
    return 0;
}
const char *iokit_busy_names(void)
{
    return "";
}

static void show(void *context, const struct kext_info *i)
{
    char name[256];
    kext_symbolise(i->address + 0x2000, name, sizeof name);
    printf("%s %s tag=%u started=%d references=%u weak=%u classes=%u patched=%u\n", i->identifier, i->version,
           i->tag, i->started, i->references, i->weak_missing, i->classes, i->patched_slots);
}

static int where(const char *symbol)
{
    char text[256];
    void *p = kext_host_symbol(symbol);
    printf("%s: %s\n", symbol, p && !kext_symbolise((unsigned long)p, text, sizeof text) ? text : "none");
    return 0;
}

static int act(const char *word)
{
    if (!strcmp(word, "load-all"))
        return kext_load_all();
    if (!strcmp(word, "unload-all"))
        return kext_unload_all();
    if (!strncmp(word, "load=", 5))
        return kext_load(word + 5);
    if (!strncmp(word, "unload=", 7))
        return kext_unload(word + 7);
    if (!strncmp(word, "where=", 6))
        return where(word + 6);
    if (!strncmp(word, "version=", 8))
        return printf("%s: %lld\n", word + 8, version_parse(word + 8)), 0;
    if (!strcmp(word, "info"))
        return kext_each(show, NULL), 0;
    return kext_open(word);
}

int main(int argc, char **argv)
{
    int i = 1;
    if (argc > 2 && !strcmp(argv[1], "--darwin")) {
        if (host_profile_select(argv[2]))
            return 2;
        i = 3;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (lx_ram_init(128 << 20) || host_construct_kernel()) {
        printf("%s\n", kext_error());
        return 1;
    }
    unsigned long before = lx_ram_in_use();
    for (; i < argc; i++)
        if (act(argv[i])) {
            printf("%s\n", kext_error());
            return 1;
        }
    if (argc > 1 && !strcmp(argv[argc - 1], "unload-all"))
        printf("left in RAM: %lu\n", lx_ram_in_use() - before);
    return 0;
}
