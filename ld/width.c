// SPDX-License-Identifier: BSD-3-Clause
/*
 * The two widths of Mach-O (mach-o/loader.h, nlist.h): files of either are read into the 64-bit structures,
 * so that no later stage asks which it was.
 */
#include <string.h>

#include "kextld.h"

const struct format format_32 = {
    .magic = MH_MAGIC,
    .segment_cmd = LC_SEGMENT,
    .segment_name = "LC_SEGMENT",
    .header = sizeof(struct mach_header),
    .segment = sizeof(struct segment_command),
    .section = sizeof(struct section),
    .nlist = sizeof(struct nlist),
};

const struct format format_64 = {
    .magic = MH_MAGIC_64,
    .segment_cmd = LC_SEGMENT_64,
    .segment_name = "LC_SEGMENT_64",
    .header = sizeof(struct mach_header_64),
    .segment = sizeof(struct segment_command_64),
    .section = sizeof(struct section_64),
    .nlist = sizeof(struct nlist_64),
};

struct mach_header_64 header_load(const struct format *f, const uint8_t *at)
{
    struct mach_header_64 h = {0};

    memcpy(&h, at, f->header); /* the wide one has a word more at its end */
    return h;
}

struct segment_command_64 segment_load(const struct format *f, const uint8_t *at)
{
    struct segment_command_64 w;
    struct segment_command n;

    if (f == &format_64) {
        memcpy(&w, at, sizeof(w));
        return w;
    }
    memcpy(&n, at, sizeof(n));
    w = (struct segment_command_64){.cmd = n.cmd,
                                    .cmdsize = n.cmdsize,
                                    .vmaddr = n.vmaddr,
                                    .vmsize = n.vmsize,
                                    .fileoff = n.fileoff,
                                    .filesize = n.filesize,
                                    .maxprot = n.maxprot,
                                    .initprot = n.initprot,
                                    .nsects = n.nsects,
                                    .flags = n.flags};
    memcpy(w.segname, n.segname, sizeof(w.segname));
    return w;
}

struct section_64 section_load(const struct format *f, const uint8_t *at)
{
    struct section_64 w;
    struct section n;

    if (f == &format_64) {
        memcpy(&w, at, sizeof(w));
        return w;
    }
    memcpy(&n, at, sizeof(n));
    w = (struct section_64){.addr = n.addr,
                            .size = n.size,
                            .offset = n.offset,
                            .align = n.align,
                            .reloff = n.reloff,
                            .nreloc = n.nreloc,
                            .flags = n.flags,
                            .reserved1 = n.reserved1,
                            .reserved2 = n.reserved2};
    memcpy(w.sectname, n.sectname, sizeof(w.sectname));
    memcpy(w.segname, n.segname, sizeof(w.segname));
    return w;
}

struct nlist_64 nlist_load(const struct format *f, const uint8_t *at)
{
    struct nlist_64 w;
    struct nlist n;

    if (f == &format_64) {
        memcpy(&w, at, sizeof(w));
        return w;
    }
    memcpy(&n, at, sizeof(n));
    return (struct nlist_64){n.n_strx, n.n_type, n.n_sect, n.n_desc, n.n_value};
}
