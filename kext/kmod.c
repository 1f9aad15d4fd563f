// SPDX-License-Identifier: BSD-3-Clause
/*
 * What a kext binary says of itself (mach/kmod.h); KEXT_ID and KEXT_VERSION come from mk/kext.mk. From 10.6
 * on the kernel runs constructors and destructors itself: start and stop have nothing to do, but must be
 * there. In 10.5 they do it (libkern/c++/OSRuntime.cpp); stop fails while the classes have instances.
 */
#include <mach/mach_types.h>
#include <mach/kmod.h>

#ifdef KEXT_10_5
kern_return_t OSRuntimeInitializeCPP(kmod_info_t *info, void *data);
kern_return_t OSRuntimeFinalizeCPP(kmod_info_t *info, void *data);
#else
#define OSRuntimeInitializeCPP(info, data) ((void)(info), (void)(data), KERN_SUCCESS)
#define OSRuntimeFinalizeCPP(info, data)   ((void)(info), (void)(data), KERN_SUCCESS)
#endif

static kern_return_t kext_start(kmod_info_t *info, void *data)
{
    return OSRuntimeInitializeCPP(info, data);
}

static kern_return_t kext_stop(kmod_info_t *info, void *data)
{
    return OSRuntimeFinalizeCPP(info, data);
}

#define TEXT(x)               #x
#define DECLARE_(id, version) KMOD_EXPLICIT_DECL(id, version, kext_start, kext_stop)
#define DECLARE(id, version)  DECLARE_(id, TEXT(version))
DECLARE(KEXT_ID, KEXT_VERSION)
