// SPDX-License-Identifier: BSD-3-Clause
/*
 * What the files of host/mach/ share: the thread structure behind Apple's opaque thread_t, and the formatter.
 * KPI side.
 */
#ifndef HOST_MACH_INTERNAL_H
#define HOST_MACH_INTERNAL_H
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <kern/kern_types.h>
#include <kern/locks.h>
#include "linux/linux.h"
#include "mach/boot.h"

__BEGIN_DECLS

struct thread {
    /* The wait that assert_wait began: on a queue of wait.c while word is 1. */
    struct thread *next, *prev;
    event_t event;
    volatile int word;
    wait_result_t result;
    unsigned long long deadline; /* absolute time; 0: none */
    /* What XNU keeps per processor; here a processor is a thread. */
    int preemption_level, interrupts_off, in_interrupt;
    volatile int refs;
    uint32_t id; /* never 0 */
    thread_continue_t continuation;
    void *parameter;
    void *base[5]; /* __builtin_setjmp buffer at the stack's base, where a continuation starts */
    int has_base;
    int counted; /* among kernel.threads.live */
};

/* Exported by the kernel, but not in the headers that drivers get. */
boolean_t lck_mtx_try_lock(lck_mtx_t *l);
boolean_t lck_spin_try_lock(lck_spin_t *l);
lck_rw_type_t lck_rw_done(lck_rw_t *l);
extern lck_grp_t *IOLockGroup;

/* Nanoseconds until the deadline (absolute time), 0 when it has passed; never negative. */
static inline long long mach_time_left(unsigned long long deadline)
{
    unsigned long long now = lx_time_ns();
    return deadline <= now ? 0 : deadline - now > INT64_MAX ? INT64_MAX : (long long)(deadline - now);
}

/* In a handler on the interrupt thread, or bracketed by mach_interrupt_context. */
int mach_in_interrupt(thread_t self);
/* Panics, naming what, when the caller may not block: in an interrupt or with a spin lock held. */
void mach_assert_may_block(const char *what);

/* One access of 1, 2, 4 or 8 bytes to RAM or a device's register; all ones where nothing is. */
uint64_t mach_phys_read(uint64_t phys, int width);
void mach_phys_write(uint64_t phys, int width, uint64_t value);

/* Formats as XNU's __doprnt (osfmk/kern/printf.c); returns the number of characters put. */
int mach_format(void (*put)(int c, void *ctx), void *ctx, const char *fmt, va_list ap, int radix);
void mach_thread_init(void);
void mach_thread_call_init(void);
void mach_version_init(void);
void mach_lock_init(void);
extern unsigned long __stack_chk_guard;

/* Memory from the RAM's allocator, counted by kind. */
void *mach_alloc(unsigned long size, unsigned long align, struct lx_counter *kind);
void mach_free(void *p, unsigned long size, struct lx_counter *kind);

__END_DECLS
#endif
