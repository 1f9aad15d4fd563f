// SPDX-License-Identifier: BSD-3-Clause
/*
 * Start, end and leak report of the BSD part: see boot.h.
 */
#include "bsd/boot.h"
#include "bsd/ifnet_impl.h"
#include "bsd/mbuf_impl.h"
#include "bsd/sysctl_impl.h"

void bsd_boot(void)
{
    sysctl_boot();
}

int bsd_leaks(void (*out)(void *ctx, const char *kind, unsigned long count), void *ctx)
{
    const struct {
        const char *kind;
        unsigned long count;
    } kinds[] = {{"mbufs", mbufs_live.value},
                 {"clusters of 2 KB", clusters_2k.value},
                 {"clusters of 4 KB", clusters_4k.value},
                 {"clusters of 16 KB", clusters_16k.value},
                 {"external clusters", clusters_ext.value},
                 {"mbuf tags", mbuf_tags_count()},
                 {"network interfaces", ifnets_live.value},
                 {"system controls", sysctl_kext_count()}};
    int n = 0;

    for (unsigned i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (kinds[i].count) {
            out(ctx, kinds[i].kind, kinds[i].count);
            n++;
        }
    return n;
}

void bsd_shutdown(void)
{
    mbuf_pools_destroy();
}
