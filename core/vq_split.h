// SPDX-License-Identifier: BSD-3-Clause
/*
 * The split ring's half of vq.h (2.7): offering chains, taking them back, and the suppression of doorbells
 * and interrupts (2.7.7, 2.7.10). Included by vq.h only.
 */
#ifndef CORE_VQ_SPLIT_H
#define CORE_VQ_SPLIT_H
#include "vq.h"

VIO_BEGIN

static inline void vq_put_desc(struct virtq_desc *d, const struct vq_seg *seg, uint16_t flags, uint16_t next)
{
    d->addr = seg->pa;
    d->len = seg->len;
    d->flags = flags;
    d->next = next;
}

/* Fills head's indirect table and points its descriptor there. Returns the next free descriptor. */
static inline uint16_t vq_put_indirect(struct vq *q, uint16_t head, const struct vq_seg *seg, unsigned nout,
                                       unsigned n)
{
    uint32_t first = (uint32_t)head * q->ind_max;
    struct vq_seg table = {q->ind_pa + (uint64_t)first * sizeof(struct virtq_desc),
                           n * (uint32_t)sizeof(struct virtq_desc)};

    for (unsigned i = 0; i < n; i++)
        vq_put_desc(&q->ind[first + i], &seg[i], vq_desc_flags(i, nout, n), (uint16_t)(i + 1));
    vq_put_desc(&q->desc[head], &table, VIRTQ_DESC_F_INDIRECT, 0);
    return q->slot[head].next;
}

/* Fills n free descriptors of the ring from head on. Returns the next free descriptor. */
static inline uint16_t vq_put_direct(struct vq *q, uint16_t head, const struct vq_seg *seg, unsigned nout,
                                     unsigned n)
{
    uint16_t id = head;

    for (unsigned i = 0; i < n; i++) {
        uint16_t next = q->slot[id].next;
        vq_put_desc(&q->desc[id], &seg[i], vq_desc_flags(i, nout, n), next);
        id = next;
    }
    return id;
}

/*
 * Offers one chain: nout pieces that the device reads, then nin that it writes. The device does not see it
 * before vq_publish(). `cookie` comes back from vq_pop() or vq_detach(). The memory is the device's until
 * then. The chain's id (its head) is what vq_next_id() said. 0, VIO_EFULL, VIO_EBROKEN, VIO_EINVAL (no piece,
 * or more than fit an empty ring).
 */
static inline int vq_add(struct vq *q, const struct vq_seg *seg, unsigned nout, unsigned nin, void *cookie)
{
    unsigned n = nout + nin;
    bool indirect = n > 1 && n <= q->ind_max;
    unsigned need = indirect ? 1 : n;
    uint16_t head = q->free_head;
    int error = vq_room(q, n, need);

    if (VIO_UNLIKELY(error))
        return error;
    q->free_head = indirect ? vq_put_indirect(q, head, seg, nout, n) : vq_put_direct(q, head, seg, nout, n);
    vq_post(q, head, need, seg + nout, nin, cookie);
    q->avail->ring[q->avail_idx++ & q->mask] = head;
    return 0;
}

/*
 * Shows the device all chains added since the last call. True: it wants the doorbell, call vq_kick(). Once a
 * burst.
 */
static inline bool vq_publish(struct vq *q)
{
    uint16_t old = q->published;

    if (q->avail_idx == old || VIO_UNLIKELY(q->broken))
        return false;
    /* The entries before the index: 2.7.13.3.1. */
    __atomic_store_n(&q->avail->idx, q->avail_idx, __ATOMIC_RELEASE);
    q->published = q->avail_idx;
    /* The index before the suppression fields are read, or a wake-up is lost: 2.7.13.4.1. */
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    if (q->event_idx)
        return vq_need_event(__atomic_load_n(q->avail_event, __ATOMIC_RELAXED), q->published, old);
    return !(__atomic_load_n(&q->used->flags, __ATOMIC_RELAXED) & VIRTQ_USED_F_NO_NOTIFY);
}

/* Rings the doorbell, after a vq_publish() that said so. */
static inline void vq_kick(struct vq *q)
{
    vq_ring_bell(q, q->published);
}

/* Used chains waiting for vq_pop(), or VIO_EBROKEN. Reads the device's index only when the last look is used
 * up. */
static inline int vq_pending(struct vq *q)
{
    if (VIO_UNLIKELY(q->broken))
        return VIO_EBROKEN;
    if (q->last_used == q->used_seen) {
        /* The index before the entries: 2.7.14. */
        uint16_t idx = __atomic_load_n(&q->used->idx, __ATOMIC_ACQUIRE);
        if (VIO_UNLIKELY((uint16_t)(idx - q->last_used) > (uint16_t)(q->published - q->last_used)))
            return vq_broken(q, VQ_FAULT_INDEX_JUMP);
        q->used_seen = idx;
    }
    return (uint16_t)(q->used_seen - q->last_used);
}

/*
 * Puts a chain of ndesc descriptors back on the free list. In order they come back in the ring's order, in
 * which the list runs through them for ever, as it must (2.7.13.1 with IN_ORDER): nothing to do.
 */
static inline void vq_unpost(struct vq *q, uint16_t head)
{
    uint16_t tail = head;

    q->num_free = (uint16_t)(q->num_free + q->slot[head].ndesc);
    if (q->in_order) {
        q->order_head = (uint16_t)((head + q->slot[head].ndesc) & q->mask);
    } else {
        for (unsigned i = 1; i < q->slot[head].ndesc; i++)
            tail = q->slot[tail].next;
        q->slot[tail].next = q->free_head;
        q->free_head = head;
    }
    q->slot[head].ndesc = 0;
}

/* Takes back one used chain: 1 with *done filled, 0 if there is none now, VIO_EBROKEN. */
static inline int vq_pop(struct vq *q, struct vq_done *done)
{
    int pending = vq_pending(q);
    uint32_t id = 0, len = 0;

    if (pending <= 0)
        return pending ? VIO_EBROKEN : 0;
    if (VIO_LIKELY(!q->batch)) {
        struct virtq_used_elem *e = &q->used->ring[q->last_used & q->mask];
        id = __atomic_load_n(&e->id, __ATOMIC_RELAXED); /* each once: the device may change them under us */
        len = __atomic_load_n(&e->len, __ATOMIC_RELAXED);
        if (VIO_UNLIKELY(vq_check_used(q, id, &len)))
            return VIO_EBROKEN;
    }
    if (q->in_order && VIO_UNLIKELY(vq_in_order(q, &id, &len, (unsigned)pending)))
        return VIO_EBROKEN;
    *done = (struct vq_done){q->slot[id].cookie, len, (uint16_t)id};
    q->last_used++;
    vq_unpost(q, (uint16_t)id);
    return 1;
}

/*
 * Asks for an interrupt once `after` (1 or more) further chains are used; without event index at the next
 * one. True if that many are used already, and the interrupt may therefore never come: the caller must pop
 * again. (A hostile device can make this true for ever without a chain to pop: bound the number of rounds.)
 */
static inline bool vq_intr_on(struct vq *q, uint16_t after)
{
    q->event = (uint16_t)(q->last_used + after - 1);
    if (q->event_idx) {
        __atomic_store_n(q->used_event, q->event, __ATOMIC_RELAXED);
    } else {
        __atomic_store_n(&q->avail->flags, 0, __ATOMIC_RELAXED);
        after = 1;
    }
    /* The request before the index is read again, or a chain used in between goes unnoticed: 2.7.7.1. */
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    return (uint16_t)(__atomic_load_n(&q->used->idx, __ATOMIC_ACQUIRE) - q->last_used) >= after;
}

/* Asks for no interrupts; a hint only (2.7.7): some may come, and with event index one in 65536 chains will.
 */
static inline void vq_intr_off(struct vq *q)
{
    if (!q->event_idx) {
        __atomic_store_n(&q->avail->flags, VIRTQ_AVAIL_F_NO_INTERRUPT, __ATOMIC_RELAXED);
    } else if ((uint16_t)(q->event - q->last_used) < 0x8000) {
        /* The event asked for lies ahead: put it behind. (One passed already needs no store to the shared
         * line.) */
        q->event = (uint16_t)(q->last_used - 1);
        __atomic_store_n(q->used_event, q->event, __ATOMIC_RELAXED);
    }
}

VIO_END
#endif
