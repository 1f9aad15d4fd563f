// SPDX-License-Identifier: BSD-3-Clause
/*
 * IOKDP (IONetworkingFamily IOKernelDebugger.cpp): the client that opens the primary port's IOKernelDebugger, so that the kernel
 * debugger has a network card. Not done: choosing another card by the boot-args kdp_match_name and kdp_match_mac.
 */
#include <IOKit/IOLib.h>
#include <IOKit/IOMessage.h>
#include <IOKit/network/IOKernelDebugger.h>
#include "private.h"

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

static bool published(void *, void *, IOService *service, IONotifier *)
{
    IOService *kdp = service->getProperty("IOPrimaryDebugPort") == kOSBooleanTrue ? new IOKDP : 0;
    if (!kdp)
        return true;
    if (kdp->init() && kdp->attach(service) && !kdp->start(service))
        kdp->detach(service);
    kdp->release();
    return true;
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
