// SPDX-License-Identifier: BSD-3-Clause
// Base of Ethernet card drivers. Answers to Apple's IOKit/network/IOEthernetController.h (Mac OS X
// 10.6 view).
#pragma once

#include <IOKit/network/IONetworkController.h>

#define kIOEthernetControllerClass              "IOEthernetController"
#define kIOEthernetAddressSize                  6
#define kIOEthernetMaxPacketSize                1518
#define kIOEthernetMinPacketSize                64
#define kIOEthernetCRCSize                      4
#define kIOEthernetWakeOnLANFilterGroup         "IOEthernetWakeOnLANFilterGroup"
#define kIOEthernetDisabledWakeOnLANFilterGroup "IOEthernetDisabledWakeOnLANFilterGroup"

enum {
    kIOEthernetWakeOnMagicPacket = 0x1,
    kIOEthernetWakeOnPacketAddressMatch = 0x2
};

// Six bytes in the order of the wire.
struct IOEthernetAddress {
    UInt8 bytes[6];
};
extern const OSSymbol *gIOEthernetWakeOnLANFilterGroup;
extern const OSSymbol *gIOEthernetDisabledWakeOnLANFilterGroup;

// Base of Ethernet card drivers (IONetworkingFamily IOEthernetController.cpp).
class IOEthernetController : public IONetworkController
{
    OSDeclareAbstractStructors(IOEthernetController)

protected:
    struct ExpansionData; // the implementation's own

    ExpansionData *_reserved;

public:
    virtual bool init(OSDictionary *properties);
    virtual IOReturn getPacketFilters(const OSSymbol *group, UInt32 *filters) const;
    virtual IOReturn enablePacketFilter(const OSSymbol *group, UInt32 aFilter, UInt32 enabledFilters,
                                        IOOptionBits options = 0);
    virtual IOReturn disablePacketFilter(const OSSymbol *group, UInt32 aFilter, UInt32 enabledFilters,
                                         IOOptionBits options = 0);
    // The six bytes of the card; asked when the interface attaches.
    virtual IOReturn getHardwareAddress(void *addr, UInt32 *inOutAddrBytes);
    // A new address, if the card can. Gate held.
    virtual IOReturn setHardwareAddress(const void *addr, UInt32 addrBytes);
    virtual IOReturn getMaxPacketSize(UInt32 *maxSize) const;
    virtual IOReturn getMinPacketSize(UInt32 *minSize) const;
    virtual IOReturn getPacketFilters(UInt32 *filters) const;
    virtual IOReturn getHardwareAddress(IOEthernetAddress *addrP) = 0;
    virtual IOReturn setHardwareAddress(const IOEthernetAddress *addrP);
    // Gate held.
    virtual IOReturn setMulticastMode(bool active);
    // count addresses of six bytes, valid during the call. Gate held.
    virtual IOReturn setMulticastList(IOEthernetAddress *addrs, UInt32 count);
    // Gate held.
    virtual IOReturn setPromiscuousMode(bool active);
    // Gate held.
    virtual IOReturn setWakeOnMagicPacket(bool active);

protected:
    virtual IONetworkInterface *createInterface(void);
    virtual void free(void);
    virtual bool publishProperties(void);
    // True with the tag when the hardware must insert it.
    virtual bool getVlanTagDemand(mbuf_t m, UInt32 *vlanTag);
    // Tag that the hardware took out of a received packet.
    virtual void setVlanTag(mbuf_t m, UInt32 vlanTag);
    OSMetaClassDeclareReservedUnused(IOEthernetController, 2);
    OSMetaClassDeclareReservedUnused(IOEthernetController, 3);
    OSMetaClassDeclareReservedUnused(IOEthernetController, 4);
    OSMetaClassDeclareReservedUnused(IOEthernetController, 5);
    OSMetaClassDeclareReservedUnused(IOEthernetController, 6);
    OSMetaClassDeclareReservedUnused(IOEthernetController, 7);
    OSMetaClassDeclareReservedUnused(IOEthernetController, 8);
    OSMetaClassDeclareReservedUnused(IOEthernetController, 9);
    OSMetaClassDeclareReservedUnused(IOEthernetController, 10);
    OSMetaClassDeclareReservedUnused(IOEthernetController, 11);
    OSMetaClassDeclareReservedUnused(IOEthernetController, 12);
    OSMetaClassDeclareReservedUnused(IOEthernetController, 13);
    OSMetaClassDeclareReservedUnused(IOEthernetController, 14);
    OSMetaClassDeclareReservedUnused(IOEthernetController, 15);
    OSMetaClassDeclareReservedUnused(IOEthernetController, 16);
    OSMetaClassDeclareReservedUnused(IOEthernetController, 17);
    OSMetaClassDeclareReservedUnused(IOEthernetController, 18);
    OSMetaClassDeclareReservedUnused(IOEthernetController, 19);
    OSMetaClassDeclareReservedUnused(IOEthernetController, 20);
    OSMetaClassDeclareReservedUnused(IOEthernetController, 21);
    OSMetaClassDeclareReservedUnused(IOEthernetController, 22);
    OSMetaClassDeclareReservedUnused(IOEthernetController, 23);
    OSMetaClassDeclareReservedUnused(IOEthernetController, 24);
    OSMetaClassDeclareReservedUnused(IOEthernetController, 25);
    OSMetaClassDeclareReservedUnused(IOEthernetController, 26);
    OSMetaClassDeclareReservedUnused(IOEthernetController, 27);
    OSMetaClassDeclareReservedUnused(IOEthernetController, 28);
    OSMetaClassDeclareReservedUnused(IOEthernetController, 29);
    OSMetaClassDeclareReservedUnused(IOEthernetController, 30);
    OSMetaClassDeclareReservedUnused(IOEthernetController, 31);

public:
    static void initialize(void);
};

enum {
    kIOEnetPromiscuousModeOff = 0,
    kIOEnetPromiscuousModeOn = 1,
    kIOEnetPromiscuousModeAll = 1,
    kIOEnetMulticastModeOff = 0,
    kIOEnetMulticastModeFilter = 1
};

typedef bool IOEnetPromiscuousMode;
typedef bool IOEnetMulticastMode;
