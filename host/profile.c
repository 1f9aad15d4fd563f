// SPDX-License-Identifier: BSD-3-Clause
/*
 * The table of systems. Darwin versions are those of each system's last point release; a system without ABI facts
 * of its own takes those of the nearest older one (10.10 to 10.12: 10.9; 10.14: 10.13), so nothing newer is claimed.
 * A host is of one width: kernels were i386 up to 10.7 and x86_64 from 10.6 on.
 */
#include "profile.h"
#include <string.h>

#ifdef __x86_64__
#define ABI(i386, x86_64) x86_64
enum { DEFAULT_PROFILE = 4 };
#else
#define ABI(i386, x86_64) i386
enum { DEFAULT_PROFILE = 1 };
#endif
static const struct host_profile profiles[] = {
    {"10.5", ABI("i10.5", 0), 9, 8, 5, HOST_IRQ_INTX},
    {"10.6", ABI("i10.6", "x10.6"), 10, 8, 6, HOST_IRQ_INTX},
    {"10.7", ABI("i10.7", "x10.7"), 11, 4, 7, HOST_IRQ_INTX},
    {"10.8", ABI(0, "x10.8"), 12, 6, 8, HOST_IRQ_INTX},
    {"10.9", ABI(0, "x10.9"), 13, 4, 9, HOST_IRQ_INTX},
    {"10.10", ABI(0, "x10.9"), 14, 5, 10, HOST_IRQ_MSIX_ONE},
    {"10.11", ABI(0, "x10.9"), 15, 6, 11, HOST_IRQ_MSIX_ONE},
    {"10.12", ABI(0, "x10.9"), 16, 7, 12, HOST_IRQ_MSIX_FLAGS},
    {"10.13", ABI(0, "x10.13"), 17, 7, 13, HOST_IRQ_MSIX_FLAGS},
    {"10.14", ABI(0, "x10.13"), 18, 7, 14, HOST_IRQ_MSIX_FLAGS},
    {"10.15", ABI(0, "x10.15"), 19, 6, 15, HOST_IRQ_MSIX_FLAGS},
    {"11", ABI(0, "x11"), 20, 6, 16, HOST_IRQ_MSIX_FLAGS},
};
enum { NPROFILES = sizeof profiles / sizeof profiles[0] };

static const struct host_profile *find(const char *name)
{
    for (int i = 0; i < NPROFILES; i++)
        if (!strcmp(profiles[i].name, name))
            return &profiles[i];
    return 0;
}

const struct host_profile *host_profile = &profiles[DEFAULT_PROFILE];

int host_profile_select(const char *name)
{
    const struct host_profile *p = find(name);
    if (!p)
        return -1;
    if (!p->abi)
        return 1;
    host_profile = p;
    return 0;
}

const char *host_profile_names(void)
{
    static char names[16 * NPROFILES];
    if (!names[0])
        for (int i = 0; i < NPROFILES; i++)
            if (profiles[i].abi) {
                strcat(names, names[0] ? ", " : "");
                strcat(names, profiles[i].name);
            }
    return names;
}
