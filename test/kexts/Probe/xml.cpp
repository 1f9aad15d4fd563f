// SPDX-License-Identifier: BSD-3-Clause
/*
 * OSUnserializeXML and OSSerialize: xnu libkern/c++/OSUnserializeXML.y, OSSerialize.cpp and the serialize()
 * methods.
 */
#include "probe.h"
#include <libkern/c++/OSContainers.h>
#include <libkern/c++/OSUnserialize.h>

static bool string(OSObject *o, const char *wanted)
{
    OSString *s = OSDynamicCast(OSString, o);
    return s && s->isEqualTo(wanted);
}

static bool number(OSObject *o, UInt64 wanted, unsigned bits)
{
    OSNumber *n = OSDynamicCast(OSNumber, o);
    return n && n->unsigned64BitValue() == wanted && n->numberOfBits() == bits;
}

static void testTypes()
{
    OSString *error = 0;
    OSObject *o =
        OSUnserializeXML("<dict><key>s</key><string>a&lt;b&amp;c</string><key>i</key><integer>42</integer>"
                         "<key>n</key><integer size=\"8\">0xff</integer><key>m</key><integer>-1</integer>"
                         "<key>t</key><true/><key>f</key><false/><key>d</key><data>AQIDBA==</data>"
                         "<key>x</key><data format=\"hex\">0a0b</data>"
                         "<key>a</key><array><string>x</string><integer>1</integer></array>"
                         "<key>e</key><dict/></dict>",
                         &error);
    OSDictionary *d = OSDynamicCast(OSDictionary, o);
    if (error)
        probe_note("%s", error->getCStringNoCopy());
    if (!CHECK(d && !error, "a dictionary"))
        return;
    CHECK(string(d->getObject("s"), "a<b&c"), "a string with entities");
    CHECK(number(d->getObject("i"), 42, 64), "an integer, 64 bits wide");
    CHECK(number(d->getObject("n"), 255, 8), "an integer with a size, in hexadecimal");
    CHECK(number(d->getObject("m"), ~0ull, 64), "a negative one");
    CHECK(d->getObject("t") == kOSBooleanTrue && d->getObject("f") == kOSBooleanFalse, "booleans");
    OSData *data = OSDynamicCast(OSData, d->getObject("d"));
    CHECK(data && data->isEqualTo("\1\2\3\4", 4), "data in base64");
    data = OSDynamicCast(OSData, d->getObject("x"));
    CHECK(data && data->isEqualTo("\x0a\x0b", 2), "data in hexadecimal");
    OSArray *a = OSDynamicCast(OSArray, d->getObject("a"));
    CHECK(a && a->getCount() == 2 && string(a->getObject(0), "x"), "an array");
    OSDictionary *e = OSDynamicCast(OSDictionary, d->getObject("e"));
    CHECK(e && !e->getCount(), "an empty dictionary");
    d->release();
}

static void testWhole()
{
    OSString *error = 0;
    OSObject *o =
        OSUnserializeXML("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE plist PUBLIC \"x\" \"y\">\n"
                         "<plist version=\"1.0\">\n<!-- a remark -->\n<array><set><string>only</string></set>"
                         "<string ID=\"1\">same</string><string IDREF=\"1\"/></array>\n</plist>\n",
                         &error);
    OSArray *a = OSDynamicCast(OSArray, o);
    if (!CHECK(a && a->getCount() == 3, "a plist with its header, a remark, a set and a reference"))
        return;
    OSSet *set = OSDynamicCast(OSSet, a->getObject(0));
    CHECK(set && string(set->getAnyObject(), "only"), "the set");
    CHECK(a->getObject(1) == a->getObject(2), "ID and IDREF: the same object");
    a->release();
    static const char *const bad[] = {"<dict><key>a</key></dict>",
                                      "<array><string>x</array>",
                                      "<string>x",
                                      "",
                                      "<dict><string>a</string><string>b</string></dict>",
                                      "<array>&bad;</array>"};
    for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        error = 0;
        o = OSUnserializeXML(bad[i], &error);
        CHECK(!o, "text that is no property list");
        OSSafeRelease(o);
        OSSafeRelease(error);
    }
}

static bool writes(OSObject *o, const char *wanted)
{
    OSSerialize *s = OSSerialize::withCapacity(64);
    bool ok = o->serialize(s) && !strcmp(s->text(), wanted);
    if (!ok)
        probe_note("%s", s->text());
    s->release();
    return ok;
}

static void testSerialize()
{
    OSString *s = OSString::withCString("a<b>&");
    CHECK(writes(s, "<string ID=\"0\">a&lt;b&gt;&amp;</string>"), "a string");
    OSNumber *n = OSNumber::withNumber(300, 16);
    CHECK(writes(n, "<integer size=\"16\" ID=\"0\">0x12c</integer>"), "a number");
    CHECK(writes(kOSBooleanTrue, "<true/>"), "a boolean");
    OSData *d = OSData::withBytes("\1\2\3\4", 4);
    CHECK(writes(d, "<data ID=\"0\">AQIDBA==</data>"), "data");
    OSArray *a = OSArray::withCapacity(2);
    a->setObject(kOSBooleanFalse);
    a->setObject(kOSBooleanTrue);
    CHECK(writes(a, "<array ID=\"0\"><false/><true/></array>"), "an array");
    OSDictionary *dict = OSDictionary::withCapacity(1);
    dict->setObject("k<", kOSBooleanTrue);
    CHECK(writes(dict, "<dict ID=\"0\"><key>k&lt;</key><true/></dict>"), "a dictionary");
    OSSerialize *out = OSSerialize::withCapacity(64);
    dict->setObject("list", a);
    dict->serialize(out);
    OSObject *back = OSUnserializeXML(out->text());
    CHECK(back && back->isEqualTo(dict), "there and back");
    OSSafeRelease(back);
    out->release(), dict->release(), a->release(), d->release(), n->release(), s->release();
}

void test_xml(Probe *p)
{
    testTypes();
    testWhole();
    testSerialize();
}
