// SPDX-License-Identifier: BSD-3-Clause
/*
 * What C++ code needs besides classes (Apple: libkern/c++/OSRuntime.cpp): operators new and delete, the pure
 * virtual call; memory of containers; references that kexts hold to kexts (libkern/OSKextLib.h).
 */
#include "internal.h"
#include <libkern/OSKextLib.h>
#ifdef __i386__
#include <mach/kmod.h>
#include "loader/loader.h"
#endif

LX_COUNTER(container_bytes, "memory.containers.bytes.live")

void *operator new(size_t size)
{
    return kern_os_malloc(size);
}
void *operator new[](size_t size)
{
    return kern_os_malloc(size);
}
void operator delete(void *p) throw()
{
    kern_os_free(p);
}
void operator delete[](void *p) throw()
{
    kern_os_free(p);
}

extern "C" {
void __cxa_pure_virtual()
{
    panic("%s", "__cxa_pure_virtual: a pure virtual method was called");
}

/* ---- containers' memory -------------------------------------------------------------------------------- */
static bool bytes_of(unsigned int n, unsigned int element, unsigned long *bytes)
{
    return !__builtin_mul_overflow((unsigned long)n, (unsigned long)element, bytes) && *bytes < 1ul << 31;
}

void *container_alloc(unsigned int n, unsigned int element)
{
    unsigned long bytes;
    if (!bytes_of(n, element, &bytes))
        return 0;
    void *p = lx_ram_alloc(bytes ? bytes : 1, 16, ~0ull);
    if (!p)
        return 0;
    bzero(p, bytes);
    lx_count(&container_bytes, bytes);
    return p;
}

void container_free(void *p, unsigned int n, unsigned int element)
{
    if (!p)
        return;
    lx_ram_free(p, (unsigned long)n * element);
    lx_uncount(&container_bytes, (unsigned long)n * element);
}

bool container_grow(void **p, unsigned int *capacity, unsigned int wanted, unsigned int increment,
                    unsigned int element)
{
    unsigned int step = increment ? increment : 16, rounded;
    if (wanted <= *capacity)
        return true;
    if (__builtin_mul_overflow((wanted - 1) / step + 1, step, &rounded))
        return false;
    void *bigger = container_alloc(rounded, element);
    if (!bigger)
        return false;
    if (*p)
        memcpy(bigger, *p, (size_t)*capacity * element);
    container_free(*p, *capacity, element);
    *p = bigger;
    *capacity = rounded;
    return true;
}

#ifdef __i386__
/* ---- what gcc's kexts call themselves: done already from 10.6 on, needed in 10.5 ------------------------------ */
#pragma weak kext_cpp_initialize
#pragma weak kext_cpp_finalize

kern_return_t OSRuntimeInitializeCPP(kmod_info_t *kmod, void *)
{
    return kext_cpp_initialize && !kext_cpp_initialize(kmod) ? KMOD_RETURN_SUCCESS : KMOD_RETURN_FAILURE;
}

kern_return_t OSRuntimeFinalizeCPP(kmod_info_t *kmod, void *)
{
    return kext_cpp_finalize && !kext_cpp_finalize(kmod) ? KMOD_RETURN_SUCCESS : KMOD_RETURN_FAILURE;
}
#endif

/* ---- references to kexts ------------------------------------------------------------------------------- */
enum { MAX_RETAINED = 64 };
static struct {
    OSKextLoadTag tag;
    int count;
} retained[MAX_RETAINED];
static struct lx_mutex retained_lock;

static OSReturn change_retained(OSKextLoadTag tag, int by)
{
    OSReturn result = kOSKextReturnNotFound;
    if (tag == kOSKextInvalidLoadTag || !tag)
        return kOSKextReturnNotFound;
    lx_mutex_lock(&retained_lock);
    for (int i = 0; i < MAX_RETAINED && result; i++) {
        if (retained[i].count ? retained[i].tag != tag : by < 0)
            continue;
        retained[i].tag = tag;
        retained[i].count += by;
        result = kOSReturnSuccess;
    }
    lx_mutex_unlock(&retained_lock);
    return result;
}

OSReturn OSKextRetainKextWithLoadTag(OSKextLoadTag tag)
{
    return change_retained(tag, 1);
}

OSReturn OSKextReleaseKextWithLoadTag(OSKextLoadTag tag)
{
    return change_retained(tag, -1);
}

int libkern_kext_retained(unsigned int tag)
{
    int held = 0;
    lx_mutex_lock(&retained_lock);
    for (int i = 0; i < MAX_RETAINED; i++)
        held |= retained[i].count && retained[i].tag == tag;
    lx_mutex_unlock(&retained_lock);
    return held;
}
}
