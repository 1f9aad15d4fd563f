// SPDX-License-Identifier: BSD-3-Clause
// The machine at the registry's root. Answers to Apple's IOKit/IOPlatformExpert.h (Mac OS X 10.6
// view).
#pragma once

#include <IOKit/IOLib.h>
#include <IOKit/IOService.h>
#include <IOKit/IOInterrupts.h>
#include <IOKit/IOInterruptController.h>

#define kIOPlatformMapperPresentKey "IOPlatformMapperPresent"

struct PE_Video;

extern "C" {
boolean_t PEGetMachineName(char *name, int maxLength);
boolean_t PEGetModelName(char *name, int maxLength);
int PEGetPlatformEpoch(void);
}

enum {
    kPEHaltCPU = 0,
    kPERestartCPU = 1,
    kPEHangCPU = 2,
    kPEUPSDelayHaltCPU = 3,
    kPEPanicRestartCPU = 4,
    kPEPanicSync = 5
};

extern "C" {
extern int (*PE_halt_restart)(unsigned int);
int PEHaltRestart(unsigned int type);
UInt32 PESavePanicInfo(UInt8 *buffer, UInt32 length);
long PEGetGMTTimeOfDay(void);
void PESetGMTTimeOfDay(long secs);
}

extern OSSymbol *gPlatformInterruptControllerName;
extern const OSSymbol *gIOPlatformSleepActionKey;
extern const OSSymbol *gIOPlatformWakeActionKey;
extern const OSSymbol *gIOPlatformQuiesceActionKey;
extern const OSSymbol *gIOPlatformActiveActionKey;
class IORangeAllocator;
class IONVRAMController;
class IOPMrootDomain;

// The machine as a driver: naming of devices, time-outs, halt and restart (xnu
// iokit/Kernel/IOPlatformExpert.cpp).
class IOPlatformExpert : public IOService
{
    OSDeclareDefaultStructors(IOPlatformExpert)

protected:
    struct ExpansionData; // the implementation's own

private:
    long _peBootROMType;
    long _peChipSetType;
    long _peMachineType;

protected:
    IOPMrootDomain *root;
    int _pePMFeatures;
    int _pePrivPMFeatures;
    int _peNumBatteriesSupported;
    OSArray *thePowerTree;
    bool searchingForAdditionalParents;
    OSNumber *multipleParentKeyValue;
    int numInstancesRegistered;
    ExpansionData *reserved;

    virtual void setBootROMType(long peBootROMType);
    virtual void setChipSetType(long peChipSetType);
    virtual void setMachineType(long peMachineType);
    virtual bool CheckSubTree(OSArray *inSubTree, IOService *theNub, IOService *theDevice,
                              OSDictionary *theParent);
    virtual bool RegisterServiceInTree(IOService *theService, OSDictionary *theTreeNode,
                                       OSDictionary *theTreeParentNode, IOService *theProvider);
    virtual void PMInstantiatePowerDomains(void);

public:
    virtual bool attach(IOService *provider);
    virtual bool start(IOService *provider);
    virtual bool configure(IOService *provider);
    virtual IOService *createNub(OSDictionary *from);
    virtual bool compareNubName(const IOService *nub, OSString *name, OSString **matched = 0) const;
    virtual IOReturn getNubResources(IOService *nub);
    virtual long getBootROMType(void);
    virtual long getChipSetType(void);
    virtual long getMachineType(void);
    virtual bool getModelName(char *name, int maxLength);
    virtual bool getMachineName(char *name, int maxLength);
    virtual int haltRestart(unsigned int type);
    virtual void sleepKernel(void);
    virtual long getGMTTimeOfDay(void);
    virtual void setGMTTimeOfDay(long secs);
    virtual IOReturn getConsoleInfo(PE_Video *consoleInfo);
    virtual IOReturn setConsoleInfo(PE_Video *consoleInfo, unsigned int op);
    virtual void registerNVRAMController(IONVRAMController *nvram);
    virtual IOReturn registerInterruptController(OSSymbol *name, IOInterruptController *interruptController);
    virtual IOInterruptController *lookUpInterruptController(OSSymbol *name);
    virtual void setCPUInterruptProperties(IOService *service);
    virtual bool atInterruptLevel(void);
    virtual IOReturn callPlatformFunction(const OSSymbol *functionName, bool waitForFunction, void *param1,
                                          void *param2, void *param3, void *param4);
    virtual IORangeAllocator *getPhysicalRangeAllocator(void);
    virtual bool platformAdjustService(IOService *service);
    virtual void PMRegisterDevice(IOService *theNub, IOService *theDevice);
    virtual void PMLog(const char *, unsigned long, unsigned long, unsigned long);
    virtual bool hasPMFeature(unsigned long featureMask);
    virtual bool hasPrivPMFeature(unsigned long privFeatureMask);
    virtual int numBatteriesSupported(void);
    virtual IOByteCount savePanicInfo(UInt8 *buffer, IOByteCount length);
    virtual OSString *createSystemSerialNumberString(OSData *myProperty);
    OSMetaClassDeclareReservedUnused(IOPlatformExpert, 2);
    OSMetaClassDeclareReservedUnused(IOPlatformExpert, 3);
    OSMetaClassDeclareReservedUnused(IOPlatformExpert, 4);
    OSMetaClassDeclareReservedUnused(IOPlatformExpert, 5);
    OSMetaClassDeclareReservedUnused(IOPlatformExpert, 6);
    OSMetaClassDeclareReservedUnused(IOPlatformExpert, 7);
    OSMetaClassDeclareReservedUnused(IOPlatformExpert, 8);
    OSMetaClassDeclareReservedUnused(IOPlatformExpert, 9);
    OSMetaClassDeclareReservedUnused(IOPlatformExpert, 10);
    OSMetaClassDeclareReservedUnused(IOPlatformExpert, 11);
};

class IODTNVRAM;

// A machine described by a device tree (xnu iokit/Kernel/IOPlatformExpert.cpp).
class IODTPlatformExpert : public IOPlatformExpert
{
    OSDeclareAbstractStructors(IODTPlatformExpert)

protected:
    struct ExpansionData; // the implementation's own

private:
    IODTNVRAM *dtNVRAM;
    ExpansionData *reserved;

public:
    virtual IOService *probe(IOService *provider, SInt32 *score);
    virtual bool configure(IOService *provider);
    virtual void processTopLevel(IORegistryEntry *root);
    virtual const char *deleteList(void) = 0;
    virtual const char *excludeList(void) = 0;
    virtual IOService *createNub(IORegistryEntry *from);
    virtual bool createNubs(IOService *parent, OSIterator *iter);
    virtual bool compareNubName(const IOService *nub, OSString *name, OSString **matched = 0) const;
    virtual IOReturn getNubResources(IOService *nub);
    virtual bool getModelName(char *name, int maxLength);
    virtual bool getMachineName(char *name, int maxLength);
    virtual void registerNVRAMController(IONVRAMController *nvram);
    virtual int haltRestart(unsigned int type);
    virtual IOReturn readNVRAMProperty(IORegistryEntry *entry, const OSSymbol **name, OSData **value);
    virtual IOReturn writeNVRAMProperty(IORegistryEntry *entry, const OSSymbol *name, OSData *value);
    virtual IOByteCount savePanicInfo(UInt8 *buffer, IOByteCount length);
    virtual OSString *createSystemSerialNumberString(OSData *myProperty);
    OSMetaClassDeclareReservedUnused(IODTPlatformExpert, 0);
    OSMetaClassDeclareReservedUnused(IODTPlatformExpert, 1);
    OSMetaClassDeclareReservedUnused(IODTPlatformExpert, 2);
    OSMetaClassDeclareReservedUnused(IODTPlatformExpert, 3);
    OSMetaClassDeclareReservedUnused(IODTPlatformExpert, 4);
    OSMetaClassDeclareReservedUnused(IODTPlatformExpert, 5);
    OSMetaClassDeclareReservedUnused(IODTPlatformExpert, 6);
    OSMetaClassDeclareReservedUnused(IODTPlatformExpert, 7);

public:
    IOReturn readXPRAM(IOByteCount offset, UInt8 *buffer, IOByteCount length);
    IOReturn writeXPRAM(IOByteCount offset, UInt8 *buffer, IOByteCount length);
    OSDictionary *getNVRAMPartitions(void);
    IOReturn readNVRAMPartition(const OSSymbol *partitionID, IOByteCount offset, UInt8 *buffer,
                                IOByteCount length);
    IOReturn writeNVRAMPartition(const OSSymbol *partitionID, IOByteCount offset, UInt8 *buffer,
                                 IOByteCount length);
};

// The root nub, provider of the platform expert (xnu iokit/Kernel/IOPlatformExpert.cpp).
class IOPlatformExpertDevice : public IOService
{
    OSDeclareDefaultStructors(IOPlatformExpertDevice)

protected:
    struct ExpansionData; // the implementation's own

private:
    IOWorkLoop *workLoop;
    ExpansionData *reserved;

public:
    virtual bool initWithArgs(void *p1, void *p2, void *p3, void *p4);
    virtual bool compareName(OSString *name, OSString **matched = 0) const;
    virtual IOWorkLoop *getWorkLoop(void) const;
    virtual IOReturn setProperties(OSObject *properties);
    virtual void free(void);
    OSMetaClassDeclareReservedUnused(IOPlatformExpertDevice, 0);
    OSMetaClassDeclareReservedUnused(IOPlatformExpertDevice, 1);
    OSMetaClassDeclareReservedUnused(IOPlatformExpertDevice, 2);
    OSMetaClassDeclareReservedUnused(IOPlatformExpertDevice, 3);
};

// Nub of a device of the platform itself (xnu iokit/Kernel/IOPlatformExpert.cpp).
class IOPlatformDevice : public IOService
{
    OSDeclareDefaultStructors(IOPlatformDevice)

protected:
    struct ExpansionData; // the implementation's own

    ExpansionData *reserved;

public:
    virtual bool compareName(OSString *name, OSString **matched = 0) const;
    virtual IOService *matchLocation(IOService *client);
    virtual IOReturn getResources(void);
    OSMetaClassDeclareReservedUnused(IOPlatformDevice, 0);
    OSMetaClassDeclareReservedUnused(IOPlatformDevice, 1);
    OSMetaClassDeclareReservedUnused(IOPlatformDevice, 2);
    OSMetaClassDeclareReservedUnused(IOPlatformDevice, 3);
};
