// SPDX-License-Identifier: BSD-3-Clause
/*
 * A driver that starts and does nothing; its Info.plist is varied by the test.
 */
#include <IOKit/IOService.h>

class org_virtio_osx_test_Plain : public IOService
{
    OSDeclareDefaultStructors(org_virtio_osx_test_Plain)
};
OSDefineMetaClassAndStructors(org_virtio_osx_test_Plain, IOService)
