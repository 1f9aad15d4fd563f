// SPDX-License-Identifier: BSD-3-Clause
/*
 * Imports what no system exports, what a library exports that its Info.plist does not list, and a virtual
 * method that the host's tables have and the host has not.
 */
#include <IOKit/IOService.h>

class org_virtio_osx_test_Unbound : public IOService
{
    OSDeclareDefaultStructors(org_virtio_osx_test_Unbound) public : virtual bool start(IOService *provider);
};
OSDefineMetaClassAndStructors(org_virtio_osx_test_Unbound, IOService)

    extern "C"
{
    int org_virtio_osx_no_such_function(void);
    extern int org_virtio_osx_no_such_variable;
    int mbuf_mclget(int, int, void *);
    void last_reserved(void *) __asm__("__ZN10IOWorkLoop20_RESERVEDIOWorkLoop7Ev");
}

bool org_virtio_osx_test_Unbound::start(IOService *provider)
{
    last_reserved(this);
    return IOService::start(provider) &&
           org_virtio_osx_no_such_function() == org_virtio_osx_no_such_variable && mbuf_mclget(0, 0, 0);
}
