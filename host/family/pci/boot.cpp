// SPDX-License-Identifier: BSD-3-Clause
/*
 * Bringing the PCI family up and down, and the table that leads from QEMU's functions to their nubs.
 */
#include "family/pci/boot.h"
#include "family/pci/private.h"
#include "iokit/boot.h"

struct NubEntry {
    NubEntry *next;
    struct qemu_pci *function;
    IOPCIDevice *nub;        /* a reference */
    IOPCI2PCIBridge *bridge; /* its driver, when it is a bridge; a reference */
};

static NubEntry *nubs; /* newest first, so that shutdown meets what is behind a bridge before the bridge */
static struct lx_mutex nubs_lock;
static HostPCIBridge *root;
static IOService *bus, *ioapic_nub; /* their providers */

static NubEntry *entry_of(const struct qemu_pci *f)
{
    lx_mutex_lock(&nubs_lock);
    NubEntry *e = nubs;
    while (e && e->function != f)
        e = e->next;
    lx_mutex_unlock(&nubs_lock);
    return e;
}

/* Takes over the caller's reference. */
bool pci_note_nub(struct qemu_pci *f, IOPCIDevice *nub)
{
    NubEntry *e = (NubEntry *)IOMalloc(sizeof *e);
    if (!e)
        return false;
    e->function = f;
    e->nub = nub;
    e->bridge = 0;
    lx_mutex_lock(&nubs_lock);
    e->next = nubs;
    nubs = e;
    lx_mutex_unlock(&nubs_lock);
    return true;
}

static void forget(NubEntry *e)
{
    lx_mutex_lock(&nubs_lock);
    NubEntry **at = &nubs;
    while (*at != e)
        at = &(*at)->next;
    *at = e->next;
    lx_mutex_unlock(&nubs_lock);
    if (e->bridge)
        e->bridge->release();
    pci_drop_resources(e->nub);
    e->nub->release();
    IOFree(e, sizeof *e);
}

/* No personality matches a bridge: its driver belongs to the family. */
static void drive_bridge(NubEntry *e)
{
    IOPCI2PCIBridge *bridge = new IOPCI2PCIBridge;
    if (!bridge)
        return;
    if (bridge->init() && bridge->attach(e->nub)) {
        if (bridge->start(e->nub)) {
            bridge->registerService();
            e->bridge = bridge;
            return;
        }
        bridge->detach(e->nub);
    }
    bridge->release();
}

static void drive_bridges()
{
    for (struct qemu_pci *f = qemu_pci_first(); f; f = f->next)
        if (f->header == 1) {
            NubEntry *e = entry_of(f);
            if (e && !e->bridge)
                drive_bridge(e);
        }
}

static IOService *platform_nub(const char *name, const char *const *compatible)
{
    IOService *nub = iokit_make_platform_nub(name, compatible);
    if (!nub)
        lx_fatal("no memory for the PCI family");
    iokit_register_nub(nub, IOService::getPlatform());
    return nub;
}

void pci_boot(void)
{
    static const char *const pnp0a03[] = {"PNP0A03", 0};
    bus = platform_nub("PCI0", pnp0a03);
    ioapic_nub = platform_nub("io-apic", 0);
    pci_ioapic = new HostIOAPIC;
    root = new HostPCIBridge;
    pci_messages = new IOPCIMessagedInterruptController;
    if (!pci_ioapic || !pci_ioapic->begin(ioapic_nub) || !pci_messages || !pci_messages->begin() || !root ||
        !root->init())
        lx_fatal("no memory for the PCI family");
    if (!root->attach(bus) || !root->start(bus))
        lx_fatal("the PCI root bridge does not start");
    root->registerService();
    drive_bridges();
    pci_check_properties();
}

unsigned long long pci_nub_id(const struct qemu_pci *f)
{
    NubEntry *e = entry_of(f);
    return e ? e->nub->getRegistryEntryID() : 0;
}

int pci_add(struct qemu_pci *f)
{
    NubEntry *above = f->bridge ? entry_of(f->bridge) : 0;
    IOPCIBridge *bridge = f->bridge ? (above ? (IOPCIBridge *)above->bridge : 0) : root;
    return bridge && pci_publish(bridge, f) ? 0 : -1;
}

int pci_remove(struct qemu_pci *f, int ms)
{
    NubEntry *e = entry_of(f);
    if (!e)
        return 0;
    unsigned long long end = lx_time_ns() + ms * 1000000ull;
    e->nub->terminate(kIOServiceRequired);
    while (e->nub->inPlane(gIOServicePlane)) {
        if (lx_time_ns() > end)
            return -1;
        lx_sleep_ns(1000000);
    }
    forget(e);
    return 0;
}

/* Terminates, waits until it has left the registry, and gives up the caller's reference. */
static void end_service(IOService *service, const OSSymbol *resource)
{
    enum { kWaits = 5000 };
    service->terminate(kIOServiceRequired);
    for (int i = 0; service->inPlane(gIOServicePlane) && i < kWaits; i++)
        lx_sleep_ns(1000000);
    if (resource)
        IOService::getResourceService()->removeProperty(resource);
    service->detachAll(gIODTPlane);
    service->release();
}

void pci_shutdown(void)
{
    enum { kWaitMs = 5000 };
    while (nubs) {
        struct qemu_pci *f = nubs->function;
        if (pci_remove(f, kWaitMs))
            lx_fatal("PCI device %02x:%02x.%x does not terminate: some driver keeps it open", f->bdf >> 8,
                     f->bdf >> 3 & 31, f->bdf & 7);
    }
    end_service(root, 0);
    end_service(bus, 0);
    pci_messages->end();
    end_service(pci_messages, pci_messages->name);
    pci_ioapic->end();
    end_service(pci_ioapic, pci_ioapic->name);
    end_service(ioapic_nub, 0);
}
