// SPDX-License-Identifier: BSD-3-Clause
// Base of reusable command objects. Answers to Apple's IOKit/IOCommand.h (Mac OS X 10.6 view).
#pragma once

#include <kern/queue.h>
#include <libkern/c++/OSObject.h>

// Base of commands that IOCommandPool keeps: fCommandChain links them (xnu iokit/Kernel/IOCommand.cpp).
class IOCommand : public OSObject
{
    OSDeclareDefaultStructors(IOCommand)

public:
    queue_chain_t fCommandChain;

    virtual bool init(void);
};
