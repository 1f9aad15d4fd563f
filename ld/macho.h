// SPDX-License-Identifier: BSD-3-Clause
/*
 * Mach-O as far as kernel extensions use it: file, load commands, symbols, relocations, and the kmod_info
 * record inside.
 *
 * Names are Apple's (mach-o/loader.h, nlist.h, reloc.h, x86_64/reloc.h, stab.h; mach/kmod.h), the
 * declarations are ours. All fields are little-endian as in every i386 and x86_64 file. Structures have their
 * natural C alignment, file offsets need not: readers copy a structure out (memcpy), never cast a pointer
 * into the file. Relocation entries are declared as their two words with accessors, since C leaves the order
 * of bit fields to the compiler.
 */
#ifndef LD_MACHO_H
#define LD_MACHO_H
#include <stddef.h>
#include <stdint.h>

#define MH_MAGIC    0xfeedfaceu
#define MH_MAGIC_64 0xfeedfacfu
#define MH_CIGAM    0xcefaedfeu /* the same, other byte order */
#define MH_CIGAM_64 0xcffaedfeu
#define FAT_MAGIC   0xcafebabeu /* fat headers are big-endian */
#define FAT_CIGAM   0xbebafecau

#define CPU_TYPE_I386          7
#define CPU_TYPE_X86_64        0x01000007
#define CPU_SUBTYPE_I386_ALL   3
#define CPU_SUBTYPE_X86_64_ALL 3

#define MH_OBJECT      1
#define MH_EXECUTE     2
#define MH_KEXT_BUNDLE 11

#define MH_NOUNDEFS                0x1
#define MH_DYLDLINK                0x4
#define MH_TWOLEVEL                0x80
#define MH_SUBSECTIONS_VIA_SYMBOLS 0x2000

#define LC_SEGMENT            0x1
#define LC_SYMTAB             0x2
#define LC_UNIXTHREAD         0x5
#define LC_DYSYMTAB           0xb
#define LC_SEGMENT_64         0x19
#define LC_UUID               0x1b
#define LC_VERSION_MIN_MACOSX 0x24
#define LC_DATA_IN_CODE       0x29
#define LC_LINKER_OPTION      0x2d
#define LC_BUILD_VERSION      0x32

#define VM_PROT_READ    1
#define VM_PROT_WRITE   2
#define VM_PROT_EXECUTE 4
#define VM_PROT_ALL     7

/* section.flags: type in the low byte, attributes above */
#define SECTION_TYPE               0x000000ffu
#define SECTION_ATTRIBUTES         0xffffff00u
#define S_REGULAR                  0x0
#define S_ZEROFILL                 0x1
#define S_CSTRING_LITERALS         0x2
#define S_4BYTE_LITERALS           0x3
#define S_8BYTE_LITERALS           0x4
#define S_LITERAL_POINTERS         0x5
#define S_NON_LAZY_SYMBOL_POINTERS 0x6
#define S_LAZY_SYMBOL_POINTERS     0x7
#define S_SYMBOL_STUBS             0x8
#define S_MOD_INIT_FUNC_POINTERS   0x9
#define S_MOD_TERM_FUNC_POINTERS   0xa
#define S_COALESCED                0xb
#define S_GB_ZEROFILL              0xc
#define S_16BYTE_LITERALS          0xe
#define S_ATTR_PURE_INSTRUCTIONS   0x80000000u
#define S_ATTR_DEBUG               0x02000000u
#define S_ATTR_SOME_INSTRUCTIONS   0x00000400u
#define S_ATTR_EXT_RELOC           0x00000200u
#define S_ATTR_LOC_RELOC           0x00000100u

/* nlist.n_type */
#define N_STAB   0xe0
#define N_PEXT   0x10
#define N_TYPE   0x0e
#define N_EXT    0x01
#define N_UNDF   0x0
#define N_ABS    0x2
#define N_INDR   0xa
#define N_SECT   0xe
#define NO_SECT  0
#define MAX_SECT 255

/* nlist.n_desc; of a common symbol, bits 8 to 11 are the log2 of its alignment */
#define N_NO_DEAD_STRIP        0x20 /* in an object; N_DESC_DISCARDED in an image */
#define N_WEAK_REF             0x40
#define N_WEAK_DEF             0x80
#define N_ALT_ENTRY            0x200
#define GET_COMM_ALIGN(n_desc) (((n_desc) >> 8) & 0x0f)

#define INDIRECT_SYMBOL_LOCAL 0x80000000u
#define INDIRECT_SYMBOL_ABS   0x40000000u

/* relocation types */
#define X86_64_RELOC_UNSIGNED   0
#define X86_64_RELOC_SIGNED     1
#define X86_64_RELOC_BRANCH     2
#define X86_64_RELOC_GOT_LOAD   3
#define X86_64_RELOC_GOT        4
#define X86_64_RELOC_SUBTRACTOR 5
#define X86_64_RELOC_SIGNED_1   6
#define X86_64_RELOC_SIGNED_2   7
#define X86_64_RELOC_SIGNED_4   8
#define X86_64_RELOC_TLV        9

#define GENERIC_RELOC_VANILLA        0
#define GENERIC_RELOC_PAIR           1
#define GENERIC_RELOC_SECTDIFF       2
#define GENERIC_RELOC_PB_LA_PTR      3
#define GENERIC_RELOC_LOCAL_SECTDIFF 4
#define R_SCATTERED                  0x80000000u
#define R_ABS                        0

struct fat_header { /* big-endian */
    uint32_t magic;
    uint32_t nfat_arch;
};

struct fat_arch { /* big-endian */
    uint32_t cputype;
    uint32_t cpusubtype;
    uint32_t offset;
    uint32_t size;
    uint32_t align;
};

struct mach_header {
    uint32_t magic;
    uint32_t cputype;
    uint32_t cpusubtype;
    uint32_t filetype;
    uint32_t ncmds;
    uint32_t sizeofcmds;
    uint32_t flags;
};

struct mach_header_64 {
    uint32_t magic;
    uint32_t cputype;
    uint32_t cpusubtype;
    uint32_t filetype;
    uint32_t ncmds;
    uint32_t sizeofcmds;
    uint32_t flags;
    uint32_t reserved;
};

struct load_command {
    uint32_t cmd;
    uint32_t cmdsize;
};

struct segment_command {
    uint32_t cmd;
    uint32_t cmdsize;
    char segname[16];
    uint32_t vmaddr;
    uint32_t vmsize;
    uint32_t fileoff;
    uint32_t filesize;
    uint32_t maxprot;
    uint32_t initprot;
    uint32_t nsects;
    uint32_t flags;
};

struct segment_command_64 {
    uint32_t cmd;
    uint32_t cmdsize;
    char segname[16];
    uint64_t vmaddr;
    uint64_t vmsize;
    uint64_t fileoff;
    uint64_t filesize;
    uint32_t maxprot;
    uint32_t initprot;
    uint32_t nsects;
    uint32_t flags;
};

struct section {
    char sectname[16]; /* not terminated when all 16 are used */
    char segname[16];
    uint32_t addr;
    uint32_t size;
    uint32_t offset;
    uint32_t align; /* log2 */
    uint32_t reloff;
    uint32_t nreloc;
    uint32_t flags;
    uint32_t reserved1;
    uint32_t reserved2;
};

struct section_64 {
    char sectname[16];
    char segname[16];
    uint64_t addr;
    uint64_t size;
    uint32_t offset;
    uint32_t align;
    uint32_t reloff;
    uint32_t nreloc;
    uint32_t flags;
    uint32_t reserved1; /* symbol pointers and stubs: first index into the indirect table */
    uint32_t reserved2;
    uint32_t reserved3;
};

struct symtab_command {
    uint32_t cmd;
    uint32_t cmdsize;
    uint32_t symoff;
    uint32_t nsyms;
    uint32_t stroff;
    uint32_t strsize;
};

struct dysymtab_command {
    uint32_t cmd;
    uint32_t cmdsize;
    uint32_t ilocalsym;
    uint32_t nlocalsym;
    uint32_t iextdefsym;
    uint32_t nextdefsym;
    uint32_t iundefsym;
    uint32_t nundefsym;
    uint32_t tocoff;
    uint32_t ntoc;
    uint32_t modtaboff;
    uint32_t nmodtab;
    uint32_t extrefsymoff;
    uint32_t nextrefsyms;
    uint32_t indirectsymoff;
    uint32_t nindirectsyms;
    uint32_t extreloff;
    uint32_t nextrel;
    uint32_t locreloff;
    uint32_t nlocrel;
};

struct uuid_command {
    uint32_t cmd;
    uint32_t cmdsize;
    uint8_t uuid[16];
};

struct nlist {
    uint32_t n_strx;
    uint8_t n_type;
    uint8_t n_sect; /* 1-based */
    uint16_t n_desc;
    uint32_t n_value;
};

struct nlist_64 {
    uint32_t n_strx;
    uint8_t n_type;
    uint8_t n_sect;
    uint16_t n_desc;
    uint64_t n_value;
};

/* r_address; then r_symbolnum:24, r_pcrel:1, r_length:2 (log2 of bytes), r_extern:1, r_type:4 from the lowest
 * bit up. With R_SCATTERED in word 0 (i386 only): r_address:24, r_type:4, r_length:2, r_pcrel:1; word 1 is
 * r_value. */
struct relocation_info {
    uint32_t word0;
    uint32_t word1;
};

static inline uint32_t reloc_symbolnum(struct relocation_info r)
{
    return r.word1 & 0xffffff;
}
static inline unsigned reloc_pcrel(struct relocation_info r)
{
    return r.word1 >> 24 & 1;
}
static inline unsigned reloc_length(struct relocation_info r)
{
    return r.word1 >> 25 & 3;
}
static inline unsigned reloc_extern(struct relocation_info r)
{
    return r.word1 >> 27 & 1;
}
static inline unsigned reloc_type(struct relocation_info r)
{
    return r.word1 >> 28;
}
static inline struct relocation_info reloc_make(uint32_t address, uint32_t symbolnum, unsigned pcrel,
                                                unsigned length, unsigned is_extern, unsigned type)
{
    struct relocation_info r = {address, (symbolnum & 0xffffff) | (uint32_t)(pcrel & 1) << 24 |
                                             (uint32_t)(length & 3) << 25 | (uint32_t)(is_extern & 1) << 27 |
                                             (uint32_t)type << 28};
    return r;
}

/* mach/kmod.h: kmod_info_32_v1 and kmod_info_64_v1, packed to 4. The kernel fills address, size, hdr_size,
 * id. */
#define KMOD_MAX_NAME     64
#define KMOD_INFO_VERSION 1
#pragma pack(push, 4)
struct kmod_info_32 {
    uint32_t next_addr;
    int32_t info_version;
    uint32_t id;
    char name[KMOD_MAX_NAME];
    char version[KMOD_MAX_NAME];
    int32_t reference_count;
    uint32_t reference_list_addr;
    uint32_t address;
    uint32_t size;
    uint32_t hdr_size;
    uint32_t start_addr;
    uint32_t stop_addr;
};

struct kmod_info_64 {
    uint64_t next_addr;
    int32_t info_version;
    uint32_t id;
    char name[KMOD_MAX_NAME];
    char version[KMOD_MAX_NAME];
    int32_t reference_count;
    uint64_t reference_list_addr;
    uint64_t address;
    uint64_t size;
    uint64_t hdr_size;
    uint64_t start_addr;
    uint64_t stop_addr;
};
#pragma pack(pop)

#ifdef __cplusplus
#define MACHO_ASSERT(e) static_assert(e, #e)
#else
#define MACHO_ASSERT(e) _Static_assert(e, #e)
#endif
MACHO_ASSERT(sizeof(struct fat_header) == 8);
MACHO_ASSERT(sizeof(struct fat_arch) == 20);
MACHO_ASSERT(sizeof(struct mach_header) == 28);
MACHO_ASSERT(sizeof(struct mach_header_64) == 32);
MACHO_ASSERT(sizeof(struct segment_command) == 56);
MACHO_ASSERT(sizeof(struct segment_command_64) == 72);
MACHO_ASSERT(offsetof(struct segment_command_64, nsects) == 64);
MACHO_ASSERT(sizeof(struct section) == 68);
MACHO_ASSERT(sizeof(struct section_64) == 80);
MACHO_ASSERT(offsetof(struct section_64, flags) == 64);
MACHO_ASSERT(sizeof(struct symtab_command) == 24);
MACHO_ASSERT(sizeof(struct dysymtab_command) == 80);
MACHO_ASSERT(offsetof(struct dysymtab_command, extreloff) == 64);
MACHO_ASSERT(sizeof(struct uuid_command) == 24);
MACHO_ASSERT(sizeof(struct nlist) == 12);
MACHO_ASSERT(sizeof(struct nlist_64) == 16);
MACHO_ASSERT(sizeof(struct relocation_info) == 8);
MACHO_ASSERT(sizeof(struct kmod_info_32) == 168);
MACHO_ASSERT(offsetof(struct kmod_info_32, start_addr) == 160);
MACHO_ASSERT(sizeof(struct kmod_info_64) == 196);
MACHO_ASSERT(offsetof(struct kmod_info_64, name) == 16);
MACHO_ASSERT(offsetof(struct kmod_info_64, start_addr) == 180);
#undef MACHO_ASSERT

#endif
