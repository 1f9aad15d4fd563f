// SPDX-License-Identifier: BSD-3-Clause
/*
 * Packets in another shape (kexthost --mbufs, kextctl mbufs). Linux hands a frame over in one mbuf or in
 * clusters; Darwin's sockets, filters and M_PREPEND make any chain whatever of the same bytes. Here the bytes
 * of an outgoing packet are put into a chain that a driver may get but rarely does. What holds for every
 * chain holds for these (xnu sys/mbuf.h): a packet header in the first mbuf alone, its length the sum of all,
 * requests and tags go with it, mbufs may be empty. But for LONG and SHORT, which are another driver's or
 * filter's mistake: the chain has more or fewer bytes than its header says.
 */
#include "bsd/boot.h"
#include "bsd/mbuf_impl.h"

enum shape { WHOLE, BYTES, SPLIT, RANDOM, SEGMENTS, LONG, SHORT };
enum {
    LONG_FIRST = 200, /* of a packet, before the mbuf that says too much */
    BYTES_MOST = 256, /* one-byte mbufs: all headers, or a small packet */
    SEGMENTS_LEAST =
        1100 /* pieces of a large packet: no ring that a driver of ours makes has so many descriptors */
};

static struct {
    volatile u_int32_t kind, value; /* value: SPLIT's place, RANDOM's seed */
    volatile u_int32_t turn;        /* packets so far: each has dice of its own */
} chosen;

LX_COUNTER(shaped, "mbufs.shaped")
LX_COUNTER(shaped_pieces, "mbufs.shaped_pieces")

/* ---- the choice ---- */

static const char *number(const char *text, u_int32_t *value)
{
    u_int64_t n = 0;
    int digits = 0;

    for (; *text >= '0' && *text <= '9' && digits < 10; text++, digits++)
        n = n * 10 + (u_int64_t)(*text - '0');
    *value = (u_int32_t)n;
    return digits && n <= 0xffffffff ? text : "?";
}

int bsd_mbufs(const char *shape)
{
    static const struct {
        const char *name;
        enum shape kind;
        int takes; /* a number */
    } table[] = {{"whole", WHOLE, 0},
                 {"bytes", BYTES, 0},
                 {"segments", SEGMENTS, 0},
                 {"long", LONG, 0},
                 {"short", SHORT, 0},
                 {"split=", SPLIT, 1},
                 {"random=", RANDOM, 1}};

    for (unsigned i = 0; i < sizeof table / sizeof table[0]; i++) {
        unsigned long n = strlen(table[i].name);
        u_int32_t value = 0;
        if (strncmp(shape, table[i].name, n) != 0)
            continue;
        if (*(table[i].takes ? number(shape + n, &value) : shape + n))
            continue;
        chosen.kind = WHOLE; /* a packet on its way sees no mixture that matters */
        chosen.value = value;
        chosen.turn = 0;
        chosen.kind = table[i].kind;
        return 0;
    }
    return -1;
}

/* ---- the dice ---- */

/* xorshift (Marsaglia): the same numbers for the same seed and packet, whatever else goes on. */
static u_int32_t dice(u_int32_t *state, u_int32_t below)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state % below;
}

/* ---- the pieces ---- */

struct build {
    mbuf_t from, top, last, *link;
    size_t at, left, total;
    u_int32_t dice;
    unsigned pieces;
    int failed;
};

/* The next len bytes of the packet in an mbuf of their own, `lead` bytes into its room. */
static void piece(struct build *b, size_t len, size_t lead, int clustered)
{
    size_t room = b->top ? MLEN : MHLEN;
    mbuf_t m = b->failed ? NULL : mbuf_new(!b->top, MBUF_TYPE_DATA, MBUF_DONTWAIT);

    b->failed = !m;
    if (!m)
        return;
    *b->link = m; /* the chain owns it from here on */
    b->link = &m->next;
    b->last = m;
    if (clustered || len + lead > room)
        b->failed = mbuf_getcluster(MBUF_DONTWAIT, MBUF_TYPE_DATA,
                                    len + lead <= MCLBYTES ? MCLBYTES : MBIGCLBYTES, &m) != 0;
    if (b->failed || mbuf_copydata(b->from, b->at, len, m->data + lead) != 0) {
        b->failed = 1;
        return;
    }
    m->data += lead;
    m->len = (int)len;
    b->at += len;
    b->left -= len;
    b->pieces++;
}

/* All that is left, in page-sized pieces at most: IFNET_MULTIPAGES is not every driver's. */
static void rest(struct build *b, size_t piece_size)
{
    while (b->left && !b->failed)
        piece(b, MIN(b->left, piece_size), 0, 0);
}

static void random_pieces(struct build *b)
{
    static const u_int16_t most[] = {1, 3, 20, 64, 200, 1000, MCLBYTES - 64, MBIGCLBYTES - 64};

    while (b->left && !b->failed) {
        size_t len = 1 + dice(&b->dice, most[dice(&b->dice, b->at < BYTES_MOST ? 5 : 8)]),
               lead = dice(&b->dice, 64);
        if (dice(&b->dice, 8) == 0)
            piece(b, 0, lead, (int)dice(&b->dice, 2));
        piece(b, MIN(len, b->left), lead, dice(&b->dice, 4) == 0);
    }
    if (!b->failed && dice(&b->dice, 4) == 0)
        piece(b, 0, 0, 0);
}

/* The last mbuf says that all of its cluster is the packet's. */
static void too_long(struct build *b)
{
    piece(b, MIN(b->left, LONG_FIRST), 0, 0);
    while (b->left >= MCLBYTES && !b->failed)
        piece(b, MIN(b->left - 1, MBIGCLBYTES), 0, 0);
    piece(b, b->left, 0, 1);
    if (!b->failed)
        b->last->len = MCLBYTES;
}

static void cut(struct build *b, enum shape kind, u_int32_t value)
{
    switch (kind) {
    case BYTES:
        while (b->left && b->at < BYTES_MOST && !b->failed)
            piece(b, 1, b->at & 7, 0);
        break;
    case SPLIT: /* the second part begins at an odd address */
        for (; b->at < value && b->left && !b->failed;)
            piece(b, MIN(MIN(b->left, value - b->at), MBIGCLBYTES), 0, 0);
        if (b->left && !b->failed)
            piece(b, MIN(b->left, MCLBYTES - 1), 1, 1);
        break;
    case RANDOM:
        random_pieces(b);
        break;
    case SEGMENTS:
        while (b->left && !b->failed)
            piece(b, MIN(b->left, MAX(b->total / SEGMENTS_LEAST, 1)), b->at & 3, 0);
        break;
    case LONG:
        too_long(b);
        break;
    case SHORT:
        b->left--;
        break;
    case WHOLE:
        break;
    }
    rest(b, MBIGCLBYTES);
}

mbuf_t mbuf_shape(mbuf_t m)
{
    enum shape kind = (enum shape)chosen.kind;
    struct build b = {.from = m, .left = (size_t)m->pkthdr.len, .total = (size_t)m->pkthdr.len};

    if (kind == WHOLE || !b.left)
        return m;
    b.link = &b.top;
    b.dice =
        (chosen.value + 1) * 2654435761u ^ __atomic_add_fetch(&chosen.turn, 1, __ATOMIC_RELAXED) * 40503u;
    b.dice += b.dice == 0;
    cut(&b, kind, chosen.value);
    if (b.failed) { /* short of memory: the packet goes as it is */
        mbuf_freem(b.top);
        return m;
    }
    char *data = b.top->data;
    mbuf_copy_pkthdr(b.top, m);
    b.top->data = data;
    lx_count(&shaped, 1);
    lx_count(&shaped_pieces, b.pieces);
    mbuf_freem(m);
    return b.top;
}
