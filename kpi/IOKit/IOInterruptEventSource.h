// SPDX-License-Identifier: BSD-3-Clause
// Interrupts delivered on a work loop. Answers to Apple's IOKit/IOInterruptEventSource.h (Mac OS X
// 10.6 view).
#pragma once

#include <IOKit/IOEventSource.h>

#define IOInterruptEventAction IOInterruptEventSource::Action

class IOService;

// Counts interrupts in primary interrupt context and calls the action on the work loop with the number
// since last time. A level triggered source is disabled from the interrupt until its action is done (xnu
// iokit/Kernel/IOInterruptEventSource.cpp).
class IOInterruptEventSource : public IOEventSource
{
    OSDeclareDefaultStructors(IOInterruptEventSource)

public:
    typedef void (*Action)(OSObject *, IOInterruptEventSource *, int);

protected:
    struct ExpansionData; // the implementation's own

    IOService *provider;
    int intIndex;
    volatile unsigned int producerCount;
    unsigned int consumerCount;
    bool autoDisable;
    bool explicitDisable;
    ExpansionData *reserved;

    virtual void free(void);
    virtual bool checkForWork(void);
#ifndef KPI_10_5
    virtual void setWorkLoop(IOWorkLoop *inWorkLoop);
#endif

public:
    virtual bool init(OSObject *owner, Action action, IOService *provider = 0, int intIndex = 0);
    virtual void enable(void);
    virtual void disable(void);
    virtual const IOService *getProvider(void) const;
    virtual int getIntIndex(void) const;
    // True for a level triggered source.
    virtual bool getAutoDisable(void) const;
    // Primary interrupt context, or any thread for a software source.
    virtual void interruptOccurred(void *, IOService *nub, int ind);
    virtual void normalInterruptOccurred(void *, IOService *nub, int ind);
    // As interruptOccurred for a level source: it is disabled first.
    virtual void disableInterruptOccurred(void *, IOService *nub, int ind);
    OSMetaClassDeclareReservedUnused(IOInterruptEventSource, 0);
    OSMetaClassDeclareReservedUnused(IOInterruptEventSource, 1);
    OSMetaClassDeclareReservedUnused(IOInterruptEventSource, 2);
    OSMetaClassDeclareReservedUnused(IOInterruptEventSource, 3);
    OSMetaClassDeclareReservedUnused(IOInterruptEventSource, 4);
    OSMetaClassDeclareReservedUnused(IOInterruptEventSource, 5);
    OSMetaClassDeclareReservedUnused(IOInterruptEventSource, 6);
    OSMetaClassDeclareReservedUnused(IOInterruptEventSource, 7);

public:
    // One reference; without provider it is a software source that interruptOccurred fires. 0 when the
    // provider has no such index.
    static IOInterruptEventSource *interruptEventSource(OSObject *owner, Action action,
                                                        IOService *provider = 0, int intIndex = 0);
};
