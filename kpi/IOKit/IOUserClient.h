// SPDX-License-Identifier: BSD-3-Clause
// A user process's connection to a service. Answers to Apple's IOKit/IOUserClient.h (Mac OS X 10.6
// view).
#pragma once

#include <IOKit/IOTypes.h>
#include <IOKit/IOService.h>
#include <IOKit/OSMessageNotification.h>

#define kIOClientPrivilegeAdministrator              "root"
#define kIOClientPrivilegeLocalUser                  "local"
#define kIOClientPrivilegeForeground                 "foreground"
#define IO_EXTERNAL_METHOD_ARGUMENTS_CURRENT_VERSION 1

enum {
    kIOUCTypeMask = 0xf,
    kIOUCScalarIScalarO = 0,
    kIOUCScalarIStructO = 2,
    kIOUCStructIStructO = 3,
    kIOUCScalarIStructI = 4,
    kIOUCForegroundOnly = 0x10
};

enum {
    kIOUCVariableStructureSize = 0xffffffff
};

typedef IOReturn (IOService::*IOMethod)(void *, void *, void *, void *, void *, void *);
typedef IOReturn (IOService::*IOAsyncMethod)(natural_t *, void *, void *, void *, void *, void *, void *);
typedef IOReturn (IOService::*IOTrap)(void *, void *, void *, void *, void *, void *);
struct IOExternalMethod {
    IOService *object;
    IOMethod func;
    IOOptionBits flags;
    IOByteCount count0;
    IOByteCount count1;
};
struct IOExternalAsyncMethod {
    IOService *object;
    IOAsyncMethod func;
    IOOptionBits flags;
    IOByteCount count0;
    IOByteCount count1;
};
struct IOExternalTrap {
    IOService *object;
    IOTrap func;
};
enum {
    kIOUserNotifyMaxMessageSize = 64
};

enum {
    kIOExternalMethodScalarInputCountMax = 16,
    kIOExternalMethodScalarOutputCountMax = 16
};

struct IOExternalMethodArguments {
    uint32_t version;
    uint32_t selector;
    mach_port_t asyncWakePort;
    io_user_reference_t *asyncReference;
    uint32_t asyncReferenceCount;
    const uint64_t *scalarInput;
    uint32_t scalarInputCount;
    const void *structureInput;
    uint32_t structureInputSize;
    IOMemoryDescriptor *structureInputDescriptor;
    uint64_t *scalarOutput;
    uint32_t scalarOutputCount;
    void *structureOutput;
    uint32_t structureOutputSize;
    IOMemoryDescriptor *structureOutputDescriptor;
    uint32_t structureOutputDescriptorSize;
    uint32_t __reserved[32];
};
typedef IOReturn (*IOExternalMethodAction)(OSObject *, void *, IOExternalMethodArguments *);
struct IOExternalMethodDispatch {
    IOExternalMethodAction function;
    uint32_t checkScalarInputCount;
    uint32_t checkStructureInputSize;
    uint32_t checkScalarOutputCount;
    uint32_t checkStructureOutputSize;
};
enum {
    kIOExternalMethodArgumentsCurrentVersion = 1
};

// A user process's connection: calls come on the process's thread (xnu iokit/Kernel/IOUserClient.cpp).
class IOUserClient : public IOService
{
    OSDeclareAbstractStructors(IOUserClient)

protected:
    struct ExpansionData; // the implementation's own

    ExpansionData *reserved;

private:
    OSSet *mappings;
    UInt8 sharedInstance;
    UInt8 __reservedA[3];
    void *__reserved[7];

public:
    // Checks sizes against the dispatch table and calls; kIOReturnBadArgument otherwise.
    virtual IOReturn externalMethod(uint32_t selector, IOExternalMethodArguments *arguments,
                                    IOExternalMethodDispatch *dispatch = 0, OSObject *target = 0,
                                    void *reference = 0);
#ifndef KPI_10_5
    virtual IOReturn registerNotificationPort(mach_port_t port, UInt32 type, io_user_reference_t refCon);
#endif
#ifdef __LP64__
    OSMetaClassDeclareReservedUnused(IOUserClient, 0);
#endif
#if defined(__LP64__) || defined(KPI_10_5)
    OSMetaClassDeclareReservedUnused(IOUserClient, 1);
#endif
    OSMetaClassDeclareReservedUnused(IOUserClient, 2);
    OSMetaClassDeclareReservedUnused(IOUserClient, 3);
    OSMetaClassDeclareReservedUnused(IOUserClient, 4);
    OSMetaClassDeclareReservedUnused(IOUserClient, 5);
    OSMetaClassDeclareReservedUnused(IOUserClient, 6);
    OSMetaClassDeclareReservedUnused(IOUserClient, 7);
    OSMetaClassDeclareReservedUnused(IOUserClient, 8);
    OSMetaClassDeclareReservedUnused(IOUserClient, 9);
    OSMetaClassDeclareReservedUnused(IOUserClient, 10);
    OSMetaClassDeclareReservedUnused(IOUserClient, 11);
    OSMetaClassDeclareReservedUnused(IOUserClient, 12);
    OSMetaClassDeclareReservedUnused(IOUserClient, 13);
    OSMetaClassDeclareReservedUnused(IOUserClient, 14);
    OSMetaClassDeclareReservedUnused(IOUserClient, 15);

public:
    virtual bool init(void);
    virtual bool init(OSDictionary *dictionary);
    // First call; securityToken is the task again when it is privileged.
    virtual bool initWithTask(task_t owningTask, void *securityToken, UInt32 type, OSDictionary *properties);
    virtual bool initWithTask(task_t owningTask, void *securityToken, UInt32 type);
    virtual void free(void);
    // The process closed the connection or died after clientDied.
    virtual IOReturn clientClose(void);
    virtual IOReturn clientDied(void);
    virtual IOService *getService(void);
    virtual IOReturn registerNotificationPort(mach_port_t port, UInt32 type, UInt32 refCon);
    virtual IOReturn getNotificationSemaphore(UInt32 notification_type, semaphore_t *semaphore);
    virtual IOReturn connectClient(IOUserClient *client);
    virtual IOReturn clientMemoryForType(UInt32 type, IOOptionBits *options, IOMemoryDescriptor **memory);
#ifndef __LP64__
    virtual IOMemoryMap *mapClientMemory(IOOptionBits type, task_t task, IOOptionBits mapFlags = kIOMapAnywhere,
                                         IOVirtualAddress atAddress = 0);
#endif
    virtual IOReturn exportObjectToClient(task_t task, OSObject *obj, io_object_t *clientObj);
    virtual IOExternalMethod *getExternalMethodForIndex(UInt32 index);
    virtual IOExternalAsyncMethod *getExternalAsyncMethodForIndex(UInt32 index);
    virtual IOExternalMethod *getTargetAndMethodForIndex(IOService **targetP, UInt32 index);
    virtual IOExternalAsyncMethod *getAsyncTargetAndMethodForIndex(IOService **targetP, UInt32 index);
    virtual IOExternalTrap *getExternalTrapForIndex(UInt32 index);
    virtual IOExternalTrap *getTargetAndTrapForIndex(IOService **targetP, UInt32 index);

protected:
    static IOReturn sendAsyncResult(natural_t *reference, IOReturn result, void **args, UInt32 numArgs);
    static void setAsyncReference(natural_t *asyncRef, mach_port_t wakePort, void *callback, void *refcon);
    static IOReturn sendAsyncResult64(io_user_reference_t *reference, IOReturn result,
                                      io_user_reference_t *args, UInt32 numArgs);
    static void setAsyncReference64(io_user_reference_t *asyncRef, mach_port_t wakePort,
                                    mach_vm_address_t callback, io_user_reference_t refcon);

public:
    // kIOReturnSuccess or kIOReturnNotPrivileged; privilege is kIOClientPrivilege...
    static IOReturn clientHasPrivilege(void *securityToken, const char *privilegeName);
    static IOReturn releaseAsyncReference64(io_user_reference_t *reference);
    static IOReturn releaseNotificationPort(mach_port_t port);
    IOMemoryMap *removeMappingForDescriptor(IOMemoryDescriptor *memory);
};
