// SPDX-License-Identifier: BSD-3-Clause
/*
 * Feature negotiation (2.2) as data: a row a feature bit, with what it needs besides. Device types bring a
 * table, the transport brings another; choosing is one function over both.
 */
#ifndef CORE_VIO_FEATURE_H
#define CORE_VIO_FEATURE_H
#include "vio.h"

VIO_BEGIN

enum vio_feature_use {
    VIO_KNOWN,   /* has a name here, is never accepted */
    VIO_WANTED,  /* accepted when offered together with what it needs */
    VIO_REQUIRED /* without it the device cannot be driven */
};

struct vio_feature {
    uint8_t bit;
    uint8_t use;        /* enum vio_feature_use */
    const char *name;   /* as the spec spells it, without its prefix: "MRG_RXBUF" */
    const char *spec;   /* section that describes it */
    uint64_t needs;     /* mask: all of these must be accepted too (5.1.3.1 and its like) */
    uint64_t needs_one; /* mask: at least one of these must be accepted too; 0: no such condition */
};

struct vio_feature_table {
    const struct vio_feature *row;
    unsigned rows;
};

/*
 * Chooses from `offered` all that the tables want and `deny` does not exclude, and drops what lacks its
 * companions. 0 with *chosen set; VIO_EFEATURE with *missing pointing to the first required row that is not
 * among the chosen. Pure function.
 */
int vio_feature_choose(const struct vio_feature_table *table, unsigned tables, uint64_t offered,
                       uint64_t deny, uint64_t *chosen, const struct vio_feature **missing);

/*
 * Whether `word` stands in `list`, words separated by commas (as in a boot argument), in either case of
 * letters. NULL: an empty list. Pure function.
 */
bool vio_listed(const char *list, const char *word);

/* The bits of those rows whose names are in such a list. */
uint64_t vio_feature_listed(const struct vio_feature_table *table, unsigned tables, const char *list);

/* The row of `bit`, or NULL if no table has it. */
const struct vio_feature *vio_feature_find(const struct vio_feature_table *table, unsigned tables,
                                           unsigned bit);

VIO_END
#endif
