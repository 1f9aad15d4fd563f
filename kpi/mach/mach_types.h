// SPDX-License-Identifier: BSD-3-Clause
/*
 * The kernel's object handles. Answers to Apple's mach/mach_types.h.
 */
#ifndef KPI_MACH_MACH_TYPES_H
#define KPI_MACH_MACH_TYPES_H

#include <stdint.h>
#include <sys/cdefs.h>
#include <mach/boolean.h>
#include <mach/kern_return.h>
#include <mach/port.h>
#include <mach/machine/vm_types.h>
#include <mach/vm_types.h>
#include <mach/vm_prot.h>
#include <mach/vm_inherit.h>
#include <mach/clock_types.h>
#include <mach/vm_param.h>
#include <mach/kmod.h>

typedef struct task *task_t, *task_name_t;
typedef struct thread *thread_t, *thread_act_t;
typedef struct ipc_space *ipc_space_t;
typedef struct host *host_t;
typedef struct host *host_priv_t;
typedef struct host *host_security_t;
typedef struct processor *processor_t;
typedef struct processor_set *processor_set_t;
typedef struct processor_set *processor_set_control_t;
typedef struct semaphore *semaphore_t;
typedef struct ledger *ledger_t;
typedef struct alarm *alarm_t;
typedef struct clock *clock_serv_t;
typedef struct clock *clock_ctrl_t;
typedef processor_set_t processor_set_name_t;
typedef mach_port_t vm_task_entry_t;
typedef mach_port_t io_master_t;
typedef mach_port_t UNDServerRef;
typedef task_t task_port_t;

#define TASK_NULL      ((task_t)0)
#define THREAD_NULL    ((thread_t)0)
#define HOST_NULL      ((host_t)0)
#define PROCESSOR_NULL ((processor_t)0)
#define SEMAPHORE_NULL ((semaphore_t)0)

#include <mach/std_types.h>

#endif
