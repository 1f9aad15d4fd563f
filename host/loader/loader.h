// SPDX-License-Identifier: BSD-3-Clause
/*
 * The kext loader as the rest of the host sees it: opens bundles, links them against the host's exports and
 * against one another, starts, stops and unloads them. It stands for XNU's libkern/c++/OSKext.cpp
 * (dependencies, versions, life cycle) and libkern/kxld (Mach-O, symbols, vtables). Only builtin types: safe
 * on both sides of the boundary.
 *
 * Usage:   kext_open("A.kext"); kext_open("B.kext"); kext_load_all(); ... kext_unload_all();
 *
 * Calls that can fail return 0, or -1 with kext_error() set; they never print. They take the loader's lock,
 * run code of kexts and may block: ordinary threads only, never the interrupt thread, never from inside a
 * kext.
 */
#ifndef HOST_LOADER_H
#define HOST_LOADER_H
#ifdef __cplusplus
extern "C" {
#endif

/* Why the last call on this thread failed: what, in which file, and the cure; one line. When names are
 * missing they follow on lines of their own, each indented by four spaces. Static storage, valid until the
 * thread's next call. */
const char *kext_error(void);

/* Reads a bundle (a folder NAME.kext with Contents/Info.plist, or Info.plist at its top) and its executable
 * and checks both; nothing is linked or run. The kext is known by its CFBundleIdentifier from here on. */
int kext_open(const char *bundle);

/* Loads and starts every open kext that is not loaded, dependencies first, then hands their personalities to
 * IOKit in the same order. Stops at the first failure; what was loaded before stays. */
int kext_load_all(void);
/* The same for one kext and its dependencies. The bundle is read again, as kextload would. */
int kext_load(const char *identifier);

/* Removes the kext's personalities, terminates the services of its classes, waits for them (10 s), stops and
 * unloads it. Refused, naming them, while loaded kexts depend on it or its classes have instances. It stays
 * open. */
int kext_unload(const char *identifier);
/* Every loaded kext, dependents first. Stops at the first that cannot go. */
int kext_unload_all(void);

struct kext_info {
    const char *identifier, *version, *path;
    const char *executable; /* file name without folder; "" for a kext without code */
    unsigned int tag;       /* kmod id: 1, 2, ... in order of loading; 0 while not loaded */
    int started;
    unsigned int references;     /* loaded kexts that link against it */
    unsigned long address, size; /* of the image in RAM */
    unsigned long load_ns;       /* reading to linked, then until the start function returned */
    unsigned long start_ns;
    unsigned int imports, weak_missing;  /* symbols taken from libraries; weak ones left unresolved */
    unsigned int classes, patched_slots; /* vtables patched; slots whose name the parent's table changed */
};
/* Calls fn for every open kext, in the order of opening, under the loader's lock: fn must not call back. */
void kext_each(void (*fn)(void *context, const struct kext_info *info), void *context);

/* "virtio-net`symbol + 0x12" for an address inside a loaded kext, or a host function's KPI name
 * ("kernel`_memcpy + 4") for one in the host's exports. 0, or -1 (buf empty) when it is neither. Takes no
 * lock: for crash reports, any context, a signal handler included. */
int kext_symbolise(unsigned long address, char *buf, unsigned long size);
/* Identifier of the loaded kext that holds the address, NULL when none does. Any context. */
const char *kext_identifier_of(unsigned long address);
/* Prints the panic log's line for each loaded kext ("identifier (version) @address"), newest first. Any
 * context. */
void kext_print_loaded(void (*out)(void *context, const char *line), void *context);

/* The address that the host exports for a KPI name in Mach-O spelling ("_memcpy"), whatever its library, in
 * the profile in force; NULL when it has none. */
void *kext_host_symbol(const char *name);

/* Runs the static constructors of the KPI side (every OSDefineMetaClass...) as module "__kernel__": once,
 * after lx_ram_init, mach and libkern are up, before iokit_boot. 0, or -1: two classes of one name. */
int host_construct_kernel(void);

/* What OSRuntimeInitializeCPP and OSRuntimeFinalizeCPP do for the kext of that kmod_info: 0, or -1. Called from its start
 * and stop functions. */
int kext_cpp_initialize(void *kmod);
int kext_cpp_finalize(void *kmod);

/* Called by the KPI side's generated stubs: the run ends (lx_fatal) naming the method that the host does not
 * have. */
void host_unimplemented(const char *mangled) __attribute__((noreturn));

/* The text of all kexts, stubs included, loses its right to be executed, or gets it back; takes no lock. */
void kext_text_protect(int executable);
int kext_text_contains(unsigned long address);
/* `copy` of the text at `address` will run `by` bytes further: its calls into the host are aimed again. */
void kext_text_moved(unsigned char *copy, unsigned long address, unsigned long size, unsigned long by);
void kext_text_each(void (*fn)(unsigned long at, unsigned long size));

#ifdef __cplusplus
}
#endif
#endif
