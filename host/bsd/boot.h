// SPDX-License-Identifier: BSD-3-Clause
/*
 * The BSD part of the kernel (packets, interfaces, system controls) as main() sees it. Builtin types only:
 * safe on both sides of the boundary.
 */
#ifndef HOST_BSD_BOOT_H
#define HOST_BSD_BOOT_H
#ifdef __cplusplus
extern "C" {
#endif

/* After mach_init, before the families. */
void bsd_boot(void);

/* What a kext has left behind: calls out(ctx, "mbufs", 3) for each kind of which some are alive, and returns
 * the number of kinds. Kinds: mbufs, clusters of 2 KB, clusters of 4 KB, clusters of 16 KB, external
 * clusters, mbuf tags, network interfaces, system controls. Right when no kext runs and no interface is
 * attached. */
int bsd_leaks(void (*out)(void *ctx, const char *kind, unsigned long count), void *ctx);

/* Gives the packet memory back to the RAM. After the last kext is gone; what leaked stays readable until
 * then. */
void bsd_shutdown(void);

#ifdef __cplusplus
}
#endif
#endif
