// SPDX-License-Identifier: BSD-3-Clause
/*
 * The server of QEMU's ivshmem-doorbell device (QEMU's docs/specs/ivshmem-spec): it gives us eventfds both
 * ways. We are peer 0, the device is peer 1. A device whose MSI-X entry is aimed at ivshmem's doorbell
 * register raises one of our eventfds; when we write one of QEMU's, ivshmem sends the MSI-X message of that
 * vector, which is aimed at a notify register: a store to a device for the price of a write to an eventfd.
 */
#define _GNU_SOURCE
#include "internal.h"
#include <errno.h>
#include <linux/sockios.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    PROTOCOL_VERSION = 0,
    US = 0,
    QEMU = 1,
    SHARED_SIZE = 4096,
    DOORBELL_REGISTER = 0x0c,
    ENTRY_SIZE = 16
};

static int server = -1;
static int ours[QEMU_VECTORS], theirs[QEMU_VECTORS];
static uint64_t registers, table; /* BAR 0, MSI-X table */

static void send_message(int64_t value, int fd)
{
    char control[CMSG_SPACE(sizeof fd)] = {0};
    struct iovec iov = {&value, sizeof value};
    struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1};
    if (fd >= 0) {
        m.msg_control = control;
        m.msg_controllen = sizeof control;
        struct cmsghdr *c = CMSG_FIRSTHDR(&m);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(sizeof fd);
        memcpy(CMSG_DATA(c), &fd, sizeof fd);
    }
    if (sendmsg(server, &m, MSG_NOSIGNAL) != sizeof value)
        process_lost("it does not take ivshmem's descriptors");
}

void ivshmem_serve(int fd)
{
    server = fd;
    int shared = memfd_create("ivshmem", MFD_CLOEXEC);
    if (shared < 0 || ftruncate(shared, SHARED_SIZE) < 0)
        lx_fatal("no shared memory for ivshmem: %s", strerror(errno));
    send_message(PROTOCOL_VERSION, -1);
    send_message(QEMU, -1);
    send_message(-1, shared);
    close(shared);
    for (int v = 0; v < QEMU_VECTORS; v++) {
        ours[v] = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
        theirs[v] = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
        if (ours[v] < 0 || theirs[v] < 0)
            lx_fatal("cannot make %d eventfds (%s); raise the limit on open files", 2 * QEMU_VECTORS,
                     strerror(errno));
    }
    for (int v = 0; v < QEMU_VECTORS; v++)
        send_message(US, ours[v]);
    for (int v = 0; v < QEMU_VECTORS; v++)
        send_message(QEMU, theirs[v]);
}

void ivshmem_wait_served(void)
{
    int unread = 1;
    for (int i = 0; i < 5000 && !ioctl(server, SIOCOUTQ, &unread) && unread; i++)
        usleep(1000);
    if (unread)
        process_lost("it does not take ivshmem's descriptors");
}

void ivshmem_enable(const struct qemu_pci *f)
{
    uint32_t where = pci_read(f->bdf, f->msix_cap + 4, 4);
    registers = f->bar[0].base;
    table = f->bar[where & 7].base + (where & ~7u);
    pci_write(f->bdf, 4, 2, 0x0006);               /* memory, bus master */
    pci_write(f->bdf, f->msix_cap + 2, 2, 0x8000); /* MSI-X enable */
}

int ivshmem_irq_fd(int vector)
{
    return ours[vector];
}

uint64_t ivshmem_message_address(void)
{
    return registers + DOORBELL_REGISTER; /* data: peer << 16 | vector; the peer is US, 0 */
}

void ivshmem_aim(int n, uint64_t phys, uint32_t value)
{
    uint64_t entry = table + n * ENTRY_SIZE;
    register_write(entry + 12, 4, 1);
    register_write(entry, 4, (uint32_t)phys);
    register_write(entry + 4, 4, phys >> 32);
    register_write(entry + 8, 4, value);
    register_write(entry + 12, 4, 0);
    register_read(entry + 12, 4); /* all of it is in force now */
}

void ivshmem_ring(int n)
{
    static const uint64_t one = 1;
    if (write(theirs[n], &one, sizeof one) != sizeof one && errno != EAGAIN)
        process_lost("its doorbells are gone");
}
