// SPDX-License-Identifier: BSD-3-Clause
/*
 * The registry: properties, names, paths, iterators: xnu iokit/Kernel/IORegistryEntry.cpp.
 */
#include "life.h"
#include <IOKit/IOMessage.h>
#include <libkern/c++/OSContainers.h>

static bool text(OSObject *o, const char *wanted)
{
    OSString *s = OSDynamicCast(OSString, o);
    return s && s->isEqualTo(wanted);
}

static bool contains(const char *text, const char *part)
{
    while (*text && strncmp(text, part, strlen(part)))
        text++;
    return *text;
}

static void testProperties(IORegistryEntry *e)
{
    CHECK(e->setProperty("Text", "hello") && text(e->getProperty("Text"), "hello"), "a string");
    CHECK(e->setProperty("Bool", true) && e->getProperty("Bool") == kOSBooleanTrue, "a boolean");
    CHECK(e->setProperty("Number", 0x1234567890ull, 64), "a number");
    OSNumber *n = OSDynamicCast(OSNumber, e->getProperty("Number"));
    CHECK(n && n->unsigned64BitValue() == 0x1234567890ull && n->numberOfBits() == 64, "of 64 bits");
    CHECK(e->setProperty("Data", (void *)"\1\2\3", 3), "data");
    OSData *d = OSDynamicCast(OSData, e->getProperty("Data"));
    CHECK(d && d->getLength() == 3, "of 3 bytes");
    CHECK(!e->getProperty("Nothing"), "one that is not there");
    int before = d->getRetainCount();
    OSObject *copy = e->copyProperty("Data");
    CHECK(copy == d && d->getRetainCount() == before + 1, "copyProperty adds a reference");
    copy->release();
    e->removeProperty("Bool");
    CHECK(!e->getProperty("Bool"), "removeProperty");
    OSDictionary *all = e->dictionaryWithProperties();
    CHECK(all && text(all->getObject("Text"), "hello"), "dictionaryWithProperties");
    if (all) {
        all->removeObject("Text");
        CHECK(e->getProperty("Text"), "is a copy");
        all->release();
    }
    OSSerialize *s = OSSerialize::withCapacity(1000);
    CHECK(e->serializeProperties(s) && contains(s->text(), ">hello</string>"), "serializeProperties");
    s->release();
    SAME(e->setProperties(kOSBooleanTrue), kIOReturnUnsupported,
         "setProperties is for those that implement it");
}

static void testNames(Probe *p, IORegistryEntry *e)
{
    CHECK(!strcmp(p->getName(), "org_virtio_osx_test_Probe"), "a driver's name is its class");
    e->setName("one");
    CHECK(!strcmp(e->getName(), "one"), "setName");
    e->setLocation("1,2");
    CHECK(e->getLocation() && !strcmp(e->getLocation(), "1,2"), "setLocation");
    OSString *one = OSString::withCString("one"), *two = OSString::withCString("two"), *matched = 0;
    CHECK(e->compareName(one, &matched) && matched == one, "compareName");
    OSSafeRelease(matched);
    CHECK(!e->compareName(two), "of another name");
    one->release();
    two->release();
    CHECK(p->getRegistryEntryID() > 0x100000000ull, "an entry's id is above 4 G");
    CHECK(p->getRegistryEntryID() != p->device->getRegistryEntryID(), "and its own");
}

static void testTree(Probe *p, IORegistryEntry *e)
{
    CHECK(e->attachToParent(p, gIOServicePlane), "attachToParent");
    CHECK(e->getParentEntry(gIOServicePlane) == p && e->inPlane(gIOServicePlane), "getParentEntry");
    CHECK(e->isParent(p, gIOServicePlane) && p->isChild(e, gIOServicePlane), "isParent, isChild");
    SAME(e->getDepth(gIOServicePlane), p->getDepth(gIOServicePlane) + 1, "getDepth");
    char path[300], name[300];
    int length = sizeof path;
    CHECK(e->getPath(path, &length, gIOServicePlane), "getPath");
    SAME(length, strlen(path), "its length");
    snprintf(name, sizeof name, "/org_virtio_osx_test_Probe/one@1,2");
    CHECK(!strncmp(path, "IOService:/", 11) && strlen(path) > strlen(name) &&
              !strcmp(path + strlen(path) - strlen(name), name),
          "plane, names and locations");
    length = 5;
    CHECK(!e->getPath(path, &length, gIOServicePlane), "not into 5 bytes");
    length = sizeof path;
    e->getPath(path, &length, gIOServicePlane);
    IORegistryEntry *found = IORegistryEntry::fromPath(path);
    CHECK(found == e, "fromPath");
    OSSafeRelease(found);
    found = p->childFromPath("one@1,2", gIOServicePlane);
    CHECK(found == e, "childFromPath");
    OSSafeRelease(found);
    CHECK(text(e->getProperty("Text", gIOServicePlane), "hello"), "a property searched for: its own");
    e->removeProperty("Text");
    p->setProperty("Text", "above");
    CHECK(!e->getProperty("Text", gIOServicePlane, 0), "not there");
    CHECK(text(e->getProperty("Text", gIOServicePlane,
                              kIORegistryIterateRecursively | kIORegistryIterateParents),
               "above"),
          "searched for in the parents");
    p->removeProperty("Text");
    OSObject *vendor = e->copyProperty("vendor-id", gIOServicePlane,
                                       kIORegistryIterateRecursively | kIORegistryIterateParents);
    CHECK(vendor == p->device->getProperty("vendor-id"), "and beyond");
    OSSafeRelease(vendor);
}

static void testIterators(Probe *p, IORegistryEntry *e)
{
    OSIterator *iter = p->getChildIterator(gIOServicePlane);
    bool seen = false;
    while (OSObject *o = iter->getNextObject())
        seen |= o == e;
    iter->release();
    CHECK(seen, "getChildIterator");
    IORegistryIterator *deep =
        IORegistryIterator::iterateOver(p->device, gIOServicePlane, kIORegistryIterateRecursively);
    seen = false;
    while (IORegistryEntry *o = deep->getNextObject())
        seen |= o == e;
    CHECK(seen && deep->isValid(), "IORegistryIterator, recursively");
    deep->release();
    deep = IORegistryIterator::iterateOver(e, gIOServicePlane,
                                           kIORegistryIterateRecursively | kIORegistryIterateParents);
    bool root = false;
    while (IORegistryEntry *o = deep->getNextObject())
        root |= o == IORegistryEntry::getRegistryRoot() || o == IOService::getServiceRoot();
    CHECK(root, "upwards to the root");
    deep->release();
    e->detachFromParent(p, gIOServicePlane);
    CHECK(!e->inPlane(gIOServicePlane) && !e->getParentEntry(gIOServicePlane), "detachFromParent");
}

static void testDefaults(Probe *p)
{
    SAME(p->callPlatformFunction("org_virtio_osx_nothing", false, 0, 0, 0, 0), kIOReturnUnsupported,
         "callPlatformFunction that nobody knows");
    SAME(p->message(kIOMessageDeviceWillPowerOff, p), kIOReturnUnsupported, "message");
    SAME(p->newUserClient(kernel_task, 0, 0, 0), kIOReturnUnsupported, "newUserClient: there is none");
    CHECK(!strcmp(p->stringFromReturn(kIOReturnSuccess), "success"), "stringFromReturn");
    CHECK(!strcmp(p->stringFromReturn(kIOReturnNoMemory), "memory allocation error"), "of an error");
    SAME(p->errnoFromReturn(kIOReturnNoMemory), 12, "errnoFromReturn");
    SAME(p->errnoFromReturn(kIOReturnNotPermitted), 1, "kIOReturnNotPermitted is EPERM");
    const OSMetaClass *meta = p->getMetaClass();
    CHECK(!strcmp(meta->getClassName(), "org_virtio_osx_test_Probe"), "getClassName");
    CHECK(meta->getSuperClass() == IOService::metaClass, "getSuperClass");
    CHECK(p->metaCast("IORegistryEntry") == p && !p->metaCast("IOPCIDevice"), "metaCast by name");
    CHECK(OSDynamicCast(IOService, (OSObject *)p) && !OSDynamicCast(IOPCIDevice, (OSObject *)p),
          "OSDynamicCast");
    OSObject *made = OSMetaClass::allocClassWithName("org_virtio_osx_test_Life");
    CHECK(OSDynamicCast(Life, made), "allocClassWithName");
    OSSafeRelease(made);
    CHECK(!OSMetaClass::allocClassWithName("org_virtio_osx_test_Absent"), "of a class that is not there");
}

void test_registry(Probe *p)
{
    IOService *e = new IOService;
    if (!CHECK(e && e->init(), "an entry"))
        return;
    testProperties(e);
    testNames(p, e);
    testTree(p, e);
    testIterators(p, e);
    testDefaults(p);
    e->release();
}
