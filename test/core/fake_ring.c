// SPDX-License-Identifier: BSD-3-Clause
/* The device's half of a split ring (2.7) and of a packed one (2.8), as careful about the driver as the
 * driver must be about it. */
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

static bool packed(const struct hal_dev *f)
{
    return f->driver_features & VIO_BIT(VIRTIO_F_RING_PACKED);
}

/* The packed ring. */

enum { BOTH = VIRTQ_DESC_F_AVAIL | VIRTQ_DESC_F_USED };
static uint16_t ndesc_of[FAKE_QUEUES][VIRTQ_MAX_SIZE]; /* ring descriptors of each id, as last taken */

static struct pvirtq_desc *packed_ring(struct hal_dev *f, const struct fake_queue *q)
{
    return fake_at(f, q->desc, 16u * q->num);
}

static struct pvirtq_event_suppress *suppression(struct hal_dev *f, uint64_t pa)
{
    return fake_at(f, pa, sizeof(struct pvirtq_event_suppress));
}

static void advance(const struct fake_queue *q, uint16_t *at, uint16_t *lap, unsigned n)
{
    for (; n; n--)
        if (++*at == q->num) {
            *at = 0;
            *lap ^= 1;
        }
}

static bool packed_is_available(const struct pvirtq_desc *d, uint16_t lap)
{
    return (d->flags & BOTH) == (lap ? VIRTQ_DESC_F_USED : VIRTQ_DESC_F_AVAIL);
}

static void packed_indirect(struct hal_dev *f, struct fake_chain *c, const struct pvirtq_desc *d)
{
    require(!(d->flags & (VIRTQ_DESC_F_NEXT | VIRTQ_DESC_F_WRITE)) && d->len && d->len % 16 == 0,
            "an indirect table alone (2.8.7)");
    for (unsigned i = 0; i < d->len / 16; i++) {
        const struct pvirtq_desc *e = fake_at(f, d->addr + 16 * i, 16);
        require(!(e->flags & (uint16_t)~VIRTQ_DESC_F_WRITE), "no flag but WRITE in a table (2.8.7)");
        add_seg(f, c, &(struct virtq_desc){e->addr, e->len, e->flags, 0});
    }
}

static bool packed_take(struct hal_dev *f, unsigned queue, struct fake_chain *c)
{
    struct fake_queue *q = &f->queue[queue];
    const struct pvirtq_desc *d = packed_ring(f, q) + q->next_avail;
    uint16_t n = 0, more;

    if (!q->enabled || q->spoiled || !packed_is_available(d, q->avail_lap))
        return false;
    memset(c, 0, sizeof *c);
    do {
        d = packed_ring(f, q) + q->next_avail;
        require(packed_is_available(d, q->avail_lap),
                "all of a chain before its first descriptor (2.8.21.1)");
        if (d->flags & VIRTQ_DESC_F_INDIRECT)
            packed_indirect(f, c, d);
        else
            add_seg(f, c, &(struct virtq_desc){d->addr, d->len, d->flags, 0});
        more = d->flags & VIRTQ_DESC_F_NEXT;
        c->id = d->id;
        advance(q, &q->next_avail, &q->avail_lap, 1);
        n++;
        require(n <= q->num, "a chain no longer than the ring");
    } while (more);
    require(c->id < q->num, "an id within the ring's size");
    ndesc_of[queue][c->id] = n;
    q->taken += n;
    return true;
}

static void give_back(struct fake_queue *q, unsigned n)
{
    q->spoiled |= n > q->taken;
    q->taken -= q->spoiled ? 0 : n;
    advance(q, &q->used_idx, &q->used_lap, n);
}

/* Writes a used element of a chain of n descriptors, all but its flags. */
static void packed_put(struct hal_dev *f, unsigned queue, uint32_t id, uint32_t len, unsigned n)
{
    struct fake_queue *q = &f->queue[queue];
    struct pvirtq_desc *d = packed_ring(f, q) + q->used_idx;

    d->id = (uint16_t)id;
    d->len = len;
    if (q->hidden == FAKE_HIDDEN)
        q->hidden = 0; /* a wild device forgets */
    q->shown_at[q->hidden] = q->used_idx;
    q->shown_lap[q->hidden++] = q->used_lap;
    give_back(q, n);
}

/* Shows what was put; beyond that, lies about whatever stands there. */
static void packed_step(struct hal_dev *f, unsigned queue, unsigned step)
{
    struct fake_queue *q = &f->queue[queue];
    struct pvirtq_desc *ring = packed_ring(f, q);

    for (unsigned i = 0; i < step && i < q->num; i++) {
        uint16_t at = q->used_idx, lap = q->used_lap;
        if (i < q->hidden) {
            at = q->shown_at[i];
            lap = q->shown_lap[i];
        } else {
            give_back(q, 1);
        }
        ring[at].flags = lap ? 0 : BOTH;
    }
    q->hidden = 0;
}

static uint16_t place(uint16_t at, uint16_t lap)
{
    return (uint16_t)(at | (lap ? 0 : PVIRTQ_EVENT_WRAP));
}

static bool packed_wants_interrupt(struct hal_dev *f, const struct fake_queue *q, uint16_t before)
{
    const struct pvirtq_event_suppress *e = suppression(f, q->avail);
    uint16_t at = e->off_wrap & (PVIRTQ_EVENT_WRAP - 1), now = q->used_idx;

    require(e->flags <= RING_EVENT_FLAGS_DESC, "event flags that exist (2.8.10)");
    require(e->flags != RING_EVENT_FLAGS_DESC || event_idx(f), "event places only with EVENT_IDX (2.8.10)");
    require(at < q->num, "an event place within the ring");
    if (e->flags != RING_EVENT_FLAGS_DESC)
        return e->flags == RING_EVENT_FLAGS_ENABLE;
    if (!(e->off_wrap & PVIRTQ_EVENT_WRAP) == !q->used_lap)
        at = (uint16_t)(at - q->num);
    return vq_need_event(at, now, now <= before ? (uint16_t)(before - q->num) : before);
}

static void packed_want_kick(struct hal_dev *f, const struct fake_queue *q, bool want)
{
    struct pvirtq_event_suppress *e = suppression(f, q->used);
    uint16_t at = q->next_avail, lap = q->avail_lap;

    if (!event_idx(f)) {
        *e = (struct pvirtq_event_suppress){0, want ? RING_EVENT_FLAGS_ENABLE : RING_EVENT_FLAGS_DISABLE};
        return;
    }
    if (!want)
        advance(q, &at, &lap, 1); /* not for the next one */
    *e = (struct pvirtq_event_suppress){place(at, lap), RING_EVENT_FLAGS_DESC};
}

/* Either ring. */

uint16_t fake_filled(struct hal_dev *f, unsigned queue)
{
    const struct fake_queue *q = &f->queue[queue];
    uint16_t at = q->next_avail, lap = q->avail_lap;

    if (!packed(f))
        return avail_ring(f, q)->idx;
    for (unsigned n = q->taken; n < q->num && packed_is_available(packed_ring(f, q) + at, lap); n++)
        advance(q, &at, &lap, 1);
    return place(at, lap);
}

bool fake_take(struct hal_dev *f, unsigned queue, struct fake_chain *c)
{
    struct fake_queue *q = &f->queue[queue];

    if (packed(f))
        return packed_take(f, queue, c);
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

    if (packed(f)) {
        unsigned n = (uint16_t)id < q->num ? ndesc_of[queue][(uint16_t)id] : 1;
        packed_put(f, queue, id, len, n && n <= q->num ? n : 1);
        return;
    }
    used_ring(f, q)->ring[q->used_idx++ % q->num] = (struct virtq_used_elem){id, len};
}

void fake_step_used(struct hal_dev *f, unsigned queue, uint16_t step)
{
    if (packed(f)) {
        packed_step(f, queue, step);
        return;
    }
    struct virtq_used *u = used_ring(f, &f->queue[queue]);
    u->idx = (uint16_t)(u->idx + step);
}

bool fake_use(struct hal_dev *f, unsigned queue, uint32_t id, uint32_t len)
{
    struct fake_queue *q = &f->queue[queue];
    uint16_t before = q->used_idx;

    fake_put_used(f, queue, id, len);
    fake_step_used(f, queue, 1);
    if (packed(f))
        return packed_wants_interrupt(f, q, before);
    struct virtq_avail *a = avail_ring(f, q);
    if (event_idx(f))
        return vq_need_event(a->ring[q->num], q->used_idx, (uint16_t)(q->used_idx - 1));
    return !(a->flags & VIRTQ_AVAIL_F_NO_INTERRUPT);
}

void fake_use_batch(struct hal_dev *f, unsigned queue, const struct fake_chain *c, unsigned n, uint32_t len)
{
    struct fake_queue *q = &f->queue[queue];
    unsigned descs = 0;

    if (packed(f)) {
        for (unsigned i = 0; i < n; i++)
            descs += ndesc_of[queue][c[i].id];
        packed_put(f, queue, c[n - 1].id, len, descs);
        packed_step(f, queue, 1);
        return;
    }
    fake_put_used(f, queue, c[n - 1].id, len);
    q->used_idx = (uint16_t)(q->used_idx + n - 1);
    fake_step_used(f, queue, (uint16_t)n);
}

void fake_want_kick(struct hal_dev *f, unsigned queue, bool want)
{
    struct fake_queue *q = &f->queue[queue];

    if (packed(f)) {
        packed_want_kick(f, q, want);
        return;
    }
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

void fake_control(struct hal_dev *f)
{
    struct fake_chain c;

    while (f->control_ack != FAKE_SILENT && fake_take(f, 2, &c)) {
        unsigned at = f->controls++ % FAKE_CONTROLS;
        uint8_t *bytes = f->control[at].bytes;
        f->control[at].segs = c.segs;
        f->control[at].len = fake_gather(f, &c, bytes, sizeof f->control[at].bytes);
        require(c.in_len == 1 && c.seg[c.segs - 1].write, "a byte for the acknowledgement, last (5.1.9.5)");
        require(c.out_len >= 2 && c.seg[0].len == 2, "a command's header in a descriptor of its own");
        *(uint8_t *)fake_at(f, c.seg[c.segs - 1].pa, 1) =
            f->on_control ? f->on_control(f, &c, bytes)
                          : (uint8_t)(f->control_refuse == 1 + bytes[0] * 256 + bytes[1] ? VIRTIO_NET_ERR : f->control_ack);
        (void)fake_use(f, 2, c.id, 1);
        fake_want_kick(f, 2, true); /* for the next one, too */
    }
}
