// SPDX-License-Identifier: BSD-3-Clause
/*
 * Carries out the one instruction that touched a trapped register: plain loads and stores with every extension, the
 * usual read-modify-write forms, exchange, string moves one element at a time, in and out. Decoded by Zydis, then
 * kept by address; the bytes are compared on every use, since a kext may be loaded where another was.
 */
#define _GNU_SOURCE
#include "internal.h"
#include <Zydis/Zydis.h>
#include <string.h>
#include <sys/uio.h>
#include <ucontext.h>
#include <unistd.h>

enum { CACHE = 1024, MAX_BYTES = 15, CF = 1, PF = 4, AF = 16, ZF = 64, SF = 128, DF = 1024, OF = 2048 };
enum kind { UNKNOWN, LOAD, STORE, MODIFY, COMPUTE, EXCHANGE, MOVE_STRING, STORE_STRING, LOAD_STRING, PORT_IN, PORT_OUT };
enum alu { NO_ALU, ADD, SUB, AND, OR, XOR, CMP, TEST, INC, DEC };

struct op {
    uint64_t rip;
    unsigned char bytes[MAX_BYTES];
    unsigned char length, kind, alu;
    unsigned char width;            /* of the memory or port access */
    unsigned char sign;             /* LOAD: sign-extend to reg_width */
    unsigned char rep;
    unsigned char memory_first;     /* the memory operand is the destination (or the left side) */
    unsigned char immediate;        /* the other operand is imm, not reg */
    unsigned char reg, reg_width, reg_shift;
    int64_t imm;
};

static struct op cache[CACHE];
static struct lx_mutex cache_lock;

static const int greg_of[16] = {REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
                                REG_R8,  REG_R9,  REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15};

/* ---- decoding ------------------------------------------------------------------------------------------------------- */
static int set_register(struct op *o, const ZydisDecodedOperand *d)
{
    ZydisRegister r = d->reg.value, whole = ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64, r);
    if (ZydisRegisterGetClass(whole) != ZYDIS_REGCLASS_GPR64)
        return 0;
    o->reg = ZydisRegisterGetId(whole);
    o->reg_width = d->size / 8;
    o->reg_shift = r >= ZYDIS_REGISTER_AH && r <= ZYDIS_REGISTER_BH ? 8 : 0;
    return 1;
}

static int set_other(struct op *o, const ZydisDecodedOperand *d)
{
    if (d->type == ZYDIS_OPERAND_TYPE_IMMEDIATE) {
        o->immediate = 1;
        o->imm = d->imm.value.s;
        return 1;
    }
    return d->type == ZYDIS_OPERAND_TYPE_REGISTER && set_register(o, d);
}

static enum alu alu_of(ZydisMnemonic m)
{
    switch (m) {
    case ZYDIS_MNEMONIC_ADD: return ADD;
    case ZYDIS_MNEMONIC_SUB: return SUB;
    case ZYDIS_MNEMONIC_AND: return AND;
    case ZYDIS_MNEMONIC_OR: return OR;
    case ZYDIS_MNEMONIC_XOR: return XOR;
    case ZYDIS_MNEMONIC_CMP: return CMP;
    case ZYDIS_MNEMONIC_TEST: return TEST;
    case ZYDIS_MNEMONIC_INC: return INC;
    case ZYDIS_MNEMONIC_DEC: return DEC;
    default: return NO_ALU;
    }
}

static enum kind string_kind(ZydisMnemonic m)
{
    switch (m) {
    case ZYDIS_MNEMONIC_MOVSB: case ZYDIS_MNEMONIC_MOVSW: case ZYDIS_MNEMONIC_MOVSD: case ZYDIS_MNEMONIC_MOVSQ:
        return MOVE_STRING;
    case ZYDIS_MNEMONIC_STOSB: case ZYDIS_MNEMONIC_STOSW: case ZYDIS_MNEMONIC_STOSD: case ZYDIS_MNEMONIC_STOSQ:
        return STORE_STRING;
    case ZYDIS_MNEMONIC_LODSB: case ZYDIS_MNEMONIC_LODSW: case ZYDIS_MNEMONIC_LODSD: case ZYDIS_MNEMONIC_LODSQ:
        return LOAD_STRING;
    default:
        return UNKNOWN;
    }
}

static void classify_string(struct op *o, const ZydisDecodedInstruction *in)
{
    o->kind = string_kind(in->mnemonic);
    o->width = in->operand_width / 8;
    o->rep = (in->attributes & ZYDIS_ATTRIB_HAS_REP) != 0;
    o->reg = 0;                             /* rax */
    o->reg_width = o->width;
}

static void classify_port(struct op *o, const ZydisDecodedInstruction *in, const ZydisDecodedOperand *d)
{
    int input = in->mnemonic == ZYDIS_MNEMONIC_IN;
    const ZydisDecodedOperand *data = &d[input ? 0 : 1], *port = &d[input ? 1 : 0];
    o->kind = input ? PORT_IN : PORT_OUT;
    o->width = data->size / 8;
    o->immediate = port->type == ZYDIS_OPERAND_TYPE_IMMEDIATE;
    o->imm = o->immediate ? (int64_t)port->imm.value.u : 0;
    o->reg = 0;
    o->reg_width = o->width;
}

static void classify_memory(struct op *o, const ZydisDecodedInstruction *in, const ZydisDecodedOperand *d)
{
    o->memory_first = d[0].type == ZYDIS_OPERAND_TYPE_MEMORY;
    o->width = d[o->memory_first ? 0 : 1].size / 8;
    o->alu = alu_of(in->mnemonic);
    if (o->alu == INC || o->alu == DEC) {
        o->immediate = 1;
        o->imm = 1;
    } else if (!set_other(o, &d[o->memory_first ? 1 : 0])) {
        return;
    }
    switch (in->mnemonic) {
    case ZYDIS_MNEMONIC_MOV:
        o->kind = o->memory_first ? STORE : LOAD;
        break;
    case ZYDIS_MNEMONIC_MOVSX:
    case ZYDIS_MNEMONIC_MOVSXD:
        o->sign = 1;
        o->kind = LOAD;
        break;
    case ZYDIS_MNEMONIC_MOVZX:
        o->kind = LOAD;
        break;
    case ZYDIS_MNEMONIC_XCHG:
        o->kind = EXCHANGE;
        break;
    default:
        if (o->alu)
            o->kind = o->memory_first && o->alu != CMP && o->alu != TEST ? MODIFY : COMPUTE;
    }
}

static void decode(struct op *o, uint64_t rip, const unsigned char *bytes, size_t n)
{
    static ZydisDecoder decoder;
    ZydisDecodedInstruction in;
    ZydisDecodedOperand d[ZYDIS_MAX_OPERAND_COUNT];
    memset(o, 0, sizeof *o);
    o->rip = rip;
    memcpy(o->bytes, bytes, n);
    ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
    if (ZYAN_FAILED(ZydisDecoderDecodeFull(&decoder, bytes, n, &in, d)))
        return;
    o->length = in.length;
    if (in.mnemonic == ZYDIS_MNEMONIC_IN || in.mnemonic == ZYDIS_MNEMONIC_OUT)
        classify_port(o, &in, d);
    else if (in.meta.category == ZYDIS_CATEGORY_STRINGOP)
        classify_string(o, &in);
    else if (in.operand_count_visible && (d[0].type == ZYDIS_OPERAND_TYPE_MEMORY ||
                                          (in.operand_count_visible > 1 && d[1].type == ZYDIS_OPERAND_TYPE_MEMORY)))
        classify_memory(o, &in, d);
}

/* The instruction may lie at the end of a mapping: as many bytes as can be read. */
static struct op fetch(uint64_t rip)
{
    unsigned char bytes[MAX_BYTES] = {0};
    struct iovec to = {bytes, sizeof bytes}, from = {(void *)rip, sizeof bytes};
    ssize_t n = process_vm_readv(getpid(), &to, 1, &from, 1, 0);
    if (n <= 0) {                           /* not permitted in some containers: read it plainly */
        n = sizeof bytes;
        memcpy(bytes, (void *)rip, sizeof bytes);
    }
    struct op *slot = &cache[(rip ^ rip >> 10) % CACHE], o;
    lx_mutex_lock(&cache_lock);
    if (slot->rip != rip || !slot->length || memcmp(slot->bytes, bytes, slot->length))
        decode(slot, rip, bytes, n);
    o = *slot;
    lx_mutex_unlock(&cache_lock);
    return o;
}

/* ---- registers and flags -------------------------------------------------------------------------------------------- */
static uint64_t ones(int width)
{
    return width >= 8 ? ~0ull : (1ull << 8 * width) - 1;
}

static uint64_t get_other(const struct op *o, const greg_t *g)
{
    return o->immediate ? (uint64_t)o->imm : (uint64_t)g[greg_of[o->reg]] >> o->reg_shift & ones(o->reg_width);
}

/* A 32-bit result clears the upper half, a shorter one leaves the rest alone. */
static void put_register(const struct op *o, greg_t *g, uint64_t v)
{
    uint64_t *r = (uint64_t *)&g[greg_of[o->reg]], m = ones(o->reg_width) << o->reg_shift;
    if (o->reg_width == 4)
        *r = (uint32_t)v;
    else
        *r = (*r & ~m) | (v << o->reg_shift & m);
}

static uint64_t extend(const struct op *o, uint64_t v)
{
    int shift = 64 - 8 * o->width;
    return o->sign ? (uint64_t)((int64_t)(v << shift) >> shift) : v;
}

/* The flags of a op b: computed in the top bits of 64, where carry and overflow come out by themselves. */
static uint64_t compute(enum alu alu, uint64_t a, uint64_t b, int width, greg_t *flags)
{
    int shift = 64 - 8 * width;
    uint64_t x = a << shift, y = b << shift, r, f = 0;
    switch (alu) {
    case ADD: case INC:
        r = x + y;
        f = (r < x ? CF : 0) | (((x ^ r) & (y ^ r)) >> 63 ? OF : 0);
        break;
    case SUB: case DEC: case CMP:
        r = x - y;
        f = (x < y ? CF : 0) | (((x ^ y) & (x ^ r)) >> 63 ? OF : 0);
        break;
    case OR: r = x | y; break;
    case XOR: r = x ^ y; break;
    default: r = x & y; break;
    }
    uint64_t v = r >> shift;
    f |= (r ? 0 : ZF) | (r >> 63 ? SF : 0) | (__builtin_parity(v & 0xff) ? 0 : PF) | ((a ^ b ^ v) & AF);
    uint64_t changed = CF | PF | AF | ZF | SF | OF;
    if (alu == INC || alu == DEC)
        changed &= ~CF;
    *flags = (*flags & ~changed) | (f & changed);
    return v;
}

/* ---- execution ------------------------------------------------------------------------------------------------------ */
static void step(greg_t *g, int reg, int width)
{
    g[reg] += g[REG_EFL] & DF ? -width : width;
}

/* One element. A repeated instruction is left at its address until the count is used up. 1: it is finished. */
static int do_string(const struct op *o, greg_t *g, uint64_t phys, uint64_t fault)
{
    uint64_t v = 0;
    int to_device = o->kind == STORE_STRING || (o->kind == MOVE_STRING && fault - (uint64_t)g[REG_RDI] < o->width);
    if (o->kind == STORE_STRING)
        v = g[REG_RAX];
    else if (to_device)
        memcpy(&v, (void *)g[REG_RSI], o->width);
    else
        v = qemu_mmio_read(phys, o->width);
    if (to_device)
        qemu_mmio_write(phys, o->width, v & ones(o->width));
    else if (o->kind == LOAD_STRING)
        put_register(o, g, v);
    else
        memcpy((void *)g[REG_RDI], &v, o->width);
    if (o->kind != STORE_STRING)
        step(g, REG_RSI, o->width);
    if (o->kind != LOAD_STRING)
        step(g, REG_RDI, o->width);
    return !o->rep || --g[REG_RCX] == 0;
}

static void do_compute(const struct op *o, greg_t *g, uint64_t phys)
{
    uint64_t m = qemu_mmio_read(phys, o->width), other = get_other(o, g) & ones(o->width);
    uint64_t v = compute(o->alu, o->memory_first ? m : other, o->memory_first ? other : m, o->width, &g[REG_EFL]);
    if (o->kind == MODIFY)
        qemu_mmio_write(phys, o->width, v);
    else if (o->alu != CMP && o->alu != TEST)
        put_register(o, g, v);
}

static void do_exchange(const struct op *o, greg_t *g, uint64_t phys)
{
    uint64_t m = qemu_mmio_read(phys, o->width);
    qemu_mmio_write(phys, o->width, get_other(o, g));
    put_register(o, g, m);
}

int decode_emulate(void *ucontext, uint64_t phys, uint64_t fault)
{
    greg_t *g = ((ucontext_t *)ucontext)->uc_mcontext.gregs;
    struct op o = fetch(g[REG_RIP]);
    int finished = 1;
    if (o.width != 1 && o.width != 2 && o.width != 4 && o.width != 8)
        return 0;
    switch (o.kind) {
    case LOAD:
        put_register(&o, g, extend(&o, qemu_mmio_read(phys, o.width)));
        break;
    case STORE:
        qemu_mmio_write(phys, o.width, get_other(&o, g) & ones(o.width));
        break;
    case MODIFY:
    case COMPUTE:
        do_compute(&o, g, phys);
        break;
    case EXCHANGE:
        do_exchange(&o, g, phys);
        break;
    case MOVE_STRING:
    case STORE_STRING:
    case LOAD_STRING:
        finished = do_string(&o, g, phys, fault);
        break;
    default:
        return 0;
    }
    if (finished)
        g[REG_RIP] += o.length;
    return 1;
}

int decode_port(void *ucontext)
{
    greg_t *g = ((ucontext_t *)ucontext)->uc_mcontext.gregs;
    struct op o = fetch(g[REG_RIP]);
    unsigned port = o.immediate ? o.imm : g[REG_RDX] & 0xffff;
    if (o.kind == PORT_IN)
        put_register(&o, g, qemu_io_read(port, o.width));
    else if (o.kind == PORT_OUT)
        qemu_io_write(port, o.width, g[REG_RAX] & ones(o.width));
    else
        return 0;
    g[REG_RIP] += o.length;
    return 1;
}
