// SPDX-License-Identifier: BSD-3-Clause
/* Where mbufs and clusters come from and go to: sizes, addresses, sharing, external buffers, tags, threads.
 */
#include <sys/kpi_mbuf.h>
#include <sys/mbuf.h>
#include <libkern/libkern.h>
#include "linux/linux.h"
#include "bsd/mbuf_impl.h"
#include "suite.h"

static void sizes(void)
{
    mbuf_t m, h;
    mbuf_get(MBUF_WAITOK, MBUF_TYPE_DATA, &m);
    mbuf_gethdr(MBUF_WAITOK, MBUF_TYPE_HEADER, &h);
    host_check(mbuf_maxlen(m) == mbuf_get_mlen() && mbuf_maxlen(h) == mbuf_get_mhlen(),
               "an mbuf has room for %u bytes, a packet's first one for %u", mbuf_get_mlen(),
               mbuf_get_mhlen());
    host_check(mbuf_type(h) == MBUF_TYPE_HEADER && mbuf_flags(h) == MBUF_PKTHDR && mbuf_flags(m) == 0,
               "type and flags of fresh mbufs");
    host_check(mbuf_data_to_physical(mbuf_data(m)) == lx_ram_phys(mbuf_data(m)) &&
                   mbuf_data_to_physical(&m) == 0,
               "mbuf_data_to_physical: the place in RAM; 0 outside");
    host_check(mbuf_setdata(m, (char *)mbuf_datastart(m) + 8, 20) == 0 && mbuf_len(m) == 20 &&
                   mbuf_leadingspace(m) == 8 && mbuf_trailingspace(m) == mbuf_get_mlen() - 28,
               "mbuf_setdata, and the room on both sides");
    host_check(mbuf_setdata(m, (char *)mbuf_datastart(m) - 1, 1) == EINVAL &&
                   mbuf_setdata(m, mbuf_datastart(m), mbuf_get_mlen() + 1) == EINVAL,
               "mbuf_setdata refuses what lies outside");
    host_check(mbuf_adjustlen(m, 1000) == EINVAL && mbuf_adjustlen(m, -21) == EINVAL &&
                   mbuf_adjustlen(m, -20) == 0,
               "mbuf_adjustlen keeps to the room");
    host_check(mbuf_settype(m, MBUF_TYPE_FREE) == EINVAL && mbuf_setflags(m, MBUF_EXT) == EINVAL,
               "reserved values");
    mbuf_setlen(m, 0);
    mbuf_setdata(m, mbuf_datastart(m), 0);
    host_check(mbuf_setflags_mask(m, MBUF_PKTHDR, MBUF_PKTHDR) == 0 && mbuf_maxlen(m) == mbuf_get_mhlen() &&
                   mbuf_pkthdr_len(m) == 0,
               "an empty mbuf can be given a packet header");
    host_check(mbuf_setnext(m, h) == 0 && mbuf_next(m) == h, "mbuf_setnext");
    mbuf_freem(m);
}

static void clusters(void)
{
    static const size_t kinds[] = {MCLBYTES, MBIGCLBYTES, M16KCLBYTES};
    int good = 1, aligned = 1;
    for (unsigned k = 0; k < 3; k++) {
        mbuf_t list[40];
        for (int i = 0; i < 40; i++) {
            list[i] = NULL;
            good &= mbuf_getcluster(MBUF_WAITOK, MBUF_TYPE_DATA, kinds[k], &list[i]) == 0;
            good &= mbuf_maxlen(list[i]) == kinds[k] && mbuf_trailingspace(list[i]) == kinds[k] &&
                    mbuf_flags(list[i]) == MBUF_EXT;
            aligned &= mbuf_data_to_physical(mbuf_data(list[i])) % kinds[k] == 0;
            memset(mbuf_data(list[i]), i, kinds[k]);
        }
        for (int i = 0; i < 40; i++) {
            good &= ((char *)mbuf_data(list[i]))[0] == i && ((char *)mbuf_data(list[i]))[kinds[k] - 1] == i;
            mbuf_free(list[i]);
        }
    }
    host_check(good, "clusters of 2, 4 and 16 KB do not overlap");
    host_check(aligned,
               "a cluster lies on a boundary of its size: never across a page when it is none larger");
    mbuf_t m = NULL;
    host_check(mbuf_getcluster(MBUF_WAITOK, MBUF_TYPE_DATA, 3000, &m) == EINVAL && !m,
               "no cluster of 3000 bytes");
    size_t size = 2049;
    caddr_t raw;
    host_check(mbuf_alloccluster(MBUF_WAITOK, &size, &raw) == 0 && size == MBIGCLBYTES,
               "mbuf_alloccluster rounds up");
    mbuf_freecluster(raw, size);
    size = 16385;
    host_check(mbuf_alloccluster(MBUF_WAITOK, &size, &raw) == ENOMEM && size == 0 && !raw,
               "no cluster above 16 KB");
}

static int freed;
static caddr_t freed_base, freed_arg;
static u_int freed_size;
static void give_back(caddr_t base, u_int size, caddr_t arg)
{
    freed++;
    freed_base = base;
    freed_size = size;
    freed_arg = arg;
}

static void external(void)
{
    static char buffer[5000];
    mbuf_t m = NULL, copy = NULL;
    int arg;
    host_check(mbuf_attachcluster(MBUF_WAITOK, MBUF_TYPE_DATA, &m, buffer, give_back, sizeof buffer,
                                  (caddr_t)&arg) == 0 &&
                   mbuf_data(m) == buffer && mbuf_maxlen(m) == sizeof buffer && (mbuf_flags(m) & MBUF_PKTHDR),
               "an external buffer in a new packet");
    mbuf_setlen(m, 100);
    mbuf_pkthdr_setlen(m, 100);
    host_check(!mbuf_mclhasreference(m) && mbuf_copym(m, 0, MBUF_COPYALL, MBUF_WAITOK, &copy) == 0 &&
                   mbuf_data(copy) == buffer && mbuf_mclhasreference(m) && mbuf_leadingspace(copy) == 0 &&
                   mbuf_trailingspace(copy) == 0,
               "a copy shares it, and nobody may write beside the data");
    mbuf_freem(m);
    host_check(freed == 0, "the first of two owners leaves: not freed");
    mbuf_freem(copy);
    host_check(freed == 1 && freed_base == buffer && freed_size == sizeof buffer &&
                   freed_arg == (caddr_t)&arg,
               "the last one leaves: the function is called once, with its argument");
}

static int packet_fits(size_t len, unsigned *chunks)
{
    mbuf_t m, n;
    size_t room = 0;
    unsigned count = 0;
    *chunks = 0;
    if (mbuf_allocpacket(MBUF_WAITOK, len, chunks, &m) != 0)
        return 0;
    for (n = m; n; n = mbuf_next(n), count++)
        room += mbuf_maxlen(n);
    mbuf_freem(m);
    return room >= len && count == *chunks;
}

static void packets(void)
{
    static const size_t lengths[] = {1,    100,  168,  169,  384,   385,   1514, 2048,
                                     2049, 4096, 4097, 9018, 16384, 16385, 65550};
    unsigned chunks;
    int good = 1;
    for (unsigned i = 0; i < sizeof lengths / sizeof lengths[0]; i++)
        good &= packet_fits(lengths[i], &chunks);
    host_check(good, "mbuf_allocpacket: room enough, and as many chunks as it says");
    mbuf_t m = NULL, n;
    chunks = 1;
    host_check(mbuf_allocpacket(MBUF_WAITOK, 300, &chunks, &m) == 0 && !mbuf_next(m) && mbuf_maxlen(m) >= 300,
               "300 bytes in one chunk: a cluster");
    mbuf_freem(m);
    chunks = 2;
    host_check(mbuf_allocpacket(MBUF_WAITOK, 65550, &chunks, &m) == ENOBUFS,
               "64 KB do not go into two chunks");
    int count = 0;
    host_check(mbuf_allocpacket_list(5, MBUF_WAITOK, 1500, NULL, &m) == 0, "a list of packets");
    for (n = m; n; n = mbuf_nextpkt(n))
        count += (mbuf_flags(n) & MBUF_PKTHDR) != 0;
    host_check(count == 5 && mbuf_freem_list(m) == 5, "five packets, five freed");
    host_check(mbuf_allocpacket(MBUF_WAITOK, 0, NULL, &m) == EINVAL, "no packet of 0 bytes");
}

static void tags(void)
{
    mbuf_tag_id_t id, again;
    size_t len;
    void *data, *found;
    mbuf_t m, copy;
    host_check(mbuf_tag_id_find("org.example.test", &id) == 0 &&
                   mbuf_tag_id_find("org.example.test", &again) == 0 && id == again,
               "a module's tag number stays the same");
    mbuf_gethdr(MBUF_WAITOK, MBUF_TYPE_DATA, &m);
    host_check(mbuf_tag_allocate(m, id, 7, 16, MBUF_WAITOK, &data) == 0 &&
                   mbuf_tag_allocate(m, id, 7, 16, MBUF_WAITOK, &found) == EEXIST &&
                   mbuf_tag_find(m, id, 7, &len, &found) == 0 && found == data && len == 16 &&
                   mbuf_tag_find(m, id, 8, &len, &found) == ENOENT,
               "tags are found by module and type");
    memcpy(data, "fifteen letters", 16);
    mbuf_setlen(m, 10);
    mbuf_pkthdr_setlen(m, 10);
    mbuf_dup(m, MBUF_WAITOK, &copy);
    host_check(mbuf_tag_find(copy, id, 7, &len, &found) == 0 && found != data && memcmp(found, data, 16) == 0,
               "mbuf_dup copies them");
    mbuf_tag_free(m, id, 7);
    host_check(mbuf_tag_find(m, id, 7, &len, &found) == ENOENT, "mbuf_tag_free");
    mbuf_freem(m);
    mbuf_freem(copy);
}

static void free_twice(void)
{
    mbuf_t m;
    mbuf_get(MBUF_WAITOK, MBUF_TYPE_DATA, &m);
    mbuf_free(m);
    mbuf_free(m);
}

/* Packets cross from thread to thread through a ring of slots, as between a driver and the stack. */
static mbuf_t volatile slots[64];
static volatile int bad_stamp;
static void shuffle(int which)
{
    unsigned seed = 12345u * (unsigned)(which + 1);
    for (int i = 0; i < 30000; i++) {
        mbuf_t m = NULL, old;
        seed = seed * 1103515245 + 12345;
        if (i % 3 ? mbuf_getpacket(MBUF_DONTWAIT, &m) != 0
                  : mbuf_gethdr(MBUF_DONTWAIT, MBUF_TYPE_DATA, &m) != 0)
            continue;
        *(mbuf_t *)mbuf_data(m) = m;
        old = __atomic_exchange_n(&slots[seed >> 16 & 63], m, __ATOMIC_ACQ_REL);
        if (old && *(mbuf_t *)mbuf_data(old) != old)
            bad_stamp = 1;
        mbuf_freem(old);
    }
}

static void threads(void)
{
    host_threads(shuffle, 4);
    for (int i = 0; i < 64; i++) {
        mbuf_freem(slots[i]);
        slots[i] = NULL;
    }
    host_check(!bad_stamp, "four threads exchange 120000 packets: none is handed out twice");
}

static void speed(void)
{
    enum { N = 300000 };
    unsigned long long t = lx_time_ns();
    for (int i = 0; i < N; i++) {
        mbuf_t m;
        mbuf_getpacket(MBUF_DONTWAIT, &m);
        mbuf_freem(m);
    }
    host_note("mbuf_getpacket and mbuf_freem: %llu ns", (lx_time_ns() - t) / N);
}

void suite_mbuf(void)
{
    sizes();
    clusters();
    external();
    packets();
    tags();
    host_check(host_dies(free_twice, "is free already"), "freeing an mbuf twice ends the run and says so");
    threads();
    speed();
    host_check(host_leaks() == 0, "nothing is left");
}
