#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# probe.py MONITOR KEXTCTL [FEATURE...], as kexthost's COMMAND: one line "FEATURE: yes" or "no" for each feature whose effect shows here, on
# the device's side where it can be had there (QEMU's monitor: its filters, its rings in guest memory), or else on the system's.
# What the driver says that it negotiated is not asked. Each FEATURE is waited for, the others only for a while.
import json, re, socket, struct, subprocess, sys, time

NIC_MAC, VLANS = "52:54:00:12:34:56", [5, 17]
kextctl = sys.argv[2]


def run(*command):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True).stdout


def link():
    return run("ip", "link", "show", "en0")


def ask(name, **args):
    monitor.write(json.dumps({"execute": name, "arguments": args}) + "\n")
    monitor.flush()
    while True:
        reply = json.loads(monitor.readline())
        if "return" in reply or "error" in reply:
            return reply.get("return")


def until(condition, feature=None):
    end = time.monotonic() + (30 if not feature or feature in sys.argv[3:] else 2)
    while not condition() and time.monotonic() < end:
        time.sleep(0.05)
    return condition()


def ring(queue):
    """The descriptors of a queue as they lie in guest memory: (length, two halves of 16 bits)."""
    path = ask("x-query-virtio")[0]["path"]
    q = ask("x-query-virtio-queue-status", path=path, queue=queue)
    text = ask("human-monitor-command", **{"command-line": "xp /%dxg %#x" % (2 * q["vring-num"], q["vring-desc"])})
    words = [int(w, 16) for line in text.splitlines() for w in line.split(":")[1].split()]
    return [struct.unpack("<IHH", struct.pack("<Q", w)) for w in words[1::2]]


def tell(feature, seen):
    print("%s: %s" % (feature, "yes" if seen else "no"), flush=True)


present = " en0: " in link()
for feature in "VERSION_1", "ACCESS_PLATFORM":  # without these such a device is not driven
    tell(feature, present)
if not present:
    sys.exit(0)
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
monitor = s.makefile("rw")
monitor.readline()
ask("qmp_capabilities")
run("ip", "link", "set", "en0", "up")
run("ip", "addr", "add", "10.0.2.15/24", "dev", "en0")
until(lambda: " 0% packet loss" in run("ping", "-q", "-c", "1", "-W", "2", "10.0.2.2"))
pings = run("ping", "-q", "-c", "3", "-i", "0.2", "-W", "10", "-s", "1400", "10.0.2.2")
tell("traffic", " 0% packet loss" in pings)

# 2.8.1: an available descriptor has AVAIL unlike USED, a used one both alike, at the same place where a split ring has the
# number of the next descriptor, small in the first entries
tell("RING_PACKED", any(last & 0x8080 for _, _, last in ring(0)[:4]))
tx = ring(1)
tell("INDIRECT_DESC", any(flags & 4 for _, flags, _ in tx))  # 2.7.5.3
tell("ANY_LAYOUT", tx[0][0] > 12)  # 2.7.4.3: otherwise the packet header is alone in its descriptor
fast = until(lambda: re.search(r'"IOLinkSpeed" = 1000000000\b', run(kextctl, "ioreg")), "SPEED_DUPLEX")
registry = run(kextctl, "ioreg")
tell("MAC", NIC_MAC in link())
tell("MTU", '"Virtio MTU Limit" = 1400' in registry)
tell("SPEED_DUPLEX", fast)
tell("CTRL_VLAN", until(lambda: sorted(ask("query-rx-filter")[0]["vlan-table"]) == VLANS, "CTRL_VLAN"))
run(kextctl, "link", "nic", "down")
tell("STATUS", until(lambda: "NO-CARRIER" in link(), "STATUS"))
