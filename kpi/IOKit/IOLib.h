// SPDX-License-Identifier: BSD-3-Clause
/*
 * I/O Kit's C library: memory, delays, threads, log. Answers to Apple's IOKit/IOLib.h.
 */
#ifndef KPI_IOKIT_IOLIB_H
#define KPI_IOKIT_IOLIB_H

#include <stdarg.h>
#include <sys/cdefs.h>
#include <sys/appleapiopts.h>
#include <IOKit/system.h>
#include <IOKit/IOReturn.h>
#include <IOKit/IOTypes.h>
#include <IOKit/IOLocks.h>
#include <libkern/OSAtomic.h>
#include <kern/thread_call.h>
#include <kern/clock.h>

__BEGIN_DECLS

#ifndef min
#define min(a, b) ((a) < (b) ? (a) : (b))
#endif
#ifndef max
#define max(a, b) ((a) > (b) ? (a) : (b))
#endif

typedef thread_t IOThread;
typedef void (*IOThreadFunc)(void *argument);

/* Wired memory, not cleared; NULL when there is none. May sleep. The caller gives the size back when it frees. */
void *IOMalloc(vm_size_t size);
void IOFree(void *address, vm_size_t size);
void *IOMallocAligned(vm_size_t size, vm_offset_t alignment);
void IOFreeAligned(void *address, vm_size_t size);
/* Physically contiguous; its physical address in *physicalAddress when that is not NULL. */
void *IOMallocContiguous(vm_size_t size, vm_size_t alignment, IOPhysicalAddress *physicalAddress);
void IOFreeContiguous(void *address, vm_size_t size);
void *IOMallocPageable(vm_size_t size, vm_size_t alignment);
void IOFreePageable(void *address, vm_size_t size);
#define IONew(type, number)         (type *)IOMalloc(sizeof(type) * (number))
#define IODelete(ptr, type, number) IOFree((ptr), sizeof(type) * (number))

/* Device registers by physical address, for devices behind a mapper. */
UInt8 IOMappedRead8(IOPhysicalAddress address);
UInt16 IOMappedRead16(IOPhysicalAddress address);
UInt32 IOMappedRead32(IOPhysicalAddress address);
UInt64 IOMappedRead64(IOPhysicalAddress address);
void IOMappedWrite8(IOPhysicalAddress address, UInt8 value);
void IOMappedWrite16(IOPhysicalAddress address, UInt16 value);
void IOMappedWrite32(IOPhysicalAddress address, UInt32 value);
void IOMappedWrite64(IOPhysicalAddress address, UInt64 value);
IOReturn IOFlushProcessorCache(task_t task, IOVirtualAddress address, IOByteCount length);

#define IOThreadSelf() (current_thread())
IOThread IOCreateThread(IOThreadFunc function, void *argument);
void IOExitThread(void);

void IOSleep(unsigned milliseconds);  /* thread context only */
void IODelay(unsigned microseconds);  /* busy waits; any context */
void IOPause(unsigned nanoseconds);   /* busy waits; any context */

void IOLog(const char *format, ...) __printflike(1, 2);  /* kernel log; not in primary interrupts */
void IOLogv(const char *format, va_list ap);             /* from 10.6 */
void kprintf(const char *format, ...) __printflike(1, 2); /* debug console; any context */
void Debugger(const char *reason);
#ifdef __LP64__
#define IOPanic(reason) panic("%s", reason)
#else
void IOPanic(const char *reason);
#endif

/* Tables of names that end with {0, NULL}. */
const char *IOFindNameForValue(int value, const IONamedValue *namedValueArray);
IOReturn IOFindValueForName(const char *string, const IONamedValue *regValueArray, int *value);

#ifdef __cplusplus
class OSDictionary;
OSDictionary *IOBSDNameMatching(const char *name);
OSDictionary *IOOFPathMatching(const char *path, char *buf, int maxLen);
#else
struct OSDictionary *IOBSDNameMatching(const char *name);
struct OSDictionary *IOOFPathMatching(const char *path, char *buf, int maxLen);
#endif

IOAlignment IOSizeToAlignment(unsigned int size);
unsigned int IOAlignmentToSize(IOAlignment align);

static inline IOFixed IOFixedMultiply(IOFixed a, IOFixed b)
{
    return (IOFixed)((((SInt64)a) * ((SInt64)b)) >> 16);
}
static inline IOFixed IOFixedDivide(IOFixed a, IOFixed b)
{
    return (IOFixed)((((SInt64)a) << 16) / ((SInt64)b));
}

#define IORound(value, multiple) ((((value) + (multiple)-1) / (multiple)) * (multiple))
#define IOTrunc(value, multiple) (((value) / (multiple)) * (multiple))

void IOGetTime(mach_timespec_t *clock_time);
extern mach_timespec_t IOZeroTvalspec;
#ifndef __LP64__
#define eieio() OSSynchronizeIO()
#endif

__END_DECLS

#endif
