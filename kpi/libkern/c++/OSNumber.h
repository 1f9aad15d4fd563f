// SPDX-License-Identifier: BSD-3-Clause
// Integer of 1 to 64 bits as an object. Answers to Apple's libkern/c++/OSNumber.h (Mac OS X 10.6
// view).
#pragma once

#include <libkern/c++/OSObject.h>

// Integer with a width; values are kept modulo two to the width (xnu libkern/c++/OSNumber.cpp).
class OSNumber : public OSObject
{
    OSDeclareDefaultStructors(OSNumber)

protected:
    struct ExpansionData; // the implementation's own

    unsigned long long value;
    unsigned int size;
    ExpansionData *reserved;

public:
    virtual bool init(unsigned long long value, unsigned int numberOfBits);
    virtual bool init(const char *valueString, unsigned int numberOfBits);
    virtual void free(void);
    // The width.
    virtual unsigned int numberOfBits(void) const;
    virtual unsigned int numberOfBytes(void) const;
    virtual unsigned char unsigned8BitValue(void) const;
    virtual unsigned short unsigned16BitValue(void) const;
    virtual unsigned int unsigned32BitValue(void) const;
    virtual unsigned long long unsigned64BitValue(void) const;
    // Modulo the width; not atomic.
    virtual void addValue(long long value);
    virtual void setValue(unsigned long long value);
    virtual bool isEqualTo(const OSNumber *aNumber) const;
    virtual bool isEqualTo(const OSMetaClassBase *anObject) const;
    virtual bool serialize(OSSerialize *serializer) const;
    OSMetaClassDeclareReservedUnused(OSNumber, 0);
    OSMetaClassDeclareReservedUnused(OSNumber, 1);
    OSMetaClassDeclareReservedUnused(OSNumber, 2);
    OSMetaClassDeclareReservedUnused(OSNumber, 3);
    OSMetaClassDeclareReservedUnused(OSNumber, 4);
    OSMetaClassDeclareReservedUnused(OSNumber, 5);
    OSMetaClassDeclareReservedUnused(OSNumber, 6);
    OSMetaClassDeclareReservedUnused(OSNumber, 7);

public:
    // One reference; numberOfBits is at most 64.
    static OSNumber *withNumber(unsigned long long value, unsigned int numberOfBits);
    static OSNumber *withNumber(const char *valueString, unsigned int numberOfBits);
};
