// SPDX-License-Identifier: BSD-3-Clause
/*
 * vq.h's functions for queues that are not in a hurry, such as control queues: the ring's format is looked at
 * on each call, so their users need not be compiled for both.
 */
#ifndef CORE_VQ_ANY_H
#define CORE_VQ_ANY_H
#include "vq.h"

VIO_BEGIN

#define VQ_ANY(type, name, parameters, arguments)                                                            \
    type name##_split parameters;                                                                            \
    type name##_packed parameters;                                                                           \
    static inline type name parameters                                                                       \
    {                                                                                                        \
        return q->packed ? name##_packed arguments : name##_split arguments;                                 \
    }

/* vq_add() */
VQ_ANY(int, vq_any_add, (struct vq * q, const struct vq_seg *seg, unsigned nout, unsigned nin, void *cookie),
       (q, seg, nout, nin, cookie))
/* vq_publish(), and vq_kick() if the device wants it */
VQ_ANY(void, vq_any_send, (struct vq * q), (q))
/* vq_publish() and, whatever the device wants, vq_kick(): a packed ring's doorbell tells of all that was added */
VQ_ANY(void, vq_any_kick, (struct vq * q), (q))
/* vq_pop() */
VQ_ANY(int, vq_any_pop, (struct vq * q, struct vq_done *done), (q, done))
/* vq_intr_on() */
VQ_ANY(bool, vq_any_intr_on, (struct vq * q, uint16_t after), (q, after))
/* vq_intr_off() */
VQ_ANY(void, vq_any_intr_off, (struct vq * q), (q))

VIO_END
#endif
