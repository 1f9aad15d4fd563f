#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Reads a kext's binary as the linkers of its systems would, with struct alone, and says what they would refuse or get wrong.
It shares no code with kextld and none with the host's loader; it knows kpi/abi/.

usage: binary.py SYSTEM[,SYSTEM...] FILE [KEXT...]      ids as in kpi/abi/README; KEXT: binaries that FILE links against
       binary.py --offset SYSTEM CLASS METHOD           where a call through CLASS's vtable finds METHOD (mangled, without
                                                        class), from the symbol __ZTV...: i386 and x86_64 alike
A universal file's slice for the systems is taken. What is checked:
  imports   every strong undefined symbol is exported by each system (a padding slot's name by the oldest), or by a KEXT; weak
            ones by some system, on x86_64, beside gOSKextUnresolved. Of a bundle: by a library that its Info.plist asks for
  vtables   of each class with a superClass pointer and of its metaclass: two zero words, then slot by slot the oldest system's
            table of the parent (the same symbol, or a method of ours of the same name and parameters; in a padding slot any
            function of ours), then a zero word in the same section
  i386      one unnamed segment, LC_SYMTAB, LC_UUID; __TEXT,__text at 0, __TEXT before __DATA, zerofill last; relocations
            VANILLA of 4 bytes, none scattered, by descending address, external ones to undefined symbols only; symbols local,
            external by name, undefined; _kmod_info, superClass and __ZTV external; nothing weak
Prints one line a finding; exit 1 if there is any.
"""
import os
import re
import struct
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FACTS = ROOT + '/kpi/abi/'
FALLBACK = {'i10.5': 'i10.6', 'i10.7': 'i10.6', 'x10.7': 'x10.6', 'x10.8': 'x10.7', 'x10.9': 'x10.8', 'x10.13': 'x10.9',
            'x10.15': 'x10.13', 'x11': 'x10.15'}


def rows(name):
    with open(FACTS + name) as f:
        for line in f:
            yield line.rstrip('\n').split('\t')


class Tables:
    """A system's vtables by class."""

    def __init__(self, system):
        order = [system]
        while order[-1] in FALLBACK:
            order.append(FALLBACK[order[-1]])
        found = {}
        for r in rows('vtables.tsv'):
            if r[1] in order:
                found.setdefault(r[2], {}).setdefault(r[1], []).append(r)
        self.own = {c: next(by[i] for i in order if i in by) for c, by in found.items()}

    def full(self, cls):
        head = next(r for r in self.own[cls] if r[0] == 'C')
        table = self.full(head[3]) if int(head[5]) else []
        table += [None] * (int(head[4]) - len(table))
        for r in self.own[cls]:
            if r[0] == 'V':
                table[int(r[3])] = r[4]
        return table


def demangle(names):
    out = subprocess.run(['c++filt', '-_'], input='\n'.join(names) + '\n', stdout=subprocess.PIPE,
                         universal_newlines=True).stdout.split('\n')
    return dict(zip(names, out))


def method(text):
    """A demangled function without its class; of destructors only that they are some."""
    head, _, parameters = text.partition('(')
    name = head.rpartition('::')[2]
    return '~' if name.startswith('~') else name + '(' + parameters


class Binary:
    def __init__(self, path, wide):
        d = open(path, 'rb').read()
        if d[:4] == b'\xca\xfe\xba\xbe':
            for i in range(struct.unpack('>I', d[4:8])[0]):
                cpu, _, off, size, _ = struct.unpack_from('>5I', d, 8 + 20 * i)
                if cpu == (0x01000007 if wide else 7):
                    d = d[off : off + size]
                    break
        self.d, self.wide, self.word = d, wide, 8 if wide else 4
        self.head = struct.unpack_from('<7I', d)
        if self.head[0] != (0xFEEDFACF if wide else 0xFEEDFACE):
            sys.exit('binary.py: %s has no part for %s' % (path, 'x86_64' if wide else 'i386'))
        self.commands, self.segments, self.sections, self.relocs = [], [], [], {}
        off = 32 if wide else 28
        for _ in range(self.head[4]):
            cmd, size = struct.unpack_from('<2I', d, off)
            self.commands.append(cmd)
            if cmd in (1, 0x19):
                self.segment(off)
            elif cmd == 2:
                self.symtab = struct.unpack_from('<4I', d, off + 8)
            elif cmd == 0xB:
                dysymtab = struct.unpack_from('<18I', d, off + 8)
            off += size
        self.symbols = [self.symbol(i) for i in range(self.symtab[1])]
        self.at = {}
        for name, kind, _, _, value in self.symbols:
            if kind & 0xE == 0xE:
                self.at.setdefault(value, []).append(name)
        if wide:
            for k in (14, 16):
                for i in range(dysymtab[k + 1]):
                    w0, w1 = struct.unpack_from('<2I', d, dysymtab[k] + 8 * i)
                    self.relocs[w0] = (w0, w1)
        else:
            for s in self.sections:
                for w0, w1 in self.entries(s):
                    self.relocs[s['addr'] + (w0 & 0xFFFFFF)] = (w0, w1)

    def segment(self, off):
        count, = struct.unpack_from('<I', self.d, off + (64 if self.wide else 48))
        self.segments.append(self.text(self.d[off + 8 : off + 24]))
        for i in range(count):
            form, size, at = ('<16s16s2Q6I', 80, 72) if self.wide else ('<16s16s8I', 68, 56)
            f = struct.unpack_from(form, self.d, off + at + size * i)
            self.sections.append(dict(zip(('name', 'seg', 'addr', 'size', 'off', 'align', 'reloff', 'nreloc', 'flags'),
                                          (self.text(f[0]), self.text(f[1])) + f[2:9])))

    @staticmethod
    def text(b):
        return b.split(b'\0')[0].decode()

    def symbol(self, i):
        strx, kind, sect, desc, value = struct.unpack_from('<IBBHQ' if self.wide else '<IBBHI', self.d,
                                                           self.symtab[0] + (16 if self.wide else 12) * i)
        start = self.symtab[2] + strx
        return self.d[start : self.d.index(b'\0', start)].decode(), kind, sect, desc, value

    def entries(self, s):
        return [struct.unpack_from('<2I', self.d, s['reloff'] + 8 * i) for i in range(s['nreloc'])]

    def section_at(self, address):
        return next(s for s in self.sections if s['addr'] <= address < s['addr'] + s['size'])

    def content(self, address):
        s = self.section_at(address)
        return struct.unpack_from('<Q' if self.wide else '<I', self.d, s['off'] + address - s['addr'])[0]

    def target(self, address):
        """What the word at an address points to: names of ours, or of one undefined symbol."""
        w0, w1 = self.relocs[address]
        if w1 >> 27 & 1 and not w0 >> 31:
            return [self.symbols[w1 & 0xFFFFFF][0]]
        return self.at.get(self.content(address), ['?'])


class Check:
    def __init__(self, systems, path, kexts):
        self.systems, self.wide = systems, systems[0][0] == 'x'
        self.b, self.file = Binary(path, self.wide), path
        self.kexts = [Binary(k, self.wide) for k in kexts]
        self.findings, self.padding = [], set()

    def find(self, fmt, *args):
        self.findings.append(fmt % args)

    def object_form(self):
        b = self.b
        if b.head[3] != 1 or b.commands != [1, 2, 0x1B] or b.segments != ['']:
            self.find('not an object of one unnamed LC_SEGMENT, LC_SYMTAB, LC_UUID')
        places = [s['seg'] for s in b.sections]
        if places != sorted(places, reverse=True) or (b.sections[0]['name'], b.sections[0]['addr']) != ('__text', 0):
            self.find('sections: %s', ' '.join('%s,%s' % (s['seg'], s['name']) for s in b.sections))
        zero = [s['flags'] & 0xFF == 1 for s in b.sections]
        if zero != sorted(zero):
            self.find('zerofill before contents')
        for s in b.sections:
            if s['name'].startswith('__mod_'):
                self.find('section %s: 10.5 and 10.6 run __constructor and __destructor only', s['name'])
            self.section_relocs(s)

    def section_relocs(self, s):
        last = None
        for w0, w1 in self.b.entries(s):
            where = 'relocation at %s,%s+0x%x' % (s['seg'], s['name'], w0 & 0xFFFFFF)
            if w0 >> 31:
                self.find('%s: scattered', where)
                continue
            number, length, external, kind = w1 & 0xFFFFFF, w1 >> 25 & 3, w1 >> 27 & 1, w1 >> 28
            if (length, kind) != (2, 0):
                self.find('%s: type %d length %d', where, kind, length)
            if external and (number >= len(self.b.symbols) or self.b.symbols[number][1] & 0xE):
                self.find('%s: external to a symbol that is not undefined', where)
            if not external and not 1 <= number <= len(self.b.sections):
                self.find('%s: no section %d', where, number)
            if last is not None and w0 >= last:
                self.find('%s: not in descending order', where)
            last = w0

    def symbol_order(self):
        def rank(kind):
            return 2 if kind & 0xE == 0 else kind & 1
        ranks = [rank(s[1]) for s in self.b.symbols]
        if ranks != sorted(ranks):
            self.find('symbols: not local, external, undefined')
        for r in (1, 2):
            names = [s[0] for s, k in zip(self.b.symbols, ranks) if k == r]
            if names != sorted(names):
                self.find('symbols: %s ones are not sorted by name', ('external', 'undefined')[r - 1])
        for name, kind, _, _, _ in self.b.symbols:
            if (name == '_kmod_info' or re.match(r'__ZTV|__ZN.*10superClassE$', name)) and not kind & 1:
                self.find('%s is not external', name)

    def classes(self):
        self.tables = Tables(self.systems[0])
        for name, kind, _, _, value in self.b.symbols:
            m = re.match(r'__ZN(\d+\w+)10superClassE$', name)
            if not m or kind & 0xE != 0xE:
                continue
            parent = re.match(r'__ZN\d+(\w+)10gMetaClassE$', self.b.target(value)[0])
            if not parent or parent.group(1) not in self.tables.own:
                self.find('%s leads to %s, no class of the facts', name, self.b.target(value)[0])
                continue
            self.vtable('__ZTV' + m.group(1), parent.group(1))
            self.vtable('__ZTVN%s9MetaClassE' % m.group(1), 'OSMetaClass')

    def vtable(self, name, parent):
        b, at = self.b, next((s[4] for s in self.b.symbols if s[0] == name and s[1] & 0xE == 0xE), None)
        if at is None:
            return self.find('%s is missing', name)
        section = b.section_at(at)
        end = section['addr'] + section['size']
        if any(a in b.relocs or b.content(a) for a in (at, at + b.word)):
            self.find('%s: its first two words are not zero', name)
        slots, a = [], at + 2 * b.word
        while a < end and (a in b.relocs or b.content(a)):
            if a not in b.relocs:
                self.find('%s: no relocation at slot %d', name, len(slots))
                break
            slots.append(b.target(a))
            a += b.word
        else:
            if a >= end:
                self.find('%s: no zero word ends it', name)
        self.slots(name, slots, self.tables.full(parent))

    def slots(self, name, ours, wanted):
        if len(ours) < len(wanted):
            self.find('%s: %d slots, its parent has %d', name, len(ours), len(wanted))
        text = demangle([n for names in ours for n in names] + wanted)
        for i, (names, want) in enumerate(zip(ours, wanted)):
            if '_RESERVED' in want:
                self.padding.add(want)
            same = want in names or any(method(text[n]) == method(text[want]) for n in names)
            c_name = '_RESERVED' in want and not any(n.startswith('__Z') for n in names)
            if not same and not c_name:
                self.find('%s slot %d: %s, %s has %s', name, i, names[0], self.systems[0], want)

    def libraries(self):
        """What the bundle's Info.plist asks for: the kernel binds a kext to nothing else. None: not in a bundle."""
        plist = os.path.join(os.path.dirname(self.file), '..', 'Info.plist')
        if not os.path.exists(plist):
            return None
        with open(plist) as f:
            asked = re.search('<key>OSBundleLibraries</key>(.*?)</dict>', f.read(), re.S)
        return set(re.findall('<key>(.*?)</key>', asked.group(1)))

    def imports(self):
        exports, libraries = {}, self.libraries()
        for symbol, mask, library in rows('exports.tsv'):
            if library != 'com.apple.kpi.private' and (libraries is None or library in libraries):
                exports.setdefault(symbol, set()).update(self.systems if mask == '*' else mask.split(','))
        given = {s[0] for k in self.kexts for s in k.symbols if s[1] & 1 and s[1] & 0xE}
        undefined = {s[0]: s[3] & 0x40 for s in self.b.symbols if s[1] & 0xE == 0}
        for name, weak in sorted(undefined.items()):
            missing = [i for i in self.systems if i not in exports.get(name, ())]
            if name in given or not missing:
                continue
            if not weak and not (name in self.padding and self.systems[0] not in missing):
                self.find('%s: strong, and not exported by %s', name, ' '.join(missing))
            elif weak and len(missing) == len(self.systems):
                self.find('%s: weak, and no system exports it', name)
        if any(undefined.values()) and (not self.wide or '_gOSKextUnresolved' not in undefined):
            self.find('weak symbols, which nothing binds')
        return len(undefined)

    def run(self):
        if not self.wide:
            self.object_form()
            self.symbol_order()
        if not self.findings:
            self.classes()
        count = self.imports()
        print('\n'.join(self.findings) or '%d imports' % count)
        return 1 if self.findings else 0


def main(argv):
    if len(argv) == 4 and argv[0] == '--offset':
        system, cls, name = argv[1:]
        slot = [i for i, m in enumerate(Tables(system).full(cls)) if m.endswith(name)][0]
        print((slot + 2) * (8 if system[0] == 'x' else 4))
        return 0
    if len(argv) < 2:
        sys.exit(__doc__)
    return Check(argv[0].split(','), argv[1], argv[2:]).run()


sys.exit(main(sys.argv[1:]))
