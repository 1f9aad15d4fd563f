// SPDX-License-Identifier: BSD-3-Clause
/*
 * Printing, conversion and user-space copies of the kernel's C library. Answers to Apple's libkern/libkern.h.
 */
#ifndef KPI_LIBKERN_LIBKERN_H
#define KPI_LIBKERN_LIBKERN_H

#include <stdint.h>
#include <stdarg.h>
#include <sys/cdefs.h>
#include <sys/types.h>
#include <mach/vm_types.h>
#include <string.h>

__BEGIN_DECLS

extern u_char const bcd2bin_data[];
#define bcd2bin(bcd)   (bcd2bin_data[bcd])

static inline u_int imax(int a, int b)
{
    return (a > b ? a : b);
}
static inline u_int imin(int a, int b)
{
    return (a < b ? a : b);
}
static inline long lmax(long a, long b)
{
    return (a > b ? a : b);
}
static inline long lmin(long a, long b)
{
    return (a < b ? a : b);
}
static inline u_int uimax(u_int a, u_int b)
{
    return (a > b ? a : b);
}
static inline u_int uimin(u_int a, u_int b)
{
    return (a < b ? a : b);
}
static inline u_long ulmax(u_long a, u_long b)
{
    return (a > b ? a : b);
}
static inline u_long ulmin(u_long a, u_long b)
{
    return (a < b ? a : b);
}

extern int ffs(int mask); /* index of the lowest set bit, from 1; 0: none */
extern u_int32_t random(void);
extern long strtol(const char *, char **, int);
extern u_long strtoul(const char *, char **, int);
extern quad_t strtoq(const char *, char **, int);
extern u_quad_t strtouq(const char *, char **, int);
extern char *strsep(char **, const char *);

extern int printf(const char *, ...) __printflike(1, 2); /* kernel log; any context */
extern int vprintf(const char *, va_list);
extern int sprintf(char *bufp, const char *, ...) __printflike(2, 3);
extern int vsprintf(char *bufp, const char *, va_list);
extern int snprintf(char *, size_t, const char *, ...) __printflike(3, 4);
extern int vsnprintf(char *, size_t, const char *, va_list);
extern int sscanf(const char *, char const *, ...);
extern int vsscanf(const char *, char const *, va_list);

extern u_int32_t crc32(u_int32_t crc, const void *bufp, size_t len);

/* To and from the current user process: 0 or an errno. */
extern int copystr(const void *kfaddr, void *kdaddr, size_t len, size_t *done);
extern int copyinstr(const user_addr_t uaddr, void *kaddr, size_t len, size_t *done);
extern int copyoutstr(const void *kaddr, user_addr_t udaddr, size_t len, size_t *done);
extern int copyin(const user_addr_t uaddr, void *kaddr, size_t len);
extern int copyout(const void *kaddr, user_addr_t udaddr, size_t len);

extern void flush_dcache(vm_offset_t addr, unsigned count, int phys);
extern void flush_dcache64(addr64_t addr, unsigned count, int phys);
extern void invalidate_icache(vm_offset_t addr, unsigned cnt, int phys);
extern void invalidate_icache64(addr64_t addr, unsigned cnt, int phys);

__END_DECLS

#endif
