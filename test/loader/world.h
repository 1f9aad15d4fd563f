// SPDX-License-Identifier: BSD-3-Clause
// The class world of the loader's tests: as much of libkern's class system as the linker looks at (symbols
// superClass, gMetaClass, vtables), seen by the test kernel and by its kexts. NEWER: a later system's
// headers, where the first padding slot of Vehicle is in use. SHORTER: headers from before the padding was
// added.
#ifndef WORLD_H
#define WORLD_H

typedef unsigned long size_t;
class OSObject;

/* At the head of each i386 table: see kpi/libkern/c++/OSMetaClass.h. */
#ifdef __i386__
class OSMetaClassBase
{
  public:
    virtual void _vptr0();
    virtual void _vptr1();
};
#define BASE : public OSMetaClassBase
#else
#define BASE
#endif

class OSMetaClass BASE
{
  public:
    OSMetaClass(const char *name, const OSMetaClass *super);
    virtual ~OSMetaClass();
    virtual OSObject *alloc() const = 0;
    virtual int _RESERVEDOSMetaClass0();
    virtual int _RESERVEDOSMetaClass1();

    const char *name;
    const OSMetaClass *super;
    mutable int instances;
};

#define DECLARE_STRUCTORS(cls)                                                                               \
  public:                                                                                                    \
    static const OSMetaClass *const superClass;                                                              \
    static const OSMetaClass *const metaClass;                                                               \
    static class MetaClass : public OSMetaClass                                                              \
    {                                                                                                        \
      public:                                                                                                \
        MetaClass();                                                                                         \
        virtual OSObject *alloc() const;                                                                     \
    } gMetaClass;                                                                                            \
    virtual const OSMetaClass *getMetaClass() const;                                                         \
    cls();                                                                                                   \
    virtual ~cls();

#define DEFINE_STRUCTORS(cls, superpointer)                                                                  \
    cls::MetaClass cls::gMetaClass;                                                                          \
    const OSMetaClass *const cls::metaClass = &cls::gMetaClass;                                              \
    const OSMetaClass *const cls::superClass = superpointer;                                                 \
    cls::MetaClass::MetaClass() : OSMetaClass(#cls, cls::superClass) {}                                      \
    OSObject *cls::MetaClass::alloc() const                                                                  \
    {                                                                                                        \
        cls *made = new cls;                                                                                 \
        gMetaClass.instances++;                                                                              \
        return made;                                                                                         \
    }                                                                                                        \
    const OSMetaClass *cls::getMetaClass() const                                                             \
    {                                                                                                        \
        return &gMetaClass;                                                                                  \
    }                                                                                                        \
    cls::cls() {}                                                                                            \
    cls::~cls() {}

class OSObject BASE
{
    DECLARE_STRUCTORS(OSObject)
    static void *operator new(size_t size);
    static void operator delete(void *p, size_t size);
    virtual void release() const;
};

class Vehicle : public OSObject
{
    DECLARE_STRUCTORS(Vehicle)
    virtual int wheels();
    virtual int doors();
    virtual int fly(); // nobody implements it
#ifndef SHORTER
#ifdef NEWER
    virtual int range();
#else
    virtual int _RESERVEDVehicle0();
#endif
    virtual int _RESERVEDVehicle1();
#endif
};

class Sealed : public Vehicle
{
    DECLARE_STRUCTORS(Sealed)
    void __OSFinalClass(void);
};

extern "C" {
void say(const char *text);
void say_number(const char *text, long n);
int kernel_add(int a, int b);
extern int kernel_magic;
}
#endif
