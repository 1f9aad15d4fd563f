#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# features.py BITS: docs/features.md on stdout, from the tables of core/ (the output of build/test/docs/bits) and docs/features.txt.
# What does not fit together is an error: a bit without a block, a block without a bit, a test that does not have the case it is
# named for, an accepted feature without a case for its bit masked off.
import os, re, subprocess, sys

top = os.path.dirname(os.path.abspath(__file__)) + "/../.."
peers = ["Linux", "FreeBSD", "OpenBSD", "illumos", "NetKVM", "DPDK", "0.9.4", "rewrite", "Apple"]
faults = []


def text_of(path):
    try:
        with open(top + "/" + path) as f:
            return f.read()
    except OSError:
        return None


def code_of(path):
    """Without comments: a case is what runs. In scripts, lines that are one, and what follows code after the last quote."""
    text = text_of(path)
    if path.endswith(".c"):
        return re.sub(r"/\*.*?\*/|//[^\n\"]*$", "", text, flags=re.S | re.M)
    return re.sub(r"^\s*#.*$|(?<=\s)# [^\"'\n]*$", "", text, flags=re.M)


def blocks():
    block = None
    for line in text_of("docs/features.txt").splitlines():
        if line.startswith("#"):
            continue
        m = re.match(r"(since|tests|masked|note|ours|peers): (.*)$", line)
        if m and block:
            block[m.group(1)] = m.group(2)
        elif line.strip():
            m = re.match(r"(.*?)(?: \((\d+)\))?$", line)
            block = {"name": m.group(1), "bit": m.group(2)}
            yield block


def case(reference, must_name=None):
    """AREA/NAME: words -> `AREA/NAME` (words), once both are found."""
    where, _, words = reference.strip().partition(": ")
    found = [p for p in ("test/" + where, "test/%s.test" % where, "test/%s.long" % where) if text_of(p) is not None]
    if not found:
        faults.append("no test %s" % where)
    elif not re.search(r"(?<!\w)%s(?!\w)" % re.escape(words), code_of(found[0])):
        faults.append("%s has no case \"%s\"" % (found[0], words))
    if must_name and must_name.lower() not in words.lower() and "masked off" not in words:
        faults.append("the masked case of %s does not name it: %s" % (must_name, reference))
    return "`%s` (%s)" % (where, words)


def cases(references, must_name=None):
    return "; ".join(case(r, must_name) for r in references.split(";"))


def is_reference(s):
    return re.match(r"[a-z]+/[a-z_.]+: ", s)


def masked(block, name):
    """The cases with the bit off; core's is there for all but the legacy transport."""
    done = ["core"] if '{"%s",' % name in code_of("test/core/test_masked.c") else []
    given = block.get("masked", "")
    if is_reference(given):
        done.append(cases(given, name))
    elif given:
        done.append(given)
    if not done or (not is_reference(given) and "core" not in done):
        faults.append("%s is accepted and has no case for its bit masked off" % name)
    return "; ".join(done)


def row(*cells):
    print("| " + " | ".join(cells) + " |")


def head(*cells):
    row(*cells)
    print("|" + "---|" * len(cells))


def code_rows():
    """Of each bit one row, in the order of the bits; both transports have some alike."""
    rows = {}
    for line in subprocess.check_output([sys.argv[1]], universal_newlines=True).splitlines():
        table, bit, name, spec, use = line.split("\t")
        rows.setdefault(name, (int(bit), spec, use))
    return rows


def by_bit(data, code):
    named = {b["name"]: b for b in data if "ours" not in b}
    for name in code:
        if name not in named:
            faults.append("%s is in core/ and not in docs/features.txt" % name)
    for name, b in named.items():
        if name in code and b["bit"]:
            faults.append("core/ has %s: leave its bit out of docs/features.txt" % name)
        if name not in code and not b["bit"]:
            faults.append("core/ does not have %s" % name)
        bit, spec, use = code.get(name) or (int(b["bit"] or 0), "", "known")
        yield bit, spec, use != "known", b
    return


def bits_table(bits):
    head("bit", "feature", "section", "virtio", "OS X", "tested by", "with the bit off")
    for bit, spec, used, b in bits:
        if not used:
            continue
        if "," not in b.get("since", "") or "tests" not in b:
            faults.append("%s is accepted: since: needs a system, tests: a case" % b["name"])
            continue
        virtio, system = b["since"].split(", ")
        row(str(bit), b["name"], spec, virtio, system, cases(b["tests"]), masked(b, b["name"]))


def unused_table(bits):
    head("bit", "feature", "section", "virtio", "why not")
    for bit, spec, used, b in bits:
        if used:
            continue
        if "note" not in b:
            faults.append("%s is not accepted: note: must say why" % b["name"])
        row(str(bit), b["name"], spec, b["since"], b.get("note", ""))


def peers_table(bits, others):
    head("", "VirtioNet", *peers)
    rows = [(b, "yes" if used else "n/a") for _, _, used, b in bits] + [(b, b["ours"]) for b in others]
    for b, ours in rows:
        columns = [p.strip() for p in b["peers"].split("|")]
        if len(columns) != len(peers):
            faults.append("%s: %d peers" % (b["name"], len(columns)))
        if ours != "n/a" and b.get("note", "").startswith("off by default"):
            ours = "yes, off by default"
        row(b["name"], ours, *columns)


def others_table(others):
    head("", "VirtioNet", "tested by", "")
    for b in others:
        if (b["ours"] == "yes") != ("tests" in b) or (b["ours"] == "n/a" and "note" not in b):
            faults.append("%s: a yes needs tests, an n/a a note" % b["name"])
        row(b["name"], b["ours"], cases(b["tests"]) if "tests" in b else "", b.get("note", ""))


data = list(blocks())
bits = sorted(by_bit(data, code_rows()), key=lambda r: r[0])
others = [b for b in data if "ours" in b]
print("""# Features of VirtioNet

Made by `make docs/features.md` from the negotiation tables in `core/` and from `docs/features.txt`: edit those. `test/docs`
fails when this page is older than they are, or when a test that it names does not have the case.

## Feature bits that are used

*section*: of virtio 1.4. *virtio*, *OS X*: since which version. *tested by*: a test's name, as in `./check net/control`, and in
brackets the words that its line has. *with the bit off*: where the same is tried with the bit masked off and must not show;
*core* is `test/core/test_masked.c`, on the fake device, with both kinds of ring; the others run the kexts on QEMU's.
""")
bits_table(bits)
print("\nWhat to know of some of them:\n")
for _, _, used, b in bits:
    if used and "note" in b:
        print("- %s: %s." % (b["name"], b["note"]))
print("\n## Feature bits that are not used\n")
unused_table(bits)
print("\n## What has no bit\n")
others_table(others)
print("""
## Beside others

From their public sources, 2021 to 2026. NetKVM: Windows' driver; 0.9.4: the `virtio-net.kext` of 2013, the only one there was for
OS X; rewrite: its author's later, unfinished one; Apple: AppleVirtIO of macOS 10.14 and later. ?: not looked up; for Apple's,
whose source is not public, not known. n/a: a driver for OS X has no use for it, as said above.
""")
peers_table(bits, others)
if faults:
    sys.exit("\n".join(["docs/features.txt: " + f for f in faults]))
