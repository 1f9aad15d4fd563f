// SPDX-License-Identifier: BSD-3-Clause
/* vq_any.c for the packed ring (core/vq.h says why). */
#define VQ_PACKED
#include "vq_any.c"
