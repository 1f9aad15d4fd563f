// SPDX-License-Identifier: BSD-3-Clause
// What libkern classes use from the kernel's C library. Answers to Apple's libkern/c++/OSLib.h (Mac
// OS X 10.6 view).
#pragma once

#include <libkern/OSBase.h>
#include <stdarg.h>
#include <libkern/libkern.h>
