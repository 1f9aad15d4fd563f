// SPDX-License-Identifier: BSD-3-Clause
/*
 * The kmod_info of a test's kext and its entry functions, which do nothing (what Xcode's libkmod supplies on
 * a Mac).
 */
#include <mach/mach_types.h>
#include <mach/kmod.h>

static kern_return_t start(kmod_info_t *ki, void *data)
{
    return KERN_SUCCESS;
}
static kern_return_t stop(kmod_info_t *ki, void *data)
{
    return KERN_SUCCESS;
}

#define DECLARE(name, version) KMOD_EXPLICIT_DECL(name, version, start, stop)
extern kmod_info_t kmod_info;
DECLARE(KEXT_ID, KEXT_VERSION)
