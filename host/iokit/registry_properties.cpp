// SPDX-License-Identifier: BSD-3-Clause
/*
 * IORegistryEntry: properties, under one recursive lock for all tables, and names and locations. Answers to
 * IOKit/IORegistryEntry.h; behaviour as in xnu-2422.115.4 iokit/Kernel/IORegistryEntry.cpp.
 */
#include "iokit/impl.h"

/* A symbol for a key of another kind; released at the end of the scope. */
struct KeyScope {
    const OSSymbol *key;
    explicit KeyScope(const char *text) : key(OSSymbol::withCString(text)) {}
    explicit KeyScope(const OSString *text) : key(OSSymbol::withString(text)) {}
    ~KeyScope() { key->release(); }
};

OSDictionary *IORegistryEntry::getPropertyTable(void) const
{
    return fPropertyTable;
}

void IORegistryEntry::setPropertyTable(OSDictionary *dict)
{
    if (dict)
        dict->retain();
    drop(fPropertyTable);
    fPropertyTable = dict;
}

IOReturn IORegistryEntry::setProperties(OSObject *properties)
{
    return kIOReturnUnsupported;
}

IOReturn IORegistryEntry::runPropertyAction(Action action, OSObject *target, void *arg0, void *arg1,
                                            void *arg2, void *arg3)
{
    LockScope hold(registry_properties);
    return action(target, arg0, arg1, arg2, arg3);
}

OSDictionary *IORegistryEntry::dictionaryWithProperties(void) const
{
    LockScope hold(registry_properties);
    return OSDictionary::withDictionary(getPropertyTable(), getPropertyTable()->getCapacity());
}

/* Works on a snapshot: serialising may take long and call into classes of kexts. */
bool IORegistryEntry::serializeProperties(OSSerialize *s) const
{
    IORecursiveLockLock(registry_properties);
    OSCollection *snapshot = getPropertyTable()->copyCollection();
    IORecursiveLockUnlock(registry_properties);
    bool ok = snapshot && snapshot->serialize(s);
    if (snapshot)
        snapshot->release();
    return ok;
}

/* ---- one key ---- */
OSObject *IORegistryEntry::getProperty(const OSSymbol *aKey) const
{
    LockScope hold(registry_properties);
    return getPropertyTable()->getObject(aKey);
}

OSObject *IORegistryEntry::getProperty(const OSString *aKey) const
{
    return getProperty(KeyScope(aKey).key);
}

OSObject *IORegistryEntry::getProperty(const char *aKey) const
{
    return getProperty(KeyScope(aKey).key);
}

/* Through getProperty, which subclasses override (IOCPU does). */
OSObject *IORegistryEntry::copyProperty(const OSSymbol *aKey) const
{
    LockScope hold(registry_properties);
    OSObject *value = getProperty(aKey);
    if (value)
        value->retain();
    return value;
}

OSObject *IORegistryEntry::copyProperty(const OSString *aKey) const
{
    LockScope hold(registry_properties);
    OSObject *value = getProperty(aKey);
    if (value)
        value->retain();
    return value;
}

OSObject *IORegistryEntry::copyProperty(const char *aKey) const
{
    LockScope hold(registry_properties);
    OSObject *value = getProperty(aKey);
    if (value)
        value->retain();
    return value;
}

void IORegistryEntry::removeProperty(const OSSymbol *aKey)
{
    LockScope hold(registry_properties);
    getPropertyTable()->removeObject(aKey);
}

void IORegistryEntry::removeProperty(const OSString *aKey)
{
    removeProperty(KeyScope(aKey).key);
}

void IORegistryEntry::removeProperty(const char *aKey)
{
    removeProperty(KeyScope(aKey).key);
}

bool IORegistryEntry::setProperty(const OSSymbol *aKey, OSObject *anObject)
{
    OSCollection *collection = OSDynamicCast(OSCollection, anObject);
    bool freeze = collection && inPlane();
    LockScope hold(registry_properties);
    if (freeze)
        collection->setOptions(OSCollection::kMASK, OSCollection::kImmutable);
    return getPropertyTable()->setObject(aKey, anObject);
}

bool IORegistryEntry::setProperty(const OSString *aKey, OSObject *anObject)
{
    return setProperty(KeyScope(aKey).key, anObject);
}

bool IORegistryEntry::setProperty(const char *aKey, OSObject *anObject)
{
    return setProperty(KeyScope(aKey).key, anObject);
}

/* The value's reference goes to the table. */
static bool set_and_release(IORegistryEntry *entry, const char *key, OSObject *value)
{
    if (!value)
        return false;
    bool ok = entry->setProperty(KeyScope(key).key, value);
    value->release();
    return ok;
}

bool IORegistryEntry::setProperty(const char *aKey, const char *aString)
{
    return set_and_release(this, aKey, (OSObject *)OSSymbol::withCString(aString));
}

bool IORegistryEntry::setProperty(const char *aKey, bool aBoolean)
{
    return set_and_release(this, aKey, OSBoolean::withBoolean(aBoolean));
}

bool IORegistryEntry::setProperty(const char *aKey, unsigned long long aValue, unsigned int aNumberOfBits)
{
    return set_and_release(this, aKey, OSNumber::withNumber(aValue, aNumberOfBits));
}

bool IORegistryEntry::setProperty(const char *aKey, void *bytes, unsigned int length)
{
    return set_and_release(this, aKey, OSData::withBytes(bytes, length));
}

/* ---- one key, searched along a plane ---- */
template <class Key>
static OSObject *search_plane(const IORegistryEntry *entry, Key *key, const IORegistryPlane *plane,
                              IOOptionBits options)
{
    OSObject *value = entry->copyProperty(key);
    if (value || !plane || !(options & kIORegistryIterateRecursively))
        return value;
    IORegistryIterator *walk = IORegistryIterator::iterateOver((IORegistryEntry *)entry, plane, options);
    while (IORegistryEntry *next = walk && !value ? walk->getNextObject() : 0)
        value = next->copyProperty(key);
    if (walk)
        walk->release();
    return value;
}

/* The entry found keeps the value alive, as with any getProperty. */
static OSObject *unretained(OSObject *value)
{
    if (value)
        value->release();
    return value;
}

OSObject *IORegistryEntry::copyProperty(const OSSymbol *aKey, const IORegistryPlane *plane,
                                        IOOptionBits options) const
{
    return search_plane(this, aKey, plane, options);
}

OSObject *IORegistryEntry::copyProperty(const OSString *aKey, const IORegistryPlane *plane,
                                        IOOptionBits options) const
{
    return search_plane(this, aKey, plane, options);
}

OSObject *IORegistryEntry::copyProperty(const char *aKey, const IORegistryPlane *plane,
                                        IOOptionBits options) const
{
    return search_plane(this, aKey, plane, options);
}

OSObject *IORegistryEntry::getProperty(const OSSymbol *aKey, const IORegistryPlane *plane,
                                       IOOptionBits options) const
{
    return unretained(search_plane(this, aKey, plane, options));
}

OSObject *IORegistryEntry::getProperty(const OSString *aKey, const IORegistryPlane *plane,
                                       IOOptionBits options) const
{
    return unretained(search_plane(this, aKey, plane, options));
}

OSObject *IORegistryEntry::getProperty(const char *aKey, const IORegistryPlane *plane,
                                       IOOptionBits options) const
{
    return unretained(search_plane(this, aKey, plane, options));
}

/* ---- name and location ---- */
/* The plane's own name when it has one, else the general one. Retained. */
static const OSSymbol *copy_label(const IORegistryEntry *entry, const OSSymbol *plane_key,
                                  const OSSymbol *key)
{
    LockScope hold(registry_links);
    OSDictionary *table = entry->fRegistryTable;
    const OSSymbol *label = plane_key ? (const OSSymbol *)table->getObject(plane_key) : 0;
    if (!label)
        label = (const OSSymbol *)table->getObject(key);
    if (label)
        label->retain();
    return label;
}

static void set_label(IORegistryEntry *entry, const OSSymbol *key, const OSSymbol *label)
{
    LockScope hold(registry_links);
    entry->fRegistryTable->setObject(key, label);
}

const OSSymbol *IORegistryEntry::copyName(const IORegistryPlane *plane) const
{
    const OSSymbol *name = copy_label(this, plane ? plane->pathNameKey : 0, gIONameKey);
    return name ? name : OSSymbol::withCString(getMetaClass()->getClassName());
}

const OSSymbol *IORegistryEntry::copyLocation(const IORegistryPlane *plane) const
{
    return copy_label(this, plane ? plane->pathLocationKey : 0, gIOLocationKey);
}

const char *IORegistryEntry::getName(const IORegistryPlane *plane) const
{
    const OSSymbol *name = copy_label(this, plane ? plane->pathNameKey : 0, gIONameKey);
    if (!name)
        return getMetaClass()->getClassName();
    const char *text = name->getCStringNoCopy();
    name->release();
    return text;
}

const char *IORegistryEntry::getLocation(const IORegistryPlane *plane) const
{
    const OSSymbol *location = copyLocation(plane);
    if (!location)
        return 0;
    const char *text = location->getCStringNoCopy();
    location->release();
    return text;
}

void IORegistryEntry::setName(const OSSymbol *name, const IORegistryPlane *plane)
{
    if (name)
        set_label(this, plane ? plane->pathNameKey : gIONameKey, name);
}

void IORegistryEntry::setName(const char *name, const IORegistryPlane *plane)
{
    setName(KeyScope(name).key, plane);
}

void IORegistryEntry::setLocation(const OSSymbol *location, const IORegistryPlane *plane)
{
    if (location)
        set_label(this, plane ? plane->pathLocationKey : gIOLocationKey, location);
}

void IORegistryEntry::setLocation(const char *location, const IORegistryPlane *plane)
{
    setLocation(KeyScope(location).key, plane);
}

bool IORegistryEntry::compareName(OSString *name, OSString **matched) const
{
    const OSSymbol *own = copyName();
    bool equal = own->isEqualTo(name);
    own->release();
    if (equal && matched) {
        name->retain();
        *matched = name;
    }
    return equal;
}

bool IORegistryEntry::compareNames(OSObject *names, OSString **matched) const
{
    OSCollection *several = OSDynamicCast(OSCollection, names);
    if (!several) {
        OSString *one = OSDynamicCast(OSString, names);
        return one && compareName(one, matched);
    }
    OSCollectionIterator *each = OSCollectionIterator::withCollection(several);
    bool equal = false;
    while (OSObject *item = each && !equal ? each->getNextObject() : 0) {
        OSString *one = OSDynamicCast(OSString, item);
        equal = one && compareName(one, matched);
    }
    if (each)
        each->release();
    return equal;
}
