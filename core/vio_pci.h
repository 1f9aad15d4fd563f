// SPDX-License-Identifier: BSD-3-Clause
/*
 * A virtio device on PCI (4.1): finds and maps its registers, negotiates, enables queues. What legacy and
 * modern devices do differently is in an operations structure each (vio_pci_legacy.c, vio_pci_modern.c); all
 * else is here once.
 *
 * A device's life (3.1.1):
 *      vio_pci_open()          find the transport, map the registers; the device is not touched
 *      vio_pci_begin()         reset, ACKNOWLEDGE, DRIVER
 *      vio_pci_negotiate()     features, FEATURES_OK
 *      vio_pci_config()        read the configuration
 *      vio_pci_queue_alloc()   memory of each queue
 *      vio_pci_set_vectors()   how its interrupts arrive
 *      vio_pci_queue_enable()  each queue
 *      vio_pci_ready()         DRIVER_OK: it lives
 *      vio_pci_reset()         it is quiet again: no DMA, no interrupts; memory may be freed, or from begin
 * on once more vio_pci_close()         unmap If a step fails, vio_pci_fail() tells the device so (3.1.1),
 * then vio_pci_reset().
 *
 * One caller at a time, thread context, but for vio_pci_isr(): any context. Every function returns 0 or an
 * enum vio_error.
 */
#ifndef CORE_VIO_PCI_H
#define CORE_VIO_PCI_H
#include "hal.h"
#include "vio_feature.h"
#include "virtio_spec.h"
#include "vq.h"

VIO_BEGIN

struct vio_pci;

/* What a transport must know to do. None checks for all-ones; offsets are checked by the callers in
 * vio_pci.c. */
struct vio_pci_ops {
    const char *name;                  /* "legacy" or "modern" */
    struct vio_feature_table features; /* the transport's and the rings' feature bits */
    unsigned addr_bits;                /* how high a ring may lie */
    bool can_shrink;                   /* the driver may choose a smaller queue than the device's (4.1.4.3) */
    bool features_ok;                  /* has the FEATURES_OK step (2.2.3) */
    bool generation;                   /* has config_generation (2.5.4) */
    uint64_t (*get_features)(struct vio_pci *p);
    void (*set_features)(struct vio_pci *p, uint64_t features);
    uint8_t (*get_status)(struct vio_pci *p);
    void (*set_status)(struct vio_pci *p, uint8_t status);
    uint8_t (*isr)(struct vio_pci *p); /* reading acknowledges INTx (4.1.4.5) */
    uint8_t (*config_generation)(struct vio_pci *p);
    bool (*config_locate)(struct vio_pci *p, struct hal_bar *bar, uint32_t *base, uint32_t *length);
    uint16_t (*queue_size)(struct vio_pci *p, uint16_t index); /* selects it; 0: no such queue */
    int (*queue_enable)(struct vio_pci *p, struct vq *q);      /* the selected one; fills in its doorbell */
    void (*queue_reset)(struct vio_pci *p);     /* begins to reset the selected one; NULL: cannot */
    bool (*queue_resetting)(struct vio_pci *p); /* it has not ended */
    uint16_t (*set_queue_vector)(struct vio_pci *p,
                                 uint16_t vector); /* of the selected queue; returns it as read back */
    uint16_t (*set_config_vector)(struct vio_pci *p, uint16_t vector);
};

/* A structure in a BAR, checked to lie inside it. */
struct vio_pci_region {
    struct hal_bar bar;
    uint32_t offset;
    uint32_t length; /* 0: absent */
};

struct vio_pci {
    struct hal_dev *hal;
    const struct vio_pci_ops *ops;
    uint16_t pci_device;                /* PCI device id */
    uint16_t device_type;               /* VIRTIO_ID_... */
    uint8_t msix_cap;                   /* offset of the MSI-X capability in configuration space; 0: none */
    uint8_t status;                     /* status bits that we have set */
    uint16_t vectors;                   /* MSI-X vectors in use; 0: INTx */
    uint64_t offered;                   /* features, as last read */
    uint64_t features;                  /* accepted */
    struct vio_feature_table tables[2]; /* of the last negotiation: device's, transport's */
    struct hal_bar bar[6];              /* mapped as needed */
    struct vio_pci_region common, notify, isr, config; /* modern only */
    uint32_t notify_multiplier;
    uint32_t resets;
    bool stuck; /* the last reset did not end: see vio_pci_quiet() */
};

/*
 * Fills *p: chooses modern if the device has valid capabilities, else legacy; with `legacy` only the latter.
 * VIO_EDEVICE: no such transport; VIO_ENOMEM. On error nothing stays mapped. The OS has enabled memory, I/O
 * and bus mastering before. p must stay where it is until vio_pci_close().
 */
int vio_pci_open(struct vio_pci *p, struct hal_dev *hal, bool legacy);
void vio_pci_close(struct vio_pci *p);

/* Resets and waits for the end (2.4.2), 2 s at most. VIO_ETIMEOUT, VIO_EGONE: the device may still be using
 * its memory. */
int vio_pci_reset(struct vio_pci *p);
/*
 * Before memory that the device has known is freed. False: its last reset did not end, nor does another that it gets here, so it may
 * still write there.
 */
bool vio_pci_quiet(struct vio_pci *p);
/* Resets, then tells the device that it has a driver. */
int vio_pci_begin(struct vio_pci *p);
/*
 * Agrees on features: those of `device` and of the transport that are wanted, offered and not in `deny`.
 * After it, p->offered and p->features hold the outcome. VIO_EFEATURE: a required one is missing (logged by
 * name), or the device refuses the set.
 */
int vio_pci_negotiate(struct vio_pci *p, struct vio_feature_table device, uint64_t deny);
static inline bool vio_pci_has(const struct vio_pci *p, unsigned bit)
{
    return (p->features >> bit) & 1;
}

/*
 * Reads `count` fields of `width` bytes (1, 2, 4: the field's own, 4.1.3.1) from the device configuration,
 * consistent among themselves: by generation, or on legacy devices by reading twice (2.5.4). VIO_EINVAL:
 * beyond 64 bytes; VIO_EDEVICE: the structure is too short, or changes without end.
 */
int vio_pci_config(struct vio_pci *p, uint32_t offset, void *fields, unsigned count, unsigned width);

/*
 * Interrupt mode from here on: `vectors` MSI-X vectors that the OS has set up and enabled, or 0 for INTx.
 * Programs the configuration vector (0). Queues share the rest in turn; one vector serves all. Call after
 * every reset (which forgets vectors). VIO_EVECTOR: MSI-X Enable is not as expected, or the device did not
 * take the vector: no interrupt would ever come.
 */
int vio_pci_set_vectors(struct vio_pci *p, uint16_t vectors);
/* The vector that queue `index` uses under the mode set; 0 for INTx. */
uint16_t vio_pci_queue_vector(const struct vio_pci *p, uint16_t index);
/* Whether MSI-X Enable is set now, in the device itself. It moves the legacy configuration (4.1.4.10). */
bool vio_pci_msix_enabled(struct vio_pci *p);

/*
 * Allocates q for queue `index` with the features negotiated, of the device's size, or size_max if that is
 * smaller and the device can shrink. ind_max: longest chain worth an indirect table. VIO_EDEVICE: no such
 * queue, or an invalid size; VIO_ENOMEM.
 */
int vio_pci_queue_alloc(struct vio_pci *p, struct vq *q, uint16_t index, uint16_t size_max, uint16_t ind_max);
/* Hands q to the device, which must be reset and negotiated since. VIO_EVECTOR; VIO_EDEVICE: its size is
 * another now. */
int vio_pci_queue_enable(struct vio_pci *p, struct vq *q);

/*
 * Resets this queue alone and waits for the end (2.6.1), 2 s at most. Then its memory is ours; after
 * vq_restart() it can be enabled again. VIO_EFEATURE: RING_RESET is not negotiated; VIO_ETIMEOUT, VIO_EGONE.
 */
int vio_pci_queue_reset(struct vio_pci *p, struct vq *q);

/* Sets DRIVER_OK. Buffers may be offered, doorbells rung, interrupts come from now on. VIO_EGONE, VIO_ERESET.
 */
int vio_pci_ready(struct vio_pci *p);
/* Looks at the device status: 0, VIO_EGONE or VIO_ERESET (2.1.2). */
int vio_pci_health(struct vio_pci *p);
/* Tells the device that the driver gives up. */
void vio_pci_fail(struct vio_pci *p);
/* Reads and so acknowledges the interrupt status: VIRTIO_ISR_... bits; 0: not ours (or gone). Any context.
 * INTx only. */
uint8_t vio_pci_isr(struct vio_pci *p);

/* Shared by the two transports: fill what vio_pci_open() needs. 0 if the device has this transport. */
int vio_pci_legacy_probe(struct vio_pci *p);
int vio_pci_modern_probe(struct vio_pci *p);
/* Maps BAR `index` unless it is mapped already. */
int vio_pci_map(struct vio_pci *p, unsigned index);
/* Walks PCI capabilities: the next one of `id` after `after` (0: from the start); 0: no more. Ends on any
 * loop. */
uint8_t vio_pci_find_cap(struct vio_pci *p, uint8_t id, uint8_t after);

VIO_END
#endif
