// SPDX-License-Identifier: BSD-3-Clause
// Iterator over any OSCollection. Answers to Apple's libkern/c++/OSCollectionIterator.h (Mac OS X
// 10.6 view).
#pragma once

#include <libkern/c++/OSIterator.h>

class OSCollection;

// Iterator over any container, which it retains (xnu libkern/c++/OSCollectionIterator.cpp).
class OSCollectionIterator : public OSIterator
{
    OSDeclareDefaultStructors(OSCollectionIterator)

protected:
    const OSCollection *collection;
    void *collIterator;
    unsigned int initialUpdateStamp;
    bool valid;

public:
    virtual bool initWithCollection(const OSCollection *inColl);
    virtual void free(void);
    virtual void reset(void);
    virtual bool isValid(void);
    virtual OSObject *getNextObject(void);

    // One reference.
    static OSCollectionIterator *withCollection(const OSCollection *inColl);
};
