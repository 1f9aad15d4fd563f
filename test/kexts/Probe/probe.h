// SPDX-License-Identifier: BSD-3-Clause
/*
 * A driver that examines its host. It matches QEMU's edu device (docs/specs/edu.txt), its plain ivshmem (a
 * BAR that is memory), or virtio-rng (an I/O BAR); the boot-arg probe=GROUP,... names the groups of checks
 * that start() runs.
 */
#pragma once
#include <IOKit/IOService.h>
#include <IOKit/IOWorkLoop.h>
#include <IOKit/pci/IOPCIDevice.h>
#include "report.h"

#define Probe org_virtio_osx_test_Probe

/* QEMU docs/specs/edu.txt: registers of BAR 0. Those below 0x80 are 4 bytes wide, the others 4 or 8. */
enum {
    kEduIdentity = 0x00,
    kEduLiveness = 0x04,
    kEduFactorial = 0x08,
    kEduStatus = 0x20,
    kEduInterruptStatus = 0x24,
    kEduInterruptRaise = 0x60,
    kEduInterruptAck = 0x64,
    kEduSource = 0x80,
    kEduDestination = 0x88,
    kEduCount = 0x90,
    kEduCommand = 0x98,
    kEduBuffer = 0x40000, /* the device's own 4096 bytes, as DMA addresses them */
    kEduBufferSize = 4096,
    kEduBusy = 1, /* of status, and of the command */
    kEduFactorialInterrupt = 0x80,
    kEduToRam = 2,
    kEduFactorialDone = 1, /* of interrupt status */
};

class Probe : public IOService
{
    OSDeclareDefaultStructors(org_virtio_osx_test_Probe) public : IOPCIDevice *device;
    IOMemoryMap *map; /* BAR 0 of edu */
    IOWorkLoop *loop;
    bool endOfLife;

    virtual bool init(OSDictionary *table) override;
    virtual IOService *probe(IOService *provider, SInt32 *score) override;
    virtual bool start(IOService *provider) override;
    virtual void stop(IOService *provider) override;
    virtual void free() override;
    virtual IOWorkLoop *getWorkLoop() const override { return loop; }

    volatile UInt32 *reg(unsigned offset) { return (volatile UInt32 *)(map->getVirtualAddress() + offset); }
    volatile UInt64 *reg64(unsigned offset) { return (volatile UInt64 *)(map->getVirtualAddress() + offset); }
};

/* The groups; each in the file of its name. */
void test_pci(Probe *p);
void test_edu(Probe *p);
void test_bar(Probe *p);
void test_ports(Probe *p);
void test_intx(Probe *p);
void test_msi(Probe *p);
void test_shared(Probe *p);
void test_dma(Probe *p);
void test_memory(Probe *p);
void test_gate(Probe *p);
void test_sources(Probe *p);
void test_timer(Probe *p);
void test_call(Probe *p);
void test_lock(Probe *p);
void test_atomic(Probe *p);
void test_service(Probe *p);
void test_registry(Probe *p);
void test_collections(Probe *p);
void test_xml(Probe *p);
void test_format(Probe *p);
void test_bootargs(Probe *p);
