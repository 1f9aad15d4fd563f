// SPDX-License-Identifier: BSD-3-Clause
/*
 * What an IONetworkInterface keeps behind its _reserved pointer.
 */
#ifndef HOST_NETWORK_INTERFACE_PRIVATE_H
#define HOST_NETWORK_INTERFACE_PRIVATE_H
#include <IOKit/IOLocks.h>
#include <IOKit/network/IONetworkStats.h>
#include <net/kpi_interface.h>

struct InterfaceState {
    int unit, type, mtu, flags, eflags, addrlen, hdrlen;
    IONetworkStats stats;     /* written by the driver */
    IONetworkStats reported;  /* as far as the ifnet has been told */
    unsigned long inputBytes; /* of packets given to the ifnet since the last report */
    IOLock *detachLock;
    bool detaching;
};
#endif
