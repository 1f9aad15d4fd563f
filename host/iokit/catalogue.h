// SPDX-License-Identifier: BSD-3-Clause
/*
 * What boot.cpp asks of the catalogue around the loading and unloading of a bundle.
 */
#ifndef HOST_IOKIT_CATALOGUE_H
#define HOST_IOKIT_CATALOGUE_H

void catalogue_module_came(const char *bundle_id);
int catalogue_module_went(const char *bundle_id); /* its personalities go; how many */
#endif
