// SPDX-License-Identifier: BSD-3-Clause
/*
 * System controls inside host/bsd.
 */
#ifndef HOST_BSD_SYSCTL_IMPL_H
#define HOST_BSD_SYSCTL_IMPL_H

void sysctl_boot(void);
unsigned long sysctl_kext_count(void); /* registered by kexts and not taken back */
#endif
