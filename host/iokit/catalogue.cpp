// SPDX-License-Identifier: BSD-3-Clause
/*
 * IOCatalogue: the personalities of the loaded kexts. Answers to IOKit/IOCatalogue.h; behaviour as in
 * xnu-2422.115.4 iokit/Kernel/IOCatalogue.cpp. No kext is ever loaded on demand: a bundle's personalities
 * come in when it is loaded, and a personality that names a bundle without its class is reported when a nub
 * matches it.
 */
#include "iokit/impl.h"
#include "iokit/catalogue.h"

OSDefineMetaClassAndStructors(IOCatalogue, OSObject)

    IOCatalogue *gIOCatalogue;
static OSSet *modules; /* identifiers of bundles that have come, under the catalogue's lock */

/* Strings that matching compares by address, or that classes are found by, become symbols
 * (OSKext::uniquePersonalityProperties). */
static void unique_properties(OSDictionary *table)
{
    const OSSymbol *const keys[] = {gIOModuleIdentifierKey, gIOProviderClassKey, gIOClassKey,
                                    gIOMatchCategoryKey,    gIOResourceMatchKey, gIOUserClientClassKey};
    for (unsigned i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        OSString *text = OSDynamicCast(OSString, table->getObject(keys[i]));
        if (!text || OSDynamicCast(OSSymbol, text))
            continue;
        const OSSymbol *symbol = OSSymbol::withString(text);
        table->setObject(keys[i], symbol);
        symbol->release();
    }
}

/* ---- life ---- */
void IOCatalogue::initialize(void)
{
    OSArray *none = OSArray::withCapacity(1);
    modules = OSSet::withCapacity(8);
    gIOCatalogue = new IOCatalogue;
    gIOCatalogue->init(none);
    none->release();
}

bool IOCatalogue::init(OSArray *initArray)
{
    if (!OSObject::init())
        return false;
    generation = 1;
    lock = IOLockAlloc();
    array = OSArray::withArray(initArray, initArray->getCount() + 8);
    return lock && array;
}

void IOCatalogue::free(void)
{
    panic("IOCatalogue::free: the catalogue lives as long as the kernel");
}

SInt32 IOCatalogue::getGenerationCount(void) const
{
    return __atomic_load_n(&generation, __ATOMIC_ACQUIRE);
}

/* ---- finding ---- */
/* Candidates by provider class, superclasses included; the other keys are matched later, against a private
 * copy. */
OSOrderedSet *IOCatalogue::findDrivers(IOService *service, SInt32 *generationCount)
{
    OSOrderedSet *set = OSOrderedSet::withCapacity(1, IOServiceOrdering, (void *)gIOProbeScoreKey);
    MutexScope hold(lock);
    for (unsigned i = 0; i < array->getCount(); i++) {
        OSDictionary *table = (OSDictionary *)array->getObject(i);
        OSString *provider = OSDynamicCast(OSString, table->getObject(gIOProviderClassKey));
        if (provider && service->metaCast(provider))
            set->setObject(table);
    }
    *generationCount = getGenerationCount();
    return set;
}

OSOrderedSet *IOCatalogue::findDrivers(OSDictionary *matching, SInt32 *generationCount)
{
    unique_properties(matching);
    OSOrderedSet *set = OSOrderedSet::withCapacity(1, IOServiceOrdering, (void *)gIOProbeScoreKey);
    MutexScope hold(lock);
    for (unsigned i = 0; i < array->getCount(); i++) {
        OSDictionary *table = (OSDictionary *)array->getObject(i);
        if (table->isEqualTo(matching, matching))
            set->setObject(table);
    }
    *generationCount = getGenerationCount();
    return set;
}

/* ---- adding and removing ---- */
static bool known(OSArray *array, OSDictionary *personality)
{
    for (unsigned i = 0; i < array->getCount(); i++)
        if (personality->isEqualTo((OSDictionary *)array->getObject(i)))
            return true;
    return false;
}

bool IOCatalogue::addDrivers(OSArray *drivers, bool doNubMatching)
{
    OSArray *list = OSDynamicCast(OSArray, drivers);
    if (!list)
        return false;
    OSOrderedSet *fresh = OSOrderedSet::withCapacity(10, IOServiceOrdering, (void *)gIOProbeScoreKey);
    bool ok = true;
    IOLockLock(lock);
    for (unsigned i = 0; ok && i < list->getCount(); i++) {
        OSDictionary *personality = OSDynamicCast(OSDictionary, list->getObject(i));
        if (!personality) {
            IOLog("IOCatalogue::addDrivers() encountered non-dictionary; bailing.\n");
            ok = false;
            break;
        }
        unique_properties(personality);
        if (known(array, personality))
            continue;
        ok = array->setObject(personality);
        fresh->setObject(personality);
    }
    bool match = ok && doNubMatching && fresh->getCount();
    if (match)
        __atomic_fetch_add(&generation, 1, __ATOMIC_ACQ_REL);
    IOLockUnlock(lock);
    if (match)
        service_new_drivers(fresh);
    fresh->release();
    return ok;
}

/* With the lock held: takes out what match says, into removed. */
template <class Test> static OSOrderedSet *take_out(OSArray *array, Test match)
{
    OSOrderedSet *removed = OSOrderedSet::withCapacity(10, IOServiceOrdering, (void *)gIOProbeScoreKey);
    for (unsigned i = 0; i < array->getCount();) {
        OSDictionary *table = (OSDictionary *)array->getObject(i);
        if (!match(table)) {
            i++;
            continue;
        }
        removed->setObject(table);
        array->removeObject(i);
    }
    return removed;
}

bool IOCatalogue::removeDrivers(OSDictionary *matching, bool doNubMatching)
{
    if (!matching)
        return false;
    unique_properties(matching);
    IOLockLock(lock);
    OSOrderedSet *removed =
        take_out(array, [matching](OSDictionary *table) { return table->isEqualTo(matching, matching); });
    bool match = doNubMatching && removed->getCount();
    if (match)
        __atomic_fetch_add(&generation, 1, __ATOMIC_ACQ_REL);
    IOLockUnlock(lock);
    if (match)
        service_new_drivers(removed);
    removed->release();
    return true;
}

bool IOCatalogue::startMatching(OSDictionary *matching)
{
    if (!matching)
        return false;
    SInt32 at;
    OSOrderedSet *set = findDrivers(matching, &at);
    if (set->getCount()) {
        __atomic_fetch_add(&generation, 1, __ATOMIC_ACQ_REL);
        service_new_drivers(set);
    }
    set->release();
    return true;
}

void IOCatalogue::reset(void)
{
    MutexScope hold(lock);
    __atomic_fetch_add(&generation, 1, __ATOMIC_ACQ_REL);
    array->flushCollection();
}

/* ---- modules ---- */
bool IOCatalogue::isModuleLoaded(const char *moduleName) const
{
    const OSSymbol *name = OSSymbol::withCString(moduleName);
    IOLockLock(lock);
    bool loaded = modules->containsObject(name) || !strncmp(moduleName, "com.apple.kpi.", 14);
    IOLockUnlock(lock);
    name->release();
    return loaded;
}

bool IOCatalogue::isModuleLoaded(OSString *moduleName) const
{
    return isModuleLoaded(moduleName->getCStringNoCopy());
}

/* A personality without a bundle is the kernel's own. */
bool IOCatalogue::isModuleLoaded(OSDictionary *driver) const
{
    OSString *name = driver ? OSDynamicCast(OSString, driver->getObject(gIOModuleIdentifierKey)) : 0;
    return driver && (!name || isModuleLoaded(name));
}

void IOCatalogue::moduleHasLoaded(OSString *moduleName)
{
    const OSSymbol *name = OSSymbol::withString(moduleName);
    IOLockLock(lock);
    modules->setObject(name);
    IOLockUnlock(lock);
    OSDictionary *matching = OSDictionary::withCapacity(1);
    matching->setObject(gIOModuleIdentifierKey, name);
    startMatching(matching);
    matching->release();
    name->release();
}

void IOCatalogue::moduleHasLoaded(const char *moduleName)
{
    OSString *name = OSString::withCString(moduleName);
    moduleHasLoaded(name);
    name->release();
}

/* Terminates the services whose properties match (those of matching only). */
IOReturn IOCatalogue::terminateDrivers(OSDictionary *matching)
{
    if (!matching)
        return kIOReturnBadArgument;
    unique_properties(matching);
    IOReturn result = kIOReturnSuccess;
    OSArray *all = service_copy_all();
    for (unsigned i = 0; i < all->getCount(); i++) {
        IOService *service = (IOService *)all->getObject(i);
        OSDictionary *properties = service->dictionaryWithProperties();
        bool match = properties->isEqualTo(matching, matching);
        properties->release();
        if (match && !service->terminate(kIOServiceRequired | kIOServiceSynchronous))
            result = kIOReturnUnsupported;
    }
    all->release();
    removeDrivers(matching, false);
    return result;
}

/* Unloading is the loader's: unload asks for nothing more here. */
IOReturn IOCatalogue::terminateDriversForModule(OSString *moduleName, bool unload)
{
    OSDictionary *matching = OSDictionary::withCapacity(1);
    matching->setObject(gIOModuleIdentifierKey, moduleName);
    IOReturn result = terminateDrivers(matching);
    matching->release();
    return result;
}

IOReturn IOCatalogue::terminateDriversForModule(const char *moduleName, bool unload)
{
    OSString *name = OSString::withCString(moduleName);
    IOReturn result = terminateDriversForModule(name, unload);
    name->release();
    return result;
}

bool IOCatalogue::serialize(OSSerialize *s) const
{
    MutexScope hold(lock);
    return s && array->serialize(s);
}

bool IOCatalogue::serializeData(IOOptionBits kind, OSSerialize *s) const
{
    enum { kContents = 1 }; /* kIOCatalogGetContents of IOKit/IOKitServer.h */
    return kind == kContents && serialize(s);
}

/* ---- for the loader ---- */
void catalogue_module_came(const char *bundle_id)
{
    const OSSymbol *name = OSSymbol::withCString(bundle_id);
    IOLockLock(gIOCatalogue->lock);
    modules->setObject(name);
    IOLockUnlock(gIOCatalogue->lock);
    name->release();
}

int catalogue_module_went(const char *bundle_id)
{
    const OSSymbol *name = OSSymbol::withCString(bundle_id);
    IOLockLock(gIOCatalogue->lock);
    modules->removeObject(name);
    OSOrderedSet *removed = take_out(gIOCatalogue->array, [name](OSDictionary *table) {
        return table->getObject(gIOModuleIdentifierKey) == name;
    });
    __atomic_fetch_add(&gIOCatalogue->generation, 1, __ATOMIC_ACQ_REL);
    IOLockUnlock(gIOCatalogue->lock);
    int count = (int)removed->getCount();
    removed->release();
    name->release();
    return count;
}
