// SPDX-License-Identifier: BSD-3-Clause
/*
 * The network device's control queue (5.1.9.5): one command at a time, sent and waited for. A command's parts
 * travel as a descriptor each, header first and acknowledgement last, as devices before ANY_LAYOUT demand.
 *
 * The device is hostile: its answer is one byte that means success, refusal or nonsense; if it does not come
 * in VIO_CTRL_PATIENCE the queue is broken and its memory the device's until the next reset.
 *
 * Thread context, one caller at a time; it may sleep. Functions return 0 or an enum vio_error.
 */
#ifndef CORE_VIO_CTRL_H
#define CORE_VIO_CTRL_H
#include "vio_pci.h"

VIO_BEGIN

enum {
    VIO_CTRL_PARTS = 2,         /* of a command, beside its header */
    VIO_CTRL_BYTES = 2048,      /* of all parts */
    VIO_CTRL_PATIENCE = 500000, /* microseconds; devices answer within one, a busy host's some milliseconds */
    VIO_CTRL_QUEUE_MAX = 16,
};

struct vio_ctrl_counters {
    uint64_t commands, refused;  /* acknowledged with an error */
    uint32_t timeouts, nonsense; /* not acknowledged; acknowledged with a value that there is not */
};

struct vio_ctrl {
    struct vq q;
    struct hal_dma mem;
    struct vio_ctrl_counters count;
    bool usable; /* since vio_ctrl_start(), until a time-out */
};

/* A part of a command: bytes to copy. */
struct vio_ctrl_part {
    const void *data;
    uint32_t len;
};

/* Memory for queue `index`. VIO_EDEVICE, VIO_ENOMEM; on error nothing is kept. */
int vio_ctrl_alloc(struct vio_ctrl *c, struct vio_pci *pci, uint16_t index);
/* The device has been reset, or never knew the queue. Harmless on a zeroed *c. */
void vio_ctrl_free(struct vio_ctrl *c, struct vio_pci *pci);
/* Empties and enables the queue, between negotiation and vio_pci_ready(). */
int vio_ctrl_start(struct vio_ctrl *c, struct vio_pci *pci);
/* Nothing may be sent any more. */
void vio_ctrl_stop(struct vio_ctrl *c);
/*
 * Sends a command and waits for its acknowledgement. VIO_EINVAL: the device refuses it; VIO_ETIMEOUT: no
 * answer came, the queue is dead; VIO_EBROKEN: it was already, or the ring broke.
 */
int vio_ctrl_command(struct vio_ctrl *c, uint8_t klass, uint8_t command, const struct vio_ctrl_part *part,
                     unsigned parts);

VIO_END
#endif
