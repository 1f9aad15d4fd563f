// SPDX-License-Identifier: BSD-3-Clause
/*
 * The bill of materials of an installer package: which files a payload holds, with their modes and checksums.
 * The format is undocumented; known from reading real ones: a store of numbered blocks, big-endian, with named
 * blocks ("variables"), among them trees whose leaves are pairs of block numbers.
 *
 *   header     "BOMStore", version 1, blocks in use, offset and length of the index, of the variables; 512 bytes
 *   index      count, {offset, length}[], then a free list of the same form; block 0 is empty
 *   variables  count, {block, name length (1 byte), name}[]
 *   BomInfo    version 1, paths + 1, entries: {0, 0, bytes of all files, 0}[]
 *   Paths      a tree; key: {parent, name, 0}, value: {id, block of the properties}; ids from 1, sorted by parent, name
 *   HLIndex, Size64, VIndex   trees of hard links, sizes beyond 4 GB, versions: empty here
 */
#ifndef DIST_BOM_H
#define DIST_BOM_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum bom_type { BOM_FILE = 1, BOM_DIRECTORY = 2, BOM_LINK = 3 };

struct bom_path {
    char *path; /* "." or "./a/b" */
    char *link; /* BOM_LINK: where to; else NULL */
    enum bom_type type;
    uint16_t mode; /* with the type's bits, as in struct stat */
    uint32_t uid, gid, mtime, size;
    uint32_t checksum; /* of a file's bytes or a link's text, as cksum(1) computes it */
};

/* The paths of a package, in any order; every path's folder is among them. */
struct bom {
    struct bom_path *path;
    size_t paths;
};

/* Both print one line to stderr that begins with `name` and return false on failure. The caller frees *b. */
bool bom_read(struct bom *b, const char *name);
bool bom_write(const struct bom *b, const char *name);
void bom_free(struct bom *b);
struct bom_path *bom_add(struct bom *b); /* zeroed, at the end */

/* One line, "bom: NAME: TEXT", on stderr; false. */
bool bom_fail(const char *name, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
