#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Shows a 64-bit kext binary, a fact a line, for the linker's tests: what llvm-readobj does not show (relocations that
LC_DYSYMTAB lists, with the field's content and the names of both ends) and what is easier to compare in one line.
Reads with struct alone and shares no code with the linker."""
import struct
import sys


def text(b):
    return b.split(b"\0")[0].decode()


class Kext:
    def __init__(self, path):
        self.d = open(path, "rb").read()
        self.head = struct.unpack_from("<8I", self.d)
        self.segments, self.sections, self.commands = [], [], []
        off = 32
        for _ in range(self.head[4]):
            cmd, size = struct.unpack_from("<2I", self.d, off)
            self.commands.append(cmd)
            if cmd == 0x19:
                self.segment(off)
            elif cmd == 2:
                self.symtab = struct.unpack_from("<4I", self.d, off + 8)
            elif cmd == 0xB:
                self.dysymtab = struct.unpack_from("<18I", self.d, off + 8)
            elif cmd == 0x1B:
                self.uuid = self.d[off + 8 : off + 24].hex()
            off += size
        self.symbols = [self.symbol(i) for i in range(self.symtab[1])]

    def segment(self, off):
        name, *rest = struct.unpack_from("<16s4Q4I", self.d, off + 8)
        self.segments.append((text(name), *rest))
        for i in range(rest[6]):
            s = struct.unpack_from("<16s16s2Q8I", self.d, off + 72 + 80 * i)
            self.sections.append((text(s[1]), text(s[0]), *s[2:]))

    def symbol(self, i):
        strx, kind, sect, desc, value = struct.unpack_from("<IBBHQ", self.d, self.symtab[0] + 16 * i)
        start = self.symtab[2] + strx
        return self.d[start : self.d.index(b"\0", start)].decode(), kind, sect, desc, value

    def at(self, address):
        """The symbol that an address belongs to, and the distance from it."""
        best = None
        for name, kind, sect, _, value in self.symbols:
            if kind & 0xE0 == 0 and kind & 0xE == 0xE and value <= address and (not best or value >= best[1]):
                best = name, value
        if not best:
            return hex(address)
        return best[0] + ("+%d" % (address - best[1]) if address > best[1] else "")

    def where(self, address):
        for s in self.sections:
            if s[2] <= address < s[2] + s[3]:
                return "%s,%s" % s[:2]
        return "?"

    def relocs(self, off, count):
        for i in range(count):
            at, w = struct.unpack_from("<2I", self.d, off + 8 * i)
            length = w >> 25 & 3
            content = struct.unpack_from("<q" if length == 3 else "<i", self.d, at)[0]
            yield at, w & 0xFFFFFF, w >> 24 & 1, length, w >> 27 & 1, w >> 28, content

    def show(self):
        h = self.head
        print("header magic=%x cpu=%x sub=%d type=%d flags=%x" % (h[0], h[1], h[2], h[3], h[6]))
        print("commands", *["%x" % c for c in self.commands])
        print("uuid", self.uuid)
        for s in self.segments:
            print("segment %s vm=%x+%x file=%x+%x max=%d init=%d sects=%d" % s[:8])
        for i, s in enumerate(self.sections):
            print("section %d %s,%s addr=%x size=%x off=%x align=%d reloff=%d nreloc=%d flags=%x" % (i + 1, *s[:9]))
        for n in self.symbols:
            print("symbol %s type=%x sect=%d desc=%x value=%x" % n)
        print("dysymtab", *self.dysymtab[:6])
        for at, num, pcrel, length, ext, kind, content in self.relocs(self.dysymtab[14], self.dysymtab[15]):
            print("external %s -> %s type=%d length=%d pcrel=%d content=%d extern=%d in=%s" %
                  (self.at(at), self.symbols[num][0], kind, length, pcrel, content, ext, self.where(at)))
        for at, num, pcrel, length, ext, kind, content in self.relocs(self.dysymtab[16], self.dysymtab[17]):
            s = self.sections[num - 1]
            print("local %s -> %s type=%d length=%d pcrel=%d extern=%d sect=%d:%s,%s in=%s" %
                  (self.at(at), self.at(content), kind, length, pcrel, ext, num, s[0], s[1], self.where(at)))
            if not s[2] <= content <= s[2] + s[3]:
                print("WRONG local target outside of section", num)

    def check(self):
        """The rules that hold for every kext; prints what is broken."""
        page = 4096
        names = [s[0] for s in self.segments]
        zerofill = False
        self.rule(self.commands == [0x19, 0x19, 0x19, 2, 0xB, 0x1B], "load commands")
        self.rule(names == ["__TEXT", "__DATA", "__LINKEDIT"], "segments")
        self.rule(self.head[6] == 0x85 and self.head[3] == 11, "header")
        end = 0
        for name, vm, vmsize, off, size, *_ in self.segments:
            self.rule(vm == end and vm % page == 0 and vmsize % page == 0 and off % page == 0, name + " place")
            self.rule(name == "__LINKEDIT" or vm == off, name + " offset differs from address")
            self.rule(off + size <= len(self.d), name + " outside the file")
            end = vm + vmsize
        self.rule(self.segments[2][3] + self.segments[2][4] == len(self.d), "bytes after __LINKEDIT")
        last = 32 + sum(72 + 80 * s[7] for s in self.segments) + 24 + 80 + 24
        for seg, name, addr, size, off, align, reloff, nreloc, flags, *_ in self.sections:
            vm, vmsize = next(s[1:3] for s in self.segments if s[0] == seg)
            what = "%s,%s " % (seg, name)
            is_zero = flags & 0xFF == 1
            self.rule(size > 0, what + "is empty")
            self.rule(addr >= last and vm <= addr and addr + size <= vm + vmsize, what + "place")
            self.rule(addr % (1 << align) == 0, what + "alignment")
            self.rule(nreloc == 0 and reloff == 0, what + "has relocations of its own")
            self.rule(off == (0 if is_zero else addr), what + "file offset")
            self.rule(is_zero or not zerofill, what + "after zerofill")
            zerofill, last = is_zero, addr + size
        self.rule(self.dysymtab[2] == self.dysymtab[1] and self.dysymtab[4] == sum(self.dysymtab[1:4:2]), "dysymtab")
        self.rule(sum(self.dysymtab[1:6:2]) == len(self.symbols), "dysymtab counts")
        for *_, length, ext, kind, content in self.relocs(self.dysymtab[14], self.dysymtab[15]):
            self.rule(ext == 1 and (kind, length) in ((0, 3), (2, 2)), "external relocation")
        for at, num, pcrel, length, ext, kind, content in self.relocs(self.dysymtab[16], self.dysymtab[17]):
            self.rule((pcrel, length, ext, kind) == (0, 3, 0, 0) and 0 < num <= len(self.sections), "local relocation")

    def rule(self, holds, what):
        if not holds:
            print("WRONG", what)


if __name__ == "__main__":
    for path in sys.argv[1:]:
        kext = Kext(path)
        kext.show()
        kext.check()
