#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# since.py SYSTEM FEATURES IOREG...: runs of VirtioNet in that OS X against what docs/features.txt says of it ("since:"): of what
# their devices offered they must have accepted all that is used there, and nothing else. What no device offered must have a
# test on core's fake device.
import re, sys

system, page, *registries = sys.argv[1:]
since, tests, name = {}, {}, ""
for line in open(page):
    m = re.match(r"(since|tests): (.*)", line)
    if m and m.group(1) == "since" and ", " in m.group(2):
        since[name] = m.group(2).split(", ")[1]
    elif m and m.group(1) == "tests":
        tests[name] = m.group(2)
    elif not re.match(r"\w+: |#|$", line):
        name = line.strip()


def number(version):
    return [int(n) for n in version.split(".")]


def words(text, key):
    found = re.search(r'"%s" = "([^"]*)"' % key, text)
    return set(found.group(1).split() if found else [])


used = {n for n in since if number(since[n]) <= number(system)}
faults, seen = [], set()
for path in registries:
    text = open(path).read()
    offered, accepted = words(text, "Virtio Features Offered"), words(text, "Virtio Features")
    seen |= offered
    if not accepted:
        faults.append("%s shows no features" % path)
    faults += ["%s is accepted, and its row does not say so" % n for n in sorted(accepted - used)]
    faults += ["%s is offered and not accepted, against its row" % n for n in sorted(offered & used - accepted)]
faults += ["%s: no device here has it, nor has it a test in core" % n for n in sorted(used - seen) if "core/" not in tests.get(n, "")]
if faults:
    sys.exit("\n".join("docs/features.txt, %s: %s" % (system, f) for f in faults))
