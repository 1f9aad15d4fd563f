// SPDX-License-Identifier: BSD-3-Clause
/*
 * What a kext binary says of itself: the kmod_info symbol. Answers to Apple's mach/kmod.h.
 */
#ifndef KPI_MACH_KMOD_H
#define KPI_MACH_KMOD_H

#include <mach/kern_return.h>
#include <mach/mach_types.h>
#include <sys/cdefs.h>

#define KMOD_MAX_NAME       64
#define KMOD_RETURN_SUCCESS KERN_SUCCESS
#define KMOD_RETURN_FAILURE KERN_FAILURE

__BEGIN_DECLS

typedef int kmod_t;

struct kmod_info;
typedef kern_return_t kmod_start_func_t(struct kmod_info *ki, void *data);
typedef kern_return_t kmod_stop_func_t(struct kmod_info *ki, void *data);

/* No padding: pointers lie at multiples of 4 (168 bytes on i386, 196 on x86_64). */
#pragma pack(push, 4)
typedef struct kmod_reference {
    struct kmod_reference *next;
    struct kmod_info *info;
} kmod_reference_t;

typedef struct kmod_info {
    struct kmod_info *next;
    int32_t info_version; /* KMOD_INFO_VERSION */
    uint32_t id;          /* load tag */
    char name[KMOD_MAX_NAME];
    char version[KMOD_MAX_NAME];
    int32_t reference_count;
    kmod_reference_t *reference_list;
    vm_address_t address; /* where the image lies */
    vm_size_t size;
    vm_size_t hdr_size;
    kmod_start_func_t *start;
    kmod_stop_func_t *stop;
} kmod_info_t;

typedef struct kmod_info_32_v1 {
    uint32_t next_addr;
    int32_t info_version;
    uint32_t id;
    uint8_t name[KMOD_MAX_NAME];
    uint8_t version[KMOD_MAX_NAME];
    int32_t reference_count;
    uint32_t reference_list_addr;
    uint32_t address;
    uint32_t size;
    uint32_t hdr_size;
    uint32_t start_addr;
    uint32_t stop_addr;
} kmod_info_32_v1_t;

typedef struct kmod_info_64_v1 {
    uint64_t next_addr;
    int32_t info_version;
    uint32_t id;
    uint8_t name[KMOD_MAX_NAME];
    uint8_t version[KMOD_MAX_NAME];
    int32_t reference_count;
    uint64_t reference_list_addr;
    uint64_t address;
    uint64_t size;
    uint64_t hdr_size;
    uint64_t start_addr;
    uint64_t stop_addr;
} kmod_info_64_v1_t;
#pragma pack(pop)

#define KMOD_INFO_NAME    kmod_info
#define KMOD_INFO_VERSION 1

/* Declares kmod_info with the given entry functions; name and version are bare words. */
#define KMOD_EXPLICIT_DECL(name, version, start, stop)                                                                 \
    kmod_info_t KMOD_INFO_NAME = {0, KMOD_INFO_VERSION, -1U, {#name}, {version}, -1, 0, 0, 0, 0, start, stop};
#define KMOD_DECL(name, version)                                                                                       \
    static kmod_start_func_t name##_module_start;                                                                      \
    static kmod_stop_func_t name##_module_stop;                                                                        \
    KMOD_EXPLICIT_DECL(name, version, name##_module_start, name##_module_stop)

typedef void *kmod_args_t;
typedef int kmod_control_flavor_t;
typedef kmod_info_t *kmod_info_array_t;

__END_DECLS

#endif
