// SPDX-License-Identifier: BSD-3-Clause
/*
 * The smallest virtio-net driver that can ask a question and hear the answer (virtio 1.2, 2.7, 4.1, 5.1): it
 * proves host/qemu without any kext. One descriptor a queue at a time, no features but what the transport
 * demands.
 */
#ifndef TEST_QEMU_VIRTIO_H
#define TEST_QEMU_VIRTIO_H
#include <stdint.h>
#include "host/linux/linux.h"
#include "host/qemu/qemu.h"

enum { RX, TX, NQUEUES };

struct queue {
    unsigned char *ring; /* descriptors, available, used: contiguous, as legacy wants them */
    unsigned size, avail_idx, used_idx;
    unsigned char *used;
    unsigned char *buffer;
    volatile unsigned char *notify; /* modern */
};

struct nic {
    struct qemu_pci *f;
    int modern, msix;
    unsigned port;                                 /* legacy I/O BAR */
    volatile unsigned char *common, *device, *isr; /* modern, in trapped windows */
    struct queue q[NQUEUES];
    int source[NQUEUES]; /* interrupt sources; INTx: both the same */
    volatile int interrupts;
    unsigned char mac[6];
};

/* 0, or -1 with a line on stdout that says what failed. */
int nic_start(struct nic *n, struct qemu_pci *f, int modern, int msix);
void nic_post_rx(struct nic *n);
void nic_send(struct nic *n, const void *frame, unsigned length);
/* Waits for a frame; its length, or 0 after ms milliseconds. The frame stands behind the header. */
unsigned nic_receive(struct nic *n, const unsigned char **frame, int ms);
int nic_link(struct nic *n);
void nic_stop(struct nic *n);
#endif
