// SPDX-License-Identifier: BSD-3-Clause
/*
 * Changes of power state. All happen on one thread, one after the other, with no lock held while a driver is
 * called: interested drivers hear powerStateWillChangeTo, the controlling driver's setPowerState is called
 * and acknowledged, then comes powerStateDidChangeTo. Children go down before their parent and up after it.
 * Order of calls and timeouts as in xnu-2422.115.4 iokit/Kernel/IOServicePM.cpp (OurChange...,
 * ParentChange...).
 */
#include "iokit/impl.h"
#include "iokit/power.h"

struct power_request {
    power_request *next;
    power_operation operation;
    IOService *service;
};
static lx_mutex queue_mutex;
static power_request *queue_head, **queue_tail = &queue_head;
static bool thread_runs;

static void serve(power_request *request);
static void set_domain(IOService *service, IOPMPowerFlags domain);

static void power_thread(void *, wait_result_t)
{
    lx_mutex_lock(&queue_mutex);
    while (power_request *request = queue_head) {
        queue_head = request->next;
        if (!queue_head)
            queue_tail = &queue_head;
        lx_mutex_unlock(&queue_mutex);
        serve(request);
        request->service->release();
        IOFree(request, sizeof *request);
        lx_mutex_lock(&queue_mutex);
    }
    thread_runs = false;
    lx_mutex_unlock(&queue_mutex);
    thread_deallocate(current_thread());
}

void power_thread_init(void)
{
    queue_tail = &queue_head;
}

void power_post(power_operation operation, IOService *service)
{
    power_request *request = make_zero<power_request>();
    request->operation = operation;
    request->service = service;
    service->retain();
    lx_mutex_lock(&queue_mutex);
    *queue_tail = request;
    queue_tail = &request->next;
    bool start = !thread_runs;
    thread_runs = true;
    lx_mutex_unlock(&queue_mutex);
    thread_t thread;
    if (start && kernel_thread_start(power_thread, 0, &thread) != KERN_SUCCESS)
        panic("power management: no thread can be made");
}

bool power_idle(void)
{
    lx_mutex_lock(&queue_mutex);
    bool idle = !thread_runs;
    lx_mutex_unlock(&queue_mutex);
    return idle;
}

void power_wait_callout(IOService *service)
{
    power_record *record = power_of(service);
    uint64_t deadline;
    clock_interval_to_deadline(15, kSecondScale, &deadline);
    MutexScope hold(power_lock);
    while (record->changing)
        if (IOLockSleepDeadline(power_lock, record, absolute_time(deadline), THREAD_UNINT) == THREAD_TIMED_OUT) {
            IOLog("%s: PMstop() while its setPowerState() still runs\n", service->getName());
            return;
        }
}

/* ---- one change ---- */
/* A positive answer of a driver is how many microseconds it may take to acknowledge; up to half a minute is
 * granted. */
static void await_acknowledgement(IOService *service, IOReturn answer, const char *what)
{
    power_record *record = power_of(service);
    uint64_t deadline;
    bool late = false;
    if (answer <= 0)
        return;
    clock_interval_to_deadline(answer < 30000000 ? answer + 100000 : 30000000, kMicrosecondScale, &deadline);
    IOLockLock(power_lock);
    while (record->waiting && !late)
        late = IOLockSleepDeadline(power_lock, record, absolute_time(deadline), THREAD_UNINT) == THREAD_TIMED_OUT;
    late = record->waiting != 0;
    record->waiting = 0;
    IOLockUnlock(power_lock);
    if (late)
        IOLog("%s: %s was not acknowledged in %d us\n", service->getName(), what, answer);
}

/* The acknowledgement may come before the answer does: it is expected from before the call on. */
static void expect_acknowledgement(power_record *record)
{
    __atomic_store_n(&record->waiting, 1, __ATOMIC_RELEASE);
}

static void tell_interested(IOService *service, unsigned long state, bool will)
{
    power_record *record = power_of(service);
    IOPMPowerFlags flags = record->states[state].capabilityFlags;
    IOLockLock(power_lock);
    OSArray *all = record->interested ? OSArray::withArray(record->interested) : 0;
    IOLockUnlock(power_lock);
    for (unsigned i = 0; all && i < all->getCount(); i++) {
        IOService *driver = (IOService *)all->getObject(i);
        expect_acknowledgement(record);
        IOReturn answer = will ? driver->powerStateWillChangeTo(flags, state, service)
                               : driver->powerStateDidChangeTo(flags, state, service);
        await_acknowledgement(service, answer, will ? "powerStateWillChangeTo" : "powerStateDidChangeTo");
    }
    if (all)
        all->release();
}

/* What its children get. */
static IOPMPowerFlags power_output(IOService *service)
{
    power_record *record = power_of(service);
    if (!record || record->root)
        return record && !record->current ? 0 : kIOPMPowerOn;
    if (record->driver)
        return record->states[record->current].outputPowerCharacter;
    return record->domain_known ? record->domain
                                : (IOPMPowerFlags)kIOPMPowerOn; /* it hands through what it gets */
}

static void tell_children(IOService *service, IOPMPowerFlags output)
{
    OSArray *children = registry_copy_set(service, gIOPowerPlane, kChildSet);
    for (unsigned i = 0; i < children->getCount(); i++)
        set_domain((IOService *)children->getObject(i), output);
    children->release();
}

static void publish(IOService *service)
{
    power_record *record = power_of(service);
    OSDictionary *table = OSDictionary::withCapacity(3);
    const struct {
        const char *key;
        unsigned long value;
    } rows[] = {{"CurrentPowerState", record->current},
                {"MaxPowerState", record->count - 1},
                {"CapabilityFlags", record->states[record->current].capabilityFlags}};
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        OSNumber *number = OSNumber::withNumber(rows[i].value, 32);
        table->setObject(rows[i].key, number);
        number->release();
    }
    service->setProperty("IOPowerManagement", table);
    table->release();
}

/* False: power management stopped meanwhile. */
static bool enter_driver(power_record *record)
{
    MutexScope hold(power_lock);
    if (record->stopped || !record->driver)
        return false;
    record->changing = true;
    return true;
}

static void leave_driver(power_record *record)
{
    MutexScope hold(power_lock);
    record->changing = false;
    IOLockWakeup(power_lock, record, false);
}

static void change_state(IOService *service, unsigned long state)
{
    power_record *record = power_of(service);
    unsigned long before = record->current;
    if (!enter_driver(record))
        return;
    if (state < before) {
        service->tellChangeDown(state);
        tell_children(service, record->states[state].outputPowerCharacter);
    }
    tell_interested(service, state, true);
    expect_acknowledgement(record);
    IOReturn answer = record->driver->setPowerState(state, service);
    await_acknowledgement(service, answer, "setPowerState");
    unsigned long settle =
        state > before ? record->states[before].settleUpTime : record->states[state].settleDownTime;
    if (settle)
        lx_sleep_ns(settle * 1000ull);
    record->current = state;
    record->initial = false;
    publish(service);
    tell_interested(service, state, false);
    if (state > before) {
        service->tellChangeUp(state);
        tell_children(service, power_output(service));
    }
    service->powerChangeDone(before);
    leave_driver(record);
}

static unsigned long desired_state(IOService *service);

/* The lowest state whose output is enough for what each registered child is in, or wants. *requested: there
 * is one. */
static unsigned long children_need(IOService *service, bool *requested)
{
    power_record *record = power_of(service);
    OSArray *children = registry_copy_set(service, gIOPowerPlane, kChildSet);
    unsigned long need = 0;
    *requested = false;
    for (unsigned i = 0; i < children->getCount(); i++) {
        IOService *child = (IOService *)children->getObject(i);
        power_record *its = power_of(child);
        if (!its || its->stopped || !its->driver)
            continue;
        unsigned long state = desired_state(child);
        IOPMPowerFlags input = its->states[state > its->current ? state : its->current].inputPowerRequirement;
        while (need + 1 < record->count && (record->states[need].outputPowerCharacter & input) != input)
            need++;
        *requested = true;
    }
    children->release();
    return need;
}

/* The highest state that anybody wants. */
static unsigned long desired_state(IOService *service)
{
    power_record *record = power_of(service);
    bool requested;
    unsigned long state = children_need(service, &requested), most = record->count - 1;
    if (record->clamped && !requested)
        return most;
    if (record->floor > state)
        state = record->floor;
    for (int i = 0; i < kDesires; i++)
        if (record->desire[i] > state)
            state = record->desire[i];
    return state < most ? state : most;
}

/* Within what the domain allows. */
static unsigned long attainable_state(IOService *service, unsigned long state)
{
    power_record *record = power_of(service);
    unsigned long limit = record->driver->maxCapabilityForDomainState(record->domain);
    return state < limit ? state : limit;
}

static void adjust(IOService *service);

/* Parents go up first, and give their output on. */
static void raise_parents(IOService *service)
{
    OSArray *parents = registry_copy_set(service, gIOPowerPlane, kParentSet);
    for (unsigned i = 0; i < parents->getCount(); i++) {
        IOService *parent = OSDynamicCast(IOService, parents->getObject(i));
        if (!parent)
            continue;
        if (power_of(parent)->driver)
            adjust(parent);
        else
            raise_parents(parent);
    }
    parents->release();
}

static void adjust(IOService *service)
{
    power_record *record = power_of(service);
    if (!record || record->stopped || !record->driver || !record->domain_known || record->changing)
        return;
    unsigned long state = desired_state(service);
    if (attainable_state(service, state) < state)
        raise_parents(service);
    state = attainable_state(service, state);
    if (record->initial || state != record->current)
        change_state(service, state);
}

static void set_domain(IOService *service, IOPMPowerFlags domain)
{
    power_record *record = power_of(service);
    if (!record || record->stopped)
        return;
    record->domain = domain;
    record->domain_known = true;
    if (record->driver)
        adjust(service);
    else
        tell_children(service, domain);
}

/* As the parent's output is now, not when the request was made. */
static void take_domain(IOService *service)
{
    IOService *parent = OSDynamicCast(IOService, service->copyParentEntry(gIOPowerPlane));
    if (!parent)
        return;
    set_domain(service, power_output(parent));
    parent->release();
}

/* The state to begin with stands as a wish during the first change only (handleRegisterPowerDriver). */
static void first_change(IOService *service)
{
    power_record *record = power_of(service);
    if (!record || record->stopped || !record->driver || !service->inPlane(gIOPowerPlane) ||
        !record->domain_known)
        return;
    record->floor = record->driver->initialPowerStateForDomainState(record->domain);
    adjust(service);
    record->floor = 0;
}

static void serve(power_request *request)
{
    switch (request->operation) {
    case kPowerRegister:
        first_change(request->service);
        return;
    case kPowerAdjust:
        adjust(request->service);
        return;
    case kPowerDomain:
        take_domain(request->service);
        return;
    }
}

/* ---- messages about it ---- */
static void tell_clients(IOService *service, UInt32 message, unsigned long state)
{
    power_record *record = power_of(service);
    IOPowerStateChangeNotification note = {0, 0, state, 0};
    note.stateFlags = record && state < record->count ? record->states[state].capabilityFlags : 0;
    service->messageClients(message, &note, sizeof note);
}

bool IOService::askChangeDown(unsigned long stateNum)
{
    return true;
}

bool IOService::tellChangeDown(unsigned long stateNum)
{
    tell_clients(this, kIOMessageDeviceWillPowerOff, stateNum);
    return true;
}

void IOService::tellNoChangeDown(unsigned long stateNum)
{
    tell_clients(this, kIOMessageDeviceWillNotPowerOff, stateNum);
}

void IOService::tellChangeUp(unsigned long stateNum)
{
    tell_clients(this, kIOMessageDeviceHasPoweredOn, stateNum);
}
