// SPDX-License-Identifier: BSD-3-Clause
/*
 * The machine's side of KDP, protocol version 12 (XNU osfmk/kdp/kdp_protocol.h; behaviour of kdp.c, kdp_udp.c and
 * ml/x86_64/kdp_machdep.c; a 32-bit host is an i386 kernel, ml/i386): one session, requests in sequence, the last reply kept for a repeated request. A request that is
 * too short, unknown or out of sequence is not answered.
 */
#include "internal.h"
#include "mach/boot.h"
#include <string.h>

enum { HEADER = 8, REPLY = 0x80, DATA_MAX = 1024, MAX_BREAKPOINTS = 100, VERSION_12 = 12, FEATURE_BP = 1 };
#ifdef __x86_64__
enum { STATE = 4, FLOAT_STATE = 5, STATE_SIZE = 21 * 8, CPU_TYPE = 0x01000007 }; /* x86_THREAD_STATE */
#else
enum { STATE = 1, FLOAT_STATE = 2, STATE_SIZE = 16 * 4, CPU_TYPE = 7 }; /* x86_THREAD_STATE32 */
#endif
enum { FLOAT_SIZE = 131 * 4 };
enum { ALREADY_CONNECTED = 1, BAD_NBYTES = 2, BAD_FLAVOR = 3, NO_ROOM = 100, NOT_FOUND = 101, ALREADY_SET = 102, ACCESS = 14 };
enum { ACK_TRIES = 100, ACK_POLLS = 80 }; /* kdp_send_exception: 0.25 s between two */

static struct {
    int connected, halted, again; /* again: waits for a new debugger instead of going on */
    uint16_t reply_port, exception_port;
    uint32_t key;
    uint8_t connect_seq, seq, exception_seq;
    ucontext_t *state;
} kdp;

static struct {
    uint64_t address;
    uint8_t old, used;
} breakpoints[MAX_BREAKPOINTS];

static struct frame saved; /* the last reply */

static uint32_t get32(const uint8_t *p)
{
    uint32_t v;
    memcpy(&v, p, 4);
    return v;
}
static uint64_t get64(const uint8_t *p)
{
    uint64_t v;
    memcpy(&v, p, 8);
    return v;
}
static void put32(uint8_t *p, uint32_t v) { memcpy(p, &v, 4); }

/* ---- registers ---- */

/* In the order of mach/i386/_structs.h. What stands in half a register, or cannot be changed here, is said apart. */
enum { W = CPU_WIDTH };
#ifdef __x86_64__
static const int general[] = {CPU_A,  CPU_B,  CPU_C,   CPU_D,   CPU_DI,  CPU_SI,  CPU_BP,  CPU_SP, REG_R8,
                              REG_R9, REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15, CPU_IP, CPU_FLAGS};
enum { CS_AT = 18 };
#else
static const int general[] = {CPU_A,  CPU_B,  CPU_C,     CPU_D,  CPU_DI, CPU_SI, CPU_BP, CPU_SP,
                              REG_SS, CPU_FLAGS, CPU_IP, REG_CS, REG_DS, REG_ES, REG_FS, REG_GS};
#endif
enum { GENERAL = sizeof general / sizeof general[0] };

static int is_segment(int which)
{
#ifdef __x86_64__
    return 0;
#else
    return which == REG_SS || which == REG_CS || which == REG_DS || which == REG_ES || which == REG_FS || which == REG_GS;
#endif
}

static void read_state(uint8_t *out)
{
    const greg_t *g = kdp.state->uc_mcontext.gregs;
    memset(out, 0, STATE_SIZE);
    for (int i = 0; i < GENERAL; i++)
        memcpy(out + W * i, &g[general[i]], W);
#ifdef __x86_64__
    uint64_t cs = (uint64_t)g[REG_CSGSFS] & 0xffff;
    memcpy(out + W * CS_AT, &cs, W);
#endif
}

/* Of the flags, what arithmetic and single steps use: the rest is not the debugger's here. */
static void write_state(const uint8_t *in)
{
    enum { FLAGS = 0xdd5 };
    greg_t *g = kdp.state->uc_mcontext.gregs;
    for (int i = 0; i < GENERAL; i++) {
        greg_t v;
        memcpy(&v, in + W * i, W);
        if (general[i] == CPU_FLAGS)
            g[CPU_FLAGS] = (g[CPU_FLAGS] & ~FLAGS) | (v & FLAGS);
        else if (!is_segment(general[i]))
            g[general[i]] = v;
    }
}

/* ---- breakpoints ---- */

static int find_breakpoint(uint64_t address)
{
    for (int i = 0; i < MAX_BREAKPOINTS; i++)
        if (breakpoints[i].used && breakpoints[i].address == address)
            return i;
    return -1;
}

static uint32_t set_breakpoint(uint64_t address)
{
    static const uint8_t int3 = 0xcc;
    int i = 0;
    if (find_breakpoint(address) >= 0)
        return ALREADY_SET;
    while (i < MAX_BREAKPOINTS && breakpoints[i].used)
        i++;
    if (i == MAX_BREAKPOINTS)
        return NO_ROOM;
    breakpoints[i].address = address;
    if (freeze_read(address, &breakpoints[i].old, 1) != 1 || freeze_write(address, &int3, 1) != 1)
        return ACCESS;
    breakpoints[i].used = 1;
    return 0;
}

static uint32_t remove_breakpoint(uint64_t address)
{
    int i = find_breakpoint(address);
    if (i < 0)
        return NOT_FOUND;
    breakpoints[i].used = 0;
    return freeze_write(address, &breakpoints[i].old, 1) == 1 ? 0 : ACCESS;
}

void server_clean(uint8_t *copy, uint64_t at, uint64_t size)
{
    for (int i = 0; i < MAX_BREAKPOINTS; i++)
        if (breakpoints[i].used && breakpoints[i].address - at < size)
            copy[breakpoints[i].address - at] = breakpoints[i].old;
}

static void remove_all_breakpoints(void)
{
    for (int i = 0; i < MAX_BREAKPOINTS; i++)
        if (breakpoints[i].used)
            remove_breakpoint(breakpoints[i].address);
}

/* ---- requests: each gets the packet and its length, turns it into the reply and returns that one's length; 0: no reply ---- */

static unsigned with_error(uint8_t *p, uint32_t error)
{
    put32(p + HEADER, error);
    return HEADER + 4;
}

static unsigned do_connect(uint8_t *p, unsigned length)
{
    uint16_t ports[2];
    if (length < HEADER + 4)
        return 0;
    memcpy(ports, p + HEADER, 4);
    if (kdp.connected) {
        int same = p[1] == kdp.connect_seq && ports[0] == kdp.reply_port && ports[1] == kdp.exception_port &&
                   get32(p + 4) == kdp.key;
        kdp.reply_port = ports[0]; /* an error, too, goes to who asked */
        return with_error(p, same ? 0 : ALREADY_CONNECTED);
    }
    kdp.reply_port = ports[0];
    kdp.exception_port = ports[1];
    kdp.connected = 1;
    kdp.connect_seq = p[1];
    kdp.key = get32(p + 4);
    kdp.exception_seq = 0;
    return with_error(p, 0);
}

static unsigned do_disconnect(uint8_t *p, unsigned length)
{
    if (!kdp.connected)
        return 0;
    kdp.connected = kdp.halted = 0;
    kdp.exception_seq = kdp.connect_seq = 0;
    return HEADER;
}

static unsigned do_reattach(uint8_t *p, unsigned length)
{
    if (length < HEADER + 2)
        return 0;
    memcpy(&kdp.reply_port, p + HEADER, 2);
    kdp.connected = 1;
    kdp.again = 1;
    return do_disconnect(p, length);
}

static unsigned do_hostinfo(uint8_t *p, unsigned length)
{
    put32(p + HEADER, 1);
    put32(p + HEADER + 4, CPU_TYPE);
    put32(p + HEADER + 8, 3);
    return HEADER + 12;
}

static unsigned do_version(uint8_t *p, unsigned length)
{
    memset(p + HEADER, 0, 16);
    put32(p + HEADER, VERSION_12);
    put32(p + HEADER + 4, FEATURE_BP);
    return HEADER + 16;
}

static unsigned do_maxbytes(uint8_t *p, unsigned length)
{
    put32(p + HEADER, DATA_MAX);
    return HEADER + 4;
}

static unsigned do_kernelversion(uint8_t *p, unsigned length)
{
    const char *text = mach_version_text();
    unsigned n = (unsigned)strlen(text) + 1;
    memcpy(p + HEADER, text, n);
    return HEADER + n;
}

static unsigned read_memory(uint8_t *p, uint64_t address, uint32_t count)
{
    if (count > DATA_MAX)
        return with_error(p, BAD_NBYTES);
    unsigned got = freeze_read(address, p + HEADER + 4, count);
    return with_error(p, got || !count ? 0 : ACCESS) + got;
}

static unsigned do_readmem(uint8_t *p, unsigned length)
{
    return length < HEADER + 8 ? 0 : read_memory(p, get32(p + HEADER), get32(p + HEADER + 4));
}
static unsigned do_readmem64(uint8_t *p, unsigned length)
{
    return length < HEADER + 12 ? 0 : read_memory(p, get64(p + HEADER), get32(p + HEADER + 8));
}

static unsigned write_memory(uint8_t *p, unsigned length, uint64_t address, uint32_t count, unsigned at)
{
    if (count > DATA_MAX || count > length - at)
        return with_error(p, BAD_NBYTES);
    return with_error(p, freeze_write(address, p + at, count) == count ? 0 : ACCESS);
}

static unsigned do_writemem(uint8_t *p, unsigned length)
{
    return length < HEADER + 8 ? 0 : write_memory(p, length, get32(p + HEADER), get32(p + HEADER + 4), HEADER + 8);
}
static unsigned do_writemem64(uint8_t *p, unsigned length)
{
    return length < HEADER + 12 ? 0 : write_memory(p, length, get64(p + HEADER), get32(p + HEADER + 8), HEADER + 12);
}

static unsigned do_readregs(uint8_t *p, unsigned length)
{
    if (length < HEADER + 8)
        return 0;
    switch (get32(p + HEADER + 4)) {
    case STATE:
        read_state(p + HEADER + 4);
        return with_error(p, 0) + STATE_SIZE;
    case FLOAT_STATE: /* nothing, of its size: XNU's, too, is empty */
        memset(p + HEADER + 4, 0, FLOAT_SIZE);
        return with_error(p, 0) + FLOAT_SIZE;
    }
    return with_error(p, BAD_FLAVOR);
}

static unsigned do_writeregs(uint8_t *p, unsigned length)
{
    if (length < HEADER + 8)
        return 0;
    uint32_t flavour = get32(p + HEADER + 4);
    if (flavour == STATE && length >= HEADER + 8 + STATE_SIZE)
        write_state(p + HEADER + 8);
    return with_error(p, flavour == STATE || flavour == FLOAT_STATE ? 0 : BAD_FLAVOR);
}

static unsigned do_suspend(uint8_t *p, unsigned length) { return HEADER; }

static unsigned do_resume(uint8_t *p, unsigned length)
{
    if (length < HEADER + 4)
        return 0;
    kdp.halted = 0;
    return HEADER;
}

static unsigned do_breakpoint_set(uint8_t *p, unsigned length)
{
    return length < HEADER + 4 ? 0 : with_error(p, set_breakpoint(get32(p + HEADER)));
}
static unsigned do_breakpoint_remove(uint8_t *p, unsigned length)
{
    return length < HEADER + 4 ? 0 : with_error(p, remove_breakpoint(get32(p + HEADER)));
}
static unsigned do_breakpoint64_set(uint8_t *p, unsigned length)
{
    return length < HEADER + 8 ? 0 : with_error(p, set_breakpoint(get64(p + HEADER)));
}
static unsigned do_breakpoint64_remove(uint8_t *p, unsigned length)
{
    return length < HEADER + 8 ? 0 : with_error(p, remove_breakpoint(get64(p + HEADER)));
}

static unsigned do_reboot(uint8_t *p, unsigned length)
{
    lx_fatal("the debugger restarted the machine");
}

static unsigned (*const requests[])(uint8_t *p, unsigned length) = {
    [0x00] = do_connect,        [0x01] = do_disconnect,        [0x02] = do_hostinfo,        [0x03] = do_version,
    [0x04] = do_maxbytes,       [0x05] = do_readmem,           [0x06] = do_writemem,        [0x07] = do_readregs,
    [0x08] = do_writeregs,      [0x0b] = do_suspend,           [0x0c] = do_resume,          [0x0f] = do_breakpoint_set,
    [0x10] = do_breakpoint_remove, [0x12] = do_reattach,       [0x13] = do_reboot,          [0x14] = do_readmem64,
    [0x15] = do_writemem64,     [0x16] = do_breakpoint64_set,  [0x17] = do_breakpoint64_remove, [0x18] = do_kernelversion,
};
enum { CONNECT = 0, REATTACH = 0x12, REBOOT = 0x13, EXCEPTION = 0x0d };

/* kdp_packet and kdp_reply. `room` for the largest reply lies behind p (a struct frame). */
static void take_request(const uint8_t *request, unsigned length)
{
    uint8_t p[HEADER + DATA_MAX + 600];
    uint8_t kind = request[0];
    if (length > sizeof p || kind >= sizeof requests / sizeof requests[0] || !requests[kind])
        return;
    memcpy(p, request, length);
    unsigned out = requests[kind](p, length);
    if (!out)
        return;
    p[0] = kind | REPLY;
    p[2] = (uint8_t)out;
    p[3] = (uint8_t)(out >> 8);
    if (kind == CONNECT && get32(p + HEADER) == ALREADY_CONNECTED) {
        struct frame aside;
        udp_send(&aside, p, out, kdp.reply_port);
        return;
    }
    if (kind == CONNECT)
        kdp.seq = request[1];
    udp_send(&saved, p, out, kdp.reply_port);
    kdp.seq++;
}

int kdp_connected(void) { return kdp.connected; }

/* One packet that is a whole KDP packet, within POLL_MS. */
static int poll_packet(struct frame *in, uint8_t **p, unsigned *length)
{
    return udp_poll(in, p, length, !kdp.connected) && *length >= HEADER && ((*p)[2] | (*p)[3] << 8) == (int)*length;
}

static void wait_connection(void)
{
    struct frame in;
    uint8_t *p;
    unsigned length;
    kdp.seq = 0;
    lx_say("waiting for a remote debugger (KDP, UDP port %d)", KDP_PORT);
    while (!kdp.connected) {
        if (!poll_packet(&in, &p, &length))
            continue;
        if (p[0] == REBOOT)
            do_reboot(p, length);
        if ((p[0] == CONNECT || p[0] == REATTACH) && p[1] == kdp.seq) {
            int again = p[0] == REATTACH;
            take_request(p, length);
            kdp.seq = again ? 0 : kdp.seq;
            kdp.again = again ? 0 : kdp.again;
        }
    }
    lx_say("a remote debugger has connected");
}

static void serve(void)
{
    struct frame in;
    uint8_t *p;
    unsigned length;
    kdp.halted = 1;
    while (kdp.halted) {
        if (!poll_packet(&in, &p, &length) || p[0] & REPLY)
            continue;
        if (p[0] == REATTACH)
            kdp.seq = p[1];
        if (p[1] == (uint8_t)(kdp.seq - 1) && p[0] != CONNECT)
            udp_repeat(&saved);
        else if (p[1] == kdp.seq || p[0] == CONNECT)
            take_request(p, length);
    }
}

/* Tells the connected debugger why; 1 when it knows. */
static int tell(int exception, int code)
{
    uint8_t packet[HEADER + 20] = {EXCEPTION, kdp.exception_seq, sizeof packet}, *p;
    struct frame in, out;
    unsigned length;
    put32(packet + HEADER, 1);
    put32(packet + HEADER + 8, (uint32_t)exception);
    put32(packet + HEADER + 12, (uint32_t)code);
    for (int i = 0; i < ACK_TRIES; i++) {
        udp_send(&out, packet, sizeof packet, kdp.exception_port);
        for (int n = 0; n < ACK_POLLS; n++)
            if (poll_packet(&in, &p, &length) && p[0] == (EXCEPTION | REPLY) && p[1] == kdp.exception_seq) {
                kdp.exception_seq++;
                return 1;
            }
    }
    return 0;
}

void server_run(int exception, int code, ucontext_t *state, int panicked)
{
    kdp.state = state;
    udp_mode(1);
    do {
        kdp.again = 0;
        if (!kdp.connected) {
            wait_connection();
        } else if (!tell(exception, code)) {
            kdp.connected = 0;
            remove_all_breakpoints();
            lx_say("the remote debugger does not answer any more");
            break;
        }
        serve();
        if (!kdp.connected) {
            remove_all_breakpoints();
            lx_say("the remote debugger has disconnected");
            kdp.again |= panicked; /* kdp_disconnect: reattach_wait, when panicstr is set */
        }
    } while (kdp.again);
    udp_mode(0);
}
