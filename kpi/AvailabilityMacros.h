// SPDX-License-Identifier: BSD-3-Clause
/*
 * Availability marks of the older style: empty, as those of Availability.h. Answers to Apple's AvailabilityMacros.h.
 */
#ifndef KPI_AVAILABILITYMACROS_H
#define KPI_AVAILABILITYMACROS_H

#include <Availability.h>

#define MAC_OS_X_VERSION_10_5 1050
#define MAC_OS_X_VERSION_10_6 1060
#define MAC_OS_X_VERSION_10_7 1070
#define MAC_OS_X_VERSION_10_8 1080
#define MAC_OS_X_VERSION_10_9 1090
#define DEPRECATED_ATTRIBUTE  __attribute__((deprecated))
#ifdef __ENVIRONMENT_MAC_OS_X_VERSION_MIN_REQUIRED__
#define MAC_OS_X_VERSION_MIN_REQUIRED __ENVIRONMENT_MAC_OS_X_VERSION_MIN_REQUIRED__
#else
#define MAC_OS_X_VERSION_MIN_REQUIRED MAC_OS_X_VERSION_10_6
#endif
#define MAC_OS_X_VERSION_MAX_ALLOWED MAC_OS_X_VERSION_10_9

#endif
