// SPDX-License-Identifier: BSD-3-Clause
// The reference counted base of every libkern object. Answers to Apple's libkern/c++/OSObject.h (Mac
// OS X 10.6 view).
#pragma once

#include <libkern/c++/OSMetaClass.h>

class OSSymbol;
class OSString;

// Reference counted object: created with one reference, freed when the last is released. retain and
// release may be called in any thread but not in primary interrupt context (xnu libkern/c++/OSObject.cpp).
class OSObject : public OSMetaClassBase
{
    OSDeclareAbstractStructors(OSObject)

private:
    int retainCount;

protected:
    // Drops a reference; with freeWhen, frees the object when that many are left.
    virtual void release(int freeWhen) const;
    virtual void taggedRelease(const void *tag, const int freeWhen) const;
    // Called once after alloc; false means that the caller must release the object.
    virtual bool init(void);
    // Runs on the last release: undo what init did, then call the superclass's free. It must cope with a
    // failed init.
    virtual void free(void);

public:
    // For debugging only: it is old when it returns.
    virtual int getRetainCount(void) const;
    // Adds a reference.
    virtual void retain(void) const;
    virtual void release(void) const;
    // A reference that a container owns: OSCollection panics when such an object is released too often.
    virtual void taggedRetain(const void *tag = 0) const;
    virtual void taggedRelease(const void *tag = 0) const;
    virtual bool serialize(OSSerialize *serializer) const;
    OSMetaClassDeclareReservedUnused(OSObject, 0);
    OSMetaClassDeclareReservedUnused(OSObject, 1);
    OSMetaClassDeclareReservedUnused(OSObject, 2);
    OSMetaClassDeclareReservedUnused(OSObject, 3);
    OSMetaClassDeclareReservedUnused(OSObject, 4);
    OSMetaClassDeclareReservedUnused(OSObject, 5);
    OSMetaClassDeclareReservedUnused(OSObject, 6);
    OSMetaClassDeclareReservedUnused(OSObject, 7);
    OSMetaClassDeclareReservedUnused(OSObject, 8);
    OSMetaClassDeclareReservedUnused(OSObject, 9);
    OSMetaClassDeclareReservedUnused(OSObject, 10);
    OSMetaClassDeclareReservedUnused(OSObject, 11);
    OSMetaClassDeclareReservedUnused(OSObject, 12);
    OSMetaClassDeclareReservedUnused(OSObject, 13);
    OSMetaClassDeclareReservedUnused(OSObject, 14);
    OSMetaClassDeclareReservedUnused(OSObject, 15);

protected:
    static void operator delete(void *mem, size_t size);

public:
    static void *operator new(size_t size);
};
