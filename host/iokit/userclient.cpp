// SPDX-License-Identifier: BSD-3-Clause
/*
 * IOUserClient: a connection to a service, as a user process would open it. Answers to IOKit/IOUserClient.h;
 * behaviour as in xnu-2422.115.4 iokit/Kernel/IOUserClient.cpp. There are no user processes: what needs Mach
 * messages to one is not here, and stops the run by name when it is called.
 */
#include "iokit/impl.h"
#include <IOKit/IOUserClient.h>

OSDefineMetaClassAndAbstractStructors(IOUserClient, IOService)

    bool IOUserClient::init(void)
{
    return getPropertyTable() || IOService::init((OSDictionary *)0);
}

bool IOUserClient::init(OSDictionary *dictionary)
{
    return IOService::init(dictionary);
}

bool IOUserClient::initWithTask(task_t owningTask, void *securityToken, UInt32 type)
{
    if (getPropertyTable())
        return true;
    return init((OSDictionary *)0);
}

bool IOUserClient::initWithTask(task_t owningTask, void *securityToken, UInt32 type, OSDictionary *properties)
{
    return init(properties) && initWithTask(owningTask, securityToken, type);
}

void IOUserClient::free(void)
{
    drop(mappings);
    IOService::free();
}

IOReturn IOUserClient::clientClose(void)
{
    return kIOReturnUnsupported;
}

IOReturn IOUserClient::clientDied(void)
{
    return clientClose();
}

IOService *IOUserClient::getService(void)
{
    return 0;
}

IOReturn IOUserClient::connectClient(IOUserClient *client)
{
    return kIOReturnSuccess;
}

IOReturn IOUserClient::clientMemoryForType(UInt32 type, IOOptionBits *options, IOMemoryDescriptor **memory)
{
    return kIOReturnUnsupported;
}

IOReturn IOUserClient::registerNotificationPort(mach_port_t port, UInt32 type, UInt32 refCon)
{
    return kIOReturnUnsupported;
}

IOReturn IOUserClient::registerNotificationPort(mach_port_t port, UInt32 type, io_user_reference_t refCon)
{
    return registerNotificationPort(port, type, (UInt32)refCon);
}

IOReturn IOUserClient::getNotificationSemaphore(UInt32 notification_type, semaphore_t *semaphore)
{
    return kIOReturnUnsupported;
}

/* ---- methods: none by default ---- */
IOExternalMethod *IOUserClient::getExternalMethodForIndex(UInt32 index)
{
    return 0;
}

IOExternalAsyncMethod *IOUserClient::getExternalAsyncMethodForIndex(UInt32 index)
{
    return 0;
}

IOExternalTrap *IOUserClient::getExternalTrapForIndex(UInt32 index)
{
    return 0;
}

IOExternalMethod *IOUserClient::getTargetAndMethodForIndex(IOService **targetP, UInt32 index)
{
    IOExternalMethod *method = getExternalMethodForIndex(index);
    if (method)
        *targetP = method->object;
    return method;
}

IOExternalAsyncMethod *IOUserClient::getAsyncTargetAndMethodForIndex(IOService **targetP, UInt32 index)
{
    IOExternalAsyncMethod *method = getExternalAsyncMethodForIndex(index);
    if (method)
        *targetP = method->object;
    return method;
}

IOExternalTrap *IOUserClient::getTargetAndTrapForIndex(IOService **targetP, UInt32 index)
{
    IOExternalTrap *trap = getExternalTrapForIndex(index);
    if (trap)
        *targetP = trap->object;
    return trap;
}

static bool count_fits(uint32_t wanted, uint32_t given)
{
    return wanted == kIOUCVariableStructureSize || wanted == given;
}

/* Methods described by a dispatch entry; the older tables of member functions are called by nobody here. */
IOReturn IOUserClient::externalMethod(uint32_t selector, IOExternalMethodArguments *arguments,
                                      IOExternalMethodDispatch *dispatch, OSObject *target, void *reference)
{
    if (!dispatch || !dispatch->function)
        return dispatch ? kIOReturnNoCompletion : kIOReturnUnsupported;
    if (!count_fits(dispatch->checkScalarInputCount, arguments->scalarInputCount) ||
        !count_fits(dispatch->checkStructureInputSize, arguments->structureInputSize) ||
        !count_fits(dispatch->checkScalarOutputCount, arguments->scalarOutputCount) ||
        !count_fits(dispatch->checkStructureOutputSize, arguments->structureOutputSize))
        return kIOReturnBadArgument;
    return dispatch->function(target ? target : this, reference, arguments);
}

/* The one process there is runs as the administrator. */
IOReturn IOUserClient::clientHasPrivilege(void *securityToken, const char *privilegeName)
{
    return kIOReturnSuccess;
}
