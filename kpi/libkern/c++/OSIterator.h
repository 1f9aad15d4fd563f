// SPDX-License-Identifier: BSD-3-Clause
// Abstract iterator. Answers to Apple's libkern/c++/OSIterator.h (Mac OS X 10.6 view).
#pragma once

#include <libkern/c++/OSObject.h>

// Walks over objects that it does not retain (xnu libkern/c++/OSIterator.cpp).
class OSIterator : public OSObject
{
    OSDeclareAbstractStructors(OSIterator)

public:
    // Back to the first object, valid again.
    virtual void reset(void) = 0;
    // False when the collection changed since the last reset: reset and start again.
    virtual bool isValid(void) = 0;
    // Not retained; 0 at the end or when invalid.
    virtual OSObject *getNextObject(void) = 0;
    OSMetaClassDeclareReservedUnused(OSIterator, 0);
    OSMetaClassDeclareReservedUnused(OSIterator, 1);
    OSMetaClassDeclareReservedUnused(OSIterator, 2);
    OSMetaClassDeclareReservedUnused(OSIterator, 3);
};
