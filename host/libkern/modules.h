// SPDX-License-Identifier: BSD-3-Clause
/*
 * What the loader asks of OSMetaClass around a kext's static constructors and destructors, as XNU's
 * libkern/c++/OSRuntime.cpp (OSRuntimeInitializeCPP, OSRuntimeFinalizeCPP) does. Only builtin types.
 */
#ifndef HOST_LIBKERN_MODULES_H
#define HOST_LIBKERN_MODULES_H
#ifdef __cplusplus
extern "C" {
#endif

/* The class system's own memory; after mach_init, before the kernel's static constructors. */
void libkern_init(void);

/* OSMetaClass::preModLoad: metaclasses constructed (or destroyed) from here on belong to the kext. The handle
 * goes to the two calls below; NULL: no memory. One module at a time. */
void *libkern_pre_mod_load(const char *bundle);
/* OSMetaClass::checkModLoad: 1 while every constructor since pre succeeded. */
int libkern_check_mod_load(void *handle);
/* OSMetaClass::postModLoad: registers the classes. 0 (kOSReturnSuccess), or its error, 0xdc004... (duplicate
 * class...). */
int libkern_post_mod_load(void *handle);

/* OSMetaClass::modHasInstance: 1 when a class of the kext (its own instances, not those of subclasses
 * elsewhere) has any. each (may be NULL) is called for every such class. */
int libkern_mod_has_instances(const char *bundle, void (*each)(void *context, const char *cls, int instances),
                              void *context);

/* Every registered class of every module: how many instances it has of its own (none through subclasses). For
 * the report of leaks: what is there more than at some earlier time. fn must not create or destroy objects'
 * classes. */
void libkern_each_class(void (*fn)(void *context, const char *bundle, const char *cls, int instances),
                        void *context);

/* 1 while a kext holds a reference to itself or another by OSKextRetainKextWithLoadTag: it must not be
 * unloaded. */
int libkern_kext_retained(unsigned int tag);

/* OSSymbol::checkForPageUnload: symbols whose text lies in [start, end) get a copy of it. */
void libkern_page_unload(void *start, void *end);

#ifdef __cplusplus
}
#endif
#endif
