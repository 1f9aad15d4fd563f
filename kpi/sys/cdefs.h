// SPDX-License-Identifier: BSD-3-Clause
/*
 * C and C++ declaration helpers, as Apple's sys/cdefs.h names them.
 */
#ifndef KPI_SYS_CDEFS_H
#define KPI_SYS_CDEFS_H

#ifdef __cplusplus
#define __BEGIN_DECLS extern "C" {
#define __END_DECLS   }
#else
#define __BEGIN_DECLS
#define __END_DECLS
#endif

/*
 * The three views of these headers: x86_64 of 10.6 and later; i386 of 10.6 and 10.7 (no __LP64__); i386 of 10.5
 * (KPI_10_5: a compiler for i386-apple-macosx10.5), whose classes have padding where 10.6 has methods.
 */
#if defined(__i386__) && defined(__ENVIRONMENT_MAC_OS_X_VERSION_MIN_REQUIRED__)
#if __ENVIRONMENT_MAC_OS_X_VERSION_MIN_REQUIRED__ < 1060
#define KPI_10_5
#endif
#endif
#ifdef KPI_10_5
#define KPI_PURE_IN_10_5 = 0
#else
#define KPI_PURE_IN_10_5
#endif
/* A default argument that i386 has not, for it would make a call ambiguous. */
#ifdef __LP64__
#define KPI_DEFAULT_64(value) = value
#else
#define KPI_DEFAULT_64(value)
#endif

#define __P(protos)          protos
#define __CONCAT(x, y)       x##y
#define __STRING(x)          #x
#define __const              const
#define __signed             signed
#ifndef __volatile
#define __volatile           volatile
#endif
#define __pure2              __attribute__((__const__))
#define __dead2              __attribute__((__noreturn__))
#define __unused             __attribute__((__unused__))
#define __used               __attribute__((__used__))
#define __deprecated         __attribute__((__deprecated__))
#define __printflike(f, a)   __attribute__((__format__(__printf__, f, a)))
#define __scanflike(f, a)    __attribute__((__format__(__scanf__, f, a)))
#define __packed             __attribute__((__packed__))
#define __aligned(n)         __attribute__((__aligned__(n)))
#define __DARWIN_ALIAS(sym)
#define __DARWIN_UNIX03        0
#define __DARWIN_64_BIT_INO_T  0
#define __DARWIN_NO_LONG_LONG  0

#endif
