#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Makes the host's export tables (host/loader/exports.h) from the KPI side's object, `ld -r` of all of it.

usage: exports.py OBJECT exports.tsv pads.tsv libc.names OUT

Writes OUT.S (tables and stubs), OUT.redefine (for objcopy --redefine-syms: C names of the KPI and of libc get
the prefix kpi_, so that the kernel's memcpy is not libc's) and OUT.unlisted (C++ names that the object defines
globally and Apple's systems do not export: a spelling that differs from Apple's shows here). Exit 1, naming them
all, when the object calls C++ methods that nobody defines, or C functions that are neither defined there nor
names of a boundary: they would silently become libc's. A virtual method that only vtables mention gets a stub
that stops the run.

The object's width chooses the systems (i386 or x86_64), and with i386 the table has the C++ ABI of Apple's kernels:
a vptr is &__ZTV + 0, and kpi/ has two dummy methods at a table's head, so that clang's vptr, _ZTV + 8, is right.
"""
import struct
import sys

SYSTEMS64 = ['x10.6', 'x10.7', 'x10.8', 'x10.9', 'x10.13', 'x10.15', 'x11']
SYSTEMS32 = ['i10.5', 'i10.6', 'i10.7']
SYSTEMS = list(SYSTEMS64)
# Functions of the Linux side: host/linux, host/qemu, host/edge, host/loader and host/*.c.
BOUNDARY = ('lx_', 'qemu_', 'edge_', 'host_', 'kext_')
# libstdc++ has these too; C++ on the Linux side (the demangler) must not get the kernel's.
OPERATORS = ('_Znwm', '_Znam', '_ZdlPv', '_ZdaPv', '_ZdlPvm', '_ZdaPvm')
# What a compiler calls for 64-bit arithmetic on i386: libgcc has them.
RUNTIME = ('__udivdi3', '__umoddi3', '__divdi3', '__moddi3', '__divmoddi4', '__udivmoddi4')
SHT_SYMTAB, SHT_RELA, SHT_REL = 2, 4, 9
HEADER = 16  # of a table: two words, and with i386 the two dummies
WEAK = 2


class Symbol:
    def __init__(self, name, info, section, value, size):
        self.name, self.section, self.value, self.size = name, section, value, size
        self.bind, self.kind = info >> 4, info & 15

    @property
    def defined(self):
        return self.section != 0

    @property
    def is_global(self):
        return self.bind != 0


class Object:
    """Symbols and relocations of an ELF relocatable file, x86-64 or i386."""

    def __init__(self, path):
        with open(path, 'rb') as f:
            self.data = f.read()
        if self.data[:6] not in (b'\x7fELF\x02\x01', b'\x7fELF\x01\x01'):
            sys.exit(f'exports.py: {path}: no ELF object')
        self.wide = self.data[4] == 2
        offset, = struct.unpack_from('<Q' if self.wide else '<I', self.data, 0x28 if self.wide else 0x20)
        size, count = struct.unpack_from('<HH', self.data, 0x3a if self.wide else 0x2e)
        self.sections = [struct.unpack_from('<IIQQQQIIQQ' if self.wide else '<10I', self.data, offset + i * size)
                         for i in range(count)]
        self.symbols, self.relocations = [], {}
        for s in self.sections:
            if s[1] == SHT_SYMTAB:
                self.read_symbols(s)
        for s in self.sections:
            if s[1] in (SHT_RELA, SHT_REL):
                self.read_relocations(s)

    def text(self, strings, at):
        start = self.sections[strings][4] + at
        return self.data[start:self.data.index(b'\0', start)].decode()

    def read_symbols(self, section):
        for at in range(section[4], section[4] + section[5], 24 if self.wide else 16):
            if self.wide:
                name, info, _, shndx, value, size = struct.unpack_from('<IBBHQQ', self.data, at)
            else:
                name, value, size, info, _, shndx = struct.unpack_from('<IIIBBH', self.data, at)
            self.symbols.append(Symbol(self.text(section[6], name), info, shndx, value, size))

    def read_relocations(self, section):
        """section index -> {offset: symbol}"""
        table = self.relocations.setdefault(section[7], {})
        for at in range(section[4], section[4] + section[5], 24 if self.wide else 8):
            offset, info = struct.unpack_from('<QQ' if self.wide else '<II', self.data, at)
            table[offset] = self.symbols[info >> (32 if self.wide else 8)]


def read_tsv(path):
    with open(path, encoding='ascii') as f:
        for line in f:
            if not line.startswith('#'):
                yield line.rstrip('\n').split('\t')


def mask(text):
    if text == '*':
        return (1 << len(SYSTEMS)) - 1
    return sum(1 << i for i, s in enumerate(SYSTEMS) if s in text.split(','))


def read_exports(path):
    """name -> [systems, sets], and the sets' names"""
    names, sets = {}, []
    for name, systems, library in read_tsv(path):
        if library not in sets:
            sets.append(library)
        entry = names.setdefault(name, [0, 0])
        entry[0] |= mask(systems)
        entry[1] |= 1 << sets.index(library)
    return names, sets


def is_cxx(name):
    return name.startswith('_Z')


def vtables(obj):
    """Tables that a kext's class can inherit: (symbol, [slot symbols or None])"""
    found = []
    for s in obj.symbols:
        if not (s.defined and s.is_global and s.name.startswith('_ZTV')):
            continue
        if s.name.startswith('_ZTVN') and s.name.endswith('9MetaClassE'):
            continue
        relocations = obj.relocations.get(s.section, {})
        found.append((s, [relocations.get(s.value + at) for at in range(HEADER, s.size, 8 if obj.wide else 4)]))
    return sorted(found, key=lambda t: t[0].name)


def undefined_uses(obj):
    """Undefined names: (those that only tables mention, those that code or data uses)"""
    spans = {}
    for s in obj.symbols:
        if s.defined and s.name.startswith('_ZTV'):
            spans.setdefault(s.section, []).append((s.value, s.value + s.size))
    used, in_tables = set(), set()
    for section, table in obj.relocations.items():
        for offset, s in table.items():
            if s.defined or not s.name:
                continue
            inside = any(a <= offset < b for a, b in spans.get(section, ()))
            (in_tables if inside else used).add(s.name)
    return in_tables - used, used


def check(in_tables, used, defined, listed, path):
    problems = []
    for name in sorted(used):
        if is_cxx(name):
            problems.append(f'{name}: used, but nobody defines it')
        elif '_' + name in listed:
            problems.append(f'{name}: a KPI name that is used, but nobody defines it')
        elif not name.startswith(BOUNDARY) and name not in RUNTIME:
            problems.append(f'{name}: neither a KPI name nor one of a boundary ({" ".join(BOUNDARY)})')
    problems += [f'{n}: in a vtable, but no C++ method' for n in sorted(in_tables) if not is_cxx(n)]
    if problems:
        print(f'exports.py: {path}: the kernel side is incomplete:', *problems, sep='\n    ', file=sys.stderr)
        sys.exit(1)


class Writer:
    def __init__(self, listed, libc, wide):
        self.wide, self.word, self.pad = wide, '.quad' if wide else '.long', ', 0' if wide else ''
        self.listed, self.libc, self.lines, self.pool, self.counts = listed, libc, [], {}, []

    def renamed(self, name):
        if name in OPERATORS or (not is_cxx(name) and ('_' + name in self.listed or name in self.libc)):
            return 'kpi_' + name
        return name

    def string(self, text):
        return self.pool.setdefault(text, f'.Ls{len(self.pool)}')

    def begin(self, label, rows=None):
        self.lines += [f'.globl {label}', '.balign 8', f'{label}:']
        if rows is not None:
            self.counts.append((label[:-1] + '_count', rows))

    def emit(self, text):
        self.lines.append('    ' + text)

    def finish(self, path):
        for label, n in self.counts:
            self.lines += [f'.globl {label}', '.balign 4', f'{label}: .long {n}']
        self.lines.append('.section .rodata.str1.1,"aMS",@progbits,1')
        self.lines += [f'{label}: .string "{text}"' for text, label in self.pool.items()]
        self.lines.append('.section .note.GNU-stack,"",@progbits')
        with open(path, 'w', encoding='ascii') as f:
            f.write('\n'.join(self.lines) + '\n')


# With i386 the caller's stack may be aligned to 4 only.
STUB64 = ['lea NAME(%rip), %rdi', 'jmp host_unimplemented']
STUB32 = ['mov (%esp), %eax', 'and $-16, %esp', 'sub $12, %esp', 'push $NAME', 'push %eax', 'jmp host_unimplemented']


def write_stubs(w, names):
    w.lines.append('.text')
    for n in names:
        w.lines += [f'.globl {n}', f'.type {n}, @function', '.balign 16', f'{n}:']
        for line in STUB64 if w.wide else STUB32:
            w.emit(line.replace('NAME', w.string('_' + n)))
    w.lines.append('.section .data.rel.ro,"aw",@progbits')
    w.begin('host_stubs', len(names))
    for n in names:
        w.emit(f'{w.word} {w.string("_" + n)}, {n}')


def write_exports(w, defined, listed, stubs, sets):
    rows = sorted((n for n in defined if '_' + n in listed and listed['_' + n][0] and n not in stubs),
                  key=lambda n: n.encode())
    w.begin('host_exports', len(rows))
    for n in rows:
        systems, libraries = listed['_' + n]
        vptr = '+8' if n.startswith('_ZTV') and not w.wide else ''
        w.emit(f'{w.word} {w.string("_" + n)}, {w.renamed(n)}{vptr}')
        w.emit(f'.long {systems}, {libraries}')
    for label, names in (('host_systems', SYSTEMS), ('host_sets', sets)):
        w.begin(label, len(names))
        for n in names:
            w.emit(f'{w.word} {w.string(n)}')


def write_vtables(w, tables):
    for i, (_, slots) in enumerate(tables):
        w.lines.append(f'.Ln{i}:')
        for s in slots:
            w.emit(f'{w.word} {w.string("_" + s.name) if s and s.name and s.kind != 3 else 0}')
    w.begin('host_vtables', len(tables))
    for i, (symbol, slots) in enumerate(tables):
        w.emit(f'{w.word} {w.string("_" + symbol.name)}, {symbol.name} + {HEADER}')
        w.emit(f'.long {len(slots)}{w.pad}')
        w.emit(f'{w.word} .Ln{i}')


def write_pads(w, path):
    rows = [(p, r, mask(m)) for p, r, m in read_tsv(path) if mask(m)]
    w.begin('host_pads', len(rows))
    for pad, real, systems in rows:
        w.emit(f'{w.word} {w.string(pad)}, {w.string(real)}')
        w.emit(f'.long {systems}{w.pad}')


def main():
    if len(sys.argv) != 6:
        sys.exit(__doc__)
    path, exports, pads, libc, out = sys.argv[1:]
    obj = Object(path)
    SYSTEMS[:] = SYSTEMS64 if obj.wide else SYSTEMS32
    listed, sets = read_exports(exports)
    defined = {s.name for s in obj.symbols if s.defined and s.is_global and s.name}
    in_tables, used = undefined_uses(obj)
    check(in_tables, used, defined, listed, path)
    with open(libc, encoding='ascii') as f:
        w = Writer(listed, set(f.read().split()), obj.wide)
    write_stubs(w, sorted(in_tables))
    write_exports(w, defined, listed, in_tables, sets)
    write_vtables(w, vtables(obj))
    write_pads(w, pads)
    w.finish(out + '.S')
    names = sorted({s.name for s in obj.symbols if s.is_global and s.name and w.renamed(s.name) != s.name})
    with open(out + '.redefine', 'w', encoding='ascii') as f:
        f.writelines(f'{n} {w.renamed(n)}\n' for n in names)
    weak = {s.name for s in obj.symbols if s.bind == WEAK}
    with open(out + '.unlisted', 'w', encoding='ascii') as f:
        f.writelines(f'_{n}\n' for n in sorted(defined - weak) if is_cxx(n) and '_' + n not in listed)


main()
