// SPDX-License-Identifier: BSD-3-Clause
// The list of driver personalities. Answers to Apple's IOKit/IOCatalogue.h (Mac OS X 10.6 view).
#pragma once

#include <libkern/c++/OSObject.h>
#include <libkern/c++/OSOrderedSet.h>
#include <libkern/c++/OSCollectionIterator.h>
#include <libkern/c++/OSArray.h>
#include <libkern/c++/OSDictionary.h>
#include <IOKit/IOLocks.h>

class IOService;

// All driver personalities; a change starts matching again (xnu iokit/Kernel/IOCatalogue.cpp).
class IOCatalogue : public OSObject
{
    OSDeclareDefaultStructors(IOCatalogue)

private:
    OSCollectionIterator *kernelTables;
    OSArray *array;
    IOLock *lock;
    SInt32 generation;
#ifdef __i386__
    IOLock *kld_lock;
#endif

public:
    virtual bool serialize(OSSerialize *s) const;
#ifdef __i386__
    virtual bool recordStartupExtensions(void);
    virtual bool addExtensionsFromArchive(OSData *mkext);
    virtual kern_return_t removeKernelLinker(void);
#endif

    static void initialize(void);
    bool init(OSArray *initArray);
    void free(void);
    // One reference to a set sorted by probe score.
    OSOrderedSet *findDrivers(IOService *service, SInt32 *generationCount);
    OSOrderedSet *findDrivers(OSDictionary *matching, SInt32 *generationCount);
    // Array of personality dictionaries; with doNubMatching unmatched services are tried again.
    bool addDrivers(OSArray *array, bool doNubMatching = true);
    // Those that fit the dictionary.
    bool removeDrivers(OSDictionary *matching, bool doNubMatching = true);
    SInt32 getGenerationCount(void) const;
    bool isModuleLoaded(OSString *moduleName) const;
    bool isModuleLoaded(const char *moduleName) const;
    bool isModuleLoaded(OSDictionary *driver) const;
    void moduleHasLoaded(OSString *name);
    void moduleHasLoaded(const char *name);
    IOReturn terminateDrivers(OSDictionary *matching);
    IOReturn terminateDriversForModule(OSString *moduleName, bool unload = true);
    IOReturn terminateDriversForModule(const char *moduleName, bool unload = true);
    bool startMatching(OSDictionary *matching);
    void reset(void);
    bool serializeData(IOOptionBits kind, OSSerialize *s) const;

private:
    IOReturn unloadModule(OSString *moduleName) const;
};

extern const OSSymbol *gIOClassKey;
extern const OSSymbol *gIOProbeScoreKey;
extern IOCatalogue *gIOCatalogue;
