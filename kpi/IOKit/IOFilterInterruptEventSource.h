// SPDX-License-Identifier: BSD-3-Clause
// Interrupts with a filter in primary interrupt context. Answers to Apple's
// IOKit/IOFilterInterruptEventSource.h (Mac OS X 10.6 view).
#pragma once

#include <IOKit/IOInterruptEventSource.h>

#define IOFilterInterruptAction IOFilterInterruptEventSource::Filter

class IOService;

// Asks a filter first, in primary interrupt context; only when it says true is the action scheduled. On a
// shared line the filter is how a driver says whose interrupt it was: it must not block, allocate or log
// (xnu iokit/Kernel/IOFilterInterruptEventSource.cpp).
class IOFilterInterruptEventSource : public IOInterruptEventSource
{
    OSDeclareDefaultStructors(IOFilterInterruptEventSource)

public:
    typedef bool (*Filter)(OSObject *, IOFilterInterruptEventSource *);

protected:
    struct ExpansionData; // the implementation's own

    Filter filterAction;
    ExpansionData *reserved;

private:
    virtual bool init(OSObject *inOwner, IOInterruptEventSource::Action inAction = 0,
                      IOService *inProvider = 0, int inIntIndex = 0);

public:
    virtual bool init(OSObject *owner, IOInterruptEventSource::Action action, Filter filter,
                      IOService *provider, int intIndex = 0);
    // Schedules the action although the filter said false.
    virtual void signalInterrupt(void);
    virtual Filter getFilterAction(void) const;
    virtual void normalInterruptOccurred(void *self, IOService *prov, int ind);
    virtual void disableInterruptOccurred(void *self, IOService *prov, int ind);
    OSMetaClassDeclareReservedUnused(IOFilterInterruptEventSource, 0);
    OSMetaClassDeclareReservedUnused(IOFilterInterruptEventSource, 1);
    OSMetaClassDeclareReservedUnused(IOFilterInterruptEventSource, 2);
    OSMetaClassDeclareReservedUnused(IOFilterInterruptEventSource, 3);
    OSMetaClassDeclareReservedUnused(IOFilterInterruptEventSource, 4);
    OSMetaClassDeclareReservedUnused(IOFilterInterruptEventSource, 5);
    OSMetaClassDeclareReservedUnused(IOFilterInterruptEventSource, 6);
    OSMetaClassDeclareReservedUnused(IOFilterInterruptEventSource, 7);

    static IOInterruptEventSource *interruptEventSource(OSObject *inOwner,
                                                        IOInterruptEventSource::Action inAction = 0,
                                                        IOService *inProvider = 0, int inIntIndex = 0);

public:
    // One reference; 0 when the provider has no such index.
    static IOFilterInterruptEventSource *filterInterruptEventSource(OSObject *owner,
                                                                    IOInterruptEventSource::Action action,
                                                                    Filter filter, IOService *provider,
                                                                    int intIndex = 0);
};
