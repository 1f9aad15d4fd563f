// SPDX-License-Identifier: BSD-3-Clause
// Matching (candidates, scores, categories, resources, notifications, busy), the phases of termination,
// power.
#include "iokit/impl.h"
#include <IOKit/pwr_mgt/RootDomain.h>
#include "test/iokit/suite.h"

enum { kLong = 30000 }; /* milliseconds, for what must come */

static char story[400];
static bool contains(const char *text, const char *part)
{
    size_t length = strlen(part);
    while (*text && strncmp(text, part, length))
        text++;
    return *text != 0;
}

static void tell(const char *who, const char *what)
{
    strlcat(story, story[0] ? " " : "", sizeof story);
    strlcat(story, who, sizeof story);
    strlcat(story, ".", sizeof story);
    strlcat(story, what, sizeof story);
}

/* What the personality says the driver does. */
class TestDriver : public IOService
{
    OSDeclareDefaultStructors(TestDriver) public : bool keeps_open;
    bool has(const char *key) { return getProperty(key) != 0; }
    void startPower(IOService *provider);
    virtual IOService *probe(IOService *provider, SInt32 *score);
    virtual bool start(IOService *provider);
    virtual void stop(IOService *provider);
    virtual bool willTerminate(IOService *provider, IOOptionBits options);
    virtual bool didTerminate(IOService *provider, IOOptionBits options, bool *defer);
    virtual bool finalize(IOOptionBits options);
    virtual IOReturn message(UInt32 type, IOService *provider, void *argument);
    virtual IOReturn setPowerState(unsigned long state, IOService *whom);
};
OSDefineMetaClassAndStructors(TestDriver, IOService)

    class TestNub : public IOService
{
    OSDeclareDefaultStructors(TestNub)
};
OSDefineMetaClassAndStructors(TestNub, IOService)

    IOService *TestDriver::probe(IOService *provider, SInt32 *score)
{
    setName(((OSString *)getProperty("Name"))->getCStringNoCopy());
    tell(getName(), "probe");
    OSNumber *raise = OSDynamicCast(OSNumber, getProperty("Raise"));
    if (raise)
        *score += raise->unsigned32BitValue();
    return has("ProbeFails") ? 0 : this;
}

static TestNub *make_nub(const char *name)
{
    TestNub *nub = new TestNub;
    nub->init((OSDictionary *)0);
    nub->setName(name);
    return nub;
}

static IOPMPowerState states[2] = {
    {1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
    {1, kIOPMDeviceUsable, kIOPMPowerOn, kIOPMPowerOn, 0, 0, 0, 0, 0, 0, 0, 0}};

void TestDriver::startPower(IOService *provider)
{
    PMinit();
    if (has("Clamp"))
        temporaryPowerClampOn();
    provider->joinPMtree(this);
    registerPowerDriver(this, states, 2);
    if (!has("Clamp"))
        changePowerStateToPriv(1);
}

bool TestDriver::start(IOService *provider)
{
    tell(getName(), "start");
    if (has("StartFails"))
        return false;
    if (has("Opens"))
        keeps_open = provider->open(this);
    if (has("Power"))
        startPower(provider);
    if (has("Publishes")) {
        TestNub *nub = make_nub("leaf");
        nub->attach(this);
        nub->registerService();
        nub->release();
    }
    return true;
}

void TestDriver::stop(IOService *provider)
{
    tell(getName(), "stop");
    if (has("Power"))
        PMstop();
}

bool TestDriver::willTerminate(IOService *provider, IOOptionBits options)
{
    tell(getName(), "will");
    return IOService::willTerminate(provider, options);
}

bool TestDriver::didTerminate(IOService *provider, IOOptionBits options, bool *defer)
{
    tell(getName(), "did");
    return IOService::didTerminate(provider, options, defer);
}

bool TestDriver::finalize(IOOptionBits options)
{
    tell(getName(), "finalize");
    return IOService::finalize(options);
}

IOReturn TestDriver::message(UInt32 type, IOService *provider, void *argument)
{
    if (type == kIOMessageServiceIsRequestingClose && keeps_open && !has("Stubborn")) {
        tell(getName(), "close");
        keeps_open = false;
        provider->close(this);
        return kIOReturnSuccess;
    }
    return IOService::message(type, provider, argument);
}

IOReturn TestDriver::setPowerState(unsigned long state, IOService *)
{
    tell(getName(), state ? "on" : "off");
    return kIOPMAckImplied;
}

/* ---- helpers ---- */
#define PERSONALITY(name, rest)                                                                              \
    "<key>" name "</key><dict><key>IOClass</key><string>TestDriver</string><key>Name</key><string>" name     \
    "</string><key>IOProviderClass</key><string>TestNub</string>" rest "</dict>"
#define SCORE(n)        "<key>IOProbeScore</key><integer>" n "</integer>"
#define FLAG(key)       "<key>" key "</key><true/>"
#define TEXT(key, text) "<key>" key "</key><string>" text "</string>"

static void add(const char *personalities)
{
    const char *error = 0;
    static char xml[4000];
    snprintf(xml, sizeof xml, "<dict>%s</dict>", personalities);
    if (iokit_add_personalities("org.test.driver", xml, 0, &error))
        host_check(0, "personalities: %s", error);
}

static TestNub *publish(const char *name)
{
    TestNub *nub = make_nub(name);
    story[0] = 0;
    iokit_register_nub(nub, IOService::getPlatform());
    iokit_wait_quiet(kLong);
    return nub;
}

static void withdraw(TestNub *nub)
{
    iokit_remove_personalities("org.test.driver");
    nub->terminate();
    iokit_wait_quiet(kLong);
    nub->release();
}

static void expect(const char *wanted, const char *what)
{
    host_check(!strcmp(story, wanted), "%s: %s", what, story);
}

/* ---- matching ---- */
static void scores(void)
{
    add(PERSONALITY("low", SCORE("10")) PERSONALITY("high", SCORE("500") FLAG("StartFails"))
            PERSONALITY("riser", SCORE("20") "<key>Raise</key><integer>100</integer>")
                PERSONALITY("shy", SCORE("900") FLAG("ProbeFails")));
    TestNub *nub = publish("nub");
    expect("shy.probe high.probe riser.probe low.probe high.start riser.start",
           "probed by score, started by the score after probe until one succeeds");
    const char *driver = iokit_driver_for(nub->getRegistryEntryID());
    host_check(driver && !strcmp(driver, "TestDriver"), "the nub has a driver");
    host_check(!nub->getBusyState() && (nub->getState() & kIOServiceMatchedState), "matched and quiet");
    story[0] = 0;
    add(PERSONALITY("late", SCORE("1000")));
    iokit_wait_quiet(kLong);
    expect("", "a category that is taken stays so");
    add(PERSONALITY("aside", TEXT("IOMatchCategory", "Aside")));
    iokit_wait_quiet(kLong);
    expect("aside.probe aside.start", "another category has its own place");
    withdraw(nub);
}

static void criteria(void)
{
    add(PERSONALITY("named", TEXT("IONameMatch", "right") TEXT("IOMatchCategory", "a"))
            PERSONALITY("located", TEXT("IOLocationMatch", "7") TEXT("IOMatchCategory", "b")) PERSONALITY(
                "property",
                "<key>IOPropertyMatch</key><dict><key>color</key><string>red</string></dict>" TEXT(
                    "IOMatchCategory", "c"))
                PERSONALITY("parent",
                            "<key>IOParentMatch</key><dict><key>IOProviderClass</key>"
                            "<string>IOPlatformExpert</string></dict>" TEXT("IOMatchCategory", "d")));
    TestNub *wrong = publish("wrong");
    expect("parent.probe parent.start", "only what applies matches");
    TestNub *right = make_nub("right");
    right->setLocation("7");
    right->setProperty("color", "red");
    story[0] = 0;
    iokit_register_nub(right, IOService::getPlatform());
    iokit_wait_quiet(kLong);
    host_check(contains(story, "named.start") && contains(story, "located.start") &&
                   contains(story, "property.start"),
               "name, location and properties match");
    IOService *named = (IOService *)0;
    const OSSymbol *category = OSSymbol::withCString("a");
    named = right->copyClientWithCategory(category);
    category->release();
    OSString *hint = named ? OSDynamicCast(OSString, named->getProperty(gIONameMatchedKey)) : 0;
    host_check(hint && hint->isEqualTo("right"), "the driver learns which name matched");
    if (named)
        named->release();
    wrong->terminate();
    wrong->release();
    withdraw(right);
}

static void resources(void)
{
    add(PERSONALITY("waiter", TEXT("IOResourceMatch", "test-resource")));
    TestNub *nub = make_nub("nub");
    story[0] = 0;
    iokit_register_nub(nub, IOService::getPlatform());
    host_check(iokit_wait_quiet(50) == -1 && contains(iokit_busy_names(), "nub"),
               "who waits for a resource is busy: %s", iokit_busy_names());
    EVENTUALLY(!strcmp(story, "waiter.probe"));
    IOSleep(10);
    expect("waiter.probe", "and not started");
    IOService::publishResource("test-resource");
    host_check(iokit_wait_quiet(kLong) == 0, "published, all is quiet");
    expect("waiter.probe waiter.start", "and started");
    IOService::getResourceService()->removeProperty("test-resource");
    withdraw(nub);
}

static bool heard(void *, void *what, IOService *service, IONotifier *)
{
    tell(service->getName(), (const char *)what);
    return true;
}

static void notifications(void)
{
    OSDictionary *table = IOService::serviceMatching("TestNub");
    IONotifier *all[4];
    const OSSymbol *const types[4] = {gIOFirstPublishNotification, gIOPublishNotification,
                                      gIOFirstMatchNotification, gIOTerminatedNotification};
    const char *const names[4] = {"first", "published", "matched", "terminated"};
    for (int i = 0; i < 4; i++)
        all[i] = IOService::addMatchingNotification(types[i], table, heard, 0, (void *)names[i]);
    TestNub *nub = publish("nub");
    expect("nub.first nub.published nub.matched", "notifications of a new service");
    story[0] = 0;
    nub->registerService();
    iokit_wait_quiet(kLong);
    expect("nub.published", "registered again");
    IONotifier *late =
        IOService::addMatchingNotification(gIOMatchedNotification, table, heard, 0, (void *)"late");
    expect("nub.published nub.late", "who comes late hears of what is there");
    story[0] = 0;
    withdraw(nub);
    expect("nub.terminated", "and of the end");
    for (int i = 0; i < 4; i++)
        all[i]->remove();
    late->remove();
    table->release();
}

static void bad_text(void)
{
    const char *error = 0;
    host_check(iokit_add_personalities("x", "<dict><key>a</key>", 0, &error) == -1 && error && *error,
               "a text that does not parse is refused: %s", error ? error : "");
}

/* The objects there are when a second has brought no change. */
static int settled(void)
{
    int last = host_objects();
    for (int still = 0, left = kLong; still < 1000 && left; still++, left--) {
        IOSleep(1);
        if (host_objects() != last)
            last = host_objects(), still = 0;
    }
    return last;
}

void suite_matching(void)
{
    notifications(); /* each kind's list stays */
    int before = settled();
    scores();
    criteria();
    resources();
    notifications();
    bad_text();
    EVENTUALLY(host_objects() == before);
    host_check(host_objects() == before, "no object is left (%d, %d before)", host_objects(), before);
}

/* ---- termination ---- */
static void phases(void)
{
    add(PERSONALITY("bus", FLAG("Publishes") FLAG("Opens") TEXT("IONameMatch", "nub"))
            PERSONALITY("drive", TEXT("IONameMatch", "leaf")));
    TestNub *nub = publish("nub");
    expect("bus.probe bus.start drive.probe drive.start", "a chain of two drivers");
    host_check(!strcmp(iokit_driver_chain(nub->getRegistryEntryID()), "TestDriver > TestNub > TestDriver"),
               "stands");
    story[0] = 0;
    withdraw(nub);
    expect("bus.will drive.will drive.did bus.did bus.close drive.finalize drive.stop bus.finalize bus.stop",
           "it goes in phases");
}

static void stubborn(void)
{
    add(PERSONALITY("holder", FLAG("Opens") FLAG("Stubborn")));
    TestNub *nub = publish("nub");
    IOService *driver = nub->getClient();
    driver->retain();
    nub->terminate();
    host_check(iokit_wait_quiet(100) == -1 && nub->isOpen(driver), "who does not close holds the end up");
    nub->close(driver);
    host_check(iokit_wait_quiet(kLong) == 0 && !driver->getProvider(), "and ends it by closing (busy: %s)",
               iokit_busy_names());
    EVENTUALLY(driver->getRetainCount() == 1);
    host_check(driver->getRetainCount() == 1, "nothing holds it then (%d)", driver->getRetainCount());
    driver->release();
    iokit_remove_personalities("org.test.driver");
    nub->release();
}

static void module(void)
{
    add(PERSONALITY("one", ""));
    TestNub *nub = publish("nub");
    IOService *driver = nub->getClient();
    host_check(service_from_bundle(driver, "__kernel__") && !service_from_bundle(driver, "org.test.driver"),
               "a class belongs to the bundle it came with");
    story[0] = 0;
    driver->terminate();
    iokit_wait_quiet(kLong);
    expect("one.finalize one.stop", "a driver alone is stopped");
    host_check(!nub->getClient() && !nub->isInactive(), "its nub stays");
    nub->registerService();
    iokit_wait_quiet(kLong);
    host_check(nub->getClient() != 0, "and finds a new driver");
    withdraw(nub);
}

static void arbitration(void)
{
    TestNub *nub = publish("nub");
    IOService *a = make_nub("a"), *b = make_nub("b");
    host_check(nub->open(a) && !nub->open(b) && nub->isOpen(a) && nub->isOpen(),
               "one client at a time has it open");
    nub->close(a);
    host_check(nub->open(b) && !nub->isOpen(a), "then another");
    nub->close(b);
    nub->terminate();
    iokit_wait_quiet(kLong);
    host_check(!nub->open(a) && !a->attach(nub), "an inactive service takes no client");
    a->release();
    b->release();
    nub->release();
}

void suite_termination(void)
{
    int before = host_objects();
    phases();
    stubborn();
    module();
    arbitration();
    EVENTUALLY(host_objects() == before);
    host_check(host_objects() == before, "no object is left (%d, %d before)", host_objects(), before);
}

/* ---- power ---- */
static IOReturn sleeper(void *, void *ref, UInt32 type, IOService *, void *, vm_size_t)
{
    if (type == kIOMessageSystemWillSleep)
        tell("system", "sleep");
    if (type == kIOMessageSystemHasPoweredOn)
        tell("system", "wake");
    return kIOReturnSuccess;
}

/* A bus that follows its children, as IOPCIDevice does. */
static void power_chain(void)
{
    add(PERSONALITY("bus", FLAG("Power") FLAG("Clamp") FLAG("Publishes") TEXT("IONameMatch", "nub"))
            PERSONALITY("nic", FLAG("Power") TEXT("IONameMatch", "leaf")));
    TestNub *nub = publish("nub");
    host_check(contains(story, "bus.on") && contains(story, "nic.on"), "parent and child are on");
    story[0] = 0;
    iokit_sleep(kLong);
    expect("nic.off bus.off", "children go down first");
    story[0] = 0;
    iokit_wake(kLong);
    expect("bus.on nic.on", "and up last");
    withdraw(nub);
}

void suite_power(void)
{
    IONotifier *interest = registerPrioritySleepWakeInterest(sleeper, 0, 0);
    interest->remove(); /* its list stays */
    int before = host_objects();
    interest = registerPrioritySleepWakeInterest(sleeper, 0, 0);
    add(PERSONALITY("nic", FLAG("Power")));
    TestNub *nub = publish("nub");
    expect("nic.probe nic.start nic.on", "registering makes a first change");
    host_check(nub->getClient()->getPowerState() == 1, "to the highest state");
    story[0] = 0;
    host_check(iokit_sleep(kLong) == 0 && iokit_sleep(10) == 0, "the machine sleeps, once");
    expect("system.sleep nic.off", "interest first, then the drivers");
    story[0] = 0;
    host_check(iokit_wake(kLong) == 0, "and wakes");
    expect("nic.on system.wake", "the other way round");
    interest->remove();
    story[0] = 0;
    withdraw(nub);
    expect("nic.will nic.did nic.finalize nic.stop", "nothing of power happens at the end");
    power_chain();
    EVENTUALLY(host_objects() == before);
    host_check(host_objects() == before, "no object is left (%d, %d before)", host_objects(), before);
}
