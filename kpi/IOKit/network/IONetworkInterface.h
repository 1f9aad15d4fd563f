// SPDX-License-Identifier: BSD-3-Clause
// The object between a controller and the BSD stack. Answers to Apple's IOKit/network/IONetworkInterface.h
// (Mac OS X 10.6 view).
#pragma once

#include <IOKit/IOService.h>
#include <IOKit/network/IONetworkData.h>
#include <IOKit/network/IONetworkStats.h>
#include <IOKit/network/IONetworkMedium.h>
#include <net/kpi_interface.h>

#define kIONetworkInterfaceClass "IONetworkInterface"
#define kIONetworkData           "IONetworkData"
#define kIOInterfaceType         "IOInterfaceType"
#define kIOMaxTransferUnit       "IOMaxTransferUnit"
#define kIOMediaAddressLength    "IOMediaAddressLength"
#define kIOMediaHeaderLength     "IOMediaHeaderLength"
#define kIOInterfaceFlags        "IOInterfaceFlags"
#define kIOInterfaceExtraFlags   "IOInterfaceExtraFlags"
#define kIOInterfaceUnit         "IOInterfaceUnit"
#define kIOInterfaceState        "IOInterfaceState"
#define kIOInterfaceNamePrefix   "IOInterfaceNamePrefix"
#define kIOPrimaryInterface      "IOPrimaryInterface"
#define kIOBuiltin               "IOBuiltin"
#define kIOLocation              "IOLocation"

enum {
    kIONetworkInterfaceRegisteredState = 0x1,
    kIONetworkInterfaceOpenedState = 0x2,
    kIONetworkInterfaceDisabledState = 0x4
};

class IONetworkController;
class IONetworkStack;
class IOCommandGate;
typedef UInt32 (OSObject::*IOOutputAction)(mbuf_t, void *);
struct ifnet;
struct mbuf;
typedef int (*BPF_FUNC)(struct ifnet *, struct mbuf *);
enum {
    kIONetworkEventTypeDLIL = 0xff000001,
    kIONetworkEventTypeLinkUp = 0xff000002,
    kIONetworkEventTypeLinkDown = 0xff000003,
    kIONetworkEventWakeOnLANSupportChanged = 0xff000004
};

// Between a controller and the BSD stack: owns the ifnet, statistics and the input queue
// (IONetworkingFamily IONetworkInterface.cpp).
class IONetworkInterface : public IOService
{
    OSDeclareAbstractStructors(IONetworkInterface)
    friend class IONetworkStack;

protected:
    struct ExpansionData; // the implementation's own

public:
    enum {
        kInputOptionQueuePacket = 0x1
    };

private:
    IONetworkController *_controller;
    ifnet_t _backingIfnet;
    IORecursiveLock *_ifLock;
    OSSet *_clientSet;
    OSNumber *_stateBits;
    bpf_packet_func _inputFilterFunc;
    bpf_packet_func _outputFilterFunc;
    OSObject *_outTarget;
    IOOutputAction _outAction;
    UInt32 _clientVar[4];
    OSDictionary *_dataDict;
    mbuf_t _inputQHead;
    mbuf_t _inputQTail;
    UInt32 _inputQCount;
    ExpansionData *_reserved;

public:
    // Built-in, unit 0.
    virtual bool isPrimaryInterface(void) const;
    virtual bool init(IONetworkController *controller);
    virtual bool isRegistered(void) const;
    virtual UInt32 getInterfaceState(void) const;
    virtual bool matchPropertyTable(OSDictionary *table, SInt32 *score);
    virtual IONetworkController *getController(void) const;
    // Hands a received packet to the stack, or queues it with kInputOptionQueuePacket; length 0 means that
    // the mbuf's is right. The interface owns it. Work loop context.
    virtual UInt32 inputPacket(mbuf_t, UInt32 length = 0, IOOptionBits options = 0, void *param = 0);
    // Hands all queued packets over in one call; returns how many.
    virtual UInt32 flushInputQueue(void);
    // Frees them instead.
    virtual UInt32 clearInputQueue(void);
    // Link and other notices to the stack.
    virtual bool inputEvent(UInt32 type, void *data);
    // Before the interface attaches to the stack.
    virtual bool registerOutputHandler(OSObject *target, IOOutputAction action);
    virtual const char *getNamePrefix(void) const = 0;
    virtual UInt8 getInterfaceType(void) const;
    virtual UInt32 getMaxTransferUnit(void) const;
    virtual UInt16 getFlags(void) const;
    virtual UInt32 getExtraFlags(void) const;
    virtual UInt8 getMediaAddressLength(void) const;
    virtual UInt8 getMediaHeaderLength(void) const;
    virtual UInt16 getUnitNumber(void) const;
    // Retains it.
    virtual bool addNetworkData(IONetworkData *aData);
    virtual bool removeNetworkData(const OSSymbol *aKey);
    virtual bool removeNetworkData(const char *aKey);
    // Not retained.
    virtual IONetworkData *getNetworkData(const char *aKey) const;
    virtual IONetworkData *getNetworkData(const OSSymbol *aKey) const;
    virtual IOReturn setProperties(OSObject *properties);
#ifndef KPI_10_5
    virtual IOReturn message(UInt32 type, IOService *provider, void *argument);
#endif

protected:
    virtual bool setInterfaceType(UInt8 type);
    virtual bool setMaxTransferUnit(UInt32 mtu);
    // New flags: the old ones without `clear`, and `flags`.
    virtual bool setFlags(UInt16 flags, UInt16 clear = 0);
    virtual bool setExtraFlags(UInt32 flags, UInt32 clear = 0);
    virtual bool setMediaAddressLength(UInt8 length);
    virtual bool setMediaHeaderLength(UInt8 length);
    virtual bool setUnitNumber(UInt16 unit);
    virtual void free(void);
    virtual bool handleOpen(IOService *client, IOOptionBits options, void *argument);
    virtual void handleClose(IOService *client, IOOptionBits options);
    virtual bool handleIsOpen(const IOService *client) const;
    virtual void lock(void);
    virtual void unlock(void);
    virtual bool controllerDidOpen(IONetworkController *controller);
    virtual void controllerWillClose(IONetworkController *controller);
    // An ioctl of the stack; the controller's gate is taken.
    virtual SInt32 performCommand(IONetworkController *controller, unsigned long cmd, void *arg0, void *arg1);

public:
    // 0 while it is not attached to the stack.
    virtual ifnet_t getIfnet(void) const;

protected:
    virtual bool initIfnet(struct ifnet *ifp);
    virtual bool handleClientOpen(IOService *client, IOOptionBits options, void *argument);
    virtual void handleClientClose(IOService *client, IOOptionBits options);
    virtual IOReturn newUserClient(task_t owningTask, void *security_id, UInt32 type, IOUserClient **handler);
    virtual UInt32 setInterfaceState(UInt32 set, UInt32 clear = 0);
    virtual IOReturn powerStateWillChangeTo(IOPMPowerFlags flags, unsigned long stateNumber,
                                            IOService *policyMaker);
    virtual IOReturn powerStateDidChangeTo(IOPMPowerFlags flags, unsigned long stateNumber,
                                           IOService *policyMaker);
    virtual IOReturn controllerWillChangePowerState(IONetworkController *controller, IOPMPowerFlags flags,
                                                    UInt32 stateNumber, IOService *policyMaker);
    virtual IOReturn controllerDidChangePowerState(IONetworkController *controller, IOPMPowerFlags flags,
                                                   UInt32 stateNumber, IOService *policyMaker);

public:
    virtual bool willTerminate(IOService *provider, IOOptionBits options);
    virtual bool serializeProperties(OSSerialize *s) const;
    virtual IOReturn attachToDataLinkLayer(IOOptionBits options, void *parameter);
    virtual void detachFromDataLinkLayer(IOOptionBits options, void *parameter);

protected:
    virtual void feedPacketInputTap(mbuf_t);
    virtual void feedPacketOutputTap(mbuf_t);
    virtual bool initIfnetParams(struct ifnet_init_params *params);
    OSMetaClassDeclareReservedUnused(IONetworkInterface, 5);
    OSMetaClassDeclareReservedUnused(IONetworkInterface, 6);
    OSMetaClassDeclareReservedUnused(IONetworkInterface, 7);
    OSMetaClassDeclareReservedUnused(IONetworkInterface, 8);
    OSMetaClassDeclareReservedUnused(IONetworkInterface, 9);
    OSMetaClassDeclareReservedUnused(IONetworkInterface, 10);
    OSMetaClassDeclareReservedUnused(IONetworkInterface, 11);
    OSMetaClassDeclareReservedUnused(IONetworkInterface, 12);
    OSMetaClassDeclareReservedUnused(IONetworkInterface, 13);
    OSMetaClassDeclareReservedUnused(IONetworkInterface, 14);
    OSMetaClassDeclareReservedUnused(IONetworkInterface, 15);

    void _syncFromBackingIfnet(void) const;
    void _syncToBackingIfnet(void);
    bool _syncNetworkDataDict(void);
    bool _setInterfaceProperty(UInt32 value, UInt32 mask, UInt32 bytes, void *addr, char *name);
    SInt32 syncSIOCSIFMEDIA(IONetworkController *ctlr, struct ifreq *ifr);
    SInt32 syncSIOCGIFMEDIA(IONetworkController *ctlr, struct ifreq *ifr, unsigned long cmd);
    SInt32 syncSIOCSIFMTU(IONetworkController *ctlr, struct ifreq *ifr);
    static int performGatedCommand(void *, void *, void *, void *, void *);
    static errno_t ioctl_shim(ifnet_t ifp, unsigned long cmd, void *data);
    static errno_t set_bpf_tap_shim(ifnet_t ifn, bpf_tap_mode mode, bpf_packet_func func);
    static int output_shim(ifnet_t ifp, mbuf_t);
    void DLIL_INPUT(mbuf_t m_head);
    static void detach_shim(ifnet_t ifp);
    static void powerChangeHandler(void *, void *, void *);

public:
    IONetworkData *getParameter(const char *aKey) const;
    bool setExtendedFlags(UInt32 flags, UInt32 clear = 0);
    // The debugger took this controller.
    void debuggerRegistered(void);
};
