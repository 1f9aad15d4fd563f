// SPDX-License-Identifier: BSD-3-Clause
/*
 * A nub's properties, as IOPCIConfigurator.cpp makes them (constructProperties,
 * constructAddressingProperties), and what a Mac's firmware adds to its first network card (built-in,
 * location).
 */
#include "family/pci/boot.h"
#include "family/pci/private.h"
#include <libkern/libkern.h>

static const UInt32 bar_register[6] = {kIOPCIConfigBaseAddress0, kIOPCIConfigBaseAddress1,
                                       kIOPCIConfigBaseAddress2, kIOPCIConfigBaseAddress3,
                                       kIOPCIConfigBaseAddress4, kIOPCIConfigBaseAddress5};

static void set_data(OSDictionary *table, const char *key, const void *bytes, unsigned length)
{
    OSData *data = OSData::withBytes(bytes, length);
    if (data) {
        table->setObject(key, data);
        data->release();
    }
}

static void set_number(OSDictionary *table, const char *key, UInt64 value)
{
    OSNumber *number = OSNumber::withNumber(value, 32);
    if (number) {
        table->setObject(key, number);
        number->release();
    }
}

static void set_word(OSDictionary *table, const char *key, UInt32 value)
{
    set_data(table, key, &value, sizeof value);
}

/* ---- addresses (IEEE 1275 PCI binding: three words of address, two of size) ---- */
static IOPCIPhysicalAddress describe_bar(const struct qemu_pci *f, int i)
{
    const struct qemu_bar *b = &f->bar[i];
    IOPCIPhysicalAddress a = {};
    a.physHi.bits = f->bdf << 8;
    a.physHi.s.registerNum = bar_register[i];
    a.physHi.s.space = b->kind == QEMU_BAR_IO ? kIOPCIIOSpace : kIOPCI32BitMemorySpace;
    a.physHi.s.prefetch = b->prefetchable ? 1 : 0;
    a.lengthHi = (UInt32)(b->size >> 32);
    a.lengthLo = (UInt32)b->size;
    return a;
}

static void set_addresses(OSDictionary *table, const struct qemu_pci *f)
{
    IOPCIPhysicalAddress self = {};
    OSData *reg = OSData::withCapacity(32), *assigned = OSData::withCapacity(32);
    self.physHi.bits = f->bdf << 8;
    if (reg)
        reg->appendBytes(&self, sizeof self);
    for (int i = 0; reg && assigned && i < 6; i++) {
        if (f->bar[i].kind == QEMU_BAR_NONE)
            continue;
        IOPCIPhysicalAddress a = describe_bar(f, i);
        reg->appendBytes(&a, sizeof a);
        a.physHi.s.reloc = 1;
        a.physMid = (UInt32)(f->bar[i].base >> 32);
        a.physLo = (UInt32)f->bar[i].base;
        assigned->appendBytes(&a, sizeof a);
    }
    if (reg)
        table->setObject("reg", reg);
    if (assigned && assigned->getLength())
        table->setObject("assigned-addresses", assigned);
    if (reg)
        reg->release();
    if (assigned)
        assigned->release();
}

static void set_debug_name(OSDictionary *table, const struct qemu_pci *f)
{
    char text[64];
    int n = snprintf(text, sizeof text, "%u:%u:%u", f->bdf >> 8, f->bdf >> 3 & 31, f->bdf & 7);
    if (f->header == 1)
        snprintf(text + n, sizeof text - n, "(%u:%u)", f->secondary, f->secondary);
    OSString *string = OSString::withCString(text);
    if (string) {
        table->setObject("pcidebug", string);
        string->release();
    }
}

/* ---- names ---- */
static const char *generic_name(UInt32 class_code)
{
    static const struct {
        const char *name;
        UInt32 mask, code;
    } names[] = {
        {"display", 0xffffff, 0x000100}, {"scsi", 0xffff00, 0x010000},       {"ethernet", 0xffff00, 0x020000},
        {"display", 0xff0000, 0x030000}, {"pci-bridge", 0xffff00, 0x060400},
    };
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++)
        if ((class_code & names[i].mask) == names[i].code)
            return names[i].name;
    return 0;
}

/* The subsystem's name first when it differs from the device's; a device without a generic name is called by
 * the first. */
static void set_names(OSDictionary *table, const struct qemu_pci *f)
{
    char text[128], *out = text;
    const char *name = generic_name(f->class_code);
    if ((f->subvendor || f->subdevice) && (f->subvendor != f->vendor || f->subdevice != f->device))
        out += snprintf(out, 16, "pci%x,%x", f->subvendor, f->subdevice) + 1;
    if (!name)
        name = out;
    out += snprintf(out, 16, "pci%x,%x", f->vendor, f->device) + 1;
    out += snprintf(out, 24, "pciclass,%06x", f->class_code) + 1;
    set_data(table, "compatible", text, (unsigned)(out - text));
    set_data(table, "name", name, (unsigned)strlen(name) + 1);
    const OSSymbol *symbol = OSSymbol::withCString(name);
    if (symbol) {
        table->setObject(gIONameKey, (OSSymbol *)symbol);
        symbol->release();
    }
}

/* How many Ethernet cards (class 0200xx) stand before this one in slot order; -1: it is none. */
static int ethernet_order(const struct qemu_pci *f)
{
    int n = 0;
    if (f->class_code >> 8 != 0x0200)
        return -1;
    for (struct qemu_pci *g = qemu_pci_first(); g && g->bdf != f->bdf; g = g->next)
        n += g->class_code >> 8 == 0x0200;
    return n;
}

/* OpenCore's DeviceProperties, in a word. */
enum { kMaxProperties = 64, kMaxValue = 256 };
static struct FirmwareProperty {
    const char *spec;
    bool used;
} firmware[kMaxProperties];
static int firmware_count;

void pci_property(const char *spec)
{
    if (firmware_count == kMaxProperties)
        lx_fatal("more than %d --property options", kMaxProperties);
    firmware[firmware_count++].spec = spec;
}

static int hex_digit(char c)
{
    return c <= '9' ? c - '0' : (c | 32) - 'a' + 10;
}

static void set_firmware_property(OSDictionary *table, const char *spec)
{
    UInt8 bytes[kMaxValue];
    char name[128];
    unsigned length = 0;
    const char *key = strchr(spec, ':') + 1, *value = strchr(key, '=') + 1;
    snprintf(name, sizeof name, "%.*s", (int)(value - 1 - key), key);
    for (; value[0] && length < sizeof bytes; value += 2)
        bytes[length++] = (UInt8)(hex_digit(value[0]) << 4 | hex_digit(value[1]));
    set_data(table, name, bytes, length);
}

static void set_firmware_properties(OSDictionary *table, const struct qemu_pci *f)
{
    unsigned n = (unsigned)strlen(f->id);
    for (int i = 0; i < firmware_count; i++)
        if (n && !strncmp(firmware[i].spec, f->id, n) && firmware[i].spec[n] == ':') {
            set_firmware_property(table, firmware[i].spec);
            firmware[i].used = true;
        }
}

void pci_check_properties()
{
    for (int i = 0; i < firmware_count; i++)
        if (!firmware[i].used)
            lx_fatal(
                "--property %s: no PCI device has that id; without id= in --device it is device0, device1...",
                firmware[i].spec);
}

OSDictionary *pci_properties(const struct qemu_pci *f)
{
    OSDictionary *table = OSDictionary::withCapacity(16);
    if (!table)
        return 0;
    set_debug_name(table, f);
    set_addresses(table, f);
    set_word(table, "vendor-id", f->vendor);
    set_word(table, "device-id", f->device);
    set_word(table, "revision-id", f->revision);
    set_word(table, "class-code", f->class_code);
    if (f->subvendor || f->subdevice) {
        set_word(table, "subsystem-vendor-id", f->subvendor);
        set_word(table, "subsystem-id", f->subdevice);
    }
    set_names(table, f);
    int order = ethernet_order(f);
    if (order >= 0)
        set_number(table, "host-ethernet-unit", order);
    if (order == 0 && f->requested >= 0) { /* one that is plugged in is not built in */
        set_data(table, "built-in", "", 1);
        set_data(table, "location", "1", 2);
    }
    set_firmware_properties(table, f);
    return table;
}
