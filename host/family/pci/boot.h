// SPDX-License-Identifier: BSD-3-Clause
/*
 * The PCI family as main() sees it. Only builtin types.
 */
#ifndef HOST_PCI_BOOT_H
#define HOST_PCI_BOOT_H
#include "../../qemu/qemu.h"
#ifdef __cplusplus
extern "C" {
#endif

/* Makes the host bridge and a nub (IOPCIDevice) for every function of the machine, in slot order, and registers them.
 * Network cards get "host-ethernet-unit" = 0, 1, ... in that order, and "built-in" and "location" as firmware gives
 * them. After qemu_start and iokit_boot. */
void pci_boot(void);
/* The registry entry id of the function's nub, 0: it has none. */
unsigned long long pci_nub_id(const struct qemu_pci *f);
/* A function that was plugged in: its nub is made and registered. 0 or -1. */
int pci_add(const struct qemu_pci *f);
/* A function that is about to go, or (surprise) has gone: its nub is terminated; returns when the registry is quiet,
 * at most ms. 0 or -1. */
int pci_remove(const struct qemu_pci *f, int ms);
/* Ends the bridge; every driver must have gone. */
void pci_shutdown(void);

#ifdef __cplusplus
}
#endif
#endif
