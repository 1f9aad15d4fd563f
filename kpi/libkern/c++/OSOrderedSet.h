// SPDX-License-Identifier: BSD-3-Clause
// Container without duplicates, sorted by a function. Answers to Apple's libkern/c++/OSOrderedSet.h (Mac
// OS X 10.6 view).
#pragma once

#include <libkern/c++/OSCollection.h>
#include <libkern/OSTypes.h>

class OSOffset;

// Objects each once, sorted by the function given at creation: greater results come first (xnu
// libkern/c++/OSOrderedSet.cpp).
class OSOrderedSet : public OSCollection
{
    OSDeclareDefaultStructors(OSOrderedSet)

public:
    typedef SInt32 (*OSOrderFunction)(const OSMetaClassBase *, const OSMetaClassBase *, void *);

protected:
    struct ExpansionData; // the implementation's own

    struct _Element *array;
    OSOrderFunction ordering;
    void *orderingRef;
    unsigned int count;
    unsigned int capacity;
    unsigned int capacityIncrement;
    ExpansionData *reserved;

    virtual unsigned int iteratorSize(void) const;
    virtual bool initIterator(void *iterator) const;
    virtual bool getNextObjectForIterator(void *iterator, OSObject **ret) const;

public:
    virtual bool initWithCapacity(unsigned int capacity, OSOrderFunction orderFunc = 0,
                                  void *orderingContext = 0);
    virtual void free(void);
    virtual unsigned int getCount(void) const;
    virtual unsigned int getCapacity(void) const;
    virtual unsigned int getCapacityIncrement(void) const;
    virtual unsigned int setCapacityIncrement(unsigned int increment);
    virtual unsigned int ensureCapacity(unsigned int newCapacity);
    virtual void flushCollection(void);
    // Inserts after its equals.
    virtual bool setObject(const OSMetaClassBase *anObject);
    virtual bool setFirstObject(const OSMetaClassBase *anObject);
    virtual bool setLastObject(const OSMetaClassBase *anObject);
    virtual void removeObject(const OSMetaClassBase *anObject);
    virtual bool containsObject(const OSMetaClassBase *anObject) const;
    virtual bool member(const OSMetaClassBase *anObject) const;
    virtual OSObject *getFirstObject(void) const;
    virtual OSObject *getLastObject(void) const;
    virtual SInt32 orderObject(const OSMetaClassBase *anObject);
    virtual bool setObject(unsigned int index, const OSMetaClassBase *anObject);
    virtual OSObject *getObject(unsigned int index) const;
    virtual void *getOrderingRef(void);
    virtual bool isEqualTo(const OSOrderedSet *anOrderedSet) const;
    virtual bool isEqualTo(const OSMetaClassBase *anObject) const;
    virtual unsigned int setOptions(unsigned int options, unsigned int mask, void *context = 0);
    OSMetaClassDeclareReservedUnused(OSOrderedSet, 0);
    OSMetaClassDeclareReservedUnused(OSOrderedSet, 1);
    OSMetaClassDeclareReservedUnused(OSOrderedSet, 2);
    OSMetaClassDeclareReservedUnused(OSOrderedSet, 3);
    OSMetaClassDeclareReservedUnused(OSOrderedSet, 4);
    OSMetaClassDeclareReservedUnused(OSOrderedSet, 5);
    OSMetaClassDeclareReservedUnused(OSOrderedSet, 6);
    OSMetaClassDeclareReservedUnused(OSOrderedSet, 7);

public:
    static OSOrderedSet *withCapacity(unsigned int capacity, OSOrderFunction orderFunc = 0,
                                      void *orderingContext = 0);
    OSCollection *copyCollection(OSDictionary *cycleDict = 0);
};
