// SPDX-License-Identifier: BSD-3-Clause
/*
 * The platform's own services, made at boot.
 */
#ifndef HOST_IOKIT_PLATFORM_H
#define HOST_IOKIT_PLATFORM_H
#include <IOKit/IOPlatformExpert.h>

/* The platform expert's nub (the service plane's root), the expert and the root power domain, started. */
void platform_start(void);
void platform_release(void); /* drops boot's references, after everything was terminated */
IOPMrootDomain *rootdomain_make(IOService *provider);
#endif
