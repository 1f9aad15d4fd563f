// SPDX-License-Identifier: BSD-3-Clause
/*
 * The headers of a frame on its way out: where they are, for a checksum or segmentation request (5.1.9.2),
 * and those of a part of it, where a frame must be cut before the device may have it. Ethernet with up to two
 * IEEE 802.1Q tags, IPv4 (RFC 791) with options, IPv6 (RFC 8200) with extension headers, TCP (RFC 9293), UDP
 * (RFC 768). Pure functions.
 */
#ifndef CORE_VIO_FRAME_H
#define CORE_VIO_FRAME_H
#include "vio.h"

VIO_BEGIN

enum { VIO_FRAME_TCP_SUM = 16, VIO_FRAME_UDP_SUM = 6 }; /* offsets of the checksum in its header */
enum { VIO_FRAME_TCP_CWR = 0x80 };

/* Offsets from the frame's first byte. */
struct vio_frame {
    uint16_t ip;
    uint16_t transport;
    uint16_t payload;    /* behind the TCP or UDP header */
    uint8_t csum_offset; /* from transport: VIO_FRAME_TCP_SUM or VIO_FRAME_UDP_SUM */
    uint8_t tcp_flags;
    bool tcp, v6;
};

/*
 * Fills in *f from the first `have` bytes, at `head`, of a frame of `len`. 0; more than `have`: so many bytes
 * are needed at least; VIO_EINVAL: not TCP or UDP over IP, a fragment, or lengths that contradict one another
 * or the frame's.
 */
int vio_frame_parse(const uint8_t *head, uint32_t have, uint32_t len, struct vio_frame *f);

/*
 * Turns the headers at `head` (f->payload bytes) of a TCP frame of `len` bytes into those of the part of its
 * payload from byte `skip` on, `size` bytes long, the part_number-th one: lengths, IPv4 identification and
 * checksum, sequence number and flags (CWR only in the first, FIN and PSH only in the last: RFC 3168, 6.1.2;
 * RFC 9293). The TCP checksum field has the pseudo header's sum before and after.
 */
void vio_frame_part(uint8_t *head, const struct vio_frame *f, uint32_t len, uint32_t skip, uint32_t size,
                    uint16_t part_number);

VIO_END
#endif
