// SPDX-License-Identifier: BSD-3-Clause
// Ordered container. Answers to Apple's libkern/c++/OSArray.h (Mac OS X 10.6 view).
#pragma once

#include <libkern/c++/OSCollection.h>

class OSSerialize;

// Ordered list of objects (xnu libkern/c++/OSArray.cpp).
class OSArray : public OSCollection
{
    OSDeclareDefaultStructors(OSArray)
    friend class OSSet;

protected:
    struct ExpansionData; // the implementation's own

    const OSMetaClassBase **array;
    unsigned int count;
    unsigned int capacity;
    unsigned int capacityIncrement;
    ExpansionData *reserved;

    virtual unsigned int iteratorSize(void) const;
    virtual bool initIterator(void *iterator) const;
    virtual bool getNextObjectForIterator(void *iterator, OSObject **ret) const;

public:
    virtual bool initWithCapacity(unsigned int capacity);
    virtual bool initWithObjects(const OSObject **objects, unsigned int count, unsigned int capacity = 0);
    virtual bool initWithArray(const OSArray *anArray, unsigned int capacity = 0);
    virtual void free(void);
    virtual unsigned int getCount(void) const;
    virtual unsigned int getCapacity(void) const;
    virtual unsigned int getCapacityIncrement(void) const;
    virtual unsigned int setCapacityIncrement(unsigned int increment);
    virtual unsigned int ensureCapacity(unsigned int newCapacity);
    virtual void flushCollection(void);
    // Appends, or inserts before the index; retains.
    virtual bool setObject(const OSMetaClassBase *anObject);
    virtual bool setObject(unsigned int index, const OSMetaClassBase *anObject);
    virtual bool merge(const OSArray *otherArray);
    virtual void replaceObject(unsigned int index, const OSMetaClassBase *anObject);
    virtual void removeObject(unsigned int index);
    virtual bool isEqualTo(const OSArray *anArray) const;
    virtual bool isEqualTo(const OSMetaClassBase *anObject) const;
    // Not retained; 0 when the index is out of range.
    virtual OSObject *getObject(unsigned int index) const;
    virtual OSObject *getLastObject(void) const;
    // Index from `index` on, or -1.
    virtual unsigned int getNextIndexOfObject(const OSMetaClassBase *anObject, unsigned int index) const;
    virtual bool serialize(OSSerialize *serializer) const;
    virtual unsigned int setOptions(unsigned int options, unsigned int mask, void *context = 0);
    OSMetaClassDeclareReservedUnused(OSArray, 0);
    OSMetaClassDeclareReservedUnused(OSArray, 1);
    OSMetaClassDeclareReservedUnused(OSArray, 2);
    OSMetaClassDeclareReservedUnused(OSArray, 3);
    OSMetaClassDeclareReservedUnused(OSArray, 4);
    OSMetaClassDeclareReservedUnused(OSArray, 5);
    OSMetaClassDeclareReservedUnused(OSArray, 6);
    OSMetaClassDeclareReservedUnused(OSArray, 7);

public:
    // One reference, or 0 without memory.
    static OSArray *withCapacity(unsigned int capacity);
    static OSArray *withObjects(const OSObject **objects, unsigned int count, unsigned int capacity = 0);
    static OSArray *withArray(const OSArray *array, unsigned int capacity = 0);
    OSCollection *copyCollection(OSDictionary *cycleDict = 0);
};
