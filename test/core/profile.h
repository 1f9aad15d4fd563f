// SPDX-License-Identifier: BSD-3-Clause
/*
 * Real hypervisors' network devices as data for the fake device: what they offer, how they are laid out, and
 * where they differ from what one would think. profile.c has the rows and the device's half of the traffic;
 * docs/virtualbox.md tells where the facts come from.
 */
#ifndef TEST_CORE_PROFILE_H
#define TEST_CORE_PROFILE_H
#include "fake.h"

struct profile_cap {
    uint8_t at, next, type;
    uint32_t offset, length;
};

struct profile {
    const char *name;
    const char *kind; /* as in fake_init() */
    uint64_t features;
    uint16_t size[FAKE_QUEUES];
    uint32_t io_size; /* BAR 0, as rounded up by the hypervisor */
    uint16_t vectors; /* 0: no MSI-X capability at all */
    struct fake_layout at;
    struct profile_cap cap[5]; /* modern; none: the fake's own */
    struct fake_ways ways;
    /* The network's half */
    bool header_alone;   /* the header is a piece of its own, out and (not mergeable) in, or the frame is not
                            sent */
    bool strict_offload; /* a request that is not to its liking stops transmission for good */
    bool cable_stops_tx; /* frames stay in the ring while the cable is out; no look at it when it is back */
    bool first_life_counts; /* later negotiations do not make it modern again */
    /* Its control queue */
    uint16_t table;         /* addresses in its filter */
    bool table_each;        /* so many of either kind */
    bool table_refuses;     /* more of them: refused, not replaced by a mode */
    bool overflow_apart;    /* such a mode is another than the one that a command sets, which would end it */
    bool vlans_always;      /* only VLANs that were named come in, even if CTRL_VLAN is not negotiated */
    bool control_in_pieces; /* each part of a command is a piece of its own, or it is refused */
};

extern const struct profile profiles[];
extern const unsigned profile_count;

void profile_init(struct hal_dev *f, const struct profile *p);
/* Bytes of the packet header that the device itself expects now. */
unsigned profile_header(const struct hal_dev *f, const struct profile *p);
/* The cable, and INTx for it. */
void profile_cable(struct hal_dev *f, bool in);
/*
 * Takes one frame out of the TX ring into *h and bytes (its length), or 0: none, or the cable is out. A frame
 * that the real device would not take makes *error point to why.
 */
uint32_t profile_transmit(struct hal_dev *f, const struct profile *p, struct virtio_net_hdr *h,
                          uint8_t *bytes, uint32_t max, const char **error);
/* Delivers a frame. False: no room, or buffers that the real device would not take. */
bool profile_receive(struct hal_dev *f, const struct profile *p, const uint8_t *bytes, uint32_t len);
/* Whether its filter lets a frame to this address pass, with a VLAN's tag or (0) without. */
bool profile_hears(struct hal_dev *f, const uint8_t *address, uint16_t vlan);
#endif
