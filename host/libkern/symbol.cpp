// SPDX-License-Identifier: BSD-3-Clause
/*
 * OSSymbol (libkern/c++/OSSymbol.h; Apple: libkern/c++/OSSymbol.cpp): strings of which there is one object
 * each, found through a hash table. The gate is held while the last reference goes away, so that nobody finds
 * a dying symbol.
 */
#include "internal.h"

#define super OSString
OSDefineMetaClassAndStructors(OSSymbol, OSString) RESERVED_0_TO_7(OSSymbol)

    LX_COUNTER(symbols_live, "symbols.live")

    /* ---- the pool: all with the gate held
       ------------------------------------------------------------------ */
    struct node {
    node *next;
    OSSymbol *symbol;
    unsigned int hash;
};
static struct lx_mutex gate;
static node **buckets;
static unsigned int nbuckets, count;

static unsigned int hash_of(const char *s) /* FNV-1a */
{
    unsigned int h = 2166136261u;
    for (; *s; s++)
        h = (h ^ (unsigned char)*s) * 16777619u;
    return h;
}

static OSSymbol *pool_find(const char *s, unsigned int hash)
{
    for (node *n = buckets[hash % nbuckets]; n; n = n->next)
        if (n->hash == hash && !strcmp(n->symbol->getCStringNoCopy(), s))
            return n->symbol;
    return 0;
}

static void pool_enlarge()
{
    unsigned int bigger = nbuckets * 2 + 1;
    node **table = (node **)container_alloc(bigger, sizeof *table);
    if (!table)
        return; /* longer chains, nothing worse */
    for (unsigned int i = 0; i < nbuckets; i++)
        for (node *n = buckets[i], *next; n; n = next) {
            next = n->next;
            n->next = table[n->hash % bigger];
            table[n->hash % bigger] = n;
        }
    container_free(buckets, nbuckets, sizeof *buckets);
    buckets = table;
    nbuckets = bigger;
}

static bool pool_insert(OSSymbol *symbol, unsigned int hash)
{
    node *n = (node *)container_alloc(1, sizeof *n);
    if (!n)
        return false;
    if (count++ > nbuckets * 2)
        pool_enlarge();
    n->symbol = symbol;
    n->hash = hash;
    n->next = buckets[hash % nbuckets];
    buckets[hash % nbuckets] = n;
    lx_count(&symbols_live, 1);
    return true;
}

static void pool_remove(const OSSymbol *symbol)
{
    unsigned int hash = hash_of(symbol->getCStringNoCopy());
    node **p = &buckets[hash % nbuckets];
    while (*p && (*p)->symbol != symbol)
        p = &(*p)->next;
    if (!*p)
        panic("removeSymbol %s: its text has changed since it became a symbol", symbol->getCStringNoCopy());
    node *n = *p;
    *p = n->next;
    container_free(n, 1, sizeof *n);
    count--;
    lx_uncount(&symbols_live, 1);
}

static void pool_start()
{
    enum { INITIAL = 511 };
    if (buckets)
        return;
    buckets = (node **)container_alloc(INITIAL, sizeof *buckets);
    nbuckets = INITIAL;
    if (!buckets)
        panic("no memory for the pool of symbols; give the machine more RAM");
}

void OSSymbol::initialize()
{
    pool_start();
}

extern "C" void libkern_init(void)
{
    pool_start();
}

/* ---- the class ----------------------------------------------------------------------------------------- */
bool OSSymbol::initWithCStringNoCopy(const char *)
{
    return false;
}
bool OSSymbol::initWithCString(const char *)
{
    return false;
}
bool OSSymbol::initWithString(const OSString *)
{
    return false;
}

const OSSymbol *OSSymbol::withString(const OSString *string)
{
    if (OSDynamicCast(OSSymbol, string)) {
        string->retain();
        return (const OSSymbol *)string;
    }
    if (((const OSSymbol *)string)->flags & kOSStringNoCopy)
        return withCStringNoCopy(string->getCStringNoCopy());
    return withCString(string->getCStringNoCopy());
}

const OSSymbol *OSSymbol::withCString(const char *s)
{
    unsigned int hash = hash_of(s);
    lx_mutex_lock(&gate);
    OSSymbol *symbol = pool_find(s, hash);
    if (symbol) {
        symbol->retain();
    } else {
        symbol = new OSSymbol;
        if (!symbol->OSString::initWithCString(s) || !pool_insert(symbol, hash)) {
            symbol->OSString::free();
            symbol = 0;
        }
    }
    lx_mutex_unlock(&gate);
    return symbol;
}

const OSSymbol *OSSymbol::withCStringNoCopy(const char *s)
{
    unsigned int hash = hash_of(s);
    lx_mutex_lock(&gate);
    OSSymbol *symbol = pool_find(s, hash);
    if (symbol) {
        symbol->retain();
    } else {
        symbol = new OSSymbol;
        if (!symbol->OSString::initWithCStringNoCopy(s) || !pool_insert(symbol, hash)) {
            symbol->OSString::free();
            symbol = 0;
        }
    }
    lx_mutex_unlock(&gate);
    return symbol;
}

/* A kext's image is about to vanish: symbols that point into it get their own text. */
void OSSymbol::checkForPageUnload(void *start, void *end)
{
    lx_mutex_lock(&gate);
    for (unsigned int i = 0; i < nbuckets; i++)
        for (node *n = buckets[i]; n; n = n->next) {
            OSSymbol *s = n->symbol;
            if ((void *)s->string < start || (void *)s->string >= end)
                continue;
            char *copy = (char *)container_alloc(s->length, 1);
            if (!copy)
                panic("no memory for the text of symbol %s; give the machine more RAM", s->string);
            memcpy(copy, s->string, s->length);
            s->string = copy;
            s->flags &= ~kOSStringNoCopy;
        }
    lx_mutex_unlock(&gate);
}

void OSSymbol::taggedRelease(const void *tag) const
{
    super::taggedRelease(tag);
}

void OSSymbol::taggedRelease(const void *tag, const int freeWhen) const
{
    lx_mutex_lock(&gate);
    super::taggedRelease(tag, freeWhen);
    lx_mutex_unlock(&gate);
}

void OSSymbol::free()
{
    pool_remove(this);
    super::free();
}

bool OSSymbol::isEqualTo(const char *s) const
{
    return super::isEqualTo(s);
}

bool OSSymbol::isEqualTo(const OSSymbol *symbol) const
{
    return symbol == this;
}

bool OSSymbol::isEqualTo(const OSMetaClassBase *object) const
{
    if (const OSSymbol *symbol = OSDynamicCast(OSSymbol, object))
        return isEqualTo(symbol);
    if (const OSString *string = OSDynamicCast(OSString, object))
        return super::isEqualTo(string);
    return false;
}
