// SPDX-License-Identifier: BSD-3-Clause
/*
 * Arithmetic of the instructions that decode.c carries out, with the flags that the processor would set
 * (Intel's Software Developer's Manual, volume 2). Operands are computed in the top bits of 64, where carry
 * and overflow come out by themselves. Undefined flags keep their value.
 */
#define _GNU_SOURCE
#include "internal.h"

#ifdef __x86_64__
typedef __int128 product;
#else
typedef int64_t product; /* of operands of 4 bytes at most */
#endif
enum { CF = 1, PF = 4, AF = 16, ZF = 64, SF = 128, OF = 2048, BITS_PER_BYTE = 8 };

static void set_flags(greg_t *flags, uint64_t changed, uint64_t f)
{
    *flags = (greg_t)(((uint64_t)*flags & ~changed) | (f & changed));
}

static uint64_t result_flags(uint64_t value, uint64_t top)
{
    return (top ? 0 : ZF) | (top >> 63 ? SF : 0) | (__builtin_parity(value & 0xff) ? 0 : PF);
}

/* x + y or x - y of 64 bits, with the carry that ADC and SBB take in. */
static uint64_t add_or_subtract(enum alu alu, uint64_t x, uint64_t y, uint64_t carry, uint64_t *f)
{
    int subtract = alu == SUB || alu == SBB || alu == DEC || alu == CMP;
    uint64_t r = subtract ? x - y - carry : x + y + carry;
    int borrow = subtract ? x < y || (carry && x - y < carry) : x + y < x || r < carry;
    uint64_t overflow = subtract ? (x ^ y) & (x ^ r) : (x ^ r) & (y ^ r);
    *f = (borrow ? CF : 0) | (overflow >> 63 ? OF : 0);
    return r;
}

static uint64_t shift(enum alu alu, uint64_t a, unsigned count, int width, greg_t *flags)
{
    int bits = BITS_PER_BYTE * width, up = 64 - bits;
    count &= width == 8 ? 63 : 31;
    if (!count)
        return a;
    int64_t s = (int64_t)(a << up) >> up;
    unsigned last = count - 1; /* the bit that goes out is the last one shifted */
    uint64_t v, out;
    if (alu == SHL) {
        v = a << count;
        out = count <= (unsigned)bits ? a >> (bits - count) & 1 : 0;
    } else {
        v = alu == SAR ? (uint64_t)(s >> count) : a >> count;
        out = (alu == SAR ? (uint64_t)(s >> last) : a >> last) & 1;
    }
    uint64_t top = v << up, f = result_flags(v, top) | (out ? CF : 0), changed = CF | PF | ZF | SF;
    if (count == 1) {
        changed |= OF;
        if (alu == SHL ? (top >> 63) != out : alu == SHR && a >> (bits - 1) & 1)
            f |= OF;
    }
    set_flags(flags, changed, f);
    return top >> up;
}

static uint64_t bit(enum alu alu, uint64_t a, uint64_t n, int width, greg_t *flags)
{
    uint64_t mask = 1ull << n % (BITS_PER_BYTE * width);
    set_flags(flags, CF, a & mask ? CF : 0);
    switch (alu) {
    case BTS:
        return a | mask;
    case BTR:
        return a & ~mask;
    case BTC:
        return a ^ mask;
    default:
        return a;
    }
}

static uint64_t multiply(uint64_t a, uint64_t b, int width, greg_t *flags)
{
    int up = 64 - BITS_PER_BYTE * width;
    int64_t x = (int64_t)(a << up) >> up, y = (int64_t)(b << up) >> up;
    product whole = (product)x * y;
    uint64_t v = (uint64_t)whole << up >> up;
    set_flags(flags, CF | OF, whole != (int64_t)(v << up) >> up ? CF | OF : 0);
    return v;
}

uint64_t alu_compute(enum alu alu, uint64_t a, uint64_t b, int width, greg_t *flags)
{
    int up = 64 - BITS_PER_BYTE * width;
    uint64_t x = a << up, y = b << up, r, f = 0, changed = CF | PF | AF | ZF | SF | OF;
    switch (alu) {
    case NOT:
        return ~x >> up;
    case NEG:
        return alu_compute(SUB, 0, a, width, flags);
    case SHL:
    case SHR:
    case SAR:
        return shift(alu, a, b, width, flags);
    case BT:
    case BTS:
    case BTR:
    case BTC:
        return bit(alu, a, b, width, flags);
    case IMUL:
        return multiply(a, b, width, flags);
    case OR:
        r = x | y;
        break;
    case XOR:
        r = x ^ y;
        break;
    case AND:
    case TEST:
        r = x & y;
        break;
    default:
        r = add_or_subtract(alu, x, y, alu == ADC || alu == SBB ? (uint64_t)(*flags & CF) << up : 0, &f);
    }
    uint64_t v = r >> up;
    f |= result_flags(v, r) | ((a ^ b ^ v) & AF);
    if (alu == INC || alu == DEC)
        changed &= ~CF;
    set_flags(flags, changed, f);
    return v;
}

/* The condition of jcc, setcc and cmovcc: the low four bits of their opcodes. */
int alu_condition(unsigned code, greg_t flags)
{
    int sf = !!(flags & SF), of = !!(flags & OF), zf = !!(flags & ZF), holds;
    switch (code >> 1 & 7) {
    case 0:
        holds = of;
        break;
    case 1:
        holds = !!(flags & CF);
        break;
    case 2:
        holds = zf;
        break;
    case 3:
        holds = zf || (flags & CF);
        break;
    case 4:
        holds = sf;
        break;
    case 5:
        holds = !!(flags & PF);
        break;
    case 6:
        holds = sf != of;
        break;
    default:
        holds = zf || sf != of;
    }
    return holds ^ (code & 1);
}
