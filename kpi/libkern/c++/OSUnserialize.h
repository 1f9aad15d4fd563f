// SPDX-License-Identifier: BSD-3-Clause
// Reads an object graph from text. Answers to Apple's libkern/c++/OSUnserialize.h (Mac OS X 10.6
// view).
#pragma once

#include <sys/types.h>

class OSObject;
class OSString;
// The object that the text describes, one reference; 0 with *errorString (own reference) when the text is
// wrong (xnu libkern/c++/OSUnserializeXML.y).
OSObject *OSUnserializeXML(const char *buffer, OSString **errorString = 0);
OSObject *OSUnserialize(const char *buffer, OSString **errorString = 0);
