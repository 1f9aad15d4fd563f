// SPDX-License-Identifier: BSD-3-Clause
/*
 * How a kext reports what it found: one line of kernel log a check, "PROBE ok - TEXT" or "PROBE not ok -
 * TEXT: why", and at the end of a group "PROBE done GROUP COUNT". test/host/lib.sh turns them into TAP lines.
 * Thread context only.
 */
#pragma once
#include <IOKit/IOLib.h>

/* Both return whether it held. */
bool probe_check(bool ok, const char *text, const char *expression);
bool probe_same(unsigned long long got, unsigned long long wanted, const char *text, const char *expression);
/* A remark of the report, no check. */
void probe_note(const char *format, ...) __attribute__((format(printf, 1, 2)));
void probe_begin(const char *group);
void probe_end(void);
/* Waits until *word is at least n, for ms milliseconds at most; what it is then. */
int probe_within(volatile int *word, int n, unsigned ms);
/* The same for what must come, and may be late on a busy machine: half a minute. */
int probe_wait(volatile int *word, int n);
/* boot-arg NAME is a list joined by commas that contains the word. */
bool probe_asked(const char *name, const char *word);

#define CHECK(condition, text) probe_check((condition), text, #condition)
#define SAME(got, wanted, text)                                                                              \
    probe_same((unsigned long long)(got), (unsigned long long)(wanted), text, #got)
