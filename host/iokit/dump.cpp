// SPDX-License-Identifier: BSD-3-Clause
/*
 * The service plane as text, in the shape of Mac OS X's `ioreg -l`: a line "+-o name  <class, id, state,
 * busy, retain>" an entry, its properties in braces below, bars down to the next sibling.
 */
#include "iokit/impl.h"
#include <IOKit/IOSubMemoryDescriptor.h>

/* A line that grows; freed with the scope. */
struct Line {
    char *text;
    unsigned used, room;
    Line() : text((char *)IOMalloc(256)), used(0), room(256) { text[0] = 0; }
    ~Line() { IOFree(text, room); }
    void add(const char *more)
    {
        unsigned length = (unsigned)strlen(more);
        if (used + length + 1 > room) {
            unsigned bigger = (used + length + 1) * 2;
            char *grown = (char *)IOMalloc(bigger);
            bcopy(text, grown, used + 1);
            IOFree(text, room);
            text = grown;
            room = bigger;
        }
        bcopy(more, text + used, length + 1);
        used += length;
    }
    void cut(unsigned to)
    {
        used = to;
        text[to] = 0;
    }
    void addf(const char *format, ...) __attribute__((format(printf, 2, 3)))
    {
        char piece[160];
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(piece, sizeof piece, format, arguments);
        va_end(arguments);
        add(piece);
    }
};

/* ---- values ---- */
static void add_value(Line *line, const OSObject *value);

/* Names as firmware writes them: printable, each with its zero at the end. */
static bool is_text(const char *bytes, unsigned length)
{
    if (length < 2 || !bytes[0] || bytes[length - 1])
        return false;
    for (unsigned i = 0; i < length; i++)
        if (bytes[i] ? bytes[i] < ' ' || bytes[i] > '~' : i && !bytes[i - 1])
            return false;
    return true;
}

static void add_data(Line *line, const OSData *data)
{
    const char *bytes = (const char *)data->getBytesNoCopy();
    unsigned length = data->getLength();
    line->add("<");
    if (is_text(bytes, length)) {
        for (unsigned i = 0; i < length; i += (unsigned)strlen(bytes + i) + 1) {
            line->add(i ? ",\"" : "\"");
            line->add(bytes + i);
            line->add("\"");
        }
    } else {
        for (unsigned i = 0; i < length; i++)
            line->addf("%02x", (unsigned char)bytes[i]);
    }
    line->add(">");
}

static void add_number(Line *line, const OSNumber *number)
{
    line->addf("%llu", number->unsigned64BitValue());
}

static void add_collection(Line *line, const OSCollection *collection, const char *open, const char *close)
{
    OSDictionary *table = OSDynamicCast(OSDictionary, collection);
    OSCollectionIterator *each = OSCollectionIterator::withCollection(collection);
    const char *separator = "";
    line->add(open);
    while (OSObject *item = each ? each->getNextObject() : 0) {
        line->add(separator);
        if (table) {
            line->addf("\"%s\"=", ((OSSymbol *)item)->getCStringNoCopy());
            item = table->getObject((OSSymbol *)item);
        }
        add_value(line, item);
        separator = ",";
    }
    line->add(close);
    if (each)
        each->release();
}

/* Only what needs no prepare() can tell its addresses. */
static bool is_physical(const IOMemoryDescriptor *memory)
{
    const IOSubMemoryDescriptor *part = OSDynamicCast(IOSubMemoryDescriptor, memory);
    return part ? is_physical(part->_parent) : (memory->_flags & kIOMemoryTypeMask) == kIOMemoryTypePhysical;
}

static bool add_memory(Line *line, const OSObject *value)
{
    IOMemoryDescriptor *memory = OSDynamicCast(IOMemoryDescriptor, value);
    IOByteCount length = 0;
    if (!memory || !is_physical(memory))
        return false;
    addr64_t address = memory->getPhysicalSegment(0, &length, kIOMemoryMapperNone);
    line->addf("({\"address\"=%llu,\"length\"=%llu})", address, (unsigned long long)memory->getLength());
    return true;
}

static void add_value(Line *line, const OSObject *value)
{
    if (OSString *text = OSDynamicCast(OSString, value)) {
        line->add("\"");
        line->add(text->getCStringNoCopy());
        line->add("\"");
    } else if (OSData *data = OSDynamicCast(OSData, value)) {
        add_data(line, data);
    } else if (OSNumber *number = OSDynamicCast(OSNumber, value)) {
        add_number(line, number);
    } else if (OSBoolean *flag = OSDynamicCast(OSBoolean, value)) {
        line->add(flag->isTrue() ? "Yes" : "No");
    } else if (OSDictionary *table = OSDynamicCast(OSDictionary, value)) {
        add_collection(line, table, "{", "}");
    } else if (OSArray *array = OSDynamicCast(OSArray, value)) {
        add_collection(line, array, "(", ")");
    } else if (OSCollection *set = OSDynamicCast(OSCollection, value)) {
        add_collection(line, set, "[", "]");
    } else if (!add_memory(line, value)) {
        line->addf("\"%s is not serializable\"", name_of(value));
    }
}

/* ---- entries ---- */
struct Printer {
    void (*out)(void *context, const char *line);
    void *context;
    Line bars; /* what stands before the entry's own column: a bar for each ancestor with siblings to come */
};

static void print_head(Printer *p, IORegistryEntry *entry)
{
    Line line;
    IOService *service = OSDynamicCast(IOService, entry);
    const char *location = entry->getLocation(gIOServicePlane);
    line.add(p->bars.text);
    line.addf("+-o %s%s%s  <class %s, id 0x%llx", entry->getName(gIOServicePlane), location ? "@" : "",
              location ? location : "", name_of(entry), entry->getRegistryEntryID());
    if (service)
        line.addf(", %sregistered, %smatched, %sactive, busy %u (%llu ms)",
                  service_has(service, 0, kIOServiceRegisteredState) ? "" : "!",
                  service_has(service, 0, kIOServiceMatchedState) ? "" : "!",
                  service_inactive(service) ? "in" : "", (unsigned int)service->getBusyState(),
                  service_busy_ns(service) / 1000000);
    line.addf(", retain %d>", entry->getRetainCount());
    p->out(p->context, line.text);
}

/* The properties as ioreg(8) gets them: through serializeProperties, which many classes use to bring them up
 * to date. */
static OSDictionary *copy_seen(IORegistryEntry *entry)
{
    OSSerialize *text = OSSerialize::withCapacity(4096);
    OSObject *parsed = text && entry->serializeProperties(text) ? OSUnserializeXML(text->text(), 0) : 0;
    OSDictionary *table = OSDynamicCast(OSDictionary, parsed);
    if (text)
        text->release();
    if (parsed && !table)
        parsed->release();
    return table ? table : entry->dictionaryWithProperties();
}

static void print_properties(Printer *p, IORegistryEntry *entry, bool has_children)
{
    OSDictionary *table = copy_seen(entry);
    OSCollectionIterator *keys = OSCollectionIterator::withCollection(table);
    Line line;
    line.add(p->bars.text);
    line.add(has_children ? "| " : "  ");
    unsigned start = line.used;
    line.add("{");
    p->out(p->context, line.text);
    while (const OSSymbol *key = keys ? (const OSSymbol *)keys->getNextObject() : 0) {
        line.cut(start);
        line.addf("  \"%s\" = ", key->getCStringNoCopy());
        add_value(&line, table->getObject(key));
        p->out(p->context, line.text);
    }
    line.cut(start);
    line.add("}");
    p->out(p->context, line.text);
    line.cut(start);
    p->out(p->context, line.text);
    if (keys)
        keys->release();
    table->release();
}

static void print_entry(Printer *p, IORegistryEntry *entry, bool more_siblings)
{
    OSArray *children = registry_copy_set(entry, gIOServicePlane, kChildSet);
    unsigned count = children->getCount(), column = p->bars.used;
    print_head(p, entry);
    p->bars.add(more_siblings ? "| " : "  ");
    print_properties(p, entry, count != 0);
    for (unsigned i = 0; i < count; i++)
        print_entry(p, (IORegistryEntry *)children->getObject(i), i + 1 < count);
    p->bars.cut(column);
    children->release();
}

void iokit_print_registry(void (*out)(void *context, const char *line), void *context)
{
    Printer printer;
    printer.out = out;
    printer.context = context;
    print_entry(&printer, IORegistryEntry::getRegistryRoot(), false);
}
