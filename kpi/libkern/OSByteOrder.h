// SPDX-License-Identifier: BSD-3-Clause
/*
 * Byte order conversions and swapped accesses to memory. Answers to Apple's libkern/OSByteOrder.h.
 */
#ifndef KPI_LIBKERN_OSBYTEORDER_H
#define KPI_LIBKERN_OSBYTEORDER_H

#include <stdint.h>
#include <libkern/OSTypes.h>
#include <libkern/_OSByteOrder.h>

#define OSSwapInt16(x) __DARWIN_OSSwapInt16(x)
#define OSSwapInt32(x) __DARWIN_OSSwapInt32(x)
#define OSSwapInt64(x) __DARWIN_OSSwapInt64(x)
#define OSSwapConstInt16(x) __DARWIN_OSSwapInt16(x)
#define OSSwapConstInt32(x) __DARWIN_OSSwapInt32(x)
#define OSSwapConstInt64(x) __DARWIN_OSSwapInt64(x)

enum {
    OSUnknownByteOrder,
    OSLittleEndian,
    OSBigEndian
};

OS_INLINE int32_t OSHostByteOrder(void)
{
    return OSLittleEndian;
}

/* Reads and writes at base + byteOffset, swapped or in the host's order: one access of that width each. */
OS_INLINE uint16_t OSReadSwapInt16(const volatile void *base, uintptr_t byteOffset)
{
    return OSSwapInt16(*(const volatile uint16_t *)((uintptr_t)base + byteOffset));
}
OS_INLINE uint16_t _OSReadInt16(const volatile void *base, uintptr_t byteOffset)
{
    return *(const volatile uint16_t *)((uintptr_t)base + byteOffset);
}
OS_INLINE void OSWriteSwapInt16(volatile void *base, uintptr_t byteOffset, uint16_t data)
{
    *(volatile uint16_t *)((uintptr_t)base + byteOffset) = OSSwapInt16(data);
}
OS_INLINE void _OSWriteInt16(volatile void *base, uintptr_t byteOffset, uint16_t data)
{
    *(volatile uint16_t *)((uintptr_t)base + byteOffset) = data;
}
OS_INLINE uint32_t OSReadSwapInt32(const volatile void *base, uintptr_t byteOffset)
{
    return OSSwapInt32(*(const volatile uint32_t *)((uintptr_t)base + byteOffset));
}
OS_INLINE uint32_t _OSReadInt32(const volatile void *base, uintptr_t byteOffset)
{
    return *(const volatile uint32_t *)((uintptr_t)base + byteOffset);
}
OS_INLINE void OSWriteSwapInt32(volatile void *base, uintptr_t byteOffset, uint32_t data)
{
    *(volatile uint32_t *)((uintptr_t)base + byteOffset) = OSSwapInt32(data);
}
OS_INLINE void _OSWriteInt32(volatile void *base, uintptr_t byteOffset, uint32_t data)
{
    *(volatile uint32_t *)((uintptr_t)base + byteOffset) = data;
}
OS_INLINE uint64_t OSReadSwapInt64(const volatile void *base, uintptr_t byteOffset)
{
    return OSSwapInt64(*(const volatile uint64_t *)((uintptr_t)base + byteOffset));
}
OS_INLINE uint64_t _OSReadInt64(const volatile void *base, uintptr_t byteOffset)
{
    return *(const volatile uint64_t *)((uintptr_t)base + byteOffset);
}
OS_INLINE void OSWriteSwapInt64(volatile void *base, uintptr_t byteOffset, uint64_t data)
{
    *(volatile uint64_t *)((uintptr_t)base + byteOffset) = OSSwapInt64(data);
}
OS_INLINE void _OSWriteInt64(volatile void *base, uintptr_t byteOffset, uint64_t data)
{
    *(volatile uint64_t *)((uintptr_t)base + byteOffset) = data;
}

#define OSReadBigInt16(x, y)            OSReadSwapInt16(x, y)
#define OSReadLittleInt16(x, y)         _OSReadInt16(x, y)
#define OSWriteBigInt16(x, y, z)        OSWriteSwapInt16(x, y, z)
#define OSWriteLittleInt16(x, y, z)     _OSWriteInt16(x, y, z)
#define OSSwapHostToBigInt16(x)         OSSwapInt16(x)
#define OSSwapBigToHostInt16(x)         OSSwapInt16(x)
#define OSSwapHostToBigConstInt16(x)    OSSwapConstInt16(x)
#define OSSwapBigToHostConstInt16(x)    OSSwapConstInt16(x)
#define OSSwapHostToLittleInt16(x)      ((uint16_t)(x))
#define OSSwapLittleToHostInt16(x)      ((uint16_t)(x))
#define OSSwapHostToLittleConstInt16(x) ((uint16_t)(x))
#define OSSwapLittleToHostConstInt16(x) ((uint16_t)(x))
#define OSReadBigInt32(x, y)            OSReadSwapInt32(x, y)
#define OSReadLittleInt32(x, y)         _OSReadInt32(x, y)
#define OSWriteBigInt32(x, y, z)        OSWriteSwapInt32(x, y, z)
#define OSWriteLittleInt32(x, y, z)     _OSWriteInt32(x, y, z)
#define OSSwapHostToBigInt32(x)         OSSwapInt32(x)
#define OSSwapBigToHostInt32(x)         OSSwapInt32(x)
#define OSSwapHostToBigConstInt32(x)    OSSwapConstInt32(x)
#define OSSwapBigToHostConstInt32(x)    OSSwapConstInt32(x)
#define OSSwapHostToLittleInt32(x)      ((uint32_t)(x))
#define OSSwapLittleToHostInt32(x)      ((uint32_t)(x))
#define OSSwapHostToLittleConstInt32(x) ((uint32_t)(x))
#define OSSwapLittleToHostConstInt32(x) ((uint32_t)(x))
#define OSReadBigInt64(x, y)            OSReadSwapInt64(x, y)
#define OSReadLittleInt64(x, y)         _OSReadInt64(x, y)
#define OSWriteBigInt64(x, y, z)        OSWriteSwapInt64(x, y, z)
#define OSWriteLittleInt64(x, y, z)     _OSWriteInt64(x, y, z)
#define OSSwapHostToBigInt64(x)         OSSwapInt64(x)
#define OSSwapBigToHostInt64(x)         OSSwapInt64(x)
#define OSSwapHostToBigConstInt64(x)    OSSwapConstInt64(x)
#define OSSwapBigToHostConstInt64(x)    OSSwapConstInt64(x)
#define OSSwapHostToLittleInt64(x)      ((uint64_t)(x))
#define OSSwapLittleToHostInt64(x)      ((uint64_t)(x))
#define OSSwapHostToLittleConstInt64(x) ((uint64_t)(x))
#define OSSwapLittleToHostConstInt64(x) ((uint64_t)(x))
#define OSReadBigInt(x, y)              OSReadBigInt32(x, y)
#define OSWriteBigInt(x, y, z)          OSWriteBigInt32(x, y, z)
#define OSReadLittleInt(x, y)           OSReadLittleInt32(x, y)
#define OSWriteLittleInt(x, y, z)       OSWriteLittleInt32(x, y, z)
#define OSSwapBigToHostInt(x)           OSSwapBigToHostInt32(x)
#define OSSwapHostToBigInt(x)           OSSwapHostToBigInt32(x)
#define OSSwapHostToLittleInt(x)        OSSwapHostToLittleInt32(x)
#define OSSwapLittleToHostInt(x)        OSSwapLittleToHostInt32(x)

#endif
