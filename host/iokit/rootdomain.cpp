// SPDX-License-Identifier: BSD-3-Clause
/*
 * IOPMrootDomain: the root of the power plane, on whose state all others depend, and the interest in sleep
 * and wake. Answers to IOKit/pwr_mgt/RootDomain.h; behaviour as in xnu-2422.115.4
 * iokit/Kernel/IOPMrootDomain.cpp for what drivers of devices use. The machine sleeps when it is told to
 * (iokit_sleep), never by itself.
 */
#include "iokit/impl.h"
#include "iokit/power.h"
#include "iokit/platform.h"
#include <IOKit/pwr_mgt/RootDomain.h>

OSDefineMetaClassAndFinalStructors(IOPMrootDomain, IOService)

    static IOOptionBits sleep_supported;
static uint32_t last_feature;
enum { kAggressivenessTypes = 16 };
static unsigned long aggressiveness[kAggressivenessTypes];

IOPMrootDomain *IOPMrootDomain::construct(void)
{
    IOPMrootDomain *domain = new IOPMrootDomain;
    if (domain && !domain->init((OSDictionary *)0)) {
        domain->release();
        return 0;
    }
    return domain;
}

bool IOPMrootDomain::start(IOService *provider)
{
    if (!IOService::start(provider))
        return false;
    PMinit();
    power_record *record = power_of(this);
    record->root = true;
    record->current = 1;
    attachToParent(getRegistryRoot(), gIOPowerPlane);
    service_set_root_domain(this);
    registerService();
    return true;
}

IOPMrootDomain *rootdomain_make(IOService *provider)
{
    IOPMrootDomain *domain = IOPMrootDomain::construct();
    if (!domain)
        return 0;
    domain->attach(provider);
    bool ok = domain->start(provider);
    domain->release(); /* the plane holds it */
    return ok ? domain : 0;
}

IOReturn IOPMrootDomain::setAggressiveness(unsigned long type, unsigned long level)
{
    if (type >= kAggressivenessTypes)
        return kIOReturnBadArgument;
    aggressiveness[type] = level;
    return kIOReturnSuccess;
}

IOReturn IOPMrootDomain::getAggressiveness(unsigned long type, unsigned long *level)
{
    if (!level || type >= kAggressivenessTypes)
        return kIOReturnBadArgument;
    *level = aggressiveness[type];
    return kIOReturnSuccess;
}

void IOPMrootDomain::setSleepSupported(IOOptionBits flags)
{
    sleep_supported |= flags;
}

IOOptionBits IOPMrootDomain::getSleepSupported(void)
{
    return sleep_supported;
}

IOReturn IOPMrootDomain::setProperties(OSObject *properties)
{
    return kIOReturnUnsupported;
}

bool IOPMrootDomain::serializeProperties(OSSerialize *s) const
{
    return IOService::serializeProperties(s);
}

IONotifier *IOPMrootDomain::registerInterest(const OSSymbol *typeOfInterest, IOServiceInterestHandler handler,
                                             void *target, void *ref)
{
    return IOService::registerInterest(typeOfInterest, handler, target, ref);
}

IOReturn IOPMrootDomain::callPlatformFunction(const OSSymbol *functionName, bool waitForFunction,
                                              void *param1, void *param2, void *param3, void *param4)
{
    return IOService::callPlatformFunction(functionName, waitForFunction, param1, param2, param3, param4);
}

/* ---- features ("WakeOnMagicPacket" ...), shown as a property ---- */
void IOPMrootDomain::publishFeature(const char *feature)
{
    publishFeature(feature, kIOPMSupportedOnAC | kIOPMSupportedOnBatt | kIOPMSupportedOnUPS, 0);
}

void IOPMrootDomain::publishFeature(const char *feature, uint32_t supportedWhere, uint32_t *uniqueFeatureID)
{
    LockScope hold(registry_properties);
    OSDictionary *old = OSDynamicCast(OSDictionary, getProperty("Supported Features"));
    OSDictionary *table =
        old ? OSDictionary::withDictionary(old, old->getCount() + 1) : OSDictionary::withCapacity(1);
    uint32_t id = ++last_feature;
    OSNumber *number = OSNumber::withNumber((unsigned long long)supportedWhere << 16 | id, 32);
    table->setObject(feature, number);
    number->release();
    setProperty("Supported Features", table);
    table->release();
    if (uniqueFeatureID)
        *uniqueFeatureID = id;
}

IOReturn IOPMrootDomain::removePublishedFeature(uint32_t removeFeatureID)
{
    LockScope hold(registry_properties);
    OSDictionary *old = OSDynamicCast(OSDictionary, getProperty("Supported Features"));
    OSDictionary *table = old ? OSDictionary::withDictionary(old, old->getCount()) : 0;
    OSCollectionIterator *keys = table ? OSCollectionIterator::withCollection(old) : 0;
    IOReturn result = kIOReturnNotFound;
    while (const OSSymbol *key = keys ? (const OSSymbol *)keys->getNextObject() : 0) {
        OSNumber *number = OSDynamicCast(OSNumber, old->getObject(key));
        if (number && (number->unsigned32BitValue() & 0xffff) == removeFeatureID) {
            table->removeObject(key);
            result = kIOReturnSuccess;
        }
    }
    if (keys)
        keys->release();
    if (table) {
        setProperty("Supported Features", table);
        table->release();
    }
    return result;
}

/* ---- interest in sleep and wake ---- */
IONotifier *registerSleepWakeInterest(IOServiceInterestHandler handler, void *self, void *ref)
{
    IOPMrootDomain *root = IOService::getPMRootDomain();
    return root ? root->registerInterest(gIOAppPowerStateInterest, handler, self, ref) : 0;
}

IONotifier *registerPrioritySleepWakeInterest(IOServiceInterestHandler handler, void *self, void *ref)
{
    IOPMrootDomain *root = IOService::getPMRootDomain();
    return root ? root->registerInterest(gIOPriorityPowerStateInterest, handler, self, ref) : 0;
}

/* Sleep waits for who asked for time in the notification's returnValue; see tell_sleepers. */
static lx_mutex sleepers_mutex;
static lx_cond sleepers_done;
static int sleepers_open; /* who has not acknowledged yet */

IOReturn acknowledgeSleepWakeNotification(void *)
{
    lx_mutex_lock(&sleepers_mutex);
    sleepers_open--; /* it may come before tell_one counts */
    lx_cond_broadcast(&sleepers_done);
    lx_mutex_unlock(&sleepers_mutex);
    return kIOReturnSuccess;
}

/* A sleep that was ordered cannot be vetoed. */
IOReturn vetoSleepWakeNotification(void *)
{
    return kIOReturnUnsupported;
}

struct sleep_message {
    IOService *root;
    UInt32 type;
};

static void tell_one(OSObject *client, void *context)
{
    sleep_message *m = (sleep_message *)context;
    sleepWakeNote note = {client, 0, 0, 0};
    m->root->messageClient(m->type, client, &note, sizeof note);
    if (!note.returnValue)
        return;
    lx_mutex_lock(&sleepers_mutex);
    sleepers_open++;
    lx_mutex_unlock(&sleepers_mutex);
}

/* Applications' kind of interest first, then the priority kind. False: not all acknowledged in time. */
static bool tell_sleepers(IOService *root, UInt32 type, long long deadline)
{
    sleep_message m = {root, type};
    bool ok = true;
    const OSSymbol *const kinds[] = {gIOAppPowerStateInterest, gIOPriorityPowerStateInterest};
    for (int i = 0; i < 2; i++) {
        service_apply_to_interest(root, kinds[i], tell_one, &m);
        lx_mutex_lock(&sleepers_mutex);
        for (long long left; sleepers_open > 0 && (left = deadline - (long long)lx_time_ns()) > 0;)
            lx_cond_wait(&sleepers_done, &sleepers_mutex, left);
        ok &= sleepers_open <= 0;
        sleepers_open = 0;
        lx_mutex_unlock(&sleepers_mutex);
    }
    return ok;
}

static bool wait_idle(long long deadline)
{
    while (!power_idle() && (long long)lx_time_ns() < deadline)
        lx_sleep_ns(1000000);
    return power_idle();
}

int power_system(bool on, int ms)
{
    IOService *root = (IOService *)IOService::getPMRootDomain();
    power_record *record = power_of(root);
    long long deadline = (long long)lx_time_ns() + ms * 1000000ll;
    if (record->current == (unsigned long)on)
        return 0;
    bool told = tell_sleepers(root, on ? kIOMessageSystemWillPowerOn : kIOMessageSystemWillSleep, deadline);
    record->current = on;
    OSArray *children = registry_copy_set(root, gIOPowerPlane, kChildSet);
    for (unsigned i = 0; i < children->getCount(); i++)
        power_post(kPowerDomain, (IOService *)children->getObject(i));
    children->release();
    bool done = wait_idle(deadline);
    if (on)
        told &= tell_sleepers(root, kIOMessageSystemHasPoweredOn, deadline);
    return told && done ? 0 : -1;
}

/* Leaves first, as the root domain does (notifySystemShutdown). */
static void tell_shutdown(IOService *service)
{
    OSArray *children = registry_copy_set(service, gIOPowerPlane, kChildSet);
    for (unsigned i = 0; children && i < children->getCount(); i++)
        if (IOService *child = OSDynamicCast(IOService, children->getObject(i)))
            tell_shutdown(child);
    OSSafeReleaseNULL(children);
    lx_trace("%s: systemWillShutdown", service->getName());
    service->systemWillShutdown(kIOMessageSystemWillPowerOff);
}

void iokit_will_shutdown(void)
{
    tell_shutdown((IOService *)IOService::getPMRootDomain());
}
