// SPDX-License-Identifier: BSD-3-Clause
/*
 * What the files of host/libkern/ share: reserved vtable slots by the handful, memory of containers (counted,
 * in RAM), the growing of arrays.
 */
#ifndef HOST_LIBKERN_INTERNAL_H
#define HOST_LIBKERN_INTERNAL_H
#include <libkern/c++/OSContainers.h>
#include <libkern/c++/OSLib.h>
#include "linux/linux.h"
#include "libkern/modules.h"

#define RESERVED_2_TO_7(cls)                                                                                 \
    OSMetaClassDefineReservedUnused(cls, 2) OSMetaClassDefineReservedUnused(cls, 3)                          \
        OSMetaClassDefineReservedUnused(cls, 4) OSMetaClassDefineReservedUnused(cls, 5)                      \
            OSMetaClassDefineReservedUnused(cls, 6) OSMetaClassDefineReservedUnused(cls, 7)
#define RESERVED_1_TO_7(cls) OSMetaClassDefineReservedUnused(cls, 1) RESERVED_2_TO_7(cls)
#define RESERVED_0_TO_7(cls) OSMetaClassDefineReservedUnused(cls, 0) RESERVED_1_TO_7(cls)
#define RESERVED_8_TO_15(cls)                                                                                \
    OSMetaClassDefineReservedUnused(cls, 8) OSMetaClassDefineReservedUnused(cls, 9)                          \
        OSMetaClassDefineReservedUnused(cls, 10) OSMetaClassDefineReservedUnused(cls, 11)                    \
            OSMetaClassDefineReservedUnused(cls, 12) OSMetaClassDefineReservedUnused(cls, 13)                \
                OSMetaClassDefineReservedUnused(cls, 14) OSMetaClassDefineReservedUnused(cls, 15)

extern "C" {
/* Cleared memory for n elements; 0 when there is none or the product does not fit. n = 0 has memory too. */
void *container_alloc(unsigned int n, unsigned int element);
void container_free(void *p, unsigned int n, unsigned int element);
/* Enlarges *p from *capacity to at least `wanted` elements, in steps of increment; false: it stays as it is.
 */
bool container_grow(void **p, unsigned int *capacity, unsigned int wanted, unsigned int increment,
                    unsigned int element);
/* Adds text with <, > and & as entities. */
bool libkern_add_text(OSSerialize *s, const char *text);
/* kern_os_malloc's family: the operators' memory. */
void *kern_os_malloc(size_t size);
void kern_os_free(void *p);
}

/* The object behind `init`, or nothing: the shape of every withSomething(). */
template <class T> static inline T *initialised(T *object, bool good)
{
    if (object && !good) {
        object->release();
        return 0;
    }
    return object;
}

/* An element as a collection holds it. */
static inline void collection_retain(const OSMetaClassBase *o)
{
    o->taggedRetain(OSTypeID(OSCollection));
}
static inline void collection_release(const OSMetaClassBase *o)
{
    o->taggedRelease(OSTypeID(OSCollection));
}
static inline OSObject *as_object(const OSMetaClassBase *o)
{
    return (OSObject *)const_cast<OSMetaClassBase *>(o);
}

/* copyCollection() needs a dictionary of what was copied already: the caller's, or one of its own. */
struct CopyCycle {
    OSDictionary *seen;
    bool mine;
    explicit CopyCycle(OSDictionary *given)
        : seen(given ? given : OSDictionary::withCapacity(16)), mine(!given)
    {
    }
    ~CopyCycle()
    {
        if (mine && seen)
            seen->release();
    }
};
#endif
