// SPDX-License-Identifier: BSD-3-Clause
// Interrupt controllers and the sharing of one vector. Answers to Apple's IOKit/IOInterruptController.h
// (Mac OS X 10.6 view).
#pragma once

#include <IOKit/IOLocks.h>
#include <IOKit/IOService.h>
#include <IOKit/IOInterrupts.h>

class IOSharedInterruptController;
// One vector of a controller: its handler and state.
struct IOInterruptVector {
    volatile char interruptActive;
    volatile char interruptDisabledSoft;
    volatile char interruptDisabledHard;
    volatile char interruptRegistered;
    IOLock *interruptLock;
    IOService *nub;
    int source;
    void *target;
    IOInterruptHandler handler;
    void *refCon;
    IOSharedInterruptController *sharedController;
};
typedef struct IOInterruptVector IOInterruptVector;
#ifdef __LP64__
typedef int32_t IOInterruptVectorNumber;
#else
typedef long IOInterruptVectorNumber;
#endif

// Base of interrupt controllers: a vector each, masked lazily when disabled (xnu
// iokit/Kernel/IOInterruptController.cpp).
class IOInterruptController : public IOService
{
    OSDeclareAbstractStructors(IOInterruptController)

protected:
    struct ExpansionData; // the implementation's own

    IOInterruptVector *vectors;
    IOSimpleLock *controllerLock;
    ExpansionData *reserved;

public:
    virtual IOReturn registerInterrupt(IOService *nub, int source, void *target, IOInterruptHandler handler,
                                       void *refCon);
    virtual IOReturn unregisterInterrupt(IOService *nub, int source);
    virtual IOReturn getInterruptType(IOService *nub, int source, int *interruptType);
    virtual IOReturn enableInterrupt(IOService *nub, int source);
    virtual IOReturn disableInterrupt(IOService *nub, int source);
    virtual IOReturn causeInterrupt(IOService *nub, int source);
    virtual IOInterruptAction getInterruptHandlerAddress(void);
    virtual IOReturn handleInterrupt(void *refCon, IOService *nub, int source);
    virtual bool vectorCanBeShared(IOInterruptVectorNumber vectorNumber, IOInterruptVector *vector);
    virtual void initVector(IOInterruptVectorNumber vectorNumber, IOInterruptVector *vector);
    virtual int getVectorType(IOInterruptVectorNumber vectorNumber, IOInterruptVector *vector);
    virtual void disableVectorHard(IOInterruptVectorNumber vectorNumber, IOInterruptVector *vector);
    virtual void enableVector(IOInterruptVectorNumber vectorNumber, IOInterruptVector *vector);
    virtual void causeVector(IOInterruptVectorNumber vectorNumber, IOInterruptVector *vector);
    OSMetaClassDeclareReservedUnused(IOInterruptController, 0);
    OSMetaClassDeclareReservedUnused(IOInterruptController, 1);
    OSMetaClassDeclareReservedUnused(IOInterruptController, 2);
    OSMetaClassDeclareReservedUnused(IOInterruptController, 3);
    OSMetaClassDeclareReservedUnused(IOInterruptController, 4);
    OSMetaClassDeclareReservedUnused(IOInterruptController, 5);
};

// Hands one vector to all drivers that registered for it, in turn (xnu
// iokit/Kernel/IOInterruptController.cpp).
class IOSharedInterruptController : public IOInterruptController
{
    OSDeclareDefaultStructors(IOSharedInterruptController)

protected:
    struct ExpansionData; // the implementation's own

private:
    IOService *provider;
    int numVectors;
    int vectorsRegistered;
    int vectorsEnabled;
    volatile int controllerDisabled;
    bool sourceIsLevel;
    ExpansionData *reserved;

public:
    virtual IOReturn initInterruptController(IOInterruptController *parentController, OSData *parentSource);
    virtual IOReturn registerInterrupt(IOService *nub, int source, void *target, IOInterruptHandler handler,
                                       void *refCon);
    virtual IOReturn unregisterInterrupt(IOService *nub, int source);
    virtual IOReturn getInterruptType(IOService *nub, int source, int *interruptType);
    virtual IOReturn enableInterrupt(IOService *nub, int source);
    virtual IOReturn disableInterrupt(IOService *nub, int source);
    virtual IOInterruptAction getInterruptHandlerAddress(void);
    virtual IOReturn handleInterrupt(void *refCon, IOService *nub, int source);
    OSMetaClassDeclareReservedUnused(IOSharedInterruptController, 0);
    OSMetaClassDeclareReservedUnused(IOSharedInterruptController, 1);
    OSMetaClassDeclareReservedUnused(IOSharedInterruptController, 2);
    OSMetaClassDeclareReservedUnused(IOSharedInterruptController, 3);
};
