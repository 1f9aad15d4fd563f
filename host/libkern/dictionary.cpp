// SPDX-License-Identifier: BSD-3-Clause
/* OSDictionary (libkern/c++/OSDictionary.h; Apple: libkern/c++/OSDictionary.cpp): keys compare by address. */
#include "internal.h"

#define super OSCollection
OSDefineMetaClassAndStructors(OSDictionary, OSCollection) RESERVED_0_TO_7(OSDictionary)

    bool OSDictionary::initWithCapacity(unsigned int wanted)
{
    if (!super::init())
        return false;
    dictionary = (dictEntry *)container_alloc(wanted, sizeof *dictionary);
    if (!dictionary)
        return false;
    count = 0;
    capacity = wanted;
    capacityIncrement = wanted ? wanted : 16;
    return true;
}

bool OSDictionary::initWithObjects(const OSObject **objects, const OSSymbol **keys, unsigned int n,
                                   unsigned int wanted)
{
    if (!objects || !keys || (wanted && n > wanted) || !initWithCapacity(wanted ? wanted : n))
        return false;
    for (unsigned int i = 0; i < n; i++)
        if (!setObject(keys[i], objects[i]))
            return false;
    return true;
}

bool OSDictionary::initWithObjects(const OSObject **objects, const OSString **keys, unsigned int n,
                                   unsigned int wanted)
{
    if (!objects || !keys || (wanted && n > wanted) || !initWithCapacity(wanted ? wanted : n))
        return false;
    for (unsigned int i = 0; i < n; i++)
        if (!keys[i] || !setObject(keys[i], objects[i]))
            return false;
    return true;
}

bool OSDictionary::initWithDictionary(const OSDictionary *other, unsigned int wanted)
{
    if (!other || (wanted && other->count > wanted) || !initWithCapacity(wanted ? wanted : other->count))
        return false;
    count = other->count;
    for (unsigned int i = 0; i < count; i++) {
        dictionary[i] = other->dictionary[i];
        collection_retain(dictionary[i].key);
        collection_retain(dictionary[i].value);
    }
    return true;
}

OSDictionary *OSDictionary::withCapacity(unsigned int capacity)
{
    OSDictionary *me = new OSDictionary;
    return initialised(me, me->initWithCapacity(capacity));
}

OSDictionary *OSDictionary::withObjects(const OSObject **objects, const OSSymbol **keys, unsigned int n,
                                        unsigned int capacity)
{
    OSDictionary *me = new OSDictionary;
    return initialised(me, me->initWithObjects(objects, keys, n, capacity));
}

OSDictionary *OSDictionary::withObjects(const OSObject **objects, const OSString **keys, unsigned int n,
                                        unsigned int capacity)
{
    OSDictionary *me = new OSDictionary;
    return initialised(me, me->initWithObjects(objects, keys, n, capacity));
}

OSDictionary *OSDictionary::withDictionary(const OSDictionary *other, unsigned int capacity)
{
    OSDictionary *me = new OSDictionary;
    return initialised(me, me->initWithDictionary(other, capacity));
}

void OSDictionary::free()
{
    super::setOptions(0, kImmutable);
    flushCollection();
    container_free(dictionary, capacity, sizeof *dictionary);
    super::free();
}

unsigned int OSDictionary::getCount() const
{
    return count;
}

unsigned int OSDictionary::getCapacity() const
{
    return capacity;
}

unsigned int OSDictionary::getCapacityIncrement() const
{
    return capacityIncrement;
}

unsigned int OSDictionary::setCapacityIncrement(unsigned int increment)
{
    return capacityIncrement = increment ? increment : 16;
}

unsigned int OSDictionary::ensureCapacity(unsigned int wanted)
{
    container_grow((void **)&dictionary, &capacity, wanted, capacityIncrement, sizeof *dictionary);
    return capacity;
}

void OSDictionary::flushCollection()
{
    haveUpdated();
    for (unsigned int i = 0; i < count; i++) {
        collection_release(dictionary[i].key);
        collection_release(dictionary[i].value);
    }
    count = 0;
}

/* ---- by symbol ----------------------------------------------------------------------------------------- */
/* count when there is none. */
template <class Entry>
static unsigned int index_of(const Entry *entries, unsigned int count, const OSSymbol *key)
{
    unsigned int i = 0;
    while (i < count && entries[i].key != key)
        i++;
    return i;
}

bool OSDictionary::setObject(const OSSymbol *key, const OSMetaClassBase *object)
{
    if (!object || !key)
        return false;
    unsigned int i = index_of(dictionary, count, key);
    if (i < count) {
        const OSMetaClassBase *old = dictionary[i].value;
        haveUpdated();
        collection_retain(object);
        dictionary[i].value = object;
        collection_release(old);
        return true;
    }
    if (ensureCapacity(count + 1) <= count)
        return false;
    haveUpdated();
    collection_retain(key);
    collection_retain(object);
    dictionary[count].key = key;
    dictionary[count].value = object;
    count++;
    return true;
}

void OSDictionary::removeObject(const OSSymbol *key)
{
    unsigned int i = index_of(dictionary, count, key);
    if (!key || i == count)
        return;
    dictEntry old = dictionary[i];
    haveUpdated();
    count--;
    memmove(dictionary + i, dictionary + i + 1, (count - i) * sizeof *dictionary);
    collection_release(old.key);
    collection_release(old.value);
}

OSObject *OSDictionary::getObject(const OSSymbol *key) const
{
    unsigned int i = index_of(dictionary, count, key);
    return key && i < count ? as_object(dictionary[i].value) : 0;
}

bool OSDictionary::merge(const OSDictionary *other)
{
    if (!OSDynamicCast(OSDictionary, other))
        return false;
    for (unsigned int i = 0; i < other->count; i++)
        if (!setObject(other->dictionary[i].key, other->dictionary[i].value))
            return false;
    return true;
}

/* ---- by text: a symbol for the time of the call -------------------------------------------------------- */
struct Key {
    const OSSymbol *symbol;
    explicit Key(const OSString *s) : symbol(s ? OSSymbol::withString(s) : 0) {}
    explicit Key(const char *s) : symbol(s ? OSSymbol::withCString(s) : 0) {}
    ~Key() { OSSafeRelease(symbol); }
};

bool OSDictionary::setObject(const OSString *key, const OSMetaClassBase *object)
{
    return setObject(Key(key).symbol, object);
}

bool OSDictionary::setObject(const char *key, const OSMetaClassBase *object)
{
    return setObject(Key(key).symbol, object);
}

void OSDictionary::removeObject(const OSString *key)
{
    removeObject(Key(key).symbol);
}

void OSDictionary::removeObject(const char *key)
{
    removeObject(Key(key).symbol);
}

OSObject *OSDictionary::getObject(const OSString *key) const
{
    return getObject(Key(key).symbol);
}

OSObject *OSDictionary::getObject(const char *key) const
{
    return getObject(Key(key).symbol);
}

/* ---- comparing ----------------------------------------------------------------------------------------- */
bool OSDictionary::isEqualTo(const OSDictionary *other, const OSCollection *keys) const
{
    if (this == other)
        return true;
    if (count < keys->getCount() || other->getCount() < keys->getCount())
        return false;
    OSCollectionIterator *each = OSCollectionIterator::withCollection(keys);
    bool equal = each;
    while (const OSString *key = equal ? OSDynamicCast(OSString, each->getNextObject()) : 0) {
        const OSMetaClassBase *mine = getObject(key), *theirs = other->getObject(key);
        equal = mine && theirs && mine->isEqualTo(theirs);
    }
    OSSafeRelease(each);
    return equal;
}

bool OSDictionary::isEqualTo(const OSDictionary *other) const
{
    if (this == other)
        return true;
    if (count != other->getCount())
        return false;
    for (unsigned int i = 0; i < count; i++) {
        const OSMetaClassBase *theirs = other->getObject(dictionary[i].key);
        if (!theirs || !dictionary[i].value->isEqualTo(theirs))
            return false;
    }
    return true;
}

bool OSDictionary::isEqualTo(const OSMetaClassBase *object) const
{
    const OSDictionary *other = OSDynamicCast(OSDictionary, object);
    return other && isEqualTo(other);
}

/* ---- iterating: over the keys -------------------------------------------------------------------------- */
unsigned int OSDictionary::iteratorSize() const
{
    return sizeof(unsigned int);
}

bool OSDictionary::initIterator(void *iterator) const
{
    *(unsigned int *)iterator = 0;
    return true;
}

bool OSDictionary::getNextObjectForIterator(void *iterator, OSObject **object) const
{
    unsigned int i = (*(unsigned int *)iterator)++;
    *object = i < count ? as_object((const OSMetaClassBase *)dictionary[i].key) : 0;
    return *object;
}

bool OSDictionary::serialize(OSSerialize *s) const
{
    if (s->previouslySerialized(this))
        return true;
    if (!s->addXMLStartTag(this, "dict"))
        return false;
    for (unsigned int i = 0; i < count; i++) {
        const OSSymbol *key = OSDynamicCast(OSSymbol, dictionary[i].key);
        if (!key || !s->addString("<key>") || !libkern_add_text(s, key->getCStringNoCopy()) ||
            !s->addXMLEndTag("key") || !dictionary[i].value->serialize(s))
            return false;
    }
    return s->addXMLEndTag("dict");
}

unsigned int OSDictionary::setOptions(unsigned int options, unsigned int mask, void *)
{
    unsigned int old = super::setOptions(options, mask);
    if (!((old ^ options) & mask))
        return old;
    for (unsigned int i = 0; i < count; i++)
        if (OSCollection *c = OSDynamicCast(OSCollection, dictionary[i].value))
            c->setOptions(options, mask);
    return old;
}

OSCollection *OSDictionary::copyCollection(OSDictionary *given)
{
    CopyCycle cycle(given);
    if (!cycle.seen)
        return 0;
    if (OSCollection *before = super::copyCollection(cycle.seen))
        return before;
    OSDictionary *copy = OSDictionary::withDictionary(this);
    if (!copy)
        return 0;
    cycle.seen->setObject((const OSSymbol *)this, copy);
    for (unsigned int i = 0; i < count; i++) {
        OSCollection *inner = OSDynamicCast(OSCollection, dictionary[i].value);
        if (!inner)
            continue;
        OSCollection *innerCopy = inner->copyCollection(cycle.seen);
        if (!innerCopy) {
            copy->release();
            return 0;
        }
        copy->setObject(dictionary[i].key, innerCopy);
        innerCopy->release();
    }
    return copy;
}
