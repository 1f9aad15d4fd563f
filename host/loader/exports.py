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
"""
import struct
import sys

SYSTEMS = ['x10.6', 'x10.7', 'x10.8', 'x10.9', 'x10.13', 'x10.15', 'x11']
# Functions of the Linux side: host/linux, host/qemu, host/edge, host/loader and host/*.c.
BOUNDARY = ('lx_', 'qemu_', 'edge_', 'host_', 'kext_')
# libstdc++ has these too; C++ on the Linux side (the demangler) must not get the kernel's.
OPERATORS = ('_Znwm', '_Znam', '_ZdlPv', '_ZdaPv', '_ZdlPvm', '_ZdaPvm')
SHT_SYMTAB, SHT_RELA = 2, 4
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
    """Symbols and relocations of an x86-64 ELF relocatable file."""

    def __init__(self, path):
        with open(path, 'rb') as f:
            self.data = f.read()
        if self.data[:6] != b'\x7fELF\x02\x01':
            sys.exit(f'exports.py: {path}: no 64-bit ELF object')
        offset, = struct.unpack_from('<Q', self.data, 0x28)
        size, count = struct.unpack_from('<HH', self.data, 0x3a)
        self.sections = [struct.unpack_from('<IIQQQQIIQQ', self.data, offset + i * size)
                         for i in range(count)]
        self.symbols, self.relocations = [], {}
        for s in self.sections:
            if s[1] == SHT_SYMTAB:
                self.read_symbols(s)
        for s in self.sections:
            if s[1] == SHT_RELA:
                self.read_relocations(s)

    def text(self, strings, at):
        start = self.sections[strings][4] + at
        return self.data[start:self.data.index(b'\0', start)].decode()

    def read_symbols(self, section):
        for at in range(section[4], section[4] + section[5], 24):
            name, info, _, shndx, value, size = struct.unpack_from('<IBBHQQ', self.data, at)
            self.symbols.append(Symbol(self.text(section[6], name), info, shndx, value, size))

    def read_relocations(self, section):
        """section index -> {offset: symbol}"""
        table = self.relocations.setdefault(section[7], {})
        for at in range(section[4], section[4] + section[5], 24):
            offset, info, _ = struct.unpack_from('<QQq', self.data, at)
            table[offset] = self.symbols[info >> 32]


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
        found.append((s, [relocations.get(s.value + at) for at in range(16, s.size, 8)]))
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
        elif not name.startswith(BOUNDARY):
            problems.append(f'{name}: neither a KPI name nor one of a boundary ({" ".join(BOUNDARY)})')
    problems += [f'{n}: in a vtable, but no C++ method' for n in sorted(in_tables) if not is_cxx(n)]
    if problems:
        print(f'exports.py: {path}: the kernel side is incomplete:', *problems, sep='\n    ', file=sys.stderr)
        sys.exit(1)


class Writer:
    def __init__(self, listed, libc):
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


def write_stubs(w, names):
    w.lines.append('.text')
    for n in names:
        w.lines += [f'.globl {n}', f'.type {n}, @function', '.balign 16', f'{n}:']
        w.emit(f'lea {w.string("_" + n)}(%rip), %rdi')
        w.emit('jmp host_unimplemented')
    w.lines.append('.section .data.rel.ro,"aw",@progbits')
    w.begin('host_stubs', len(names))
    for n in names:
        w.emit(f'.quad {w.string("_" + n)}, {n}')


def write_exports(w, defined, listed, stubs, sets):
    rows = sorted((n for n in defined if '_' + n in listed and listed['_' + n][0] and n not in stubs),
                  key=lambda n: n.encode())
    w.begin('host_exports', len(rows))
    for n in rows:
        systems, libraries = listed['_' + n]
        w.emit(f'.quad {w.string("_" + n)}, {w.renamed(n)}')
        w.emit(f'.long {systems}, {libraries}')
    for label, names in (('host_systems', SYSTEMS), ('host_sets', sets)):
        w.begin(label, len(names))
        for n in names:
            w.emit(f'.quad {w.string(n)}')


def write_vtables(w, tables):
    for i, (_, slots) in enumerate(tables):
        w.lines.append(f'.Ln{i}:')
        for s in slots:
            w.emit(f'.quad {w.string("_" + s.name) if s and s.name and s.kind != 3 else 0}')
    w.begin('host_vtables', len(tables))
    for i, (symbol, slots) in enumerate(tables):
        w.emit(f'.quad {w.string("_" + symbol.name)}, {symbol.name} + 16')
        w.emit(f'.long {len(slots)}, 0')
        w.emit(f'.quad .Ln{i}')


def write_pads(w, path):
    rows = [(p, r, mask(m)) for p, r, m in read_tsv(path)]
    w.begin('host_pads', len(rows))
    for pad, real, systems in rows:
        w.emit(f'.quad {w.string(pad)}, {w.string(real)}')
        w.emit(f'.long {systems}, 0')


def main():
    if len(sys.argv) != 6:
        sys.exit(__doc__)
    path, exports, pads, libc, out = sys.argv[1:]
    obj = Object(path)
    listed, sets = read_exports(exports)
    defined = {s.name for s in obj.symbols if s.defined and s.is_global and s.name}
    in_tables, used = undefined_uses(obj)
    check(in_tables, used, defined, listed, path)
    with open(libc, encoding='ascii') as f:
        w = Writer(listed, set(f.read().split()))
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
