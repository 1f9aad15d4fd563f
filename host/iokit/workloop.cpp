// SPDX-License-Identifier: BSD-3-Clause
/*
 * IOWorkLoop and IOEventSource: a thread that goes round its event sources in the order in which they were
 * added, and a gate (a recursive lock) that it and everyone who touches the sources' data hold. Answers to
 * IOKit/IOWorkLoop.h and IOKit/IOEventSource.h; behaviour as in xnu-2422.115.4 iokit/Kernel/IOWorkLoop.cpp,
 * IOEventSource.cpp.
 */
#include "iokit/impl.h"
#include "iokit/loop.h"
#include <IOKit/IOCommandGate.h>
#include <IOKit/IOInterruptEventSource.h>

OSDefineMetaClassAndStructors(IOWorkLoop, OSObject)
    OSDefineMetaClassAndAbstractStructors(IOEventSource, OSObject)

    /* What signalWorkAvailable and the thread agree by. Signals come from the interrupt thread: no lock, and
     * a system call only when the thread sleeps. */
    enum {
        kIdle,
        kWork,
        kAsleep
    };

static inline loop_record *record_of(const IOWorkLoop *loop)
{
    return (loop_record *)loop->reserved;
}

/* ---- life ---- */
IOWorkLoop *IOWorkLoop::workLoop(void)
{
    return workLoopWithOptions(0);
}

IOWorkLoop *IOWorkLoop::workLoopWithOptions(IOOptionBits options)
{
    IOWorkLoop *loop = new IOWorkLoop;
    if (!loop)
        return 0;
    loop->reserved = (ExpansionData *)make_zero<loop_record>();
    if (loop->reserved) {
        record_of(loop)->options = options;
        if (loop->init())
            return loop;
    }
    loop->release();
    return 0;
}

static IOReturn maintain(OSObject *loop, void *command, void *source, void *arg2, void *arg3)
{
    return ((IOWorkLoop *)loop)->_maintRequest(command, source, arg2, arg3);
}

static void run_thread(void *loop, wait_result_t)
{
    ((IOWorkLoop *)loop)->threadMain();
}

/* The control gate comes before everything: adding a source goes through it. */
bool IOWorkLoop::init(void)
{
    if (!OSObject::init())
        return false;
    if (!reserved)
        reserved = (ExpansionData *)make_zero<loop_record>();
    if (!gateLock)
        gateLock = IORecursiveLockAlloc();
    if (!reserved || !gateLock)
        return false;
    if (!controlG) {
        controlG = IOCommandGate::commandGate(this, maintain);
        if (!controlG)
            return false;
        controlG->setWorkLoop(this); /* not one of the sources */
    }
    return workThread || kernel_thread_start(run_thread, this, &workThread) == KERN_SUCCESS;
}

static void drop_sources(IOWorkLoop *loop)
{
    while (IOEventSource *source = loop->eventChain) {
        loop->eventChain = source->getNext();
        source->setWorkLoop(0);
        source->setNext(0);
        source->release();
    }
}

/* Called twice: for the last reference, when it only tells the thread to end, and then by that thread. */
void IOWorkLoop::free(void)
{
    if (workThread) {
        closeGate();
        disableAllEventSources();
        __atomic_store_n(&record_of(this)->terminate, 1, __ATOMIC_RELEASE);
        IOWorkLoop::signalWorkAvailable();
        openGate();
        return;
    }
    if (reserved)
        record_of(this)->dying = true;
    drop_sources(this);
    drop(controlG);
    if (gateLock)
        IORecursiveLockFree(gateLock);
    gateLock = 0;
    if (reserved)
        IOFree(reserved, sizeof(loop_record));
    reserved = 0;
    OSObject::free();
}

bool loop_is_dying(const IOWorkLoop *loop)
{
    return record_of(loop)->dying;
}

/* ---- sources ---- */
IOReturn IOWorkLoop::addEventSource(IOEventSource *newEvent)
{
    return controlG->runCommand((void *)mAddEvent, newEvent);
}

IOReturn IOWorkLoop::removeEventSource(IOEventSource *toRemove)
{
    return controlG->runCommand((void *)mRemoveEvent, toRemove);
}

static void append_source(IOWorkLoop *loop, IOEventSource *source)
{
    source->retain();
    source->setWorkLoop(loop);
    source->setNext(0);
    IOEventSource *last = loop->eventChain;
    if (!last) {
        loop->eventChain = source;
        return;
    }
    while (last->getNext())
        last = last->getNext();
    last->setNext(source);
}

static IOReturn remove_source(IOWorkLoop *loop, IOEventSource *source)
{
    IOEventSource *before = 0, *at = loop->eventChain;
    while (at && at != source) {
        before = at;
        at = at->getNext();
    }
    if (!at)
        return kIOReturnBadArgument;
    if (before)
        before->setNext(source->getNext());
    else
        loop->eventChain = source->getNext();
    source->setWorkLoop(0);
    source->setNext(0);
    source->release();
    return kIOReturnSuccess;
}

/* A change of the chain makes the thread begin its round again. */
IOReturn IOWorkLoop::_maintRequest(void *command, void *data, void *, void *)
{
    IOEventSource *source = (IOEventSource *)data;
    IOReturn result = kIOReturnSuccess;
    switch ((maintCommandEnum)(uintptr_t)command) {
    case mAddEvent:
        if (!source->getWorkLoop()) {
            loopRestart = true;
            append_source(this, source);
        }
        return result;
    case mRemoveEvent:
        if (source->getWorkLoop()) {
            result = remove_source(this, source);
            loopRestart = true;
        }
        return result;
    }
    return kIOReturnUnsupported;
}

void IOWorkLoop::enableAllEventSources(void) const
{
    for (IOEventSource *source = eventChain; source; source = source->getNext())
        source->enable();
}

void IOWorkLoop::disableAllEventSources(void) const
{
    for (IOEventSource *source = eventChain; source; source = source->getNext())
        source->disable();
}

void IOWorkLoop::enableAllInterrupts(void) const
{
    for (IOEventSource *source = eventChain; source; source = source->getNext())
        if (OSDynamicCast(IOInterruptEventSource, source))
            source->enable();
}

void IOWorkLoop::disableAllInterrupts(void) const
{
    for (IOEventSource *source = eventChain; source; source = source->getNext())
        if (OSDynamicCast(IOInterruptEventSource, source))
            source->disable();
}

/* ---- the thread ---- */
/* Rounds until no source asks for another and the chain did not change. False: the loop is to end. */
bool IOWorkLoop::runEventSources(void)
{
    loop_record *record = record_of(this);
    bool more;
    closeGate();
    do {
        if (__atomic_load_n(&record->terminate, __ATOMIC_ACQUIRE)) {
            openGate();
            return false;
        }
        more = false;
        loopRestart = false;
        __atomic_store_n(&record->word, kIdle,
                         __ATOMIC_SEQ_CST); /* before the looks: a signal from here on counts */
        for (IOEventSource *source = eventChain; source; source = source->getNext()) {
            more |= source->checkForWork();
            if (record->terminate || loopRestart) {
                more = true;
                break;
            }
        }
    } while (more);
    openGate();
    return true;
}

static void wait_for_work(loop_record *record)
{
    int idle = kIdle;
    if (!__atomic_compare_exchange_n(&record->word, &idle, kAsleep, false, __ATOMIC_SEQ_CST,
                                     __ATOMIC_SEQ_CST))
        return;
    while (__atomic_load_n(&record->word, __ATOMIC_ACQUIRE) == kAsleep)
        lx_futex_wait(&record->word, kAsleep, -1);
}

void IOWorkLoop::threadMain(void)
{
    while (runEventSources())
        if (!__atomic_load_n(&record_of(this)->terminate, __ATOMIC_ACQUIRE))
            wait_for_work(record_of(this));
    thread_t thread = workThread;
    workThread = 0;
    free();
    thread_deallocate(thread);
}

/* Apple's thread comes back to threadMain through this when it has no stack to keep. */
void IOWorkLoop::threadMainContinuation(IOWorkLoop *self)
{
    self->threadMain();
}

void IOWorkLoop::signalWorkAvailable(void)
{
    loop_record *record = record_of(this);
    if (__atomic_exchange_n(&record->word, kWork, __ATOMIC_SEQ_CST) == kAsleep)
        lx_futex_wake(&record->word, 1);
}

IOThread IOWorkLoop::getThread(void) const
{
    return workThread;
}

bool IOWorkLoop::onThread(void) const
{
    return IOThreadSelf() == workThread;
}

/* ---- the gate ---- */
bool IOWorkLoop::inGate(void) const
{
    return IORecursiveLockHaveLock(gateLock);
}

void IOWorkLoop::openGate(void)
{
    IORecursiveLockUnlock(gateLock);
}

void IOWorkLoop::closeGate(void)
{
    IORecursiveLockLock(gateLock);
}

bool IOWorkLoop::tryCloseGate(void)
{
    return IORecursiveLockTryLock(gateLock) != 0;
}

int IOWorkLoop::sleepGate(void *event, UInt32 interuptibleType)
{
    return IORecursiveLockSleep(gateLock, event, interuptibleType);
}

int IOWorkLoop::sleepGate(void *event, AbsoluteTime deadline, UInt32 interuptibleType)
{
    return IORecursiveLockSleepDeadline(gateLock, event, deadline, interuptibleType);
}

void IOWorkLoop::wakeupGate(void *event, bool oneThread)
{
    IORecursiveLockWakeup(gateLock, event, oneThread);
}

IOReturn IOWorkLoop::runAction(Action action, OSObject *target, void *arg0, void *arg1, void *arg2,
                               void *arg3)
{
    closeGate();
    IOReturn result = action(target, arg0, arg1, arg2, arg3);
    openGate();
    return result;
}

/* ---- IOEventSource ---- */
bool IOEventSource::init(OSObject *inOwner, Action inAction)
{
    if (!inOwner || !OSObject::init())
        return false;
    owner = inOwner;
    setAction(inAction);
    enabled = true;
    return true;
}

void IOEventSource::setAction(Action inAction)
{
    action = inAction;
}

IOEventSource::Action IOEventSource::getAction(void) const
{
    return action;
}

void IOEventSource::setNext(IOEventSource *next)
{
    eventChainNext = next;
}

IOEventSource *IOEventSource::getNext(void) const
{
    return eventChainNext;
}

void IOEventSource::setWorkLoop(IOWorkLoop *inWorkLoop)
{
    if (!inWorkLoop)
        disable();
    workLoop = inWorkLoop;
}

IOWorkLoop *IOEventSource::getWorkLoop(void) const
{
    return workLoop;
}

/* Something may have come while it was disabled. */
void IOEventSource::enable(void)
{
    enabled = true;
    if (workLoop)
        signalWorkAvailable();
}

void IOEventSource::disable(void)
{
    enabled = false;
}

bool IOEventSource::isEnabled(void) const
{
    return enabled;
}

bool IOEventSource::onThread(void) const
{
    return workLoop && workLoop->onThread();
}

void IOEventSource::signalWorkAvailable(void)
{
    workLoop->signalWorkAvailable();
}

void IOEventSource::openGate(void)
{
    workLoop->openGate();
}

void IOEventSource::closeGate(void)
{
    workLoop->closeGate();
}

bool IOEventSource::tryCloseGate(void)
{
    return workLoop->tryCloseGate();
}

int IOEventSource::sleepGate(void *event, UInt32 type)
{
    return workLoop->sleepGate(event, type);
}

int IOEventSource::sleepGate(void *event, AbsoluteTime deadline, UInt32 type)
{
    return workLoop->sleepGate(event, deadline, type);
}

void IOEventSource::wakeupGate(void *event, bool oneThread)
{
    workLoop->wakeupGate(event, oneThread);
}
