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

/* OSMetaClass::preModLoad: metaclasses constructed (or destroyed) from here on belong to the kext. The handle goes to
 * the two calls below; NULL: no memory. One module at a time. */
void *libkern_pre_mod_load(const char *bundle);
/* OSMetaClass::checkModLoad: 1 while every constructor since pre succeeded. */
int libkern_check_mod_load(void *handle);
/* OSMetaClass::postModLoad: registers the classes. 0 (kOSReturnSuccess), or its error, 0xdc004... (duplicate class...). */
int libkern_post_mod_load(void *handle);

/* OSMetaClass::modHasInstance: 1 when a class of the kext (its own instances, not those of subclasses elsewhere) has
 * any. each (may be NULL) is called for every such class. */
int libkern_mod_has_instances(const char *bundle, void (*each)(void *context, const char *cls, int instances),
                              void *context);

/* OSSymbol::checkForPageUnload: symbols whose text lies in [start, end) get a copy of it. */
void libkern_page_unload(void *start, void *end);

#ifdef __cplusplus
}
#endif
#endif
