// SPDX-License-Identifier: BSD-3-Clause
/*
 * A virtio PCI device for tests, and the HAL (core/hal.h) over it: registers of both transports, DMA memory
 * with bus addresses unlike its virtual ones, and the device's half of both rings. By default it behaves; a
 * test's script makes it lie by setting the fields under "Misbehaviour", or by writing to the rings itself.
 * Every address that the driver hands out is looked up: one outside its DMA memory fails the test at once.
 */
#ifndef TEST_CORE_FAKE_H
#define TEST_CORE_FAKE_H
#include "../../core/vio_net.h"

enum {
    FAKE_QUEUES = 3,
    FAKE_REGIONS = 64,
    FAKE_LOG = 256,
    FAKE_HIDDEN = 64,
    FAKE_CONTROLS = 32,
    FAKE_SILENT = -1,
};

struct fake_queue {
    uint16_t size, num, vector, notify_off;
    bool enabled;
    uint64_t desc, avail, used; /* bus addresses: also of the packed ring's three areas */
    uint16_t next_avail;        /* the device's own counters; packed: places, and laps (0: the first) */
    uint16_t used_idx;
    uint16_t avail_lap, used_lap;
    uint16_t shown_at[FAKE_HIDDEN], shown_lap[FAKE_HIDDEN]; /* packed: used, and not yet visible */
    unsigned hidden;
    unsigned taken; /* packed: descriptors taken and not used */
    bool spoiled;   /* packed: the device has lied into descriptors that it had not taken, and cannot go on */
    unsigned kicks;
    uint16_t bell_data; /* of the last doorbell, with NOTIFICATION_DATA */
    bool stuck;         /* a reset of the queue does not end */
};

struct fake_region {
    uint64_t pa;
    uint8_t *va;
    uint32_t size;
    bool lent; /* the test's own */
};

/* How a real device differs from the plain one, as far as a driver can notice. Rows: profile.c. */
struct fake_ways {
    bool isr_config_both;  /* a configuration change sets the queue bit too */
    bool isr_replaced;     /* a new cause replaces the old one instead of adding to it */
    bool config_lowers;    /* reading the modern configuration lowers INTx; the cause stays */
    bool reset_leaves_irq; /* INTx survives a reset, without a cause, until the status is read */
    bool select_ignored;   /* selecting a queue that does not exist leaves the old one selected */
    bool num_is_limit;     /* num_queues says how many could be, not how many there are */
    bool pfn0_resets;      /* page number 0 for a queue resets the whole device */
    uint8_t config_bytes;  /* past these: all-ones from ports, zero from memory; 0: as long as the BAR */
    uint64_t bad;          /* offered, and who accepts one of these gets `minimal` */
    uint64_t minimal;
};

/* Where the modern structures lie. */
struct fake_layout {
    unsigned bar;
    uint32_t common, common_length, isr, config, notify, notify_step, size;
};

struct hal_dev;

/* What the driver made available as one. */
struct fake_chain {
    uint16_t id;
    unsigned segs;
    struct {
        uint64_t pa;
        uint32_t len;
        bool write;
    } seg[64];
    uint32_t in_len, out_len;
};

struct hal_dev {
    struct fake_ways ways;
    struct fake_layout at;
    bool irq; /* INTx */
    uint8_t pci[256];
    struct {
        uint32_t size;
        bool io;
    } bar[6];
    uint64_t features, driver_features;
    uint32_t feature_select;
    uint8_t status, isr, generation;
    uint16_t queue_select, config_vector;
    uint8_t config[64];
    struct fake_queue queue[FAKE_QUEUES];
    unsigned resets;
    /* Misbehaviour */
    bool gone;               /* every read gives all-ones */
    bool reset_hangs;        /* status never becomes 0, and the queues live on */
    bool refuses_features;   /* clears FEATURES_OK */
    uint64_t demands;        /* clears it unless all of these were accepted */
    bool needs_reset;        /* sets DEVICE_NEEDS_RESET with DRIVER_OK */
    bool config_flickers;    /* configuration and generation change at each read */
    unsigned config_changes; /* they change that many times, then settle */
    bool loses_doorbells;    /* they are not heard */
    bool refuses_vectors;    /* vector registers read back NO_VECTOR */
    int control_ack;         /* what commands are acknowledged with; FAKE_SILENT: not at all */
    int control_refuse;      /* 1 + class * 256 + command that is refused; 0: none */
    int fail_alloc;          /* set by fake_fail_alloc() */
    /* The control queue's commands, as they came: class, command, data */
    unsigned controls;
    struct {
        unsigned len, segs;
        uint8_t bytes[512];
    } control[FAKE_CONTROLS];
    /* The HAL's accounts */
    struct fake_region region[FAKE_REGIONS];
    uint64_t next_pa;
    int maps;
    char log[FAKE_LOG]; /* the last line */
    /* What it acknowledges a command with, in its own way; NULL: control_ack. */
    uint8_t (*on_control)(struct hal_dev *f, const struct fake_chain *c, const uint8_t *bytes);
    /* What the device does while the driver waits (hal_delay); NULL: nothing. */
    void (*on_delay)(struct hal_dev *f);
    /* The same where the driver looks at the clock (hal_time): it may have been stopped there for long. */
    void (*on_time)(struct hal_dev *f);
};

/* A device with the ids of a network card: "modern", "legacy" or "transitional" (both). num: size of each
 * queue. */
void fake_init(struct hal_dev *f, const char *kind, uint64_t features, uint16_t num);
/* What the driver has not given back, as text; NULL: nothing. */
const char *fake_leak(struct hal_dev *f);
/* Frees DMA memory that the driver has lost on purpose. */
void fake_reclaim(struct hal_dev *f);
/* Microseconds that the driver has waited by hal_delay(), in all. */
uint64_t fake_waited(void);
/* The clock of hal_time() moves on. */
void fake_pass(uint64_t us);
/* The nth allocation from now fails; 0: none does. */
void fake_fail_alloc(struct hal_dev *f, int nth);
void fake_set_msix(struct hal_dev *f, bool on);
/* Sets bits of the interrupt status and raises INTx. */
void fake_interrupt(struct hal_dev *f, uint8_t cause);
/* What writing 0 to the status does: also a reset that the driver did not ask for. */
void fake_reset(struct hal_dev *f);
/* A capability of the modern kind at `at`, linked to `next`. */
void fake_cap(struct hal_dev *f, uint8_t at, uint8_t next, uint8_t type, uint8_t bar, uint32_t offset,
              uint32_t length);

/* Memory that the test itself lends the driver (buffers). */
void *fake_lend(struct hal_dev *f, void *va, uint32_t size, uint64_t *pa);
/* Bus address to pointer; aborts the test if the range is not DMA memory. */
void *fake_at(struct hal_dev *f, uint64_t pa, uint64_t size);

/* The device's side of a ring. Takes the next available chain; false: none. Checks what the spec demands of a chain (2.7.4.2, 2.7.5.3.1).
 */
bool fake_take(struct hal_dev *f, unsigned queue, struct fake_chain *c);
/* How far the ring is filled, as a doorbell with data tells it (2.9): the device's own view. */
uint16_t fake_filled(struct hal_dev *f, unsigned queue);
/* Uses a chain; true if the driver wants an interrupt for it. */
bool fake_use(struct hal_dev *f, unsigned queue, uint32_t id, uint32_t len);
/* The same without moving the index, then the index by `step`. */
void fake_put_used(struct hal_dev *f, unsigned queue, uint32_t id, uint32_t len);
void fake_step_used(struct hal_dev *f, unsigned queue, uint16_t step);
/* With IN_ORDER: uses n chains, telling only the last of them, of which len bytes were written (2.7.9). */
void fake_use_batch(struct hal_dev *f, unsigned queue, const struct fake_chain *c, unsigned n, uint32_t len);
/* Suppression of doorbells: with event index the next available index that is to ring, else the flag. */
void fake_want_kick(struct hal_dev *f, unsigned queue, bool want);
/* Answers what is on the control queue (queue 2), as at its doorbell. */
void fake_control(struct hal_dev *f);
void fake_scatter(struct hal_dev *f, const struct fake_chain *c, const void *bytes, uint32_t len);
uint32_t fake_gather(struct hal_dev *f, const struct fake_chain *c, void *bytes, uint32_t max);

/* One TAP line. */
void tap(bool ok, const char *format, ...) __attribute__((format(printf, 2, 3)));
extern int tap_failed;
#endif
