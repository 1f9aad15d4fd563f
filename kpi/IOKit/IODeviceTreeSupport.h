// SPDX-License-Identifier: BSD-3-Clause
// The device tree plane. Answers to Apple's IOKit/IODeviceTreeSupport.h (Mac OS X 10.6 view).
#pragma once

#include <IOKit/IORegistryEntry.h>
#include <IOKit/IODeviceMemory.h>
#include <libkern/c++/OSData.h>

class IODeviceMemory;
class IOService;
extern const IORegistryPlane *gIODTPlane;
extern const OSSymbol *gIODTPHandleKey;
extern const OSSymbol *gIODTCompatibleKey;
extern const OSSymbol *gIODTTypeKey;
extern const OSSymbol *gIODTModelKey;
extern const OSSymbol *gIODTAAPLInterruptsKey;
extern const OSSymbol *gIODTDefaultInterruptController;
extern const OSSymbol *gIODTNWInterruptMappingKey;
IORegistryEntry *IODeviceTreeAlloc(void *dtTop);
bool IODTMatchNubWithKeys(IORegistryEntry *nub, const char *keys);
bool IODTCompareNubName(const IORegistryEntry *regEntry, OSString *name, OSString **matchingName);
enum {
    kIODTRecursive = 0x1,
    kIODTExclusive = 0x2
};

OSCollectionIterator *IODTFindMatchingEntries(IORegistryEntry *from, IOOptionBits options, const char *keys);
typedef SInt32 (*IODTCompareAddressCellFunc)(UInt32, UInt32 *, UInt32 *);
typedef void (*IODTNVLocationFunc)(IORegistryEntry *, UInt8 *, UInt8 *, UInt8 *);
void IODTSetResolving(IORegistryEntry *regEntry, IODTCompareAddressCellFunc compareFunc,
                      IODTNVLocationFunc locationFunc);
bool IODTResolveAddressCell(IORegistryEntry *regEntry, UInt32 *cellsIn, IOPhysicalAddress *phys,
                            IOPhysicalLength *len);
OSArray *IODTResolveAddressing(IORegistryEntry *regEntry, const char *addressPropertyName,
                               IODeviceMemory *parent);
struct IONVRAMDescriptor {
    unsigned int format : 4;
    unsigned int marker : 1;
    unsigned int bridgeCount : 3;
    unsigned int busNum : 2;
    unsigned int bridgeDevices : 30;
    unsigned int functionNum : 3;
    unsigned int deviceNum : 5;
} __attribute__((packed, aligned(2)));
IOReturn IODTMakeNVDescriptor(IORegistryEntry *regEntry, IONVRAMDescriptor *hdr);
OSData *IODTFindSlotName(IORegistryEntry *regEntry, UInt32 deviceNumber);
const OSSymbol *IODTInterruptControllerName(IORegistryEntry *regEntry);
bool IODTMapInterrupts(IORegistryEntry *regEntry);
enum {
    kIODTInterruptShared = 0x1
};

extern "C" {
IOReturn IONDRVLibrariesInitialize(IOService *provider);
}
