// SPDX-License-Identifier: BSD-3-Clause
/*
 * The registers of edu by loads and stores, as a driver polls them (QEMU docs/specs/edu.txt).
 */
#include "probe.h"

static UInt32 factorial(Probe *p, UInt32 n)
{
    *p->reg(kEduFactorial) = n;
    for (int i = 0; i < 30000 && (*p->reg(kEduStatus) & kEduBusy); i++)
        IOSleep(1);
    return *p->reg(kEduFactorial);
}

void test_edu(Probe *p)
{
    if (!CHECK(p->map != 0, "BAR 0 is mapped"))
        return;
    SAME(*p->reg(kEduIdentity), 0x010000ed, "identity");
    *p->reg(kEduLiveness) = 0x12345678;
    SAME(*p->reg(kEduLiveness), ~0x12345678u, "liveness check inverts");
    *p->reg(kEduLiveness) ^= 0xffffffff;
    SAME(*p->reg(kEduLiveness), ~0x12345678u, "a register read, changed and written");
    SAME(factorial(p, 5), 120, "5!");
    SAME(factorial(p, 12), 479001600, "12!");
    *p->reg64(kEduSource) = 0x123456789abcdef0ull & 0xfffffff;
#ifdef __LP64__ // the device does not take it in two halves
    SAME(*p->reg64(kEduSource), 0x9abcdef0 & 0xfffffff, "an 8 byte register");
#endif
    SAME(*p->reg(kEduSource), 0x9abcdef0 & 0xfffffff, "its lower half");
    SAME(*p->reg(kEduInterruptStatus), 0, "no interrupt is pending");
}
