// SPDX-License-Identifier: BSD-3-Clause
/*
 * The kernel's version. Answers to Apple's libkern/version.h.
 */
#ifndef KPI_LIBKERN_VERSION_H
#define KPI_LIBKERN_VERSION_H

#include <sys/cdefs.h>

__BEGIN_DECLS
extern const int version_major; /* 13 for 10.9 */
extern const int version_minor;
extern const int version_revision;
extern const int version_stage;
extern const int version_prerelease_level;
extern const char version_variant[];
extern const char ostype[];     /* "Darwin" */
extern const char osrelease[];  /* "13.4.0" */
extern const char version[];
__END_DECLS

#endif
