// SPDX-License-Identifier: BSD-3-Clause
/*
 * OSObject (libkern/c++/OSObject.h; Apple: libkern/c++/OSObject.cpp): the reference count. The low half
 * counts all references, the high half those by collections; 0xffff in the low half means that the object is
 * being freed, 0xfffe that the count wrapped and the object stays for ever.
 */
#include "internal.h"

#define super OSMetaClassBase

LX_COUNTER(objects_live, "objects.live")
LX_COUNTER(objects_bytes, "objects.bytes.live")

OSObject::MetaClass OSObject::gMetaClass;
const OSMetaClass *const OSObject::metaClass = &OSObject::gMetaClass;
const OSMetaClass *const OSObject::superClass = 0;

OSObject::MetaClass::MetaClass() : OSMetaClass("OSObject", OSObject::superClass, sizeof(OSObject)) {}
OSObject *OSObject::MetaClass::alloc() const
{
    return 0;
}
const OSMetaClass *OSObject::getMetaClass() const
{
    return &gMetaClass;
}

OSObject::OSObject()
{
    retainCount = 1;
}
OSObject::OSObject(const OSMetaClass *)
{
    retainCount = 1;
}
OSObject::~OSObject() {}

RESERVED_0_TO_7(OSObject)
RESERVED_8_TO_15(OSObject)

bool OSObject::init()
{
    return true;
}

void OSObject::free()
{
    const OSMetaClass *meta = getMetaClass();
    if (meta)
        meta->instanceDestructed();
    delete this;
}

int OSObject::getRetainCount() const
{
    return (UInt16)retainCount;
}

enum : UInt32 { FREEING = 0xffff, PEGGED = 0xfffe, BY_COLLECTION = 1 << 16 };

static UInt32 step(const void *tag)
{
    return tag == (const void *)OSTypeID(OSCollection) ? 1 | BY_COLLECTION : 1;
}

void OSObject::taggedRetain(const void *tag) const
{
    UInt32 *count = (UInt32 *)&retainCount, old = __atomic_load_n(count, __ATOMIC_RELAXED);
    do {
        if ((UInt16)old == FREEING)
            panic("OSObject::refcount: Attempting to retain a freed object");
        if ((UInt16)old == PEGGED)
            return;
    } while (
        !__atomic_compare_exchange_n(count, &old, old + step(tag), true, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED));
}

void OSObject::taggedRelease(const void *tag) const
{
    taggedRelease(tag, 1);
}

/* Frees when the count falls below freeWhen. */
void OSObject::taggedRelease(const void *tag, const int freeWhen) const
{
    UInt32 *count = (UInt32 *)&retainCount, old = __atomic_load_n(count, __ATOMIC_RELAXED), left;
    do {
        if ((UInt16)old >= PEGGED)
            return;
        left = old - step(tag);
    } while (!__atomic_compare_exchange_n(count, &old, (UInt16)left < freeWhen ? (UInt32)FREEING : left, true,
                                          __ATOMIC_SEQ_CST, __ATOMIC_RELAXED));
    if ((UInt16)left < left >> 16)
        panic("A kext releasing a(n) %s has corrupted the registry.", getMetaClass()->getClassName());
    if ((UInt16)left < freeWhen)
        const_cast<OSObject *>(this)->free();
}

void OSObject::retain() const
{
    taggedRetain(0);
}

void OSObject::release() const
{
    taggedRelease(0);
}

void OSObject::release(int freeWhen) const
{
    taggedRelease(0, freeWhen);
}

bool OSObject::serialize(OSSerialize *s) const
{
    if (s->previouslySerialized(this))
        return true;
    return s->addXMLStartTag(this, "string") && s->addString(getMetaClass()->getClassName()) &&
           s->addString(" is not serializable") && s->addXMLEndTag("string");
}

void *OSObject::operator new(size_t size)
{
    void *p = lx_ram_alloc(size, 16, ~0ull);
    if (!p)
        panic("no memory for an object of %lu bytes; give the machine more RAM", (unsigned long)size);
    bzero(p, size);
    lx_count(&objects_live, 1);
    lx_count(&objects_bytes, size);
    return p;
}

void OSObject::operator delete(void *p, size_t size)
{
    if (!p)
        return;
    lx_ram_free(p, size);
    lx_uncount(&objects_live, 1);
    lx_uncount(&objects_bytes, size);
}
