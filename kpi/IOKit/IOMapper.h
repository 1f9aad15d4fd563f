// SPDX-License-Identifier: BSD-3-Clause
// The system's I/O memory management unit. Answers to Apple's IOKit/IOMapper.h (Mac OS X 10.6 view).
#pragma once

#include <IOKit/IOTypes.h>
#include <mach/vm_types.h>
#include <IOKit/IOService.h>
#include <IOKit/IOMemoryDescriptor.h>

typedef struct upl_page_info upl_page_info_t;

extern "C" {
ppnum_t IOMapperIOVMAlloc(unsigned int pages);
void IOMapperIOVMFree(ppnum_t addr, unsigned int pages);
ppnum_t IOMapperInsertPage(ppnum_t addr, unsigned int offset, ppnum_t page);
void IOMapperInsertPPNPages(ppnum_t addr, unsigned int offset, ppnum_t *pageList, unsigned int pageCount);
void IOMapperInsertUPLPages(ppnum_t addr, unsigned int offset, upl_page_info_t *pageList,
                            unsigned int pageCount);
}

class OSData;
class IODMACommand;
extern const OSSymbol *gIOMapperIDKey;

// The IOMMU that the machine has or has not: without one physical addresses are what devices see.
// Rewritten in 10.11: only Apple derives from it (xnu iokit/Kernel/IOMapper.cpp).
class IOMapper : public IOService
{
    OSDeclareAbstractStructors(IOMapper)
    friend class IOPlatformExpert;

private:
    enum SystemMapperState {
        kNoMapper = 0,
        kUnknown = 1,
        kHasMapper = 2,
        kWaitMask = 3
    };

public:
    static IOMapper *gSystem;

protected:
    void *fTable;
    ppnum_t fTablePhys;
    IOItemCount fTableSize;
    OSData *fTableHandle;
    bool fIsSystem;

    virtual bool initHardware(IOService *provider) = 0;
    virtual bool allocTable(IOByteCount size);

public:
    virtual bool start(IOService *provider);
    virtual void free(void);
    virtual ppnum_t iovmAlloc(IOItemCount pages) = 0;
    virtual void iovmFree(ppnum_t addr, IOItemCount pages) = 0;
    virtual void iovmInsert(ppnum_t addr, IOItemCount offset, ppnum_t page) = 0;
    virtual void iovmInsert(ppnum_t addr, IOItemCount offset, ppnum_t *pageList, IOItemCount pageCount);
    virtual void iovmInsert(ppnum_t addr, IOItemCount offset, upl_page_info_t *pageList,
                            IOItemCount pageCount);
    virtual addr64_t mapAddr(IOPhysicalAddress addr) = 0;
    virtual bool getBypassMask(addr64_t *maskP) const;
#ifndef KPI_10_5
    virtual ppnum_t iovmAllocDMACommand(IODMACommand *command, IOItemCount pageCount);
    virtual void iovmFreeDMACommand(IODMACommand *command, ppnum_t addr, IOItemCount pageCount);
#else
    OSMetaClassDeclareReservedUnused(IOMapper, 1);
    OSMetaClassDeclareReservedUnused(IOMapper, 2);
#endif
    OSMetaClassDeclareReservedUnused(IOMapper, 3);
    OSMetaClassDeclareReservedUnused(IOMapper, 4);
    OSMetaClassDeclareReservedUnused(IOMapper, 5);
    OSMetaClassDeclareReservedUnused(IOMapper, 6);
    OSMetaClassDeclareReservedUnused(IOMapper, 7);
    OSMetaClassDeclareReservedUnused(IOMapper, 8);
    OSMetaClassDeclareReservedUnused(IOMapper, 9);
    OSMetaClassDeclareReservedUnused(IOMapper, 10);
    OSMetaClassDeclareReservedUnused(IOMapper, 11);
    OSMetaClassDeclareReservedUnused(IOMapper, 12);
    OSMetaClassDeclareReservedUnused(IOMapper, 13);
    OSMetaClassDeclareReservedUnused(IOMapper, 14);
    OSMetaClassDeclareReservedUnused(IOMapper, 15);

protected:
    static void setMapperRequired(bool hasMapper);
    static void waitForSystemMapper(void);

public:
    static OSData *NewARTTable(IOByteCount size, void **virtAddrP, ppnum_t *physAddrP);
    static void FreeARTTable(OSData *handle, IOByteCount size);
    // Waits, early at boot, until it is known whether there is one.
    static void checkForSystemMapper(void)
    {
        if ((uintptr_t)gSystem & kWaitMask)
            waitForSystemMapper();
    }
    static IOMapper *copyMapperForDevice(IOService *device);
};
