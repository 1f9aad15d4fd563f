// SPDX-License-Identifier: BSD-3-Clause
/*
 * kextld: links Mach-O objects to a kext binary that the kernels of Mac OS X 10.5 to 10.15 load.
 *
 * Theory of operation. A kext is almost linked: what lies inside is resolved, what lies outside is left to
 * the linker in the kernel (kxld), which knows two relocations only (8-byte pointers and branches), slides
 * the image, binds names to what dependencies export and patches vtables slot by slot. So this linker has to
 *   1. read each object, trusting nothing (reader.c), cut its sections into pieces at symbols (pieces.c), and
 * turn its relocations into references that no longer depend on the processor (arch_*.c, decode);
 *   2. settle what each name means (symbols.c): one definition, commons become zerofill, of several copies of
 * an inline function the first stays, and everything that need not be seen is hidden, for an external name
 * that a dependency has too is fatal at load;
 *   3. see which references remain and what they need (relocate.c): a `mov` from the table of pointers
 * becomes a `lea` when its target is here, else a slot in __DATA,__got with an external relocation;
 *   4. refuse what some supported system would not bind (check.c, exports.c);
 *   5. lay out __TEXT, __DATA and the symbol table (layout.c, symtab.c), fill them, resolving every field
 *      (relocate.c, arch_*.c, apply), check the vtables, class pointers and _kmod_info that came out
 * (check.c), and write headers and __LINKEDIT around them (writer.c). _kmod_info is an ordinary variable of
 * the kext (KMOD_EXPLICIT_DECL); -id and -version check it against the bundle.
 *
 * On i386 a kext is an object file: place_object() and writer_object.c make that, vtables.c gives clang's
 * vtables the form of Apple's i386 compiler, and no symbol may be weak.
 *
 * Limits: no archives, no dead stripping, no merging of equal literals, no debug information.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "kextld.h"

static void to_stderr(void *context, const char *line)
{
    fprintf(stderr, "kextld: %s\n", line);
}

static int read_inputs(struct ld *ld)
{
    const struct options *o = &ld->opt;
    struct buffer file;

    if (o->kpi && exports_read(ld, o->kpi))
        return -1;
    for (size_t i = 0; i < o->kexts.n; i++) {
        if (ld_read_file(ld, o->kexts.v[i], &file) || exports_read_kext(ld, o->kexts.v[i], file))
            return -1;
    }
    for (size_t i = 0; i < o->inputs.n; i++) {
        if (ld_read_file(ld, o->inputs.v[i], &file) || object_read(ld, o->inputs.v[i], file))
            return -1;
    }
    return 0;
}

/* What was written in part goes away, unless it is a device or the like. */
static int write_output(struct ld *ld)
{
    const char *path = ld->opt.output;
    FILE *f = fopen(path, "wb");
    struct stat st;
    bool ok, regular;

    if (!f)
        return ld_fail(ld, "%s: %s", path, strerror(errno));
    regular = fstat(fileno(f), &st) == 0 && S_ISREG(st.st_mode);
    ok = fwrite(ld->out.data, 1, ld->out.size, f) == ld->out.size;
    ok = fclose(f) == 0 && ok;
    if (ok)
        return 0;
    ld_fail(ld, "%s: cannot write: %s", path, strerror(errno));
    if (regular)
        remove(path);
    return -1;
}

int main(int argc, char **argv)
{
    struct ld ld = {.report = to_stderr};
    int parsed = options_parse(&ld, argc, argv);
    bool ok = parsed == 0 && !read_inputs(&ld) && !ld_link(&ld) && !write_output(&ld);

    arena_free(&ld.mem);
    return ok || parsed == 1 ? 0 : 1;
}
