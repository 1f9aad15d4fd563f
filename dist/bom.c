// SPDX-License-Identifier: BSD-3-Clause
/* bom: makes an installer package's bill of materials from its payload, and shows one. */
#include "bom.h"
#include <archive.h>
#include <archive_entry.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: bom make OUT PAYLOAD    the bill of materials of a cpio archive (compressed or not)\n"
    "       bom dump FILE           a path a line: path, mode, owner/group, size and checksum, link\n";

bool bom_fail(const char *name, const char *format, ...)
{
    va_list args;

    fprintf(stderr, "bom: %s: ", name);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    return false;
}

struct bom_path *bom_add(struct bom *b)
{
    b->path = realloc(b->path, (b->paths + 1) * sizeof *b->path);
    if (!b->path)
        abort();
    memset(&b->path[b->paths], 0, sizeof *b->path);
    return &b->path[b->paths++];
}

void bom_free(struct bom *b)
{
    for (size_t i = 0; i < b->paths; i++) {
        free(b->path[i].path);
        free(b->path[i].link);
    }
    free(b->path);
    memset(b, 0, sizeof *b);
}

/* POSIX cksum: the CRC of the bytes, then of their number without leading zero bytes. */
static uint32_t cksum_byte(uint32_t sum, uint8_t byte)
{
    sum ^= (uint32_t)byte << 24;
    for (int i = 0; i < 8; i++)
        sum = sum << 1 ^ (sum >> 31 ? 0x04c11db7 : 0);
    return sum;
}

static uint32_t cksum_end(uint32_t sum, uint64_t len)
{
    for (; len; len >>= 8)
        sum = cksum_byte(sum, len & 255);
    return ~sum;
}

static bool sum_contents(struct archive *a, struct bom_path *p, const char *name)
{
    uint8_t buffer[65536];
    uint64_t len = 0;
    ssize_t got;

    while ((got = archive_read_data(a, buffer, sizeof buffer)) > 0) {
        for (ssize_t i = 0; i < got; i++)
            p->checksum = cksum_byte(p->checksum, buffer[i]);
        len += got;
    }
    if (got < 0)
        return bom_fail(name, "%s", archive_error_string(a));
    p->checksum = cksum_end(p->checksum, len);
    p->size = len;
    return true;
}

static void sum_link(struct bom_path *p)
{
    for (const char *c = p->link; *c; c++)
        p->checksum = cksum_byte(p->checksum, *c);
    p->size = strlen(p->link);
    p->checksum = cksum_end(p->checksum, p->size);
}

static bool take_entry(struct bom *b, struct archive *a, struct archive_entry *e, const char *name)
{
    const char *path = archive_entry_pathname(e);
    struct bom_path *p;

    if (!path || (strcmp(path, ".") && strncmp(path, "./", 2)))
        return bom_fail(name, "%s: paths of a payload begin with ./", path ? path : "(no name)");
    p = bom_add(b);
    p->path = strdup(path);
    p->mode = archive_entry_mode(e);
    p->uid = archive_entry_uid(e);
    p->gid = archive_entry_gid(e);
    p->mtime = archive_entry_mtime(e);
    switch (archive_entry_filetype(e)) {
    case AE_IFDIR:
        p->type = BOM_DIRECTORY;
        return true;
    case AE_IFLNK:
        p->type = BOM_LINK;
        p->link = strdup(archive_entry_symlink(e));
        sum_link(p);
        return true;
    case AE_IFREG:
        p->type = BOM_FILE;
        return sum_contents(a, p, name);
    default:
        return bom_fail(name, "%s: neither file, folder nor symbolic link", path);
    }
}

static bool take_payload(struct bom *b, const char *name)
{
    struct archive *a = archive_read_new();
    struct archive_entry *e;
    bool good = true;
    int status;

    archive_read_support_filter_all(a);
    archive_read_support_format_cpio(a);
    if (archive_read_open_filename(a, name, 65536))
        good = bom_fail(name, "%s", archive_error_string(a));
    while (good && (status = archive_read_next_header(a, &e)) != ARCHIVE_EOF)
        good = status == ARCHIVE_OK ? take_entry(b, a, e, name) : bom_fail(name, "%s", archive_error_string(a));
    archive_read_free(a);
    if (good && !b->paths)
        good = bom_fail(name, "is empty");
    return good;
}

static void show(const struct bom_path *p)
{
    printf("%s\t%o\t%u/%u", p->path, p->mode, p->uid, p->gid);
    if (p->type != BOM_DIRECTORY)
        printf("\t%u\t%u", p->size, p->checksum);
    if (p->link)
        printf("\t%s", p->link);
    putchar('\n');
}

int main(int argc, char **argv)
{
    struct bom b = {0};
    bool good = false;

    if (argc == 2 && !strcmp(argv[1], "--help")) {
        fputs(usage, stdout);
        return 0;
    }
    if (argc == 4 && !strcmp(argv[1], "make"))
        good = take_payload(&b, argv[3]) && bom_write(&b, argv[2]);
    else if (argc == 3 && !strcmp(argv[1], "dump")) {
        good = bom_read(&b, argv[2]);
        for (size_t i = 0; good && i < b.paths; i++)
            show(&b.path[i]);
    } else
        fputs("bom: wrong arguments; bom --help shows the right ones\n", stderr);
    bom_free(&b);
    return good ? 0 : 1;
}
