// SPDX-License-Identifier: BSD-3-Clause
/*
 * Universally unique identifiers. Answers to Apple's uuid/uuid.h.
 */
#ifndef KPI_UUID_UUID_H
#define KPI_UUID_UUID_H

#include <sys/types.h>
#include <mach/std_types.h>

typedef char uuid_string_t[37];

__BEGIN_DECLS
void uuid_clear(uuid_t uu);
int uuid_compare(const uuid_t uu1, const uuid_t uu2);
void uuid_copy(uuid_t dst, const uuid_t src);
int uuid_is_null(const uuid_t uu);
void uuid_generate_random(uuid_t out);
int uuid_parse(const uuid_string_t in, uuid_t uu); /* 0, or -1 */
void uuid_unparse(const uuid_t uu, uuid_string_t out);
__END_DECLS

#endif
