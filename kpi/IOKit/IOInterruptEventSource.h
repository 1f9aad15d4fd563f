// SPDX-License-Identifier: BSD-3-Clause
// Interrupts delivered on a work loop. Answers to Apple's IOKit/IOInterruptEventSource.h (x86_64, Mac OS X
// 10.6 view).
#pragma once

#include <IOKit/IOEventSource.h>

#define IOInterruptEventAction IOInterruptEventSource::Action

class IOService;

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
    virtual void setWorkLoop(IOWorkLoop *inWorkLoop);

public:
    virtual bool init(OSObject *owner, Action action, IOService *provider = 0, int intIndex = 0);
    virtual void enable(void);
    virtual void disable(void);
    virtual const IOService *getProvider(void) const;
    virtual int getIntIndex(void) const;
    virtual bool getAutoDisable(void) const;
    virtual void interruptOccurred(void *, IOService *nub, int ind);
    virtual void normalInterruptOccurred(void *, IOService *nub, int ind);
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
    static IOInterruptEventSource *interruptEventSource(OSObject *owner, Action action,
                                                        IOService *provider = 0, int intIndex = 0);
};
