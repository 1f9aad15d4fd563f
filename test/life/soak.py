# SPDX-License-Identifier: BSD-3-Clause
"""The soak's COMMAND: saturates the card both ways while events happen to it at random, reproducibly.

  soak.py SEED SECONDS KEXTCTL TRAFFIC-FOLDER

The same seed gives the same events in the same order. An event has an outage of its own; a second after its end the
probes must come back, and TCP, whose retransmission waits as long again as the outage was, soon after.

A pause that is left over is the driver's, but for
- what the machine kept of the time, from the event's end on: it stood still, or a thread on the way waited for a processor
  or a disk (traffic.Watch). If that held up the probes, it was an outage to TCP;
- a first retransmission that TCP has not tried yet: after a row of losses that it takes for delays (F-RTO), Linux may be left
  with a timer of seconds and nothing else to wake it. It must go on as the timer ends. A second try has no such excuse.
"""
import os
import random
import re
import subprocess
import sys
import threading
import time

SEED, SECONDS, KEXTCTL = int(sys.argv[1]), float(sys.argv[2]), sys.argv[3]
sys.path.insert(0, sys.argv[4])
import traffic  # noqa: E402

DRIVER = "org.virtio-osx.driver.VirtioNet"
PEER = ("10.9.0.1", 7000)
STALL = 1.0
LONGEST = 10.0  # of any pause, whatever the reason
QUEUE = ('{"execute": "x-query-virtio-queue-status", "arguments": '
         '{"path": "/machine/peripheral/nic0/virtio-backend", "queue": %d}}')
WITNESSED = (("ss", "-tinmo", "dst", "%s:%d" % PEER), ("ip", "-s", "neigh"), ("ip", "-s", "link", "show", "en0"),
             (KEXTCTL, "ioreg"), (KEXTCTL, "qmp", QUEUE % 0), (KEXTCTL, "qmp", QUEUE % 1))
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


def promiscuous():
    do("ip", "link", "set", "en0", "promisc", chance.choice(("on", "off")))


def offloads():
    """What the stack leaves to the card, as an administrator changes it."""
    do("ethtool", "-K", "en0", "tx", "on", "tso", chance.choice(("on", "off")), "gso", chance.choice(("on", "off")))
    if chance.randrange(2):
        do("ethtool", "-K", "en0", "tx", "off")


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
    ring = chance.choice(("", "", ",packed=on"))
    off = chance.sample(("mrg_rxbuf", "csum", "guest_csum", "event_idx", "indirect_desc", "status"), chance.randrange(3))
    return "virtio-net-pci,netdev=n0,id=nic0" + ring + "".join(
        ",%s=off" % o + (",host_tso4=off,host_tso6=off,host_ecn=off,host_ufo=off" if o == "csum" else
                         ",guest_tso4=off,guest_tso6=off,guest_ecn=off,guest_ufo=off" if o == "guest_csum" else "")
        for o in off)


EVENTS = (cable, cable, mtu, mtu, mtu, promiscuous, offloads, down_up, down_up, replug, replug, yank, reload, sleep_wake,
          stand_still)

UNNOTICED = (mtu, promiscuous, offloads)  # no reason for a pause


def unexplained(gap, windows, slow):
    """What is left of a pause where no event's outage is, nor the time that it may take to heal, as (when that time began,
    begin, end). Neighbours merge. TCP doubles its wait each time that it meets an outage (RFC 6298, 5.5): it comes back after
    as long again as it was silent."""
    first, last = gap
    since = at = first
    for begin, end in sorted(windows):
        heal = end + STALL + (max(end - begin, end - first) + 1 if slow else 0)
        if heal <= at:
            continue
        if begin >= last:
            break
        if begin - at > STALL:
            yield since, at, begin
        since, at = max(since, end), heal
    if last - at > STALL:
        yield since, at, last


def peer_network():
    """The process above us that lives in the peer's network."""
    own, pid = os.stat("/proc/self/ns/net").st_ino, os.getpid()
    while os.stat("/proc/%d/ns/net" % pid).st_ino == own:
        with open("/proc/%d/stat" % pid) as f:
            pid = int(f.read().rsplit(")", 1)[1].split()[1])
    return "/proc/%d/ns/net" % pid


def sender(flow):
    """ss of the socket that sends this flow."""
    if flow.name == "out":
        return ("ss", "-tinomH", "sport", "=", ":%d" % flow.port)
    return ("nsenter", "--net=" + PEER_NETWORK, "ss", "-tinomH", "dport", "=", ":%d" % flow.port)


def first_timer(flow):
    """When the timer of a sender's first retransmission ends; None if that is not what it waits for."""
    now = time.monotonic()
    r = subprocess.run(sender(flow), stdout=subprocess.PIPE, universal_newlines=True)
    m = re.search(r"timer:\(on,(?:(\d+)min)?(?:(\d+)\.)?(\d+)(ms|sec),", r.stdout)
    if not m or "backoff:" in r.stdout or m.group(1):
        return None
    seconds, rest = (int(m.group(2) or 0), int(m.group(3)) / 1000) if m.group(4) == "ms" else (int(m.group(3)), 0)
    return now + seconds + rest


def witness(flows, start, running):
    """What there is to see while a flow does not move: TCP's timers and windows, the counters, the neighbours, the rings as
    the device has them. Once for each such time; a timer already before, since it may end."""
    seen, timed = {}, {}
    while running():
        time.sleep(0.1)
        for f in flows[:2]:
            if time.monotonic() - f.last >= STALL / 2 and f.last != timed.get(f.name) and f.port:
                timed[f.name] = f.last
                f.timers.append((f.last, first_timer(f)))
        still = [f for f in flows if time.monotonic() - f.last >= STALL and f.last != seen.get(f.name)]
        for f in still:
            seen[f.name] = f.last
            print("still: %s since %.3f s" % (f.name, f.last - start))
        for command in WITNESSED + tuple(sender(f) for f in still if f.name == "in") if still else ():
            r = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True)
            for line in r.stdout.splitlines():
                if command[1] != "ioreg" or "Virtio" in line:
                    print("still: " + line.strip())


def tcps(flow, gap, watch):
    """Whether TCP waited for its first timer, and went on with it."""
    return any(begin == gap[0] and end and gap[1] < end + 0.5 + watch.kept(min(end, gap[1]), gap[1]) for begin, end in flow.timers)


def judge_gap(f, gap, windows, watch, start):
    """(what is bad, what is the machine's or TCP's), as lines."""
    bad, machine = [], []
    if gap[1] - gap[0] - watch.kept(*gap) > LONGEST:
        bad.append("%s stood still from %.1f to %.1f s" % (f.name, gap[0] - start, gap[1] - start))
    for since, begin, end in unexplained(gap, windows, f.name != "probes"):
        kept = watch.kept(since, end)
        line = "%s stood still from %.1f to %.1f s, %.1f s of that kept by the machine" % (
            f.name, gap[0] - start, gap[1] - start, kept)
        if end - begin - kept <= STALL:
            machine.append(line)
        elif tcps(f, gap, watch):
            machine.append(line + ", and TCP waited for its first timer")
        else:
            bad.append(line + ": no event and no machine did that")
    return bad, machine


def judge(flows, windows, watch, start, bad):
    machine = []
    for f in reversed(flows):  # the probes first: what stopped them was an outage to TCP
        for gap in f.gaps:
            wrong, excused = judge_gap(f, gap, windows, watch, start)
            if f.name == "probes" and excused and not wrong:
                windows = windows + [gap]
            bad += wrong
            machine += excused
    print("machine: %d pauses were the machine's or TCP's" % len(machine))
    for line in machine:
        print("machine: " + line)


PEER_NETWORK = peer_network()


def main():
    address()
    watch = traffic.Watch()
    t = traffic.Traffic(PEER)
    for f in t.flows:
        f.timers = []  # (last moved, end of the timer)
    t.start()
    time.sleep(1)
    start = time.monotonic()
    windows, counts, bad = [], {}, []
    threading.Thread(target=witness, args=(t.flows, start, t.running), daemon=True).start()
    while time.monotonic() - start < SECONDS and not bad:
        event = chance.choice(EVENTS)
        begin = time.monotonic()
        try:
            event()
        except Failed as e:
            bad.append("%s: %s" % (event.__name__, e))
        end = time.monotonic()
        if event not in UNNOTICED:
            windows.append((begin, end))
        counts[event.__name__] = counts.get(event.__name__, 0) + 1
        print("%8.3f %-12s %.3f s" % (begin - start, event.__name__, end - begin), flush=True)
        time.sleep(chance.uniform(0.5, 2.5))
        bad += ["%s: %s" % (f.name, f.error) for f in t.flows if f.error]
    time.sleep(5)
    bad += t.stop()
    judge(t.flows, windows, watch, start, bad)
    print("moved: %s; probes answered: %d of %d" % (t.moved(), t.flows[2].bytes // 64, t.probes_sent))
    print("events: " + ", ".join("%s %d" % e for e in sorted(counts.items())))
    for line in dict.fromkeys(bad):
        print("bad: " + line)
    return 1 if bad else 0


status = main()
sys.stdout.flush()
os._exit(status)
