// SPDX-License-Identifier: BSD-3-Clause
/*
 * The network family as main() and bsd/ see it. Only builtin types.
 */
#ifndef HOST_NETWORK_BOOT_H
#define HOST_NETWORK_BOOT_H
#ifdef __cplusplus
extern "C" {
#endif

/* Starts the service that gives every published IONetworkInterface a BSD name and attaches it to the data link layer.
 * Once, after iokit_boot(). 0, or -1 when there is no memory. */
int network_boot(void);
/* Undoes it, when no interface is left. */
void network_shutdown(void);

/* Is the output queue of the interface that has this softc (ifnet_softc) too full to take a burst? Then the edge lets
 * the sender wait rather than have packets dropped. Any context. */
int network_output_full(void *softc);

#ifdef __cplusplus
}
#endif
#endif
