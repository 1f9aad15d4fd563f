// SPDX-License-Identifier: BSD-3-Clause
/*
 * Which classes of Apple's interface a source may see: all that third parties get. Answers to Apple's
 * sys/appleapiopts.h.
 */
#ifndef KPI_SYS_APPLEAPIOPTS_H
#define KPI_SYS_APPLEAPIOPTS_H

#ifndef __APPLE_API_STANDARD
#define __APPLE_API_STANDARD
#endif
#ifndef __APPLE_API_STABLE
#define __APPLE_API_STABLE
#endif
#ifndef __APPLE_API_EVOLVING
#define __APPLE_API_EVOLVING
#endif
#ifndef __APPLE_API_UNSTABLE
#define __APPLE_API_UNSTABLE
#endif
#ifndef __APPLE_API_OBSOLETE
#define __APPLE_API_OBSOLETE
#endif

#endif
