// SPDX-License-Identifier: BSD-3-Clause
/*
 * What the loader's files share. A kext goes through them in this order: bundle.c (Info.plist), image.c (the
 * Mach-O file, checked; by linked.c for x86_64, object.c for i386), library.c (dependencies), place.c (into RAM), bind.c (symbols), vtable.c (Apple's
 * patching), place.c again (relocations), life.c (start, stop, unload).
 */
#ifndef HOST_LOADER_INTERNAL_H
#define HOST_LOADER_INTERNAL_H
#include "loader.h"
#include "exports.h"
#include "../../ld/macho.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A host loads the kexts of its own width, and these are the file's structures then. */
#ifdef __x86_64__
#define KEXT_ARCH "x86_64"
typedef struct mach_header_64 macho_header;
typedef struct segment_command_64 macho_segment;
typedef struct section_64 macho_section;
typedef struct nlist_64 macho_nlist;
typedef struct kmod_info_64 kmod_record;
enum { KEXT_CPU = CPU_TYPE_X86_64, KEXT_MAGIC = (int)MH_MAGIC_64, KEXT_SEGMENT = LC_SEGMENT_64 };
#else
#define KEXT_ARCH "i386"
typedef struct mach_header macho_header;
typedef struct segment_command macho_segment;
typedef struct section macho_section;
typedef struct nlist macho_nlist;
typedef struct kmod_info_32 kmod_record;
enum { KEXT_CPU = CPU_TYPE_I386, KEXT_MAGIC = (int)MH_MAGIC, KEXT_SEGMENT = LC_SEGMENT };
#endif
enum { WORD = sizeof(void *) };

/* ---- error.c ---- */
/* Sets the thread's error text; always -1. */
int kext_fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Adds a line to it. */
void kext_fail_more(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* "IOService::start(IOService*)" for "__ZN9IOService5startEPS_"; a name that is no C++ comes back as it is.
 * To be freed. */
char *kext_demangle(const char *name);

/* ---- image.c: a checked file ---- */
struct segment {
    char name[17];
    uint64_t vmaddr, vmsize, fileoff, filesize;
    uint32_t prot;
    bool linkedit;
};

struct sect {
    char name[17];
    uint64_t addr, size, moved; /* moved: addr less the address in the file */
    uint32_t flags, reserved1;
};

enum binding { BIND_NONE, BIND_LOCAL, BIND_LIBRARY, BIND_WEAK };

struct symbol {
    const char *name;
    uint64_t value;   /* as in the file: address in the unslid image */
    uint64_t address; /* final, once bound */
    enum binding binding;
    uint8_t type, sect;
    uint16_t desc;
    bool exported;
    uint32_t uses, covered; /* relocations against it; those that vtable patching took over */
};

struct reloc {
    uint32_t address, target; /* target: symbol index (external) or section number (local) */
    uint8_t type, length, pcrel;
    uint32_t order; /* i386: place in the tables, 10.6's sense */
    bool patched; /* to: instead of the symbol's address */
    uint64_t to;
};

struct image {
    const char *path;          /* for messages; not owned */
    unsigned char *file;       /* whole file, owned */
    const unsigned char *data; /* this architecture's slice; from an object's, what was laid out from it */
    size_t size;
    unsigned char *laid_out; /* owned; NULL for a linked kext */
    struct segment *segments;
    unsigned int nsegments;
    struct sect *sects;
    unsigned int nsects;
    struct symbol *symbols;
    unsigned int nsymbols;
    const char *strings;
    struct reloc *external, *local; /* external: by address */
    unsigned int nexternal, nlocal, nother; /* other: done with when the image was laid out */
    uint32_t *indirect;
    unsigned int nindirect;
    struct symbol **by_name, **by_value; /* defined symbols; by_value: C++ names only */
    unsigned int nby_name, nby_value;
    uint64_t vmsize;      /* end of the last segment that goes to RAM, page aligned */
    uint32_t header_size; /* of the header's own pages; 0: it is part of __TEXT */
    uint8_t uuid[16];
    bool has_uuid;
    const struct symbol *kmod_info;

    unsigned char *base; /* in RAM: vmsize bytes, then the branch stubs; NULL before placing */
    unsigned long ram_size;
    unsigned char *stubs, *stubs_end;
};

/* Reads and checks an executable for the profile in force. On failure nothing is held. */
int image_read(struct image *im, const char *path);
/* The same from memory: takes over file (malloc), freed even on failure. */
int image_parse(struct image *im, const char *path, unsigned char *file, size_t size);
void image_free(struct image *im);
const struct symbol *image_symbol(const struct image *im, const char *name); /* defined ones; NULL: none */
const struct symbol *image_cxx_symbol_at(const struct image *im, uint64_t value);
struct reloc *image_external_at(const struct image *im, uint64_t address);
struct reloc *image_local_at(const struct image *im, uint64_t address);
const struct sect *image_sect_at(const struct image *im, uint64_t address);
/* Bytes at an unslid address, read from the file (zero-fill: NULL); NULL when out of range. */
const unsigned char *image_bytes(const struct image *im, uint64_t address, uint64_t size);
int image_pointer(const struct image *im, uint64_t address,
                  uint64_t *value); /* zero-fill reads 0; -1: out of range */
int image_bad(const struct image *im, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
bool image_inside(uint64_t offset, uint64_t size, uint64_t limit);
uint64_t image_page_up(uint64_t v);
void image_copy_name(char to[17], const char from[16]);
/* The commands' space, walked once: counts, and that each lies within. */
int image_reserve(struct image *im, const macho_header *h);
/* The fixed part of a command, when it is that long. */
int image_command(const struct image *im, const unsigned char *at, uint32_t cmdsize, void *out, size_t size);
int image_wrong_arch(const struct image *im, const char *what);
/* linked.c (x86_64) or object.c (i386): all but the last checks. */
int image_parse_file(struct image *im);
/* symtab.c: the tables that LC_SYMTAB and LC_DYSYMTAB name. */
int image_read_symbols(struct image *im, const struct symtab_command *c);
int image_read_relocations(struct image *im, const struct dysymtab_command *c);
void image_index_relocations(struct image *im);

/* ---- version.c ---- */
/* OSKextParseVersionString: a number that orders versions, -1 when it is no legal version. */
long long version_parse(const char *s);

/* ---- bundle.c, library.c, life.c ---- */
struct vtable {
    const char *name; /* "__ZTV7MyClass" */
    uint64_t address; /* unslid */
    unsigned int count;
    struct slot {
        const char *name;      /* NULL: a local function without a symbol */
        uint64_t address;      /* final */
        struct symbol *symbol; /* before patching */
        struct reloc *reloc;   /* NULL: a local pointer */
    } * slots;
    bool patched;
};

struct wanted {
    char *identifier, *version;
};

struct kext {
    char *path, *identifier, *version_text, *compatible_text, *executable, *executable_path;
    long long version, compatible; /* compatible: -1, no OSBundleCompatibleVersion */
    char *personalities;           /* XML of IOKitPersonalities, NULL: none */
    struct wanted *wanted;
    unsigned int nwanted;

    const struct library **libraries; /* the host's, that it links */
    unsigned int nlibraries;
    struct kext **dependencies; /* kexts with code that it links, directly */
    unsigned int ndependencies;
    enum { UNVISITED, VISITING, VISITED } visit;

    struct image image;
    struct vtable *vtables;
    unsigned int nvtables;
    kmod_record *kmod; /* in the placed image */
    bool loaded, started, cpp;
    unsigned int tag, references, imports, weak_missing, patched_slots;
    unsigned long load_ns, start_ns;
    struct kext *next;
};

extern struct kext *kext_list; /* open kexts in the order of opening */
struct kext *kext_find(const char *identifier);

/* Fills the kext from a bundle; on failure nothing is held. */
int bundle_read(struct kext *k, const char *path);
void bundle_free(struct kext *k);

/* A library that the host provides. */
struct library {
    const char *identifier;
    unsigned int set;                      /* bit of host_sets; 0: it has none of its symbols */
    const char *version, *compatible_text; /* in the profile in force */
    long long number, compatible;
};
const struct library *library_find(const char *identifier);
/* Resolves OSBundleLibraries: libraries, dependencies (their own dependencies first). */
int library_resolve(struct kext *k);
/* Calls fn for the kext's dependencies and theirs, each once; stops at the first that returns non-NULL. */
void *library_each_dependency(const struct kext *k, void *(*fn)(struct kext *dep, void *context),
                              void *context);

/* ---- bind.c: the host's tables and the kext's symbols ---- */
unsigned int host_system_bit(void); /* of the profile in force */
const struct host_export *host_export_find(const char *name);
void *host_stub_find(const char *name);
int bind_symbols(struct kext *k); /* after placing: addresses, binding, exported; refuses duplicates */
int bind_check(struct kext *k);   /* after patching: every strong import has an address */

/* ---- vtable.c, hostvtable.c ---- */
int vtable_patch_all(struct kext *k);
void vtable_free_all(struct kext *k);
/* Gives the host's tables the slots of the system in force; once, before anybody counts memory. */
void host_vtables_prepare(void);
/* A host class's table with the profile's names; NULL: no such class. */
const struct vtable *host_vtable_find(const char *name);

/* ---- place.c ---- */
int place_image(struct kext *k);    /* allocates RAM, copies, zero-fills, slides the header */
int place_relocate(struct kext *k); /* local and external relocations, symbol pointers */
int place_protect(struct kext *k);  /* __TEXT read and execute, __DATA read and write */
void place_free(struct kext *k);

/* ---- life.c ---- */
int life_link(struct kext *k); /* everything up to, not including, its code */
int life_start(struct kext *k);
int life_stop(struct kext *k);
void life_discard(struct kext *k); /* image and tables */

/* ---- report.c ---- */
enum { MAX_LOADED = 64 };
int report_add(struct kext *k); /* -1: too many */
void report_remove(struct kext *k);

#endif
