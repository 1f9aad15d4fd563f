// SPDX-License-Identifier: BSD-3-Clause
// Generic interface statistics. Answers to Apple's IOKit/network/IONetworkStats.h (Mac OS X 10.6
// view).
#pragma once

#include <libkern/OSTypes.h>

#define kIONetworkStatsKey     "IONetworkStatsKey"
#define kIOOutputQueueStatsKey "IOOutputQueueStatsKey"

typedef struct {
    UInt32 inputPackets;
    UInt32 inputErrors;
    UInt32 outputPackets;
    UInt32 outputErrors;
    UInt32 collisions;
} IONetworkStats;
typedef struct {
    UInt32 capacity;
    UInt32 size;
    UInt32 peakSize;
    UInt32 dropCount;
    UInt32 outputCount;
    UInt32 retryCount;
    UInt32 stallCount;
    UInt32 reserved[4];
} IOOutputQueueStats;
