// SPDX-License-Identifier: BSD-3-Clause
/*
 * OSUnserializeXML (libkern/c++/OSUnserialize.h; Apple: libkern/c++/OSUnserializeXML.y): property lists, with
 * the kernel's own additions: <set>, ID and IDREF, size of an integer, data in hexadecimal. As Apple's it
 * takes no <real> and <date>, no entities but &lt; &gt; &amp;, no key twice in a dictionary, and no reference
 * to what comes later.
 */
#include "unserialize.h"

namespace
{
enum kind { BAD, START, EMPTY, END };

struct tag {
    kind is;
    char name[32];
    bool hasId, hasReference, hex;
    unsigned int id, reference; /* ID and IDREF */
    unsigned int size;
};

bool is_alpha(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_name(char c)
{
    return is_alpha(c) || (c >= '0' && c <= '9') || c == '-' || c == '_';
}
bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}
} // namespace

class XmlReader : public Reader
{
    void skipSpace();
    bool skipPast(const char *text);
    bool skipDeclaration();
    bool readWord(char *into, unsigned int size);
    bool readAttribute(tag *t);
    bool readTag(tag *t);
    bool nextTag(tag *t);
    bool closing(const char *name);
    bool readEntity();
    char *readText(const tag &t);
    const OSSymbol *key(const tag &t);
    OSObject *dictionary(const tag &t);
    bool pair(OSDictionary *into, const tag &keyTag);
    OSObject *list(const tag &t, bool unique);
    OSObject *string(const tag &t);
    OSObject *integer(const tag &t);
    OSObject *data(const tag &t);
    bool base64();
    bool hexadecimal();
    OSObject *bare(const tag &t);
    OSObject *object(const tag &t);

  public:
    explicit XmlReader(const char *buffer) : Reader(buffer, 1) {}
    OSObject *top();
};

/* ---- tags ---------------------------------------------------------------------------------------------- */
void XmlReader::skipSpace()
{
    while (is_space(*at))
        step();
}

bool XmlReader::skipPast(const char *text)
{
    size_t n = strlen(text);
    while (*at && strncmp(at, text, n))
        step();
    if (!*at)
        return false;
    at += n;
    return true;
}

/* <!-- --> and <!DOCTYPE ...>, whose own angle brackets nest. */
bool XmlReader::skipDeclaration()
{
    if (!strncmp(at, "<!--", 4))
        return skipPast("-->");
    int open = 0;
    do {
        if (!*at)
            return false;
        open += *at == '<' ? 1 : *at == '>' ? -1 : 0;
        step();
    } while (open);
    return true;
}

bool XmlReader::readWord(char *into, unsigned int size)
{
    unsigned int n = 0;
    for (; is_name(*at); at++) {
        if (n + 1 >= size)
            return false;
        into[n++] = *at;
    }
    into[n] = 0;
    return n;
}

static unsigned int to_number(const char *s)
{
    return (unsigned int)strtoul(s, 0, 0);
}

bool XmlReader::readAttribute(tag *t)
{
    char name[32], value[32];
    unsigned int n = 0;
    if (!readWord(name, sizeof name))
        return false;
    skipSpace();
    if (!take('='))
        return false;
    skipSpace();
    if (!take('"'))
        return false;
    for (; *at != '"'; step()) {
        if (!*at || n + 1 >= sizeof value)
            return false;
        value[n++] = *at;
    }
    value[n] = 0;
    step();
    if (!strcmp(name, "ID")) {
        t->hasId = true;
        t->id = to_number(value);
    } else if (!strcmp(name, "IDREF")) {
        t->hasReference = true;
        t->reference = to_number(value);
    } else if (!strcmp(name, "size")) {
        t->size = to_number(value);
    } else if (!strcmp(name, "format")) {
        t->hex = !strcmp(value, "hex");
    }
    return true;
}

/* At '<' of a start, empty or end tag; afterwards behind its '>'. */
bool XmlReader::readTag(tag *t)
{
    bzero(t, sizeof *t);
    t->size = 64;
    if (!take('<'))
        return false;
    t->is = take('/') ? END : START;
    if (!is_alpha(*at) || !readWord(t->name, sizeof t->name))
        return false;
    for (skipSpace(); *at != '>' && *at != '/'; skipSpace())
        if (!readAttribute(t))
            return false;
    if (take('/'))
        t->is = EMPTY;
    return take('>');
}

/* The next tag, behind whatever has no meaning here. */
bool XmlReader::nextTag(tag *t)
{
    for (;;) {
        skipSpace();
        bool skipped;
        if (!strncmp(at, "<?", 2))
            skipped = skipPast("?>");
        else if (!strncmp(at, "<!", 2))
            skipped = skipDeclaration();
        else if (!readTag(t))
            return fail("syntax error");
        else if (strcmp(t->name, "plist"))
            return true;
        else
            skipped = true;
        if (!skipped)
            return fail("unterminated declaration");
    }
}

bool XmlReader::closing(const char *name)
{
    tag t;
    if (!readTag(&t) || t.is != END || strcmp(t.name, name))
        return fail("end tag missing");
    return true;
}

/* ---- text ---------------------------------------------------------------------------------------------- */
bool XmlReader::readEntity()
{
    static const struct {
        const char *text;
        char c;
    } entities[] = {{"&lt;", '<'}, {"&gt;", '>'}, {"&amp;", '&'}};
    for (unsigned int i = 0; i < sizeof entities / sizeof entities[0]; i++)
        if (!strncmp(at, entities[i].text, strlen(entities[i].text))) {
            at += strlen(entities[i].text);
            return addText(entities[i].c);
        }
    return fail("unknown entity");
}

/* The text up to the end tag, which is taken too. Valid until the next text is read. */
char *XmlReader::readText(const tag &t)
{
    clearText();
    while (t.is == START && *at != '<') {
        if (!*at) {
            fail("unexpected end");
            return 0;
        }
        if (*at == '&') {
            if (!readEntity())
                return 0;
            continue;
        }
        if (!addText(*at))
            return 0;
        step();
    }
    return t.is == EMPTY || closing(t.name) ? textString() : 0;
}

/* ---- objects ------------------------------------------------------------------------------------------- */
OSObject *XmlReader::string(const tag &t)
{
    char *s = readText(t);
    return s ? OSString::withCString(s) : 0;
}

OSObject *XmlReader::integer(const tag &t)
{
    char *s = readText(t), *end;
    if (!s)
        return 0;
    if (t.size > 64)
        return fail("an integer has at most 64 bits");
    unsigned long long n = strtouq(s, &end, !strncmp(s, "0x", 2) ? 16 : 10);
    while (is_space(*end))
        end++;
    if (*end)
        return fail("bad number");
    return OSNumber::withNumber(n, t.size);
}

bool XmlReader::base64()
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    unsigned int group = 0, n = 0, pads = 0;
    for (; *at && *at != '<'; step()) {
        const char *digit = *at == '=' ? digits : strchr(digits, *at);
        if (!digit)
            continue; /* white space, and what else Apple's skips */
        pads = *at == '=' ? pads + 1 : 0;
        group = group << 6 | (unsigned int)(digit - digits);
        if (++n % 4)
            continue;
        if (!addText((char)(group >> 16)) || (pads < 2 && !addText((char)(group >> 8))) ||
            (pads < 1 && !addText((char)group)))
            return false;
    }
    return true;
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool XmlReader::hexadecimal()
{
    for (skipSpace(); *at && *at != '<'; skipSpace()) {
        int high = hex_digit(at[0]), low = high < 0 ? -1 : hex_digit(at[1]);
        if (low < 0)
            return fail("bad data");
        at += 2;
        if (!addText((char)(high << 4 | low)))
            return false;
    }
    return true;
}

OSObject *XmlReader::data(const tag &t)
{
    clearText();
    if (t.is == START && (!(t.hex ? hexadecimal() : base64()) || !closing(t.name)))
        return 0;
    return textLength ? OSData::withBytes(textBytes(), textLength) : OSData::withCapacity(0);
}

const OSSymbol *XmlReader::key(const tag &t)
{
    if (t.hasReference) {
        OSObject *o = recall(t.reference);
        const OSString *s = OSDynamicCast(OSString, o);
        const OSSymbol *symbol = s ? OSSymbol::withString(s) : 0;
        OSSafeRelease(o);
        if (t.is == START && !closing(t.name))
            OSSafeReleaseNULL(symbol);
        return symbol;
    }
    char *s = readText(t);
    const OSSymbol *symbol = s ? OSSymbol::withCString(s) : 0;
    if (symbol && t.hasId)
        remember(t.id, const_cast<OSSymbol *>(symbol));
    return symbol;
}

bool XmlReader::pair(OSDictionary *into, const tag &keyTag)
{
    tag t;
    const OSSymbol *name = strcmp(keyTag.name, "key") ? 0 : key(keyTag);
    if (!name)
        return fail("a key is missing");
    OSObject *value = nextTag(&t) ? object(t) : 0;
    bool good = value && !into->getObject(name);
    if (good)
        good = into->setObject(name, value);
    else if (value)
        fail("duplicate dictionary key");
    name->release();
    OSSafeRelease(value);
    return good;
}

OSObject *XmlReader::dictionary(const tag &t)
{
    OSDictionary *d = OSDictionary::withCapacity(4);
    tag inner;
    while (t.is == START) {
        if (!d || !nextTag(&inner))
            break;
        if (inner.is == END && !strcmp(inner.name, t.name))
            return d;
        if (inner.is == END || !pair(d, inner))
            break;
    }
    if (t.is == EMPTY)
        return d;
    OSSafeRelease(d);
    return fail("dictionary not closed");
}

OSObject *XmlReader::list(const tag &t, bool unique)
{
    OSArray *a = OSArray::withCapacity(4);
    tag inner;
    bool closed = t.is == EMPTY;
    while (a && !closed && nextTag(&inner)) {
        closed = inner.is == END && !strcmp(inner.name, t.name);
        OSObject *o = closed || inner.is == END ? 0 : object(inner);
        if (!closed && !o)
            break;
        if (o)
            a->setObject(o);
        OSSafeRelease(o);
    }
    if (!closed) {
        OSSafeRelease(a);
        return fail("array or set not closed");
    }
    if (!a || !unique)
        return a;
    OSSet *set = OSSet::withArray(a, a->getCount());
    a->release();
    return set;
}

OSObject *XmlReader::bare(const tag &t)
{
    if (!strcmp(t.name, "dict"))
        return dictionary(t);
    if (!strcmp(t.name, "array"))
        return list(t, false);
    if (!strcmp(t.name, "set"))
        return list(t, true);
    if (!strcmp(t.name, "string"))
        return string(t);
    if (!strcmp(t.name, "integer"))
        return integer(t);
    if (!strcmp(t.name, "data"))
        return data(t);
    bool isTrue = !strcmp(t.name, "true");
    if (!isTrue && strcmp(t.name, "false"))
        return fail("unknown element");
    return t.is == EMPTY || closing(t.name) ? OSBoolean::withBoolean(isTrue) : 0;
}

OSObject *XmlReader::object(const tag &t)
{
    if (t.is == END)
        return fail("end tag without a start");
    if (t.hasReference) {
        OSObject *o = counted(recall(t.reference));
        if (o && t.is == START && !closing(t.name)) {
            o->release();
            o = 0;
        }
        return o;
    }
    if (++depth > MAX_DEPTH)
        return fail("nested too deep");
    OSObject *o = counted(bare(t));
    depth--;
    return t.hasId ? remember(t.id, o) : o;
}

OSObject *XmlReader::top()
{
    tag t;
    return nextTag(&t) ? object(t) : 0;
}

OSObject *OSUnserializeXML(const char *buffer, OSString **errorString)
{
    if (!buffer)
        return 0;
    XmlReader reader(buffer);
    OSObject *o = reader.top();
    if (!o)
        reader.report("OSUnserializeXML", errorString);
    return o;
}

/* From 10.9: the buffer must end with a NUL. */
OSObject *OSUnserializeXML(const char *buffer, size_t size, OSString **errorString)
{
    if (!buffer || !size || buffer[size - 1])
        return 0;
    return OSUnserializeXML(buffer, errorString);
}
