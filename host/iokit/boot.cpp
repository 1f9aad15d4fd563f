// SPDX-License-Identifier: BSD-3-Clause
/*
 * host/iokit/boot.h: IOKit's beginning and end, and what main() and the loader ask of it. The order of the
 * first is that of xnu-2422.115.4 iokit/Kernel/IOStartIOKit.cpp (StartIOKit).
 */
#include "iokit/impl.h"
#include "iokit/catalogue.h"
#include "iokit/platform.h"
#include <IOKit/IOMemoryDescriptor.h>
#include <libkern/c++/OSUnserialize.h>
#include "libkern/modules.h"

void iokit_boot(void)
{
    IORegistryEntry::initialize();
    service_keys_init();
    service_match_init();
    service_notify_init();
    service_terminate_init();
    power_init();
    IOCatalogue::initialize();
    IOMemoryDescriptor::initialize();
    service_resources_init();
    platform_start();
}

/* ---- bundles ---- */
struct class_query {
    const char *bundle, *name;
    bool found;
};

static void compare_class(void *context, const char *bundle, const char *cls, int)
{
    class_query *q = (class_query *)context;
    q->found |= !strcmp(bundle, q->bundle) && !strcmp(cls, q->name);
}

bool service_from_bundle(const OSMetaClassBase *object, const char *bundle_id)
{
    class_query query = {bundle_id, 0, false};
    for (const OSMetaClass *cls = object->getMetaClass(); cls && !query.found; cls = cls->getSuperClass()) {
        query.name = cls->getClassName();
        libkern_each_class(compare_class, &query);
    }
    return query.found;
}

static OSArray *personalities_of(OSObject *root)
{
    OSArray *array = OSDynamicCast(OSArray, root);
    OSDictionary *table = OSDynamicCast(OSDictionary, root);
    if (array)
        return OSArray::withArray(array);
    if (!table)
        return 0;
    array = OSArray::withCapacity(table->getCount());
    OSCollectionIterator *keys = OSCollectionIterator::withCollection(table);
    while (const OSSymbol *key = keys ? (const OSSymbol *)keys->getNextObject() : 0)
        if (OSDynamicCast(OSDictionary, table->getObject(key)))
            array->setObject(table->getObject(key));
    if (keys)
        keys->release();
    return array;
}

static OSArray *gathered; /* for the last of several calls; the loader's lock is held */

static int reject(const char **error, const char *why)
{
    OSSafeReleaseNULL(gathered);
    if (error)
        *error = why;
    return -1;
}

int iokit_add_personalities(const char *bundle_id, const char *xml, int more, const char **error)
{
    static char text[200];
    OSString *problem = 0;
    OSObject *root = OSUnserializeXML(xml, &problem);
    if (!root) {
        strlcpy(text, problem ? problem->getCStringNoCopy() : "not a property list", sizeof text);
        if (problem)
            problem->release();
        return reject(error, text);
    }
    OSArray *list = personalities_of(root);
    root->release();
    if (!list)
        return reject(error, "neither a dictionary nor an array of personalities");
    OSString *name = OSString::withCString(bundle_id);
    for (unsigned i = 0; i < list->getCount(); i++) {
        OSDictionary *personality = OSDynamicCast(OSDictionary, list->getObject(i));
        if (personality && !personality->getObject("CFBundleIdentifier"))
            personality->setObject("CFBundleIdentifier", name);
    }
    name->release();
    catalogue_module_came(bundle_id);
    if (!gathered)
        gathered = OSArray::withCapacity(list->getCount());
    gathered->merge(list);
    list->release();
    if (more)
        return 0;
    bool ok = gIOCatalogue->addDrivers(gathered);
    OSSafeReleaseNULL(gathered);
    return ok ? 0 : reject(error, "a personality is not a dictionary");
}

int iokit_remove_personalities(const char *bundle_id)
{
    return catalogue_module_went(bundle_id);
}

template <class Test> static int each_service(Test test)
{
    OSArray *all = service_copy_all();
    int count = 0;
    for (unsigned i = 0; i < all->getCount(); i++)
        count += test((IOService *)all->getObject(i));
    all->release();
    return count;
}

/* Clients may go with their provider before their turn comes: who is inactive already is not asked. */
int iokit_terminate_module(const char *bundle_id)
{
    return each_service([bundle_id](IOService *service) {
        if (!service_from_bundle(service, bundle_id) || service_inactive(service))
            return 0;
        service->terminate(kIOServiceRequired);
        return 1;
    });
}

int iokit_module_services(const char *bundle_id)
{
    return each_service(
        [bundle_id](IOService *service) { return (int)service_from_bundle(service, bundle_id); });
}

/* ---- quiet ---- */
/* Busy counts reach the root only along providers: what has been detached and is not yet finalized counts by
 * itself. */
int iokit_wait_quiet(int ms)
{
    long long end = (long long)lx_time_ns() + ms * 1000000ll;
    for (;;) {
        long long left = ms < 0 ? 1000000000 : end - (long long)lx_time_ns();
        if (!gIOServiceRoot)
            return 0;
        bool quiet = gIOServiceRoot->waitQuiet(left > 0 ? (uint64_t)left : 0) == kIOReturnSuccess;
        if (quiet && power_idle())
            return 0;
        if (ms >= 0 && (long long)lx_time_ns() >= end)
            return -1;
        if (quiet)
            lx_sleep_ns(1000000);
    }
}

const char *iokit_busy_names(void)
{
    static char names[1000];
    names[0] = 0;
    each_service([](IOService *service) {
        if (!service->getBusyState() || service == gIOServiceRoot)
            return 0;
        if (names[0])
            strlcat(names, ", ", sizeof names);
        strlcat(names, service->getName(), sizeof names);
        return 1;
    });
    return names;
}

/* ---- drivers on a nub ---- */
static IOService *copy_service(unsigned long long id)
{
    IOService *found = 0;
    each_service([id, &found](IOService *service) {
        if (found || service->getRegistryEntryID() != id)
            return 0;
        service->retain();
        found = service;
        return 1;
    });
    return found;
}

static IOService *first_started(IOService *service)
{
    OSArray *clients = registry_copy_set(service, gIOServicePlane, kChildSet);
    IOService *found = 0;
    for (unsigned i = 0; !found && i < clients->getCount(); i++) {
        IOService *client = (IOService *)clients->getObject(i);
        found = service_has(client, 1, kServiceStarted) ? client : first_started(client);
    }
    clients->release();
    return found;
}

const char *iokit_driver_for(unsigned long long id)
{
    IOService *nub = copy_service(id);
    IOService *driver = nub ? first_started(nub) : 0;
    const char *name = driver ? name_of(driver) : 0;
    if (nub)
        nub->release();
    return name;
}

static unsigned depth_below(IOService *service)
{
    OSArray *clients = registry_copy_set(service, gIOServicePlane, kChildSet);
    unsigned deepest = 0;
    for (unsigned i = 0; i < clients->getCount(); i++) {
        unsigned depth = 1 + depth_below((IOService *)clients->getObject(i));
        deepest = depth > deepest ? depth : deepest;
    }
    clients->release();
    return deepest;
}

const char *iokit_driver_chain(unsigned long long id)
{
    static char chain[400];
    chain[0] = 0;
    IOService *at = copy_service(id);
    while (at) {
        OSArray *clients = registry_copy_set(at, gIOServicePlane, kChildSet);
        IOService *next = 0;
        for (unsigned i = 0; i < clients->getCount(); i++) {
            IOService *client = (IOService *)clients->getObject(i);
            if (!next || depth_below(client) > depth_below(next))
                next = client;
        }
        if (next) {
            next->retain();
            strlcat(chain, chain[0] ? " > " : "", sizeof chain);
            strlcat(chain, name_of(next), sizeof chain);
        }
        clients->release();
        at->release();
        at = next;
    }
    return chain;
}

/* ---- sleep, wake, the end ---- */
int iokit_sleep(int ms)
{
    return power_system(false, ms);
}

int iokit_wake(int ms)
{
    return power_system(true, ms);
}

/* Terminates what stands on the service, but for the system's own two. */
static void terminate_clients(IOService *service)
{
    OSArray *clients = registry_copy_set(service, gIOServicePlane, kChildSet);
    for (unsigned i = 0; i < clients->getCount(); i++) {
        IOService *client = (IOService *)clients->getObject(i);
        if (client != (IOService *)IOService::getPMRootDomain() && client != gIOPlatform &&
            client != gIOResources)
            client->terminate(kIOServiceRequired);
    }
    clients->release();
}

static bool drivers_left(IOService *service)
{
    OSArray *clients = registry_copy_set(service, gIOServicePlane, kChildSet);
    bool left = false;
    for (unsigned i = 0; i < clients->getCount(); i++)
        left |= clients->getObject(i) != (IOService *)IOService::getPMRootDomain();
    clients->release();
    return left;
}

/* The root service has no provider to be detached from: it stays busy, but its clients go. */
static bool end_root(int ms)
{
    unsigned long long limit = lx_time_ns() + ms * 1000000ull;
    gIOServiceRoot->terminate(kIOServiceRequired);
    while (gIOServiceRoot->getClient() && lx_time_ns() < limit)
        lx_sleep_ns(1000000);
    return !gIOServiceRoot->getClient();
}

int iokit_shutdown(int ms)
{
    if (!gIOServiceRoot)
        return 0;
    terminate_clients(gIOPlatform);
    terminate_clients(gIOResources);
    if (iokit_wait_quiet(ms) || drivers_left(gIOPlatform) || drivers_left(gIOResources))
        return -1;
    gIOCatalogue->reset();
    if (!end_root(ms))
        return -1;
    drop(gIOResources);
    platform_release();
    return 0;
}
