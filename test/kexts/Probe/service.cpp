// SPDX-License-Identifier: BSD-3-Clause
/*
 * Matching, starting, messages and termination of services, seen by the drivers of life.h on a nub of our
 * own. What is expected: xnu iokit/Kernel/IOService.cpp (probeCandidates, startCandidate, _adjustBusy, open,
 * close, handleOpen, messageClients, registerInterest, terminatePhase1, terminateWorker, didTerminate),
 * IOCatalogue.cpp.
 */
#include "life.h"
#include <IOKit/IOMessage.h>
#include <libkern/c++/OSContainers.h>

enum : UInt64 { kLong = 30000000000ull }; /* nanoseconds, for what must come */
static volatile int published, terminated, interested, busyOn, busyOff;
static volatile UInt32 interestType;

static bool count(void *target, void *ref, IOService *service, IONotifier *)
{
    ++*(volatile int *)ref;
    return true;
}

static IOReturn onInterest(void *target, void *ref, UInt32 type, IOService *provider, void *argument,
                           vm_size_t size)
{
    interested++;
    interestType = type;
    return kIOReturnSuccess;
}

static IOReturn onBusy(void *target, void *ref, UInt32 type, IOService *provider, void *argument,
                       vm_size_t size)
{
    if (type == kIOMessageServiceBusyStateChange)
        ++*(argument ? &busyOn : &busyOff);
    return kIOReturnSuccess;
}

static IONotifier *watch(const OSSymbol *type, const char *name, volatile int *counter)
{
    OSDictionary *match = IOService::serviceMatching(name);
    IONotifier *n = IOService::addMatchingNotification(type, match, count, 0, (void *)counter);
    match->release();
    return n;
}

static Nub *publish(Probe *p)
{
    Nub *nub = new Nub;
    OSDictionary *table = OSDictionary::withCapacity(1);
    OSString *red = OSString::withCString("red");
    table->setObject("Colour", red);
    red->release();
    bool ok = nub && nub->init(table);
    table->release();
    if (!ok)
        return 0;
    nub->setName("probe-nub");
    if (!nub->attach(p))
        return 0;
    nub->registerService();
    return nub;
}

static Life *driver(Nub *nub, const char *role)
{
    Life *found = 0;
    OSIterator *iter = nub->getClientIterator();
    while (OSObject *o = iter->getNextObject()) {
        Life *l = OSDynamicCast(Life, o);
        if (l && l->is(role))
            found = l;
    }
    iter->release();
    return found;
}

static void testMatching(Nub *nub)
{
    SAME(nub->waitQuiet(kLong), kIOReturnSuccess, "the nub becomes quiet");
    CHECK(trail_before("first.probe", "second.probe") && trail_before("second.probe", "third.probe"),
          "drivers are probed in the order of IOProbeScore");
    CHECK(!trail_has("first.wrongscore") && !trail_has("second.wrongscore") && !trail_has("other.wrongscore"),
          "probe() is given the personality's score, 0 without one");
    CHECK(trail_before("third.probe", "first.start"), "all are probed before one is started");
    CHECK(trail_before("first.start", "third.start"), "the first fails to start: the next best starts");
    CHECK(!trail_has("second.start"), "one that lowered its score in probe() is not tried after that");
    CHECK(trail_before("first.probe", "first.detach") && trail_before("first.detach", "first.start"),
          "a driver is detached again after probe()");
    CHECK(trail_wait("first.free") && trail_before("first.start", "first.free"), "the one that failed is freed");
    CHECK(trail_wait("second.free"), "the one that was not needed is freed");
    CHECK(trail_has("other.start"), "a match category of its own: started too, by IONameMatch");
    CHECK(!trail_has("never.probe"), "a name that differs does not match");
    CHECK(trail_has("property.start") && !trail_has("blue.probe"), "IOPropertyMatch");
    CHECK(trail_before("third.table", "third.probe"), "the nub's matchPropertyTable was asked");
    if (!nub->getClient() || !driver(nub, "third"))
        trail_show();
}

static void testStarted(Nub *nub)
{
    Life *third = driver(nub, "third"), *property = driver(nub, "property");
    if (!CHECK(third && property, "clients of the nub"))
        return;
    CHECK(third->getProvider() == nub, "getProvider");
    OSNumber *score = OSDynamicCast(OSNumber, third->getProperty("IOProbeScore"));
    CHECK(score && score->unsigned32BitValue() == 100, "IOProbeScore");
    CHECK(third->getProperty("IOMatchCategory") == gIODefaultMatchCategoryKey, "IOMatchCategory");
    OSString *cls = OSDynamicCast(OSString, third->getProperty("IOClass"));
    CHECK(cls && cls->isEqualTo("org_virtio_osx_test_Life"), "the personality's keys are properties");
    CHECK(property->getProperty("Probed") == kOSBooleanTrue, "what probe() set is still there");
    Life *other = driver(nub, "other");
    OSString *name = other ? OSDynamicCast(OSString, other->getProperty("IONameMatched")) : 0;
    CHECK(name && name->isEqualTo("probe-nub"), "IONameMatched");
    const OSSymbol *category = OSSymbol::withCString("org_virtio_osx_test_other");
    CHECK(nub->getClientWithCategory(category) == other, "getClientWithCategory");
    IOService *copy = nub->copyClientWithCategory(gIODefaultMatchCategoryKey);
    CHECK(copy == third, "copyClientWithCategory of the default one");
    OSSafeRelease(copy);
    category->release();
    SAME(nub->getBusyState(), 0, "the nub is not busy");
    UInt32 wanted = kIOServiceRegisteredState | kIOServiceMatchedState | kIOServiceFirstPublishState |
                    kIOServiceFirstMatchState;
    SAME(nub->getState() & (wanted | kIOServiceInactiveState), wanted, "getState");
    CHECK(IOService::getPlatform() && IOService::getResourceService() && IOService::getServiceRoot(),
          "platform, resources, root");
}

static void testNotifications(Nub *nub)
{
    SAME(probe_wait(&published, 1), 1, "a first-publish notification that was there before the nub");
    volatile int now = 0;
    IONotifier *n = watch(gIOMatchedNotification, "org_virtio_osx_test_Life", &now);
    SAME(now, 3, "a matched notification is called at once for those that are there");
    n->remove();
    now = 0;
    n = watch(gIOPublishNotification, "org_virtio_osx_test_Absent", &now);
    CHECK(n && !now, "none for a class that is not there");
    n->remove();
    OSDictionary *table = IOService::serviceMatching("org_virtio_osx_test_Nub");
    IOService *found = IOService::waitForMatchingService(table, kLong);
    CHECK(found == nub, "waitForMatchingService");
    OSSafeRelease(found);
    OSIterator *iter = IOService::getMatchingServices(table);
    CHECK(iter && iter->getNextObject() == nub && !iter->getNextObject(), "getMatchingServices");
    OSSafeRelease(iter);
    table->release();
    table = IOService::nameMatching("probe-nub");
    iter = IOService::getMatchingServices(table);
    CHECK(iter && iter->getNextObject() == nub, "nameMatching");
    OSSafeRelease(iter);
    table->release();
    table = IOService::serviceMatching("org_virtio_osx_test_Absent");
    CHECK(!IOService::waitForMatchingService(table, 20000000), "one that does not come: 0 after the time");
    table->release();
    table = IOService::registryEntryIDMatching(nub->getRegistryEntryID());
    iter = IOService::getMatchingServices(table);
    CHECK(iter && iter->getNextObject() == nub, "registryEntryIDMatching");
    OSSafeRelease(iter);
    table->release();
    IOService::publishResource("org_virtio_osx_test_resource", kOSBooleanTrue);
    table = IOService::resourceMatching("org_virtio_osx_test_resource");
    found = IOService::waitForMatchingService(table, kLong);
    CHECK(found == IOService::getResourceService(), "publishResource and resourceMatching");
    OSSafeRelease(found);
    table->release();
    IOService::getResourceService()->removeProperty("org_virtio_osx_test_resource");
}

static void testMessages(Nub *nub)
{
    Life *third = driver(nub, "third");
    IONotifier *n = nub->registerInterest(gIOGeneralInterest, onInterest, 0);
    const OSSymbol *unknown = OSSymbol::withCString("org_virtio_osx_test_interest");
    CHECK(n && !nub->registerInterest(unknown, onInterest, 0), "registerInterest knows its types");
    unknown->release();
    third->messages = 0;
    nub->messageClients(kIOMessageDeviceHasPoweredOn);
    CHECK(third->messages == 1 && third->lastMessage == kIOMessageDeviceHasPoweredOn,
          "messageClients: to the clients");
    CHECK(interested == 1 && interestType == kIOMessageDeviceHasPoweredOn, "and to the interested");
    n->disable();
    nub->messageClients(kIOMessageDeviceHasPoweredOn);
    SAME(interested, 1, "disabled: no call");
    n->enable(true);
    SAME(nub->messageClient(kIOMessageDeviceWillPowerOff, third), kIOReturnUnsupported,
         "messageClient gives the client's answer");
    n->remove();
    nub->messageClients(kIOMessageDeviceHasPoweredOn);
    SAME(interested, 1, "removed: no call");
}

static void testBusy(Probe *p, Nub *nub)
{
    Life *third = driver(nub, "third");
    IONotifier *n = nub->registerInterest(gIOBusyInterest, onBusy, 0);
    UInt32 above = p->getBusyState();
    third->adjustBusy(1);
    SAME(third->getBusyState(), 1, "adjustBusy(1)");
    SAME(nub->getBusyState(), 1, "reaches the provider");
    SAME(p->getBusyState(), above + 1, "and its provider");
    SAME(busyOn, 1, "a busy notification");
    third->adjustBusy(1);
    SAME(third->getBusyState(), 2, "busy twice");
    SAME(nub->getBusyState(), 1, "is once for the provider");
    SAME(nub->waitQuiet(20000000ull), kIOReturnTimeout, "waitQuiet gives up after its time");
    third->adjustBusy(-2);
    SAME(nub->getBusyState(), 0, "quiet");
    SAME(busyOff, 1, "and a notification of it");
    SAME(nub->waitQuiet(kLong), kIOReturnSuccess, "waitQuiet");
    n->remove();
}

static void testOpen(Nub *nub)
{
    Life *third = driver(nub, "third"), *other = driver(nub, "other");
    trail_clear();
    CHECK(!nub->isOpen(), "not open");
    CHECK(nub->open(third), "open");
    CHECK(trail_has("other.attempt") && !trail_has("third.attempt"), "the other clients hear of it");
    CHECK(nub->isOpen() && nub->isOpen(third) && !nub->isOpen(other), "isOpen");
    CHECK(!nub->open(other), "a second client cannot");
    CHECK(!nub->open(third), "nor the same again");
    third->keepsOpen = true;
    CHECK(!nub->open(other, kIOServiceSeize), "seize: the owner is asked, and does not close");
    third->keepsOpen = false;
    CHECK(nub->open(other, kIOServiceSeize) && nub->isOpen(other), "it closes: the other has it");
    trail_clear();
    nub->close(other);
    CHECK(!nub->isOpen(), "close");
    CHECK(trail_has("third.wasclosed"), "the other clients hear of that too");
}

static void testTermination(Nub *nub)
{
    Life *third = driver(nub, "third");
    third->retain();
    CHECK(nub->open(third), "open for one that will not close");
    third->keepsOpen = true;
    trail_clear();
    SAME(terminated, 0, "no termination yet");
    CHECK(nub->terminate(), "terminate");
    CHECK(trail_wait("third.close?"), "the client that has the nub open is asked to close it");
    trail_wait("other.stop");
    probe_wait(&terminated, 1);
    IOSleep(50);
    CHECK(nub->isInactive() && third->isInactive(), "both are inactive");
    SAME(terminated, 1, "a termination notification for the nub");
    CHECK(!trail_has("third.stop"), "it does not close: it is not stopped");
    CHECK(trail_has("other.stop"), "the others are");
    CHECK(!trail_has("nub.free"), "the nub stays");
    CHECK(!nub->open(third), "an inactive service cannot be opened");
    CHECK(!nub->registerInterest(gIOGeneralInterest, onInterest, 0), "nor watched");
    nub->close(third);
    CHECK(trail_wait("third.stop"), "it closes: it is stopped");
    third->waitQuiet(kLong);
    CHECK(trail_before("third.request", "third.will") && trail_before("third.will", "third.did") &&
              trail_before("third.did", "third.close?") && trail_before("third.finalize", "third.stop"),
          "requestTerminate, willTerminate, didTerminate, finalize, stop");
    CHECK(trail_wait("third.detach") && trail_before("third.stop", "third.detach"), "then detached");
    for (int ms = 0; ms < 30000 && third->getRetainCount() != 1; ms++)
        IOSleep(1);
    SAME(third->getRetainCount(), 1, "nobody else refers to it");
    third->release();
    CHECK(trail_has("third.free"), "freed");
}

void test_service(Probe *p)
{
    trail_clear();
    IONotifier *one = watch(gIOFirstPublishNotification, "org_virtio_osx_test_Nub", &published);
    IONotifier *two = watch(gIOTerminatedNotification, "org_virtio_osx_test_Nub", &terminated);
    Nub *nub = publish(p);
    if (!CHECK(one && two && nub, "a nub of our own"))
        return;
    testMatching(nub);
    testStarted(nub);
    if (!driver(nub, "third") || !driver(nub, "other"))
        return;
    testNotifications(nub);
    testMessages(nub);
    testBusy(p, nub);
    testOpen(nub);
    testTermination(nub);
    nub->release();
    CHECK(trail_wait("nub.free"), "the nub is freed with its last reference");
    one->remove();
    two->remove();
}
