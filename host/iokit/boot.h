// SPDX-License-Identifier: BSD-3-Clause
/*
 * The registry as the rest of the host sees it: what main() and the loader, on the Linux side of the
 * boundary, may ask of IOKit. Only builtin types. KPI-side code (host/family) uses the classes themselves and
 * the few calls at the end. Unless it says otherwise a call may block and belongs on an ordinary thread,
 * never on the interrupt thread.
 */
#ifndef HOST_IOKIT_BOOT_H
#define HOST_IOKIT_BOOT_H
#ifdef __cplusplus
extern "C" {
#endif

/* Builds the root entry, the planes, IOResources, gIOCatalogue and the platform expert; once, after libkern
 * and mach are up and the kernel's own static constructors have run. */
void iokit_boot(void);

/* Personalities: xml is a plist whose root is the IOKitPersonalities dictionary (name -> personality) or an
 * array of personalities. CFBundleIdentifier is set to bundle_id where it is missing. more: those of another bundle
 * follow; the last call adds all, and matching starts at once, on the matching thread. 0, or -1: the
 * text does not parse (nothing was added, nor what waited; *error, static storage, says why; error may be NULL). */
int iokit_add_personalities(const char *bundle_id, const char *xml, int more, const char **error);
/* Takes them back out of the catalogue; running drivers stay. Returns how many were removed. */
int iokit_remove_personalities(const char *bundle_id);

/* Terminates every service whose class (or a superclass) comes from the bundle, as
 * IOCatalogue::terminateDrivers does. Returns how many were asked to go; their end is asynchronous:
 * iokit_wait_quiet(), then look at iokit_module_services(). */
int iokit_terminate_module(const char *bundle_id);
/* Services in the registry whose class comes from the bundle. */
int iokit_module_services(const char *bundle_id);

/* Waits until no service is busy. 0, or -1: still busy after ms milliseconds (ms < 0: no limit). */
int iokit_wait_quiet(int ms);
/* Names of the services that are busy, ", " between them, for a message: static storage, valid until the next
 * call. */
const char *iokit_busy_names(void);

/* The service plane as `ioreg -l` prints it; out gets whole lines without the newline. */
void iokit_print_registry(void (*out)(void *context, const char *line), void *context);

/* Is there a started driver on the nub? id is the nub's registry entry id
 * (IORegistryEntry::getRegistryEntryID). The answer is the class name of the first driver in the service
 * plane below it that has started, or NULL; the name lives as long as the class. */
const char *iokit_driver_for(unsigned long long id);
/* "VirtioPCIDriver > VirtioNetController > IOEthernetInterface" below the nub (the longest first branch);
 * static storage, "" when there is none. */
const char *iokit_driver_chain(unsigned long long id);

/* Ends the machine in order: terminates every driver below the platform's nubs (leaves first), waits until
 * quiet (ms at most), then drops IOResources, catalogue and planes' entries so that what is left over is a
 * leak. 0, or -1: some service would not go (iokit_busy_names() names them). */
int iokit_shutdown(int ms);

/* Sleep and wake of the power plane's root domain: every power-managed driver is taken to its off state, then
 * back to its highest. 0, or -1 when a driver did not answer in ms milliseconds. */
int iokit_sleep(int ms);
int iokit_wake(int ms);
/* Every power-managed driver's systemWillShutdown(), children before parents. Returns when all have. */
void iokit_will_shutdown(void);

#ifdef __cplusplus
}

/* ---- KPI side only: for host/family ---- */
class IOService;
class IOInterruptController;

/* The platform expert's nub for a bus: an IOPlatformDevice named name (in the device-tree plane too, as
 * `name`), child of the platform expert, not yet registered. The caller owns one reference. */
IOService *iokit_make_platform_nub(const char *name, const char *const *compatible);
/* Interrupt controllers of one's own: a class derived from IOInterruptController gets its vectors from here,
 * and its handleInterrupt(), called on the interrupt thread, passes a vector's interrupt on: to the handler,
 * unless the driver disabled it; then disableVectorHard(). enableVector(), getVectorType(),
 * vectorCanBeShared() are the class's own. */
bool iokit_make_vectors(IOInterruptController *controller, int count);
void iokit_free_vectors(IOInterruptController *controller, int count);
void iokit_dispatch_interrupt(IOInterruptController *controller, int vector);
/* Attaches a nub below parent in the service and device-tree planes and registers it for matching. */
void iokit_register_nub(IOService *nub, IOService *parent);
#endif
#endif
