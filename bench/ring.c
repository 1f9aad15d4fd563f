// SPDX-License-Identifier: BSD-3-Clause
/*
 * What a ring costs the driver: chains offered, shown and taken back through core/vq.h alone, with a device that uses
 * everything at once. Compiled for each ring format (-DVQ_PACKED); bench/ring.sh counts its instructions under
 * callgrind, inside roundtrip() only, the device's part subtracted.
 *   ring PIECES BURST BURSTS IND_MAX IN_ORDER RINGS
 * RINGS: each burst is spread over so many rings, as a device with several queues does it.
 */
#include "core/vq.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

int hal_dma_alloc(struct hal_dev *dev, struct hal_dma *dma, uint32_t size, uint32_t align, unsigned addr_bits)
{
    (void)dev;
    (void)align;
    (void)addr_bits;
    dma->va = aligned_alloc(4096, (size + 4095) & ~4095u);
    if (!dma->va)
        return VIO_ENOMEM;
    __builtin_memset(dma->va, 0, size);
    dma->pa = (uintptr_t)dma->va;
    dma->size = size;
    return 0;
}

void hal_dma_free(struct hal_dev *dev, struct hal_dma *dma)
{
    (void)dev;
    free(dma->va);
}

void *hal_alloc(uint32_t size)
{
    return calloc(1, size);
}

void hal_free(void *p, uint32_t size)
{
    (void)size;
    free(p);
}

void hal_write(const struct hal_bar *bar, uint32_t offset, unsigned width, uint32_t value)
{
    (void)bar;
    (void)offset;
    (void)width;
    (void)value;
}

void hal_log(struct hal_dev *dev, enum hal_level level, const char *format, ...)
{
    (void)dev;
    (void)level;
    fprintf(stderr, "ring: %s\n", format);
    exit(1);
}

/* The device: uses all that is there, in order, one used element a chain. */
enum { RINGS = 8 };
static struct device {
    uint16_t at, wrap;
} devices[RINGS];

__attribute__((noinline)) static void device(struct vq *q, struct device *dev, unsigned chains)
{
#ifdef VQ_PACKED
    for (unsigned i = 0; i < chains; i++) {
        struct pvirtq_desc *d = &q->ring[dev->at];
        uint16_t id = d->id;
        d->len = 0;
        d->flags = dev->wrap ? VIRTQ_DESC_F_AVAIL | VIRTQ_DESC_F_USED : 0;
        vq_advance(q, &dev->at, &dev->wrap, q->slot[id].ndesc);
    }
#else
    for (unsigned i = 0; i < chains; i++, dev->at++)
        q->used->ring[dev->at & q->mask] = (struct virtq_used_elem){q->avail->ring[dev->at & q->mask], 0};
    q->used->idx = dev->at;
    *q->avail_event = dev->at;
#endif
}

/* The driver's part of one burst. */
__attribute__((noinline)) static void offer(struct vq *q, const struct vq_seg *seg, unsigned n, unsigned burst)
{
    for (unsigned i = 0; i < burst; i++)
        if (vq_add(q, seg, n, 0, q))
            abort();
    if (vq_publish(q))
        vq_kick(q);
}

__attribute__((noinline)) static unsigned take(struct vq *q)
{
    struct vq_done done;
    unsigned n = 0;

    while (vq_pop(q, &done) > 0)
        n++;
    return n;
}

/* One burst through all rings, each with its share. How many chains came back. */
static unsigned roundtrip(struct vq *q, unsigned rings, const struct vq_seg *seg, unsigned pieces, unsigned burst)
{
    unsigned share = burst / rings, got = 0;

    for (unsigned r = 0; r < rings; r++)
        offer(&q[r], seg, pieces, share);
    for (unsigned r = 0; r < rings; r++)
        device(&q[r], &devices[r], share);
    for (unsigned r = 0; r < rings; r++)
        got += take(&q[r]);
    return got;
}

int main(int argc, char **argv)
{
    static struct vq q[RINGS];
    static struct vq_seg seg[16];
    unsigned arg[6], got = 0;

    for (int i = 0; i < 6; i++)
        arg[i] = argc == 7 ? (unsigned)atoi(argv[i + 1]) : 0;
    if (!arg[0] || arg[0] > 16 || !arg[1] || arg[0] * arg[1] > 256 || !arg[5] || arg[5] > RINGS || arg[1] % arg[5]) {
        fprintf(stderr, "usage: ring PIECES BURST BURSTS IND_MAX IN_ORDER RINGS\n");
        return 2;
    }
    for (unsigned i = 0; i < 16; i++)
        seg[i] = (struct vq_seg){0x100000 + i * 4096, 1500};
    struct vq_config config = {.num = 256, .ind_max = (uint16_t)arg[3], .event_idx = true, .addr_bits = 64,
                               .in_order = arg[4] != 0,
#ifdef VQ_PACKED
                               .packed = true
#endif
    };
    for (unsigned r = 0; r < arg[5]; r++) {
        devices[r].wrap = 1;
        if (vq_alloc(&q[r], NULL, &config))
            return 1;
    }
    for (unsigned i = 0; i < arg[2]; i++)
        got += roundtrip(q, arg[5], seg, arg[0], arg[1]);
    for (unsigned r = 0; r < arg[5]; r++)
        vq_free(&q[r]);
    return got == arg[1] * arg[2] ? 0 : 1;
}
