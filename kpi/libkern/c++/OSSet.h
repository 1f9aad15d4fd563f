// SPDX-License-Identifier: BSD-3-Clause
// Unordered container without duplicates. Answers to Apple's libkern/c++/OSSet.h (Mac OS X 10.6
// view).
#pragma once

#include <libkern/c++/OSCollection.h>

class OSArray;

// Objects without order, each once (xnu libkern/c++/OSSet.cpp).
class OSSet : public OSCollection
{
    OSDeclareDefaultStructors(OSSet)

protected:
    struct ExpansionData; // the implementation's own

private:
    OSArray *members;

protected:
    ExpansionData *reserved;

    virtual unsigned int iteratorSize(void) const;
    virtual bool initIterator(void *iterator) const;
    virtual bool getNextObjectForIterator(void *iterator, OSObject **ret) const;

public:
    virtual bool initWithCapacity(unsigned int capacity);
    virtual bool initWithObjects(const OSObject **objects, unsigned int count, unsigned int capacity = 0);
    virtual bool initWithArray(const OSArray *array, unsigned int capacity = 0);
    virtual bool initWithSet(const OSSet *set, unsigned int capacity = 0);
    virtual void free(void);
    virtual unsigned int getCount(void) const;
    virtual unsigned int getCapacity(void) const;
    virtual unsigned int getCapacityIncrement(void) const;
    virtual unsigned int setCapacityIncrement(unsigned int increment);
    virtual unsigned int ensureCapacity(unsigned int newCapacity);
    virtual void flushCollection(void);
    virtual bool setObject(const OSMetaClassBase *anObject);
    virtual bool merge(const OSArray *array);
    virtual bool merge(const OSSet *set);
    virtual void removeObject(const OSMetaClassBase *anObject);
    virtual bool containsObject(const OSMetaClassBase *anObject) const;
    virtual bool member(const OSMetaClassBase *anObject) const;
    virtual OSObject *getAnyObject(void) const;
    virtual bool isEqualTo(const OSSet *aSet) const;
    virtual bool isEqualTo(const OSMetaClassBase *anObject) const;
    virtual bool serialize(OSSerialize *serializer) const;
    virtual unsigned int setOptions(unsigned int options, unsigned int mask, void *context = 0);
    OSMetaClassDeclareReservedUnused(OSSet, 0);
    OSMetaClassDeclareReservedUnused(OSSet, 1);
    OSMetaClassDeclareReservedUnused(OSSet, 2);
    OSMetaClassDeclareReservedUnused(OSSet, 3);
    OSMetaClassDeclareReservedUnused(OSSet, 4);
    OSMetaClassDeclareReservedUnused(OSSet, 5);
    OSMetaClassDeclareReservedUnused(OSSet, 6);
    OSMetaClassDeclareReservedUnused(OSSet, 7);

public:
    static OSSet *withCapacity(unsigned int capacity);
    static OSSet *withObjects(const OSObject **objects, unsigned int count, unsigned int capacity = 0);
    static OSSet *withArray(const OSArray *array, unsigned int capacity = 0);
    static OSSet *withSet(const OSSet *set, unsigned int capacity = 0);
    OSCollection *copyCollection(OSDictionary *cycleDict = 0);
};
