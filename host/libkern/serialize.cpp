// SPDX-License-Identifier: BSD-3-Clause
/*
 * OSSerialize and OSSerializer (libkern/c++/OSSerialize.h; Apple: libkern/c++/OSSerialize.cpp): an object
 * graph as XML. Each object gets an ID the first time and is referred to by it afterwards. `length` counts
 * the NUL.
 */
#include "internal.h"

#define super OSObject
OSDefineMetaClassAndStructors(OSSerialize, OSObject) RESERVED_0_TO_7(OSSerialize)

    enum {
        PAGE = 4096
    };

static unsigned int round_up(unsigned int n)
{
    return (n + PAGE - 1) & ~(PAGE - 1u);
}

bool OSSerialize::initWithCapacity(unsigned int wanted)
{
    if (!super::init())
        return false;
    tags = OSDictionary::withCapacity(32);
    if (!tags)
        return false;
    tag = 0;
    length = 1;
    capacity = capacityIncrement = round_up(wanted ? wanted : 1);
    data = (char *)container_alloc(capacity, 1);
    return data;
}

OSSerialize *OSSerialize::withCapacity(unsigned int capacity)
{
    OSSerialize *me = new OSSerialize;
    return initialised(me, me->initWithCapacity(capacity));
}

void OSSerialize::free()
{
    OSSafeRelease(tags);
    container_free(data, capacity, 1);
    super::free();
}

char *OSSerialize::text() const
{
    return data;
}

void OSSerialize::clearText()
{
    bzero(data, capacity);
    length = 1;
    tag = 0;
    tags->flushCollection();
}

/* The dictionary's keys are the objects themselves: they are compared by address, and held while the text is
 * made. */
bool OSSerialize::previouslySerialized(const OSMetaClassBase *object)
{
    char text[16];
    const OSString *id = (const OSString *)tags->getObject((const OSSymbol *)object);
    if (id) {
        addString("<reference IDREF=\"");
        addString(id->getCStringNoCopy());
        addString("\"/>");
        return true;
    }
    snprintf(text, sizeof text, "%u", tag++);
    OSString *mine = OSString::withCString(text);
    tags->setObject((const OSSymbol *)object, mine);
    OSSafeRelease(mine);
    return false;
}

bool OSSerialize::addXMLStartTag(const OSMetaClassBase *object, const char *name)
{
    const OSString *id = (const OSString *)tags->getObject((const OSSymbol *)object);
    return addChar('<') && addString(name) && addString(" ID=\"") &&
           addString(id ? id->getCStringNoCopy() : "") && addChar('"') && addChar('>');
}

bool OSSerialize::addXMLEndTag(const char *name)
{
    return addChar('<') && addChar('/') && addString(name) && addChar('>');
}

bool OSSerialize::addChar(const char c)
{
    if (length == capacity)
        ensureCapacity(capacity + capacityIncrement);
    if (length >= capacity)
        return false;
    data[length++ - 1] = c; /* length counts the terminating zero, which the zeroed buffer has */
    return true;
}

/* The empty string is added without fail; Apple's says false of it, which breaks off empty strings' parents.
 */
bool OSSerialize::addString(const char *s)
{
    while (*s)
        if (!addChar(*s++))
            return false;
    return true;
}

unsigned int OSSerialize::getLength() const
{
    return length;
}

unsigned int OSSerialize::getCapacity() const
{
    return capacity;
}

unsigned int OSSerialize::getCapacityIncrement() const
{
    return capacityIncrement;
}

unsigned int OSSerialize::setCapacityIncrement(unsigned int increment)
{
    return capacityIncrement = increment ? increment : 256;
}

unsigned int OSSerialize::ensureCapacity(unsigned int wanted)
{
    container_grow((void **)&data, &capacity, round_up(wanted), PAGE, 1);
    return capacity;
}

extern "C" bool libkern_add_text(OSSerialize *s, const char *text)
{
    for (; *text; text++) {
        const char *entity = *text == '<' ? "&lt;" : *text == '>' ? "&gt;" : *text == '&' ? "&amp;" : 0;
        if (entity ? !s->addString(entity) : !s->addChar(*text))
            return false;
    }
    return true;
}

/* ---- OSSerializer: an object that asks a function for its text ----------------------------------------- */
OSDefineMetaClassAndStructors(OSSerializer, OSObject)

    OSSerializer *OSSerializer::forTarget(void *target, OSSerializerCallback callback, void *ref)
{
    OSSerializer *me = new OSSerializer;
    if (!initialised(me, me->init()))
        return 0;
    me->target = target;
    me->ref = ref;
    me->callback = callback;
    return me;
}

bool OSSerializer::serialize(OSSerialize *s) const
{
    return callback(target, ref, s);
}
