// SPDX-License-Identifier: BSD-3-Clause
// Both text forms of object graphs: what they mean, round trips, and input made to hurt.
#include <libkern/c++/OSContainers.h>
#include <libkern/c++/OSLib.h>
#include "linux/linux.h"
#include "test/mach/suite.h"

static OSObject *parse(const char *xml)
{
    OSString *error = 0;
    OSObject *o = OSUnserializeXML(xml, &error);
    if (!o && !error)
        host_check(0, "no object and no error for %.40s", xml);
    OSSafeRelease(error);
    return o;
}

static const char sample[] =
    "<?xml version=\"1.0\"?>\n<!DOCTYPE plist PUBLIC \"x\" [ <!ENTITY a \"b\"> ]>\n<!-- <dict> -->\n<plist "
    "version=\"1.0\">"
    "<dict><key>name</key><string ID=\"1\">a &lt;&amp;&gt; b</string><key>number</key><integer "
    "size=\"32\">0x1f</integer>"
    "<key>minus</key><integer>-2</integer><key>again</key><string "
    "IDREF=\"1\"/><key>list</key><array><true/><false/>"
    "<data>aGVsbG8=</data><data "
    "format=\"hex\">00ff</data><set><string>x</string></set></array><key>empty</key><dict/>"
    "<key>none</key><string></string></dict></plist>";

static void meaning()
{
    OSDictionary *d = OSDynamicCast(OSDictionary, parse(sample));
    host_check(d && d->getCount() == 7, "a property list");
    if (!d)
        return;
    OSString *s = OSDynamicCast(OSString, d->getObject("name"));
    host_check(s && s->isEqualTo("a <&> b") && d->getObject("again") == s, "entities, references");
    OSNumber *n = OSDynamicCast(OSNumber, d->getObject("number")),
             *m = OSDynamicCast(OSNumber, d->getObject("minus"));
    host_check(n && n->unsigned32BitValue() == 31 && n->numberOfBits() == 32 &&
                   m->unsigned64BitValue() == -2ull,
               "numbers");
    OSArray *a = OSDynamicCast(OSArray, d->getObject("list"));
    host_check(a && a->getCount() == 5 && a->getObject(0) == kOSBooleanTrue, "array");
    OSData *text = OSDynamicCast(OSData, a->getObject(2)), *hex = OSDynamicCast(OSData, a->getObject(3));
    host_check(text && text->isEqualTo("hello", 5) && text->getLength() == 5, "data in base 64");
    host_check(hex && hex->getLength() == 2 && hex->isEqualTo("\0\xff", 2), "data in hexadecimal");
    OSSerialize *out = OSSerialize::withCapacity(1);
    host_check(d->serialize(out), "serialise");
    OSObject *back = parse(out->text());
    host_check(back && back->isEqualTo(d), "round trip: %u characters", out->getLength());
    OSSafeRelease(back);
    out->release();
    d->release();
}

static void old_form()
{
    OSString *error = 0;
    OSObject *o =
        OSUnserialize("{ IOProviderClass = IOResources; \"a b\" = (1:8, 0xff:32, .true.); d = <00 ff>; # x\n"
                      " s = ['x', 'y']; n = word@3; r = @3; }",
                      &error);
    OSDictionary *d = OSDynamicCast(OSDictionary, o);
    host_check(d && d->getCount() == 6 && d->getObject("n") == d->getObject("r"), "the older form");
    OSArray *a = d ? OSDynamicCast(OSArray, d->getObject("a b")) : 0;
    host_check(a && a->getCount() == 3 &&
                   OSDynamicCast(OSNumber, a->getObject(1))->unsigned32BitValue() == 255,
               "its numbers");
    OSSafeRelease(o);
    o = OSUnserialize("{ a = ", &error);
    host_check(!o && error, "and its errors");
    OSSafeRelease(error);
}

void suite_xml(void)
{
    unsigned long objects = lx_counter_value("objects.live"),
                  bytes = lx_counter_value("memory.containers.bytes.live");
    meaning();
    old_form();
    host_check(lx_counter_value("objects.live") == objects &&
                   lx_counter_value("memory.containers.bytes.live") == bytes,
               "no object and no memory is left");
}

/* ---- hostile input ------------------------------------------------------------------------------------- */
static const char *const broken[] = {"",
                                     "<",
                                     "<dict",
                                     "<dict>",
                                     "<dict><key>a</key></dict>",
                                     "<dict><string>a</string></dict>",
                                     "<array><dict></array></dict>",
                                     "<string>a",
                                     "<string>a</strong>",
                                     "<string>&bad;</string>",
                                     "<string>&",
                                     "<integer>12x</integer>",
                                     "<integer size=\"99\">1</integer>",
                                     "<string IDREF=\"5\"/>",
                                     "<array IDREF=\"1\" ID=\"1\"/>",
                                     "<real>1.5</real>",
                                     "<date/>",
                                     "</dict>",
                                     "<data>aGVsbG8=",
                                     "<data format=\"hex\">0g</data>",
                                     "<dict><key>a</key><true/><key>a</key><true/></dict>",
                                     "<!DOCTYPE",
                                     "<!-- ",
                                     "<?xml",
                                     "<key>a</key>",
                                     "<dict ID=>",
                                     "<dict ID=\"",
                                     "<aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa>",
                                     "text",
                                     "<true>x</true>"};

static char big[1 << 20];

static void repeat(const char *part, int times, const char *end)
{
    size_t n = strlen(part);
    for (int i = 0; i < times; i++)
        memcpy(big + i * n, part, n);
    strlcpy(big + times * n, end, sizeof big - times * n);
}

static bool truncations()
{
    for (size_t n = 0; n < sizeof sample - 1; n++) {
        memcpy(big, sample, n);
        big[n] = 0;
        OSObject *o = parse(big);
        if (o && n < sizeof sample - 1 - strlen("</plist>"))
            return false;
        OSSafeRelease(o);
    }
    return true;
}

/* Deterministic noise: no crash and no leak is all that counts. */
static void mutations()
{
    unsigned int seed = 1;
    for (int i = 0; i < 20000; i++) {
        strlcpy(big, sample, sizeof big);
        for (int k = 0; k < 3; k++) {
            seed = seed * 1103515245 + 12345;
            big[(seed >> 8) % (sizeof sample - 1)] = "<>/\"&=;adx09 \x80\n"[(seed >> 3) % 16];
        }
        OSObject *o = parse(big);
        OSSafeRelease(o);
    }
}

void suite_hostile(void)
{
    unsigned long objects = lx_counter_value("objects.live"),
                  bytes = lx_counter_value("memory.containers.bytes.live");
    int refused = 0;
    for (unsigned int i = 0; i < sizeof broken / sizeof *broken; i++) {
        OSObject *o = parse(broken[i]);
        if (o)
            host_check(0, "%s is refused", broken[i]);
        refused += !o;
        OSSafeRelease(o);
    }
    host_check(refused == sizeof broken / sizeof *broken, "%d broken texts are refused", refused);
    host_check(truncations(), "every truncation is refused");
    mutations();
    repeat("<array>", 100000, "");
    host_check(!parse(big), "100,000 nested arrays are refused");
    repeat("(", 500000, "");
    host_check(!OSUnserialize(big), "and in the older form");
    strlcpy(big, "<array>", sizeof big);
    repeat("<array><true/>", 1, "");
    for (int i = 0; i < 70000; i++)
        strlcpy(big + 7 + i * 7, "<true/>", 8);
    strlcpy(big + 7 + 70000 * 7, "</array>", 9);
    host_check(!parse(big), "70,000 objects are refused");
    host_check(lx_counter_value("objects.live") == objects &&
                   lx_counter_value("memory.containers.bytes.live") == bytes,
               "no object and no memory is left");
}
