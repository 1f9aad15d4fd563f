// SPDX-License-Identifier: BSD-3-Clause
/*
 * Start of the BSD part, and the moment of rest in which what is in use can be looked at: see boot.h.
 */
#include "bsd/boot.h"
#include "bsd/internal.h"

void bsd_boot(void)
{
    sysctl_boot();
    ifnet_boot();
}

void bsd_settle(void)
{
    ifnet_settle();
    mbuf_trim();
}
