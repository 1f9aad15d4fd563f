// SPDX-License-Identifier: BSD-3-Clause
/*
 * A virtqueue (2.6), driver side: with the split ring (2.7), indirect descriptors (2.7.5.3) and event index
 * (2.7.7, 2.7.10). Here is what both ring formats share; vq_split.h has the functions of one.
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

/* Rings the doorbell (4.1.5.2). */
static inline void vq_kick(struct vq *q)
{
    q->kicks++;
    hal_write(&q->bell, q->bell_offset, 2, q->index);
}

/* A chain taken back. */
struct vq_done {
    void *cookie;
    uint32_t len; /* bytes that the device says it wrote, never more than were posted */
    uint16_t id;
};

VIO_END

#include "vq_split.h"
/* The name of a function that is compiled for each ring format. */
#define VQ_NAME(name) name##_split
#endif
