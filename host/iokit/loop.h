// SPDX-License-Identifier: BSD-3-Clause
/*
 * What the work loop and its sources share beyond kpi/.
 */
#ifndef HOST_IOKIT_LOOP_H
#define HOST_IOKIT_LOOP_H
#include <IOKit/IOWorkLoop.h>
#include <IOKit/IOEventSource.h>

struct loop_record { /* IOWorkLoop::reserved */
    IOOptionBits options;
    volatile int word;      /* nothing to do, work, thread asleep */
    volatile int terminate; /* the last reference is gone */
    bool dying;             /* the thread is freeing it */
};

bool loop_is_dying(const IOWorkLoop *loop);
#endif
