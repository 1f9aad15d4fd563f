// SPDX-License-Identifier: BSD-3-Clause
// A lock with a condition value to wait for. Answers to Apple's IOKit/IOConditionLock.h (Mac OS X
// 10.6 view).
#pragma once

#include <libkern/c++/OSObject.h>
#include <IOKit/IOLib.h>
#include <IOKit/system.h>
#include <IOKit/IOLocks.h>

// Sleeping lock with a condition value: lockWhen waits for a value, unlockWith sets one (xnu
// iokit/Kernel/IOConditionLock.cpp).
class IOConditionLock : public OSObject
{
    OSDeclareDefaultStructors(IOConditionLock)

private:
    IOLock *cond_interlock;
    volatile int condition;
    IOLock *sleep_interlock;
    unsigned char interruptible;
    volatile bool want_lock;
    volatile bool waiting;

public:
    virtual bool initWithCondition(int condition, bool inIntr = true);
    virtual void free(void);
    virtual bool tryLock(void);
    virtual int lock(void);
    virtual void unlock(void);
    virtual bool getInterruptible(void) const;
    virtual int getCondition(void) const;
    virtual int setCondition(int condition);
    virtual int lockWhen(int condition);
    virtual void unlockWith(int condition);

    static IOConditionLock *withCondition(int condition, bool inIntr = true);
};
