// SPDX-License-Identifier: BSD-3-Clause
/*
 * What is compiled for: OS X's kernel.
 */
#ifndef KPI_TARGETCONDITIONALS_H
#define KPI_TARGETCONDITIONALS_H

#define TARGET_OS_MAC      1
#define TARGET_OS_EMBEDDED 0
#define TARGET_OS_IPHONE   0
#define TARGET_RT_MAC_CFM  0
#define TARGET_RT_64_BIT   __LP64__

#endif
