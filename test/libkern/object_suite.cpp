// SPDX-License-Identifier: BSD-3-Clause
// Reference counts, containers (who holds what), and classes that come and go with a module.
#include <libkern/c++/OSContainers.h>
#include <libkern/c++/OSLib.h>
#include "linux/linux.h"
#include "libkern/modules.h"
#include "test/mach/suite.h"

class GroundProbe : public OSObject
{
    OSDeclareDefaultStructors(GroundProbe) public : static int freed;
    virtual void free();
};
OSDefineMetaClassAndStructors(GroundProbe, OSObject) int GroundProbe::freed;
void GroundProbe::free()
{
    freed++;
    OSObject::free();
}

/* ---- objects ------------------------------------------------------------------------------------------- */
static void retain_freed()
{
    OSObject *o = new GroundProbe;
    *(unsigned int *)((char *)o + sizeof(void *)) = 0xffff; // as during free()
    o->retain();
}

static void release_a_collections_reference()
{
    OSArray *a = OSArray::withCapacity(1);
    OSObject *o = new GroundProbe;
    a->setObject(o);
    o->release();
    o->release();
}

static void call_pure()
{
    extern void __cxa_pure_virtual_test();
    __cxa_pure_virtual_test();
}
extern "C" void __cxa_pure_virtual();
void __cxa_pure_virtual_test()
{
    __cxa_pure_virtual();
}

void suite_objects(void)
{
    unsigned long objects = lx_counter_value("objects.live");
    GroundProbe *p = new GroundProbe;
    host_check(p->getRetainCount() == 1 && lx_in_ram(p), "a new object has one reference and lies in RAM");
    p->retain();
    p->taggedRetain(OSTypeID(OSCollection));
    host_check(p->getRetainCount() == 3, "tagged references count");
    p->taggedRelease(OSTypeID(OSCollection));
    p->release();
    host_check(GroundProbe::freed == 0, "not freed yet");
    p->release();
    host_check(GroundProbe::freed == 1, "freed by the last release");
    p = new GroundProbe;
    p->retain();
    p->release();
    host_check(p->getRetainCount() == 1 && OSDynamicCast(GroundProbe, p) && !OSDynamicCast(OSString, p),
               "casts");
    host_check(p->metaCast("OSObject") && !p->metaCast("OSString") && !p->metaCast("NoSuchClass"),
               "casts by name");
    p->release();
    host_check(OSDynamicCast(OSObject, (OSObject *)0) == 0, "cast of nothing");
    host_check(host_dies(retain_freed, "retain a freed object"), "retain while freeing panics");
    host_check(host_dies(release_a_collections_reference, "has corrupted the registry"),
               "releasing a collection's reference panics");
    host_check(host_dies(call_pure, "pure virtual"), "a pure virtual call panics");
    host_check(lx_counter_value("objects.live") == objects, "no object is left");
}

/* ---- containers ---------------------------------------------------------------------------------------- */
static void arrays(GroundProbe *p)
{
    OSArray *a = OSArray::withCapacity(1);
    for (int i = 0; i < 100; i++)
        a->setObject(p);
    host_check(a->getCount() == 100 && p->getRetainCount() == 101 && a->getCapacity() >= 100,
               "array grows and retains");
    OSCollectionIterator *it = OSCollectionIterator::withCollection(a);
    it->getNextObject();
    a->removeObject(50);
    host_check(!it->isValid() && !it->getNextObject() && p->getRetainCount() == 100,
               "a change makes iterators invalid");
    it->reset();
    unsigned int n = 0;
    while (it->getNextObject())
        n++;
    host_check(n == 99, "a reset iterator sees all");
    it->release();
    host_check(!a->setObject(1000, p) && !a->getObject(99) && a->getNextIndexOfObject(p, 99) == ~0u,
               "array's bounds");
    a->flushCollection();
    host_check(p->getRetainCount() == 1 && !a->getCount(), "flush releases");
    a->release();
}

static void immutable_change()
{
    OSArray *a = OSArray::withCapacity(1);
    a->setOptions(OSCollection::kImmutable, OSCollection::kImmutable);
    a->setObject(a);
}

static void dictionaries(GroundProbe *p)
{
    OSDictionary *d = OSDictionary::withCapacity(2);
    char key[16];
    for (int i = 0; i < 50; i++) {
        snprintf(key, sizeof key, "key%d", i);
        d->setObject(key, p);
    }
    host_check(d->getCount() == 50 && p->getRetainCount() == 51 && d->getObject("key49") == p, "dictionary");
    OSString *name = OSString::withCString("key7");
    d->setObject(name, p);
    host_check(d->getCount() == 50 && p->getRetainCount() == 51, "setting a key again replaces");
    d->removeObject(name);
    host_check(!d->getObject("key7") && p->getRetainCount() == 50, "removal");
    OSArray *inner = OSArray::withCapacity(1);
    d->setObject("inner", inner);
    OSDictionary *copy = OSDynamicCast(OSDictionary, d->copyCollection());
    host_check(copy && copy->isEqualTo(d) && copy->getObject("inner") != inner &&
                   copy->getObject("key1") == p,
               "copyCollection copies collections, shares the rest");
    copy->release();
    inner->release();
    d->release();
    name->release();
    host_check(p->getRetainCount() == 1, "a freed dictionary releases all");
}

static SInt32 by_address(const OSMetaClassBase *a, const OSMetaClassBase *b, void *)
{
    return a < b ? 1 : a > b ? -1 : 0;
}

static void sets(GroundProbe *p)
{
    OSSet *s = OSSet::withCapacity(1);
    host_check(s->setObject(p) && !s->setObject(p) && s->getCount() == 1, "a set takes an object once");
    OSSet *t = OSSet::withSet(s);
    host_check(t && t->isEqualTo(s) && p->getRetainCount() == 3, "set from a set");
    t->release();
    s->release();
    OSOrderedSet *o = OSOrderedSet::withCapacity(1, by_address);
    OSNumber *numbers[20];
    for (int i = 0; i < 20; i++) {
        numbers[i] = OSNumber::withNumber(i, 32);
        o->setObject(numbers[i]);
    }
    bool ordered = true;
    for (int i = 1; i < 20; i++)
        ordered &= o->getObject(i - 1) < o->getObject(i);
    host_check(ordered && o->getFirstObject() == o->getObject(0), "ordered set");
    o->removeObject(numbers[3]);
    host_check(o->getCount() == 19 && !o->containsObject(numbers[3]), "removal from an ordered set");
    o->release();
    for (int i = 0; i < 20; i++)
        numbers[i]->release();
}

static void values()
{
    OSData *d = OSData::withCapacity(0);
    for (int i = 0; i < 1000; i++)
        d->appendBytes("abc", 3);
    host_check(d->getLength() == 3000 && !memcmp(d->getBytesNoCopy(2997, 3), "abc", 3), "data grows");
    host_check(!d->getBytesNoCopy(2999, 2) && !d->getBytesNoCopy(~0u, 2), "data's bounds");
    d->release();
    OSNumber *n = OSNumber::withNumber(0x1ff, 8);
    host_check(n->unsigned32BitValue() == 0xff, "a number keeps its bits");
    n->addValue(2);
    host_check(n->unsigned8BitValue() == 1, "and wraps");
    n->release();
    const OSSymbol *a = OSSymbol::withCString("ground-symbol");
    char text[] = "ground-symbol";
    OSString *s = OSString::withCString(text);
    const OSSymbol *b = OSSymbol::withString(s);
    host_check(a == b && a->getRetainCount() == 2 && a->isEqualTo(s), "one symbol for one text");
    b->release();
    s->release();
    unsigned long live = lx_counter_value("symbols.live");
    a->release();
    host_check(lx_counter_value("symbols.live") == live - 1, "a symbol goes with its last reference");
    host_check(OSBoolean::withBoolean(true) == kOSBooleanTrue && kOSBooleanTrue->isTrue() &&
                   kOSBooleanFalse->isFalse(),
               "truth values");
}

void suite_collections(void)
{
    unsigned long objects = lx_counter_value("objects.live"),
                  bytes = lx_counter_value("memory.containers.bytes.live");
    GroundProbe *p = new GroundProbe;
    arrays(p);
    dictionaries(p);
    sets(p);
    values();
    p->release();
    host_check(host_dies(immutable_change, "change a collection in the registry"),
               "an immutable collection refuses changes");
    host_check(lx_counter_value("objects.live") == objects &&
                   lx_counter_value("memory.containers.bytes.live") == bytes,
               "no object and no memory is left");
}

/* ---- classes of a module ------------------------------------------------------------------------------- */
class GroundMeta : public OSMetaClass
{
  public:
    explicit GroundMeta(const char *name) : OSMetaClass(name, OSTypeID(GroundProbe), sizeof(GroundProbe)) {}
    OSObject *alloc() const { return 0; }
};
static char meta_room[2][sizeof(GroundMeta)] __attribute__((aligned(16)));
struct place {
    void *at;
};
inline void *operator new(size_t, place p)
{
    return p.at;
}

/* Not OSMetaClass's own operator, which makes none. */
static OSMetaClass *construct(int i, const char *name)
{
    return ::new (place{meta_room[i]}) GroundMeta(name);
}

static int count_of_probe;
static void see(void *, const char *, const char *cls, int n)
{
    if (!strcmp(cls, "GroundProbe"))
        count_of_probe = n;
}

void suite_metaclass(void)
{
    void *h = libkern_pre_mod_load("org.test.ground");
    OSMetaClass *a = construct(0, "GroundClassA");
    host_check(libkern_check_mod_load(h) && !libkern_post_mod_load(h), "a module's classes register");
    const OSSymbol *name = OSSymbol::withCString("GroundClassA");
    host_check(OSMetaClass::getMetaClassWithName(name) == a && !strcmp(a->getClassName(), "GroundClassA"),
               "found by name");
    host_check(!libkern_mod_has_instances("org.test.ground", 0, 0), "no instance yet");
    a->instanceConstructed();
    host_check(libkern_mod_has_instances("org.test.ground", 0, 0) &&
                   OSTypeID(GroundProbe)->getInstanceCount() == 1,
               "an instance counts once in its superclass");
    libkern_each_class(see, 0);
    host_check(count_of_probe == 0, "but is none of the superclass's own");
    a->instanceDestructed();
    host_check(!libkern_mod_has_instances("org.test.ground", 0, 0), "no instance any more");
    h = libkern_pre_mod_load("org.test.other");
    OSMetaClass *twin = construct(1, "GroundClassA");
    host_check(libkern_post_mod_load(h) == (int)kOSMetaClassDuplicateClass,
               "a second class of that name is refused");
    h = libkern_pre_mod_load("org.test.other");
    ((GroundMeta *)twin)->~GroundMeta();
    libkern_post_mod_load(h);
    host_check(OSMetaClass::getMetaClassWithName(name) == a, "and its end does not touch the first");
    h = libkern_pre_mod_load("org.test.ground");
    ((GroundMeta *)a)->~GroundMeta();
    libkern_post_mod_load(h);
    host_check(!OSMetaClass::getMetaClassWithName(name), "a destroyed class is found no more");
    name->release();
    OSObject *o = OSMetaClass::allocClassWithName("GroundProbe");
    host_check(o && OSDynamicCast(GroundProbe, o) && !OSMetaClass::allocClassWithName("NoSuchClass"),
               "alloc by name");
    o->release();
}
