// SPDX-License-Identifier: BSD-3-Clause
// An output queue that calls the driver with a work loop's gate held. Answers to Apple's
// IOKit/network/IOGatedOutputQueue.h (Mac OS X 10.6 view).
#pragma once

#include <IOKit/IOWorkLoop.h>
#include <IOKit/IOCommandGate.h>
#include <IOKit/IOInterruptEventSource.h>
#include <IOKit/network/IOBasicOutputQueue.h>

// As IOBasicOutputQueue, with the work loop's gate held around the target; when the gate is taken an
// interrupt source on the work loop goes on (IONetworkingFamily IOGatedOutputQueue.cpp).
class IOGatedOutputQueue : public IOBasicOutputQueue
{
    OSDeclareDefaultStructors(IOGatedOutputQueue)

protected:
    IOCommandGate *_gate;
    IOInterruptEventSource *_interruptSrc;

    virtual void output(IOMbufQueue *queue, UInt32 *state);
    virtual void free(void);
    virtual bool scheduleServiceThread(void *param);

public:
    virtual bool init(OSObject *target, IOOutputAction action, IOWorkLoop *workloop, UInt32 capacity = 0);

private:
    static void gatedOutput(OSObject *owner, IOGatedOutputQueue *self, IOMbufQueue *queue, UInt32 *state);
    static void restartDeferredOutput(OSObject *owner, IOInterruptEventSource *sender, int count);

public:
    // One reference; the work loop is the one that the driver's other events use.
    static IOGatedOutputQueue *withTarget(IONetworkController *target, IOWorkLoop *workloop,
                                          UInt32 capacity = 0);
    static IOGatedOutputQueue *withTarget(OSObject *target, IOOutputAction action, IOWorkLoop *workloop,
                                          UInt32 capacity = 0);
};
