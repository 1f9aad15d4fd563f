// SPDX-License-Identifier: BSD-3-Clause
/*
 * edu as a source of interrupts, and what filter and action of an event source saw.
 */
#pragma once
#include <IOKit/IOFilterInterruptEventSource.h>
#include "probe.h"

struct Seen {
    Probe *owner;
    volatile int filtered, acted, last, filterPrimary, actionPrimary, onLoop, gated, ordered;
    volatile uint64_t filterTime;
    volatile int leave; /* so many filter calls or actions leave the cause */
    bool answer;        /* of the filter */
    bool filterClears, actionClears, actionDisables, signals;
    volatile UInt32 status;
};
extern Seen seen;

void seen_reset(Probe *p); /* gate open; from now on the filter clears the cause and says true */
void edu_raise(Probe *p, UInt32 bits);
UInt32 edu_clear(Probe *p); /* returns the causes there were */
bool seen_filter(OSObject *owner, IOFilterInterruptEventSource *source);
void seen_action(OSObject *owner, IOInterruptEventSource *source, int count);
