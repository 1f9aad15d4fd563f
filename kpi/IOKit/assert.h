// SPDX-License-Identifier: BSD-3-Clause
// Assertions. Answers to Apple's IOKit/assert.h (Mac OS X 10.6 view).
#pragma once

#include <sys/cdefs.h>
#include <kern/assert.h>

// Fails to compile when the condition does not hold.
#ifndef OSCompileAssert
#define OSCompileAssert(condition) extern int OSCompileAssertFailed[(condition) ? 1 : -1] __unused;
#endif
