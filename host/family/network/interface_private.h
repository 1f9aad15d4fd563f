// SPDX-License-Identifier: BSD-3-Clause
/*
 * What an IONetworkInterface keeps behind its _reserved pointer.
 */
#ifndef HOST_NETWORK_INTERFACE_PRIVATE_H
#define HOST_NETWORK_INTERFACE_PRIVATE_H
#include <IOKit/IOLocks.h>
#include <IOKit/network/IONetworkStats.h>
#include <net/kpi_interface.h>

/* The output pull model (pull.cpp). lock: from the attachment to the interface's end. */
struct PullState {
    bool configured;
    IOLock *lock;
    thread_t thread; /* calls outputStart() */
    mbuf_t head, tail;
    UInt32 count, capacity, state, halting;
    bool wanted, inside; /* the driver takes packets; it is being called */
};

/* Input polling (poll.cpp). lock: from the attachment to the interface's end. Counts are of the current sample. */
struct PollState {
    bool configured, on, wanted, quit; /* on: as the driver was told; wanted: as the stack decided */
    IOOptionBits options;
    IOLock *lock;
    thread_t thread;
    UInt32 packets, bytes, wakeups, packetsAverage, bytesAverage, wakeupsAverage;
    UInt64 sampled, changed; /* when, in nanoseconds */
};

struct InterfaceState {
    int unit, type, mtu, flags, eflags, addrlen, hdrlen;
    IONetworkStats stats;     /* written by the driver */
    IONetworkStats reported;  /* as far as the ifnet has been told */
    unsigned long inputBytes; /* of packets given to the ifnet since the last report */
    IOLock *detachLock;
    bool detaching;
    PullState pull;
    PollState poll;
};

class IONetworkInterface;
bool pullAttach(IONetworkInterface *netif); /* before the ifnet: its thread; false: no memory */
void pullDetach(IONetworkInterface *netif);
void pullFree(PullState *pull);
errno_t pullEnqueue(PullState *pull, mbuf_t packet);
bool pullFull(PullState *pull);

bool pollAttach(IONetworkInterface *netif);
void pollDetach(IONetworkInterface *netif);
void pollFree(PollState *poll);
void pollSample(PollState *poll, UInt32 packets, UInt32 bytes); /* of each list that goes to the ifnet */

/* Takes the frame's header off and shows it to a packet filter: what the ifnet is to get. */
void prepareInput(IONetworkInterface *netif, mbuf_t packet);
void deliverInput(ifnet_t ifnet, InterfaceState *state, mbuf_t list);

/* Tells the ifnet of packets that the driver takes, and of what it has counted since the last time. */
void reportOutput(ifnet_t ifnet, InterfaceState *state, UInt32 bytes);
#endif
