// SPDX-License-Identifier: BSD-3-Clause
/* OSString (libkern/c++/OSString.h; Apple: libkern/c++/OSString.cpp). `length` counts the NUL. */
#include "internal.h"

#define super OSObject
OSDefineMetaClassAndStructors(OSString, OSObject) RESERVED_0_TO_7(OSString) RESERVED_8_TO_15(OSString)

    bool OSString::initWithString(const OSString *other)
{
    return initWithCString(other->string);
}

bool OSString::initWithCString(const char *s)
{
    if (!s || !super::init())
        return false;
    length = (unsigned int)strlen(s) + 1;
    string = (char *)container_alloc(length, 1);
    if (!string)
        return false;
    memcpy(string, s, length);
    return true;
}

bool OSString::initWithCStringNoCopy(const char *s)
{
    if (!s || !super::init())
        return false;
    length = (unsigned int)strlen(s) + 1;
    flags |= kOSStringNoCopy;
    string = const_cast<char *>(s);
    return true;
}

OSString *OSString::withString(const OSString *other)
{
    OSString *me = new OSString;
    return initialised(me, me->initWithString(other));
}

OSString *OSString::withCString(const char *s)
{
    OSString *me = new OSString;
    return initialised(me, me->initWithCString(s));
}

OSString *OSString::withCStringNoCopy(const char *s)
{
    OSString *me = new OSString;
    return initialised(me, me->initWithCStringNoCopy(s));
}

void OSString::free()
{
    if (!(flags & kOSStringNoCopy))
        container_free(string, length, 1);
    super::free();
}

unsigned int OSString::getLength() const
{
    return length - 1;
}

const char *OSString::getCStringNoCopy() const
{
    return string;
}

bool OSString::setChar(char c, unsigned int index)
{
    if (flags & kOSStringNoCopy || index >= length - 1)
        return false;
    string[index] = c;
    return true;
}

char OSString::getChar(unsigned int index) const
{
    return index < length ? string[index] : '\0';
}

bool OSString::isEqualTo(const OSString *other) const
{
    return length == other->length && isEqualTo((const char *)other->string);
}

bool OSString::isEqualTo(const char *s) const
{
    return !strncmp(string, s, length);
}

bool OSString::isEqualTo(const OSMetaClassBase *object) const
{
    if (const OSString *s = OSDynamicCast(OSString, object))
        return isEqualTo(s);
    if (const OSData *d = OSDynamicCast(OSData, object))
        return isEqualTo(d);
    return false;
}

/* Apple compares the data with the text and its NUL, and lets the data have one NUL more. */
bool OSString::isEqualTo(const OSData *data) const
{
    if (!data)
        return false;
    unsigned int n = data->getLength();
    const char *p = (const char *)data->getBytesNoCopy();
    if (n == length + 1 && !p[n - 1])
        n--;
    return n == length && !memcmp(p, string, n);
}

bool OSString::serialize(OSSerialize *s) const
{
    if (s->previouslySerialized(this))
        return true;
    return s->addXMLStartTag(this, "string") && libkern_add_text(s, string) && s->addXMLEndTag("string");
}
