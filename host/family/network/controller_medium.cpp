// SPDX-License-Identifier: BSD-3-Clause
/*
 * IONetworkController, media and link state (IONetworkController.cpp: publishMediumDictionary, setLinkStatus,
 * selectMediumWithName). The registry properties are the state; _mediumLock covers them.
 */
#include <IOKit/IOLib.h>
#include <IOKit/network/IONetworkController.h>
#include <IOKit/network/IONetworkMedium.h>
#include <libkern/c++/OSCollectionIterator.h>
#include <libkern/c++/OSData.h>
#include <libkern/c++/OSDictionary.h>
#include <libkern/c++/OSNumber.h>
#include <libkern/c++/OSString.h>
#include "private.h"

namespace
{
struct Locked {
    IOLock *lock;
    explicit Locked(IOLock *l) : lock(l) { IOLockLock(lock); }
    ~Locked() { IOLockUnlock(lock); }
};

/* Publishes a medium's name under key when it differs from the last one; the empty name stands for none. */
bool publishName(IOService *self, const char *key, const IONetworkMedium *medium, const OSSymbol *&last)
{
    const OSSymbol *name = medium ? medium->getName() : 0;
    if (name)
        name->retain();
    else
        name = OSSymbol::withCString("");
    bool ok = true;
    if (name != last && (ok = self->setProperty(key, (OSObject *)name)))
        last = name;
    name->release();
    return ok;
}
} // namespace

bool IONetworkController::setLinkStatus(UInt32 status, const IONetworkMedium *activeMedium, UInt64 speed, OSData *data)
{
    UInt32 event = 0;
    bool ok;
    if (!speed && activeMedium)
        speed = activeMedium->getSpeed();
    {
        Locked l(_mediumLock);
        ok = publishName(this, kIOActiveMedium, activeMedium, _lastActiveMediumName);
        if (data && data != _lastLinkData) {
            if (setProperty(kIOLinkData, data))
                _lastLinkData = data;
            else
                ok = false;
        }
        if (status != _linkStatus->unsigned32BitValue()) {
            bool up = (status & kIONetworkLinkActive) || !(status & kIONetworkLinkValid);
            event = up ? kIONetworkEventTypeLinkUp : kIONetworkEventTypeLinkDown;
            _linkStatus->setValue(status);
        }
        _linkSpeed->setValue(speed);
    }
    if (event)
        _broadcastEvent(event);
    return ok;
}

const OSDictionary *IONetworkController::getMediumDictionary() const
{
    return (OSDictionary *)getProperty(kIOMediumDictionary);
}

OSDictionary *IONetworkController::copyMediumDictionary() const
{
    Locked l(_mediumLock);
    const OSDictionary *media = getMediumDictionary();
    return media ? OSDictionary::withDictionary(media, media->getCount()) : 0;
}

IOReturn IONetworkController::selectMedium(const IONetworkMedium *medium) { return kIOReturnUnsupported; }

IOReturn IONetworkController::selectMediumWithName(const OSSymbol *name)
{
    IONetworkMedium *medium;
    if (!OSDynamicCast(OSSymbol, name))
        return kIOReturnBadArgument;
    {
        Locked l(_mediumLock);
        const OSDictionary *media = getMediumDictionary();
        if (!media)
            return kIOReturnUnsupported;
        medium = (IONetworkMedium *)media->getObject(name);
        if (!medium)
            return kIOReturnBadArgument;
        OSObject *current = getProperty(kIOSelectedMedium);
        if (current && name->isEqualTo(current))
            return kIOReturnSuccess;
        medium->retain();
    }
    IOReturn ret = selectMedium(medium);
    medium->release();
    return ret;
}

bool IONetworkController::setSelectedMedium(const IONetworkMedium *medium)
{
    Locked l(_mediumLock);
    return publishName(this, kIOSelectedMedium, medium, _lastCurrentMediumName);
}

const IONetworkMedium *IONetworkController::getSelectedMedium() const
{
    Locked l(_mediumLock);
    const OSDictionary *media = getMediumDictionary();
    if (!media)
        return 0;
    OSSymbol *name = OSDynamicCast(OSSymbol, getProperty(kIOSelectedMedium));
    OSObject *medium = name ? media->getObject(name) : 0;
    if (!medium)
        if (OSString *fallback = OSDynamicCast(OSString, getProperty(kIODefaultMedium)))
            medium = media->getObject(fallback);
    return (IONetworkMedium *)medium;
}

const IONetworkMedium *IONetworkController::getCurrentMedium() const { return getSelectedMedium(); }
bool IONetworkController::setCurrentMedium(const IONetworkMedium *medium) { return setSelectedMedium(medium); }

static bool holdsOnlyMedia(const OSDictionary *media)
{
    bool ok = true;
    if (!OSDynamicCast(OSDictionary, media) || !media->getCount())
        return false;
    OSCollectionIterator *it = OSCollectionIterator::withCollection((OSDictionary *)media);
    if (!it)
        return false;
    while (OSSymbol *key = (OSSymbol *)it->getNextObject())
        ok = ok && OSDynamicCast(IONetworkMedium, media->getObject(key));
    it->release();
    return ok;
}

/* A name that the new dictionary no longer has is forgotten. */
bool IONetworkController::publishMediumDictionary(const OSDictionary *media)
{
    if (!holdsOnlyMedia(media))
        return false;
    OSDictionary *copy = OSDictionary::withDictionary(media, media->getCount());
    if (!copy)
        return false;
    Locked l(_mediumLock);
    bool ok = setProperty(kIOMediumDictionary, copy);
    if (ok && !(_lastCurrentMediumName && copy->getObject(_lastCurrentMediumName)))
        publishName(this, kIOSelectedMedium, 0, _lastCurrentMediumName);
    if (ok && !(_lastActiveMediumName && copy->getObject(_lastActiveMediumName)))
        publishName(this, kIOActiveMedium, 0, _lastActiveMediumName);
    copy->release();
    return ok;
}
