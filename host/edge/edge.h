// SPDX-License-Identifier: BSD-3-Clause
/*
 * The edge: what a kext's upper side looks like to Linux. COMMAND runs in network and mount namespaces of its own; an
 * attached interface is a tap in there. Builtin types only: main() and bsd/ (KPI side) include it.
 *
 * Threads: each tap has a reader (upcall frame) and all taps share one netlink listener (upcalls changed). Upcalls of
 * one tap never overlap with edge_tap_close(), which returns when none is running.
 */
#ifndef HOST_EDGE_H
#define HOST_EDGE_H
#ifdef __cplusplus
extern "C" {
#endif

/* ---- namespaces and COMMAND (main thread only) ------------------------------------------------------------------ */

/* Makes the namespaces: a small child process holds them. As root a network and a mount namespace, otherwise a user
 * namespace too, in which the caller is root. Call it before any thread exists. On failure: lx_fatal with cause and
 * cure. Nothing that COMMAND writes in /etc reaches the caller's. */
void edge_open(void);
/* Starts COMMAND in the namespaces with the caller's environment plus extra ("NAME=value", NULL-terminated).
 * 0, or lx_fatal when it cannot be executed (127 and 126 as a shell has them are reported as its status). */
void edge_command_start(char *const argv[], char *const extra[]);
/* COMMAND's end: its status, 128 + N for signal N; -1: still running after timeout_ms (-1: no limit). */
int edge_command_wait(int timeout_ms);
void edge_command_signal(int signo);
/* Ends COMMAND and all that it left running, and the namespaces. Also done when the process dies. */
void edge_close(void);

/* Does COMMAND's Linux send on what its interfaces receive (net.ipv4.ip_forward, net.ipv6.conf.all.forwarding)? */
int edge_forwarding(int v6);

/* ---- taps (any thread) --------------------------------------------------------------------------------------------- */

enum edge_offload {          /* what the driver announced for frames it is given */
    EDGE_CSUM_TCP4 = 1 << 0,
    EDGE_CSUM_UDP4 = 1 << 1,
    EDGE_CSUM_TCP6 = 1 << 2,
    EDGE_CSUM_UDP6 = 1 << 3,
    EDGE_TSO4 = 1 << 4,      /* needs EDGE_CSUM_TCP4 */
    EDGE_TSO6 = 1 << 5,      /* needs any EDGE_CSUM */
};

/* What goes with a frame. Offsets in bytes from the frame's first byte (the Ethernet header). */
struct edge_meta {
    unsigned char needs_csum;  /* out: the field at csum_start + csum_offset holds the pseudo-header sum only */
    unsigned char csum_valid;  /* in: the driver vouches for the transport checksum */
    unsigned char gso;         /* 0, 4 or 6: TCP over IPv4 or IPv6 to be segmented */
    unsigned short gso_size;   /* MSS, bytes */
    unsigned short header_len; /* of the headers to repeat, when gso */
    unsigned short csum_start, csum_offset;
};

struct edge_vec {              /* the layout of a struct iovec */
    void *base;
    unsigned long len;
};

enum { EDGE_MAX_FRAME = 65536 + 18, EDGE_MAX_VEC = 64, EDGE_GROUPS = 128, EDGE_ADDRESSES = 64 };

struct edge_upcalls {
    /* Room for the next frame, EDGE_MAX_FRAME bytes in at most EDGE_MAX_VEC pieces, valid until the next frame upcall
     * or buffers upcall. Returns the number of pieces; 0: no memory now (the reader tries again soon). */
    int (*buffers)(void *ctx, struct edge_vec *vec);
    /* The frame has arrived in them: length bytes. What the driver did not announce is complete already. */
    void (*frame)(void *ctx, unsigned length, const struct edge_meta *meta);
    /* Would a frame be dropped for want of room? Then the reader waits. */
    int (*full)(void *ctx);
    /* Linux's view changed: administrative up, MTU, MAC address, promiscuous and all-multicast mode. */
    void (*changed)(void *ctx, int up, int mtu, const unsigned char mac[6], int promisc, int allmulti);
    /* The multicast groups that Linux listens to on the tap, all of them, when they changed; at most EDGE_GROUPS. */
    void (*groups)(void *ctx, const unsigned char (*group)[6], int count);
};

struct edge_tap;
/* Makes the tap `name` in COMMAND's namespace, administratively down, and its reader. When that fails there is no
 * machine to speak of: lx_fatal. */
struct edge_tap *edge_tap_open(const char *name, const unsigned char mac[6], int mtu, unsigned offloads,
                               const struct edge_upcalls *up, void *ctx);
/* The driver's link: carrier of the tap. */
void edge_tap_set_carrier(struct edge_tap *tap, int on);
/* A new MTU or address that came from the driver's side. 0 or -1. */
int edge_tap_set_mtu(struct edge_tap *tap, int mtu);
int edge_tap_set_mac(struct edge_tap *tap, const unsigned char mac[6]);
/* The IPv4 addresses that Linux has on the tap, in network order, the first EDGE_ADDRESSES of them. Their number. */
int edge_tap_addresses(struct edge_tap *tap, unsigned char (*address)[4]);
/* A frame from the driver to Linux: vec holds it from the Ethernet header on. 0, or -1: Linux did not take it (it is
 * down: counted, not an error). */
int edge_tap_write(struct edge_tap *tap, const struct edge_meta *meta, const struct edge_vec *vec, int nvec);
/* A burst: as edge_tap_write() for each frame, in order, but segments of one TCP stream may cross as one frame
 * (gro.c; "ethtool -K en0 gro off" in COMMAND's namespace ends that). Between begin and end the frames' bytes stay as
 * they are. One thread has the burst. */
struct edge_burst {
    struct edge_tap *tap;
    unsigned frames, length, head_len, gso_size, next_sequence, first_id, last_flags; /* of the run that has begun */
    int v6, nvec;
    struct edge_vec vec[EDGE_MAX_VEC];
    unsigned char head[128];
};
void edge_burst_begin(struct edge_burst *burst, struct edge_tap *tap);
void edge_burst_add(struct edge_burst *burst, const struct edge_meta *meta, const struct edge_vec *vec, int nvec);
void edge_burst_end(struct edge_burst *burst);
/* full() has become false: the reader goes on at once. Cheap when it is not waiting. */
void edge_tap_ready(struct edge_tap *tap);
/* Ends the reader and removes the tap. Not from an upcall. */
void edge_tap_close(struct edge_tap *tap);

#ifdef __cplusplus
}
#endif
#endif
