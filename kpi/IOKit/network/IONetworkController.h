// SPDX-License-Identifier: BSD-3-Clause
// Base of network card drivers. Answers to Apple's IOKit/network/IONetworkController.h (x86_64, Mac OS X
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
    virtual IOReturn executeCommand(OSObject *client, Action action, void *target, void *param0 = 0,
                                    void *param1 = 0, void *param2 = 0, void *param3 = 0);
    virtual UInt32 outputPacket(mbuf_t, void *param);
    virtual UInt32 getFeatures(void) const;
    virtual const OSString *newVendorString(void) const;
    virtual const OSString *newModelString(void) const;
    virtual const OSString *newRevisionString(void) const;
    virtual const IONetworkMedium *getSelectedMedium(void) const;
    virtual const OSDictionary *getMediumDictionary(void) const;
    virtual OSDictionary *copyMediumDictionary(void) const;
    virtual IOOutputAction getOutputHandler(void) const;
    virtual IOReturn doEnable(IOService *client);
    virtual IOReturn doDisable(IOService *client);
    virtual IOCommandGate *getCommandGate(void) const;
    virtual IOReturn getHardwareAddress(void *addr, UInt32 *inOutAddrBytes) = 0;
    virtual IOReturn setHardwareAddress(const void *addr, UInt32 addrBytes) = 0;
    virtual IOReturn enable(IOService *client);
    virtual IOReturn disable(IOService *client);
    virtual IOReturn setMaxPacketSize(UInt32 maxSize);
    virtual IOReturn getMaxPacketSize(UInt32 *maxSize) const = 0;
    virtual IOReturn getMinPacketSize(UInt32 *minSize) const = 0;
    virtual IOReturn selectMedium(const IONetworkMedium *medium);
    virtual IOReturn selectMediumWithName(const OSSymbol *mediumName);
    virtual IOReturn getPacketFilters(const OSSymbol *group, UInt32 *filters) const = 0;
    virtual IOReturn enablePacketFilter(const OSSymbol *group, UInt32 aFilter, UInt32 enabledFilters,
                                        IOOptionBits options = 0) = 0;
    virtual IOReturn disablePacketFilter(const OSSymbol *group, UInt32 aFilter, UInt32 enabledFilters,
                                         IOOptionBits options = 0) = 0;
    virtual IOOutputQueue *getOutputQueue(void) const;
    virtual void getPacketBufferConstraints(IOPacketBufferConstraints *constraints) const;
    virtual mbuf_t allocatePacket(UInt32 size);
    virtual mbuf_t copyPacket(mbuf_t m, UInt32 size = 0);
    virtual mbuf_t replacePacket(mbuf_t *mp, UInt32 size = 0);
    virtual mbuf_t replaceOrCopyPacket(mbuf_t *mp, UInt32 length, bool *replaced);
    virtual void freePacket(mbuf_t, IOOptionBits options = 0);
    virtual UInt32 releaseFreePackets(void);
    virtual IOReturn getChecksumSupport(UInt32 *checksumMask, UInt32 checksumFamily, bool isOutput);
    virtual bool setChecksumResult(mbuf_t packet, UInt32 checksumFamily, UInt32 resultMask, UInt32 validMask,
                                   UInt32 param0 = 0, UInt32 param1 = 0);
    virtual void getChecksumDemand(mbuf_t packet, UInt32 checksumFamily, UInt32 *demandMask, void *param0 = 0,
                                   void *param1 = 0);
    virtual bool publishMediumDictionary(const OSDictionary *mediumDict);
    virtual bool setSelectedMedium(const IONetworkMedium *medium);
    virtual bool setLinkStatus(UInt32 status, const IONetworkMedium *activeMedium = 0, UInt64 speed = 0,
                               OSData *data = 0);
    virtual void systemWillShutdown(IOOptionBits specifier);
    virtual IOReturn setAggressiveness(unsigned long type, unsigned long newLevel);

protected:
    virtual void free(void);
    virtual IOReturn registerWithPolicyMaker(IOService *policyMaker);
    virtual bool createWorkLoop(void);
    virtual IOReturn prepare(void);
    virtual bool publishProperties(void);
    virtual OSObject *getCommandClient(void) const;
    virtual bool handleOpen(IOService *client, IOOptionBits options, void *argument);
    virtual void handleClose(IOService *client, IOOptionBits options);
    virtual bool handleIsOpen(const IOService *client) const;
    virtual IOReturn enable(IONetworkInterface *interface);
    virtual IOReturn disable(IONetworkInterface *interface);
    virtual bool attachInterface(IONetworkInterface **interface, bool doRegister = true);
    virtual void detachInterface(IONetworkInterface *interface, bool sync = false);
    virtual IONetworkInterface *createInterface(void) = 0;
    virtual bool configureInterface(IONetworkInterface *interface);
    virtual IOOutputQueue *createOutputQueue(void);
    virtual IOReturn enable(IOKernelDebugger *debugger);
    virtual IOReturn disable(IOKernelDebugger *debugger);
    virtual bool attachDebuggerClient(IOKernelDebugger **debuggerP);
    virtual void detachDebuggerClient(IOKernelDebugger *debugger);
    virtual void receivePacket(void *pkt, UInt32 *pktSize, UInt32 timeout);
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
    bool setCurrentMedium(const IONetworkMedium *medium);

protected:
    void reserveDebuggerLock(void);
    void releaseDebuggerLock(void);
};
