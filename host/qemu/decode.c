// SPDX-License-Identifier: BSD-3-Clause
/*
 * Carries out the one instruction that touched a trapped register: plain loads and stores with every
 * extension, arithmetic with memory on either side (alu.c), conditional moves, exchanges, string moves one
 * element at a time, in and out. Decoded by Zydis, then kept by address; the bytes are compared on every use,
 * since a kext may be loaded where another was.
 */
#define _GNU_SOURCE
#include "internal.h"
#include <Zydis/Zydis.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

enum { CACHE = 1024, MAX_BYTES = 15, DF = 1024 };
enum kind {
    UNKNOWN,
    LOAD,
    STORE,
    MODIFY,
    COMPUTE,
    EXCHANGE,
    EXCHANGE_ADD,
    COMPARE_EXCHANGE,
    LOAD_IF,
    STORE_IF,
    MOVE_STRING,
    STORE_STRING,
    LOAD_STRING,
    PUSH,
    PORT_IN,
    PORT_OUT
};

struct op {
    uint64_t rip;
    unsigned char bytes[MAX_BYTES];
    unsigned char length, kind, alu;
    unsigned char width; /* of the memory or port access */
    unsigned char sign;  /* LOAD: sign-extend to reg_width */
    unsigned char rep;
    unsigned char memory_first; /* the memory operand is the destination (or the left side) */
    unsigned char immediate;    /* the other operand is imm, not reg */
    unsigned char condition;    /* LOAD_IF, STORE_IF */
    unsigned char reg, reg_width, reg_shift;
    int64_t imm;
};

static struct op cache[CACHE];
static struct lx_mutex cache_lock;

/* In the order of their numbers in an instruction. */
static const int greg_of[] = {
    CPU_A,  CPU_C,  CPU_D,   CPU_B,   CPU_SP,  CPU_BP,  CPU_SI,  CPU_DI,
#ifdef __x86_64__
    REG_R8, REG_R9, REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15,
#endif
};
#ifdef __x86_64__
#define MODE  ZYDIS_MACHINE_MODE_LONG_64
#define STACK ZYDIS_STACK_WIDTH_64
#define WHOLE ZYDIS_REGCLASS_GPR64
#else
#define MODE  ZYDIS_MACHINE_MODE_LEGACY_32
#define STACK ZYDIS_STACK_WIDTH_32
#define WHOLE ZYDIS_REGCLASS_GPR32
#endif

/* ---- decoding ---- */
static int set_register(struct op *o, const ZydisDecodedOperand *d)
{
    ZydisRegister r = d->reg.value, whole = ZydisRegisterGetLargestEnclosing(MODE, r);
    if (ZydisRegisterGetClass(whole) != WHOLE)
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

static const struct {
    ZydisMnemonic mnemonic;
    enum alu alu;
    int alone; /* memory is its only operand */
} arithmetic[] = {
    {ZYDIS_MNEMONIC_ADD, ADD, 0},  {ZYDIS_MNEMONIC_SUB, SUB, 0},     {ZYDIS_MNEMONIC_ADC, ADC, 0},
    {ZYDIS_MNEMONIC_SBB, SBB, 0},  {ZYDIS_MNEMONIC_AND, AND, 0},     {ZYDIS_MNEMONIC_OR, OR, 0},
    {ZYDIS_MNEMONIC_XOR, XOR, 0},  {ZYDIS_MNEMONIC_CMP, CMP, 0},     {ZYDIS_MNEMONIC_INC, INC, 1},
    {ZYDIS_MNEMONIC_DEC, DEC, 1},  {ZYDIS_MNEMONIC_NOT, NOT, 1},     {ZYDIS_MNEMONIC_NEG, NEG, 1},
    {ZYDIS_MNEMONIC_SHL, SHL, 0},  {ZYDIS_MNEMONIC_SHR, SHR, 0},     {ZYDIS_MNEMONIC_SAR, SAR, 0},
    {ZYDIS_MNEMONIC_BT, BT, 0},    {ZYDIS_MNEMONIC_BTS, BTS, 0},     {ZYDIS_MNEMONIC_BTR, BTR, 0},
    {ZYDIS_MNEMONIC_BTC, BTC, 0},  {ZYDIS_MNEMONIC_IMUL, IMUL, 0},   {ZYDIS_MNEMONIC_TEST, TEST, 0},
    {ZYDIS_MNEMONIC_XADD, ADD, 0}, {ZYDIS_MNEMONIC_CMPXCHG, CMP, 0},
};

static enum alu alu_of(ZydisMnemonic m, int *alone)
{
    for (unsigned i = 0; i < sizeof arithmetic / sizeof arithmetic[0]; i++)
        if (arithmetic[i].mnemonic == m) {
            *alone = arithmetic[i].alone;
            return arithmetic[i].alu;
        }
    *alone = 0;
    return NO_ALU;
}

static int only_looks(enum alu alu)
{
    return alu == CMP || alu == TEST || alu == BT;
}

static enum kind string_kind(ZydisMnemonic m)
{
    switch (m) {
    case ZYDIS_MNEMONIC_MOVSB:
    case ZYDIS_MNEMONIC_MOVSW:
    case ZYDIS_MNEMONIC_MOVSD:
    case ZYDIS_MNEMONIC_MOVSQ:
        return MOVE_STRING;
    case ZYDIS_MNEMONIC_STOSB:
    case ZYDIS_MNEMONIC_STOSW:
    case ZYDIS_MNEMONIC_STOSD:
    case ZYDIS_MNEMONIC_STOSQ:
        return STORE_STRING;
    case ZYDIS_MNEMONIC_LODSB:
    case ZYDIS_MNEMONIC_LODSW:
    case ZYDIS_MNEMONIC_LODSD:
    case ZYDIS_MNEMONIC_LODSQ:
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
    o->reg = 0; /* rax */
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

static enum kind memory_kind(const struct op *o, const ZydisDecodedInstruction *in)
{
    switch (in->mnemonic) {
    case ZYDIS_MNEMONIC_MOV:
        return o->memory_first ? STORE : LOAD;
    case ZYDIS_MNEMONIC_MOVSX:
    case ZYDIS_MNEMONIC_MOVSXD:
    case ZYDIS_MNEMONIC_MOVZX:
        return LOAD;
    case ZYDIS_MNEMONIC_XCHG:
        return EXCHANGE;
    case ZYDIS_MNEMONIC_XADD:
        return EXCHANGE_ADD;
    case ZYDIS_MNEMONIC_CMPXCHG:
        return COMPARE_EXCHANGE;
    default:
        break;
    }
    if (in->meta.category == ZYDIS_CATEGORY_CMOV)
        return LOAD_IF;
    if (in->meta.category == ZYDIS_CATEGORY_SETCC)
        return STORE_IF;
    if (!o->alu)
        return UNKNOWN;
    return o->memory_first && !only_looks(o->alu) ? MODIFY : COMPUTE;
}

static void classify_memory(struct op *o, const ZydisDecodedInstruction *in, const ZydisDecodedOperand *d)
{
    int alone, operands = in->operand_count_visible;
    o->memory_first = d[0].type == ZYDIS_OPERAND_TYPE_MEMORY;
    o->width = d[o->memory_first ? 0 : 1].size / 8;
    o->alu = alu_of(in->mnemonic, &alone);
    o->sign = in->mnemonic == ZYDIS_MNEMONIC_MOVSX || in->mnemonic == ZYDIS_MNEMONIC_MOVSXD;
    o->condition = in->opcode & 15;
    if (o->alu == IMUL && (o->memory_first || operands < 2))
        return;          /* the one-operand form, into rdx:rax */
    if (in->mnemonic == ZYDIS_MNEMONIC_PUSH) { /* how i386 code passes an argument */
        o->kind = PUSH;
        return;
    }
    if (operands == 1) { /* inc, not, shift by one, setcc */
        o->immediate = 1;
        o->imm = 1;
        if (!alone && o->alu != SHL && o->alu != SHR && o->alu != SAR &&
            in->meta.category != ZYDIS_CATEGORY_SETCC)
            return;
    } else if (!set_other(o, &d[o->memory_first ? 1 : 0]) ||
               (operands > 2 && !set_other(o, &d[2]))) { /* imul by a constant: reg stays the destination */
        return;
    }
    o->kind = memory_kind(o, in);
}

static void decode(struct op *o, uint64_t rip, const unsigned char *bytes, size_t n)
{
    static ZydisDecoder decoder;
    ZydisDecodedInstruction in;
    ZydisDecodedOperand d[ZYDIS_MAX_OPERAND_COUNT];
    memset(o, 0, sizeof *o);
    o->rip = rip;
    memcpy(o->bytes, bytes, n);
    ZydisDecoderInit(&decoder, MODE, STACK);
    if (ZYAN_FAILED(ZydisDecoderDecodeFull(&decoder, bytes, n, &in, d)))
        return;
    o->length = in.length;
    if (in.mnemonic == ZYDIS_MNEMONIC_IN || in.mnemonic == ZYDIS_MNEMONIC_OUT)
        classify_port(o, &in, d);
    else if (in.meta.category == ZYDIS_CATEGORY_STRINGOP)
        classify_string(o, &in);
    else if (in.operand_count_visible &&
             (d[0].type == ZYDIS_OPERAND_TYPE_MEMORY ||
              (in.operand_count_visible > 1 && d[1].type == ZYDIS_OPERAND_TYPE_MEMORY)))
        classify_memory(o, &in, d);
}

/* The instruction may lie at the end of a mapping: as many bytes as can be read. */
static struct op fetch(uint64_t rip)
{
    unsigned char bytes[MAX_BYTES] = {0};
    struct iovec to = {bytes, sizeof bytes}, from = {(void *)(uintptr_t)rip, sizeof bytes};
    ssize_t n = process_vm_readv(getpid(), &to, 1, &from, 1, 0);
    if (n <= 0) { /* not permitted in some containers: read it plainly */
        n = sizeof bytes;
        memcpy(bytes, (void *)(uintptr_t)rip, sizeof bytes);
    }
    struct op *slot = &cache[(rip ^ rip >> 10) % CACHE], o;
    lx_mutex_lock(&cache_lock);
    if (slot->rip != rip || !slot->length || memcmp(slot->bytes, bytes, slot->length))
        decode(slot, rip, bytes, n);
    o = *slot;
    lx_mutex_unlock(&cache_lock);
    return o;
}

/* ---- registers and flags ---- */
static uint64_t ones(int width)
{
    return width >= 8 ? ~0ull : (1ull << 8 * width) - 1;
}

static uint64_t get_other(const struct op *o, const greg_t *g)
{
    return o->immediate ? (uint64_t)o->imm
                        : cpu_register(g, greg_of[o->reg]) >> o->reg_shift & ones(o->reg_width);
}

/* A 32-bit result clears the upper half, a shorter one leaves the rest alone. */
static void put_register(const struct op *o, greg_t *g, uint64_t v)
{
    greg_t *r = &g[greg_of[o->reg]];
    uint64_t m = ones(o->reg_width) << o->reg_shift;
    if (o->reg_width == 4)
        *r = (greg_t)(uint32_t)v;
    else
        *r = (greg_t)((*r & ~m) | (v << o->reg_shift & m));
}

static uint64_t extend(const struct op *o, uint64_t v)
{
    int shift = 64 - 8 * o->width;
    return o->sign ? (uint64_t)((int64_t)(v << shift) >> shift) : v;
}

/* ---- execution ---- */
static void step(greg_t *g, int reg, int width)
{
    g[reg] += g[CPU_FLAGS] & DF ? -width : width;
}

/* An element at a virtual address, which may lie in a window too. */
static uint64_t get_element(uint64_t va, int width)
{
    uint64_t v = 0, phys = qemu_window_phys((void *)(uintptr_t)va);
    if (phys != ~0ull)
        return qemu_mmio_read(phys, width);
    memcpy(&v, (void *)(uintptr_t)va, width);
    return v;
}

static void put_element(uint64_t va, int width, uint64_t v)
{
    uint64_t phys = qemu_window_phys((void *)(uintptr_t)va);
    if (phys != ~0ull)
        qemu_mmio_write(phys, width, v & ones(width));
    else
        memcpy((void *)(uintptr_t)va, &v, width);
}

/* One element. A repeated instruction is left at its address until the count is used up. 1: finished. */
static int do_string(const struct op *o, greg_t *g)
{
    uint64_t v = o->kind == STORE_STRING ? cpu_register(g, CPU_A) : get_element(cpu_register(g, CPU_SI), o->width);
    if (o->kind == LOAD_STRING)
        put_register(o, g, v);
    else
        put_element(cpu_register(g, CPU_DI), o->width, v);
    if (o->kind != STORE_STRING)
        step(g, CPU_SI, o->width);
    if (o->kind != LOAD_STRING)
        step(g, CPU_DI, o->width);
    return !o->rep || --g[CPU_C] == 0;
}

static void do_compute(const struct op *o, greg_t *g, uint64_t phys)
{
    uint64_t m = qemu_mmio_read(phys, o->width), other = get_other(o, g) & ones(o->width);
    uint64_t v =
        alu_compute(o->alu, o->memory_first ? m : other, o->memory_first ? other : m, o->width, &g[CPU_FLAGS]);
    if (o->kind == MODIFY)
        qemu_mmio_write(phys, o->width, v);
    else if (!only_looks(o->alu))
        put_register(o, g, v);
}

static void do_exchange(const struct op *o, greg_t *g, uint64_t phys)
{
    uint64_t m = qemu_mmio_read(phys, o->width), other = get_other(o, g) & ones(o->width), accumulator;
    switch (o->kind) {
    case EXCHANGE_ADD:
        qemu_mmio_write(phys, o->width, alu_compute(ADD, m, other, o->width, &g[CPU_FLAGS]));
        break;
    case COMPARE_EXCHANGE:
        accumulator = cpu_register(g, CPU_A) & ones(o->width);
        alu_compute(CMP, accumulator, m, o->width, &g[CPU_FLAGS]);
        if (accumulator == m) {
            qemu_mmio_write(phys, o->width, other);
        } else {
            struct op rax = *o;
            rax.reg = rax.reg_shift = 0;
            put_register(&rax, g, m);
        }
        return;
    default:
        qemu_mmio_write(phys, o->width, other);
    }
    put_register(o, g, m);
}

static void do_push(const struct op *o, greg_t *g, uint64_t phys)
{
    uint64_t v = qemu_mmio_read(phys, o->width);
    g[CPU_SP] -= o->width;
    memcpy((void *)(uintptr_t)cpu_register(g, CPU_SP), &v, o->width);
}

/* A conditional move reads in any case, and a 32-bit one clears the upper half in any case. */
static void do_conditional(const struct op *o, greg_t *g, uint64_t phys)
{
    int holds = alu_condition(o->condition, g[CPU_FLAGS]);
    if (o->kind == STORE_IF) {
        qemu_mmio_write(phys, o->width, holds);
    } else {
        uint64_t v = qemu_mmio_read(phys, o->width);
        put_register(o, g, holds ? v : get_other(o, g));
    }
}

int decode_emulate(void *ucontext, uint64_t phys)
{
    greg_t *g = ((ucontext_t *)ucontext)->uc_mcontext.gregs;
    struct op o = fetch(cpu_register(g, CPU_IP));
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
    case EXCHANGE_ADD:
    case COMPARE_EXCHANGE:
        do_exchange(&o, g, phys);
        break;
    case LOAD_IF:
    case STORE_IF:
        do_conditional(&o, g, phys);
        break;
    case PUSH:
        do_push(&o, g, phys);
        break;
    case MOVE_STRING:
    case STORE_STRING:
    case LOAD_STRING:
        finished = do_string(&o, g);
        break;
    default:
        return 0;
    }
    if (finished)
        g[CPU_IP] += o.length;
    return 1;
}

int decode_port(void *ucontext)
{
    greg_t *g = ((ucontext_t *)ucontext)->uc_mcontext.gregs;
    struct op o = fetch(cpu_register(g, CPU_IP));
    unsigned port = o.immediate ? o.imm : g[CPU_D] & 0xffff;
    if (o.kind == PORT_IN)
        put_register(&o, g, qemu_io_read(port, o.width));
    else if (o.kind == PORT_OUT)
        qemu_io_write(port, o.width, cpu_register(g, CPU_A) & ones(o.width));
    else
        return 0;
    g[CPU_IP] += o.length;
    return 1;
}
