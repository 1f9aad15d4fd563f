// SPDX-License-Identifier: BSD-3-Clause
// Shared memory layout of a data queue. Answers to Apple's IOKit/IODataQueueShared.h (Mac OS X 10.6
// view).
#pragma once

#include <libkern/OSTypes.h>
#include <mach/message.h>

#define DATA_QUEUE_ENTRY_HEADER_SIZE    (sizeof(IODataQueueEntry) - 4)
#define DATA_QUEUE_MEMORY_HEADER_SIZE   (sizeof(IODataQueueMemory) - sizeof(IODataQueueEntry))
#define DATA_QUEUE_MEMORY_APPENDIX_SIZE (sizeof(IODataQueueAppendix))

struct _IODataQueueEntry {
    UInt32 size;
    UInt8 data[4];
};
typedef struct _IODataQueueEntry IODataQueueEntry;
struct _IODataQueueMemory {
    UInt32 queueSize;
    volatile UInt32 head;
    volatile UInt32 tail;
    IODataQueueEntry queue[1];
};
typedef struct _IODataQueueMemory IODataQueueMemory;
struct _IODataQueueAppendix {
    UInt32 version;
    mach_msg_header_t msgh;
};
typedef struct _IODataQueueAppendix IODataQueueAppendix;
