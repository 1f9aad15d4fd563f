// SPDX-License-Identifier: BSD-3-Clause
// Container of objects by symbol. Answers to Apple's libkern/c++/OSDictionary.h (Mac OS X 10.6
// view).
#pragma once

#include <libkern/c++/OSCollection.h>

class OSArray;
class OSSymbol;
class OSString;

// Objects by key. Keys are symbols: a lookup compares addresses, and the overloads for strings make a
// symbol first (xnu libkern/c++/OSDictionary.cpp).
class OSDictionary : public OSCollection
{
    OSDeclareDefaultStructors(OSDictionary)

protected:
    struct dictEntry {
        const OSSymbol *key;
        const OSMetaClassBase *value;
    };
    struct ExpansionData; // the implementation's own

    dictEntry *dictionary;
    unsigned int count;
    unsigned int capacity;
    unsigned int capacityIncrement;
    ExpansionData *reserved;

    virtual unsigned int iteratorSize(void) const;
    virtual bool initIterator(void *iterator) const;
    virtual bool getNextObjectForIterator(void *iterator, OSObject **ret) const;

public:
    virtual bool initWithCapacity(unsigned int capacity);
    virtual bool initWithObjects(const OSObject **objects, const OSSymbol **keys, unsigned int count,
                                 unsigned int capacity = 0);
    virtual bool initWithObjects(const OSObject **objects, const OSString **keys, unsigned int count,
                                 unsigned int capacity = 0);
    virtual bool initWithDictionary(const OSDictionary *dict, unsigned int capacity = 0);
    virtual void free(void);
    virtual unsigned int getCount(void) const;
    virtual unsigned int getCapacity(void) const;
    virtual unsigned int getCapacityIncrement(void) const;
    virtual unsigned int setCapacityIncrement(unsigned int increment);
    virtual unsigned int ensureCapacity(unsigned int newCapacity);
    virtual void flushCollection(void);
    // Adds or replaces; retains key and object. False without memory or when immutable.
    virtual bool setObject(const OSSymbol *aKey, const OSMetaClassBase *anObject);
    virtual bool setObject(const OSString *aKey, const OSMetaClassBase *anObject);
    virtual bool setObject(const char *aKey, const OSMetaClassBase *anObject);
    // Releases key and object; no error when absent.
    virtual void removeObject(const OSSymbol *aKey);
    virtual void removeObject(const OSString *aKey);
    virtual void removeObject(const char *aKey);
    // Adds all entries of another dictionary, replacing equal keys.
    virtual bool merge(const OSDictionary *aDictionary);
    // Not retained; 0 when absent.
    virtual OSObject *getObject(const OSSymbol *aKey) const;
    virtual OSObject *getObject(const OSString *aKey) const;
    virtual OSObject *getObject(const char *aKey) const;
    virtual bool isEqualTo(const OSDictionary *aDictionary, const OSCollection *keys) const;
    virtual bool isEqualTo(const OSDictionary *aDictionary) const;
    virtual bool isEqualTo(const OSMetaClassBase *anObject) const;
    virtual bool serialize(OSSerialize *serializer) const;
    virtual unsigned int setOptions(unsigned int options, unsigned int mask, void *context = 0);
    OSMetaClassDeclareReservedUnused(OSDictionary, 0);
    OSMetaClassDeclareReservedUnused(OSDictionary, 1);
    OSMetaClassDeclareReservedUnused(OSDictionary, 2);
    OSMetaClassDeclareReservedUnused(OSDictionary, 3);
    OSMetaClassDeclareReservedUnused(OSDictionary, 4);
    OSMetaClassDeclareReservedUnused(OSDictionary, 5);
    OSMetaClassDeclareReservedUnused(OSDictionary, 6);
    OSMetaClassDeclareReservedUnused(OSDictionary, 7);

public:
    // One reference, or 0 without memory.
    static OSDictionary *withCapacity(unsigned int capacity);
    static OSDictionary *withObjects(const OSObject **objects, const OSSymbol **keys, unsigned int count,
                                     unsigned int capacity = 0);
    static OSDictionary *withObjects(const OSObject **objects, const OSString **keys, unsigned int count,
                                     unsigned int capacity = 0);
    static OSDictionary *withDictionary(const OSDictionary *dict, unsigned int capacity = 0);
    OSCollection *copyCollection(OSDictionary *cycleDict = 0);
};
