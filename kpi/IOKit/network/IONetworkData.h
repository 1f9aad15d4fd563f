// SPDX-License-Identifier: BSD-3-Clause
// A named buffer of statistics published by an interface. Answers to Apple's IOKit/network/IONetworkData.h
// (Mac OS X 10.6 view).
#pragma once

#include <libkern/c++/OSSymbol.h>
#include <libkern/c++/OSSerialize.h>
#include <IOKit/IOTypes.h>
#include <IOKit/IOReturn.h>
#include <IOKit/IOLib.h>

#define kIONetworkDataBasicAccessTypes (kIONetworkDataAccessTypeRead | kIONetworkDataAccessTypeSerialize)
#define kIONetworkDataBytes            "Data"
#define kIONetworkDataAccessTypes      "Access Types"
#define kIONetworkDataSize             "Size"

enum {
    kIONetworkDataAccessTypeRead = 0x1,
    kIONetworkDataAccessTypeWrite = 0x2,
    kIONetworkDataAccessTypeReset = 0x4,
    kIONetworkDataAccessTypeSerialize = 0x8,
    kIONetworkDataAccessTypeMask = 0xff
};

enum {
    kIONetworkDataBufferTypeInternal = 0,
    kIONetworkDataBufferTypeExternal = 1,
    kIONetworkDataBufferTypeNone = 2
};

// A buffer of statistics, its own or the caller's, with a method to refresh it before it is read
// (IONetworkingFamily IONetworkData.cpp).
class IONetworkData : public OSObject
{
    OSDeclareDefaultStructors(IONetworkData)

public:
    typedef IOReturn (*Action)(void *, void *, IONetworkData *, UInt32, void *, UInt32 *, UInt32);

protected:
    struct ExpansionData; // the implementation's own

    const OSSymbol *_key;
    UInt32 _access;
    void *_buffer;
    UInt32 _bufType;
    UInt32 _size;
    void *_tapTarget;
    Action _tapAction;
    void *_tapParam;
    ExpansionData *_reserved;

    virtual void free(void);
    virtual bool writeBytes(const void *srcBuffer, UInt32 srcBufferSize, UInt32 writeOffset = 0);
    virtual bool readBytes(void *dstBuffer, UInt32 *dstBufferSize, UInt32 readOffset = 0) const;
    virtual bool clearBuffer(void);

public:
    virtual bool init(const char *name, UInt32 bufferType, UInt32 bufferSize, void *externalBuffer = 0,
                      UInt32 accessTypes = kIONetworkDataBasicAccessTypes, void *target = 0,
                      Action action = 0, void *param = 0);
    virtual void setAccessTypes(UInt32 types);
    virtual void setNotificationTarget(void *target, Action action, void *param = 0);
    // The driver updates counters there in place.
    virtual const void *getBuffer(void) const;
    virtual UInt32 getBufferType(void) const;
    virtual UInt32 getAccessTypes(void) const;
    virtual void *getNotificationTarget(void) const;
    virtual Action getNotificationAction(void) const;
    virtual void *getNotificationParameter(void) const;
    virtual const OSSymbol *getKey(void) const;
    virtual UInt32 getSize(void) const;
    virtual IOReturn reset(void);
    virtual IOReturn read(void *dstBuffer, UInt32 *dstBufferSize, UInt32 readOffset = 0);
    virtual IOReturn write(void *srcBuffer, UInt32 srcBufferSize, UInt32 writeOffset = 0);
    virtual bool serialize(OSSerialize *s) const;
    OSMetaClassDeclareReservedUnused(IONetworkData, 0);
    OSMetaClassDeclareReservedUnused(IONetworkData, 1);
    OSMetaClassDeclareReservedUnused(IONetworkData, 2);
    OSMetaClassDeclareReservedUnused(IONetworkData, 3);

public:
    static IONetworkData *withInternalBuffer(const char *name, UInt32 bufferSize,
                                             UInt32 accessTypes = kIONetworkDataBasicAccessTypes,
                                             void *target = 0, Action action = 0, void *param = 0);
    static IONetworkData *withExternalBuffer(const char *name, UInt32 bufferSize, void *externalBuffer,
                                             UInt32 accessTypes = kIONetworkDataBasicAccessTypes,
                                             void *target = 0, Action action = 0, void *param = 0);
    static IONetworkData *withNoBuffer(const char *name, UInt32 bufferSize, UInt32 accessTypes, void *target,
                                       Action action, void *param = 0);
};
