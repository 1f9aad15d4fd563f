// SPDX-License-Identifier: BSD-3-Clause
/* OSNumber and OSBoolean (libkern/c++/OSNumber.h, OSBoolean.h; Apple: libkern/c++/OSNumber.cpp,
 * OSBoolean.cpp). */
#include "internal.h"

#define super OSObject

/* ---- OSNumber ------------------------------------------------------------------------------------------ */
OSDefineMetaClassAndStructors(OSNumber, OSObject) RESERVED_0_TO_7(OSNumber)

    static unsigned long long mask_of(unsigned int bits)
{
    return bits >= 64 ? ~0ull : bits ? ~0ull >> (64 - bits) : 0;
}

bool OSNumber::init(unsigned long long v, unsigned int bits)
{
    if (!super::init())
        return false;
    size = bits;
    value = v & mask_of(bits);
    return true;
}

bool OSNumber::init(const char *s, unsigned int bits)
{
    return init((unsigned long long)strtoul(s, 0, 0), bits);
}

void OSNumber::free()
{
    super::free();
}

OSNumber *OSNumber::withNumber(unsigned long long v, unsigned int bits)
{
    OSNumber *me = new OSNumber;
    return initialised(me, me->init(v, bits));
}

OSNumber *OSNumber::withNumber(const char *s, unsigned int bits)
{
    OSNumber *me = new OSNumber;
    return initialised(me, me->init(s, bits));
}

unsigned int OSNumber::numberOfBits() const
{
    return size;
}

unsigned int OSNumber::numberOfBytes() const
{
    return (size + 7) / 8;
}

unsigned char OSNumber::unsigned8BitValue() const
{
    return (unsigned char)value;
}

unsigned short OSNumber::unsigned16BitValue() const
{
    return (unsigned short)value;
}

unsigned int OSNumber::unsigned32BitValue() const
{
    return (unsigned int)value;
}

unsigned long long OSNumber::unsigned64BitValue() const
{
    return value;
}

void OSNumber::addValue(long long v)
{
    value = (value + (unsigned long long)v) & mask_of(size);
}

void OSNumber::setValue(unsigned long long v)
{
    value = v & mask_of(size);
}

bool OSNumber::isEqualTo(const OSNumber *other) const
{
    return value == other->value;
}

bool OSNumber::isEqualTo(const OSMetaClassBase *object) const
{
    const OSNumber *other = OSDynamicCast(OSNumber, object);
    return other && isEqualTo(other);
}

bool OSNumber::serialize(OSSerialize *s) const
{
    char text[32];
    if (s->previouslySerialized(this))
        return true;
    snprintf(text, sizeof text, "integer size=\"%d\"", size);
    if (!s->addXMLStartTag(this, text))
        return false;
    snprintf(text, sizeof text, "0x%llx", value);
    return s->addString(text) && s->addXMLEndTag("integer");
}

/* ---- OSBoolean: two objects that nobody counts references to ------------------------------------------- */
OSDefineMetaClassAndStructors(OSBoolean, OSObject) RESERVED_0_TO_7(OSBoolean)

    static OSBoolean *the_true,
    *the_false;
OSBoolean *const &kOSBooleanTrue = the_true;
OSBoolean *const &kOSBooleanFalse = the_false;

void OSBoolean::initialize()
{
    the_true = new OSBoolean;
    the_true->init();
    the_true->value = true;
    the_false = new OSBoolean;
    the_false->init();
    the_false->value = false;
}

void OSBoolean::free() {}
void OSBoolean::taggedRetain(const void *) const {}
void OSBoolean::taggedRelease(const void *, const int) const {}

OSBoolean *OSBoolean::withBoolean(bool v)
{
    return v ? the_true : the_false;
}

bool OSBoolean::isTrue() const
{
    return value;
}

bool OSBoolean::isFalse() const
{
    return !value;
}

bool OSBoolean::getValue() const
{
    return value;
}

bool OSBoolean::isEqualTo(const OSBoolean *other) const
{
    return other == this;
}

bool OSBoolean::isEqualTo(const OSMetaClassBase *object) const
{
    const OSBoolean *other = OSDynamicCast(OSBoolean, object);
    return other && isEqualTo(other);
}

bool OSBoolean::serialize(OSSerialize *s) const
{
    return s->addString(value ? "<true/>" : "<false/>");
}
