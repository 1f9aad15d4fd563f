// SPDX-License-Identifier: BSD-3-Clause
/*
 * The bodies of a class's padding slots: a driver that calls one is told so and stopped (OSMetaClass::reservedCalled).
 */
#ifndef HOST_NETWORK_RESERVED_H
#define HOST_NETWORK_RESERVED_H
#define RESERVED_4(c, a, b, d, e)                                                                                      \
    OSMetaClassDefineReservedUnused(c, a) OSMetaClassDefineReservedUnused(c, b)                                        \
        OSMetaClassDefineReservedUnused(c, d) OSMetaClassDefineReservedUnused(c, e)
#define RESERVED_8_TO_15(c) RESERVED_4(c, 8, 9, 10, 11) RESERVED_4(c, 12, 13, 14, 15)
#define RESERVED_16(c) RESERVED_4(c, 0, 1, 2, 3) RESERVED_4(c, 4, 5, 6, 7) RESERVED_8_TO_15(c)
#define RESERVED_16_TO_31(c)                                                                                           \
    RESERVED_4(c, 16, 17, 18, 19) RESERVED_4(c, 20, 21, 22, 23)                                                        \
    RESERVED_4(c, 24, 25, 26, 27) RESERVED_4(c, 28, 29, 30, 31)
#endif
