// SPDX-License-Identifier: BSD-3-Clause
/* An interface from allocation to release: its tap, traffic both ways, what the tap is told and what the
 * driver is. */
#include <sys/kpi_mbuf.h>
#include <sys/kern_event.h>
#include <sys/sockio.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <net/if_dl.h>
#include <net/if_types.h>
#include <net/kpi_interface.h>
#include <libkern/libkern.h>
#include "linux/linux.h"
#include "family/network/boot.h"
#include "bsd/ifnet_impl.h"
#include "fake_edge.h"
#include "suite.h"

static mbuf_t sent;
static unsigned long last_ioctl;
static int ioctls, refuse, detached, queue_full;

int network_output_full(void *softc)
{
    return queue_full;
}
static errno_t output(ifnet_t ifp, mbuf_t m)
{
    sent = m;
    return 0;
}
static errno_t ioctl(ifnet_t ifp, unsigned long cmd, void *data)
{
    struct ifreq *ifr = data;
    last_ioctl = cmd;
    ioctls++;
    if (refuse)
        return refuse;
    if (cmd == SIOCSIFMTU)
        ifnet_set_mtu(ifp, (u_int32_t)ifr->ifr_mtu);
    if (cmd == SIOCSIFLLADDR)
        return ifnet_set_lladdr(ifp, ifr->ifr_addr.sa_data, ifr->ifr_addr.sa_len);
    return 0;
}
static void detach(ifnet_t ifp)
{
    __atomic_store_n(&detached, 1, __ATOMIC_RELEASE);
}

static const unsigned char mac[6] = {0x52, 0x54, 0, 1, 2, 3};

static ifnet_t attach(ifnet_offload_t offload)
{
    static const u_char broadcast[6] = {255, 255, 255, 255, 255, 255};
    struct ifnet_init_params p = {.name = "en",
                                  .unit = 7,
                                  .family = IFNET_FAMILY_ETHERNET,
                                  .type = IFT_ETHER,
                                  .output = output,
                                  .ioctl = ioctl,
                                  .detach = detach,
                                  .softc = &sent,
                                  .broadcast_addr = broadcast,
                                  .broadcast_len = 6,
                                  .uniqueid = mac,
                                  .uniqueid_len = 6};
    struct sockaddr_dl sdl = {.sdl_len = sizeof sdl, .sdl_family = AF_LINK, .sdl_alen = 6};
    ifnet_t ifp;

    memcpy(sdl.sdl_data, mac, 6);
    detached = 0;
    if (ifnet_allocate(&p, &ifp) != 0)
        return NULL;
    ifnet_set_offload(ifp, offload);
    ifnet_set_mtu(ifp, 1500);
    ifnet_set_flags(ifp, (u_int16_t)(IFF_BROADCAST | IFF_SIMPLEX | IFF_MULTICAST), 0xffff);
    ifnet_set_hdrlen(ifp, 14);
    return ifnet_attach(ifp, &sdl) == 0 ? ifp : NULL;
}

static void end(ifnet_t ifp)
{
    host_check(ifnet_detach(ifp) == 0, "ifnet_detach");
    for (int i = 0; i < 2000 && !__atomic_load_n(&detached, __ATOMIC_ACQUIRE); i++)
        lx_sleep_ns(1000000);
    host_check(detached && !edge_fake_tap.open, "the detached function is called, after the tap is gone");
    host_check(ifnet_detach(ifp) != 0 && ifnet_ioctl(ifp, 0, SIOCSIFFLAGS, NULL) == EOPNOTSUPP,
               "a detached interface takes no more calls");
    ifnet_release(ifp);
    for (int i = 0; i < 2000 && lx_counter_value("ifnets.live"); i++)
        lx_sleep_ns(1000000); /* the detaching thread's reference */
}

static void life(void)
{
    struct ifnet_init_params bad = {.name = "en", .family = 2, .type = IFT_ETHER};
    ifnet_t ifp, found;
    char addr[6];

    host_check(ifnet_allocate(&bad, &ifp) == EINVAL, "no interface without an output function");
    ifp = attach(IFNET_CSUM_TCP | IFNET_TSO_IPV4);
    host_check(ifp && edge_fake_tap.open && strcmp(edge_fake_tap.name, "en7") == 0 &&
                   memcmp(edge_fake_tap.mac, mac, 6) == 0 && edge_fake_tap.mtu == 1500,
               "an attached interface is a tap with its name, address and MTU");
    host_check(edge_fake_tap.offloads == (EDGE_CSUM_TCP4 | EDGE_TSO4),
               "the tap has the offloads that were announced");
    host_check(ifnet_find_by_name("en7", &found) == 0 && found == ifp &&
                   ifnet_find_by_name("en8", &found) == ENXIO,
               "ifnet_find_by_name");
    ifnet_release(ifp);
    host_check(ifnet_lladdr_copy_bytes(ifp, addr, 6) == 0 && memcmp(addr, mac, 6) == 0 &&
                   ifnet_addrlen(ifp) == 6 && ifnet_softc(ifp) == &sent &&
                   strcmp(ifnet_name(ifp), "en") == 0 && ifnet_unit(ifp) == 7,
               "what it is");
    bad.output = output;
    bad.unit = 7;
    bad.uniqueid = mac;
    bad.uniqueid_len = 6;
    host_check(ifnet_allocate(&bad, &found) == EBUSY, "one interface with the same unique id at a time");
    host_check((ifnet_capabilities_enabled(ifp) & (IFCAP_TSO4 | IFCAP_HWCSUM)) == (IFCAP_TSO4 | IFCAP_HWCSUM),
               "capabilities follow the offloads");
    end(ifp);
}

static void link_event(ifnet_t ifp, unsigned code)
{
    struct kern_event_msg msg = {.total_size = sizeof msg,
                                 .vendor_code = KEV_VENDOR_APPLE,
                                 .kev_class = KEV_NETWORK_CLASS,
                                 .kev_subclass = KEV_DL_SUBCLASS,
                                 .event_code = code};
    ifnet_event(ifp, &msg);
}

static void control(void)
{
    unsigned char other[6] = {0x52, 0x54, 0, 9, 9, 9};
    ifnet_t ifp = attach(0);
    ifmultiaddr_t *groups;
    int n = 0;

    link_event(ifp, KEV_DL_LINK_OFF);
    host_check(edge_fake_tap.carrier == 0, "KEV_DL_LINK_OFF takes the carrier away");
    link_event(ifp, KEV_DL_LINK_ON);
    host_check(edge_fake_tap.carrier == 1, "KEV_DL_LINK_ON brings it back");
    ioctls = 0;
    edge_fake_tap.up->changed(ifp, 0, 1500, mac, 0, 0);
    host_check(ioctls == 0, "no change, no ioctl");
    edge_fake_tap.up->changed(ifp, 1, 1500, mac, 0, 0);
    host_check((ifnet_flags(ifp) & IFF_UP) && ioctls >= 1, "up: IFF_UP, then SIOCSIFFLAGS");
    ifnet_get_multicast_list(ifp, &groups);
    while (groups[n])
        n++;
    ifnet_free_multicast_list(groups);
    host_check(n == 3 && last_ioctl == SIOCADDMULTI, "coming up, it joins the groups of a host");
    edge_fake_tap.up->changed(ifp, 1, 9000, mac, 0, 0);
    host_check(ifnet_mtu(ifp) == 9000 && last_ioctl == SIOCSIFMTU, "an MTU that the driver takes");
    refuse = EINVAL;
    edge_fake_tap.up->changed(ifp, 1, 9001, mac, 0, 0);
    host_check(ifnet_mtu(ifp) == 9000 && edge_fake_tap.mtu == 9000,
               "one that it refuses is taken back in Linux");
    edge_fake_tap.up->changed(ifp, 1, 9000, other, 0, 0);
    host_check(memcmp(edge_fake_tap.mac, mac, 6) == 0, "an address that it refuses is taken back");
    refuse = 0;
    edge_fake_tap.up->changed(ifp, 1, 9000, other, 0, 0);
    host_check(memcmp(edge_fake_tap.mac, other, 6) == 0 && memcmp(ifp->lladdr, other, 6) == 0,
               "one that it takes");
    edge_fake_tap.up->changed(ifp, 1, 9000, other, 1, 1);
    host_check((ifnet_flags(ifp) & (IFF_PROMISC | IFF_ALLMULTI)) == (IFF_PROMISC | IFF_ALLMULTI),
               "promiscuous and all-multicast");
    edge_fake_tap.up->changed(ifp, 0, 9000, other, 0, 0);
    host_check(!(ifnet_flags(ifp) & (IFF_UP | IFF_PROMISC | IFF_ALLMULTI)) && last_ioctl == SIOCSIFFLAGS,
               "down");
    queue_full = 1;
    host_check(edge_fake_tap.up->full(ifp) == 1, "a full output queue holds Linux back");
    queue_full = 0;
    ifnet_output_ready(ifp);
    host_check(edge_fake_tap.ready == 1, "and room in it lets Linux go on");
    end(ifp);
}

/* The bytes of a sent packet, then free it. */
static int is_sent(const void *frame, size_t len)
{
    static unsigned char got[EDGE_MAX_FRAME];
    int good = sent && mbuf_pkthdr_len(sent) == len && mbuf_copydata(sent, 0, len, got) == 0 &&
               mbuf_copydata(sent, len, 1, got) == EINVAL && memcmp(got, frame, len) == 0;
    return good;
}

static int longest_page(mbuf_t m)
{
    for (; m; m = mbuf_next(m)) {
        unsigned long at = (unsigned long)mbuf_data(m);
        if (at / 4096 != (at + mbuf_len(m) - 1) / 4096)
            return 0;
    }
    return 1;
}

static void outward(void)
{
    static unsigned char frame[65550];
    static const unsigned lengths[] = {60, 128, 129, 1514, 2014, 2015, 9014, 65550};
    struct edge_meta meta = {
        .needs_csum = 1, .gso = 4, .gso_size = 1448, .csum_start = 34, .csum_offset = 16};
    ifnet_t ifp = attach(IFNET_CSUM_TCP | IFNET_CSUM_UDP | IFNET_TSO_IPV4);
    mbuf_csum_request_flags_t csum;
    mbuf_tso_request_flags_t tso;
    u_int32_t value, mss;
    int good = 1, pages = 1;

    for (unsigned i = 0; i < sizeof frame; i++)
        frame[i] = (unsigned char)(i * 13 + i / 255);
    frame[0] = 0x52;
    frame[12] = 8;
    frame[13] = 0;
    for (unsigned i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        edge_fake_send(frame, lengths[i], NULL);
        good &= is_sent(frame, lengths[i]);
        pages &= longest_page(sent);
        mbuf_freem(sent);
    }
    host_check(good, "frames from 60 to 65550 bytes reach the driver as they are");
    host_check(pages, "no buffer crosses a page when the driver has not announced that it can take that");
    edge_fake_send(frame, 9014, &meta);
    mbuf_get_csum_requested(sent, &csum, &value);
    mbuf_get_tso_requested(sent, &tso, &mss);
    host_check(csum == MBUF_CSUM_REQ_TCP && value == 16 && tso == MBUF_TSO_IPV4 && mss == 1448,
               "checksum and segmentation are requested as Darwin's TCP does");
    mbuf_freem(sent);
    meta = (struct edge_meta){.needs_csum = 1, .csum_start = 34, .csum_offset = 6};
    edge_fake_send(frame, 100, &meta);
    mbuf_get_csum_requested(sent, &csum, &value);
    host_check(csum == MBUF_CSUM_REQ_UDP && value == 6, "and of UDP");
    mbuf_freem(sent);
    memset(frame, 255, 6);
    edge_fake_send(frame, 60, NULL);
    host_check((mbuf_flags(sent) & (MBUF_BCAST | MBUF_MCAST)) == MBUF_BCAST, "broadcasts are marked");
    mbuf_freem(sent);
    end(ifp);
}

static mbuf_t received(const unsigned char *frame, size_t len, size_t piece)
{
    mbuf_t m;

    mbuf_allocpacket(MBUF_WAITOK, len < piece ? piece : len, NULL, &m);
    mbuf_setlen(m, len < mbuf_maxlen(m) ? len : mbuf_maxlen(m));
    mbuf_pkthdr_setlen(m, mbuf_len(m));
    memcpy(mbuf_data(m), frame, mbuf_len(m));
    if (mbuf_len(m) < len)
        mbuf_copyback(m, mbuf_len(m), len - mbuf_len(m), frame + mbuf_len(m), MBUF_WAITOK);
    /* As a driver's family takes the header off. */
    mbuf_pkthdr_setheader(m, mbuf_data(m));
    mbuf_setdata(m, (char *)mbuf_data(m) + 14, mbuf_len(m) - 14);
    mbuf_pkthdr_adjustlen(m, -14);
    return m;
}

static void inward(void)
{
    static unsigned char frame[20000];
    static const unsigned lengths[] = {60, 160, 380, 1514, 9014, 20000};
    struct ifnet_stats_param stats;
    ifnet_t ifp = attach(0);
    int good = 1;
    mbuf_t m;

    for (unsigned i = 0; i < sizeof frame; i++)
        frame[i] = (unsigned char)(i * 17 + i / 253);
    for (unsigned i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        struct ifnet_stat_increment_param delta = {.packets_in = 1, .bytes_in = lengths[i]};
        ifnet_input(ifp, received(frame, lengths[i], 1), &delta);
        good &= edge_fake_tap.length == lengths[i] && memcmp(edge_fake_tap.frame, frame, lengths[i]) == 0;
    }
    host_check(good, "frames reach Linux with their header");
    ifnet_stat(ifp, &stats);
    host_check(stats.packets_in == 6 && stats.bytes_in == 31128, "statistics are kept");
    m = received(frame, 100, 1);
    mbuf_setnextpkt(m, received(frame, 200, 1));
    edge_fake_tap.frames = 0;
    ifnet_input(ifp, m, NULL);
    host_check(edge_fake_tap.frames == 2 && edge_fake_tap.length == 200 && !edge_fake_tap.meta.csum_valid,
               "a list of packets");
    m = received(frame, 100, 1);
    mbuf_set_csum_performed(m, MBUF_CSUM_DID_DATA | MBUF_CSUM_PSEUDO_HDR, 0xffff);
    ifnet_input(ifp, m, NULL);
    host_check(edge_fake_tap.meta.csum_valid == 1, "a checksum that the driver vouches for");
    m = received(frame, 100, 1);
    mbuf_set_vlan_tag(m, 0x1234);
    ifnet_input(ifp, m, NULL);
    host_check(edge_fake_tap.length == 104 && memcmp(edge_fake_tap.frame, frame, 12) == 0 &&
                   edge_fake_tap.frame[12] == 0x81 && edge_fake_tap.frame[14] == 0x12 &&
                   edge_fake_tap.frame[15] == 0x34 && memcmp(edge_fake_tap.frame + 16, frame + 12, 88) == 0,
               "a VLAN tag that the hardware took out is put back");
    m = received(frame, 60, 1);
    for (mbuf_t last = m, n; mbuf_pkthdr_len(m) < 46 + 150 * 3; last = n) {
        mbuf_get(MBUF_WAITOK, MBUF_TYPE_DATA, &n);
        memcpy(mbuf_data(n), frame + 14 + mbuf_pkthdr_len(m), 3);
        mbuf_setlen(n, 3);
        mbuf_setnext(last, n);
        mbuf_pkthdr_adjustlen(m, 3);
    }
    ifnet_input(ifp, m, NULL);
    host_check(edge_fake_tap.length == 510 && memcmp(edge_fake_tap.frame, frame, 510) == 0,
               "a chain of 151 pieces");
    end(ifp);
}

/* Are these the addresses of that family: the link-level one if it says so, then those of IPv4 that end in 1 to inets? */
static int lists(ifnet_t ifp, sa_family_t family, int link, int inets)
{
    struct sockaddr_in in;
    ifaddr_t *list = NULL;
    int good, n = 0;

    if (ifnet_get_address_list_family(ifp, &list, family) != 0)
        return 0;
    good = !link || ifaddr_address_family(list[n++]) == AF_LINK;
    for (int i = 1; i <= inets && list[n]; i++, n++)
        good &= ifaddr_address(list[n], (struct sockaddr *)&in, sizeof in) == 0 && in.sin_len == sizeof in &&
                in.sin_family == AF_INET && ifaddr_address_family(list[n]) == AF_INET &&
                ifaddr_ifnet(list[n]) == ifp && memcmp(&in.sin_addr, edge_fake_tap.address[i - 1], 4) == 0 &&
                ifaddr_address(list[n], (struct sockaddr *)&in, 8) == EMSGSIZE;
    good &= n == link + inets && !list[n];
    ifnet_free_address_list(list);
    return good;
}

static void addresses(void)
{
    ifnet_t ifp = attach(0);
    ifaddr_t *list = NULL, kept = NULL;

    host_check(lists(ifp, AF_UNSPEC, 1, 0) && lists(ifp, AF_LINK, 1, 0) &&
                   ifnet_get_address_list_family(ifp, &list, AF_INET) == ENXIO && !list,
               "no address but the link-level one");
    for (int i = 0; i < EDGE_ADDRESSES; i++)
        memcpy(edge_fake_tap.address[i], (unsigned char[]){10, 0, 2, (unsigned char)(i + 1)}, 4);
    edge_fake_tap.addresses = 2;
    host_check(lists(ifp, AF_INET, 0, 2) && lists(ifp, AF_LINK, 1, 0) && lists(ifp, AF_UNSPEC, 1, 2),
               "those that Linux has on the tap");
    edge_fake_tap.addresses = EDGE_ADDRESSES;
    host_check(lists(ifp, AF_INET, 0, EDGE_ADDRESSES) && lists(ifp, AF_UNSPEC, 1, EDGE_ADDRESSES), "as many as it tells");
    host_check(ifnet_get_address_list_family(ifp, &list, AF_INET6) == ENXIO && !list, "none of IPv6");
    host_check(ifnet_get_address_list(ifp, &list) == 0 && ifaddr_reference(kept = list[1]) == 0, "a reference");
    ifnet_free_address_list(list);
    host_check(ifaddr_address_family(kept) == AF_INET && ifaddr_release(kept) == 0, "  outlives the list");
    end(ifp);
}

void suite_ifnet(void)
{
    life();
    control();
    outward();
    inward();
    addresses();
    host_check(host_leaks() == 0, "nothing is left of five interfaces");
}
