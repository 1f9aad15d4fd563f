// SPDX-License-Identifier: BSD-3-Clause
/*
 * IOSharedInterruptController: the clients of one line, called in turn. The line itself is enabled only while
 * all of them are: one that disabled itself (a level that the work loop has yet to serve) holds the line off
 * for the others. Answers to IOKit/IOInterruptController.h; behaviour as in xnu-2422.115.4
 * iokit/Kernel/IOInterruptController.cpp.
 */
#include "iokit/impl.h"
#include "iokit/vectors.h"

OSDefineMetaClassAndStructors(IOSharedInterruptController, IOInterruptController)

    /* Specifiers that lead nubs here, by vector; made when first needed, kept for the next client. */
    struct shared_record { /* IOSharedInterruptController::reserved */
    OSData *specifiers[kSharedVectors];
};

struct SimpleScope {
    IOSimpleLock *lock;
    IOInterruptState state;
    explicit SimpleScope(IOSimpleLock *l) : lock(l), state(IOSimpleLockLockDisableInterrupt(l)) {}
    ~SimpleScope() { IOSimpleLockUnlockEnableInterrupt(lock, state); }
};

/* It is its own nub towards the parent, whose vector owns it: source 0 is the line. */
IOReturn IOSharedInterruptController::initInterruptController(IOInterruptController *parentController,
                                                              OSData *parentSource)
{
    if (!init((OSDictionary *)0))
        return kIOReturnNoResources;
    provider = this;
    _interruptSources = make_zero<IOInterruptSource>();
    if (!_interruptSources)
        return kIOReturnNoMemory;
    _numInterruptSources = 1;
    parentSource->retain();
    _interruptSources[0].interruptController = parentController;
    _interruptSources[0].vectorData = parentSource;
    int type;
    sourceIsLevel =
        provider->getInterruptType(0, &type) == kIOReturnSuccess && (type & kIOInterruptTypeLevel);
    reserved = (ExpansionData *)make_zero<shared_record>();
    if (!reserved || !iokit_make_vectors(this, kSharedVectors))
        return kIOReturnNoMemory;
    numVectors = 0; /* the highest one in use, plus one */
    vectorsRegistered = vectorsEnabled = 0;
    controllerDisabled = 1;
    return kIOReturnSuccess;
}

void shared_free(IOSharedInterruptController *self)
{
    shared_record *record = (shared_record *)self->reserved;
    for (int i = 0; record && i < kSharedVectors; i++)
        drop(record->specifiers[i]);
    if (record)
        IOFree(record, sizeof *record);
    iokit_free_vectors(self, kSharedVectors);
    self->_interruptSources[0].vectorData->release();
    self->release();
}

/* From here on the nub's source leads to this controller. */
static IOReturn adopt_source(IOSharedInterruptController *self, IOService *nub, int source,
                             IOInterruptVectorNumber number)
{
    OSData **specifier = &((shared_record *)self->reserved)->specifiers[number];
    if (!*specifier)
        *specifier = OSData::withBytes(&number, sizeof number);
    if (!*specifier)
        return kIOReturnNoMemory;
    nub->_interruptSources[source].interruptController = self;
    nub->_interruptSources[source].vectorData = *specifier;
    return kIOReturnSuccess;
}

IOReturn IOSharedInterruptController::registerInterrupt(IOService *nub, int source, void *target,
                                                        IOInterruptHandler handler, void *refCon)
{
    for (IOInterruptVectorNumber number = 0; number < kSharedVectors; number++) {
        IOInterruptVector *vector = &vectors[number];
        MutexScope hold(vector->interruptLock);
        if (vector->interruptRegistered)
            continue;
        IOReturn result = adopt_source(this, nub, source, number);
        if (result != kIOReturnSuccess)
            return result;
        vector_fill(vector, nub, source, target, handler, refCon);
        vector->interruptDisabledSoft = 1;
        vector->interruptRegistered = 1;
        SimpleScope lock(controllerLock);
        vectorsRegistered++;
        if (number >= numVectors)
            numVectors = number + 1;
        return kIOReturnSuccess;
    }
    return kIOReturnNoResources;
}

IOReturn IOSharedInterruptController::unregisterInterrupt(IOService *nub, int source)
{
    for (IOInterruptVectorNumber number = 0; number < numVectors; number++) {
        IOInterruptVector *vector = &vectors[number];
        MutexScope hold(vector->interruptLock);
        if (!vector->interruptRegistered || vector->nub != nub || vector->source != source)
            continue;
        disableInterrupt(nub, source);
        vector_clear(vector);
        SimpleScope lock(controllerLock);
        vectorsRegistered--;
    }
    if (vectorsEnabled == vectorsRegistered) {
        controllerDisabled = 0;
        provider->enableInterrupt(0);
    }
    return kIOReturnSuccess;
}

IOReturn IOSharedInterruptController::getInterruptType(IOService *nub, int source, int *interruptType)
{
    return provider->getInterruptType(0, interruptType);
}

IOReturn IOSharedInterruptController::enableInterrupt(IOService *nub, int source)
{
    IOInterruptVector *vector = &vectors[vector_number(nub, source)];
    bool line = false;
    {
        SimpleScope lock(controllerLock);
        if (!vector->interruptDisabledSoft)
            return kIOReturnSuccess;
        vector->interruptDisabledSoft = 0;
        vectorsEnabled++;
        if (controllerDisabled && vectorsEnabled == vectorsRegistered) {
            controllerDisabled = 0;
            line = true;
        }
    }
    if (line)
        provider->enableInterrupt(0);
    return kIOReturnSuccess;
}

IOReturn IOSharedInterruptController::disableInterrupt(IOService *nub, int source)
{
    IOInterruptVector *vector = &vectors[vector_number(nub, source)];
    {
        SimpleScope lock(controllerLock);
        if (!vector->interruptDisabledSoft) {
            __atomic_store_n(&vector->interruptDisabledSoft, 1, __ATOMIC_SEQ_CST);
            vectorsEnabled--;
        }
    }
    vector_wait(vector);
    return kIOReturnSuccess;
}

static void handle_shared(OSObject *self, void *refCon, IOService *nub, int source)
{
    ((IOSharedInterruptController *)self)->handleInterrupt(refCon, nub, source);
}

IOInterruptAction IOSharedInterruptController::getInterruptHandlerAddress(void)
{
    return handle_shared;
}

IOReturn IOSharedInterruptController::handleInterrupt(void *refCon, IOService *nub, int source)
{
    for (IOInterruptVectorNumber number = 0; number < numVectors; number++) {
        IOInterruptVector *vector = &vectors[number];
        __atomic_store_n(&vector->interruptActive, 1, __ATOMIC_SEQ_CST);
        if (vector->interruptRegistered && !__atomic_load_n(&vector->interruptDisabledSoft, __ATOMIC_SEQ_CST))
            vector->handler(vector->target, vector->refCon, vector->nub, vector->source);
        __atomic_store_n(&vector->interruptActive, 0, __ATOMIC_SEQ_CST);
    }
    SimpleScope lock(controllerLock);
    if (vectorsEnabled != vectorsRegistered) {
        nub->disableInterrupt(0);
        controllerDisabled = 1;
    }
    return kIOReturnSuccess;
}
