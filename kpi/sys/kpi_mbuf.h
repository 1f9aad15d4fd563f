// SPDX-License-Identifier: BSD-3-Clause
/*
 * Packets: chains of mbufs, opaque to kexts. Functions that return errno_t give 0, ENOMEM or EINVAL. Answers to
 * Apple's sys/kpi_mbuf.h.
 */
#ifndef KPI_SYS_KPI_MBUF_H
#define KPI_SYS_KPI_MBUF_H

#include <sys/kernel_types.h>
#include <sys/errno.h>
#include <mach/vm_types.h>

enum {
    MBUF_EXT = 0x0001,    /* the data is in a cluster */
    MBUF_PKTHDR = 0x0002, /* first mbuf of a packet */
    MBUF_EOR = 0x0004,
    MBUF_LOOP = 0x0040, /* from 10.7 */
    MBUF_BCAST = 0x0100,
    MBUF_MCAST = 0x0200,
    MBUF_FRAG = 0x0400,
    MBUF_FIRSTFRAG = 0x0800,
    MBUF_LASTFRAG = 0x1000,
    MBUF_PROMISC = 0x2000,
    MBUF_HASFCS = 0x4000 /* from 10.7 */
};
typedef u_int32_t mbuf_flags_t;

enum {
    MBUF_TYPE_FREE    = 0,
    MBUF_TYPE_DATA    = 1,
    MBUF_TYPE_HEADER  = 2,
    MBUF_TYPE_SOCKET  = 3,
    MBUF_TYPE_PCB     = 4,
    MBUF_TYPE_RTABLE  = 5,
    MBUF_TYPE_HTABLE  = 6,
    MBUF_TYPE_ATABLE  = 7,
    MBUF_TYPE_SONAME  = 8,
    MBUF_TYPE_SOOPTS  = 10,
    MBUF_TYPE_FTABLE  = 11,
    MBUF_TYPE_RIGHTS  = 12,
    MBUF_TYPE_IFADDR  = 13,
    MBUF_TYPE_CONTROL = 14,
    MBUF_TYPE_OOBDATA = 15,
};
typedef u_int32_t mbuf_type_t;

enum {
    MBUF_TSO_IPV4 = 0x100000, /* from 10.6 */
    MBUF_TSO_IPV6 = 0x200000
};
typedef u_int32_t mbuf_tso_request_flags_t;

enum {
    MBUF_CSUM_REQ_IP = 0x0001,
    MBUF_CSUM_REQ_TCP = 0x0002, /* the pseudo header's sum is in the checksum field already */
    MBUF_CSUM_REQ_UDP = 0x0004,
    MBUF_CSUM_REQ_TCPIPV6 = 0x0020, /* from 10.7 */
    MBUF_CSUM_REQ_UDPIPV6 = 0x0040  /* from 10.7 */
};
typedef u_int32_t mbuf_csum_request_flags_t;

enum {
    MBUF_CSUM_DID_IP = 0x0100,    /* the IP header's sum was checked */
    MBUF_CSUM_IP_GOOD = 0x0200,   /* and is right */
    MBUF_CSUM_DID_DATA = 0x0400,  /* the value given is the sum of the TCP or UDP segment */
    MBUF_CSUM_PSEUDO_HDR = 0x0800 /* the pseudo header included: 0xffff is a good one */
};
typedef u_int32_t mbuf_csum_performed_flags_t;

enum {
    MBUF_WAITOK = 0,
    MBUF_DONTWAIT = 1
};
typedef u_int32_t mbuf_how_t;

typedef u_int32_t mbuf_tag_id_t;
typedef u_int16_t mbuf_tag_type_t;

struct mbuf_stat {
    u_int32_t mbufs;    /* allocated */
    u_int32_t clusters; /* of 2 KB */
    u_int32_t clfree;
    u_int32_t drops;
    u_int32_t wait;
    u_int32_t drain;
    u_short mtypes[256];
    u_int32_t mcfail;
    u_int32_t mpfail;
    u_int32_t msize;
    u_int32_t mclbytes;
    u_int32_t minclsize;
    u_int32_t mlen;
    u_int32_t mhlen;
    u_int32_t bigclusters; /* of 4 KB */
    u_int32_t bigclfree;
    u_int32_t bigmclbytes;
};

#define MBUF_COPYALL 1000000000

__BEGIN_DECLS

/* The data of one mbuf. datastart: of the buffer that holds it. */
extern void *mbuf_data(mbuf_t mbuf);
extern void *mbuf_datastart(mbuf_t mbuf);
extern errno_t mbuf_setdata(mbuf_t mbuf, void *data, size_t len); /* must stay inside the buffer */
extern errno_t mbuf_align_32(mbuf_t mbuf, size_t len);
extern addr64_t mbuf_data_to_physical(void *ptr); /* any address inside a packet's data */
extern size_t mbuf_len(const mbuf_t mbuf);
extern void mbuf_setlen(mbuf_t mbuf, size_t len);
extern size_t mbuf_maxlen(const mbuf_t mbuf);
extern size_t mbuf_leadingspace(const mbuf_t mbuf);
extern size_t mbuf_trailingspace(const mbuf_t mbuf);

/* Allocation. Any context with MBUF_DONTWAIT. */
extern errno_t mbuf_get(mbuf_how_t how, mbuf_type_t type, mbuf_t *mbuf);
extern errno_t mbuf_gethdr(mbuf_how_t how, mbuf_type_t type, mbuf_t *mbuf);
/* A buffer of the caller's; extfree(extbuf, extsize, extarg) is called when the last mbuf that holds it goes. */
extern errno_t mbuf_attachcluster(mbuf_how_t how, mbuf_type_t type, mbuf_t *mbuf, caddr_t extbuf,
                                  void (*extfree)(caddr_t, u_int, caddr_t), size_t extsize, caddr_t extarg);
extern errno_t mbuf_alloccluster(mbuf_how_t how, size_t *size, caddr_t *addr); /* up to 16 KB; *size is rounded up */
extern void mbuf_freecluster(caddr_t addr, size_t size);
extern errno_t mbuf_getcluster(mbuf_how_t how, mbuf_type_t type, size_t size, mbuf_t *mbuf); /* 2, 4 or 16 KB */
extern errno_t mbuf_mclget(mbuf_how_t how, mbuf_type_t type, mbuf_t *mbuf);                  /* 2 KB */
/* A packet of packetlen bytes in at most *maxchunks mbufs (NULL: any number); on return the number used. */
extern errno_t mbuf_allocpacket(mbuf_how_t how, size_t packetlen, unsigned int *maxchunks, mbuf_t *mbuf);
extern errno_t mbuf_allocpacket_list(unsigned int numpkts, mbuf_how_t how, size_t packetlen, unsigned int *maxchunks,
                                     mbuf_t *mbuf);
extern errno_t mbuf_getpacket(mbuf_how_t how, mbuf_t *mbuf);
extern mbuf_t mbuf_free(mbuf_t mbuf); /* frees one mbuf, gives the next of the chain */
extern void mbuf_freem(mbuf_t mbuf);  /* frees the packet */
extern int mbuf_freem_list(mbuf_t mbuf);

/* Chains. A function that takes mbuf_t * may replace the first mbuf; on failure of pullup and prepend the packet is
 * freed and *mbuf is NULL. */
extern errno_t mbuf_copym(const mbuf_t src, size_t offset, size_t len, mbuf_how_t how, mbuf_t *new_mbuf);
extern errno_t mbuf_dup(const mbuf_t src, mbuf_how_t how, mbuf_t *new_mbuf);
extern errno_t mbuf_prepend(mbuf_t *mbuf, size_t len, mbuf_how_t how);
extern errno_t mbuf_split(mbuf_t src, size_t offset, mbuf_how_t how, mbuf_t *new_mbuf);
extern errno_t mbuf_pullup(mbuf_t *mbuf, size_t len);
extern errno_t mbuf_pulldown(mbuf_t src, size_t *offset, size_t length, mbuf_t *location);
extern void mbuf_adj(mbuf_t mbuf, int len);
extern errno_t mbuf_adjustlen(mbuf_t mbuf, int amount);
extern mbuf_t mbuf_concatenate(mbuf_t dst, mbuf_t src); /* from 10.6 */
extern errno_t mbuf_copydata(const mbuf_t mbuf, size_t offset, size_t length, void *out_data);
extern errno_t mbuf_copyback(mbuf_t mbuf, size_t offset, size_t length, const void *data, mbuf_how_t how);
extern int mbuf_mclhasreference(mbuf_t mbuf);
extern mbuf_t mbuf_next(const mbuf_t mbuf);
extern errno_t mbuf_setnext(mbuf_t mbuf, mbuf_t next);
extern mbuf_t mbuf_nextpkt(const mbuf_t mbuf);
extern void mbuf_setnextpkt(mbuf_t mbuf, mbuf_t nextpkt);
extern mbuf_type_t mbuf_type(const mbuf_t mbuf);
extern errno_t mbuf_settype(mbuf_t mbuf, mbuf_type_t new_type);
extern mbuf_flags_t mbuf_flags(const mbuf_t mbuf);
extern errno_t mbuf_setflags(mbuf_t mbuf, mbuf_flags_t flags);
extern errno_t mbuf_setflags_mask(mbuf_t mbuf, mbuf_flags_t flags, mbuf_flags_t mask);

/* The packet header: of the first mbuf only. */
extern errno_t mbuf_copy_pkthdr(mbuf_t dest, const mbuf_t src);
extern size_t mbuf_pkthdr_len(const mbuf_t mbuf);
extern void mbuf_pkthdr_setlen(mbuf_t mbuf, size_t len);
extern void mbuf_pkthdr_adjustlen(mbuf_t mbuf, int amount);
extern ifnet_t mbuf_pkthdr_rcvif(const mbuf_t mbuf);
extern errno_t mbuf_pkthdr_setrcvif(mbuf_t mbuf, ifnet_t ifp);
extern void *mbuf_pkthdr_header(const mbuf_t mbuf);
extern void mbuf_pkthdr_setheader(mbuf_t mbuf, void *header);

/* Offloads. */
extern void mbuf_inbound_modified(mbuf_t mbuf);
extern void mbuf_outbound_finalize(mbuf_t mbuf, u_int32_t protocol_family, size_t protocol_offset);
extern errno_t mbuf_set_vlan_tag(mbuf_t mbuf, u_int16_t vlan);
extern errno_t mbuf_get_vlan_tag(mbuf_t mbuf, u_int16_t *vlan);
extern errno_t mbuf_clear_vlan_tag(mbuf_t mbuf);
extern errno_t mbuf_get_csum_requested(mbuf_t mbuf, mbuf_csum_request_flags_t *request, u_int32_t *value);
extern errno_t mbuf_clear_csum_requested(mbuf_t mbuf);
extern errno_t mbuf_get_tso_requested(mbuf_t mbuf, mbuf_tso_request_flags_t *request,
                                      u_int32_t *value); /* *value: bytes of a segment; from 10.6 */
extern errno_t mbuf_set_csum_performed(mbuf_t mbuf, mbuf_csum_performed_flags_t flags, u_int32_t value);
extern errno_t mbuf_clear_csum_performed(mbuf_t mbuf);
extern errno_t mbuf_inet_cksum(mbuf_t mbuf, int protocol, u_int32_t offset, u_int32_t length, u_int16_t *csum);
extern errno_t mbuf_inet6_cksum(mbuf_t mbuf, int protocol, u_int32_t offset, u_int32_t length, u_int16_t *csum);

extern u_int32_t mbuf_get_mlen(void);      /* from 10.6 */
extern u_int32_t mbuf_get_mhlen(void);     /* from 10.6 */
extern u_int32_t mbuf_get_minclsize(void); /* from 10.7 */

/* Tags: memory of a kext's own that travels with a packet. */
extern errno_t mbuf_tag_id_find(const char *module_string, mbuf_tag_id_t *module_id);
extern errno_t mbuf_tag_allocate(mbuf_t mbuf, mbuf_tag_id_t module_id, mbuf_tag_type_t type, size_t length,
                                 mbuf_how_t how, void **data_p);
extern errno_t mbuf_tag_find(mbuf_t mbuf, mbuf_tag_id_t module_id, mbuf_tag_type_t type, size_t *length,
                             void **data_p);
extern void mbuf_tag_free(mbuf_t mbuf, mbuf_tag_id_t module_id, mbuf_tag_type_t type);

extern void mbuf_stats(struct mbuf_stat *stats);

typedef enum {
    MBUF_TC_BE = 0, /* from 10.7 */
    MBUF_TC_BK = 1, /* from 10.7 */
    MBUF_TC_VI = 2, /* from 10.7 */
    MBUF_TC_VO = 3, /* from 10.7 */
} mbuf_traffic_class_t; /* from 10.7 */
extern mbuf_traffic_class_t mbuf_get_traffic_class(mbuf_t mbuf);               /* from 10.7 */
extern errno_t mbuf_set_traffic_class(mbuf_t mbuf, mbuf_traffic_class_t tc);   /* from 10.7 */

__END_DECLS

#endif
