// SPDX-License-Identifier: BSD-3-Clause
/*
 * Tests of host/iokit: the suites are KPI-side files, main.c on the Linux side runs them. Builtin types only.
 */
#ifndef TEST_IOKIT_SUITE_H
#define TEST_IOKIT_SUITE_H
#ifdef __cplusplus
extern "C" {
#endif

void host_check(int good, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Instances of all classes but symbols, which stay. */
int host_objects(void);
/* fn on a thread that counts as the interrupt thread; returns when it has run. */
void host_interrupt(void (*fn)(void *), void *arg);

/* What another thread has yet to do: on a busy machine that may take its time, 30 s at most. */
#define EVENTUALLY(what)                                                                                     \
    do                                                                                                       \
        for (int left_ = 15000; !(what) && left_; left_--)                                                    \
            IOSleep(2);                                                                                      \
    while (0)

void suite_registry(void);
void suite_matching(void);
void suite_termination(void);
void suite_loops(void);
void suite_interrupts(void);
void suite_memory_descriptors(void);
void suite_dma(void);
void suite_power(void);
void suite_small(void);

#ifdef __cplusplus
}
#endif
#endif
