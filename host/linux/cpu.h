// SPDX-License-Identifier: BSD-3-Clause
/*
 * The processor's registers in a signal's context, under one set of names for both widths (<sys/ucontext.h>).
 * greg_t is signed: who wants an address takes cpu_register.
 */
#ifndef HOST_LINUX_CPU_H
#define HOST_LINUX_CPU_H
#include <stdint.h>
#include <ucontext.h>

#ifdef __x86_64__
enum {
    CPU_A = REG_RAX, CPU_C = REG_RCX, CPU_D = REG_RDX, CPU_B = REG_RBX, CPU_SP = REG_RSP, CPU_BP = REG_RBP,
    CPU_SI = REG_RSI, CPU_DI = REG_RDI, CPU_IP = REG_RIP
};
#else
enum {
    CPU_A = REG_EAX, CPU_C = REG_ECX, CPU_D = REG_EDX, CPU_B = REG_EBX, CPU_SP = REG_ESP, CPU_BP = REG_EBP,
    CPU_SI = REG_ESI, CPU_DI = REG_EDI, CPU_IP = REG_EIP
};
#endif
enum { CPU_FLAGS = REG_EFL, CPU_ERROR = REG_ERR, CPU_WIDTH = sizeof(void *) };

static inline uint64_t cpu_register(const greg_t *g, int which)
{
    return (unsigned long)g[which];
}

#endif
