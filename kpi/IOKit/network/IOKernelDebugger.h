// SPDX-License-Identifier: BSD-3-Clause
// Polled packet I/O for the kernel debugger. Answers to Apple's IOKit/network/IOKernelDebugger.h (Mac
// OS X 10.6 view).
#pragma once

#include <IOKit/IOService.h>

typedef void (*IODebuggerRxHandler)(IOService *, void *, UInt32 *, UInt32);
typedef void (*IODebuggerTxHandler)(IOService *, void *, UInt32);
typedef enum {
    kIODebuggerLockTaken = 0x1
} IODebuggerLockState;

// Lends a controller to the kernel debugger: while that is active it polls and all other threads stand
// still (IONetworkingFamily IOKernelDebugger.cpp).
class IOKernelDebugger : public IOService
{
    OSDeclareDefaultStructors(IOKernelDebugger)

protected:
    struct ExpansionData; // the implementation's own

    IOService *_target;
    IODebuggerTxHandler _txHandler;
    IODebuggerRxHandler _rxHandler;
    IOService *_client;
    bool _pmDisabled;
    ExpansionData *_reserved;

    virtual void free(void);
    virtual IOReturn powerStateWillChangeTo(IOPMPowerFlags flags, unsigned long stateNumber,
                                            IOService *policyMaker);
    virtual IOReturn powerStateDidChangeTo(IOPMPowerFlags flags, unsigned long stateNumber,
                                           IOService *policyMaker);
    virtual bool handleOpen(IOService *forClient, IOOptionBits options, void *arg);
    virtual void handleClose(IOService *forClient, IOOptionBits options);
    virtual bool handleIsOpen(const IOService *forClient) const;

public:
    virtual bool init(IOService *target, IODebuggerTxHandler txHandler, IODebuggerRxHandler rxHandler);
    virtual IOReturn message(UInt32 type, IOService *provider, void *arg);
    OSMetaClassDeclareReservedUnused(IOKernelDebugger, 0);
    OSMetaClassDeclareReservedUnused(IOKernelDebugger, 1);
    OSMetaClassDeclareReservedUnused(IOKernelDebugger, 2);
    OSMetaClassDeclareReservedUnused(IOKernelDebugger, 3);

protected:
    static void kdpReceiveDispatcher(void *buffer, UInt32 *length, UInt32 timeout);
    static void kdpTransmitDispatcher(void *buffer, UInt32 length);
    static void nullTxHandler(IOService *target, void *buffer, UInt32 length);
    static void nullRxHandler(IOService *target, void *buffer, UInt32 *length, UInt32 timeout);
    static void registerHandler(IOService *target, IODebuggerTxHandler txHandler = 0,
                                IODebuggerRxHandler rxHandler = 0);
    static bool interfacePublished(void *target, void *param, IOService *service);

public:
    // Taken by the driver around what the polled handlers touch.
    static IODebuggerLockState lock(IOService *target);
    static void unlock(IODebuggerLockState state);
    static IOKernelDebugger *debugger(IOService *target, IODebuggerTxHandler txHandler,
                                      IODebuggerRxHandler rxHandler);
    // Wakes a debugger that waits for the lock.
    static void signalDebugger(void);
};
