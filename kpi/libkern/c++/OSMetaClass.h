// SPDX-License-Identifier: BSD-3-Clause
// The root of the runtime type system: OSMetaClassBase, OSMetaClass and the macros that declare and define a
// class's metaclass. Answers to Apple's libkern/c++/OSMetaClass.h (Mac OS X 10.6 view).
#pragma once

#include <sys/types.h>
#include <libkern/OSTypes.h>
#include <libkern/OSReturn.h>
#include <kern/debug.h>

class OSKext;

#define APPLE_KEXT_VTABLE_PADDING 1
#ifdef __LP64__
#define APPLE_KEXT_LEGACY_ABI 0
#define APPLE_KEXT_COMPATIBILITY
#define APPLE_KEXT_COMPATIBILITY_VIRTUAL
#else
#define APPLE_KEXT_LEGACY_ABI 1
#define APPLE_KEXT_COMPATIBILITY
#define APPLE_KEXT_COMPATIBILITY_VIRTUAL virtual
#endif
#define APPLE_KEXT_PAD_METHOD      virtual
#define APPLE_KEXT_PAD_IMPL(index) gMetaClass.reservedCalled(index)

#define OSTypeAlloc(type)               ((type *)((type::metaClass)->alloc()))
#define OSTypeID(type)                  (type::metaClass)
#define OSTypeIDInst(inst)              ((inst)->getMetaClass())
#define OSDynamicCast(type, inst)       ((type *)OSMetaClassBase::safeMetaCast((inst), OSTypeID(type)))
#define OSCheckTypeInst(typeinst, inst) OSMetaClassBase::checkTypeInst(inst, typeinst)
#define OSMemberFunctionCast(functype, self, method)                                                         \
    ((functype)OSMetaClassBase::_ptmf2ptf(self, (void(OSMetaClassBase::*)(void))method))

// Both accept 0; the second also clears the variable.
#define OSSafeRelease(inst)                                                                                  \
    do {                                                                                                     \
        if (inst)                                                                                            \
            (inst)->release();                                                                               \
    } while (0)
#define OSSafeReleaseNULL(inst)                                                                              \
    do {                                                                                                     \
        if (inst)                                                                                            \
            (inst)->release();                                                                               \
        (inst) = 0;                                                                                          \
    } while (0)

// First thing in a class: its metaclass, constructors and destructor. What follows is protected.
#define OSDeclareCommonStructors(cls)                                                                        \
private:                                                                                                     \
    static const OSMetaClass *const superClass;                                                              \
                                                                                                             \
public:                                                                                                      \
    static const OSMetaClass *const metaClass;                                                               \
    static class MetaClass : public OSMetaClass                                                              \
    {                                                                                                        \
    public:                                                                                                  \
        MetaClass();                                                                                         \
        virtual OSObject *alloc() const;                                                                     \
    } gMetaClass;                                                                                            \
    friend class cls::MetaClass;                                                                             \
    virtual const OSMetaClass *getMetaClass() const;                                                         \
                                                                                                             \
protected:                                                                                                   \
    cls(const OSMetaClass *);                                                                                \
    virtual ~cls()

#define OSDeclareDefaultStructors(cls)                                                                       \
    OSDeclareCommonStructors(cls);                                                                           \
                                                                                                             \
public:                                                                                                      \
    cls();                                                                                                   \
                                                                                                             \
protected:
#define OSDeclareAbstractStructors(cls)                                                                      \
    OSDeclareCommonStructors(cls);                                                                           \
                                                                                                             \
private:                                                                                                     \
    cls();                                                                                                   \
                                                                                                             \
protected:
// A class that nobody may derive from: __OSFinalClass is what the kernel's linker looks for.
#define OSDeclareFinalStructors(cls)                                                                         \
    OSDeclareDefaultStructors(cls)                                                                           \
                                                                                                             \
private:                                                                                                     \
    void __OSFinalClass(void);                                                                               \
                                                                                                             \
protected:
// The definitions to match, once in one source file. `init` is a statement that the metaclass runs when it
// registers.
#define OSDefineMetaClassWithInit(cls, super, init)                                                          \
    cls::MetaClass cls::gMetaClass;                                                                          \
    const OSMetaClass *const cls::metaClass = &cls::gMetaClass;                                              \
    const OSMetaClass *const cls::superClass = &super::gMetaClass;                                           \
    cls::MetaClass::MetaClass() : OSMetaClass(#cls, cls::superClass, sizeof(cls))                            \
    {                                                                                                        \
        init;                                                                                                \
    }                                                                                                        \
    cls::cls(const OSMetaClass *meta) : super(meta) {}                                                       \
    cls::~cls() {}                                                                                           \
    const OSMetaClass *cls::getMetaClass() const                                                             \
    {                                                                                                        \
        return &gMetaClass;                                                                                  \
    }

#define OSDefineAbstractStructors(cls, super)                                                                \
    OSObject *cls::MetaClass::alloc() const                                                                  \
    {                                                                                                        \
        return 0;                                                                                            \
    }

#define OSDefineDefaultStructors(cls, super)                                                                 \
    OSObject *cls::MetaClass::alloc() const                                                                  \
    {                                                                                                        \
        return new cls;                                                                                      \
    }                                                                                                        \
    cls::cls() : super(&gMetaClass)                                                                          \
    {                                                                                                        \
        gMetaClass.instanceConstructed();                                                                    \
    }

#define OSDefineFinalStructors(cls, super)                                                                   \
    OSDefineDefaultStructors(cls, super) void cls::__OSFinalClass(void) {}

#define OSDefineMetaClassAndStructorsWithInit(cls, super, init)                                              \
    OSDefineMetaClassWithInit(cls, super, init) OSDefineDefaultStructors(cls, super)
#define OSDefineMetaClassAndAbstractStructorsWithInit(cls, super, init)                                      \
    OSDefineMetaClassWithInit(cls, super, init) OSDefineAbstractStructors(cls, super)
#define OSDefineMetaClassAndFinalStructorsWithInit(cls, super, init)                                         \
    OSDefineMetaClassWithInit(cls, super, init) OSDefineFinalStructors(cls, super)

#define OSDefineMetaClass(cls, super)             OSDefineMetaClassWithInit(cls, super, )
#define OSDefineMetaClassAndStructors(cls, super) OSDefineMetaClassAndStructorsWithInit(cls, super, )
#define OSDefineMetaClassAndAbstractStructors(cls, super)                                                    \
    OSDefineMetaClassAndAbstractStructorsWithInit(cls, super, )
#define OSDefineMetaClassAndFinalStructors(cls, super)                                                       \
    OSDefineMetaClassAndFinalStructorsWithInit(cls, super, )

// A vtable slot kept for later growth: a call of an unused one panics, naming the class and the index.
#define OSMetaClassDeclareReservedUnused(cls, index)                                                         \
private:                                                                                                     \
    APPLE_KEXT_PAD_METHOD void _RESERVED##cls##index()
#define OSMetaClassDeclareReservedUsed(cls, index)
#define OSMetaClassDefineReservedUnused(cls, index)                                                          \
    void cls::_RESERVED##cls##index()                                                                        \
    {                                                                                                        \
        APPLE_KEXT_PAD_IMPL(index);                                                                          \
    }
#define OSMetaClassDefineReservedUsed(cls, index)

class OSMetaClass;
class OSObject;
class OSString;
class OSSymbol;
class OSDictionary;
class OSSerialize;

// What every object and metaclass can do: reference counting, type queries, serialisation, comparison (xnu
// libkern/c++/OSMetaClass.cpp).
class OSMetaClassBase
{
#ifdef __i386__
    // An i386 kernel's vptr points at the vtable symbol itself, whose first two words are not functions; clang's points
    // two words further. These two stand for those words: a call then has the offset that Apple's compiler gives it,
    // 8 + 4 * slot. kextld moves the symbols by as much and clears the two words.
    virtual void _vptr0();
    virtual void _vptr1();
#endif

public:
    typedef void (*_ptf_t)();

protected:
    OSMetaClassBase(void);
    virtual ~OSMetaClassBase(void);

private:
    OSMetaClassBase(OSMetaClassBase &src);

public:
    virtual void release(int freeWhen) const = 0;
    virtual int getRetainCount(void) const = 0;
    virtual void retain(void) const = 0;
    virtual void release(void) const = 0;
    virtual bool serialize(OSSerialize *serializer) const = 0;
    virtual const OSMetaClass *getMetaClass(void) const = 0;
    // Identity, unless a class defines equality of contents.
    virtual bool isEqualTo(const OSMetaClassBase *anObject) const;
    virtual void taggedRetain(const void *tag = 0) const = 0;
    virtual void taggedRelease(const void *tag = 0) const = 0;

protected:
    virtual void taggedRelease(const void *tag, const int freeWhen) const = 0;
    OSMetaClassDeclareReservedUnused(OSMetaClassBase, 3);
    OSMetaClassDeclareReservedUnused(OSMetaClassBase, 4);
    OSMetaClassDeclareReservedUnused(OSMetaClassBase, 5);
    OSMetaClassDeclareReservedUnused(OSMetaClassBase, 6);
    OSMetaClassDeclareReservedUnused(OSMetaClassBase, 7);

public:
    // The C function behind a method of `self`: the receiver becomes the first argument. Resolves virtual
    // methods now.
    static _ptf_t _ptmf2ptf(const OSMetaClassBase *self, void (OSMetaClassBase::*func)())
    {
        // Itanium C++ ABI 2.3: an odd first word is 1 + the method's offset in the vtable, an even one its
        // address.
        union {
            void (OSMetaClassBase::*method)(void);
            struct {
                uintptr_t word;
                intptr_t adjust;
            } raw;
        } f;
        f.raw.adjust = 0;
        f.method = func;
        if (f.raw.word & 1) {
            const char *vtable = *(const char *const *)self;
            return *(const _ptf_t *)(vtable + f.raw.word - 1);
        }
        return (_ptf_t)f.raw.word;
    }
    OSMetaClassBase *metaCast(const OSMetaClass *toMeta) const;
    OSMetaClassBase *metaCast(const OSSymbol *toMeta) const;
    OSMetaClassBase *metaCast(const OSString *toMeta) const;
    OSMetaClassBase *metaCast(const char *toMeta) const;
    // The object, or 0 when it is 0 or not of that class: what OSDynamicCast calls.
    static OSMetaClassBase *safeMetaCast(const OSMetaClassBase *anObject, const OSMetaClass *toMeta);
    // Whether inst is of typeinst's class or a descendant.
    static bool checkTypeInst(const OSMetaClassBase *inst, const OSMetaClassBase *typeinst);
};

// One object for each class: name, size, superclass, number of live instances. Metaclass objects are
// static; their constructors register the class while the kext loads, and a kext with instances left
// cannot unload (xnu libkern/c++/OSMetaClass.cpp).
class OSMetaClass : private OSMetaClassBase
{
    friend class OSKext;

protected:
    struct ExpansionData; // the implementation's own

public:
    static const OSMetaClass *const metaClass;

private:
    ExpansionData *reserved;
    const OSMetaClass *superClassLink;
    const OSSymbol *className;
    unsigned int classSize;
    unsigned int instanceCount;

    OSMetaClass(void);

protected:
    virtual void retain(void) const;
    virtual void release(void) const;
    virtual void release(int freeWhen) const;
    virtual void taggedRetain(const void *tag = 0) const;
    virtual void taggedRelease(const void *tag = 0) const;
    virtual void taggedRelease(const void *tag, const int freeWhen) const;
    virtual int getRetainCount(void) const;
    virtual const OSMetaClass *getMetaClass(void) const;
    OSMetaClass(const char *className, const OSMetaClass *superclass, unsigned int classSize);
    virtual ~OSMetaClass(void);

public:
    virtual OSObject *alloc(void) const = 0;

private:
    virtual bool serialize(OSSerialize *serializer) const;
    OSMetaClassDeclareReservedUnused(OSMetaClass, 0);
    OSMetaClassDeclareReservedUnused(OSMetaClass, 1);
    OSMetaClassDeclareReservedUnused(OSMetaClass, 2);
    OSMetaClassDeclareReservedUnused(OSMetaClass, 3);
    OSMetaClassDeclareReservedUnused(OSMetaClass, 4);
    OSMetaClassDeclareReservedUnused(OSMetaClass, 5);
    OSMetaClassDeclareReservedUnused(OSMetaClass, 6);
    OSMetaClassDeclareReservedUnused(OSMetaClass, 7);

    static void *operator new(size_t size);
    static void logError(OSReturn result);

public:
    static const OSMetaClass *getMetaClassWithName(const OSSymbol *name);

protected:
    void operator delete(void *, size_t)
    {
        // Metaclass objects are static.
    }

public:
    // Loader only: opens the list of classes that a kext's constructors register.
    static void *preModLoad(const char *kextID);
    static bool checkModLoad(void *loadHandle);
    // Loader only: makes the registered classes known, or says why not.
    static OSReturn postModLoad(void *loadHandle);
    static bool modHasInstance(const char *kextID);
    static void reportModInstances(const char *kextID);
    static void considerUnloads(void);
    // A new, uninitialised instance with one reference, or 0 when the class is unknown or abstract.
    static OSObject *allocClassWithName(const OSSymbol *name);
    static OSObject *allocClassWithName(const OSString *name);
    static OSObject *allocClassWithName(const char *name);
    static OSMetaClassBase *checkMetaCastWithName(const OSSymbol *className, const OSMetaClassBase *object);
    static OSMetaClassBase *checkMetaCastWithName(const OSString *className, const OSMetaClassBase *object);
    static OSMetaClassBase *checkMetaCastWithName(const char *className, const OSMetaClassBase *object);
    // Called by the constructors that OSDefine...Structors makes.
    void instanceConstructed(void) const;
    void instanceDestructed(void) const;
    OSMetaClassBase *checkMetaCast(const OSMetaClassBase *object) const;
    // Live instances of this class and its descendants' instances.
    unsigned int getInstanceCount(void) const;
    const OSMetaClass *getSuperClass(void) const;
    // Lives as long as the class.
    const char *getClassName(void) const;
    unsigned int getClassSize(void) const;
    // Panics: somebody called a padding slot.
    void reservedCalled(int ind) const;
    static void printInstanceCounts(void);
    static void serializeClassDictionary(OSDictionary *dict);

private:
    static OSDictionary *getClassDictionary(void);
};
