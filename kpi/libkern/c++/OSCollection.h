// SPDX-License-Identifier: BSD-3-Clause
// Abstract base of the containers. Answers to Apple's libkern/c++/OSCollection.h (Mac OS X 10.6
// view).
#pragma once

#include <libkern/c++/OSObject.h>

class OSDictionary;

// Common part of the containers: members are retained while they are in, capacity grows by steps, and a
// change count makes iterators invalid. Not thread safe: callers serialise (xnu
// libkern/c++/OSCollection.cpp).
class OSCollection : public OSObject
{
    OSDeclareAbstractStructors(OSCollection)
    friend class OSCollectionIterator;

protected:
    struct ExpansionData; // the implementation's own

public:
    typedef enum {
        kImmutable = 0x1,
        kMASK = 4294967295
    } _OSCollectionFlags;

protected:
    unsigned int updateStamp;

private:
    unsigned int fOptions;

protected:
    virtual unsigned int iteratorSize(void) const = 0;
    virtual bool initIterator(void *iterationContext) const = 0;
    virtual bool getNextObjectForIterator(void *iterationContext, OSObject **nextObject) const = 0;
    virtual bool init(void);

public:
    virtual unsigned int getCount(void) const = 0;
    virtual unsigned int getCapacity(void) const = 0;
    virtual unsigned int getCapacityIncrement(void) const = 0;
    virtual unsigned int setCapacityIncrement(unsigned int increment) = 0;
    // Capacity after the attempt to have room for that many.
    virtual unsigned int ensureCapacity(unsigned int newCapacity) = 0;
    // Releases all members.
    virtual void flushCollection(void) = 0;
    // Options are bits (kImmutable); returns the old ones.
    virtual unsigned int setOptions(unsigned int options, unsigned int mask, void *context = 0);
    // Deep copy of containers; other members are shared. One reference.
    virtual OSCollection *copyCollection(OSDictionary *cycleDict = 0);
    OSMetaClassDeclareReservedUnused(OSCollection, 2);
    OSMetaClassDeclareReservedUnused(OSCollection, 3);
    OSMetaClassDeclareReservedUnused(OSCollection, 4);
    OSMetaClassDeclareReservedUnused(OSCollection, 5);
    OSMetaClassDeclareReservedUnused(OSCollection, 6);
    OSMetaClassDeclareReservedUnused(OSCollection, 7);

public:
    // Called before a change: invalidates iterators.
    void haveUpdated(void);
};
