// SPDX-License-Identifier: BSD-3-Clause
/*
 * I/O Kit's scalar types, address ranges and mapping options. Answers to Apple's IOKit/IOTypes.h.
 */
#ifndef KPI_IOKIT_IOTYPES_H
#define KPI_IOKIT_IOTYPES_H

#ifndef IOKIT
#define IOKIT 1
#endif

#include <IOKit/system.h>
#include <IOKit/IOReturn.h>
#include <stdbool.h>
#include <libkern/OSTypes.h>
#include <libkern/OSBase.h>

typedef UInt32 IOOptionBits;
typedef SInt32 IOFixed;
typedef UInt32 IOVersion;
typedef UInt32 IOItemCount;
typedef UInt32 IOCacheMode;

typedef UInt32 IOByteCount32;
typedef UInt64 IOByteCount64;
typedef UInt32 IOPhysicalAddress32;
typedef UInt64 IOPhysicalAddress64;
typedef UInt32 IOPhysicalLength32;
typedef UInt64 IOPhysicalLength64;

#ifdef __LP64__
typedef mach_vm_address_t   IOVirtualAddress;
typedef IOByteCount64       IOByteCount;
typedef IOPhysicalAddress64 IOPhysicalAddress;
typedef IOPhysicalLength64  IOPhysicalLength;
#define IOPhysical32(hi, lo) ((UInt64)(lo) + ((UInt64)(hi) << 32))
#define IOPhysSize           64
#else
typedef vm_address_t        IOVirtualAddress;
typedef IOByteCount32       IOByteCount;
typedef IOPhysicalAddress32 IOPhysicalAddress;
typedef IOPhysicalLength32  IOPhysicalLength;
#define IOPhysical32(hi, lo) (lo)
#define IOPhysSize           32
#endif
typedef IOVirtualAddress IOLogicalAddress;

typedef struct {
    IOPhysicalAddress address;
    IOByteCount length;
} IOPhysicalRange;

typedef struct {
    IOVirtualAddress address;
    IOByteCount length;
} IOVirtualRange;

#ifdef __LP64__
typedef IOVirtualRange IOAddressRange;
#else
typedef struct {
    mach_vm_address_t address;
    mach_vm_size_t length;
} IOAddressRange;
#endif

/* A row of a table that gives numbers names; the table ends with {0, NULL}. */
typedef struct {
    int value;
    const char *name;
} IONamedValue;

typedef unsigned int IOAlignment; /* a power of two, as its exponent */

#define IO_NULL_VM_TASK ((vm_task_t)0)

#ifndef __IOKIT_PORTS_DEFINED__
#define __IOKIT_PORTS_DEFINED__
#ifdef __cplusplus
class OSObject;
typedef OSObject *io_object_t;
#else
typedef struct OSObject *io_object_t;
#endif
#endif

#include <device/device_types.h>

typedef io_object_t io_connect_t;
typedef io_object_t io_enumerator_t;
typedef io_object_t io_iterator_t;
typedef io_object_t io_registry_entry_t;
typedef io_object_t io_service_t;
#define IO_OBJECT_NULL ((io_object_t)0)

enum {
    kIODefaultMemoryType = 0
};

enum {
    kIODefaultCache = 0,
    kIOInhibitCache = 1,
    kIOWriteThruCache = 2,
    kIOCopybackCache = 3,
    kIOWriteCombineCache = 4,
    kIOCopybackInnerCache = 5, /* from 10.8 */
};

/* Options of a mapping (IOMemoryDescriptor::map, IOPCIDevice::mapDeviceMemoryWithIndex). */
enum {
    kIOMapAnywhere = 0x00000001,
    kIOMapCacheMask = 0x00000700, /* 0x0f00 from 10.15 */
    kIOMapCacheShift = 8,
    kIOMapDefaultCache = kIODefaultCache << kIOMapCacheShift,
    kIOMapInhibitCache = kIOInhibitCache << kIOMapCacheShift,
    kIOMapWriteThruCache = kIOWriteThruCache << kIOMapCacheShift,
    kIOMapCopybackCache = kIOCopybackCache << kIOMapCacheShift,
    kIOMapWriteCombineCache = kIOWriteCombineCache << kIOMapCacheShift,
    kIOMapCopybackInnerCache = kIOCopybackInnerCache << kIOMapCacheShift, /* from 10.8 */
    kIOMapUserOptionsMask = 0x00000fff,
    kIOMapReadOnly = 0x00001000,
    kIOMapStatic = 0x01000000,
    kIOMapReference = 0x02000000,
    kIOMapUnique = 0x04000000
};

/* A unit of time in nanoseconds, for functions that take a scale_factor. */
enum {
    kNanosecondScale = 1,
    kMicrosecondScale = 1000,
    kMillisecondScale = 1000 * 1000,
    kSecondScale = 1000 * 1000 * 1000,
    kTickScale = (kSecondScale / 100)
};

enum {
    kIOConnectMethodVarOutputSize = -3 /* from 10.7 */
};

#endif
