// SPDX-License-Identifier: BSD-3-Clause
/* Reading a bill of materials, ours or another's. Nothing in the file is trusted: offsets, block numbers and
 * strings are checked, chains are bounded. */
#include "bom.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEADER = 512, FILE_MAX = 64 << 20, PROPERTIES = 31 };

struct view {
    const uint8_t *at;
    uint32_t len;
};
struct reader {
    const char *name;
    uint8_t *data;
    uint32_t len;
    uint32_t index, blocks; /* offset of the first index entry, and their count */
    uint32_t *id; /* of each path that has been read */
};

static uint32_t get32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3];
}

static uint16_t get16(const uint8_t *p)
{
    return p[0] << 8 | p[1];
}

static bool inside(const struct reader *r, uint32_t offset, uint32_t len)
{
    return offset <= r->len && len <= r->len - offset;
}

/* The block of that number, at least `least` bytes long. */
static bool block(const struct reader *r, uint32_t number, uint32_t least, struct view *v)
{
    uint32_t offset;

    if (number >= r->blocks)
        return bom_fail(r->name, "refers to block %u of %u", number, r->blocks);
    offset = get32(r->data + r->index + 8 * number);
    v->len = get32(r->data + r->index + 8 * number + 4);
    if (!inside(r, offset, v->len) || v->len < least)
        return bom_fail(r->name, "block %u is outside the file or too short", number);
    v->at = r->data + offset;
    return true;
}

static bool load(struct reader *r)
{
    FILE *f = fopen(r->name, "rb");
    long size;

    if (!f || fseek(f, 0, SEEK_END) || (size = ftell(f)) < 0) {
        if (f)
            fclose(f);
        return bom_fail(r->name, "cannot be read: %m");
    }
    rewind(f);
    r->len = size < FILE_MAX ? size : 0;
    r->data = malloc(r->len + 1);
    if (!r->data)
        abort();
    r->len = fread(r->data, 1, r->len, f);
    fclose(f);
    if (r->len < HEADER || memcmp(r->data, "BOMStore", 8))
        return bom_fail(r->name, "is not a bill of materials");
    r->index = get32(r->data + 16);
    if (!inside(r, r->index, 4))
        return bom_fail(r->name, "its index is outside the file");
    r->blocks = get32(r->data + r->index);
    r->index += 4;
    if (r->blocks > (r->len - r->index) / 8)
        return bom_fail(r->name, "its index is longer than the file");
    return true;
}

static bool variable(const struct reader *r, const char *name, uint32_t *number)
{
    uint32_t at = get32(r->data + 24), count;

    if (!inside(r, at, 4))
        return bom_fail(r->name, "its variables are outside the file");
    count = get32(r->data + at);
    at += 4;
    for (; count && inside(r, at, 5) && inside(r, at + 5, r->data[at + 4]); count--) {
        uint8_t len = r->data[at + 4];
        if (len == strlen(name) && !memcmp(r->data + at + 5, name, len)) {
            *number = get32(r->data + at);
            return true;
        }
        at += 5 + len;
    }
    return bom_fail(r->name, "has no %s", name);
}

/* ---- paths ---- */

static bool take_properties(const struct reader *r, struct bom_path *p, uint32_t number)
{
    struct view v;
    uint32_t link;

    if (!block(r, number, PROPERTIES, &v))
        return false;
    p->type = v.at[0];
    p->mode = get16(v.at + 4);
    p->uid = get32(v.at + 6);
    p->gid = get32(v.at + 10);
    p->mtime = get32(v.at + 14);
    p->size = get32(v.at + 18);
    p->checksum = get32(v.at + 23);
    link = get32(v.at + 27);
    if (p->type != BOM_LINK)
        return true;
    if (!link || link > v.len - PROPERTIES || v.at[PROPERTIES + link - 1])
        return bom_fail(r->name, "block %u: a link without its text", number);
    p->link = strdup((const char *)v.at + PROPERTIES);
    return true;
}

/* Paths come after their folders: parents are found among those that are there. */
static bool take_name(struct reader *r, struct bom *b, struct bom_path *p, uint32_t parent, const struct view *key)
{
    const char *name = (const char *)key->at + 4, *folder = NULL;

    if (!memchr(name, 0, key->len - 4))
        return bom_fail(r->name, "a name does not end");
    for (size_t i = 0; parent && i + 1 < b->paths; i++)
        if (r->id[i] == parent)
            folder = b->path[i].path;
    if (parent && !folder)
        return bom_fail(r->name, "%s: its folder has not come yet", name);
    if (asprintf(&p->path, "%s%s%s", folder ? folder : "", folder ? "/" : "", name) < 0)
        abort();
    return true;
}

static bool take_pair(struct reader *r, struct bom *b, const uint8_t *pair)
{
    struct view value, key;
    struct bom_path *p;

    if (!block(r, get32(pair), 8, &value) || !block(r, get32(pair + 4), 5, &key))
        return false;
    p = bom_add(b);
    r->id = realloc(r->id, b->paths * sizeof *r->id);
    if (!r->id)
        abort();
    r->id[b->paths - 1] = get32(value.at);
    return take_name(r, b, p, get32(key.at), &key) && take_properties(r, p, get32(value.at + 4));
}

static bool take_leaves(struct reader *r, struct bom *b, uint32_t number)
{
    struct view v;
    uint32_t seen = 0;

    for (;;) {
        uint16_t pairs;
        if (seen++ > r->blocks)
            return bom_fail(r->name, "its leaves form a ring");
        if (!block(r, number, 12, &v))
            return false;
        pairs = get16(v.at + 2);
        if (pairs > (v.len - 12) / 8)
            return bom_fail(r->name, "block %u: more pairs than it can hold", number);
        if (!get16(v.at)) { /* an inner node: the first child leads to the first leaf */
            if (!pairs)
                return bom_fail(r->name, "block %u: an empty node", number);
            number = get32(v.at + 12);
            continue;
        }
        for (unsigned i = 0; i < pairs; i++)
            if (!take_pair(r, b, v.at + 12 + 8 * i))
                return false;
        number = get32(v.at + 4);
        if (!number)
            return true;
    }
}

bool bom_read(struct bom *b, const char *name)
{
    struct reader r = {.name = name};
    struct view tree = {0};
    uint32_t number = 0;
    bool good = load(&r) && variable(&r, "Paths", &number) && block(&r, number, 21, &tree) &&
                (!memcmp(tree.at, "tree", 4) || bom_fail(name, "Paths is not a tree")) &&
                take_leaves(&r, b, get32(tree.at + 8));

    if (good && get32(tree.at + 16) != b->paths)
        good = bom_fail(name, "says %u paths and has %zu", get32(tree.at + 16), b->paths);
    free(r.data);
    free(r.id);
    return good;
}
