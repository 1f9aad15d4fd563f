// SPDX-License-Identifier: BSD-3-Clause
/*
 * Availability marks. Every declaration of kpi/ says in a comment from which system it exists; the marks are empty.
 * Answers to Apple's Availability.h.
 */
#ifndef KPI_AVAILABILITY_H
#define KPI_AVAILABILITY_H

#define __OSX_AVAILABLE_STARTING(osx, ios)
#define __OSX_AVAILABLE_BUT_DEPRECATED(osxintro, osxdep, iosintro, iosdep)
#define __OSX_AVAILABLE_BUT_DEPRECATED_MSG(osxintro, osxdep, iosintro, iosdep, msg)

#endif
