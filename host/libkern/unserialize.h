// SPDX-License-Identifier: BSD-3-Clause
/* What the two readers of object graphs share: a place in the text, objects by ID, limits that hold off bad
 * input. */
#ifndef HOST_LIBKERN_UNSERIALIZE_H
#define HOST_LIBKERN_UNSERIALIZE_H
#include "internal.h"

enum { MAX_DEPTH = 256, MAX_OBJECTS = 65535 }; /* nesting: the reader's own; objects: as OSUnserializeXML.y */

class Reader
{
    struct named;
    enum { BUCKETS = 64 };
    named *byId[BUCKETS];
    char *text; /* collects characters and bytes */
    unsigned int textCapacity;

  protected:
    const char *at;
    unsigned int line, objects, depth;
    unsigned int textLength;
    const char *error; /* the first one; static text */

    Reader(const char *buffer, unsigned int firstLine);
    ~Reader();
    OSObject *fail(const char *why); /* remembers it; 0 */
    void step();                     /* to the next character */
    bool take(char c);
    void clearText() { textLength = 0; }
    bool addText(char c);
    char *textString(); /* with a NUL behind; 0: no memory */
    const void *textBytes() { return text; }
    OSObject *remember(unsigned int id, OSObject *object); /* keeps a reference of its own; object */
    OSObject *recall(unsigned int id);   /* a new reference; 0 with an error: not seen yet */
    OSObject *counted(OSObject *object); /* 0 and an error, object released, when there are too many */

  public:
    void report(const char *who, OSString **errorString) const;
};
#endif
