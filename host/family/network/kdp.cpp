// SPDX-License-Identifier: BSD-3-Clause
/*
 * IOKDP (IONetworkingFamily IOKernelDebugger.cpp): the client that opens the primary port's IOKernelDebugger, so that the kernel
 * debugger has a network card. The boot-arg kdp_match_name (a BSD name) or kdp_match_mac (twelve hex digits) chooses another one
 * (IOKDP::probe); kdp_ip_addr gives the debugger its address before the system has one (xnu kdp_udp.c, kdp_set_interface, in
 * xnu-2422 and later, not in 1504).
 */
#include <IOKit/IOBSD.h>
#include <IOKit/IOLib.h>
#include <IOKit/IOMessage.h>
#include <IOKit/network/IOKernelDebugger.h>
#include <IOKit/network/IONetworkController.h>
#include <libkern/c++/OSData.h>
#include <pexpert/pexpert.h>
#include "kdp/kdp.h"
#include "private.h"
#include "profile.h"

class IOKDP : public IOService
{
    OSDeclareDefaultStructors(IOKDP)
public:
    virtual bool start(IOService *provider);
    virtual void stop(IOService *provider);
    virtual IOReturn message(UInt32 type, IOService *provider, void *argument);
};

#define super IOService
OSDefineMetaClassAndStructors(IOKDP, IOService)

static IOService *volatile theKDP; /* one machine, one debugger */
static IONotifier *notifier;

bool IOKDP::start(IOService *provider)
{
    if (theKDP || !super::start(provider) || !provider->open(this))
        return false;
    theKDP = this;
    registerService();
    return true;
}

void IOKDP::stop(IOService *provider)
{
    provider->close(this);
    if (theKDP == this)
        theKDP = 0;
    super::stop(provider);
}

IOReturn IOKDP::message(UInt32 type, IOService *provider, void *argument)
{
    if (type == kIOMessageServiceIsTerminated)
        provider->close(this);
    return kIOReturnSuccess;
}

/* ---- which card ---- */

enum { kMacBytes = 6, kArgSize = 32, kName = 80 };

/* The interface that is the controller's client; not retained. */
static IONetworkInterface *interfaceOf(IOService *controller)
{
    OSIterator *clients = controller ? controller->getClientIterator() : 0;
    IONetworkInterface *netif = 0;
    while (OSObject *client = clients && !netif ? clients->getNextObject() : 0)
        netif = OSDynamicCast(IONetworkInterface, client);
    dropRef(clients);
    return netif;
}

static bool nameMatches(IOService *controller, const char *wanted)
{
    IONetworkInterface *netif = interfaceOf(controller);
    OSString *name = netif ? OSDynamicCast(OSString, netif->getProperty(kIOBSDNameKey)) : 0;
    return name && name->isEqualTo(wanted);
}

static const UInt8 *macOf(IOService *controller)
{
    OSData *mac = controller ? OSDynamicCast(OSData, controller->getProperty(kIOMACAddress)) : 0;
    return mac && mac->getLength() == kMacBytes ? (const UInt8 *)mac->getBytesNoCopy() : 0;
}

/* Twelve digits, capital or not; what follows them is not looked at. */
static bool macMatches(IOService *controller, const char *wanted)
{
    const UInt8 *mac = macOf(controller);
    char text[2 * kMacBytes + 1];
    for (unsigned i = 0; mac && i < kMacBytes; i++)
        snprintf(text + 2 * i, 3, "%02x", mac[i]);
    for (unsigned i = 0; mac && i < 2 * kMacBytes; i++)
        if ((wanted[i] >= 'A' && wanted[i] <= 'F' ? wanted[i] + 'a' - 'A' : wanted[i]) != text[i])
            return false;
    return mac != 0;
}

/* IOKDP::probe: the first argument that is there decides. */
static bool isWanted(IOService *debugger)
{
    char text[kArgSize] = "";
    if (PE_parse_boot_argn("kdp_match_name", text, sizeof text))
        return nameMatches(debugger->getProvider(), text);
    if (PE_parse_boot_argn("kdp_match_mac", text, sizeof text))
        return macMatches(debugger->getProvider(), text);
    return debugger->getProperty("IOPrimaryDebugPort") == kOSBooleanTrue;
}

static bool published(void *, void *, IOService *service, IONotifier *)
{
    IOService *kdp = isWanted(service) ? new IOKDP : 0;
    if (!kdp)
        return true;
    if (kdp->init() && kdp->attach(service) && !kdp->start(service))
        kdp->detach(service);
    kdp->release();
    return true;
}

/* IOKernelDebugger::interfacePublished: the card may have been published before its interface had a name. */
void debuggerInterfaceNamed(IOService *netif)
{
    char text[kArgSize] = "";
    IOService *controller = netif->getProvider();
    OSIterator *clients = controller && PE_parse_boot_argn("kdp_match_name", text, sizeof text)
                              ? controller->getClientIterator()
                              : 0;
    while (OSObject *client = clients ? clients->getNextObject() : 0)
        if (IOKernelDebugger *debugger = OSDynamicCast(IOKernelDebugger, client))
            published(0, 0, debugger, 0);
    dropRef(clients);
}

/* a.b.c.d; false: something else. */
static bool takeAddress(const char *text, UInt8 *ip)
{
    for (int i = 0; i < 4; i++) {
        UInt32 value = 0, digits = 0;
        for (; *text >= '0' && *text <= '9' && digits < 4; text++, digits++)
            value = value * 10 + (UInt32)(*text - '0');
        if (!digits || value > 255 || *text++ != (i < 3 ? '.' : 0))
            return false;
        ip[i] = (UInt8)value;
    }
    return true;
}

void debuggerEarlyAddress(IOService *controller)
{
    enum { kSince = 7 };
    char text[kName] = "";
    UInt8 ip[4];
    const UInt8 *mac = macOf(controller);
    if (host_profile->minor_of_ten >= kSince && mac && PE_parse_boot_argn("kdp_ip_addr", text, sizeof text) &&
        takeAddress(text, ip))
        host_kdp_address(ip, mac);
}

bool debuggerInit()
{
    OSDictionary *match = IOService::serviceMatching("IOKernelDebugger");
    notifier = match ? IOService::addMatchingNotification(gIOPublishNotification, match, published, 0) : 0;
    dropRef(match);
    return notifier != 0;
}

void debuggerEnd()
{
    if (notifier)
        notifier->remove();
    notifier = 0;
}
