// SPDX-License-Identifier: BSD-3-Clause
/*
 * Leaves behind what the boot-arg leak= says, so that the host's counting of what outlives the kexts is
 * itself tested.
 */
#include <IOKit/IOLib.h>
#include <IOKit/IOLocks.h>
#include <IOKit/IOService.h>
#include <IOKit/IOWorkLoop.h>
#include <kern/thread.h>
#include <libkern/c++/OSData.h>
#include <libkern/c++/OSNumber.h>
#include <pexpert/pexpert.h>
#include <string.h>
#include <sys/kpi_mbuf.h>

class org_virtio_osx_test_Leak : public IOService
{
    OSDeclareDefaultStructors(org_virtio_osx_test_Leak) public : virtual bool start(IOService *provider);
    virtual void stop(IOService *provider);
};
OSDefineMetaClassAndStructors(org_virtio_osx_test_Leak, IOService)

    bool org_virtio_osx_test_Leak::start(IOService *provider)
{
    char what[32] = "";
    mbuf_t m = 0;
    PE_parse_boot_argn("leak", what, sizeof what);
    if (!strcmp(what, "objects")) {
        for (unsigned i = 0; i < 3; i++)
            OSNumber::withNumber(i, 32);
        OSData::withCapacity(64);
    } else if (!strcmp(what, "memory"))
        IOMalloc(4321);
    else if (!strcmp(what, "lock"))
        IOLockAlloc();
    else if (!strcmp(what, "mbuf"))
        mbuf_allocpacket(MBUF_WAITOK, 1500, 0, &m);
    else if (!strcmp(what, "retain"))
        retain();
    else if (!strcmp(what, "loop"))
        IOWorkLoop::workLoop();
    return IOService::start(provider);
}

static void let_go(void *instance, wait_result_t)
{
    IOSleep(2000);
    ((OSObject *)instance)->release();
}

/*
 * "handed" leaves nothing: another thread lets go of this instance a moment after stop().
 * "late" leaves nothing: a thread that runs no text of this kext, and ends by itself a moment after it has gone.
 */
void org_virtio_osx_test_Leak::stop(IOService *provider)
{
    enum { kLateMS = 1500 };
    char what[32] = "";
    thread_t thread;
    PE_parse_boot_argn("leak", what, sizeof what);
    if (!strcmp(what, "late") &&
        kernel_thread_start((thread_continue_t)IOSleep, (void *)kLateMS, &thread) == KERN_SUCCESS)
        thread_deallocate(thread);
    retain();
    if (!strcmp(what, "handed") && kernel_thread_start(let_go, this, &thread) == KERN_SUCCESS)
        thread_deallocate(thread);
    else
        release();
    IOService::stop(provider);
}
