// SPDX-License-Identifier: BSD-3-Clause
// Handle of an installed notification. Answers to Apple's IOKit/IONotifier.h (x86_64, Mac OS X 10.6 view).
#pragma once

#include <libkern/c++/OSObject.h>

class IONotifier : public OSObject
{
    OSDeclareAbstractStructors(IONotifier)

public:
    virtual void remove(void) = 0;
    virtual bool disable(void) = 0;
    virtual void enable(bool was) = 0;
};
