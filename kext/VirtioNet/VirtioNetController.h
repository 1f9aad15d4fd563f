// SPDX-License-Identifier: BSD-3-Clause
/*
 * VirtioNetController: core/vio_net.h as an Ethernet controller of I/O Kit (IONetworkingFamily's
 * IOEthernetController).
 *
 * Who runs where. The output queue calls outputPacket() on the sender's thread, one call at a time; reaping
 * may also come from the work loop, so fTxLock is around all of vio_net's tx side. Its rx side, link and
 * resets belong to the work loop alone, as do enable and disable, which the family calls through its command
 * gate. So sending and receiving run in parallel, and no lock is taken to receive.
 */
#ifndef VIRTIO_NET_CONTROLLER_H
#define VIRTIO_NET_CONTROLLER_H
#include <IOKit/network/IOEthernetController.h>
#include <IOKit/network/IOEthernetInterface.h>
#include <IOKit/network/IOBasicOutputQueue.h>
#include <IOKit/IOTimerEventSource.h>
#include <IOKit/IOLocks.h>
#include <sys/kpi_mbuf.h>
#include "core/vio_frame.h"
#include "core/vio_net.h"
#include "core/vio_net_debug.h"
#include "kext/VirtioFamily/VirtioPCIDriver.h"

/* 10.5 has no segmentation offload, and i386 no weak symbols to find that out by: it gets a build of its own. */
#ifdef KEXT_10_5
enum { kMayTSO = 0 };
#else
enum { kMayTSO = 1 };
#endif

/* What only some systems export is referred to weakly, which the kernels of i386 cannot bind: there it is never used. */
enum { kHasWeak = sizeof(void *) == 8 };

#define VirtioNetController org_virtio_osx_VirtioNetController

class VirtioNetController;
struct IOMbufQueue;
extern "C" {
UInt32 virtio_net_debugger_link(VirtioNetController *);
bool virtio_net_debugger_mode(VirtioNetController *, bool active);
IOReturn virtio_net_output_start(VirtioNetController *, IONetworkInterface *, IOOptionBits);
IOReturn virtio_net_poll_enable(VirtioNetController *, IONetworkInterface *, bool);
void virtio_net_poll(VirtioNetController *, IONetworkInterface *, UInt32, IOMbufQueue *, void *);
}

class VirtioNetController : public IOEthernetController
{
    OSDeclareDefaultStructors(VirtioNetController)

        public : virtual bool init(OSDictionary *properties);
    virtual bool start(IOService *provider);
    virtual void stop(IOService *provider);
    virtual void free();
    virtual bool serializeProperties(OSSerialize *s) const;
    virtual IOReturn registerWithPolicyMaker(IOService *policyMaker);
    virtual IOReturn setPowerState(unsigned long state, IOService *policyMaker);

    virtual bool createWorkLoop();
    virtual IOWorkLoop *getWorkLoop() const;
    virtual IOOutputQueue *createOutputQueue();
    virtual bool configureInterface(IONetworkInterface *interface);
    virtual const OSString *newVendorString() const;
    virtual const OSString *newModelString() const;

    virtual IOReturn enable(IONetworkInterface *interface);
    virtual IOReturn disable(IONetworkInterface *interface);
    virtual UInt32 outputPacket(mbuf_t m, void *param);

    virtual IOReturn enable(IOKernelDebugger *debugger);
    virtual IOReturn disable(IOKernelDebugger *debugger);
    virtual void receivePacket(void *buffer, UInt32 *size, UInt32 timeout);
    virtual void sendPacket(void *packet, UInt32 size);

    virtual UInt32 getFeatures() const;
    virtual IOReturn getChecksumSupport(UInt32 *mask, UInt32 family, bool isOutput);
    virtual IOReturn getHardwareAddress(IOEthernetAddress *address);
    virtual IOReturn getMaxPacketSize(UInt32 *size) const;
    virtual IOReturn setMaxPacketSize(UInt32 size);
    virtual IOReturn getPacketFilters(const OSSymbol *group, UInt32 *filters) const;
    virtual IOReturn setPromiscuousMode(bool active);
    virtual IOReturn setMulticastMode(bool active);
    virtual IOReturn setHardwareAddress(const IOEthernetAddress *address);
    virtual IOReturn enablePacketFilter(const OSSymbol *group, UInt32 filter, UInt32 enabled,
                                        IOOptionBits options);
    virtual IOReturn disablePacketFilter(const OSSymbol *group, UInt32 filter, UInt32 enabled,
                                         IOOptionBits options);
    virtual IOReturn setMulticastList(IOEthernetAddress *addresses, UInt32 count);
    virtual IOReturn selectMedium(const IONetworkMedium *medium);

    /* getDebuggerLinkStatus() and setDebuggerMode(), from 10.7 on; padding in kpi/'s view, which is 10.6's */
    friend UInt32 virtio_net_debugger_link(VirtioNetController *);
    friend bool virtio_net_debugger_mode(VirtioNetController *, bool);
#if defined(__MAC_10_7) && __MAC_OS_X_VERSION_MIN_REQUIRED >= __MAC_10_7 /* Apple's headers, for later systems */
    virtual UInt32 getDebuggerLinkStatus() __asm__("_virtio_net_debugger_link");
    virtual bool setDebuggerMode(bool active) __asm__("_virtio_net_debugger_mode");
#else
    virtual void _RESERVEDIONetworkController0() __asm__("_virtio_net_debugger_link");
    virtual void _RESERVEDIONetworkController1() __asm__("_virtio_net_debugger_mode");
#endif

#ifdef __LP64__
    friend IOReturn virtio_net_output_start(VirtioNetController *, IONetworkInterface *, IOOptionBits);
    /* outputStart(), from 10.8 on */
    virtual void _RESERVEDIONetworkController2() __asm__("_virtio_net_output_start");
    friend IOReturn virtio_net_poll_enable(VirtioNetController *, IONetworkInterface *, bool);
    friend void virtio_net_poll(VirtioNetController *, IONetworkInterface *, UInt32, IOMbufQueue *, void *);
    /* setInputPacketPollingEnable() and pollInputPackets(), from 10.8 on */
    virtual void _RESERVEDIONetworkController3() __asm__("_virtio_net_poll_enable");
    virtual void _RESERVEDIONetworkController4() __asm__("_virtio_net_poll");
#endif

  private:
    enum {
        kRxBuffer = 2046, /* of a 2 KB cluster: 2 bytes in front align what follows the Ethernet header */
        kRxBufferLarge = 4094, /* of a 4 KB one, a page: where most bytes come in large frames */
        kFillBatch = 64,
        kTCPSumOffset = 16, /* RFC 9293, 3.1; RFC 768 */
        kUDPSumOffset = 6,
        kRxRounds = 16,   /* bursts before other event sources get their turn */
        kHoldAfter = 8,   /* frames at one interrupt from which on the next is held back */
        kTxReapBatch = 64,
        kTxReapAt = 32,       /* frames in flight before a sender looks for finished ones */
        kTxUnflushedMax = 16, /* frames without a doorbell while more wait in the queue */
        kTimerPeriodMS = 1000,
        kLookMS = 50, /* from an interrupt that may have told of a new configuration to looking at it */
        kRingsMore = 3,    /* ticks after the last buffer was posted in which the device is told again */
        kTxStuckTicks = 5, /* timer ticks without progress before the device is reset */
        kResetsInARow = 5, /* attempts, a tick each, before it is given up */
        kQueueCapacity = 1024,
        kQueues = 2,
        kQueueRx = 0,
        kQueueTx = 1,
    };
    enum State {
        kDisabled,
        kEnabled,
        kFailed, /* enabled by the system, but the device does not work */
    };
    /* Written by one side each (see above). */
    struct Counters {
        UInt64 txCopied, txNoMemory, txBadOffload, rxCopied, rxNoMemory, resets, txResets, linkChanges;
        UInt64 announcements, txTagged, rxCompleted, rxVouched, txCut;
    };

    VirtioPCIDriver *fNub;
    IOWorkLoop *fWorkLoop;
    IOEthernetInterface *fInterface;
    IOBasicOutputQueue *fQueue;
    bool fPull;    /* the interface's queue is used instead (fastpath.cpp) */
    bool fPolling; /* the system asks for packets: no receive interrupts (moderation.cpp) */
    IOMbufQueue *fPollQueue; /* where received packets go during such a call */
    UInt64 fPolls;
    struct virtio_net_ctrl_coal fCoalesce; /* on a busy device */
    IOTimerEventSource *fHoldTimer; /* 0: interrupts are not held back */
    UInt32 fHoldTime;               /* microseconds */
    UInt64 fHolds;
    bool fHolding; /* the timer looks for packets, no interrupt is asked for */
    mbuf_t fHeld;  /* pulled, but the ring was full; linked by nextpkt */
    IOTimerEventSource *fTimer, *fLookTimer;
    IOLock *fTxLock;
    IONetworkStats *fStats;
    struct vio_net fNet;
    struct vio_net_rx *fRx; /* one burst; too large for a stack */
    struct vio_net_rxbuf fPost[VIO_NET_RX_BURST + VIO_NET_RX_PIECES + kFillBatch];
    unsigned fPosts; /* to be posted; between calls less than a chain */
    mbuf_t fSpare; /* packets for the ring, linked by nextpkt */
    unsigned fSpares;
    UInt32 fCopyLimit; /* longest frame that is copied */
    struct vio_net_tx fTx;
    Counters fCount;
    UInt64 fLastReaped; /* by the timer */
    unsigned fStuckTicks, fResetsInARow;
    unsigned fUnflushed;
    UInt16 fRungFor; /* of the receive ring: ringAgain() */
    unsigned fRings;
    State fState;
    volatile bool fTxWaiting;  /* the queue is stalled until the device has room */
    volatile bool fNeedsReset; /* done by the timer */
    bool fLinkUp;
    bool fLooking; /* fLookTimer runs */
    bool fAllMulticast, fGroupOverflow; /* either sets fNet.filter.all_groups */
    UInt16 fVLAN[VIO_NET_VLANS];
    unsigned fVLANs;
    bool fLargeReceive; /* the device sends large frames now */
    bool fForwarding;   /* the system sends on what it receives */
    struct vio_net_debug *fDebug; /* 0: no debugger wanted */
    IOKernelDebugger *fDebugger;
    volatile bool fTakenOver; /* by the debugger: the driver must start the device again */
    volatile bool fDebugging; /* the device runs on the debugger's rings */

    /* VirtioNetController.cpp */
    bool allocate();
    IOTimerEventSource *addTimer(IOTimerEventSource::Action action);
    void dropTimer(IOTimerEventSource **timer);
    void dropTimers();
    UInt64 deniedFeatures() const;
    bool attachDevice();
    void detachDevice();
    void chooseAddress();
    bool haveInterrupts();
    int startWithInterrupts();
    int startDevice();
    void stopDevice();
    void handleEvents(UInt32 events);
    void checkDevice(bool told);
    int restart();
    void recover();
    bool txStuck();
    void tick();
    static void interrupt(OSObject *self, UInt32 events);
    static void timer(OSObject *self, IOTimerEventSource *source);
    static void look(OSObject *self, IOTimerEventSource *source);

    /* filter.cpp */
    bool applyFilter();
    static bool listArgument(const char *name, char *text, UInt32 size);
    UInt64 readVLANs();
    void announce();

    /* debugger.cpp */
    void prepareDebugger();
    void offerDebugger();
    void detachDebugger();
    void dropDebugger();
    bool takeOver();

    /* properties.cpp */
    bool publishMedia();
    void ringAgain(bool told);
    void updateLink(bool told);
    void publishIdentity();
    OSDictionary *copyCounters() const;

    /* transmit.cpp */
    UInt32 transmit(mbuf_t m, mbuf_t *done);
    int submit(mbuf_t m);
    int submitInTwo(mbuf_t m, const struct vio_frame *f);
    int submitPart(mbuf_t m, const struct vio_frame *f, UInt32 skip, UInt32 size, UInt16 number);
    UInt32 copyHead(mbuf_t *m, UInt32 *offset, UInt8 *head);
    bool parse(mbuf_t m, const UInt8 *head, struct vio_frame *f) const;
    bool takeSegmentation(const struct vio_frame *f, mbuf_tso_request_flags_t tso, UInt32 mss);
    bool takeOffload(mbuf_t m, const UInt8 *head, struct vio_frame *f);
    void insertTag(UInt8 *head, UInt16 tag);
    void takeTag(mbuf_t m, UInt8 *head);
    int addRest(mbuf_t m, mbuf_t rest, UInt32 offset, UInt32 at);
    bool addPieces(mbuf_t m, UInt32 offset);
    bool addPhysical(UInt8 *data, size_t len);
    mbuf_t flatten(mbuf_t m, UInt32 at, UInt32 len);
    bool reap(mbuf_t *done);
    void reapAll();
    bool makeRoom(mbuf_t *done);
    void flushTx();
    void choosePull(IONetworkInterface *interface);
    bool sendList(mbuf_t list, mbuf_t *done);
    IOReturn pullOutput(IONetworkInterface *interface);
    void startQueue();
    void stopQueue();
    void flushQueue();
    void serviceQueue();
    void enqueueOwn(mbuf_t m);
    bool txInterrupt();
    bool resetTransmit();

    /* moderation.cpp */
    void choosePolling(IONetworkInterface *interface);
    IOReturn setPolling(bool on);
    void poll(UInt32 most, IOMbufQueue *queue);
    void push(mbuf_t m);
    UInt64 coalescingDenied();
    bool prepareHold();
    bool hold(unsigned taken);
    void endHold();
    static void holdOver(OSObject *self, IOTimerEventSource *source);

    /* large.cpp */
    bool largeReceiveWanted();
    void updateLargeReceive();
    void lookAtForwarding();

    /* receive.cpp */
    void deliverBurst(int frames);
    static unsigned sumOffset(const struct vio_net_piece *p);
    bool sumNeeded(const struct vio_net_frame *f, unsigned at) const;
    bool makeBuffer(mbuf_t m, struct vio_net_rxbuf *buf) const;
    bool needSpares(unsigned count);
    void dropSpares();
    void postSpare();
    void postAll();
    bool fillRing();
    int takeBurst();
    bool receive();
    void deliver(const struct vio_net_frame *f);
    mbuf_t takeFrame(const struct vio_net_frame *f);
    mbuf_t copyFrame(const struct vio_net_frame *f);
    void repost(const struct vio_net_frame *f);
};

#endif
