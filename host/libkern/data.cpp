// SPDX-License-Identifier: BSD-3-Clause
/* OSData (libkern/c++/OSData.h; Apple: libkern/c++/OSData.cpp). Data without a copy has capacity EXTERNAL. */
#include "internal.h"

#define super OSObject
OSDefineMetaClassAndStructors(OSData, OSObject) RESERVED_1_TO_7(OSData)

    enum : unsigned int {
        EXTERNAL = ~0u
    };

struct OSData::ExpansionData {
    DeallocFunction deallocate; /* for bytes without a copy */
};

bool OSData::initWithCapacity(unsigned int wanted)
{
    if (!super::init())
        return false;
    if (data && (!wanted || capacity < wanted)) {
        container_free(data, capacity, 1);
        data = 0;
        capacity = 0;
    }
    if (wanted && !data) {
        data = container_alloc(wanted, 1);
        if (!data)
            return false;
        capacity = wanted;
    }
    length = 0;
    capacityIncrement = wanted < 16 ? 16 : wanted;
    return true;
}

bool OSData::initWithBytes(const void *bytes, unsigned int n)
{
    if ((n && !bytes) || !initWithCapacity(n))
        return false;
    if (n && bytes != data)
        memmove(data, bytes, n);
    length = n;
    return true;
}

bool OSData::initWithBytesNoCopy(void *bytes, unsigned int n)
{
    if (!super::init())
        return false;
    length = n;
    capacity = EXTERNAL;
    data = bytes;
    return true;
}

bool OSData::initWithData(const OSData *other)
{
    return initWithBytes(other->data, other->length);
}

bool OSData::initWithData(const OSData *other, unsigned int start, unsigned int n)
{
    const void *bytes = other->getBytesNoCopy(start, n);
    return bytes && initWithBytes(bytes, n);
}

OSData *OSData::withCapacity(unsigned int capacity)
{
    OSData *me = new OSData;
    return initialised(me, me->initWithCapacity(capacity));
}

OSData *OSData::withBytes(const void *bytes, unsigned int n)
{
    OSData *me = new OSData;
    return initialised(me, me->initWithBytes(bytes, n));
}

OSData *OSData::withBytesNoCopy(void *bytes, unsigned int n)
{
    OSData *me = new OSData;
    return initialised(me, me->initWithBytesNoCopy(bytes, n));
}

OSData *OSData::withData(const OSData *other)
{
    OSData *me = new OSData;
    return initialised(me, me->initWithData(other));
}

OSData *OSData::withData(const OSData *other, unsigned int start, unsigned int n)
{
    OSData *me = new OSData;
    return initialised(me, me->initWithData(other, start, n));
}

void OSData::free()
{
    if (capacity != EXTERNAL)
        container_free(data, capacity, 1);
    else if (reserved && reserved->deallocate && data && length)
        reserved->deallocate(data, length);
    container_free(reserved, 1, sizeof *reserved);
    super::free();
}

unsigned int OSData::getLength() const
{
    return length;
}

unsigned int OSData::getCapacity() const
{
    return capacity;
}

unsigned int OSData::getCapacityIncrement() const
{
    return capacityIncrement;
}

unsigned int OSData::setCapacityIncrement(unsigned int increment)
{
    return capacityIncrement = increment;
}

unsigned int OSData::ensureCapacity(unsigned int wanted)
{
    container_grow(&data, &capacity, wanted, capacityIncrement, 1);
    return capacity;
}

bool OSData::appendBytes(const void *bytes, unsigned int n)
{
    unsigned int size;
    if (!n)
        return true;
    if (capacity == EXTERNAL || __builtin_add_overflow(length, n, &size) || ensureCapacity(size) < size)
        return false;
    if (bytes)
        memmove((char *)data + length, bytes, n);
    else
        bzero((char *)data + length, n);
    length = size;
    return true;
}

bool OSData::appendByte(unsigned char byte, unsigned int n)
{
    unsigned int start = length;
    if (!appendBytes((const void *)0, n))
        return false;
    memset((char *)data + start, byte, n);
    return true;
}

bool OSData::appendBytes(const OSData *other)
{
    return appendBytes(other->data, other->length);
}

const void *OSData::getBytesNoCopy() const
{
    return length ? data : 0;
}

const void *OSData::getBytesNoCopy(unsigned int start, unsigned int n) const
{
    return start < length && n <= length - start ? (const char *)data + start : 0;
}

bool OSData::isEqualTo(const OSData *other) const
{
    return length == other->length && isEqualTo(other->data, length);
}

/* A prefix is equal, as Apple's. */
bool OSData::isEqualTo(const void *bytes, unsigned int n) const
{
    return length >= n && !memcmp(data, bytes, n);
}

bool OSData::isEqualTo(const OSMetaClassBase *object) const
{
    if (const OSData *d = OSDynamicCast(OSData, object))
        return isEqualTo(d);
    if (const OSString *s = OSDynamicCast(OSString, object))
        return isEqualTo(s);
    return false;
}

/* With or without a NUL at the end of the data. */
bool OSData::isEqualTo(const OSString *string) const
{
    if (!string)
        return false;
    unsigned int n = length;
    if (n == string->getLength() + 1 && !((const char *)data)[n - 1])
        n--;
    return n == string->getLength() && !memcmp(data, string->getCStringNoCopy(), n);
}

void OSData::setDeallocFunction(DeallocFunction fn)
{
    if (!reserved)
        reserved = (ExpansionData *)container_alloc(1, sizeof *reserved);
    if (reserved)
        reserved->deallocate = fn;
}

/* Base64, RFC 4648, without line ends. */
static bool add_base64(OSSerialize *s, const unsigned char *p, unsigned int n)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (; n; n = n < 3 ? 0 : n - 3, p += 3) {
        unsigned int group = p[0] << 16 | (n > 1 ? p[1] << 8 : 0) | (n > 2 ? p[2] : 0);
        if (!s->addChar(digits[group >> 18]) || !s->addChar(digits[group >> 12 & 63]) ||
            !s->addChar(n > 1 ? digits[group >> 6 & 63] : '=') ||
            !s->addChar(n > 2 ? digits[group & 63] : '='))
            return false;
    }
    return true;
}

bool OSData::serialize(OSSerialize *s) const
{
    if (s->previouslySerialized(this))
        return true;
    return s->addXMLStartTag(this, "data") && add_base64(s, (const unsigned char *)data, length) &&
           s->addXMLEndTag("data");
}
