// SPDX-License-Identifier: BSD-3-Clause
/*
 * What an IOEthernetInterface keeps behind its _reserved pointer, and the options of its filter functions.
 */
#ifndef HOST_NETWORK_ETHERNET_PRIVATE_H
#define HOST_NETWORK_ETHERNET_PRIVATE_H
#include <IOKit/IOTypes.h>

struct EthernetState {
    UInt32 deviceMTU;   /* SIOCSIFDEVMTU */
    UInt32 wakeFilters; /* those the driver supports */
};

enum {
    kFilterOptionNoStateChange = 0x04, /* the set of wanted filters stays as it is */
    kFilterOptionSyncPendingIO = 0x10, /* every wanted filter that is not active, not only those named */
};
#endif
