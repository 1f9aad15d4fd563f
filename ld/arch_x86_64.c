// SPDX-License-Identifier: BSD-3-Clause
/*
 * x86_64 relocations (mach-o/x86_64/reloc.h).
 *
 * In an object, with P the field's address in the object and C its content:
 *   UNSIGNED                 pointer to S + C; by section number: to C, an address in the object. Length 3
 * only: an image that slides within 64 bits has no place for 32-bit addresses. SUBTRACTOR, UNSIGNED     two
 * entries for one field: S2 - S1 + C, 4 or 8 bytes. BRANCH, SIGNED           S + C - (P + 4); by section
 * number C + P + 4 is the target's address in the object. SIGNED_1, _2, _4         the instruction ends 1, 2,
 * 4 bytes after the field. With a symbol C allows for that already (C = addend - N), by section number it
 * does not (target = C + P + 4 + N). GOT_LOAD, GOT            the same with the address of S's slot in the
 * table of pointers. GOT_LOAD stands in a `movq slot(%rip), %reg`, which becomes `leaq S(%rip), %reg` when S
 * is in the kext. In a kext (kxld_reloc.c, x86_64_process_reloc): UNSIGNED of 8 bytes, external (the kernel
 * adds the symbol's address) or local (it adds the slide), and external BRANCH. All else has to be resolved
 * here.
 */
#include <string.h>

#include "kextld.h"

static int64_t content(const struct insect *s, const struct ref *ref)
{
    int64_t wide;
    int32_t narrow;

    if (ref->width == 8) {
        memcpy(&wide, s->data + ref->off, sizeof(wide));
        return wide;
    }
    memcpy(&narrow, s->data + ref->off, sizeof(narrow));
    return narrow;
}

static unsigned bytes_after(unsigned type)
{
    switch (type) {
    case X86_64_RELOC_SIGNED_1:
        return 1;
    case X86_64_RELOC_SIGNED_2:
        return 2;
    case X86_64_RELOC_SIGNED_4:
        return 4;
    default:
        return 0;
    }
}

static int decode_target(struct ld *ld, struct insect *s, const struct entry *e, struct ref *ref)
{
    struct insect *in;
    uint64_t address = (uint64_t)content(s, ref);

    if (e->by_symbol) {
        ref->addend = content(s, ref);
        return entry_symbol(ld, s, e, ref->off, &ref->target);
    }
    in = entry_section(ld, s, e, ref->off);
    if (!in)
        return -1;
    if (ref->kind == REF_PCREL || ref->kind == REF_BRANCH) {
        ref->addend = -(int64_t)bytes_after(e->type);
        address += s->addr + ref->off + 4 - (uint64_t)ref->addend;
    }
    return place_in_section(ld, s, in, address, ref);
}

static int decode_pointer(struct ld *ld, struct insect *s, const struct entry *e, struct ref *ref)
{
    ref->kind = REF_ABS;
    if (ref->width != 8)
        return reloc_bad(ld, s, ref->off, "a 32-bit absolute address; compile with -mkernel");
    if (reloc_pcrel(e->r))
        return reloc_bad(ld, s, ref->off, "unsupported form of UNSIGNED");
    return decode_target(ld, s, e, ref);
}

static int decode_pcrel(struct ld *ld, struct insect *s, const struct entry *e, struct ref *ref,
                        enum ref_kind kind)
{
    ref->kind = kind;
    if (ref->width != 4 || !reloc_pcrel(e->r))
        return reloc_bad(ld, s, ref->off, "unsupported form of a pc-relative relocation");
    if ((kind == REF_GOT || kind == REF_GOT_LOAD) && !e->by_symbol)
        return reloc_bad(ld, s, ref->off, "a table slot without symbol");
    return decode_target(ld, s, e, ref);
}

static int decode_difference(struct ld *ld, struct insect *s, const struct entry *e, uint32_t i,
                             struct ref *ref)
{
    struct entry pair;

    ref->kind = REF_DIFF;
    if (i + 1 >= s->nreloc)
        return reloc_bad(ld, s, ref->off, "SUBTRACTOR without its UNSIGNED");
    pair = entry_at(s, i + 1);
    if (pair.type != X86_64_RELOC_UNSIGNED || pair.r.word0 != e->r.word0 ||
        reloc_length(pair.r) != reloc_length(e->r) || reloc_pcrel(pair.r) || reloc_pcrel(e->r))
        return reloc_bad(ld, s, ref->off, "SUBTRACTOR without its UNSIGNED");
    if (!e->by_symbol)
        return reloc_bad(ld, s, ref->off, "unsupported: SUBTRACTOR by section number");
    if (entry_symbol(ld, s, e, ref->off, &ref->minus))
        return -1;
    return decode_target(ld, s, &pair, ref);
}

static int decode_one(struct ld *ld, struct insect *s, const struct entry *e, uint32_t i, struct ref *ref)
{
    if (e->r.word0 & R_SCATTERED)
        return reloc_bad(ld, s, e->r.word0 & 0xffffff, "scattered, which x86_64 does not have");
    ref->off = e->r.word0;
    ref->width = (uint8_t)(1 << reloc_length(e->r));
    if (ref->width < 4)
        return reloc_bad(ld, s, ref->off, "a field of less than 4 bytes is not supported");
    if (ref->off > s->size || ref->width > s->size - ref->off)
        return reloc_bad(ld, s, ref->off, "it lies outside of the section");
    switch (e->type) {
    case X86_64_RELOC_UNSIGNED:
        return decode_pointer(ld, s, e, ref);
    case X86_64_RELOC_SIGNED:
    case X86_64_RELOC_SIGNED_1:
    case X86_64_RELOC_SIGNED_2:
    case X86_64_RELOC_SIGNED_4:
        return decode_pcrel(ld, s, e, ref, REF_PCREL);
    case X86_64_RELOC_BRANCH:
        return decode_pcrel(ld, s, e, ref, REF_BRANCH);
    case X86_64_RELOC_GOT_LOAD:
        return decode_pcrel(ld, s, e, ref, REF_GOT_LOAD);
    case X86_64_RELOC_GOT:
        return decode_pcrel(ld, s, e, ref, REF_GOT);
    case X86_64_RELOC_SUBTRACTOR:
        return decode_difference(ld, s, e, i, ref);
    default:
        return ld_fail(ld, "%s: relocation at offset 0x%llx: type %u is not supported", insect_name(ld, s),
                       (unsigned long long)ref->off, e->type);
    }
}

static int x86_64_decode(struct ld *ld, struct insect *s)
{
    s->refs = arena_alloc(&ld->mem, s->nreloc * sizeof(*s->refs));
    for (uint32_t i = 0; i < s->nreloc; i++) {
        struct entry e = entry_at(s, i);
        if (e.type == X86_64_RELOC_UNSIGNED && !e.by_symbol && reloc_symbolnum(e.r) == R_ABS)
            continue; /* a constant */
        if (decode_one(ld, s, &e, i, &s->refs[s->nrefs]))
            return -1;
        if (s->refs[s->nrefs++].kind == REF_DIFF)
            i++;
    }
    return refs_check(ld, s);
}

/* REX.W 8b /r: movq disp32(%rip), %reg. 8d is leaq. */
static bool x86_64_relaxable(const struct insect *s, const struct ref *r)
{
    return r->kind == REF_GOT_LOAD && r->addend == 0 && r->off >= 3 && (s->data[r->off - 3] & 0xf8) == 0x48 &&
           s->data[r->off - 2] == 0x8b && (s->data[r->off - 1] & 0xc7) == 0x05;
}

static int put(struct ld *ld, const struct insect *s, const struct ref *r, uint8_t *loc, int64_t value)
{
    if (r->width == 4 && value != (int32_t)value)
        return reloc_bad(ld, s, r->off, "the result does not fit 32 bits");
    memcpy(loc, &value, r->width);
    return 0;
}

static int apply_pointer(struct ld *ld, const struct insect *s, const struct ref *r, const struct target *t,
                         uint8_t *loc, uint64_t pc)
{
    if (t->kind == TARGET_UNDEFINED) {
        add_external_reloc(ld, reloc_make((uint32_t)pc, t->sym->index, 0, 3, 1, X86_64_RELOC_UNSIGNED));
        return put(ld, s, r, loc, r->addend);
    }
    if (t->kind == TARGET_LOCAL)
        add_local_reloc(ld, pc, t, false);
    return put(ld, s, r, loc, (int64_t)(target_address(t) + (uint64_t)r->addend));
}

static int apply_pcrel(struct ld *ld, const struct insect *s, const struct ref *r, const struct target *t,
                       uint8_t *loc, uint64_t pc)
{
    if (t->kind == TARGET_LOCAL)
        return put(ld, s, r, loc, (int64_t)(target_address(t) + (uint64_t)r->addend - (pc + 4)));
    if (t->kind == TARGET_UNDEFINED && r->kind == REF_BRANCH && r->addend == 0) {
        add_external_reloc(ld, reloc_make((uint32_t)pc, t->sym->index, 1, 2, 1, X86_64_RELOC_BRANCH));
        return put(ld, s, r, loc, 0);
    }
    return ld_fail(
        ld,
        "%s: offset 0x%llx refers to %s without the table of pointers, but it is %s; compile with -mkernel",
        insect_name(ld, s), (unsigned long long)r->off, t->sym ? t->sym->name : "a section",
        t->kind == TARGET_UNDEFINED ? "not in this kext" : "an absolute symbol");
}

static int apply_difference(struct ld *ld, const struct insect *s, const struct ref *r,
                            const struct target *t, uint8_t *loc)
{
    struct target minus;

    if (place_resolve(ld, s, &r->minus, &minus))
        return -1;
    if (t->kind != minus.kind || t->kind == TARGET_UNDEFINED)
        return ld_fail(ld, "%s: offset 0x%llx holds a difference to %s, which is not in this kext",
                       insect_name(ld, s), (unsigned long long)r->off,
                       t->kind != TARGET_LOCAL && t->sym ? t->sym->name : minus.sym->name);
    return put(ld, s, r, loc, (int64_t)(target_address(t) + (uint64_t)r->addend - target_address(&minus)));
}

static int apply_slot(struct ld *ld, const struct insect *s, const struct ref *r, const struct target *t,
                      uint8_t *loc, uint64_t pc)
{
    uint64_t slot = insect_address(ld->got, 8 * (uint64_t)(t->sym->got - 1));

    return put(ld, s, r, loc, (int64_t)(slot + (uint64_t)r->addend - (pc + 4)));
}

static int x86_64_apply(struct ld *ld, const struct insect *s, const struct ref *r, uint8_t *loc, uint64_t pc)
{
    struct target t;

    if (place_resolve(ld, s, &r->target, &t))
        return -1;
    switch (r->kind) {
    case REF_ABS:
        return apply_pointer(ld, s, r, &t, loc, pc);
    case REF_DIFF:
        return apply_difference(ld, s, r, &t, loc);
    case REF_GOT:
    case REF_GOT_LOAD:
        return apply_slot(ld, s, r, &t, loc, pc);
    case REF_LEA:
        loc[-2] = 0x8d;
        return apply_pcrel(ld, s, r, &t, loc, pc);
    default:
        return apply_pcrel(ld, s, r, &t, loc, pc);
    }
}

const struct arch arch_x86_64 = {
    .name = "x86_64",
    .abi = "x",
    .cputype = CPU_TYPE_X86_64,
    .cpusubtype = CPU_SUBTYPE_X86_64_ALL,
    .pointer = 8,
    .format = &format_64,
    .filetype = MH_KEXT_BUNDLE,
    .decode = x86_64_decode,
    .relaxable = x86_64_relaxable,
    .apply = x86_64_apply,
    .place = place_segments,
    .write = bundle_write,
};
