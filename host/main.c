// SPDX-License-Identifier: BSD-3-Clause
/*
 * kexthost: one machine's life. Namespaces first, while there is one thread; then RAM, QEMU, the kernel from the ground
 * up, PCI nubs, kexts; COMMAND; and everything back in reverse order.
 */
#define _GNU_SOURCE
#include "bsd/boot.h"
#include "control.h"
#include "edge/edge.h"
#include "family/network/boot.h"
#include "family/pci/boot.h"
#include "iokit/boot.h"
#include "kdp/kdp.h"
#include "libkern/modules.h"
#include "linux/linux.h"
#include "loader/loader.h"
#include "mach/boot.h"
#include "options.h"
#include "profile.h"
#include "qemu/qemu.h"
#include "report.h"
#include "signals.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { RAM_SIZE = 512 << 20, START_MS = 10000, BUSY_MS = 60000, STOP_MS = 30000 };

static struct options options;

static int symbolise(unsigned long address, char *text, unsigned long size)
{
    return !kext_symbolise(address, text, size);
}

static void start_kernel(void)
{
    struct qemu_config machine = {options.machine, options.devices, options.ndevices, options.netdevs,
                                  options.nnetdevs, options.qemu_args, options.nqemu_args};
    if (lx_ram_init(RAM_SIZE))
        lx_fatal("no %d MB of memory for the machine: %s", RAM_SIZE >> 20, strerror(errno));
    qemu_start(&machine);
    mach_init(options.boot_args);
    libkern_init();
    if (host_construct_kernel())
        lx_fatal("%s", kext_error());
    iokit_boot();
    bsd_boot();
    if (network_boot())
        lx_fatal("no memory for the network stack");
    qemu_trap_symboliser(symbolise);
    mach_symboliser(symbolise);
    mach_debugger = kdp_enter;
    kdp_init(mach_debug_arg());
    for (int i = 0; i < options.nproperties; i++)
        pci_property(options.properties[i]);
    if (iokit_wait_quiet(START_MS))
        lx_fatal("busy before there was a device: %s", iokit_busy_names());
    report_leaks_begin();
    pci_boot();
    iokit_wait_quiet(START_MS);
}

static void load_kexts(void)
{
    for (int i = 0; i < options.nkexts; i++)
        if (kext_open(options.kexts[i]))
            lx_fatal("%s", kext_error());
    if (kext_load_all())
        lx_fatal("%s", kext_error());
}

/* Every function that --device made has a started driver, and nothing is busy. */
static const struct qemu_pci *first_without_driver(void)
{
    for (struct qemu_pci *f = qemu_pci_first(); f; f = f->next)
        if (f->requested > 0 && !iokit_driver_for(pci_nub_id(f)))
            return f;
    return NULL;
}

static void wait_for_drivers(void)
{
    int busy = iokit_wait_quiet(BUSY_MS); /* a start() takes what it takes; XNU, too, gives it a minute */
    const struct qemu_pci *f = first_without_driver();
    unsigned long long end = lx_time_ns() + START_MS * 1000000ull;
    while (!busy && f && options.nkexts && lx_time_ns() < end) {
        lx_sleep_ns(20000000);
        busy = iokit_wait_quiet(BUSY_MS);
        f = first_without_driver();
    }
    if (!busy && !f)
        return;
    if (f)
        lx_fatal("no driver has started on --device %s (pci%04x,%04x): give --kext BUNDLE of one that matches, or read "
                 "its log above",
                 options.devices[f->requested - 1], f->vendor, f->device);
    lx_fatal("still busy after %d s: %s", BUSY_MS / 1000, iokit_busy_names());
}

/* ---- COMMAND ---- */

static int run_command(void)
{
    char socket[160], *extra[] = {socket, NULL};
    int status;
    snprintf(socket, sizeof socket, "KEXTCTL_SOCKET=%s", control_start());
    edge_command_start(options.command, extra);
    signals_phase(SIGNALS_COMMAND);
    while ((status = edge_command_wait(100)) < 0)
        ;
    while (lx_failing()) /* another thread ends the process, and COMMAND with it */
        pause();
    signals_phase(SIGNALS_END);
    while (kdp_frozen()) /* until the debugger lets it run on */
        lx_sleep_ns(20000000);
    control_stop();
    if (signals_told())
        iokit_will_shutdown(); /* who stops kexthost turns the machine off */
    return status;
}

/* ---- the end ---- */

static void shut_down(void)
{
    if (kext_unload_all())
        lx_fatal("%s", kext_error());
    pci_shutdown();
    int leaks = report_leaks_end();
    network_shutdown();
    if (iokit_shutdown(STOP_MS))
        lx_fatal("still busy at the end: %s", iokit_busy_names());
    qemu_stop();
    edge_close();
    if (leaks)
        lx_say("%d kind%s of object or memory outlived the kexts", leaks, leaks == 1 ? "" : "s");
}

int main(int argc, char **argv)
{
    FILE *registry = NULL, *counters = NULL;
    int status = 0;
    options_parse(&options, argc, argv);
    signals_open();
    if (options.ioreg)
        registry = report_open(options.ioreg_file);
    if (options.stats)
        counters = report_open(options.stats_file);
    if (options.trace && lx_trace_open(options.trace_file))
        lx_fatal("cannot write the trace %s: %s", options.trace_file, strerror(errno));
    edge_open();
    signals_watch();
    start_kernel();
    load_kexts();
    wait_for_drivers();
    if (options.ioreg)
        report_to(registry, options.ioreg_file, report_registry);
    if (options.command)
        status = run_command();
    signals_phase(SIGNALS_END);
    if (options.stats)
        report_to(counters, options.stats_file, report_counters);
    shut_down();
    return status;
}
