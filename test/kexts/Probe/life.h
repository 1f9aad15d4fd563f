// SPDX-License-Identifier: BSD-3-Clause
/*
 * A nub of our own and the drivers that Info.plist's personalities put on it, which note what happens to them
 * in one trail: "ROLE.EVENT" in order.
 */
#pragma once
#include "probe.h"

#define Nub  org_virtio_osx_test_Nub
#define Life org_virtio_osx_test_Life

void trail_note(const char *role, const char *event);
void trail_clear();
/* Is it in the trail; did a come before b? */
bool trail_has(const char *event);
bool trail_before(const char *a, const char *b);
bool trail_wait(const char *event); /* half a minute at most */
void trail_show();

class Nub : public IOService
{
    OSDeclareDefaultStructors(org_virtio_osx_test_Nub) public
        : virtual bool compareName(OSString *name, OSString **matched = 0) const override;
    virtual bool matchPropertyTable(OSDictionary *table, SInt32 *score) override;
    virtual void free() override;
};

class Life : public IOService
{
    OSDeclareDefaultStructors(org_virtio_osx_test_Life) public : const char *role();
    bool is(const char *name) { return !strcmp(role(), name); }
    bool keepsOpen; /* does not close its provider when asked */
    volatile int messages;
    volatile UInt32 lastMessage;
    virtual IOService *probe(IOService *provider, SInt32 *score) override;
    virtual bool start(IOService *provider) override;
    virtual bool requestTerminate(IOService *provider, IOOptionBits options) override;
    virtual bool willTerminate(IOService *provider, IOOptionBits options) override;
    virtual bool didTerminate(IOService *provider, IOOptionBits options, bool *defer) override;
    virtual bool finalize(IOOptionBits options) override;
    virtual void stop(IOService *provider) override;
    virtual void detach(IOService *provider) override;
    virtual IOReturn message(UInt32 type, IOService *provider, void *argument = 0) override;
    virtual void free() override;
};
