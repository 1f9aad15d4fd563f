// SPDX-License-Identifier: BSD-3-Clause
/*
 * What kexthost tells at the end: counters, the registry, leaks.
 */
#ifndef HOST_REPORT_H
#define HOST_REPORT_H

#include <stdio.h>

typedef void report_out(void *context, const char *line);

/* Where a report for the file (NULL: stderr) goes: opened before anything runs, so that a wrong name is told then. lx_fatal when it
 * cannot be written. */
FILE *report_open(const char *file);
/* Runs print with an out function for it, and closes it. lx_fatal as above. */
void report_to(FILE *stream, const char *file, void (*print)(report_out *out, void *context));
void report_registry(report_out *out, void *context);
/* "NAME VALUE" a line, in name order; kexts with address, size, load time first, as "kext.ID.FIELD VALUE". */
void report_counters(report_out *out, void *context);
/* What exists now counts as the state without kexts. */
void report_leaks_begin(void);
/* "kexthost: leak: N CLASS" and "... bytes of KIND" on stderr for all that has grown since; returns how many lines. */
int report_leaks_end(void);
#endif
