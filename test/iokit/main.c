// SPDX-License-Identifier: BSD-3-Clause
/* Starts a kernel with IOKit and without devices, and runs the suites; ends it and looks for what is left. */
#include "test/iokit/suite.h"
#include "linux/linux.h"
#include "mach/boot.h"
#include "iokit/boot.h"
#include "libkern/modules.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static int failures;
extern void (*const __start_kernel_init[])(void);
extern void (*const __stop_kernel_init[])(void);

void host_check(int good, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    printf("%sok - ", good ? "" : "not ");
    vprintf(fmt, ap);
    va_end(ap);
    putchar('\n');
    fflush(stdout);
    failures += !good;
}

void host_unimplemented(const char *mangled)
{
    lx_fatal("%s is not implemented", mangled);
}

/* There is no QEMU: no physical address beyond RAM has a window. */
void *qemu_window(unsigned long long phys, unsigned long long size)
{
    return 0;
}

unsigned long long qemu_window_phys(const void *va)
{
    return ~0ull;
}

static void add_instances(void *sum, const char *bundle, const char *cls, int instances)
{
    if (strcmp(cls, "OSSymbol"))
        *(int *)sum += instances;
}

int host_objects(void)
{
    int sum = 0;
    libkern_each_class(add_instances, &sum);
    return sum;
}

static void (*interrupt_fn)(void *);
static volatile int interrupt_done;

static void interrupt_thread(void *arg)
{
    mach_interrupt_context(1);
    interrupt_fn(arg);
    mach_interrupt_context(0);
    __atomic_store_n(&interrupt_done, 1, __ATOMIC_RELEASE);
    lx_futex_wake(&interrupt_done, 1);
}

void host_interrupt(void (*fn)(void *), void *arg)
{
    interrupt_fn = fn;
    interrupt_done = 0;
    lx_thread_start(interrupt_thread, arg, "interrupt");
    while (!__atomic_load_n(&interrupt_done, __ATOMIC_ACQUIRE))
        lx_futex_wait(&interrupt_done, 0, -1);
}

static int start(void)
{
    if (lx_ram_init(256ul << 20))
        return -1;
    mach_init("");
    libkern_init();
    void *handle = libkern_pre_mod_load("__kernel__");
    for (void (*const *f)(void) = __start_kernel_init; f < __stop_kernel_init; f++)
        (*f)();
    if (libkern_post_mod_load(handle))
        return -1;
    iokit_boot();
    return iokit_wait_quiet(30000);
}

static void count_line(void *lines, const char *line)
{
    ++*(int *)lines;
}

int main(void)
{
    int lines = 0;
    if (start()) {
        printf("not ok - start\n");
        return 1;
    }
    iokit_print_registry(count_line, &lines);
    host_check(lines > 10, "the registry prints (%d lines)", lines);
    suite_registry();
    suite_small();
    suite_memory_descriptors();
    suite_dma();
    suite_loops();
    suite_interrupts();
    suite_matching();
    suite_termination();
    suite_power();
    host_check(iokit_shutdown(30000) == 0, "the machine shuts down (busy: %s)", iokit_busy_names());
    return failures != 0;
}
