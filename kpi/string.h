// SPDX-License-Identifier: BSD-3-Clause
/*
 * Memory and strings. Answers to Apple's (libsa) string.h.
 */
#ifndef KPI_STRING_H
#define KPI_STRING_H

#include <sys/types.h>

__BEGIN_DECLS

extern void *memcpy(void *, const void *, size_t);
extern int memcmp(const void *, const void *, size_t);
extern void *memmove(void *, const void *, size_t);
extern void *memset(void *, int, size_t);
extern void bcopy(const void *from, void *to, size_t len); /* the ranges may overlap */
extern void bzero(void *, size_t);
extern int bcmp(const void *, const void *, size_t);

extern size_t strlen(const char *);
extern size_t strnlen(const char *, size_t);
extern int strcmp(const char *, const char *);
extern int strncmp(const char *, const char *, size_t);
extern int strcasecmp(const char *s1, const char *s2);
extern int strncasecmp(const char *s1, const char *s2, size_t n);
extern char *strchr(const char *s, int c);
extern char *strcpy(char *, const char *);
extern char *strncpy(char *, const char *, size_t);
extern char *strcat(char *, const char *);
extern char *strncat(char *, const char *, size_t);
extern size_t strlcat(char *, const char *, size_t);
extern size_t strlcpy(char *, const char *, size_t);
extern char *STRDUP(const char *, int); /* freed with FREE(p, type) */
extern int strprefix(const char *s1, const char *s2);
extern char *strnstr(const char *s, const char *find, size_t slen);  /* from 10.9 */

__END_DECLS

#endif
