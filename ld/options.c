// SPDX-License-Identifier: BSD-3-Clause
/*
 * The command line. Spellings follow Apple's ld where it has the option.
 */
#include <stdio.h>
#include <string.h>

#include "kextld.h"

static const char help[] =
    "usage: kextld -arch ARCH -o OUT [OPTION]... FILE.o...\n"
    "Links Mach-O objects to a Mac OS X kernel extension's binary.\n"
    "\n"
    "  -arch ARCH                   x86_64 or i386\n"
    "  -o OUT                       the kext binary to write\n"
    "  -kpi FILE                    names that systems export (symbol, systems, set; tab separated): an "
    "undefined\n"
    "                               symbol that is not listed is an error\n"
    "  -min VERSION, -max VERSION   with -kpi: the oldest and newest system, such as 10.6; each between them must "
    "export\n"
    "                               every symbol that is not weak; without -max only the oldest is asked\n"
    "  -l KEXT                      another kext's binary, whose external symbols may be used as well\n"
    "  -id NAME, -version VERSION   what _kmod_info must say (the bundle's Info.plist says the same)\n"
    "  -exported_symbol PATTERN     make only symbols that match external; may be repeated\n"
    "  -exported_symbols_list FILE  the same, a pattern a line\n"
    "  -no_exported_symbols         none (_kmod_info always is)\n"
    "  -x                           leave out local symbols other than C++ names\n"
    "  --help, --version\n"
    "\n"
    "Exit status: 0, or 1 after any error; the output is written only when there was none.\n";

static const struct arch *const arches[] = {&arch_x86_64, &arch_i386};

const struct arch *arch_find(const char *name)
{
    for (size_t i = 0; i < sizeof(arches) / sizeof(arches[0]); i++) {
        if (!strcmp(arches[i]->name, name))
            return arches[i];
    }
    return NULL;
}

static void add(struct ld *ld, struct names *to, const char *name)
{
    to->v = arena_grow(&ld->mem, to->v, to->n, &to->cap, sizeof(*to->v));
    to->v[to->n++] = name;
}

static int set_arch(struct ld *ld, const char *name)
{
    ld->opt.arch = arch_find(name);
    return ld->opt.arch ? 0 : ld_fail(ld, "-arch %s: not supported; x86_64 and i386 are", name);
}

/* Options with an argument. Returns 1 when it is none of them. */
static int parse_valued(struct ld *ld, const char *name, const char *value)
{
    struct options *o = &ld->opt;
    const struct {
        const char *name, **to;
    } single[] = {
        {"-o", &o->output}, {"-kpi", &o->kpi}, {"-min", &o->min}, {"-max", &o->max}, {"-id", &o->id}, {"-version", &o->version}};

    for (size_t i = 0; i < sizeof(single) / sizeof(single[0]); i++) {
        if (strcmp(name, single[i].name))
            continue;
        *single[i].to = value;
        return 0;
    }
    if (!strcmp(name, "-arch"))
        return set_arch(ld, value);
    if (!strcmp(name, "-l")) {
        add(ld, &o->kexts, value);
        return 0;
    }
    o->limit_exports = true;
    if (!strcmp(name, "-exported_symbols_list"))
        return patterns_read(ld, value, &o->exported);
    add(ld, &o->exported, value);
    return 0;
}

static bool takes_value(const char *name)
{
    static const char *const names[] = {
        "-o", "-arch", "-kpi", "-min", "-max", "-id", "-version", "-l", "-exported_symbol", "-exported_symbols_list"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (!strcmp(name, names[i]))
            return true;
    }
    return false;
}

static int parse_flag(struct ld *ld, const char *name)
{
    if (!strcmp(name, "-x"))
        ld->opt.strip_locals = true;
    else if (!strcmp(name, "-no_exported_symbols"))
        ld->opt.limit_exports = true;
    else
        return ld_fail(ld, "unknown option %s; --help lists them", name);
    return 0;
}

static int complete(struct ld *ld)
{
    const struct options *o = &ld->opt;

    if (!o->arch)
        return ld_fail(ld, "-arch is missing");
    if (!o->output)
        return ld_fail(ld, "-o is missing");
    if (!o->inputs.n)
        return ld_fail(ld, "no input files");
    if (!o->kpi != !o->min)
        return ld_fail(ld, "-kpi and -min go together");
    if (o->max && !o->min)
        return ld_fail(ld, "-max needs -min");
    return 0;
}

int options_parse(struct ld *ld, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        const char *name = argv[i];
        if (!strcmp(name, "--help"))
            return fputs(help, stdout), 1;
        if (!strcmp(name, "--version"))
            return puts("kextld " KEXTLD_VERSION), 1;
        if (takes_value(name)) {
            if (++i == argc)
                return ld_fail(ld, "%s needs an argument", name);
            if (parse_valued(ld, name, argv[i]))
                return -1;
        } else if (name[0] == '-') {
            if (parse_flag(ld, name))
                return -1;
        } else {
            add(ld, &ld->opt.inputs, name);
        }
    }
    return complete(ld);
}
