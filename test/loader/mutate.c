// SPDX-License-Identifier: BSD-3-Clause
/*
 * Deterministic mutations of a kext's executable through everything that the loader does before the kext's
 * own code runs, under ASan and UBSan: `mutate SECONDS KEXT...`. RAM is the heap here, so that a stray write
 * is seen. A sound file must link; a mutated one may link or be refused with a text, nothing else.
 */
#include "host/linux/linux.h"
#include "host/loader/internal.h"
#include "host/profile.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

unsigned char *lx_ram;
unsigned long lx_ram_size;
void *lx_ram_alloc(unsigned long size, unsigned long align, unsigned long long limit)
{
    return aligned_alloc(4096, (size + 4095) & ~4095ul);
}
void lx_ram_free(void *p, unsigned long size)
{
    free(p);
}

int iokit_add_personalities(const char *bundle, const char *xml, int more, const char **error)
{
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

static unsigned long long seed = 88172645463325252ull;
static unsigned next(unsigned below)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (unsigned)(seed >> 32) % below;
}

static const unsigned interesting[] = {0,    1,     2,      7,          8,           11,          0x7f, 0x80,
                                       0xff, 0xfff, 0x1000, 0x7fffffff, 0x80000000u, 0xfffffff0u, ~0u};

static void mutate(unsigned char *data, size_t *size)
{
    enum { HEAD = 4096 };
    size_t limit = next(3) && *size > HEAD ? HEAD : *size; /* headers and commands mostly */
    unsigned value = interesting[next(sizeof interesting / sizeof *interesting)];
    size_t at = next((unsigned)limit - 8);
    switch (next(6)) {
    case 0:
        data[at] ^= (unsigned char)(1u << next(8));
        break;
    case 1:
        data[at] = (unsigned char)next(256);
        break;
    case 2:
        memcpy(data + (at & ~3ul), &value, sizeof value);
        break;
    case 3:
        memcpy(data + at, data + next((unsigned)*size - 8), 8);
        break;
    case 4:
        memset(data + at, 0, 8);
        break;
    case 5:
        *size = next(64) ? *size : next((unsigned)*size) + 1;
        break;
    }
    if (*size < 16)
        *size = 16;
}

static int link_once(unsigned char *file, size_t size, const struct library **libraries, unsigned n)
{
    struct kext k = {.path = "mutant",
                     .identifier = "org.mutant",
                     .version_text = "1.0",
                     .libraries = libraries,
                     .nlibraries = n};
    if (image_parse(&k.image, "mutant", file, size))
        return -1;
    int r = life_link(&k);
    if (!r)
        life_discard(&k);
    image_free(&k.image);
    return r;
}

static unsigned char *read_file(const char *path, size_t *size)
{
    unsigned char *data = malloc(1 << 20);
    FILE *f = fopen(path, "rb");
    if (!f || !data) {
        printf("not ok - %s cannot be read\n", path);
        exit(1);
    }
    *size = fread(data, 1, 1 << 20, f);
    fclose(f);
    return data;
}

static unsigned char *copy(const unsigned char *data, size_t size)
{
    unsigned char *c = malloc(size);
    memcpy(c, data, size);
    return c;
}

int main(int argc, char **argv)
{
    enum { MAX_SEEDS = 8 };
    host_profile_select(WORD == 8 ? "10.9" : "10.7");
    const struct library *libraries[] = {library_find("com.apple.kpi.libkern"),
                                         library_find("com.apple.kpi.mach"),
                                         library_find("com.apple.iokit.IOPCIFamily")};
    unsigned char *seeds[MAX_SEEDS];
    size_t sizes[MAX_SEEDS];
    unsigned n = argc > 2 ? (unsigned)argc - 2 : 0;
    unsigned long runs = 0, linked = 0;
    if (!n || n > MAX_SEEDS)
        return fprintf(stderr, "usage: mutate SECONDS KEXT...\n"), 2;
    for (unsigned i = 0; i < n; i++) {
        seeds[i] = read_file(argv[2 + i], &sizes[i]);
        if (link_once(copy(seeds[i], sizes[i]), sizes[i], libraries, 3)) {
            printf("not ok - the sound %s is refused: %s\n", argv[2 + i], kext_error());
            return 1;
        }
    }
    for (time_t end = time(NULL) + atoi(argv[1]); time(NULL) < end; runs++) {
        size_t size = sizes[runs % n];
        if (WORD == 4) /* 10.5 looks at more */
            host_profile_select(runs & 1 ? "10.5" : "10.7");
        unsigned char *file = copy(seeds[runs % n], size);
        for (unsigned m = 1 + next(4); m; m--)
            mutate(file, &size);
        /* in a block of its exact size, so that a read beyond the end is seen */
        unsigned char *exact = copy(file, size);
        free(file);
        linked += !link_once(exact, size, libraries, 3);
    }
    for (unsigned i = 0; i < n; i++)
        free(seeds[i]);
    printf("ok - %lu mutated kexts, %lu of them still linked, none did harm\n", runs, linked);
    return 0;
}
