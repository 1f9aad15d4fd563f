// SPDX-License-Identifier: BSD-3-Clause
// Abstract iterator. Answers to Apple's libkern/c++/OSIterator.h (x86_64, Mac OS X 10.6 view).
#pragma once

#include <libkern/c++/OSObject.h>

class OSIterator : public OSObject
{
    OSDeclareAbstractStructors(OSIterator)

public:
    virtual void reset(void) = 0;
    virtual bool isValid(void) = 0;
    virtual OSObject *getNextObject(void) = 0;
    OSMetaClassDeclareReservedUnused(OSIterator, 0);
    OSMetaClassDeclareReservedUnused(OSIterator, 1);
    OSMetaClassDeclareReservedUnused(OSIterator, 2);
    OSMetaClassDeclareReservedUnused(OSIterator, 3);
};
