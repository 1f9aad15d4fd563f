// SPDX-License-Identifier: BSD-3-Clause
/* Writing a bill of materials (bom.h says what stands where). The same paths give the same bytes. */
#include "bom.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    HEADER = 512,
    TREE_BLOCK = 4096, /* of the trees that hold paths; a leaf's head is 12 bytes, a pair 8 */
    LEAF_MAX = (TREE_BLOCK - 12) / 8,
    VERSION_BLOCK = 128,
    BLOCKS_MAX = 4 * LEAF_MAX,
    ARCHITECTURE = 0x000f, /* any */
    FREE_LIST = 2,         /* empty entries, so that another tool finds room */
};

/* Bytes that grow. */
struct bytes {
    uint8_t *data;
    size_t len, room;
};

/* The store as it is built: blocks follow one another after the header. */
struct store {
    struct bytes body;
    struct {
        uint32_t offset, len;
    } block[BLOCKS_MAX];
    uint32_t blocks;
    struct bytes vars;
    uint32_t var_count;
};

static void put(struct bytes *b, const void *data, size_t len)
{
    if (b->len + len > b->room) {
        b->room = (b->len + len) * 2;
        b->data = realloc(b->data, b->room);
        if (!b->data)
            abort();
    }
    if (data)
        memcpy(b->data + b->len, data, len);
    else
        memset(b->data + b->len, 0, len);
    b->len += len;
}

static void put8(struct bytes *b, uint8_t v)
{
    put(b, &v, 1);
}

static void put16(struct bytes *b, uint16_t v)
{
    put8(b, v >> 8);
    put8(b, v & 255);
}

static void put32(struct bytes *b, uint32_t v)
{
    put16(b, v >> 16);
    put16(b, v & 65535);
}

/* A block's number is known before its contents where blocks refer to each other. */
static uint32_t reserve(struct store *s)
{
    return s->blocks++;
}

static uint32_t fill(struct store *s, uint32_t number, struct bytes *contents)
{
    s->block[number].offset = HEADER + s->body.len;
    s->block[number].len = contents->len;
    put(&s->body, contents->data, contents->len);
    free(contents->data);
    memset(contents, 0, sizeof *contents);
    return number;
}

static void name_block(struct store *s, const char *name, uint32_t number)
{
    put32(&s->vars, number);
    put8(&s->vars, strlen(name));
    put(&s->vars, name, strlen(name));
    s->var_count++;
}

/* A tree of one leaf; `leaf` holds its pairs. */
static uint32_t tree(struct store *s, uint32_t block_size, uint32_t paths, struct bytes *pairs)
{
    struct bytes leaf = {0}, head = {0};
    uint32_t number = reserve(s), child = reserve(s);

    put16(&leaf, 1); /* is a leaf */
    put16(&leaf, paths);
    put32(&leaf, 0); /* next */
    put32(&leaf, 0); /* previous */
    put(&leaf, pairs->data, pairs->len);
    free(pairs->data);
    put(&leaf, NULL, block_size - leaf.len);
    fill(s, child, &leaf);

    put(&head, "tree", 4);
    put32(&head, 1); /* version */
    put32(&head, child);
    put32(&head, block_size);
    put32(&head, paths);
    put8(&head, 0);
    return fill(s, number, &head);
}

static uint32_t empty_tree(struct store *s, uint32_t block_size)
{
    struct bytes none = {0};

    return tree(s, block_size, 0, &none);
}

/* ---- paths ---- */

static size_t parent_length(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? (size_t)(slash - path) : 0;
}

static const char *last_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

static unsigned depth(const char *path)
{
    unsigned n = 0;

    for (; *path; path++)
        n += *path == '/';
    return n;
}

/* Name by name: the end of a name comes before any character. */
static int compare_paths(const char *x, const char *y)
{
    while (*x && *x == *y)
        x++, y++;
    return (*x == '/' ? 1 : (unsigned char)*x) - (*y == '/' ? 1 : (unsigned char)*y);
}

/* Folders before what they hold, so that a parent's id is known; siblings by name. */
static int by_depth(const void *a, const void *b)
{
    const struct bom_path *x = *(struct bom_path *const *)a, *y = *(struct bom_path *const *)b;
    unsigned dx = depth(x->path), dy = depth(y->path);

    return dx != dy ? (dx < dy ? -1 : 1) : compare_paths(x->path, y->path);
}

static uint32_t id_of_parent(struct bom_path *const *sorted, size_t count, const char *path)
{
    size_t len = parent_length(path);

    for (size_t i = 0; len && i < count; i++)
        if (strlen(sorted[i]->path) == len && !strncmp(sorted[i]->path, path, len))
            return i + 1;
    return 0;
}

static void put_properties(struct bytes *out, const struct bom_path *p)
{
    bool folder = p->type == BOM_DIRECTORY;

    put8(out, p->type);
    put8(out, 1);
    put16(out, ARCHITECTURE);
    put16(out, p->mode);
    put32(out, p->uid);
    put32(out, p->gid);
    put32(out, p->mtime);
    put32(out, folder ? 0 : p->size);
    put8(out, 1);
    put32(out, p->checksum);
    put32(out, p->link ? strlen(p->link) + 1 : 0);
    if (p->link)
        put(out, p->link, strlen(p->link) + 1);
    else if (!folder)
        put32(out, 0);
}

static void put_path(struct store *s, struct bytes *pairs, const struct bom_path *p, uint32_t id, uint32_t parent)
{
    struct bytes properties = {0}, value = {0}, key = {0};
    uint32_t block;

    put_properties(&properties, p);
    block = fill(s, reserve(s), &properties);
    put32(&value, id);
    put32(&value, block);
    put32(&key, parent);
    put(&key, last_name(p->path), strlen(last_name(p->path)) + 1);
    put32(pairs, fill(s, reserve(s), &value));
    put32(pairs, fill(s, reserve(s), &key));
}

/* Leaves are in the order of their keys, (parent's id, name). Ids follow the same order one depth higher, so it
 * is that of the ids too. */
static bool put_paths(struct store *s, const struct bom *b, const char *name)
{
    struct bom_path **sorted = calloc(b->paths ? b->paths : 1, sizeof *sorted);
    struct bytes pairs = {0};
    bool good = true;

    if (!sorted)
        abort();
    for (size_t i = 0; i < b->paths; i++)
        sorted[i] = &b->path[i];
    qsort(sorted, b->paths, sizeof *sorted, by_depth);
    for (size_t i = 0; good && i < b->paths; i++) {
        uint32_t parent = id_of_parent(sorted, b->paths, sorted[i]->path);
        if (!parent && strcmp(sorted[i]->path, "."))
            good = bom_fail(name, "%s: its folder is not in the payload", sorted[i]->path);
        else if (i && !strcmp(sorted[i]->path, sorted[i - 1]->path))
            good = bom_fail(name, "%s: twice in the payload", sorted[i]->path);
        else
            put_path(s, &pairs, sorted[i], i + 1, parent);
    }
    free(sorted);
    name_block(s, "Paths", tree(s, TREE_BLOCK, b->paths, &pairs));
    return good;
}

static void put_info(struct store *s, const struct bom *b)
{
    struct bytes info = {0};
    uint32_t bytes = 0;

    for (size_t i = 0; i < b->paths; i++)
        bytes += b->path[i].type == BOM_DIRECTORY ? 0 : b->path[i].size;
    put32(&info, 1); /* version */
    put32(&info, b->paths + 1);
    put32(&info, 1); /* entries: */
    put32(&info, 0); /*   for any processor */
    put32(&info, 0);
    put32(&info, bytes);
    put32(&info, 0);
    name_block(s, "BomInfo", fill(s, reserve(s), &info));
}

static void put_versions(struct store *s)
{
    struct bytes index = {0};
    uint32_t number = reserve(s), versions = empty_tree(s, VERSION_BLOCK);

    put32(&index, 1);
    put32(&index, versions);
    put32(&index, 0);
    put8(&index, 0);
    name_block(s, "VIndex", fill(s, number, &index));
}

static void put_index(struct bytes *out, const struct store *s)
{
    put32(out, s->blocks);
    for (uint32_t i = 0; i < s->blocks; i++) {
        put32(out, s->block[i].offset);
        put32(out, s->block[i].len);
    }
    put32(out, FREE_LIST);
    put(out, NULL, FREE_LIST * 8);
}

static bool save(struct store *s, const char *name)
{
    struct bytes head = {0}, index = {0};
    uint32_t vars_at = HEADER + s->body.len, index_at = vars_at + 4 + s->vars.len;
    FILE *f = fopen(name, "wb");
    bool good;

    if (!f)
        return bom_fail(name, "cannot be written: %m");
    put_index(&index, s);
    put(&head, "BOMStore", 8);
    put32(&head, 1); /* version */
    put32(&head, s->blocks - 1);
    put32(&head, index_at);
    put32(&head, index.len);
    put32(&head, vars_at);
    put32(&head, 4 + s->vars.len);
    put(&head, NULL, HEADER - head.len);
    put(&head, s->body.data, s->body.len);
    put32(&head, s->var_count);
    put(&head, s->vars.data, s->vars.len);
    put(&head, index.data, index.len);
    good = fwrite(head.data, head.len, 1, f) == 1;
    good = !fclose(f) && good;
    free(head.data);
    free(index.data);
    return good || bom_fail(name, "cannot be written: %m");
}

bool bom_write(const struct bom *b, const char *name)
{
    struct store *s = calloc(1, sizeof *s);
    bool good;

    if (b->paths > LEAF_MAX) {
        free(s);
        return bom_fail(name, "%zu paths; this writer knows %d, one leaf of the tree", b->paths, LEAF_MAX);
    }
    if (!s)
        abort();
    s->blocks = 1; /* block 0 stays empty */
    put_info(s, b);
    good = put_paths(s, b, name);
    name_block(s, "HLIndex", empty_tree(s, TREE_BLOCK));
    put_versions(s);
    name_block(s, "Size64", empty_tree(s, TREE_BLOCK));
    good = good && save(s, name);
    free(s->body.data);
    free(s->vars.data);
    free(s);
    return good;
}
