// SPDX-License-Identifier: BSD-3-Clause
/*
 * What the files of host/linux/ share with one another and nobody else: the 64 KB units under the RAM
 * allocator, the log's last words, the reaping of ended threads.
 */
#ifndef HOST_LINUX_INTERNAL_H
#define HOST_LINUX_INTERNAL_H
#include <stddef.h>
#include <stdint.h>

enum { UNIT_SHIFT = 16, UNIT = 1 << UNIT_SHIFT, RAM_PAGE = 4096, RAM_FIRST = 16 << 20 };

/* Units: runs of whole 64 KB blocks. lock and unlock are the caller's only duty; all sizes are in units. */
int lx_units_init(unsigned long ram_size);
/* Index of a run of n units, aligned to align units, ending at or below the physical address limit; 0: none
 * (unit 0 is never handed out). */
size_t lx_units_alloc(size_t n, size_t align, uint64_t limit);
void lx_units_free(size_t first);
size_t lx_units_run(size_t first); /* length of the run that starts there, 0: none does */

void lx_log_flush(void);   /* writes the unfinished line, never waits for long */
void lx_thread_reap(void); /* frees the stack of the last thread that ended */

#endif
