// SPDX-License-Identifier: BSD-3-Clause
/*
 * A virtqueue (2.6), driver side, with the split ring (2.7) or the packed one (2.8), indirect descriptors
 * (2.7.5.3, 2.8.7), event index (2.7.10, 2.8.10), used in order (2.7.9, 2.8.9 IN_ORDER) and doorbells that
 * carry data (2.9).
 *
 *      vq_alloc()                        memory; then the transport enables the queue
 *      vq_add()...                       offer chains
 *      vq_publish() -> true: vq_kick()   make them visible, ring if the device wants it
 *      vq_pop()...                       take back what the device has used
 *      vq_intr_on() -> true: pop again   ask for an interrupt; closes the race with the last vq_pop()
 *      [device or queue reset] vq_detach()... vq_restart() or vq_free()
 *
 * One caller at a time for a queue; different queues are independent. The inline functions work in any
 * context.
 *
 * The device is hostile. All state lives in the private part: the driver never reads back a descriptor or its
 * own half of the ring, so nothing there can mislead it. What it reads are the used elements, each field
 * once: an id must be one that is posted, a length no more than was posted, an index no further than what was
 * offered. A breach is counted under its name, breaks the queue (each call fails with VIO_EBROKEN from then
 * on) and is cured by a reset alone.
 *
 * The two formats share the private part, the slots and the checks, which are here. What they do differently
 * is in vq_split.h and vq_packed.h, under the same names: a file includes this one and so gets one of them,
 * the packed one if it defines VQ_PACKED before. The burst functions of a driver are compiled once for each
 * (vio_net_tx_packed.c is vio_net_tx.c again) and chosen at their top. Hence no format test per descriptor.
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
    VQ_FAULT_ORDER,      /* with IN_ORDER: a batch that ends with a chain not offered yet */
    VQ_FAULT_OWNER,      /* the queue's owner found a breach of its own protocol: vq_break() */
    VQ_FAULTS
};

struct vq {
    /* The hot part. Shared memory is behind these pointers only; the packed ring's are the second ones. */
    union {
        struct virtq_desc *desc;
        struct pvirtq_desc *ring;
    };
    union {
        struct virtq_avail *avail;
        uint32_t *driver_event; /* we write: struct pvirtq_event_suppress */
    };
    union {
        struct virtq_used *used;
        uint32_t *device_event; /* we read */
    };
    uint16_t *used_event;  /* we write: interrupt when the used index passes it */
    uint16_t *avail_event; /* we read: doorbell when the available index passes it */
    struct vq_slot *slot;
    union { /* write-only: a table of ind_max for each id */
        struct virtq_desc *ind;
        struct pvirtq_desc *ring_ind;
    };
    uint64_t ind_pa;
    uint16_t ind_max; /* 0: no indirect descriptors */
    uint16_t num;
    uint16_t mask; /* num - 1 */
    uint16_t free_head;
    uint16_t num_free;               /* descriptors */
    uint16_t avail_idx;              /* chains offered, modulo 2^16 */
    uint16_t published;              /* of them told the device */
    uint16_t last_used;              /* chains taken back */
    uint16_t used_seen;              /* split: device's index as last read and checked */
    uint16_t event;                  /* split: used_event; packed: event flags, as last written */
    uint16_t next_avail, next_used;  /* packed: places in the ring */
    uint16_t avail_wrap, used_wrap;  /* packed: the laps' counters, 1 or 0 */
    uint16_t added;                  /* packed: descriptors since the last vq_publish(); the first of them, */
    uint16_t held_at, held;          /* its place and its flags, which make them all visible */
    uint16_t order_head, batch_last; /* in order: the oldest chain's id, and that of a batch's last one */
    uint32_t batch_len;
    bool batch; /* a batch has been told and not yet taken back in full */
    bool event_idx, in_order, packed;
    bool broken;
    bool bell_data; /* VIRTIO_F_NOTIFICATION_DATA */
    uint16_t index; /* queue number */
    uint32_t bell_offset;
    struct hal_bar bell; /* doorbell register, filled by the transport */

    /* The cold part. */
    struct hal_dev *hal;
    struct hal_dma ring_mem, ind_mem;
    uint32_t avail_offset, used_offset; /* where the driver's and the device's areas begin in ring_mem */
    uint16_t detach_at;                 /* how far vq_detach() has come */
    uint64_t kicks;                     /* doorbells rung */
    uint32_t fault[VQ_FAULTS];
};

/* What vq_alloc() needs to know; from the negotiated features and the transport. */
struct vq_config {
    uint16_t num;   /* entries, as read from the device: split, a power of two */
    uint16_t index; /* queue number */
    uint16_t
        ind_max;    /* longest chain to keep in an indirect table; 0: VIRTIO_F_INDIRECT_DESC not negotiated */
    bool event_idx; /* these features are negotiated: VIRTIO_F_EVENT_IDX, */
    bool packed;    /* VIRTIO_F_RING_PACKED, */
    bool in_order;  /* VIRTIO_F_IN_ORDER, */
    bool bell_data; /* VIRTIO_F_NOTIFICATION_DATA */
    unsigned addr_bits; /* of the ring's address: 44 on legacy (32-bit page number), 64 on modern devices */
};

/*
 * Allocates a queue's memory and starts it empty. VIO_EDEVICE: the size is 0, above 32768 or, split, no power
 * of two (2.7). VIO_ENOMEM. On error *q is zeroed. If only the indirect tables find no memory the queue works
 * without (ind_max is 0 then). Thread context.
 */
int vq_alloc(struct vq *q, struct hal_dev *hal, const struct vq_config *config);
/* Frees the memory; harmless on a zeroed *q. The device must have been reset. Posted cookies are forgotten.
 */
void vq_free(struct vq *q);
/* Empties the ring for another life after a reset of device or queue; broken is lifted, counters stay. Posted
 * cookies are forgotten. */
void vq_restart(struct vq *q);
/* After such a reset: unposts some chain and gives its cookie; false when none is left. Works on a broken
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

/* True if an event at index `event` lies in the step from `old` to `now`, modulo 2^16 (2.7.10). */
static inline bool vq_need_event(uint16_t event, uint16_t now, uint16_t old)
{
    return (uint16_t)(now - event - 1) < (uint16_t)(now - old);
}

/* The id that the next vq_add() will use: for data kept in parallel with the chains. Valid while the ring is
 * not full. */
static inline uint16_t vq_next_id(const struct vq *q)
{
    return q->free_head;
}

/* Chains offered and not yet taken back. */
static inline unsigned vq_in_flight(const struct vq *q)
{
    return (uint16_t)(q->avail_idx - q->last_used);
}

/* Rings the doorbell (4.1.5.2); `data` tells how far the ring is filled, to devices that want it (2.9). */
static inline void vq_ring_bell(struct vq *q, uint16_t data)
{
    q->kicks++;
    if (q->bell_data)
        hal_write(&q->bell, q->bell_offset, 4, q->index | (uint32_t)data << 16);
    else
        hal_write(&q->bell, q->bell_offset, 2, q->index);
}

/* Flags of piece i of a chain of nout readable pieces followed by writable ones, n in all (2.7.4.2, 2.8.6).
 */
static inline uint16_t vq_desc_flags(unsigned i, unsigned nout, unsigned n)
{
    return (uint16_t)((i < nout ? 0 : VIRTQ_DESC_F_WRITE) | (i + 1 < n ? VIRTQ_DESC_F_NEXT : 0));
}

/* Whether a chain of n pieces can be offered, as `need` descriptors of the ring. 0, or vq_add()'s errors. */
static inline int vq_room(const struct vq *q, unsigned n, unsigned need)
{
    if (VIO_UNLIKELY(q->broken))
        return VIO_EBROKEN;
    if (VIO_UNLIKELY(need > q->num_free))
        return n > q->num ? VIO_EINVAL : VIO_EFULL;
    return VIO_UNLIKELY(n == 0) ? VIO_EINVAL : 0;
}

/* Notes a chain that has just been described in `need` descriptors. */
static inline void vq_post(struct vq *q, uint16_t id, unsigned need, const struct vq_seg *in, unsigned nin,
                           void *cookie)
{
    struct vq_slot *slot = &q->slot[id];

    q->num_free = (uint16_t)(q->num_free - need);
    slot->cookie = cookie;
    slot->ndesc = (uint16_t)need;
    slot->in_len = 0;
    for (unsigned i = 0; i < nin; i++)
        slot->in_len += in[i].len;
}

/* What the device says of a used chain: 0 with *len usable, or VIO_EBROKEN. */
static inline int vq_check_used(struct vq *q, uint32_t id, uint32_t *len)
{
    const struct vq_slot *slot;

    if (VIO_UNLIKELY(id >= q->num))
        return vq_broken(q, VQ_FAULT_ID_RANGE);
    slot = &q->slot[id];
    if (VIO_UNLIKELY(!slot->ndesc))
        return vq_broken(q, VQ_FAULT_NOT_POSTED);
    if (VIO_UNLIKELY(*len > slot->in_len)) {
        if (slot->in_len) /* nothing writable: devices set any length there, 2.7.8.1 */
            return vq_broken(q, VQ_FAULT_LENGTH);
        *len = 0;
    }
    return 0;
}

/*
 * The used chain to take back next when they come in order (2.7.9): the device may tell only the last of a
 * batch, in *id and *len (set them when q->batch is false); those before it count as filled in full. Replaces
 * *id and *len by that chain's. `most`: chains that the batch may still have.
 */
static inline int vq_in_order(struct vq *q, uint32_t *id, uint32_t *len, unsigned most)
{
    uint16_t head = q->order_head;

    if (!q->batch) {
        q->batch_last = (uint16_t)*id;
        q->batch_len = *len;
    }
    q->batch = head != q->batch_last;
    if (VIO_UNLIKELY(q->batch && most <= 1))
        return vq_broken(q, VQ_FAULT_ORDER);
    *id = head;
    *len = q->batch ? q->slot[head].in_len : q->batch_len;
    return 0;
}

/* A chain taken back. */
struct vq_done {
    void *cookie;
    uint32_t len; /* bytes that the device says it wrote, never more than were posted */
    uint16_t id;
};

VIO_END

/* The functions of one format; and the name of a function that is compiled for each. */
#ifdef VQ_PACKED
#include "vq_packed.h"
#define VQ_NAME(name) name##_packed
#else
#include "vq_split.h"
#define VQ_NAME(name) name##_split
#endif
#endif
