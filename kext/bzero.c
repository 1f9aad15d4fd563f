// SPDX-License-Identifier: BSD-3-Clause
/*
 * The compiler turns large zero stores into calls of __bzero on this platform, a name that not every kernel
 * exports. Hidden: each kext has its own.
 */
#include <stddef.h>

__attribute__((visibility("hidden"))) void __bzero(void *p, size_t len)
{
    __asm__ volatile("rep stosb" : "+D"(p), "+c"(len) : "a"(0) : "memory");
}
