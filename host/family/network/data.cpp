// SPDX-License-Identifier: BSD-3-Clause
/*
 * IONetworkData (IONetworkData.cpp): a named block of statistics with access rules and a hook that is called around an
 * access. One lock serves all objects, as in Apple's.
 */
#include <IOKit/IOLib.h>
#include <IOKit/network/IONetworkData.h>
#include <libkern/c++/OSData.h>
#include <libkern/c++/OSDictionary.h>
#include <libkern/c++/OSNumber.h>
#include <libkern/c++/OSSerialize.h>
#include <libkern/c++/OSSymbol.h>
#include "private.h"
#include "reserved.h"

#define super OSObject
OSDefineMetaClassAndStructors(IONetworkData, OSObject)
RESERVED_4(IONetworkData, 0, 1, 2, 3)

static IOLock *dataLock;

bool networkDataInit()
{
    dataLock = IOLockAlloc();
    return dataLock != 0;
}

void networkDataEnd()
{
    IOLockFree(dataLock);
    dataLock = 0;
}

namespace
{
struct Locked {
    Locked() { IOLockLock(dataLock); }
    ~Locked() { IOLockUnlock(dataLock); }
};
} // namespace

bool IONetworkData::init(const char *name, UInt32 bufferType, UInt32 bufferSize, void *extBuffer, UInt32 accessTypes,
                         void *target, Action action, void *param)
{
    if (!super::init() || !name)
        return false;
    _bufType = bufferType;
    _size = bufferSize;
    _access = accessTypes;
    _tapTarget = target;
    _tapAction = action;
    _tapParam = param;
    if (bufferType == kIONetworkDataBufferTypeExternal)
        _buffer = extBuffer;
    else if (bufferType == kIONetworkDataBufferTypeInternal && (_buffer = IOMalloc(bufferSize)))
        bzero(_buffer, bufferSize);
    if (bufferType != kIONetworkDataBufferTypeNone && !_buffer)
        return false;
    _key = OSSymbol::withCString(name);
    return _key != 0;
}

static IONetworkData *finish(IONetworkData *d, bool ok)
{
    if (d && !ok) {
        d->release();
        d = 0;
    }
    return d;
}

IONetworkData *IONetworkData::withInternalBuffer(const char *name, UInt32 bufferSize, UInt32 accessTypes, void *target,
                                                 Action action, void *param)
{
    IONetworkData *d = new IONetworkData;
    return finish(d, d && d->init(name, kIONetworkDataBufferTypeInternal, bufferSize, 0, accessTypes, target, action,
                                  param));
}

IONetworkData *IONetworkData::withExternalBuffer(const char *name, UInt32 bufferSize, void *extBuffer,
                                                 UInt32 accessTypes, void *target, Action action, void *param)
{
    IONetworkData *d = new IONetworkData;
    return finish(d, d && d->init(name, kIONetworkDataBufferTypeExternal, bufferSize, extBuffer, accessTypes, target,
                                  action, param));
}

IONetworkData *IONetworkData::withNoBuffer(const char *name, UInt32 bufferSize, UInt32 accessTypes, void *target,
                                           Action action, void *param)
{
    IONetworkData *d = new IONetworkData;
    return finish(d,
                  d && d->init(name, kIONetworkDataBufferTypeNone, bufferSize, 0, accessTypes, target, action, param));
}

void IONetworkData::free()
{
    if (_key)
        _key->release();
    if (_buffer && _bufType == kIONetworkDataBufferTypeInternal)
        IOFree(_buffer, _size);
    super::free();
}

UInt32 IONetworkData::getBufferType() const { return _bufType; }
UInt32 IONetworkData::getAccessTypes() const { return _access; }
void *IONetworkData::getNotificationTarget() const { return _tapTarget; }
IONetworkData::Action IONetworkData::getNotificationAction() const { return _tapAction; }
void *IONetworkData::getNotificationParameter() const { return _tapParam; }
const OSSymbol *IONetworkData::getKey() const { return _key; }
UInt32 IONetworkData::getSize() const { return _size; }
const void *IONetworkData::getBuffer() const { return _buffer; }

void IONetworkData::setAccessTypes(UInt32 types)
{
    Locked l;
    _access = types;
}

void IONetworkData::setNotificationTarget(void *target, Action action, void *param)
{
    Locked l;
    _tapTarget = target;
    _tapAction = action;
    _tapParam = param;
}

bool IONetworkData::writeBytes(const void *src, UInt32 size, UInt32 offset)
{
    if (!_buffer || !size || offset >= _size || size > _size - offset)
        return false;
    bcopy(src, (char *)_buffer + offset, size);
    return true;
}

bool IONetworkData::readBytes(void *dst, UInt32 *size, UInt32 offset) const
{
    if (!_buffer || !*size || offset >= _size)
        return false;
    if (*size > _size - offset)
        *size = _size - offset;
    bcopy((char *)_buffer + offset, dst, *size);
    return true;
}

bool IONetworkData::clearBuffer()
{
    if (_buffer)
        bzero(_buffer, _size);
    return _buffer != 0;
}

IOReturn IONetworkData::reset()
{
    Locked l;
    if (!(_access & kIONetworkDataAccessTypeReset))
        return kIOReturnNotWritable;
    IOReturn ret = clearBuffer() ? kIOReturnSuccess : kIOReturnUnsupported;
    if (_tapAction)
        ret = _tapAction(_tapTarget, _tapParam, this, kIONetworkDataAccessTypeReset, 0, 0, 0);
    return ret;
}

/* The hook runs before a read, so that it can bring the buffer up to date, and after a write. */
IOReturn IONetworkData::read(void *dst, UInt32 *size, UInt32 offset)
{
    Locked l;
    if (!dst || !size)
        return kIOReturnBadArgument;
    if (!(_access & kIONetworkDataAccessTypeRead))
        return kIOReturnNotReadable;
    IOReturn ret = kIOReturnUnsupported;
    if (_tapAction) {
        ret = _tapAction(_tapTarget, _tapParam, this, kIONetworkDataAccessTypeRead, dst, size, offset);
        if (ret != kIOReturnSuccess)
            return ret;
    }
    if (_buffer)
        ret = readBytes(dst, size, offset) ? kIOReturnSuccess : kIOReturnBadArgument;
    return ret;
}

IOReturn IONetworkData::write(void *src, UInt32 size, UInt32 offset)
{
    Locked l;
    if (!src)
        return kIOReturnBadArgument;
    if (!(_access & kIONetworkDataAccessTypeWrite))
        return kIOReturnNotWritable;
    if (_buffer && !writeBytes(src, size, offset))
        return kIOReturnBadArgument;
    if (!_tapAction)
        return kIOReturnSuccess;
    return _tapAction(_tapTarget, _tapParam, this, kIONetworkDataAccessTypeWrite, src, &size, offset);
}

static void setNumber(OSDictionary *d, const char *key, UInt32 value)
{
    OSNumber *n = OSNumber::withNumber(value, 32);
    if (n) {
        d->setObject(key, n);
        n->release();
    }
}

bool IONetworkData::serialize(OSSerialize *s) const
{
    OSDictionary *d = OSDictionary::withCapacity(3);
    if (!d)
        return false;
    Locked l;
    setNumber(d, kIONetworkDataAccessTypes, _access);
    setNumber(d, kIONetworkDataSize, _size);
    bool readable = _buffer && (_access & kIONetworkDataAccessTypeSerialize);
    if (readable && _tapAction)
        readable = _tapAction(_tapTarget, _tapParam, (IONetworkData *)this, kIONetworkDataAccessTypeSerialize, 0, 0,
                              0) == kIOReturnSuccess;
    OSData *bytes = readable ? OSData::withBytesNoCopy(_buffer, _size) : 0;
    if (bytes) {
        d->setObject(kIONetworkDataBytes, bytes);
        bytes->release();
    }
    bool ok = d->serialize(s);
    d->release();
    return ok;
}
