// SPDX-License-Identifier: BSD-3-Clause
// The base of drivers and nubs: matching, life cycle, interest, interrupts, power. Answers to Apple's
// IOKit/IOService.h (Mac OS X 10.6 view).
#pragma once

#include <IOKit/IORegistryEntry.h>
#include <IOKit/IOReturn.h>
#include <IOKit/IODeviceMemory.h>
#include <IOKit/IONotifier.h>
#include <IOKit/IOLocks.h>
#include <IOKit/IOInterrupts.h>
#include <IOKit/IOKitKeys.h>
#include <IOKit/pwr_mgt/IOPMpowerState.h>
#include <IOKit/IOServicePM.h>
#include <kern/thread_call.h>

enum {
    kIODefaultProbeScore = 0
};

enum {
    kIOServiceInactiveState = 0x1,
    kIOServiceRegisteredState = 0x2,
    kIOServiceMatchedState = 0x4,
    kIOServiceFirstPublishState = 0x8,
    kIOServiceFirstMatchState = 0x10
};

enum {
    kIOServiceExclusive = 0x1,
    kIOServiceRequired = 0x1,
    kIOServiceTerminate = 0x4,
    kIOServiceSynchronous = 0x2,
    kIOServiceAsynchronous = 0x8
};

enum {
    kIOServiceSeize = 0x1,
    kIOServiceFamilyOpenOptions = 0xffff0000
};

enum {
    kIOServiceFamilyCloseOptions = 0xffff0000
};

typedef void *IONotificationRef;
extern const IORegistryPlane *gIOServicePlane;
extern const IORegistryPlane *gIOPowerPlane;
extern const OSSymbol *gIOResourcesKey;
extern const OSSymbol *gIOResourceMatchKey;
extern const OSSymbol *gIOProviderClassKey;
extern const OSSymbol *gIONameMatchKey;
extern const OSSymbol *gIONameMatchedKey;
extern const OSSymbol *gIOPropertyMatchKey;
extern const OSSymbol *gIOLocationMatchKey;
extern const OSSymbol *gIOParentMatchKey;
extern const OSSymbol *gIOPathMatchKey;
extern const OSSymbol *gIOMatchCategoryKey;
extern const OSSymbol *gIODefaultMatchCategoryKey;
extern const OSSymbol *gIOMatchedServiceCountKey;
extern const OSSymbol *gIOUserClientClassKey;
extern const OSSymbol *gIOKitDebugKey;
extern const OSSymbol *gIOServiceKey;
extern const OSSymbol *gIOCommandPoolSizeKey;
extern const OSSymbol *gIOPublishNotification;
extern const OSSymbol *gIOFirstPublishNotification;
extern const OSSymbol *gIOMatchedNotification;
extern const OSSymbol *gIOFirstMatchNotification;
extern const OSSymbol *gIOTerminatedNotification;
extern const OSSymbol *gIOGeneralInterest;
extern const OSSymbol *gIOBusyInterest;
extern const OSSymbol *gIOAppPowerStateInterest;
extern const OSSymbol *gIOPriorityPowerStateInterest;
extern const OSSymbol *gIODeviceMemoryKey;
extern const OSSymbol *gIOInterruptControllersKey;
extern const OSSymbol *gIOInterruptSpecifiersKey;
SInt32 IOServiceOrdering(const OSMetaClassBase *inObj1, const OSMetaClassBase *inObj2, void *ref);
typedef void (*IOInterruptAction)(OSObject *, void *, IOService *, int);
typedef bool (*IOServiceNotificationHandler)(void *, void *, IOService *);
typedef bool (*IOServiceMatchingNotificationHandler)(void *, void *, IOService *, IONotifier *);
typedef IOReturn (*IOServiceInterestHandler)(void *, void *, UInt32, IOService *, void *, vm_size_t);
typedef void (*IOServiceApplierFunction)(IOService *, void *);
typedef void (*OSObjectApplierFunction)(OSObject *, void *);
class IOUserClient;
class IOPlatformExpert;

// Base of every driver and nub. Life: init, attach, probe, (detach), attach, start, then stop, detach,
// free; matching calls them on a thread of its own, without the driver's work loop. Most state changes go
// through the arbitration lock (lockForArbitration), which callers outside do not take (xnu
// iokit/Kernel/IOService.cpp, IOServicePM.cpp).
class IOService : public IORegistryEntry
{
    OSDeclareDefaultStructors(IOService)

protected:
    struct ExpansionData; // the implementation's own

    ExpansionData *reserved;

private:
    IOService *__provider;
    SInt32 __providerGeneration;
    IOService *__owner;
    IOOptionBits __state[2];
    uint64_t __timeBusy;
    uint64_t __accumBusy;
    IOServicePM *pwrMgt;

protected:
    bool initialized;

public:
    void *pm_vars;
    int _numInterruptSources;
    IOInterruptSource *_interruptSources;

    // Whether this client goes away with that provider.
    virtual bool requestTerminate(IOService *provider, IOOptionBits options);
    // Told before clients are torn down, provider first.
    virtual bool willTerminate(IOService *provider, IOOptionBits options);
    // Told after; when *defer becomes true the service is stopped only once it closes its provider and
    // calls again.
    virtual bool didTerminate(IOService *provider, IOOptionBits options, bool *defer);
    virtual SInt32 nextIdleTimeout(AbsoluteTime currentTime, AbsoluteTime lastActivity,
                                   unsigned int powerState);
    // Halt or restart: quiesce DMA, then call the superclass's.
    virtual void systemWillShutdown(IOOptionBits specifier);
#ifndef KPI_10_5
    virtual IOService *copyClientWithCategory(const OSSymbol *category);
#endif
#ifdef __LP64__
    OSMetaClassDeclareReservedUnused(IOService, 0);
    OSMetaClassDeclareReservedUnused(IOService, 1);
    OSMetaClassDeclareReservedUnused(IOService, 2);
    OSMetaClassDeclareReservedUnused(IOService, 3);
    OSMetaClassDeclareReservedUnused(IOService, 4);
#endif
#if defined(__LP64__) || defined(KPI_10_5)
    OSMetaClassDeclareReservedUnused(IOService, 5);
#endif
    OSMetaClassDeclareReservedUnused(IOService, 6);
    OSMetaClassDeclareReservedUnused(IOService, 7);
    OSMetaClassDeclareReservedUnused(IOService, 8);
    OSMetaClassDeclareReservedUnused(IOService, 9);
    OSMetaClassDeclareReservedUnused(IOService, 10);
    OSMetaClassDeclareReservedUnused(IOService, 11);
    OSMetaClassDeclareReservedUnused(IOService, 12);
    OSMetaClassDeclareReservedUnused(IOService, 13);
    OSMetaClassDeclareReservedUnused(IOService, 14);
    OSMetaClassDeclareReservedUnused(IOService, 15);
    OSMetaClassDeclareReservedUnused(IOService, 16);
    OSMetaClassDeclareReservedUnused(IOService, 17);
    OSMetaClassDeclareReservedUnused(IOService, 18);
    OSMetaClassDeclareReservedUnused(IOService, 19);
    OSMetaClassDeclareReservedUnused(IOService, 20);
    OSMetaClassDeclareReservedUnused(IOService, 21);
    OSMetaClassDeclareReservedUnused(IOService, 22);
    OSMetaClassDeclareReservedUnused(IOService, 23);
    OSMetaClassDeclareReservedUnused(IOService, 24);
    OSMetaClassDeclareReservedUnused(IOService, 25);
    OSMetaClassDeclareReservedUnused(IOService, 26);
    OSMetaClassDeclareReservedUnused(IOService, 27);
    OSMetaClassDeclareReservedUnused(IOService, 28);
    OSMetaClassDeclareReservedUnused(IOService, 29);
    OSMetaClassDeclareReservedUnused(IOService, 30);
    OSMetaClassDeclareReservedUnused(IOService, 31);
    OSMetaClassDeclareReservedUnused(IOService, 32);
    OSMetaClassDeclareReservedUnused(IOService, 33);
    OSMetaClassDeclareReservedUnused(IOService, 34);
    OSMetaClassDeclareReservedUnused(IOService, 35);
    OSMetaClassDeclareReservedUnused(IOService, 36);
    OSMetaClassDeclareReservedUnused(IOService, 37);
    OSMetaClassDeclareReservedUnused(IOService, 38);
    OSMetaClassDeclareReservedUnused(IOService, 39);
    OSMetaClassDeclareReservedUnused(IOService, 40);
    OSMetaClassDeclareReservedUnused(IOService, 41);
    OSMetaClassDeclareReservedUnused(IOService, 42);
    OSMetaClassDeclareReservedUnused(IOService, 43);
    OSMetaClassDeclareReservedUnused(IOService, 44);
    OSMetaClassDeclareReservedUnused(IOService, 45);
    OSMetaClassDeclareReservedUnused(IOService, 46);
    OSMetaClassDeclareReservedUnused(IOService, 47);

public:
    // Bits kIOService...State.
    virtual IOOptionBits getState(void) const;
    // Publishes the service to matching; on a thread of its own unless kIOServiceSynchronous.
    virtual void registerService(IOOptionBits options = 0);
    // Returns the driver to start (this, as a rule) or 0; *score may be changed. Touch the hardware only
    // to look, and leave it as it was.
    virtual IOService *probe(IOService *provider, SInt32 *score);
    // Takes the provider into use; false when it cannot, after undoing what was done. stop is not called
    // then.
    virtual bool start(IOService *provider);
    // Undoes start. No client is left and none will come.
    virtual void stop(IOService *provider);
    // Asks for the exclusive use of this provider; calls handleOpen with the arbitration lock held.
    virtual bool open(IOService *forClient, IOOptionBits options = 0, void *arg = 0);
    // Gives the use up; a terminated service that waits for it goes on to stop.
    virtual void close(IOService *forClient, IOOptionBits options = 0);
    virtual bool isOpen(const IOService *forClient = 0) const;
    // The policy behind open; the arbitration lock is held, so it must not wait.
    virtual bool handleOpen(IOService *forClient, IOOptionBits options, void *arg);
    virtual void handleClose(IOService *forClient, IOOptionBits options);
    virtual bool handleIsOpen(const IOService *forClient) const;
    // Begins teardown of this service and its clients; returns before it is done unless
    // kIOServiceSynchronous.
    virtual bool terminate(IOOptionBits options = 0);
    virtual bool finalize(IOOptionBits options);
    // After a failed init too.
    virtual void free(void);
    // Recursive; held only for moments.
    virtual bool lockForArbitration(bool isSuccessRequired = true);
    virtual void unlockForArbitration(void);
    virtual bool terminateClient(IOService *client, IOOptionBits options);
    virtual UInt32 getBusyState(void);
    // Adds to the busy count and, on the way to or from 0, to the providers'.
    virtual void adjustBusy(SInt32 delta);
    // Until the busy count is 0; not on a work loop.
    APPLE_KEXT_COMPATIBILITY_VIRTUAL IOReturn waitQuiet(mach_timespec_t *timeout);
    // Whether the service fits the class specific part of a matching dictionary; *score may be changed.
    virtual bool matchPropertyTable(OSDictionary *table, SInt32 *score);
    virtual bool matchPropertyTable(OSDictionary *table);
    virtual IOService *matchLocation(IOService *client);
    virtual bool addNeededResource(const char *key);
    virtual bool compareProperty(OSDictionary *matching, const char *key);
    virtual bool compareProperty(OSDictionary *matching, const OSString *key);
    virtual bool compareProperties(OSDictionary *matching, OSCollection *keys);
    // Becomes a client of the provider in the service plane: retains both ways.
    virtual bool attach(IOService *provider);
    // Undoes attach.
    virtual void detach(IOService *provider);
    // Not retained; 0 before attach and after detach.
    virtual IOService *getProvider(void) const;
    // Not retained; the provider's by default. May be called before start.
    virtual IOWorkLoop *getWorkLoop(void) const;
    virtual OSIterator *getProviderIterator(void) const;
    virtual OSIterator *getOpenProviderIterator(void) const;
    virtual IOService *getClient(void) const;
    virtual OSIterator *getClientIterator(void) const;
    virtual OSIterator *getOpenClientIterator(void) const;
    // Named function of this service or, by default, of its provider; kIOReturnUnsupported when nobody
    // knows it.
    virtual IOReturn callPlatformFunction(const OSSymbol *functionName, bool waitForFunction, void *param1,
                                          void *param2, void *param3, void *param4);
    virtual IOReturn callPlatformFunction(const char *functionName, bool waitForFunction, void *param1,
                                          void *param2, void *param3, void *param4);
    // Hook that nubs fill in before getDeviceMemory.
    virtual IOReturn getResources(void);
    virtual IOItemCount getDeviceMemoryCount(void);
    // Not retained; index as in the provider's array.
    virtual IODeviceMemory *getDeviceMemoryWithIndex(unsigned int index);
    // One reference.
    virtual IOMemoryMap *mapDeviceMemoryWithIndex(unsigned int index, IOOptionBits options = 0);
    virtual OSArray *getDeviceMemory(void);
    // Retains the array of IODeviceMemory.
    virtual void setDeviceMemory(OSArray *array);
    // Index counts the provider's interrupt sources. The handler runs in primary interrupt context; the
    // source stays disabled until enableInterrupt.
    virtual IOReturn registerInterrupt(int source, OSObject *target, IOInterruptAction handler,
                                       void *refCon = 0);
    // Disables it first if need be.
    virtual IOReturn unregisterInterrupt(int source);
    // Into *interruptType: kIOInterruptTypeEdge or Level, plus kIOInterruptTypePCIMessaged.
    virtual IOReturn getInterruptType(int source, int *interruptType);
    // Nests with disableInterrupt on controllers that count; any thread.
    virtual IOReturn enableInterrupt(int source);
    // After return the handler is not running.
    virtual IOReturn disableInterrupt(int source);
    virtual IOReturn causeInterrupt(int source);
    virtual IOReturn requestProbe(IOOptionBits options);
    // Notice from a provider or client; type is kIOMessage... Returns kIOReturnUnsupported when it means
    // nothing here.
    virtual IOReturn message(UInt32 type, IOService *provider, void *argument = 0);
    virtual IOReturn messageClient(UInt32 messageType, OSObject *client, void *messageArgument = 0,
                                   vm_size_t argSize = 0);
    // Sends it to every client.
    virtual IOReturn messageClients(UInt32 type, void *argument = 0, vm_size_t argSize = 0);
    // Notices of a type from this service; the handler runs on the sender's thread.
    virtual IONotifier *registerInterest(const OSSymbol *typeOfInterest, IOServiceInterestHandler handler,
                                         void *target, void *ref = 0);
    virtual void applyToProviders(IOServiceApplierFunction applier, void *context);
    virtual void applyToClients(IOServiceApplierFunction applier, void *context);
    virtual void applyToInterested(const OSSymbol *typeOfInterest, OSObjectApplierFunction applier,
                                   void *context);
    virtual IOReturn acknowledgeNotification(IONotificationRef notification, IOOptionBits response);
    // A user process opens a connection: one reference in *handler.
    virtual IOReturn newUserClient(task_t owningTask, void *securityID, UInt32 type, OSDictionary *properties,
                                   IOUserClient **handler);
    virtual IOReturn newUserClient(task_t owningTask, void *securityID, UInt32 type, IOUserClient **handler);
    virtual const char *stringFromReturn(IOReturn rtn);
    virtual int errnoFromReturn(IOReturn rtn);

    // Not virtual on x86_64, where their place does not matter.
private:
    APPLE_KEXT_COMPATIBILITY_VIRTUAL bool checkResources(void);
    APPLE_KEXT_COMPATIBILITY_VIRTUAL bool checkResource(OSObject *matching);
    APPLE_KEXT_COMPATIBILITY_VIRTUAL void probeCandidates(OSOrderedSet *matches);
    APPLE_KEXT_COMPATIBILITY_VIRTUAL bool startCandidate(IOService *candidate);

public:
    APPLE_KEXT_COMPATIBILITY_VIRTUAL IOService *getClientWithCategory(const OSSymbol *category);

private:
    APPLE_KEXT_COMPATIBILITY_VIRTUAL bool passiveMatch(OSDictionary *matching, bool changesOK = false);
    APPLE_KEXT_COMPATIBILITY_VIRTUAL void startMatching(IOOptionBits options = 0);
    APPLE_KEXT_COMPATIBILITY_VIRTUAL void doServiceMatch(IOOptionBits options);
    APPLE_KEXT_COMPATIBILITY_VIRTUAL void doServiceTerminate(IOOptionBits options);
    APPLE_KEXT_COMPATIBILITY_VIRTUAL void deliverNotification(const OSSymbol *type, IOOptionBits orNewState,
                                                              IOOptionBits andNewState);
    APPLE_KEXT_COMPATIBILITY_VIRTUAL void unregisterAllInterest(void);
#ifndef __LP64__
    virtual IOReturn waitForState(UInt32 mask, UInt32 value, mach_timespec_t *timeout = 0);
#endif
    // Finds the controller and vector of a source: called on first use.
    APPLE_KEXT_COMPATIBILITY_VIRTUAL IOReturn resolveInterrupt(IOService *nub, int source);
    // resolveInterrupt when asked and not done.
    APPLE_KEXT_COMPATIBILITY_VIRTUAL IOReturn lookupInterrupt(int source, bool resolve,
                                                              IOInterruptController **interruptController);

public:
    virtual bool serializeProperties(OSSerialize *s) const;
    // First power call of start.
    virtual void PMinit(void);
    // Last power call of stop.
    virtual void PMstop(void);
    // Called on the provider: makes the driver its child in the power plane.
    virtual void joinPMtree(IOService *driver);
    // States are copied; must follow PMinit and joining the tree.
    virtual IOReturn registerPowerDriver(IOService *controllingDriver, IOPMPowerState *powerStates,
                                         unsigned long numberOfStates);
    APPLE_KEXT_COMPATIBILITY_VIRTUAL IOPMPowerFlags registerInterestedDriver(IOService *theDriver);
    APPLE_KEXT_COMPATIBILITY_VIRTUAL IOReturn deRegisterInterestedDriver(IOService *theDriver);
    APPLE_KEXT_COMPATIBILITY_VIRTUAL IOReturn acknowledgePowerChange(IOService *whichDriver);
    APPLE_KEXT_COMPATIBILITY_VIRTUAL IOReturn acknowledgeSetPowerState(void);
    virtual IOReturn requestPowerDomainState(IOPMPowerFlags desiredState, IOPowerConnection *whichChild,
                                             unsigned long specificationFlags);
    // Asks for the highest state.
    APPLE_KEXT_COMPATIBILITY_VIRTUAL IOReturn makeUsable(void);
    APPLE_KEXT_COMPATIBILITY_VIRTUAL IOReturn temporaryPowerClampOn(void);
    // The driver's own wish.
    APPLE_KEXT_COMPATIBILITY_VIRTUAL IOReturn changePowerStateTo(unsigned long ordinal);
    APPLE_KEXT_COMPATIBILITY_VIRTUAL IOPMPowerFlags currentCapability(void);
    APPLE_KEXT_COMPATIBILITY_VIRTUAL unsigned long currentPowerConsumption(void);
    virtual bool activityTickle(unsigned long type, unsigned long stateNumber = 0);
    virtual IOReturn setAggressiveness(unsigned long type, unsigned long newLevel);
    virtual IOReturn getAggressiveness(unsigned long type, unsigned long *currentLevel);
#ifndef __LP64__
    virtual IOReturn systemWake(void);
    virtual IOReturn temperatureCriticalForZone(IOService *whichZone);
    virtual IOReturn youAreRoot(void);
    virtual IOReturn setPowerParent(IOPowerConnection *parent, bool stateKnown, IOPMPowerFlags currentState);
#endif
    virtual IOReturn addPowerChild(IOService *theChild);
    virtual IOReturn removePowerChild(IOPowerConnection *theChild);
#ifndef __LP64__
    virtual void command_received(void *, void *, void *, void *);
#endif
    APPLE_KEXT_COMPATIBILITY_VIRTUAL void start_PM_idle_timer(void);
#ifndef __LP64__
    virtual void PM_idle_timer_expiration(void);
    virtual void PM_Clamp_Timer_Expired(void);
#endif
    virtual IOReturn setIdleTimerPeriod(unsigned long);
#ifndef __LP64__
    virtual IOWorkLoop *getPMworkloop(void);
#endif
    // The power manager asks for a state (index in the array given to registerPowerDriver): IOPMAckImplied
    // when done, else microseconds until acknowledgeSetPowerState.
    virtual IOReturn setPowerState(unsigned long powerStateOrdinal, IOService *whatDevice);
#ifndef __LP64__
    virtual void clampPowerOn(unsigned long duration);
#endif
    virtual unsigned long maxCapabilityForDomainState(IOPMPowerFlags domainState);
    virtual unsigned long initialPowerStateForDomainState(IOPMPowerFlags domainState);
    virtual unsigned long powerStateForDomainState(IOPMPowerFlags domainState);
    virtual IOReturn powerStateWillChangeTo(IOPMPowerFlags capabilities, unsigned long stateNumber,
                                            IOService *whatDevice);
    virtual IOReturn powerStateDidChangeTo(IOPMPowerFlags capabilities, unsigned long stateNumber,
                                           IOService *whatDevice);
#ifndef __LP64__
    virtual bool didYouWakeSystem(void);
    virtual IOReturn newTemperature(long currentTemp, IOService *whichZone);
#endif
    virtual bool askChangeDown(unsigned long);
    virtual bool tellChangeDown(unsigned long);
    virtual void tellNoChangeDown(unsigned long);
    virtual void tellChangeUp(unsigned long);
    virtual IOReturn allowPowerChange(unsigned long refcon);
    virtual IOReturn cancelPowerChange(unsigned long refcon);

protected:
    virtual void powerChangeDone(unsigned long stateNumber);

public:
    // Termination has begun.
    bool isInactive(void) const;
    IOReturn waitQuiet(uint64_t timeout = UINT64_MAX);
    static void publishResource(const OSSymbol *key, OSObject *value = 0);
    static void publishResource(const char *key, OSObject *value = 0);
    // Calls handler for each matching service there is and each that comes; runs on the matching thread.
    // Takes over the reference to `matching`.
    static IONotifier *addNotification(const OSSymbol *type, OSDictionary *matching,
                                       IOServiceNotificationHandler handler, void *target, void *ref = 0,
                                       SInt32 priority = 0);
    static IONotifier *addMatchingNotification(const OSSymbol *type, OSDictionary *matching,
                                               IOServiceMatchingNotificationHandler handler, void *target,
                                               void *ref = 0, SInt32 priority = 0);
    // Takes over the reference to `matching`; the result is not retained.
    static IOService *waitForService(OSDictionary *matching, mach_timespec_t *timeout = 0);
    static IOService *waitForMatchingService(OSDictionary *matching, uint64_t timeout = UINT64_MAX);
    // One reference to an iterator, or 0 when there is none.
    static OSIterator *getMatchingServices(OSDictionary *matching);
    // One reference to a matching dictionary, the argument extended if given.
    static OSDictionary *serviceMatching(const char *className, OSDictionary *table = 0);
    static OSDictionary *serviceMatching(const OSString *className, OSDictionary *table = 0);
    static OSDictionary *nameMatching(const char *name, OSDictionary *table = 0);
    static OSDictionary *nameMatching(const OSString *name, OSDictionary *table = 0);
    static OSDictionary *resourceMatching(const char *name, OSDictionary *table = 0);
    static OSDictionary *resourceMatching(const OSString *name, OSDictionary *table = 0);
    static OSDictionary *propertyMatching(const OSSymbol *key, const OSObject *value,
                                          OSDictionary *table = 0);
    static OSDictionary *registryEntryIDMatching(uint64_t entryID, OSDictionary *table = 0);
    static OSDictionary *addLocation(OSDictionary *table);
    static IOPlatformExpert *getPlatform(void);
    static class IOPMrootDomain *getPMRootDomain(void);
    static IOService *getServiceRoot(void);
    static IOService *getResourceService(void);
    void requireMaxBusStall(UInt32 ns);
    void requireMaxInterruptDelay(uint32_t ns);

private:
    bool invokeNotifer(class _IOServiceNotifier *notify);
    UInt32 _adjustBusy(SInt32 delta);
    bool terminatePhase1(IOOptionBits options = 0);
    void scheduleTerminatePhase2(IOOptionBits options = 0);
    static void terminateWorker(IOOptionBits options);
    static void actionWillTerminate(IOService *victim, IOOptionBits options, OSArray *doPhase2List);
    static void actionDidTerminate(IOService *victim, IOOptionBits options);
    static void actionFinalize(IOService *victim, IOOptionBits options);

public:
    UInt32 getPowerState(void);

protected:
    IOReturn changePowerStateToPriv(unsigned long ordinal);
    IOReturn powerOverrideOnPriv(void);
    IOReturn powerOverrideOffPriv(void);
};
