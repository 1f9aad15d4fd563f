// SPDX-License-Identifier: BSD-3-Clause
// The two truth values as objects. Answers to Apple's libkern/c++/OSBoolean.h (Mac OS X 10.6 view).
#pragma once

#include <libkern/c++/OSObject.h>

class OSString;

// kOSBooleanTrue and kOSBooleanFalse are the only instances: comparing addresses is enough (xnu
// libkern/c++/OSBoolean.cpp).
class OSBoolean : public OSObject
{
    OSDeclareDefaultStructors(OSBoolean)

protected:
    bool value;

    virtual void taggedRelease(const void *tag, const int when) const;

public:
    virtual void free(void);
    virtual void taggedRetain(const void *tag) const;
    virtual bool isTrue(void) const;
    virtual bool isFalse(void) const;
    virtual bool getValue(void) const;
    virtual bool isEqualTo(const OSBoolean *aBoolean) const;
    virtual bool isEqualTo(const OSMetaClassBase *anObject) const;
    virtual bool serialize(OSSerialize *serializer) const;
    OSMetaClassDeclareReservedUnused(OSBoolean, 0);
    OSMetaClassDeclareReservedUnused(OSBoolean, 1);
    OSMetaClassDeclareReservedUnused(OSBoolean, 2);
    OSMetaClassDeclareReservedUnused(OSBoolean, 3);
    OSMetaClassDeclareReservedUnused(OSBoolean, 4);
    OSMetaClassDeclareReservedUnused(OSBoolean, 5);
    OSMetaClassDeclareReservedUnused(OSBoolean, 6);
    OSMetaClassDeclareReservedUnused(OSBoolean, 7);

public:
    static void initialize(void);
    // One of the two; need not be released.
    static OSBoolean *withBoolean(bool value);
};

extern OSBoolean *const &kOSBooleanTrue;
extern OSBoolean *const &kOSBooleanFalse;
