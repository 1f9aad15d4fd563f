// SPDX-License-Identifier: BSD-3-Clause
/*
 * What the files of the PCI family share: the private part of a nub and of a bridge, the two interrupt
 * controllers, the root bridge. (Compiled with -fno-access-control, as all of the kernel side.) Behaviour is
 * that of IOPCIFamily-144 (10.6), 224.92.1 (10.9), 239.1.2 to 257.40.3 (10.10, 10.11) and 284.1.3 to 306.50.1
 * (10.12).
 */
#ifndef HOST_PCI_PRIVATE_H
#define HOST_PCI_PRIVATE_H
#include <IOKit/IODeviceTreeSupport.h>
#include <IOKit/IOInterruptController.h>
#include <IOKit/IOLib.h>
#include <IOKit/IOPlatformExpert.h>
#include <IOKit/IOSubMemoryDescriptor.h>
#include <IOKit/pci/IOPCIBridge.h>
#include <IOKit/pci/IOPCIDevice.h>
#include <libkern/c++/OSContainers.h>
#include "linux/linux.h"
#include "profile.h"
#include "qemu/qemu.h"

/* IOPCIPrivate.h of the family has the same names. */
#define kIOPCIResourcedKey "IOPCIResourced"
#define kIOPCIMSIFlagsKey  "pci-msi-flags"
#define kIOPCIMSIModeKey   "IOPCIMSIMode"
enum { kIOPCIMSIFlagRespect = 1, kPCIHeaderRegisters = 16 };
enum { kPMEnable = 1, kPMEOption = 2 }; /* sleepEnabled */

struct IOPCIDevice::IOPCIDeviceExpansionData {
    struct qemu_pci *function;
    UInt32 header[kPCIHeaderRegisters]; /* savedConfig: as of publishing, then as of the last save */
    bool saved;
    UInt8 configProtection; /* VM_PROT_* that are refused */
    UInt16 expressCapability;
    UInt16 pmControlStatus;  /* offset; 0: no power management */
    UInt16 sleepControlBits; /* what it is set to for sleep */
    UInt8 sleepEnabled;
    unsigned long powerState;
    IOPCIDeviceConfigHandler handler;
    void *handlerRef;
    /* Messaged interrupts: the device's table, and the vectors behind it. */
    UInt16 messageCapability, messageControl;
    bool msix;           /* else plain MSI */
    int messagesEnabled; /* handlers registered */
    int tableEntries;
    UInt64 table, pending;      /* physical addresses of the table and of its pending bits */
    IOInterruptVector *vectors; /* one an entry when they share one message, else inside the controller's */
    int messages, firstMessage;
};

struct IOPCIBridge::ExpansionData {
    IOPCIMessagedInterruptController *messages;
};

static inline UInt32 pci_bdf(IOPCIAddressSpace s)
{
    return s.s.busNum << 8 | s.s.deviceNum << 3 | s.s.functionNum;
}
static inline UInt32 pci_register(IOPCIAddressSpace s, UInt8 offset)
{
    return s.es.registerNumExtended << 8 | offset;
}
/* Offset of the first capability of that id after `after`; *data its first word. 0: none. */
UInt32 pci_find_capability(IOPCIBridge *bridge, IOPCIAddressSpace space, UInt32 id, UInt32 after,
                           UInt32 *data);
OSDictionary *pci_properties(const struct qemu_pci *f);
void pci_check_properties(); /* lx_fatal when one from the command line found no device */
void pci_drop_resources(IOPCIDevice *nub);
void pci_add_interrupt(IOService *nub, const OSSymbol *controller, UInt32 vector, UInt32 flags, int *index);

/* The ioapic's 24 inputs: INTx lines, level triggered, shared. */
class HostIOAPIC : public IOInterruptController
{
    OSDeclareDefaultStructors(HostIOAPIC) public : const OSSymbol *name;
    bool begin(IOService *nub);
    void end();
    virtual IOReturn handleInterrupt(void *refCon, IOService *nub, int source);
    virtual bool vectorCanBeShared(IOInterruptVectorNumber number, IOInterruptVector *vector);
    virtual int getVectorType(IOInterruptVectorNumber number, IOInterruptVector *vector);
    virtual void disableVectorHard(IOInterruptVectorNumber number, IOInterruptVector *vector);
    virtual void enableVector(IOInterruptVectorNumber number, IOInterruptVector *vector);
    virtual void free();
};

/* Messages, as Apple's class of that name gives them out. */
class IOPCIMessagedInterruptController : public IOInterruptController
{
    OSDeclareDefaultStructors(IOPCIMessagedInterruptController) public : enum { kMessages = 64 };
    struct Message {
        IOPCIDevice *device; /* NULL: free */
        int source;          /* of host/qemu */
        int entries;         /* table entries that send it */
    } message[kMessages];
    const OSSymbol *name;
    IOLock *lock;
    bool begin();
    void end();
    IOReturn allocateDeviceInterrupts(IOPCIDevice *device);
    void deallocateDeviceInterrupts(IOPCIDevice *device);
    void restoreDevice(IOPCIDevice *device);
    void deliver(int number);
    virtual IOReturn registerInterrupt(IOService *nub, int source, void *target, IOInterruptHandler handler,
                                       void *refCon);
    virtual IOReturn unregisterInterrupt(IOService *nub, int source);
    virtual IOReturn getInterruptType(IOService *nub, int source, int *interruptType);
    virtual IOReturn enableInterrupt(IOService *nub, int source);
    virtual IOReturn disableInterrupt(IOService *nub, int source);
    virtual void free();
};

extern HostIOAPIC *pci_ioapic;
extern IOPCIMessagedInterruptController *pci_messages;

/* The root bridge: bus 0. */
class HostPCIBridge : public IOPCIBridge
{
    OSDeclareDefaultStructors(HostPCIBridge) public : IODeviceMemory *ports; /* the I/O space, 64 KB */
    virtual bool start(IOService *provider);
    virtual void free();
    virtual IODeviceMemory *ioDeviceMemory(void);
    virtual UInt32 configRead32(IOPCIAddressSpace space, UInt8 offset);
    virtual void configWrite32(IOPCIAddressSpace space, UInt8 offset, UInt32 data);
    virtual UInt16 configRead16(IOPCIAddressSpace space, UInt8 offset);
    virtual void configWrite16(IOPCIAddressSpace space, UInt8 offset, UInt16 data);
    virtual UInt8 configRead8(IOPCIAddressSpace space, UInt8 offset);
    virtual void configWrite8(IOPCIAddressSpace space, UInt8 offset, UInt8 data);
    virtual IOPCIAddressSpace getBridgeSpace(void);
};

/* A nub for f below the bridge, registered; the table of nubs (boot.cpp) has a reference. NULL: no memory. */
IOPCIDevice *pci_publish(IOPCIBridge *bridge, struct qemu_pci *f);
bool pci_note_nub(struct qemu_pci *f, IOPCIDevice *nub);
#endif
