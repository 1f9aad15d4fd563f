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

/* Before what is in use is looked at: waits for detaches that are under way, and gives packet memory back to the RAM
 * where all of a kind is free. Any time. */
void bsd_settle(void);

/* The shape of packets that interfaces hand to drivers from now on (bsd/mbuf_shape.c): "whole", "bytes", "split=N",
 * "random=SEED", "segments"; "long" and "short" break the rules. 0, or -1: no such shape. Any time, even before bsd_boot(). */
int bsd_mbufs(const char *shape);

#ifdef __cplusplus
}
#endif
#endif
