// SPDX-License-Identifier: BSD-3-Clause
/*
 * Tests of host/mach and host/libkern: the suites are KPI-side files, main.c on the Linux side runs them.
 * Builtin types only.
 */
#ifndef TEST_MACH_SUITE_H
#define TEST_MACH_SUITE_H
#ifdef __cplusplus
extern "C" {
#endif

void host_check(int good, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* 1 when fn, in a process of its own, ends the run with a message that contains text. */
int host_dies(void (*fn)(void), const char *text);

void suite_formats(void);
void suite_strings(void);
void suite_scan(void);
void suite_boot(void);
void suite_memory(void);
void suite_locks(void);
void suite_threads(void);
void suite_calls(void);

void suite_objects(void);
void suite_collections(void);
void suite_metaclass(void);
void suite_xml(void);
void suite_hostile(void);

#ifdef __cplusplus
}
#endif
#endif
