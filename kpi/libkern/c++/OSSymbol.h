// SPDX-License-Identifier: BSD-3-Clause
// Unique string: equal contents are the same object. Answers to Apple's libkern/c++/OSSymbol.h (Mac
// OS X 10.6 view).
#pragma once

#include <libkern/c++/OSString.h>

// String of which there is one object for equal contents: comparing addresses is enough (xnu
// libkern/c++/OSSymbol.cpp).
class OSSymbol : public OSString
{
    OSDeclareAbstractStructors(OSSymbol)

protected:
    struct ExpansionData; // the implementation's own

private:
    ExpansionData *reserved;

    virtual bool initWithString(const OSString *aString);
    virtual bool initWithCString(const char *cString);
    virtual bool initWithCStringNoCopy(const char *cString);

protected:
    virtual void taggedRelease(const void *tag, const int freeWhen) const;
    virtual void free(void);

public:
    virtual void taggedRelease(const void *tag) const;
    virtual bool isEqualTo(const OSSymbol *aSymbol) const;
    virtual bool isEqualTo(const char *cString) const;
    virtual bool isEqualTo(const OSMetaClassBase *anObject) const;
    OSMetaClassDeclareReservedUnused(OSSymbol, 0);
    OSMetaClassDeclareReservedUnused(OSSymbol, 1);
    OSMetaClassDeclareReservedUnused(OSSymbol, 2);
    OSMetaClassDeclareReservedUnused(OSSymbol, 3);
    OSMetaClassDeclareReservedUnused(OSSymbol, 4);
    OSMetaClassDeclareReservedUnused(OSSymbol, 5);
    OSMetaClassDeclareReservedUnused(OSSymbol, 6);
    OSMetaClassDeclareReservedUnused(OSSymbol, 7);

    static void initialize(void);

public:
    static const OSSymbol *withString(const OSString *aString);
    // One reference to the only such symbol.
    static const OSSymbol *withCString(const char *cString);
    // As withCString; the text must live as long as any symbol of that contents: use it for literals only.
    static const OSSymbol *withCStringNoCopy(const char *cString);
    static void checkForPageUnload(void *startAddr, void *endAddr);
};
