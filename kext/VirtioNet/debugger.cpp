// SPDX-License-Identifier: BSD-3-Clause
/*
 * VirtioNetController for the kernel debugger (IOKernelDebugger.h): polled, while all else in the kernel is frozen, maybe in the
 * middle of this driver. So the device is taken over on rings of the debugger's own (core/vio_net_debug.h); the first work that
 * the driver does after the kernel runs on finds that out and starts the device again. Only with the boot-arg debug.
 */
#include "VirtioNetController.h"
#include <IOKit/IOLib.h>
#include <IOKit/network/IOKernelDebugger.h>
#include <pexpert/pexpert.h>

/* Before the ordinary attachDevice(). Without memory for it the card works all the same. */
void VirtioNetController::prepareDebugger()
{
    UInt32 wanted = 0;

    PE_parse_boot_argn("debug", &wanted, sizeof wanted);
    if (!wanted)
        return;
    fDebug = (struct vio_net_debug *)hal_alloc(sizeof *fDebug);
    if (fDebug && vio_net_debug_attach(fDebug, fNub->transport(), fNub->deniedFeatures(&vio_net_features))) {
        IOLog("[VirtioNet]: no memory for the kernel debugger\n");
        dropDebugger();
    }
}

void VirtioNetController::offerDebugger()
{
    if (fDebug && !attachDebuggerClient(&fDebugger))
        IOLog("[VirtioNet]: the kernel debugger cannot be attached\n");
}

/* The debugger's client first: after this no polled function is called. */
void VirtioNetController::detachDebugger()
{
    if (fDebugger) {
        detachDebuggerClient(fDebugger);
        OSSafeReleaseNULL(fDebugger);
    }
}

/* The device has been reset since the debugger had it. */
void VirtioNetController::dropDebugger()
{
    if (fDebug)
        vio_net_debug_detach(fDebug);
    hal_free(fDebug, sizeof *fDebug);
    fDebug = 0;
}

/* The device is up at any time that the polled functions may be called: they start it themselves. */
IOReturn VirtioNetController::enable(IOKernelDebugger *)
{
    return fDebug ? kIOReturnSuccess : kIOReturnUnsupported;
}

/* Gate held. */
IOReturn VirtioNetController::disable(IOKernelDebugger *)
{
    if (fTakenOver && fState == kDisabled) {
        fTakenOver = fDebugging = false;
        (void)vio_net_stop(&fNet); /* no DMA into the debugger's buffers any more */
    }
    return kIOReturnSuccess;
}

/* Frozen kernel: no lock, no allocation, no blocking, from here on. */
bool VirtioNetController::takeOver()
{
    if (fDebugging)
        return true;
    if (!fDebug)
        return false;
    fTakenOver = true; /* even if it fails: the device is not as the driver left it */
    fDebugging = vio_net_debug_take(fDebug) == 0;
    return fDebugging;
}

/*
 * getDebuggerLinkStatus(): asked before each packet. XNU waits for the link as long as it is down
 * (kdp_udp.c, wait_for_link), but for an answer only so long: a device that does not work at all, for which
 * waiting is no use, is not called a link that is down.
 */
extern "C" UInt32 virtio_net_debugger_link(VirtioNetController *me)
{
    bool up = !me->takeOver() || vio_net_debug_link(me->fDebug);

    return kIONetworkLinkValid | (up ? kIONetworkLinkActive : 0);
}

/* setDebuggerMode(): the device stops when the debugger goes, before anyone else runs. 10.6 does not tell. */
extern "C" bool virtio_net_debugger_mode(VirtioNetController *me, bool active)
{
    if (active)
        return me->takeOver();
    if (me->fDebugging)
        (void)vio_net_debug_leave(me->fDebug);
    me->fDebugging = false;
    return true;
}

void VirtioNetController::receivePacket(void *buffer, UInt32 *size, UInt32 timeout)
{
    enum { kLongest = 1514, kBusyUS = 500 }; /* of the caller's buffer (xnu kdp_udp.c, KDP_MAXPACKET) */
    int got = takeOver() ? vio_net_debug_receive(fDebug, buffer, kLongest, timeout) : 0;

    for (UInt32 ms = 0; !fDebugging && ms < timeout; ms++) /* the kernel counts its tries, not the time */
        for (unsigned us = 0; us < 1000; us += kBusyUS) /* longer ones may sleep */
            hal_delay(kBusyUS);
    if (got < 0)
        fDebugging = false; /* a broken ring: from the start, at the next call */
    *size = got > 0 ? (UInt32)got : 0;
}

void VirtioNetController::sendPacket(void *packet, UInt32 size)
{
    if (takeOver() && vio_net_debug_send(fDebug, packet, size) == VIO_EBROKEN)
        fDebugging = false;
}
