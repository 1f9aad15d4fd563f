// SPDX-License-Identifier: BSD-3-Clause
/*
 * Kext versions as XNU's libkern/OSKextVersion.c (OSKextParseVersionString) reads them:
 * "MAJOR[.MINOR[.REVISION]]" of 4, 2 and 2 digits, then optionally a stage d, a, b, f or fc with a level of 3
 * digits up to 255. White space ends it.
 */
#include "internal.h"

static bool ends(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || !c;
}
static bool digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Up to max digits; -1 when there are more. */
static int number(const char **s, int max)
{
    int value = 0, n = 0;
    for (; n < max && digit(**s); n++)
        value = value * 10 + *(*s)++ - '0';
    return digit(**s) ? -1 : value;
}

/* The stage's digit in the number: development 1, alpha 3, beta 5, candidate 7, release 9; 0: none. */
static int stage(const char **s)
{
    static const char letters[] = "dabf";
    if (ends(**s))
        return 9;
    for (int i = 0; letters[i]; i++)
        if (**s == letters[i]) {
            ++*s;
            if (letters[i] == 'f' && **s == 'c')
                ++*s;
            return digit(**s) ? 1 + 2 * i : 0;
        }
    return 0;
}

long long version_parse(const char *s)
{
    static const int digits[] = {4, 2, 2};
    static const long long weight[] = {100000000, 1000000, 10000};
    long long result = 0;
    if (!s || !digit(*s))
        return -1;
    for (int part = 0; part < 3; part++) {
        int n = number(&s, digits[part]);
        if (n < 0)
            return -1;
        result += n * weight[part];
        if (*s != '.' || part == 2)
            break;
        s++;
    }
    int st = stage(&s), level = 0;
    if (!st)
        return -1;
    if (st != 9) {
        level = number(&s, 3);
        if (level < 0 || level > 255 || !ends(*s) || (st == 7 && !level))
            return -1;
    }
    return result + st * 1000 + level;
}
