// SPDX-License-Identifier: BSD-3-Clause
/* Unit tests of core/ against the fake device: TAP lines on stdout, exit status 1 if one failed. */
#include "fake.h"
#include <stdio.h>

void test_vq_split(void);
void test_vq_packed(void);
void test_pci(void);
void test_net(void);
void test_chain(void);
void test_life(void);
void test_ctrl(void);
void test_masked(void);
void test_profile(void);
void test_frame(void);
void test_debug(void);

int main(void)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    test_vq_split();
    test_vq_packed();
    test_pci();
    test_net();
    test_chain();
    test_life();
    test_ctrl();
    test_masked();
    test_profile();
    test_frame();
    test_debug();
    return tap_failed;
}
