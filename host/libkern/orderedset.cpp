// SPDX-License-Identifier: BSD-3-Clause
/*
 * OSOrderedSet (libkern/c++/OSOrderedSet.h; Apple: libkern/c++/OSOrderedSet.cpp): objects in the order of a
 * function, those that compare equal in the order they came.
 */
#include "internal.h"

#define super OSCollection
OSDefineMetaClassAndStructors(OSOrderedSet, OSCollection) RESERVED_0_TO_7(OSOrderedSet)

    struct _Element {
    const OSMetaClassBase *obj;
};

bool OSOrderedSet::initWithCapacity(unsigned int wanted, OSOrderFunction order, void *context)
{
    if (!super::init())
        return false;
    array = (_Element *)container_alloc(wanted, sizeof *array);
    if (!array)
        return false;
    count = 0;
    capacity = wanted;
    capacityIncrement = wanted ? wanted : 16;
    ordering = order;
    orderingRef = context;
    return true;
}

OSOrderedSet *OSOrderedSet::withCapacity(unsigned int capacity, OSOrderFunction order, void *context)
{
    OSOrderedSet *me = new OSOrderedSet;
    return initialised(me, me->initWithCapacity(capacity, order, context));
}

void OSOrderedSet::free()
{
    super::setOptions(0, kImmutable);
    flushCollection();
    container_free(array, capacity, sizeof *array);
    super::free();
}

unsigned int OSOrderedSet::getCount() const
{
    return count;
}

unsigned int OSOrderedSet::getCapacity() const
{
    return capacity;
}

unsigned int OSOrderedSet::getCapacityIncrement() const
{
    return capacityIncrement;
}

unsigned int OSOrderedSet::setCapacityIncrement(unsigned int increment)
{
    return capacityIncrement = increment ? increment : 16;
}

unsigned int OSOrderedSet::ensureCapacity(unsigned int wanted)
{
    container_grow((void **)&array, &capacity, wanted, capacityIncrement, sizeof *array);
    return capacity;
}

void OSOrderedSet::flushCollection()
{
    haveUpdated();
    for (unsigned int i = 0; i < count; i++)
        collection_release(array[i].obj);
    count = 0;
}

bool OSOrderedSet::setObject(unsigned int index, const OSMetaClassBase *object)
{
    if (index > count || !object || containsObject(object) || ensureCapacity(count + 1) <= count)
        return false;
    haveUpdated();
    memmove(array + index + 1, array + index, (count - index) * sizeof *array);
    array[index].obj = object;
    count++;
    collection_retain(object);
    return true;
}

bool OSOrderedSet::setFirstObject(const OSMetaClassBase *object)
{
    return setObject(0, object);
}

bool OSOrderedSet::setLastObject(const OSMetaClassBase *object)
{
    return setObject(count, object);
}

/* Behind those that the function puts before it or that are its equals (result >= 0). */
bool OSOrderedSet::setObject(const OSMetaClassBase *object)
{
    unsigned int i = 0;
    while (i < count && (!ordering || ordering(array[i].obj, object, orderingRef) >= 0))
        i++;
    return setObject(i, object);
}

void OSOrderedSet::removeObject(const OSMetaClassBase *object)
{
    unsigned int i = 0;
    while (i < count && array[i].obj != object)
        i++;
    if (i == count)
        return;
    haveUpdated();
    count--;
    memmove(array + i, array + i + 1, (count - i) * sizeof *array);
    collection_release(object);
}

bool OSOrderedSet::containsObject(const OSMetaClassBase *object) const
{
    return object && member(object);
}

bool OSOrderedSet::member(const OSMetaClassBase *object) const
{
    for (unsigned int i = 0; i < count; i++)
        if (array[i].obj == object)
            return true;
    return false;
}

OSObject *OSOrderedSet::getObject(unsigned int index) const
{
    return index < count ? as_object(array[index].obj) : 0;
}

OSObject *OSOrderedSet::getFirstObject() const
{
    return getObject(0);
}

OSObject *OSOrderedSet::getLastObject() const
{
    return count ? getObject(count - 1) : 0;
}

SInt32 OSOrderedSet::orderObject(const OSMetaClassBase *object)
{
    return ordering ? ordering(object, 0, orderingRef) : 0;
}

void *OSOrderedSet::getOrderingRef()
{
    return orderingRef;
}

bool OSOrderedSet::isEqualTo(const OSOrderedSet *other) const
{
    if (this == other)
        return true;
    if (count != other->getCount())
        return false;
    for (unsigned int i = 0; i < count; i++)
        if (!array[i].obj->isEqualTo(other->getObject(i)))
            return false;
    return true;
}

bool OSOrderedSet::isEqualTo(const OSMetaClassBase *object) const
{
    const OSOrderedSet *other = OSDynamicCast(OSOrderedSet, object);
    return other && isEqualTo(other);
}

unsigned int OSOrderedSet::iteratorSize() const
{
    return sizeof(unsigned int);
}

bool OSOrderedSet::initIterator(void *iterator) const
{
    *(unsigned int *)iterator = 0;
    return true;
}

bool OSOrderedSet::getNextObjectForIterator(void *iterator, OSObject **object) const
{
    *object = getObject((*(unsigned int *)iterator)++);
    return *object;
}

unsigned int OSOrderedSet::setOptions(unsigned int options, unsigned int mask, void *)
{
    unsigned int old = super::setOptions(options, mask);
    if (!((old ^ options) & mask))
        return old;
    for (unsigned int i = 0; i < count; i++)
        if (OSCollection *c = OSDynamicCast(OSCollection, array[i].obj))
            c->setOptions(options, mask);
    return old;
}

OSCollection *OSOrderedSet::copyCollection(OSDictionary *given)
{
    CopyCycle cycle(given);
    if (!cycle.seen)
        return 0;
    if (OSCollection *before = super::copyCollection(cycle.seen))
        return before;
    OSOrderedSet *copy = OSOrderedSet::withCapacity(capacity, ordering, orderingRef);
    if (!copy)
        return 0;
    cycle.seen->setObject((const OSSymbol *)this, copy);
    copy->capacityIncrement = capacityIncrement;
    for (unsigned int i = 0; i < count; i++) {
        OSObject *member = as_object(array[i].obj);
        OSCollection *inner = OSDynamicCast(OSCollection, member);
        OSCollection *innerCopy = inner ? inner->copyCollection(cycle.seen) : 0;
        if (inner && !innerCopy) {
            copy->release();
            return 0;
        }
        copy->setLastObject(inner ? innerCopy : member);
        OSSafeRelease(innerCopy);
    }
    return copy;
}
