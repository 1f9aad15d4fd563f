// SPDX-License-Identifier: BSD-3-Clause
/*
 * Messages and whole files. A message is one line whatever bytes the names in it hold.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "kextld.h"

int ld_fail(struct ld *ld, const char *fmt, ...)
{
    char line[2048];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(line, sizeof(line), fmt, ap);
    va_end(ap);
    for (char *c = line; *c; c++) {
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            *c = '?';
    }
    ld->errors++;
    ld->report(ld->report_context, line);
    return -1;
}

static int read_all(struct ld *ld, const char *path, FILE *f, struct buffer *out)
{
    struct stat st;

    if (fstat(fileno(f), &st))
        return ld_fail(ld, "%s: %s", path, strerror(errno));
    if (!S_ISREG(st.st_mode))
        return ld_fail(ld, "%s: not a regular file", path);
    if ((uint64_t)st.st_size >= IMAGE_MAX)
        return ld_fail(ld, "%s: too large", path);
    out->size = (size_t)st.st_size;
    out->data = arena_alloc(&ld->mem, out->size);
    if (fread(out->data, 1, out->size, f) != out->size)
        return ld_fail(ld, "%s: cannot read: %s", path, ferror(f) ? strerror(errno) : "file shrank");
    return 0;
}

int ld_read_file(struct ld *ld, const char *path, struct buffer *out)
{
    FILE *f = fopen(path, "rb");
    int err;

    if (!f)
        return ld_fail(ld, "%s: %s", path, strerror(errno));
    err = read_all(ld, path, f, out);
    fclose(f);
    return err;
}
