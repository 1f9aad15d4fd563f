// SPDX-License-Identifier: BSD-3-Clause
/*
 * IOService: notifications of services' states, interest and messages. Behaviour as in xnu-2422.115.4
 * iokit/Kernel/IOService.cpp (deliverNotification, _IOServiceNotifier, _IOServiceInterestNotifier). A
 * notifier that is removed or disabled is not running when the call returns, but for the caller's own
 * handler.
 */
#include "iokit/impl.h"
#include <IOKit/IOCommand.h>
#include <IOKit/IONotifier.h>

IORecursiveLock *service_notify_lock;
static OSDictionary *notifiers; /* type -> ordered set of _IOServiceNotifier */

/* The sets live as long as the kernel: made at once, so that no kext's notifier seems to leave one behind. */
void service_notify_init(void)
{
    enum { kRoom = 16 };
    const OSSymbol *types[] = {gIOPublishNotification, gIOFirstPublishNotification, gIOMatchedNotification,
                               gIOFirstMatchNotification, gIOTerminatedNotification};
    service_notify_lock = IORecursiveLockAlloc();
    notifiers = OSDictionary::withCapacity(5);
    for (unsigned i = 0; i < sizeof types / sizeof types[0]; i++) {
        OSOrderedSet *set = OSOrderedSet::withCapacity(kRoom, IOServiceOrdering, 0);
        notifiers->setObject(types[i], set);
        set->release();
    }
}

/* ---- a handler that may be running on several threads ---- */
struct running_call {
    running_call *next;
    thread_t thread;
};

class ServiceNotifierBase : public IONotifier
{
    OSDeclareAbstractStructors(ServiceNotifierBase) public : bool enabled, waited;
    running_call *calls;
    void *target, *ref;
    bool enter(running_call *call);
    void leave(running_call *call);
    void wait();
    virtual bool disable();
    virtual void enable(bool was);
};
OSDefineMetaClassAndAbstractStructors(ServiceNotifierBase, IONotifier)
    OSDefineMetaClassAndAbstractStructors(IONotifier, OSObject)

        bool ServiceNotifierBase::enter(running_call *call)
{
    LockScope hold(service_notify_lock);
    if (!enabled)
        return false;
    call->thread = current_thread();
    call->next = calls;
    calls = call;
    return true;
}

void ServiceNotifierBase::leave(running_call *call)
{
    LockScope hold(service_notify_lock);
    running_call **at = &calls;
    while (*at != call)
        at = &(*at)->next;
    *at = call->next;
    if (waited) {
        waited = false;
        IORecursiveLockWakeup(service_notify_lock, this, false);
    }
}

/* With the notify lock held: until no other thread is in the handler. */
void ServiceNotifierBase::wait()
{
    for (;;) {
        running_call *call = calls;
        while (call && call->thread == current_thread())
            call = call->next;
        if (!call)
            return;
        waited = true;
        IORecursiveLockSleep(service_notify_lock, this, THREAD_UNINT);
    }
}

bool ServiceNotifierBase::disable()
{
    LockScope hold(service_notify_lock);
    bool was = enabled;
    enabled = false;
    if (was)
        wait();
    return was;
}

void ServiceNotifierBase::enable(bool was)
{
    LockScope hold(service_notify_lock);
    enabled = was;
}

/* ---- notifications of published, matched, terminated services ---- */
class _IOServiceNotifier : public ServiceNotifierBase
{
    OSDeclareDefaultStructors(_IOServiceNotifier) public : OSOrderedSet *whence;
    OSDictionary *matching;
    IOServiceMatchingNotificationHandler handler;
    IOServiceNotificationHandler old_handler; /* addNotification's, of three arguments */
    SInt32 priority;
    virtual void remove();
};
OSDefineMetaClassAndStructors(_IOServiceNotifier, ServiceNotifierBase)

    void _IOServiceNotifier::remove()
{
    IORecursiveLockLock(service_notify_lock);
    if (whence)
        whence->removeObject(this);
    whence = 0;
    drop(matching);
    enabled = false;
    wait();
    IORecursiveLockUnlock(service_notify_lock);
    release();
}

SInt32 service_score(const OSMetaClassBase *object)
{
    const _IOServiceNotifier *notifier = OSDynamicCast(_IOServiceNotifier, object);
    if (notifier)
        return notifier->priority;
    OSDictionary *table = OSDynamicCast(OSDictionary, object);
    IOService *service = OSDynamicCast(IOService, object);
    OSObject *value = table     ? table->getObject(gIOProbeScoreKey)
                      : service ? service->getProperty(gIOProbeScoreKey)
                                : 0;
    OSNumber *number = OSDynamicCast(OSNumber, value);
    return number ? (SInt32)number->unsigned32BitValue() : kIODefaultProbeScore;
}

static bool call_old_handler(void *target, void *ref, IOService *newService, IONotifier *notifier)
{
    return ((_IOServiceNotifier *)notifier)->old_handler(target, ref, newService);
}

bool service_invoke_notifier(IOService *service, OSObject *object)
{
    _IOServiceNotifier *notifier = OSDynamicCast(_IOServiceNotifier, object);
    running_call call;
    if (!notifier || !notifier->enter(&call))
        return true;
    bool result = notifier->handler(notifier->target, notifier->ref, service, notifier);
    notifier->leave(&call);
    return result;
}

/* The enabled notifiers of the type whose table the service matches. */
template <class Set> static void collect(IOService *service, const OSSymbol *type, Set *into)
{
    LockScope hold(service_notify_lock);
    OSOrderedSet *set = (OSOrderedSet *)notifiers->getObject(type);
    for (unsigned i = 0; set && i < set->getCount(); i++) {
        _IOServiceNotifier *notifier = (_IOServiceNotifier *)set->getObject(i);
        if (notifier->enabled && service_passive_match(service, notifier->matching, false))
            into->setObject(notifier);
    }
}

void service_collect_notifiers(IOService *service, const OSSymbol *type, OSOrderedSet *into)
{
    collect(service, type, into);
}

/* Handlers run with the service's arbitration lock held: it stays active meanwhile. */
void service_deliver(IOService *service, const OSSymbol *type, IOOptionBits new_state)
{
    service->lockForArbitration();
    if (!service_inactive(service) || type == gIOTerminatedNotification) {
        OSArray *send = OSArray::withCapacity(8);
        IORecursiveLockLock(service_notify_lock);
        collect(service, type, send);
        service_set(service, 0, new_state);
        IORecursiveLockUnlock(service_notify_lock);
        for (unsigned i = 0; i < send->getCount(); i++)
            service_invoke_notifier(service, send->getObject(i));
        send->release();
    }
    service->unlockForArbitration();
}

static _IOServiceNotifier *make_notifier(const OSSymbol *type, OSDictionary *matching,
                                         IOServiceMatchingNotificationHandler handler, void *target,
                                         void *ref, SInt32 priority)
{
    _IOServiceNotifier *notifier = new _IOServiceNotifier;
    if (!notifier || !notifier->init())
        return 0;
    matching->retain();
    notifier->matching = matching;
    notifier->handler = handler;
    notifier->target = target;
    notifier->ref = ref;
    notifier->priority = priority;
    notifier->enabled = true;
    notifier->whence = (OSOrderedSet *)notifiers->getObject(type);
    notifier->whence->setObject(notifier);
    return notifier;
}

/* The state that a service must be in to count as existing for a type; -1: no such type. */
static int existing_state(const OSSymbol *type)
{
    if (type == gIOPublishNotification)
        return kIOServiceRegisteredState;
    if (type == gIOFirstPublishNotification)
        return kIOServiceFirstPublishState;
    if (type == gIOMatchedNotification || type == gIOFirstMatchNotification)
        return kIOServiceMatchedState;
    return type == gIOTerminatedNotification ? 0 : -1;
}

/* Services that are there already are told too, on this thread. */
static IONotifier *add_notifier(const OSSymbol *type, OSDictionary *matching,
                                IOServiceMatchingNotificationHandler handler,
                                IOServiceNotificationHandler old_handler, void *target, void *ref,
                                SInt32 priority)
{
    int state = existing_state(type);
    if (!matching || state < 0)
        return 0;
    IORecursiveLockLock(service_notify_lock);
    _IOServiceNotifier *notifier = make_notifier(type, matching, handler, target, ref, priority);
    if (notifier)
        notifier->old_handler = old_handler;
    OSArray *existing = state ? service_copy_matching(matching, state, false) : 0;
    IORecursiveLockUnlock(service_notify_lock);
    if (notifier)
        notifier->retain(); /* a handler may remove it */
    for (unsigned i = 0; notifier && existing && i < existing->getCount(); i++) {
        IOService *service = (IOService *)existing->getObject(i);
        service->lockForArbitration();
        if (!service_inactive(service))
            service_invoke_notifier(service, notifier);
        service->unlockForArbitration();
    }
    if (existing)
        existing->release();
    if (notifier)
        notifier->release();
    return notifier;
}

IONotifier *IOService::addMatchingNotification(const OSSymbol *type, OSDictionary *matching,
                                               IOServiceMatchingNotificationHandler handler, void *target,
                                               void *ref, SInt32 priority)
{
    return add_notifier(type, matching, handler, 0, target, ref, priority);
}

/* The older call: consumes a reference of the table. */
IONotifier *IOService::addNotification(const OSSymbol *type, OSDictionary *matching,
                                       IOServiceNotificationHandler handler, void *target, void *ref,
                                       SInt32 priority)
{
    IONotifier *notifier = add_notifier(type, matching, call_old_handler, handler, target, ref, priority);
    if (notifier)
        matching->release();
    return notifier;
}

/* ---- waiting for a service ---- */
static bool note_service(void *, void *ref, IOService *newService, IONotifier *)
{
    LockScope hold(service_notify_lock);
    IOService **result = (IOService **)ref;
    if (!*result) {
        newService->retain();
        *result = newService;
        IORecursiveLockWakeup(service_notify_lock, result, false);
    }
    return false;
}

IOService *IOService::waitForMatchingService(OSDictionary *matching, uint64_t timeout)
{
    if (!matching)
        return 0;
    uint64_t interval, deadline = 0;
    if (timeout != UINT64_MAX) {
        nanoseconds_to_absolutetime(timeout, &interval);
        clock_absolutetime_interval_to_deadline(interval, &deadline);
    }
    IORecursiveLockLock(service_notify_lock);
    IOService *result = service_copy_match(matching);
    IONotifier *notifier = 0;
    if (!result)
        notifier = make_notifier(gIOMatchedNotification, matching, note_service, 0, &result, 0);
    for (int woke = THREAD_AWAKENED; notifier && !result && woke != THREAD_TIMED_OUT;)
        woke = timeout == UINT64_MAX
                   ? IORecursiveLockSleep(service_notify_lock, &result, THREAD_UNINT)
                   : IORecursiveLockSleepDeadline(service_notify_lock, &result, absolute_time(deadline), THREAD_UNINT);
    IORecursiveLockUnlock(service_notify_lock);
    if (notifier)
        notifier->remove();
    return result;
}

IOService *IOService::waitForService(OSDictionary *matching, mach_timespec_t *timeout)
{
    uint64_t ns = timeout ? (uint64_t)timeout->tv_sec * NSEC_PER_SEC + timeout->tv_nsec : UINT64_MAX;
    IOService *result = waitForMatchingService(matching, ns);
    matching->release();
    if (result)
        result->release();
    return result;
}

/* ---- interest in one service ---- */
/* The list hangs in the service's properties under the type's name, as in Apple's registry ("IOCommand is not
 * serializable" in ioreg): the head is an IOCommand, whose chain links the notifiers. */
class _IOServiceInterestNotifier : public ServiceNotifierBase
{
    OSDeclareDefaultStructors(_IOServiceInterestNotifier) public : IOServiceInterestHandler handler;
    IOCommand *head; /* not retained: the service has it until every notifier left */
    _IOServiceInterestNotifier *next;
    void unlink();
    virtual void remove();
};
OSDefineMetaClassAndStructors(_IOServiceInterestNotifier, ServiceNotifierBase)

    class InterestList : public IOCommand
{
    OSDeclareDefaultStructors(InterestList) public : _IOServiceInterestNotifier *first;
};
OSDefineMetaClassAndStructors(InterestList, IOCommand)

    /* With the notify lock held. */
    void _IOServiceInterestNotifier::unlink()
{
    if (!head)
        return;
    _IOServiceInterestNotifier **at = &((InterestList *)head)->first;
    while (*at != this)
        at = &(*at)->next;
    *at = next;
    head = 0;
    release();
}

void _IOServiceInterestNotifier::remove()
{
    IORecursiveLockLock(service_notify_lock);
    unlink();
    enabled = false;
    wait();
    IORecursiveLockUnlock(service_notify_lock);
    release();
}

static InterestList *interest_list(IOService *service, const OSSymbol *type, bool make)
{
    InterestList *list = OSDynamicCast(InterestList, service->getProperty(type));
    if (list || !make)
        return list;
    list = new InterestList;
    if (list && list->init())
        service->setProperty(type, list);
    if (list)
        list->release();
    return list;
}

static bool known_interest(const OSSymbol *type)
{
    return type == gIOGeneralInterest || type == gIOBusyInterest || type == gIOAppPowerStateInterest ||
           type == gIOPriorityPowerStateInterest || type == gIOConsoleSecurityInterest;
}

IONotifier *IOService::registerInterest(const OSSymbol *typeOfInterest, IOServiceInterestHandler handler,
                                        void *target, void *ref)
{
    if (!known_interest(typeOfInterest))
        return 0;
    _IOServiceInterestNotifier *notifier = 0;
    lockForArbitration();
    if (!service_inactive(this) && (notifier = new _IOServiceInterestNotifier)) {
        notifier->init();
        notifier->handler = handler;
        notifier->target = target;
        notifier->ref = ref;
        notifier->enabled = true;
        LockScope hold(service_notify_lock);
        InterestList *list = interest_list(this, typeOfInterest, true);
        _IOServiceInterestNotifier **at = &list->first;
        while (*at)
            at = &(*at)->next;
        *at = notifier;
        notifier->head = list;
        notifier->retain(); /* the list's */
    }
    unlockForArbitration();
    return notifier;
}

void service_remove_interest(IOService *service)
{
    const OSSymbol *const types[] = {gIOGeneralInterest, gIOBusyInterest, gIOAppPowerStateInterest,
                                     gIOPriorityPowerStateInterest, gIOConsoleSecurityInterest};
    LockScope hold(service_notify_lock);
    for (unsigned i = 0; i < sizeof types / sizeof types[0]; i++) {
        InterestList *list = interest_list(service, types[i], false);
        while (list && list->first)
            list->first->unlink();
    }
}

void service_apply_to_interest(IOService *service, const OSSymbol *type, OSObjectApplierFunction applier,
                               void *context)
{
    IORecursiveLockLock(service_notify_lock);
    InterestList *list = interest_list(service, type, false);
    OSArray *copy = list && list->first ? OSArray::withCapacity(1) : 0;
    for (_IOServiceInterestNotifier *n = copy ? list->first : 0; n; n = n->next)
        copy->setObject(n);
    IORecursiveLockUnlock(service_notify_lock);
    for (unsigned i = 0; copy && i < copy->getCount(); i++)
        applier(copy->getObject(i), context);
    if (copy)
        copy->release();
}

void IOService::applyToInterested(const OSSymbol *typeOfInterest, OSObjectApplierFunction applier,
                                  void *context)
{
    if (typeOfInterest == gIOGeneralInterest)
        applyToClients((IOServiceApplierFunction)applier, context);
    service_apply_to_interest(this, typeOfInterest, applier, context);
}

/* ---- messages ---- */
IOReturn IOService::message(UInt32 type, IOService *provider, void *argument)
{
    return kIOReturnUnsupported;
}

IOReturn IOService::messageClient(UInt32 messageType, OSObject *client, void *messageArgument,
                                  vm_size_t argSize)
{
    IOService *service = OSDynamicCast(IOService, client);
    if (service)
        return service->message(messageType, this, messageArgument);
    _IOServiceInterestNotifier *notifier = OSDynamicCast(_IOServiceInterestNotifier, client);
    if (!notifier)
        return kIOReturnBadArgument;
    running_call call;
    if (!notifier->enter(&call))
        return kIOReturnSuccess;
    IOReturn result =
        notifier->handler(notifier->target, notifier->ref, messageType, this, messageArgument, argSize);
    notifier->leave(&call);
    return result;
}

struct message_all {
    IOService *service;
    UInt32 type;
    void *argument;
    vm_size_t size;
    IOReturn result; /* the last failure */
};

static void message_one(OSObject *client, void *context)
{
    message_all *m = (message_all *)context;
    IOReturn result = m->service->messageClient(m->type, client, m->argument, m->size);
    if (result != kIOReturnSuccess)
        m->result = result;
}

IOReturn IOService::messageClients(UInt32 type, void *argument, vm_size_t argSize)
{
    message_all m = {this, type, argument, argSize, kIOReturnSuccess};
    applyToInterested(gIOGeneralInterest, message_one, &m);
    return m.result;
}

IOReturn IOService::acknowledgeNotification(IONotificationRef notification, IOOptionBits response)
{
    return kIOReturnUnsupported;
}
