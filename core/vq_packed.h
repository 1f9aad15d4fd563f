// SPDX-License-Identifier: BSD-3-Clause
/*
 * The packed ring's half of vq.h (2.8): one ring that both sides write, in which a descriptor's flags say
 * whose it is in this lap, and a structure each for the suppression of doorbells and interrupts (2.8.10).
 * Included by vq.h only.
 *
 * Of the chains of a burst all but the very first descriptor are written in full; its flags follow in
 * vq_publish() and show them all at once, for the device looks at descriptors in order (2.8.21).
 */
#ifndef CORE_VQ_PACKED_H
#define CORE_VQ_PACKED_H
#include "vq.h"

VIO_BEGIN

/* 2.8.1: available in lap `wrap` is AVAIL equal to it and USED not. */
static inline uint16_t vq_avail_flags(uint16_t wrap)
{
    return wrap ? VIRTQ_DESC_F_AVAIL : VIRTQ_DESC_F_USED;
}

/* 2.8.1: used in lap `wrap` is both equal to it. */
static inline bool vq_is_used(const struct vq *q)
{
    /* The flags before the rest of the descriptor: 2.8.22. */
    uint16_t flags = __atomic_load_n(&q->ring[q->next_used].flags, __ATOMIC_ACQUIRE);
    uint16_t both = VIRTQ_DESC_F_AVAIL | VIRTQ_DESC_F_USED;

    return (flags & both) == (q->used_wrap ? both : 0);
}

/* Moves a place in the ring by n (at most num), and counts its laps. */
static inline void vq_advance(const struct vq *q, uint16_t *at, uint16_t *wrap, unsigned n)
{
    unsigned next = *at + n;

    if (next >= q->num) {
        next -= q->num;
        *wrap ^= 1;
    }
    *at = (uint16_t)next;
}

/* Writes the next descriptor of the ring; a burst's first becomes visible by vq_publish() only. */
static inline void vq_put(struct vq *q, const struct vq_seg *seg, uint16_t id, uint16_t flags)
{
    struct pvirtq_desc *d = &q->ring[q->next_avail];

    flags |= vq_avail_flags(q->avail_wrap);
    d->addr = seg->pa;
    d->len = seg->len;
    d->id = id;
    if (q->added++)
        __atomic_store_n(&d->flags, flags, __ATOMIC_RELEASE);
    else {
        q->held_at = q->next_avail;
        q->held = flags;
    }
    vq_advance(q, &q->next_avail, &q->avail_wrap, 1);
}

/* Fills the id's indirect table, whose entries have neither id nor NEXT (2.8.7), and points to it. */
static inline void vq_put_indirect(struct vq *q, uint16_t id, const struct vq_seg *seg, unsigned nout,
                                   unsigned n)
{
    uint32_t first = (uint32_t)id * q->ind_max;
    struct vq_seg table = {q->ind_pa + (uint64_t)first * sizeof(struct pvirtq_desc),
                           n * (uint32_t)sizeof(struct pvirtq_desc)};

    for (unsigned i = 0; i < n; i++)
        q->ring_ind[first + i] = (struct pvirtq_desc){seg[i].pa, seg[i].len, 0,
                                                      i < nout ? (uint16_t)0 : (uint16_t)VIRTQ_DESC_F_WRITE};
    vq_put(q, &table, id, VIRTQ_DESC_F_INDIRECT);
}

/* As in vq_split.h. The chain's id is a number of its own, not a place in the ring. */
static inline int vq_add(struct vq *q, const struct vq_seg *seg, unsigned nout, unsigned nin, void *cookie)
{
    unsigned n = nout + nin;
    bool indirect = n > 1 && n <= q->ind_max;
    unsigned need = indirect ? 1 : n;
    uint16_t id = q->free_head;
    int error = vq_room(q, n, need);

    if (VIO_UNLIKELY(error))
        return error;
    if (indirect)
        vq_put_indirect(q, id, seg, nout, n);
    else
        for (unsigned i = 0; i < n; i++)
            vq_put(q, &seg[i], id, vq_desc_flags(i, nout, n));
    q->free_head = q->slot[id].next;
    vq_post(q, id, need, seg + nout, nin, cookie);
    q->avail_idx++;
    return 0;
}

/*
 * Whether the device, which asked for a doorbell at the place `event` (2.8.10), gets one for the `added`
 * descriptors before next_avail. One is due if they pass that place. One is given as well if it lies behind
 * them: the device has gone on without asking anew, as QEMU 7.2 does when its back end was busy
 * (virtio_net_tx_complete: queue and event are out of step), and would sleep for good.
 */
static inline bool vq_bell_due(const struct vq *q, uint32_t event, unsigned added)
{
    /* Places in two laps, in the order in which they are filled. */
    uint32_t now = q->next_avail + (q->avail_wrap ? 0u : q->num);
    uint32_t at = (event & (PVIRTQ_EVENT_WRAP - 1)) + (event & PVIRTQ_EVENT_WRAP ? 0u : q->num);
    uint32_t ahead = (at + 2u * q->num + added - now) % (2u * q->num); /* of the first of them */

    return ahead < added || ahead >= q->num;
}

/* As in vq_split.h. */
static inline bool vq_publish(struct vq *q)
{
    uint16_t added = q->added;
    uint32_t event;

    if (!added || VIO_UNLIKELY(q->broken))
        return false;
    /* All of the burst before the flags that show it: 2.8.21.1. */
    __atomic_store_n(&q->ring[q->held_at].flags, q->held, __ATOMIC_RELEASE);
    q->published = q->avail_idx;
    q->added = 0;
    /* The flags before the suppression structure is read, or a wake-up is lost: 2.8.21.3.1. */
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    event = __atomic_load_n(q->device_event, __ATOMIC_RELAXED);
    if ((event >> 16 & 3) != RING_EVENT_FLAGS_DESC || !q->event_idx)
        return (event >> 16 & 3) != RING_EVENT_FLAGS_DISABLE;
    return vq_bell_due(q, event, added);
}

/* Rings the doorbell, after a vq_publish() that said so. */
static inline void vq_kick(struct vq *q)
{
    vq_ring_bell(q, (uint16_t)(q->next_avail | (q->avail_wrap ? PVIRTQ_EVENT_WRAP : 0)));
}

/* In order ids come back in the order in which the free list holds them for ever. */
static inline void vq_unpost(struct vq *q, uint16_t id)
{
    struct vq_slot *slot = &q->slot[id];

    q->num_free = (uint16_t)(q->num_free + slot->ndesc);
    slot->ndesc = 0;
    if (q->in_order) {
        q->order_head = slot->next;
    } else {
        slot->next = q->free_head;
        q->free_head = id;
    }
}

/* As in vq_split.h. */
static inline int vq_pop(struct vq *q, struct vq_done *done)
{
    uint16_t pending = (uint16_t)(q->published - q->last_used);
    uint32_t id = 0, len = 0;

    if (VIO_UNLIKELY(q->broken))
        return VIO_EBROKEN;
    if (VIO_LIKELY(!q->batch)) {
        struct pvirtq_desc *d = &q->ring[q->next_used];
        if (!vq_is_used(q))
            return 0;
        if (VIO_UNLIKELY(!pending))
            return vq_broken(q, VQ_FAULT_INDEX_JUMP);
        id = __atomic_load_n(&d->id, __ATOMIC_RELAXED); /* each once: the device may change them under us */
        len = __atomic_load_n(&d->len, __ATOMIC_RELAXED);
        if (VIO_UNLIKELY(vq_check_used(q, id, &len)))
            return VIO_EBROKEN;
    }
    if (q->in_order && VIO_UNLIKELY(vq_in_order(q, &id, &len, pending)))
        return VIO_EBROKEN;
    *done = (struct vq_done){q->slot[id].cookie, len, (uint16_t)id};
    q->last_used++;
    vq_advance(q, &q->next_used, &q->used_wrap, q->slot[id].ndesc);
    vq_unpost(q, (uint16_t)id);
    return 1;
}

static inline void vq_ask(struct vq *q, uint16_t off_wrap, uint16_t flags)
{
    q->event = flags;
    __atomic_store_n(q->driver_event, off_wrap | (uint32_t)flags << 16, __ATOMIC_RELAXED);
}

/*
 * As in vq_split.h; true as soon as anything is used already. Places count descriptors: a number of chains is
 * taken to have its share of those in flight.
 */
static inline bool vq_intr_on(struct vq *q, uint16_t after)
{
    uint16_t at = q->next_used, wrap = q->used_wrap;
    unsigned busy = q->num - q->num_free, chains = vq_in_flight(q), step = after - 1u;

    if (step && busy != chains && chains)
        step = step * busy / chains;
    vq_advance(q, &at, &wrap, step < q->num ? step : 0);
    if (q->event_idx)
        vq_ask(q, (uint16_t)(at | (wrap ? PVIRTQ_EVENT_WRAP : 0)), RING_EVENT_FLAGS_DESC);
    else
        vq_ask(q, 0, RING_EVENT_FLAGS_ENABLE);
    /* The request before the flags are read again, or a chain used in between goes unnoticed: 2.8.22.1. */
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    return q->batch || vq_is_used(q);
}

/* As in vq_split.h, but exact. */
static inline void vq_intr_off(struct vq *q)
{
    if (q->event != RING_EVENT_FLAGS_DISABLE)
        vq_ask(q, 0, RING_EVENT_FLAGS_DISABLE);
}

VIO_END
#endif
