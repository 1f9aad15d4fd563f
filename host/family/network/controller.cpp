// SPDX-License-Identifier: BSD-3-Clause
/*
 * IONetworkController, life cycle and clients (IONetworkController.cpp). enable() and disable() always run with the
 * work loop's gate closed; properties are published once, before the first client is made.
 */
#include <IOKit/IOCommandGate.h>
#include <IOKit/IOLib.h>
#include <IOKit/IOWorkLoop.h>
#include <IOKit/network/IOEthernetController.h>
#include <IOKit/network/IOKernelDebugger.h>
#include <IOKit/network/IONetworkController.h>
#include <IOKit/network/IONetworkInterface.h>
#include <IOKit/network/IOOutputQueue.h>
#include <IOKit/pwr_mgt/IOPM.h>
#include <libkern/c++/OSCollectionIterator.h>
#include <libkern/c++/OSNumber.h>
#include <libkern/c++/OSSet.h>
#include <libkern/c++/OSString.h>
#include <pexpert/pexpert.h>
#include "private.h"
#include "reserved.h"

#define super IOService
OSDefineMetaClassAndAbstractStructors(IONetworkController, IOService)
RESERVED_16(IONetworkController)
RESERVED_16_TO_31(IONetworkController)

const OSSymbol *gIONetworkFilterGroup;
const OSSymbol *gIOEthernetWakeOnLANFilterGroup;
const OSSymbol *gIOEthernetDisabledWakeOnLANFilterGroup;

enum { kCommandEnable = 1, kCommandDisable, kCommandPrepare, kCommandInitDebugger };

bool makeSymbols()
{
    if (!gIONetworkFilterGroup) {
        gIONetworkFilterGroup = OSSymbol::withCString(kIONetworkFilterGroup);
        gIOEthernetWakeOnLANFilterGroup = OSSymbol::withCString(kIOEthernetWakeOnLANFilterGroup);
        gIOEthernetDisabledWakeOnLANFilterGroup = OSSymbol::withCString(kIOEthernetDisabledWakeOnLANFilterGroup);
    }
    return gIONetworkFilterGroup && gIOEthernetWakeOnLANFilterGroup && gIOEthernetDisabledWakeOnLANFilterGroup;
}

bool IONetworkController::init(OSDictionary *properties)
{
    return super::init(properties) && makeSymbols();
}

/* The state that exists before a driver's start has gone on from super::start. */
static bool usableAlignment(UInt32 n) { return n <= kIOPacketBufferAlign32 && (n & (n - 1)) == 0; }
static UInt32 alignMask(UInt32 n) { return n ? n - 1 : 0; }

bool IONetworkController::start(IOService *provider)
{
    if (!super::start(provider))
        return false;
    const OSSymbol *none = OSSymbol::withCString("");
    _lastActiveMediumName = _lastCurrentMediumName = none;
    setProperty(kIOActiveMedium, (OSObject *)none);
    setProperty(kIOSelectedMedium, (OSObject *)none);
    none->release(); /* the properties, later the medium, hold the names; only their addresses are compared */
    _clientSet = OSSet::withCapacity(2);
    _clientSetIter = _clientSet ? OSCollectionIterator::withCollection(_clientSet) : 0;
    _linkStatus = OSNumber::withNumber((UInt64)0, 32);
    _linkSpeed = OSNumber::withNumber((UInt64)0, 64);
    _mediumLock = IOLockAlloc();
    if (!_clientSetIter || !_linkStatus || !_linkSpeed || !_mediumLock)
        return false;
    setProperty(kIOLinkStatus, _linkStatus);
    setProperty(kIOLinkSpeed, _linkSpeed);
    if (!createWorkLoop() || !(_workLoop = getWorkLoop())) {
        IOLog("%s: the driver made no work loop\n", getName());
        return false;
    }
    _workLoop->retain();
    _cmdGate = IOCommandGate::commandGate(this);
    if (!_cmdGate || _workLoop->addEventSource(_cmdGate) != kIOReturnSuccess)
        return false;
    _outputQueue = createOutputQueue();

    IOPacketBufferConstraints want;
    bzero(&want, sizeof want);
    getPacketBufferConstraints(&want);
    if (!usableAlignment(want.alignStart) || !usableAlignment(want.alignLength)) {
        IOLog("%s: packet alignment %u, %u: not a power of two up to 32\n", getName(), (unsigned)want.alignStart,
              (unsigned)want.alignLength);
        return false;
    }
    _alignLength = alignMask(want.alignLength);
    _alignStart = alignMask(want.alignStart);
    if (_alignStart < _alignLength) /* a length that is aligned needs a start that is */
        _alignStart = _alignLength;
    _alignPadding = _alignStart + _alignLength;

    PMinit();
    provider->joinPMtree(this);
    return true;
}

void IONetworkController::stop(IOService *provider)
{
    PMstop();
    super::stop(provider);
}

void IONetworkController::free()
{
    dropRef(_outputQueue);
    if (_cmdGate) {
        if (_workLoop)
            _workLoop->removeEventSource(_cmdGate);
        dropRef(_cmdGate);
    }
    dropRef(_workLoop);
    dropRef(_clientSetIter);
    dropRef(_clientSet);
    dropRef(_linkStatus);
    dropRef(_linkSpeed);
    if (_mediumLock)
        IOLockFree(_mediumLock);
    _mediumLock = 0;
    super::free();
}

IOReturn IONetworkController::registerWithPolicyMaker(IOService *policyMaker) { return kIOReturnUnsupported; }
bool IONetworkController::createWorkLoop() { return true; }
IOCommandGate *IONetworkController::getCommandGate() const { return _cmdGate; }
IOOutputQueue *IONetworkController::createOutputQueue() { return 0; }
IOOutputQueue *IONetworkController::getOutputQueue() const { return _outputQueue; }
UInt32 IONetworkController::getFeatures() const { return 0; }
const OSString *IONetworkController::newVendorString() const { return 0; }
const OSString *IONetworkController::newModelString() const { return 0; }
const OSString *IONetworkController::newRevisionString() const { return 0; }
IOReturn IONetworkController::setMaxPacketSize(UInt32 maxSize) { return kIOReturnUnsupported; }

IOOutputAction IONetworkController::getOutputHandler() const
{
    return (IOOutputAction)&IONetworkController::outputPacket;
}

/* ---- interfaces ---- */

bool IONetworkController::attachInterface(IONetworkInterface **result, bool doRegister)
{
    *result = 0;
    if (executeCommand(this, handleCommand, this, (void *)kCommandPrepare) != kIOReturnSuccess)
        return false;
    IONetworkInterface *netif = createInterface();
    if (!netif)
        return false;
    if (!configureInterface(netif) || !netif->attach(this)) {
        netif->release();
        return false;
    }
    *result = netif;
    if (doRegister)
        netif->registerService();
    return true;
}

void IONetworkController::detachInterface(IONetworkInterface *interface, bool sync)
{
    if (OSDynamicCast(IONetworkInterface, interface))
        interface->terminate(kIOServiceRequired | (sync ? kIOServiceSynchronous : 0));
}

bool IONetworkController::configureInterface(IONetworkInterface *interface)
{
    if (!OSDynamicCast(IONetworkInterface, interface))
        return false;
    IOOutputQueue *queue = getOutputQueue();
    if (!queue)
        return interface->registerOutputHandler(this, getOutputHandler());
    interface->addNetworkData(queue->getStatisticsData());
    return interface->registerOutputHandler(queue, queue->getOutputHandler());
}

IOReturn IONetworkController::prepare()
{
    if (_propertiesPublished)
        return kIOReturnSuccess;
    if (!publishProperties())
        return kIOReturnError;
    _propertiesPublished = true;
    if (pm_vars && registerWithPolicyMaker(this) != kIOReturnSuccess)
        PMstop();
    return kIOReturnSuccess;
}

static void publishText(IOService *service, const char *key, const OSString *text)
{
    if (!text)
        return;
    service->setProperty(key, (OSObject *)text);
    text->release();
}

bool IONetworkController::publishProperties()
{
    UInt32 n;
    publishText(this, kIOVendor, newVendorString());
    publishText(this, kIOModel, newModelString());
    publishText(this, kIORevision, newRevisionString());
    setProperty(kIOFeatures, getFeatures(), 32);
    if (getMaxPacketSize(&n) != kIOReturnSuccess || !setProperty(kIOMaxPacketSize, n, 32))
        return false;
    if (getMinPacketSize(&n) != kIOReturnSuccess || !setProperty(kIOMinPacketSize, n, 32))
        return false;
    if (getPacketFilters(gIONetworkFilterGroup, &n) != kIOReturnSuccess)
        return false;
    OSDictionary *filters = OSDictionary::withCapacity(1);
    OSNumber *mask = OSNumber::withNumber(n, 32);
    bool ok = filters && mask && filters->setObject(gIONetworkFilterGroup, mask) &&
              setProperty(kIOPacketFilters, filters);
    dropRef(filters);
    dropRef(mask);
    return ok;
}

/* ---- clients; called with the arbitration lock held ---- */

bool IONetworkController::handleOpen(IOService *client, IOOptionBits options, void *argument)
{
    return client && _clientSet->setObject(client);
}

void IONetworkController::handleClose(IOService *client, IOOptionBits options) { _clientSet->removeObject(client); }

bool IONetworkController::handleIsOpen(const IOService *client) const
{
    return client ? _clientSet->containsObject(client) : _clientSet->getCount() > 0;
}

bool IONetworkController::_broadcastEvent(UInt32 type, void *data)
{
    lockForArbitration();
    _clientSetIter->reset();
    while (OSObject *client = _clientSetIter->getNextObject())
        if (IONetworkInterface *netif = OSDynamicCast(IONetworkInterface, client))
            netif->inputEvent(type, data);
    unlockForArbitration();
    return true;
}

IOReturn IONetworkController::enable(IOService *client)
{
    if (IONetworkInterface *netif = OSDynamicCast(IONetworkInterface, client))
        return enable(netif);
    if (IOKernelDebugger *debugger = OSDynamicCast(IOKernelDebugger, client))
        return enable(debugger);
    return kIOReturnBadArgument;
}

IOReturn IONetworkController::disable(IOService *client)
{
    if (IONetworkInterface *netif = OSDynamicCast(IONetworkInterface, client))
        return disable(netif);
    if (IOKernelDebugger *debugger = OSDynamicCast(IOKernelDebugger, client))
        return disable(debugger);
    return kIOReturnBadArgument;
}

IOReturn IONetworkController::enable(IONetworkInterface *interface) { return kIOReturnUnsupported; }
IOReturn IONetworkController::disable(IONetworkInterface *interface) { return kIOReturnUnsupported; }

/* ---- commands: everything below runs inside the gate ---- */

namespace
{
struct Command {
    OSObject *client;
    IONetworkController::Action action;
    void *target, *arg[4];
    IOReturn result;
};
void countEnabled(IOService *client, void *count)
{
    if (OSDynamicCast(IONetworkInterface, client) && client->getProperty(kIOControllerEnabled) == kOSBooleanTrue)
        ++*(UInt32 *)count;
}
} // namespace

IOReturn IONetworkController::executeCommandAction(OSObject *owner, void *arg, void *, void *, void *)
{
    IONetworkController *self = (IONetworkController *)owner;
    Command *c = (Command *)arg;
    OSObject *outer = self->_cmdClient;
    self->_cmdClient = c->client;
    c->result = c->action(c->target, c->arg[0], c->arg[1], c->arg[2], c->arg[3]);
    self->_cmdClient = outer;
    return kIOReturnSuccess;
}

IOReturn IONetworkController::executeCommand(OSObject *client, Action action, void *target, void *param0, void *param1,
                                             void *param2, void *param3)
{
    Command c = {client, action, target, {param0, param1, param2, param3}, kIOReturnError};
    IOReturn ret = _cmdGate->runAction((IOCommandGate::Action)executeCommandAction, &c);
    return ret == kIOReturnSuccess ? c.result : ret;
}

OSObject *IONetworkController::getCommandClient() const { return _workLoop->inGate() ? _cmdClient : 0; }

static IOReturn setEnabled(IONetworkController *self, IOService *client, bool on)
{
    IOReturn ret = on ? self->enable(client) : self->disable(client);
    if (ret != kIOReturnSuccess)
        return ret;
    client->setProperty(kIOControllerEnabled, on ? kOSBooleanTrue : kOSBooleanFalse);
    if (OSDynamicCast(IONetworkInterface, client)) {
        UInt32 enabled = 0;
        self->applyToClients(countEnabled, &enabled);
        if (enabled == (on ? 1u : 0u))
            self->messageClients(on ? kMessageControllerWasEnabledForBSD : kMessageControllerWasDisabledForBSD);
    }
    self->messageClients(on ? kMessageControllerWasEnabled : kMessageControllerWasDisabled, client);
    return ret;
}

IOReturn IONetworkController::handleCommand(void *target, void *command, void *param, void *, void *)
{
    IONetworkController *self = (IONetworkController *)target;
    IOService *client = (IOService *)param;
    UInt32 enabled = 0;
    switch ((uintptr_t)command) {
    case kCommandEnable:
        return setEnabled(self, client, true);
    case kCommandDisable:
        return setEnabled(self, client, false);
    case kCommandPrepare:
        return self->prepare();
    case kCommandInitDebugger:
        self->applyToClients(countEnabled, &enabled);
        if (enabled)
            client->message(kMessageControllerWasEnabledForBSD, self);
        return kIOReturnSuccess;
    }
    return kIOReturnUnsupported;
}

IOReturn IONetworkController::doEnable(IOService *client)
{
    return executeCommand(client, handleCommand, this, (void *)kCommandEnable, client);
}

IOReturn IONetworkController::doDisable(IOService *client)
{
    return executeCommand(client, handleCommand, this, (void *)kCommandDisable, client);
}

void IONetworkController::systemWillShutdown(IOOptionBits specifier)
{
    if (specifier == kIOMessageSystemWillPowerOff || specifier == kIOMessageSystemWillRestart)
        messageClients(kMessageControllerWillShutdown);
    super::systemWillShutdown(specifier);
}

IOReturn IONetworkController::setAggressiveness(unsigned long type, unsigned long newLevel)
{
    if (type == kPMEthernetWakeOnLANSettings && _clientSetIter)
        _broadcastEvent(kIONetworkEventWakeOnLANSupportChanged);
    return super::setAggressiveness(type, newLevel);
}

/* ---- kernel debugger ---- */

bool IONetworkController::attachDebuggerClient(IOKernelDebugger **debugger)
{
    UInt32 wanted = 0;
    *debugger = 0;
    PE_parse_boot_argn("debug", &wanted, sizeof wanted);
    if (!wanted || executeCommand(this, handleCommand, this, (void *)kCommandPrepare) != kIOReturnSuccess)
        return false;
    IOKernelDebugger *client = IOKernelDebugger::debugger(this, debugTxHandler, debugRxHandler);
    if (!client)
        return false;
    if (!client->attach(this)) {
        client->release();
        return false;
    }
    *debugger = client;
    executeCommand(this, handleCommand, this, (void *)kCommandInitDebugger, client);
    client->registerService();
    return true;
}

void IONetworkController::detachDebuggerClient(IOKernelDebugger *debugger)
{
    if (OSDynamicCast(IOKernelDebugger, debugger))
        debugger->terminate(kIOServiceRequired | kIOServiceSynchronous);
}

IOReturn IONetworkController::enable(IOKernelDebugger *debugger) { return kIOReturnSuccess; }
IOReturn IONetworkController::disable(IOKernelDebugger *debugger) { return kIOReturnSuccess; }

void IONetworkController::reserveDebuggerLock()
{
    if (_debugLockCount++ == 0)
        _debugLockState = IOKernelDebugger::lock(this);
}

void IONetworkController::releaseDebuggerLock()
{
    if (--_debugLockCount == 0)
        IOKernelDebugger::unlock(_debugLockState);
}

void IONetworkController::debugRxHandler(IOService *handler, void *buffer, UInt32 *length, UInt32 timeout)
{
    ((IONetworkController *)handler)->receivePacket(buffer, length, timeout);
}

void IONetworkController::debugTxHandler(IOService *handler, void *buffer, UInt32 length)
{
    ((IONetworkController *)handler)->sendPacket(buffer, length);
}

void IONetworkController::receivePacket(void *, UInt32 *size, UInt32) { *size = 0; }
void IONetworkController::sendPacket(void *, UInt32) {}
