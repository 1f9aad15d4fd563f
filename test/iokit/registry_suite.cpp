// SPDX-License-Identifier: BSD-3-Clause
// Registry entries: links, paths, properties, iterators; command pools, condition locks, ranges.
#include "iokit/impl.h"
#include <IOKit/IOCommandPool.h>
#include <IOKit/IOConditionLock.h>
#include <IOKit/IORangeAllocator.h>
#include "test/iokit/suite.h"

static IORegistryEntry *make_entry(const char *name, const char *location, IORegistryEntry *parent)
{
    IORegistryEntry *entry = new IORegistryEntry;
    entry->init((OSDictionary *)0);
    entry->setName(name);
    if (location)
        entry->setLocation(location);
    if (parent)
        entry->attachToParent(parent, gIOServicePlane);
    return entry;
}

static void paths(IORegistryEntry *leaf)
{
    char path[200], rest[40];
    int length = sizeof path;
    bool ok = leaf->getPath(path, &length, gIOServicePlane);
    host_check(ok && !strcmp(path, "IOService:/bus@1,0/disk"), "path of an entry, from below the top: %s",
               path);
    IORegistryEntry *found = IORegistryEntry::fromPath("IOService:/bus@1/disk");
    host_check(found == leaf, "a path with a shorter location leads to it");
    if (found)
        found->release();
    host_check(!IORegistryEntry::fromPath("IOService:/bus@2/disk"), "another location leads nowhere");
    host_check(!IORegistryEntry::fromPath("IOService:/bus@1/disk/none"), "a path too long leads nowhere");
    length = sizeof rest;
    found = IORegistryEntry::fromPath("IOService:/bus@1/disk/a:b", 0, rest, &length);
    host_check(found == leaf && !strcmp(rest, "/a:b"), "what is left of a path comes back: %s", rest);
    if (found)
        found->release();
}

static void properties(IORegistryEntry *bus, IORegistryEntry *leaf)
{
    bus->setProperty("speed", 1000ull, 32);
    OSObject *number = leaf->copyProperty("speed", gIOServicePlane);
    host_check(OSDynamicCast(OSNumber, number) && ((OSNumber *)number)->unsigned32BitValue() == 1000,
               "a property is found along the parents");
    if (number)
        number->release();
    host_check(!leaf->getProperty("speed"), "and is not the child's own");
    OSDictionary *table = OSDictionary::withCapacity(1);
    leaf->setProperty("table", table);
    host_check(table->setOptions(0, 0) & OSCollection::kImmutable,
               "a collection in an attached entry is immutable");
    table->release();
    leaf->removeProperty("table");
    host_check(!leaf->getProperty("table"), "a removed property is gone");
}

static void iterators(IORegistryEntry *top, IORegistryEntry *final)
{
    IORegistryIterator *walk =
        IORegistryIterator::iterateOver(top, gIOServicePlane, kIORegistryIterateRecursively);
    int count = 0;
    IORegistryEntry *last = 0;
    while (IORegistryEntry *entry = walk->getNextObject()) {
        last = entry;
        count++;
    }
    host_check(count == 3 && last == final, "an iterator visits all, parents first (%d)", count);
    walk->reset();
    walk->getNextObject();
    IORegistryEntry *more = make_entry("more", 0, top);
    host_check(!walk->isValid(), "a changed list invalidates it");
    walk->release();
    more->detachAll(gIOServicePlane);
    more->release();
}

void suite_registry(void)
{
    int before = host_objects();
    IORegistryEntry *root = IORegistryEntry::getRegistryRoot(), *old = root->getChildEntry(gIOServicePlane);
    old->retain();
    old->detachFromParent(root, gIOServicePlane);
    IORegistryEntry *top = make_entry("top", 0, root), *bus = make_entry("bus", "1,0", top);
    IORegistryEntry *leaf = make_entry("disk", 0, bus), *other = make_entry("other", 0, top);
    host_check(top->isChild(bus, gIOServicePlane) && bus->isParent(top, gIOServicePlane, true),
               "links go both ways");
    host_check(leaf->getDepth(gIOServicePlane) == 4, "depth counts from the root");
    host_check(leaf->getRegistryEntryID() > bus->getRegistryEntryID(), "ids ascend");
    paths(leaf);
    properties(bus, leaf);
    other->detachAbove(gIOServicePlane);
    other->attachToParent(bus, gIOPowerPlane);
    host_check(other->inPlane() && !other->inPlane(gIOServicePlane), "planes are apart");
    other->detachAbove(gIOPowerPlane);
    other->attachToParent(top, gIOServicePlane);
    iterators(top, other);
    top->detachAll(gIOServicePlane);
    other->release();
    leaf->release();
    bus->release();
    top->release();
    old->attachToParent(root, gIOServicePlane);
    old->release();
    host_check(host_objects() == before, "no object is left (%d, %d before)", host_objects(), before);
}

/* ---- small classes ---- */
static IOConditionLock *condition;
static volatile int stage;

static void wait_for_seven(void *, wait_result_t)
{
    condition->lockWhen(7);
    stage = 1;
    condition->unlockWith(8);
    stage = 2;
}

static void conditions(void)
{
    thread_t thread;
    condition = IOConditionLock::withCondition(1);
    kernel_thread_start(wait_for_seven, 0, &thread);
    condition->lock();
    host_check(!condition->tryLock(), "a held condition lock is not taken twice");
    condition->unlockWith(3);
    IOSleep(5);
    host_check(stage == 0, "the waiter waits for its number");
    condition->lock();
    condition->unlockWith(7);
    condition->lockWhen(8);
    host_check(stage >= 1, "and gets the lock with it");
    condition->unlock();
    EVENTUALLY(stage == 2); /* it is out of the lock */
    condition->release();
    thread_deallocate(thread);
}

static void ranges(void)
{
    IORangeAllocator *range = IORangeAllocator::withRange(0xffff, 1, 4, IORangeAllocator::kLocking);
    IORangeScalar a = 0, b = 0;
    bool ok = range->allocate(0x100, &a, 0x1000) && range->allocate(0x10, &b, 0x1000);
    host_check(ok && a == 0 && b == 0x1000, "ranges are aligned (0x%llx, 0x%llx)", (unsigned long long)a, (unsigned long long)b);
    host_check(range->allocateRange(0x2000, 0x100) && !range->allocateRange(0x20f0, 0x100),
               "a range is taken once");
    range->deallocate(0x2000, 0x100);
    range->deallocate(a, 0x1000); /* as much as the alignment made of it */
    range->deallocate(b, 0x1000);
    host_check(range->getFragmentCount() == 1 && range->getFreeCount() == 0x10000,
               "given back, it is whole again");
    range->release();
}

static void pools(void)
{
    IOWorkLoop *loop = IOWorkLoop::workLoop();
    IOCommandPool *pool = IOCommandPool::withWorkLoop(loop);
    IOCommand *command = new IOCommand;
    command->init();
    host_check(!pool->getCommand(false), "an empty pool gives nothing");
    pool->returnCommand(command);
    host_check(pool->getCommand() == command, "a pool gives what it was given");
    command->release();
    pool->release();
    loop->release();
}

void suite_small(void)
{
    int before = host_objects();
    conditions();
    ranges();
    pools();
    EVENTUALLY(host_objects() == before);
    host_check(host_objects() == before, "no object is left (%d, %d before)", host_objects(), before);
}
