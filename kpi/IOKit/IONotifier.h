// SPDX-License-Identifier: BSD-3-Clause
// Handle of an installed notification. Answers to Apple's IOKit/IONotifier.h (Mac OS X 10.6 view).
#pragma once

#include <libkern/c++/OSObject.h>

// What addNotification and registerInterest return: remove() ends the notification and drops the caller's
// reference (xnu iokit/Kernel/IOService.cpp).
class IONotifier : public OSObject
{
    OSDeclareAbstractStructors(IONotifier)

public:
    virtual void remove(void) = 0;
    // After it returns the handler is not running and will not run; returns whether it was enabled.
    virtual bool disable(void) = 0;
    // Takes what disable returned.
    virtual void enable(bool was) = 0;
};
