// SPDX-License-Identifier: BSD-3-Clause
/*
 * Helpers for vectors, common to the two classes of IOKit/IOInterruptController.h.
 */
#ifndef HOST_IOKIT_VECTORS_H
#define HOST_IOKIT_VECTORS_H
#include <IOKit/IOInterruptController.h>

enum { kSharedVectors = 128 }; /* kIOSharedInterruptControllerDefaultVectors */
void shared_free(
    IOSharedInterruptController *shared); /* for the controller that owns it, when it goes itself */
void vector_unshare(
    IOSharedInterruptController *shared); /* after a client left: frees it when it was the last */

OSData *vector_data(IOService *nub, int source);
IOInterruptVectorNumber vector_number(IOService *nub, int source);
void vector_wait(const IOInterruptVector *vector);
void vector_clear(IOInterruptVector *vector); /* all but its lock */
void vector_fill(IOInterruptVector *vector, IOService *nub, int source, void *target,
                 IOInterruptHandler handler, void *refCon);
#endif
