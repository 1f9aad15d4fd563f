// SPDX-License-Identifier: BSD-3-Clause
/*
 * The linker under libFuzzer (`make fuzz-ld`): one object a run. Objects of the corpus hold a _kmod_info of
 * their own, so that all stages are reached.
 */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buffer object = {(uint8_t *)(uintptr_t)data, size};

    link_objects(&object, 1);
    return 0;
}
