// SPDX-License-Identifier: BSD-3-Clause
// The registry: entries with properties, attached to one another in named planes. Answers to Apple's
// IOKit/IORegistryEntry.h (Mac OS X 10.6 view).
#pragma once

#include <IOKit/IOTypes.h>
#include <libkern/c++/OSContainers.h>

extern const OSSymbol *gIONameKey;
extern const OSSymbol *gIOLocationKey;
extern const OSSymbol *gIORegistryEntryIDKey;
class IORegistryEntry;
class IORegistryPlane;
class IORegistryIterator;
typedef void (*IORegistryEntryApplierFunction)(IORegistryEntry *, void *);
enum {
    kIORegistryIterateRecursively = 0x1,
    kIORegistryIterateParents = 0x2
};

// A node of the registry: a property table, names and locations, and parents and children in each plane.
// The property accessors lock; the dictionary that getPropertyTable or dictionaryWithProperties gives is
// the caller's to take care of (xnu iokit/Kernel/IORegistryEntry.cpp).
class IORegistryEntry : public OSObject
{
    OSDeclareDefaultStructors(IORegistryEntry)
    friend class IORegistryIterator;

protected:
    struct ExpansionData; // the implementation's own

public:
    typedef IOReturn (*Action)(OSObject *, void *, void *, void *, void *);

protected:
    ExpansionData *reserved;

private:
    OSDictionary *fRegistryTable;
    OSDictionary *fPropertyTable;

public:
    // One reference, or 0.
    virtual OSObject *copyProperty(const char *aKey, const IORegistryPlane *plane,
                                   IOOptionBits options = kIORegistryIterateRecursively |
                                                          kIORegistryIterateParents) const;
    virtual OSObject *copyProperty(const OSString *aKey, const IORegistryPlane *plane,
                                   IOOptionBits options = kIORegistryIterateRecursively |
                                                          kIORegistryIterateParents) const;
    virtual OSObject *copyProperty(const OSSymbol *aKey, const IORegistryPlane *plane,
                                   IOOptionBits options = kIORegistryIterateRecursively |
                                                          kIORegistryIterateParents) const;
    virtual IORegistryEntry *copyParentEntry(const IORegistryPlane *plane) const;
    virtual IORegistryEntry *copyChildEntry(const IORegistryPlane *plane) const;
    virtual IOReturn runPropertyAction(Action action, OSObject *target, void *arg0 = 0, void *arg1 = 0,
                                       void *arg2 = 0, void *arg3 = 0);
#ifdef __LP64__
    OSMetaClassDeclareReservedUnused(IORegistryEntry, 0);
    OSMetaClassDeclareReservedUnused(IORegistryEntry, 1);
    OSMetaClassDeclareReservedUnused(IORegistryEntry, 2);
    OSMetaClassDeclareReservedUnused(IORegistryEntry, 3);
    OSMetaClassDeclareReservedUnused(IORegistryEntry, 4);
    OSMetaClassDeclareReservedUnused(IORegistryEntry, 5);
#endif
    OSMetaClassDeclareReservedUnused(IORegistryEntry, 6);
    OSMetaClassDeclareReservedUnused(IORegistryEntry, 7);
    OSMetaClassDeclareReservedUnused(IORegistryEntry, 8);
    OSMetaClassDeclareReservedUnused(IORegistryEntry, 9);
    OSMetaClassDeclareReservedUnused(IORegistryEntry, 10);
    OSMetaClassDeclareReservedUnused(IORegistryEntry, 11);
    OSMetaClassDeclareReservedUnused(IORegistryEntry, 12);
    OSMetaClassDeclareReservedUnused(IORegistryEntry, 13);
    OSMetaClassDeclareReservedUnused(IORegistryEntry, 14);
    OSMetaClassDeclareReservedUnused(IORegistryEntry, 15);
    OSMetaClassDeclareReservedUnused(IORegistryEntry, 16);
    OSMetaClassDeclareReservedUnused(IORegistryEntry, 17);
    OSMetaClassDeclareReservedUnused(IORegistryEntry, 18);
    OSMetaClassDeclareReservedUnused(IORegistryEntry, 19);
    OSMetaClassDeclareReservedUnused(IORegistryEntry, 20);
    OSMetaClassDeclareReservedUnused(IORegistryEntry, 21);
    OSMetaClassDeclareReservedUnused(IORegistryEntry, 22);
    OSMetaClassDeclareReservedUnused(IORegistryEntry, 23);
    OSMetaClassDeclareReservedUnused(IORegistryEntry, 24);
    OSMetaClassDeclareReservedUnused(IORegistryEntry, 25);
    OSMetaClassDeclareReservedUnused(IORegistryEntry, 26);
    OSMetaClassDeclareReservedUnused(IORegistryEntry, 27);
    OSMetaClassDeclareReservedUnused(IORegistryEntry, 28);
    OSMetaClassDeclareReservedUnused(IORegistryEntry, 29);
    OSMetaClassDeclareReservedUnused(IORegistryEntry, 30);
    OSMetaClassDeclareReservedUnused(IORegistryEntry, 31);

public:
    virtual bool init(OSDictionary *dictionary = 0);
    virtual void free(void);
    virtual void setPropertyTable(OSDictionary *dict);
    // Retains the value; the overloads make an OSString, OSBoolean, OSNumber (numberOfBits at most 64) or
    // OSData of it.
    virtual bool setProperty(const OSSymbol *aKey, OSObject *anObject);
    virtual bool setProperty(const OSString *aKey, OSObject *anObject);
    virtual bool setProperty(const char *aKey, OSObject *anObject);
    virtual bool setProperty(const char *aKey, const char *aString);
    virtual bool setProperty(const char *aKey, bool aBoolean);
    virtual bool setProperty(const char *aKey, unsigned long long aValue, unsigned int aNumberOfBits);
    virtual bool setProperty(const char *aKey, void *bytes, unsigned int length);
    virtual void removeProperty(const OSSymbol *aKey);
    virtual void removeProperty(const OSString *aKey);
    virtual void removeProperty(const char *aKey);
    // Not retained: prefer copyProperty when another thread may change it.
    virtual OSObject *getProperty(const OSSymbol *aKey) const;
    virtual OSObject *getProperty(const OSString *aKey) const;
    virtual OSObject *getProperty(const char *aKey) const;
    virtual OSObject *getProperty(const OSSymbol *aKey, const IORegistryPlane *plane,
                                  IOOptionBits options = kIORegistryIterateRecursively |
                                                         kIORegistryIterateParents) const;
    virtual OSObject *getProperty(const OSString *aKey, const IORegistryPlane *plane,
                                  IOOptionBits options = kIORegistryIterateRecursively |
                                                         kIORegistryIterateParents) const;
    virtual OSObject *getProperty(const char *aKey, const IORegistryPlane *plane,
                                  IOOptionBits options = kIORegistryIterateRecursively |
                                                         kIORegistryIterateParents) const;
    virtual OSObject *copyProperty(const OSSymbol *aKey) const;
    virtual OSObject *copyProperty(const OSString *aKey) const;
    virtual OSObject *copyProperty(const char *aKey) const;
    // A copy of the table; one reference.
    virtual OSDictionary *dictionaryWithProperties(void) const;
    virtual bool serializeProperties(OSSerialize *serialize) const;
    // A user process's request; kIOReturnUnsupported unless a class takes it.
    virtual IOReturn setProperties(OSObject *properties);
    virtual OSIterator *getParentIterator(const IORegistryPlane *plane) const;
    virtual void applyToParents(IORegistryEntryApplierFunction applier, void *context,
                                const IORegistryPlane *plane) const;
    // Not retained.
    virtual IORegistryEntry *getParentEntry(const IORegistryPlane *plane) const;
    // One reference to an iterator over the children of now.
    virtual OSIterator *getChildIterator(const IORegistryPlane *plane) const;
    virtual void applyToChildren(IORegistryEntryApplierFunction applier, void *context,
                                 const IORegistryPlane *plane) const;
    // Not retained.
    virtual IORegistryEntry *getChildEntry(const IORegistryPlane *plane) const;
    virtual bool isChild(IORegistryEntry *child, const IORegistryPlane *plane, bool onlyChild = false) const;
    virtual bool isParent(IORegistryEntry *parent, const IORegistryPlane *plane,
                          bool onlyParent = false) const;
    // Whether it is attached in the plane (or, with 0, in any).
    virtual bool inPlane(const IORegistryPlane *plane = 0) const;
    virtual unsigned int getDepth(const IORegistryPlane *plane) const;
    // Makes this a child of `parent` in the plane; each retains the other.
    virtual bool attachToParent(IORegistryEntry *parent, const IORegistryPlane *plane);
    virtual void detachFromParent(IORegistryEntry *parent, const IORegistryPlane *plane);
    virtual bool attachToChild(IORegistryEntry *child, const IORegistryPlane *plane);
    virtual void detachFromChild(IORegistryEntry *child, const IORegistryPlane *plane);
    virtual void detachAbove(const IORegistryPlane *plane);
    // Detaches this entry and all its descendants.
    virtual void detachAll(const IORegistryPlane *plane);
    // Never 0.
    virtual const char *getName(const IORegistryPlane *plane = 0) const;
    virtual const OSSymbol *copyName(const IORegistryPlane *plane = 0) const;
    virtual bool compareNames(OSObject *name, OSString **matched = 0) const;
    virtual bool compareName(OSString *name, OSString **matched = 0) const;
    virtual void setName(const OSSymbol *name, const IORegistryPlane *plane = 0);
    virtual void setName(const char *name, const IORegistryPlane *plane = 0);
    // Symbol text, or 0; valid while the entry keeps it.
    virtual const char *getLocation(const IORegistryPlane *plane = 0) const;
    virtual const OSSymbol *copyLocation(const IORegistryPlane *plane = 0) const;
    virtual void setLocation(const OSSymbol *location, const IORegistryPlane *plane = 0);
    virtual void setLocation(const char *location, const IORegistryPlane *plane = 0);
    // Path in the plane into buf; *length is its size on entry, the length without zero on return.
    virtual bool getPath(char *path, int *length, const IORegistryPlane *plane) const;
    virtual bool getPathComponent(char *path, int *length, const IORegistryPlane *plane) const;
    virtual IORegistryEntry *childFromPath(const char *path, const IORegistryPlane *plane = 0,
                                           char *residualPath = 0, int *residualLength = 0);
    virtual bool init(IORegistryEntry *from, const IORegistryPlane *inPlane);

    static IORegistryEntry *getRegistryRoot(void);
    static SInt32 getGenerationCount(void);
    static const IORegistryPlane *getPlane(const char *name);
    OSDictionary *getPropertyTable(void) const;
    // One reference; `residual` receives what follows the entry's own path.
    static IORegistryEntry *fromPath(const char *path, const IORegistryPlane *plane = 0,
                                     char *residualPath = 0, int *residualLength = 0,
                                     IORegistryEntry *fromEntry = 0);
    static const char *dealiasPath(const char **opath, const IORegistryPlane *plane);
    static const IORegistryPlane *makePlane(const char *name);
    // Unique since boot, never 0 for a registered entry.
    uint64_t getRegistryEntryID(void);

private:
    static IORegistryEntry *initialize(void);
    bool makeLink(IORegistryEntry *to, unsigned int relation, const IORegistryPlane *plane) const;
    void breakLink(IORegistryEntry *to, unsigned int relation, const IORegistryPlane *plane) const;
    // Virtual on i386.
    APPLE_KEXT_COMPATIBILITY_VIRTUAL OSArray *getParentSetReference(const IORegistryPlane *plane) const;
    APPLE_KEXT_COMPATIBILITY_VIRTUAL OSArray *getChildSetReference(const IORegistryPlane *plane) const;
    APPLE_KEXT_COMPATIBILITY_VIRTUAL IORegistryEntry *getChildFromComponent(const char **path, const IORegistryPlane *plane);
    APPLE_KEXT_COMPATIBILITY_VIRTUAL const OSSymbol *hasAlias(const IORegistryPlane *plane, char *opath = 0,
                                                              int *length = 0) const;
    APPLE_KEXT_COMPATIBILITY_VIRTUAL const char *matchPathLocation(const char *cmp, const IORegistryPlane *plane);
};

// Walks a plane from an entry, depth first with kIORegistryIterateRecursively (xnu
// iokit/Kernel/IORegistryEntry.cpp).
class IORegistryIterator : public OSIterator
{
    OSDeclareAbstractStructors(IORegistryIterator)

private:
    struct IORegCursor {
        IORegCursor *next;
        IORegistryEntry *current;
        OSIterator *iter;
    };

    IORegCursor start;
    IORegCursor *where;
    IORegistryEntry *root;
    OSOrderedSet *done;
    const IORegistryPlane *plane;
    IOOptionBits options;

    virtual void free(void);

public:
    virtual IORegistryEntry *getNextObject(void);
    virtual IORegistryEntry *getNextObjectFlat(void);
    virtual IORegistryEntry *getNextObjectRecursive(void);
    virtual IORegistryEntry *getCurrentEntry(void);
    virtual void enterEntry(void);
    virtual void enterEntry(const IORegistryPlane *plane);
    virtual bool exitEntry(void);
    virtual void reset(void);
    virtual bool isValid(void);
    virtual OSOrderedSet *iterateAll(void);

    static IORegistryIterator *iterateOver(IORegistryEntry *start, const IORegistryPlane *plane,
                                           IOOptionBits options = 0);
    static IORegistryIterator *iterateOver(const IORegistryPlane *plane, IOOptionBits options = 0);
};
