// SPDX-License-Identifier: BSD-3-Clause
/* The device's half of a split ring (2.7), as careful about the driver as the driver must be about it. */
#include "fake.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void require(bool ok, const char *what)
{
    if (ok)
        return;
    tap(false, "a ring as the spec demands: %s", what);
    fflush(stdout);
    abort();
}

static struct virtq_avail *avail_ring(struct hal_dev *f, const struct fake_queue *q)
{
    return fake_at(f, q->avail, 6 + 2u * q->num);
}

static struct virtq_used *used_ring(struct hal_dev *f, const struct fake_queue *q)
{
    return fake_at(f, q->used, 6 + 8u * q->num);
}

static bool event_idx(const struct hal_dev *f)
{
    return f->driver_features & VIO_BIT(VIRTIO_F_EVENT_IDX);
}

static void add_seg(struct hal_dev *f, struct fake_chain *c, const struct virtq_desc *d)
{
    bool write = d->flags & VIRTQ_DESC_F_WRITE;

    require(c->segs < 64, "chain of 64 pieces at most");
    require(d->len, "no empty piece");
    require(write || !c->in_len, "readable pieces before writable ones (2.7.4.2)");
    fake_at(f, d->addr, d->len);
    c->seg[c->segs].pa = d->addr;
    c->seg[c->segs].len = d->len;
    c->seg[c->segs++].write = write;
    *(write ? &c->in_len : &c->out_len) += d->len;
}

/* Follows a chain through a table of `count` descriptors. */
static void follow(struct hal_dev *f, struct fake_chain *c, const struct virtq_desc *table, unsigned count,
                   unsigned at)
{
    for (;;) {
        require(at < count, "next within the table");
        const struct virtq_desc *d = &table[at];
        if (d->flags & VIRTQ_DESC_F_INDIRECT) {
            require(!(d->flags & VIRTQ_DESC_F_NEXT) && d->len && d->len % 16 == 0,
                    "an indirect table alone (2.7.5.3.1)");
            follow(f, c, fake_at(f, d->addr, d->len), d->len / 16, 0);
            return;
        }
        add_seg(f, c, d);
        if (!(d->flags & VIRTQ_DESC_F_NEXT))
            return;
        at = d->next;
    }
}

bool fake_take(struct hal_dev *f, unsigned queue, struct fake_chain *c)
{
    struct fake_queue *q = &f->queue[queue];
    struct virtq_avail *a = avail_ring(f, q);

    if (!q->enabled || q->next_avail == a->idx)
        return false;
    memset(c, 0, sizeof *c);
    c->id = a->ring[q->next_avail++ % q->num];
    require(c->id < q->num, "an available id within the ring");
    follow(f, c, fake_at(f, q->desc, 16u * q->num), q->num, c->id);
    return true;
}

void fake_put_used(struct hal_dev *f, unsigned queue, uint32_t id, uint32_t len)
{
    struct fake_queue *q = &f->queue[queue];

    used_ring(f, q)->ring[q->used_idx++ % q->num] = (struct virtq_used_elem){id, len};
}

void fake_step_used(struct hal_dev *f, unsigned queue, uint16_t step)
{
    struct virtq_used *u = used_ring(f, &f->queue[queue]);

    u->idx = (uint16_t)(u->idx + step);
}

bool fake_use(struct hal_dev *f, unsigned queue, uint32_t id, uint32_t len)
{
    struct fake_queue *q = &f->queue[queue];
    struct virtq_avail *a = avail_ring(f, q);

    fake_put_used(f, queue, id, len);
    fake_step_used(f, queue, 1);
    if (event_idx(f))
        return vq_need_event(a->ring[q->num], q->used_idx, (uint16_t)(q->used_idx - 1));
    return !(a->flags & VIRTQ_AVAIL_F_NO_INTERRUPT);
}

void fake_want_kick(struct hal_dev *f, unsigned queue, bool want)
{
    struct fake_queue *q = &f->queue[queue];
    struct virtq_used *u = used_ring(f, q);
    uint16_t event = want ? q->next_avail : (uint16_t)(q->next_avail - 1);

    if (event_idx(f))
        memcpy(&u->ring[q->num], &event, 2);
    else
        u->flags = want ? 0 : VIRTQ_USED_F_NO_NOTIFY;
}

void fake_scatter(struct hal_dev *f, const struct fake_chain *c, const void *bytes, uint32_t len)
{
    const uint8_t *from = bytes;

    for (unsigned i = 0; i < c->segs && len; i++) {
        if (!c->seg[i].write)
            continue;
        uint32_t part = len < c->seg[i].len ? len : c->seg[i].len;
        memcpy(fake_at(f, c->seg[i].pa, part), from, part);
        from += part;
        len -= part;
    }
}

uint32_t fake_gather(struct hal_dev *f, const struct fake_chain *c, void *bytes, uint32_t max)
{
    uint32_t len = 0;

    for (unsigned i = 0; i < c->segs; i++) {
        if (c->seg[i].write)
            continue;
        require(len + c->seg[i].len <= max, "a frame within the test's buffer");
        memcpy((uint8_t *)bytes + len, fake_at(f, c->seg[i].pa, c->seg[i].len), c->seg[i].len);
        len += c->seg[i].len;
    }
    return len;
}
