// SPDX-License-Identifier: BSD-3-Clause
/*
 * IOKernelDebugger (IOKernelDebugger.cpp): the polled way into a controller. It enables the controller for the debugger
 * once a client has it open, the target has power and someone wants debugging; a thread that holds lock() keeps the
 * polled functions out. Its client is IOKDP (kdp.cpp). From 10.7 on a controller is also asked for its link's state, and told
 * when the debugger comes and goes (IONetworkingFamily-85.2, IONetworkController.cpp: getDebuggerLinkStatus, setDebuggerMode).
 */
#include <IOKit/IOLib.h>
#include <IOKit/network/IOKernelDebugger.h>
#include <IOKit/network/IONetworkController.h>
#include <IOKit/pwr_mgt/IOPM.h>
#include <kern/thread_call.h>
#include <libkern/OSAtomic.h>
#include <libkern/c++/OSData.h>
#include <pexpert/pexpert.h>
#include <IOKit/network/IONetworkMedium.h>
#include "kdp/kdp.h"
#include "private.h"
#include "profile.h"
#include "reserved.h"

#define super IOService
OSDefineMetaClassAndStructors(IOKernelDebugger, IOService)
RESERVED_4(IOKernelDebugger, 0, 1, 2, 3)

enum { kClientOpen = 0x1, kTargetUsable = 0x2, kWanted = 0x4, kReady = 0x7, kEnabled = 0x100 };

static struct {
    IOService *device;
    IODebuggerTxHandler tx;
    IODebuggerRxHandler rx;
    volatile SInt32 locked;
} registered;

namespace
{
struct DebuggerState {
    thread_call_t activationCall;
    UInt32 flags;
};
} // namespace
#define STATE ((DebuggerState *)_reserved)

/* With `debug` among the boot-args a client's open is enough; without, BSD's enabling counts as the wish. */
static bool debugEarly()
{
    UInt32 arg = 0;
    PE_parse_boot_argn("debug", &arg, sizeof arg);
    return arg != 0;
}

static void activationChanged(thread_call_param_t debugger, thread_call_param_t change)
{
    ((IOKernelDebugger *)debugger)->message(kMessageDebuggerActivationChange, 0, change);
    ((IOKernelDebugger *)debugger)->release();
}

bool IOKernelDebugger::init(IOService *target, IODebuggerTxHandler txHandler, IODebuggerRxHandler rxHandler)
{
    if (!super::init() || !OSDynamicCast(IOService, target) || !txHandler || !rxHandler)
        return false;
    DebuggerState *s = IONew(DebuggerState, 1);
    if (!s)
        return false;
    bzero(s, sizeof *s);
    _reserved = (ExpansionData *)s;
    _target = target;
    _txHandler = txHandler;
    _rxHandler = rxHandler;
    s->activationCall = thread_call_allocate(activationChanged, this);
    return s->activationCall != 0;
}

IOKernelDebugger *IOKernelDebugger::debugger(IOService *target, IODebuggerTxHandler txHandler,
                                             IODebuggerRxHandler rxHandler)
{
    IOKernelDebugger *d = new IOKernelDebugger;
    if (d && !d->init(target, txHandler, rxHandler))
        dropRef(d);
    IOService *nub = d ? target->getProvider() : 0;
    if (nub && nub->getProperty("built-in")) { /* the first built-in card is the primary port */
        OSData *location = OSDynamicCast(OSData, nub->getProperty("location"));
        d->setProperty("IOPrimaryDebugPort", !location || !strncmp((const char *)location->getBytesNoCopy(), "1", 2));
    }
    return d;
}

void IOKernelDebugger::free()
{
    if (STATE) {
        if (STATE->activationCall)
            thread_call_free(STATE->activationCall);
        IODelete(STATE, DebuggerState, 1);
        _reserved = 0;
    }
    super::free();
}

/* ---- the polled path: no lock but the counter ---- */

void IOKernelDebugger::kdpReceiveDispatcher(void *buffer, UInt32 *length, UInt32 timeout)
{
    *length = 0;
    if (!registered.locked && registered.rx)
        registered.rx(registered.device, buffer, length, timeout);
}

void IOKernelDebugger::kdpTransmitDispatcher(void *buffer, UInt32 length)
{
    if (!registered.locked && registered.tx)
        registered.tx(registered.device, buffer, length);
}

/* ---- link and mode: slots that 10.7 took of IONetworkController's padding; a method for the drivers that have none ---- */

extern "C" {
UInt32 defaultLinkStatus(IONetworkController *) __asm__("_ZN19IONetworkController21getDebuggerLinkStatusEv");
bool defaultSetMode(IONetworkController *, bool) __asm__("_ZN19IONetworkController15setDebuggerModeEb");
}

/* "always reports that the link is up" (IONetworkController.h) */
UInt32 defaultLinkStatus(IONetworkController *) { return kIONetworkLinkValid | kIONetworkLinkActive; }
bool defaultSetMode(IONetworkController *, bool) { return true; }

static bool hasLinkAndMode()
{
    enum { kSince = 7 };
    return host_profile->minor_of_ten >= kSince && OSDynamicCast(IONetworkController, registered.device);
}

/* kdpLinkStatusDispatcher: a driver that holds the lock has no link. */
static unsigned linkUp()
{
    typedef UInt32 (IONetworkController::*LinkStatus)();
    enum { kUp = kIONetworkLinkValid | kIONetworkLinkActive };
    LinkStatus status = (LinkStatus)&IONetworkController::_RESERVEDIONetworkController0;
    if (registered.locked)
        return false;
    return (((IONetworkController *)registered.device->*status)() & kUp) == kUp;
}

static void setMode(unsigned active)
{
    typedef bool (IONetworkController::*SetMode)(bool);
    SetMode set = (SetMode)&IONetworkController::_RESERVEDIONetworkController1;
    if (!registered.locked)
        (void)((IONetworkController *)registered.device->*set)(active);
}

void IOKernelDebugger::nullTxHandler(IOService *, void *, UInt32) {}
void IOKernelDebugger::nullRxHandler(IOService *, void *, UInt32 *length, UInt32) { *length = 0; }

IODebuggerLockState IOKernelDebugger::lock(IOService *target)
{
    if (!target || registered.device != target)
        return (IODebuggerLockState)0;
    OSIncrementAtomic(&registered.locked);
    return kIODebuggerLockTaken;
}

void IOKernelDebugger::unlock(IODebuggerLockState state)
{
    if (state & kIODebuggerLockTaken)
        OSDecrementAtomic(&registered.locked);
}

/* UInt32 is no unsigned int on i386. */
static void transmit(void *packet, unsigned int length)
{
    IOKernelDebugger::kdpTransmitDispatcher(packet, length);
}

static void receive(void *packet, unsigned int *length, unsigned int timeout)
{
    UInt32 got = 0;
    IOKernelDebugger::kdpReceiveDispatcher(packet, &got, timeout);
    *length = (unsigned int)got;
}

void IOKernelDebugger::registerHandler(IOService *target, IODebuggerTxHandler txHandler, IODebuggerRxHandler rxHandler)
{
    OSIncrementAtomic(&registered.locked);
    registered.device = target;
    registered.tx = txHandler ? txHandler : nullTxHandler;
    registered.rx = rxHandler ? rxHandler : nullRxHandler;
    OSDecrementAtomic(&registered.locked);
    if (!target || !txHandler || !rxHandler) {
        host_kdp_unregister();
        return;
    }
    if (hasLinkAndMode())
        host_kdp_register_link(linkUp, setMode);
    debuggerEarlyAddress(target);
    host_kdp_register(transmit, receive);
}

/* ---- clients and activation; arbitration lock held ---- */

static bool enableTarget(IOKernelDebugger *self, IOService *target, UInt32 *flags, UInt32 event)
{
    IONetworkController *controller = OSDynamicCast(IONetworkController, target);
    *flags |= event;
    if ((*flags & kReady) != kReady || (*flags & kEnabled))
        return false;
    if (controller && controller->doEnable(self) != kIOReturnSuccess)
        return false;
    *flags |= kEnabled;
    return true;
}

static void disableTarget(IOKernelDebugger *self, IOService *target, UInt32 *flags, UInt32 event)
{
    IONetworkController *controller = OSDynamicCast(IONetworkController, target);
    bool on = *flags & kEnabled;
    *flags &= ~(event | kEnabled);
    if (on && controller)
        controller->doDisable(self);
}

bool IOKernelDebugger::handleOpen(IOService *client, IOOptionBits options, void *)
{
    if (_client || !_target || !_target->open(this))
        return false;
    registerHandler(_target);
    if (debugEarly())
        STATE->flags |= kWanted;
    if (_target->registerInterestedDriver(this) & (IOPMDeviceUsable | kIOPMNotPowerManaged))
        STATE->flags |= kTargetUsable;
    if (enableTarget(this, _target, &STATE->flags, kClientOpen))
        registerHandler(_target, _txHandler, _rxHandler);
    _client = client;
    return true;
}

void IOKernelDebugger::handleClose(IOService *client, IOOptionBits options)
{
    if (!_client || _client != client)
        return;
    registerHandler(0);
    disableTarget(this, _target, &STATE->flags, kClientOpen);
    _target->deRegisterInterestedDriver(this);
    _client = 0;
    _target->close(this);
}

bool IOKernelDebugger::handleIsOpen(const IOService *client) const { return client ? client == _client : _client != 0; }

IOReturn IOKernelDebugger::powerStateWillChangeTo(IOPMPowerFlags flags, unsigned long, IOService *)
{
    if (!(flags & IOPMDeviceUsable)) {
        lockForArbitration();
        if (_client)
            registerHandler(0);
        disableTarget(this, _target, &STATE->flags, kTargetUsable);
        unlockForArbitration();
    }
    return IOPMAckImplied;
}

IOReturn IOKernelDebugger::powerStateDidChangeTo(IOPMPowerFlags flags, unsigned long, IOService *)
{
    if (flags & IOPMDeviceUsable) {
        lockForArbitration();
        if (enableTarget(this, _target, &STATE->flags, kTargetUsable))
            registerHandler(_target, _txHandler, _rxHandler);
        unlockForArbitration();
    }
    return IOPMAckImplied;
}

IOReturn IOKernelDebugger::message(UInt32 type, IOService *provider, void *argument)
{
    bool on = argument == (void *)(uintptr_t)kMessageControllerWasEnabledForBSD;
    switch (type) {
    case kMessageControllerWasEnabledForBSD:
    case kMessageControllerWasDisabledForBSD:
        if (!debugEarly()) {
            retain();
            if (thread_call_enter1(STATE->activationCall, (void *)(uintptr_t)type))
                release();
        }
        return kIOReturnSuccess;
    case kMessageControllerWillShutdown:
    case kMessageDebuggerActivationChange:
        lockForArbitration();
        if (on && enableTarget(this, _target, &STATE->flags, kWanted))
            registerHandler(_target, _txHandler, _rxHandler);
        else if (!on) {
            if (_client)
                registerHandler(0);
            disableTarget(this, _target, &STATE->flags, kWanted);
        }
        unlockForArbitration();
        return kIOReturnSuccess;
    }
    return super::message(type, provider, argument);
}
