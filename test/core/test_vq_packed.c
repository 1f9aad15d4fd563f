// SPDX-License-Identifier: BSD-3-Clause
/* test_vq.c for the packed ring. */
#define VQ_PACKED
#include "test_vq.c"
