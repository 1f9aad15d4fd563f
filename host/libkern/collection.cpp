// SPDX-License-Identifier: BSD-3-Clause
/*
 * OSCollection, OSIterator, OSCollectionIterator (libkern/c++/; Apple: OSCollection.cpp, OSIterator.cpp,
 * OSCollectionIterator.cpp). A change moves the collection's update stamp on, which makes its iterators
 * invalid.
 */
#include "internal.h"
#include <libkern/OSDebug.h>

/* ---- OSCollection -------------------------------------------------------------------------------------- */
OSDefineMetaClassAndAbstractStructors(OSCollection, OSObject) RESERVED_2_TO_7(OSCollection)

    bool OSCollection::init()
{
    if (!OSObject::init())
        return false;
    updateStamp = 0;
    return true;
}

/* A property table in the registry is immutable: 64-bit kernels panic when a driver changes one in place. */
void OSCollection::haveUpdated()
{
    if (fOptions & kImmutable)
        panic("Trying to change a collection in the registry");
    updateStamp++;
}

unsigned int OSCollection::setOptions(unsigned int options, unsigned int mask, void *)
{
    unsigned int old = fOptions;
    if (mask)
        fOptions = (old & ~mask) | (options & mask);
    return old;
}

/* What a class that has its own copyCollection calls first: the copy made already in this cycle. Without a
 * cycle: a class that has none shares itself. */
OSCollection *OSCollection::copyCollection(OSDictionary *seen)
{
    OSObject *copy = seen ? seen->getObject((const OSSymbol *)this) : this;
    if (copy)
        copy->retain();
    return (OSCollection *)copy;
}

/* ---- OSIterator ---------------------------------------------------------------------------------------- */
OSDefineMetaClassAndAbstractStructors(OSIterator, OSObject) OSMetaClassDefineReservedUnused(OSIterator, 0)
    OSMetaClassDefineReservedUnused(OSIterator, 1) OSMetaClassDefineReservedUnused(OSIterator, 2)
        OSMetaClassDefineReservedUnused(OSIterator, 3)

    /* ---- OSCollectionIterator
       ------------------------------------------------------------------------------ */
    OSDefineMetaClassAndStructors(OSCollectionIterator, OSIterator)

        bool OSCollectionIterator::initWithCollection(const OSCollection *c)
{
    if (!OSIterator::init() || !c)
        return false;
    c->retain();
    collection = c;
    collIterator = 0;
    initialUpdateStamp = 0;
    valid = false;
    return true;
}

OSCollectionIterator *OSCollectionIterator::withCollection(const OSCollection *c)
{
    OSCollectionIterator *me = new OSCollectionIterator;
    return initialised(me, me->initWithCollection(c));
}

void OSCollectionIterator::free()
{
    if (collIterator)
        container_free(collIterator, collection->iteratorSize(), 1);
    OSSafeRelease(collection);
    OSIterator::free();
}

void OSCollectionIterator::reset()
{
    valid = false;
    if (!collIterator)
        collIterator = container_alloc(collection->iteratorSize(), 1);
    if (!collIterator || !collection->initIterator(collIterator))
        return;
    initialUpdateStamp = collection->updateStamp;
    valid = true;
}

bool OSCollectionIterator::isValid()
{
    if (!collIterator)
        reset();
    return valid && collection->updateStamp == initialUpdateStamp;
}

OSObject *OSCollectionIterator::getNextObject()
{
    OSObject *object;
    if (!isValid() || !collection->getNextObjectForIterator(collIterator, &object))
        return 0;
    return object;
}
