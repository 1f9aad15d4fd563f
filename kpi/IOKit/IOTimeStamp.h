// SPDX-License-Identifier: BSD-3-Clause
/*
 * Trace points of I/O Kit: compiled away. Answers to Apple's IOKit/IOTimeStamp.h.
 */
#ifndef KPI_IOKIT_IOTIMESTAMP_H
#define KPI_IOKIT_IOTIMESTAMP_H

#include <sys/kdebug.h>

#ifdef __cplusplus
static inline void IOTimeStampStartConstant(unsigned int, uintptr_t = 0, uintptr_t = 0, uintptr_t = 0, uintptr_t = 0)
{
}
static inline void IOTimeStampEndConstant(uintptr_t, uintptr_t = 0, uintptr_t = 0, uintptr_t = 0, uintptr_t = 0)
{
}
static inline void IOTimeStampConstant(uintptr_t, uintptr_t = 0, uintptr_t = 0, uintptr_t = 0, uintptr_t = 0)
{
}
#endif

#define IODBG_NETWORK(code) (KDBG_CODE(DBG_IOKIT, DBG_IONETWORK, code))
#define IODBG_STORAGE(code) (KDBG_CODE(DBG_IOKIT, DBG_IOSTORAGE, code))

#endif
