// SPDX-License-Identifier: BSD-3-Clause
/*
 * The controller behind INTx: the ioapic's inputs, which host/qemu delivers on the interrupt thread. Level
 * triggered and shared; a vector that its handler disabled is masked until it is enabled again
 * (AppleAPICInterruptController's behaviour, which is closed; the rules are those of
 * IOInterruptController.cpp).
 */
#include "family/pci/private.h"
#include "iokit/impl.h"
#include "mach/boot.h"

enum { kLines = 24 };

OSDefineMetaClassAndStructors(HostIOAPIC, IOInterruptController)

    HostIOAPIC *pci_ioapic;

static void on_line(void *controller, int line)
{
    mach_interrupt_context(1);
    ((HostIOAPIC *)controller)->handleInterrupt(0, 0, line);
    mach_interrupt_context(0);
}

bool HostIOAPIC::begin(IOService *nub)
{
    if (!init() || !iokit_make_vectors(this, kLines))
        return false;
    name = OSSymbol::withCString("io-apic-0");
    if (!name || !attach(nub))
        return false;
    getPlatform()->registerInterruptController((OSSymbol *)name, this);
    for (int line = 0; line < kLines; line++)
        qemu_irq_register(line, on_line, this);
    return true;
}

void HostIOAPIC::end()
{
    for (int line = 0; line < kLines; line++) {
        qemu_irq_disable(line);
        qemu_irq_register(line, 0, 0);
    }
}

void HostIOAPIC::free()
{
    iokit_free_vectors(this, kLines);
    if (name)
        name->release();
    IOInterruptController::free();
}

IOReturn HostIOAPIC::handleInterrupt(void *refCon, IOService *nub, int source)
{
    iokit_dispatch_interrupt(this, source);
    return kIOReturnSuccess;
}

bool HostIOAPIC::vectorCanBeShared(IOInterruptVectorNumber number, IOInterruptVector *vector)
{
    return true;
}

int HostIOAPIC::getVectorType(IOInterruptVectorNumber number, IOInterruptVector *vector)
{
    return kIOInterruptTypeLevel;
}

void HostIOAPIC::disableVectorHard(IOInterruptVectorNumber number, IOInterruptVector *vector)
{
    qemu_irq_disable(number);
}

void HostIOAPIC::enableVector(IOInterruptVectorNumber number, IOInterruptVector *vector)
{
    qemu_irq_enable(number);
}
