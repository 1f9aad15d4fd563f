// SPDX-License-Identifier: BSD-3-Clause
/*
 * IOService: the busy count and waiting for quiet. A service that becomes busy counts one in its provider, up
 * to the root: the root is quiet when all matching and terminating is done. Behaviour as in xnu-2422.115.4
 * iokit/Kernel/IOService.cpp (_adjustBusy, waitForState).
 */
#include "iokit/impl.h"

IOLock *service_busy_lock;

/* Returns the old count; *turned tells whether the service became busy or quiet. */
static UInt32 change_count(IOService *service, SInt32 delta, bool *turned)
{
    MutexScope hold(service_busy_lock);
    UInt32 old = service->__state[1] & kServiceBusyMask;
    if ((delta < 0 && old < (UInt32)-delta) || (delta > 0 && old + delta > kServiceBusyMask)) {
        IOLog("%s: bad busy count (%d,%d)\n", service->getName(), (int)old, (int)delta);
        *turned = !old;
        return old;
    }
    UInt32 count = old + delta;
    __atomic_fetch_add(&service->__state[1], (IOOptionBits)delta,
                       __ATOMIC_ACQ_REL); /* stays inside the mask */
    *turned = !old != !count;
    if (!old && count) {
        service->__timeBusy = mach_absolute_time();
    } else if (old && !count) {
        service->__accumBusy += mach_absolute_time() - service->__timeBusy;
        service->__timeBusy = 0;
    }
    IOLockWakeup(service_busy_lock, service, false);
    return old;
}

struct busy_message {
    IOService *service;
    bool busy;
};

static void tell_busy(OSObject *client, void *context)
{
    busy_message *m = (busy_message *)context;
    m->service->messageClient(kIOMessageServiceBusyStateChange, client, (void *)(uintptr_t)m->busy);
}

UInt32 service_adjust_busy(IOService *service, SInt32 delta)
{
    UInt32 result = service->getBusyState();
    for (bool turned = delta != 0; turned && service; service = service->getProvider()) {
        UInt32 old = change_count(service, delta, &turned);
        if (!turned)
            break;
        busy_message m = {service, old == 0};
        service_apply_to_interest(service, gIOBusyInterest, tell_busy, &m);
        delta = old ? -1 : 1;
    }
    return result;
}

void IOService::adjustBusy(SInt32 delta)
{
    service_adjust_busy(this, delta);
}

UInt32 IOService::getBusyState(void)
{
    return __state[1] & kServiceBusyMask;
}

uint64_t service_busy_ns(IOService *service)
{
    MutexScope hold(service_busy_lock);
    uint64_t ticks = service->__accumBusy, ns;
    if (service->__timeBusy)
        ticks += mach_absolute_time() - service->__timeBusy;
    absolutetime_to_nanoseconds(ticks, &ns);
    return ns;
}

static AbsoluteTime deadline_after(uint64_t ns)
{
    uint64_t interval, deadline;
    nanoseconds_to_absolutetime(ns, &interval);
    clock_absolutetime_interval_to_deadline(interval, &deadline);
    return absolute_time(deadline);
}

IOReturn IOService::waitQuiet(uint64_t timeout)
{
    bool limited = timeout != UINT64_MAX;
    AbsoluteTime deadline = limited ? deadline_after(timeout) : absolute_time(0);
    MutexScope hold(service_busy_lock);
    while (getBusyState()) {
        int woke = limited ? IOLockSleepDeadline(service_busy_lock, this, deadline, THREAD_UNINT)
                           : IOLockSleep(service_busy_lock, this, THREAD_UNINT);
        if (woke == THREAD_TIMED_OUT)
            return getBusyState() ? kIOReturnTimeout : kIOReturnSuccess;
    }
    return kIOReturnSuccess;
}

IOReturn IOService::waitQuiet(mach_timespec_t *timeout)
{
    return waitQuiet(timeout ? (uint64_t)timeout->tv_sec * NSEC_PER_SEC + timeout->tv_nsec : UINT64_MAX);
}

/* ---- all services, for messages and for shutting down ---- */
OSArray *service_copy_all(void)
{
    LockScope hold(registry_links);
    OSArray *all = OSArray::withCapacity(32);
    IORegistryIterator *walk =
        IORegistryIterator::iterateOver(gIOServicePlane, kIORegistryIterateRecursively);
    while (IORegistryEntry *entry = walk ? walk->getNextObject() : 0)
        if (OSDynamicCast(IOService, entry) && !registry_member(all, entry, 0))
            all->setObject(entry);
    if (walk)
        walk->release();
    return all;
}
