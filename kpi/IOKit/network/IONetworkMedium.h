// SPDX-License-Identifier: BSD-3-Clause
// One medium (type, speed, duplex) that a controller supports. Answers to Apple's
// IOKit/network/IONetworkMedium.h (Mac OS X 10.6 view).
#pragma once

#include <net/if_media.h>
#include <IOKit/IOTypes.h>
#include <libkern/c++/OSObject.h>
#include <libkern/c++/OSSymbol.h>
#include <libkern/c++/OSDictionary.h>

#define kIOMediumType              "Type"
#define kIOMediumFlags             "Flags"
#define kIOMediumSpeed             "Speed"
#define kIOMediumIndex             "Index"
#define kIOMediumSubTypeMask       IFM_TMASK
#define kIOMediumNetworkTypeMask   IFM_NMASK
#define kIOMediumOptionsMask       IFM_OMASK
#define kIOMediumCommonOptionsMask IFM_GMASK
#define kIOMediumInstanceShift     IFM_ISHIFT
#define kIOMediumInstanceMask      IFM_IMASK

typedef UInt32 IOMediumType;
enum {
    kIOMediumEthernet = 32,
    kIOMediumEthernetAuto = 0x20,
    kIOMediumEthernetManual = 0x21,
    kIOMediumEthernetNone = 0x22,
    kIOMediumEthernet10BaseT = 0x23,
    kIOMediumEthernet10Base2 = 0x24,
    kIOMediumEthernet10Base5 = 0x25,
    kIOMediumEthernet100BaseTX = 0x26,
    kIOMediumEthernet100BaseFX = 0x27,
    kIOMediumEthernet100BaseT4 = 0x28,
    kIOMediumEthernet100BaseVG = 0x29,
    kIOMediumEthernet100BaseT2 = 0x2a,
    kIOMediumEthernet1000BaseSX = 0x2b,
    kIOMediumEthernet10BaseSTP = 0x2c,
    kIOMediumEthernet10BaseFL = 0x2d,
    kIOMediumEthernet1000BaseLX = 0x2e,
    kIOMediumEthernet1000BaseCX = 0x2f,
    kIOMediumEthernet1000BaseTX = 0x30,
    kIOMediumEthernet1000BaseT = 0x30,
    kIOMediumEthernetHomePNA1 = 0x31,
    kIOMediumEthernet10GBaseSR = 0x32,
    kIOMediumEthernet10GBaseLR = 0x33,
    kIOMediumEthernet10GBaseCX4 = 0x34,
    kIOMediumEthernet10GBaseT = 0x35
};

enum {
    kIOMediumIEEE80211 = 128,
    kIOMediumIEEE80211Auto = 0x80,
    kIOMediumIEEE80211Manual = 0x81,
    kIOMediumIEEE80211None = 0x82,
    kIOMediumIEEE80211FH1 = 0x83,
    kIOMediumIEEE80211FH2 = 0x84,
    kIOMediumIEEE80211DS2 = 0x85,
    kIOMediumIEEE80211DS5 = 0x86,
    kIOMediumIEEE80211DS11 = 0x87,
    kIOMediumIEEE80211DS1 = 0x88,
    kIOMediumIEEE80211OptionAdhoc = 256
};

enum {
    kIOMediumOptionFullDuplex = 1048576,
    kIOMediumOptionHalfDuplex = 2097152,
    kIOMediumOptionFlowControl = 4194304,
    kIOMediumOptionEEE = 8388608,
    kIOMediumOptionFlag0 = 16777216,
    kIOMediumOptionFlag1 = 33554432,
    kIOMediumOptionFlag2 = 67108864,
    kIOMediumOptionLoopback = 134217728
};

enum {
    kIONetworkLinkValid = 1,
    kIONetworkLinkActive = 2
};

// Type bits as in net/if_media.h, speed in bits a second, flags, and an index for the driver's use
// (IONetworkingFamily IONetworkMedium.cpp).
class IONetworkMedium : public OSObject
{
    OSDeclareDefaultStructors(IONetworkMedium)

protected:
    struct ExpansionData; // the implementation's own

    IOMediumType _type;
    UInt32 _flags;
    UInt64 _speed;
    UInt32 _index;
    const OSSymbol *_name;
    ExpansionData *_reserved;

    virtual void free(void);

public:
    virtual bool init(IOMediumType type, UInt64 speed, UInt32 flags = 0, UInt32 index = 0,
                      const char *name = 0);
    virtual IOMediumType getType(void) const;
    virtual UInt64 getSpeed(void) const;
    virtual UInt32 getFlags(void) const;
    virtual UInt32 getIndex(void) const;
    virtual const OSSymbol *getName(void) const;
    // The type in text.
    virtual const OSSymbol *getKey(void) const;
    virtual bool isEqualTo(const IONetworkMedium *medium) const;
    virtual bool isEqualTo(const OSMetaClassBase *obj) const;
    virtual bool serialize(OSSerialize *s) const;
    OSMetaClassDeclareReservedUnused(IONetworkMedium, 0);
    OSMetaClassDeclareReservedUnused(IONetworkMedium, 1);
    OSMetaClassDeclareReservedUnused(IONetworkMedium, 2);
    OSMetaClassDeclareReservedUnused(IONetworkMedium, 3);

public:
    static const OSSymbol *nameForType(IOMediumType type);
    // Adds it to a dictionary under its key.
    static bool addMedium(OSDictionary *dict, const IONetworkMedium *medium);
    static void removeMedium(OSDictionary *dict, const IONetworkMedium *medium);
    // First of that type, mask bits left out; not retained.
    static IONetworkMedium *getMediumWithType(const OSDictionary *dict, IOMediumType type,
                                              IOMediumType mask = 0);
    static IONetworkMedium *getMediumWithIndex(const OSDictionary *dict, UInt32 index, UInt32 mask = 0);
    // One reference.
    static IONetworkMedium *medium(IOMediumType type, UInt64 speed, UInt32 flags = 0, UInt32 index = 0,
                                   const char *name = 0);
};

inline const OSSymbol *IONetworkMedium::getKey() const
{
    return getName();
}
