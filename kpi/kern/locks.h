// SPDX-License-Identifier: BSD-3-Clause
/*
 * The kernel's locks: opaque, allocated by the kernel. A lock belongs to a group; attributes may be LCK_ATTR_NULL.
 * Answers to Apple's kern/locks.h.
 */
#ifndef KPI_KERN_LOCKS_H
#define KPI_KERN_LOCKS_H

#include <sys/appleapiopts.h>
#include <sys/cdefs.h>
#include <mach/boolean.h>
#include <mach/mach_types.h>
#include <kern/kern_types.h>

typedef struct __lck_spin_t__    lck_spin_t;
typedef struct __lck_mtx_t__     lck_mtx_t;
typedef struct __lck_mtx_ext_t__ lck_mtx_ext_t;
typedef struct __lck_rw_t__      lck_rw_t;
typedef struct __lck_grp__       lck_grp_t;
typedef struct __lck_grp_attr__  lck_grp_attr_t;
typedef struct __lck_attr__      lck_attr_t;
#define LCK_GRP_NULL      (lck_grp_t *)0
#define LCK_GRP_ATTR_NULL (lck_grp_attr_t *)0
#define LCK_ATTR_NULL     (lck_attr_t *)0

typedef unsigned int lck_sleep_action_t;
#define LCK_SLEEP_DEFAULT   0x0
#define LCK_SLEEP_UNLOCK    0x1
#define LCK_SLEEP_SHARED    0x2
#define LCK_SLEEP_EXCLUSIVE 0x4
#define LCK_SLEEP_SPIN      0x8

typedef unsigned int lck_rw_type_t;
#define LCK_RW_TYPE_SHARED    0x1
#define LCK_RW_TYPE_EXCLUSIVE 0x2
#define LCK_MTX_ASSERT_OWNED    0x1
#define LCK_MTX_ASSERT_NOTOWNED 0x2

__BEGIN_DECLS

/* Groups and attributes: the allocator's caller frees. */
extern lck_grp_attr_t *lck_grp_attr_alloc_init(void);
extern void lck_grp_attr_setdefault(lck_grp_attr_t *attr);
extern void lck_grp_attr_setstat(lck_grp_attr_t *attr);
extern void lck_grp_attr_free(lck_grp_attr_t *attr);
extern lck_grp_t *lck_grp_alloc_init(const char *grp_name, lck_grp_attr_t *attr);
extern void lck_grp_free(lck_grp_t *grp);
extern lck_attr_t *lck_attr_alloc_init(void);
extern void lck_attr_setdefault(lck_attr_t *attr);
extern void lck_attr_setdebug(lck_attr_t *attr);
extern void lck_attr_free(lck_attr_t *attr);

/* Spin locks: for the shortest sections, the only kind allowed in a primary interrupt. */
extern lck_spin_t *lck_spin_alloc_init(lck_grp_t *grp, lck_attr_t *attr);
extern void lck_spin_init(lck_spin_t *lck, lck_grp_t *grp, lck_attr_t *attr);
extern void lck_spin_lock(lck_spin_t *lck);
extern void lck_spin_unlock(lck_spin_t *lck);
extern void lck_spin_destroy(lck_spin_t *lck, lck_grp_t *grp);
extern void lck_spin_free(lck_spin_t *lck, lck_grp_t *grp);
/* Sleep on event; what happens to the lock is the action's choice. deadline in absolute time. */
extern wait_result_t lck_spin_sleep(lck_spin_t *lck, lck_sleep_action_t action, event_t event,
                                    wait_interrupt_t interruptible);
extern wait_result_t lck_spin_sleep_deadline(lck_spin_t *lck, lck_sleep_action_t action, event_t event,
                                             wait_interrupt_t interruptible, uint64_t deadline);

/* Mutexes: the holder may sleep; not recursive. */
extern lck_mtx_t *lck_mtx_alloc_init(lck_grp_t *grp, lck_attr_t *attr);
extern void lck_mtx_init(lck_mtx_t *lck, lck_grp_t *grp, lck_attr_t *attr);
extern void lck_mtx_lock(lck_mtx_t *lck);
extern void lck_mtx_unlock(lck_mtx_t *lck);
extern void lck_mtx_destroy(lck_mtx_t *lck, lck_grp_t *grp);
extern void lck_mtx_free(lck_mtx_t *lck, lck_grp_t *grp);
extern wait_result_t lck_mtx_sleep(lck_mtx_t *lck, lck_sleep_action_t action, event_t event,
                                   wait_interrupt_t interruptible);
extern wait_result_t lck_mtx_sleep_deadline(lck_mtx_t *lck, lck_sleep_action_t action, event_t event,
                                            wait_interrupt_t interruptible, uint64_t deadline);
extern void lck_mtx_assert(lck_mtx_t *lck, unsigned int type); /* LCK_MTX_ASSERT_*: panics when it does not hold */

/* Read-write locks. */
extern lck_rw_t *lck_rw_alloc_init(lck_grp_t *grp, lck_attr_t *attr);
extern void lck_rw_init(lck_rw_t *lck, lck_grp_t *grp, lck_attr_t *attr);
extern void lck_rw_lock(lck_rw_t *lck, lck_rw_type_t type);
extern void lck_rw_unlock(lck_rw_t *lck, lck_rw_type_t type);
extern void lck_rw_lock_shared(lck_rw_t *lck);
extern void lck_rw_unlock_shared(lck_rw_t *lck);
extern void lck_rw_lock_exclusive(lck_rw_t *lck);
extern void lck_rw_unlock_exclusive(lck_rw_t *lck);
extern void lck_rw_destroy(lck_rw_t *lck, lck_grp_t *grp);
extern void lck_rw_free(lck_rw_t *lck, lck_grp_t *grp);
extern wait_result_t lck_rw_sleep(lck_rw_t *lck, lck_sleep_action_t action, event_t event,
                                  wait_interrupt_t interruptible);
extern wait_result_t lck_rw_sleep_deadline(lck_rw_t *lck, lck_sleep_action_t action, event_t event,
                                           wait_interrupt_t interruptible, uint64_t deadline);
extern boolean_t lck_rw_lock_shared_to_exclusive(lck_rw_t *lck); /* FALSE: lost the race, the lock is not held */
extern void lck_rw_lock_exclusive_to_shared(lck_rw_t *lck);
extern boolean_t lck_rw_try_lock(lck_rw_t *lck, lck_rw_type_t type);

__END_DECLS

#endif
