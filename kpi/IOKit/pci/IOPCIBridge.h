// SPDX-License-Identifier: BSD-3-Clause
// Base of PCI bus drivers. Answers to Apple's IOKit/pci/IOPCIBridge.h (Mac OS X 10.6 view).
#pragma once

#include <IOKit/IOService.h>
#include <IOKit/IODeviceMemory.h>
#include <IOKit/IOFilterInterruptEventSource.h>
#include <IOKit/pci/IOPCIDevice.h>

#define kIOPCIBridgeRegs (32)

class IOAGPDevice;
class IORangeAllocator;

class IOPCIConfigurator;
class IOPCIDevice;
enum {
    kIOPCIResourceTypeMemory = 0,
    kIOPCIResourceTypePrefetchMemory = 1,
    kIOPCIResourceTypeIO = 2,
    kIOPCIResourceTypeBusNumber = 3,
    kIOPCIResourceTypeCount = 4
};

// Base of PCI bus drivers: enumerates, publishes IOPCIDevice nubs, forwards configuration accesses
// (IOPCIFamily IOPCIBridge.cpp).
class IOPCIBridge : public IOService
{
    OSDeclareAbstractStructors(IOPCIBridge)
    friend class IOPCIDevice;
    friend class IOPCIConfigurator;

protected:
    struct ExpansionData; // the implementation's own

    void *__reserved1;
    void *__reserved2;
    ExpansionData *reserved;

private:
    virtual bool isDTNub(IOPCIDevice *nub);

public:
    virtual void probeBus(IOService *provider, UInt8 busNum);
    virtual UInt8 firstBusNum(void);
    virtual UInt8 lastBusNum(void);
    virtual void spaceFromProperties(OSDictionary *propTable, IOPCIAddressSpace *space);
    virtual OSDictionary *constructProperties(IOPCIAddressSpace space);
    virtual IOPCIDevice *createNub(OSDictionary *from);
    virtual bool initializeNub(IOPCIDevice *nub, OSDictionary *from);
    virtual bool publishNub(IOPCIDevice *nub, UInt32 index);
    virtual bool addBridgeMemoryRange(IOPhysicalAddress start, IOPhysicalLength length, bool host);
    virtual bool addBridgeIORange(IOByteCount start, IOByteCount length);

private:
#ifndef KPI_10_5
    virtual bool constructRange(IOPCIAddressSpace *flags, IOPhysicalAddress64 phys, IOPhysicalLength64 len,
                                OSArray *array);
#else
    virtual bool constructRange(IOPCIAddressSpace *flags, IOPhysicalAddress phys, IOPhysicalLength len,
                                OSArray *array);
#endif
    virtual bool matchNubWithPropertyTable(IOService *nub, OSDictionary *propertyTable, SInt32 *score);
    virtual bool compareNubName(const IOService *nub, OSString *name, OSString **matched = 0) const;
    virtual bool pciMatchNub(IOPCIDevice *nub, OSDictionary *table, SInt32 *score);
    virtual bool matchKeys(IOPCIDevice *nub, const char *keys, UInt32 defaultMask, UInt8 regNum);
    virtual IOReturn getNubResources(IOService *nub);
    virtual IOReturn getNubAddressing(IOPCIDevice *nub);
    virtual IOReturn getDTNubAddressing(IOPCIDevice *nub);

public:
    virtual void free(void);
    virtual bool start(IOService *provider);
    virtual void stop(IOService *provider);
    virtual bool configure(IOService *provider);
    virtual IODeviceMemory *ioDeviceMemory(void) = 0;
    virtual UInt32 configRead32(IOPCIAddressSpace space, UInt8 offset) = 0;
    virtual void configWrite32(IOPCIAddressSpace space, UInt8 offset, UInt32 data) = 0;
    virtual UInt16 configRead16(IOPCIAddressSpace space, UInt8 offset) = 0;
    virtual void configWrite16(IOPCIAddressSpace space, UInt8 offset, UInt16 data) = 0;
    virtual UInt8 configRead8(IOPCIAddressSpace space, UInt8 offset) = 0;
    virtual void configWrite8(IOPCIAddressSpace space, UInt8 offset, UInt8 data) = 0;
    virtual IOPCIAddressSpace getBridgeSpace(void) = 0;
    virtual UInt32 findPCICapability(IOPCIAddressSpace space, UInt8 capabilityID, UInt8 *offset = 0);
    virtual IOReturn setDevicePowerState(IOPCIDevice *device, unsigned long whatToDo);
    virtual IOReturn saveDeviceState(IOPCIDevice *device, IOOptionBits options = 0);
    virtual IOReturn restoreDeviceState(IOPCIDevice *device, IOOptionBits options = 0);
    virtual IOReturn createAGPSpace(IOAGPDevice *master, IOOptionBits options, IOPhysicalAddress *address,
                                    IOPhysicalLength *length);
    virtual IOReturn destroyAGPSpace(IOAGPDevice *master);
    virtual IORangeAllocator *getAGPRangeAllocator(IOAGPDevice *master);
    virtual IOOptionBits getAGPStatus(IOAGPDevice *master, IOOptionBits options = 0);
    virtual IOReturn resetAGPDevice(IOAGPDevice *master, IOOptionBits options = 0);
    virtual IOReturn getAGPSpace(IOAGPDevice *master, IOPhysicalAddress *address, IOPhysicalLength *length);
    virtual IOReturn commitAGPMemory(IOAGPDevice *master, IOMemoryDescriptor *memory, IOByteCount agpOffset,
                                     IOOptionBits options);
    virtual IOReturn releaseAGPMemory(IOAGPDevice *master, IOMemoryDescriptor *memory, IOByteCount agpOffset,
                                      IOOptionBits options);

private:
    virtual bool addBridgePrefetchableMemoryRange(IOPhysicalAddress start, IOPhysicalLength length,
                                                  bool host);

protected:
    virtual UInt32 extendedFindPCICapability(IOPCIAddressSpace space, UInt32 capabilityID,
                                             IOByteCount *offset = 0);
    virtual IOReturn setDeviceASPMState(IOPCIDevice *device, IOService *client, IOOptionBits state);
#ifndef KPI_10_5
    virtual IOReturn checkLink(uint32_t options = 0);
#else
    OSMetaClassDeclareReservedUnused(IOPCIBridge, 3);
#endif
    OSMetaClassDeclareReservedUnused(IOPCIBridge, 4);
    OSMetaClassDeclareReservedUnused(IOPCIBridge, 5);
    OSMetaClassDeclareReservedUnused(IOPCIBridge, 6);
    OSMetaClassDeclareReservedUnused(IOPCIBridge, 7);
    OSMetaClassDeclareReservedUnused(IOPCIBridge, 8);
    OSMetaClassDeclareReservedUnused(IOPCIBridge, 9);
    OSMetaClassDeclareReservedUnused(IOPCIBridge, 10);
    OSMetaClassDeclareReservedUnused(IOPCIBridge, 11);
    OSMetaClassDeclareReservedUnused(IOPCIBridge, 12);
    OSMetaClassDeclareReservedUnused(IOPCIBridge, 13);
    OSMetaClassDeclareReservedUnused(IOPCIBridge, 14);
    OSMetaClassDeclareReservedUnused(IOPCIBridge, 15);
    OSMetaClassDeclareReservedUnused(IOPCIBridge, 16);
    OSMetaClassDeclareReservedUnused(IOPCIBridge, 17);
    OSMetaClassDeclareReservedUnused(IOPCIBridge, 18);
    OSMetaClassDeclareReservedUnused(IOPCIBridge, 19);
    OSMetaClassDeclareReservedUnused(IOPCIBridge, 20);
    OSMetaClassDeclareReservedUnused(IOPCIBridge, 21);
    OSMetaClassDeclareReservedUnused(IOPCIBridge, 22);
    OSMetaClassDeclareReservedUnused(IOPCIBridge, 23);
    OSMetaClassDeclareReservedUnused(IOPCIBridge, 24);
    OSMetaClassDeclareReservedUnused(IOPCIBridge, 25);
    OSMetaClassDeclareReservedUnused(IOPCIBridge, 26);
    OSMetaClassDeclareReservedUnused(IOPCIBridge, 27);
    OSMetaClassDeclareReservedUnused(IOPCIBridge, 28);
    OSMetaClassDeclareReservedUnused(IOPCIBridge, 29);
    OSMetaClassDeclareReservedUnused(IOPCIBridge, 30);
    OSMetaClassDeclareReservedUnused(IOPCIBridge, 31);

    static void initialize(void);
    IORegistryEntry *findMatching(OSIterator *in, IOPCIAddressSpace space);
    bool checkProperties(IOPCIDevice *entry);
    void removeDevice(IOPCIDevice *device, IOOptionBits options = 0);
    IOReturn restoreMachineState(IOOptionBits options = 0);
    IOReturn _restoreDeviceState(IOPCIDevice *device, IOOptionBits options);
    IOReturn resolveLegacyInterrupts(IOService *provider, IOPCIDevice *nub);
    IOReturn resolveMSIInterrupts(IOService *provider, IOPCIDevice *nub);

protected:
    static void nvLocation(IORegistryEntry *entry, UInt8 *busNum, UInt8 *deviceNum, UInt8 *functionNum);
    static SInt32 compareAddressCell(UInt32 cellCount, UInt32 *cleft, UInt32 *cright);
    IOReturn setDeviceASPMBits(IOPCIDevice *device, IOOptionBits state);
    static IOReturn configOp(IOService *device, uintptr_t op, void *result);
    bool addBridgePrefetchableMemoryRange(addr64_t start, addr64_t length);
    IOReturn kernelRequestProbe(IOPCIDevice *device, uint32_t options);
    IOReturn protectDevice(IOPCIDevice *device, uint32_t space, uint32_t prot);
};

// A PCI-to-PCI bridge, hot-plug included (IOPCIFamily IOPCIBridge.cpp).
class IOPCI2PCIBridge : public IOPCIBridge
{
    OSDeclareDefaultStructors(IOPCI2PCIBridge)

protected:
    struct ExpansionData; // the implementation's own

private:
    IOPCIDevice *bridgeDevice;
    UInt32 bridgeState[32];

protected:
    ExpansionData *reserved;

public:
    virtual UInt8 firstBusNum(void);
    virtual UInt8 lastBusNum(void);
    virtual void free(void);
    virtual bool serializeProperties(OSSerialize *serialize) const;
    virtual IOService *probe(IOService *provider, SInt32 *score);
    virtual bool start(IOService *provider);
    virtual void stop(IOService *provider);
    virtual bool configure(IOService *provider);
    virtual void probeBus(IOService *provider, UInt8 busNum);
    virtual IOReturn requestProbe(IOOptionBits options);
    virtual void saveBridgeState(void);
    virtual void restoreBridgeState(void);
#ifndef KPI_10_5
    virtual IOReturn saveDeviceState(IOPCIDevice *device, IOOptionBits options = 0);
#endif
    virtual bool publishNub(IOPCIDevice *nub, UInt32 index);
    virtual IODeviceMemory *ioDeviceMemory(void);
    virtual IOPCIAddressSpace getBridgeSpace(void);
    virtual UInt32 configRead32(IOPCIAddressSpace space, UInt8 offset);
    virtual void configWrite32(IOPCIAddressSpace space, UInt8 offset, UInt32 data);
    virtual UInt16 configRead16(IOPCIAddressSpace space, UInt8 offset);
    virtual void configWrite16(IOPCIAddressSpace space, UInt8 offset, UInt16 data);
    virtual UInt8 configRead8(IOPCIAddressSpace space, UInt8 offset);
    virtual void configWrite8(IOPCIAddressSpace space, UInt8 offset, UInt8 data);
    virtual IOReturn setDeviceASPMState(IOPCIDevice *device, IOService *client, IOOptionBits state);
#ifndef KPI_10_5
    virtual IOReturn checkLink(uint32_t options = 0);
#endif
    OSMetaClassDeclareReservedUnused(IOPCI2PCIBridge, 0);
    OSMetaClassDeclareReservedUnused(IOPCI2PCIBridge, 1);
    OSMetaClassDeclareReservedUnused(IOPCI2PCIBridge, 2);
    OSMetaClassDeclareReservedUnused(IOPCI2PCIBridge, 3);
    OSMetaClassDeclareReservedUnused(IOPCI2PCIBridge, 4);
    OSMetaClassDeclareReservedUnused(IOPCI2PCIBridge, 5);
    OSMetaClassDeclareReservedUnused(IOPCI2PCIBridge, 6);
    OSMetaClassDeclareReservedUnused(IOPCI2PCIBridge, 7);
    OSMetaClassDeclareReservedUnused(IOPCI2PCIBridge, 8);

public:
    IOReturn setPowerState(unsigned long powerState, IOService *whatDevice);
    void adjustPowerState(unsigned long state);

protected:
    void startHotPlug(IOService *provider);

public:
    void startBootDefer(IOService *provider);
    bool filterInterrupt(IOFilterInterruptEventSource *source);
    void handleInterrupt(IOInterruptEventSource *source, int count);
    void timerProbe(IOTimerEventSource *es);
};
