// SPDX-License-Identifier: BSD-3-Clause
// Writes an object graph as XML. Answers to Apple's libkern/c++/OSSerialize.h (Mac OS X 10.6 view).
#pragma once

#include <libkern/c++/OSObject.h>

class OSSet;
class OSDictionary;

// Growing buffer into which objects write themselves as XML; an object met again becomes a reference (xnu
// libkern/c++/OSSerialize.cpp).
class OSSerialize : public OSObject
{
    OSDeclareDefaultStructors(OSSerialize)

protected:
    struct ExpansionData; // the implementation's own

    char *data;
    unsigned int length;
    unsigned int capacity;
    unsigned int capacityIncrement;
    unsigned int tag;
    OSDictionary *tags;
    ExpansionData *reserved;

public:
    // Zero terminated; valid while the serialiser lives.
    virtual char *text(void) const;
    virtual void clearText(void);
    // True when only a reference was written: the caller writes nothing more.
    virtual bool previouslySerialized(const OSMetaClassBase *object);
    virtual bool addXMLStartTag(const OSMetaClassBase *object, const char *tagString);
    virtual bool addXMLEndTag(const char *tagString);
    virtual bool addChar(const char aChar);
    virtual bool addString(const char *cString);
    virtual bool initWithCapacity(unsigned int inCapacity);
    virtual unsigned int getLength(void) const;
    virtual unsigned int getCapacity(void) const;
    virtual unsigned int getCapacityIncrement(void) const;
    virtual unsigned int setCapacityIncrement(unsigned int increment);
    virtual unsigned int ensureCapacity(unsigned int newCapacity);
    virtual void free(void);
    OSMetaClassDeclareReservedUnused(OSSerialize, 0);
    OSMetaClassDeclareReservedUnused(OSSerialize, 1);
    OSMetaClassDeclareReservedUnused(OSSerialize, 2);
    OSMetaClassDeclareReservedUnused(OSSerialize, 3);
    OSMetaClassDeclareReservedUnused(OSSerialize, 4);
    OSMetaClassDeclareReservedUnused(OSSerialize, 5);
    OSMetaClassDeclareReservedUnused(OSSerialize, 6);
    OSMetaClassDeclareReservedUnused(OSSerialize, 7);

public:
    // One reference; the capacity is a first guess.
    static OSSerialize *withCapacity(unsigned int capacity);
};

typedef bool (*OSSerializerCallback)(void *, void *, OSSerialize *);

// An object whose property value is made when somebody serialises it (xnu libkern/c++/OSSerialize.cpp).
class OSSerializer : public OSObject
{
    OSDeclareDefaultStructors(OSSerializer)

protected:
    void *target;
    void *ref;
    OSSerializerCallback callback;

public:
    virtual bool serialize(OSSerialize *serializer) const;

    static OSSerializer *forTarget(void *target, OSSerializerCallback callback, void *ref = 0);
};
