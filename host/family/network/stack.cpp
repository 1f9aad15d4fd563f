// SPDX-License-Identifier: BSD-3-Clause
/*
 * IONetworkStack: what configd and IONetworkStack.cpp do on the real system. A published interface gets its unit
 * number, is attached to the data link layer, and is registered again with its BSD name; a terminated one is detached,
 * off the caller's thread, and closed. Unit numbers follow the PCI order of the cards, which the PCI family notes on
 * their nubs, so that en0 is the first card however matching went; an interface without the note gets a free number.
 */
#include <IOKit/IOBSD.h>
#include <IOKit/IOLib.h>
#include <IOKit/IOService.h>
#include <IOKit/network/IOBasicOutputQueue.h>
#include <IOKit/network/IONetworkController.h>
#include <IOKit/network/IONetworkInterface.h>
#include <IOKit/network/IONetworkMedium.h>
#include <kern/thread_call.h>
#include <libkern/c++/OSNumber.h>
#include <libkern/c++/OSSet.h>
#include <net/kpi_interface.h>
#include <sys/sockio.h>
#include "boot.h"
#include "interface_private.h"
#include "private.h"

class IONetworkStack : public IOService
{
    OSDeclareDefaultStructors(IONetworkStack)
    OSSet *_interfaces; /* published and registered ones; arbitration lock */
    IONotifier *_notifier;
    static bool published(void *target, void *ref, IOService *service, IONotifier *notifier);
    static void unregister(thread_call_param_t netif, thread_call_param_t call);
    UInt32 unitFor(IONetworkInterface *netif);
    bool adopt(IONetworkInterface *netif);

public:
    virtual bool start(IOService *provider);
    virtual void free();
    virtual IOReturn message(UInt32 type, IOService *provider, void *argument);
    void quit();
};

#define super IOService
OSDefineMetaClassAndStructors(IONetworkStack, IOService)

static IONetworkStack *gStack;

bool IONetworkStack::start(IOService *provider)
{
    if (!super::start(provider))
        return false;
    _interfaces = OSSet::withCapacity(4);
    OSDictionary *match = serviceMatching("IONetworkInterface");
    if (!_interfaces || !match)
        return false;
    _notifier = addMatchingNotification(gIOPublishNotification, match, published, this);
    match->release();
    return _notifier != 0;
}

void IONetworkStack::free()
{
    dropRef(_interfaces);
    super::free();
}

void IONetworkStack::quit()
{
    if (_notifier)
        _notifier->remove();
    _notifier = 0;
}

static bool unitTaken(OSSet *set, UInt32 unit, IONetworkInterface *except)
{
    bool taken = false;
    OSCollectionIterator *it = OSCollectionIterator::withCollection(set);
    if (!it)
        return true;
    while (OSObject *o = it->getNextObject())
        taken = taken || (o != except && ((IONetworkInterface *)o)->getUnitNumber() == unit);
    it->release();
    return taken;
}

UInt32 IONetworkStack::unitFor(IONetworkInterface *netif)
{
    UInt32 unit = 0;
    for (IOService *s = netif->getProvider(); s; s = s->getProvider())
        if (OSNumber *n = OSDynamicCast(OSNumber, s->getProperty("host-ethernet-unit"))) {
            unit = n->unsigned32BitValue();
            break;
        }
    while (unitTaken(_interfaces, unit, netif))
        unit++;
    return unit;
}

/* Events tell only of changes; what the link is at first, configd asks for (SIOCGIFMEDIA). The edge is told here. */
static void tellLink(IONetworkInterface *netif)
{
    OSNumber *n = OSDynamicCast(OSNumber, netif->getController()->getProperty(kIOLinkStatus));
    UInt32 status = n ? n->unsigned32BitValue() : 0;
    bool up = (status & kIONetworkLinkActive) || !(status & kIONetworkLinkValid);
    netif->IONetworkInterface::inputEvent(up ? kIONetworkEventTypeLinkUp : kIONetworkEventTypeLinkDown, 0);
}

/* Opens, names and attaches the interface; false: it stays a stranger. */
bool IONetworkStack::adopt(IONetworkInterface *netif)
{
    char name[20];
    if (!attach(netif))
        return false;
    if (!netif->open(this)) {
        detach(netif);
        return false;
    }
    lockForArbitration();
    netif->setUnitNumber(unitFor(netif));
    _interfaces->setObject(netif);
    unlockForArbitration();
    if (netif->attachToDataLinkLayer(0, 0) != kIOReturnSuccess) {
        IOLog("%s%d: the interface cannot be attached\n", netif->getNamePrefix(), netif->getUnitNumber());
        lockForArbitration();
        _interfaces->removeObject(netif);
        unlockForArbitration();
        netif->close(this);
        detach(netif);
        return false;
    }
    tellLink(netif);
    netif->setInterfaceState(kIONetworkInterfaceRegisteredState);
    snprintf(name, sizeof name, "%s%d", netif->getNamePrefix(), netif->getUnitNumber());
    netif->setProperty(kIOBSDNameKey, name);
    netif->registerService();
    debuggerInterfaceNamed(netif);
    return true;
}

bool IONetworkStack::published(void *target, void *, IOService *service, IONotifier *)
{
    IONetworkStack *self = (IONetworkStack *)target;
    IONetworkInterface *netif = OSDynamicCast(IONetworkInterface, service);
    if (!netif)
        return false;
    self->lockForArbitration();
    bool known = self->_interfaces->containsObject(netif);
    self->unlockForArbitration();
    return known || self->adopt(netif);
}

void IONetworkStack::unregister(thread_call_param_t param, thread_call_param_t call)
{
    IONetworkInterface *netif = (IONetworkInterface *)param;
    netif->setInterfaceState(0, kIONetworkInterfaceRegisteredState);
    netif->detachFromDataLinkLayer(0, 0);
    gStack->lockForArbitration();
    gStack->_interfaces->removeObject(netif);
    gStack->unlockForArbitration();
    netif->close(gStack);
    netif->release();
    thread_call_free((thread_call_t)call);
}

IOReturn IONetworkStack::message(UInt32 type, IOService *provider, void *argument)
{
    IONetworkInterface *netif = OSDynamicCast(IONetworkInterface, provider);
    if (type != kIOMessageServiceIsTerminated || !netif)
        return super::message(type, provider, argument);
    lockForArbitration();
    bool known = _interfaces->containsObject(netif);
    unlockForArbitration();
    thread_call_t call = known ? thread_call_allocate(unregister, netif) : 0;
    if (!call)
        return known ? kIOReturnNoMemory : kIOReturnSuccess;
    netif->retain();
    thread_call_enter1(call, call);
    return kIOReturnSuccess;
}

/* ---- boundary ---- */

int network_boot(void)
{
    if (!networkDataInit() || !debuggerInit())
        return -1;
    gStack = new IONetworkStack;
    if (!makeSymbols() || !gStack || !gStack->init() || !gStack->attach(IOService::getResourceService()))
        return -1;
    return gStack->start(IOService::getResourceService()) ? 0 : -1;
}

void network_shutdown(void)
{
    if (!gStack)
        return;
    debuggerEnd();
    gStack->quit();
    gStack->detach(IOService::getResourceService());
    dropRef(gStack);
    networkDataEnd();
}

int network_output_full(void *softc)
{
    IONetworkInterface *netif = (IONetworkInterface *)softc;
    PullState *pull = &((InterfaceState *)netif->_reserved)->pull;
    if (pull->configured)
        return pullFull(pull);
    IONetworkController *controller = netif->getController();
    IOOutputQueue *queue = controller ? controller->getOutputQueue() : 0;
    if (!queue)
        return 0;
    UInt32 size = queue->getSize(), capacity = queue->getCapacity();
    return size && size >= capacity - capacity / 4;
}
