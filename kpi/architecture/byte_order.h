// SPDX-License-Identifier: BSD-3-Clause
/*
 * Old name of the byte order header.
 */
#ifndef KPI_ARCHITECTURE_BYTE_ORDER_H
#define KPI_ARCHITECTURE_BYTE_ORDER_H

#include <libkern/OSByteOrder.h>

#endif
