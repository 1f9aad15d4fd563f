// SPDX-License-Identifier: BSD-3-Clause
// Bytes as an object. Answers to Apple's libkern/c++/OSData.h (Mac OS X 10.6 view).
#pragma once

#include <libkern/c++/OSObject.h>

class OSString;

// Bytes, copied in or shared (xnu libkern/c++/OSData.cpp).
class OSData : public OSObject
{
    OSDeclareDefaultStructors(OSData)

protected:
    struct ExpansionData; // the implementation's own

private:
    typedef void (*DeallocFunction)(void *, unsigned int);

protected:
    void *data;
    unsigned int length;
    unsigned int capacity;
    unsigned int capacityIncrement;
    ExpansionData *reserved;

public:
    virtual bool initWithCapacity(unsigned int capacity);
    virtual bool initWithBytes(const void *bytes, unsigned int numBytes);
    virtual bool initWithBytesNoCopy(void *bytes, unsigned int numBytes);
    virtual bool initWithData(const OSData *inData);
    virtual bool initWithData(const OSData *inData, unsigned int start, unsigned int numBytes);
    virtual void free(void);
    virtual unsigned int getLength(void) const;
    virtual unsigned int getCapacity(void) const;
    virtual unsigned int getCapacityIncrement(void) const;
    virtual unsigned int setCapacityIncrement(unsigned int increment);
    virtual unsigned int ensureCapacity(unsigned int newCapacity);
    // Grows; false when the bytes are shared or memory lacks.
    virtual bool appendBytes(const void *bytes, unsigned int numBytes);
    virtual bool appendBytes(const OSData *aDataObj);
    // Valid until the data changes or is freed; 0 when empty or out of range.
    virtual const void *getBytesNoCopy(void) const;
    virtual const void *getBytesNoCopy(unsigned int start, unsigned int numBytes) const;
    virtual bool isEqualTo(const OSData *aDataObj) const;
    virtual bool isEqualTo(const void *bytes, unsigned int numBytes) const;
    virtual bool isEqualTo(const OSMetaClassBase *anObject) const;
    virtual bool isEqualTo(const OSString *aString) const;
    virtual bool serialize(OSSerialize *serializer) const;
    virtual bool appendByte(unsigned char byte, unsigned int numBytes);

private:
#ifndef KPI_10_5
    virtual void setDeallocFunction(DeallocFunction func);
#else
    OSMetaClassDeclareReservedUnused(OSData, 0);
#endif
    OSMetaClassDeclareReservedUnused(OSData, 1);
    OSMetaClassDeclareReservedUnused(OSData, 2);
    OSMetaClassDeclareReservedUnused(OSData, 3);
    OSMetaClassDeclareReservedUnused(OSData, 4);
    OSMetaClassDeclareReservedUnused(OSData, 5);
    OSMetaClassDeclareReservedUnused(OSData, 6);
    OSMetaClassDeclareReservedUnused(OSData, 7);

public:
    static OSData *withCapacity(unsigned int capacity);
    // A copy; one reference.
    static OSData *withBytes(const void *bytes, unsigned int numBytes);
    // Shares the bytes: they must outlive the object.
    static OSData *withBytesNoCopy(void *bytes, unsigned int numBytes);
    static OSData *withData(const OSData *inData);
    static OSData *withData(const OSData *inData, unsigned int start, unsigned int numBytes);
};
