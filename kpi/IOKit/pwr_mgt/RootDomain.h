// SPDX-License-Identifier: BSD-3-Clause
// The root of the power plane. Answers to Apple's IOKit/pwr_mgt/RootDomain.h (Mac OS X 10.6 view).
#pragma once

#include <IOKit/IOService.h>
#include <IOKit/pwr_mgt/IOPM.h>

typedef uint64_t IOPMDriverAssertionType;
typedef uint64_t IOPMDriverAssertionID;
typedef uint32_t IOPMDriverAssertionLevel;
enum {
    kRootDomainSleepNotSupported = 0x0,
    kRootDomainSleepSupported = 0x1,
    kFrameBufferDeepSleepSupported = 0x2,
    kPCICantSleep = 0x4
};

enum {
    kIOPMSleepReasonClamshell = 1,
    kIOPMSleepReasonPowerButton = 2,
    kIOPMSleepReasonSoftware = 3,
    kIOPMSleepReasonOSSwitchHibernation = 4,
    kIOPMSleepReasonIdle = 5,
    kIOPMSleepReasonLowPower = 6,
    kIOPMSleepReasonThermalEmergency = 7,
    kIOPMSleepReasonMaintenance = 8,
    kIOPMSleepReasonMax = 9
};

enum {
    kIOPMSupportedOnAC = 0x1,
    kIOPMSupportedOnBatt = 0x2,
    kIOPMSupportedOnUPS = 0x4
};

typedef IOReturn (*IOPMSettingControllerCallback)(OSObject *, const OSSymbol *, OSObject *, uintptr_t);

extern "C" {
IONotifier *registerSleepWakeInterest(IOServiceInterestHandler, void *, void * = 0);
IONotifier *registerPrioritySleepWakeInterest(IOServiceInterestHandler handler, void *self, void *ref = 0);
IOReturn acknowledgeSleepWakeNotification(void *);
IOReturn vetoSleepWakeNotification(void *PMrefcon);
}

// Root of the power plane; sleep, wake and shutdown start here (xnu iokit/Kernel/IOPMrootDomain.cpp).
class IOPMrootDomain : public IOService
{
    OSDeclareFinalStructors(IOPMrootDomain)

public:
    virtual bool start(IOService *provider);
    virtual IOReturn setAggressiveness(unsigned long, unsigned long);
#ifndef KPI_10_5
    virtual IOReturn getAggressiveness(unsigned long, unsigned long *);
#else
    virtual IOReturn youAreRoot(void);
#endif
    virtual IOReturn sleepSystem(void);
    virtual IOReturn setProperties(OSObject *);
#ifndef KPI_10_5
    virtual bool serializeProperties(OSSerialize *s) const;
#endif
    virtual IOReturn receivePowerNotification(UInt32 msg);
    virtual void setSleepSupported(IOOptionBits flags);
    virtual IOOptionBits getSleepSupported(void);
#ifndef KPI_10_5
    virtual IONotifier *registerInterest(const OSSymbol *typeOfInterest, IOServiceInterestHandler handler,
                                         void *target, void *ref = 0);
    virtual IOReturn callPlatformFunction(const OSSymbol *functionName, bool waitForFunction, void *param1,
                                          void *param2, void *param3, void *param4);
#endif

private:
    virtual IOReturn changePowerStateTo(unsigned long ordinal);
#ifdef KPI_10_5
    virtual void command_received(void *, void *, void *, void *);
    virtual void handleSleepTimerExpiration(void);
#endif
    virtual IOReturn changePowerStateToPriv(unsigned long ordinal);
    virtual IOReturn requestPowerDomainState(IOPMPowerFlags, IOPowerConnection *, unsigned long);
    virtual void powerChangeDone(unsigned long);
    virtual bool tellChangeDown(unsigned long);
    virtual bool askChangeDown(unsigned long);
    virtual void tellChangeUp(unsigned long);
    virtual void tellNoChangeDown(unsigned long);

public:
    static IOPMrootDomain *construct(void);
    IOReturn systemPowerEventOccurred(const OSSymbol *event, uint32_t intValue);
    IOReturn systemPowerEventOccurred(const OSSymbol *event, OSObject *value);
    void wakeFromDoze(void);
    void publishFeature(const char *feature);
    void publishFeature(const char *feature, uint32_t supportedWhere, uint32_t *uniqueFeatureID);
    IOReturn removePublishedFeature(uint32_t removeFeatureID);
    OSObject *copyPMSetting(OSSymbol *whichSetting);
    IOReturn registerPMSettingController(const OSSymbol **settings, IOPMSettingControllerCallback callout,
                                         OSObject *target, uintptr_t refcon, OSObject **handle);
    IOReturn registerPMSettingController(const OSSymbol **settings, uint32_t supportedPowerSources,
                                         IOPMSettingControllerCallback callout, OSObject *target,
                                         uintptr_t refcon, OSObject **handle);
    IOPMDriverAssertionID createPMAssertion(IOPMDriverAssertionType whichAssertionsBits,
                                            IOPMDriverAssertionLevel assertionLevel, IOService *ownerService,
                                            const char *ownerDescription);
    IOReturn setPMAssertionLevel(IOPMDriverAssertionID assertionID, IOPMDriverAssertionLevel assertionLevel);
    IOPMDriverAssertionLevel getPMAssertionLevel(IOPMDriverAssertionType whichAssertionBits);
    IOReturn releasePMAssertion(IOPMDriverAssertionID releaseAssertion);
};
