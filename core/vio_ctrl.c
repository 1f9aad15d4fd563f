// SPDX-License-Identifier: BSD-3-Clause
/* The control queue (5.1.9.5): memory, life, commands. */
#include "vio_ctrl.h"
#include "vq_any.h"

/* Where things are in the command's memory. */
enum { AT_ACK = 0, AT_HEADER = 16, AT_PARTS = 32, PART_ALIGN = 8, SIZE = AT_PARTS + VIO_CTRL_BYTES };

int vio_ctrl_alloc(struct vio_ctrl *c, struct vio_pci *pci, uint16_t index)
{
    int error = vio_pci_queue_alloc(pci, &c->q, index, VIO_CTRL_QUEUE_MAX, VIO_CTRL_PARTS + 2);

    if (!error)
        error = hal_dma_alloc(pci->hal, &c->mem, SIZE, 64, 64);
    if (error)
        vio_ctrl_free(c, pci);
    return error;
}

void vio_ctrl_free(struct vio_ctrl *c, struct vio_pci *pci)
{
    hal_dma_free(pci->hal, &c->mem);
    vq_free(&c->q);
    c->usable = false;
}

int vio_ctrl_start(struct vio_ctrl *c, struct vio_pci *pci)
{
    int error;

    vq_restart(&c->q);
    error = vio_pci_queue_enable(pci, &c->q);
    c->usable = !error;
    return error;
}

void vio_ctrl_stop(struct vio_ctrl *c)
{
    c->usable = false;
}

/* Copies the command to its memory; the pieces, or 0 if it does not fit. */
static unsigned put_command(struct vio_ctrl *c, uint8_t klass, uint8_t command,
                            const struct vio_ctrl_part *part, unsigned parts, struct vq_seg *seg)
{
    uint8_t *va = (uint8_t *)c->mem.va;
    uint32_t at = AT_PARTS;

    va[AT_ACK] = VIRTIO_NET_UNANSWERED;
    va[AT_HEADER] = klass;
    va[AT_HEADER + 1] = command;
    seg[0] = (struct vq_seg){c->mem.pa + AT_HEADER, 2};
    for (unsigned i = 0; i < parts; i++) {
        if (part[i].len > SIZE - at)
            return 0;
        __builtin_memcpy(va + at, part[i].data, part[i].len);
        seg[1 + i] = (struct vq_seg){c->mem.pa + at, part[i].len};
        at += (part[i].len + PART_ALIGN - 1) & ~(PART_ALIGN - 1u);
    }
    seg[1 + parts] = (struct vq_seg){c->mem.pa + AT_ACK, 1};
    return parts + 2;
}

/* What the device has written. The length that it reports is not looked at: old devices report any
 * (2.7.8.1), and an acknowledgement that was not written is none. */
static int answer(struct vio_ctrl *c)
{
    switch (__atomic_load_n((uint8_t *)c->mem.va + AT_ACK, __ATOMIC_ACQUIRE)) {
    case VIRTIO_NET_OK:
        return 0;
    case VIRTIO_NET_ERR:
        c->count.refused++;
        return VIO_EINVAL;
    default:
        c->count.nonsense++;
        return VIO_EINVAL;
    }
}

/* Offers the pieces, the last of them for the device to write, and waits. */
static int exchange(struct vio_ctrl *c, const struct vq_seg *seg, unsigned n)
{
    struct vq_done done;
    unsigned pause = 1;
    uint64_t begin;
    int error;

    vq_any_intr_off(&c->q);
    error = vq_any_add(&c->q, seg, n - 1, 1, NULL);
    if (error)
        return error;
    vq_any_send(&c->q);
    begin = hal_time();
    for (;;) {
        /* The clock first: we may stand still in between, and the device answer meanwhile. */
        bool late = hal_time() - begin > VIO_CTRL_PATIENCE;
        int got = vq_any_pop(&c->q, &done);
        if (got)
            return got < 0 ? got : 0;
        if (late)
            return VIO_ETIMEOUT;
        hal_delay(pause); /* most answer before the doorbell's write returns */
        pause = pause < 1000 ? pause * 2 : 1000;
    }
}

int vio_ctrl_command(struct vio_ctrl *c, uint8_t klass, uint8_t command, const struct vio_ctrl_part *part,
                     unsigned parts)
{
    struct vq_seg seg[VIO_CTRL_PARTS + 2];
    unsigned n;
    int error;

    if (!c->usable)
        return VIO_EBROKEN;
    n = parts <= VIO_CTRL_PARTS ? put_command(c, klass, command, part, parts, seg) : 0;
    if (!n)
        return VIO_EINVAL;
    c->count.commands++;
    error = exchange(c, seg, n);
    if (!error)
        return answer(c);
    c->usable = false;
    c->count.timeouts += error == VIO_ETIMEOUT;
    hal_log(c->q.hal, HAL_ERROR, "control command %u.%u: %s", klass, command, vio_strerror(error));
    return error;
}
