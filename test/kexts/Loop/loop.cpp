// SPDX-License-Identifier: BSD-3-Clause
/*
 * The driver's life and what the stack asks of it. Context: IONetworkingFamily-100 IONetworkController.cpp
 * executeCommand and IOEthernetInterface.cpp performGatedCommand: with the gate held.
 */
#include "loop.h"
#include <IOKit/IOLib.h>
#include <libkern/libkern.h>
#include <string.h>

OSDefineMetaClassAndStructors(org_virtio_osx_test_Loop, IOEthernetController)
#define super IOEthernetController

    enum {
        kJumbo = 9018
    };

bool loop_asked(const char *word)
{
    return probe_asked("loop", word);
}

void Loop::note(const char *event)
{
    if (!loop->inGate())
        misplaced = true;
    strlcat(trail, event, sizeof trail);
    strlcat(trail, " ", sizeof trail);
}

bool Loop::createWorkLoop()
{
    loop = IOWorkLoop::workLoop();
    return loop != 0;
}

IOOutputQueue *Loop::createOutputQueue()
{
    enum { kCapacity = 64 };
    if (loop_asked("gated"))
        return IOGatedOutputQueue::withTarget(this, loop, kCapacity);
    return IOBasicOutputQueue::withTarget(this, kCapacity);
}

static bool add_medium(OSDictionary *media, IOMediumType type, UInt64 speed)
{
    IONetworkMedium *m = IONetworkMedium::medium(type, speed);
    bool ok = m && IONetworkMedium::addMedium(media, m);
    OSSafeRelease(m);
    return ok;
}

bool Loop::start(IOService *provider)
{
    static const UInt8 mac[6] = {0x52, 0x54, 0x00, 0xab, 0xcd, 0xef};
    memcpy(address.bytes, mac, sizeof mac);
    maxPacket = kIOEthernetMaxPacketSize;
    if (!super::start(provider))
        return false;
    queue = OSDynamicCast(IOBasicOutputQueue, getOutputQueue());
    commands = IOInterruptEventSource::interruptEventSource(this, commandArrived);
    timer = IOTimerEventSource::timerEventSource(this, timerFired);
    media = OSDictionary::withCapacity(2);
    if (!queue || !commands || !timer || loop->addEventSource(commands) || loop->addEventSource(timer) ||
        !add_medium(media, kIOMediumEthernetAuto, 0) ||
        !add_medium(media, kIOMediumEthernet1000BaseT | kIOMediumOptionFullDuplex, 1000000000) ||
        !publishMediumDictionary(media))
        return false;
    if (loop_asked("packets")) {
        probe_begin("packets");
        test_packets(this);
        probe_end();
    }
    if (loop_asked("queues")) {
        probe_begin("queues");
        test_queues(this);
        probe_end();
    }
    setCurrentMedium(IONetworkMedium::getMediumWithType(media, kIOMediumEthernetAuto));
    set_link(true);
    return attachInterface((IONetworkInterface **)&interface, true) && offer_debugger();
}

void Loop::stop(IOService *provider)
{
    timer->cancelTimeout();
    drop_debugger();
    if (interface)
        detachInterface(interface, true);
    super::stop(provider);
}

void Loop::free()
{
    if (commands)
        loop->removeEventSource(commands);
    if (timer)
        loop->removeEventSource(timer);
    OSSafeReleaseNULL(commands);
    OSSafeReleaseNULL(timer);
    OSSafeReleaseNULL(interface);
    OSSafeReleaseNULL(media);
    OSSafeReleaseNULL(loop);
    super::free();
}

bool Loop::configureInterface(IONetworkInterface *netif)
{
    if (!super::configureInterface(netif))
        return false;
    IONetworkData *data = netif->getNetworkData(kIONetworkStatsKey);
    stats = data ? (IONetworkStats *)data->getBuffer() : 0;
    return stats != 0;
}

UInt32 Loop::getFeatures() const
{
    return (loop_asked("tso4") ? kIONetworkFeatureTSOIPv4 : 0) |
           (loop_asked("tso6") ? kIONetworkFeatureTSOIPv6 : 0) | kIONetworkFeatureMultiPages;
}

IOReturn Loop::getChecksumSupport(UInt32 *mask, UInt32 family, bool isOutput)
{
    enum { kTCPIPv6 = 0x20, kUDPIPv6 = 0x40 };
    if (family != kChecksumFamilyTCPIP)
        return kIOReturnUnsupported;
    *mask = 0;
    if (loop_asked("csum"))
        *mask |= kChecksumTCP | kChecksumUDP | (isOutput ? 0 : kChecksumIP);
    if (loop_asked("tcponly"))
        *mask |= kChecksumTCP;
    if (loop_asked("csum6"))
        *mask |= kTCPIPv6 | kUDPIPv6;
    return kIOReturnSuccess;
}

IOReturn Loop::getHardwareAddress(IOEthernetAddress *a)
{
    *a = address;
    return kIOReturnSuccess;
}

IOReturn Loop::setHardwareAddress(const IOEthernetAddress *a)
{
    note("address");
    address = *a;
    return kIOReturnSuccess;
}

IOReturn Loop::getMaxPacketSize(UInt32 *size) const
{
    *size = loop_asked("jumbo") ? kJumbo : kIOEthernetMaxPacketSize;
    return kIOReturnSuccess;
}

IOReturn Loop::setMaxPacketSize(UInt32 size)
{
    note("size");
    maxPacket = size;
    return kIOReturnSuccess;
}

IOReturn Loop::getPacketFilters(const OSSymbol *group, UInt32 *filters) const
{
    if (group == gIONetworkFilterGroup && loop_asked("nomulti")) {
        *filters = kIOPacketFilterUnicast | kIOPacketFilterBroadcast;
        return kIOReturnSuccess;
    }
    return super::getPacketFilters(group, filters);
}

IOReturn Loop::enable(IONetworkInterface *netif)
{
    note("enable");
    enables++;
    if (loop_asked("refuse"))
        return kIOReturnNotReady;
    enabled = true;
    queue->start();
    return kIOReturnSuccess;
}

IOReturn Loop::disable(IONetworkInterface *netif)
{
    note("disable");
    disables++;
    enabled = false;
    queue->stop();
    queue->flush();
    return kIOReturnSuccess;
}

IOReturn Loop::setPromiscuousMode(bool active)
{
    note(active ? "promisc-on" : "promisc-off");
    promiscuous = active;
    return kIOReturnSuccess;
}

IOReturn Loop::setMulticastMode(bool active)
{
    note(active ? "multi-on" : "multi-off");
    multicast = active;
    return kIOReturnSuccess;
}

IOReturn Loop::setMulticastList(IOEthernetAddress *list, UInt32 count)
{
    note("list");
    groups = min(count, (UInt32)(sizeof group / sizeof group[0]));
    memcpy(group, list, groups * sizeof group[0]);
    return kIOReturnSuccess;
}

IOReturn Loop::selectMedium(const IONetworkMedium *medium)
{
    note("medium");
    setCurrentMedium(medium);
    return kIOReturnSuccess;
}

void Loop::getPacketBufferConstraints(IOPacketBufferConstraints *c) const
{
    c->alignStart = kIOPacketBufferAlign16;
    c->alignLength = kIOPacketBufferAlign4;
}
