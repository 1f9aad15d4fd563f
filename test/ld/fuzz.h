// SPDX-License-Identifier: BSD-3-Clause
/*
 * One whole link in this process, from objects in memory to the kext in memory: what both fuzzers of the
 * linker do. Either there is a kext and no complaint, or at least one complaint, of one line.
 */
#ifndef TEST_LD_FUZZ_H
#define TEST_LD_FUZZ_H
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kextld.h"

static void check_line(void *context, const char *line)
{
    if (!*line || strchr(line, '\n'))
        abort();
}

/* Of the first object, whose magic tells; an absurd one stays with x86_64. */
static const struct arch *arch_of(const struct buffer *object)
{
    uint32_t magic = 0;

    if (object->size >= sizeof(magic))
        memcpy(&magic, object->data, sizeof(magic));
    return arch_find(magic == MH_MAGIC ? "i386" : "x86_64");
}

/* Returns 0 when the link succeeded, -1 when it was refused. */
static int link_objects(const struct buffer *objects, size_t n)
{
    struct ld ld = {.opt.arch = arch_of(objects), .report = check_line};
    int err = 0;

    for (size_t i = 0; i < n && !err; i++) { /* exact copies: a byte too far is seen */
        struct buffer copy = {arena_alloc(&ld.mem, objects[i].size), objects[i].size};
        if (copy.size)
            memcpy(copy.data, objects[i].data, copy.size);
        err = object_read(&ld, i ? "b.o" : "a.o", copy);
    }
    err = err || ld_link(&ld) ? -1 : 0;
    if (!err != !ld.errors || (!err && ld.out.size < sizeof(struct mach_header)))
        abort();
    arena_free(&ld.mem);
    return err;
}
#endif
