// SPDX-License-Identifier: BSD-3-Clause
/*
 * What a kext binary says of itself (mach/kmod.h); KEXT_ID and KEXT_VERSION come from mk/kext.mk. From 10.6
 * on the kernel runs constructors and destructors itself: start and stop have nothing to do, but must be
 * there.
 */
#include <mach/mach_types.h>
#include <mach/kmod.h>

static kern_return_t kext_start(kmod_info_t *info, void *data)
{
    (void)info;
    (void)data;
    return KERN_SUCCESS;
}

static kern_return_t kext_stop(kmod_info_t *info, void *data)
{
    (void)info;
    (void)data;
    return KERN_SUCCESS;
}

#define TEXT(x)               #x
#define DECLARE_(id, version) KMOD_EXPLICIT_DECL(id, version, kext_start, kext_stop)
#define DECLARE(id, version)  DECLARE_(id, TEXT(version))
DECLARE(KEXT_ID, KEXT_VERSION)
