// SPDX-License-Identifier: BSD-3-Clause
/*
 * host/qemu against QEMU's real virtio-net: MAC address, an ARP request to QEMU's user network and its
 * answer, over interrupts and doorbells. Usage: devices MACHINE DEVICE DRIVEN IRQ [PINGS], e.g. devices q35
 * transitional legacy intx; devices decode: the forms of instruction that a trapped register takes; devices
 * plug MACHINE: a device comes and goes; devices fail PROPERTIES, die, crash, overflow: each must end in a
 * message and status 3.
 */
#include "virtio.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAC "52:54:00:12:34:57"
static const unsigned char mac[6] = {0x52, 0x54, 0, 0x12, 0x34, 0x57};

static int failures;

static void check(int ok, const char *what)
{
    printf("%sok - %s\n", ok ? "" : "not ", what);
    failures += !ok;
}

static struct qemu_pci *start(const char *machine, const char *properties)
{
    char device[256];
    snprintf(device, sizeof device, "virtio-net-pci,netdev=n0,mac=" MAC "%s", properties);
    const char *devices[] = {device}, *netdevs[] = {"user,id=n0"};
    struct qemu_config c = {machine, devices, 1, netdevs, 1, NULL, 0};
    if (lx_ram_init(128 << 20) < 0)
        lx_fatal("no memory");
    qemu_start(&c);
    struct qemu_pci *f = qemu_pci_first();
    while (f && f->requested != 1)
        f = f->next;
    if (!f)
        lx_fatal("the device did not appear");
    return f;
}

/* ---- traffic ---- */
static unsigned make_arp(unsigned char *p, const unsigned char *sender)
{
    static const unsigned char fixed[] = {8, 6, 0, 1, 8, 0, 6, 4, 0, 1}, us[] = {10, 0, 2, 15},
                               gateway[] = {10, 0, 2, 2};
    memset(p, 0, 60);
    memset(p, 0xff, 6);
    memcpy(p + 6, sender, 6);
    memcpy(p + 12, fixed, sizeof fixed);
    memcpy(p + 22, sender, 6);
    memcpy(p + 28, us, 4);
    memcpy(p + 38, gateway, 4);
    return 60;
}

static int ask(struct nic *n)
{
    unsigned char frame[60];
    const unsigned char *answer;
    nic_post_rx(n);
    nic_send(n, frame, make_arp(frame, n->mac));
    unsigned length = nic_receive(n, &answer, 30000);
    return length >= 42 && answer[12] == 8 && answer[13] == 6 && answer[21] == 2 && answer[31] == 2;
}

static const char *properties_of(const char *device)
{
    if (!strcmp(device, "modern"))
        return ",disable-legacy=on";
    return strcmp(device, "legacy") ? "" : ",disable-modern=on";
}

static void link_follows(struct nic *n)
{
    int before = nic_link(n);
    qemu_set_link("device0", 0);
    int down = nic_link(n);
    qemu_set_link("device0", 1);
    check(before && !down && nic_link(n), "the link's state follows set_link");
}

/* The ring may be seen before the interrupt. */
static int interrupted(struct nic *n, int before)
{
    for (int i = 0; i < 30000 && n->interrupts == before; i++)
        lx_sleep_ns(1000000);
    return n->interrupts != before;
}

static void many(struct nic *n, int count)
{
    int good = 0;
    unsigned long long t = lx_time_ns();
    for (int i = 0; i < count; i++) {
        int before = n->interrupts;
        good += ask(n);
        interrupted(n, before);
    }
    t = lx_time_ns() - t;
    check(good == count, "every question of many is answered");
    printf("# %d round trips, %llu us each\n", count, t / 1000 / count);
}

static int traffic(const char *machine, const char *device, const char *driven, const char *irq, int count)
{
    struct nic n = {0};
    struct qemu_pci *f = start(machine, properties_of(device));
    int msix = !strcmp(irq, "msix"), modern = !strcmp(driven, "modern");
    if (nic_start(&n, f, modern, msix) < 0)
        return 1;
    check(!memcmp(n.mac, mac, 6), "the MAC address is the one QEMU was given");
    check(ask(&n), "an ARP request is answered");
    check(interrupted(&n, 0), "by way of an interrupt");
    link_follows(&n);
    many(&n, count);
    const char *bell = strcmp(device, "legacy") ? "doorbells.eventfd" : "doorbells.posted";
    check(lx_counter_value(bell) >= 2ul * count, "doorbells went the short way");
    check(n.interrupts > count && lx_counter_value(msix ? "interrupts.msix" : "interrupts.intx") >= (unsigned)n.interrupts,
          "interrupts are counted");
    nic_stop(&n);
    return 0;
}

/* ---- instructions ---- */
/* guest_feature_select (offset 8) and device_feature_select (0) of the common structure keep stores. */
static void decode_loads(volatile unsigned char *r)
{
    uint64_t a, b, c;
    int64_t s, t;
    *(volatile uint32_t *)r = 0x89abcdef;
    asm volatile("movl (%1), %k0" : "=r"(a) : "r"(r));
    check(a == 0x89abcdef, "a 32-bit load clears the upper half");
    asm volatile("movzbl (%2), %k0; movzwl (%2), %k1" : "=&r"(a), "=&r"(b) : "r"(r));
    check(a == (*r & 0xff) && b == *(volatile uint16_t *)r, "movzx");
    asm volatile("movslq (%2), %0; movswq (%2), %1" : "=&r"(s), "=&r"(t) : "r"(r));
    check(s == (int32_t)0x89abcdef && t == *(volatile int16_t *)r, "movsx and movsxd");
    a = b = c = ~0ull;
    asm volatile("movb (%2), %b0; movb (%2), %h1" : "+&a"(a), "+&b"(b) : "r"(r));
    check(a >> 8 == ~0ull >> 8 && (b & 0xff) == 0xff && (b >> 8 & 0xff) == (a & 0xff),
          "byte registers, low and high");
}

static void decode_stores(volatile unsigned char *r)
{
    uint32_t v = 0x11223344;
    volatile uint32_t *w = (volatile uint32_t *)r;
    asm volatile("movl $0x55667788, (%0)" ::"r"(r) : "memory");
    check(*w == 0x55667788, "a store of a constant");
    asm volatile("xchgl %0, (%1)" : "+r"(v) : "r"(r) : "memory");
    check(v == 0x55667788 && *w == 0x11223344, "xchg");
    asm volatile("orl $0x80, (%0); andl $0xffff00ff, (%0); xorl $1, (%0); incl (%0)" ::"r"(r) : "memory");
    check(*w == (((0x11223344u | 0x80) & 0xffff00ff) ^ 1) + 1, "or, and, xor, inc in place");
}

static void decode_flags(volatile unsigned char *r)
{
    unsigned char below, zero, sign;
    *(volatile uint32_t *)r = 0x80000000;
    asm volatile("cmpl $0x80000001, (%3); setb %0; testl $0x7fffffff, (%3); setz %1; addl $0, (%3); sets %2"
                 : "=&q"(below), "=&q"(zero), "=&q"(sign)
                 : "r"(r)
                 : "cc", "memory");
    check(below && zero && sign, "flags of cmp, test and add");
}

static void decode_strings(volatile unsigned char *r)
{
    uint32_t from = 0xcafef00d, to[2] = {0, 0};
    void *s = &from, *d = (void *)r;
    unsigned long n = 1;
    asm volatile("rep movsl" : "+S"(s), "+D"(d), "+c"(n)::"memory");
    check(n == 0 && *(volatile uint32_t *)r == 0xcafef00d && d == r + 4, "rep movs to the device");
    s = (void *)r;
    d = to;
    n = 2;
    asm volatile("rep movsl" : "+S"(s), "+D"(d), "+c"(n)::"memory");
    check(n == 0 && to[0] == 0xcafef00d && s == r + 8, "rep movs from the device");
    d = (void *)r;
    n = 1;
    asm volatile("rep stosl" : "+D"(d), "+c"(n) : "a"(0x600d600d) : "memory");
    check(*(volatile uint32_t *)r == 0x600d600d, "rep stos");
}

static int decode(void)
{
    struct qemu_pci *f = start("q35", ",disable-legacy=on");
    volatile unsigned char *r = qemu_window(f->bar[4].base, 64);
    unsigned char low;
    check(r && qemu_window_phys((void *)r) == f->bar[4].base, "the window of a memory BAR");
    check(!qemu_window(f->bar[4].base, f->bar[4].size + 1), "no window larger than the BAR");
    decode_loads(r);
    decode_stores(r);
    decode_flags(r);
    decode_strings(r);
    asm volatile("inb %w1, %b0" : "=a"(low) : "d"((uint16_t)0x64));
    check(low != 0, "an in instruction reaches the machine's ports");
    return 0;
}

/* ---- plug, unplug, ends ---- */
static void plug_once(void)
{
    struct nic n = {0};
    qemu_netdev_add("user,id=n1");
    struct qemu_pci *f = qemu_plug("virtio-net-pci,netdev=n1,id=late,mac=" MAC);
    check(f && f->requested == -1, "a device is plugged");
    if (!f) {
        printf("# %s\n", qemu_error());
        return;
    }
    check(nic_start(&n, f, 1, 1) == 0 && ask(&n), "it carries traffic");
    check(qemu_unplug("late") == 0, "and is pulled out from under its driver");
    check(*(volatile uint32_t *)n.common == ~0u, "whose loads then find all ones");
    check(!f->present && !qemu_pci_find(f->bdf), "it has left the list");
    nic_stop(&n);
    char reply[64];
    qemu_monitor("{\"execute\":\"netdev_del\",\"arguments\":{\"id\":\"n1\"}}", reply, sizeof reply);
}

static void plug(const char *machine)
{
    start(machine, "");
    plug_once();
    plug_once();
    check(qemu_unplug("nobody") < 0 && strstr(qemu_error(), "nobody"), "who is unknown cannot be unplugged");
}

static void die(void)
{
    struct nic n = {0};
    nic_start(&n, start("q35", ""), 1, 1);
    ask(&n);
    kill(qemu_pid(), SIGKILL);
    for (int i = 0; i < 1000; i++)
        ask(&n);
}

static __attribute__((noinline)) void crash(void)
{
    asm volatile("movl $1, (%0)" ::"r"(16ul) : "memory");
}

static __attribute__((noinline)) int deepen(int n)
{
    volatile char room[512];
    room[0] = n;
    return n ? deepen(n - 1) + room[0] : 0;
}

static void overflow(void *depth)
{
    deepen(*(int *)depth);
}

int main(int argc, char **argv)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (argc == 2 && !strcmp(argv[1], "decode"))
        decode();
    else if (argc == 3 && !strcmp(argv[1], "fail"))
        start("q35", argv[2]);
    else if (argc == 3 && !strcmp(argv[1], "plug"))
        plug(argv[2]);
    else if (argc == 2 && !strcmp(argv[1], "die"))
        die();
    else if (argc == 2 && !strcmp(argv[1], "crash"))
        start("q35", ""), crash();
    else if (argc == 2 && !strcmp(argv[1], "overflow")) {
        static int depth = 1 << 20;
        start("q35", "");
        lx_thread_start(overflow, &depth, "deep");
        lx_sleep_ns(30000000000);
    } else if (argc >= 5)
        failures += traffic(argv[1], argv[2], argv[3], argv[4], argc > 5 ? atoi(argv[5]) : 50);
    qemu_stop();
    return failures != 0;
}
