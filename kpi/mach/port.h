// SPDX-License-Identifier: BSD-3-Clause
/*
 * A port: inside the kernel a pointer to an opaque object. Answers to Apple's mach/port.h.
 */
#ifndef KPI_MACH_PORT_H
#define KPI_MACH_PORT_H

#include <stdint.h>
#include <mach/boolean.h>
#include <mach/machine/vm_types.h>

typedef natural_t mach_port_name_t;
typedef mach_port_name_t *mach_port_name_array_t;

struct ipc_port;
typedef struct ipc_port *ipc_port_t;
typedef ipc_port_t mach_port_t;
typedef mach_port_t *mach_port_array_t;
#define IPC_PORT_NULL  ((ipc_port_t)0UL)
#define IPC_PORT_DEAD  ((ipc_port_t)~0UL)
#define MACH_PORT_NULL 0
#define MACH_PORT_DEAD ((mach_port_name_t)~0)

#endif
