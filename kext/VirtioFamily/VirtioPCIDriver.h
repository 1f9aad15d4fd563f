// SPDX-License-Identifier: BSD-3-Clause
/*
 * VirtioPCIDriver: the driver of a virtio PCI function, and at the same time the nub that a device type's
 * driver (VirtioNet) attaches to. It owns what all types share: the transport (core/vio_pci.h), memory for
 * rings, interrupts, and the HAL that core/ runs on (core/hal.h, in hal.cpp).
 *
 * A device driver matches IOProviderClass = this class's name with IOPropertyMatch {VirtioDeviceType = N}. In
 * its start it takes transport(), attaches (vio_net_attach), and has its interrupts set up on its own work
 * loop.
 *
 * Class names are global in the kernel, so this one carries the project's prefix; its registry name does not.
 */
#ifndef VIRTIO_PCI_DRIVER_H
#define VIRTIO_PCI_DRIVER_H
#include <IOKit/IOService.h>
#include <IOKit/IOWorkLoop.h>
#include <IOKit/IOFilterInterruptEventSource.h>
#include <IOKit/pci/IOPCIDevice.h>
#include "core/vio_pci.h"

#define VirtioPCIDriver org_virtio_osx_VirtioPCIDriver

/* What an interrupt may mean: a bit a queue, and: */
enum {
    kVirtioEventQueues = 0xffff,          /* all queues: the vector is shared */
    kVirtioEventConfig = 0x10000,         /* the configuration has changed */
    kVirtioEventConfigPossible = 0x20000, /* or may have: one MSI-X vector for all does not tell */
};
/* On the work loop given to attachInterrupts(). */
typedef void (*VirtioInterruptAction)(OSObject *owner, UInt32 events);

/* The HAL's device: see hal.cpp. */
struct hal_dev {
    IOPCIDevice *pci;
    bool debug; /* boot-arg vio_dbg=1: HAL_DEBUG lines are shown */
    char name[16];
};

class VirtioPCIDriver : public IOService
{
    OSDeclareDefaultStructors(VirtioPCIDriver)

public:
    virtual bool init(OSDictionary *properties);
    virtual IOService *probe(IOService *provider, SInt32 *score);
    virtual bool start(IOService *provider);
    virtual void stop(IOService *provider);
    virtual void joinPMtree(IOService *driver);
    virtual bool serializeProperties(OSSerialize *s) const;

    /* The transport, open from start to stop. */
    virtual struct vio_pci *transport();
    /*
     * Whether the user switched `what` off: boot-arg vio_off=WORD,WORD... or the personality's property
     * VirtioOff. Words are feature names as the spec has them (CSUM, HOST_TSO4...), "modern" (prefer the
     * legacy transport), "msix", "multivector", "hw_vlan" (tags beside the packet), "all" (no device is driven).
     */
    virtual bool isOff(const char *what) const;
    /* The same as a mask of features, for negotiation. */
    virtual UInt64 deniedFeatures(const struct vio_feature_table *device) const;

    /*
     * Interrupts for a device with `queues` queues, disabled at first: `vectors` MSI-X vectors at most if the
     * system has some, otherwise INTx; vectors 0 asks for INTx. action runs on workLoop with owner. On error
     * nothing is kept; kIOReturnExclusiveAccess: it has some already, which stay. A driver starts with as many as it
     * likes and comes back with fewer if the device refuses (VIO_EVECTOR).
     */
    virtual IOReturn attachInterrupts(IOWorkLoop *workLoop, OSObject *owner, VirtioInterruptAction action,
                                      unsigned queues, unsigned vectors);
    virtual void detachInterrupts();
    /* MSI-X vectors in use, for vio_pci_set_vectors(); 0: INTx. */
    virtual UInt16 vectorCount() const;
    virtual void enableInterrupts();
    virtual void disableInterrupts();
    /* Makes the action run again for these events, as if the device had asked. Work loop context. */
    virtual void repeatEvents(UInt32 events);

    /* Publishes what the last negotiation gave. `model`: the device's type in words. */
    virtual void publishNegotiation(const char *model);

    OSMetaClassDeclareReservedUnused(VirtioPCIDriver, 0);
    OSMetaClassDeclareReservedUnused(VirtioPCIDriver, 1);
    OSMetaClassDeclareReservedUnused(VirtioPCIDriver, 2);
    OSMetaClassDeclareReservedUnused(VirtioPCIDriver, 3);
    OSMetaClassDeclareReservedUnused(VirtioPCIDriver, 4);
    OSMetaClassDeclareReservedUnused(VirtioPCIDriver, 5);
    OSMetaClassDeclareReservedUnused(VirtioPCIDriver, 6);
    OSMetaClassDeclareReservedUnused(VirtioPCIDriver, 7);

private:
    enum {
        kMaxVectors = 5,
        kOffLength = 256,
        kDarwinOf1014 = 18, /* the first with AppleVirtIO */
        kFirst = 20000,     /* the probe score to be asked before others, or to be added for that */
    };
    /* One interrupt of the function. */
    struct Vector {
        IOFilterInterruptEventSource *source;
        UInt32 events;           /* what it stands for; with INTx the device's status tells */
        volatile UInt32 pending; /* told by the filter, not yet seen by the action */
        volatile UInt32 count;
        volatile UInt32 reads; /* of the interrupt status: each leaves the guest */
    };

    struct vio_pci fTransport;
    struct hal_dev fHal;
    char fOff[2][kOffLength]; /* boot-arg, property */
    IOWorkLoop *fWorkLoop;
    OSObject *fOwner;
    VirtioInterruptAction fAction;
    Vector fVector[kMaxVectors];
    unsigned fSources;   /* vectors in fVector */
    UInt16 fVectorCount; /* of them MSI-X: all or none */
    bool fOpen;

    void readSettings();
    void mirrorProperty(IOService *provider, const char *key);
    void enableFunction(bool on);
    unsigned findInterrupts(int *intx, int *messaged, unsigned max) const;
    bool vectorsDiffer(int first, int second) const;
    unsigned usableVectors(const int *messaged, unsigned available, unsigned wanted) const;
    bool addSource(int index, UInt32 events);
    void publishInterrupts();
    static bool filter(OSObject *self, IOFilterInterruptEventSource *source);
    static void dispatch(OSObject *self, IOInterruptEventSource *source, int count);
    Vector *vectorOf(const IOEventSource *source);
};

#endif
