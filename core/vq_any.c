// SPDX-License-Identifier: BSD-3-Clause
/* vq_any.h for the split ring; vq_any_packed.c has it for the packed one. */
#include "vq_any.h"

int VQ_NAME(vq_any_add)(struct vq *q, const struct vq_seg *seg, unsigned nout, unsigned nin, void *cookie)
{
    return vq_add(q, seg, nout, nin, cookie);
}

void VQ_NAME(vq_any_send)(struct vq *q)
{
    if (vq_publish(q))
        vq_kick(q);
}

void VQ_NAME(vq_any_kick)(struct vq *q)
{
    (void)vq_publish(q);
    vq_kick(q);
}

int VQ_NAME(vq_any_pop)(struct vq *q, struct vq_done *done)
{
    return vq_pop(q, done);
}

bool VQ_NAME(vq_any_intr_on)(struct vq *q, uint16_t after)
{
    return vq_intr_on(q, after);
}

void VQ_NAME(vq_any_intr_off)(struct vq *q)
{
    vq_intr_off(q);
}
