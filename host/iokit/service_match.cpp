// SPDX-License-Identifier: BSD-3-Clause
/*
 * IOService: registration and matching. A registered service is matched on a thread of the matching pool: the
 * catalogue's candidates are filtered (table matching), ordered by score, made, probed, and the best of each
 * match category is started. Behaviour as in xnu-2422.115.4 iokit/Kernel/IOService.cpp (startMatching,
 * doServiceMatch, probeCandidates, startCandidate).
 */
#include "iokit/impl.h"

/* ---- the matching pool ---- */
/* A start() may wait for a resource that another service's start publishes: there are up to 32 threads, made
 * when no idle one is left and gone when there is nothing to do (_IOServiceJob::pingConfig). */
enum { kMaxMatchThreads = 32 };

struct match_job {
    match_job *next;
    IOService *service;
    IOOptionBits options;
};
static IOLock *jobs_lock;
static match_job *jobs_head, **jobs_tail = &jobs_head;
static int jobs_queued, threads_running, threads_idle;

static match_job *take_job(void)
{
    match_job *job = jobs_head;
    if (!job)
        return 0;
    jobs_head = job->next;
    if (!jobs_head)
        jobs_tail = &jobs_head;
    jobs_queued--;
    return job;
}

static void match_thread(void *, wait_result_t)
{
    IOLockLock(jobs_lock);
    threads_idle--;
    while (match_job *job = take_job()) {
        IOLockUnlock(jobs_lock);
        service_do_match(job->service, job->options);
        job->service->release();
        IOFree(job, sizeof *job);
        IOLockLock(jobs_lock);
    }
    threads_running--;
    IOLockUnlock(jobs_lock);
    thread_deallocate(current_thread());
}

static void queue_match(IOService *service, IOOptionBits options)
{
    match_job *job = make_zero<match_job>();
    service->retain(); /* the thread gives it back */
    job->service = service;
    job->options = options;
    IOLockLock(jobs_lock);
    *jobs_tail = job;
    jobs_tail = &job->next;
    jobs_queued++;
    bool create = jobs_queued > threads_idle && threads_running < kMaxMatchThreads;
    if (create) {
        threads_running++;
        threads_idle++;
    }
    IOLockUnlock(jobs_lock);
    thread_t thread;
    if (create && kernel_thread_start(match_thread, 0, &thread) != KERN_SUCCESS)
        panic("matching: no thread can be made");
}

void service_match_init(void)
{
    jobs_lock = IOLockAlloc();
    service_busy_lock = IOLockAlloc();
}

/* ---- registration ---- */
void IOService::registerService(IOOptionBits options)
{
    IORegistryEntry *entry = this, *root = getRegistryRoot();
    while (entry && entry != root)
        entry = entry->getParentEntry(gIOServicePlane);
    if (entry != root) {
        IOLog("%s: not registry member at registerService()\n", getName());
        return;
    }
    service_start_matching(this, options);
}

/* Synchronous matching: on the caller's thread, and again as long as the service is registered anew
 * meanwhile; then until the children that this made busy are quiet. */
static void match_now(IOService *service, IOOptionBits options, UInt32 busy_before)
{
    do {
        if (service_has(service, 1, kServiceNeedConfig))
            service_do_match(service, options);
        IOLockLock(service_busy_lock);
        while (service->getBusyState() > busy_before && !service_inactive(service) &&
               !service_has(service, 1, kServiceNeedConfig))
            IOLockSleep(service_busy_lock, service, THREAD_UNINT);
        IOLockUnlock(service_busy_lock);
    } while (service_has(service, 1, kServiceNeedConfig) && !service_inactive(service));
}

void service_start_matching(IOService *service, IOOptionBits options)
{
    UInt32 busy_before = 0;
    service->lockForArbitration();
    IOService *provider = service->getProvider();
    bool sync = (options & kIOServiceSynchronous) || (provider && service_has(provider, 1, kServiceSync));
    if (options & kIOServiceAsynchronous)
        sync = false;
    bool fresh = !service_has(service, 1, kServiceNeedConfig | kServiceConfig) && !service_inactive(service);
    service_set(service, 1, kServiceNeedConfig);
    if (sync)
        service_set(service, 1, kServiceSync);
    else
        service_clear(service, 1, kServiceSync);
    if (fresh)
        busy_before = service_adjust_busy(service, 1);
    service->unlockForArbitration();
    if (!fresh) /* the thread that matches it now sees kServiceNeedConfig and goes round again */
        return;
    if (sync)
        match_now(service, options, busy_before);
    else
        queue_match(service, options);
}

/* ---- candidates ---- */
static const OSSymbol *category_of(OSDictionary *table)
{
    const OSSymbol *category = OSDynamicCast(OSSymbol, table->getObject(gIOMatchCategoryKey));
    return category ? category : gIODefaultMatchCategoryKey;
}

/* A private copy of the personality when it matches: the score that family matching gave and the matched name
 * are in it. NULL when it does not, or its category's place is taken. */
static OSDictionary *match_candidate(IOService *nub, OSDictionary *personality)
{
    IOService *taken = nub->copyClientWithCategory(category_of(personality));
    if (taken) {
        taken->release();
        return 0;
    }
    OSDictionary *copy = OSDictionary::withDictionary(personality, personality->getCount());
    if (!copy)
        return 0;
    copy->setCapacityIncrement(1);
    if (service_passive_match(nub, copy, true))
        return copy;
    copy->release();
    return 0;
}

/* Makes, attaches, probes and detaches one instance. What probe returns (it may be another object) is
 * retained. */
static IOService *probe_candidate(IOService *nub, OSDictionary *table)
{
    const OSSymbol *class_name = OSDynamicCast(OSSymbol, table->getObject(gIOClassKey));
    if (!class_name)
        return 0;
    OSObject *object = OSMetaClass::allocClassWithName(class_name);
    IOService *driver = OSDynamicCast(IOService, object);
    if (!driver) {
        IOLog("Couldn't alloc class \"%s\"\n", class_name->getCStringNoCopy());
        if (object)
            object->release();
        return 0;
    }
    IOService *result = 0;
    if (driver->init(table)) {
        if (service_has(nub, 1, kServiceSync))
            service_set(driver, 1, kServiceSync);
        driver->setProperty(gIOMatchCategoryKey, (OSObject *)category_of(table));
        if (driver->attach(nub)) {
            SInt32 score = service_score(table);
            result = driver->probe(nub, &score);
            driver->detach(nub);
            if (result) {
                result->retain();
                result->setProperty("IOProbeScore", (UInt32)score, 32);
            }
        }
    }
    driver->release();
    return result;
}

/* Resources that the driver or the nub names are waited for here: this thread blocks, the others go on. */
static bool start_candidate(IOService *nub, IOService *driver)
{
    if (!driver->attach(nub))
        return false;
    if (nub != gIOResources) {
        service_wait_resources(nub);
        service_wait_resources(driver);
    }
    if (driver->start(nub)) {
        service_set(driver, 1, kServiceStarted);
        return true;
    }
    driver->detach(nub);
    return false;
}

/* The lists of probed drivers, one a category, best score first. */
static OSDictionary *probe_all(IOService *nub, OSOrderedSet *tables)
{
    OSDictionary *categories = OSDictionary::withCapacity(1);
    while (OSDictionary *table = (OSDictionary *)tables->getFirstObject()) {
        table->retain();
        tables->removeObject(table);
        IOService *driver = probe_candidate(nub, table);
        if (driver) {
            OSOrderedSet *list = (OSOrderedSet *)categories->getObject(category_of(table));
            if (!list) {
                list = OSOrderedSet::withCapacity(1, IOServiceOrdering, (void *)gIOProbeScoreKey);
                categories->setObject(category_of(table), list);
                list->release();
            }
            list->setObject(driver);
            driver->release();
        }
        table->release();
    }
    return categories;
}

static void start_best(IOService *nub, OSOrderedSet *drivers)
{
    bool started = false;
    while (IOService *driver = (IOService *)drivers->getFirstObject()) {
        driver->retain();
        drivers->removeObject(driver);
        if (!started)
            started = start_candidate(nub, driver);
        driver->release();
    }
}

/* matches holds personalities and notifiers in order of score and priority; it is used up. */
static void probe_candidates(IOService *nub, OSOrderedSet *matches)
{
    OSOrderedSet *tables = OSOrderedSet::withCapacity(1, IOServiceOrdering, (void *)gIOProbeScoreKey);
    while (OSObject *next = matches->getFirstObject()) {
        next->retain();
        matches->removeObject(next);
        OSDictionary *personality = OSDynamicCast(OSDictionary, next);
        if (!personality) {
            nub->lockForArbitration();
            if (!service_inactive(nub))
                service_invoke_notifier(nub, next);
            nub->unlockForArbitration();
        } else if (OSDictionary *table = match_candidate(nub, personality)) {
            tables->setObject(table);
            table->release();
        }
        next->release();
    }
    OSDictionary *categories = probe_all(nub, tables);
    tables->release();
    OSCollectionIterator *each = OSCollectionIterator::withCollection(categories);
    while (const OSSymbol *category = each ? (const OSSymbol *)each->getNextObject() : 0)
        start_best(nub, (OSOrderedSet *)categories->getObject(category));
    if (each)
        each->release();
    categories->release();
}

/* ---- one service's matching ---- */
/* *generation is the catalogue's when its candidates were taken. */
static void match_round(IOService *service, bool registered_anew, SInt32 *generation)
{
    OSOrderedSet *matches = gIOCatalogue->findDrivers(service, generation);
    service->lockForArbitration();
    if (!service_has(service, 0, kIOServiceFirstPublishState))
        service_deliver(service, gIOFirstPublishNotification, kIOServiceFirstPublishState);
    service_clear(service, 1, kServiceNeedConfig);
    service_set(service, 1, kServiceConfig);
    service_set(service, 0, kIOServiceRegisteredState);
    bool active = !service_inactive(service);
    if (registered_anew && active)
        service_collect_notifiers(service, gIOPublishNotification, matches);
    service->unlockForArbitration();
    if (active && matches->getCount() && service->getResources() == kIOReturnSuccess)
        probe_candidates(service, matches);
    matches->release();
}

/* Rounds go on while the service was registered anew, or new personalities came, during the last one. */
void service_do_match(IOService *service, IOOptionBits options)
{
    bool registered_anew = true;
    for (;;) {
        SInt32 generation;
        match_round(service, registered_anew, &generation);
        service->lockForArbitration();
        registered_anew = service_has(service, 1, kServiceNeedConfig);
        if (service_inactive(service) ||
            (!registered_anew && generation == gIOCatalogue->getGenerationCount()))
            break;
        service->unlockForArbitration();
    }
    if (!service_inactive(service)) {
        service_deliver(service, gIOMatchedNotification, kIOServiceMatchedState);
        if (!service_has(service, 0, kIOServiceFirstMatchState))
            service_deliver(service, gIOFirstMatchNotification, kIOServiceFirstMatchState);
    }
    service_clear(service, 1, kServiceConfig);
    if (service_inactive(service))
        service_schedule_phase2(service, 0);
    service_adjust_busy(service, -1);
    service->unlockForArbitration();
}

/* Matches again the registered services that one of the tables could match. */
void service_new_drivers(OSOrderedSet *newTables)
{
    OSSet *all = OSSet::withCapacity(8);
    for (OSDictionary *table; (table = (OSDictionary *)newTables->getFirstObject());
         newTables->removeObject(table)) {
        OSArray *services = service_copy_matching(table, kIOServiceRegisteredState, false);
        for (unsigned i = 0; i < services->getCount(); i++)
            all->setObject(services->getObject(i));
        services->release();
    }
    while (IOService *service = (IOService *)all->getAnyObject()) {
        service_start_matching(service, kIOServiceAsynchronous);
        all->removeObject(service);
    }
    all->release();
}

IOReturn IOService::getResources(void)
{
    return kIOReturnSuccess;
}

IOReturn IOService::requestProbe(IOOptionBits options)
{
    return kIOReturnUnsupported;
}
