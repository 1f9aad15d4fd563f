// SPDX-License-Identifier: BSD-3-Clause
/*
 * gdb's registers (features org.gnu.gdb.i386.core and .sse of the GDB manual, appendix "Target Descriptions") out of the thread
 * states of mach/i386/_structs.h. XNU's KDP has no floating point state to give: those registers are there, without value.
 */
#include "gdb.h"
#include <stdio.h>
#include <string.h>

struct reg {
    const char *name, *type;
    uint8_t bytes;
    int8_t slot; /* which word of the thread state; -1: it has none */
};

/* Thread state words: rax rbx rcx rdx rdi rsi rbp rsp r8..r15 rip rflags cs fs gs */
static const struct reg general64[] = {
    {"rax", "int64", 8, 0},     {"rbx", "int64", 8, 1},       {"rcx", "int64", 8, 2},     {"rdx", "int64", 8, 3},
    {"rsi", "int64", 8, 5},     {"rdi", "int64", 8, 4},       {"rbp", "data_ptr", 8, 6},  {"rsp", "data_ptr", 8, 7},
    {"r8", "int64", 8, 8},      {"r9", "int64", 8, 9},        {"r10", "int64", 8, 10},    {"r11", "int64", 8, 11},
    {"r12", "int64", 8, 12},    {"r13", "int64", 8, 13},      {"r14", "int64", 8, 14},    {"r15", "int64", 8, 15},
    {"rip", "code_ptr", 8, 16}, {"eflags", "int32", 4, 17},   {"cs", "int32", 4, 18},     {"ss", "int32", 4, -1},
    {"ds", "int32", 4, -1},     {"es", "int32", 4, -1},       {"fs", "int32", 4, 19},     {"gs", "int32", 4, 20},
};
/* Thread state words: eax ebx ecx edx edi esi ebp esp ss eflags eip cs ds es fs gs */
static const struct reg general32[] = {
    {"eax", "int32", 4, 0},    {"ecx", "int32", 4, 2},    {"edx", "int32", 4, 3},     {"ebx", "int32", 4, 1},
    {"esp", "data_ptr", 4, 7}, {"ebp", "data_ptr", 4, 6}, {"esi", "int32", 4, 5},     {"edi", "int32", 4, 4},
    {"eip", "code_ptr", 4, 10}, {"eflags", "int32", 4, 9}, {"cs", "int32", 4, 11},    {"ss", "int32", 4, 8},
    {"ds", "int32", 4, 12},    {"es", "int32", 4, 13},    {"fs", "int32", 4, 14},     {"gs", "int32", 4, 15},
};
static const char *const x87[] = {"fctrl", "fstat", "ftag", "fiseg", "fioff", "foseg", "fooff", "fop"};

static const struct {
    const char *name;
    const struct reg *general;
    unsigned generals, xmms, word, flags, pc;
} machines[] = {
    [GDB_X86_64] = {"i386:x86-64", general64, sizeof general64 / sizeof general64[0], 16, 8, 17, 16},
    [GDB_I386] = {"i386", general32, sizeof general32 / sizeof general32[0], 8, 4, 9, 10},
};

enum { STACK_REGISTERS = 8, CONTROL_REGISTERS = 8, TRAP_FLAG = 0x100 };

/* Bytes of a register that is not a general one; 0: there is none of that number. */
static unsigned other_bytes(enum gdb_arch arch, unsigned number)
{
    number -= machines[arch].generals;
    if (number < STACK_REGISTERS)
        return 10;
    number -= STACK_REGISTERS;
    if (number < CONTROL_REGISTERS)
        return 4;
    number -= CONTROL_REGISTERS;
    return number < machines[arch].xmms ? 16 : number == machines[arch].xmms ? 4 : 0;
}

unsigned registers_count(enum gdb_arch arch)
{
    return machines[arch].generals + STACK_REGISTERS + CONTROL_REGISTERS + machines[arch].xmms + 1;
}

size_t registers_read(enum gdb_arch arch, const uint8_t *state, unsigned number, char *hex)
{
    const struct reg *r = &machines[arch].general[number];
    unsigned bytes = number < machines[arch].generals ? r->bytes : other_bytes(arch, number);
    if (number < machines[arch].generals && r->slot >= 0)
        return hex_put(hex, state + r->slot * machines[arch].word, bytes);
    memset(hex, 'x', 2 * bytes);
    return 2 * bytes;
}

size_t registers_read_all(enum gdb_arch arch, const uint8_t *state, char *hex)
{
    size_t n = 0;
    for (unsigned i = 0; i < registers_count(arch); i++)
        n += registers_read(arch, state, i, hex + n);
    return n;
}

size_t registers_write(enum gdb_arch arch, uint8_t *state, unsigned number, const char *hex)
{
    const struct reg *r = &machines[arch].general[number];
    unsigned bytes = number < machines[arch].generals ? r->bytes : other_bytes(arch, number);
    bool kept = number < machines[arch].generals && r->slot >= 0;
    if (strlen(hex) < 2 * bytes)
        return 0;
    for (unsigned i = 0; i < bytes; i++) {
        int high = hex_digit(hex[2 * i]), low = hex_digit(hex[2 * i + 1]);
        if (kept && high >= 0 && low >= 0) /* x: leave it as it is */
            state[r->slot * machines[arch].word + i] = (uint8_t)(high << 4 | low);
    }
    return 2 * bytes;
}

bool registers_step(enum gdb_arch arch, uint8_t *state, bool on)
{
    uint8_t *byte = state + machines[arch].flags * machines[arch].word + 1, old = *byte;
    *byte = (uint8_t)(on ? old | TRAP_FLAG >> 8 : old & ~(TRAP_FLAG >> 8));
    return *byte != old;
}

/* Little-endian, as both processors and what this runs on (x86_64). */
uint64_t registers_pc(enum gdb_arch arch, const uint8_t *state)
{
    uint64_t pc = 0;
    memcpy(&pc, state + machines[arch].pc * machines[arch].word, machines[arch].word);
    return pc;
}

void registers_set_pc(enum gdb_arch arch, uint8_t *state, uint64_t pc)
{
    memcpy(state + machines[arch].pc * machines[arch].word, &pc, machines[arch].word);
}

/* ---- the description ---- */

static char *add_reg(char *p, char *end, const char *name, unsigned bits, const char *type)
{
    return p + snprintf(p, (size_t)(end - p), "<reg name=\"%s\" bitsize=\"%u\" type=\"%s\"/>", name, bits, type);
}

static char *add_numbered(char *p, char *end, const char *stem, unsigned count, unsigned bits, const char *type)
{
    for (unsigned i = 0; i < count; i++) {
        char name[16];
        snprintf(name, sizeof name, "%s%u", stem, i);
        p = add_reg(p, end, name, bits, type);
    }
    return p;
}

const char *registers_target_xml(enum gdb_arch arch)
{
    static char text[8192];
    char *p = text, *end = text + sizeof text;
    p += snprintf(p, sizeof text,
                  "<?xml version=\"1.0\"?><!DOCTYPE target SYSTEM \"gdb-target.dtd\"><target version=\"1.0\">"
                  "<architecture>%s</architecture><feature name=\"org.gnu.gdb.i386.core\">",
                  machines[arch].name);
    for (unsigned i = 0; i < machines[arch].generals; i++) {
        const struct reg *r = &machines[arch].general[i];
        p = add_reg(p, end, r->name, r->bytes * 8u, r->type);
    }
    p = add_numbered(p, end, "st", STACK_REGISTERS, 80, "i387_ext");
    for (unsigned i = 0; i < CONTROL_REGISTERS; i++)
        p = add_reg(p, end, x87[i], 32, "int");
    p += snprintf(p, (size_t)(end - p),
                  "</feature><feature name=\"org.gnu.gdb.i386.sse\">"
                  "<vector id=\"v4f\" type=\"ieee_single\" count=\"4\"/>");
    p = add_numbered(p, end, "xmm", machines[arch].xmms, 128, "v4f");
    p = add_reg(p, end, "mxcsr", 32, "int");
    snprintf(p, (size_t)(end - p), "</feature></target>");
    return text;
}
