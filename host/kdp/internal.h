// SPDX-License-Identifier: BSD-3-Clause
/*
 * What the files of host/kdp/ share: freeze.c stops the machine, udp.c speaks Ethernet, server.c answers requests.
 */
#ifndef HOST_KDP_INTERNAL_H
#define HOST_KDP_INTERNAL_H
#include "kdp/kdp.h"
#include "linux/cpu.h"
#include "linux/linux.h"
#include <stdint.h>

enum { PACKET_MAX = 1514, ETHER = 14, UDPIP = 28, KDP_PORT = 41139, POLL_MS = 3 };

/* ---- udp.c ---- */
struct frame {
    uint8_t data[PACKET_MAX + 6];
    unsigned length;
};
int udp_ready(void);
void udp_setup(int answer_arp);
/* The debugger comes (1) or goes (0): the driver is told. */
void udp_mode(int active);
/* One request: its payload's place and length in *in, 1; 0: none within POLL_MS. While `open`, its sender becomes the peer. */
int udp_poll(struct frame *in, uint8_t **payload, unsigned *length, int open);
/* A payload to the peer's `port` (network order in the low 16 bits, as it came); the frame stays in *out for a repetition. */
void udp_send(struct frame *out, const uint8_t *payload, unsigned length, uint16_t port);
void udp_repeat(const struct frame *out);

/* ---- server.c ---- */
enum { EXC_BAD_ACCESS = 1, EXC_BAD_INSTRUCTION = 2, EXC_ARITHMETIC = 3, EXC_BREAKPOINT = 6 };
/* kdp_raise_exception: serves until told to go on. `panicked`: never forgets the debugger. */
/* Takes the breakpoints out of a copy of the memory at `at`. */
void server_clean(uint8_t *copy, uint64_t at, uint64_t size);
void server_run(int exception, int code, ucontext_t *state, int panicked);

/* ---- freeze.c ---- */
/* debug=0x1, once: the machine stops as soon as somebody could reach the debugger (debugger_if_necessary). */
void kdp_halt(void);
/* Memory of the frozen machine: how many bytes of it could be moved. */
unsigned freeze_read(uint64_t address, void *to, unsigned length);
unsigned freeze_write(uint64_t address, const void *from, unsigned length);

#endif
