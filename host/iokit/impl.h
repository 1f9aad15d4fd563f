// SPDX-License-Identifier: BSD-3-Clause
/*
 * What the files of host/iokit share and nobody else sees: locks of the registry, private records behind the
 * classes' `reserved` pointers, a few helpers. The directory is compiled with -fno-access-control: the
 * classes' private members are declared in kpi/ as Apple's headers have them, and the implementation needs
 * them from helper functions too.
 *
 * Order of locks, outer first: a service's arbitration lock, gate of a work loop, the notification lock, the
 * registry's link lock, its property lock, the state lock. The last one is never held across a call out of
 * this directory.
 */
#ifndef HOST_IOKIT_IMPL_H
#define HOST_IOKIT_IMPL_H

#include <libkern/c++/OSContainers.h>
#include <libkern/c++/OSLib.h>
#include <IOKit/IOLib.h>
#include <IOKit/IOKitKeys.h>
#include <IOKit/IOService.h>
#include <IOKit/IOCatalogue.h>
#include <IOKit/IOPlatformExpert.h>
#include <IOKit/IOMessage.h>
#include <kern/clock.h>
#include <kern/thread.h>
#include <kern/sched_prim.h>
#include <kern/thread_call.h>
#include "linux/linux.h"
#include "iokit/boot.h"

/* __OSAbsoluteTime's reverse: on i386 an AbsoluteTime is a record. */
static inline AbsoluteTime absolute_time(uint64_t t)
{
    AbsoluteTime result;
    *__OSAbsoluteTimePtr(&result) = t;
    return result;
}

/* ---- registry.cpp ---- */
enum { kParentSet, kChildSet };

class IORegistryPlane : public OSObject
{
    OSDeclareDefaultStructors(IORegistryPlane) public : const OSSymbol *nameKey;
    const OSSymbol *keys[2]; /* by kParentSet, kChildSet */
    const OSSymbol *pathNameKey;
    const OSSymbol *pathLocationKey;
    virtual void free();
    virtual bool serialize(OSSerialize *s) const;
};

struct registry_record { /* IORegistryEntry::reserved */
    uint64_t id;
};

extern IORecursiveLock *registry_links;      /* who is whose parent; names and locations */
extern IORecursiveLock *registry_properties; /* every property table */

struct LockScope {
    IORecursiveLock *lock;
    explicit LockScope(IORecursiveLock *l) : lock(l) { IORecursiveLockLock(lock); }
    ~LockScope() { IORecursiveLockUnlock(lock); }
};
struct MutexScope {
    IOLock *lock;
    explicit MutexScope(IOLock *l) : lock(l) { IOLockLock(lock); }
    ~MutexScope() { IOLockUnlock(lock); }
};

OSArray *registry_set(const IORegistryEntry *entry, const IORegistryPlane *plane, int relation);
OSArray *registry_copy_set(const IORegistryEntry *entry, const IORegistryPlane *plane,
                           int relation); /* retained */
bool registry_member(const OSArray *set, const OSMetaClassBase *member, unsigned int *index);

/* ---- service: state words, as IOService.cpp names them ---- */
enum { /* __state[1]; values of IOServicePrivate.h, kServiceStarted is ours */
       kServiceBusyMask = 0x000000ff,
       kServiceNeedConfig = 0x80000000,
       kServiceSync = 0x40000000,
       kServiceConfig = 0x04000000, /* on the matching thread now */
       kServiceDeferTerminate = 0x02000000,
       kServiceTermPhase2 = 0x01000000,
       kServiceTermPhase3 = 0x00800000,
       kServiceTermPhase1 = 0x00400000,
       kServiceRecursing = 0x00100000,
       kServiceStarted = 0x00010000, /* start() returned true and stop() was not called yet */
};

static inline bool service_has(const IOService *s, int word, IOOptionBits bits)
{
    return (__atomic_load_n(&s->__state[word], __ATOMIC_ACQUIRE) & bits) != 0;
}
static inline IOOptionBits service_set(IOService *s, int word, IOOptionBits bits) /* what it was */
{
    return __atomic_fetch_or(&s->__state[word], bits, __ATOMIC_ACQ_REL);
}
static inline IOOptionBits service_clear(IOService *s, int word, IOOptionBits bits)
{
    return __atomic_fetch_and(&s->__state[word], ~bits, __ATOMIC_ACQ_REL);
}
static inline bool service_inactive(const IOService *s)
{
    return service_has(s, 0, kIOServiceInactiveState);
}

extern IOLock *service_busy_lock; /* busy counts; IOLockSleep/Wakeup event: the service */
extern IORecursiveLock *service_notify_lock;

extern const OSSymbol *gIOInterestHandlersKey, *gIOConsoleSecurityInterest, *gIOModuleIdentifierKey,
    *gIOBSDKey, *gIOBSDNameKey, *gIOBSDMajorKey, *gIOBSDMinorKey, *gIOBSDUnitKey;
extern IOService *gIOResources;
extern IOService *gIOServiceRoot;
extern IOPlatformExpert *gIOPlatform;
extern const IORegistryPlane *gIOServicePlane;
extern const IORegistryPlane *gIOPowerPlane;

UInt32 service_adjust_busy(IOService *service, SInt32 delta); /* the count before */
uint64_t service_busy_ns(IOService *service);
void service_set_platform(IOPlatformExpert *platform);
void service_set_root_domain(IOPMrootDomain *domain);
void service_new_drivers(OSOrderedSet *tables);
IOService *service_copy_match(OSDictionary *table); /* a matched service, retained, or NULL */
void service_start_matching(IOService *service, IOOptionBits options); /* queues or runs service_do_match */
void service_do_match(IOService *service, IOOptionBits options);
/* The whole matching dictionary, parents and family included. changes: score and matched name go into the
 * table. */
bool service_passive_match(IOService *service, OSDictionary *table, bool changes);
SInt32
service_score(const OSMetaClassBase *object); /* IOProbeScore of a table or service, priority of a notifier */
void service_wait_resources(IOService *service); /* until all of its IOResourceMatch are published */
OSArray *service_copy_matching(OSDictionary *table, IOOptionBits state, bool first_only); /* never NULL */

void service_deliver(IOService *service, const OSSymbol *type, IOOptionBits new_state);
void service_collect_notifiers(IOService *service, const OSSymbol *type, OSOrderedSet *into);
bool service_invoke_notifier(IOService *service, OSObject *notifier);
void service_apply_to_interest(IOService *service, const OSSymbol *type, OSObjectApplierFunction applier,
                               void *context);
void service_remove_interest(IOService *service);

void service_schedule_phase2(IOService *service, IOOptionBits options);
void service_schedule_stop(IOService *client, IOService *provider);
void service_schedule_finalize(IOService *service);

bool service_from_bundle(const OSMetaClassBase *object,
                         const char *bundle_id); /* its class or a superclass */
OSArray *service_copy_all(void);                 /* the service plane, parents first */
void service_keys_init(void);
void service_resources_init(void);
void service_notify_init(void);
void service_terminate_init(void);
void service_match_init(void);

/* ---- power.cpp ---- */
void power_init(void);
void power_free(IOService *service); /* from IOService::free */
int power_system(bool on, int ms);
bool power_idle(void); /* nothing queued or in progress */

/* ---- small helpers ---- */
template <class T> static inline T *make_zero(void)
{
    T *p = (T *)IOMalloc(sizeof(T));
    if (p)
        bzero(p, sizeof(T));
    return p;
}
template <class T> static inline void drop(T *&p)
{
    T *old = p;
    p = 0;
    if (old)
        old->release();
}
static inline const char *name_of(const OSMetaClassBase *o)
{
    return o ? o->getMetaClass()->getClassName() : "(none)";
}
#endif
