// SPDX-License-Identifier: BSD-3-Clause
/*
 * Reception (5.1.9.3, 5.1.9.4): buffers with room for the header in front, frames assembled from one or more
 * of them (merged by the device, or a chain that held the longest frame), headers checked before anything is believed. A frame whose framing is intact but whose header lies
 * is dropped and its buffers go back to the ring; one that breaks the framing (num_buffers) breaks the queue,
 * for the start of the next frame is not known any more.
 */
#include "vio_net.h"

/* Offers a chain of rx_chain buffers; the device does not see it before vq_publish(). */
static int post(struct vio_net *n, const struct vio_net_rxbuf *buf)
{
    struct vq_seg seg[1 + VIO_NET_RX_PIECES];
    unsigned segs = 0;
    struct vio_net_rxbuf *kept = &n->rx_buf[vq_next_id(&n->rx) * n->rx_chain];

    for (unsigned i = 0; i < n->rx_chain; i++) {
        seg[segs++] = (struct vq_seg){buf[i].pa, buf[i].len};
        /* Old devices want the header's own descriptor (5.1.9.8); with mergeable buffers they never did. */
        if (i == 0 && n->one_layout && !n->merge) {
            seg[segs++] = (struct vq_seg){buf->pa + n->hdr_len, buf->len - n->hdr_len};
            seg[0].len = n->hdr_len;
        }
    }
    int error = vq_add(&n->rx, seg, 0, segs, kept);
    for (unsigned i = 0; i < n->rx_chain && !error; i++)
        kept[i] = buf[i];
    return error;
}

static void publish(struct vio_net *n)
{
    if (vq_publish(&n->rx))
        vq_kick(&n->rx);
}

static bool lengths_fit(const struct vio_net *n, const struct vio_net_rxbuf *buf)
{
    bool fit = true;

    for (unsigned i = 0; i < n->rx_chain; i++)
        fit &= buf[i].len == n->rx_buf_size;
    return fit;
}

int VQ_NAME(vio_net_rx_post)(struct vio_net *n, const struct vio_net_rxbuf *buf, unsigned count)
{
    unsigned done = 0;
    int error = 0;

    if (VIO_UNLIKELY(!n->running))
        return VIO_EBROKEN;
    while (done + n->rx_chain <= count && lengths_fit(n, &buf[done]) && !(error = post(n, &buf[done])))
        done += n->rx_chain;
    publish(n);
    return error == VIO_EBROKEN ? error : (int)done;
}

/* Framing lost: count it by name and shut the queue. */
static int lost(struct vio_net *n, enum vio_net_fault fault)
{
    n->fault[fault]++;
    return vq_broken(&n->rx, VQ_FAULT_OWNER);
}

/* How many buffers the frame that begins in `first` has (5.1.9.4), or VIO_EBROKEN. */
static int count_buffers(struct vio_net *n, const struct virtio_net_hdr *h, uint32_t len)
{
    if (!n->merge)
        return 1;         /* whatever it says (5.1.9.4.1) */
    if (len < n->hdr_len) /* no header, hence no count: this one buffer will be dropped */
        return 1;
    if (!h->num_buffers || h->num_buffers > VIO_NET_RX_PIECES)
        return lost(n, VIO_NET_RX_NUM_BUFFERS);
    return h->num_buffers;
}

/* Takes one used chain as rx_chain pieces. `offset`: where its payload begins. 1, 0 or VIO_EBROKEN as vq_pop(). */
static int take_chain(struct vio_net *n, struct vio_net_piece *piece, uint32_t offset)
{
    struct vq_done done;
    const struct vio_net_rxbuf *buf;
    int got = vq_pop(&n->rx, &done);

    if (got <= 0)
        return got;
    buf = &n->rx_buf[done.id * n->rx_chain];
    for (unsigned i = 0; i < n->rx_chain; i++) {
        piece[i].buf = buf[i];
        piece[i].offset = 0;
        piece[i].len = done.len < buf[i].len ? done.len : buf[i].len; /* header included, so far */
        done.len -= piece[i].len;
    }
    piece->offset = offset;
    return 1;
}

/* The feature that a segmentation type needs on the way in; 64: not a type we can have negotiated. */
static unsigned gso_feature(uint8_t gso)
{
    switch (gso & ~VIRTIO_NET_HDR_GSO_ECN) {
    case VIRTIO_NET_HDR_GSO_TCPV4:
        return VIRTIO_NET_F_GUEST_TSO4;
    case VIRTIO_NET_HDR_GSO_TCPV6:
        return VIRTIO_NET_F_GUEST_TSO6;
    case VIRTIO_NET_HDR_GSO_UDP:
        return VIRTIO_NET_F_GUEST_UFO;
    default:
        return 64;
    }
}

static bool gso_valid(const struct vio_net *n, const struct virtio_net_hdr *h)
{
    unsigned feature;

    if (h->gso_type == VIRTIO_NET_HDR_GSO_NONE)
        return true;
    feature = gso_feature(h->gso_type);
    if ((h->gso_type & VIRTIO_NET_HDR_GSO_ECN) && !(n->features & VIO_BIT(VIRTIO_NET_F_GUEST_ECN)))
        return false;
    return feature < 64 && (n->features & VIO_BIT(feature)) && h->gso_size;
}

/* Takes over what the header says about the checksum; false if it points outside the frame. */
static bool take_checksum(struct vio_net *n, const struct virtio_net_hdr *h, struct vio_net_frame *f)
{
    f->csum_valid = f->csum_partial = false;
    if (!(n->features & VIO_BIT(VIRTIO_NET_F_GUEST_CSUM)))
        return true; /* the flags mean nothing then (5.1.9.4) */
    if (h->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) {
        if (h->csum_start < VIO_NET_ETHER_HEADER || h->csum_start + h->csum_offset + 2u > f->len)
            return false;
        f->csum_partial = true;
        f->csum_start = h->csum_start;
        f->csum_offset = h->csum_offset;
    } else {
        f->csum_valid = (h->flags & VIRTIO_NET_HDR_F_DATA_VALID) != 0;
    }
    return true;
}

/* Sums the frame's pieces, the first already without header. A fault's number, or VIO_NET_FAULTS if all is
 * well. */
static enum vio_net_fault check_frame(struct vio_net *n, const struct virtio_net_hdr *h,
                                      struct vio_net_frame *f, const struct vio_net_piece *piece)
{
    f->len = f->used = 0;
    for (unsigned i = 0; i < f->pieces; i++) {
        /* 5.1.9.4.1: all but the last are filled to the end. */
        if (n->merge && i + 1u < f->pieces && piece[i].offset + piece[i].len != piece[i].buf.len)
            return VIO_NET_RX_GAP;
        f->len += piece[i].len;
        f->used += n->merge || piece[i].len;
    }
    if (f->len < VIO_NET_ETHER_HEADER)
        return VIO_NET_RX_RUNT;
    if (f->len > VIO_NET_RX_LONGEST)
        return VIO_NET_RX_LONG;
    if (!gso_valid(n, h))
        return VIO_NET_RX_GSO;
    f->gso = h->gso_type;
    f->gso_size = h->gso_size;
    return take_checksum(n, h, f) ? VIO_NET_FAULTS : VIO_NET_RX_CSUM;
}

/* Counts a dropped frame and offers its buffers again; their descriptors have just been freed, so there is
 * room. */
static void drop(struct vio_net *n, struct vio_net_rx *out, enum vio_net_fault fault, unsigned pieces)
{
    const struct vio_net_piece *piece = &out->piece[out->pieces];
    struct vio_net_rxbuf buf[VIO_NET_RX_PIECES];

    n->fault[fault]++;
    out->dropped++;
    for (unsigned i = 0; i < pieces; i++)
        buf[i] = piece[i].buf;
    for (unsigned i = 0; i < pieces; i += n->rx_chain)
        (void)post(n, &buf[i]);
}

/* Copied out once: the device may go on writing to it. Bytes that it did not write are zero. */
static struct virtio_net_hdr read_header(const struct vio_net *n, const struct vio_net_piece *piece)
{
    struct virtio_net_hdr h = {0};

    if (piece->len >= n->hdr_len)
        __builtin_memcpy(&h, piece->buf.va, n->hdr_len);
    return h;
}

/* The queue broke inside a frame: its buffers so far are off the ring, and wait for vio_net_rx_detach(). */
static int spill(struct vio_net *n, struct vio_net_rx *out, unsigned pieces)
{
    for (unsigned i = 0; i < pieces; i++)
        n->spilled[n->spills++] = out->piece[out->pieces + i].buf.cookie;
    out->dropped++;
    return VIO_EBROKEN;
}

/* Takes one frame into out. 1: taken, or dropped; 0: none there; VIO_EBROKEN. */
static int take_frame(struct vio_net *n, struct vio_net_rx *out)
{
    struct vio_net_frame *f = &out->frame[out->frames];
    struct vio_net_piece *piece = &out->piece[out->pieces];
    enum vio_net_fault fault;
    struct virtio_net_hdr h;
    int buffers, got = take_chain(n, piece, n->hdr_len);

    if (got <= 0)
        return got;
    h = read_header(n, piece);
    buffers = count_buffers(n, &h, piece->len);
    if (VIO_UNLIKELY(buffers < 0))
        return spill(n, out, 1);
    for (int i = 1; i < buffers; i++) {
        got = take_chain(n, &piece[i], 0);
        if (VIO_LIKELY(got > 0))
            continue;
        if (!got) /* all of them must be used at once (5.1.9.4.1) */
            (void)lost(n, VIO_NET_RX_MISSING);
        return spill(n, out, (unsigned)i);
    }

    f->first = (uint16_t)out->pieces;
    f->pieces = (uint16_t)(buffers * n->rx_chain); /* one of them is 1 */
    if (VIO_UNLIKELY(piece->len < n->hdr_len)) {
        drop(n, out, VIO_NET_RX_SHORT, f->pieces);
        return 1;
    }
    piece->len -= n->hdr_len;
    fault = check_frame(n, &h, f, piece);
    if (VIO_UNLIKELY(fault != VIO_NET_FAULTS)) {
        drop(n, out, fault, f->pieces);
        return 1;
    }
    out->frames++;
    out->pieces += f->pieces;
    return 1;
}

static void count_frames(struct vio_net *n, const struct vio_net_rx *out)
{
    for (unsigned i = 0; i < out->frames; i++) {
        const struct vio_net_frame *f = &out->frame[i];
        n->rx_count.packets++;
        n->rx_count.bytes += f->len;
        n->rx_count.merged += f->used > 1;
        n->rx_count.large += f->gso != 0;
        n->rx_count.csum_valid += f->csum_valid;
        n->rx_count.csum_partial += f->csum_partial;
    }
}

int VQ_NAME(vio_net_rx_burst)(struct vio_net *n, struct vio_net_rx *out)
{
    int got = 1;

    out->frames = out->pieces = out->dropped = 0;
    if (VIO_UNLIKELY(!n->running))
        return VIO_EBROKEN;
    /* Dropped frames give their buffers back, so a device could feed us for ever: a ring's worth is the
     * bound. */
    for (unsigned rounds = 0; rounds < n->rx.num && out->frames < VIO_NET_RX_FRAMES &&
                              out->pieces <= VIO_COUNT(out->piece) - VIO_NET_RX_PIECES && got > 0;
         rounds++)
        got = take_frame(n, out);
    publish(n); /* buffers of dropped frames */
    count_frames(n, out);
    return got < 0 && !out->frames ? got : (int)out->frames;
}

bool VQ_NAME(vio_net_rx_arm)(struct vio_net *n)
{
    return !n->rx.broken && vq_intr_on(&n->rx, 1);
}

void VQ_NAME(vio_net_rx_disarm)(struct vio_net *n)
{
    vq_intr_off(&n->rx);
}
