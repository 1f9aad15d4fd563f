// SPDX-License-Identifier: BSD-3-Clause
/*
 * size_t, ptrdiff_t, NULL, offsetof with Darwin's types.
 */
#ifndef KPI_STDDEF_H
#define KPI_STDDEF_H

#include <sys/_types.h>

typedef __darwin_size_t    size_t;
typedef __darwin_ptrdiff_t ptrdiff_t;
#ifndef __cplusplus
typedef __darwin_wchar_t   wchar_t;
#endif

#endif
