# SPDX-License-Identifier: BSD-3-Clause
"""TCP both ways whose every byte is checked, and UDP probes that show stalls. A module of the life tests, and a program:

  traffic.py serve ADDRESS PORT                the peer: sends, takes and checks streams, echoes datagrams; until killed
  traffic.py run ADDRESS PORT SECONDS [FILE]   the other end; one line of what it moved; ends before, once there is a FILE

A stream repeats a pattern whose length is prime, so that a piece which is lost, doubled or out of place shows.
"""
import os
import random
import socket
import sys
import threading
import time

PATTERN = 1000003
PIECE = 65536
PROBE_S = 0.02
WATCH_S = 0.1
TIMER_S = 0.05
TIMERS = 8  # at most
BEGIN_S = 20  # for both streams to have begun: only then does the run's time count
TCP_PAUSE_S = 2.5  # a lost segment may cost retransmissions that back off
_bytes = random.Random(1).randbytes(PATTERN)
_twice = memoryview(_bytes + _bytes[:PIECE])


class Damaged(Exception):
    pass


def send_stream(sock, running, count):
    at = 0
    while running():
        n = sock.send(_twice[at:at + PIECE])
        at = (at + n) % PATTERN
        count(n)


def take_stream(sock, running, count):
    buffer = bytearray(PIECE)
    view = memoryview(buffer)
    at = total = 0
    while running():
        n = sock.recv_into(buffer)
        if not n:
            return
        if view[:n] != _twice[at:at + n]:
            raise Damaged("byte %d of the stream or one of the %d after it is not what was sent" % (total, n - 1))
        at = (at + n) % PATTERN
        total += n
        count(n)


def forever():
    return True


# ---- the peer ----
def serve_one(sock):
    try:
        kind = sock.recv(1)
        if kind == b"d":
            send_stream(sock, forever, lambda n: None)
        elif kind == b"u":
            take_stream(sock, forever, lambda n: None)
    except Damaged as e:
        print("peer: " + str(e), flush=True)
    except OSError:
        pass
    sock.close()


def echo(address):
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(address)
    while True:
        try:
            data, who = sock.recvfrom(2048)
            sock.sendto(data, who)
        except OSError:  # an ICMP error of an earlier answer
            pass


def serve(address):
    listener = socket.create_server(address, backlog=16)
    threading.Thread(target=echo, args=(address,), daemon=True).start()
    print("ready", flush=True)
    while True:
        sock, _ = listener.accept()
        threading.Thread(target=serve_one, args=(sock,), daemon=True).start()


# ---- what the machine does to us ----
class Watch:
    """What the machine kept from us, in the same run, beside what the driver does:

    - how long each thread on the way has waited for a processor so far, every WATCH_S: the kernel counts that
      (/proc/PID/task/TID/schedstat, second field). On the way are this network's processes;
    - which of them could not run for a disk or a lock of the kernel's (state D);
    - a timer on each processor: how late it was. It tells when the whole machine stood still, or a processor was lent out.

    A driver that forgets to go on lets all threads sleep in peace, and the timers be in time: that counts nothing."""

    def __init__(self):
        self.samples, self.late = [], []
        self.family = self._family()
        for processor in sorted(os.sched_getaffinity(0))[:TIMERS]:
            threading.Thread(target=self._timer, args=(processor,), daemon=True).start()
        threading.Thread(target=self._run, daemon=True).start()

    @staticmethod
    def _family():
        """This process, the machine above it (kexthost), and all that is beside and below that: QEMU, the peers."""
        children = {}
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open("/proc/%s/stat" % pid) as f:
                    children.setdefault(int(f.read().rsplit(")", 1)[1].split()[1]), []).append(int(pid))
            except OSError:
                pass
        parents = {c: p for p, cs in children.items() for c in cs}
        top = os.getpid()
        while parents.get(top, 1) > 1 and "around" not in open("/proc/%d/cmdline" % top).read():
            top = parents[top]
        family, todo = [], [top]
        while todo:
            family.append(todo.pop())
            todo += children.get(family[-1], [])
        return family

    def _look(self):
        waited, blocked = {}, set()
        for pid in self.family:
            try:
                for tid in os.listdir("/proc/%d/task" % pid):
                    with open("/proc/%d/task/%s/schedstat" % (pid, tid)) as f:
                        waited[tid] = int(f.read().split()[1]) / 1e9
                    with open("/proc/%d/task/%s/stat" % (pid, tid)) as f:
                        if f.read().rsplit(")", 1)[1].split()[0] == "D":
                            blocked.add(tid)
            except OSError:  # it has ended
                pass
        self.samples.append((time.monotonic(), waited, blocked))

    def _run(self):
        while True:
            self._look()
            time.sleep(WATCH_S)

    def _timer(self, processor):
        os.sched_setaffinity(0, (processor,))  # of this thread
        while True:
            due = time.monotonic() + TIMER_S
            time.sleep(TIMER_S)
            now = time.monotonic()
            if now - due > TIMER_S:
                self.late.append((due, now))

    def kept(self, begin, end):
        """How much of the time between these two the machine kept something from running. Threads wait one after another, so
        it is asked between each two samples which one waited longest."""
        total = 0
        samples = [(begin, {}, set())] + self.samples + [(end, self.samples[-1][1], set())] if self.samples else []
        for (a, before, stuck), (b, after, still) in zip(samples, samples[1:]):
            a, b = max(a, begin), min(b, end)
            if a >= b:
                continue
            waited = max((after[t] - before[t] for t in after if t in before), default=0)
            late = max((min(b, y) - max(a, x) for x, y in list(self.late)), default=0)
            total += min(b - a, max(waited, late, b - a if stuck & still else 0))
        return total


# ---- this end ----
class Flow:
    """Notes when it last moved, and every pause longer than `pause` seconds as (begin, end)."""

    def __init__(self, name, pause):
        self.name, self.pause = name, pause
        self.bytes, self.last, self.gaps, self.error, self.port = 0, time.monotonic(), [], None, None

    def count(self, n):
        now = time.monotonic()
        if now - self.last > self.pause:
            self.gaps.append((self.last, now))
        self.last = now
        self.bytes += n


class Traffic:
    def __init__(self, address, pause=0.5, tcp_pause=None):
        tcp_pause = tcp_pause or pause
        self.address = address
        self.stopped = False
        self.flows = [Flow("out", tcp_pause), Flow("in", tcp_pause), Flow("probes", pause)]
        self.probes_sent = 0
        self.threads = [threading.Thread(target=f, args=(flow,), daemon=True) for f, flow in
                        zip((self._out, self._in, self._echoes), self.flows)]
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.threads.append(threading.Thread(target=self._probe, daemon=True))

    def running(self):
        return not self.stopped

    def start(self):
        for t in self.threads:
            t.start()

    def _connect(self):
        end = time.monotonic() + 20
        while True:
            try:
                return socket.create_connection(self.address, timeout=20)
            except OSError:  # no route as long as the interface is down
                if time.monotonic() > end:
                    raise
                time.sleep(0.05)

    def _tcp(self, flow, kind, move):
        try:
            sock = self._connect()
            flow.port = sock.getsockname()[1]
            sock.settimeout(30)
            sock.sendall(kind)
            move(sock, self.running, flow.count)
        except (OSError, Damaged) as e:
            flow.error = str(e)
        else:
            if not self.stopped:
                flow.error = "the connection ended"

    def _out(self, flow):
        self._tcp(flow, b"u", send_stream)

    def _in(self, flow):
        self._tcp(flow, b"d", take_stream)

    def _echoes(self, flow):
        self.udp.settimeout(0.2)
        while not self.stopped:
            try:
                flow.count(len(self.udp.recv(2048)))
            except OSError:
                pass

    def _probe(self):
        while not self.stopped:
            try:
                self.udp.sendto(b"p" * 64, self.address)
                self.probes_sent += 1
            except OSError:  # no route meanwhile
                pass
            time.sleep(PROBE_S)

    def stop(self):
        """Ends it; returns what went wrong, as lines."""
        now = time.monotonic()
        for flow in self.flows:
            if now - flow.last > flow.pause:
                flow.gaps.append((flow.last, now))
        self.stopped = True
        return ["%s: %s" % (f.name, f.error) for f in self.flows if f.error]

    def moved(self):
        return ", ".join("%s %.1f MB" % (f.name, f.bytes / 1e6) for f in self.flows)


def pauses(flow, watch):
    """The flow's pauses as text: the machine's are those that would have been short without what it kept."""
    text = ""
    for begin, end in flow.gaps:
        kept = watch.kept(begin, end)
        own = end - begin - kept > flow.pause
        text += "; %s of %.1f s %s, %.1f s of it the machine's" % ("pause" if own else "machine", end - begin, flow.name, kept)
    return text


def run(address, seconds, enough=""):
    watch = Watch()
    t = Traffic(address, tcp_pause=TCP_PAUSE_S)
    t.start()
    end = time.monotonic() + BEGIN_S
    while not all(f.bytes or f.error for f in t.flows[:2]) and time.monotonic() < end:
        time.sleep(0.02)
    end = time.monotonic() + seconds
    while time.monotonic() < end and not os.path.exists(enough):
        time.sleep(0.05)
    bad = t.stop()
    print(t.moved() + "".join(pauses(f, watch) for f in t.flows))
    for line in bad:
        print(line)
    for f in t.flows[:2]:
        if not f.bytes:
            bad.append(f.name)
            print(f.name + ": nothing moved")
    return 1 if bad else 0


if __name__ == "__main__":
    if len(sys.argv) == 4 and sys.argv[1] == "serve":
        serve((sys.argv[2], int(sys.argv[3])))
    elif len(sys.argv) in (5, 6) and sys.argv[1] == "run":
        sys.exit(run((sys.argv[2], int(sys.argv[3])), float(sys.argv[4]), *sys.argv[5:]))
    else:
        sys.exit(__doc__)
