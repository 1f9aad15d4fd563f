// SPDX-License-Identifier: BSD-3-Clause
/*
 * IONetworkInterface, life cycle and properties (IONetworkInterface.cpp). Before the interface is attached to the data
 * link layer its flags, MTU and lengths live here; afterwards the ifnet has them.
 */
#include <IOKit/IOLib.h>
#include <IOKit/network/IONetworkController.h>
#include <IOKit/network/IONetworkInterface.h>
#include <IOKit/pwr_mgt/IOPM.h>
#include <libkern/c++/OSData.h>
#include <libkern/c++/OSDictionary.h>
#include <libkern/c++/OSNumber.h>
#include <libkern/c++/OSSet.h>
#include <libkern/c++/OSString.h>
#include <net/if_dl.h>
#include <net/kpi_interface.h>
#include <sys/socket.h>
#include "interface_private.h"
#include "private.h"
#include "reserved.h"

#define super IOService
OSDefineMetaClassAndAbstractStructors(IONetworkInterface, IOService)
OSMetaClassDefineReservedUsed(IONetworkInterface, 0)
OSMetaClassDefineReservedUsed(IONetworkInterface, 1)
OSMetaClassDefineReservedUsed(IONetworkInterface, 2)
OSMetaClassDefineReservedUsed(IONetworkInterface, 3)
OSMetaClassDefineReservedUsed(IONetworkInterface, 4)
OSMetaClassDefineReservedUnused(IONetworkInterface, 5)
OSMetaClassDefineReservedUnused(IONetworkInterface, 6)
OSMetaClassDefineReservedUnused(IONetworkInterface, 7)
RESERVED_8_TO_15(IONetworkInterface)

/* IOBuiltin and IOLocation mirror the controller's provider: a driver's nub must pass them on. */
static void publishLocation(IOService *self, IOService *provider)
{
    if (!provider)
        return;
    self->setProperty(kIOBuiltin, provider->getProperty("built-in") != 0);
    char text[64] = "";
    if (OSData *data = OSDynamicCast(OSData, provider->getProperty("location"))) {
        UInt32 n = data->getLength();
        if (n >= sizeof text)
            n = sizeof text - 1;
        bcopy(data->getBytesNoCopy(), text, n);
        text[n] = 0;
    }
    self->setProperty(kIOLocation, text);
}

bool IONetworkInterface::init(IONetworkController *controller)
{
    if (!super::init() || !OSDynamicCast(IONetworkController, controller))
        return false;
    _controller = controller;
    InterfaceState *state = IONew(InterfaceState, 1);
    if (!state)
        return false;
    bzero(state, sizeof *state);
    _reserved = (ExpansionData *)state;
    state->detachLock = IOLockAlloc();
    _ifLock = IORecursiveLockAlloc();
    _stateBits = OSNumber::withNumber((UInt64)0, 32);
    _clientSet = OSSet::withCapacity(2);
    _dataDict = OSDictionary::withCapacity(5);
    if (!state->detachLock || !_ifLock || !_stateBits || !_clientSet || !_dataDict)
        return false;
    setProperty(kIOInterfaceState, _stateBits);
    IONetworkData *data = IONetworkData::withExternalBuffer(kIONetworkStatsKey, sizeof(IONetworkStats), &state->stats);
    if (data) {
        addNetworkData(data);
        data->release();
    }
    if (!registerOutputHandler(controller, controller->getOutputHandler()))
        return false;
    setProperty(kIOInterfaceNamePrefix, getNamePrefix());
    publishLocation(this, controller->getProvider());
    return true;
}

void IONetworkInterface::free()
{
    InterfaceState *state = (InterfaceState *)_reserved;
    dropRef(_clientSet);
    dropRef(_dataDict);
    dropRef(_stateBits);
    if (_ifLock)
        IORecursiveLockFree(_ifLock);
    _ifLock = 0;
    if (state) {
        clearInputQueue();
        pullFree(&state->pull);
        pollFree(&state->poll);
        if (state->detachLock)
            IOLockFree(state->detachLock);
        IODelete(state, InterfaceState, 1);
        _reserved = 0;
    }
    super::free();
}

bool IONetworkInterface::isPrimaryInterface() const
{
    IOService *controller = getController();
    IOService *provider = controller ? controller->getProvider() : 0;
    return provider && provider->getProperty("built-in") && getUnitNumber() == 0;
}

IONetworkController *IONetworkInterface::getController() const { return _controller; }
ifnet_t IONetworkInterface::getIfnet() const { return _backingIfnet; }
bool IONetworkInterface::initIfnet(struct ifnet *) { return false; }
void IONetworkInterface::lock() { IORecursiveLockLock(_ifLock); }
void IONetworkInterface::unlock() { IORecursiveLockUnlock(_ifLock); }
bool IONetworkInterface::controllerDidOpen(IONetworkController *) { return true; }
void IONetworkInterface::controllerWillClose(IONetworkController *) {}
bool IONetworkInterface::handleClientOpen(IOService *, IOOptionBits, void *) { return true; }
void IONetworkInterface::handleClientClose(IOService *, IOOptionBits) {}
void IONetworkInterface::debuggerRegistered(void) {}
IONetworkData *IONetworkInterface::getParameter(const char *key) const { return getNetworkData(key); }
bool IONetworkInterface::setExtendedFlags(UInt32, UInt32) { return true; }

bool IONetworkInterface::matchPropertyTable(OSDictionary *table, SInt32 *score)
{
    return super::matchPropertyTable(table, score);
}

/* ---- clients: the first open opens the controller, the last close closes it ---- */

bool IONetworkInterface::handleOpen(IOService *client, IOOptionBits options, void *argument)
{
    bool first = !(getInterfaceState() & kIONetworkInterfaceOpenedState);
    if (_clientSet->containsObject(client))
        return true;
    if (first && !_controller->open(this))
        return false;
    if ((!first || controllerDidOpen(_controller)) && handleClientOpen(client, options, argument)) {
        if (_clientSet->setObject(client)) {
            if (first) {
                setInterfaceState(kIONetworkInterfaceOpenedState);
                _controller->registerInterestedDriver(this);
            }
            return true;
        }
        handleClientClose(client, 0);
    }
    if (first) {
        controllerWillClose(_controller);
        _controller->close(this);
    }
    return false;
}

void IONetworkInterface::handleClose(IOService *client, IOOptionBits options)
{
    if (!_clientSet->containsObject(client))
        return;
    handleClientClose(client, options);
    if (_clientSet->getCount() == 1) {
        _controller->deRegisterInterestedDriver(this);
        controllerWillClose(_controller);
        _controller->close(this);
        setInterfaceState(0, kIONetworkInterfaceOpenedState);
    }
    _clientSet->removeObject(client);
}

bool IONetworkInterface::handleIsOpen(const IOService *client) const
{
    return client ? _clientSet->containsObject(client) : _clientSet->getCount() > 0;
}

bool IONetworkInterface::registerOutputHandler(OSObject *target, IOOutputAction action)
{
    lock();
    bool ok = target && action && !(getInterfaceState() & kIONetworkInterfaceOpenedState);
    if (ok) {
        _outTarget = target;
        _outAction = action;
    }
    unlock();
    return ok;
}

/* ---- attributes ---- */

#define ATTRIBUTE_GET(type, name, field, kpi)                                                                          \
    type IONetworkInterface::name() const                                                                              \
    {                                                                                                                  \
        return _backingIfnet ? kpi(_backingIfnet) : ((InterfaceState *)_reserved)->field;                              \
    }
#define ATTRIBUTE_SET(type, name, field, kpi)                                                                          \
    bool IONetworkInterface::name(type value)                                                                          \
    {                                                                                                                  \
        if (_backingIfnet)                                                                                             \
            kpi(_backingIfnet, value);                                                                                 \
        ((InterfaceState *)_reserved)->field = value;                                                                  \
        return true;                                                                                                   \
    }
ATTRIBUTE_GET(UInt32, getMaxTransferUnit, mtu, ifnet_mtu)
ATTRIBUTE_SET(UInt32, setMaxTransferUnit, mtu, ifnet_set_mtu)
ATTRIBUTE_GET(UInt16, getFlags, flags, ifnet_flags)
ATTRIBUTE_GET(UInt8, getMediaAddressLength, addrlen, ifnet_addrlen)
ATTRIBUTE_SET(UInt8, setMediaAddressLength, addrlen, ifnet_set_addrlen)
ATTRIBUTE_GET(UInt8, getMediaHeaderLength, hdrlen, ifnet_hdrlen)
ATTRIBUTE_SET(UInt8, setMediaHeaderLength, hdrlen, ifnet_set_hdrlen)
ATTRIBUTE_GET(UInt16, getUnitNumber, unit, ifnet_unit)

UInt32 IONetworkInterface::getExtraFlags() const { return ((InterfaceState *)_reserved)->eflags; }
UInt8 IONetworkInterface::getInterfaceType() const { return ((InterfaceState *)_reserved)->type; }

bool IONetworkInterface::setInterfaceType(UInt8 type)
{
    if (_backingIfnet)
        return false;
    ((InterfaceState *)_reserved)->type = type;
    return true;
}

bool IONetworkInterface::setFlags(UInt16 set, UInt16 clear)
{
    InterfaceState *state = (InterfaceState *)_reserved;
    if (_backingIfnet)
        ifnet_set_flags(_backingIfnet, set, set | clear);
    state->flags = (state->flags & ~clear) | set;
    return true;
}

bool IONetworkInterface::setExtraFlags(UInt32 set, UInt32 clear)
{
    InterfaceState *state = (InterfaceState *)_reserved;
    state->eflags = (state->eflags & ~clear) | set;
    return true;
}

bool IONetworkInterface::setUnitNumber(UInt16 unit)
{
    if (_backingIfnet || !setProperty(kIOInterfaceUnit, unit, 16))
        return false;
    ((InterfaceState *)_reserved)->unit = unit;
    setProperty(kIOPrimaryInterface, isPrimaryInterface());
    return true;
}

bool IONetworkInterface::isRegistered() const { return getInterfaceState() & kIONetworkInterfaceRegisteredState; }
UInt32 IONetworkInterface::getInterfaceState() const { return _stateBits->unsigned32BitValue(); }

UInt32 IONetworkInterface::setInterfaceState(UInt32 set, UInt32 clear)
{
    lock();
    UInt32 now = getInterfaceState();
    now |= set;
    now &= ~clear;
    _stateBits->setValue(now);
    unlock();
    return now;
}

bool IONetworkInterface::serializeProperties(OSSerialize *s) const
{
    const struct {
        const char *key;
        UInt64 value;
        unsigned bits;
    } shown[] = {
        {kIOMediaHeaderLength, getMediaHeaderLength(), 8},   {kIOMediaAddressLength, getMediaAddressLength(), 8},
        {kIOInterfaceFlags, getFlags(), 16},                 {kIOInterfaceExtraFlags, getExtraFlags(), 32},
        {kIOMaxTransferUnit, getMaxTransferUnit(), 32},      {kIOInterfaceType, getInterfaceType(), 8},
    };
    for (unsigned i = 0; i < sizeof shown / sizeof shown[0]; i++)
        ((IONetworkInterface *)this)->setProperty(shown[i].key, shown[i].value, shown[i].bits);
    return super::serializeProperties(s);
}

/* ---- network data: frozen while the interface is open ---- */

bool IONetworkInterface::_syncNetworkDataDict()
{
    OSDictionary *copy = OSDictionary::withDictionary(_dataDict);
    bool ok = copy && setProperty(kIONetworkData, copy);
    dropRef(copy);
    return ok;
}

bool IONetworkInterface::addNetworkData(IONetworkData *data)
{
    bool ok = false;
    if (!OSDynamicCast(IONetworkData, data))
        return false;
    lock();
    if (!(getInterfaceState() & kIONetworkInterfaceOpenedState))
        ok = _dataDict->setObject(data->getKey(), data) && _syncNetworkDataDict();
    unlock();
    return ok;
}

bool IONetworkInterface::removeNetworkData(const OSSymbol *key)
{
    bool ok = false;
    lock();
    if (!(getInterfaceState() & kIONetworkInterfaceOpenedState)) {
        _dataDict->removeObject(key);
        ok = _syncNetworkDataDict();
    }
    unlock();
    return ok;
}

bool IONetworkInterface::removeNetworkData(const char *key)
{
    const OSSymbol *symbol = OSSymbol::withCString(key);
    bool ok = symbol && removeNetworkData(symbol);
    dropRef(symbol);
    return ok;
}

IONetworkData *IONetworkInterface::getNetworkData(const OSSymbol *key) const
{
    return OSDynamicCast(IONetworkData, _dataDict->getObject(key));
}

IONetworkData *IONetworkInterface::getNetworkData(const char *key) const
{
    return OSDynamicCast(IONetworkData, _dataDict->getObject(key));
}

IOReturn IONetworkInterface::setProperties(OSObject *properties)
{
    OSDictionary *dict = OSDynamicCast(OSDictionary, properties);
    OSObject *forController = dict ? dict->getObject("IONetworkControllerProperties") : 0;
    return forController ? _controller->setProperties(forController) : super::setProperties(properties);
}

/* Statistics reach user space through the registry here; there are no user clients to refuse or serve. */
IOReturn IONetworkInterface::newUserClient(task_t, void *, UInt32, IOUserClient **handler)
{
    *handler = 0;
    return kIOReturnUnsupported;
}

/* ---- power, termination: state changes run inside the controller's gate ---- */

namespace
{
struct PowerNotice {
    IOPMPowerFlags flags;
    UInt32 state;
    IOService *policyMaker;
    bool after;
};
} // namespace

void IONetworkInterface::powerChangeHandler(void *target, void *param, void *)
{
    IONetworkInterface *self = (IONetworkInterface *)target;
    PowerNotice *n = (PowerNotice *)param;
    if (n->after)
        self->controllerDidChangePowerState(self->_controller, n->flags, n->state, n->policyMaker);
    else
        self->controllerWillChangePowerState(self->_controller, n->flags, n->state, n->policyMaker);
}

IOReturn IONetworkInterface::controllerWillChangePowerState(IONetworkController *, IOPMPowerFlags flags, UInt32,
                                                            IOService *)
{
    if (!(flags & IOPMDeviceUsable))
        setInterfaceState(kIONetworkInterfaceDisabledState);
    return kIOReturnSuccess;
}

IOReturn IONetworkInterface::controllerDidChangePowerState(IONetworkController *, IOPMPowerFlags flags, UInt32,
                                                           IOService *)
{
    if (flags & IOPMDeviceUsable)
        setInterfaceState(0, kIONetworkInterfaceDisabledState);
    return kIOReturnSuccess;
}

IOReturn IONetworkInterface::powerStateWillChangeTo(IOPMPowerFlags flags, unsigned long state, IOService *policyMaker)
{
    PowerNotice n = {flags, (UInt32)state, policyMaker, false};
    _controller->executeCommand(this, (IONetworkController::Action)powerChangeHandler, this, &n);
    return IOPMAckImplied;
}

IOReturn IONetworkInterface::powerStateDidChangeTo(IOPMPowerFlags flags, unsigned long state, IOService *policyMaker)
{
    PowerNotice n = {flags, (UInt32)state, policyMaker, true};
    _controller->executeCommand(this, (IONetworkController::Action)powerChangeHandler, this, &n);
    return IOPMAckImplied;
}

IOReturn IONetworkInterface::message(UInt32 type, IOService *provider, void *argument)
{
    if (type != kMessageControllerWillShutdown)
        return super::message(type, provider, argument);
    powerStateWillChangeTo(0, 0, 0);
    return kIOReturnSuccess;
}

bool IONetworkInterface::willTerminate(IOService *provider, IOOptionBits options)
{
    setInterfaceState(kIONetworkInterfaceDisabledState);
    return super::willTerminate(provider, options);
}
