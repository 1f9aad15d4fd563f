// SPDX-License-Identifier: BSD-3-Clause
/* vio_net_tx.c for the packed ring (core/vq.h says why). */
#define VQ_PACKED
#include "vio_net_tx.c"
