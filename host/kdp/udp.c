// SPDX-License-Identifier: BSD-3-Clause
/*
 * As much of Ethernet, ARP, IP and UDP as the debugger needs (XNU osfmk/kdp/kdp_udp.c: kdp_poll, kdp_reply, kdp_send,
 * kdp_arp_reply): answers go where requests came from.
 */
#include "internal.h"
#include <string.h>

static void (*send_packet)(void *, unsigned);
static void (*receive_packet)(void *, unsigned *, unsigned);
static unsigned (*link_up)(void);
static void (*set_mode)(unsigned);
static struct {
    uint8_t ip[4], mac[6];
} own; /* for ARP */
static struct {
    uint8_t local_mac[6], mac[6], local_ip[4], ip[4];
} peer;
static int arp;

void host_kdp_register(void (*send)(void *, unsigned), void (*receive)(void *, unsigned *, unsigned))
{
    receive_packet = receive;
    __atomic_store_n(&send_packet, send, __ATOMIC_RELEASE);
    if (own.ip[0])
        kdp_halt();
}

void host_kdp_register_link(unsigned (*up)(void), void (*mode)(unsigned active))
{
    link_up = up;
    set_mode = mode;
}

void host_kdp_unregister(void)
{
    send_packet = NULL;
    link_up = NULL;
    set_mode = NULL;
}

void udp_mode(int active)
{
    if (set_mode)
        set_mode((unsigned)active);
}

/* wait_for_link, which spins; what it waits for is another thread's doing here. */
static void wait_for_link(void)
{
    enum { PAUSE_NS = 2000000 };
    static int told;
    while (link_up && !link_up()) {
        if (!told++)
            lx_say("the debugger waits for the link to become available");
        lx_sleep_ns(PAUSE_NS);
    }
}

static void put_packet(void *packet, unsigned length)
{
    wait_for_link();
    send_packet(packet, length);
}

int udp_ready(void) { return __atomic_load_n(&send_packet, __ATOMIC_ACQUIRE) != NULL; }
void udp_setup(int answer_arp) { arp = answer_arp; }

enum { ARP_FRAME = ETHER + 28, ARP_OP = ETHER + 6, ARP_SHA = ETHER + 8, ARP_SPA = ETHER + 14, ARP_THA = ETHER + 18, ARP_TPA = ETHER + 24 };

void host_kdp_address(const unsigned char *ip, const unsigned char *mac)
{
    memcpy(own.mac, mac, 6);
    memcpy(own.ip, ip, 4);
}

void host_kdp_learn(const unsigned char *frame, unsigned length)
{
    static const uint8_t none[4];
    if (length >= ARP_FRAME && memcmp(frame + ARP_SPA, none, 4))
        host_kdp_address(frame + ARP_SPA, frame + ARP_SHA);
    if (own.ip[0] && udp_ready())
        kdp_halt();
}

static void answer_arp(struct frame *f)
{
    uint8_t *d = f->data;
    if (f->length < ARP_FRAME || d[ARP_OP] || d[ARP_OP + 1] != 1 || !own.ip[0] || memcmp(d + ARP_TPA, own.ip, 4))
        return;
    memcpy(d + ARP_THA, d + ARP_SHA, 10);
    memcpy(d + ARP_SHA, own.mac, 6);
    memcpy(d + ARP_SPA, own.ip, 4);
    d[ARP_OP + 1] = 2;
    memcpy(d, d + ARP_THA, 6);
    memcpy(d + 6, own.mac, 6);
    put_packet(d, ARP_FRAME);
}

static void take_peer(const uint8_t *d)
{
    memcpy(peer.local_mac, d, 6);
    memcpy(peer.mac, d + 6, 6);
    memcpy(peer.ip, d + ETHER + 12, 4);
    memcpy(peer.local_ip, d + ETHER + 16, 4);
}

int udp_poll(struct frame *in, uint8_t **payload, unsigned *length, int open)
{
    uint8_t *d = in->data, *udp = d + ETHER + 20;
    in->length = 0;
    if (!udp_ready())
        return 0;
    wait_for_link();
    receive_packet(d, &in->length, POLL_MS);
    if (in->length < ETHER + UDPIP)
        return 0;
    if (d[12] == 8 && d[13] == 6) {
        if (arp)
            answer_arp(in);
        return 0;
    }
    if (d[12] != 8 || d[13] != 0 || d[ETHER] != 0x45 || d[ETHER + 9] != 17 || (udp[2] << 8 | udp[3]) != KDP_PORT)
        return 0;
    *length = (unsigned)(udp[4] << 8 | udp[5]);
    if (*length < 8 || *length - 8 > in->length - ETHER - UDPIP)
        return 0;
    *length -= 8;
    *payload = udp + 8;
    if (open)
        take_peer(d);
    return 1;
}

static void put16(uint8_t *p, unsigned v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}

static void put_ip(uint8_t *ip, unsigned length)
{
    static unsigned id;
    unsigned sum = 0;
    memset(ip, 0, 20);
    ip[0] = 0x45;
    put16(ip + 2, length);
    put16(ip + 4, id++);
    ip[8] = 60;
    ip[9] = 17;
    memcpy(ip + 12, peer.local_ip, 4);
    memcpy(ip + 16, peer.ip, 4);
    for (int i = 0; i < 20; i += 2)
        sum += (unsigned)(ip[i] << 8 | ip[i + 1]);
    sum = (sum >> 16) + (sum & 0xffff);
    put16(ip + 10, ~(sum + (sum >> 16)) & 0xffff);
}

void udp_send(struct frame *out, const uint8_t *payload, unsigned length, uint16_t port)
{
    uint8_t *d = out->data, *udp = d + ETHER + 20;
    memcpy(d, peer.mac, 6);
    memcpy(d + 6, peer.local_mac, 6);
    put16(d + 12, 0x0800);
    put_ip(d + ETHER, length + UDPIP);
    put16(udp, KDP_PORT);
    memcpy(udp + 2, &port, 2);
    put16(udp + 4, length + 8);
    put16(udp + 6, 0); /* no checksum, as XNU */
    memmove(udp + 8, payload, length);
    out->length = ETHER + UDPIP + length;
    udp_repeat(out);
}

void udp_repeat(const struct frame *out)
{
    if (out->length && udp_ready())
        put_packet((void *)out->data, out->length);
}
