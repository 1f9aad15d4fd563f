// SPDX-License-Identifier: BSD-3-Clause
/*
 * The PCI family as main() and the control socket see it: a nub for every function that QEMU has. Builtin
 * types only. Ordinary threads, not the interrupt thread.
 */
#ifndef HOST_PCI_BOOT_H
#define HOST_PCI_BOOT_H
#include "qemu/qemu.h"
#ifdef __cplusplus
extern "C" {
#endif

/* Before pci_boot(): a property that firmware gives a nub before any driver sees it, "ID:NAME=HEX" (the text
 * stays the caller's and must live on). ID is QEMU's id of the device. pci_boot() ends in lx_fatal when there
 * is no such device. */
void pci_property(const char *spec);
/* The root bridge, the interrupt controllers, a registered nub for every function in slot order. Once, after
 * iokit_boot() and qemu_start(). */
void pci_boot(void);
/* Registry entry id of the function's nub, for iokit_driver_for(); 0: it has none. */
unsigned long long pci_nub_id(const struct qemu_pci *f);
/* A function that was plugged in: its nub, registered. 0, or -1: no memory. */
int pci_add(struct qemu_pci *f);
/* Terminates the nub's drivers and the nub, waits at most ms. 0, or -1: it has not gone. f may have been
 * unplugged before (a surprise removal). */
int pci_remove(struct qemu_pci *f, int ms);
/* All nubs, then the bridge and the controllers, when no kext is left. Interrupts are off afterwards. */
void pci_shutdown(void);

#ifdef __cplusplus
}
#endif
#endif
