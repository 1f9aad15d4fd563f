// SPDX-License-Identifier: BSD-3-Clause
/*
 * kexthost's command line, parsed. Lists are NULL-terminated and point into argv.
 */
#ifndef HOST_OPTIONS_H
#define HOST_OPTIONS_H

struct options {
    const char **kexts, **devices, **netdevs, **qemu_args, **properties;
    int nkexts, ndevices, nnetdevs, nqemu_args, nproperties;
    const char *machine;               /* "q35" or "pc" */
    const char *boot_args;
    int ioreg, stats, trace;           /* asked for */
    const char *ioreg_file, *stats_file, *trace_file; /* NULL: stderr */
    char **command;                    /* NULL: none */
};

/* A wrong command line: one line on stderr, exit 2. --help and --version: stdout, exit 0. */
void options_parse(struct options *o, int argc, char **argv);
#endif
