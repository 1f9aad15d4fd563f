// SPDX-License-Identifier: BSD-3-Clause
/*
 * Tests of host/bsd: the suites are KPI-side files, main.c on the Linux side runs them. Builtin types only.
 */
#ifndef TEST_BSD_SUITE_H
#define TEST_BSD_SUITE_H

void host_check(int good, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void host_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* 1 when fn, in a process of its own, ends the run with a message that contains text. */
int host_dies(void (*fn)(void), const char *text);
/* Runs fn(0) ... fn(count - 1), each on a thread of its own, and waits for them. */
void host_threads(void (*fn)(int which), int count);
/* Kinds of things that are alive, by the counters. */
int host_leaks(void);

void suite_mbuf(void);
void suite_chain(void);
void suite_shape(void);
void suite_cksum(void);
void suite_ifnet(void);
void suite_sysctl(void);

#endif
