// SPDX-License-Identifier: BSD-3-Clause
/*
 * The host's export tables: which KPI names it has, where, in which systems and libraries; the vtables of its
 * classes; slots that are padding in one system and in use in another. Generated at build by exports.py from
 * the KPI side's object and the facts in kpi/abi (test programs generate theirs from a kernel of their own).
 * Names have Mach-O spelling.
 */
#ifndef HOST_LOADER_EXPORTS_H
#define HOST_LOADER_EXPORTS_H

struct host_export {
    const char *name;
    void *address;
    unsigned int systems; /* bit i: in host_systems[i] */
    unsigned int sets;    /* bit i: in the library host_sets[i] */
};

/* A virtual method that kpi/ declares and the host lacks: it may fill a slot, it cannot be imported. */
struct host_stub {
    const char *name;
    void *address;
};

struct host_vtable {
    const char *name; /* "__ZTV9IOService" */
    void **slots;     /* the first function: two words after the symbol */
    unsigned int count;
    const char *const *names; /* of what stands in each slot; NULL: a local function */
};

/* In `systems` the slot that others call pad ("__ZN9IOService19_RESERVEDIOService0Ev") is real. */
struct host_pad {
    const char *pad, *real;
    unsigned int systems;
};

extern const struct host_export host_exports[]; /* by strcmp of name */
extern const unsigned int host_export_count;
extern const struct host_stub host_stubs[];
extern const unsigned int host_stub_count;
extern const struct host_vtable host_vtables[];
extern const unsigned int host_vtable_count;
extern const struct host_pad host_pads[];
extern const unsigned int host_pad_count;
extern const char *const host_systems[];
extern const unsigned int host_system_count;
extern const char *const host_sets[];
extern const unsigned int host_set_count;

#endif
