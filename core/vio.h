// SPDX-License-Identifier: BSD-3-Clause
/*
 * What all of core/ shares: the error codes and a few compiler helpers. Freestanding C11, includable from
 * C++.
 *
 * core/ drives virtio devices (OASIS "Virtual I/O Device (VIRTIO) Version 1.4"; sections are cited by that
 * version's numbers). It knows no operating system: what it needs of one is declared in hal.h. Everything
 * that a device can write (registers, configuration, rings, buffers) is treated as hostile input.
 */
#ifndef CORE_VIO_H
#define CORE_VIO_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define VIO_BEGIN extern "C" {
#define VIO_END   }
#else
#define VIO_BEGIN
#define VIO_END
#endif

/* Legacy rings have the guest's byte order, modern ones are little-endian (2.7.3): one code path needs both
 * equal. */
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "core/ supports little-endian machines only"
#endif

#define VIO_LIKELY(x)   __builtin_expect(!!(x), 1)
#define VIO_UNLIKELY(x) __builtin_expect(!!(x), 0)
#define VIO_COUNT(a)    (sizeof(a) / sizeof((a)[0]))
#define VIO_BIT(n)      (1ULL << (n))

VIO_BEGIN

/* Every function of core/ that can fail returns 0 (or a count) or one of these. */
enum vio_error {
    VIO_ENOMEM = -1,   /* no memory, or no DMA memory that the device can reach */
    VIO_EFULL = -2,    /* the ring has no room now: reap, then try again */
    VIO_EBROKEN = -3,  /* the device broke the protocol: the queue is shut until the device is reset */
    VIO_EGONE = -4,    /* registers read all-ones: the device was unplugged */
    VIO_ETIMEOUT = -5, /* the device did not do within its time what it must */
    VIO_EDEVICE = -6,  /* the device presents something invalid (capability, queue size, configuration) */
    VIO_EFEATURE = -7, /* a required feature is not offered, or the device refused the set chosen */
    VIO_EVECTOR = -8, /* the device did not take an interrupt vector, or MSI-X is not in the state expected */
    VIO_EINVAL = -9,  /* the caller's request makes no sense */
    VIO_ERESET = -10, /* the device asks to be reset (DEVICE_NEEDS_RESET) */
};

/* A short English phrase for an error code; never NULL. Any context. */
const char *vio_strerror(int error);

VIO_END
#endif
