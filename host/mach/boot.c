// SPDX-License-Identifier: BSD-3-Clause
/*
 * Start of the kernel's lower half, the boot-args (pexpert/pexpert.h; Apple: pexpert/gen/bootargs.c) and the
 * version variables (libkern/version.h; Apple: config/version.c), which take their values from the profile in
 * force.
 */
#include <stddef.h>
#include <stdint.h>
#include <libkern/libkern.h>
#include "internal.h"
#include "profile.h"

void mach_memory_init(void);

/* ---- version: const in the header, set once here ------------------------------------------------------- */
int version_major, version_minor, version_revision, version_prerelease_level;
int version_stage = 0x80; /* VERSION_STAGE_RELEASE */
char version_variant[] = "";
char ostype[] = "Darwin";
char osrelease[256];
char version[512];
char osversion[256];

void mach_version_init(void)
{
    version_major = host_profile->major;
    version_minor = host_profile->minor;
    snprintf(osrelease, sizeof osrelease, "%d.%d.0", version_major, version_minor);
    snprintf(version, sizeof version,
             "Darwin Kernel Version %s: virtio-osx kexthost; root:kexthost/RELEASE_X86_64", osrelease);
    snprintf(osversion, sizeof osversion, "%s", host_profile->name);
}

const char *mach_version_text(void)
{
    return version;
}

/* ---- boot-args ----------------------------------------------------------------------------------------- */
static char boot_args[1024]; /* BOOT_LINE_LENGTH */

const char *mach_boot_args(void)
{
    return boot_args;
}

static int is_separator(char c)
{
    return c == ' ' || c == '\t' || !c;
}

/* "=value" as a number: decimal, 0x, 0b, a leading 0 for octal, a sign, k m g behind. 0: it is text. */
static int read_number(const char *s, long long *value)
{
    char *end;
    int negative = *s == '-';
    s += negative;
    if (*s < '0' || *s > '9')
        return 0;
    int binary = s[0] == '0' && (s[1] | 32) == 'b';
    unsigned long long n = binary ? strtouq(s + 2, &end, 2) : strtouq(s, &end, 0);
    static const char suffixes[] = "kmg";
    const char *suffix = *end ? strchr(suffixes, *end | 32) : 0;
    if (suffix && *suffix) {
        n <<= 10 * (suffix - suffixes + 1);
        end++;
    }
    if (!is_separator(*end))
        return 0;
    *value = (long long)(negative ? 0 - n : n);
    return 1;
}

/* pexpert/gen/bootargs.c, argnumcpy: any other size, such as a text buffer's, takes 32 bits. */
static void store_number(long long value, void *to, int size)
{
    switch (size) {
    case 0:
        break;
    case 1:
        *(int8_t *)to = (int8_t)value;
        break;
    case 2:
        *(int16_t *)to = (int16_t)value;
        break;
    case 8:
        *(int64_t *)to = value;
        break;
    default:
        *(int32_t *)to = (int32_t)value;
        break;
    }
}

static void store_text(const char *s, char *to, int size)
{
    if (size <= 0)
        return;
    while (!is_separator(*s) && --size)
        *to++ = *s++;
    *to = 0;
}

/* One argument; 1 when it is `name`. "-flag" stores 1; "name=value" a number or a text; a name that begins
 * with an underscore always a text, of at most 16 characters. */
static int parse_one(const char *arg, const char *name, void *to, int size)
{
    size_t n = strlen(name);
    long long value;
    if (strncmp(arg, name, n))
        return 0;
    if (arg[0] == '-' && is_separator(arg[n])) {
        store_number(1, to, size);
        return 1;
    }
    if (arg[0] == '-' || arg[n] != '=')
        return 0;
    if (name[0] == '_')
        store_text(arg + n + 1, to, size < 17 ? size : 17);
    else if (read_number(arg + n + 1, &value))
        store_number(value, to, size);
    else
        store_text(arg + n + 1, to, size);
    return 1;
}

/* The last one of a name counts, but for a flag the first. size 0: only whether it is there. */
boolean_t PE_parse_boot_argn(const char *name, void *to, int size)
{
    boolean_t found = FALSE;
    for (const char *p = boot_args; *p;) {
        if (is_separator(*p)) {
            p++;
            continue;
        }
        found |= parse_one(p, name, to, size);
        while (!is_separator(*p))
            p++;
    }
    return found;
}

/* ---- start --------------------------------------------------------------------------------------------- */
void mach_init(const char *args)
{
    if (args && strlen(args) >= sizeof boot_args)
        lx_fatal("--boot-args: %lu characters are too many, at most %lu fit", (unsigned long)strlen(args),
                 (unsigned long)sizeof boot_args - 1);
    strlcpy(boot_args, args ? args : "", sizeof boot_args);
    lx_random(&__stack_chk_guard, sizeof __stack_chk_guard);
    __stack_chk_guard &= ~0xfful; /* a NUL first, so that a string cannot carry it */
    mach_version_init();
    mach_memory_init();
    mach_thread_init();
    mach_lock_init();
    mach_thread_call_init();
}

unsigned mach_debug_arg(void)
{
    unsigned debug = 0;
    PE_parse_boot_argn("debug", &debug, sizeof debug);
    return debug;
}
