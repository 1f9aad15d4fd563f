// SPDX-License-Identifier: BSD-3-Clause
/* xorshift64 (Marsaglia): the same row of numbers for the same seed. `state` is the seed, not 0. */
#ifndef TEST_KDP_CHANCE_H
#define TEST_KDP_CHANCE_H
#include <stdint.h>

static uint64_t state;
static uint32_t chance(uint32_t below)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)(state >> 33) % below;
}

#endif
