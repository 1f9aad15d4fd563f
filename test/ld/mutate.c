// SPDX-License-Identifier: BSD-3-Clause
/*
 * Links damaged objects, many and always the same ones: mutate SEED COUNT FILE.o... Each round takes one or
 * two of the files, changes a few fields of one, and links. Built with sanitisers; prints how many links were
 * refused and how many went through.
 */
#include "fuzz.h"

static uint64_t state;

static uint64_t next(void) /* xorshift64*, Vigna 2016 */
{
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return state * 0x2545f4914f6cdd1du;
}

static uint64_t below(uint64_t n)
{
    return n ? next() % n : 0;
}

static struct buffer load(const char *path)
{
    struct buffer b = {malloc(1 << 20), 0};
    FILE *f = fopen(path, "rb");

    if (!f || !b.data) {
        perror(path);
        exit(3);
    }
    b.size = fread(b.data, 1, 1 << 20, f);
    fclose(f);
    return b;
}

/* Headers matter more than their share of the bytes. */
static size_t pick_offset(const struct buffer *b)
{
    size_t head = 32 + 72 + 80 * 12 + 24 + 80;

    return below(3) && b->size > head ? below(head) : below(b->size);
}

static void change(struct buffer *b)
{
    static const uint32_t odd[] = {0,    1,     2,     3,      7,          8,          0x7f,      0x80,
                                   0xff, 0x100, 0xfff, 0x1000, 0x7fffffff, 0x80000000, 0xffffffff};
    size_t at = pick_offset(b), room = b->size - at;
    uint32_t v = odd[below(sizeof(odd) / sizeof(odd[0]))];

    switch (below(6)) {
    case 0:
        b->data[at] ^= (uint8_t)(1 << below(8));
        break;
    case 1:
        b->data[at] = (uint8_t)next();
        break;
    case 2:
        b->data[at] = (uint8_t)(b->data[at] + below(9) - 4);
        break;
    case 3: /* a field that lies in its natural place, or the high half of one */
        at &= ~(size_t)3;
        memcpy(b->data + at, &v, b->size - at < 4 ? b->size - at : 4);
        break;
    case 4: /* the same field from somewhere else */
        memmove(b->data + at, b->data + below(b->size - (room < 8 ? room : 8) + 1), room < 8 ? room : 8);
        break;
    default:
        b->size = below(16) ? b->size : below(b->size);
    }
}

static int round_of(const struct buffer *files, size_t n)
{
    const struct buffer *whole = &files[below(n)];
    struct buffer damaged = {malloc(whole->size + 1), whole->size}, pair[2];
    size_t changes = 1 + below(4);
    int err;

    memcpy(damaged.data, whole->data, whole->size);
    while (changes-- && damaged.size)
        change(&damaged);
    pair[0] = damaged;
    pair[1] = files[below(n)];
    err = link_objects(pair, 1 + below(2));
    free(damaged.data);
    return err;
}

int main(int argc, char **argv)
{
    struct buffer files[64];
    size_t n = 0;
    unsigned long count, linked = 0;

    if (argc < 4 || argc - 3 > 64) {
        fputs("usage: mutate SEED COUNT FILE.o...\n", stderr);
        return 3;
    }
    state = strtoull(argv[1], NULL, 0) | 1;
    count = strtoul(argv[2], NULL, 0);
    for (int i = 3; i < argc; i++)
        files[n++] = load(argv[i]);
    for (unsigned long i = 0; i < count; i++)
        linked += round_of(files, n) == 0;
    printf("%lu linked, %lu refused\n", linked, count - linked);
    for (size_t i = 0; i < n; i++)
        free(files[i].data);
    return 0;
}
