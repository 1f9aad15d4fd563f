// SPDX-License-Identifier: BSD-3-Clause
/*
 * A thread for each service of the host that takes one of the host's locks, calling it as fast as it can and counting its calls,
 * for test/kdp/hammer.c: "HAMMER ADDRESS COUNT" in the log tells where the counters, of 32 bits, are.
 */
#include <IOKit/IOLib.h>
#include <IOKit/IOLocks.h>
#include <IOKit/IOService.h>
#include <IOKit/pci/IOPCIDevice.h>
#include <libkern/OSAtomic.h>
#include <libkern/c++/OSContainers.h>
#include <sys/kpi_mbuf.h>

class org_virtio_osx_test_Hammer : public IOService
{
    OSDeclareDefaultStructors(org_virtio_osx_test_Hammer) public : virtual bool start(IOService *provider);
    virtual void stop(IOService *provider);

    IOPCIDevice *device;
    IOMemoryMap *map;
    IOLock *lock;
};
typedef org_virtio_osx_test_Hammer Hammer;
OSDefineMetaClassAndStructors(org_virtio_osx_test_Hammer, IOService)

static void memory(Hammer *, UInt32 n)
{
    vm_size_t size = n % 16 ? 16 << n % 11 : 100000; /* a large one now and then: another lock */
    void *block = IOMalloc(size);
    if (block)
        IOFree(block, size);
}

static void lock(Hammer *h, UInt32)
{
    IOLockLock(h->lock);
    IOLockUnlock(h->lock);
}

static void packet(Hammer *, UInt32)
{
    mbuf_t m = 0;
    if (!mbuf_allocpacket(MBUF_WAITOK, 1500, 0, &m))
        mbuf_freem(m);
}

static void property(Hammer *h, UInt32 n)
{
    h->setProperty("count", n, 32);
}

static void dictionary(Hammer *, UInt32 n)
{
    OSDictionary *d = OSDictionary::withCapacity(1);
    const OSSymbol *key = OSSymbol::withCString("hammer");
    OSNumber *value = OSNumber::withNumber(n, 32);
    if (d && key && value)
        d->setObject(key, value);
    OSSafeRelease(value);
    OSSafeRelease(key);
    OSSafeRelease(d);
}

static void log(Hammer *, UInt32 n)
{
    IOLog("%s", n % 64 ? "" : "hammer\n"); /* mostly without text: not a log of many megabytes */
}

static void configuration(Hammer *h, UInt32)
{
    h->device->configRead32(kIOPCIConfigVendorID);
}

static void device_register(Hammer *h, UInt32)
{
    (void)*(volatile UInt32 *)h->map->getVirtualAddress();
}

/* Two threads at the IOLock, so that one waits for the other. */
static void (*const services[])(Hammer *, UInt32) = {memory, lock, lock, packet, property, dictionary, log, configuration, device_register};
enum { kServices = sizeof services / sizeof services[0] };

static volatile UInt32 counter[kServices];
static volatile SInt32 running;
static volatile bool ending;
static Hammer *volatile self;
static volatile SInt32 next;

static void work(void *)
{
    SInt32 i = OSIncrementAtomic(&next);
    while (!ending) {
        services[i](self, counter[i]);
        counter[i]++;
    }
    OSDecrementAtomic(&running);
    IOExitThread();
}

bool org_virtio_osx_test_Hammer::start(IOService *provider)
{
    device = OSDynamicCast(IOPCIDevice, provider);
    if (!device || !IOService::start(provider))
        return false;
    device->setMemoryEnable(true);
    map = device->mapDeviceMemoryWithIndex(0);
    lock = IOLockAlloc();
    if (!map || !lock)
        return false;
    self = this;
    for (int i = 0; i < kServices; i++) {
        OSIncrementAtomic(&running);
        if (!IOCreateThread(work, 0))
            OSDecrementAtomic(&running);
    }
    IOLog("HAMMER 0x%llx %d\n", (UInt64)(uintptr_t)counter, (int)kServices);
    return true;
}

void org_virtio_osx_test_Hammer::stop(IOService *provider)
{
    ending = true;
    while (running)
        IOSleep(1);
    OSSafeReleaseNULL(map);
    if (lock)
        IOLockFree(lock);
    IOService::stop(provider);
}
