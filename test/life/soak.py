# SPDX-License-Identifier: BSD-3-Clause
"""The soak's COMMAND: saturates the card both ways while events happen to it at random, reproducibly.

  soak.py SEED SECONDS KEXTCTL TRAFFIC-FOLDER

The same seed gives the same events in the same order. An event has an outage of its own; a second after its end the
probes must come back, and TCP, whose retransmission waits as long again as the outage was, soon after.
"""
import os
import random
import subprocess
import sys
import time

SEED, SECONDS, KEXTCTL = int(sys.argv[1]), float(sys.argv[2]), sys.argv[3]
sys.path.insert(0, sys.argv[4])
import traffic  # noqa: E402

DRIVER = "org.virtio-osx.driver.VirtioNet"
PEER = ("10.9.0.1", 7000)
STALL = 1.0
chance = random.Random(SEED)


class Failed(Exception):
    pass


def do(*command):
    r = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True)
    if r.returncode:
        raise Failed("%s: %s" % (" ".join(command), r.stdout.strip()))
    return r.stdout


def kextctl(*args):
    return do(KEXTCTL, *args)


def address():
    do("ip", "addr", "replace", "10.9.0.2/24", "dev", "en0")
    do("ip", "link", "set", "en0", "up")


# ---- events: each leaves the card working ----
def cable():
    kextctl("link", "nic0", "down")
    time.sleep(chance.choice((0, 0.05, 0.3)))
    kextctl("link", "nic0", "up")


def mtu():
    do("ip", "link", "set", "en0", "mtu", str(chance.choice((576, 900, 1280, 1400, 1499, 1500, 1500))))


def down_up():
    do("ip", "link", "set", "en0", "down")
    time.sleep(chance.choice((0, 0.1)))
    address()


def replug():
    kextctl("unplug", "nic0")
    kextctl("plug", CARD())
    address()


def yank():
    kextctl("yank", "nic0")
    kextctl("plug", CARD())
    address()


def reload():
    kextctl("unload", DRIVER)
    kextctl("load", DRIVER)
    address()


def sleep_wake():
    kextctl("sleep")
    kextctl("wake")


def stand_still():
    kextctl("qmp", '{"execute": "stop"}')
    time.sleep(chance.choice((0.1, 0.5)))
    kextctl("qmp", '{"execute": "cont"}')


def CARD():
    """The same card, with features of its own: what a later start must negotiate anew."""
    off = chance.sample(("mrg_rxbuf", "csum", "guest_csum", "event_idx", "indirect_desc", "status"), chance.randrange(3))
    return "virtio-net-pci,netdev=n0,id=nic0" + "".join(
        ",%s=off" % o + (",host_tso4=off,host_tso6=off,host_ecn=off,host_ufo=off" if o == "csum" else
                         ",guest_tso4=off,guest_tso6=off,guest_ecn=off,guest_ufo=off" if o == "guest_csum" else "")
        for o in off)


EVENTS = (cable, cable, mtu, mtu, mtu, down_up, down_up, replug, yank, reload, sleep_wake, stand_still)


def excused(gap, windows, slow):
    """Whether a pause lies in the outage of events and what they may take to heal. Neighbours merge."""
    for begin, end in windows:
        if gap[0] <= end + STALL and gap[1] >= begin:
            heal = end + STALL + (2 * (end - begin) + 1 if slow else 0)
            gap = (max(gap[0], heal), gap[1])
            if gap[1] - gap[0] <= STALL:
                return True
    return gap[1] - gap[0] <= STALL


def main():
    address()
    t = traffic.Traffic(PEER)
    t.start()
    time.sleep(1)
    start = time.monotonic()
    windows, counts, bad = [], {}, []
    while time.monotonic() - start < SECONDS and not bad:
        event = chance.choice(EVENTS)
        begin = time.monotonic()
        try:
            event()
        except Failed as e:
            bad.append("%s: %s" % (event.__name__, e))
        end = time.monotonic()
        windows.append((begin, end))
        counts[event.__name__] = counts.get(event.__name__, 0) + 1
        print("%8.3f %-12s %.3f s" % (begin - start, event.__name__, end - begin), flush=True)
        time.sleep(chance.uniform(0.5, 2.5))
        bad += ["%s: %s" % (f.name, f.error) for f in t.flows if f.error]
    time.sleep(5)
    bad += t.stop()
    for f in t.flows:
        for gap in f.gaps:
            if not excused(gap, windows, f.name != "probes"):
                bad.append("%s stood still from %.1f to %.1f s, and no event did that" % (f.name, gap[0] - start, gap[1] - start))
    print("moved: %s; probes answered: %d of %d" % (t.moved(), t.flows[2].bytes // 64, t.probes_sent))
    print("events: " + ", ".join("%s %d" % e for e in sorted(counts.items())))
    for line in dict.fromkeys(bad):
        print("bad: " + line)
    return 1 if bad else 0


status = main()
sys.stdout.flush()
os._exit(status)
