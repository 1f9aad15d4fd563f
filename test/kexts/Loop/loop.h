// SPDX-License-Identifier: BSD-3-Clause
/*
 * A network driver without a network: it sits on QEMU's edu and never touches it. What the stack sends is
 * recorded, and sent back where it asks for it; commands come in frames of their own from test/host/frames.py
 * and are carried out on the work loop. boot-arg loop=WORD,...: csum, csum6, tso4, tso6 (what is announced),
 * gated (the kind of output queue), reflect, refuse (enable() fails), jumbo, nomulti (no multicast filter),
 * polled (lends itself to the debugger; polled.cpp tells what it does then).
 */
#pragma once
#include <IOKit/IOInterruptEventSource.h>
#include <IOKit/IOLocks.h>
#include <IOKit/IOTimerEventSource.h>
#include <IOKit/network/IOBasicOutputQueue.h>
#include <IOKit/network/IOEthernetController.h>
#include <IOKit/network/IOEthernetInterface.h>
#include <IOKit/network/IOGatedOutputQueue.h>
#include <IOKit/network/IONetworkMedium.h>
#include <IOKit/pci/IOPCIDevice.h>
#include "report.h"

#define Loop org_virtio_osx_test_Loop

enum {
    kCommandType = 0x88b5, /* IEEE 802 local experimental EtherTypes: a command, and its answer */
    kAnswerType = 0x88b6,
    kHeader = 14,
    kAnswerSize = 1400,
    kRecordSize = 160,
    kRecords = 128,
};

class Loop : public IOEthernetController
{
    OSDeclareDefaultStructors(org_virtio_osx_test_Loop) public : IOEthernetInterface *interface;
    IOWorkLoop *loop;
    IOInterruptEventSource *commands;
    IOBasicOutputQueue *queue;
    IONetworkStats *stats;
    OSDictionary *media;

    /* what the stack did */
    char trail[512];
    UInt32 enables, disables, maxPacket, filterCalls;
    bool enabled, promiscuous, multicast, misplaced;
    UInt32 groups;
    IOEthernetAddress group[32];
    IOEthernetAddress address;

    /* what was sent, and what the driver says to it */
    char record[kRecords][kRecordSize];
    volatile SInt32 records;
    SInt32 taken; /* of them, by the command "records" */
    volatile SInt32 stalls, drops;
    volatile SInt32 inside, overlapped;
    char command[256];
    UInt32 mark; /* of the command */
    IOTimerEventSource *timer;
    enum { kService, kStartQueue, kLinkUp } later; /* what it does */

    virtual bool start(IOService *provider) override;
    virtual void stop(IOService *provider) override;
    virtual void free() override;
    virtual bool createWorkLoop() override;
    virtual IOWorkLoop *getWorkLoop() const override { return loop; }
    virtual IOOutputQueue *createOutputQueue() override;
    virtual bool configureInterface(IONetworkInterface *netif) override;
    virtual UInt32 getFeatures() const override;
    virtual IOReturn getChecksumSupport(UInt32 *mask, UInt32 family, bool isOutput) override;
    virtual const OSString *newVendorString() const override { return OSString::withCString("virtio-osx"); }
    virtual const OSString *newModelString() const override { return OSString::withCString("Loop"); }
    virtual IOReturn getHardwareAddress(IOEthernetAddress *a) override;
    virtual IOReturn setHardwareAddress(const IOEthernetAddress *a) override;
    virtual IOReturn getMaxPacketSize(UInt32 *size) const override;
    virtual IOReturn setMaxPacketSize(UInt32 size) override;
    virtual IOReturn getPacketFilters(const OSSymbol *group, UInt32 *filters) const override;
    virtual IOReturn enable(IONetworkInterface *netif) override;
    virtual IOReturn disable(IONetworkInterface *netif) override;
    virtual IOReturn setPromiscuousMode(bool active) override;
    virtual IOReturn setMulticastMode(bool active) override;
    virtual IOReturn setMulticastList(IOEthernetAddress *list, UInt32 count) override;
    virtual IOReturn selectMedium(const IONetworkMedium *medium) override;
    virtual void getPacketBufferConstraints(IOPacketBufferConstraints *c) const override;
    virtual UInt32 outputPacket(mbuf_t m, void *param) override;
    virtual IOReturn registerWithPolicyMaker(IOService *policyMaker) override;
    virtual IOReturn enable(IOKernelDebugger *debugger) override;
    virtual IOReturn disable(IOKernelDebugger *debugger) override;
    virtual void receivePacket(void *buffer, UInt32 *size, UInt32 timeout) override;
    virtual void sendPacket(void *packet, UInt32 size) override;
    using IOEthernetController::disable;
    using IOEthernetController::enable;
    using IOEthernetController::getHardwareAddress;
    using IOEthernetController::getPacketFilters;
    using IOEthernetController::getVlanTagDemand;
    using IOEthernetController::setHardwareAddress;
    using IOEthernetController::setVlanTag;

    /* polled.cpp */
    IOKernelDebugger *debugger;
    IOLock *held;
    volatile SInt32 threads, ready;
    volatile bool ending;
    bool offer_debugger();
    void drop_debugger();
    static void hold(void *self);
    static void chatter(void *self);

    void note(const char *event); /* appended to the trail; notes calls that come without the gate */
    void note_packet(mbuf_t m);
    void reflect(mbuf_t m);
    void run(char *answer, UInt32 size);
    void input_many(int count, bool queued, const char *how);
    void answer(const char *text);
    void set_link(bool up);
    static void timerFired(OSObject *owner, IOTimerEventSource *);
    static void commandArrived(OSObject *owner, IOInterruptEventSource *, int);
};

bool loop_asked(const char *word);
void test_packets(Loop *l);
void test_queues(Loop *l);
/* One's complement sum of the frame's bytes from `from` to the end, plus `start`; folded. */
UInt32 sum_packet(mbuf_t m, UInt32 from, UInt32 start);
