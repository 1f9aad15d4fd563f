// SPDX-License-Identifier: BSD-3-Clause
/*
 * Methods that a later system's classes have beyond the 10.6 view of kpi/, under the names that kexts import:
 * the loader offers each to the systems that export it (kpi/abi/exports.tsv), in vtables in place of padding.
 * `self` is `this`. Behaviour as in xnu-2422.115.4.
 */
#include "iokit/impl.h"
#include "iokit/power.h"
#include <IOKit/IOEventSource.h>

extern "C" {
SInt64 gIOKitDebug; /* the boot-arg io=: no debugging of IOKit itself */

/* 10.7: abstract before, and without a free of its own. */
bool later_checkForWork(IOEventSource *self) __asm__("_ZN13IOEventSource12checkForWorkEv");
bool later_checkForWork(IOEventSource *self)
{
    return false;
}

void later_source_free(IOEventSource *self) __asm__("_ZN13IOEventSource4freeEv");
void later_source_free(IOEventSource *self)
{
    self->OSObject::free();
}

/* 10.8 */
IOService *later_copyMatchingService(OSDictionary *matching) __asm__(
    "_ZN9IOService19copyMatchingServiceEP12OSDictionary");
IOService *later_copyMatchingService(OSDictionary *matching)
{
    return matching ? service_copy_match(matching) : 0;
}

/* 10.9: reports. The base class knows only channels of power management; of others it says nothing. */
IOReturn later_configureReport(
    IOService *self, void *channels, unsigned action, void *result,
    void *destination) __asm__("_ZN9IOService15configureReportEP19IOReportChannelListjPvS2_");
IOReturn later_configureReport(IOService *self, void *channels, unsigned action, void *result,
                               void *destination)
{
    return kIOReturnSuccess;
}

IOReturn
later_updateReport(IOService *self, void *channels, unsigned action, void *result,
                   void *destination) __asm__("_ZN9IOService12updateReportEP19IOReportChannelListjPvS2_");
IOReturn later_updateReport(IOService *self, void *channels, unsigned action, void *result, void *destination)
{
    return kIOReturnSuccess;
}
}
