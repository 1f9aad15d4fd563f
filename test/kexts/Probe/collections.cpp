// SPDX-License-Identifier: BSD-3-Clause
/*
 * libkern's objects and collections: xnu libkern/c++/OSObject.cpp, OSArray.cpp, OSDictionary.cpp, OSSet.cpp,
 * OSOrderedSet.cpp, OSData.cpp, OSNumber.cpp, OSString.cpp, OSSymbol.cpp, OSCollectionIterator.cpp.
 */
#include "probe.h"
#include <libkern/c++/OSContainers.h>

static void testObjects()
{
    OSString *a = OSString::withCString("alpha"), *b = OSString::withCString("alpha"),
             *c = OSString::withCString("beta");
    SAME(a->getRetainCount(), 1, "a new object has one reference");
    a->retain();
    SAME(a->getRetainCount(), 2, "retain");
    a->release();
    CHECK(a->isEqualTo(b) && !a->isEqualTo(c) && a->isEqualTo("alpha"), "OSString isEqualTo");
    SAME(a->getLength(), 5, "getLength");
    SAME(a->getChar(1), 'l', "getChar");
    CHECK(a->setChar('L', 1) && a->isEqualTo("aLpha"), "setChar");
    const OSSymbol *s = OSSymbol::withCString("org_virtio_osx_one"),
                   *t = OSSymbol::withCString("org_virtio_osx_one");
    CHECK(s == t, "equal symbols are one object");
    const OSSymbol *u = OSSymbol::withString(c);
    CHECK(u->isEqualTo("beta") && u->isEqualTo(c), "a symbol equals its string");
    OSNumber *n = OSNumber::withNumber(0x1ff, 8);
    SAME(n->unsigned32BitValue(), 0xff, "OSNumber of 8 bits keeps 8");
    n->addValue(2);
    SAME(n->unsigned8BitValue(), 1, "and wraps");
    OSNumber *m = OSNumber::withNumber("0x123456789a", 64);
    /* by strtoul: as wide as a long */
    SAME(m->unsigned64BitValue(), sizeof(long) == 8 ? 0x123456789aull : 0xffffffffull, "from text");
    n->setValue(7);
    SAME(n->unsigned64BitValue(), 7, "setValue");
    CHECK(OSBoolean::withBoolean(true) == kOSBooleanTrue && kOSBooleanFalse->isFalse(), "OSBoolean");
    s->release(), t->release(), u->release();
    a->release(), b->release(), c->release(), n->release(), m->release();
}

static void testData()
{
    OSData *d = OSData::withBytes("abc", 3), *e = OSData::withCapacity(2);
    CHECK(d->isEqualTo("abc", 3) && !d->isEqualTo("abd", 3), "OSData isEqualTo bytes");
    CHECK(e->appendBytes("ab", 2) && e->appendBytes("c", 1) && e->isEqualTo(d),
          "grows as bytes are appended");
    SAME(e->getLength(), 3, "getLength");
    CHECK(e->appendByte('x', 4) && e->getLength() == 7 && !memcmp(e->getBytesNoCopy(3, 4), "xxxx", 4),
          "appendByte");
    CHECK(!e->getBytesNoCopy(5, 4), "no bytes beyond the end");
    OSData *part = OSData::withData(e, 2, 3);
    CHECK(part && part->isEqualTo("cxx", 3), "a part of another");
    static char text[] = "static";
    OSData *still = OSData::withBytesNoCopy(text, 6);
    CHECK(still->getBytesNoCopy() == text && !still->appendBytes("x", 1),
          "without a copy: the memory as it is, not to grow");
    d->release(), e->release(), part->release(), still->release();
}

static void testArray()
{
    OSString *s[4];
    for (int i = 0; i < 4; i++) {
        char name[2] = {(char)('a' + i), 0};
        s[i] = OSString::withCString(name);
    }
    OSArray *a = OSArray::withCapacity(1);
    for (int i = 0; i < 3; i++)
        a->setObject(s[i]);
    CHECK(a->getCount() == 3 && a->getObject(1) == s[1] && !a->getObject(3), "OSArray");
    SAME(s[0]->getRetainCount(), 2, "has a reference");
    CHECK(a->setObject(1, s[3]) && a->getObject(1) == s[3] && a->getObject(3) == s[2],
          "setObject at an index inserts");
    a->replaceObject(0, s[1]);
    CHECK(a->getObject(0) == s[1] && s[0]->getRetainCount() == 1, "replaceObject");
    a->removeObject(1);
    CHECK(a->getCount() == 3 && a->getObject(1) == s[1], "removeObject moves the rest up");
    CHECK(a->getLastObject() == s[2], "getLastObject");
    SAME(a->getNextIndexOfObject(s[1], 1), 1, "getNextIndexOfObject");
    OSArray *b = OSArray::withArray(a);
    CHECK(b && b->isEqualTo(a), "withArray");
    OSCollectionIterator *iter = OSCollectionIterator::withCollection(a);
    CHECK(iter->getNextObject() == s[1] && iter->isValid(), "an iterator");
    a->setObject(s[0]);
    CHECK(!iter->isValid() && !iter->getNextObject(), "is invalid when the array changes");
    iter->reset();
    int n = 0;
    while (iter->getNextObject())
        n++;
    SAME(n, 4, "and goes through it after reset");
    a->flushCollection();
    SAME(a->getCount(), 0, "flushCollection");
    SAME(s[2]->getRetainCount(), 2, "drops its references");
    iter->release(), a->release(), b->release();
    for (int i = 0; i < 4; i++)
        s[i]->release();
}

static void testDictionary()
{
    OSDictionary *d = OSDictionary::withCapacity(2);
    OSString *one = OSString::withCString("1"), *two = OSString::withCString("2");
    const OSSymbol *key = OSSymbol::withCString("org_virtio_osx_key");
    CHECK(d->setObject("a", one) && d->setObject("b", two) && d->setObject(key, one), "OSDictionary");
    CHECK(d->getObject("a") == one && d->getObject(key) == one && d->getObject("org_virtio_osx_key") == one,
          "getObject");
    CHECK(!d->getObject("c"), "of a key that is not there");
    d->setObject("a", two);
    CHECK(d->getCount() == 3 && d->getObject("a") == two, "setObject replaces");
    OSDictionary *e = OSDictionary::withDictionary(d);
    CHECK(e->isEqualTo(d), "withDictionary");
    e->removeObject("b");
    CHECK(!e->isEqualTo(d) && !e->getObject("b") && d->getObject("b"), "removeObject");
    CHECK(d->merge(e), "merge");
    OSCollectionIterator *iter = OSCollectionIterator::withCollection(d);
    int n = 0;
    while (OSObject *o = iter->getNextObject())
        n += OSDynamicCast(OSSymbol, o) != 0;
    SAME(n, 3, "iterates over keys, which are symbols");
    OSArray *only = OSArray::withCapacity(1);
    only->setObject((OSSymbol *)key);
    CHECK(d->isEqualTo(e, only), "isEqualTo of some keys");
    OSCollection *deep = d->copyCollection();
    CHECK(deep && deep->isEqualTo(d) && deep != d, "copyCollection");
    OSSafeRelease(deep);
    iter->release(), only->release(), d->release(), e->release(), one->release(), two->release(),
        key->release();
}

static SInt32 byLength(const OSMetaClassBase *a, const OSMetaClassBase *b, void *)
{
    return (SInt32)((const OSString *)a)->getLength() - (SInt32)((const OSString *)b)->getLength();
}

static void testSets()
{
    OSString *s[3] = {OSString::withCString("aa"), OSString::withCString("b"), OSString::withCString("cccc")};
    OSSet *set = OSSet::withCapacity(2);
    CHECK(set->setObject(s[0]) && !set->setObject(s[0]) && set->getCount() == 1, "OSSet has an object once");
    CHECK(set->member(s[0]) && !set->member(s[1]) && set->getAnyObject() == s[0], "member, getAnyObject");
    OSOrderedSet *o = OSOrderedSet::withCapacity(2, byLength);
    for (int i = 0; i < 3; i++)
        o->setObject(s[i]);
    CHECK(o->getFirstObject() == s[2] && o->getObject(1) == s[0] && o->getLastObject() == s[1],
          "OSOrderedSet: the greatest first");
    CHECK(!o->setObject(s[0]) && o->getCount() == 3, "each once");
    o->removeObject(s[2]);
    CHECK(o->getFirstObject() == s[0] && !o->containsObject(s[2]), "removeObject");
    CHECK(o->setFirstObject(s[2]) && o->getFirstObject() == s[2], "setFirstObject");
    set->release(), o->release();
    for (int i = 0; i < 3; i++)
        s[i]->release();
}

void test_collections(Probe *p)
{
    testObjects();
    testData();
    testArray();
    testDictionary();
    testSets();
}
