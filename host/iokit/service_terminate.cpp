// SPDX-License-Identifier: BSD-3-Clause
/*
 * IOService: the end of a service, in Apple's phases. Phase 1, on the caller's thread: the service and every
 * client whose only provider is going become inactive. Phase 2, on the termination thread: willTerminate from
 * the top down, didTerminate from the leaves up. Phase 3: finalize of what has no clients, stop and detach of
 * clients that have closed. Each call into a driver runs in its work loop's gate. Behaviour as in
 * xnu-2422.115.4 iokit/Kernel/IOService.cpp (terminatePhase1, terminateWorker).
 */
#include "iokit/impl.h"
#include <IOKit/IOWorkLoop.h>

static IOLock *term_lock;
static OSArray *phase2_list, *finalize_list, *stop_clients, *stop_providers;
static int term_work;        /* raised by whoever adds to a list */
static thread_t term_thread; /* who works the lists off; a synchronous terminate's caller at times */

void service_terminate_init(void)
{
    term_lock = IOLockAlloc();
    phase2_list = OSArray::withCapacity(16);
    finalize_list = OSArray::withCapacity(16);
    stop_clients = OSArray::withCapacity(16);
    stop_providers = OSArray::withCapacity(16);
}

typedef IOReturn (*loop_action)(OSObject *, void *, void *, void *, void *);

static void in_gate(loop_action action, IOService *service, void *arg0 = 0, void *arg1 = 0)
{
    IOWorkLoop *loop = service->getWorkLoop();
    if (!loop) {
        action(service, arg0, arg1, 0, 0);
        return;
    }
    loop->retain();
    loop->runAction(action, service, arg0, arg1);
    loop->release();
}

/* ---- phase 1 ---- */
/* By default a client goes with its last provider. terminateClient may be overridden, and only says so by
 * calling terminate(kIOServiceRecursing). */
bool IOService::requestTerminate(IOService *provider, IOOptionBits options)
{
    if (!isParent(provider, gIOServicePlane, true))
        return false;
    provider->terminateClient(this, options | kServiceRecursing);
    return service_has(this, 1, kServiceRecursing);
}

bool IOService::terminateClient(IOService *client, IOOptionBits options)
{
    return client->isParent(this, gIOServicePlane, true) ? client->terminate(options) : true;
}

/* True when the service was active until now. One that another thread is taking through phase 1 is waited
 * for. */
static bool make_inactive(IOService *victim, bool top)
{
    victim->lockForArbitration();
    bool fresh = !service_inactive(victim);
    if (fresh) {
        service_set(victim, 0, kIOServiceInactiveState);
        service_clear(victim, 0,
                      kIOServiceRegisteredState | kIOServiceMatchedState | kIOServiceFirstPublishState |
                          kIOServiceFirstMatchState);
        if (top)
            service_set(victim, 1, kServiceTermPhase1);
        service_adjust_busy(victim, 1);
    }
    victim->unlockForArbitration();
    IOLockLock(service_busy_lock);
    while (!fresh && !top && service_has(victim, 1, kServiceTermPhase1))
        IOLockSleep(service_busy_lock, &victim->__state[1], THREAD_UNINT);
    IOLockUnlock(service_busy_lock);
    return fresh;
}

static void ask_clients(IOService *victim, IOOptionBits options, OSArray *more)
{
    OSArray *clients = registry_copy_set(victim, gIOServicePlane, kChildSet);
    for (unsigned i = 0; i < clients->getCount(); i++) {
        IOService *client = (IOService *)clients->getObject(i);
        if (client->requestTerminate(victim, options))
            more->setObject(client);
    }
    clients->release();
}

static bool terminate_phase1(IOService *service, IOOptionBits options)
{
    if (options & kServiceRecursing) {
        service_set(service, 1, kServiceRecursing);
        return true;
    }
    OSArray *victims = OSArray::withCapacity(16);
    victims->setObject(service);
    bool start_phase2 = false;
    while (victims->getCount()) {
        IOService *victim = (IOService *)victims->getObject(0);
        victim->retain();
        victims->removeObject(0);
        if (make_inactive(victim, victim == service)) {
            start_phase2 |= victim == service;
            service_deliver(victim, gIOTerminatedNotification, 0);
            ask_clients(victim, options, victims);
        }
        victim->release();
    }
    victims->release();
    if (start_phase2) {
        IOLockLock(service_busy_lock);
        service_clear(service, 1, kServiceTermPhase1);
        IOLockWakeup(service_busy_lock, &service->__state[1], false);
        IOLockUnlock(service_busy_lock);
        service_schedule_phase2(service, options);
    }
    return true;
}

bool IOService::terminate(IOOptionBits options)
{
    return terminate_phase1(this, options | kIOServiceTerminate);
}

/* ---- the worker's lists ---- */
static void terminate_worker(IOOptionBits options);

static void terminate_thread(void *, wait_result_t)
{
    IOLockLock(term_lock);
    while (term_work)
        terminate_worker(0);
    term_thread = 0;
    IOLockWakeup(term_lock, &term_thread, false);
    IOLockUnlock(term_lock);
    thread_deallocate(current_thread());
}

/* With term_lock held, after something was put on a list. */
static void have_work(void)
{
    if (term_work++)
        return;
    if (term_thread)
        IOLockWakeup(term_lock, &term_work, false);
    else if (kernel_thread_start(terminate_thread, 0, &term_thread) != KERN_SUCCESS)
        panic("termination: no thread can be made");
}

/* kIOServiceSynchronous: the caller becomes the termination thread until the service is quiet, 15 s at most.
 */
static void terminate_here(IOService *service, IOOptionBits options)
{
    uint64_t deadline;
    int woke = THREAD_AWAKENED;
    clock_interval_to_deadline(15, kSecondScale, &deadline);
    while (term_thread)
        IOLockSleep(term_lock, &term_thread, THREAD_UNINT);
    term_thread = current_thread();
    phase2_list->setObject(service);
    term_work++;
    do {
        while (term_work)
            terminate_worker(options);
        if (service->getBusyState())
            woke = IOLockSleepDeadline(term_lock, &term_work, absolute_time(deadline), THREAD_UNINT);
    } while (term_work || (service->getBusyState() && woke != THREAD_TIMED_OUT));
    if (woke == THREAD_TIMED_OUT && service->getBusyState())
        IOLog("%s::terminate(kIOServiceSynchronous) timeout\n", service->getName());
    term_thread = 0;
    IOLockWakeup(term_lock, &term_thread, false);
}

void service_schedule_phase2(IOService *service, IOOptionBits options)
{
    service->retain();
    IOLockLock(term_lock);
    if ((options & kIOServiceSynchronous) && current_thread() != term_thread) {
        terminate_here(service, options | kIOServiceRequired);
    } else {
        phase2_list->setObject(service);
        have_work();
    }
    IOLockUnlock(term_lock);
    service->release();
}

void service_schedule_stop(IOService *client, IOService *provider)
{
    IOLockLock(term_lock);
    stop_clients->setObject(client);
    stop_providers->setObject(provider);
    have_work();
    IOLockUnlock(term_lock);
}

void service_schedule_finalize(IOService *service)
{
    IOLockLock(term_lock);
    finalize_list->setObject(service);
    have_work();
    IOLockUnlock(term_lock);
}

/* ---- calls into the drivers, in the gate of the one named first ---- */
bool IOService::willTerminate(IOService *provider, IOOptionBits options)
{
    return true;
}

/* A client that has the provider open is asked to close; its close() then schedules the stop. */
bool IOService::didTerminate(IOService *provider, IOOptionBits options, bool *defer)
{
    if (*defer)
        return true;
    lockForArbitration();
    if (provider->handleIsOpen(this))
        message(kIOMessageServiceIsRequestingClose, provider, (void *)(uintptr_t)options);
    if (!provider->handleIsOpen(this))
        service_schedule_stop(this, provider);
    unlockForArbitration();
    return true;
}

static IOReturn do_will(OSObject *object, void *options, void *more, void *, void *)
{
    IOService *victim = (IOService *)object;
    OSArray *clients = registry_copy_set(victim, gIOServicePlane, kChildSet);
    for (unsigned i = 0; i < clients->getCount(); i++) {
        IOService *client = (IOService *)clients->getObject(i);
        client->willTerminate(victim, (IOOptionBits)(uintptr_t)options);
        ((OSArray *)more)->setObject(client);
    }
    clients->release();
    return kIOReturnSuccess;
}

static IOReturn do_did(OSObject *object, void *options, void *, void *, void *)
{
    IOService *victim = (IOService *)object;
    bool defer = false;
    victim->messageClients(kIOMessageServiceIsTerminated, options);
    OSArray *clients = registry_copy_set(victim, gIOServicePlane, kChildSet);
    for (unsigned i = 0; i < clients->getCount(); i++)
        ((IOService *)clients->getObject(i))->didTerminate(victim, (IOOptionBits)(uintptr_t)options, &defer);
    clients->release();
    return kIOReturnSuccess;
}

static IOReturn do_finalize(OSObject *object, void *options, void *, void *, void *)
{
    ((IOService *)object)->finalize((IOOptionBits)(uintptr_t)options);
    return kIOReturnSuccess;
}

static void stop_and_detach(IOService *client, IOService *provider)
{
    service_clear(client, 1, kServiceStarted);
    client->stop(provider);
    if (provider->isOpen(client))
        provider->close(client);
    client->detach(provider);
}

static IOReturn do_stop(OSObject *object, void *client, void *, void *, void *)
{
    stop_and_detach((IOService *)client, (IOService *)object);
    return kIOReturnSuccess;
}

/* What was terminated by itself leaves its providers here; a provider that is going too does it in its own
 * phase 3. */
bool IOService::finalize(IOOptionBits options)
{
    OSArray *providers = registry_copy_set(this, gIOServicePlane, kParentSet);
    for (unsigned i = 0; i < providers->getCount(); i++) {
        IOService *provider = OSDynamicCast(IOService, providers->getObject(i));
        if (!provider)
            continue;
        if (!service_has(this, 1, kServiceTermPhase3)) {
            stop_and_detach(this, provider);
            continue;
        }
        provider->lockForArbitration();
        if (!service_has(provider, 1, kServiceTermPhase3))
            service_schedule_stop(this, provider);
        provider->unlockForArbitration();
    }
    providers->release();
    return true;
}

/* ---- phases 2 and 3 ---- */
/* Not while the matching thread works on it (it comes back here afterwards), nor while a client defers. */
static bool claim_phase2(IOService *victim)
{
    victim->lockForArbitration();
    bool claim = service_inactive(victim) && !service_has(victim, 1, kServiceTermPhase2 | kServiceConfig);
    OSArray *clients = registry_copy_set(victim, gIOServicePlane, kChildSet);
    for (unsigned i = 0; claim && i < clients->getCount(); i++)
        claim = !service_has((IOService *)clients->getObject(i), 1, kServiceDeferTerminate);
    clients->release();
    if (claim)
        service_set(victim, 1, kServiceTermPhase2);
    victim->unlockForArbitration();
    return claim;
}

static void do_phase2(IOService *top, IOOptionBits options)
{
    OSArray *down = OSArray::withCapacity(16), *up = OSArray::withCapacity(16);
    down->setObject(top);
    while (down->getCount()) {
        IOService *victim = (IOService *)down->getObject(0);
        victim->retain();
        down->removeObject(0);
        if (claim_phase2(victim)) {
            if (victim->getClient()) {
                in_gate(do_will, victim, (void *)(uintptr_t)options, down);
            } else {
                IOLockLock(term_lock);
                finalize_list->setObject(victim);
                IOLockUnlock(term_lock);
            }
            up->setObject(0, victim); /* the last one first */
        }
        victim->release();
    }
    for (unsigned i = 0; i < up->getCount(); i++) {
        IOService *victim = (IOService *)up->getObject(i);
        victim->lockForArbitration();
        service_set(victim, 1, kServiceTermPhase3);
        victim->unlockForArbitration();
        in_gate(do_did, victim, (void *)(uintptr_t)options);
    }
    up->release();
    down->release();
}

/* With term_lock held; drops it meanwhile. The lists are only appended to by others. freed keeps what went
 * from being freed under the lock. */
static void finalize_leaves(IOOptionBits options, OSSet *freed)
{
    while (IOService *victim = (IOService *)finalize_list->getObject(0)) {
        IOLockUnlock(term_lock);
        in_gate(do_finalize, victim, (void *)(uintptr_t)options);
        IOLockLock(term_lock);
        freed->setObject(victim);
        finalize_list->removeObject(0);
    }
}

/* One client that may be stopped; a terminated one with clients of its own has to wait for them. */
static bool stop_one(OSSet *freed)
{
    for (unsigned i = 0; i < stop_clients->getCount();) {
        IOService *client = (IOService *)stop_clients->getObject(i);
        IOService *provider = (IOService *)stop_providers->getObject(i);
        bool linked = provider->isChild(client, gIOServicePlane); /* it may be on the list twice */
        if (linked && service_inactive(client) && client->getClient()) {
            i++;
            continue;
        }
        if (linked) {
            IOLockUnlock(term_lock);
            in_gate(do_stop, provider, client);
            IOLockLock(term_lock);
        }
        freed->setObject(client);
        freed->setObject(provider);
        stop_clients->removeObject(i);
        stop_providers->removeObject(i);
        if (linked)
            return true;
    }
    return false;
}

/* With term_lock held. */
static void terminate_worker(IOOptionBits options)
{
    OSSet *freed = OSSet::withCapacity(16);
    options |= kIOServiceRequired;
    do {
        int done = term_work;
        while (IOService *victim = (IOService *)phase2_list->getObject(0)) {
            victim->retain();
            phase2_list->removeObject(0);
            IOLockUnlock(term_lock);
            do_phase2(victim, options);
            victim->release();
            IOLockLock(term_lock);
        }
        do
            finalize_leaves(options, freed);
        while (stop_one(freed));
        term_work -= done;
    } while (term_work);
    IOLockUnlock(term_lock);
    freed->release();
    IOLockLock(term_lock);
}
