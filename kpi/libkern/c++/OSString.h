// SPDX-License-Identifier: BSD-3-Clause
// C string as an object. Answers to Apple's libkern/c++/OSString.h (Mac OS X 10.6 view).
#pragma once

#include <libkern/c++/OSObject.h>

class OSData;
enum {
    kOSStringNoCopy = 0x1
};

// Text of fixed storage: length does not count the final zero (xnu libkern/c++/OSString.cpp).
class OSString : public OSObject
{
    OSDeclareDefaultStructors(OSString)

protected:
    unsigned int flags;
    unsigned int length;
    char *string;

public:
    virtual bool initWithString(const OSString *aString);
    virtual bool initWithCString(const char *cString);
    virtual bool initWithCStringNoCopy(const char *cString);
    virtual void free(void);
    // Bytes without the final zero.
    virtual unsigned int getLength(void) const;
    virtual char getChar(unsigned int index) const;
    virtual bool setChar(char aChar, unsigned int index);
    // Valid while the string lives; zero terminated.
    virtual const char *getCStringNoCopy(void) const;
    virtual bool isEqualTo(const OSString *aString) const;
    virtual bool isEqualTo(const char *cString) const;
    virtual bool isEqualTo(const OSMetaClassBase *anObject) const;
    virtual bool isEqualTo(const OSData *aDataObject) const;
    virtual bool serialize(OSSerialize *serializer) const;
    OSMetaClassDeclareReservedUnused(OSString, 0);
    OSMetaClassDeclareReservedUnused(OSString, 1);
    OSMetaClassDeclareReservedUnused(OSString, 2);
    OSMetaClassDeclareReservedUnused(OSString, 3);
    OSMetaClassDeclareReservedUnused(OSString, 4);
    OSMetaClassDeclareReservedUnused(OSString, 5);
    OSMetaClassDeclareReservedUnused(OSString, 6);
    OSMetaClassDeclareReservedUnused(OSString, 7);
    OSMetaClassDeclareReservedUnused(OSString, 8);
    OSMetaClassDeclareReservedUnused(OSString, 9);
    OSMetaClassDeclareReservedUnused(OSString, 10);
    OSMetaClassDeclareReservedUnused(OSString, 11);
    OSMetaClassDeclareReservedUnused(OSString, 12);
    OSMetaClassDeclareReservedUnused(OSString, 13);
    OSMetaClassDeclareReservedUnused(OSString, 14);
    OSMetaClassDeclareReservedUnused(OSString, 15);

public:
    static OSString *withString(const OSString *aString);
    // A copy; one reference.
    static OSString *withCString(const char *cString);
    // Keeps the pointer: the text must outlive the object.
    static OSString *withCStringNoCopy(const char *cString);
};
