// SPDX-License-Identifier: BSD-3-Clause
/*
 * Link-level addresses. Answers to Apple's net/if_dl.h.
 */
#ifndef KPI_NET_IF_DL_H
#define KPI_NET_IF_DL_H

#include <sys/appleapiopts.h>
#include <sys/types.h>

struct sockaddr_dl {
    u_char sdl_len;
    u_char sdl_family; /* AF_LINK */
    u_short sdl_index;
    u_char sdl_type;
    u_char sdl_nlen;   /* bytes of the name, at the start of sdl_data */
    u_char sdl_alen;   /* bytes of the address, after the name */
    u_char sdl_slen;
    char sdl_data[12]; /* at least */
};
#define LLADDR(s) ((caddr_t)((s)->sdl_data + (s)->sdl_nlen))

#endif
