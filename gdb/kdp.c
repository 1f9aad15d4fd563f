// SPDX-License-Identifier: BSD-3-Clause
/*
 * KDP sessions (kdp.h). Whatever arrives is checked before use: length against the header's own, request and sequence number
 * against what was sent, payload against what the reply must have; the rest is passed over as if it had been lost.
 */
#include "kdp.h"
#include <string.h>
#include <time.h>

/* A request being built, or a packet received. */
struct packet {
    uint8_t data[KDP_PACKET_MAX];
    size_t length;
};

enum { TRIES = 8, RESUME_TRIES = 4, FIRST_MS = 250, LONGEST_MS = 3000 }; /* KDP_REXMIT_TRIES, KDP_REXMIT_SECS */

static void put(struct packet *p, uint64_t value, int bytes)
{
    for (int i = 0; i < bytes; i++)
        p->data[p->length++] = (uint8_t)(value >> 8 * i);
}

static void put_bytes(struct packet *p, const void *bytes, size_t length)
{
    memcpy(p->data + p->length, bytes, length);
    p->length += length;
}

static uint32_t get32(const uint8_t *p) { return p[0] | p[1] << 8 | p[2] << 16 | (uint32_t)p[3] << 24; }

static struct packet begin(void) { return (struct packet){.length = KDP_HEADER}; }

static void seal(struct packet *p, uint8_t kind, uint8_t seq, uint32_t key)
{
    size_t length = p->length;
    p->length = 0;
    put(p, kind, 1);
    put(p, seq, 1);
    put(p, length, 2);
    put(p, key, 4);
    p->length = length;
}

static int send_packet(struct kdp *k, struct packet *p)
{
    return k->link.send(k->link.ctx, p->data, p->length) ? KDP_ELINK : 0;
}

/* One datagram that is a KDP packet: 1; 0: nothing, or something else; KDP_ELINK. */
static int receive_packet(struct kdp *k, struct packet *p, int timeout_ms)
{
    int got = k->link.receive(k->link.ctx, p->data, sizeof p->data, timeout_ms);
    if (got < 0)
        return KDP_ELINK;
    p->length = (size_t)got;
    if (got == 0)
        return 0;
    if (got < KDP_HEADER || (p->data[2] | p->data[3] << 8) != got)
        p->length = 1; /* no packet; and no time-out */
    return 1;
}

/* An exception is acknowledged each time it comes (the reply may get lost), but tells of a stop only once
 * (kdp_machdep.c, kdp_exception and kdp_exception_ack). True: the machine has stopped anew. */
static bool take_exception(struct kdp *k, const struct packet *p)
{
    enum { COUNT = 8, INFO = 12, LENGTH = 28 }; /* kdp_exception_t with one kdp_exc_info_t */
    uint8_t seq = p->data[1];
    struct packet ack = begin();
    if (p->length < LENGTH || p->data[0] != KDP_EXCEPTION || get32(p->data + COUNT) == 0)
        return false;
    if (seq != k->exception_seq && seq != (uint8_t)(k->exception_seq - 1))
        return false;
    seal(&ack, KDP_EXCEPTION | KDP_REPLY, seq, k->key);
    send_packet(k, &ack);
    if (seq != k->exception_seq || !k->running)
        return false;
    k->exception_seq++;
    k->exception = get32(p->data + INFO + 4);
    k->code = get32(p->data + INFO + 8);
    k->subcode = get32(p->data + INFO + 12);
    k->running = false;
    return true;
}

static long long now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

/* Waits for the reply to request `kind`, number `seq`: 1, 0 or KDP_ELINK. */
static int await_reply(struct kdp *k, uint8_t kind, uint8_t seq, struct packet *reply, int timeout_ms)
{
    long long end = now_ms() + timeout_ms, left = timeout_ms;
    for (; left > 0; left = end - now_ms()) {
        int got = receive_packet(k, reply, (int)left);
        if (got <= 0)
            return got;
        if (reply->length < KDP_HEADER)
            continue;
        if (reply->data[0] == (kind | KDP_REPLY) && reply->data[1] == seq)
            return 1;
        if (take_exception(k, reply) && kind == KDP_RESUMECPUS)
            return 1; /* it ran already, so its reply was lost */
    }
    return 0;
}

/* Sends the request until it is answered. `least`: bytes that the reply must have. */
static int transact(struct kdp *k, struct packet *request, uint8_t kind, struct packet *reply, size_t least)
{
    int wait = k->first_ms ? k->first_ms : FIRST_MS, got;
    uint8_t seq = k->seq;
    seal(request, kind, seq, k->key);
    for (int i = 0; i < (k->tries ? k->tries : TRIES); i++) {
        if (send_packet(k, request))
            return KDP_ELINK;
        got = await_reply(k, kind, seq, reply, wait);
        if (got < 0)
            return got;
        if (got) {
            k->seq++;
            return reply->length >= least ? 0 : KDP_EREPLY;
        }
        wait = wait * 2 < LONGEST_MS ? wait * 2 : LONGEST_MS;
    }
    return KDP_ETIMEOUT;
}

/* A request whose reply begins with an error number. */
static int transact_error(struct kdp *k, struct packet *request, uint8_t kind, struct packet *reply)
{
    if (!k->connected || k->running)
        return k->running ? KDP_ERUNNING : KDP_EREPLY;
    int failed = transact(k, request, kind, reply, KDP_HEADER + 4);
    return failed ? failed : (int)(get32(reply->data + KDP_HEADER) & 0x7fffffff);
}

/* ---- sessions ---- */

static void put_port(struct packet *p, uint16_t port)
{
    put(p, port >> 8, 1);
    put(p, port & 0xff, 1);
}

static int try_connect(struct kdp *k)
{
    struct packet request = begin(), reply;
    put_port(&request, k->link.port);
    put_port(&request, k->link.port);
    put_bytes(&request, "kdpgdb", sizeof "kdpgdb");
    k->seq = 0; /* what a waiting machine expects (kdp_connection_wait) */
    int failed = transact(k, &request, KDP_CONNECT, &reply, KDP_HEADER + 4);
    return failed ? failed : (int)(get32(reply.data + KDP_HEADER) & 0x7fffffff);
}

/* Ends the session of a client that is gone; the machine stays stopped and waits for a new one (kdp_reattach). */
static int reattach(struct kdp *k)
{
    struct packet request = begin(), reply;
    put_port(&request, k->link.port);
    return transact(k, &request, KDP_REATTACH, &reply, KDP_HEADER);
}

/* Printable and ended, whatever came. */
static void take_kernel_version(struct kdp *k, const struct packet *reply)
{
    size_t n = reply->length - KDP_HEADER, i;
    for (i = 0; i < n && i < sizeof k->kernel - 1 && reply->data[KDP_HEADER + i]; i++) {
        uint8_t c = reply->data[KDP_HEADER + i];
        k->kernel[i] = c >= 32 && c < 127 ? (char)c : ' ';
    }
    k->kernel[i] = 0;
}

static int learn(struct kdp *k)
{
    struct packet request = begin(), reply;
    int failed = transact(k, &request, KDP_HOSTINFO, &reply, KDP_HEADER + 12);
    if (failed)
        return failed;
    k->cpus = get32(reply.data + 8);
    k->cpu_type = get32(reply.data + 12);
    k->cpu_subtype = get32(reply.data + 16);
    request = begin();
    if ((failed = transact(k, &request, KDP_VERSION, &reply, KDP_HEADER + 8)))
        return failed;
    k->version = get32(reply.data + 8);
    k->features = get32(reply.data + 12);
    request = begin();
    if ((failed = transact(k, &request, KDP_MAXBYTES, &reply, KDP_HEADER + 4)))
        return failed;
    k->max_bytes = get32(reply.data + 8);
    if (k->max_bytes < 16 || k->max_bytes > KDP_DATA_MAX)
        k->max_bytes = KDP_DATA_MAX;
    k->kernel[0] = 0;
    request = begin();
    if (k->version >= 11) { /* "Version 11 protocol" (kdp_protocol.h) */
        if ((failed = transact(k, &request, KDP_KERNELVERSION, &reply, KDP_HEADER)))
            return failed;
        take_kernel_version(k, &reply);
    }
    return 0;
}

int kdp_connect(struct kdp *k, uint32_t key)
{
    k->key = key;
    k->connected = k->running = false;
    k->exception_seq = 0;
    k->exception = 6; /* EXC_BREAKPOINT: nobody tells a new client why the machine stopped */
    int failed = try_connect(k);
    if (failed == KDPERR_ALREADY_CONNECTED && !(failed = reattach(k)))
        failed = try_connect(k);
    if (failed || (failed = learn(k)))
        return failed;
    k->connected = true;
    return 0;
}

int kdp_disconnect(struct kdp *k)
{
    struct packet request = begin(), reply;
    if (!k->connected || k->running)
        return k->running ? KDP_ERUNNING : 0;
    k->connected = false;
    return transact(k, &request, KDP_DISCONNECT, &reply, KDP_HEADER);
}

/* No reply comes: the machine is restarting. */
int kdp_reboot(struct kdp *k)
{
    struct packet request = begin();
    if (k->running)
        return KDP_ERUNNING;
    seal(&request, KDP_HOSTREBOOT, k->seq, k->key);
    k->connected = false;
    return send_packet(k, &request);
}

/* ---- memory and registers ---- */

static bool wide(const struct kdp *k) { return k->version >= 11; }

/* Bytes, or a failure; the machine's own as REFUSED less its number. */
enum { REFUSED = -100 };
static int read_some(struct kdp *k, uint64_t address, uint8_t *data, size_t length)
{
    struct packet request = begin(), reply;
    if (!wide(k) && address + length > 0x100000000ULL)
        return REFUSED - KDPERR_BAD_NBYTES;
    put(&request, address, wide(k) ? 8 : 4);
    put(&request, length, 4);
    int failed = transact_error(k, &request, wide(k) ? KDP_READMEM64 : KDP_READMEM, &reply);
    if (failed)
        return failed > 0 ? REFUSED - failed : failed;
    size_t got = reply.length - KDP_HEADER - 4;
    if (got > length)
        return KDP_EREPLY;
    memcpy(data, reply.data + KDP_HEADER + 4, got);
    return (int)got;
}

int kdp_read(struct kdp *k, uint64_t address, uint8_t *data, size_t length)
{
    size_t done = 0;
    while (done < length) {
        size_t part = length - done < k->max_bytes ? length - done : k->max_bytes;
        int got = read_some(k, address + done, data + done, part);
        if (got < 0)
            return done ? (int)done : got;
        done += (size_t)got;
        if ((size_t)got < part)
            break;
    }
    return (int)done;
}

int kdp_write(struct kdp *k, uint64_t address, const uint8_t *data, size_t length)
{
    for (size_t done = 0; done < length;) {
        size_t part = length - done < k->max_bytes ? length - done : k->max_bytes;
        struct packet request = begin(), reply;
        if (!wide(k) && address + length > 0x100000000ULL)
            return KDPERR_BAD_NBYTES;
        put(&request, address + done, wide(k) ? 8 : 4);
        put(&request, part, 4);
        put_bytes(&request, data + done, part);
        int failed = transact_error(k, &request, wide(k) ? KDP_WRITEMEM64 : KDP_WRITEMEM, &reply);
        if (failed)
            return failed;
        done += part;
    }
    return 0;
}

int kdp_read_state(struct kdp *k, uint32_t flavour, uint8_t *state, size_t size)
{
    struct packet request = begin(), reply;
    put(&request, 0, 4); /* the processor: XNU has one state whatever is said here (kdp_machine_read_regs) */
    put(&request, flavour, 4);
    int failed = transact_error(k, &request, KDP_READREGS, &reply);
    if (failed)
        return failed;
    if (reply.length < KDP_HEADER + 4 + size)
        return KDP_EREPLY;
    memcpy(state, reply.data + KDP_HEADER + 4, size);
    return 0;
}

int kdp_write_state(struct kdp *k, uint32_t flavour, const uint8_t *state, size_t size)
{
    struct packet request = begin(), reply;
    put(&request, 0, 4);
    put(&request, flavour, 4);
    put_bytes(&request, state, size);
    return transact_error(k, &request, KDP_WRITEREGS, &reply);
}

int kdp_breakpoint(struct kdp *k, uint64_t address, bool set)
{
    struct packet request = begin(), reply;
    uint8_t kind = set ? KDP_BREAKPOINT_SET : KDP_BREAKPOINT_REMOVE;
    if (!wide(k) && address > 0xffffffff)
        return KDPERR_BREAKPOINT_NOT_FOUND;
    put(&request, address, wide(k) ? 8 : 4);
    if (wide(k))
        kind = set ? KDP_BREAKPOINT64_SET : KDP_BREAKPOINT64_REMOVE;
    int failed = transact_error(k, &request, kind, &reply);
    return set && failed == KDPERR_BREAKPOINT_ALREADY_SET ? 0 : failed;
}

/* ---- running ---- */

int kdp_resume(struct kdp *k)
{
    struct packet request = begin(), reply;
    if (!k->connected || k->running)
        return k->running ? KDP_ERUNNING : KDP_EREPLY;
    put(&request, k->cpus, 4);
    k->running = true; /* an exception may come before the reply */
    int tries = k->tries;
    k->tries = RESUME_TRIES;
    int failed = transact(k, &request, KDP_RESUMECPUS, &reply, KDP_HEADER);
    k->tries = tries;
    if (failed == KDP_ETIMEOUT) { /* a reply that is lost comes never again: a running machine does not listen */
        k->seq++;
        return 0;
    }
    return failed;
}

int kdp_wait(struct kdp *k, int timeout_ms)
{
    struct packet p;
    int got = receive_packet(k, &p, timeout_ms);
    if (got < 0)
        return got;
    return got && p.length >= KDP_HEADER && take_exception(k, &p);
}

const char *kdp_strerror(int failure)
{
    switch (failure) {
    case KDP_ELINK:
        return "the network refuses";
    case KDP_ETIMEOUT:
        return "no answer";
    case KDP_EREPLY:
        return "an answer that makes no sense";
    case KDP_ERUNNING:
        return "it is running";
    case KDPERR_ALREADY_CONNECTED:
        return "another debugger is connected";
    case KDPERR_MAX_BREAKPOINTS:
        return "it has no room for another breakpoint";
    default:
        return "it refuses the request";
    }
}
