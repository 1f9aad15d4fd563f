// SPDX-License-Identifier: BSD-3-Clause
// Physical ranges of a device. Answers to Apple's IOKit/IODeviceMemory.h (Mac OS X 10.6 view).
#pragma once

#include <IOKit/IOMemoryDescriptor.h>

// A physical range of a device, as IOService's device memory array holds it (xnu
// iokit/Kernel/IODeviceMemory.cpp).
class IODeviceMemory : public IOMemoryDescriptor
{
    OSDeclareDefaultStructors(IODeviceMemory)

public:
    struct InitElement {
        IOPhysicalAddress start;
        IOPhysicalLength length;
        IOOptionBits tag;
    };

    static OSArray *arrayFromList(InitElement *list, IOItemCount count);
    static IODeviceMemory *withRange(IOPhysicalAddress start, IOPhysicalLength length);
    static IODeviceMemory *withSubRange(IODeviceMemory *of, IOPhysicalAddress offset,
                                        IOPhysicalLength length);
};
