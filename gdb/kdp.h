// SPDX-License-Identifier: BSD-3-Clause
/*
 * The client's side of KDP, the kernel debugging protocol of Mac OS X: one session with one machine over a datagram link that
 * the caller provides. Requests carry a sequence number and are sent again until their reply comes; the machine answers a
 * repeated request with its saved reply. Names, numbers and layouts: XNU osfmk/kdp/kdp_protocol.h; behaviour: kdp.c, kdp_udp.c,
 * ml/x86_64/kdp_machdep.c. All integers are little-endian but the two port numbers of CONNECT and REATTACH, which XNU copies into
 * the UDP header as they are.
 *
 * A machine listens only while it is stopped in its debugger.
 */
#ifndef GDB_KDP_H
#define GDB_KDP_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { KDP_PORT = 41139, KDP_PACKET_MAX = 1200, KDP_DATA_MAX = 1024, KDP_HEADER = 8 };

enum kdp_request {
    KDP_CONNECT = 0,
    KDP_DISCONNECT = 1,
    KDP_HOSTINFO = 2,
    KDP_VERSION = 3,
    KDP_MAXBYTES = 4,
    KDP_READMEM = 5,
    KDP_WRITEMEM = 6,
    KDP_READREGS = 7,
    KDP_WRITEREGS = 8,
    KDP_SUSPEND = 0xb,
    KDP_RESUMECPUS = 0xc,
    KDP_EXCEPTION = 0xd,
    KDP_TERMINATION = 0xe,
    KDP_BREAKPOINT_SET = 0xf,
    KDP_BREAKPOINT_REMOVE = 0x10,
    KDP_REATTACH = 0x12,
    KDP_HOSTREBOOT = 0x13,
    KDP_READMEM64 = 0x14,
    KDP_WRITEMEM64 = 0x15,
    KDP_BREAKPOINT64_SET = 0x16,
    KDP_BREAKPOINT64_REMOVE = 0x17,
    KDP_KERNELVERSION = 0x18,
};
enum { KDP_REPLY = 0x80 }; /* in the request's byte */

enum kdp_error { /* of the machine, in replies */
    KDPERR_NO_ERROR = 0,
    KDPERR_ALREADY_CONNECTED = 1,
    KDPERR_BAD_NBYTES = 2,
    KDPERR_BADFLAVOR = 3,
    KDPERR_MAX_BREAKPOINTS = 100,
    KDPERR_BREAKPOINT_NOT_FOUND = 101,
    KDPERR_BREAKPOINT_ALREADY_SET = 102,
};
/* Ours, returned by the functions below beside 0 and the machine's own, which come as positive numbers. */
enum kdp_failure { KDP_ELINK = -1, KDP_ETIMEOUT = -2, KDP_EREPLY = -3, KDP_ERUNNING = -4 };

enum { KDP_FEATURE_BP = 1 };                                          /* in kdp.features: breakpoint requests work */
enum { KDP_EXC_BREAKPOINT = 6 };                                      /* mach/exception_types.h */
enum { KDP_CPU_I386 = 7, KDP_CPU_X86_64 = 0x01000007 };               /* mach/machine.h */
enum { KDP_STATE32 = 1, KDP_STATE64 = 4 };                            /* flavours, mach/i386/thread_status.h */
enum { KDP_STATE32_SIZE = 16 * 4, KDP_STATE64_SIZE = 21 * 8 };        /* x86_thread_state32_t, x86_thread_state64_t */

struct kdp_link {
    /* 0, or -1: the link is unusable. */
    int (*send)(void *ctx, const uint8_t *packet, size_t length);
    /* Waits for one datagram: its length, cut to size; 0: none came in time; -1: the link is unusable, or the wait was
     * interrupted. */
    int (*receive)(void *ctx, uint8_t *packet, size_t size, int timeout_ms);
    void *ctx;
    uint16_t port; /* of ours, where replies and exceptions shall go */
};

struct kdp {
    struct kdp_link link;
    uint32_t key;
    uint8_t seq;           /* of the next request */
    uint8_t exception_seq; /* of the next exception */
    bool connected;
    bool running;
    int tries;    /* how often a request is sent; 0: Apple's 8 */
    int first_ms; /* first wait for a reply; 0: 250 */
    uint32_t version, features, cpus, cpu_type, cpu_subtype, max_bytes;
    char kernel[256]; /* its version, printable; "" when it does not tell */
    uint32_t exception, code, subcode; /* why it stopped last */
};

/* A session with the machine; with one that a lost client had, if need be. `key` marks the session. */
int kdp_connect(struct kdp *k, uint32_t key);
/* Ends it: the machine forgets its breakpoints and runs on, or waits for another client after a panic. */
int kdp_disconnect(struct kdp *k);
int kdp_reboot(struct kdp *k);

/* Bytes read, or a failure. Fewer than asked for: the rest is not there. */
int kdp_read(struct kdp *k, uint64_t address, uint8_t *data, size_t length);
int kdp_write(struct kdp *k, uint64_t address, const uint8_t *data, size_t length);
/* The thread state of that flavour, KDP_STATE.._SIZE bytes, of the thread that entered the debugger. */
int kdp_read_state(struct kdp *k, uint32_t flavour, uint8_t *state, size_t size);
int kdp_write_state(struct kdp *k, uint32_t flavour, const uint8_t *state, size_t size);
int kdp_breakpoint(struct kdp *k, uint64_t address, bool set);
int kdp_resume(struct kdp *k);
/* Waits for the running machine to stop: 1 it did, 0 not yet, or KDP_ELINK. Acknowledges exceptions. */
int kdp_wait(struct kdp *k, int timeout_ms);

const char *kdp_strerror(int failure);

#endif
