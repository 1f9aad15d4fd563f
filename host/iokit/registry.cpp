// SPDX-License-Identifier: BSD-3-Clause
/*
 * IORegistryEntry: planes, life, links between parents and children. Answers to IOKit/IORegistryEntry.h;
 * behaviour as in xnu-2422.115.4 iokit/Kernel/IORegistryEntry.cpp. A link is two array entries, one in each
 * partner's registry table, and both retain: an attached entry cannot be freed.
 */
#include "iokit/impl.h"

OSDefineMetaClassAndStructors(IORegistryEntry, OSObject)
    OSDefineMetaClassAndStructors(IORegistryPlane, OSObject)

        IORecursiveLock *registry_links;
IORecursiveLock *registry_properties;
const OSSymbol *gIONameKey, *gIOLocationKey, *gIORegistryEntryIDKey;

static IORegistryEntry *root_entry;
static OSDictionary *planes;
static SInt32 generation;
/* The first ids are kept for the system, as kIORegistryIDReserved has it. */
static uint64_t last_id = (1ULL << 32) + 255;

enum { kTableCapacity = 4, kMaxPlaneName = 32 };

/* ---- planes ---- */
void IORegistryPlane::free()
{
    const OSSymbol *all[] = {nameKey, keys[0], keys[1], pathNameKey, pathLocationKey};
    for (unsigned i = 0; i < sizeof all / sizeof all[0]; i++)
        if (all[i])
            all[i]->release();
    OSObject::free();
}

bool IORegistryPlane::serialize(OSSerialize *s) const
{
    return nameKey->serialize(s);
}

static const OSSymbol *plane_key(const char *name, const char *suffix)
{
    char text[kMaxPlaneName + 16];
    strlcpy(text, name, kMaxPlaneName + 1);
    strlcat(text, suffix, sizeof text);
    return OSSymbol::withCString(text);
}

const IORegistryPlane *IORegistryEntry::makePlane(const char *name)
{
    IORegistryPlane *plane = new IORegistryPlane;
    if (!plane || !plane->init())
        return 0;
    plane->nameKey = plane_key(name, "");
    plane->keys[kParentSet] = plane_key(name, "ParentLinks");
    plane->keys[kChildSet] = plane_key(name, "ChildLinks");
    plane->pathNameKey = plane_key(name, "Name");
    plane->pathLocationKey = plane_key(name, "Location");

    LockScope hold(registry_links);
    generation++;
    planes->setObject(plane->nameKey, plane);
    return plane; /* planes live for ever: the caller's reference is the one that callers compare by */
}

const IORegistryPlane *IORegistryEntry::getPlane(const char *name)
{
    LockScope hold(registry_links);
    return (const IORegistryPlane *)planes->getObject(name);
}

/* ---- life ---- */
IORegistryEntry *IORegistryEntry::initialize(void)
{
    if (root_entry)
        return root_entry;
    registry_links = IORecursiveLockAlloc();
    registry_properties = IORecursiveLockAlloc();
    gIONameKey = OSSymbol::withCStringNoCopy("IOName");
    gIOLocationKey = OSSymbol::withCStringNoCopy("IOLocation");
    gIORegistryEntryIDKey = OSSymbol::withCStringNoCopy("IORegistryEntryID");
    planes = OSDictionary::withCapacity(1);
    root_entry = new IORegistryEntry;
    root_entry->init((OSDictionary *)0);
    ((registry_record *)root_entry->reserved)->id = ++last_id;
    root_entry->setName("Root");
    root_entry->setProperty("IORegistryPlanes", planes);
    return root_entry;
}

IORegistryEntry *IORegistryEntry::getRegistryRoot(void)
{
    return root_entry;
}

SInt32 IORegistryEntry::getGenerationCount(void)
{
    return generation;
}

/* The caller's table becomes the entry's own, unless it is immutable: then a copy does
 * (IORegistryEntry::init). */
static OSDictionary *own_table(OSDictionary *table)
{
    OSDictionary *own;
    if (!table) {
        own = OSDictionary::withCapacity(kTableCapacity);
        if (own)
            own->setCapacityIncrement(kTableCapacity);
        return own;
    }
    if (OSCollection::kImmutable & table->setOptions(0, 0))
        return (OSDictionary *)table->copyCollection();
    table->retain();
    return table;
}

bool IORegistryEntry::init(OSDictionary *dict)
{
    if (!OSObject::init())
        return false;
    if (!reserved)
        reserved = (ExpansionData *)make_zero<registry_record>();
    if (!reserved)
        return false;
    if (dict || !fPropertyTable) {
        OSDictionary *own = own_table(dict);
        if (!own)
            return false;
        drop(fPropertyTable);
        fPropertyTable = own;
    }
    if (!fRegistryTable) {
        fRegistryTable = OSDictionary::withCapacity(kTableCapacity);
        if (!fRegistryTable)
            return false;
        fRegistryTable->setCapacityIncrement(kTableCapacity);
    }
    OSString *name = OSDynamicCast(OSString, getProperty(gIONameKey));
    if (name) {
        const OSSymbol *symbol = OSSymbol::withString(name);
        setName(symbol);
        symbol->release();
    }
    return true;
}

static bool make_link(const IORegistryEntry *from, IORegistryEntry *to, int relation,
                      const IORegistryPlane *plane);
static void break_link(const IORegistryEntry *from, IORegistryEntry *to, int relation,
                       const IORegistryPlane *plane);

/* Takes over another entry's identity, properties and place in the plane: what IOPCIBridge does with
 * device-tree entries. The old entry keeps its links in other planes. */
bool IORegistryEntry::init(IORegistryEntry *from, const IORegistryPlane *plane)
{
    if (!OSObject::init())
        return false;
    LockScope hold(registry_links);
    generation++;
    reserved = from->reserved;
    from->reserved = 0;
    fPropertyTable = from->getPropertyTable();
    fPropertyTable->retain();
    fRegistryTable = from->fRegistryTable;
    from->fRegistryTable = (OSDictionary *)fRegistryTable->copyCollection();
    for (int relation = kParentSet; relation <= kChildSet; relation++) {
        from->fRegistryTable->removeObject(plane->keys[relation]);
        OSArray *partners = registry_set(this, plane, relation);
        int back = relation == kParentSet ? kChildSet : kParentSet;
        for (unsigned i = 0; partners && i < partners->getCount(); i++) {
            IORegistryEntry *partner = (IORegistryEntry *)partners->getObject(i);
            make_link(partner, this, back, plane);
            break_link(partner, from, back, plane);
        }
    }
    return true;
}

void IORegistryEntry::free(void)
{
    if (fRegistryTable && gIOServicePlane &&
        (registry_set(this, gIOServicePlane, kParentSet) || registry_set(this, gIOServicePlane, kChildSet)))
        panic("%s: attached at free()", getName());
    drop(fPropertyTable);
    drop(fRegistryTable);
    if (reserved)
        IOFree(reserved, sizeof(registry_record));
    reserved = 0;
    OSObject::free();
}

uint64_t IORegistryEntry::getRegistryEntryID(void)
{
    return reserved ? ((registry_record *)reserved)->id : 0;
}

/* ---- links ---- */
bool registry_member(const OSArray *set, const OSMetaClassBase *member, unsigned int *index)
{
    for (unsigned i = 0; set && i < set->getCount(); i++)
        if (set->getObject(i) == member) {
            if (index)
                *index = i;
            return true;
        }
    return false;
}

OSArray *registry_set(const IORegistryEntry *entry, const IORegistryPlane *plane, int relation)
{
    return plane && entry->fRegistryTable ? (OSArray *)entry->fRegistryTable->getObject(plane->keys[relation])
                                          : 0;
}

OSArray *registry_copy_set(const IORegistryEntry *entry, const IORegistryPlane *plane, int relation)
{
    LockScope hold(registry_links);
    OSArray *set = registry_set(entry, plane, relation);
    return set ? OSArray::withArray(set, set->getCount()) : OSArray::withCapacity(1);
}

static bool make_link(const IORegistryEntry *from, IORegistryEntry *to, int relation,
                      const IORegistryPlane *plane)
{
    OSArray *set = registry_set(from, plane, relation);
    if (set)
        return registry_member(set, to, 0) || set->setObject(to);
    set = OSArray::withCapacity(1);
    if (!set)
        return false;
    bool ok = set->setObject(to) && from->fRegistryTable->setObject(plane->keys[relation], set);
    set->release();
    return ok;
}

/* The caller holds a reference to both: the array's references go here, under the lock. */
static void break_link(const IORegistryEntry *from, IORegistryEntry *to, int relation,
                       const IORegistryPlane *plane)
{
    OSArray *set = registry_set(from, plane, relation);
    unsigned int index;
    if (!registry_member(set, to, &index))
        return;
    set->removeObject(index);
    if (!set->getCount())
        from->fRegistryTable->removeObject(plane->keys[relation]);
}

/* Collections in the properties of an attached entry may be read by anyone: they become immutable. */
static void freeze_properties(IORegistryEntry *entry)
{
    LockScope hold(registry_properties);
    OSDictionary *table = entry->getPropertyTable();
    OSCollectionIterator *keys = OSCollectionIterator::withCollection(table);
    if (!keys)
        return;
    while (const OSSymbol *key = (const OSSymbol *)keys->getNextObject()) {
        OSCollection *value = OSDynamicCast(OSCollection, table->getObject(key));
        if (value)
            value->setOptions(OSCollection::kMASK, OSCollection::kImmutable);
    }
    keys->release();
}

/* Both directions go through the virtual methods, so that a subclass that overrides one of them sees every
 * attach (IORegistryEntry::attachToParent does the same). */
bool IORegistryEntry::attachToParent(IORegistryEntry *parent, const IORegistryPlane *plane)
{
    if (this == parent)
        return false;
    IORecursiveLockLock(registry_links);
    generation++;
    registry_record *record = (registry_record *)reserved;
    if (record && !record->id)
        record->id = ++last_id;
    bool ok = make_link(this, parent, kParentSet, plane);
    bool back = !registry_member(registry_set(parent, plane, kChildSet), this, 0);
    IORecursiveLockUnlock(registry_links);
    freeze_properties(this);
    if (back)
        ok &= parent->attachToChild(this, plane);
    return ok;
}

bool IORegistryEntry::attachToChild(IORegistryEntry *child, const IORegistryPlane *plane)
{
    if (this == child)
        return false;
    IORecursiveLockLock(registry_links);
    generation++;
    bool ok = make_link(this, child, kChildSet, plane);
    bool back = !registry_member(registry_set(child, plane, kParentSet), this, 0);
    IORecursiveLockUnlock(registry_links);
    if (back)
        ok &= child->attachToParent(this, plane);
    return ok;
}

void IORegistryEntry::detachFromParent(IORegistryEntry *parent, const IORegistryPlane *plane)
{
    parent->retain();
    IORecursiveLockLock(registry_links);
    generation++;
    break_link(this, parent, kParentSet, plane);
    bool back = registry_member(registry_set(parent, plane, kChildSet), this, 0);
    IORecursiveLockUnlock(registry_links);
    if (back)
        parent->detachFromChild(this, plane);
    parent->release();
}

void IORegistryEntry::detachFromChild(IORegistryEntry *child, const IORegistryPlane *plane)
{
    child->retain();
    IORecursiveLockLock(registry_links);
    generation++;
    break_link(this, child, kChildSet, plane);
    bool back = registry_member(registry_set(child, plane, kParentSet), this, 0);
    IORecursiveLockUnlock(registry_links);
    if (back)
        child->detachFromParent(this, plane);
    child->release();
}

void IORegistryEntry::detachAbove(const IORegistryPlane *plane)
{
    retain();
    while (IORegistryEntry *parent = copyParentEntry(plane)) {
        detachFromParent(parent, plane);
        parent->release();
    }
    release();
}

void IORegistryEntry::detachAll(const IORegistryPlane *plane)
{
    IORegistryIterator *walk = IORegistryIterator::iterateOver(this, plane, kIORegistryIterateRecursively);
    if (!walk)
        return;
    OSOrderedSet *all = walk->iterateAll();
    walk->release();
    detachAbove(plane);
    while (IORegistryEntry *entry = all ? (IORegistryEntry *)all->getLastObject() : 0) {
        entry->retain();
        all->removeObject(entry);
        entry->detachAbove(plane);
        entry->release();
    }
    if (all)
        all->release();
}

/* ---- questions about links ---- */
static OSIterator *set_iterator(const IORegistryEntry *entry, const IORegistryPlane *plane, int relation)
{
    if (!plane)
        return 0;
    OSArray *copy = registry_copy_set(entry, plane, relation);
    OSIterator *iterator = OSCollectionIterator::withCollection(copy);
    if (copy)
        copy->release();
    return iterator;
}

static IORegistryEntry *copy_first(const IORegistryEntry *entry, const IORegistryPlane *plane, int relation)
{
    LockScope hold(registry_links);
    OSArray *set = registry_set(entry, plane, relation);
    IORegistryEntry *first = set ? (IORegistryEntry *)set->getObject(0) : 0;
    if (first)
        first->retain();
    return first;
}

static void apply_to_set(const IORegistryEntry *entry, IORegistryEntryApplierFunction applier, void *context,
                         const IORegistryPlane *plane, int relation)
{
    OSArray *copy = plane ? registry_copy_set(entry, plane, relation) : 0;
    if (!copy)
        return;
    for (unsigned i = 0; i < copy->getCount(); i++)
        applier((IORegistryEntry *)copy->getObject(i), context);
    copy->release();
}

/* Linked both ways; with only, it must be the only one. */
static bool linked(const IORegistryEntry *entry, const IORegistryEntry *partner, const IORegistryPlane *plane,
                   int relation, bool only)
{
    LockScope hold(registry_links);
    OSArray *set = registry_set(entry, plane, relation);
    if (!registry_member(set, partner, 0) || (only && set->getCount() != 1))
        return false;
    OSArray *back = registry_set(partner, plane, relation == kParentSet ? kChildSet : kParentSet);
    return !back || registry_member(back, entry, 0);
}

OSIterator *IORegistryEntry::getParentIterator(const IORegistryPlane *plane) const
{
    return set_iterator(this, plane, kParentSet);
}

OSIterator *IORegistryEntry::getChildIterator(const IORegistryPlane *plane) const
{
    return set_iterator(this, plane, kChildSet);
}

IORegistryEntry *IORegistryEntry::copyParentEntry(const IORegistryPlane *plane) const
{
    return copy_first(this, plane, kParentSet);
}

IORegistryEntry *IORegistryEntry::copyChildEntry(const IORegistryPlane *plane) const
{
    return copy_first(this, plane, kChildSet);
}

IORegistryEntry *IORegistryEntry::getParentEntry(const IORegistryPlane *plane) const
{
    IORegistryEntry *entry = copyParentEntry(plane);
    if (entry)
        entry->release();
    return entry;
}

IORegistryEntry *IORegistryEntry::getChildEntry(const IORegistryPlane *plane) const
{
    IORegistryEntry *entry = copyChildEntry(plane);
    if (entry)
        entry->release();
    return entry;
}

void IORegistryEntry::applyToChildren(IORegistryEntryApplierFunction applier, void *context,
                                      const IORegistryPlane *plane) const
{
    apply_to_set(this, applier, context, plane, kChildSet);
}

void IORegistryEntry::applyToParents(IORegistryEntryApplierFunction applier, void *context,
                                     const IORegistryPlane *plane) const
{
    apply_to_set(this, applier, context, plane, kParentSet);
}

bool IORegistryEntry::isChild(IORegistryEntry *child, const IORegistryPlane *plane, bool onlyChild) const
{
    return linked(this, child, plane, kChildSet, onlyChild);
}

bool IORegistryEntry::isParent(IORegistryEntry *parent, const IORegistryPlane *plane, bool onlyParent) const
{
    return linked(this, parent, plane, kParentSet, onlyParent);
}

bool IORegistryEntry::inPlane(const IORegistryPlane *plane) const
{
    LockScope hold(registry_links);
    if (plane)
        return registry_set(this, plane, kParentSet) != 0;
    OSCollectionIterator *all = OSCollectionIterator::withCollection(planes);
    bool found = false;
    while (const OSSymbol *key = all && !found ? (const OSSymbol *)all->getNextObject() : 0)
        found = registry_set(this, (const IORegistryPlane *)planes->getObject(key), kParentSet) != 0;
    if (all)
        all->release();
    return found;
}

unsigned int IORegistryEntry::getDepth(const IORegistryPlane *plane) const
{
    LockScope hold(registry_links);
    OSArray *parents = registry_set(this, plane, kParentSet);
    unsigned int deepest = 0;
    for (unsigned i = 0; parents && i < parents->getCount(); i++) {
        unsigned int depth = ((IORegistryEntry *)parents->getObject(i))->getDepth(plane);
        deepest = depth > deepest ? depth : deepest;
    }
    return deepest + 1;
}
