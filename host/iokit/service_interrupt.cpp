// SPDX-License-Identifier: BSD-3-Clause
/*
 * IOService: interrupts of a nub by index, device memory, user clients and texts of error codes. A nub's
 * property IOInterruptControllers names a controller an index, IOInterruptSpecifiers holds the vector in it.
 * Behaviour as in xnu-2422.115.4 iokit/Kernel/IOService.cpp (resolveInterrupt, lookupInterrupt).
 */
#include "iokit/impl.h"
#include "iokit/vectors.h"
#include <IOKit/IODeviceMemory.h>
#include <IOKit/IOUserClient.h>
#include <sys/errno.h>

/* ---- interrupts ---- */
static IOReturn make_sources(IOService *nub)
{
    OSArray *controllers = OSDynamicCast(OSArray, nub->getProperty(gIOInterruptControllersKey));
    if (!controllers)
        return kIOReturnNoResources;
    unsigned count = controllers->getCount();
    IOInterruptSource *sources = (IOInterruptSource *)IOMalloc(count * sizeof *sources);
    if (!sources)
        return kIOReturnNoMemory;
    bzero(sources, count * sizeof *sources);
    nub->_numInterruptSources = (int)count;
    nub->_interruptSources = sources;
    return kIOReturnSuccess;
}

/* Waits for the controller when it is not there yet (IOPlatformExpert::lookUpInterruptController). */
static IOReturn resolve_source(IOService *nub, int source)
{
    OSArray *controllers = OSDynamicCast(OSArray, nub->getProperty(gIOInterruptControllersKey));
    OSArray *specifiers = OSDynamicCast(OSArray, nub->getProperty(gIOInterruptSpecifiersKey));
    OSSymbol *name = controllers ? OSDynamicCast(OSSymbol, controllers->getObject(source)) : 0;
    OSData *vector = specifiers ? OSDynamicCast(OSData, specifiers->getObject(source)) : 0;
    if (!name || !vector)
        return kIOReturnNoResources;
    IOInterruptController *controller = IOService::getPlatform()->lookUpInterruptController(name);
    if (!controller)
        return kIOReturnNoResources;
    nub->_interruptSources[source].vectorData = vector;
    nub->_interruptSources[source].interruptController = controller;
    return kIOReturnSuccess;
}

static IOReturn find_controller(IOService *nub, int source, bool resolve, IOInterruptController **controller)
{
    IOReturn result = nub->_interruptSources ? kIOReturnSuccess : make_sources(nub);
    if (result != kIOReturnSuccess)
        return result;
    if (source < 0 || source >= nub->_numInterruptSources)
        return kIOReturnNoInterrupt;
    if (!nub->_interruptSources[source].interruptController) {
        if (!resolve)
            return kIOReturnNoInterrupt;
        result = resolve_source(nub, source);
        if (result != kIOReturnSuccess)
            return result;
    }
    *controller = nub->_interruptSources[source].interruptController;
    return kIOReturnSuccess;
}

IOReturn IOService::registerInterrupt(int source, OSObject *target, IOInterruptAction handler, void *refCon)
{
    IOInterruptController *controller;
    IOReturn result = find_controller(this, source, true, &controller);
    return result ? result
                  : controller->registerInterrupt(this, source, target, (IOInterruptHandler)handler, refCon);
}

IOReturn IOService::unregisterInterrupt(int source)
{
    IOInterruptController *controller;
    IOReturn result = find_controller(this, source, false, &controller);
    if (result != kIOReturnSuccess)
        return result;
    result = controller->unregisterInterrupt(this, source);
    IOSharedInterruptController *shared = OSDynamicCast(IOSharedInterruptController, controller);
    if (shared) {
        _interruptSources[source].interruptController = 0; /* found anew by its name next time */
        vector_unshare(shared);
    }
    return result;
}

IOReturn IOService::getInterruptType(int source, int *interruptType)
{
    IOInterruptController *controller;
    IOReturn result = find_controller(this, source, true, &controller);
    return result ? result : controller->getInterruptType(this, source, interruptType);
}

IOReturn IOService::enableInterrupt(int source)
{
    IOInterruptController *controller;
    IOReturn result = find_controller(this, source, false, &controller);
    return result ? result : controller->enableInterrupt(this, source);
}

IOReturn IOService::disableInterrupt(int source)
{
    IOInterruptController *controller;
    IOReturn result = find_controller(this, source, false, &controller);
    return result ? result : controller->disableInterrupt(this, source);
}

IOReturn IOService::causeInterrupt(int source)
{
    IOInterruptController *controller;
    IOReturn result = find_controller(this, source, false, &controller);
    return result ? result : controller->causeInterrupt(this, source);
}

/* ---- device memory ---- */
OSArray *IOService::getDeviceMemory(void)
{
    return OSDynamicCast(OSArray, getProperty(gIODeviceMemoryKey));
}

void IOService::setDeviceMemory(OSArray *array)
{
    setProperty(gIODeviceMemoryKey, array);
}

IOItemCount IOService::getDeviceMemoryCount(void)
{
    OSArray *array = OSDynamicCast(OSArray, getProperty(gIODeviceMemoryKey));
    return array ? array->getCount() : 0;
}

IODeviceMemory *IOService::getDeviceMemoryWithIndex(unsigned int index)
{
    OSArray *array = OSDynamicCast(OSArray, getProperty(gIODeviceMemoryKey));
    return array ? (IODeviceMemory *)array->getObject(index) : 0;
}

IOMemoryMap *IOService::mapDeviceMemoryWithIndex(unsigned int index, IOOptionBits options)
{
    IODeviceMemory *range = getDeviceMemoryWithIndex(index);
    return range ? range->map(options) : 0;
}

/* ---- user clients: there are no user tasks here; a class named by IOUserClientClass is made all the same
 * ---- */
IOReturn IOService::newUserClient(task_t owningTask, void *securityID, UInt32 type, IOUserClient **handler)
{
    return kIOReturnUnsupported;
}

static IOReturn make_user_client(IOService *service, const OSSymbol *class_name, task_t task, void *security,
                                 UInt32 type, OSDictionary *properties, IOUserClient **handler)
{
    OSObject *object = OSMetaClass::allocClassWithName(class_name);
    if (!object)
        return kIOReturnNoMemory;
    IOUserClient *client = OSDynamicCast(IOUserClient, object);
    IOReturn result = kIOReturnUnsupported;
    if (client && !client->initWithTask(task, security, type, properties)) {
        result = kIOReturnBadArgument;
    } else if (client && client->attach(service)) {
        if (client->start(service)) {
            *handler = client;
            return kIOReturnSuccess;
        }
        client->detach(service);
    }
    object->release();
    return result;
}

IOReturn IOService::newUserClient(task_t owningTask, void *securityID, UInt32 type, OSDictionary *properties,
                                  IOUserClient **handler)
{
    if (newUserClient(owningTask, securityID, type, handler) == kIOReturnSuccess)
        return kIOReturnSuccess;
    OSString *name = OSDynamicCast(OSString, getProperty(gIOUserClientClassKey));
    if (!name)
        return kIOReturnUnsupported;
    const OSSymbol *class_name = OSSymbol::withString(name);
    IOReturn result = make_user_client(this, class_name, owningTask, securityID, type, properties, handler);
    class_name->release();
    return result;
}

/* ---- error codes ---- */
static const struct return_text {
    IOReturn code;
    const char *text;
    int error;
} returns[] = {
    {kIOReturnSuccess, "success", 0},
    {kIOReturnError, "general error", EIO},
    {kIOReturnNoMemory, "memory allocation error", ENOMEM},
    {kIOReturnNoResources, "resource shortage", ENOMEM},
    {kIOReturnIPCError, "Mach IPC failure", EIO},
    {kIOReturnNoDevice, "no such device", ENXIO},
    {kIOReturnNotPrivileged, "privilege violation", EACCES},
    {kIOReturnBadArgument, "invalid argument", EINVAL},
    {kIOReturnLockedRead, "device is read locked", EACCES},
    {kIOReturnLockedWrite, "device is write locked", EACCES},
    {kIOReturnExclusiveAccess, "device is exclusive access", EACCES},
    {kIOReturnBadMessageID, "bad IPC message ID", EINVAL},
    {kIOReturnUnsupported, "unsupported function", ENOTSUP},
    {kIOReturnVMError, "virtual memory error", EFAULT},
    {kIOReturnInternalError, "internal driver error", EIO},
    {kIOReturnIOError, "I/O error", EIO},
    {kIOReturnCannotLock, "cannot acquire lock", ENOLCK},
    {kIOReturnNotOpen, "device is not open", EACCES},
    {kIOReturnNotReadable, "device is not readable", EACCES},
    {kIOReturnNotWritable, "device is not writeable", EROFS},
    {kIOReturnNotAligned, "alignment error", EINVAL},
    {kIOReturnBadMedia, "media error", ENXIO},
    {kIOReturnStillOpen, "device is still open", EEXIST},
    {kIOReturnRLDError, "rld failure", EBADMACHO},
    {kIOReturnDMAError, "DMA failure", EIO},
    {kIOReturnBusy, "device is busy", EBUSY},
    {kIOReturnTimeout, "I/O timeout", ETIMEDOUT},
    {kIOReturnOffline, "device is offline", EBUSY},
    {kIOReturnNotReady, "device is not ready", EBUSY},
    {kIOReturnNotAttached, "device/channel is not attached", ENXIO},
    {kIOReturnNoChannels, "no DMA channels available", EIO},
    {kIOReturnNoSpace, "no space for data", ENOSPC},
    {kIOReturnPortExists, "device port already exists", EEXIST},
    {kIOReturnCannotWire, "cannot wire physical memory", ENOMEM},
    {kIOReturnNoInterrupt, "no interrupt attached", EIO},
    {kIOReturnNoFrames, "no DMA frames enqueued", EIO},
    {kIOReturnMessageTooLarge, "message is too large", EMSGSIZE},
    {kIOReturnNotPermitted, "operation is not permitted", EPERM},
    {kIOReturnNoPower, "device is without power", EPWROFF},
    {kIOReturnNoMedia, "media is not present", ENXIO},
    {kIOReturnUnformattedMedia, "media is not formatted", ENXIO},
    {kIOReturnUnsupportedMode, "unsupported mode", EIO},
    {kIOReturnUnderrun, "data underrun", EIO},
    {kIOReturnOverrun, "data overrun", EIO},
    {kIOReturnDeviceError, "device error", EDEVERR},
    {kIOReturnNoCompletion, "no completion routine", EINVAL},
    {kIOReturnAborted, "operation was aborted", EBUSY},
    {kIOReturnNoBandwidth, "bus bandwidth would be exceeded", EIO},
    {kIOReturnNotResponding, "device is not responding", EBUSY},
    {kIOReturnInvalid, "unanticipated driver error", EIO},
};

static const return_text *find_return(IOReturn code)
{
    for (unsigned i = 0; i < sizeof returns / sizeof returns[0]; i++)
        if (returns[i].code == code)
            return &returns[i];
    return 0;
}

/* An unknown code as IOFindNameForValue writes it; the text is overwritten by the next one. */
const char *IOService::stringFromReturn(IOReturn rtn)
{
    static char unknown[40];
    const return_text *known = find_return(rtn);
    if (known)
        return known->text;
    snprintf(unknown, sizeof unknown, "0x%x (UNDEFINED)", rtn);
    return unknown;
}

/* Codes of the UNIX subsystem (unix_err: system 0, subsystem 3) carry the errno itself. */
int IOService::errnoFromReturn(IOReturn rtn)
{
    if (((unsigned)rtn & ~0x3fffu) == (3u << 14))
        return rtn & 0x3fff;
    const return_text *known = find_return(rtn);
    return known ? known->error : EIO;
}
