#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Makes one thing wrong in an i386 kext (MH_OBJECT): patch.py WHAT <RIGHT >WRONG. For test/loader/object.test."""
import struct
import sys

data = bytearray(sys.stdin.buffer.read())
what = sys.argv[1]


def u32(at):
    return struct.unpack_from('<I', data, at)[0]


def put(at, *words):
    struct.pack_into(f'<{len(words)}I', data, at, *words)


def commands():
    at = 28
    for _ in range(u32(16)):
        yield u32(at), at
        at += u32(at + 4)


at = dict(commands())
segment, symtab = at[1], at[2]
sections = {}
for i in range(u32(segment + 48)):
    s = segment + 56 + 68 * i
    sections[bytes(data[s:s + 16]).rstrip(b'\0').decode()] = s
symbols, names = u32(symtab + 8), u32(symtab + 16)


def symbol(name):
    for i in range(u32(symtab + 12)):
        n = names + u32(symbols + 12 * i)
        if bytes(data[n:data.index(0, n)]).decode() == name:
            return symbols + 12 * i
    sys.exit(f'patch.py: no symbol {name}')


const = sections['__const']
address, offset, first, count = u32(const + 32), u32(const + 40), u32(const + 48), u32(const + 52)
table = u32(symbol('__ZTV3Car') + 8) - address


def entry(place):
    """The relocation of the word at a place of __const; None: it has none."""
    return next((first + 8 * i for i in range(count) if u32(first + 8 * i) == place), None)


slots = []
while entry(table + 8 + 4 * len(slots)) is not None:
    slots.append(entry(table + 8 + 4 * len(slots)))
local = next(e for e in slots if not u32(e + 4) >> 27 & 1)
external = next(e for e in slots if u32(e + 4) >> 27 & 1)

if what == 'filetype':
    put(12, 11)
elif what == 'cpu':
    put(0, 0xfeedfacf, 0x01000007)
elif what == 'segment':
    put(segment + 28, 0)
elif what == 'length':
    put(local + 4, u32(local + 4) & ~(3 << 25) | 1 << 25)
elif what == 'type':
    put(local + 4, u32(local + 4) | 3 << 28)
elif what == 'section':
    put(local + 4, u32(local + 4) & ~0xffffff | 200)
elif what == 'symbol':
    put(external + 4, u32(external + 4) & ~0xffffff | 60000)
elif what == 'swapped':
    a, b = slots[3], slots[4]
    data[a:a + 8], data[b:b + 8] = data[b:b + 8], data[a:a + 8]
elif what == 'scattered':
    place = u32(local)
    put(local, 0x80000000 | 2 << 28 | place, u32(offset + place))
elif what == 'word':
    put(offset + table + 8 + 4 * len(slots), 1)
elif what == 'order':
    a, b = symbol('__ZTV3Car'), symbol('_kmod_info')
    data[a:a + 12], data[b:b + 12] = data[b:b + 12], data[a:a + 12]
elif what == 'local':
    data[symbol('__ZTV3Car') + 4] &= 0xfe
else:
    sys.exit(__doc__)
sys.stdout.buffer.write(data)
