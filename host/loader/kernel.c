// SPDX-License-Identifier: BSD-3-Clause
/*
 * The kernel's own static constructors: the metaclasses of the host's classes. They must not run before
 * main(), as the C library would have it, but when memory and the class system are up, as one module (XNU:
 * OSlibkernInit calls OSRuntimeInitializeCPP for "__kernel__"). mk/host.mk gathers them in the section
 * kernel_init.
 */
#include "internal.h"
#include "../libkern/modules.h"

extern void (*const __start_kernel_init[])(void) __attribute__((weak));
extern void (*const __stop_kernel_init[])(void) __attribute__((weak));

int host_construct_kernel(void)
{
    void *handle = libkern_pre_mod_load("__kernel__");
    if (!handle)
        return kext_fail("no memory to register the kernel's classes");
    host_vtables_prepare();
    for (void (*const *f)(void) = __start_kernel_init; f < __stop_kernel_init; f++)
        (*f)();
    int result = libkern_post_mod_load(handle);
    return result ? kext_fail("the kernel's classes cannot be registered (0x%x)", (unsigned)result) : 0;
}
