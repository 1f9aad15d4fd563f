#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Compares everything that kpi/ declares with the ABI facts in kpi/abi/ (see its README).

The headers themselves are the list: clang reads all of them and says which classes, records, constants, functions and
variables it saw, so that a new declaration cannot escape. What is compared:
  vtables    as emitted in LLVM IR (a definition of each class's key function makes clang emit it), slot by slot; on i386
             without the two dummies that stand before slot 0 (kpi/libkern/c++/OSMetaClass.h)
  records    size, alignment, field offsets, from clang's record layout dump
  constants  enumerators (AST) and object-like macros (evaluated by clang); a constant may be younger than the oldest system
  symbols    mangled names of functions and variables (AST) in the export lists
kpi/ has three views: i386 of 10.5, i386 of 10.6 and 10.7, x86_64 of 10.6 and later. A view's oldest system must match exactly.
A later one may put a reserved slot to use, or override an inherited method in another class of the chain. Any other difference
is listed with its reason in exceptions.tsv. Prints one line a finding; exit 1 if there is any.

usage: abicheck.py [--kpi DIR] [--facts DIR] [--exceptions FILE] [--elf] [ID...]
ids: i10.5 i10.6 i10.7 x10.6 x10.7 x10.8 x10.9 x10.13 x10.15 x11; none: all. --elf: as the host's compiler sees kpi/.
"""
import functools
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
ALL_IDS = ['i10.5', 'i10.6', 'i10.7', 'x10.6', 'x10.7', 'x10.8', 'x10.9', 'x10.13', 'x10.15', 'x11']
# Whose rows of vtables.tsv hold for a class that has none of the system's own.
FALLBACK = {'i10.5': 'i10.6', 'i10.7': 'i10.6', 'x10.7': 'x10.6', 'x10.8': 'x10.7', 'x10.9': 'x10.8', 'x10.13': 'x10.9',
            'x10.15': 'x10.13', 'x11': 'x10.15'}
CLANG = os.environ.get('CLANGXX', 'clang++')
FLAGS = ('-nostdinc -DKERNEL -DAPPLE -DNeXT -std=gnu++14 -fno-rtti -fno-exceptions -fno-threadsafe-statics '
         '-ffreestanding -fno-builtin -fno-access-control -w').split()
# The views, by their oldest system: systems, compiler options for a kext, for the host.
I386 = '-target i386-apple-macosx%s -static -Xclang -fapple-kext'
VIEWS = {'i10.5': (['i10.5'], I386 % '10.5', None),
         'i10.6': (['i10.6', 'i10.7'], I386 % '10.6', '-target i386-pc-openbsd'),
         'x10.6': (ALL_IDS[3:], '-target x86_64-apple-macosx10.6 -mkernel -fapple-kext', '')}
# Classes without OSDeclare...Structors: their key function.
KEYS = {'OSMetaClassBase': 'OSMetaClassBase::~OSMetaClassBase() {}',
        'OSMetaClass': 'void OSMetaClass::retain() const {}'}


def die(text):
    print('abicheck: ' + text, file=sys.stderr)
    sys.exit(2)


def has(mask, system):
    """A mask: * all, i* and x* all of a width, x10.9+ that system and later ones, or a system; several with commas."""
    for part in mask.split(','):
        if part in ('*', system, system[0] + '*'):
            return True
        if part.endswith('+') and part[0] == system[0] and part[:-1] in ALL_IDS:
            if ALL_IDS.index(system) >= ALL_IDS.index(part[:-1]):
                return True
    return False


def table(path):
    with open(path) as f:
        for line in f:
            if not line.startswith('#') and line.strip():
                yield line.rstrip('\n').split('\t')


class Facts:
    """The tables of kpi/abi, looked up by system."""

    def __init__(self, folder):
        self.shape, self.rows, self.cache = {}, {}, {}
        for p in table(folder + '/vtables.tsv'):
            if p[0] == 'C':
                self.shape[p[1], p[2]] = p[3:]
                self.rows[p[1], p[2]] = []
            else:
                self.rows[p[1], p[2]].append((int(p[3]), p[4], p[5]))
        self.records, self.fields = {}, {}
        for p in table(folder + '/records.tsv'):
            p[1] = re.sub(r'\(anonymous \w+\)::', '', p[1])
            if p[0] == 'R':
                self.records.setdefault(p[1], []).append((int(p[3]), int(p[4]), p[5]))
            else:
                self.fields.setdefault(p[1], []).append((p[2], p[3], p[4], p[5]))
        self.constants, self.exports = {}, {}
        for name, value, _, mask in table(folder + '/constants.tsv'):
            self.constants.setdefault(name, []).append((int(value), mask))
        for name, mask, _ in table(folder + '/exports.tsv'):
            self.exports.setdefault(name, []).append(mask)

    def key(self, system, cls):
        while (system, cls) not in self.shape and system in FALLBACK:
            system = FALLBACK[system]
        return (system, cls)

    def vtable(self, system, cls):
        """Slots of a class: list of (mangled, pure)."""
        if (system, cls) not in self.cache:
            k = self.key(system, cls)
            if k not in self.shape:
                return None
            base, slots, inherited = self.shape[k][0], int(self.shape[k][1]), int(self.shape[k][2])
            t = list(self.vtable(system, base)) if inherited else []
            t += [None] * (slots - len(t))
            for slot, mangled, flags in self.rows[k]:
                t[slot] = (mangled, 'P' in flags)
            self.cache[system, cls] = t
        return self.cache[system, cls]

    def class_size(self, system, cls):
        k = self.key(system, cls)
        return int(self.shape[k][3]) if k in self.shape else None


class Exceptions:
    """exceptions.tsv: kind name ids reason; a name ending in * is a prefix. Unused rows are findings too."""

    def __init__(self, path):
        self.rows = [dict(kind=p[0], name=p[1], ids=p[2], used=False) for p in table(path)]

    def allow(self, kind, name, system):
        found = False
        for r in self.rows:
            same = name.startswith(r['name'][:-1]) if r['name'].endswith('*') else name == r['name']
            if r['kind'] == kind and same and has(r['ids'], system):
                r['used'] = found = True
        return found

    def unused(self):
        return ['exceptions.tsv: %s %s %s is not needed' % (r['kind'], r['name'], r['ids']) for r in self.rows
                if not r['used']]


class Headers:
    """What clang sees in kpi/."""

    def __init__(self, kpi, view, elf):
        self.kpi, self.elf = kpi, elf
        self.target = VIEWS[view][2 if elf else 1].split()
        self.dummies = 2 if view[0] == 'i' else 0
        self.names = sorted(os.path.relpath(os.path.join(d, f), kpi)
                            for d, _, fs in os.walk(kpi) for f in fs if f.endswith('.h'))
        self.tu = ''.join('#include <%s>\n' % n for n in self.names)
        self.dir = tempfile.TemporaryDirectory()

    def clang(self, args, source, errors=False):
        path = self.dir.name + '/probe.cpp'
        with open(path, 'w') as f:
            f.write(source)
        r = subprocess.run([CLANG] + self.target + FLAGS + ['-I' + self.kpi] + args + [path], stdout=subprocess.PIPE,
                           stderr=subprocess.PIPE, universal_newlines=True)
        if errors:
            return r.stderr
        if r.returncode:
            die('kpi/ does not compile:\n' + r.stderr)
        return r.stdout

    def records(self):
        """{name: (size, align, polymorphic, {field: offset})}, anonymous members flattened."""
        # The first dump comes before attributes that follow the brace: it only tells the names.
        out = self.clang(['-fsyntax-only', '-Xclang', '-fdump-record-layouts-complete'], self.tu)
        blocks = dict(self.layouts(out))
        uses = ['typedef int probe_%d[sizeof(%s)];' % (i, n) for i, n in enumerate(blocks)]
        for i in self.bad_lines(uses):
            uses[i] = ''  # a record within an anonymous one has no name to use: its first dump must do
        out = self.clang(['-fsyntax-only', '-Xclang', '-fdump-record-layouts'], self.tu + '\n'.join(uses) + '\n')
        blocks.update(self.layouts(out))
        return {name: (int(re.search(r'sizeof=(\d+)', block).group(1)), int(re.search(r', align=(\d+)', block).group(1)),
                       'vtable pointer)' in block, self.members(block.split('\n')[1:]))
                for name, block in blocks.items()}

    def bad_lines(self, lines):
        """Indices of those lines that do not compile after all headers."""
        err = self.clang(['-fsyntax-only', '-ferror-limit=0'], self.tu + '\n'.join(lines) + '\n', errors=True)
        head = self.tu.count('\n')
        return set(int(m) - head - 1 for m in re.findall(r'probe\.cpp:(\d+):\d+: error', err))

    @staticmethod
    def layouts(out):
        for block in out.split('*** Dumping AST Record Layout')[1:]:
            block = block.strip('\n')
            name = re.sub(r' \(empty\)$', '', block.split('\n')[0].split('|')[1].strip())
            name = re.sub(r'^(class|struct|union) ', '', name)
            if not re.search(r'\(|^__NSConstantString|^__va_list_tag$', name):
                yield name, block

    @staticmethod
    def members(lines):
        fields, depths = {}, [2]
        for line in lines:
            m = re.match(r' *([\d:-]+) \|( +)(.*)$', line)
            if not m:
                continue
            depth, text = len(m.group(2)) - 1, m.group(3)
            while depth < depths[-1]:
                depths.pop()
            if depth != depths[-1] or text.startswith('('):
                continue
            if re.search(r'(anonymous|unnamed)[^)]*\)$', text):
                depths.append(depth + 2)
            elif not re.search(r'\((primary )?base\)( \(empty\))?$', text):
                where = m.group(1)
                b = re.match(r'(\d+):(-|(\d+)-)', where)
                fields[text.split(' ')[-1]] = where if not b else '%s.%s' % (b.group(1), b.group(3) or '0')
        return fields

    def vtables(self, classes):
        """{class: [mangled or '__cxa_pure_virtual']} as the compiler emits it."""
        special = KEYS if not self.dummies else dict(KEYS, OSMetaClassBase='void OSMetaClassBase::_vptr0() {}')
        keys = [special.get(c, 'const OSMetaClass *%s::getMetaClass() const { return 0; }' % c) for c in classes]
        ir = self.clang(['-O0', '-S', '-emit-llvm', '-o', '-'], self.tu + '\n'.join(keys) + '\n')
        result = {}
        for name, body in re.findall(r'^@_ZTV(\d\w*) = .*?\{ \[\d+ x i8\*\] \[(.*)\] \}', ir, re.M):
            cells = re.findall(r'@(\w+)|i8\* (null)', body)
            end = len(cells) - (0 if self.elf else 1)  # a kext's vtable ends with a zero word
            result[re.sub(r'^\d+', '', name)] = [a for a, _ in cells[2 + self.dummies:end]]
        return result

    def declarations(self):
        """({symbol}, [(qualified enumerator, value)], {class: [pure method]}) from clang's AST."""
        source = self.dir.name + '/all.cpp'
        with open(source, 'w') as f:
            f.write(self.tu)
        wanted = r'"(kind|name|mangledName|value|isImplicit|virtual|pure|storageClass)": '
        dump = subprocess.Popen([CLANG] + self.target + FLAGS + ['-I' + self.kpi, '-fsyntax-only', '-Xclang',
                                '-ast-dump=json', source], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        grep = subprocess.Popen(['grep', '-E', wanted], stdin=dump.stdout, stdout=subprocess.PIPE,
                                universal_newlines=True)
        dump.stdout.close()
        return Walker().run(grep.stdout)

    def macros(self):
        """{name: body} of object-like macros that kpi/ defines, but strings and braces."""
        text = self.clang(['-E', '-dD'], self.tu)
        result, mine = {}, False
        for line in text.split('\n'):
            m = re.match(r'# \d+ "([^"]*)"', line)
            if m:
                mine = m.group(1).startswith(self.kpi)
            elif mine:
                m = re.match(r'#define (\w+) (.+)$', line)
                if m and not re.search(r'["{}]', m.group(2)):
                    result[m.group(1)] = m.group(2)
        return result

    def values(self, names):
        """{name: integer} of those macros that are integer constants."""
        bad = self.bad_lines(['enum probe_%s { probe_value_%s = (long long)(%s) };' % (n, n, n) for n in names])
        good = [n for i, n in enumerate(names) if i not in bad]
        src = self.tu + ''.join('extern "C" const long long probe_%s = (long long)(%s);\n' % (n, n) for n in good)
        ir = self.clang(['-O0', '-S', '-emit-llvm', '-o', '-'], src)
        return {n: int(v) for n, v in re.findall(r'^@probe_(\w+) = .*constant i64 (-?\d+)', ir, re.M)}


class Walker:
    """Reads clang's pretty-printed JSON line by line: the indentation tells the depth."""

    def __init__(self):
        self.symbols, self.bodies, self.enumerators, self.pure, self.stack = set(), set(), [], {}, []

    def close(self, depth):
        while self.stack and self.stack[-1]['depth'] >= depth:
            node = self.stack.pop()
            self.leave(node)

    def leave(self, node):
        kind, parent = node['kind'], self.stack[-1] if self.stack else None
        if kind == 'CompoundStmt' and parent:
            parent['body'] = True
        elif kind in ('ConstantExpr', 'IntegerLiteral', 'CXXBoolLiteralExpr') and parent and 'value' in node:
            parent.setdefault('const', node['value'])
        elif kind == 'ImplicitCastExpr' and parent and 'const' in node:
            parent.setdefault('const', node['const'])
        elif kind == 'EnumConstantDecl':
            self.enumerator(node, parent)
        elif kind in ('FunctionDecl', 'CXXMethodDecl', 'VarDecl', 'CXXConstructorDecl', 'CXXDestructorDecl'):
            self.symbol(node)

    def enumerator(self, node, parent):
        value = node.get('const')
        value = {'true': 1, 'false': 0}.get(value, value)
        value = parent.get('last', -1) + 1 if value is None else int(value)
        parent['last'] = value
        scope = [n['name'] for n in self.stack if n['kind'] == 'CXXRecordDecl' and 'name' in n]
        self.enumerators.append(('::'.join(scope + [node['name']]), value))

    def symbol(self, node):
        inside = [n for n in self.stack if n['kind'] in ('FunctionDecl', 'CXXMethodDecl', 'CompoundStmt')]
        if node.get('pure'):
            self.pure.setdefault(self.stack[-1]['name'], []).append(node['mangledName'])
        if inside or 'mangledName' not in node or node.get('isImplicit') or node.get('virtual'):
            return
        if node.get('body'):
            self.bodies.add(node['mangledName'])
            return
        if node['kind'] in ('FunctionDecl', 'VarDecl') and node.get('storageClass') == 'static':
            if not any(n['kind'] == 'CXXRecordDecl' for n in self.stack):
                return
        if node['kind'] == 'VarDecl' and 'const' in node:
            return
        self.symbols.add(node['mangledName'])

    def run(self, lines):
        pattern = re.compile(r'( *)"(\w+)": "?(.*?)"?,?$')
        for line in lines:
            m = pattern.match(line)
            depth, key, value = len(m.group(1)), m.group(2), m.group(3)
            if depth % 4 != 2:
                continue  # inside "type", "referencedDecl"...: not a node of its own
            if key == 'kind':
                self.close(depth)
                self.stack.append(dict(depth=depth, kind=value))
            elif self.stack and depth == self.stack[-1]['depth']:
                self.stack[-1][key] = value
        self.close(0)
        return self.symbols - self.bodies, self.enumerators, self.pure


@functools.lru_cache(maxsize=None)
def method(mangled):
    """A method without its class: name and parameters."""
    text = subprocess.run(['c++filt', '-_', mangled], stdout=subprocess.PIPE, universal_newlines=True).stdout.strip()
    head, _, parameters = text.partition('(')
    return head.rpartition('::')[2] + '(' + parameters


def same_method(a, b):
    """A later system may override a method further down, or no longer."""
    return method(a) == method(b)


class Check:
    """One view of kpi/ against its systems."""

    def __init__(self, headers, facts, exceptions, oldest, ids):
        self.headers, self.facts, self.exceptions, self.oldest, self.ids = headers, facts, exceptions, oldest, ids
        self.findings, self.compared = [], 0

    def find(self, kind, name, system, text):
        if not self.exceptions.allow(kind, name, system):
            self.findings.append(text)

    def classes(self, records):
        names = [n for n, r in sorted(records.items()) if r[2] and not n.endswith('::MetaClass')]
        emitted = self.headers.vtables([n for n in names if self.facts.vtable(self.oldest, n)])
        for name in names:
            for system in self.ids:
                self.one_class(name, records[name], emitted.get(name), system)

    def one_class(self, name, record, emitted, system):
        wanted = self.facts.vtable(system, name)
        if wanted is None:
            return self.find('class', name, system, 'class %s is not in the facts of %s' % (name, system))
        if emitted is None:
            return self.find('class', name, system, 'class %s is declared but no vtable was emitted for it: its first '
                             'virtual must be getMetaClass (OSDeclare...Structors)' % name)
        size = self.facts.class_size(system, name)
        if size != record[0]:
            self.find('size', name, system, '%s: declared size %d, %s has %d' % (name, record[0], system, size))
        if len(wanted) != len(emitted):
            self.find('slots', name, system, '%s: declared %d slots, %s has %d' %
                      (name, len(emitted), system, len(wanted)))
        for slot, ((mangled, pure), ours) in enumerate(zip(wanted, emitted)):
            self.compared += 1
            ours = '_' + ours
            if ours == '___cxa_pure_virtual' and self.is_pure(name, slot):
                ours, pure = self.facts.vtable(self.oldest, name)[slot][0], False  # its name: pure_methods()
            good = ours == mangled and not pure
            if not good and not (system != self.oldest and (self.reserved(name, slot) or
                                                           same_method(ours, mangled))):
                self.find('slot', '%s:%d' % (name, slot), system, '%s slot %d: declared %s, %s has %s%s' %
                          (name, slot, ours, system, mangled, ' (pure)' if pure else ''))

    def is_pure(self, name, slot):
        oldest = self.facts.vtable(self.oldest, name)
        return slot < len(oldest) and oldest[slot][1]

    def pure_methods(self, declared):
        """A vtable does not tell the names of pure methods: their order of declaration is that of their slots."""
        for cls in set(c for _, c in self.facts.shape) | set(declared):
            rows = sorted(self.facts.rows.get(self.facts.key(self.oldest, cls), []))
            wanted, ours = [m for _, m, f in rows if 'P' in f], declared.get(cls, [])
            self.compared += len(wanted)
            for w, o in zip(wanted, ours):
                if w != o:
                    slot = [n for n, m, _ in rows if m == w][0]
                    self.find('slot', '%s:%d' % (cls, slot), self.oldest, '%s slot %d: declared pure %s, %s has %s' %
                              (cls, slot, o, self.oldest, w))

    def reserved(self, name, slot):
        oldest = self.facts.vtable(self.oldest, name)
        return slot < len(oldest) and '_RESERVED' in oldest[slot][0]

    def records(self, records):
        for name, (size, align, polymorphic, fields) in sorted(records.items()):
            if name.endswith('::MetaClass'):
                if size != records['OSMetaClass'][0]:
                    self.findings.append('%s: size %d is not that of OSMetaClass' % (name, size))
                continue
            for system in self.ids:
                self.one_record(name, size, align, polymorphic, fields, system)

    def one_record(self, name, size, align, polymorphic, fields, system):
        shapes = [(s, a) for s, a, m in self.facts.records.get(name, []) if has(m, system)]
        if not shapes:
            return self.find('record', name, system, 'record %s is not in the facts of %s' % (name, system))
        self.compared += 1
        if not polymorphic and (size, align) not in shapes:
            self.find('size', name, system, '%s: declared size %d align %d, %s has %d %d' %
                      ((name, size, align, system) + shapes[0]))
        wanted = {}
        for field, offset, _, mask in self.facts.fields.get(name, []):
            if has(mask, system):
                wanted.setdefault(field, []).append(offset)
        for field in sorted(set(wanted) | set(fields)):
            self.compared += 1
            if field not in fields:
                self.find('field', name + '.' + field, system, '%s.%s: not declared, %s has it at %s' %
                          (name, field, system, wanted[field][0]))
            elif field not in wanted:
                self.find('field', name + '.' + field, system, '%s.%s: declared, %s has no such field' %
                          (name, field, system))
            elif fields[field] not in wanted[field]:
                self.find('field', name + '.' + field, system, '%s.%s: declared at %s, %s has it at %s' %
                          (name, field, fields[field], system, wanted[field][0]))

    def constants(self, enumerators):
        macros = self.headers.macros()
        values = self.headers.values(sorted(macros))
        for name, value in sorted(set(enumerators)) + sorted(values.items()):
            known = self.facts.constants.get(name, [])
            if not known:
                self.find('constant', name, '*', 'constant %s is not in the facts of any system' % name)
            for system in self.ids:
                self.compared += 1
                wanted = [v for v, m in known if has(m, system)]
                if wanted and not any(self.same(value, w) for w in wanted):
                    self.find('constant', name, system, 'constant %s: declared %d, %s has %d' %
                              (name, value, system, wanted[0]))

    @staticmethod
    def same(a, b):
        """Equal, or equal as 32 (64) bit patterns: an enum's signedness is the compiler's choice."""
        return a == b or a & 0xffffffffffffffff == b & 0xffffffffffffffff or (
            -2**31 <= min(a, b) and max(a, b) < 2**32 and a & 0xffffffff == b & 0xffffffff)

    def symbols(self, symbols):
        for name in sorted(symbols):
            if self.by_macro(name):
                continue
            for system in self.ids:
                self.compared += 1
                # Of a class to derive from, only the base-object constructor (C2) may be exported.
                names = [name, re.sub(r'C1(E\w+)$', r'C2\1', name)]
                if not any(has(m, system) for n in names for m in self.facts.exports.get(n, [])):
                    self.find('symbol', name, system, 'symbol %s is declared but %s does not export it' %
                              (name, system))

    def by_macro(self, name):
        """What OSDeclare...Structors declares and a kext never refers to: MetaClass's constructor, the private default
        constructor of an abstract class, the marker of a final one."""
        m = re.match(r'__ZN(\d+)(\w+)C1Ev$', name)
        shape = m and self.facts.shape.get(self.facts.key(self.oldest, m.group(2)[:int(m.group(1))]))
        return bool(re.search(r'9MetaClassC1Ev$|14__OSFinalClassEv$', name) or shape and shape[-1] == 'abstract')

    def run(self):
        records = self.headers.records()
        self.classes(records)
        self.records(records)
        if not self.headers.elf:
            symbols, enumerators, pure = self.headers.declarations()
            self.pure_methods(pure)
            self.constants(enumerators)
            self.symbols(symbols)
        return self.findings


def options(argv):
    o = dict(kpi=ROOT + '/kpi', facts=ROOT + '/kpi/abi', exceptions=HERE + '/exceptions.tsv', elf=False, ids=[])
    while argv:
        a = argv.pop(0)
        if a in ('--kpi', '--facts', '--exceptions') and argv:
            o[a[2:]] = os.path.abspath(argv.pop(0))
        elif a == '--elf':
            o['elf'] = True
        elif a in ALL_IDS:
            o['ids'].append(a)
        else:
            die('unknown argument %s; usage: %s' % (a, __doc__.strip().split('usage: ')[1]))
    o['ids'] = o['ids'] or ALL_IDS
    return o


def main():
    o = options(sys.argv[1:])
    facts, exceptions, findings, compared = Facts(o['facts']), Exceptions(o['exceptions']), [], 0
    for oldest, (systems, _, elf) in VIEWS.items():
        ids = [i for i in systems if i in o['ids']]
        if ids and (elf is not None or not o['elf']):
            check = Check(Headers(o['kpi'], oldest, o['elf']), facts, exceptions, oldest, ids)
            findings += check.run()
            compared += check.compared
    if not o['elf'] and o['ids'] == ALL_IDS:
        findings += exceptions.unused()
    for text in findings:
        print(text)
    print('%d comparisons, %d findings' % (compared, len(findings)), file=sys.stderr)
    sys.exit(1 if findings else 0)


main()
