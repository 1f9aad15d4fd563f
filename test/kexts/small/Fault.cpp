// SPDX-License-Identifier: BSD-3-Clause
/*
 * Goes wrong, or slow, as the boot-arg fault= says, in start(), in an interrupt's filter, or in another thread while stop() runs.
 */
#include <IOKit/IOLib.h>
#include <IOKit/IOFilterInterruptEventSource.h>
#include <IOKit/IOService.h>
#include <IOKit/IOWorkLoop.h>
#include <IOKit/pci/IOPCIDevice.h>
#include <kern/debug.h>
#include <pexpert/pexpert.h>
#include <string.h>

class org_virtio_osx_test_Fault : public IOService
{
    OSDeclareDefaultStructors(org_virtio_osx_test_Fault) public : virtual bool start(IOService *provider);
    virtual void stop(IOService *provider);
};
OSDefineMetaClassAndStructors(org_virtio_osx_test_Fault, IOService)

#define NOINLINE __attribute__((noinline, visibility("hidden")))
    extern "C"
{
    static volatile int *volatile nowhere;
    static volatile int zero;
    NOINLINE void fault_store(void)
    {
        *nowhere = 1;
    }
    NOINLINE void fault_call(void)
    {
        ((void (*volatile)(void))nowhere)();
        *(volatile int *)&zero = 0;
    }
    NOINLINE void fault_instruction(void)
    {
        __builtin_trap();
    }
    NOINLINE void fault_divide(void)
    {
        zero = 7 / zero;
    }
#pragma clang diagnostic ignored "-Winfinite-recursion"
    NOINLINE int fault_recursion(volatile int *above)
    {
        volatile int frame[256];
        frame[0] = *above;
        return fault_recursion(frame) + frame[0];
    }
    NOINLINE void fault_panic(void)
    {
        panic("fault: %d of %s", 42, "org.virtio-osx.test");
        zero = 1;
    }
    /* IOWorkLoop's last reserved slot; on i386 a vptr points two words before the first. */
    NOINLINE void fault_slot(void)
    {
#ifdef __LP64__
        enum { kLastReserved = 62 };
#else
        enum { kLastReserved = 2 + 59 };
#endif
        IOWorkLoop *loop = IOWorkLoop::workLoop();
        (*(void (***)(IOWorkLoop *))loop)[kLastReserved](loop);
        zero = 1; /* a call, not a jump */
    }
}

static bool filter(OSObject *owner, IOFilterInterruptEventSource *)
{
    fault_store();
    return false;
}

static void fault_in_filter(IOService *self, IOPCIDevice *device)
{
    IOWorkLoop *loop = IOWorkLoop::workLoop();
    IOFilterInterruptEventSource *source =
        IOFilterInterruptEventSource::filterInterruptEventSource(self, 0, filter, device, 0);
    loop->addEventSource(source);
    source->enable();
    device->setMemoryEnable(true);
    IOMemoryMap *map = device->mapDeviceMemoryWithIndex(0);
    *(volatile UInt32 *)(map->getVirtualAddress() + 0x60) = 1;
    IOSleep(30000); /* at most: the fault ends it */
}

bool org_virtio_osx_test_Fault::start(IOService *provider)
{
    char how[32] = "";
    int one = 1;
    PE_parse_boot_argn("fault", how, sizeof how);
    if (!strcmp(how, "store"))
        fault_store();
    else if (!strcmp(how, "call"))
        fault_call();
    else if (!strcmp(how, "instruction"))
        fault_instruction();
    else if (!strcmp(how, "divide"))
        fault_divide();
    else if (!strcmp(how, "recursion"))
        fault_recursion(&one);
    else if (!strcmp(how, "panic"))
        fault_panic();
    else if (!strcmp(how, "slot"))
        fault_slot();
    else if (!strcmp(how, "filter"))
        fault_in_filter(this, (IOPCIDevice *)provider);
    else if (!strcmp(how, "slow"))
        IOSleep(12000);
    return IOService::start(provider);
}

static void panic_soon(void *)
{
    IOSleep(50);
    fault_panic();
}

void org_virtio_osx_test_Fault::stop(IOService *provider)
{
    char how[32] = "";
    PE_parse_boot_argn("fault", how, sizeof how);
    if (!strcmp(how, "stop") && IOCreateThread(panic_soon, 0))
        for (;;)
            IOSleep(1);
    IOService::stop(provider);
}
