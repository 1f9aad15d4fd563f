// SPDX-License-Identifier: BSD-3-Clause
/*
 * The server's side of gdb's remote protocol over one KDP session: packets in, packets out, no sockets. (GDB manual, appendix
 * "GDB Remote Serial Protocol".) The machine has one thread, 1: whoever entered the debugger; KDP shows no other.
 */
#ifndef GDB_GDB_H
#define GDB_GDB_H
#include "kdp.h"

enum { GDB_PACKET_MAX = 0x4000, GDB_BREAKPOINTS = 256 }; /* XNU itself has 100 (MAX_BREAKPOINTS) */
enum gdb_arch { GDB_X86_64, GDB_I386 };

struct gdb {
    struct kdp *kdp;
    enum gdb_arch arch;
    uint8_t state[KDP_STATE64_SIZE]; /* the thread's, while `valid` */
    bool valid, dirty;
    bool no_ack;
    bool swbreak; /* gdb takes the reason */
    bool told;    /* this stop, already */
    uint64_t breakpoints[GDB_BREAKPOINTS]; /* those set, the first `nbreakpoints` */
    unsigned nbreakpoints;
};

/* What is to be done after a command. */
enum gdb_next {
    GDB_REPLY, /* send the reply */
    GDB_RUNS,  /* no reply yet: the machine runs; gdb_stop_reply() once it stops */
    GDB_ENDS,  /* send the reply; detached */
    GDB_KILLED,
};

/* One packet's text (unframed, unescaped, of `length` bytes, followed by a 0); writes the reply's text, unframed, of *out bytes,
 * into reply (GDB_PACKET_MAX). */
enum gdb_next gdb_command(struct gdb *g, char *packet, size_t length, char *reply, size_t *out);
/* Reply for a machine that has stopped; one that ran into a breakpoint shows its address, not that behind it. */
size_t gdb_stop_reply(struct gdb *g, char *reply);
/* Text for the user of gdb, as an `O` packet. */
size_t gdb_console(const char *text, char *reply);

/* Framing: $text#sum. Feeds one byte; > 0: a whole packet of that many bytes lies in text, unescaped; 0: not yet;
 * GDB_BREAK: a ^C; GDB_DAMAGED: a packet with a wrong sum or too long. */
struct gdb_framing {
    enum { GDB_IDLE, GDB_TEXT, GDB_ESCAPED, GDB_SUM1, GDB_SUM2 } at;
    uint8_t sum, told;
    bool overflow;
    size_t length;
    char text[GDB_PACKET_MAX + 1];
};
enum { GDB_NOTHING = -1, GDB_BREAK = -2, GDB_DAMAGED = -3 };
int gdb_feed(struct gdb_framing *f, uint8_t byte);
/* "$text#sum" for `length` bytes of text; frame has room for GDB_FRAME_MAX. */
enum { GDB_FRAME_MAX = 2 * GDB_PACKET_MAX + 4 };
size_t gdb_frame(const char *text, size_t length, char *frame);

/* registers.c: gdb's registers out of KDP's thread state. */
const char *registers_target_xml(enum gdb_arch arch);
/* All registers in hex as gdb's `g` wants them; "x" digits where KDP has no value. Length. */
size_t registers_read_all(enum gdb_arch arch, const uint8_t *state, char *hex);
/* One register; 0: there is none of that number. */
size_t registers_read(enum gdb_arch arch, const uint8_t *state, unsigned number, char *hex);
/* Takes hex digits for register `number`; how many digits it has, 0: none of that number, or too few digits. */
size_t registers_write(enum gdb_arch arch, uint8_t *state, unsigned number, const char *hex);
unsigned registers_count(enum gdb_arch arch);
/* Sets or clears the single-step flag; true when that changed the state. */
bool registers_step(enum gdb_arch arch, uint8_t *state, bool on);
uint64_t registers_pc(enum gdb_arch arch, const uint8_t *state);
void registers_set_pc(enum gdb_arch arch, uint8_t *state, uint64_t pc);

int hex_digit(char c); /* -1: none */
size_t hex_put(char *hex, const uint8_t *bytes, size_t count);

#endif
