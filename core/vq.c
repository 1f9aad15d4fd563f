// SPDX-License-Identifier: BSD-3-Clause
/*
 * Virtqueue memory and the cold paths of vq.h: allocation, split in the legacy layout (2.7.2), which modern
 * devices accept as well, restart after reset, and what happens when a device breaks the protocol.
 */
#include "vq.h"

/*
 * The offsets of driver and device area, and the bytes of all. Split (2.7.2): descriptors, available ring
 * with used_event; then, aligned, the used ring with avail_event. Packed (2.8.13, 2.8.14): descriptors and
 * the two event structures, each on a cache line of its own.
 */
static uint32_t lay_out(struct vq *q)
{
    enum { CACHE_LINE = 64 };
    uint32_t ring = q->num * (uint32_t)sizeof(struct virtq_desc);
    uint32_t avail = (uint32_t)sizeof(struct virtq_avail) + q->num * 2u + 2u;

    if (q->packed) {
        q->avail_offset = (ring + CACHE_LINE - 1) & ~(CACHE_LINE - 1u);
        q->used_offset = q->avail_offset + CACHE_LINE;
        return q->used_offset + (uint32_t)sizeof(struct pvirtq_event_suppress);
    }
    q->avail_offset = ring;
    q->used_offset = (ring + avail + VIRTIO_PCI_LEGACY_ALIGN - 1) & ~(VIRTIO_PCI_LEGACY_ALIGN - 1u);
    return q->used_offset + (uint32_t)sizeof(struct virtq_used) +
           q->num * (uint32_t)sizeof(struct virtq_used_elem) + 2u;
}

uint64_t vq_desc_pa(const struct vq *q)
{
    return q->ring_mem.pa;
}

uint64_t vq_avail_pa(const struct vq *q)
{
    return q->ring_mem.pa + q->avail_offset;
}

uint64_t vq_used_pa(const struct vq *q)
{
    return q->ring_mem.pa + q->used_offset;
}

static uint32_t slots_size(const struct vq *q)
{
    return q->num * (uint32_t)sizeof(struct vq_slot);
}

static void place_rings(struct vq *q)
{
    uint8_t *base = (uint8_t *)q->ring_mem.va;

    q->desc = (struct virtq_desc *)base;
    q->avail = (struct virtq_avail *)(base + q->avail_offset);
    q->used = (struct virtq_used *)(base + q->used_offset);
    if (q->packed)
        return; /* the same three, by their other names */
    q->used_event = &q->avail->ring[q->num];
    q->avail_event = (uint16_t *)&q->used->ring[q->num];
}

/* Indirect tables are a gain, not a need: without memory for them chains go into the ring itself. */
static void alloc_indirect(struct vq *q, uint16_t ind_max)
{
    uint32_t size = q->num * (uint32_t)ind_max * (uint32_t)sizeof(struct virtq_desc);

    if (!ind_max || hal_dma_alloc(q->hal, &q->ind_mem, size, sizeof(struct virtq_desc), 64))
        return;
    q->ind = (struct virtq_desc *)q->ind_mem.va;
    q->ind_pa = q->ind_mem.pa;
    q->ind_max = ind_max;
}

int vq_alloc(struct vq *q, struct hal_dev *hal, const struct vq_config *config)
{
    uint32_t size;

    *q = (struct vq){0};
    if (!config->num || config->num > VIRTQ_MAX_SIZE ||
        (!config->packed && (config->num & (config->num - 1)))) /* 2.8.10.1 has no such condition */
        return VIO_EDEVICE;
    q->hal = hal;
    q->num = config->num;
    q->mask = (uint16_t)(config->num - 1);
    q->index = config->index;
    q->event_idx = config->event_idx;
    q->packed = config->packed;
    q->in_order = config->in_order;
    q->bell_data = config->bell_data;
    q->slot = (struct vq_slot *)hal_alloc(slots_size(q));
    if (!q->slot)
        goto no_slots;
    size = lay_out(q);
    if (hal_dma_alloc(hal, &q->ring_mem, size, VIRTIO_PCI_LEGACY_ALIGN, config->addr_bits))
        goto no_ring;
    place_rings(q);
    alloc_indirect(q, config->ind_max);
    vq_restart(q);
    return 0;

no_ring:
    hal_free(q->slot, slots_size(q));
no_slots:
    *q = (struct vq){0};
    return VIO_ENOMEM;
}

void vq_free(struct vq *q)
{
    if (!q->slot)
        return;
    hal_dma_free(q->hal, &q->ind_mem);
    hal_dma_free(q->hal, &q->ring_mem);
    hal_free(q->slot, slots_size(q));
    *q = (struct vq){0};
}

static void clear_split(struct vq *q)
{
    q->avail->flags = 0;
    q->avail->idx = 0;
    *q->used_event = 0;
    q->used->flags = 0;
    q->used->idx = 0;
    *q->avail_event = 0;
}

/* Flags of 0 mean neither available nor used in the first lap, which both sides count as 1 (2.8.1). */
static void clear_packed(struct vq *q)
{
    for (unsigned i = 0; i < q->num; i++)
        q->ring[i] = (struct pvirtq_desc){0};
    *q->driver_event = *q->device_event = 0;
}

void vq_restart(struct vq *q)
{
    for (unsigned i = 0; i < q->num; i++)
        q->slot[i] = (struct vq_slot){.next = (uint16_t)((i + 1) % q->num)};
    q->free_head = q->order_head = 0;
    q->num_free = q->num;
    q->avail_idx = q->published = q->last_used = q->used_seen = q->event = 0;
    q->next_avail = q->next_used = q->added = 0;
    q->avail_wrap = q->used_wrap = 1;
    q->detach_at = 0;
    q->broken = q->batch = false;
    if (q->packed)
        clear_packed(q);
    else
        clear_split(q);
}

bool vq_detach(struct vq *q, void **cookie)
{
    for (; q->detach_at < q->num; q->detach_at++) {
        if (!q->slot[q->detach_at].ndesc)
            continue;
        *cookie = q->slot[q->detach_at].cookie;
        q->slot[q->detach_at].ndesc = 0; /* the free list is made anew by vq_restart() */
        return true;
    }
    return false;
}

static const char *const fault_names[VQ_FAULTS] = {
    [VQ_FAULT_ID_RANGE] = "used-id-range",     [VQ_FAULT_NOT_POSTED] = "used-id-not-posted",
    [VQ_FAULT_INDEX_JUMP] = "used-index-jump", [VQ_FAULT_LENGTH] = "used-length",
    [VQ_FAULT_ORDER] = "used-order",           [VQ_FAULT_OWNER] = "owner",
};

const char *vq_fault_name(enum vq_fault fault)
{
    return fault_names[fault];
}

void vq_break(struct vq *q, enum vq_fault fault)
{
    q->fault[fault]++;
    if (!q->broken)
        hal_log(q->hal, HAL_ERROR, "queue %u is broken by the device: %s", q->index, fault_names[fault]);
    q->broken = true;
}
