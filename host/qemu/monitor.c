// SPDX-License-Identifier: BSD-3-Clause
/*
 * What happens to the machine from outside: the link of a network card, the power button, devices that come
 * and go. An unplug request becomes real only when the guest's firmware tables eject the slot: the host does
 * their part, at the ports of QEMU's ACPI PCI hot-plug controller (QEMU's docs/specs/acpi_pci_hotplug).
 */
#define _GNU_SOURCE
#include "internal.h"
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { UNPLUG_MS = 5000, PORT_DOWN = 4, PORT_EJECT = 8, PORT_SELECT = 16, MAX_BUSES = 32 };

static int q35;

/* ---- start of everything ---- */
static void mark_requested(const struct qemu_config *c)
{
    char id[64], own[64];
    for (int i = 0; i < c->ndevices; i++) {
        snprintf(own, sizeof own, "device%d", i);
        char *name = device_option(c->devices[i], "id", id, sizeof id);
        for (struct qemu_pci *f = qemu_pci_first(); f; f = f->next)
            if (!strcmp(f->id, name ? name : own))
                f->requested = i + 1;
    }
}

static void make_sockets(struct process_fds *theirs, struct process_fds *ours)
{
    int pair[3][2];
    for (int i = 0; i < 3; i++)
        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair[i]) < 0)
            lx_fatal("cannot make a socket for QEMU: %s", strerror(errno));
    *ours = (struct process_fds){pair[0][0], pair[1][0], pair[2][0]};
    *theirs = (struct process_fds){pair[0][1], pair[1][1], pair[2][1]};
}

void qemu_start(const struct qemu_config *c)
{
    struct process_fds ours, theirs;
    q35 = !strcmp(c->machine, "q35");
    if (!q35 && strcmp(c->machine, "pc"))
        lx_fatal("no machine \"%s\"; use q35 or pc", c->machine);
    make_sockets(&theirs, &ours);
    trap_init();
    process_start(c, &theirs);
    ivshmem_serve(ours.ivshmem);
    qmp_init(ours.qmp);
    qtest_init(ours.qtest);
    ivshmem_wait_served();
    pci_init(q35);
    qtest_call("irq_intercept_in ioapic\n");
    irq_init();
    pci_scan();
    if (!pci_ivshmem())
        lx_fatal("QEMU's ivshmem device is missing at 00:1e.0; leave that slot free");
    ivshmem_enable(pci_ivshmem());
    mark_requested(c);
}

/* ---- link, power ---- */
static int done(json_t *reply)
{
    json_decref(reply);
    return reply ? 0 : -1;
}

int qemu_set_link(const char *id, int up)
{
    return done(qmp_call("set_link", json_pack("{s:s, s:b}", "name", id, "up", up)));
}

int qemu_powerdown(void)
{
    return done(qmp_call("system_powerdown", NULL));
}

/* ---- plug ---- */
static json_t *parse_options(const char *text, const char *first)
{
    json_t *o = json_object();
    size_t n = device_name_length(text);
    json_object_set_new(o, first, json_stringn(text, n));
    while (text[n] == ',') {
        const char *key = text + n + 1;
        size_t k = strcspn(key, "=,"), v = key[k] == '=' ? strcspn(key + k + 1, ",") : 0;
        char *name = strndup(key, k);
        json_object_set_new(o, name, key[k] == '=' ? json_stringn(key + k + 1, v) : json_string("on"));
        free(name);
        n = key + k + (key[k] == '=' ? 1 + v : 0) - text;
    }
    return o;
}

int qemu_netdev_add(const char *netdev)
{
    return done(qmp_call("netdev_add", parse_options(netdev, "type")));
}

struct qemu_pci *qemu_plug(const char *device)
{
    static int count;
    char id[64];
    json_t *o = parse_options(device, "driver");
    if (!device_option(device, "id", id, sizeof id)) {
        snprintf(id, sizeof id, "plugged%d", __atomic_fetch_add(&count, 1, __ATOMIC_RELAXED));
        json_object_set_new(o, "id", json_string(id));
    }
    if (q35 && !json_object_get(o, "bus"))
        json_object_set_new(o, "bus", json_string("slot0"));
    json_t *reply = qmp_call("device_add", o);
    if (!reply)
        return NULL;
    json_decref(reply);
    pci_scan();
    struct qemu_pci *f = pci_find_id(id);
    if (f)
        f->requested = -1;
    else
        qemu_set_error("%s is not a PCI device, or its slot cannot be seen", device);
    return f;
}

/* ---- unplug ---- */
/* What the firmware's ACPI methods do: look which slot of which bus is asked to go, eject it. */
static void eject_pending(void)
{
    unsigned base = q35 ? 0xcc0 : 0xae00;
    for (int bus = 0; bus < MAX_BUSES; bus++) {
        qtest_call("outl 0x%x 0x%x\n", base + PORT_SELECT, bus);
        uint32_t down = qtest_call("inl 0x%x\n", base + PORT_DOWN);
        if (down && down != ~0u)
            qtest_call("outl 0x%x 0x%x\n", base + PORT_EJECT, down);
    }
}

int qemu_removable(const struct qemu_pci *f)
{
    if (!q35 || f->bridge)
        return 1;
    qemu_set_error("\"%s\" stands where q35 lets nothing go: give it a slot with bus=slot0", f->id);
    return 0;
}

/* Nobody decodes its addresses any more: reads are all ones on a PC's bus, where QEMU's empty space is zeroes. */
static void out_of_reach(struct qemu_pci *f)
{
    __atomic_store_n(&pci_private(f)->command, 0, __ATOMIC_SEQ_CST);
}

int qemu_unplug(const char *id)
{
    unsigned long mark = qmp_mark();
    struct qemu_pci *f = pci_find_id(id);
    if (!f) {
        qemu_set_error("no PCI device has the id \"%s\"", id);
        return -1;
    }
    if (done(qmp_call("device_del", json_pack("{s:s}", "id", id))) < 0)
        return -1;
    out_of_reach(f);
    eject_pending();
    if (qmp_wait_event(mark, "DEVICE_DELETED", "device", id, UNPLUG_MS) < 0) {
        qemu_set_error(
            "QEMU does not let \"%s\" go; on q35 only a device behind a root port can be unplugged", id);
        return -1;
    }
    while ((f = pci_find_id(id)))
        pci_forget(f);
    return 0;
}
