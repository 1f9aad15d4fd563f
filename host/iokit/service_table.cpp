// SPDX-License-Identifier: BSD-3-Clause
/*
 * IOService: matching dictionaries, made and compared, and IOResources. Behaviour as in xnu-2422.115.4
 * iokit/Kernel/IOService.cpp (matchInternal, matchPassive, the *Matching helpers, IOResources).
 */
#include "iokit/impl.h"

/* ---- one service against one table ---- */
static bool match_class(IOService *service, OSDictionary *table)
{
    OSString *name = OSDynamicCast(OSString, table->getObject(gIOProviderClassKey));
    return !name || service->metaCast(name) != 0;
}

static bool match_name(IOService *service, OSDictionary *table, bool changes)
{
    OSObject *names = table->getObject(gIONameMatchKey);
    if (!names)
        return true;
    OSString *matched = 0;
    if (!service->compareNames(names, changes ? &matched : 0))
        return false;
    if (matched) {
        table->setObject(gIONameMatchedKey, matched);
        matched->release();
    }
    return true;
}

static bool match_location(IOService *service, OSDictionary *table)
{
    OSString *wanted = OSDynamicCast(OSString, table->getObject(gIOLocationMatchKey));
    if (!wanted)
        return true;
    const OSSymbol *location = service->copyLocation();
    bool match = location && location->isEqualTo(wanted);
    if (location)
        location->release();
    return match;
}

/* A dictionary whose every entry must be a property, or several of which one must match. */
static bool match_properties(IOService *service, OSDictionary *table)
{
    OSObject *wanted = table->getObject(gIOPropertyMatchKey);
    if (!wanted)
        return true;
    OSDictionary *own = service->dictionaryWithProperties();
    OSDictionary *one = OSDynamicCast(OSDictionary, wanted);
    OSCollection *several = one ? 0 : OSDynamicCast(OSCollection, wanted);
    bool match = one && own->isEqualTo(one, one);
    OSCollectionIterator *each = several ? OSCollectionIterator::withCollection(several) : 0;
    while (OSObject *next = each && !match ? each->getNextObject() : 0) {
        one = OSDynamicCast(OSDictionary, next);
        match = one && own->isEqualTo(one, one);
    }
    if (each)
        each->release();
    own->release();
    return match;
}

static bool match_path(IOService *service, OSDictionary *table)
{
    OSString *path = OSDynamicCast(OSString, table->getObject(gIOPathMatchKey));
    if (!path)
        return true;
    IORegistryEntry *entry = IORegistryEntry::fromPath(path->getCStringNoCopy());
    if (entry)
        entry->release();
    return entry == service;
}

static bool match_id(IOService *service, OSDictionary *table)
{
    OSNumber *id = OSDynamicCast(OSNumber, table->getObject(gIORegistryEntryIDKey));
    return !id || id->unsigned64BitValue() == service->getRegistryEntryID();
}

/* How many drivers (clients that matching started) the service has. */
static bool match_client_count(IOService *service, OSDictionary *table)
{
    OSNumber *wanted = OSDynamicCast(OSNumber, table->getObject(gIOMatchedServiceCountKey));
    if (!wanted)
        return true;
    OSArray *clients = registry_copy_set(service, gIOServicePlane, kChildSet);
    UInt32 count = 0;
    for (unsigned i = 0; i < clients->getCount(); i++) {
        IOService *client = (IOService *)clients->getObject(i);
        count += !service_inactive(client) && client->getProperty(gIOMatchCategoryKey);
    }
    clients->release();
    return count == wanted->unsigned32BitValue();
}

static bool match_bsd(IOService *service, OSDictionary *table)
{
    const OSSymbol *const keys[] = {gIOBSDNameKey, gIOBSDMajorKey, gIOBSDMinorKey, gIOBSDUnitKey};
    for (unsigned i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        OSObject *wanted = table->getObject(keys[i]);
        OSObject *own = wanted ? service->copyProperty(keys[i]) : 0;
        bool match = !wanted || wanted->isEqualTo(own);
        if (own)
            own->release();
        if (!match)
            return false;
    }
    return true;
}

static bool match_generic(IOService *service, OSDictionary *table, bool changes)
{
    return match_class(service, table) && match_name(service, table, changes) &&
           match_location(service, table) && match_properties(service, table) && match_path(service, table) &&
           match_id(service, table) && match_client_count(service, table) && match_bsd(service, table);
}

/* The family's own keys (IOPCIMatch ...) by its matchPropertyTable, which may change the score. */
static bool match_family(IOService *service, OSDictionary *table, bool changes)
{
    SInt32 score = service_score(table);
    if (!service->matchPropertyTable(table, &score))
        return false;
    if (changes) {
        OSNumber *number = OSNumber::withNumber((UInt32)score, 32);
        table->setObject(gIOProbeScoreKey, number);
        number->release();
    }
    return true;
}

/* IOParentMatch: a table that some ancestor must match. A dictionary as IOLocationMatch: what matchLocation()
 * of the provider names must match it. */
bool service_passive_match(IOService *service, OSDictionary *table, bool changes)
{
    if (!match_generic(service, table, changes) || !match_family(service, table, changes))
        return false;
    OSDictionary *parent = OSDynamicCast(OSDictionary, table->getObject(gIOParentMatchKey));
    if (parent) {
        for (IOService *up = service->getProvider(); up; up = up->getProvider())
            if (service_passive_match(up, parent, false))
                return true;
        return false;
    }
    OSDictionary *location = OSDynamicCast(OSDictionary, table->getObject(gIOLocationMatchKey));
    if (!location)
        return true;
    IOService *where = service->getProvider();
    where = where ? where->matchLocation(where) : 0;
    return where && service_passive_match(where, location, false);
}

bool IOService::matchPropertyTable(OSDictionary *table, SInt32 *score)
{
    return matchPropertyTable(table);
}

bool IOService::matchPropertyTable(OSDictionary *table)
{
    return true;
}

IOService *IOService::matchLocation(IOService *client)
{
    IOService *parent = getProvider();
    return parent ? parent->matchLocation(this) : 0;
}

bool IOService::compareProperty(OSDictionary *matching, const char *key)
{
    OSObject *value = matching->getObject(key);
    return !value || value->isEqualTo(getProperty(key));
}

bool IOService::compareProperty(OSDictionary *matching, const OSString *key)
{
    OSObject *value = matching->getObject(key);
    return !value || value->isEqualTo(getProperty(key));
}

bool IOService::compareProperties(OSDictionary *matching, OSCollection *keys)
{
    if (!matching || !keys)
        return false;
    OSCollectionIterator *each = OSCollectionIterator::withCollection(keys);
    bool ok = true;
    while (OSString *key = ok ? OSDynamicCast(OSString, each->getNextObject()) : 0)
        ok = compareProperty(matching, key);
    each->release();
    return ok;
}

/* ---- score and order ---- */
SInt32 IOServiceOrdering(const OSMetaClassBase *inObj1, const OSMetaClassBase *inObj2, void *ref)
{
    return (inObj1 ? service_score(inObj1) : 0) - (inObj2 ? service_score(inObj2) : 0);
}

/* ---- which services match ---- */
OSArray *service_copy_matching(OSDictionary *table, IOOptionBits state, bool first_only)
{
    OSArray *all = service_copy_all(), *found = OSArray::withCapacity(4);
    for (unsigned i = 0; i < all->getCount(); i++) {
        IOService *service = (IOService *)all->getObject(i);
        if ((service->__state[0] & state) != state || service_inactive(service) ||
            !service_passive_match(service, table, false))
            continue;
        found->setObject(service);
        if (first_only)
            break;
    }
    all->release();
    return found;
}

OSIterator *IOService::getMatchingServices(OSDictionary *matching)
{
    if (!matching)
        return 0;
    OSArray *found = service_copy_matching(matching, kIOServiceMatchedState, false);
    OSIterator *iterator = found->getCount() ? OSCollectionIterator::withCollection(found) : 0;
    found->release();
    return iterator;
}

IOService *service_copy_match(OSDictionary *matching)
{
    if (!matching)
        return 0;
    OSArray *found = service_copy_matching(matching, kIOServiceMatchedState, true);
    IOService *service = (IOService *)found->getObject(0);
    if (service)
        service->retain();
    found->release();
    return service;
}

/* ---- tables for simple cases ---- */
static OSDictionary *with_entry(OSDictionary *table, const OSSymbol *key, const OSMetaClassBase *value)
{
    if (!table)
        table = OSDictionary::withCapacity(2);
    if (table)
        table->setObject(key, value);
    return table;
}

OSDictionary *IOService::serviceMatching(const OSString *name, OSDictionary *table)
{
    const OSSymbol *symbol = OSSymbol::withString(name);
    if (!symbol)
        return 0;
    table = with_entry(table, gIOProviderClassKey, symbol);
    symbol->release();
    return table;
}

OSDictionary *IOService::serviceMatching(const char *name, OSDictionary *table)
{
    const OSSymbol *symbol = OSSymbol::withCString(name);
    if (!symbol)
        return 0;
    table = with_entry(table, gIOProviderClassKey, symbol);
    symbol->release();
    return table;
}

OSDictionary *IOService::nameMatching(const OSString *name, OSDictionary *table)
{
    return with_entry(table, gIONameMatchKey, name);
}

OSDictionary *IOService::nameMatching(const char *name, OSDictionary *table)
{
    const OSSymbol *symbol = OSSymbol::withCString(name);
    if (!symbol)
        return 0;
    table = with_entry(table, gIONameMatchKey, symbol);
    symbol->release();
    return table;
}

OSDictionary *IOService::resourceMatching(const OSString *name, OSDictionary *table)
{
    table = serviceMatching(gIOResourcesKey, table);
    return table ? with_entry(table, gIOResourceMatchKey, name) : 0;
}

OSDictionary *IOService::resourceMatching(const char *name, OSDictionary *table)
{
    const OSSymbol *symbol = OSSymbol::withCString(name);
    if (!symbol)
        return 0;
    table = resourceMatching(symbol, table);
    symbol->release();
    return table;
}

OSDictionary *IOService::propertyMatching(const OSSymbol *key, const OSObject *value, OSDictionary *table)
{
    OSDictionary *properties = with_entry(0, key, value);
    if (!properties)
        return 0;
    table = with_entry(table, gIOPropertyMatchKey, properties);
    properties->release();
    return table;
}

OSDictionary *IOService::registryEntryIDMatching(uint64_t entryID, OSDictionary *table)
{
    OSNumber *number = OSNumber::withNumber(entryID, 64);
    if (!number)
        return 0;
    table = with_entry(table, gIORegistryEntryIDKey, number);
    number->release();
    return table;
}

OSDictionary *IOService::addLocation(OSDictionary *table)
{
    if (!table)
        return 0;
    OSDictionary *location = OSDictionary::withCapacity(1);
    bool ok = location && table->setObject(gIOLocationMatchKey, location);
    if (location)
        location->release();
    return ok ? location : 0;
}

/* ---- resources ---- */
class IOResources : public IOService
{
    OSDeclareDefaultStructors(IOResources) public : virtual bool matchPropertyTable(OSDictionary *table);
    virtual IOWorkLoop *getWorkLoop() const;
};
OSDefineMetaClassAndStructors(IOResources, IOService)

    static bool published(const IOService *resources, OSObject *key)
{
    OSString *name = OSDynamicCast(OSString, key);
    return !name || resources->getProperty(name);
}

/* IOResourceMatch: a key or a set of keys that must all have been published. */
bool IOResources::matchPropertyTable(OSDictionary *table)
{
    OSObject *wanted = table->getObject(gIOResourceMatchKey);
    OSCollection *several = OSDynamicCast(OSCollection, wanted);
    if (!several)
        return published(this, wanted);
    OSCollectionIterator *each = OSCollectionIterator::withCollection(several);
    bool ok = true;
    while (OSObject *key = ok ? each->getNextObject() : 0)
        ok = published(this, key);
    each->release();
    return ok;
}

IOWorkLoop *IOResources::getWorkLoop() const
{
    return getPlatform() ? getPlatform()->getWorkLoop() : 0;
}

void service_resources_init(void)
{
    gIOResources = new IOResources;
    gIOResources->init((OSDictionary *)0);
}

/* Not from a notification handler, which already runs in a matching. */
void IOService::publishResource(const OSSymbol *key, OSObject *value)
{
    gIOResources->setProperty(key, value ? value : (OSObject *)gIOServiceKey);
    if (!IORecursiveLockHaveLock(service_notify_lock))
        gIOResources->registerService();
}

void IOService::publishResource(const char *key, OSObject *value)
{
    const OSSymbol *symbol = OSSymbol::withCString(key);
    publishResource(symbol, value);
    symbol->release();
}

bool IOService::addNeededResource(const char *key)
{
    OSObject *old = getProperty(gIOResourceMatchKey);
    OSString *name = OSString::withCString(key);
    if (!old || !name) {
        if (name)
            name->release();
        return false;
    }
    OSSet *keys = OSDynamicCast(OSSet, old);
    OSSet *all = keys ? OSSet::withSet(keys, keys->getCount() + 1) : OSSet::withCapacity(2);
    if (!keys)
        all->setObject(old);
    all->setObject(name);
    name->release();
    bool ok = setProperty(gIOResourceMatchKey, all);
    all->release();
    return ok;
}

static void wait_resource(IOService *service, OSObject *wanted)
{
    OSString *name = OSDynamicCast(OSString, wanted);
    OSDictionary *table = OSDynamicCast(OSDictionary, wanted);
    if (name && gIOResources->getProperty(name))
        return;
    if (name)
        table = IOService::resourceMatching(name);
    else if (table)
        table->retain();
    if (!table) {
        IOLog("%s: Can't match using: %s\n", service->getName(), name_of(wanted));
        return;
    }
    IOService::waitForService(table); /* takes the table's reference */
}

void service_wait_resources(IOService *service)
{
    OSObject *wanted = service->copyProperty(gIOResourceMatchKey);
    OSSet *several = OSDynamicCast(OSSet, wanted);
    if (!several) {
        if (wanted)
            wait_resource(service, wanted);
    } else {
        OSCollectionIterator *each = OSCollectionIterator::withCollection(several);
        while (OSObject *one = each->getNextObject())
            wait_resource(service, one);
        each->release();
    }
    if (wanted)
        wanted->release();
}
