// SPDX-License-Identifier: BSD-3-Clause
/*
 * Debug flags of I/O Kit (boot-arg io=). Answers to Apple's IOKit/IOKitDebug.h.
 */
#ifndef KPI_IOKIT_IOKITDEBUG_H
#define KPI_IOKIT_IOKITDEBUG_H

#include <IOKit/IOTypes.h>

enum {
    kIOLogAttach        = 0x1,
    kIOLogProbe         = 0x2,
    kIOLogStart         = 0x4,
    kIOLogRegister      = 0x8,
    kIOLogMatch         = 0x10,
    kIOLogConfig        = 0x20,
    kIOLogYield         = 0x40,
    kIOLogPower         = 0x80,
    kIOLogMapping       = 0x100,
    kIOLogCatalogue     = 0x200,
    kIOLogDebugPower    = 0x800,
    kIOLogServiceTree   = 0x1000,
    kIOLogDTree         = 0x2000,
    kIOLogMemory        = 0x4000,
    kIOLogKextMemory    = 0x8000,
    kOSLogRegistryMods  = 0x10000,
    kIOLogPMRootDomain  = 0x20000,
    kIOLogHibernate     = 0x100000,
    kIONoFreeObjects    = 0x100000,
    kIOLogSynchronous   = 0x200000,
    kOSTraceObjectAlloc = 0x400000,
    kIOLogDriverPower1  = 0x1000000, /* from 10.7 */
    kIOLogDriverPower2  = 0x2000000, /* from 10.7 */
};

__BEGIN_DECLS
extern SInt64 gIOKitDebug;
__END_DECLS

#endif
