// SPDX-License-Identifier: BSD-3-Clause
/*
 * i386 relocations (mach-o/reloc.h, mach-o/i386/reloc.h is "generic").
 *
 * In an object, with P the field's address in the object and C its content, all of 4 bytes:
 *   VANILLA, external        S + C; pc-relative: S + C + P + 4 - (P' + 4) with P' the new address: what is
 *                            added to S is C + P + 4, as if the object lay at 0.
 *   VANILLA, by section      C is the target's address in the object, less P + 4 when pc-relative.
 *   VANILLA, scattered       the same, and the second word says to which address in the object the target
 *                            belongs: symbol + offset may lead past its section.
 *   SECTDIFF, LOCAL_SECTDIFF two scattered entries for one field: a - b + addend, a and b in their second
 *                            words.
 * In a kext: VANILLA of 4 bytes only, external to undefined symbols and by section to our own; 10.5's linker
 * refuses scattered ones in a section that it patches, so none is ever written. What stays within one section
 * and is relative needs no relocation: a section moves as a whole.
 */
#include <string.h>

#include "kextld.h"

struct scattered { /* an entry with R_SCATTERED */
    uint64_t off;
    uint32_t value;
    unsigned type, length;
    bool pcrel;
};

static struct scattered scattered_of(struct relocation_info r)
{
    return (struct scattered){
        .off = r.word0 & 0xffffff,
        .value = r.word1,
        .type = r.word0 >> 24 & 0xf,
        .length = r.word0 >> 28 & 3,
        .pcrel = r.word0 >> 30 & 1,
    };
}

static uint32_t content(const struct insect *s, const struct ref *ref)
{
    uint32_t c;

    memcpy(&c, s->data + ref->off, sizeof(c));
    return c;
}

/* What the processor adds to a pc-relative field of the object. */
static uint32_t base_of(const struct insect *s, const struct ref *ref)
{
    return ref->kind == REF_PCREL ? (uint32_t)(s->addr + ref->off + 4) : 0;
}

/* Where an address of the object lies: in the section that holds it, or else at the end of one. */
static struct insect *section_at(const struct object *o, uint32_t address)
{
    struct insect *end = NULL;

    for (size_t i = 0; i < o->nsects; i++) {
        struct insect *s = &o->sects[i];
        if (address >= s->addr && address - s->addr < s->size)
            return s;
        if (address == s->addr + s->size)
            end = s;
    }
    return end;
}

static int decode_address(struct ld *ld, const struct insect *s, uint64_t off, uint32_t address,
                          struct place *p)
{
    struct insect *in = section_at(s->obj, address);

    if (!in)
        return reloc_bad(ld, s, off, "it leads to an address that no section has");
    p->sect = in;
    p->off = address - in->addr;
    return 0;
}

static int decode_scattered(struct ld *ld, struct insect *s, uint32_t i, struct ref *ref)
{
    struct scattered e = scattered_of(entry_at(s, i).r), pair;

    ref->kind = e.pcrel ? REF_PCREL : REF_ABS;
    if (decode_address(ld, s, ref->off, e.value, &ref->target))
        return -1;
    if (e.type == GENERIC_RELOC_VANILLA) {
        ref->addend = (int32_t)(content(s, ref) + base_of(s, ref) - e.value);
        return 0;
    }
    if (e.type != GENERIC_RELOC_SECTDIFF && e.type != GENERIC_RELOC_LOCAL_SECTDIFF)
        return ld_fail(ld, "%s: relocation at offset 0x%llx: scattered type %u is not supported",
                       insect_name(ld, s), (unsigned long long)ref->off, e.type);
    pair = i + 1 < s->nreloc ? scattered_of(entry_at(s, i + 1).r) : e;
    if (pair.type != GENERIC_RELOC_PAIR || !(entry_at(s, i + 1).r.word0 & R_SCATTERED) || e.pcrel)
        return reloc_bad(ld, s, ref->off, "SECTDIFF without its PAIR");
    ref->kind = REF_DIFF;
    ref->addend = (int32_t)(content(s, ref) - (e.value - pair.value));
    return decode_address(ld, s, ref->off, pair.value, &ref->minus);
}

static int decode_plain(struct ld *ld, struct insect *s, const struct entry *e, struct ref *ref)
{
    struct insect *in;

    if (e->type != GENERIC_RELOC_VANILLA)
        return ld_fail(ld, "%s: relocation at offset 0x%llx: type %u is not supported", insect_name(ld, s),
                       (unsigned long long)ref->off, e->type);
    ref->kind = reloc_pcrel(e->r) ? REF_PCREL : REF_ABS;
    if (e->by_symbol) {
        ref->addend = (int32_t)(content(s, ref) + base_of(s, ref));
        return entry_symbol(ld, s, e, ref->off, &ref->target);
    }
    in = entry_section(ld, s, e, ref->off);
    return in ? place_in_section(ld, s, in, content(s, ref) + base_of(s, ref), ref) : -1;
}

static int decode_one(struct ld *ld, struct insect *s, uint32_t i, struct ref *ref)
{
    struct entry e = entry_at(s, i);
    struct scattered sc = scattered_of(e.r);
    bool scattered = e.r.word0 & R_SCATTERED;

    ref->off = scattered ? sc.off : e.r.word0;
    ref->width = 4;
    if ((scattered ? sc.length : reloc_length(e.r)) != 2)
        return reloc_bad(ld, s, ref->off, "a field of other than 4 bytes is not supported");
    if (ref->off > s->size || ref->width > s->size - ref->off)
        return reloc_bad(ld, s, ref->off, "it lies outside of the section");
    return scattered ? decode_scattered(ld, s, i, ref) : decode_plain(ld, s, &e, ref);
}

static int i386_decode(struct ld *ld, struct insect *s)
{
    s->refs = arena_alloc(&ld->mem, s->nreloc * sizeof(*s->refs));
    for (uint32_t i = 0; i < s->nreloc; i++) {
        struct entry e = entry_at(s, i);
        bool constant = !(e.r.word0 & R_SCATTERED) && e.type == GENERIC_RELOC_VANILLA && !e.by_symbol &&
                        reloc_symbolnum(e.r) == R_ABS && !reloc_pcrel(e.r);
        if (constant)
            continue;
        if (decode_one(ld, s, i, &s->refs[s->nrefs]))
            return -1;
        if (s->refs[s->nrefs++].kind == REF_DIFF)
            i++;
    }
    return refs_check(ld, s);
}

/* There is no table of pointers: code refers to what is elsewhere by its address. */
static bool i386_relaxable(const struct insect *s, const struct ref *r)
{
    return false;
}

static int store(uint8_t *loc, uint64_t value)
{
    uint32_t v = (uint32_t)value;

    memcpy(loc, &v, sizeof(v));
    return 0;
}

static int apply_difference(struct ld *ld, const struct insect *s, const struct ref *r,
                            const struct target *t, uint8_t *loc)
{
    struct target minus;

    if (place_resolve(ld, s, &r->minus, &minus))
        return -1;
    if (t->kind != TARGET_LOCAL || minus.kind != TARGET_LOCAL || t->sect->out != minus.sect->out)
        return reloc_bad(ld, s, r->off, "a difference between two sections, which a kext cannot hold");
    return store(loc, target_address(t) + (uint64_t)r->addend - target_address(&minus));
}

static int i386_apply(struct ld *ld, const struct insect *s, const struct ref *r, uint8_t *loc, uint64_t pc)
{
    bool pcrel = r->kind == REF_PCREL;
    uint64_t minus = pcrel ? pc + 4 : 0;
    struct target t;

    if (place_resolve(ld, s, &r->target, &t))
        return -1;
    if (r->kind == REF_DIFF)
        return apply_difference(ld, s, r, &t, loc);
    if (t.kind == TARGET_UNDEFINED) {
        add_external_reloc(ld, reloc_make((uint32_t)pc, t.sym->index, pcrel, 2, 1, GENERIC_RELOC_VANILLA));
        return store(loc, (uint64_t)r->addend - minus);
    }
    if (t.kind == TARGET_ABSOLUTE && pcrel)
        return reloc_bad(ld, s, r->off, "a branch to an absolute address, which a kext cannot hold");
    if (t.kind == TARGET_LOCAL && !(pcrel && t.sect->out == s->out))
        add_local_reloc(ld, pc, &t, pcrel);
    return store(loc, target_address(&t) + (uint64_t)r->addend - minus);
}

const struct arch arch_i386 = {
    .name = "i386",
    .abi = "i",
    .cputype = CPU_TYPE_I386,
    .cpusubtype = CPU_SUBTYPE_I386_ALL,
    .pointer = 4,
    .format = &format_32,
    .filetype = MH_OBJECT,
    .decode = i386_decode,
    .relaxable = i386_relaxable,
    .apply = i386_apply,
    .place = place_object,
    .write = object_write,
};
