// SPDX-License-Identifier: BSD-3-Clause
/*
 * The checksum that a frame's sender left to be done (5.1.9.4, NEEDS_CSUM): RFC 1071 over the bytes from csum_start to the
 * end, the field itself holding the pseudo header's sum.
 */
#include "vio_net.h"

/* Bytes as big-endian words; `odd`: the first is a low byte. Up to 64 KB: 32 bits do not overflow. */
static uint32_t sum(const uint8_t *p, uint32_t len, bool odd)
{
    uint32_t total = 0;

    for (uint32_t i = 0; i < len; i++)
        total += (i & 1) == odd ? (uint32_t)p[i] << 8 : p[i];
    return total;
}

static void put_byte(const struct vio_net_piece *piece, uint32_t at, uint8_t value)
{
    while (at >= piece->len)
        at -= piece++->len;
    piece->buf.va[piece->offset + at] = value;
}

void vio_net_complete(const struct vio_net_frame *f, const struct vio_net_piece *piece)
{
    uint32_t skip = f->csum_start, field = (uint32_t)f->csum_start + f->csum_offset;
    uint64_t total = 0;
    bool odd = false;

    for (unsigned i = 0; i < f->used; i++) {
        uint32_t cut = skip < piece[i].len ? skip : piece[i].len;
        uint32_t len = piece[i].len - cut;
        total += sum(piece[i].buf.va + piece[i].offset + cut, len, odd);
        odd ^= len & 1;
        skip -= cut;
    }
    while (total >> 16)
        total = (total & 0xffff) + (total >> 16);
    total = ~total & 0xffff;
    if (!total && f->csum_offset == 6)
        total = 0xffff; /* UDP: zero would mean that there is none (RFC 768) */
    put_byte(piece, field, (uint8_t)(total >> 8));
    put_byte(piece, field + 1, (uint8_t)total);
}
