// SPDX-License-Identifier: BSD-3-Clause
/*
 * IOService: life, place in the service plane, arbitration, open and close. Answers to IOKit/IOService.h;
 * behaviour as in xnu-2422.115.4 iokit/Kernel/IOService.cpp.
 */
#include "iokit/impl.h"
#include <IOKit/IODeviceTreeSupport.h>

OSDefineMetaClassAndStructors(IOService, IORegistryEntry)

    IOService *gIOServiceRoot;
IOService *gIOResources;
IOPlatformExpert *gIOPlatform;
static IOPMrootDomain *root_domain;

/* ---- life ---- */
IOService *IOService::probe(IOService *provider, SInt32 *score)
{
    return this;
}

bool IOService::start(IOService *provider)
{
    return true;
}

void IOService::stop(IOService *provider) {}

void IOService::free(void)
{
    if (getPropertyTable())
        service_remove_interest(this);
    power_free(this);
    if (_interruptSources)
        IOFree(_interruptSources, _numInterruptSources * sizeof *_interruptSources);
    _interruptSources = 0;
    IORegistryEntry::free();
}

/* Without a provider the service becomes the root of the service plane (IOPlatformExpertDevice). */
bool IOService::attach(IOService *provider)
{
    bool ok = false;
    if (provider) {
        provider->lockForArbitration();
        if (!service_inactive(provider))
            ok = attachToParent(provider, gIOServicePlane);
        provider->unlockForArbitration();
    } else {
        gIOServiceRoot = this;
        ok = attachToParent(getRegistryRoot(), gIOServicePlane);
    }
    if (ok && !__provider)
        getProvider();
    return ok;
}

/* A busy child counts one in its provider: that count moves with the child. The last client's going lets an
 * inactive provider that waits for it be finalized (IOService::detach). */
void IOService::detach(IOService *provider)
{
    lockForArbitration();
    SInt32 busy = getBusyState();
    bool counted = busy && provider == getProvider();
    detachFromParent(provider, gIOServicePlane);
    IOService *next = busy ? getProvider() : 0;
    if (busy && !next && service_has(this, 1, kServiceTermPhase3))
        service_adjust_busy(this, -busy);
    if (service_inactive(this) && !inPlane(gIOServicePlane))
        detachAbove(gIODTPlane); /* there is no firmware's tree in which it would have to stay */
    unlockForArbitration();
    if (next)
        service_adjust_busy(next, 1);

    provider->lockForArbitration();
    if (counted)
        service_adjust_busy(provider, -1);
    if (service_has(provider, 1, kServiceTermPhase3) && !provider->getClient())
        service_schedule_finalize(provider);
    provider->unlockForArbitration();
}

IOOptionBits IOService::getState(void) const
{
    return __state[0];
}

bool IOService::isInactive(void) const
{
    return service_inactive(this);
}

bool IOService::serializeProperties(OSSerialize *s) const
{
    return IORegistryEntry::serializeProperties(s);
}

/* ---- providers and clients ---- */
/* The answer is kept until the registry changes. The root of the plane has no provider: its parent is no
 * IOService. */
IOService *IOService::getProvider(void) const
{
    IOService *self = (IOService *)this;
    SInt32 now = getGenerationCount();
    if (__atomic_load_n(&self->__providerGeneration, __ATOMIC_ACQUIRE) == now)
        return __provider;
    IOService *parent = (IOService *)getParentEntry(gIOServicePlane);
    if (parent == getRegistryRoot())
        parent = 0;
    self->__provider = parent;
    __atomic_store_n(&self->__providerGeneration, now, __ATOMIC_RELEASE);
    return parent;
}

IOService *IOService::getClient(void) const
{
    return (IOService *)getChildEntry(gIOServicePlane);
}

OSIterator *IOService::getProviderIterator(void) const
{
    return getParentIterator(gIOServicePlane);
}

OSIterator *IOService::getClientIterator(void) const
{
    return getChildIterator(gIOServicePlane);
}

void IOService::applyToProviders(IOServiceApplierFunction applier, void *context)
{
    applyToParents((IORegistryEntryApplierFunction)applier, context, gIOServicePlane);
}

void IOService::applyToClients(IOServiceApplierFunction applier, void *context)
{
    applyToChildren((IORegistryEntryApplierFunction)applier, context, gIOServicePlane);
}

/* The client that a category's one place is taken by, retained; an inactive one leaves it free. */
IOService *IOService::copyClientWithCategory(const OSSymbol *category)
{
    OSArray *clients = registry_copy_set(this, gIOServicePlane, kChildSet);
    IOService *found = 0;
    for (unsigned i = 0; clients && !found && i < clients->getCount(); i++) {
        IOService *client = (IOService *)clients->getObject(i);
        if (!service_inactive(client) && client->getProperty(gIOMatchCategoryKey) == category)
            found = client;
    }
    if (found)
        found->retain();
    if (clients)
        clients->release();
    return found;
}

IOService *IOService::getClientWithCategory(const OSSymbol *category)
{
    IOService *client = copyClientWithCategory(category);
    if (client)
        client->release();
    return client;
}

IOWorkLoop *IOService::getWorkLoop() const
{
    IOService *provider = getProvider();
    return provider ? provider->getWorkLoop() : 0;
}

IOReturn IOService::callPlatformFunction(const OSSymbol *functionName, bool waitForFunction, void *param1,
                                         void *param2, void *param3, void *param4)
{
    IOService *provider = getProvider();
    if (!provider)
        return kIOReturnUnsupported;
    return provider->callPlatformFunction(functionName, waitForFunction, param1, param2, param3, param4);
}

IOReturn IOService::callPlatformFunction(const char *functionName, bool waitForFunction, void *param1,
                                         void *param2, void *param3, void *param4)
{
    const OSSymbol *symbol = OSSymbol::withCString(functionName);
    if (!symbol)
        return kIOReturnNoMemory;
    IOReturn result = callPlatformFunction(symbol, waitForFunction, param1, param2, param3, param4);
    symbol->release();
    return result;
}

/* ---- the system's own services ---- */
IOPlatformExpert *IOService::getPlatform(void)
{
    return gIOPlatform;
}

IOPMrootDomain *IOService::getPMRootDomain(void)
{
    return root_domain;
}

IOService *IOService::getServiceRoot(void)
{
    return gIOServiceRoot;
}

IOService *IOService::getResourceService(void)
{
    return gIOResources;
}

void service_set_platform(IOPlatformExpert *platform)
{
    gIOPlatform = platform;
    gIOResources->attachToParent(gIOServiceRoot, gIOServicePlane);
}

/* "IOKit" is the resource by which drivers wait for power management. */
void service_set_root_domain(IOPMrootDomain *domain)
{
    root_domain = domain;
    IOService::publishResource("IOKit");
}

/* ---- arbitration ---- */
/* A recursive lock a service, of which a thread may hold several: who would close a circle of waiters and
 * does not insist is refused, or makes one in the circle who does not insist be refused
 * (IOService::lockForArbitration). */
struct arbitration_lock {
    arbitration_lock *next;
    IOService *service;
    thread_t owner;
    unsigned depth;
};
struct arbitration_wait {
    arbitration_wait *next;
    IOService *service;
    thread_t thread;
    bool required, aborted;
};
static lx_mutex arbitration_mutex;
static lx_cond arbitration_changed;
static arbitration_lock *arbitration_held;
static arbitration_wait *arbitration_waiters;

static arbitration_lock *held_lock(const IOService *service)
{
    arbitration_lock *lock = arbitration_held;
    while (lock && lock->service != service)
        lock = lock->next;
    return lock;
}

static arbitration_wait *wait_of(thread_t thread)
{
    arbitration_wait *wait = arbitration_waiters;
    while (wait && (wait->thread != thread || wait->aborted))
        wait = wait->next;
    return wait;
}

/* False: waiting for the lock would be a deadlock, and the caller is the one to give way. */
static bool may_wait(arbitration_lock *lock, bool required)
{
    thread_t self = current_thread();
    arbitration_wait *victim = 0;
    while (arbitration_wait *wait = lock ? wait_of(lock->owner) : 0) {
        if (!wait->required)
            victim = wait;
        lock = held_lock(wait->service);
        if (!lock || lock->owner != self)
            continue;
        if (!required)
            return false;
        if (!victim)
            panic("I/O Kit: unrecoverable deadlock in lockForArbitration(%s)", wait->service->getName());
        victim->aborted = true;
        lx_cond_broadcast(&arbitration_changed);
        return true;
    }
    return true;
}

static void forget_wait(arbitration_wait *wait)
{
    arbitration_wait **at = &arbitration_waiters;
    while (*at != wait)
        at = &(*at)->next;
    *at = wait->next;
}

bool IOService::lockForArbitration(bool isSuccessRequired)
{
    thread_t self = current_thread();
    arbitration_lock *fresh = make_zero<arbitration_lock>();
    bool ok = true;
    lx_mutex_lock(&arbitration_mutex);
    arbitration_lock *lock = held_lock(this);
    if (lock && lock->owner != self) {
        ok = may_wait(lock, isSuccessRequired);
        arbitration_wait wait = {arbitration_waiters, this, self, isSuccessRequired, false};
        arbitration_waiters = &wait;
        while (ok && (lock = held_lock(this)) && !wait.aborted)
            lx_cond_wait(&arbitration_changed, &arbitration_mutex, -1);
        forget_wait(&wait);
        ok = ok && !wait.aborted;
    }
    if (ok && lock) {
        lock->depth++;
    } else if (ok) {
        fresh->service = this;
        fresh->owner = self;
        fresh->depth = 1;
        fresh->next = arbitration_held;
        arbitration_held = fresh;
        fresh = 0;
    }
    lx_mutex_unlock(&arbitration_mutex);
    if (fresh)
        IOFree(fresh, sizeof *fresh);
    return ok;
}

void IOService::unlockForArbitration(void)
{
    arbitration_lock *gone = 0;
    lx_mutex_lock(&arbitration_mutex);
    arbitration_lock **at = &arbitration_held;
    while (*at && (*at)->service != this)
        at = &(*at)->next;
    if (!*at)
        panic("unlockForArbitration(%s): not locked", getName());
    if (!--(*at)->depth) {
        gone = *at;
        *at = gone->next;
        if (arbitration_waiters)
            lx_cond_broadcast(&arbitration_changed);
    }
    lx_mutex_unlock(&arbitration_mutex);
    if (gone)
        IOFree(gone, sizeof *gone);
}

/* ---- open and close ---- */
struct open_message {
    IOService *service;
    UInt32 type;
    IOService *exclude;
    IOOptionBits options;
};

static void tell_open(OSObject *client, void *context)
{
    open_message *m = (open_message *)context;
    if (client != m->exclude)
        m->service->messageClient(m->type, client, (void *)(uintptr_t)m->options);
}

bool IOService::open(IOService *forClient, IOOptionBits options, void *arg)
{
    open_message m = {this, kIOMessageServiceIsAttemptingOpen, forClient, options};
    applyToInterested(gIOGeneralInterest, tell_open, &m);
    if (!lockForArbitration(false))
        return false;
    bool ok = !service_inactive(this) && handleOpen(forClient, options, arg);
    unlockForArbitration();
    return ok;
}

/* Closing a terminated provider is what its client's stop waited for. */
void IOService::close(IOService *forClient, IOOptionBits options)
{
    bool last = false;
    lockForArbitration();
    bool was_open = handleIsOpen(forClient);
    if (was_open) {
        handleClose(forClient, options);
        last = service_has(this, 1, kServiceTermPhase3);
    }
    unlockForArbitration();
    if (last) {
        service_schedule_stop(forClient, this);
    } else if (was_open) {
        open_message m = {this, kIOMessageServiceWasClosed, forClient, options};
        applyToInterested(gIOGeneralInterest, tell_open, &m);
    }
}

bool IOService::isOpen(const IOService *forClient) const
{
    IOService *self = (IOService *)this;
    self->lockForArbitration();
    bool open = handleIsOpen(forClient);
    self->unlockForArbitration();
    return open;
}

bool IOService::handleOpen(IOService *forClient, IOOptionBits options, void *arg)
{
    if (__owner && (options & kIOServiceSeize) &&
        messageClient(kIOMessageServiceIsRequestingClose, __owner, (void *)(uintptr_t)options) !=
            kIOReturnSuccess)
        return false;
    if (__owner)
        return false;
    __owner = forClient;
    return true;
}

void IOService::handleClose(IOService *forClient, IOOptionBits options)
{
    if (__owner == forClient)
        __owner = 0;
}

bool IOService::handleIsOpen(const IOService *forClient) const
{
    return forClient ? __owner == forClient : __owner != 0;
}

/* Walks providers or clients and holds the arbitration lock of the one it stands on, so that it stays open.
 */
class OpenServiceIterator : public OSIterator
{
    OSDeclareDefaultStructors(OpenServiceIterator) public : OSIterator *all;
    const IOService *client, *provider; /* one of the two */
    IOService *last;
    void leave()
    {
        if (last)
            last->unlockForArbitration();
        last = 0;
    }
    virtual void free();
    virtual void reset();
    virtual bool isValid();
    virtual OSObject *getNextObject();
};
OSDefineMetaClassAndStructors(OpenServiceIterator, OSIterator)

    void OpenServiceIterator::free()
{
    leave();
    drop(all);
    OSIterator::free();
}

void OpenServiceIterator::reset()
{
    leave();
    all->reset();
}

bool OpenServiceIterator::isValid()
{
    return all->isValid();
}

OSObject *OpenServiceIterator::getNextObject()
{
    leave();
    while (IOService *next = (IOService *)all->getNextObject()) {
        next->lockForArbitration();
        if (client ? next->isOpen(client) : provider->isOpen(next)) {
            last = next;
            return next;
        }
        next->unlockForArbitration();
    }
    return 0;
}

static OSIterator *open_iterator(OSIterator *all, const IOService *client, const IOService *provider)
{
    OpenServiceIterator *iterator = all ? new OpenServiceIterator : 0;
    if (!iterator || !iterator->init())
        return 0;
    iterator->all = all;
    iterator->client = client;
    iterator->provider = provider;
    return iterator;
}

OSIterator *IOService::getOpenProviderIterator(void) const
{
    return open_iterator(getProviderIterator(), this, 0);
}

OSIterator *IOService::getOpenClientIterator(void) const
{
    return open_iterator(getClientIterator(), 0, this);
}
