// SPDX-License-Identifier: BSD-3-Clause
/*
 * The network device (5.1), without an operating system: one receive and one transmit queue, checksum and
 * segmentation offload outwards, large frames and checksum results inwards. Packets are pieces of physical
 * memory and an opaque cookie; an OS's own buffers are never seen.
 *
 * A received frame longer than a buffer lies in several: with MRG_RXBUF the device takes as many as it needs
 * (5.1.9.3), without it each descriptor chain must hold the longest frame, and so consists of rx_chain buffers.
 *
 *      vio_net_attach()                 learn what the device is: MAC, MTU, features; memory is allocated
 *      vio_net_start()                  the device lives; post receive buffers, then vio_net_rx_arm()
 *        vio_net_tx()... vio_net_tx_flush(), vio_net_tx_reap()
 *        vio_net_rx_burst(), vio_net_rx_post(), vio_net_rx_arm()
 *      vio_net_stop()                   reset: no DMA any more
 *        vio_net_tx_detach()..., vio_net_rx_detach()...     take back what was still posted
 *      vio_net_start() again, or vio_net_detach()
 *
 * Context: the tx functions one caller at a time, the rx functions one caller at a time, both may run at
 * once, in any context. The rest in thread context, while no tx or rx function runs. Functions return 0, a
 * count, or an enum vio_error.
 *
 * A queue that the device broke gives VIO_EBROKEN until vio_net_stop() and vio_net_start(). Frames with a bad
 * header are counted, dropped, and their buffers posted again at once: the caller does not see them.
 */
#ifndef CORE_VIO_NET_H
#define CORE_VIO_NET_H
#include "vio_ctrl.h"
#include "vio_pci.h"

VIO_BEGIN

enum {
    VIO_NET_ETHER_HEADER = 14,
    VIO_NET_VLAN_TAG = 4,
    VIO_NET_MTU_MIN = 68, /* IPv4's own minimum; devices that say less are wrong */
    VIO_NET_MTU_STANDARD = 1500,
    VIO_NET_MTU_JUMBO = 9000, /* what we offer where the device sets no limit */
    VIO_NET_QUEUE_MAX = 1024, /* entries; larger queues only cost cache */
    VIO_NET_TX_SEGS =
        40, /* pieces of a frame, the two of ours included: 64 KB in 2 KB clusters and some more */
    VIO_NET_TX_FIRST = 2,  /* the caller's pieces begin here */
    VIO_NET_TX_SLOT = 256, /* bytes for header and head of each frame */
    VIO_NET_TX_HEAD = VIO_NET_TX_SLOT - (int)sizeof(struct virtio_net_hdr), /* longest head */
    VIO_NET_RX_PIECES = 34, /* most buffers of one frame: 64 KB in 2 KB ones */
    VIO_NET_RX_FRAMES = 32, /* frames of a burst */
    VIO_NET_RX_BURST = 8 * VIO_NET_RX_PIECES, /* buffers of a burst */
    VIO_NET_CTRL_CHANCES = 3, /* lives with a command unanswered, in a row */
    VIO_NET_RX_MEMORY = 8 << 20, /* bytes that chains of buffers may have posted: see rx_chain */
    VIO_NET_RX_LONGEST = 65535 + VIO_NET_ETHER_HEADER + VIO_NET_VLAN_TAG,
};

enum vio_net_fault {
    VIO_NET_RX_SHORT,       /* less than a header written */
    VIO_NET_RX_NUM_BUFFERS, /* num_buffers 0, or more than a frame can need; breaks the queue */
    VIO_NET_RX_MISSING,     /* fewer used buffers than num_buffers; breaks the queue (5.1.9.4.1) */
    VIO_NET_RX_GAP,         /* a buffer but the last is not filled */
    VIO_NET_RX_RUNT,        /* less than an Ethernet header */
    VIO_NET_RX_LONG,        /* longer than any frame */
    VIO_NET_RX_GSO,         /* segmentation type not negotiated or without size */
    VIO_NET_RX_CSUM,        /* checksum place outside the frame */
    VIO_NET_TX_REQUEST,     /* the caller's request was invalid */
    VIO_NET_FAULTS
};

/* Written by the tx or rx side alone, read by anyone: values may be a packet old. */
struct vio_net_tx_counters {
    uint64_t packets, bytes, csum, tso; /* frames handed to the device; of them with offload */
    uint64_t copied; /* frames that fitted their slot whole: no memory of the caller's in use */
    uint64_t full;   /* times the ring had no room */
    uint64_t reaped;
};
struct vio_net_rx_counters {
    uint64_t packets, bytes, merged; /* good frames; of them in several buffers */
    uint64_t large;                  /* put together from several by the device or its peer (GUEST_TSO4, _TSO6) */
    uint64_t csum_valid, csum_partial;
};

/*
 * What to receive (5.1.9.5.1 to 5.1.9.5.3). Groups beyond VIO_NET_GROUPS: set all_groups. Devices do not tell what
 * their tables hold: VirtualBox up to 6.1 32 addresses in all, and of more it takes the command and loses the groups
 * (vnetControlMac: it goes over to all groups, which the command for that mode undoes). `vlans`: with
 * VIRTIO_NET_F_CTRL_VLAN only frames with these tags (and untagged ones) come in.
 */
enum { VIO_NET_GROUPS = 31, VIO_NET_VLANS = 16 };
struct vio_net_filter {
    bool promiscuous;
    bool all_groups;
    bool no_groups; /* not one; a saving that needs CTRL_RX_EXTRA */
    uint16_t groups, vlans;
    uint8_t group[VIO_NET_GROUPS][6];
    uint16_t vlan[VIO_NET_VLANS];
};

/* A receive buffer: `len` bytes of physically contiguous memory. The device owns it from post to burst. */
struct vio_net_rxbuf {
    uint8_t *va;
    uint64_t pa;
    uint32_t len;
    void *cookie;
};

struct vio_net {
    struct vio_pci *pci;
    struct vq rx, tx;
    struct vio_ctrl ctrl;         /* used with VIRTIO_NET_F_CTRL_VQ */
    struct vio_net_filter filter; /* what the caller wants to receive; see vio_net_apply() */
    /* Set by vio_net_attach(), constant thereafter. */
    uint64_t deny;         /* features refused at attach */
    uint64_t features;     /* accepted at attach, and at every start again; fewer once CTRL_VQ is given up */
    uint8_t hdr_len;       /* of struct virtio_net_hdr on this device: 10 or 12 */
    bool one_layout;       /* the header must have a descriptor of its own (5.1.9.8) */
    bool merge;            /* VIRTIO_NET_F_MRG_RXBUF */
    bool mac_valid;        /* mac is the device's; else choose one */
    uint8_t mac[6];        /* of the interface: the caller may set another, then vio_net_apply() */
    uint8_t mac_device[6]; /* of the device after a reset */
    uint16_t mtu;          /* the device's limit; 0: none told */
    uint16_t mtu_max;      /* largest MTU that vio_net_set_mtu() takes */
    uint32_t rx_buf_size;
    /* Constant from start to stop: how many of the caller's buffers the device sees as one. */
    uint16_t rx_chain;
    /* Private. */
    struct hal_dma tx_slots;      /* VIO_NET_TX_SLOT bytes for each descriptor */
    struct vio_net_rxbuf *rx_buf; /* rx_chain by descriptor id */
    uint16_t rx_chain_most;       /* for which there is room */
    uint16_t mtu_wanted;          /* at the next start */
    struct vio_net_tx_counters tx_count;
    struct vio_net_rx_counters rx_count;
    uint32_t fault[VIO_NET_FAULTS];
    void *spilled[VIO_NET_RX_PIECES]; /* cookies of a frame in which the queue broke */
    unsigned spills;
    bool running;
    uint8_t ctrl_silent; /* lives in a row in which a command was not answered */
    bool moderation_refused;
    struct virtio_net_ctrl_coal moderation_rx, moderation_tx; /* the device's, now */
    uint64_t moderation_seen; /* packets, when last asked how busy it is */
};

/*
 * Resets the device, negotiates without the features in `deny`, reads its configuration, allocates the rings.
 * The device is left reset. rx_buf_size: what the caller will post, 1526 or more; frames up to 34 times as long
 * come in. pci: open. On error nothing is kept.
 */
int vio_net_attach(struct vio_net *n, struct vio_pci *pci, uint64_t deny, uint32_t rx_buf_size);
/*
 * Frees all. The device is stopped and all buffers are detached; nothing happens on a zeroed *n. A device that did not stop is reset
 * once more; in vain, and the memory that it may still write to is lost.
 */
void vio_net_detach(struct vio_net *n);
/*
 * Starts a new life of the device with `vectors` MSI-X vectors (0: INTx). TX interrupts are off, RX ones
 * until vio_net_rx_arm(). VIO_EDEVICE: it offers another set of features or queue sizes than at attach. On
 * error it is reset again.
 */
int vio_net_start(struct vio_net *n, uint16_t vectors);
/*
 * Resets the device. 0: its memory is ours again. VIO_ETIMEOUT: it may still write into its buffers, which
 * must then not be used for anything else (leak them). VIO_EGONE: it is gone, its memory is ours.
 */
int vio_net_stop(struct vio_net *n);

/*
 * The MTU to be ready for from the next start on; 1500 after attach. True: the device runs with buffers that are
 * too small for it, stop and start it. A smaller one can wait. mtu: no more than mtu_max.
 */
bool vio_net_set_mtu(struct vio_net *n, uint16_t mtu);

struct vio_net_link {
    bool up;
    bool half_duplex;
    uint32_t mbps; /* 0: unknown */
};
/*
 * Filters in the device, by its control queue: thread context, may sleep, not before vio_net_start(). After
 * each start the device receives all there is; the caller applies again what it wants. A device without
 * control queue goes on receiving all, and this succeeds: the caller filters anyway. What a device refuses is
 * replaced by the next wider filter. VIO_ETIMEOUT, VIO_EBROKEN: the state of its filters is unknown until
 * vio_net_stop() and vio_net_start(), which give the control queue another chance; after VIO_NET_CTRL_CHANCES
 * lives with a time-out in a row there is no control queue any more, nor what needs it.
 */
int vio_net_apply(struct vio_net *n);
/* Large frames in (GUEST_TSO4, GUEST_TSO6) on or off while running (5.1.9.5.9). VIO_EINVAL: not negotiated.
 */
int vio_net_large_receive(struct vio_net *n, bool on);
/*
 * Lets the device wait before an interrupt (5.1.9.5.10) until it has used so many packets or so many microseconds
 * have passed since the first of them; a 0 in either: it does not wait. By queue with VQ_NOTF_COAL, by direction
 * with NOTF_COAL; nothing is sent that the device has already. VIO_EINVAL: neither is negotiated, or the device
 * refuses; it is not asked again before the next start.
 */
int vio_net_moderate(struct vio_net *n, struct virtio_net_ctrl_coal rx, struct virtio_net_ctrl_coal tx);
/*
 * The same by what came in since the last call; call it once a second. From VIO_NET_BUSY packets on the device waits as `busy` says,
 * from VIO_NET_QUIET down it does not, so that a lone packet is never late; between them all stays as it is. Sending asks for
 * interrupts by the event index, a ring's three quarters at a time: only without it does the device's moderation help there.
 */
enum { VIO_NET_BUSY = 20000, VIO_NET_QUIET = 10000 };
int vio_net_moderate_by_load(struct vio_net *n, struct virtio_net_ctrl_coal busy);
/* "PACKETS,MICROSECONDS", both decimal, both of 32 bits. False, and zeros: something else, or a 0 in either. */
bool vio_net_moderation_read(const char *text, struct virtio_net_ctrl_coal *coal);
/* True: a command was not answered in this life of the device; only vio_net_stop() and vio_net_start() help. */
static inline bool vio_net_ctrl_lost(const struct vio_net *n)
{
    return n->running && (n->features & VIO_BIT(VIRTIO_NET_F_CTRL_VQ)) && !n->ctrl.usable;
}
/* Whether the device asks us to announce ourselves (5.1.9.5.4). The request is acknowledged: the caller sends
 * the announcement. */
bool vio_net_announce(struct vio_net *n);

/* The link's state now (5.1.4). Devices without STATUS are always up. */
int vio_net_link(struct vio_net *n, struct vio_net_link *link);

/*
 * The functions of a burst are compiled once for each ring format (vio_net_tx.c, vio_net_rx.c), and the
 * choice is made here, at their top: none is made per descriptor.
 */
#define VIO_NET_BURST(type, name, parameters, arguments)                                                     \
    type name##_split parameters;                                                                            \
    type name##_packed parameters;                                                                           \
    static inline type name parameters                                                                       \
    {                                                                                                        \
        return n->tx.packed ? name##_packed arguments : name##_split arguments;                              \
    }

/*
 * A frame to send. Its first head_len bytes (VIO_NET_TX_HEAD at most) have been copied to where
 * vio_net_tx_head() said: protocol headers, or a whole small frame. Then come pieces seg[VIO_NET_TX_FIRST] to
 * seg[VIO_NET_TX_FIRST + segs - 1], which stay the device's until the cookie is reaped; at most
 * VIO_NET_TX_SEGS - VIO_NET_TX_FIRST. seg[0] and seg[1] are written by vio_net_tx().
 */
struct vio_net_tx {
    uint32_t len; /* bytes of the frame: head and pieces */
    uint16_t head_len;
    uint16_t segs;
    bool csum;   /* complete the checksum at csum_start + csum_offset, which holds the pseudo header's sum */
    uint8_t gso; /* VIRTIO_NET_HDR_GSO_NONE, _TCPV4...: needs csum; the pseudo header's sum counts the whole
                    payload */
    uint16_t csum_start;  /* from the frame's first byte */
    uint16_t csum_offset; /* from csum_start */
    uint16_t hdr_len;     /* bytes before the payload, with gso */
    uint16_t mss;         /* payload bytes a segment, with gso */
    void *cookie;         /* may be NULL, as for a frame that is all head */
    struct vq_seg seg[VIO_NET_TX_SEGS];
};
/*
 * Where to copy the head of the next frame: VIO_NET_TX_HEAD bytes that the caller may write until
 * vio_net_tx(). VIO_EFULL: reap and ask again, or vio_net_tx_wait(). VIO_EBROKEN.
 */
VIO_NET_BURST(int, vio_net_tx_head, (struct vio_net * n, uint8_t **head), (n, head))
/*
 * Queues one frame; the device sees it after vio_net_tx_flush(). VIO_EFULL: reap and retry, or
 * vio_net_tx_wait(). VIO_EINVAL: offload not negotiated, or places outside the frame; VIO_EBROKEN. On error
 * the pieces stay the caller's.
 */
VIO_NET_BURST(int, vio_net_tx, (struct vio_net * n, struct vio_net_tx *tx), (n, tx))
/* Shows the device all queued frames, and rings if it wants that. Once a burst. */
VIO_NET_BURST(void, vio_net_tx_flush, (struct vio_net * n), (n))
/* Takes back up to `max` sent frames; fills in their non-NULL cookies. Count of cookies, or VIO_EBROKEN. */
VIO_NET_BURST(int, vio_net_tx_reap, (struct vio_net * n, void **cookies, unsigned max), (n, cookies, max))
/* Asks for an interrupt when the ring has room again. True: it has, and no interrupt may come. */
VIO_NET_BURST(bool, vio_net_tx_wait, (struct vio_net * n), (n))
/* No more TX interrupts. */
VIO_NET_BURST(void, vio_net_tx_unwait, (struct vio_net * n), (n))
/* Whether there is room for `frames` more, whatever their pieces. */
bool vio_net_tx_room(const struct vio_net *n, unsigned frames);
/* Frames sent and not yet reaped. */
unsigned vio_net_tx_pending(const struct vio_net *n);
/*
 * Shows the device all queued frames, and rings even if it did not ask for it. For a link that comes up again: VirtualBox leaves frames in
 * the ring while the cable is out, and looks at it again only when told. QEMU empties the ring when the cable
 * goes and asks for no further doorbell (virtio_net_drop_tx_queue_data): so also when nothing is in flight.
 */
void vio_net_tx_nudge(struct vio_net *n);
void vio_net_rx_nudge(struct vio_net *n); /* the same for its buffers: one that waits for some goes on */
/* After vio_net_stop(): the cookies (NULL ones too) of frames that were never reaped, until false. */
bool vio_net_tx_detach(struct vio_net *n, void **cookie);

/*
 * For a device that does not go on sending: resets the transmit queue alone. Then take back what it held, by
 * vio_net_tx_detach(), and vio_net_tx_resume(). Thread context, while no tx function runs. VIO_EFEATURE: not
 * negotiated; after this or any other error only vio_net_stop() helps.
 */
int vio_net_tx_quiesce(struct vio_net *n);
int vio_net_tx_resume(struct vio_net *n);

/* How many buffers are still to be posted: a multiple of rx_chain. */
unsigned vio_net_rx_room(const struct vio_net *n);
/* Posts up to `count` buffers of rx_buf_size and shows them to the device. How many were taken, from the
 * first on, a multiple of rx_chain; or VIO_EBROKEN. */
VIO_NET_BURST(int, vio_net_rx_post, (struct vio_net * n, const struct vio_net_rxbuf *buf, unsigned count),
              (n, buf, count))

struct vio_net_piece {
    struct vio_net_rxbuf buf; /* the caller's again, as it was posted */
    uint32_t offset;          /* of the frame's bytes in it */
    uint32_t len;
};
struct vio_net_frame {
    uint32_t len; /* bytes in all pieces */
    uint16_t first, pieces;
    uint16_t used;     /* of the pieces, those with bytes of the frame; the rest of the chain follows them */
    bool csum_valid;   /* the device has verified the transport checksum */
    bool csum_partial; /* trustworthy, but the field holds the pseudo header's sum only */
    uint8_t gso;       /* VIRTIO_NET_HDR_GSO_... of a large frame */
    uint16_t csum_start, csum_offset, gso_size;
};
struct vio_net_rx {
    unsigned frames, pieces;
    unsigned dropped; /* frames that a fault cost */
    struct vio_net_frame frame[VIO_NET_RX_FRAMES];
    struct vio_net_piece piece[VIO_NET_RX_BURST];
};
/* Takes received frames, as many as are there or fit. How many frames, or VIO_EBROKEN (frames found before it
 * are delivered first). */
VIO_NET_BURST(int, vio_net_rx_burst, (struct vio_net * n, struct vio_net_rx *out), (n, out))
/* Asks for an interrupt at the next frame. True: one is there already, call vio_net_rx_burst(). Bound the
 * rounds. */
VIO_NET_BURST(bool, vio_net_rx_arm, (struct vio_net * n), (n))
/* No RX interrupts, while the caller polls. */
VIO_NET_BURST(void, vio_net_rx_disarm, (struct vio_net * n), (n))
/* After vio_net_stop(): the cookies of buffers still posted, until false. */
bool vio_net_rx_detach(struct vio_net *n, void **cookie);

/* Completes a frame with csum_partial in place (5.1.9.4), as its sender would have: for receivers that do not
 * know of partial checksums. `piece`: the frame's first. */
void vio_net_complete(const struct vio_net_frame *f, const struct vio_net_piece *piece);

/* A fault's name for properties and logs, such as "rx-num-buffers". */
const char *vio_net_fault_name(enum vio_net_fault fault);
/* The device's feature table, for display. */
extern const struct vio_feature_table vio_net_features;

VIO_END
#endif
