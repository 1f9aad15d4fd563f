// SPDX-License-Identifier: BSD-3-Clause
// Registry property names of BSD device nodes. Answers to Apple's IOKit/IOBSD.h (Mac OS X 10.6
// view).
#pragma once

#define kIOBSDNameKey  "BSD Name"
#define kIOBSDNamesKey "BSD Names"
#define kIOBSDMajorKey "BSD Major"
#define kIOBSDMinorKey "BSD Minor"
#define kIOBSDUnitKey  "BSD Unit"
