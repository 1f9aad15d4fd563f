// SPDX-License-Identifier: BSD-3-Clause
/*
 * A virtqueue with the split ring (2.7), indirect descriptors (2.7.5.3) and event index (2.7.7, 2.7.10),
 * driver side.
 *
 *      vq_alloc()                                    memory; then the transport enables the queue
 *      vq_add()... vq_publish() -> vq_kick()         offer chains, make them visible, ring if the device
 * wants it vq_pop()...                                   take back what the device has used vq_intr_on() ->
 * true: pop again               ask for an interrupt; closes the race with the last vq_pop() [device reset]
 * vq_detach()... vq_restart() or vq_free()
 *
 * One caller at a time for a queue; different queues are independent. The inline functions work in any
 * context.
 *
 * The device is hostile. All state lives in the private part: the driver never reads back a descriptor or its
 * own half of the ring, so nothing there can mislead it. What it reads is the used ring, each field once: an
 * id must be one that is posted, a length no more than was posted, an index no further than what was offered.
 * A breach is counted under its name, breaks the queue (each call fails with VIO_EBROKEN from then on) and is
 * cured by a device reset alone.
 *
 * A second ring format (packed, 2.8) comes in beside this one: the same private part, slots and vq_* names
 * for it in a header of its own, and the burst functions of a driver (vio_net_tx_burst...) compiled once for
 * each, chosen by a test at their top. Hence no format test here, per descriptor.
 */
#ifndef CORE_VQ_H
#define CORE_VQ_H
#include "hal.h"
#include "virtio_spec.h"

VIO_BEGIN

/* A piece of memory for the device: bus address and length in bytes (not 0). */
struct vq_seg {
    uint64_t pa;
    uint32_t len;
};

/* Driver-private state of one descriptor; a chain's is that of its first, its head. */
struct vq_slot {
    void *cookie;
    uint32_t in_len; /* bytes that the device may write to the chain */
    uint16_t ndesc;  /* ring descriptors in the chain; 0: no chain is posted here */
    uint16_t next;   /* following descriptor in the chain or in the free list */
};

enum vq_fault {
    VQ_FAULT_ID_RANGE,   /* used id that is no descriptor */
    VQ_FAULT_NOT_POSTED, /* used id that is no posted chain (also: used twice) */
    VQ_FAULT_INDEX_JUMP, /* used index ahead of what was offered */
    VQ_FAULT_LENGTH,     /* more bytes written than posted */
    VQ_FAULT_OWNER,      /* the queue's owner found a breach of its own protocol: vq_break() */
    VQ_FAULTS
};

struct vq {
    /* The hot part. Shared memory is behind the first five pointers only. */
    struct virtq_desc *desc;
    struct virtq_avail *avail;
    struct virtq_used *used;
    uint16_t *used_event;  /* we write: interrupt when the used index passes it */
    uint16_t *avail_event; /* we read: doorbell when the available index passes it */
    struct vq_slot *slot;
    struct virtq_desc *ind; /* shared, write-only: a table of ind_max for each head */
    uint64_t ind_pa;
    uint16_t ind_max; /* 0: no indirect descriptors */
    uint16_t num;
    uint16_t mask; /* num - 1 */
    uint16_t free_head;
    uint16_t num_free;
    uint16_t avail_idx; /* next to write */
    uint16_t published; /* last told the device */
    uint16_t last_used; /* next to read */
    uint16_t used_seen; /* device's index as last read and checked */
    uint16_t event;     /* used_event as last written */
    bool event_idx;
    bool broken;
    uint16_t index; /* queue number */
    uint32_t bell_offset;
    struct hal_bar bell; /* doorbell register, filled by the transport */

    /* The cold part. */
    struct hal_dev *hal;
    struct hal_dma ring_mem, ind_mem;
    uint32_t used_offset; /* where the used ring begins in ring_mem */
    uint16_t detach_at;   /* how far vq_detach() has come */
    uint64_t kicks;       /* doorbells rung */
    uint32_t fault[VQ_FAULTS];
};

/* What vq_alloc() needs to know; from the negotiated features and the transport. */
struct vq_config {
    uint16_t num;   /* entries: a power of two, as read from the device */
    uint16_t index; /* queue number */
    uint16_t
        ind_max;    /* longest chain to keep in an indirect table; 0: VIRTIO_F_INDIRECT_DESC not negotiated */
    bool event_idx; /* VIRTIO_F_EVENT_IDX negotiated */
    unsigned addr_bits; /* of the ring's address: 44 on legacy (32-bit page number), 64 on modern devices */
};

/*
 * Allocates a queue's memory and starts it empty. VIO_EDEVICE: the size is 0, above 32768 or no power of two
 * (2.7). VIO_ENOMEM. On error *q is zeroed. If only the indirect tables find no memory the queue works
 * without (ind_max is 0 then). Thread context.
 */
int vq_alloc(struct vq *q, struct hal_dev *hal, const struct vq_config *config);
/* Frees the memory; harmless on a zeroed *q. The device must have been reset. Posted cookies are forgotten.
 */
void vq_free(struct vq *q);
/* Empties the ring for another life after a device reset; broken is lifted, counters stay. Posted cookies are
 * forgotten. */
void vq_restart(struct vq *q);
/* After a device reset: unposts some chain and gives its cookie; false when none is left. Works on a broken
 * queue too. */
bool vq_detach(struct vq *q, void **cookie);
/* Counts the fault and breaks the queue; logs the first of a life. Any context. */
void vq_break(struct vq *q, enum vq_fault fault);
static inline int vq_broken(struct vq *q, enum vq_fault fault)
{
    vq_break(q, fault);
    return VIO_EBROKEN;
}
/* A fault's name for logs and properties, such as "used-id-range". */
const char *vq_fault_name(enum vq_fault fault);
/* Bus addresses of the three areas, for the transport. */
uint64_t vq_desc_pa(const struct vq *q);
uint64_t vq_avail_pa(const struct vq *q);
uint64_t vq_used_pa(const struct vq *q);
/* Bytes of a split ring of `num` entries (2.7.2); the used ring begins at *used_offset, a multiple of 4096.
 */
uint32_t vq_ring_size(uint16_t num, uint32_t *used_offset);

/* True if an event at index `event` lies in the step from `old` to `now`, modulo 2^16 (2.7.10). */
static inline bool vq_need_event(uint16_t event, uint16_t now, uint16_t old)
{
    return (uint16_t)(now - event - 1) < (uint16_t)(now - old);
}

static inline void vq_put_desc(struct virtq_desc *d, const struct vq_seg *seg, uint16_t flags, uint16_t next)
{
    d->addr = seg->pa;
    d->len = seg->len;
    d->flags = flags;
    d->next = next;
}

/* Flags of piece i of a chain of nout readable pieces followed by writable ones, n in all (2.7.4.2). */
static inline uint16_t vq_desc_flags(unsigned i, unsigned nout, unsigned n)
{
    return (uint16_t)((i < nout ? 0 : VIRTQ_DESC_F_WRITE) | (i + 1 < n ? VIRTQ_DESC_F_NEXT : 0));
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
    struct vq_slot *slot = &q->slot[head];

    if (VIO_UNLIKELY(q->broken))
        return VIO_EBROKEN;
    if (VIO_UNLIKELY(need > q->num_free))
        return n > q->num ? VIO_EINVAL : VIO_EFULL;
    if (VIO_UNLIKELY(n == 0))
        return VIO_EINVAL;

    q->free_head = indirect ? vq_put_indirect(q, head, seg, nout, n) : vq_put_direct(q, head, seg, nout, n);
    q->num_free = (uint16_t)(q->num_free - need);
    slot->cookie = cookie;
    slot->ndesc = (uint16_t)need;
    slot->in_len = 0;
    for (unsigned i = nout; i < n; i++)
        slot->in_len += seg[i].len;
    q->avail->ring[q->avail_idx++ & q->mask] = head;
    return 0;
}

/* The id that the next vq_add() will use: for data kept in parallel with the chains. Valid while the ring is
 * not full. */
static inline uint16_t vq_next_id(const struct vq *q)
{
    return q->free_head;
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

/* Rings the doorbell (4.1.5.2). */
static inline void vq_kick(struct vq *q)
{
    q->kicks++;
    hal_write(&q->bell, q->bell_offset, 2, q->index);
}

/* Chains offered and not yet taken back. */
static inline unsigned vq_in_flight(const struct vq *q)
{
    return (uint16_t)(q->avail_idx - q->last_used);
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

/* A chain taken back. */
struct vq_done {
    void *cookie;
    uint32_t len; /* bytes that the device says it wrote, never more than were posted */
    uint16_t id;
};

/* Puts a chain of ndesc descriptors back on the free list. */
static inline void vq_unpost(struct vq *q, uint16_t head)
{
    uint16_t tail = head;

    for (unsigned i = 1; i < q->slot[head].ndesc; i++)
        tail = q->slot[tail].next;
    q->num_free = (uint16_t)(q->num_free + q->slot[head].ndesc);
    q->slot[head].ndesc = 0;
    q->slot[tail].next = q->free_head;
    q->free_head = head;
}

/* Takes back one used chain: 1 with *done filled, 0 if there is none now, VIO_EBROKEN. */
static inline int vq_pop(struct vq *q, struct vq_done *done)
{
    int pending = vq_pending(q);
    if (pending <= 0)
        return pending ? VIO_EBROKEN : 0;

    struct virtq_used_elem *e = &q->used->ring[q->last_used & q->mask];
    uint32_t id =
        __atomic_load_n(&e->id, __ATOMIC_RELAXED); /* each once: the device may change them under us */
    uint32_t len = __atomic_load_n(&e->len, __ATOMIC_RELAXED);

    if (VIO_UNLIKELY(id >= q->num))
        return vq_broken(q, VQ_FAULT_ID_RANGE);
    struct vq_slot *slot = &q->slot[id];
    if (VIO_UNLIKELY(!slot->ndesc))
        return vq_broken(q, VQ_FAULT_NOT_POSTED);
    if (VIO_UNLIKELY(len > slot->in_len)) {
        if (slot->in_len) /* nothing writable: devices set any length there, 2.7.8.1 */
            return vq_broken(q, VQ_FAULT_LENGTH);
        len = 0;
    }
    done->cookie = slot->cookie;
    done->len = len;
    done->id = (uint16_t)id;
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
