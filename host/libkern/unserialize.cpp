// SPDX-License-Identifier: BSD-3-Clause
/*
 * OSUnserialize (libkern/c++/OSUnserialize.h; Apple: libkern/c++/OSUnserialize.y): object graphs in the older
 * text form: { key = value; } (array, of) [set, of] "string" 'string' word 12:32 0xff:8 <hex bytes> .true.
 * .false., with object@id after and @id instead of an object; # begins a comment. And what it shares with the
 * XML reader.
 */
#include "unserialize.h"

/* ---- Reader -------------------------------------------------------------------------------------------- */
struct Reader::named {
    named *next;
    unsigned int id;
    OSObject *object;
};

Reader::Reader(const char *buffer, unsigned int firstLine)
    : text(0), textCapacity(0), at(buffer), line(firstLine), objects(0), depth(0), textLength(0), error(0)
{
    bzero(byId, sizeof byId);
}

Reader::~Reader()
{
    for (int i = 0; i < BUCKETS; i++)
        for (named *n = byId[i], *next; n; n = next) {
            next = n->next;
            n->object->release();
            container_free(n, 1, sizeof *n);
        }
    container_free(text, textCapacity, 1);
}

OSObject *Reader::fail(const char *why)
{
    if (!error)
        error = why;
    return 0;
}

void Reader::step()
{
    line += *at == '\n';
    at++;
}

bool Reader::take(char c)
{
    if (*at != c)
        return false;
    step();
    return true;
}

bool Reader::addText(char c)
{
    if (textLength >= textCapacity) {
        unsigned int step = textCapacity < 256 ? 256 : textCapacity;
        if (!container_grow((void **)&text, &textCapacity, textLength + 1, step, 1))
            return fail("no memory");
    }
    text[textLength++] = c;
    return true;
}

char *Reader::textString()
{
    if (!addText(0))
        return 0;
    textLength--;
    return text;
}

OSObject *Reader::remember(unsigned int id, OSObject *object)
{
    named *n = object ? (named *)container_alloc(1, sizeof *n) : 0;
    if (!n)
        return object;
    n->id = id;
    n->object = object;
    object->retain();
    n->next = byId[id % BUCKETS];
    byId[id % BUCKETS] = n;
    return object;
}

OSObject *Reader::recall(unsigned int id)
{
    named *n = byId[id % BUCKETS];
    while (n && n->id != id)
        n = n->next;
    if (!n)
        return fail("forward reference detected");
    n->object->retain();
    return n->object;
}

OSObject *Reader::counted(OSObject *object)
{
    if (!object || ++objects <= MAX_OBJECTS)
        return object;
    object->release();
    return fail("maximum object count");
}

void Reader::report(const char *who, OSString **errorString) const
{
    char message[160];
    snprintf(message, sizeof message, "%s: %s near line %d\n", who, error ? error : "syntax error", line);
    if (errorString)
        *errorString = OSString::withCString(message);
}

/* ---- the older form ------------------------------------------------------------------------------------ */
class TextReader : public Reader
{
    void skip();
    int nibble();
    OSObject *dictionary();
    bool pair(OSDictionary *into);
    OSObject *list(char close, bool unique);
    OSObject *quoted(char quote);
    OSObject *word();
    OSObject *bytes();
    OSObject *number();
    OSObject *boolean();
    OSObject *bare();
    unsigned long long digits();

  public:
    explicit TextReader(const char *buffer) : Reader(buffer, 1) {}
    OSObject *object();
};

void TextReader::skip()
{
    for (;;) {
        if (*at == '#')
            while (*at && *at != '\n')
                at++;
        if (*at != ' ' && *at != '\t' && *at != '\n')
            return;
        step();
    }
}

bool TextReader::pair(OSDictionary *into)
{
    OSObject *key = object();
    OSString *name = OSDynamicCast(OSString, key);
    skip();
    OSObject *value = name && take('=') ? object() : 0;
    skip();
    bool good = value && take(';') && into->setObject(name, value);
    OSSafeRelease(key);
    OSSafeRelease(value);
    if (!good)
        fail("syntax error");
    return good;
}

OSObject *TextReader::dictionary()
{
    OSDictionary *d = OSDictionary::withCapacity(4);
    for (skip(); !take('}'); skip())
        if (!d || !pair(d)) {
            OSSafeRelease(d);
            return fail("syntax error");
        }
    return d;
}

OSObject *TextReader::list(char close, bool unique)
{
    OSArray *a = OSArray::withCapacity(4);
    skip();
    while (a && !take(close)) {
        OSObject *o = object();
        bool good = o && a->setObject(o);
        OSSafeRelease(o);
        skip();
        if (!good || (*at != close && !take(','))) {
            a->release();
            return fail("syntax error");
        }
    }
    if (!a || !unique)
        return a;
    OSSet *set = OSSet::withArray(a, a->getCount());
    a->release();
    return set;
}

/* A backslash keeps the next character from ending the string, and is dropped. */
OSObject *TextReader::quoted(char quote)
{
    clearText();
    for (step(); *at != quote; step()) {
        if (*at == '\\')
            step();
        if (!*at || !addText(*at))
            return fail("unterminated string");
    }
    step();
    char *s = textString();
    return s ? OSString::withCString(s) : 0;
}

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
}

OSObject *TextReader::word()
{
    clearText();
    for (; is_word(*at); at++)
        if (!addText(*at))
            return 0;
    char *s = textString();
    return s ? OSString::withCString(s) : 0;
}

int TextReader::nibble()
{
    int c = *at;
    int v = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
    if (v >= 0)
        at++;
    return v;
}

OSObject *TextReader::bytes()
{
    clearText();
    step();
    for (skip(); !take('>'); skip()) {
        int high = nibble(), low = nibble();
        if (high < 0 || low < 0 || !addText((char)(high << 4 | low)))
            return fail("bad data");
    }
    return OSData::withBytes(textBytes(), textLength);
}

unsigned long long TextReader::digits()
{
    unsigned long long n = 0;
    if (at[0] == '0' && at[1] == 'x') {
        at += 2;
        for (int d; (d = nibble()) >= 0;)
            n = n << 4 | (unsigned)d;
        return n;
    }
    for (; *at >= '0' && *at <= '9'; at++)
        n = n * 10 + (unsigned)(*at - '0');
    return n;
}

OSObject *TextReader::number()
{
    unsigned long long value = digits();
    skip();
    if (!take(':'))
        return fail("a number needs its size");
    skip();
    return OSNumber::withNumber(value, (unsigned int)digits());
}

OSObject *TextReader::boolean()
{
    bool value = !strncmp(at, ".true.", 6);
    if (!value && strncmp(at, ".false.", 7))
        return fail("syntax error");
    at += value ? 6 : 7;
    return OSBoolean::withBoolean(value);
}

OSObject *TextReader::bare()
{
    switch (*at) {
    case '{':
        step();
        return dictionary();
    case '(':
        step();
        return list(')', false);
    case '[':
        step();
        return list(']', true);
    case '"':
    case '\'':
        return quoted(*at);
    case '<':
        return bytes();
    case '.':
        return boolean();
    case '@':
        step();
        return recall((unsigned int)digits());
    }
    if (*at >= '0' && *at <= '9')
        return number();
    return is_word(*at) && *at != '-' ? word() : fail("syntax error");
}

OSObject *TextReader::object()
{
    if (++depth > MAX_DEPTH)
        return fail("nested too deep");
    skip();
    OSObject *o = counted(bare());
    depth--;
    skip();
    if (o && take('@'))
        remember((unsigned int)digits(), o);
    return o;
}

OSObject *OSUnserialize(const char *buffer, OSString **errorString)
{
    if (!buffer)
        return 0;
    TextReader reader(buffer);
    OSObject *o = reader.object();
    if (!o)
        reader.report("OSUnserialize", errorString);
    return o;
}
