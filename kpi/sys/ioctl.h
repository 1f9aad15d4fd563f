// SPDX-License-Identifier: BSD-3-Clause
/*
 * ioctl numbers. Answers to Apple's sys/ioctl.h.
 */
#ifndef KPI_SYS_IOCTL_H
#define KPI_SYS_IOCTL_H

#include <sys/ioccom.h>
#include <sys/sockio.h>

#endif
