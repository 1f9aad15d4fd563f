// SPDX-License-Identifier: BSD-3-Clause
/*
 * IONetworkMedium (IONetworkMedium.cpp): one kind of link that a controller can have; an immutable record in the
 * controller's medium dictionary, keyed by its name.
 */
#include <IOKit/IOLib.h>
#include <IOKit/network/IONetworkMedium.h>
#include <libkern/c++/OSCollectionIterator.h>
#include <libkern/c++/OSDictionary.h>
#include <libkern/c++/OSNumber.h>
#include <libkern/c++/OSSerialize.h>
#include <libkern/c++/OSSymbol.h>
#include "reserved.h"

#define super OSObject
OSDefineMetaClassAndStructors(IONetworkMedium, OSObject)
RESERVED_4(IONetworkMedium, 0, 1, 2, 3)

bool IONetworkMedium::init(IOMediumType type, UInt64 speed, UInt32 flags, UInt32 index, const char *name)
{
    if (!super::init())
        return false;
    _type = type;
    _speed = speed;
    _flags = flags;
    _index = index;
    _name = name ? OSSymbol::withCString(name) : nameForType(type);
    return _name != 0;
}

IONetworkMedium *IONetworkMedium::medium(IOMediumType type, UInt64 speed, UInt32 flags, UInt32 index, const char *name)
{
    IONetworkMedium *m = new IONetworkMedium;
    if (m && !m->init(type, speed, flags, index, name)) {
        m->release();
        m = 0;
    }
    return m;
}

void IONetworkMedium::free()
{
    if (_name)
        _name->release();
    super::free();
}

IOMediumType IONetworkMedium::getType() const { return _type; }
UInt32 IONetworkMedium::getFlags() const { return _flags; }
UInt64 IONetworkMedium::getSpeed() const { return _speed; }
UInt32 IONetworkMedium::getIndex() const { return _index; }
const OSSymbol *IONetworkMedium::getName() const { return _name; }

/* The name of an unnamed medium is its type in hex. */
const OSSymbol *IONetworkMedium::nameForType(IOMediumType type)
{
    char text[12];
    snprintf(text, sizeof text, "%08x", (unsigned)type);
    return OSSymbol::withCString(text);
}

bool IONetworkMedium::isEqualTo(const IONetworkMedium *m) const
{
    return m->_name == _name && m->_type == _type && m->_flags == _flags && m->_speed == _speed && m->_index == _index;
}

bool IONetworkMedium::isEqualTo(const OSMetaClassBase *obj) const
{
    IONetworkMedium *m = OSDynamicCast(IONetworkMedium, obj);
    return m && isEqualTo(m);
}

bool IONetworkMedium::serialize(OSSerialize *s) const
{
    const struct {
        const char *key;
        UInt64 value;
        unsigned bits;
    } fields[] = {
        {kIOMediumType, _type, 32}, {kIOMediumSpeed, _speed, 64}, {kIOMediumIndex, _index, 32}, {kIOMediumFlags, _flags, 32}};
    OSDictionary *d = OSDictionary::withCapacity(4);
    if (!d)
        return false;
    for (unsigned i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        OSNumber *n = OSNumber::withNumber(fields[i].value, fields[i].bits);
        if (n) {
            d->setObject(fields[i].key, n);
            n->release();
        }
    }
    bool ok = d->serialize(s);
    d->release();
    return ok;
}

bool IONetworkMedium::addMedium(OSDictionary *dict, const IONetworkMedium *medium)
{
    if (!OSDynamicCast(OSDictionary, dict) || !OSDynamicCast(IONetworkMedium, medium))
        return false;
    return dict->setObject(medium->getName(), medium);
}

void IONetworkMedium::removeMedium(OSDictionary *dict, const IONetworkMedium *medium)
{
    if (OSDynamicCast(OSDictionary, dict) && OSDynamicCast(IONetworkMedium, medium))
        dict->removeObject(medium->getName());
}

typedef bool (*MediumTest)(const IONetworkMedium *, UInt32 want, UInt32 ignored);

static IONetworkMedium *findMedium(const OSDictionary *dict, MediumTest test, UInt32 want, UInt32 ignored)
{
    IONetworkMedium *found = 0;
    OSCollectionIterator *it = dict ? OSCollectionIterator::withCollection((OSDictionary *)dict) : 0;
    if (!it)
        return 0;
    while (OSSymbol *key = (OSSymbol *)it->getNextObject()) {
        IONetworkMedium *m = OSDynamicCast(IONetworkMedium, dict->getObject(key));
        if (m && test(m, want, ignored)) {
            found = m;
            break;
        }
    }
    it->release();
    return found;
}

static bool hasType(const IONetworkMedium *m, UInt32 want, UInt32 ignored)
{
    return ((m->getType() ^ want) & ~ignored) == 0;
}
static bool hasIndex(const IONetworkMedium *m, UInt32 want, UInt32 ignored)
{
    return ((m->getIndex() ^ want) & ~ignored) == 0;
}

IONetworkMedium *IONetworkMedium::getMediumWithType(const OSDictionary *dict, IOMediumType type, IOMediumType mask)
{
    return findMedium(dict, hasType, type, mask);
}

IONetworkMedium *IONetworkMedium::getMediumWithIndex(const OSDictionary *dict, UInt32 index, UInt32 mask)
{
    return findMedium(dict, hasIndex, index, mask);
}
