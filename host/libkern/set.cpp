// SPDX-License-Identifier: BSD-3-Clause
/* OSSet (libkern/c++/OSSet.h; Apple: libkern/c++/OSSet.cpp): an array whose members differ by address. */
#include "internal.h"

#define super OSCollection
OSDefineMetaClassAndStructors(OSSet, OSCollection) RESERVED_0_TO_7(OSSet)

    bool OSSet::initWithCapacity(unsigned int capacity)
{
    if (!super::init())
        return false;
    members = OSArray::withCapacity(capacity);
    return members;
}

bool OSSet::initWithObjects(const OSObject **objects, unsigned int n, unsigned int capacity)
{
    if (!objects || (capacity && n > capacity) || !initWithCapacity(capacity ? capacity : n))
        return false;
    for (unsigned int i = 0; i < n; i++)
        setObject(objects[i]);
    return true;
}

bool OSSet::initWithArray(const OSArray *other, unsigned int capacity)
{
    return other && initWithObjects((const OSObject **)other->array, other->count, capacity);
}

bool OSSet::initWithSet(const OSSet *other, unsigned int capacity)
{
    return initWithArray(other->members, capacity);
}

OSSet *OSSet::withCapacity(unsigned int capacity)
{
    OSSet *me = new OSSet;
    return initialised(me, me->initWithCapacity(capacity));
}

OSSet *OSSet::withObjects(const OSObject **objects, unsigned int n, unsigned int capacity)
{
    OSSet *me = new OSSet;
    return initialised(me, me->initWithObjects(objects, n, capacity));
}

OSSet *OSSet::withArray(const OSArray *other, unsigned int capacity)
{
    OSSet *me = new OSSet;
    return initialised(me, me->initWithArray(other, capacity));
}

OSSet *OSSet::withSet(const OSSet *other, unsigned int capacity)
{
    OSSet *me = new OSSet;
    return initialised(me, me->initWithSet(other, capacity));
}

void OSSet::free()
{
    OSArray *inner = members;
    members = 0;
    if (inner) {
        inner->super::setOptions(0, kImmutable); /* others may hold the array still */
        inner->release();
    }
    super::free();
}

unsigned int OSSet::getCount() const
{
    return members->count;
}

unsigned int OSSet::getCapacity() const
{
    return members->capacity;
}

unsigned int OSSet::getCapacityIncrement() const
{
    return members->capacityIncrement;
}

unsigned int OSSet::setCapacityIncrement(unsigned int increment)
{
    return members->setCapacityIncrement(increment);
}

unsigned int OSSet::ensureCapacity(unsigned int capacity)
{
    return members->ensureCapacity(capacity);
}

void OSSet::flushCollection()
{
    haveUpdated();
    members->flushCollection();
}

bool OSSet::setObject(const OSMetaClassBase *object)
{
    if (containsObject(object))
        return false;
    haveUpdated();
    return members->setObject(object);
}

/* true when every object of the array is a member afterwards. */
bool OSSet::merge(const OSArray *array)
{
    bool all = true;
    for (unsigned int i = 0; i < array->getCount(); i++)
        if (!containsObject(array->getObject(i)) && !setObject(array->getObject(i)))
            all = false;
    return all;
}

bool OSSet::merge(const OSSet *set)
{
    return merge(set->members);
}

void OSSet::removeObject(const OSMetaClassBase *object)
{
    unsigned int i = members->getNextIndexOfObject(object, 0);
    if (i == ~0u)
        return;
    haveUpdated();
    members->removeObject(i);
}

bool OSSet::containsObject(const OSMetaClassBase *object) const
{
    return object && member(object);
}

bool OSSet::member(const OSMetaClassBase *object) const
{
    return members->getNextIndexOfObject(object, 0) != ~0u;
}

OSObject *OSSet::getAnyObject() const
{
    return members->getObject(0);
}

/* Members pair up by address or else by place, as Apple's. */
bool OSSet::isEqualTo(const OSSet *other) const
{
    if (this == other)
        return true;
    if (members->count != other->getCount())
        return false;
    for (unsigned int i = 0; i < members->count; i++) {
        const OSMetaClassBase *theirs = other->members->getObject(i);
        if (!containsObject(theirs) && !theirs->isEqualTo(members->getObject(i)))
            return false;
    }
    return true;
}

bool OSSet::isEqualTo(const OSMetaClassBase *object) const
{
    const OSSet *other = OSDynamicCast(OSSet, object);
    return other && isEqualTo(other);
}

unsigned int OSSet::iteratorSize() const
{
    return sizeof(unsigned int);
}

bool OSSet::initIterator(void *iterator) const
{
    *(unsigned int *)iterator = 0;
    return true;
}

bool OSSet::getNextObjectForIterator(void *iterator, OSObject **object) const
{
    *object = members->getObject((*(unsigned int *)iterator)++);
    return *object;
}

bool OSSet::serialize(OSSerialize *s) const
{
    if (s->previouslySerialized(this))
        return true;
    if (!s->addXMLStartTag(this, "set"))
        return false;
    for (unsigned int i = 0; i < members->count; i++)
        if (!members->getObject(i)->serialize(s))
            return false;
    return s->addXMLEndTag("set");
}

unsigned int OSSet::setOptions(unsigned int options, unsigned int mask, void *)
{
    unsigned int old = super::setOptions(options, mask);
    if ((old ^ options) & mask)
        members->setOptions(options, mask);
    return old;
}

OSCollection *OSSet::copyCollection(OSDictionary *given)
{
    CopyCycle cycle(given);
    if (!cycle.seen)
        return 0;
    if (OSCollection *before = super::copyCollection(cycle.seen))
        return before;
    OSSet *copy = OSSet::withCapacity(members->capacity);
    if (!copy)
        return 0;
    cycle.seen->setObject((const OSSymbol *)this, copy);
    copy->setCapacityIncrement(members->capacityIncrement);
    for (unsigned int i = 0; i < members->count; i++) {
        OSObject *member = members->getObject(i);
        OSCollection *inner = OSDynamicCast(OSCollection, member);
        OSCollection *innerCopy = inner ? inner->copyCollection(cycle.seen) : 0;
        if (inner && !innerCopy) {
            copy->release();
            return 0;
        }
        copy->members->setObject(inner ? innerCopy : member);
        OSSafeRelease(innerCopy);
    }
    return copy;
}
