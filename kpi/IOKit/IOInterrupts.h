// SPDX-License-Identifier: BSD-3-Clause
// Interrupt sources of a provider and the primary handler. Answers to Apple's IOKit/IOInterrupts.h (Mac
// OS X 10.6 view).
#pragma once

#define kIOInterruptTypeEdge  (0)
#define kIOInterruptTypeLevel (1)

class OSData;
class IOInterruptController;
struct IOInterruptSource {
    IOInterruptController *interruptController;
    OSData *vectorData;
};
typedef struct IOInterruptSource IOInterruptSource;
typedef void (*IOInterruptHandler)(void *, void *, void *, int);
