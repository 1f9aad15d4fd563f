// SPDX-License-Identifier: BSD-3-Clause
/* The rings (core/vq.h), compiled for each of them: what it offers, how it counts, and every lie about it. */
#include "fake.h"
#include <string.h>

#ifdef VQ_PACKED
enum { PACKED = true };
#define tap(ok, format, ...) (tap)(ok, "packed ring: " format, ##__VA_ARGS__)
#else
enum { PACKED = false };
#define tap(ok, format, ...) (tap)(ok, "split ring: " format, ##__VA_ARGS__)
#endif

static struct hal_dev dev;
static uint8_t memory[1 << 16];
static uint64_t memory_pa;

/* A queue 0 of `num` entries that both sides know, without a transport. */
static int open_queue(struct vq *q, uint16_t num, bool event_idx, uint16_t ind_max)
{
    struct vq_config config = {
        .num = num, .ind_max = ind_max, .event_idx = event_idx, .packed = PACKED, .addr_bits = 64};
    int error;

    fake_init(&dev, "legacy", 0, num);
    fake_lend(&dev, memory, sizeof memory, &memory_pa);
    error = vq_alloc(q, &dev, &config);
    if (error)
        return error;
    dev.driver_features =
        (event_idx ? VIO_BIT(VIRTIO_F_EVENT_IDX) : 0) | (PACKED ? VIO_BIT(VIRTIO_F_RING_PACKED) : 0);
    dev.queue[0] = (struct fake_queue){.size = num,
                                       .num = num,
                                       .enabled = true,
                                       .desc = vq_desc_pa(q),
                                       .avail = vq_avail_pa(q),
                                       .used = vq_used_pa(q)};
    hal_bar_map(&dev, 0, &q->bell);
    q->bell_offset = VIRTIO_PCI_QUEUE_NOTIFY;
    return 0;
}

static void close_queue(struct vq *q)
{
    hal_bar_unmap(&dev, &q->bell);
    vq_free(q);
}

/* Pieces of 100 bytes, numbered from `first` on. */
static void pieces(struct vq_seg *seg, unsigned n, unsigned first)
{
    for (unsigned i = 0; i < n; i++)
        seg[i] = (struct vq_seg){memory_pa + (first + i) % 600 * 100, 100};
}

static void *cookie(unsigned i)
{
    return (void *)(uintptr_t)(i + 1);
}

static void test_sizes(void)
{
    static const struct {
        uint16_t num;
        int error;
    } rows[] = {{0, VIO_EDEVICE},     {3, PACKED ? 0 : VIO_EDEVICE}, {1, 0}, {2, 0}, {256, 0}, {32768, 0},
                {32769, VIO_EDEVICE}, {65535, VIO_EDEVICE}};
    bool ok = true;

    for (unsigned i = 0; i < VIO_COUNT(rows); i++) {
        struct vq q;
        ok &= open_queue(&q, rows[i].num, true, 4) == rows[i].error;
        close_queue(&q);
        ok &= !fake_leak(&dev);
    }
    tap(ok, "queue sizes: %s", PACKED ? "1 to 32768" : "powers of two from 1 to 32768 only");
}

static void test_no_memory(void)
{
    /* slots, ring, indirect tables: the last may fail */
    static const int expect[] = {VIO_ENOMEM, VIO_ENOMEM, 0};
    bool ok = true;

    for (int i = 0; i < 3; i++) {
        struct vq q;
        struct vq_config config = {.num = 8, .ind_max = 4, .packed = PACKED, .addr_bits = 64};
        fake_init(&dev, "legacy", 0, 8);
        fake_fail_alloc(&dev, i + 1);
        ok &= vq_alloc(&q, &dev, &config) == expect[i] && (expect[i] || !q.ind_max);
        fake_fail_alloc(&dev, 0);
        vq_free(&q);
        ok &= !fake_leak(&dev);
    }
    tap(ok, "each allocation that fails leaves nothing behind");
}

static void test_need_event(void)
{
    static const struct {
        uint16_t event, now, old;
        bool need;
    } rows[] = {{0, 1, 0, true},         {0, 2, 1, false},    {5, 6, 5, true},      {5, 6, 6, false},
                {9, 20, 5, true},        {20, 20, 5, false},  {4, 20, 5, false},    {65535, 0, 65535, true},
                {65535, 3, 65530, true}, {0, 3, 65530, true}, {3, 3, 65530, false}, {65529, 3, 65530, false},
                {65530, 3, 65530, true}};
    bool ok = true;

    for (unsigned i = 0; i < VIO_COUNT(rows); i++)
        ok &= vq_need_event(rows[i].event, rows[i].now, rows[i].old) == rows[i].need;
    tap(ok, "event index comparison, across 65536 too");
}

/* One chain there and back with checks; false on any surprise. */
static bool round_trip(struct vq *q, unsigned turn, unsigned nout, unsigned nin)
{
    struct vq_seg seg[8];
    struct fake_chain c;
    struct vq_done done;

    pieces(seg, nout + nin, turn);
    if (vq_add(q, seg, nout, nin, cookie(turn)))
        return false;
    bool kick = vq_publish(q);
    if (!fake_take(&dev, 0, &c) || c.segs != nout + nin || c.in_len != nin * 100 || !kick)
        return false;
    for (unsigned i = 0; i < c.segs; i++)
        if (c.seg[i].pa != seg[i].pa || c.seg[i].len != seg[i].len || c.seg[i].write != (i >= nout))
            return false;
    fake_want_kick(&dev, 0, true);
    if (vq_pop(q, &done))
        return false;
    fake_use(&dev, 0, c.id, c.in_len);
    return vq_pop(q, &done) == 1 && done.cookie == cookie(turn) && done.len == c.in_len && done.id == c.id &&
           vq_pop(q, &done) == 0;
}

static void test_round_trips(void)
{
    static const struct {
        uint16_t num, ind_max;
        bool event_idx;
        unsigned turns;
    } rows[] = {{1, 0, false, 100},   {1, 8, true, 100},    {2, 8, false, 1000},      {8, 0, true, 70000},
                {8, 4, true, 140000}, {256, 8, true, 1000}, {32768, 0, false, 70000},
#ifdef VQ_PACKED
                {3, 0, true, 70000},  {7, 2, true, 70000},  {100, 0, false, 1000}
#endif
    };

    for (unsigned r = 0; r < VIO_COUNT(rows); r++) {
        struct vq q;
        bool ok = !open_queue(&q, rows[r].num, rows[r].event_idx, rows[r].ind_max);
        unsigned longest = rows[r].num == 1 ? rows[r].ind_max ? 8 : 1 : rows[r].num < 7 ? rows[r].num : 7;
        for (unsigned i = 0; ok && i < rows[r].turns; i++) {
            unsigned n = 1 + i % longest;
            ok = round_trip(&q, i, i % (n + 1), n - i % (n + 1));
        }
        ok &= q.num_free == q.num;
        tap(ok, "%u chains through %u entries, indirect up to %u, event index %s", rows[r].turns, rows[r].num,
            rows[r].ind_max, rows[r].event_idx ? "on" : "off");
        close_queue(&q);
    }
}

static void test_room(void)
{
    struct vq q;
    struct vq_seg seg[9];
    struct fake_chain c;
    struct vq_done done;
    bool ok = !open_queue(&q, 8, false, 3);

    pieces(seg, 9, 0);
    ok &= vq_add(&q, seg, 0, 0, NULL) == VIO_EINVAL;
    ok &= vq_add(&q, seg, 9, 0, NULL) == VIO_EINVAL;                /* longer than the table and the ring */
    ok &= vq_add(&q, seg, 4, 0, cookie(0)) == 0 && q.num_free == 4; /* longer than the table: direct */
    ok &= vq_add(&q, seg, 3, 0, cookie(1)) == 0 && q.num_free == 3; /* indirect */
    ok &= vq_add(&q, seg, 4, 0, cookie(2)) == VIO_EFULL && q.num_free == 3;
    for (unsigned i = 0; i < 3; i++)
        ok &= vq_add(&q, seg, 1, 2, cookie(2 + i)) == 0;
    ok &= vq_add(&q, seg, 1, 0, NULL) == VIO_EFULL && vq_in_flight(&q) == 5;
    vq_publish(&q);
    /* Backwards: used in another order than offered (2.7.14). */
    struct fake_chain taken[5];
    for (unsigned i = 0; i < 5; i++)
        ok &= fake_take(&dev, 0, &taken[i]);
    ok &= !fake_take(&dev, 0, &c);
    for (unsigned i = 5; i--;) {
        fake_use(&dev, 0, taken[i].id, 0);
        ok &= vq_pop(&q, &done) == 1 && done.cookie == cookie(i);
    }
    ok &= q.num_free == 8;
    tap(ok, "a full ring and an exhausted indirect table say so, and recover");
    close_queue(&q);
}

/* Offers three chains (ids 0, 1, 2: writable 100, readable only, writable 200), takes them, then lies. */
static void lie_id_range(void)
{
    fake_use(&dev, 0, 8, 0);
}
static void lie_id_huge(void)
{
    fake_use(&dev, 0, PACKED ? 0xffff : 0xffff0000u, 0);
}
static void lie_not_posted(void)
{
    fake_use(&dev, 0, 7, 0);
}
static void lie_twice(void)
{
    fake_use(&dev, 0, 0, 0);
    fake_use(&dev, 0, 0, 0);
}
static void lie_jump(void)
{
    fake_step_used(&dev, 0, PACKED ? 5 : 4); /* packed: its descriptors stand there as if used truly */
}
#ifndef VQ_PACKED
static void lie_jump_back(void)
{
    fake_step_used(&dev, 0, 65535);
}
#endif
static void lie_length(void)
{
    fake_use(&dev, 0, 0, 101);
}
static void lie_length_huge(void)
{
    fake_use(&dev, 0, 2, 0xffffffffu);
}
static void lie_length_of_output(void)
{
    fake_use(&dev, 0, 1, 12345);
}
static void tell_truth(void)
{
    fake_use(&dev, 0, 2, 200);
}

static void test_lies(void)
{
    static const struct {
        const char *name;
        void (*lie)(void);
        int pops;  /* good chains before it shows */
        int fault; /* VQ_FAULTS: none */
    } rows[] = {
        {"used id = queue size", lie_id_range, 0, VQ_FAULT_ID_RANGE},
        {"used id of many bits", lie_id_huge, 0, VQ_FAULT_ID_RANGE},
        {"used id never posted", lie_not_posted, 0, VQ_FAULT_NOT_POSTED},
        {"used twice", lie_twice, 1, VQ_FAULT_NOT_POSTED},
        {"index past what was offered", lie_jump, PACKED ? 3 : 0, VQ_FAULT_INDEX_JUMP},
#ifndef VQ_PACKED
        {"index going back", lie_jump_back, 0, VQ_FAULT_INDEX_JUMP},
#endif
        {"one byte too many", lie_length, 0, VQ_FAULT_LENGTH},
        {"4 GB too many", lie_length_huge, 0, VQ_FAULT_LENGTH},
        {"a length for a chain without writable piece (2.7.8.1)", lie_length_of_output, 1, VQ_FAULTS},
        {"the truth", tell_truth, 1, VQ_FAULTS},
    };

    for (unsigned i = 0; i < VIO_COUNT(rows); i++) {
        struct vq q;
        struct vq_seg seg[2];
        struct fake_chain c;
        struct vq_done done = {0};
        bool ok = !open_queue(&q, 8, i & 1, 0);
        pieces(seg, 2, 0);
        ok &= !vq_add(&q, seg, 0, 1, cookie(0)) && !vq_add(&q, seg, 1, 0, cookie(1)) &&
              !vq_add(&q, seg, 0, 2, cookie(2));
        vq_publish(&q);
        while (fake_take(&dev, 0, &c))
            ;
        rows[i].lie();
        int pops = 0, last;
        while ((last = vq_pop(&q, &done)) > 0)
            pops++;
        ok &= pops == rows[i].pops && last == (rows[i].fault < VQ_FAULTS ? VIO_EBROKEN : 0);
        for (int f = 0; f < VQ_FAULTS; f++)
            ok &= q.fault[f] == (f == rows[i].fault);
        ok &= rows[i].fault == VQ_FAULTS || strstr(dev.log, vq_fault_name((enum vq_fault)rows[i].fault));
        ok &= rows[i].fault == VQ_FAULTS || (vq_add(&q, seg, 1, 0, NULL) == VIO_EBROKEN && !vq_publish(&q));
        /* Nothing is lost: what was not popped can be taken back. */
        void *back;
        for (; pops < 3; pops++)
            ok &= vq_detach(&q, &back) && back;
        ok &= !vq_detach(&q, &back);
        vq_restart(&q);
        ok &= !q.broken && q.num_free == 8;
        tap(ok, "a device that lies: %s", rows[i].name);
        close_queue(&q);
    }
}

/* The race of 2.7.7.1: used between the last empty look and the request for an interrupt. */
static void test_interrupts(void)
{
    for (int event_idx = 0; event_idx < 2; event_idx++) {
        struct vq q;
        struct vq_seg seg[1];
        struct fake_chain c[6];
        struct vq_done done;
        bool ok = !open_queue(&q, 8, event_idx, 0);
        pieces(seg, 1, 0);
        for (unsigned i = 0; i < (PACKED ? 5 : 65533); i++) /* the wrap is in the middle */
            ok &= round_trip(&q, i, 1, 0);
        for (unsigned i = 0; i < 6; i++)
            ok &= !vq_add(&q, seg, 1, 0, cookie(i));
        vq_publish(&q);
        for (unsigned i = 0; i < 6; i++)
            ok &= fake_take(&dev, 0, &c[i]);
        vq_intr_off(&q);
        ok &= !fake_use(&dev, 0, c[0].id, 0); /* off: no interrupt */
        ok &= vq_intr_on(&q, 1);              /* but asked for too late: told at once */
        ok &= vq_pop(&q, &done) == 1 && !vq_intr_on(&q, 1);
        ok &= fake_use(&dev, 0, c[1].id, 0); /* on: interrupt */
        ok &= vq_pop(&q, &done) == 1 && !vq_intr_on(&q, 3);
        ok &= fake_use(&dev, 0, c[2].id, 0) == !event_idx; /* only event index can wait for the third */
        ok &= fake_use(&dev, 0, c[3].id, 0) == !event_idx;
        ok &= fake_use(&dev, 0, c[4].id, 0);
        while (vq_pop(&q, &done) > 0)
            ;
        ok &= !vq_intr_on(&q, 1);
        vq_intr_off(&q); /* before it was passed */
        ok &= !fake_use(&dev, 0, c[5].id, 0);
        tap(ok, "interrupts on, late, delayed and off, event index %s", event_idx ? "on" : "off");
        close_queue(&q);
    }
}

static void test_doorbells(void)
{
    for (int event_idx = 0; event_idx < 2; event_idx++) {
        struct vq q;
        struct vq_seg seg[1];
        struct fake_chain c;
        bool ok = !open_queue(&q, 8, event_idx, 0);
        pieces(seg, 1, 0);
        ok &= !vq_publish(&q); /* nothing to tell */
        ok &= !vq_add(&q, seg, 1, 0, NULL) && !vq_add(&q, seg, 1, 0, NULL) && !fake_take(&dev, 0, &c);
        ok &= vq_publish(&q) && !vq_publish(&q);
        vq_kick(&q);
        ok &= fake_take(&dev, 0, &c) && fake_take(&dev, 0, &c) && !fake_take(&dev, 0, &c);
        fake_want_kick(&dev, 0, false);
        ok &= !vq_add(&q, seg, 1, 0, NULL) && !vq_publish(&q) && fake_take(&dev, 0, &c);
        fake_want_kick(&dev, 0, true);
        ok &= !vq_add(&q, seg, 1, 0, NULL) && vq_publish(&q);
        ok &= q.kicks == 1 && dev.queue[0].kicks == 1;
        if (PACKED) { /* a device that went on without asking anew: it sleeps otherwise */
            ok &= fake_take(&dev, 0, &c) && !vq_add(&q, seg, 1, 0, NULL) && vq_publish(&q);
            ok &= fake_take(&dev, 0, &c) && !vq_add(&q, seg, 1, 0, NULL) && vq_publish(&q);
        }
        tap(ok, "doorbells only when wanted, once a burst, event index %s", event_idx ? "on" : "off");
        close_queue(&q);
    }
}

/* IN_ORDER (2.7.9): batches of which only the last is told, through a ring that is full at times. */
static void test_in_order(void)
{
    for (int event_idx = 0; event_idx < 2; event_idx++) {
        struct vq q;
        struct vq_seg seg[4];
        struct fake_chain c[8];
        struct vq_done done;
        bool ok = !open_queue(&q, 8, event_idx, event_idx ? 2 : 0);
        unsigned offered = 0, taken = 0, back = 0, held = 0;
        q.in_order = true;
        for (unsigned turn = 0; ok && turn < 70000; turn++) {
            for (unsigned i = turn % 5; i--;) {
                unsigned n = 1 + offered % 3;
                pieces(seg, n, offered);
                int error = vq_add(&q, seg, 0, n, cookie(offered));
                offered += !error;
                ok &= !error || error == VIO_EFULL;
            }
            vq_publish(&q);
            while (held < 8 && fake_take(&dev, 0, &c[held]))
                held++, taken++;
            if (!held)
                continue;
            unsigned batch = 1 + turn % held;
            fake_use_batch(&dev, 0, c, batch, 7);
            for (unsigned i = 0; i < batch; i++, back++)
                ok &= vq_pop(&q, &done) == 1 && done.cookie == cookie(back) &&
                      done.len == (i + 1 == batch ? 7 : c[i].in_len) && done.id == c[i].id;
            ok &= vq_pop(&q, &done) == 0;
            held -= batch;
            memmove(c, c + batch, held * sizeof *c);
        }
        ok &= taken == offered && vq_in_flight(&q) == held && back + held == taken;
        tap(ok, "in order: batches told by their last chain, event index %s", event_idx ? "on" : "off");
        close_queue(&q);
    }
}

/* Three chains offered of which the device may know two; it says that the third ends a batch. */
static void test_in_order_lie(void)
{
    struct vq q;
    struct vq_seg seg[1];
    struct fake_chain c;
    struct vq_done done;
    void *back;
    unsigned pops = 0, left = 0;
    bool ok = !open_queue(&q, 8, true, 0);

    q.in_order = true;
    pieces(seg, 1, 0);
    ok &= !vq_add(&q, seg, 0, 1, cookie(0)) && !vq_add(&q, seg, 0, 1, cookie(1));
    vq_publish(&q);
    ok &= fake_take(&dev, 0, &c) && !vq_add(&q, seg, 0, 1, cookie(2));
    fake_put_used(&dev, 0, 2, 1);
    fake_step_used(&dev, 0, PACKED ? 1 : 2);
    while (vq_pop(&q, &done) > 0)
        pops++;
    ok &= q.broken && pops == 1 && q.fault[VQ_FAULT_ORDER] == 1;
    while (vq_detach(&q, &back))
        left++;
    ok &= left == 2;
    tap(ok, "in order: a batch that ends with a chain not offered yet");
    close_queue(&q);
}

void VQ_NAME(test_vq)(void)
{
    test_in_order();
    test_in_order_lie();
    test_sizes();
    test_no_memory();
    test_need_event();
    test_round_trips();
    test_room();
    test_lies();
    test_interrupts();
    test_doorbells();
}
