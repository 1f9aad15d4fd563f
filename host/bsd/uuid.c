// SPDX-License-Identifier: BSD-3-Clause
/*
 * Universally unique identifiers: RFC 4122, text as xnu's libkern/uuid/uuid.c prints it.
 */
#include <uuid/uuid.h>
#include <libkern/libkern.h>
#include "linux/linux.h"

void uuid_clear(uuid_t uu)
{
    memset(uu, 0, sizeof(uuid_t));
}
int uuid_compare(const uuid_t uu1, const uuid_t uu2)
{
    return memcmp(uu1, uu2, sizeof(uuid_t));
}
void uuid_copy(uuid_t dst, const uuid_t src)
{
    memcpy(dst, src, sizeof(uuid_t));
}
int uuid_is_null(const uuid_t uu)
{
    for (unsigned i = 0; i < sizeof(uuid_t); i++)
        if (uu[i])
            return 0;
    return 1;
}

void uuid_generate_random(uuid_t out)
{
    lx_random(out, sizeof(uuid_t));
    out[6] = (out[6] & 0x0f) | 0x40; /* version 4 */
    out[8] = (out[8] & 0x3f) | 0x80;
}

static int digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}
static int hyphen_before(int byte)
{
    return byte == 4 || byte == 6 || byte == 8 || byte == 10;
}

int uuid_parse(const uuid_string_t in, uuid_t uu)
{
    const char *p = in;
    uuid_t out;

    for (int i = 0; i < 16; i++, p += 2) {
        if (hyphen_before(i) && *p++ != '-')
            return -1;
        if (digit(p[0]) < 0 || digit(p[1]) < 0)
            return -1;
        out[i] = (unsigned char)(digit(p[0]) << 4 | digit(p[1]));
    }
    if (*p)
        return -1;
    uuid_copy(uu, out);
    return 0;
}

void uuid_unparse(const uuid_t uu, uuid_string_t out)
{
    char *p = out;

    for (int i = 0; i < 16; i++) {
        if (hyphen_before(i))
            *p++ = '-';
        *p++ = "0123456789ABCDEF"[uu[i] >> 4];
        *p++ = "0123456789ABCDEF"[uu[i] & 15];
    }
    *p = '\0';
}
