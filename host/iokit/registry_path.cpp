// SPDX-License-Identifier: BSD-3-Clause
/*
 * IORegistryEntry: paths ("IOService:/a/b@1,0"), and IORegistryIterator. Answers to IOKit/IORegistryEntry.h;
 * behaviour as in xnu-2422.115.4 iokit/Kernel/IORegistryEntry.cpp. Aliases come from the entry "/aliases" of
 * the plane, whose properties are OSData with a path's text.
 */
#include "iokit/impl.h"

enum { kMaxPlaneName = 32 };

/* Appends to a caller's buffer, and remembers when it did not fit. */
struct PathText {
    char *text;
    int used, room;
    bool full;
    PathText(char *t, int r) : text(t), used(0), room(r), full(r <= 0) {}
    void add(const char *part)
    {
        int length = (int)strlen(part);
        if (used + length >= room) {
            full = true;
            return;
        }
        bcopy(part, text + used, length + 1);
        used += length;
    }
};

bool IORegistryEntry::getPathComponent(char *path, int *length, const IORegistryPlane *plane) const
{
    PathText out(path, *length - 1);
    out.add(getName(plane));
    const char *location = getLocation(plane);
    if (location) {
        out.add("@");
        out.add(location);
    }
    if (!out.full)
        *length = out.used;
    return !out.full;
}

/* The entries from the plane's top (without it) down to this one; NULL when this one is not below the top. */
static OSArray *ancestry(const IORegistryEntry *entry, const IORegistryPlane *plane)
{
    IORegistryEntry *top = IORegistryEntry::getRegistryRoot()->getChildEntry(plane);
    OSArray *chain = OSArray::withCapacity(8);
    while (chain && entry && entry != top) {
        chain->setObject(0, (OSObject *)entry);
        entry = entry->getParentEntry(plane);
    }
    if (chain && !entry)
        drop(chain);
    return chain;
}

static const OSSymbol *alias_of(const IORegistryEntry *entry, const IORegistryPlane *plane)
{
    IORegistryEntry *aliases = IORegistryEntry::fromPath("/aliases", plane);
    if (!aliases)
        return 0;
    const OSSymbol *best = 0;
    OSCollectionIterator *keys = OSCollectionIterator::withCollection(aliases->getPropertyTable());
    while (const OSSymbol *key = keys ? (const OSSymbol *)keys->getNextObject() : 0) {
        OSData *path = OSDynamicCast(OSData, aliases->getProperty(key));
        IORegistryEntry *target =
            path ? IORegistryEntry::fromPath((const char *)path->getBytesNoCopy(), plane) : 0;
        if (target == entry && (!best || key->getLength() < best->getLength()))
            best = key;
        if (target)
            target->release();
    }
    if (keys)
        keys->release();
    aliases->release();
    return best;
}

bool IORegistryEntry::getPath(char *path, int *length, const IORegistryPlane *plane) const
{
    if (!path || !length || !plane)
        return false;
    LockScope hold(registry_links);
    PathText out(path, *length - 2);
    out.add(plane->nameKey->getCStringNoCopy());
    out.add(":");
    int prefix = out.used;
    OSArray *chain = ancestry(this, plane);
    if (!chain)
        return false;
    if (!chain->getCount())
        out.add("/");
    for (unsigned i = 0; i < chain->getCount() && !out.full; i++) {
        IORegistryEntry *entry = (IORegistryEntry *)chain->getObject(i);
        const OSSymbol *alias = alias_of(entry, plane);
        if (alias) {
            out.used = prefix;
            out.add(alias->getCStringNoCopy());
            continue;
        }
        out.add("/");
        int room = out.room - out.used;
        if (!out.full && entry->getPathComponent(out.text + out.used, &room, plane))
            out.used += room;
        else
            out.full = true;
    }
    chain->release();
    *length = out.used;
    return !out.full;
}

/* ---- from text to entry ---- */
/* Locations compare as lists of hexadecimal numbers; what the path leaves out counts as 0 ("@1" is "1,0").
 * Returns the end of the location in the path, NULL when it is another one. */
static const char *match_location(const IORegistryEntry *entry, const char *path,
                                  const IORegistryPlane *plane)
{
    const char *own = entry->getLocation(plane);
    if (!own)
        return 0;
    bool more_path = *path != 0, more_own = *own != 0;
    for (;;) {
        unsigned long long a = more_path ? strtouq(path, (char **)&path, 16) : 0;
        unsigned long long b = more_own ? strtouq(own, (char **)&own, 16) : 0;
        if (a != b)
            return 0;
        char end_path = more_path ? *path : 0, end_own = more_own ? *own : 0;
        more_path = end_path == ',' || end_path == ':';
        more_own = end_own != 0;
        if (!more_path && !more_own)
            return path;
        if (more_path && more_own && end_path != end_own)
            return 0;
        path += more_path;
        own += more_own;
    }
}

static IORegistryEntry *child_of_component(IORegistryEntry *parent, const char **path,
                                           const IORegistryPlane *plane)
{
    OSArray *children = registry_set(parent, plane, kChildSet);
    for (unsigned i = 0; children && i < children->getCount(); i++) {
        IORegistryEntry *child = (IORegistryEntry *)children->getObject(i);
        const char *at = *path;
        if (*at != '@') {
            const char *name = child->getName(plane);
            size_t length = strlen(name);
            if (strncmp(name, at, length))
                continue;
            at += length;
        }
        if (!*at || *at == '/' || *at == ':') {
            *path = at;
            return child;
        }
        if (*at == '@' && (at = match_location(child, at + 1, plane))) {
            *path = at;
            return child;
        }
    }
    return 0;
}

const char *IORegistryEntry::dealiasPath(const char **opath, const IORegistryPlane *plane)
{
    const char *path = *opath;
    char name[kMaxPlaneName + 1];
    size_t length = 0;
    while (path[length] && path[length] != '/' && path[length] != ':')
        length++;
    if (path[0] == '/' || length >= kMaxPlaneName)
        return 0;
    strlcpy(name, path, length + 1);
    IORegistryEntry *aliases = fromPath("/aliases", plane);
    OSData *target = aliases ? OSDynamicCast(OSData, aliases->getProperty(name)) : 0;
    const char *text = target ? (const char *)target->getBytesNoCopy() : 0;
    if (text)
        *opath = path + length;
    if (aliases)
        aliases->release();
    return text;
}

/* Plane from "Name:", when the caller gave none. */
static const IORegistryPlane *plane_of_path(const char **path)
{
    const char *colon = strchr(*path, ':');
    char name[kMaxPlaneName + 1];
    if (!colon || colon - *path >= kMaxPlaneName)
        return 0;
    strlcpy(name, *path, colon - *path + 1);
    *path = colon + 1;
    return IORegistryEntry::getPlane(name);
}

/* The part of the path that names no entry goes to the caller, or must be empty. */
static bool take_residue(const char *rest, char *residue, int *length, int used)
{
    if (!residue || !length)
        return !*rest;
    int more = (int)strlen(rest);
    if (used + more < *length)
        strlcpy(residue + used, rest, more + 1);
    *length = used + more;
    return true;
}

IORegistryEntry *IORegistryEntry::fromPath(const char *path, const IORegistryPlane *plane, char *residue,
                                           int *length, IORegistryEntry *from)
{
    if (!path || (!plane && !(plane = plane_of_path(&path))))
        return 0;
    LockScope hold(registry_links);
    int used = 0;
    const char *rest = path;
    IORegistryEntry *aliased = 0, *where = 0;
    const char *alias = dealiasPath(&rest, plane);
    if (alias) {
        used = length ? *length : 0;
        aliased = where = fromPath(alias, plane, residue, &used, from);
        if (where)
            path = rest;
        else
            used = 0;
    }
    if (!where) {
        if (!from && *path++ == '/')
            from = getRegistryRoot()->getChildEntry(plane);
        where = from;
    } else if (*path && *path != '/' && *path != ':') {
        where = 0;
    }
    bool first = !aliased; /* no '/' stands before the first component */
    while (where && (first || *path == '/')) {
        const char *component = path + !first;
        IORegistryEntry *next = child_of_component(where, &component, plane);
        if (!next)
            break;
        where = next;
        path = component;
        first = false;
    }
    if (where && !take_residue(path, residue, length, used))
        where = 0;
    if (where)
        where->retain();
    if (aliased)
        aliased->release();
    return where;
}

IORegistryEntry *IORegistryEntry::childFromPath(const char *path, const IORegistryPlane *plane, char *residue,
                                                int *length)
{
    return fromPath(path, plane, residue, length, this);
}

/* ---- IORegistryIterator ---- */
OSDefineMetaClassAndStructors(IORegistryIterator, OSIterator)

    enum {
        kIteratorInvalid = 0x80000000u
    };

IORegistryIterator *IORegistryIterator::iterateOver(IORegistryEntry *root, const IORegistryPlane *plane,
                                                    IOOptionBits options)
{
    IORegistryIterator *walk = root && plane ? new IORegistryIterator : 0;
    if (!walk)
        return 0;
    if (!walk->init()) {
        walk->release();
        return 0;
    }
    root->retain();
    walk->root = root;
    walk->where = &walk->start;
    walk->start.current = root;
    walk->plane = plane;
    walk->options = options & ~kIteratorInvalid;
    return walk;
}

IORegistryIterator *IORegistryIterator::iterateOver(const IORegistryPlane *plane, IOOptionBits options)
{
    return iterateOver(IORegistryEntry::getRegistryRoot(), plane, options);
}

void IORegistryIterator::free(void)
{
    if (root) {
        reset();
        drop(root);
    }
    OSIterator::free();
}

/* An iterator is invalid once any list that it is in the middle of has changed. */
bool IORegistryIterator::isValid(void)
{
    LockScope hold(registry_links);
    bool ok = !(options & kIteratorInvalid);
    for (IORegCursor *level = where; ok && level; level = level->next)
        if (level->iter)
            ok = level->iter->isValid();
    return ok;
}

void IORegistryIterator::enterEntry(const IORegistryPlane *enterPlane)
{
    IORegCursor *level = (IORegCursor *)IOMalloc(sizeof *level);
    if (!level)
        return;
    level->iter = 0;
    level->next = where;
    level->current = where->current;
    where = level;
    plane = enterPlane;
}

void IORegistryIterator::enterEntry(void)
{
    enterEntry(plane);
}

bool IORegistryIterator::exitEntry(void)
{
    if (where->iter) {
        where->iter->release();
        where->iter = 0;
        if (where->current)
            where->current->release(); /* getNextObjectFlat's reference */
    }
    if (where == &start)
        return false;
    IORegCursor *gone = where;
    where = gone->next;
    IOFree(gone, sizeof *gone);
    return true;
}

void IORegistryIterator::reset(void)
{
    while (exitEntry())
        continue;
    drop(done);
    where->current = root;
    options &= ~kIteratorInvalid;
}

IORegistryEntry *IORegistryIterator::getNextObjectFlat(void)
{
    LockScope hold(registry_links);
    if (!where->iter) {
        OSArray *set = 0;
        if (isValid() && where->current)
            set = registry_set(where->current, plane,
                               options & kIORegistryIterateParents ? kParentSet : kChildSet);
        if (set)
            where->iter = OSCollectionIterator::withCollection(set);
    } else if (where->current) {
        where->current->release();
    }
    IORegistryEntry *next = where->iter ? (IORegistryEntry *)where->iter->getNextObject() : 0;
    if (next)
        next->retain();
    else if (where->iter && !where->iter->isValid())
        options |= kIteratorInvalid;
    where->current = next;
    return next;
}

/* Parents before children; an entry reached by two ways is entered once. */
IORegistryEntry *IORegistryIterator::getNextObjectRecursive(void)
{
    IORegistryEntry *next;
    do
        next = getNextObjectFlat();
    while (!next && exitEntry());
    if (!next)
        return 0;
    if (!done)
        done = OSOrderedSet::withCapacity(10);
    if (done->setObject((OSObject *)next))
        enterEntry();
    return next;
}

IORegistryEntry *IORegistryIterator::getNextObject(void)
{
    return options & kIORegistryIterateRecursively ? getNextObjectRecursive() : getNextObjectFlat();
}

IORegistryEntry *IORegistryIterator::getCurrentEntry(void)
{
    return isValid() ? where->current : 0;
}

OSOrderedSet *IORegistryIterator::iterateAll(void)
{
    reset();
    while (getNextObjectRecursive())
        continue;
    if (done)
        done->retain();
    return done;
}
