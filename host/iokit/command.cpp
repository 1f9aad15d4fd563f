// SPDX-License-Identifier: BSD-3-Clause
/*
 * IOCommand, IOCommandPool, IOConditionLock: small classes for a driver's requests. Answer to the IOKit
 * headers of these names; behaviour as in xnu-2422.115.4 iokit/Kernel.
 */
#include "iokit/impl.h"
#include <IOKit/IOCommandPool.h>
#include <IOKit/IOConditionLock.h>

/* ---- IOCommand ---- */
OSDefineMetaClassAndStructors(IOCommand, OSObject)

    bool IOCommand::init(void)
{
    if (!OSObject::init())
        return false;
    queue_init(&fCommandChain);
    return true;
}

/* ---- IOCommandPool: a stack of free commands, in the gate of a work loop ---- */
OSDefineMetaClassAndStructors(IOCommandPool, OSObject)

    IOCommandPool *IOCommandPool::withWorkLoop(IOWorkLoop *inWorkLoop)
{
    IOCommandPool *pool = new IOCommandPool;
    if (pool && !pool->initWithWorkLoop(inWorkLoop)) {
        pool->release();
        return 0;
    }
    return pool;
}

IOCommandPool *IOCommandPool::commandPool(IOService *inOwner, IOWorkLoop *inWorkLoop, UInt32 inSize)
{
    IOCommandPool *pool = new IOCommandPool;
    if (pool && !pool->init(inOwner, inWorkLoop, inSize)) {
        pool->release();
        return 0;
    }
    return pool;
}

bool IOCommandPool::init(IOService *inOwner, IOWorkLoop *inWorkLoop, UInt32 inSize)
{
    return initWithWorkLoop(inWorkLoop);
}

bool IOCommandPool::initWithWorkLoop(IOWorkLoop *inWorkLoop)
{
    if (!inWorkLoop || !OSObject::init())
        return false;
    queue_init(&fQueueHead);
    fSerializer = IOCommandGate::commandGate(this, 0);
    return fSerializer && inWorkLoop->addEventSource(fSerializer) == kIOReturnSuccess;
}

void IOCommandPool::free(void)
{
    if (fSerializer) {
        IOWorkLoop *loop = fSerializer->getWorkLoop();
        if (loop)
            loop->removeEventSource(fSerializer);
        fSerializer->release();
        fSerializer = 0;
    }
    OSObject::free();
}

static IOReturn gated_get(OSObject *pool, void *command, void *block, void *, void *)
{
    return ((IOCommandPool *)pool)->gatedGetCommand((IOCommand **)command, block != 0);
}

static IOReturn gated_return(OSObject *pool, void *command, void *, void *, void *)
{
    return ((IOCommandPool *)pool)->gatedReturnCommand((IOCommand *)command);
}

IOCommand *IOCommandPool::getCommand(bool blockForCommand)
{
    IOCommand *command = 0;
    IOReturn result = fSerializer->runAction(gated_get, &command, (void *)(uintptr_t)blockForCommand);
    return result == kIOReturnSuccess ? command : 0;
}

void IOCommandPool::returnCommand(IOCommand *command)
{
    fSerializer->runAction(gated_return, command);
}

IOReturn IOCommandPool::gatedGetCommand(IOCommand **command, bool blockForCommand)
{
    while (queue_empty(&fQueueHead)) {
        if (!blockForCommand)
            return kIOReturnNoResources;
        fSleepers++;
        fSerializer->commandSleep(&fSleepers, THREAD_UNINT);
    }
    IOCommand *first;
    queue_remove_first(&fQueueHead, first, IOCommand *, fCommandChain);
    *command = first;
    return kIOReturnSuccess;
}

IOReturn IOCommandPool::gatedReturnCommand(IOCommand *command)
{
    queue_enter_first(&fQueueHead, command, IOCommand *, fCommandChain);
    if (fSleepers) {
        fSleepers--;
        fSerializer->commandWakeup(&fSleepers, true);
    }
    return kIOReturnSuccess;
}

/* ---- IOConditionLock: a lock with a number that can be waited for ---- */
OSDefineMetaClassAndStructors(IOConditionLock, OSObject)

    /* sleep_interlock guards want_lock (somebody holds the lock), cond_interlock is unused. */
    IOConditionLock *IOConditionLock::withCondition(int inCondition, bool inIntr)
{
    IOConditionLock *lock = new IOConditionLock;
    if (lock && !lock->initWithCondition(inCondition, inIntr)) {
        lock->release();
        return 0;
    }
    return lock;
}

bool IOConditionLock::initWithCondition(int inCondition, bool inIntr)
{
    if (!OSObject::init())
        return false;
    sleep_interlock = IOLockAlloc();
    condition = inCondition;
    interruptible = inIntr ? THREAD_INTERRUPTIBLE : THREAD_UNINT;
    want_lock = waiting = false;
    return sleep_interlock != 0;
}

void IOConditionLock::free(void)
{
    if (sleep_interlock)
        IOLockFree(sleep_interlock);
    sleep_interlock = 0;
    OSObject::free();
}

bool IOConditionLock::getInterruptible(void) const
{
    return interruptible != THREAD_UNINT;
}

int IOConditionLock::getCondition(void) const
{
    return condition;
}

int IOConditionLock::setCondition(int inCondition)
{
    int old = condition;
    condition = inCondition;
    return old;
}

bool IOConditionLock::tryLock(void)
{
    MutexScope hold(sleep_interlock);
    if (want_lock)
        return false;
    want_lock = true;
    return true;
}

/* With the interlock held: until the lock is free and, when there is one, the wanted condition holds. */
static int wait_lock(IOConditionLock *lock, const int *wanted)
{
    MutexScope hold(lock->sleep_interlock);
    while (lock->want_lock || (wanted && lock->condition != *wanted)) {
        lock->waiting = true;
        int woke = IOLockSleep(lock->sleep_interlock, (void *)&lock->condition, lock->interruptible);
        if (woke != THREAD_AWAKENED)
            return woke;
    }
    lock->want_lock = true;
    return THREAD_AWAKENED;
}

static void give_back(IOConditionLock *lock)
{
    lock->want_lock = false;
    if (lock->waiting) {
        lock->waiting = false;
        IOLockWakeup(lock->sleep_interlock, (void *)&lock->condition, false);
    }
}

int IOConditionLock::lock(void)
{
    return wait_lock(this, 0);
}

int IOConditionLock::lockWhen(int inCondition)
{
    return wait_lock(this, &inCondition);
}

void IOConditionLock::unlock(void)
{
    MutexScope hold(sleep_interlock);
    give_back(this);
}

void IOConditionLock::unlockWith(int inCondition)
{
    MutexScope hold(sleep_interlock);
    condition = inCondition;
    give_back(this);
}
