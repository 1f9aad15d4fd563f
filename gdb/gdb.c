// SPDX-License-Identifier: BSD-3-Clause
/*
 * gdb's commands, carried out over KDP (gdb.h). What is not known here is answered with nothing, as the protocol wants it; what
 * the machine refuses with E and a number.
 */
#include "gdb.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = GDB_PACKET_MAX / 2 - 16 }; /* bytes of memory in one reply */

static size_t say(char *reply, const char *text)
{
    size_t n = strlen(text);
    memcpy(reply, text, n);
    return n;
}

static size_t refuse(char *reply, int failure)
{
    return (size_t)snprintf(reply, 8, "E%02x", failure < 0 ? -failure & 0xff : failure & 0xff);
}

static size_t settle(char *reply, int failure) { return failure ? refuse(reply, failure) : say(reply, "OK"); }

/* A hex number; *p moves behind it. False: there is none, or it is longer than 64 bits. */
static bool number(const char **p, uint64_t *value)
{
    int digits = 0;
    for (*value = 0; hex_digit(**p) >= 0; (*p)++, digits++)
        *value = *value << 4 | (unsigned)hex_digit(**p);
    return digits > 0 && digits <= 16;
}

/* ADDRESS,LENGTH; what follows must be `then`. */
static bool range(const char **p, uint64_t *address, uint64_t *length, char then)
{
    if (!number(p, address) || *(*p)++ != ',' || !number(p, length) || **p != then)
        return false;
    if (then)
        (*p)++;
    return true;
}

/* ---- registers ---- */

static uint32_t flavour(const struct gdb *g) { return g->arch == GDB_X86_64 ? KDP_STATE64 : KDP_STATE32; }
static size_t state_size(const struct gdb *g) { return g->arch == GDB_X86_64 ? KDP_STATE64_SIZE : KDP_STATE32_SIZE; }

static int fetch_state(struct gdb *g)
{
    int failed = g->valid ? 0 : kdp_read_state(g->kdp, flavour(g), g->state, state_size(g));
    if (failed)
        return failed;
    if (!g->valid && registers_step(g->arch, g->state, false))
        g->dirty = true; /* left over from the last step */
    g->valid = true;
    return 0;
}

static int store_state(struct gdb *g)
{
    int failed = g->valid && g->dirty ? kdp_write_state(g->kdp, flavour(g), g->state, state_size(g)) : 0;
    g->dirty = g->dirty && failed;
    return failed;
}

static size_t read_registers(struct gdb *g, const char *p, char *reply)
{
    int failed = fetch_state(g);
    uint64_t n;
    if (failed)
        return refuse(reply, failed);
    if (*p++ == 'g')
        return registers_read_all(g->arch, g->state, reply);
    if (!number(&p, &n) || n >= registers_count(g->arch))
        return say(reply, "E16");
    return registers_read(g->arch, g->state, (unsigned)n, reply);
}

static size_t write_registers(struct gdb *g, const char *p, char *reply)
{
    int failed = fetch_state(g);
    uint64_t n = 0;
    size_t used = 1;
    if (failed)
        return refuse(reply, failed);
    if (*p++ == 'G') {
        for (; used && n < registers_count(g->arch); p += used)
            used = registers_write(g->arch, g->state, (unsigned)n++, p);
    } else if (number(&p, &n) && *p == '=' && n < registers_count(g->arch)) {
        used = registers_write(g->arch, g->state, (unsigned)n, p + 1);
    } else {
        used = 0;
    }
    g->dirty = true;
    return used ? settle(reply, store_state(g)) : say(reply, "E16");
}

/* ---- memory and breakpoints ---- */

static size_t read_memory(struct gdb *g, const char *p, char *reply)
{
    static uint8_t data[MOST];
    uint64_t address, length;
    p++;
    if (!range(&p, &address, &length, 0))
        return say(reply, "E16");
    int got = kdp_read(g->kdp, address, data, length < MOST ? (size_t)length : MOST);
    if (got < 0)
        return refuse(reply, got);
    return got || !length ? hex_put(reply, data, (size_t)got) : say(reply, "E0e");
}

/* M: hex digits; X: bytes as they are. `end`: of the packet. */
static size_t write_memory(struct gdb *g, const char *p, const char *end, char *reply)
{
    static uint8_t data[GDB_PACKET_MAX];
    uint64_t address, length, i;
    bool binary = *p++ == 'X';
    if (!range(&p, &address, &length, ':') || length > GDB_PACKET_MAX ||
        (uint64_t)(end - p) != (binary ? length : 2 * length))
        return say(reply, "E16");
    for (i = 0; i < length && !binary; i++) {
        int high = hex_digit(p[2 * i]), low = hex_digit(p[2 * i + 1]);
        if (high < 0 || low < 0)
            return say(reply, "E16");
        data[i] = (uint8_t)(high << 4 | low);
    }
    return settle(reply, kdp_write(g->kdp, address, binary ? (const uint8_t *)p : data, (size_t)length));
}

/* Notes that a breakpoint was set or removed; false: no room for another. */
static bool note_breakpoint(struct gdb *g, uint64_t address, bool set)
{
    unsigned i = 0;
    while (i < g->nbreakpoints && g->breakpoints[i] != address)
        i++;
    if (i < g->nbreakpoints && !set)
        g->breakpoints[i] = g->breakpoints[--g->nbreakpoints];
    else if (i == g->nbreakpoints && set && i < GDB_BREAKPOINTS)
        g->breakpoints[g->nbreakpoints++] = address;
    return i < GDB_BREAKPOINTS;
}

static size_t change_breakpoint(struct gdb *g, const char *p, char *reply)
{
    uint64_t address;
    bool set = *p++ == 'Z';
    if (*p != '0' || !(g->kdp->features & KDP_FEATURE_BP)) /* gdb then writes its own int3 */
        return 0;
    p += 2;
    if (p[-1] != ',' || !number(&p, &address))
        return say(reply, "E16");
    int failed = kdp_breakpoint(g->kdp, address, set);
    if ((!failed || !set) && !note_breakpoint(g, address, set))
        failed = kdp_breakpoint(g->kdp, address, false) ? KDP_EREPLY : KDPERR_MAX_BREAKPOINTS;
    return settle(reply, failed);
}

/* ---- running ---- */

static enum gdb_next resume(struct gdb *g, bool step, char *reply, size_t *out)
{
    int failed = fetch_state(g);
    if (!failed && registers_step(g->arch, g->state, step))
        g->dirty = true;
    if (!failed)
        failed = store_state(g);
    if (!failed)
        failed = kdp_resume(g->kdp);
    g->valid = g->dirty = g->told = false;
    *out = failed ? refuse(reply, failed) : 0;
    return failed ? GDB_REPLY : GDB_RUNS;
}

/* The first action decides: there is one thread. */
static enum gdb_next resume_by_verb(struct gdb *g, const char *p, char *reply, size_t *out)
{
    if (strchr("cCsS", *p) && *p)
        return resume(g, *p == 's' || *p == 'S', reply, out);
    *out = say(reply, "E16");
    return GDB_REPLY;
}

/* mach/exception_types.h to the signal that gdb knows the thing by. */
static int signal_of(uint32_t exception)
{
    static const uint8_t signals[] = {5, 11, 4, 8, 7, 5, 5};
    return exception < sizeof signals ? signals[exception] : 5;
}

/* XNU shows the address behind the int3. gdb can correct that itself, lldb leaves it to the server, as gdb does by `swbreak'
 * (GDB manual, "Stop Reply Packets"). */
static bool leave_breakpoint(struct gdb *g)
{
    if (!g->nbreakpoints || g->kdp->exception != KDP_EXC_BREAKPOINT || fetch_state(g))
        return false;
    uint64_t pc = registers_pc(g->arch, g->state) - 1;
    for (unsigned i = 0; i < g->nbreakpoints; i++)
        if (g->breakpoints[i] == pc) {
            registers_set_pc(g->arch, g->state, pc);
            g->dirty = true;
            return store_state(g) == 0;
        }
    return false;
}

size_t gdb_stop_reply(struct gdb *g, char *reply)
{
    g->valid = g->dirty = false;
    bool hit = !g->told && leave_breakpoint(g);
    g->told = true;
    return (size_t)snprintf(reply, 32, "T%02x%sthread:1;", signal_of(g->kdp->exception), hit && g->swbreak ? "swbreak:;" : "");
}

/* ---- queries ---- */

static size_t transfer(const char *object, const char *p, char *reply)
{
    uint64_t offset, length;
    size_t size = strlen(object);
    if (!range(&p, &offset, &length, 0))
        return say(reply, "E16");
    if (offset >= size)
        return say(reply, "l");
    size_t part = size - offset < length ? size - (size_t)offset : (size_t)length;
    part = part < MOST ? part : MOST;
    reply[0] = offset + part < size ? 'm' : 'l';
    memcpy(reply + 1, object + offset, part);
    return part + 1;
}

static size_t hex_text(const char *text, char *reply)
{
    size_t n = strlen(text);
    return hex_put(reply, (const uint8_t *)text, n < MOST ? n : MOST);
}

size_t gdb_console(const char *text, char *reply)
{
    reply[0] = 'O';
    return 1 + hex_text(text, reply + 1);
}

static size_t monitor(struct gdb *g, const char *hex, char *reply)
{
    const struct kdp *k = g->kdp;
    char text[512], command[16] = "";
    for (size_t i = 0; i < sizeof command - 1 && hex_digit(hex[2 * i]) >= 0 && hex_digit(hex[2 * i + 1]) >= 0; i++)
        command[i] = (char)(hex_digit(hex[2 * i]) << 4 | hex_digit(hex[2 * i + 1]));
    if (!strcmp(command, "version"))
        snprintf(text, sizeof text, "%s\nKDP version %" PRIu32 ", features 0x%" PRIx32 "\n", k->kernel, k->version,
                 k->features);
    else if (!strcmp(command, "hostinfo"))
        snprintf(text, sizeof text, "processors 0x%" PRIx32 ", type 0x%" PRIx32 ", subtype %" PRIu32 "\n", k->cpus,
                 k->cpu_type, k->cpu_subtype);
    else if (!strcmp(command, "exception"))
        snprintf(text, sizeof text, "exception %" PRIu32 ", code 0x%" PRIx32 ", subcode 0x%" PRIx32 "\n", k->exception,
                 k->code, k->subcode);
    else
        snprintf(text, sizeof text, "monitor version | hostinfo | exception; `kill' restarts the machine\n");
    return hex_text(text, reply);
}

/* lldb's question for the architecture (its docs/lldb-gdb-remote.txt); gdb reads it from the description. */
static size_t host_info(const struct gdb *g, char *reply)
{
    bool wide = g->arch == GDB_X86_64;
    return (size_t)snprintf(reply, 128, "cputype:%d;cpusubtype:3;ostype:macosx;vendor:apple;endian:little;ptrsize:%d;",
                            wide ? KDP_CPU_X86_64 : KDP_CPU_I386, wide ? 8 : 4);
}

static bool starts(const char **p, const char *with)
{
    size_t n = strlen(with);
    bool yes = !strncmp(*p, with, n);
    *p += yes ? n : 0;
    return yes;
}

static size_t query(struct gdb *g, const char *p, char *reply)
{
    if (starts(&p, "qSupported")) {
        g->swbreak = strstr(p, "swbreak+") && g->kdp->features & KDP_FEATURE_BP;
        return (size_t)snprintf(reply, 128, "PacketSize=%x;QStartNoAckMode+;qXfer:features:read+;vContSupported+%s",
                                GDB_PACKET_MAX, g->swbreak ? ";swbreak+" : "");
    }
    if (starts(&p, "qXfer:features:read:target.xml:"))
        return transfer(registers_target_xml(g->arch), p, reply);
    if (starts(&p, "qAttached"))
        return say(reply, "1");
    if (starts(&p, "qfThreadInfo"))
        return say(reply, "m1");
    if (starts(&p, "qsThreadInfo"))
        return say(reply, "l");
    if (starts(&p, "qRcmd,"))
        return monitor(g, p, reply);
    if (!strcmp(p, "qHostInfo"))
        return host_info(g, reply);
    if (!strcmp(p, "qC"))
        return say(reply, "QC1");
    return 0;
}

static enum gdb_next leave(struct gdb *g, const char *p, char *reply, size_t *out)
{
    int failed = *p == 'D' ? store_state(g) : 0;
    if (!failed)
        failed = *p == 'D' ? kdp_disconnect(g->kdp) : kdp_reboot(g->kdp);
    if (failed == KDP_ETIMEOUT && *p == 'D') /* the reply was lost, and it runs */
        failed = 0;
    *out = settle(reply, failed);
    return failed ? GDB_REPLY : *p == 'D' ? GDB_ENDS : GDB_KILLED;
}

static enum gdb_next verbose(struct gdb *g, const char *p, char *reply, size_t *out)
{
    if (starts(&p, "vCont?"))
        *out = say(reply, "vCont;c;C;s;S");
    else if (starts(&p, "vCont;"))
        return resume_by_verb(g, p, reply, out);
    else if (starts(&p, "vKill"))
        return leave(g, "k", reply, out);
    return GDB_REPLY;
}

enum gdb_next gdb_command(struct gdb *g, char *packet, size_t length, char *reply, size_t *out)
{
    *out = 0;
    switch (packet[0]) {
    case '?':
        *out = gdb_stop_reply(g, reply);
        break;
    case 'g':
    case 'p':
        *out = read_registers(g, packet, reply);
        break;
    case 'G':
    case 'P':
        *out = write_registers(g, packet, reply);
        break;
    case 'm':
        *out = read_memory(g, packet, reply);
        break;
    case 'M':
    case 'X':
        *out = write_memory(g, packet, packet + length, reply);
        break;
    case 'Z':
    case 'z':
        *out = change_breakpoint(g, packet, reply);
        break;
    case 'c':
    case 'C':
    case 's':
    case 'S':
        return resume_by_verb(g, packet, reply, out);
    case 'v':
        return verbose(g, packet, reply, out);
    case 'D':
    case 'k':
        return leave(g, packet, reply, out);
    case 'H':
    case 'T':
        *out = say(reply, "OK");
        break;
    case 'q':
        *out = query(g, packet, reply);
        break;
    case 'Q': /* no other setting is known: lldb tries several, and would rely on them */
        if (!strcmp(packet, "QStartNoAckMode")) {
            g->no_ack = true;
            *out = say(reply, "OK");
        }
        break;
    }
    return GDB_REPLY;
}
