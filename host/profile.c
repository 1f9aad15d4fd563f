// SPDX-License-Identifier: BSD-3-Clause
/*
 * The table of systems. Darwin versions are those of each system's last point release; a system without ABI facts
 * of its own takes those of the nearest older one (10.10 to 10.12: 10.9; 10.14: 10.13), so nothing newer is claimed.
 */
#include "profile.h"
#include <string.h>

static const struct host_profile profiles[] = {
    {"10.6", "x10.6", 10, 8, 6, HOST_IRQ_INTX},
    {"10.7", "x10.7", 11, 4, 7, HOST_IRQ_INTX},
    {"10.8", "x10.8", 12, 6, 8, HOST_IRQ_INTX},
    {"10.9", "x10.9", 13, 4, 9, HOST_IRQ_INTX},
    {"10.10", "x10.9", 14, 5, 10, HOST_IRQ_MSIX_ONE},
    {"10.11", "x10.9", 15, 6, 11, HOST_IRQ_MSIX_ONE},
    {"10.12", "x10.9", 16, 7, 12, HOST_IRQ_MSIX_FLAGS},
    {"10.13", "x10.13", 17, 7, 13, HOST_IRQ_MSIX_FLAGS},
    {"10.14", "x10.13", 18, 7, 14, HOST_IRQ_MSIX_FLAGS},
    {"10.15", "x10.15", 19, 6, 15, HOST_IRQ_MSIX_FLAGS},
};
enum { NPROFILES = sizeof profiles / sizeof profiles[0], DEFAULT_PROFILE = 3 };

const struct host_profile *host_profile = &profiles[DEFAULT_PROFILE];

int host_profile_select(const char *name)
{
    for (int i = 0; i < NPROFILES; i++)
        if (!strcmp(profiles[i].name, name)) {
            host_profile = &profiles[i];
            return 0;
        }
    return -1;
}

const char *host_profile_names(void)
{
    static char names[16 * NPROFILES];
    if (!names[0])
        for (int i = 0; i < NPROFILES; i++) {
            strcat(names, i ? ", " : "");
            strcat(names, profiles[i].name);
        }
    return names;
}
