// SPDX-License-Identifier: BSD-3-Clause
/* OSArray (libkern/c++/OSArray.h; Apple: libkern/c++/OSArray.cpp). */
#include "internal.h"

#define super OSCollection
OSDefineMetaClassAndStructors(OSArray, OSCollection) RESERVED_0_TO_7(OSArray)

    bool OSArray::initWithCapacity(unsigned int wanted)
{
    if (!super::init())
        return false;
    array = (const OSMetaClassBase **)container_alloc(wanted, sizeof *array);
    if (!array)
        return false;
    count = 0;
    capacity = wanted;
    capacityIncrement = wanted ? wanted : 16;
    return true;
}

bool OSArray::initWithObjects(const OSObject **objects, unsigned int n, unsigned int wanted)
{
    if (!objects || (wanted && n > wanted) || !initWithCapacity(wanted ? wanted : n))
        return false;
    for (; n; n--, objects++) {
        if (!*objects)
            return false;
        array[count++] = *objects;
        collection_retain(*objects);
    }
    return true;
}

bool OSArray::initWithArray(const OSArray *other, unsigned int wanted)
{
    return other && initWithObjects((const OSObject **)other->array, other->count, wanted);
}

OSArray *OSArray::withCapacity(unsigned int capacity)
{
    OSArray *me = new OSArray;
    return initialised(me, me->initWithCapacity(capacity));
}

OSArray *OSArray::withObjects(const OSObject **objects, unsigned int n, unsigned int capacity)
{
    OSArray *me = new OSArray;
    return initialised(me, me->initWithObjects(objects, n, capacity));
}

OSArray *OSArray::withArray(const OSArray *other, unsigned int capacity)
{
    OSArray *me = new OSArray;
    return initialised(me, me->initWithArray(other, capacity));
}

void OSArray::free()
{
    super::setOptions(0, kImmutable);
    flushCollection();
    container_free(array, capacity, sizeof *array);
    super::free();
}

unsigned int OSArray::getCount() const
{
    return count;
}

unsigned int OSArray::getCapacity() const
{
    return capacity;
}

unsigned int OSArray::getCapacityIncrement() const
{
    return capacityIncrement;
}

unsigned int OSArray::setCapacityIncrement(unsigned int increment)
{
    return capacityIncrement = increment ? increment : 16;
}

unsigned int OSArray::ensureCapacity(unsigned int wanted)
{
    container_grow((void **)&array, &capacity, wanted, capacityIncrement, sizeof *array);
    return capacity;
}

void OSArray::flushCollection()
{
    haveUpdated();
    for (unsigned int i = 0; i < count; i++)
        collection_release(array[i]);
    count = 0;
}

bool OSArray::setObject(const OSMetaClassBase *object)
{
    return setObject(count, object);
}

bool OSArray::setObject(unsigned int index, const OSMetaClassBase *object)
{
    if (index > count || !object || ensureCapacity(count + 1) <= count)
        return false;
    haveUpdated();
    memmove(array + index + 1, array + index, (count - index) * sizeof *array);
    array[index] = object;
    count++;
    collection_retain(object);
    return true;
}

bool OSArray::merge(const OSArray *other)
{
    unsigned int n = other->getCount();
    if (!n)
        return true;
    if (ensureCapacity(count + n) < count + n)
        return false;
    haveUpdated();
    for (unsigned int i = 0; i < n; i++) {
        array[count++] = other->getObject(i);
        collection_retain(other->getObject(i));
    }
    return true;
}

void OSArray::replaceObject(unsigned int index, const OSMetaClassBase *object)
{
    if (index >= count || !object)
        return;
    haveUpdated();
    const OSMetaClassBase *old = array[index];
    array[index] = object;
    collection_retain(object);
    collection_release(old);
}

void OSArray::removeObject(unsigned int index)
{
    if (index >= count)
        return;
    haveUpdated();
    const OSMetaClassBase *old = array[index];
    count--;
    memmove(array + index, array + index + 1, (count - index) * sizeof *array);
    collection_release(old);
}

bool OSArray::isEqualTo(const OSArray *other) const
{
    if (this == other)
        return true;
    if (count != other->getCount())
        return false;
    for (unsigned int i = 0; i < count; i++)
        if (!array[i]->isEqualTo(other->getObject(i)))
            return false;
    return true;
}

bool OSArray::isEqualTo(const OSMetaClassBase *object) const
{
    const OSArray *other = OSDynamicCast(OSArray, object);
    return other && isEqualTo(other);
}

OSObject *OSArray::getObject(unsigned int index) const
{
    return index < count ? as_object(array[index]) : 0;
}

OSObject *OSArray::getLastObject() const
{
    return count ? as_object(array[count - 1]) : 0;
}

unsigned int OSArray::getNextIndexOfObject(const OSMetaClassBase *object, unsigned int index) const
{
    for (; index < count; index++)
        if (array[index] == object)
            return index;
    return ~0u;
}

unsigned int OSArray::iteratorSize() const
{
    return sizeof(unsigned int);
}

bool OSArray::initIterator(void *iterator) const
{
    *(unsigned int *)iterator = 0;
    return true;
}

bool OSArray::getNextObjectForIterator(void *iterator, OSObject **object) const
{
    unsigned int index = (*(unsigned int *)iterator)++;
    *object = getObject(index);
    return index < count;
}

bool OSArray::serialize(OSSerialize *s) const
{
    if (s->previouslySerialized(this))
        return true;
    if (!s->addXMLStartTag(this, "array"))
        return false;
    for (unsigned int i = 0; i < count; i++)
        if (!array[i]->serialize(s))
            return false;
    return s->addXMLEndTag("array");
}

unsigned int OSArray::setOptions(unsigned int options, unsigned int mask, void *)
{
    unsigned int old = super::setOptions(options, mask);
    if (!((old ^ options) & mask))
        return old;
    for (unsigned int i = 0; i < count; i++)
        if (OSCollection *c = OSDynamicCast(OSCollection, array[i]))
            c->setOptions(options, mask);
    return old;
}

OSCollection *OSArray::copyCollection(OSDictionary *given)
{
    CopyCycle cycle(given);
    if (!cycle.seen)
        return 0;
    if (OSCollection *before = super::copyCollection(cycle.seen))
        return before;
    OSArray *copy = OSArray::withArray(this);
    if (!copy)
        return 0;
    cycle.seen->setObject((const OSSymbol *)this, copy);
    for (unsigned int i = 0; i < count; i++) {
        OSCollection *inner = OSDynamicCast(OSCollection, array[i]);
        if (!inner)
            continue;
        OSCollection *innerCopy = inner->copyCollection(cycle.seen);
        if (!innerCopy) {
            copy->release();
            return 0;
        }
        copy->replaceObject(i, innerCopy);
        innerCopy->release();
    }
    return copy;
}
