// SPDX-License-Identifier: BSD-3-Clause
/*
 * How gdb's packets travel on a byte stream: $text#sum, with }, #, $ and * escaped as } and the byte xor 0x20 (GDB manual,
 * "Overview" of the remote serial protocol). Hex digits, too, for all.
 */
#include "gdb.h"

int hex_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

size_t hex_put(char *hex, const uint8_t *bytes, size_t count)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < count; i++) {
        hex[2 * i] = digits[bytes[i] >> 4];
        hex[2 * i + 1] = digits[bytes[i] & 15];
    }
    return 2 * count;
}

static void keep(struct gdb_framing *f, char c)
{
    if (f->length < GDB_PACKET_MAX)
        f->text[f->length++] = c;
    else
        f->overflow = true;
}

static void begin(struct gdb_framing *f)
{
    f->at = GDB_TEXT;
    f->sum = 0;
    f->length = 0;
    f->overflow = false;
}

static int finish(struct gdb_framing *f, int low)
{
    f->at = GDB_IDLE;
    f->text[f->length] = 0;
    if (f->told == 0xff || low < 0 || (uint8_t)(f->told << 4 | low) != f->sum || f->overflow)
        return GDB_DAMAGED;
    return (int)f->length;
}

int gdb_feed(struct gdb_framing *f, uint8_t byte)
{
    switch (f->at) {
    case GDB_IDLE:
        if (byte == '$')
            begin(f);
        return byte == 3 ? GDB_BREAK : GDB_NOTHING;
    case GDB_SUM1:
        f->told = (uint8_t)hex_digit((char)byte);
        f->at = GDB_SUM2;
        return GDB_NOTHING;
    case GDB_SUM2:
        return finish(f, hex_digit((char)byte));
    case GDB_TEXT:
    case GDB_ESCAPED:
        break;
    }
    if (f->at == GDB_TEXT && byte == '#') {
        f->at = GDB_SUM1;
        return GDB_NOTHING;
    }
    f->sum = (uint8_t)(f->sum + byte);
    if (f->at == GDB_TEXT && byte == '}') {
        f->at = GDB_ESCAPED;
        return GDB_NOTHING;
    }
    keep(f, (char)(f->at == GDB_ESCAPED ? byte ^ 0x20 : byte));
    f->at = GDB_TEXT;
    return GDB_NOTHING;
}

size_t gdb_frame(const char *text, size_t length, char *frame)
{
    size_t n = 0;
    uint8_t sum = 0;
    frame[n++] = '$';
    for (size_t i = 0; i < length && i < GDB_PACKET_MAX; i++) {
        char c = text[i];
        if (c == '}' || c == '#' || c == '$' || c == '*') {
            frame[n++] = '}';
            sum = (uint8_t)(sum + '}');
            c ^= 0x20;
        }
        frame[n++] = c;
        sum = (uint8_t)(sum + (uint8_t)c);
    }
    frame[n++] = '#';
    return n + hex_put(frame + n, &sum, 1);
}
