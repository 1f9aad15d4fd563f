// SPDX-License-Identifier: BSD-3-Clause
/*
 * Random bytes. Answers to Apple's sys/random.h.
 */
#ifndef KPI_SYS_RANDOM_H
#define KPI_SYS_RANDOM_H

#include <sys/appleapiopts.h>
#include <sys/types.h>

__BEGIN_DECLS
void read_random(void *buffer, u_int numBytes);
__END_DECLS

#endif
