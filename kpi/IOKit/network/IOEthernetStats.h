// SPDX-License-Identifier: BSD-3-Clause
// Ethernet statistics (RFC 1650). Answers to Apple's IOKit/network/IOEthernetStats.h (Mac OS X 10.6
// view).
#pragma once

#include <libkern/OSTypes.h>

#define kIOEthernetStatsKey "IOEthernetStatsKey"

typedef struct {
    UInt32 alignmentErrors;
    UInt32 fcsErrors;
    UInt32 singleCollisionFrames;
    UInt32 multipleCollisionFrames;
    UInt32 sqeTestErrors;
    UInt32 deferredTransmissions;
    UInt32 lateCollisions;
    UInt32 excessiveCollisions;
    UInt32 internalMacTransmitErrors;
    UInt32 carrierSenseErrors;
    UInt32 frameTooLongs;
    UInt32 internalMacReceiveErrors;
    UInt32 etherChipSet;
    UInt32 missedFrames;
} IODot3StatsEntry;
typedef struct {
    UInt32 collFrequencies[16];
} IODot3CollEntry;
typedef struct {
    UInt32 overruns;
    UInt32 watchdogTimeouts;
    UInt32 frameTooShorts;
    UInt32 collisionErrors;
    UInt32 phyErrors;
    UInt32 timeouts;
    UInt32 interrupts;
    UInt32 resets;
    UInt32 resourceErrors;
    UInt32 reserved[4];
} IODot3RxExtraEntry;
typedef struct {
    UInt32 underruns;
    UInt32 jabbers;
    UInt32 phyErrors;
    UInt32 timeouts;
    UInt32 interrupts;
    UInt32 resets;
    UInt32 resourceErrors;
    UInt32 reserved[4];
} IODot3TxExtraEntry;
typedef struct {
    IODot3StatsEntry dot3StatsEntry;
    IODot3CollEntry dot3CollEntry;
    IODot3RxExtraEntry dot3RxExtraEntry;
    IODot3TxExtraEntry dot3TxExtraEntry;
} IOEthernetStats;
