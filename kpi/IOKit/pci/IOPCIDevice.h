// SPDX-License-Identifier: BSD-3-Clause
// The nub of a PCI function: configuration space, BARs, power. Answers to Apple's IOKit/pci/IOPCIDevice.h
// (Mac OS X 10.6 view).
#pragma once

#include <IOKit/IOService.h>

#define kIOPCIMatchKey                   "IOPCIMatch"
#define kIOPCIPrimaryMatchKey            "IOPCIPrimaryMatch"
#define kIOPCISecondaryMatchKey          "IOPCISecondaryMatch"
#define kIOPCIClassMatchKey              "IOPCIClassMatch"
#define kIOPCITunnelCompatibleKey        "IOPCITunnelCompatible"
#define kIOPCITunnelledKey               "IOPCITunnelled"
#define kIOPMPCIConfigSpaceVolatileKey   "IOPMPCIConfigSpaceVolatile"
#define kIOPMPCISleepLinkDisableKey      "IOPMPCISleepLinkDisable"
#define kIOPCIExpressLinkStatusKey       "IOPCIExpressLinkStatus"
#define kIOPCIExpressLinkCapabilitiesKey "IOPCIExpressLinkCapabilities"
#define kIOPlatformDeviceASPMEnableKey   "IOPlatformDeviceASPMEnable"
#define kIOPCIDeviceASPMSupportedKey     "pci-aspm-supported"
#define kIOPCIPMEOptionsKey              "IOPCIPMEOptions"
#define kIOPCITunnelIDKey                "IOPCITunnelID"
#define kIOPCITunnelControllerIDKey      "IOPCITunnelControllerID"

enum {
    kIOPCIConfigVendorID = 0x0,
    kIOPCIConfigDeviceID = 0x2,
    kIOPCIConfigCommand = 0x4,
    kIOPCIConfigStatus = 0x6,
    kIOPCIConfigRevisionID = 0x8,
    kIOPCIConfigClassCode = 0x9,
    kIOPCIConfigCacheLineSize = 0xc,
    kIOPCIConfigLatencyTimer = 0xd,
    kIOPCIConfigHeaderType = 0xe,
    kIOPCIConfigBIST = 0xf,
    kIOPCIConfigBaseAddress0 = 0x10,
    kIOPCIConfigBaseAddress1 = 0x14,
    kIOPCIConfigBaseAddress2 = 0x18,
    kIOPCIConfigBaseAddress3 = 0x1c,
    kIOPCIConfigBaseAddress4 = 0x20,
    kIOPCIConfigBaseAddress5 = 0x24,
    kIOPCIConfigCardBusCISPtr = 0x28,
    kIOPCIConfigSubSystemVendorID = 0x2c,
    kIOPCIConfigSubSystemID = 0x2e,
    kIOPCIConfigExpansionROMBase = 0x30,
    kIOPCIConfigCapabilitiesPtr = 0x34,
    kIOPCIConfigInterruptLine = 0x3c,
    kIOPCIConfigInterruptPin = 0x3d,
    kIOPCIConfigMinimumGrant = 0x3e,
    kIOPCIConfigMaximumLatency = 0x3f
};

enum {
    kIOPCICapabilityIDOffset = 0x0,
    kIOPCINextCapabilityOffset = 0x1,
    kIOPCIPowerManagementCapability = 0x1,
    kIOPCIAGPCapability = 0x2,
    kIOPCIVitalProductDataCapability = 0x3,
    kIOPCISlotIDCapability = 0x4,
    kIOPCIMSICapability = 0x5,
    kIOPCICPCIHotswapCapability = 0x6,
    kIOPCIPCIXCapability = 0x7,
    kIOPCILDTCapability = 0x8,
    kIOPCIVendorSpecificCapability = 0x9,
    kIOPCIDebugPortCapability = 0xa,
    kIOPCICPCIResourceControlCapability = 0xb,
    kIOPCIHotplugCapability = 0xc,
    kIOPCIAGP8Capability = 0xe,
    kIOPCISecureCapability = 0xf,
    kIOPCIPCIExpressCapability = 0x10,
    kIOPCIMSIXCapability = 0x11,
    kIOPCIExpressErrorReportingCapability = 0xffffffffffffffff,
    kIOPCIExpressVirtualChannelCapability = 0xfffffffffffffffe,
    kIOPCIExpressDeviceSerialNumberCapability = 0xfffffffffffffffd,
    kIOPCIExpressPowerBudgetCapability = 0xfffffffffffffffc
};

enum {
    kIOPCIConfigSpace = 0,
    kIOPCIIOSpace = 1,
    kIOPCI32BitMemorySpace = 2,
    kIOPCI64BitMemorySpace = 3
};

enum {
    kIOPCICommandIOSpace = 0x1,
    kIOPCICommandMemorySpace = 0x2,
    kIOPCICommandBusMaster = 0x4,
    kIOPCICommandSpecialCycles = 0x8,
    kIOPCICommandMemWrInvalidate = 0x10,
    kIOPCICommandPaletteSnoop = 0x20,
    kIOPCICommandParityError = 0x40,
    kIOPCICommandAddressStepping = 0x80,
    kIOPCICommandSERR = 0x100,
    kIOPCICommandFastBack2Back = 0x200,
    kIOPCICommandInterruptDisable = 0x400
};

enum {
    kIOPCIStatusInterrupt = 0x8,
    kIOPCIStatusCapabilities = 0x10,
    kIOPCIStatusPCI66 = 0x20,
    kIOPCIStatusUDF = 0x40,
    kIOPCIStatusFastBack2Back = 0x80,
    kIOPCIStatusDevSel0 = 0x0,
    kIOPCIStatusDevSel1 = 0x200,
    kIOPCIStatusDevSel2 = 0x400,
    kIOPCIStatusDevSel3 = 0x600,
    kIOPCIStatusTargetAbortCapable = 0x800,
    kIOPCIStatusTargetAbortActive = 0x1000,
    kIOPCIStatusMasterAbortActive = 0x2000,
    kIOPCIStatusSERRActive = 0x4000,
    kIOPCIStatusParityErrActive = 0x8000
};

enum {
    kPCIPMCPMESupportFromD3Cold = 0x8000,
    kPCIPMCPMESupportFromD3Hot = 0x4000,
    kPCIPMCPMESupportFromD2 = 0x2000,
    kPCIPMCPMESupportFromD1 = 0x1000,
    kPCIPMCPMESupportFromD0 = 0x800,
    kPCIPMCD2Support = 0x400,
    kPCIPMCD1Support = 0x200,
    kPCIPMCD3Support = 0x1
};

enum {
    kPCIPMCSPMEStatus = 0x8000,
    kPCIPMCSPMEEnable = 0x100,
    kPCIPMCSPowerStateMask = 0x3,
    kPCIPMCSPowerStateD3 = 0x3,
    kPCIPMCSPowerStateD2 = 0x2,
    kPCIPMCSPowerStateD1 = 0x1,
    kPCIPMCSPowerStateD0 = 0x0,
    kPCIPMCSDefaultEnableBits = 4294967295
};

// Configuration address: register, function, device, bus, and the kind of space of a range.
union IOPCIAddressSpace {
    UInt32 bits;
    struct {
        unsigned int registerNum : 8;
        unsigned int functionNum : 3;
        unsigned int deviceNum : 5;
        unsigned int busNum : 8;
        unsigned int space : 2;
        unsigned int resv : 3;
        unsigned int t : 1;
        unsigned int prefetch : 1;
        unsigned int reloc : 1;
    } s;
    struct {
        unsigned int registerNum : 8;
        unsigned int functionNum : 3;
        unsigned int deviceNum : 5;
        unsigned int busNum : 8;
        unsigned int registerNumExtended : 4;
        unsigned int resv : 4;
    } es;
};
struct IOPCIPhysicalAddress {
    IOPCIAddressSpace physHi;
    UInt32 physMid;
    UInt32 physLo;
    UInt32 lengthHi;
    UInt32 lengthLo;
};
enum {
    kIOPCIDevicePowerStateCount = 3,
    kIOPCIDeviceOffState = 0,
    kIOPCIDeviceDozeState = 1,
    kIOPCIDeviceOnState = 2
};

enum {
    kIOInterruptTypePCIMessaged = 0x10000
};

class IOPCIDevice;
class IOPCIBridge;
class IOPCI2PCIBridge;
class IOPCIMessagedInterruptController;
class IOPCIConfigurator;
typedef IOReturn (*IOPCIDeviceConfigHandler)(void *, IOMessage, IOPCIDevice *, uint32_t);

// Nub of one PCI function. Configuration accesses go through the bridge and may come from any thread,
// primary interrupt context included; BARs are device memory, found by their configuration register
// (IOPCIFamily IOPCIDevice.cpp). Slots 272 to 277 are padding in headers from 10.9 on, but stay filled in
// the binaries.
class IOPCIDevice : public IOService
{
    OSDeclareDefaultStructors(IOPCIDevice)
    friend class IOPCIBridge;
    friend class IOPCI2PCIBridge;
    friend class IOPCIMessagedInterruptController;
    friend class IOPCIConfigurator;

protected:
    struct IOPCIDeviceExpansionData; // the implementation's own

    IOPCIBridge *parent;
    IOMemoryMap *ioMap;
    OSObject *slotNameProperty;
    struct IOPCIDeviceExpansionData *reserved;

public:
    IOPCIAddressSpace space;
    UInt32 *savedConfig;

    virtual bool init(OSDictionary *propTable);
    virtual bool init(IORegistryEntry *from, const IORegistryPlane *inPlane);
    virtual void free(void);
    virtual bool attach(IOService *provider);
    virtual void detach(IOService *provider);
#ifndef KPI_10_5
    virtual void detachAbove(const IORegistryPlane *);
    virtual IOReturn newUserClient(task_t owningTask, void *securityID, UInt32 type, OSDictionary *properties,
                                   IOUserClient **handler);
    virtual IOReturn requestProbe(IOOptionBits options);
#endif
    virtual IOReturn powerStateWillChangeTo(IOPMPowerFlags capabilities, unsigned long stateNumber,
                                            IOService *whatDevice);
    virtual IOReturn setPowerState(unsigned long, IOService *);
    virtual bool compareName(OSString *name, OSString **matched = 0) const;
    virtual bool matchPropertyTable(OSDictionary *table, SInt32 *score);
    virtual IOService *matchLocation(IOService *client);
    virtual IOReturn getResources(void);
    virtual IOReturn setProperties(OSObject *properties);
    virtual IOReturn callPlatformFunction(const OSSymbol *functionName, bool waitForFunction, void *p1,
                                          void *p2, void *p3, void *p4);
    virtual IOReturn callPlatformFunction(const char *functionName, bool waitForFunction, void *p1, void *p2,
                                          void *p3, void *p4);
    // `offset` is aligned to the width.
    virtual UInt32 configRead32(IOPCIAddressSpace space, UInt8 offset);
    virtual void configWrite32(IOPCIAddressSpace space, UInt8 offset, UInt32 data);
    virtual UInt16 configRead16(IOPCIAddressSpace space, UInt8 offset);
    virtual void configWrite16(IOPCIAddressSpace space, UInt8 offset, UInt16 data);
    virtual UInt8 configRead8(IOPCIAddressSpace space, UInt8 offset);
    virtual void configWrite8(IOPCIAddressSpace space, UInt8 offset, UInt8 data);
    virtual UInt32 configRead32(UInt8 offset);
    virtual UInt16 configRead16(UInt8 offset);
    virtual UInt8 configRead8(UInt8 offset);
    virtual void configWrite32(UInt8 offset, UInt32 data);
    virtual void configWrite16(UInt8 offset, UInt16 data);
    virtual void configWrite8(UInt8 offset, UInt8 data);
    // BARs and command register, before sleep or a reset.
    virtual IOReturn saveDeviceState(IOOptionBits options = 0);
    virtual IOReturn restoreDeviceState(IOOptionBits options = 0);
    // Changes the masked bits, returns the old value of the register.
    virtual UInt32 setConfigBits(UInt8 offset, UInt32 mask, UInt32 value);
    // Command register bit; returns the old state.
    virtual bool setMemoryEnable(bool enable);
    // Command register bit; returns the old state.
    virtual bool setIOEnable(bool enable, bool exclusive = false);
    // Needed for DMA; returns the old state.
    virtual bool setBusMasterEnable(bool enable);
    // First 32 bits of the capability, 0 when there is none; *offset receives its place.
    virtual UInt32 findPCICapability(UInt8 capabilityID, UInt8 *offset = 0);
    virtual UInt8 getBusNumber(void);
    virtual UInt8 getDeviceNumber(void);
    virtual UInt8 getFunctionNumber(void);
    // Not retained.
    virtual IODeviceMemory *getDeviceMemoryWithRegister(UInt8 reg);
    // One reference; reg is kIOPCIConfigBaseAddress...; 0 when that BAR is empty.
    virtual IOMemoryMap *mapDeviceMemoryWithRegister(UInt8 reg, IOOptionBits options = 0);
    // The bus's I/O space; not retained.
    virtual IODeviceMemory *ioDeviceMemory(void);
    virtual void ioWrite32(UInt16 offset, UInt32 value, IOMemoryMap *map = 0);
    virtual void ioWrite16(UInt16 offset, UInt16 value, IOMemoryMap *map = 0);
    virtual void ioWrite8(UInt16 offset, UInt8 value, IOMemoryMap *map = 0);
    // `offset` from the BAR's start when `map` is given, else a port number of the bus's I/O space.
    virtual UInt32 ioRead32(UInt16 offset, IOMemoryMap *map = 0);
    virtual UInt16 ioRead16(UInt16 offset, IOMemoryMap *map = 0);
    virtual UInt8 ioRead8(UInt16 offset, IOMemoryMap *map = 0);
    virtual bool hasPCIPowerManagement(IOOptionBits state = 0);
    // PMCSR power state bits to enter at sleep; D0 stops it. kIOReturnBadArgument without the capability.
    virtual IOReturn enablePCIPowerManagement(IOOptionBits state = 0xffffffff);
    // Also extended capabilities, whose ids are negative; *offset may be where to go on.
    virtual UInt32 extendedFindPCICapability(UInt32 capabilityID, IOByteCount *offset = 0);
    OSMetaClassDeclareReservedUnused(IOPCIDevice, 3);
    OSMetaClassDeclareReservedUnused(IOPCIDevice, 4);
    OSMetaClassDeclareReservedUnused(IOPCIDevice, 5);
    OSMetaClassDeclareReservedUnused(IOPCIDevice, 6);
    OSMetaClassDeclareReservedUnused(IOPCIDevice, 7);
    OSMetaClassDeclareReservedUnused(IOPCIDevice, 8);
    OSMetaClassDeclareReservedUnused(IOPCIDevice, 9);
    OSMetaClassDeclareReservedUnused(IOPCIDevice, 10);
    OSMetaClassDeclareReservedUnused(IOPCIDevice, 11);
    OSMetaClassDeclareReservedUnused(IOPCIDevice, 12);
    OSMetaClassDeclareReservedUnused(IOPCIDevice, 13);
    OSMetaClassDeclareReservedUnused(IOPCIDevice, 14);
    OSMetaClassDeclareReservedUnused(IOPCIDevice, 15);

    bool configAccess(bool write);
    bool initReserved(void);

public:
    // Offsets up to 4095 where the machine has a memory mapped configuration space.
    UInt32 extendedConfigRead32(IOByteCount offset);
    UInt16 extendedConfigRead16(IOByteCount offset);
    UInt8 extendedConfigRead8(IOByteCount offset);
    void extendedConfigWrite32(IOByteCount offset, UInt32 data);
    void extendedConfigWrite16(IOByteCount offset, UInt16 data);
    void extendedConfigWrite8(IOByteCount offset, UInt8 data);
    IOReturn setConfigHandler(IOPCIDeviceConfigHandler handler, void *ref,
                              IOPCIDeviceConfigHandler *currentHandler, void **currentRef);
    IOReturn kernelRequestProbe(uint32_t options);
    IOReturn protectDevice(uint32_t space, uint32_t prot);
    IOReturn checkLink(uint32_t options = 0);
};

enum {
    kIOPCIProbeOptionDone = 0x80000000,
    kIOPCIProbeOptionEject = 0x100000,
    kIOPCIProbeOptionNeedsScan = 0x200000
};
