// SPDX-License-Identifier: BSD-3-Clause
/*
 * OSMetaClassBase and OSMetaClass (libkern/c++/OSMetaClass.h; Apple: libkern/c++/OSMetaClass.cpp): run-time
 * types, counts of instances, classes by name and by the module that brought them. A class counts its own
 * instances plus one for each direct subclass that has any.
 */
#include "internal.h"
#include <libkern/OSAtomic.h>

/* ---- records: one for each registered class ------------------------------------------------------------ */
struct record {
    record *next;  /* in registration order */
    record *chain; /* of the hash by name */
    const OSSymbol *name;
    const OSMetaClass *meta;
    char bundle[128];
};
enum { BUCKETS = 256 };
static record *first, **last = &first, *buckets[BUCKETS];
static struct lx_mutex records_lock;

/* A module between preModLoad and postModLoad. The lock is held all that time: one module at a time. */
struct stalled {
    const char *bundle;
    OSReturn result;
    unsigned int count, capacity;
    OSMetaClass **classes;
};
static struct lx_mutex stalled_lock;
static stalled *loading;

static record **bucket_of(const OSSymbol *name)
{
    return &buckets[((uintptr_t)name >> 5 ^ (uintptr_t)name >> 13) % BUCKETS];
}

static record *find_locked(const OSSymbol *name)
{
    record *r = *bucket_of(name);
    while (r && r->name != name)
        r = r->chain;
    return r;
}

static record *record_add(const OSSymbol *name, const OSMetaClass *meta, const char *bundle)
{
    record *r = (record *)container_alloc(1, sizeof *r), **bucket = bucket_of(name);
    if (!r)
        panic("no memory for class %s; give the machine more RAM", name->getCStringNoCopy());
    r->name = name;
    r->meta = meta;
    strlcpy(r->bundle, bundle, sizeof r->bundle);
    lx_mutex_lock(&records_lock);
    r->chain = *bucket;
    *bucket = r;
    *last = r;
    last = &r->next;
    lx_mutex_unlock(&records_lock);
    return r;
}

static void record_remove(record *r)
{
    lx_mutex_lock(&records_lock);
    record **p = bucket_of(r->name);
    while (*p != r)
        p = &(*p)->chain;
    *p = r->chain;
    for (p = &first; *p != r; p = &(*p)->next)
        ;
    *p = r->next;
    if (last == &r->next)
        last = p;
    lx_mutex_unlock(&records_lock);
    container_free(r, 1, sizeof *r);
}

/* Its own instances: without the one that each subclass with instances stands for. */
static int own_instances_locked(const record *r)
{
    int n = (int)r->meta->getInstanceCount();
    for (const record *sub = first; sub; sub = sub->next)
        if (sub->meta->getSuperClass() == r->meta && sub->meta->getInstanceCount())
            n--;
    return n;
}

/* ---- OSMetaClassBase ----------------------------------------------------------------------------------- */
#define BASE_RESERVED(n)                                                                                     \
    void OSMetaClassBase::_RESERVEDOSMetaClassBase##n()                                                      \
    {                                                                                                        \
        panic("OSMetaClassBase::_RESERVEDOSMetaClassBase%d called.", n);                                     \
    }
BASE_RESERVED(3)
BASE_RESERVED(4)
BASE_RESERVED(5)
BASE_RESERVED(6)
BASE_RESERVED(7)

OSMetaClassBase::OSMetaClassBase() {}
#ifdef __i386__
/* The two words before a table's first function: no kext calls them. */
void OSMetaClassBase::_vptr0()
{
    panic("a virtual call through the head of a vtable: the kext was linked for another C++ ABI");
}
void OSMetaClassBase::_vptr1()
{
    _vptr0();
}
#endif

/* A virtual call on a destroyed object then faults at an address that says so, as on a Mac. */
OSMetaClassBase::~OSMetaClassBase()
{
    *(void *volatile *)this = (void *)-1L;
}

bool OSMetaClassBase::isEqualTo(const OSMetaClassBase *other) const
{
    return this == other;
}

OSMetaClassBase *OSMetaClassBase::metaCast(const OSMetaClass *to) const
{
    return to->checkMetaCast(this);
}

OSMetaClassBase *OSMetaClassBase::metaCast(const OSSymbol *to) const
{
    return OSMetaClass::checkMetaCastWithName(to, this);
}

OSMetaClassBase *OSMetaClassBase::metaCast(const OSString *to) const
{
    return OSMetaClass::checkMetaCastWithName(to, this);
}

OSMetaClassBase *OSMetaClassBase::metaCast(const char *to) const
{
    return OSMetaClass::checkMetaCastWithName(to, this);
}

OSMetaClassBase *OSMetaClassBase::safeMetaCast(const OSMetaClassBase *object, const OSMetaClass *to)
{
    return object ? object->metaCast(to) : 0;
}

bool OSMetaClassBase::checkTypeInst(const OSMetaClassBase *instance, const OSMetaClassBase *type)
{
    return type && instance && instance->metaCast(OSTypeIDInst(type));
}

/* ---- OSMetaClass: the object --------------------------------------------------------------------------- */
class OSMetaClassMeta : public OSMetaClass
{
  public:
    OSMetaClassMeta() : OSMetaClass("OSMetaClass", 0, sizeof(OSMetaClass)) {}
    OSObject *alloc() const { return 0; }
};
static OSMetaClassMeta meta_of_metaclasses;
const OSMetaClass *const OSMetaClass::metaClass = &meta_of_metaclasses;

const OSMetaClass *OSMetaClass::getMetaClass() const
{
    return &meta_of_metaclasses;
}

#define META_RESERVED(n)                                                                                     \
    void OSMetaClass::_RESERVEDOSMetaClass##n()                                                              \
    {                                                                                                        \
        panic("OSMetaClass::_RESERVEDOSMetaClass%d called", n);                                              \
    }
META_RESERVED(0)
META_RESERVED(1)
META_RESERVED(2)
META_RESERVED(3)
META_RESERVED(4)
META_RESERVED(5)
META_RESERVED(6)
META_RESERVED(7)

/* Metaclasses are static: nobody counts references to them. */
void *OSMetaClass::operator new(size_t)
{
    panic("OSMetaClass::operator new: metaclasses are static");
}
void OSMetaClass::retain() const {}
void OSMetaClass::release() const {}
void OSMetaClass::release(int) const {}
void OSMetaClass::taggedRetain(const void *) const {}
void OSMetaClass::taggedRelease(const void *) const {}
void OSMetaClass::taggedRelease(const void *, const int) const {}
int OSMetaClass::getRetainCount() const
{
    return 0;
}

static bool stalled_append(stalled *s, OSMetaClass *meta)
{
    if (s->count >= s->capacity &&
        !container_grow((void **)&s->classes, &s->capacity, s->count + 1, 16, sizeof(OSMetaClass *)))
        return false;
    s->classes[s->count++] = meta;
    return true;
}

static void stalled_forget(stalled *s, const OSMetaClass *meta)
{
    unsigned int kept = 0;
    for (unsigned int i = 0; i < s->count; i++)
        if (s->classes[i] != meta)
            s->classes[kept++] = s->classes[i];
    s->count = kept;
}

/* className is the C string until postModLoad makes it a symbol; `reserved`, the record, says which it is. */
OSMetaClass::OSMetaClass(const char *name, const OSMetaClass *super, unsigned int size)
{
    reserved = 0;
    superClassLink = super;
    className = (const OSSymbol *)name;
    classSize = size;
    instanceCount = 0;
    if (!loading)
        printf("OSMetaClass: preModLoad() wasn't called for class %s (runtime internal error).\n", name);
    else if (!loading->result && !stalled_append(loading, this))
        loading->result = kOSMetaClassNoTempData;
}

OSMetaClass::~OSMetaClass()
{
    if (reserved) {
        const OSSymbol *name = className;
        record_remove((record *)reserved);
        name->release();
    }
    if (loading)
        stalled_forget(loading, this);
}

const char *OSMetaClass::getClassName() const
{
    if (!className)
        return 0;
    return reserved ? className->getCStringNoCopy() : (const char *)className;
}

const OSMetaClass *OSMetaClass::getSuperClass() const
{
    return superClassLink;
}

unsigned int OSMetaClass::getClassSize() const
{
    return classSize;
}

unsigned int OSMetaClass::getInstanceCount() const
{
    return instanceCount;
}

void OSMetaClass::instanceConstructed() const
{
    if (OSIncrementAtomic(&instanceCount) == 0 && superClassLink)
        superClassLink->instanceConstructed();
}

void OSMetaClass::instanceDestructed() const
{
    SInt32 before = OSDecrementAtomic(&instanceCount);
    if (before == 1 && superClassLink)
        superClassLink->instanceDestructed();
    if (before <= 0)
        printf("OSMetaClass: Class %s - bad retain (%d)\n", getClassName(), (int)before - 1);
}

OSMetaClassBase *OSMetaClass::checkMetaCast(const OSMetaClassBase *object) const
{
    for (const OSMetaClass *m = object->getMetaClass(); m; m = m->superClassLink)
        if (m == this)
            return const_cast<OSMetaClassBase *>(object);
    return 0;
}

void OSMetaClass::reservedCalled(int index) const
{
    panic("%s::_RESERVED%s%d called.", getClassName(), getClassName(), index);
}

bool OSMetaClass::serialize(OSSerialize *) const
{
    panic("OSMetaClass::serialize(): Obsoleted\n");
}

OSDictionary *OSMetaClass::getClassDictionary()
{
    panic("OSMetaClass::getClassDictionary() is obsoleted.\n");
}

/* ---- modules ------------------------------------------------------------------------------------------- */
void OSMetaClass::logError(OSReturn result)
{
    if (result)
        printf("OSMetaClass: %s\n", result == kOSMetaClassDuplicateClass ? "Duplicate class encountered."
                                    : result == kOSMetaClassNoTempData   ? "Allocation failure."
                                                                         : "Runtime internal error.");
}

void *OSMetaClass::preModLoad(const char *bundle)
{
    lx_mutex_lock(&stalled_lock);
    loading = (stalled *)container_alloc(1, sizeof *loading);
    if (!loading) {
        lx_mutex_unlock(&stalled_lock);
        return 0;
    }
    loading->bundle = bundle;
    return loading;
}

bool OSMetaClass::checkModLoad(void *handle)
{
    return loading && handle == loading && loading->result == kOSReturnSuccess;
}

/* A class of that name by another module? The names are C strings still. */
static bool is_duplicate(const char *name, const char *bundle)
{
    const OSSymbol *symbol = OSSymbol::withCStringNoCopy(name);
    lx_mutex_lock(&records_lock);
    const record *other = find_locked(symbol);
    lx_mutex_unlock(&records_lock);
    if (other)
        printf("OSMetaClass: Kext %s class %s is a duplicate;kext %s already has a class by that name.\n",
               bundle, name, other->bundle);
    symbol->release();
    return other;
}

OSReturn OSMetaClass::postModLoad(void *handle)
{
    stalled *s = loading;
    if (!s || handle != s)
        return kOSMetaClassInternal;
    OSReturn result = s->result;
    for (unsigned int i = 0; !result && i < s->count; i++)
        if (is_duplicate((const char *)s->classes[i]->className, s->bundle))
            result = kOSMetaClassDuplicateClass;
    for (unsigned int i = 0; !result && i < s->count; i++) {
        OSMetaClass *meta = s->classes[i];
        meta->className = OSSymbol::withCStringNoCopy((const char *)meta->className);
        meta->reserved = (ExpansionData *)record_add(meta->className, meta, s->bundle);
    }
    if (result && result != kOSMetaClassDuplicateClass)
        logError(result);
    container_free(s->classes, s->capacity, sizeof(OSMetaClass *));
    container_free(s, 1, sizeof *s);
    loading = 0;
    lx_mutex_unlock(&stalled_lock);
    return result;
}

bool OSMetaClass::modHasInstance(const char *bundle)
{
    return libkern_mod_has_instances(bundle, 0, 0);
}

static void report_one(void *, const char *cls, int instances)
{
    printf("    %s has %d instances.\n", cls, instances);
}

void OSMetaClass::reportModInstances(const char *bundle)
{
    libkern_mod_has_instances(bundle, report_one, 0);
}

/* Kexts are unloaded when somebody asks for it, never by the kernel's own account. */
void OSMetaClass::considerUnloads() {}

/* ---- by name ------------------------------------------------------------------------------------------- */
const OSMetaClass *OSMetaClass::getMetaClassWithName(const OSSymbol *name)
{
    if (!name)
        return 0;
    lx_mutex_lock(&records_lock);
    const record *r = find_locked(name);
    const OSMetaClass *meta = r ? r->meta : 0;
    lx_mutex_unlock(&records_lock);
    return meta;
}

OSObject *OSMetaClass::allocClassWithName(const OSSymbol *name)
{
    const OSMetaClass *meta = getMetaClassWithName(name);
    return meta ? meta->alloc() : 0;
}

OSObject *OSMetaClass::allocClassWithName(const OSString *name)
{
    const OSSymbol *symbol = OSSymbol::withString(name);
    OSObject *o = allocClassWithName(symbol);
    symbol->release();
    return o;
}

/* withCString, not Apple's withCStringNoCopy: the caller's buffer may be gone while somebody else holds the
 * symbol. */
OSObject *OSMetaClass::allocClassWithName(const char *name)
{
    const OSSymbol *symbol = OSSymbol::withCString(name);
    OSObject *o = allocClassWithName(symbol);
    symbol->release();
    return o;
}

OSMetaClassBase *OSMetaClass::checkMetaCastWithName(const OSSymbol *name, const OSMetaClassBase *object)
{
    const OSMetaClass *meta = getMetaClassWithName(name);
    return meta ? meta->checkMetaCast(object) : 0;
}

OSMetaClassBase *OSMetaClass::checkMetaCastWithName(const OSString *name, const OSMetaClassBase *object)
{
    const OSSymbol *symbol = OSSymbol::withString(name);
    OSMetaClassBase *o = checkMetaCastWithName(symbol, object);
    symbol->release();
    return o;
}

OSMetaClassBase *OSMetaClass::checkMetaCastWithName(const char *name, const OSMetaClassBase *object)
{
    const OSSymbol *symbol = OSSymbol::withCString(name);
    OSMetaClassBase *o = checkMetaCastWithName(symbol, object);
    symbol->release();
    return o;
}

/* ---- reports ------------------------------------------------------------------------------------------- */
void OSMetaClass::printInstanceCounts()
{
    lx_mutex_lock(&records_lock);
    for (const record *r = first; r; r = r->next)
        printf("%24s count: %03d x 0x%03x = 0x%06x\n", r->name->getCStringNoCopy(),
               r->meta->getInstanceCount(), r->meta->getClassSize(),
               r->meta->getInstanceCount() * r->meta->getClassSize());
    lx_mutex_unlock(&records_lock);
    printf("\n");
}

void OSMetaClass::serializeClassDictionary(OSDictionary *dict)
{
    OSDictionary *classes = OSDictionary::withCapacity(64);
    if (!classes)
        return;
    lx_mutex_lock(&records_lock);
    for (const record *r = first; r; r = r->next) {
        OSNumber *count = OSNumber::withNumber(r->meta->getInstanceCount(), 32);
        classes->setObject(r->name, count);
        OSSafeRelease(count);
    }
    lx_mutex_unlock(&records_lock);
    dict->setObject("Classes", classes);
    classes->release();
}

/* ---- the boundary -------------------------------------------------------------------------------------- */
extern "C" {
void *libkern_pre_mod_load(const char *bundle)
{
    return OSMetaClass::preModLoad(bundle);
}

int libkern_check_mod_load(void *handle)
{
    return OSMetaClass::checkModLoad(handle);
}

/* The two truth values need every constructor of the kernel to have run. */
int libkern_post_mod_load(void *handle)
{
    OSReturn result = OSMetaClass::postModLoad(handle);
    if (!result && !kOSBooleanTrue)
        OSBoolean::initialize();
    return result;
}

int libkern_mod_has_instances(const char *bundle, void (*each)(void *context, const char *cls, int instances),
                              void *context)
{
    int any = 0;
    lx_mutex_lock(&records_lock);
    for (const record *r = first; r; r = r->next) {
        int n = strcmp(r->bundle, bundle) ? 0 : own_instances_locked(r);
        any |= n > 0;
        if (n > 0 && each)
            each(context, r->name->getCStringNoCopy(), n);
    }
    lx_mutex_unlock(&records_lock);
    return any;
}

void libkern_each_class(void (*fn)(void *context, const char *bundle, const char *cls, int instances),
                        void *context)
{
    lx_mutex_lock(&records_lock);
    for (const record *r = first; r; r = r->next)
        fn(context, r->bundle, r->name->getCStringNoCopy(), own_instances_locked(r));
    lx_mutex_unlock(&records_lock);
}

void libkern_page_unload(void *start, void *end)
{
    OSSymbol::checkForPageUnload(start, end);
}
}
