// SPDX-License-Identifier: BSD-3-Clause
// A kmod_info (mach/kmod.h) for the linker's tests, which include no other header.
struct kmod {
    struct kmod *next;
    int info_version;
    unsigned id;
    char name[64], version[64];
    int reference_count;
    void *references;
    unsigned long address, size, hdr_size;
    int (*start)(struct kmod *, void *);
    int (*stop)(struct kmod *, void *);
} __attribute__((packed, aligned(4)));
#define KMOD(name, version, start, stop)                                                                     \
    struct kmod kmod_info = {0, 1, -1u, name, version, -1, 0, 0, 0, 0, start, stop}
