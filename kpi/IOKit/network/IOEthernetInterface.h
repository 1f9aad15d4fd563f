// SPDX-License-Identifier: BSD-3-Clause
// The interface object of an Ethernet controller. Answers to Apple's IOKit/network/IOEthernetInterface.h
// (Mac OS X 10.6 view).
#pragma once

#include <IOKit/network/IONetworkInterface.h>
#include <IOKit/network/IOEthernetController.h>
#include <IOKit/network/IOEthernetStats.h>

#define kIOEthernetInterfaceClass "IOEthernetInterface"
#define kIOActivePacketFilters    "IOActivePacketFilters"
#define kIORequiredPacketFilters  "IORequiredPacketFilters"
#define kIOMulticastAddressList   "IOMulticastAddressList"
#define kIOMulticastFilterData    kIOMulticastAddressList

// The interface of an Ethernet controller; named en0, en1... by the stack's naming service
// (IONetworkingFamily IOEthernetInterface.cpp).
class IOEthernetInterface : public IONetworkInterface
{
    OSDeclareDefaultStructors(IOEthernetInterface)

protected:
    struct ExpansionData; // the implementation's own

private:
    thread_call_t _inputEventThreadCall;
    UInt32 _mcAddrCount;
    bool _ctrEnabled;
    OSDictionary *_supportedFilters;
    OSDictionary *_requiredFilters;
    OSDictionary *_activeFilters;
    bool _controllerLostPower;
    ExpansionData *_reserved;

public:
    virtual bool init(IONetworkController *controller);
    virtual const char *getNamePrefix(void) const;
    virtual IOReturn setProperties(OSObject *properties);

protected:
    virtual void free(void);
    virtual SInt32 performCommand(IONetworkController *controller, unsigned long cmd, void *arg0, void *arg1);
    virtual bool controllerDidOpen(IONetworkController *controller);
    virtual void controllerWillClose(IONetworkController *controller);
    virtual IOReturn controllerWillChangePowerState(IONetworkController *controller, IOPMPowerFlags flags,
                                                    UInt32 stateNumber, IOService *policyMaker);
    virtual IOReturn controllerDidChangePowerState(IONetworkController *controller, IOPMPowerFlags flags,
                                                   UInt32 stateNumber, IOService *policyMaker);

public:
    virtual bool willTerminate(IOService *provider, IOOptionBits options);
    virtual IOReturn attachToDataLinkLayer(IOOptionBits options, void *parameter);
#ifndef KPI_10_5
    virtual bool inputEvent(UInt32 type, void *data);
#endif

protected:
    virtual void feedPacketInputTap(mbuf_t);
    virtual void feedPacketOutputTap(mbuf_t);
    virtual bool initIfnetParams(struct ifnet_init_params *params);
    OSMetaClassDeclareReservedUnused(IOEthernetInterface, 0);
    OSMetaClassDeclareReservedUnused(IOEthernetInterface, 1);
    OSMetaClassDeclareReservedUnused(IOEthernetInterface, 2);
    OSMetaClassDeclareReservedUnused(IOEthernetInterface, 3);
    OSMetaClassDeclareReservedUnused(IOEthernetInterface, 4);
    OSMetaClassDeclareReservedUnused(IOEthernetInterface, 5);
    OSMetaClassDeclareReservedUnused(IOEthernetInterface, 6);
    OSMetaClassDeclareReservedUnused(IOEthernetInterface, 7);
    OSMetaClassDeclareReservedUnused(IOEthernetInterface, 8);
    OSMetaClassDeclareReservedUnused(IOEthernetInterface, 9);
    OSMetaClassDeclareReservedUnused(IOEthernetInterface, 10);
    OSMetaClassDeclareReservedUnused(IOEthernetInterface, 11);
    OSMetaClassDeclareReservedUnused(IOEthernetInterface, 12);
    OSMetaClassDeclareReservedUnused(IOEthernetInterface, 13);
    OSMetaClassDeclareReservedUnused(IOEthernetInterface, 14);
    OSMetaClassDeclareReservedUnused(IOEthernetInterface, 15);

    IOReturn enableController(IONetworkController *ctr);
    IOReturn setupMulticastFilter(IONetworkController *ctr);
    UInt32 getFilters(const OSDictionary *dict, const OSSymbol *group);
    bool setFilters(OSDictionary *dict, const OSSymbol *group, UInt32 filters);
    IOReturn disableFilter(IONetworkController *ctr, const OSSymbol *group, UInt32 filter,
                           IOOptionBits options = 0);
    IOReturn enableFilter(IONetworkController *ctr, const OSSymbol *group, UInt32 filter,
                          IOOptionBits options = 0);
    int syncSIOCSIFFLAGS(IONetworkController *ctr);
    int syncSIOCSIFADDR(IONetworkController *ctr);
    int syncSIOCADDMULTI(IONetworkController *ctr);
    int syncSIOCDELMULTI(IONetworkController *ctr);
    int syncSIOCSIFMTU(IONetworkController *ctr, struct ifreq *ifr, bool);
    int syncSIOCGIFDEVMTU(IONetworkController *ctr, struct ifreq *ifr);
    int syncSIOCSIFLLADDR(IONetworkController *ctr, const char *lladdr, int len);
    void _fixupVlanPacket(mbuf_t, u_int16_t, int);
    void reportInterfaceWakeFlags(void);
    static void handleEthernetInputEvent(thread_call_param_t param0, thread_call_param_t param1);
    static int performGatedCommand(void *, void *, void *, void *, void *);
    static IOReturn enableFilter_Wrapper(IOEthernetInterface *, IONetworkController *, const OSSymbol *,
                                         UInt32, IOOptionBits);
};
