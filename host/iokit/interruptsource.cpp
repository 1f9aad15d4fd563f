// SPDX-License-Identifier: BSD-3-Clause
/*
 * IOInterruptEventSource and IOFilterInterruptEventSource: interrupts counted in primary interrupt context
 * and worked off by the work loop. A level-triggered source is disabled when its interrupt comes (a filter is
 * asked first) and enabled again after the action. Answers to IOKit/IOInterruptEventSource.h,
 * IOKit/IOFilterInterruptEventSource.h; behaviour as in xnu-2422.115.4
 * iokit/Kernel/IOInterruptEventSource.cpp, IOFilterInterruptEventSource.cpp.
 */
#include "iokit/impl.h"
#include "iokit/loop.h"
#include <IOKit/IOFilterInterruptEventSource.h>
#include <IOKit/IOInterruptController.h>

OSDefineMetaClassAndStructors(IOInterruptEventSource, IOEventSource)
    OSDefineMetaClassAndStructors(IOFilterInterruptEventSource, IOInterruptEventSource)

        IOInterruptEventSource *IOInterruptEventSource::interruptEventSource(OSObject *inOwner,
                                                                             Action inAction,
                                                                             IOService *inProvider,
                                                                             int inIntIndex)
{
    IOInterruptEventSource *source = new IOInterruptEventSource;
    if (source && !source->init(inOwner, inAction, inProvider, inIntIndex)) {
        source->release();
        return 0;
    }
    return source;
}

/* Through the virtual methods: subclasses override them. */
static void when_level(OSObject *source, void *refCon, IOService *nub, int index)
{
    ((IOInterruptEventSource *)source)->disableInterruptOccurred(refCon, nub, index);
}

static void when_edge(OSObject *source, void *refCon, IOService *nub, int index)
{
    ((IOInterruptEventSource *)source)->normalInterruptOccurred(refCon, nub, index);
}

static IOReturn register_handler(IOInterruptEventSource *source, int index)
{
    int type;
    IOReturn result = source->provider->getInterruptType(index, &type);
    if (result != kIOReturnSuccess)
        return result;
    source->autoDisable = type == kIOInterruptTypeLevel;
    return source->provider->registerInterrupt(index, source, source->autoDisable ? when_level : when_edge);
}

/* The index is kept complemented while no handler is registered for it. */
bool IOInterruptEventSource::init(OSObject *inOwner, Action inAction, IOService *inProvider, int inIntIndex)
{
    if (!IOEventSource::init(inOwner, (IOEventSource::Action)inAction))
        return false;
    provider = inProvider;
    producerCount = consumerCount = 0;
    autoDisable = explicitDisable = false;
    intIndex = ~inIntIndex;
    if (!inProvider)
        return true;
    if (register_handler(this, inIntIndex) != kIOReturnSuccess)
        return false;
    intIndex = inIntIndex;
    return true;
}

void IOInterruptEventSource::free(void)
{
    if (provider && intIndex >= 0)
        provider->unregisterInterrupt(intIndex);
    IOEventSource::free();
}

/* The handler is registered while there is a loop to tell. */
void IOInterruptEventSource::setWorkLoop(IOWorkLoop *inWorkLoop)
{
    if (inWorkLoop)
        IOEventSource::setWorkLoop(inWorkLoop);
    if (provider && !inWorkLoop && intIndex >= 0) {
        provider->unregisterInterrupt(intIndex);
        intIndex = ~intIndex;
    } else if (provider && inWorkLoop && intIndex < 0 &&
               register_handler(this, ~intIndex) == kIOReturnSuccess) {
        intIndex = ~intIndex;
    }
    if (!inWorkLoop)
        IOEventSource::setWorkLoop(0);
}

void IOInterruptEventSource::enable(void)
{
    if (!provider || intIndex < 0)
        return;
    /* Apple sets these after the call. A thread that is preempted there for as long as an interrupt and its action
     * take, as happens on Linux, would leave the source disabled: the action does not enable what is disabled
     * explicitly. */
    explicitDisable = false;
    enabled = true;
    provider->enableInterrupt(intIndex);
}

void IOInterruptEventSource::disable(void)
{
    if (!provider || intIndex < 0)
        return;
    provider->disableInterrupt(intIndex);
    explicitDisable = true;
    enabled = false;
}

const IOService *IOInterruptEventSource::getProvider(void) const
{
    return provider;
}

int IOInterruptEventSource::getIntIndex(void) const
{
    return intIndex;
}

bool IOInterruptEventSource::getAutoDisable(void) const
{
    return autoDisable;
}

static void count_interrupt(IOInterruptEventSource *source)
{
    __atomic_fetch_add(&source->producerCount, 1, __ATOMIC_RELEASE);
    if (source->workLoop) /* it may be leaving the loop while the interrupt comes */
        source->signalWorkAvailable();
}

/* One call for all that came; the action learns how many. */
bool IOInterruptEventSource::checkForWork(void)
{
    unsigned int produced = __atomic_load_n(&producerCount, __ATOMIC_ACQUIRE);
    int count = (int)(produced - consumerCount);
    if (!count)
        return false;
    ((Action)action)(owner, this, count < 0 ? -count : count);
    consumerCount = produced;
    if (autoDisable && !explicitDisable)
        enable();
    return false;
}

void IOInterruptEventSource::interruptOccurred(void *refcon, IOService *nub, int ind)
{
    if (autoDisable && nub)
        disableInterruptOccurred(refcon, nub, ind);
    else
        normalInterruptOccurred(refcon, nub, ind);
}

void IOInterruptEventSource::normalInterruptOccurred(void *, IOService *, int)
{
    count_interrupt(this);
}

void IOInterruptEventSource::disableInterruptOccurred(void *, IOService *nub, int ind)
{
    nub->disableInterrupt(ind);
    count_interrupt(this);
}

/* ---- with a filter ---- */
IOFilterInterruptEventSource *IOFilterInterruptEventSource::filterInterruptEventSource(
    OSObject *inOwner, IOInterruptEventSource::Action inAction, Filter inFilter, IOService *inProvider,
    int inIntIndex)
{
    IOFilterInterruptEventSource *source = new IOFilterInterruptEventSource;
    if (source && !source->init(inOwner, inAction, inFilter, inProvider, inIntIndex)) {
        source->release();
        return 0;
    }
    return source;
}

/* A filter source cannot be made without a filter. */
bool IOFilterInterruptEventSource::init(OSObject *inOwner, IOInterruptEventSource::Action inAction,
                                        IOService *inProvider, int inIntIndex)
{
    return false;
}

IOInterruptEventSource *
IOFilterInterruptEventSource::interruptEventSource(OSObject *inOwner, IOInterruptEventSource::Action inAction,
                                                   IOService *inProvider, int inIntIndex)
{
    return 0;
}

/* The filter is set first: an interrupt may come as soon as the handler is registered. */
bool IOFilterInterruptEventSource::init(OSObject *inOwner, IOInterruptEventSource::Action inAction,
                                        Filter inFilter, IOService *inProvider, int inIntIndex)
{
    if (!inFilter)
        return false;
    filterAction = inFilter;
    return IOInterruptEventSource::init(inOwner, inAction, inProvider, inIntIndex);
}

IOFilterInterruptEventSource::Filter IOFilterInterruptEventSource::getFilterAction(void) const
{
    return filterAction;
}

void IOFilterInterruptEventSource::signalInterrupt(void)
{
    count_interrupt(this);
}

void IOFilterInterruptEventSource::normalInterruptOccurred(void *, IOService *, int)
{
    if (filterAction(owner, this))
        signalInterrupt();
}

/* Not disabled when the filter says no: it has quieted the device itself, or the interrupt is another's. */
void IOFilterInterruptEventSource::disableInterruptOccurred(void *, IOService *nub, int ind)
{
    if (!filterAction(owner, this))
        return;
    nub->disableInterrupt(ind);
    signalInterrupt();
}
