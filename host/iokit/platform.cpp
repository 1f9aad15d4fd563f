// SPDX-License-Identifier: BSD-3-Clause
/*
 * The machine: IOPlatformExpertDevice (the service plane's root), the platform expert on it, IOPlatformDevice
 * nubs, and the device tree's names. Answers to IOKit/IOPlatformExpert.h and IOKit/IODeviceTreeSupport.h;
 * behaviour as in xnu-2422.115.4 iokit/Kernel/IOPlatformExpert.cpp, IODeviceTreeSupport.cpp. There is no
 * firmware here: the device-tree plane holds what the host's own buses put there.
 */
#include "iokit/impl.h"
#include "iokit/platform.h"
#include <IOKit/IODeviceTreeSupport.h>
#include <IOKit/IOInterruptController.h>
#include <IOKit/IOWorkLoop.h>
#include <IOKit/pwr_mgt/RootDomain.h>
#include <kern/debug.h>

extern "C" boolean_t ml_at_interrupt_context(void);

OSDefineMetaClassAndStructors(IOPlatformExpert, IOService)
    OSDefineMetaClassAndStructors(IOPlatformExpertDevice, IOService)
        OSDefineMetaClassAndStructors(IOPlatformDevice, IOService)

            const IORegistryPlane *gIODTPlane;
const OSSymbol *gIODTPHandleKey, *gIODTCompatibleKey, *gIODTTypeKey, *gIODTModelKey, *gIODTAAPLInterruptsKey,
    *gIODTDefaultInterruptController, *gIODTNWInterruptMappingKey;
OSSymbol *gPlatformInterruptControllerName;
static const OSSymbol *name_key;

/* A Mac's model: drivers print it, and a few tables of quirks look it up. */
static const char model_name[] = "MacPro6,1";

/* ---- the device tree ---- */
static void device_tree_init(void)
{
    gIODTPlane = IORegistryEntry::makePlane("IODeviceTree");
    name_key = OSSymbol::withCStringNoCopy("name");
    gIODTPHandleKey = OSSymbol::withCStringNoCopy("AAPL,phandle");
    gIODTCompatibleKey = OSSymbol::withCStringNoCopy("compatible");
    gIODTTypeKey = OSSymbol::withCStringNoCopy("device_type");
    gIODTModelKey = OSSymbol::withCStringNoCopy("model");
    gIODTAAPLInterruptsKey = OSSymbol::withCStringNoCopy("AAPL,interrupts");
    gIODTDefaultInterruptController = OSSymbol::withCStringNoCopy("IOPrimaryInterruptController");
    gIODTNWInterruptMappingKey = OSSymbol::withCStringNoCopy("IONWInterrupts");
}

/* A property's value is OSData with zero-terminated names, one after the other, or an OSString. */
static bool value_has_name(OSObject *value, OSString *name)
{
    OSString *text = OSDynamicCast(OSString, value);
    OSData *data = OSDynamicCast(OSData, value);
    if (text)
        return name->isEqualTo(text);
    if (!data)
        return false;
    const char *at = (const char *)data->getBytesNoCopy(), *end = at + data->getLength();
    while (at < end) {
        size_t length = strnlen(at, end - at);
        if (length == name->getLength() && !strncmp(at, name->getCStringNoCopy(), length))
            return true;
        at += length + 1;
    }
    return false;
}

bool IODTCompareNubName(const IORegistryEntry *regEntry, OSString *name, OSString **matchingName)
{
    const OSSymbol *const keys[] = {name_key, gIODTCompatibleKey, gIODTTypeKey, gIODTModelKey};
    for (unsigned i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        OSObject *value = regEntry->copyProperty(keys[i]);
        bool match = value && value_has_name(value, name);
        if (value)
            value->release();
        if (!match)
            continue;
        if (matchingName) {
            name->retain();
            *matchingName = name;
        }
        return true;
    }
    return false;
}

/* ---- the root nub ---- */
bool IOPlatformExpertDevice::initWithArgs(void *p1, void *p2, void *p3, void *p4)
{
    if (!init((OSDictionary *)0))
        return false;
    workLoop = IOWorkLoop::workLoop();
    return workLoop != 0;
}

void IOPlatformExpertDevice::free(void)
{
    drop(workLoop);
    IOService::free();
}

bool IOPlatformExpertDevice::compareName(OSString *name, OSString **matched) const
{
    return IODTCompareNubName(this, name, matched);
}

/* Of every service without a loop of its own: actions of termination run in its gate. */
IOWorkLoop *IOPlatformExpertDevice::getWorkLoop(void) const
{
    return workLoop;
}

IOReturn IOPlatformExpertDevice::setProperties(OSObject *properties)
{
    return kIOReturnUnsupported;
}

/* ---- nubs ---- */
bool IOPlatformDevice::compareName(OSString *name, OSString **matched) const
{
    return ((IOPlatformExpert *)getProvider())->compareNubName(this, name, matched);
}

IOService *IOPlatformDevice::matchLocation(IOService *client)
{
    return this;
}

IOReturn IOPlatformDevice::getResources(void)
{
    return ((IOPlatformExpert *)getProvider())->getNubResources(this);
}

static OSData *data_of_names(const char *const *names)
{
    OSData *data = OSData::withCapacity(32);
    for (; *names; names++)
        data->appendBytes(*names, (unsigned)strlen(*names) + 1);
    return data;
}

static void set_names(IOService *nub, const char *key, const char *const *names)
{
    OSData *data = data_of_names(names);
    nub->setProperty(key, data);
    data->release();
}

IOService *iokit_make_platform_nub(const char *name, const char *const *compatible)
{
    IOPlatformDevice *nub = new IOPlatformDevice;
    if (!nub || !nub->init((OSDictionary *)0))
        return 0;
    const char *const own[] = {name, 0};
    nub->setName(name);
    set_names(nub, "name", own);
    if (compatible)
        set_names(nub, "compatible", compatible);
    return nub;
}

void iokit_register_nub(IOService *nub, IOService *parent)
{
    IORegistryEntry *tree = parent == gIOPlatform ? parent->getProvider() : parent;
    if (!nub->isParent(parent, gIOServicePlane) && !nub->attach(parent))
        panic("%s: cannot be attached below %s", nub->getName(), parent->getName());
    if (!nub->inPlane(gIODTPlane))
        nub->attachToParent(tree, gIODTPlane);
    nub->registerService();
}

/* ---- the platform expert ---- */
bool IOPlatformExpert::attach(IOService *provider)
{
    return IOService::attach(provider);
}

bool IOPlatformExpert::start(IOService *provider)
{
    if (!IOService::start(provider))
        return false;
    service_set_platform(this);
    root = rootdomain_make(this);
    registerService();
    return root != 0;
}

bool IOPlatformExpert::configure(IOService *provider)
{
    return true;
}

bool IOPlatformExpert::compareNubName(const IOService *nub, OSString *name, OSString **matched) const
{
    return IODTCompareNubName(nub, name, matched) || nub->IORegistryEntry::compareName(name, matched);
}

IOReturn IOPlatformExpert::getNubResources(IOService *nub)
{
    return kIOReturnSuccess;
}

long IOPlatformExpert::getBootROMType(void)
{
    return _peBootROMType;
}

long IOPlatformExpert::getChipSetType(void)
{
    return _peChipSetType;
}

long IOPlatformExpert::getMachineType(void)
{
    return _peMachineType;
}

void IOPlatformExpert::setBootROMType(long peBootROMType)
{
    _peBootROMType = peBootROMType;
}

void IOPlatformExpert::setChipSetType(long peChipSetType)
{
    _peChipSetType = peChipSetType;
}

void IOPlatformExpert::setMachineType(long peMachineType)
{
    _peMachineType = peMachineType;
}

bool IOPlatformExpert::getModelName(char *name, int maxLength)
{
    strlcpy(name, model_name, maxLength);
    return true;
}

bool IOPlatformExpert::getMachineName(char *name, int maxLength)
{
    strlcpy(name, model_name, maxLength);
    return true;
}

bool IOPlatformExpert::atInterruptLevel(void)
{
    return ml_at_interrupt_context();
}

bool IOPlatformExpert::platformAdjustService(IOService *service)
{
    return true;
}

bool IOPlatformExpert::hasPMFeature(unsigned long featureMask)
{
    return (_pePMFeatures & featureMask) != 0;
}

bool IOPlatformExpert::hasPrivPMFeature(unsigned long privFeatureMask)
{
    return (_pePrivPMFeatures & privFeatureMask) != 0;
}

int IOPlatformExpert::numBatteriesSupported(void)
{
    return 0;
}

long IOPlatformExpert::getGMTTimeOfDay(void)
{
    unsigned long long seconds;
    unsigned int ns;
    lx_wall_time(&seconds, &ns);
    return (long)seconds;
}

/* The controller is a resource under its name, so that looking it up can wait for it. */
IOReturn IOPlatformExpert::registerInterruptController(OSSymbol *name,
                                                       IOInterruptController *interruptController)
{
    publishResource(name, interruptController);
    return kIOReturnSuccess;
}

IOInterruptController *IOPlatformExpert::lookUpInterruptController(OSSymbol *name)
{
    if (!getResourceService()->getProperty(name))
        waitForService(resourceMatching(name));
    return OSDynamicCast(IOInterruptController, getResourceService()->getProperty(name));
}

/* A platform function belongs to the service that is published as the resource of its name. */
IOReturn IOPlatformExpert::callPlatformFunction(const OSSymbol *functionName, bool waitForFunction,
                                                void *param1, void *param2, void *param3, void *param4)
{
    if (waitForFunction && !getResourceService()->getProperty(functionName))
        waitForService(resourceMatching(functionName));
    IOService *service = OSDynamicCast(IOService, getResourceService()->getProperty(functionName));
    if (!service)
        return kIOReturnUnsupported;
    return service->callPlatformFunction(functionName, waitForFunction, param1, param2, param3, param4);
}

/* The nearest ancestor in the power plane becomes the power parent; without one, the root domain. */
void IOPlatformExpert::PMRegisterDevice(IOService *theNub, IOService *theDevice)
{
    if (!theDevice)
        return;
    while (theNub && (theNub == theDevice || !theNub->inPlane(gIOPowerPlane)))
        theNub = theNub->getProvider();
    if (!theNub || theNub->addPowerChild(theDevice) != kIOReturnSuccess)
        root->addPowerChild(theDevice);
}

/* ---- C calls ---- */
boolean_t PEGetModelName(char *name, int maxLength)
{
    return IOService::getPlatform()->getModelName(name, maxLength);
}

boolean_t PEGetMachineName(char *name, int maxLength)
{
    return IOService::getPlatform()->getMachineName(name, maxLength);
}

long PEGetGMTTimeOfDay(void)
{
    return IOService::getPlatform()->getGMTTimeOfDay();
}

/* ---- at boot ---- */
static void describe(IOService *device)
{
    const char *const model[] = {model_name, 0};
    const char *const maker[] = {"virtio-osx", 0};
    device->setName(model_name);
    device->setName("/", gIODTPlane);
    set_names(device, "name", model);
    set_names(device, "model", model);
    set_names(device, "compatible", model);
    set_names(device, "manufacturer", maker);
    device->setProperty("IOPlatformSerialNumber", "C02000000000");
    device->setProperty("IOPlatformUUID", "00000000-0000-1000-8000-000000000001");
}

void platform_start(void)
{
    device_tree_init();
    IOPlatformExpertDevice *device = new IOPlatformExpertDevice;
    device->initWithArgs(0, 0, 0, 0);
    describe(device);
    device->attach(0);
    device->attachToParent(IORegistryEntry::getRegistryRoot(), gIODTPlane);
    IOPlatformExpert *expert = new IOPlatformExpert;
    expert->init((OSDictionary *)0);
    expert->attach(device);
    if (!expert->start(device))
        panic("the platform expert did not start");
    device->registerService(kIOServiceSynchronous);
    IOService::publishResource("IOBSD");
}

void platform_release(void)
{
    IOService *device = gIOServiceRoot, *expert = gIOPlatform;
    device->detachAbove(gIODTPlane);
    device->detachAbove(gIOServicePlane);
    gIOServiceRoot = 0;
    gIOPlatform = 0;
    expert->release();
    device->release();
}
