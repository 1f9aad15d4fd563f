// SPDX-License-Identifier: BSD-3-Clause
/*
 * What boot.c asks of the other files of host/bsd.
 */
#ifndef HOST_BSD_INTERNAL_H
#define HOST_BSD_INTERNAL_H

void sysctl_boot(void);
void ifnet_boot(void);
void ifnet_settle(void); /* waits for the detaches that are under way, a few seconds at most */
void mbuf_trim(void);

#endif
