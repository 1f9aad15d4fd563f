// SPDX-License-Identifier: BSD-3-Clause
/*
 * IOService's power management as drivers call it: joining the power plane, registering states, wanting one
 * of them, acknowledging. Behaviour as in xnu-2422.115.4 iokit/Kernel/IOServicePM.cpp, for what a driver of a
 * device observes; there is no power connection object between parent and child in the power plane.
 */
#include "iokit/impl.h"
#include "iokit/power.h"

IOLock *power_lock;

void power_init(void)
{
    power_lock = IOLockAlloc();
    power_thread_init();
}

/* ---- life ---- */
void IOService::PMinit(void)
{
    if (initialized)
        return;
    power_record *record = make_zero<power_record>();
    record->interested = OSArray::withCapacity(1);
    record->initial = true;
    pwrMgt = (IOServicePM *)record;
    pm_vars = record;
    initialized = true;
}

static void free_idle_call(power_record *record)
{
    thread_call_t call = record->idle_call;
    record->idle_call = 0;
    if (!call)
        return;
    thread_call_cancel(call);
    while (!thread_call_free(call))
        lx_sleep_ns(1000000);
}

/* Leaves the power plane; no call into the driver's power methods begins, or is running, when this returns.
 */
void IOService::PMstop(void)
{
    power_record *record = power_of(this);
    if (!record || record->stopped)
        return;
    IOLockLock(power_lock);
    record->stopped = true;
    IOLockUnlock(power_lock);
    free_idle_call(record);
    power_wait_callout(this);
    OSArray *children = registry_copy_set(this, gIOPowerPlane, kChildSet);
    for (unsigned i = 0; i < children->getCount(); i++)
        ((IOService *)children->getObject(i))->detachFromParent(this, gIOPowerPlane);
    children->release();
    detachAbove(gIOPowerPlane);
    IOLockLock(power_lock);
    record->driver = 0;
    OSArray *interested = record->interested;
    record->interested = 0;
    IOLockUnlock(power_lock);
    if (interested)
        interested->release();
}

void power_free(IOService *service)
{
    power_record *record = power_of(service);
    if (!record)
        return;
    free_idle_call(record);
    drop(record->interested);
    IOFree(record, sizeof *record);
    service->pwrMgt = 0;
    service->pm_vars = 0;
}

/* ---- the power plane ---- */
void IOService::joinPMtree(IOService *driver)
{
    IOPlatformExpert *platform = getPlatform();
    if (platform)
        platform->PMRegisterDevice(this, driver);
}

IOReturn IOService::addPowerChild(IOService *theChild)
{
    if (!initialized)
        return kIOPMNotYetInitialized;
    if (!theChild || !theChild->initialized)
        return kIOReturnNotReady;
    if (!theChild->attachToParent(this, gIOPowerPlane))
        return kIOReturnNoMemory;
    power_post(kPowerDomain, theChild);
    return kIOReturnSuccess;
}

IOReturn IOService::registerPowerDriver(IOService *controllingDriver, IOPMPowerState *powerStates,
                                        unsigned long numberOfStates)
{
    power_record *record = power_of(this);
    if (!record)
        return kIOPMNotYetInitialized;
    if (!controllingDriver || !powerStates || numberOfStates < 2 || numberOfStates > kIOPMMaxPowerStates)
        return kIOReturnBadArgument;
    for (unsigned long i = 0; i < numberOfStates; i++)
        if (powerStates[i].version > kIOPMPowerStateVersion1)
            return kIOReturnBadArgument;
    IOLockLock(power_lock);
    bool taken = record->driver || record->stopped;
    if (!taken) {
        bcopy(powerStates, record->states, numberOfStates * sizeof *powerStates);
        record->count = numberOfStates;
        record->driver = controllingDriver;
    }
    IOLockUnlock(power_lock);
    if (taken)
        return kIOReturnUnsupported;
    if (controllingDriver != this)
        registerInterestedDriver(controllingDriver);
    power_post(kPowerRegister, this);
    return kIOReturnSuccess;
}

IOPMPowerFlags IOService::registerInterestedDriver(IOService *theDriver)
{
    power_record *record = power_of(this);
    if (!record || !theDriver)
        return 0;
    MutexScope hold(power_lock);
    if (record->interested && !registry_member(record->interested, theDriver, 0))
        record->interested->setObject(theDriver);
    return record->count ? record->states[record->current].capabilityFlags : 0;
}

IOReturn IOService::deRegisterInterestedDriver(IOService *theDriver)
{
    power_record *record = power_of(this);
    if (!record || !theDriver)
        return kIOReturnBadArgument;
    theDriver->retain();
    IOLockLock(power_lock);
    unsigned int index;
    if (record->interested && registry_member(record->interested, theDriver, &index))
        record->interested->removeObject(index);
    IOLockUnlock(power_lock);
    theDriver->release();
    return kIOPMNoErr;
}

/* ---- wanting a state ---- */
static IOReturn want(IOService *service, int who, unsigned long state)
{
    power_record *record = power_of(service);
    if (!record)
        return kIOPMNotYetInitialized;
    IOLockLock(power_lock);
    bool valid = !record->count || state < record->count;
    if (valid)
        record->desire[who] = state;
    IOLockUnlock(power_lock);
    if (!valid)
        return kIOPMParameterError;
    power_post(kPowerAdjust, service);
    return kIOReturnSuccess;
}

IOReturn IOService::makeUsable(void)
{
    power_record *record = power_of(this);
    return want(this, kDesireDevice, record && record->count ? record->count - 1 : kIOPMMaxPowerStates - 1);
}

IOReturn IOService::changePowerStateTo(unsigned long ordinal)
{
    return want(this, kDesireProxy, ordinal);
}

IOReturn IOService::changePowerStateToPriv(unsigned long ordinal)
{
    return want(this, kDesireDriver, ordinal);
}

IOReturn IOService::temporaryPowerClampOn(void)
{
    power_record *record = power_of(this);
    if (!record)
        return kIOPMNotYetInitialized;
    record->clamped = true;
    power_post(kPowerAdjust, this);
    return kIOReturnSuccess;
}

/* True: the device is in the state or a higher one. Other policies than the superclass's are the driver's
 * own. */
bool IOService::activityTickle(unsigned long type, unsigned long stateNumber)
{
    power_record *record = power_of(this);
    if (!record || type != kIOPMSuperclassPolicy1)
        return true;
    IOLockLock(power_lock);
    record->idle_ticks++;
    bool there = record->current >= stateNumber;
    bool raise = record->desire[kDesireDevice] < stateNumber;
    IOLockUnlock(power_lock);
    if (raise)
        want(this, kDesireDevice, stateNumber);
    return there;
}

static void arm_idle(power_record *record)
{
    uint64_t deadline;
    clock_interval_to_deadline((uint32_t)record->idle_seconds, kSecondScale, &deadline);
    thread_call_enter_delayed(record->idle_call, deadline);
}

/* A period without a tickle lowers what activityTickle wanted by one state. */
static void idle_expired(thread_call_param_t service, thread_call_param_t)
{
    IOService *self = (IOService *)service;
    power_record *record = power_of(self);
    IOLockLock(power_lock);
    bool lower = !record->idle_ticks && record->desire[kDesireDevice] > 0;
    unsigned long state = record->desire[kDesireDevice] - lower;
    record->idle_ticks = 0;
    if (record->idle_call && !record->stopped)
        arm_idle(record);
    IOLockUnlock(power_lock);
    if (lower)
        want(self, kDesireDevice, state);
}

IOReturn IOService::setIdleTimerPeriod(unsigned long period)
{
    power_record *record = power_of(this);
    if (!record)
        return kIOPMNotYetInitialized;
    MutexScope hold(power_lock);
    record->idle_seconds = period;
    if (!period) {
        if (record->idle_call)
            thread_call_cancel(record->idle_call);
        return kIOReturnSuccess;
    }
    if (!record->idle_call)
        record->idle_call = thread_call_allocate(idle_expired, this);
    arm_idle(record);
    return kIOReturnSuccess;
}

/* ---- questions ---- */
UInt32 IOService::getPowerState(void)
{
    power_record *record = power_of(this);
    return record ? (UInt32)record->current : 0;
}

IOPMPowerFlags IOService::currentCapability(void)
{
    power_record *record = power_of(this);
    return record && record->count ? record->states[record->current].capabilityFlags : 0;
}

unsigned long IOService::currentPowerConsumption(void)
{
    power_record *record = power_of(this);
    return record && record->count ? record->states[record->current].staticPower : kIOPMUnknown;
}

IOReturn IOService::setAggressiveness(unsigned long type, unsigned long newLevel)
{
    return kIOPMNoErr;
}

IOReturn IOService::getAggressiveness(unsigned long type, unsigned long *currentLevel)
{
    IOPMrootDomain *root = getPMRootDomain();
    return root ? ((IOService *)root)->getAggressiveness(type, currentLevel) : kIOReturnNotReady;
}

/* ---- acknowledgements ---- */
static IOReturn acknowledge(IOService *service)
{
    power_record *record = power_of(service);
    if (!record)
        return kIOPMNotYetInitialized;
    MutexScope hold(power_lock);
    if (record->waiting)
        record->waiting--;
    IOLockWakeup(power_lock, record, false);
    return kIOPMNoErr;
}

IOReturn IOService::acknowledgePowerChange(IOService *whichDriver)
{
    return acknowledge(this);
}

IOReturn IOService::acknowledgeSetPowerState(void)
{
    return acknowledge(this);
}

IOReturn IOService::allowPowerChange(unsigned long refcon)
{
    return kIOPMNoErr;
}

IOReturn IOService::cancelPowerChange(unsigned long refcon)
{
    return kIOPMNoErr;
}

/* ---- what drivers override ---- */
IOReturn IOService::setPowerState(unsigned long powerStateOrdinal, IOService *whatDevice)
{
    return kIOPMNoErr;
}

/* The highest state whose input requirement the domain meets. */
static unsigned long state_for_domain(IOService *service, IOPMPowerFlags domain)
{
    power_record *record = power_of(service);
    for (unsigned long i = record ? record->count : 0; i-- > 1;)
        if ((domain & record->states[i].inputPowerRequirement) == record->states[i].inputPowerRequirement)
            return i;
    return 0;
}

unsigned long IOService::maxCapabilityForDomainState(IOPMPowerFlags domainState)
{
    return state_for_domain(this, domainState);
}

unsigned long IOService::initialPowerStateForDomainState(IOPMPowerFlags domainState)
{
    return state_for_domain(this, domainState);
}

unsigned long IOService::powerStateForDomainState(IOPMPowerFlags domainState)
{
    return state_for_domain(this, domainState);
}

IOReturn IOService::powerStateWillChangeTo(IOPMPowerFlags, unsigned long, IOService *)
{
    return kIOPMAckImplied;
}

IOReturn IOService::powerStateDidChangeTo(IOPMPowerFlags, unsigned long, IOService *)
{
    return kIOPMAckImplied;
}

void IOService::powerChangeDone(unsigned long stateNumber) {}

/* The root domain waits for an answer to its shutting down; here, for the call to return (iokit_will_shutdown). */
void IOService::systemWillShutdown(IOOptionBits specifier) {}

/* Seconds until the device has been idle for its period. */
SInt32 IOService::nextIdleTimeout(AbsoluteTime currentTime, AbsoluteTime lastActivity,
                                  unsigned int powerState)
{
    power_record *record = power_of(this);
    uint64_t idle_ns = 0;
    uint64_t now = __OSAbsoluteTime(currentTime), last = __OSAbsoluteTime(lastActivity);
    if (now > last)
        absolutetime_to_nanoseconds(now - last, &idle_ns);
    return (SInt32)(record ? record->idle_seconds : 0) - (SInt32)(idle_ns / NSEC_PER_SEC);
}

/* A powered child keeps its parent up by what the parent itself wants; there is nothing to override. */
IOReturn IOService::powerOverrideOnPriv(void)
{
    return power_of(this) ? kIOReturnSuccess : kIOPMNotYetInitialized;
}

IOReturn IOService::powerOverrideOffPriv(void)
{
    return power_of(this) ? kIOReturnSuccess : kIOPMNotYetInitialized;
}

/* Limits for processors in idle states: here none ever stalls a bus or holds an interrupt off. */
void IOService::requireMaxBusStall(UInt32 ns) {}

void IOService::requireMaxInterruptDelay(uint32_t ns) {}
