// SPDX-License-Identifier: BSD-3-Clause
// A kernel of a hundred lines for the loader's tests, built and described by the same steps as the real one
// (mk/host.mk, exports.py). It keeps OSMetaClass's books as host/libkern does, simply.
#include "world.h"
#include "host/libkern/modules.h"
#include "host/linux/linux.h"

enum { MAX = 64 };
static struct {
    OSMetaClass *cls;
    const char *module;
} classes[MAX];
static const char *loading;
static bool duplicate;

static bool same(const char *a, const char *b)
{
    while (*a && *a == *b)
        a++, b++;
    return *a == *b;
}

OSMetaClass::OSMetaClass(const char *n, const OSMetaClass *s) : name(n), super(s), instances(0)
{
    int free = -1;
    for (int i = 0; i < MAX; i++)
        if (!classes[i].cls)
            free = i;
        else if (same(classes[i].cls->name, n))
            duplicate = true;
    classes[free].cls = this;
    classes[free].module = loading;
}

OSMetaClass::~OSMetaClass()
{
    for (int i = 0; i < MAX; i++)
        if (classes[i].cls == this)
            classes[i].cls = 0;
}

#ifdef __i386__
void OSMetaClassBase::_vptr0() {}
void OSMetaClassBase::_vptr1() {}
#endif

int OSMetaClass::_RESERVEDOSMetaClass0()
{
    return 0;
}
int OSMetaClass::_RESERVEDOSMetaClass1()
{
    return 0;
}

extern "C" void *libkern_pre_mod_load(const char *bundle)
{
    loading = bundle;
    duplicate = false;
    return classes;
}
extern "C" int libkern_check_mod_load(void *)
{
    return 1;
}
extern "C" int libkern_post_mod_load(void *)
{
    return duplicate ? (int)0xdc008015 : 0;
}
extern "C" int libkern_kext_retained(unsigned)
{
    return 0;
}
extern "C" void libkern_page_unload(void *, void *) {}

extern "C" int libkern_mod_has_instances(const char *bundle, void (*each)(void *, const char *, int),
                                         void *context)
{
    int found = 0;
    for (int i = 0; i < MAX; i++)
        if (classes[i].cls && same(classes[i].module, bundle) && classes[i].cls->instances) {
            found = 1;
            if (each)
                each(context, classes[i].cls->name, classes[i].cls->instances);
        }
    return found;
}

void operator delete(void *) {}
void *OSObject::operator new(size_t size)
{
    return lx_ram_alloc(size, 16, ~0ull);
}
void OSObject::operator delete(void *p, size_t size)
{
    lx_ram_free(p, size);
}
void OSObject::release() const
{
    getMetaClass()->instances--;
    delete this;
}
DEFINE_STRUCTORS(OSObject, 0)

DEFINE_STRUCTORS(Vehicle, &OSObject::gMetaClass)
int Vehicle::wheels()
{
    return 4;
}
int Vehicle::doors()
{
    return 2;
}
int Vehicle::_RESERVEDVehicle0()
{
    return -1;
}
int Vehicle::_RESERVEDVehicle1()
{
    return -1;
}

// What a later system has in Vehicle's first padding slot.
extern "C" int later_range(Vehicle *) __asm__("_ZN7Vehicle5rangeEv");
extern "C" int later_range(Vehicle *)
{
    return 500;
}

DEFINE_STRUCTORS(Sealed, &Vehicle::gMetaClass)
void Sealed::__OSFinalClass(void) {}

extern "C" {
void __cxa_pure_virtual(void)
{
    lx_fatal("a pure virtual method was called");
}
int kernel_magic = 42;
int kernel_add(int a, int b)
{
    return a + b;
}
void kext_weak_symbol_referenced(void)
{
    lx_fatal("a missing weak function was called");
}
const void *gOSKextUnresolved = (const void *)&kext_weak_symbol_referenced;

void say(const char *text)
{
    lx_log(text);
    lx_log("\n");
}

void say_number(const char *text, long n)
{
    char digits[24], *p = digits + sizeof digits;
    unsigned long u = n < 0 ? -(unsigned long)n : (unsigned long)n;
    *--p = 0;
    do
        *--p = (char)('0' + u % 10);
    while (u /= 10);
    lx_log(text);
    lx_log(n < 0 ? " -" : " ");
    lx_log(p);
    lx_log("\n");
}
}
