// SPDX-License-Identifier: BSD-3-Clause
/*
 * Reading a system control by its name. Answers to Apple's libkern/sysctl.h.
 */
#ifndef KPI_LIBKERN_SYSCTL_H
#define KPI_LIBKERN_SYSCTL_H

#include <sys/cdefs.h>
#include <sys/types.h>

__BEGIN_DECLS
int sysctlbyname(const char *name, void *oldp, size_t *oldlenp, void *newp, size_t newlen);
__END_DECLS

#endif
