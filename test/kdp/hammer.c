// SPDX-License-Identifier: BSD-3-Clause
/*
 * Stops the machine again and again at moments made by chance, while test/kexts/Hammer keeps threads inside the host's services.
 * Each time the debugger must come in, which it does not when the polled path waits for a lock of a stopped thread; the counters
 * must stand still; and every counter must go on, which it does not when a thread was stopped with a lock of the host that
 * another one needs, or is not let go. At the end those that did not move have more, longer chances, since a busy machine may
 * not have run them. usage: hammer PORT ADDRESS COUNT ROUNDS SEED, on standard output a line "stop" when somebody shall stop the
 * machine; the findings on standard error.
 */
#include "gdb/kdp.h"
#include "test/kdp/chance.h"
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    MOST = 32,
    LEAST_ROUNDS = 5,
    CHANCES = 40,         /* at the end, of CHANCE_MS */
    CHANCE_MS = 500,
    ALL_MS = 12000,       /* no new round after that */
    CONNECT_TRIES = 200,  /* of a fifth of a second: it listens only once it stands */
    DELAY_MS = 150,
    STILL_MS = 30,
};

static int link_send(void *ctx, const uint8_t *packet, size_t length)
{
    return send(*(int *)ctx, packet, length, 0) >= 0 || errno == ECONNREFUSED ? 0 : -1;
}

static int link_receive(void *ctx, uint8_t *packet, size_t size, int timeout_ms)
{
    struct pollfd p = {*(int *)ctx, POLLIN, 0};
    if (poll(&p, 1, timeout_ms) <= 0)
        return 0;
    ssize_t got = recv(*(int *)ctx, packet, size, 0);
    if (got < 0) /* refused: not there yet */
        poll(NULL, 0, timeout_ms);
    return got < 0 ? 0 : (int)got;
}

static long long now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

static int failed(unsigned round, const char *what)
{
    fprintf(stderr, "round %u: %s\n", round, what);
    return 1;
}

static uint32_t last[MOST], stands[MOST]; /* what was counted; whether it did not go on, the last time it was asked */
static int more; /* the rounds are over: only those that stood are asked again */

/* One stop. 0: all is well. */
static int stop_once(struct kdp *k, unsigned round, uint64_t address, unsigned count)
{
    uint32_t seen[MOST], again[MOST];
    int size = (int)(count * sizeof *seen), error = KDP_ETIMEOUT;
    k->first_ms = 200;
    k->tries = 1;
    for (int i = 0; i < CONNECT_TRIES && error == KDP_ETIMEOUT; i++)
        error = kdp_connect(k, 0x68616d00 + round);
    if (error)
        return failed(round, kdp_strerror(error));
    k->tries = 8;
    if (kdp_read(k, address, (uint8_t *)seen, (size_t)size) != size)
        return failed(round, "the counters cannot be read");
    poll(NULL, 0, STILL_MS);
    if (kdp_read(k, address, (uint8_t *)again, (size_t)size) != size)
        return failed(round, "the counters cannot be read again");
    for (unsigned i = 0; i < count; i++) {
        if (seen[i] != again[i])
            return fprintf(stderr, "service %u: ", i), failed(round, "its thread runs though the machine stands");
        if (seen[i] != last[i])
            stands[i] = 0;
        else if (!more)
            stands[i] = 1;
        last[i] = seen[i];
    }
    return kdp_disconnect(k) ? failed(round, "no farewell") : 0;
}

/* Lets the machine run for `ms`, then stops it. */
static int run_and_stop(struct kdp *k, unsigned round, int ms, uint64_t address, unsigned count)
{
    poll(NULL, 0, ms);
    printf("stop\n");
    return fflush(stdout) || stop_once(k, round, address, count);
}

static int any_stands(unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        if (stands[i])
            return 1;
    return 0;
}

int main(int argc, char **argv)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}}, own;
    socklen_t length = sizeof own;
    if (argc != 6)
        return 2;
    to.sin_port = htons((uint16_t)atoi(argv[1]));
    uint64_t address = strtoull(argv[2], NULL, 0);
    unsigned count = (unsigned)atoi(argv[3]), rounds = (unsigned)atoi(argv[4]), round, calls = 0;
    state = strtoull(argv[5], NULL, 0);
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    if (!count || count > MOST || !state || connect(fd, (struct sockaddr *)&to, sizeof to) ||
        getsockname(fd, (struct sockaddr *)&own, &length))
        return 2;
    struct kdp k = {.link = {link_send, link_receive, &fd, ntohs(own.sin_port)}};
    long long end = now_ms() + ALL_MS;
    for (round = 0; round < rounds && (round < LEAST_ROUNDS || now_ms() < end); round++) {
        if (run_and_stop(&k, round, (int)chance(DELAY_MS), address, count))
            return 1;
    }
    more = 1;
    for (int n = 0; n < CHANCES && any_stands(count); n++)
        if (run_and_stop(&k, round++, CHANCE_MS, address, count))
            return 1;
    for (unsigned i = 0; i < count; i++) {
        if (stands[i])
            return fprintf(stderr, "service %u: ", i), failed(round, "its thread does not go on any more");
        calls += last[i];
    }
    fprintf(stderr, "%u stops, %u calls\n", round, calls);
    return 0;
}
