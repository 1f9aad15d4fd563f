// SPDX-License-Identifier: BSD-3-Clause
/*
 * IOInterruptController: vectors, each with a handler, a soft state that drivers set and a hard state that
 * the hardware is in. Disabling is soft: only an interrupt that comes meanwhile makes the vector hard
 * disabled, and a level stays asserted until it is enabled again. Answers to IOKit/IOInterruptController.h;
 * behaviour as in xnu-2422.115.4 iokit/Kernel/IOInterruptController.cpp, the dispatch as AppleAPIC does it.
 */
#include "iokit/impl.h"
#include "iokit/vectors.h"

OSDefineMetaClassAndAbstractStructors(IOInterruptController, IOService)

    OSData *vector_data(IOService *nub, int source)
{
    return nub->_interruptSources[source].vectorData;
}

IOInterruptVectorNumber vector_number(IOService *nub, int source)
{
    return *(const IOInterruptVectorNumber *)vector_data(nub, source)->getBytesNoCopy();
}

/* Until the handler that runs now (on the interrupt thread) is through; from the handler itself there is no
 * waiting. */
void vector_wait(const IOInterruptVector *vector)
{
    if (IOService::getPlatform()->atInterruptLevel())
        return;
    while (__atomic_load_n(&vector->interruptActive, __ATOMIC_ACQUIRE))
        lx_thread_yield();
}

void vector_clear(IOInterruptVector *vector)
{
    IOLock *lock = vector->interruptLock;
    bzero((void *)vector, sizeof *vector);
    vector->interruptLock = lock;
}

void vector_fill(IOInterruptVector *vector, IOService *nub, int source, void *target,
                 IOInterruptHandler handler, void *refCon)
{
    vector->handler = handler;
    vector->nub = nub;
    vector->source = source;
    vector->target = target;
    vector->refCon = refCon;
}

bool iokit_make_vectors(IOInterruptController *controller, int count)
{
    IOInterruptVector *vectors = (IOInterruptVector *)IOMalloc(count * sizeof *vectors);
    controller->controllerLock = IOSimpleLockAlloc();
    if (!vectors || !controller->controllerLock)
        return false;
    bzero((void *)vectors, count * sizeof *vectors);
    for (int i = 0; i < count; i++)
        if (!(vectors[i].interruptLock = IOLockAlloc()))
            return false;
    controller->vectors = vectors;
    return true;
}

void iokit_free_vectors(IOInterruptController *controller, int count)
{
    for (int i = 0; controller->vectors && i < count; i++) {
        if (controller->vectors[i].sharedController)
            shared_free(controller->vectors[i].sharedController);
        if (controller->vectors[i].interruptLock)
            IOLockFree(controller->vectors[i].interruptLock);
    }
    if (controller->vectors)
        IOFree(controller->vectors, count * sizeof(IOInterruptVector));
    if (controller->controllerLock)
        IOSimpleLockFree(controller->controllerLock);
    controller->vectors = 0;
    controller->controllerLock = 0;
}

/* A vector that is soft disabled, or was by its handler, goes hard disabled: its level may be asserted still.
 */
void iokit_dispatch_interrupt(IOInterruptController *controller, int number)
{
    IOInterruptVector *vector = &controller->vectors[number];
    __atomic_store_n(&vector->interruptActive, 1, __ATOMIC_SEQ_CST);
    if (vector->interruptRegistered && !__atomic_load_n(&vector->interruptDisabledSoft, __ATOMIC_SEQ_CST))
        vector->handler(vector->target, vector->refCon, vector->nub, vector->source);
    if (vector->interruptDisabledSoft || !vector->interruptRegistered) {
        vector->interruptDisabledHard = 1;
        controller->disableVectorHard(number, vector);
    }
    __atomic_store_n(&vector->interruptActive, 0, __ATOMIC_SEQ_CST);
}

/* ---- registering ---- */
/* Level-triggered vectors of a platform's controller are shared from the first client on (PCI's INTx). */
static bool should_be_shared(IOInterruptController *controller, IOService *nub, int source)
{
    int type;
    return OSDynamicCast(IOPlatformDevice, controller->getProvider()) &&
           controller->getInterruptType(nub, source, &type) == kIOReturnSuccess &&
           (type & kIOInterruptTypeLevel);
}

/* Puts a shared controller between the vector and its clients; one who is registered already moves behind it
 * and is enabled there if it was. The vector's lock is held. */
static IOReturn make_shared(IOInterruptController *controller, IOInterruptVectorNumber number,
                            IOInterruptVector *vector, OSData *data)
{
    bool registered = vector->interruptRegistered, enabled = registered && !vector->interruptDisabledSoft;
    IOService *first = vector->nub;
    int first_source = vector->source;
    IOSharedInterruptController *shared = new IOSharedInterruptController;
    if (!shared)
        return kIOReturnNoMemory;
    if (registered)
        controller->disableVectorHard(number, vector);
    IOReturn result = shared->initInterruptController(controller, data);
    if (result != kIOReturnSuccess)
        panic("%s: no memory to share interrupt %d", controller->getName(), (int)number);
    if (registered)
        result =
            shared->registerInterrupt(first, first_source, vector->target, vector->handler, vector->refCon);
    if (result != kIOReturnSuccess) {
        shared_free(shared);
        if (enabled)
            controller->enableVector(number, vector);
        return result;
    }
    vector->sharedController = shared;
    vector_fill(vector, shared, 0, shared, (IOInterruptHandler)shared->getInterruptHandlerAddress(), 0);
    if (!registered)
        controller->initVector(number, vector);
    vector->interruptDisabledSoft = vector->interruptDisabledHard = 1;
    vector->interruptRegistered = 1;
    if (enabled)
        first->enableInterrupt(first_source);
    return kIOReturnSuccess;
}

/* Without clients the line is masked and the vector is free for anyone again. (Apple's keeps what it made for
 * ever, and the line open.) */
void vector_unshare(IOSharedInterruptController *shared)
{
    IOInterruptController *controller = shared->_interruptSources[0].interruptController;
    IOInterruptVectorNumber number = vector_number(shared, 0);
    IOInterruptVector *vector = &controller->vectors[number];
    IOLockLock(vector->interruptLock);
    bool last = vector->sharedController == shared && !shared->vectorsRegistered;
    if (last) {
        controller->disableInterrupt(shared, 0);
        controller->disableVectorHard(number, vector);
        vector_clear(vector);
    }
    IOLockUnlock(vector->interruptLock);
    if (last)
        shared_free(shared);
}

IOReturn IOInterruptController::registerInterrupt(IOService *nub, int source, void *target,
                                                  IOInterruptHandler handler, void *refCon)
{
    OSData *data = vector_data(nub, source);
    IOInterruptVectorNumber number = vector_number(nub, source);
    IOInterruptVector *vector = &vectors[number];
    MutexScope hold(vector->interruptLock);
    bool shareable = vectorCanBeShared(number, vector);
    if (vector->interruptRegistered && !shareable)
        return kIOReturnNoResources;
    if (vector->sharedController || vector->interruptRegistered ||
        (shareable && should_be_shared(this, nub, source))) {
        IOReturn result =
            vector->sharedController ? kIOReturnSuccess : make_shared(this, number, vector, data);
        if (result != kIOReturnSuccess)
            return result;
        return vector->sharedController->registerInterrupt(nub, source, target, handler, refCon);
    }
    vector_fill(vector, nub, source, target, handler, refCon);
    initVector(number, vector);
    vector->interruptDisabledHard = vector->interruptDisabledSoft = 1;
    vector->interruptRegistered = 1;
    return kIOReturnSuccess;
}

IOReturn IOInterruptController::unregisterInterrupt(IOService *nub, int source)
{
    IOInterruptVectorNumber number = vector_number(nub, source);
    IOInterruptVector *vector = &vectors[number];
    MutexScope hold(vector->interruptLock);
    if (!vector->interruptRegistered)
        return kIOReturnSuccess;
    disableInterrupt(nub, source);
    disableVectorHard(number, vector);
    vector_clear(vector);
    return kIOReturnSuccess;
}

/* ---- state ---- */
IOReturn IOInterruptController::getInterruptType(IOService *nub, int source, int *interruptType)
{
    if (!interruptType)
        return kIOReturnBadArgument;
    IOInterruptVectorNumber number = vector_number(nub, source);
    *interruptType = getVectorType(number, &vectors[number]);
    return kIOReturnSuccess;
}

IOReturn IOInterruptController::enableInterrupt(IOService *nub, int source)
{
    IOInterruptVectorNumber number = vector_number(nub, source);
    IOInterruptVector *vector = &vectors[number];
    if (!vector->interruptDisabledSoft)
        return kIOReturnSuccess;
    __atomic_store_n(&vector->interruptDisabledSoft, 0, __ATOMIC_SEQ_CST);
    vector_wait(vector); /* the handler on its way out may be making it hard disabled */
    if (vector->interruptDisabledHard) {
        vector->interruptDisabledHard = 0;
        enableVector(number, vector);
    }
    return kIOReturnSuccess;
}

IOReturn IOInterruptController::disableInterrupt(IOService *nub, int source)
{
    IOInterruptVector *vector = &vectors[vector_number(nub, source)];
    __atomic_store_n(&vector->interruptDisabledSoft, 1, __ATOMIC_SEQ_CST);
    vector_wait(vector);
    return kIOReturnSuccess;
}

IOReturn IOInterruptController::causeInterrupt(IOService *nub, int source)
{
    IOInterruptVectorNumber number = vector_number(nub, source);
    causeVector(number, &vectors[number]);
    return kIOReturnSuccess;
}

IOInterruptAction IOInterruptController::getInterruptHandlerAddress(void)
{
    return 0;
}

IOReturn IOInterruptController::handleInterrupt(void *refCon, IOService *nub, int source)
{
    return kIOReturnInvalid;
}

/* ---- what a controller's own class overrides ---- */
bool IOInterruptController::vectorCanBeShared(IOInterruptVectorNumber vectorNumber, IOInterruptVector *vector)
{
    return false;
}

void IOInterruptController::initVector(IOInterruptVectorNumber vectorNumber, IOInterruptVector *vector) {}

int IOInterruptController::getVectorType(IOInterruptVectorNumber vectorNumber, IOInterruptVector *vector)
{
    return kIOInterruptTypeEdge;
}

void IOInterruptController::disableVectorHard(IOInterruptVectorNumber vectorNumber, IOInterruptVector *vector)
{
}

void IOInterruptController::enableVector(IOInterruptVectorNumber vectorNumber, IOInterruptVector *vector) {}

void IOInterruptController::causeVector(IOInterruptVectorNumber vectorNumber, IOInterruptVector *vector) {}
