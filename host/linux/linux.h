// SPDX-License-Identifier: BSD-3-Clause
/*
 * The floor under the kernel: everything the KPI implementation may ask of Linux. Implemented in host/linux/
 * with libc; included by files that see only kpi/ (whose fixed-width types differ from Linux's), so only
 * builtin types appear here. No function takes a lock that kext code can hold, except where it says so.
 */
#ifndef HOST_LINUX_H
#define HOST_LINUX_H
#ifdef __cplusplus
extern "C" {
#endif

/* ---- RAM: one memfd, shared with QEMU as the machine's memory. physical = virtual - lx_ram. ------------ */
extern unsigned char *lx_ram;     /* base of the mapping (RWX) */
extern unsigned long lx_ram_size; /* bytes; multiple of 2 MB */
extern int lx_ram_fd;

/* Maps the RAM (bytes). 0, or -1 with errno set. Nothing below 16 MB is ever handed out. */
int lx_ram_init(unsigned long size);
/* Physically contiguous memory, not cleared. align: power of two, >= 16; limit: highest physical address
 * allowed (inclusive, ~0ull = any). NULL when there is none. Thread safe, any context. Blocks of a page or
 * more start on a page boundary. */
void *lx_ram_alloc(unsigned long size, unsigned long align, unsigned long long limit);
void lx_ram_free(void *p, unsigned long size);
unsigned long lx_ram_in_use(void);              /* bytes handed out, rounded to the allocator's grain */
unsigned long lx_ram_block_size(const void *p); /* usable bytes of the block that starts at p; 0: none does */

static inline int lx_in_ram(const void *p)
{
    return (unsigned long)p - (unsigned long)lx_ram < lx_ram_size;
}
/* Physical address of p, ~0ull when p is not in RAM. */
static inline unsigned long long lx_ram_phys(const void *p)
{
    return lx_in_ram(p) ? (unsigned long long)((const unsigned char *)p - lx_ram) : ~0ull;
}
static inline void *lx_ram_virt(unsigned long long phys)
{
    return phys < lx_ram_size ? lx_ram + phys : (void *)0;
}

/* ---- threads ------------------------------------------------------------------------------------------- */
struct lx_thread;
/* A detached thread whose stack (256 KB) lies in RAM; NULL when none can be made. Any thread of the process,
 * foreign ones included, has an identity of its own. */
struct lx_thread *lx_thread_start(void (*fn)(void *), void *arg, const char *name);
struct lx_thread *lx_thread_self(void);
void *lx_thread_local(struct lx_thread *t); /* one pointer a thread, for mach/ */
void lx_thread_set_local(struct lx_thread *t, void *p);
void lx_thread_exit(void) __attribute__((noreturn));
void lx_thread_yield(void);
unsigned int lx_thread_id(struct lx_thread *t); /* small number, unique for the process's life, never 0 */
/* fn runs on every ending thread whose local pointer is set, as its last act. One function, set once. */
void lx_thread_on_exit(void (*fn)(void *local));

/* ---- futex: the one blocking primitive ----------------------------------------------------------------- */
/* Sleeps while *word == value; timeout_ns < 0: no limit. 0 woken or changed, 1 timed out. */
int lx_futex_wait(volatile int *word, int value, long long timeout_ns);
void lx_futex_wake(volatile int *word, int count);

/* A mutex and condition for host code on either side of the boundary; all-zero is initialised. Not recursive.
 */
struct lx_mutex {
    volatile int word;
};
struct lx_cond {
    volatile int seq, waiters;
};
void lx_mutex_lock(struct lx_mutex *m);
int lx_mutex_trylock(struct lx_mutex *m); /* 1 when taken */
void lx_mutex_unlock(struct lx_mutex *m);
int lx_cond_wait(struct lx_cond *c, struct lx_mutex *m,
                 long long timeout_ns); /* as lx_futex_wait; may wake early */
void lx_cond_signal(struct lx_cond *c);
void lx_cond_broadcast(struct lx_cond *c);

/* ---- time ---------------------------------------------------------------------------------------------- */
unsigned long long lx_time_ns(void); /* CLOCK_MONOTONIC */
void lx_wall_time(unsigned long long *sec, unsigned int *nsec);
void lx_sleep_ns(unsigned long long ns);
void lx_random(void *buf, unsigned long size);

/* ---- log, failure -------------------------------------------------------------------------------------- */
/* Kernel log: appended to stderr as it is, whole lines at a time; an unfinished line waits for its end, for
 * another thread's text or for the exit. */
void lx_log(const char *text);
/* One line "kexthost: ..." on stderr; children ended, names removed, exit status 3. */
void lx_fatal(const char *fmt, ...) __attribute__((noreturn, format(printf, 1, 2)));
int lx_failing(void);                                    /* lx_fatal was called: only wait for the end */
void lx_say(const char *fmt, ...) __attribute__((format(printf, 1, 2))); /* "kexthost: ..." line on stderr */
extern int lx_tracing;                                                   /* set by lx_trace_open */
int lx_trace_open(const char *file); /* NULL: stderr. 0, or -1 with errno set */
void lx_trace(const char *fmt, ...) __attribute__((format(printf, 1, 2))); /* time, thread, text, one line */
/* fn runs at exit and in lx_fatal, last registered first; it must not fail or wait long. */
void lx_at_exit(void (*fn)(void));

/* ---- counters: what --stats prints --------------------------------------------------------------------- */
struct lx_counter {
    const char *name; /* "doorbells", "mbufs.live" ... */
    volatile unsigned long value;
    struct lx_counter *next;
};
void lx_counter_register(struct lx_counter *c);
void lx_counter_each(void (*fn)(void *ctx, const char *name, unsigned long value),
                     void *ctx);                  /* in name order */
unsigned long lx_counter_value(const char *name); /* 0 when there is none of that name */
static inline void lx_count(struct lx_counter *c, unsigned long n)
{
    __atomic_fetch_add(&c->value, n, __ATOMIC_RELAXED);
}
static inline void lx_uncount(struct lx_counter *c, unsigned long n)
{
    __atomic_fetch_sub(&c->value, n, __ATOMIC_RELAXED);
}
/* Declares a file's own counter, registered before main. */
#define LX_COUNTER(id, text)                                                                                 \
    static struct lx_counter id = {text, 0, 0};                                                              \
    __attribute__((constructor)) static void id##_register(void)                                             \
    {                                                                                                        \
        lx_counter_register(&id);                                                                            \
    }

#ifdef __cplusplus
}
#endif
#endif
