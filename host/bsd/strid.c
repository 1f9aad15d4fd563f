// SPDX-License-Identifier: BSD-3-Clause
/*
 * Numbers for the names of modules (mbuf tags) and of vendors (kernel events). Behaviour of xnu's
 * bsd/net/net_str_id.c: the same string has the same number for as long as the system runs.
 */
#include "bsd/mbuf_impl.h"
#include <sys/kern_event.h>

enum { FIRST_ID = 1000, MAX_IDS = 256, MAX_NAME = 128 };

static char names[MAX_IDS][MAX_NAME];
static unsigned count;
static struct lx_mutex lock;

errno_t net_string_id(const char *string, u_int32_t *id)
{
    unsigned i;

    if (!string || !id || strlen(string) >= MAX_NAME)
        return EINVAL;
    lx_mutex_lock(&lock);
    for (i = 0; i < count && strcmp(names[i], string) != 0; i++)
        ;
    if (i == count && count < MAX_IDS)
        strlcpy(names[count++], string, MAX_NAME);
    lx_mutex_unlock(&lock);
    if (i == MAX_IDS)
        return ENOMEM;
    *id = FIRST_ID + i;
    return 0;
}

int net_string_id_valid(u_int32_t id)
{
    return id >= FIRST_ID && id < FIRST_ID + count;
}

errno_t kev_vendor_code_find(const char *vendor_string, u_int32_t *vendor_code)
{
    return net_string_id(vendor_string, vendor_code);
}
