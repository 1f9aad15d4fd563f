// SPDX-License-Identifier: BSD-3-Clause
/*
 * A driver with a lower score for the same device: never started while the better one starts (xnu
 * iokit/Kernel/IOService.cpp probeCandidates).
 */
#include "probe.h"

class org_virtio_osx_test_Weaker : public IOService
{
    OSDeclareDefaultStructors(org_virtio_osx_test_Weaker) public
        : virtual bool start(IOService *provider) override;
};
OSDefineMetaClassAndStructors(org_virtio_osx_test_Weaker, IOService)

    bool org_virtio_osx_test_Weaker::start(IOService *provider)
{
    IOLog("LIFE the weaker one starts\n");
    return IOService::start(provider);
}
