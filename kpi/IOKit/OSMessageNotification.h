// SPDX-License-Identifier: BSD-3-Clause
// Asynchronous user client messages: the reference a client passes and the reply's layout. Answers to
// Apple's IOKit/OSMessageNotification.h (Mac OS X 10.6 view).
#pragma once

#include <mach/mach_types.h>
#include <mach/message.h>
#include <device/device_types.h>
#include <IOKit/IOReturn.h>

enum {
    kFirstIOKitNotificationType = 100,
    kIOServicePublishNotificationType = 100,
    kIOServiceMatchedNotificationType = 101,
    kIOServiceTerminatedNotificationType = 102,
    kIOAsyncCompletionNotificationType = 150,
    kIOServiceMessageNotificationType = 160,
    kLastIOKitNotificationType = 199
};

enum {
    kOSNotificationMessageID = 53,
    kOSAsyncCompleteMessageID = 57,
    kMaxAsyncArgs = 16
};

enum {
    kIOAsyncReservedIndex = 0,
    kIOAsyncReservedCount = 1,
    kIOAsyncCalloutFuncIndex = 1,
    kIOAsyncCalloutRefconIndex = 2,
    kIOAsyncCalloutCount = 3,
    kIOMatchingCalloutFuncIndex = 1,
    kIOMatchingCalloutRefconIndex = 2,
    kIOMatchingCalloutCount = 3,
    kIOInterestCalloutFuncIndex = 1,
    kIOInterestCalloutRefconIndex = 2,
    kIOInterestCalloutServiceIndex = 3,
    kIOInterestCalloutCount = 4
};

enum {
    kOSAsyncRef64Count = 8,
    kOSAsyncRef64Size = 64
};

typedef io_user_reference_t OSAsyncReference64[8];
struct OSNotificationHeader64 {
    mach_msg_size_t size;
    natural_t type;
    OSAsyncReference64 reference;
    unsigned char content[0];
};
#pragma pack(push, 4)
struct IOServiceInterestContent64 {
    natural_t messageType;
    io_user_reference_t messageArgument[1];
};
#pragma pack(pop)
enum {
    kOSAsyncRefCount = 8,
    kOSAsyncRefSize = 32
};

typedef natural_t OSAsyncReference[8];
struct OSNotificationHeader {
    mach_msg_size_t size;
    natural_t type;
    OSAsyncReference reference;
    unsigned char content[0];
};
#pragma pack(push, 4)
struct IOServiceInterestContent {
    natural_t messageType;
    void *messageArgument[1];
};
#pragma pack(pop)
struct IOAsyncCompletionContent {
    IOReturn result;
    void *args[0] __attribute__((packed));
};
