// SPDX-License-Identifier: BSD-3-Clause
/*
 * A system's profile: what `--darwin VERSION` selects. Only builtin types (seen from both sides of the boundary).
 */
#ifndef HOST_PROFILE_H
#define HOST_PROFILE_H
#ifdef __cplusplus
extern "C" {
#endif

/* How the system's IOPCIFamily hands out interrupts (IOPCIBridge.cpp of the tag in parentheses). */
enum host_irq_policy {
    HOST_IRQ_INTX,       /* 10.5 to 10.9: MSI-X compiled out (IOPCIFamily-224.92.1 and before) */
    HOST_IRQ_MSIX_ONE,   /* 10.10, 10.11: one vector a function (239.1.2) */
    HOST_IRQ_MSIX_FLAGS, /* 10.12 on: one, more with the property pci-msi-flags (306.50.1) */
};

struct host_profile {
    const char *name;         /* "10.9" */
    const char *abi;          /* the id of kpi/abi whose symbols and slots it has: "x10.9", of this host's width; 0: none */
    int major, minor;         /* Darwin kernel version: 13, 4 */
    int minor_of_ten;         /* 9 for 10.9; 16 for 11 */
    enum host_irq_policy irq;
};

extern const struct host_profile *host_profile;          /* the one in force; by default 10.9, of a 32-bit host 10.6 */
int host_profile_select(const char *name);               /* 0; -1: no such system; 1: none of this host's width */
const char *host_profile_names(void);                    /* "10.6, 10.7, ..." for messages */

#ifdef __cplusplus
}
#endif
#endif
