// SPDX-License-Identifier: BSD-3-Clause
/*
 * The linker's own types. The theory of operation is at the head of kextld.c; each file is named for the noun
 * it handles and its entry points stand below under that name.
 *
 * All memory comes from the link's arena and goes with it. Functions that can fail return 0 or -1 after
 * ld_fail() has reported one line; pointers into input files stay valid for the whole link. Everything read
 * from an input file is checked by the reader, so later stages trust the types below and nothing else.
 */
#ifndef LD_KEXTLD_H
#define LD_KEXTLD_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "macho.h"

struct ld;
struct arch;
struct object;
struct insect;
struct symbol;

/* arena.c */
struct arena {
    struct arena_block *blocks;
};
void *arena_alloc(struct arena *a, size_t size); /* zeroed, never NULL (exits when memory is out) */
char *arena_strndup(struct arena *a, const char *s, size_t n);
/* Room for one more element in an array that doubles as it grows; returns the (moved) array. */
void *arena_grow(struct arena *a, void *array, size_t count, size_t *capacity, size_t element);
void arena_free(struct arena *a);

struct strmap { /* from a string to a pointer; keys are not copied */
    struct strmap_slot *slots;
    size_t capacity, count;
};
void *strmap_get(const struct strmap *m, const char *key);
void **strmap_at(struct strmap *m, struct arena *a, const char *key); /* inserts NULL when absent */

struct buffer {
    uint8_t *data;
    size_t size;
};

/* A symbol table entry of an input object, checked. */
struct insym {
    const char *name;
    struct insect *sect; /* N_SECT: where it is defined */
    uint64_t value;      /* offset in sect, absolute value, or size of a common */
    uint16_t desc;
    uint8_t type;       /* n_type */
    struct symbol *sym; /* what the name means; symbols.c */
};

/* A part of an input section that moves as one: from one symbol to the next when the object allows that
 * (MH_SUBSECTIONS_VIA_SYMBOLS), else the whole section. */
struct piece {
    uint64_t off, size;     /* in the input section */
    uint64_t pad;           /* zero bytes appended in the output */
    uint64_t out;           /* offset in the output section */
    bool vtable;            /* __ZTV... opens it */
    bool dead;              /* lost to another object's definition of the same weak symbol, ... */
    struct symbol *instead; /* ... namely this one's */
};

enum ref_kind {
    REF_ABS,      /* pointer: target + addend */
    REF_PCREL,    /* 32 bits: target + addend - (field + 4) */
    REF_BRANCH,   /* the same, and the target may be elsewhere */
    REF_GOT,      /* 32 bits, pc-relative, to the target's slot in the global offset table */
    REF_GOT_LOAD, /* the same in a mov that may become a lea */
    REF_LEA,      /* a REF_GOT_LOAD that does become one */
    REF_DIFF,     /* target + addend - minus */
};

struct place { /* a symbol, or with sym NULL an offset in a section of the same object */
    struct insym *sym;
    struct insect *sect;
    uint64_t off;
};

struct ref { /* a relocation in the form common to all architectures */
    enum ref_kind kind;
    uint8_t width; /* bytes: 4 or 8 */
    uint64_t off;  /* of the field in the input section */
    int64_t addend;
    struct place target, minus;
};

struct insect { /* input section */
    struct object *obj;
    char seg[17], name[17];
    uint64_t addr, size;
    const uint8_t *data; /* NULL: zerofill */
    unsigned align;      /* log2 */
    uint32_t flags;
    uint32_t reloff, nreloc; /* range is within the file */
    bool dropped;            /* debug and unwind data: not in a kext */
    bool split;              /* pieces are symbols; else there is one piece */
    struct piece *pieces;    /* by offset, at least one, without gaps */
    size_t npieces;
    struct ref *refs; /* by offset */
    size_t nrefs;
    struct outsect *out;
};

struct object { /* input file */
    const char *path;
    struct buffer file;
    uint32_t flags; /* mach_header.flags */
    struct insect *sects;
    size_t nsects;
    struct insym *syms;
    size_t nsyms;
};

enum sym_state { SYM_UNDEFINED, SYM_COMMON, SYM_ABSOLUTE, SYM_DEFINED, SYM_DROPPED };

struct symbol { /* a name of the link: one for all objects when global, one an object when local */
    const char *name;
    enum sym_state state;
    struct object *obj;  /* that defines it, or refers to it first */
    struct insect *sect; /* SYM_DEFINED */
    uint64_t value;      /* offset in sect, absolute value, or size of a common */
    unsigned align;      /* log2, of a common */
    bool global;         /* has external linkage among the objects */
    bool hidden;         /* private extern */
    bool weak_def;
    bool weak_ref; /* undefined: every reference is a weak one */
    bool used;     /* some relocation that stays refers to it, ... */
    bool called;   /* ... and not only slots of vtables */
    bool exported; /* external in the kext's symbol table */
    unsigned shift; /* bytes that its label moves: vtables on i386 */
    bool in_table;
    uint32_t index; /* in the kext's symbol table */
    uint32_t got;   /* number of its slot in the table of pointers + 1 */
};

struct outsect { /* output section */
    char seg[17], name[17];
    uint32_t flags;
    unsigned align;
    bool zerofill;
    uint64_t addr, size;
    struct insect **members;
    size_t nmembers, cap;
    unsigned number;      /* 1-based, in the kext */
    unsigned rank, order; /* sort keys */
};

struct segment {
    const char *name;
    uint64_t vmaddr, vmsize, fileoff, filesize;
    uint32_t initprot;
    struct outsect **sects; /* in file order */
    size_t nsects;
};
enum { SEG_TEXT, SEG_DATA, SEG_LINKEDIT, NSEGS };

/* The two widths of Mach-O; width.c */
struct format {
    uint32_t magic, segment_cmd;
    const char *segment_name;
    size_t header, segment, section, nlist; /* sizes of the structures */
};
extern const struct format format_32, format_64;
struct mach_header_64 header_load(const struct format *f, const uint8_t *at);
struct segment_command_64 segment_load(const struct format *f, const uint8_t *at);
struct section_64 section_load(const struct format *f, const uint8_t *at);
struct nlist_64 nlist_load(const struct format *f, const uint8_t *at);

struct relocs {
    struct relocation_info *r;
    size_t n, cap;
};

struct names { /* a list of patterns or files from the command line */
    const char **v;
    size_t n, cap;
};

struct options {
    const struct arch *arch;
    const char *output;
    const char *kpi; /* TSV of exports, or NULL: undefined symbols are not checked */
    const char *min; /* "10.6": oldest system */
    const char *max; /* newest one, or NULL: only min is asked */
    const char *id, *version;
    struct names inputs, kexts;
    struct names exported; /* patterns; only what matches one is external */
    bool limit_exports;    /* exported is in force, even empty */
    bool strip_locals;
};

struct claimed { /* a system that the kext is for */
    const char *version;
    uint32_t bit; /* in struct kpi_name */
    unsigned long order;
};

struct ld {
    struct options opt;
    struct arena mem;
    void (*report)(void *context, const char *line);
    void *report_context;
    unsigned errors;

    struct object **objects;
    size_t nobjects, objects_cap;
    struct strmap globals; /* of struct symbol */
    struct symbol **syms;  /* all, in order of appearance */
    size_t nsyms, syms_cap;
    struct object *made; /* what the linker adds: the table of pointers, commons */

    struct strmap kpi; /* of struct kpi_name */
    struct claimed systems[32];
    unsigned nsystems;

    struct outsect **sects;
    size_t nsects, sects_cap;
    struct segment segs[NSEGS];
    struct insect *got; /* of made: its refs are the slots */
    size_t got_cap;
    struct insect *common;

    struct relocs local, external;
    struct symbol **table; /* the output symbol table: locals, exported, undefined */
    size_t ntable, nlocal, nexported, nundefined;
    char *strings;
    size_t strings_size;

    struct buffer out; /* the finished file */
};

/* arch_*.c: all that one processor's relocations mean. */
struct arch {
    const char *name; /* -arch */
    const char *abi;  /* prefix of system ids in export lists: "x" in "x10.6" */
    uint32_t cputype, cpusubtype;
    unsigned pointer; /* bytes */
    const struct format *format;
    uint32_t filetype; /* of a kext: MH_KEXT_BUNDLE, or MH_OBJECT on i386 */
    /* Fills s->refs from the file's entries. */
    int (*decode)(struct ld *ld, struct insect *s);
    /* Can the instruction around a GOT_LOAD field be made to compute the address instead? */
    bool (*relaxable)(const struct insect *s, const struct ref *r);
    /* Writes the resolved field at loc, which stands at address pc in the kext (loc - 2 too for REF_LEA);
     * adds output relocations. */
    int (*apply)(struct ld *ld, const struct insect *s, const struct ref *r, uint8_t *loc, uint64_t pc);
    void (*place)(struct ld *ld); /* sections, in order, get addresses */
    int (*write)(struct ld *ld);  /* ld->out, the contents by address, becomes the file */
};
extern const struct arch arch_x86_64, arch_i386;
const struct arch *arch_find(const char *name);

/* options.c, diagnostic.c */
int options_parse(struct ld *ld, int argc, char **argv); /* 0; 1: done (--help); -1 */
__attribute__((format(printf, 2, 3))) int ld_fail(struct ld *ld, const char *fmt,
                                                  ...); /* one line; returns -1 */
int ld_read_file(struct ld *ld, const char *path, struct buffer *out);

/* link.c: objects read so far -> ld->out */
int ld_link(struct ld *ld);

/* reader.c: adds an object to the link; path is for messages */
int object_read(struct ld *ld, const char *path, struct buffer file);
const char *insect_name(struct ld *ld, const struct insect *s); /* "a.o: section __TEXT,__text" */

/* entries.c */
struct entry { /* one relocation entry being decoded */
    struct relocation_info r;
    unsigned type;
    bool by_symbol;
};
int reloc_bad(struct ld *ld, const struct insect *s, uint64_t off, const char *what); /* reports; -1 */
struct entry entry_at(const struct insect *s, uint32_t i);
int entry_symbol(struct ld *ld, const struct insect *s, const struct entry *e, uint64_t off, struct place *p);
/* The section that an entry without symbol names; NULL after an error. */
struct insect *entry_section(struct ld *ld, const struct insect *s, const struct entry *e, uint64_t off);
/* A target given by its address in the object: where it is in the section. */
int place_in_section(struct ld *ld, const struct insect *s, struct insect *in, uint64_t address,
                     struct ref *ref);
int refs_check(struct ld *ld, struct insect *s); /* sorts them, too */

/* pieces.c */
void insect_split(struct ld *ld, struct object *o);
struct piece *insect_piece(const struct insect *s, uint64_t off);

/* symbols.c */
int symbols_resolve(struct ld *ld);
int commons_allocate(struct ld *ld);
int symbols_export(struct ld *ld);
struct symbol *symbol_find(const struct ld *ld, const char *name); /* global; NULL when there is none */
uint64_t symbol_address(const struct symbol *sym); /* of its label; SYM_DEFINED, after layout */

/* places.c: where a reference leads once weak definitions are settled */
enum target_kind { TARGET_LOCAL, TARGET_ABSOLUTE, TARGET_UNDEFINED };
struct target {
    enum target_kind kind;
    struct symbol *sym;  /* NULL when reached by section */
    struct insect *sect; /* TARGET_LOCAL */
    uint64_t value;      /* offset in sect, or the absolute value */
};
int place_resolve(struct ld *ld, const struct insect *from, const struct place *p, struct target *t);
uint64_t insect_address(const struct insect *s, uint64_t off); /* after layout; the piece is not dead */
uint64_t target_address(const struct target *t); /* TARGET_LOCAL or TARGET_ABSOLUTE, after layout */

/* exports.c: what systems and other kexts export */
struct kpi_name {
    const char *set;         /* a library that exports it */
    uint32_t in, in_private; /* systems, a bit each; private: com.apple.kpi.private, not for third parties */
    bool kext;               /* by a kext given with -l */
};
/* The oldest of the systems asked for that does not export it; NULL when all do. */
const char *exports_missing(const struct ld *ld, const struct kpi_name *k);
int exports_read(struct ld *ld, const char *path);
int exports_read_kext(struct ld *ld, const char *path, struct buffer file);
int patterns_read(struct ld *ld, const char *path, struct names *to);

/* layout.c */
int layout(struct ld *ld);
void place_segments(struct ld *ld); /* a bundle's three */
void place_object(struct ld *ld);   /* an object's one */

/* vtables.c */
int vtables_prepare(struct ld *ld);

/* relocate.c */
int refs_scan(struct ld *ld);  /* which symbols are used; the global offset table */
int image_fill(struct ld *ld); /* contents of segments, relocations */
void add_local_reloc(struct ld *ld, uint64_t at, const struct target *t, bool pcrel);
void add_external_reloc(struct ld *ld, struct relocation_info r);

/* symtab.c: order and names of the output's symbols */
int symtab_build(struct ld *ld);

/* writer.c */
uint64_t header_size(const struct ld *ld);
int bundle_write(struct ld *ld);
uint8_t *file_put(uint8_t *at, const void *what, size_t size);
/* Stamps the finished file with the hash of all the rest, so that equal input gives equal bytes. */
void stamp(struct ld *ld, uint8_t *uuid);

/* writer_object.c */
int object_write(struct ld *ld);

/* check.c: what Apple's linkers would refuse, refused here by name */
int check_undefined(struct ld *ld);
int check_exports(struct ld *ld);
int check_image(struct ld *ld);

/* md5.c: RFC 1321 */
void md5(const void *data, size_t size, uint8_t digest[16]);

static inline uint64_t align_up(uint64_t x, unsigned log2)
{
    uint64_t mask = ((uint64_t)1 << log2) - 1;
    return (x + mask) & ~mask;
}

#define PAGE_LOG2 12
/* Branches and pc-relative operands reach 2 GB; a kext has no business near that, and every sum of sizes
 * fits. */
#define IMAGE_MAX ((uint64_t)1 << 30)

#endif
