// SPDX-License-Identifier: BSD-3-Clause
/*
 * The kernel of an i386 machine that stands in its debugger, by hand from Apple's definitions (xnu-1504 osfmk/kdp/kdp_protocol.h,
 * ml/i386/kdp_machdep.c): one KDP session over UDP on loopback, memory of one page, a processor that knows nop, inc %eax, jmp
 * short and int3. Nothing of our own client or server is used. usage: machine32 WAY, which is "12" or "10" (protocol version) or a
 * way to misbehave. Prints its port, then serves until the session ends.
 */
#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BASE = 0x00201000, SIZE = 0x1000, HEADER = 8, STATE32 = 1, EAX = 0, ESP = 7, EFLAGS = 9, EIP = 10, CS = 11, WORDS = 16, TRAP = 0x100 };
enum { CPU_I386 = 7, CPU_POWERPC = 18, EXC_BREAKPOINT = 6, SINGLE_STEP = 1, BREAKPOINT = 2, BAD_ACCESS = 5 };

static uint8_t memory[SIZE] = {0x40, 0x90, 0x40, 0x90, 0xeb, 0xfa}; /* inc nop inc nop, jmp to the start */
static uint32_t state[WORDS] = {[EAX] = 100, 2, 3, 4, 5, 6, 0x2f00, BASE + 0xf80, 0x10, 0x202, BASE, 8, 0x10, 0x10, 0x10, 0x48};
static struct {
    uint32_t at;
    uint8_t old, used;
} breakpoints[4];
static const char *way;
static uint32_t version, key;
static uint8_t seq, exception_seq;
static int fd, connected, runs, ends;
static struct sockaddr_in peer;

static uint32_t get(const uint8_t *p) { return p[0] | p[1] << 8 | p[2] << 16 | (uint32_t)p[3] << 24; }
static void put(uint8_t *p, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        p[i] = (uint8_t)(v >> 8 * i);
}
static int is(const char *w) { return !strcmp(way, w); }

/* An address of `wide` (64-bit) or narrow requests in the page, or NULL. */
static uint8_t *at(uint64_t address, uint32_t count)
{
    return address >= BASE && address - BASE <= SIZE && count <= SIZE - (address - BASE) ? memory + (address - BASE) : NULL;
}

static unsigned error(uint8_t *p, uint32_t number)
{
    put(p + HEADER, number);
    return HEADER + 4;
}

static unsigned breakpoint(uint8_t *p, uint64_t address, int set)
{
    uint8_t *m = at(address, 1);
    for (int i = 0; i < 4; i++) {
        if (!set && breakpoints[i].used && breakpoints[i].at == address) {
            *m = breakpoints[i].old;
            breakpoints[i].used = 0;
            return error(p, 0);
        }
        if (set && m && !breakpoints[i].used) {
            breakpoints[i].at = (uint32_t)address;
            breakpoints[i].old = *m;
            breakpoints[i].used = 1;
            *m = 0xcc;
            return error(p, 0);
        }
    }
    return error(p, set ? 100 : 101);
}

static unsigned read_memory(uint8_t *p, uint64_t address, uint32_t count)
{
    uint8_t *m = at(address, count);
    if (!m || count > 1024)
        return error(p, BAD_ACCESS);
    memcpy(p + HEADER + 4, m, count);
    return error(p, 0) + count;
}

static unsigned write_memory(uint8_t *p, uint64_t address, uint32_t count, const uint8_t *data)
{
    uint8_t *m = at(address, count);
    if (!m)
        return error(p, BAD_ACCESS);
    memcpy(m, data, count);
    return error(p, 0);
}

static unsigned registers(uint8_t *p, int writes)
{
    if (get(p + HEADER + 4) != STATE32)
        return error(p, 3); /* KDPERR_BADFLAVOR */
    for (int i = 0; i < WORDS; i++)
        if (writes)
            state[i] = i == ESP || i >= CS ? state[i] : get(p + HEADER + 8 + 4 * i); /* kdp_setstate leaves these */
        else
            put(p + HEADER + 4 + 4 * i, state[i]);
    return error(p, 0) + (writes ? 0 : 4 * WORDS);
}

static unsigned hostinfo(uint8_t *p)
{
    put(p + HEADER, 1);
    put(p + HEADER + 4, is("powerpc") ? CPU_POWERPC : CPU_I386);
    put(p + HEADER + 8, 4);
    return HEADER + 12;
}

static unsigned answer(uint8_t *p)
{
    uint64_t wide = get(p + HEADER) | (uint64_t)get(p + HEADER + 4) << 32;
    uint32_t narrow = get(p + HEADER);
    if (version < 11 && p[0] >= 0x14)
        return 0; /* not there yet: no answer, as to any unknown request */
    switch (p[0]) {
    case 0x00:
        return is("busy") ? error(p, 1) : error(p, 0);
    case 0x01:
    case 0x0c:
        runs = p[0] == 0x0c;
        ends = p[0] == 0x01;
        return HEADER;
    case 0x12:
        return HEADER;
    case 0x02:
        return is("mute") ? 0 : is("short") ? HEADER + 4 : hostinfo(p);
    case 0x03:
        memset(p + HEADER, 0, 16);
        put(p + HEADER, version);
        put(p + HEADER + 4, 1);
        return HEADER + 16;
    case 0x04:
        put(p + HEADER, 64); /* few, so that reads come in pieces */
        return HEADER + 4;
    case 0x05:
        return read_memory(p, narrow, get(p + HEADER + 4));
    case 0x06:
        return write_memory(p, narrow, get(p + HEADER + 4), p + HEADER + 8);
    case 0x07:
    case 0x08:
        return registers(p, p[0] == 0x08);
    case 0x0f:
    case 0x10:
        return breakpoint(p, narrow, p[0] == 0x0f);
    case 0x14:
        return read_memory(p, wide, get(p + HEADER + 8));
    case 0x15:
        return write_memory(p, wide, get(p + HEADER + 8), p + HEADER + 12);
    case 0x16:
    case 0x17:
        return breakpoint(p, wide, p[0] == 0x16);
    case 0x18:
        return HEADER + (unsigned)sprintf((char *)p + HEADER, "Darwin Kernel Version 10.8.0: by hand; RELEASE_I386") + 1;
    }
    return 0;
}

static void transmit(uint8_t *p, unsigned length)
{
    p[2] = (uint8_t)length;
    p[3] = (uint8_t)(length >> 8);
    if (is("garbage"))
        for (unsigned i = 0; i < length; i++)
            p[i] = (uint8_t)(p[i] * 31 + i);
    sendto(fd, p, length, 0, (struct sockaddr *)&peer, sizeof peer);
}

/* Until a breakpoint, or one instruction with the trap flag: the exception's code. */
static uint32_t run(void)
{
    for (;;) {
        uint8_t *m = at(state[EIP], 2);
        if (!m)
            return 0;
        state[EAX] += *m == 0x40;
        state[EIP] += *m == 0xeb ? 2u + (uint32_t)(int8_t)m[1] : 1;
        if (*m == 0xcc)
            return BREAKPOINT;
        if (state[EFLAGS] & TRAP)
            return SINGLE_STEP;
    }
}

static void raise_exception(void)
{
    uint8_t p[HEADER + 20] = {0x0d, exception_seq};
    put(p + 8, 1);
    put(p + 16, EXC_BREAKPOINT);
    put(p + 20, run());
    transmit(p, sizeof p);
    uint8_t ack[64];
    while (recv(fd, ack, sizeof ack, 0) < HEADER || ack[0] != 0x8d || ack[1] != exception_seq)
        ;
    exception_seq++;
}

static void serve(void)
{
    uint8_t p[2048];
    socklen_t length = sizeof peer;
    ssize_t n = recvfrom(fd, p, sizeof p, 0, (struct sockaddr *)&peer, &length);
    if (n < HEADER || (p[2] | p[3] << 8) != n || p[0] & 0x80 || (p[1] != seq && p[0] != 0))
        return;
    if (p[0] == 0 || p[0] == 0x12) {
        key = get(p + 4);
        seq = p[1];
        connected = 1;
    }
    if (!connected || get(p + 4) != key)
        return;
    unsigned out = answer(p);
    if (!out)
        return;
    p[0] |= 0x80;
    transmit(p, out);
    seq++;
}

int main(int argc, char **argv)
{
    struct sockaddr_in own = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t length = sizeof own;
    way = argc > 1 ? argv[1] : "12";
    version = atoi(way) ? (uint32_t)atoi(way) : 12;
    fd = socket(AF_INET, SOCK_DGRAM, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&own, sizeof own) || getsockname(fd, (struct sockaddr *)&own, &length))
        return 1;
    printf("%d\n", ntohs(own.sin_port));
    fflush(stdout);
    alarm(200);
    while (!ends) {
        serve();
        if (runs)
            raise_exception();
        runs = 0;
    }
    printf("eax %u eip 0x%x eflags 0x%x bytes %02x%02x%02x%02x\n", state[EAX], state[EIP], state[EFLAGS], memory[0], memory[1],
           memory[2], memory[3]);
    return 0;
}
