// SPDX-License-Identifier: BSD-3-Clause
/*
 * A fault, for tests: virtio devices that refuse their MSI-X vectors. They may (virtio 1.2, 4.1.5.1.2): the register reads back as
 * "no vector" then, which it does here since that is what the device gets to see.
 */
#include "internal.h"

enum {
    NO_VECTOR = 0xffff,
    CONFIG_VECTOR = 16, /* in the common configuration (4.1.4.3) */
    QUEUE_VECTOR = 26,
    LEGACY_CONFIG_VECTOR = 4, /* from the legacy doorbell (4.1.4.10) */
    LEGACY_QUEUE_VECTOR = 6,
};

static volatile int refused;

void qemu_refuse_vectors(int on)
{
    refused = on;
}

uint32_t vector_port(unsigned port, int width, uint32_t value)
{
    struct qemu_pci *f = refused && width == 2 ? qemu_pci_first() : NULL;

    for (; f; f = f->next) {
        unsigned bell = pci_private(f)->legacy_notify;
        if (bell && (port == bell + LEGACY_CONFIG_VECTOR || port == bell + LEGACY_QUEUE_VECTOR))
            return NO_VECTOR;
    }
    return value;
}

uint64_t vector_store(const struct pci_private *p, uint64_t phys, int width, uint64_t value)
{
    uint64_t at = phys - p->common_base;

    if (refused && p->common_base && width == 2 && (at == CONFIG_VECTOR || at == QUEUE_VECTOR))
        return NO_VECTOR;
    return value;
}
