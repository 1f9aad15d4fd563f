// SPDX-License-Identifier: BSD-3-Clause
// Base of network card drivers. Answers to Apple's IOKit/network/IONetworkController.h (Mac OS X
// 10.6 view).
#pragma once

#include <IOKit/IOService.h>
#include <IOKit/IOWorkLoop.h>
#include <IOKit/network/IONetworkInterface.h>
#include <IOKit/network/IOKernelDebugger.h>

#define kIONetworkControllerClass "IONetworkController"
#define kIOVendor                 "IOVendor"
#define kIOModel                  "IOModel"
#define kIORevision               "IORevision"
#define kIOFeatures               "IOFeatures"
#define kIOMediumDictionary       "IOMediumDictionary"
#define kIODefaultMedium          "IODefaultMedium"
#define kIOSelectedMedium         "IOSelectedMedium"
#define kIOActiveMedium           "IOActiveMedium"
#define kIOLinkSpeed              "IOLinkSpeed"
#define kIOLinkStatus             "IOLinkStatus"
#define kIOLinkData               "IOLinkData"
#define kIOPacketFilters          "IOPacketFilters"
#define kIOMACAddress             "IOMACAddress"
#define kIOMaxPacketSize          "IOMaxPacketSize"
#define kIOMinPacketSize          "IOMinPacketSize"
#define kIONetworkFilterGroup     "IONetworkFilterGroup"

enum {
    kIOPacketFilterUnicast = 0x1,
    kIOPacketFilterBroadcast = 0x2,
    kIOPacketFilterMulticast = 0x10,
    kIOPacketFilterMulticastAll = 0x20,
    kIOPacketFilterPromiscuous = 0x100,
    kIOPacketFilterPromiscuousAll = 0x200
};

enum {
    kIONetworkFeatureNoBSDWait = 0x1,
    kIONetworkFeatureHardwareVlan = 0x2,
    kIONetworkFeatureSoftwareVlan = 0x4,
    kIONetworkFeatureMultiPages = 0x8,
    kIONetworkFeatureTSOIPv4 = 0x10,
    kIONetworkFeatureTSOIPv6 = 0x20
};

class IOCommandGate;
class IOOutputQueue;
class IONetworkMedium;
typedef struct {
    UInt32 alignStart;
    UInt32 alignLength;
    UInt32 reserved[6];
} IOPacketBufferConstraints;
enum {
    kIOPacketBufferAlign1 = 1,
    kIOPacketBufferAlign2 = 2,
    kIOPacketBufferAlign4 = 4,
    kIOPacketBufferAlign8 = 8,
    kIOPacketBufferAlign16 = 16,
    kIOPacketBufferAlign32 = 32
};

extern const OSSymbol *gIONetworkFilterGroup;

// Base of network card drivers. Calls from the interface (enable, disable, set...) come with the work
// loop's gate held (executeCommand); outputPacket comes on the output queue's terms; start and stop come
// from matching (IONetworkingFamily IONetworkController.cpp).
class IONetworkController : public IOService
{
    OSDeclareAbstractStructors(IONetworkController)

protected:
    struct ExpansionData; // the implementation's own

public:
    typedef IOReturn (*Action)(void *, void *, void *, void *, void *);
    enum {
        kDelayFree = 0x1
    };
    enum {
        kChecksumFamilyTCPIP = 0x1,
        kChecksumIP = 0x1,
        kChecksumTCP = 0x2,
        kChecksumUDP = 0x4,
        kChecksumTCPNoPseudoHeader = 0x100,
        kChecksumUDPNoPseudoHeader = 0x200,
        kChecksumTCPSum16 = 0x1000
    };

private:
    IOWorkLoop *_workLoop;
    IOCommandGate *_cmdGate;
    IOOutputQueue *_outputQueue;
    OSSet *_clientSet;
    OSCollectionIterator *_clientSetIter;
    OSObject *_cmdClient;
    UInt32 _alignStart;
    UInt32 _alignLength;
    UInt32 _alignPadding;
    bool _propertiesPublished;
    IOLock *_mediumLock;
    IODebuggerLockState _debugLockState;
    SInt32 _debugLockCount;
    OSNumber *_linkStatus;
    OSNumber *_linkSpeed;
    const OSData *_lastLinkData;
    const OSSymbol *_lastActiveMediumName;
    const OSSymbol *_lastCurrentMediumName;
    mbuf_t _freeList;
    ExpansionData *_reserved;

public:
    virtual bool init(OSDictionary *properties);
    virtual bool start(IOService *provider);
    virtual void stop(IOService *provider);
    // Calls action with the gate held; may wait.
    virtual IOReturn executeCommand(OSObject *client, Action action, void *target, void *param0 = 0,
                                    void *param1 = 0, void *param2 = 0, void *param3 = 0);
    // One packet to send; the driver owns it unless it returns kIOReturnOutputStall. Context: the output
    // queue's.
    virtual UInt32 outputPacket(mbuf_t, void *param);
    // Bits kIONetworkFeature..., asked when the interface attaches.
    virtual UInt32 getFeatures(void) const;
    // One reference.
    virtual const OSString *newVendorString(void) const;
    // One reference.
    virtual const OSString *newModelString(void) const;
    // One reference.
    virtual const OSString *newRevisionString(void) const;
    virtual const IONetworkMedium *getSelectedMedium(void) const;
    virtual const OSDictionary *getMediumDictionary(void) const;
    virtual OSDictionary *copyMediumDictionary(void) const;
    virtual IOOutputAction getOutputHandler(void) const;
    // enable, once, gate held.
    virtual IOReturn doEnable(IOService *client);
    virtual IOReturn doDisable(IOService *client);
    // Not retained.
    virtual IOCommandGate *getCommandGate(void) const;
    virtual IOReturn getHardwareAddress(void *addr, UInt32 *inOutAddrBytes) = 0;
    virtual IOReturn setHardwareAddress(const void *addr, UInt32 addrBytes) = 0;
    // Client opened the interface (or the debugger attached): start the hardware. Gate held.
    virtual IOReturn enable(IOService *client);
    // Undoes enable. Gate held.
    virtual IOReturn disable(IOService *client);
    // Whole frame, CRC included. Gate held.
    virtual IOReturn setMaxPacketSize(UInt32 maxSize);
    // Whole frame, header and CRC included.
    virtual IOReturn getMaxPacketSize(UInt32 *maxSize) const = 0;
    virtual IOReturn getMinPacketSize(UInt32 *minSize) const = 0;
    // The user asks for a medium. Gate held.
    virtual IOReturn selectMedium(const IONetworkMedium *medium);
    virtual IOReturn selectMediumWithName(const OSSymbol *mediumName);
    virtual IOReturn getPacketFilters(const OSSymbol *group, UInt32 *filters) const = 0;
    // One filter of one group; on return *activeFilters is what runs. Gate held.
    virtual IOReturn enablePacketFilter(const OSSymbol *group, UInt32 aFilter, UInt32 enabledFilters,
                                        IOOptionBits options = 0) = 0;
    virtual IOReturn disablePacketFilter(const OSSymbol *group, UInt32 aFilter, UInt32 enabledFilters,
                                         IOOptionBits options = 0) = 0;
    // Not retained.
    virtual IOOutputQueue *getOutputQueue(void) const;
    // Alignment that receive and send buffers need.
    virtual void getPacketBufferConstraints(IOPacketBufferConstraints *constraints) const;
    // A packet with one or more mbufs that fits the constraints, length set; 0 without memory. Not in
    // primary interrupt context.
    virtual mbuf_t allocatePacket(UInt32 size);
    // A copy that fits the constraints; the original is left alone.
    virtual mbuf_t copyPacket(mbuf_t m, UInt32 size = 0);
    // A new buffer in *mp and the old packet returned; 0 leaves *mp alone.
    virtual mbuf_t replacePacket(mbuf_t *mp, UInt32 size = 0);
    // A copy when it is small, else a replacement; *replaced says which.
    virtual mbuf_t replaceOrCopyPacket(mbuf_t *mp, UInt32 length, bool *replaced);
    // Any number, chained or queued as options say.
    virtual void freePacket(mbuf_t, IOOptionBits options = 0);
    virtual UInt32 releaseFreePackets(void);
    // Into *checksumMask: kChecksum... bits of the family for output or input.
    virtual IOReturn getChecksumSupport(UInt32 *checksumMask, UInt32 checksumFamily, bool isOutput);
    // What the hardware verified of a received packet.
    virtual bool setChecksumResult(mbuf_t packet, UInt32 checksumFamily, UInt32 resultMask, UInt32 validMask,
                                   UInt32 param0 = 0, UInt32 param1 = 0);
    // Into *demandMask: what the stack wants done for this packet.
    virtual void getChecksumDemand(mbuf_t packet, UInt32 checksumFamily, UInt32 *demandMask, void *param0 = 0,
                                   void *param1 = 0);
    // Copies it into the registry; media are OSDictionary of IONetworkMedium by their key.
    virtual bool publishMediumDictionary(const OSDictionary *mediumDict);
    // What the user asked for, of the published dictionary.
    virtual bool setSelectedMedium(const IONetworkMedium *medium);
    // Tells the stack; status is kIONetworkLink... bits. Speed is bits a second, 0 for the medium's.
    virtual bool setLinkStatus(UInt32 status, const IONetworkMedium *activeMedium = 0, UInt64 speed = 0,
                               OSData *data = 0);
#ifndef KPI_10_5
    virtual void systemWillShutdown(IOOptionBits specifier);
    virtual IOReturn setAggressiveness(unsigned long type, unsigned long newLevel);
#endif

protected:
    virtual void free(void);
    // Where a driver calls policyMaker->registerPowerDriver; kIOReturnUnsupported when it has no states.
    virtual IOReturn registerWithPolicyMaker(IOService *policyMaker);
    // Called early in start; the driver makes its own here and returns true.
    virtual bool createWorkLoop(void);
    virtual IOReturn prepare(void);
    virtual bool publishProperties(void);
    virtual OSObject *getCommandClient(void) const;
    virtual bool handleOpen(IOService *client, IOOptionBits options, void *argument);
    virtual void handleClose(IOService *client, IOOptionBits options);
    virtual bool handleIsOpen(const IOService *client) const;
    virtual IOReturn enable(IONetworkInterface *interface);
    virtual IOReturn disable(IONetworkInterface *interface);
    // Makes the interface object (one reference in *interface) and, with doRegister, publishes it.
    virtual bool attachInterface(IONetworkInterface **interface, bool doRegister = true);
    // Terminates it; with sync, waits until it is gone.
    virtual void detachInterface(IONetworkInterface *interface, bool sync = false);
    virtual IONetworkInterface *createInterface(void) = 0;
    virtual bool configureInterface(IONetworkInterface *interface);
    // One reference; 0 means that packets go straight to outputPacket. Called in start.
    virtual IOOutputQueue *createOutputQueue(void);
    virtual IOReturn enable(IOKernelDebugger *debugger);
    virtual IOReturn disable(IOKernelDebugger *debugger);
    // One reference in *debugger.
    virtual bool attachDebuggerClient(IOKernelDebugger **debuggerP);
    virtual void detachDebuggerClient(IOKernelDebugger *debugger);
    // Debugger: poll for a packet, at most timeout milliseconds. No locks, no allocation.
    virtual void receivePacket(void *pkt, UInt32 *pktSize, UInt32 timeout);
    // Debugger: send and poll. No locks, no allocation.
    virtual void sendPacket(void *pkt, UInt32 pktSize);
    OSMetaClassDeclareReservedUnused(IONetworkController, 0);
    OSMetaClassDeclareReservedUnused(IONetworkController, 1);
    OSMetaClassDeclareReservedUnused(IONetworkController, 2);
    OSMetaClassDeclareReservedUnused(IONetworkController, 3);
    OSMetaClassDeclareReservedUnused(IONetworkController, 4);
    OSMetaClassDeclareReservedUnused(IONetworkController, 5);
    OSMetaClassDeclareReservedUnused(IONetworkController, 6);
    OSMetaClassDeclareReservedUnused(IONetworkController, 7);
    OSMetaClassDeclareReservedUnused(IONetworkController, 8);
    OSMetaClassDeclareReservedUnused(IONetworkController, 9);
    OSMetaClassDeclareReservedUnused(IONetworkController, 10);
    OSMetaClassDeclareReservedUnused(IONetworkController, 11);
    OSMetaClassDeclareReservedUnused(IONetworkController, 12);
    OSMetaClassDeclareReservedUnused(IONetworkController, 13);
    OSMetaClassDeclareReservedUnused(IONetworkController, 14);
    OSMetaClassDeclareReservedUnused(IONetworkController, 15);
    OSMetaClassDeclareReservedUnused(IONetworkController, 16);
    OSMetaClassDeclareReservedUnused(IONetworkController, 17);
    OSMetaClassDeclareReservedUnused(IONetworkController, 18);
    OSMetaClassDeclareReservedUnused(IONetworkController, 19);
    OSMetaClassDeclareReservedUnused(IONetworkController, 20);
    OSMetaClassDeclareReservedUnused(IONetworkController, 21);
    OSMetaClassDeclareReservedUnused(IONetworkController, 22);
    OSMetaClassDeclareReservedUnused(IONetworkController, 23);
    OSMetaClassDeclareReservedUnused(IONetworkController, 24);
    OSMetaClassDeclareReservedUnused(IONetworkController, 25);
    OSMetaClassDeclareReservedUnused(IONetworkController, 26);
    OSMetaClassDeclareReservedUnused(IONetworkController, 27);
    OSMetaClassDeclareReservedUnused(IONetworkController, 28);
    OSMetaClassDeclareReservedUnused(IONetworkController, 29);
    OSMetaClassDeclareReservedUnused(IONetworkController, 30);
    OSMetaClassDeclareReservedUnused(IONetworkController, 31);

    bool _broadcastEvent(UInt32 type, void *data = 0);
    static void debugRxHandler(IOService *handler, void *buffer, UInt32 *length, UInt32 timeout);
    static void debugTxHandler(IOService *handler, void *buffer, UInt32 length);
    static IOReturn executeCommandAction(OSObject *owner, void *arg0, void *arg1, void *arg2, void *arg3);
    static IOReturn handleCommand(void *target, void *param0, void *param1, void *param2, void *param3);

public:
    const IONetworkMedium *getCurrentMedium(void) const;
    // Of the published dictionary.
    bool setCurrentMedium(const IONetworkMedium *medium);

protected:
    // Keeps the debugger out while the driver touches what receivePacket and sendPacket use.
    void reserveDebuggerLock(void);
    void releaseDebuggerLock(void);
};
