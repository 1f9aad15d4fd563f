// SPDX-License-Identifier: BSD-3-Clause
/*
 * What systems after 10.9 export, which compilers and headers of their time make drivers import: checked
 * copies (osfmk/device/subrs.c), os_log (libkern/os/log.h), other names for locks, the continuous clock; and
 * access to physical addresses (i386/machine_routines.h). Sources: xnu-6153.
 */
#include <stddef.h>
#include <stdint.h>
#include <kern/clock.h>
#include <kern/debug.h>
#include <kern/locks.h>
#include <libkern/libkern.h>
#include <sys/errno.h>
#include <IOKit/IOLib.h>
#include "internal.h"

/* ---- checked copies: `room` is what the compiler knows of the destination ------------------------------ */
static void check(const char *who, size_t room, size_t size)
{
    if (room < size)
        panic("%s object size check failed: (%zu < %zu)", who, room, size);
}

void *__memcpy_chk(void *to, const void *from, size_t n, size_t room)
{
    check("__memcpy_chk", room, n);
    return memcpy(to, from, n);
}

void *__memmove_chk(void *to, const void *from, size_t n, size_t room)
{
    check("__memmove_chk", room, n);
    return memmove(to, from, n);
}

void *__memset_chk(void *to, int c, size_t n, size_t room)
{
    check("__memset_chk", room, n);
    return memset(to, c, n);
}

size_t __strlcpy_chk(char *to, const char *from, size_t n, size_t room)
{
    check("__strlcpy_chk", room, n);
    return strlcpy(to, from, n);
}

size_t __strlcat_chk(char *to, const char *from, size_t n, size_t room)
{
    check("__strlcat_chk", room, n);
    return strlcat(to, from, n);
}

char *__strncpy_chk(char *to, const char *from, size_t n, size_t room)
{
    check("__strncpy_chk", room, n);
    return strncpy(to, from, n);
}

char *__strncat_chk(char *to, const char *from, size_t n, size_t room)
{
    check("__strncat_chk", room, strlen(to) + strnlen(from, n) + 1);
    return strncat(to, from, n);
}

char *__strcpy_chk(char *to, const char *from, size_t room)
{
    check("__strcpy_chk", room, strlen(from) + 1);
    return strcpy(to, from);
}

char *__strcat_chk(char *to, const char *from, size_t room)
{
    check("__strcat_chk", room, strlen(to) + strlen(from) + 1);
    return strcat(to, from);
}

/* C11 K.3.7.4.1; RSIZE_MAX is SIZE_MAX / 2. The errors are sys/errno.h's. */
int memset_s(void *to, size_t room, int c, size_t n)
{
    if (!to || room > SIZE_MAX / 2)
        return to ? E2BIG : EINVAL;
    memset(to, c, n < room ? n : room);
    return n > room ? EOVERFLOW : 0;
}

/* ---- locks --------------------------------------------------------------------------------------------- */
int IOLockSleep_darwin14(IOLock *l, void *event, UInt32 how)
{
    return IOLockSleep(l, event, how);
}

int IOLockSleepDeadline_darwin14(IOLock *l, void *event, AbsoluteTime deadline, UInt32 how)
{
    return IOLockSleepDeadline(l, event, deadline, how);
}

void IOLockWakeup_darwin14(IOLock *l, void *event, bool one)
{
    IOLockWakeup(l, event, one);
}

void IOSimpleLockDestroy(IOSimpleLock *l)
{
    lck_spin_destroy(IOSimpleLockGetMachLock(l), IOLockGroup);
}

void lck_spin_lock_grp(lck_spin_t *l, lck_grp_t *group)
{
    lck_spin_lock(l);
}

boolean_t lck_spin_try_lock_grp(lck_spin_t *l, lck_grp_t *group)
{
    return lck_spin_try_lock(l);
}

/* ---- the continuous clock goes on during sleep: this machine's RAM never sleeps ------------------------ */
uint64_t mach_continuous_time(void)
{
    return mach_absolute_time();
}

uint64_t absolutetime_to_continuoustime(uint64_t t)
{
    return t;
}

uint64_t continuoustime_to_absolutetime(uint64_t t)
{
    return t;
}

void clock_continuoustime_interval_to_deadline(uint64_t interval, uint64_t *deadline)
{
    clock_absolutetime_interval_to_deadline(interval, deadline);
}

/* ---- os_log -------------------------------------------------------------------------------------------- */
struct os_log_s {
    int unused;
};
struct os_log_s _os_log_default;

struct os_log_s *os_log_create(const char *subsystem, const char *category)
{
    return &_os_log_default;
}

bool os_log_info_enabled(struct os_log_s *log)
{
    return true;
}

bool os_log_debug_enabled(struct os_log_s *log)
{
    return true;
}

/* The format's notes on privacy ("%{public}s") go; the message is a line. */
void _os_log_internal(void *dso, struct os_log_s *log, uint8_t type, const char *fmt, ...)
{
    char plain[512];
    size_t n = 0;
    va_list ap;
    for (const char *p = fmt; *p && n < sizeof plain - 2; p++) {
        plain[n++] = *p;
        const char *end = p[0] == '%' && p[1] == '{' ? strchr(p, '}') : 0;
        if (end)
            p = end;
    }
    plain[n++] = '\n';
    plain[n] = 0;
    va_start(ap, fmt);
    IOLogv(plain, ap);
    va_end(ap);
}

/* ---- physical addresses -------------------------------------------------------------------------------- */
unsigned int ml_phys_read(vm_offset_t phys)
{
    return (unsigned int)mach_phys_read(phys, 4);
}

void ml_phys_write(vm_offset_t phys, unsigned int value)
{
    mach_phys_write(phys, 4, value);
}

#define PHYS(name, type, bytes)                                                                              \
    type ml_phys_read_##name##_64(addr64_t phys)                                                             \
    {                                                                                                        \
        return (type)mach_phys_read(phys, bytes);                                                            \
    }                                                                                                        \
    void ml_phys_write_##name##_64(addr64_t phys, type value)                                                \
    {                                                                                                        \
        mach_phys_write(phys, bytes, value);                                                                 \
    }
PHYS(byte, unsigned int, 1)
PHYS(half, unsigned int, 2)
PHYS(word, unsigned int, 4)
PHYS(double, unsigned long long, 8)
