// SPDX-License-Identifier: BSD-3-Clause
/*
 * Both sides of kdpgdb hostile at once, under ASan and UBSan: gdb packets made by chance from the protocol's
 * own letters, and a machine whose replies are right in half of their parts. usage: fuzz SESSIONS SEED: the same sessions for the same seed
 */
#include "gdb/gdb.h"
#include "test/kdp/chance.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint8_t asked[8];

static int fake_send(void *ctx, const uint8_t *packet, size_t length)
{
    memcpy(asked, packet, 8);
    if (length > KDP_PACKET_MAX || length < KDP_HEADER || (packet[2] | packet[3] << 8) != (int)length)
        abort();
    return chance(200) == 0 ? -1 : 0;
}

static int fake_receive(void *ctx, uint8_t *packet, size_t size, int timeout_ms)
{
    static const uint16_t sizes[] = {0, 1, 7, 8, 9, 12, 16, 20, 28, 76, 180, 181, 1036, 1200};
    size_t n = chance(4) ? sizes[chance(14)] : chance((uint32_t)size + 1);
    for (size_t i = 0; i < n; i++)
        packet[i] = chance(3) ? 0 : (uint8_t)chance(256);
    if (n >= 8 && chance(8)) {
        memcpy(packet, asked, 8);
        packet[0] |= KDP_REPLY;
        packet[2] = (uint8_t)n;
        packet[3] = (uint8_t)(n >> 8);
    } else if (n >= 8 && chance(2)) {
        packet[0] = KDP_EXCEPTION;
        packet[2] = (uint8_t)n;
        packet[3] = (uint8_t)(n >> 8);
    }
    return chance(50) ? (int)n : -1;
}

static size_t make_packet(char *text)
{
    static const char *const words[] = {"g", "G", "p", "P", "m", "M", "X", "Z0", "z0", "c", "s", "vCont;c", "vCont;s:1", "vCont",
                                        "?", "k", "D", "H", "qXfer:features:read:target.xml:", "qRcmd,", "qSupported", "QStartNoAckMode"};
    static const char letters[] = "0123456789abcdefx,:;=#$}*";
    size_t n = strlen(strcpy(text, words[chance(22)]));
    for (uint32_t i = chance(8) ? chance(40) : chance(GDB_PACKET_MAX - 40); i; i--)
        text[n++] = chance(30) ? letters[chance(25)] : (char)chance(256);
    text[n] = 0;
    return n;
}

int main(int argc, char **argv)
{
    unsigned long most = argc > 1 ? strtoul(argv[1], NULL, 0) : 0;
    state = argc > 2 ? strtoull(argv[2], NULL, 0) : 0;
    if (!most || !state)
        return 2;
    static char text[GDB_PACKET_MAX + 1], reply[GDB_PACKET_MAX + 1], frame[GDB_FRAME_MAX];
    static struct gdb_framing framing;
    for (unsigned long rounds = 0; rounds < most; rounds++) {
        static struct kdp k;
        memset(&k, 0, sizeof k);
        k.link = (struct kdp_link){fake_send, fake_receive, NULL, 1};
        k.tries = 2;
        k.first_ms = 1;
        struct gdb g = {.kdp = &k, .arch = chance(2) ? GDB_X86_64 : GDB_I386};
        if (kdp_connect(&k, 1) && chance(2))
            continue;
        k.connected = true;
        k.max_bytes = k.max_bytes ? k.max_bytes : 512;
        for (int i = 0; i < 20; i++) {
            size_t out, n = make_packet(text), framed = gdb_frame(text, n, frame);
            int got = GDB_NOTHING;
            for (size_t b = 0; b < framed; b++)
                got = gdb_feed(&framing, chance(4000) ? (uint8_t)frame[b] : (uint8_t)chance(256));
            if (got >= 0)
                gdb_command(&g, framing.text, (size_t)got, reply, &out);
            if (k.running)
                kdp_wait(&k, 0);
            k.running = k.running && chance(2);
            k.connected = true;
        }
    }
    printf("ok - %lu sessions with two hostile sides\n", most);
    return 0;
}
