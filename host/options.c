// SPDX-License-Identifier: BSD-3-Clause
/*
 * kexthost's command line: a table of options, each "--name VALUE", "--name=VALUE" or, where the value may be left out,
 * "--name[=VALUE]".
 */
#include "options.h"
#include "bsd/boot.h"
#include "profile.h"
#include "qemu/qemu.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EXIT_USAGE = 2 };

static const char help[] =
    "usage: kexthost [OPTION]... [-- COMMAND [ARG]...]\n"
    "Loads Mac OS X kexts, lends them QEMU's devices, and runs COMMAND beside them.\n\n"
    "  --kext BUNDLE         load this kext (repeat; dependencies in any order)\n"
    "  --device DEVICE       a device for it, as QEMU's -device spells it (repeat)\n"
    "  --netdev NETDEV       a back end, as QEMU's -netdev spells it (repeat)\n"
    "  --qemu-arg ARG        one more argument for QEMU (repeat)\n"
    "  --machine q35|pc      the PC (default q35)\n"
    "  --darwin VERSION      the system to be: %s (default %s)\n"
    "  --boot-args STRING    the kernel's boot arguments\n"
    "  --property ID:NAME=HEX  a property that the firmware gives the device of that id (repeat); without id= the\n"
    "                        devices are device0, device1...\n"
    "  --mbufs SHAPE         the chains in which drivers get frames: whole (default), bytes (headers byte by byte), split=N\n"
    "                        (cut after N bytes), random=SEED (anything), segments (more pieces than a ring has),\n"
    "                        long, short (more or fewer bytes than the packet's header says)\n"
    "  --ioreg[=FILE]        print the registry once drivers have started\n"
    "  --stats[=FILE]        print counters at the end\n"
    "  --trace[=FILE]        log every register access, interrupt and doorbell\n"
    "  --quirk isr-apart     legacy devices tell a configuration change by its own bit alone, as VirtualBox's do\n"
    "  --quirk no-pin        virtio devices have no interrupt pin, as virtual functions: MSI-X or nothing\n"
    "  --version, --help\n\n"
    "COMMAND has a network of its own: interfaces en0, en1... in PCI slot order, down.\n"
    "Exit status: COMMAND's; 128+N when signal N ended it; 2 wrong command line; 3 kexthost itself failed.\n";

static void __attribute__((noreturn)) usage(const char *what, const char *arg)
{
    fprintf(stderr, "kexthost: %s%s%s; see kexthost --help\n", what, arg ? ": " : "", arg ? arg : "");
    exit(EXIT_USAGE);
}

static void add(const char ***list, int *n, const char *value)
{
    const char **grown = realloc(*list, (*n + 2) * sizeof *grown);
    if (!grown)
        usage("no memory for the command line", NULL);
    grown[(*n)++] = value;
    grown[*n] = NULL;
    *list = grown;
}

static const char *checked_property(const char *value)
{
    const char *colon = strchr(value, ':'), *equals = colon ? strchr(colon, '=') : NULL;
    if (!colon || colon == value || !equals || equals == colon + 1 || strlen(equals + 1) % 2 ||
        strspn(equals + 1, "0123456789abcdefABCDEF") != strlen(equals + 1))
        usage("--property is ID:NAME=HEX, not", value);
    return value;
}

static void set_list(struct options *o, const char *name, const char *value)
{
    if (!strcmp(name, "kext"))
        add(&o->kexts, &o->nkexts, value);
    else if (!strcmp(name, "device"))
        add(&o->devices, &o->ndevices, value);
    else if (!strcmp(name, "netdev"))
        add(&o->netdevs, &o->nnetdevs, value);
    else if (!strcmp(name, "property"))
        add(&o->properties, &o->nproperties, checked_property(value));
    else
        add(&o->qemu_args, &o->nqemu_args, value);
}

static void set_quirk(const char *value)
{
    if (!strcmp(value, "isr-apart"))
        qemu_isr_apart(1);
    else if (!strcmp(value, "no-pin"))
        qemu_hide_pins(1);
    else
        usage("--quirk is isr-apart or no-pin, not", value);
}

static void set_text(struct options *o, const char *name, const char *value)
{
    if (!strcmp(name, "quirk")) {
        set_quirk(value);
        return;
    }
    if (!strcmp(name, "machine")) {
        if (strcmp(value, "q35") && strcmp(value, "pc"))
            usage("--machine is q35 or pc, not", value);
        o->machine = value;
    } else if (!strcmp(name, "darwin")) {
        int r = host_profile_select(value);
        if (r > 0)
            fprintf(stderr, "kexthost: --darwin %s: a system without %s kernel: use %s\n", value,
                    sizeof(void *) == 8 ? "an x86_64" : "an i386", sizeof(void *) == 8 ? "kexthost32" : "kexthost");
        else if (r)
            fprintf(stderr, "kexthost: --darwin %s: known are %s\n", value, host_profile_names());
        if (r)
            exit(EXIT_USAGE);
    } else if (!strcmp(name, "mbufs")) {
        if (bsd_mbufs(value))
            usage("--mbufs is whole, bytes, split=N, random=SEED, segments, long or short, not", value);
    } else {
        o->boot_args = value;
    }
}

static void set_report(struct options *o, const char *name, const char *file)
{
    if (!strcmp(name, "ioreg"))
        o->ioreg = 1, o->ioreg_file = file;
    else if (!strcmp(name, "stats"))
        o->stats = 1, o->stats_file = file;
    else
        o->trace = 1, o->trace_file = file;
}

enum kind { LIST, TEXT, REPORT, INFO };
static const struct {
    const char *name;
    enum kind kind;
} table[] = {{"kext", LIST},    {"device", LIST},  {"netdev", LIST},  {"qemu-arg", LIST}, {"property", LIST}, {"machine", TEXT}, {"darwin", TEXT},
             {"boot-args", TEXT}, {"ioreg", REPORT}, {"stats", REPORT}, {"trace", REPORT},  {"help", INFO},    {"version", INFO},
             {"quirk", TEXT},   {"mbufs", TEXT}};

static void show(const char *name)
{
    if (!strcmp(name, "help"))
        printf(help, host_profile_names(), host_profile->name);
    else
        puts("kexthost " VERSION);
    exit(0);
}

/* Takes one option from argv[i]; returns how many words it used. */
static int take(struct options *o, int i, int argc, char **argv)
{
    const char *name = argv[i] + 2, *value = strchr(name, '=');
    size_t length = value ? (size_t)(value - name) : strlen(name), k = 0;
    while (k < sizeof table / sizeof table[0] &&
           (strlen(table[k].name) != length || strncmp(table[k].name, name, length)))
        k++;
    if (strncmp(argv[i], "--", 2) || k == sizeof table / sizeof table[0])
        usage(argv[i][0] == '-' ? "unknown option" : "COMMAND must follow --, found", argv[i]);
    value = value ? value + 1 : NULL;
    if (table[k].kind == INFO)
        show(table[k].name);
    if (table[k].kind == REPORT) {
        if (value && !*value)
            usage("an empty file name", argv[i]);
        set_report(o, table[k].name, value);
        return 1;
    }
    int used = value ? 1 : 2;
    if (!value && !(i + 1 < argc))
        usage("a value is missing after", argv[i]);
    value = value ? value : argv[i + 1];
    if (table[k].kind == LIST)
        set_list(o, table[k].name, value);
    else
        set_text(o, table[k].name, value);
    return used;
}

void options_parse(struct options *o, int argc, char **argv)
{
    memset(o, 0, sizeof *o);
    o->machine = "q35";
    int i = 1;
    while (i < argc && strcmp(argv[i], "--"))
        i += take(o, i, argc, argv);
    if (i < argc) {
        if (!argv[i + 1])
            usage("-- without a COMMAND", NULL);
        o->command = argv + i + 1;
    }
    if (!o->command && !o->ioreg && !o->stats)
        usage("nothing to do: give a COMMAND after --, --ioreg or --stats", NULL);
}
