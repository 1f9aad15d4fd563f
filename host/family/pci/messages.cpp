// SPDX-License-Identifier: BSD-3-Clause
/*
 * Messaged interrupts (IOPCIMessagedInterruptController.cpp of 239.1.2, 284.1.3 and 306.50.1). Plain MSI,
 * which every system has and prefers, is one message here even where pci-msi-flags would allow several. With
 * MSI-X a function gets one message, or, from 306.50.1 on with the property pci-msi-flags, one for each entry
 * of its table. With one message for several entries every entry is a source of the nub, all entries send the
 * same message, and the controller asks the device's pending bits which of them it was. An entry that is not
 * masked has no pending bit: up to 257.40.3 (10.11) such an interrupt reaches nobody. From 284.1.3 (10.12)
 * on, as long as a single source is registered, it goes to the first source: once for every entry of the
 * table, as Apple's loop has it.
 */
#include "family/pci/private.h"
#include "iokit/impl.h"
#include "iokit/vectors.h"
#include "mach/boot.h"

enum {
    kFirstGoesFrom = 12,
    kMSIXEnable = 0x8000,
    kMSIEnable = 1,
    kMSIMultiple = 0x70,
    kEntrySize = 16,
    kEntryControl = 12,
    kReplay = 3
};

OSDefineMetaClassAndStructors(IOPCIMessagedInterruptController, IOInterruptController)

    IOPCIMessagedInterruptController *pci_messages;

bool IOPCIMessagedInterruptController::begin()
{
    if (!init() || !iokit_make_vectors(this, kMessages))
        return false;
    lock = IOLockAlloc();
    name = OSSymbol::withCString("IOPCIMessagedInterruptController");
    if (!lock || !name || !attach(getPlatform()))
        return false;
    getPlatform()->registerInterruptController((OSSymbol *)name, this);
    registerService();
    return true;
}

void IOPCIMessagedInterruptController::end()
{
    for (int n = 0; n < kMessages; n++)
        if (message[n].device)
            deallocateDeviceInterrupts(message[n].device);
}

void IOPCIMessagedInterruptController::free()
{
    iokit_free_vectors(this, kMessages);
    if (lock)
        IOLockFree(lock);
    if (name)
        name->release();
    IOInterruptController::free();
}

/* ---- allocation: when the nub's resources are resolved ---- */
static void on_message(void *controller, int source)
{
    IOPCIMessagedInterruptController *self = (IOPCIMessagedInterruptController *)controller;
    mach_interrupt_context(1);
    for (int n = 0; n < IOPCIMessagedInterruptController::kMessages; n++)
        if (self->message[n].device && self->message[n].source == source)
            self->deliver(n);
    mach_interrupt_context(0);
}

/* The first of count adjoining messages that are free; -1: none. */
static int find_run(const IOPCIMessagedInterruptController *self, int count)
{
    for (int n = 0, run = 0; n < IOPCIMessagedInterruptController::kMessages; n++) {
        run = self->message[n].device ? 0 : run + 1;
        if (run == count)
            return n - count + 1;
    }
    return -1;
}

/* Messages [first, first + count) for the device: one for all of its entries, or one each. */
static bool aim(IOPCIMessagedInterruptController *self, IOPCIDevice *device, int first, int count)
{
    IOPCIDevice::IOPCIDeviceExpansionData *r = device->reserved;
    for (int i = 0; i < count; i++) {
        IOPCIMessagedInterruptController::Message *m = &self->message[first + i];
        m->entries = count == 1 ? r->tableEntries : 1;
        m->source = r->msix ? qemu_irq_msix(r->function, i, m->entries) : qemu_irq_msi(r->function);
        if (m->source < 0)
            return false;
        m->device = device;
        qemu_irq_register(m->source, on_message, self);
        qemu_irq_enable(m->source);
    }
    return true;
}

static int messages_wanted(IOPCIDevice *device, int entries)
{
    if (device->savedConfig[kIOPCIConfigRevisionID >> 2] >> 16 == 0x0604)
        return 0; /* bridges: none but for hot-plug */
    OSData *flags = OSDynamicCast(OSData, device->getProperty(kIOPCIMSIFlagsKey));
    bool all = host_profile->irq == HOST_IRQ_MSIX_FLAGS && flags && flags->getLength() >= sizeof(UInt32) &&
               (*(const UInt32 *)flags->getBytesNoCopy() & kIOPCIMSIFlagRespect);
    return all ? entries : 1;
}

static UInt64 table_address(IOPCIDevice *device, UInt32 offset)
{
    UInt32 where = device->configRead32(device->space, (UInt8)(device->reserved->messageCapability + offset));
    return device->reserved->function->bar[where & 7].base + (where & ~7u);
}

static void publish_sources(IOPCIMessagedInterruptController *self, IOPCIDevice *device)
{
    IOPCIDevice::IOPCIDeviceExpansionData *r = device->reserved;
    int entries = r->messages == 1 ? r->tableEntries : r->messages;
    for (int i = 0; i < entries; i++) {
        int index = 0, number = r->firstMessage + (r->messages == 1 ? 0 : i);
        pci_add_interrupt(device, self->name, number, kIOInterruptTypeEdge | kIOInterruptTypePCIMessaged,
                          &index);
        if (!i)
            self->vectors[number].source = index; /* of the first: the others count from it */
    }
}

/* An array of vectors with their locks, for entries that share a message. */
static IOInterruptVector *make_vectors(int count)
{
    IOInterruptVector *v = (IOInterruptVector *)IOMalloc(count * sizeof *v);
    if (v)
        bzero((void *)v, count * sizeof *v);
    for (int i = 0; v && i < count; i++)
        v[i].interruptLock = IOLockAlloc();
    return v;
}

IOReturn IOPCIMessagedInterruptController::allocateDeviceInterrupts(IOPCIDevice *device)
{
    IOPCIDevice::IOPCIDeviceExpansionData *r = device->reserved;
    UInt16 control = device->configRead16(device->space, (UInt8)(r->messageCapability + 2));
    r->messageControl = control & ~(r->msix ? kMSIXEnable : kMSIEnable | kMSIMultiple);
    r->tableEntries = r->msix ? (control & 0x7ff) + 1 : 1;
    MutexScope hold(lock);
    int count = messages_wanted(device, r->tableEntries), first = -1;
    for (; count > 0 && (first = find_run(this, count)) < 0; count >>= 1)
        ;
    if (count <= 0)
        return kIOReturnNoSpace;
    r->vectors = count < r->tableEntries ? make_vectors(r->tableEntries) : &vectors[first];
    r->firstMessage = first;
    r->messages = count;
    r->table = r->msix ? table_address(device, 4) : 0;
    r->pending = r->msix ? table_address(device, 8) : 0;
    if (!r->vectors || !aim(this, device, first, count)) {
        deallocateDeviceInterrupts(device);
        return kIOReturnNoSpace;
    }
    publish_sources(this, device);
    restoreDevice(device);
    return kIOReturnSuccess;
}

/* What a driver that looks at the table sees, and the device's mask bits. */
static void write_table(IOPCIDevice *device)
{
    enum { kMessageAddress = 0xfee00000, kFirstData = 0x40 };
    IOPCIDevice::IOPCIDeviceExpansionData *r = device->reserved;
    UInt16 command = device->configRead16(device->space, kIOPCIConfigCommand);
    device->configWrite16(device->space, kIOPCIConfigCommand, command | kIOPCICommandMemorySpace);
    for (int i = 0; i < r->tableEntries; i++) {
        UInt64 at = r->table + i * kEntrySize;
        qemu_mmio_write(at, 4, kMessageAddress);
        qemu_mmio_write(at + 4, 4, 0);
        qemu_mmio_write(at + 8, 4, kFirstData + r->firstMessage + (i < r->messages ? i : 0));
        qemu_mmio_write(at + kEntryControl, 4, r->vectors[i].interruptDisabledHard);
    }
    device->configWrite16(device->space, kIOPCIConfigCommand, command);
}

/* The device's side, as registerInterrupt left it (initDevice). */
void IOPCIMessagedInterruptController::restoreDevice(IOPCIDevice *device)
{
    IOPCIDevice::IOPCIDeviceExpansionData *r = device->reserved;
    if (r->msix)
        write_table(device);
    device->configWrite16(device->space, (UInt8)(r->messageCapability + 2), r->messageControl);
}

void IOPCIMessagedInterruptController::deallocateDeviceInterrupts(IOPCIDevice *device)
{
    IOPCIDevice::IOPCIDeviceExpansionData *r = device->reserved;
    for (int n = 0; n < kMessages; n++)
        if (message[n].device == device) {
            qemu_irq_message_free(message[n].source);
            message[n].device = 0;
        }
    if (r->vectors && (r->vectors < vectors || r->vectors >= vectors + kMessages)) {
        for (int i = 0; i < r->tableEntries; i++)
            IOLockFree(r->vectors[i].interruptLock);
        IOFree(r->vectors, r->tableEntries * sizeof *r->vectors);
    }
    r->vectors = 0;
    r->messages = 0;
}

/* ---- the nub's side ---- */
static IOInterruptVector *vector_of(IOPCIMessagedInterruptController *self, IOService *nub, int source,
                                    int *entry)
{
    IOPCIDevice::IOPCIDeviceExpansionData *r = ((IOPCIDevice *)nub)->reserved;
    IOInterruptVectorNumber number = vector_number(nub, source);
    *entry = r->vectors < self->vectors || r->vectors >= self->vectors + self->kMessages
                 ? source - self->vectors[number].source
                 : number - r->firstMessage;
    return &r->vectors[*entry];
}

static void write_mask(IOPCIDevice *device, int entry, int masked)
{
    if (device->reserved->msix)
        qemu_mmio_write(device->reserved->table + entry * kEntrySize + kEntryControl, 4, masked);
}

/* The first handler switches the device to messages: the legacy register layout of a virtio device changes
 * with it. */
static void enable_messages(IOPCIDevice *device)
{
    IOPCIDevice::IOPCIDeviceExpansionData *r = device->reserved;
    if (device->isInactive())
        return;
    if (!r->messagesEnabled) {
        r->messageControl |= r->msix ? kMSIXEnable : kMSIEnable;
        device->configWrite16((UInt8)(r->messageCapability + 2), r->messageControl);
        UInt16 command = device->configRead16(kIOPCIConfigCommand);
        device->configWrite16(kIOPCIConfigCommand,
                              command | kIOPCICommandInterruptDisable | kIOPCICommandBusMaster);
        device->setProperty(kIOPCIMSIModeKey, kOSBooleanTrue);
    }
    r->messagesEnabled++;
}

static void disable_messages(IOPCIDevice *device)
{
    IOPCIDevice::IOPCIDeviceExpansionData *r = device->reserved;
    if (!r->messagesEnabled || --r->messagesEnabled || device->isInactive())
        return;
    r->messageControl &= r->msix ? ~kMSIXEnable : ~kMSIEnable;
    device->configWrite16((UInt8)(r->messageCapability + 2), r->messageControl);
    UInt16 command = device->configRead16(kIOPCIConfigCommand);
    device->configWrite16(kIOPCIConfigCommand, command & ~kIOPCICommandInterruptDisable);
    device->removeProperty(kIOPCIMSIModeKey);
}

IOReturn IOPCIMessagedInterruptController::registerInterrupt(IOService *nub, int source, void *target,
                                                             IOInterruptHandler handler, void *refCon)
{
    int entry;
    IOInterruptVector *vector = vector_of(this, nub, source, &entry);
    {
        MutexScope hold(vector->interruptLock);
        if (vector->interruptRegistered)
            return kIOReturnNoResources;
        vector->handler = handler;
        vector->nub = nub;
        vector->target = target;
        vector->refCon = refCon;
        vector->source = source;
        vector->interruptDisabledHard = vector->interruptDisabledSoft = 1;
        __atomic_store_n(&vector->interruptRegistered, 1, __ATOMIC_SEQ_CST);
    }
    enable_messages((IOPCIDevice *)nub);
    return kIOReturnSuccess;
}

IOReturn IOPCIMessagedInterruptController::unregisterInterrupt(IOService *nub, int source)
{
    int entry;
    IOInterruptVector *vector = vector_of(this, nub, source, &entry);
    {
        MutexScope hold(vector->interruptLock);
        if (!vector->interruptRegistered)
            return kIOReturnSuccess;
        __atomic_store_n(&vector->interruptRegistered, 0, __ATOMIC_SEQ_CST);
        disableInterrupt(nub, source);
        write_mask((IOPCIDevice *)nub, entry, 1);
        vector_clear(vector);
    }
    disable_messages((IOPCIDevice *)nub);
    return kIOReturnSuccess;
}

IOReturn IOPCIMessagedInterruptController::getInterruptType(IOService *nub, int source, int *interruptType)
{
    if (!interruptType)
        return kIOReturnBadArgument;
    *interruptType = kIOInterruptTypeEdge | kIOInterruptTypePCIMessaged;
    return kIOReturnSuccess;
}

static void call(IOInterruptVector *vector)
{
    vector->handler(vector->target, vector->refCon, vector->nub, vector->source);
}

IOReturn IOPCIMessagedInterruptController::enableInterrupt(IOService *nub, int source)
{
    int entry;
    IOInterruptVector *vector = vector_of(this, nub, source, &entry);
    if (!vector->interruptDisabledSoft)
        return kIOReturnSuccess;
    __atomic_store_n(&vector->interruptDisabledSoft, 0, __ATOMIC_SEQ_CST);
    vector_wait(vector);
    if (!vector->interruptDisabledHard)
        return kIOReturnSuccess;
    vector->interruptDisabledHard = 0;
    if (vector->interruptRegistered == kReplay) { /* one came while it was off */
        vector->interruptRegistered = 1;
        call(vector);
    }
    write_mask((IOPCIDevice *)nub, entry, 0);
    return kIOReturnSuccess;
}

IOReturn IOPCIMessagedInterruptController::disableInterrupt(IOService *nub, int source)
{
    int entry;
    IOInterruptVector *vector = vector_of(this, nub, source, &entry);
    __atomic_store_n(&vector->interruptDisabledSoft, 1, __ATOMIC_SEQ_CST);
    vector_wait(vector);
    return kIOReturnSuccess;
}

/* ---- delivery: on the interrupt thread ---- */
/* The soft state is not looked at: only the hard one holds a message back (handleInterrupt). */
static void deliver_to(IOInterruptVector *vector)
{
    __atomic_store_n(&vector->interruptActive, 1, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&vector->interruptRegistered, __ATOMIC_SEQ_CST)) {
        if (vector->interruptDisabledHard)
            vector->interruptRegistered = kReplay;
        else
            call(vector);
    }
    __atomic_store_n(&vector->interruptActive, 0, __ATOMIC_SEQ_CST);
}

static void deliver_shared(IOPCIDevice *device)
{
    IOPCIDevice::IOPCIDeviceExpansionData *r = device->reserved;
    bool first = host_profile->minor_of_ten >= kFirstGoesFrom && r->messagesEnabled == 1;
    UInt64 bits = 0;
    for (int entry = 0; entry < r->tableEntries; entry++) {
        if (!first && !(entry & 63))
            bits = qemu_mmio_read(r->pending + entry / 64 * 8, 8);
        if (first)
            deliver_to(&r->vectors[0]);
        else if (bits >> (entry & 63) & 1)
            deliver_to(&r->vectors[entry]);
    }
}

void IOPCIMessagedInterruptController::deliver(int number)
{
    IOPCIDevice *device = message[number].device;
    if (message[number].entries > 1)
        deliver_shared(device);
    else
        deliver_to(&vectors[number]);
}
