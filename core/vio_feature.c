// SPDX-License-Identifier: BSD-3-Clause
/* Choosing among offered features (2.2, 2.2.1), and the texts of the error codes. */
#include "vio_feature.h"

static bool companions_present(const struct vio_feature *f, uint64_t chosen)
{
    return (chosen & f->needs) == f->needs && (!f->needs_one || (chosen & f->needs_one));
}

/* Drops each chosen row whose companions are missing; true if something was dropped. */
static bool drop_incomplete(const struct vio_feature_table *t, uint64_t *chosen)
{
    uint64_t before = *chosen;

    for (unsigned i = 0; i < t->rows; i++)
        if (!companions_present(&t->row[i], *chosen))
            *chosen &= ~VIO_BIT(t->row[i].bit);
    return *chosen != before;
}

static uint64_t wanted(const struct vio_feature_table *t)
{
    uint64_t mask = 0;

    for (unsigned i = 0; i < t->rows; i++)
        if (t->row[i].use != VIO_KNOWN)
            mask |= VIO_BIT(t->row[i].bit);
    return mask;
}

static const struct vio_feature *first_missing(const struct vio_feature_table *t, uint64_t chosen)
{
    for (unsigned i = 0; i < t->rows; i++)
        if (t->row[i].use == VIO_REQUIRED && !(chosen & VIO_BIT(t->row[i].bit)))
            return &t->row[i];
    return NULL;
}

int vio_feature_choose(const struct vio_feature_table *table, unsigned tables, uint64_t offered,
                       uint64_t deny, uint64_t *chosen, const struct vio_feature **missing)
{
    uint64_t mask = 0;
    bool dropped;

    for (unsigned i = 0; i < tables; i++)
        mask |= wanted(&table[i]);
    *chosen = offered & mask & ~deny;
    do { /* ends: each round drops at least one of 64 bits */
        dropped = false;
        for (unsigned i = 0; i < tables; i++)
            dropped |= drop_incomplete(&table[i], chosen);
    } while (dropped);

    *missing = NULL;
    for (unsigned i = 0; i < tables && !*missing; i++)
        *missing = first_missing(&table[i], *chosen);
    return *missing ? VIO_EFEATURE : 0;
}

const struct vio_feature *vio_feature_find(const struct vio_feature_table *table, unsigned tables,
                                           unsigned bit)
{
    for (unsigned t = 0; t < tables; t++)
        for (unsigned i = 0; i < table[t].rows; i++)
            if (table[t].row[i].bit == bit)
                return &table[t].row[i];
    return NULL;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool vio_listed(const char *list, const char *word)
{
    while (list && *list) {
        const char *w = word;
        while (*w && lower(*list) == lower(*w))
            list++, w++;
        if (!*w && (!*list || *list == ','))
            return true;
        while (*list && *list != ',')
            list++;
        list += *list == ',';
    }
    return false;
}

uint64_t vio_feature_listed(const struct vio_feature_table *table, unsigned tables, const char *list)
{
    uint64_t mask = 0;

    for (unsigned t = 0; t < tables; t++)
        for (unsigned i = 0; i < table[t].rows; i++)
            if (vio_listed(list, table[t].row[i].name))
                mask |= VIO_BIT(table[t].row[i].bit);
    return mask;
}

const char *vio_strerror(int error)
{
    switch (error) {
    case 0:
        return "success";
    case VIO_ENOMEM:
        return "out of memory";
    case VIO_EFULL:
        return "the ring is full";
    case VIO_EBROKEN:
        return "the device broke the protocol";
    case VIO_EGONE:
        return "the device is gone";
    case VIO_ETIMEOUT:
        return "the device did not answer in time";
    case VIO_EDEVICE:
        return "the device presents invalid data";
    case VIO_EFEATURE:
        return "no agreement on features";
    case VIO_EVECTOR:
        return "interrupt vectors could not be set up";
    case VIO_EINVAL:
        return "invalid request";
    case VIO_ERESET:
        return "the device needs a reset";
    default:
        return "unknown error";
    }
}
