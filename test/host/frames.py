#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# COMMAND beside test/kexts/Loop: sends frames through en0, asks the driver what it saw (EtherType 0x88b5, answers 0x88b6)
# and prints TAP lines. frames.py GROUP [WORD...]; the words are those of the boot-arg loop=.
import os
import socket
import struct
import subprocess
import sys
import time

PEER = bytes.fromhex('525400010203')
COMMAND, ANSWER = 0x88b5, 0x88b6
SOL_PACKET, PACKET_AUXDATA, PACKET_VNET_HDR, PACKET_OUTGOING = 263, 8, 15, 4
NEEDS_CSUM, DATA_VALID, GSO_TCP4, GSO_TCP6 = 1, 2, 1, 4
words = set(sys.argv[2:])
failed = 0


def check(good, text, why=''):
    global failed
    failed |= not good
    why = '' if good or why == '' else ': ' + str(why).replace('\n', ' / ')
    print(f"{'ok' if good else 'not ok'} - {text}{why}", flush=True)
    return good


def run(*command):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def ip(*arguments):
    return run('ip', 'link', 'set', 'en0', *arguments).returncode == 0


def link():
    return run('ip', 'link', 'show', 'en0').stdout


def until(test, seconds=30):
    """What must come may be late on a busy machine."""
    end = time.time() + seconds
    while not test():
        if time.time() > end:
            return False
        time.sleep(0.01)
    return True


class Wire:
    def __init__(self):
        self.s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        self.s.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
        self.s.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
        self.s.bind(('en0', 0))
        self.mark = 0
        self.mac = bytes.fromhex(link().split('link/ether ')[1][:17].replace(':', ''))

    def send(self, kind, payload, header=(0, 0, 0, 0, 0, 0), tag=None):
        frame = PEER + self.mac + (struct.pack('>HH', 0x8100, tag) if tag is not None else b'') + struct.pack('>H', kind)
        data = struct.pack('<BBHHHH', *header) + frame + payload.ljust(46, b'\0')
        try:
            self.s.send(data)
        except OSError:  # what happened since the last call: en0 was down
            self.s.send(data)

    def receive(self, seconds):
        """(EtherType, frame, virtio_net_hdr flags, VLAN tag) of the next frame that comes in; None."""
        end = time.time() + seconds
        while time.time() < end:
            self.s.settimeout(max(end - time.time(), 0.001))
            try:
                data, extra, _, source = self.s.recvmsg(70000, 256)
            except socket.timeout:
                return None
            except OSError:
                continue
            if source[2] == PACKET_OUTGOING:
                continue
            tags = [struct.unpack('<H', a[16:18])[0] for l, t, a in extra if (l, t) == (SOL_PACKET, PACKET_AUXDATA)]
            frame = data[10:]
            return struct.unpack('>H', frame[12:14])[0], frame, data[0], tags[0] if tags else 0
        return None

    def order(self, command, frames, seconds=30):
        """Sends the command; the IPv4 frames that came in, at least so many if they come in time, and the answer."""
        self.mark += 1
        self.send(COMMAND, f'{command}#{self.mark}'.encode() + b'\0')
        rows, answer, end = [], None, time.time() + seconds
        while time.time() < end and (answer is None or len(rows) < frames):
            got = self.receive(end - time.time())
            if got and got[0] == ANSWER:
                text, mark = got[1][14:].split(b'\0')[0].decode().rsplit('#', 1)
                answer = text if int(mark) == self.mark else answer
            elif got and got[0] == 0x0800:
                rows.append(got[1:])
        return rows, answer

    def ask(self, command, seconds=30):
        """One that changes nothing is put again: a link that is not quite up loses frames."""
        harmless = command in ('state', 'queue', 'stats')
        for _ in range(15 if harmless else 1):
            answer = self.order(command, 0, 2 if harmless else seconds)[1]
            if answer is not None:
                return answer
        return ''

    def pairs(self, command):
        return dict(part.split('=', 1) for part in self.ask(command).split() if '=' in part)

    def state(self):
        return self.pairs('state')

    def trail(self):
        return self.ask('trail').split()[1:]

    def records(self):
        """What the driver was given since the last call, one dictionary a frame."""
        everything = []
        while True:
            rows = [row for row in self.ask('records').replace('records: ', '').split(';') if 'type=' in row]
            everything += [dict(p.split('=', 1) for p in row.split()) for row in rows]
            if not rows:
                return everything


def before(trail, *events):
    where = [trail.index(e) if e in trail else -1 for e in events]
    return -1 not in where and where == sorted(where)


def heard(w, *events):
    """The trail, until it has these events in this order."""
    trail = []
    until(lambda: trail.extend(w.trail()) or before(trail, *events))
    return trail


def start(ipv6=True):
    """Up, and the driver answers. Without IPv6 Linux sends nothing of its own."""
    if not ipv6:
        with open('/proc/sys/net/ipv6/conf/en0/disable_ipv6', 'w') as f:
            f.write('1')
    ip('up')
    until(lambda: 'LOWER_UP' in link())
    w = Wire()
    check(until(lambda: w.ask('hello', 0.3) == 'what?'), 'the driver answers')
    return w


def restart(w, enables, *events):
    """Down and up again; what the driver heard, which has these events. A down and up too close to be seen is tried again."""
    w.trail()
    for pause in 0.1, 1, 5:
        ip('down')
        time.sleep(pause)
        ip('up')
        until(lambda: 'LOWER_UP' in link())
        if until(lambda: w.state().get('enables') == str(enables), 10):
            break
    return heard(w, *events)


# ---- what is done to the interface ----
def life():
    check('state DOWN' in link(), 'en0 is down at first')
    w = start()
    s, t = w.state(), heard(w, *(['enable'] if 'nomulti' in words else ['multi-on', 'list']))
    check(s['enables'] == '1' and s['enabled'] == '1' and s['running'] == '1', 'up: enable, once', s)
    check('address' not in t, "the address is the card's own", t)
    if 'nomulti' in words:
        check('list' not in t and 'multi-on' not in t, 'a driver without multicast filter hears of no group', t)
        return
    check(before(t, 'multi-on', 'list'), 'multicast mode, then the list', t)
    check(until(lambda: '01:00:5e:00:00:01' in w.state()['groups']), 'the all-hosts group is joined')
    check(w.state()['multi'] == '1', 'multicast mode is on')
    ip('up')
    check(w.state()['enables'] == '1', 'up again: nothing')
    t = restart(w, 2, 'enable', 'multi-on', 'list')
    check(w.state()['disables'] == '1' and t[0] == 'disable', 'down: disable', t)
    check(before(t, 'enable', 'multi-on', 'list') and 'multi-off' not in t, 'up: enable, multicast mode, the list', t)
    filters(w)
    mtu(w)
    address(w)
    carrier(w)
    check(w.state()['misplaced'] == '0', 'all of it with the gate held')


def filters(w):
    ip('promisc', 'on')
    check(until(lambda: w.state()['promisc'] == '1'), 'promiscuous mode on')
    ip('promisc', 'off')
    check(until(lambda: w.state()['promisc'] == '0'), 'and off')
    ip('allmulticast', 'on')
    check(until(lambda: w.state()['multi'] == '1'), 'all multicasts')
    ip('allmulticast', 'off')
    time.sleep(0.05)
    check(w.state()['multi'] == '1', 'without them the filter stays on for the groups')


def mtu(w):
    w.trail()
    ip('mtu', '1400')
    check(until(lambda: w.state()['mtu'] == '1400'), 'a smaller MTU')
    check('size' not in w.trail(), "is not the driver's business")
    ip('mtu', '9000')
    if 'jumbo' in words:
        check(until(lambda: w.state()['size'] == '9018'), 'a large one is: header and CRC included', w.state())
        ip('mtu', '1500')
        check(until(lambda: w.state()['size'] == '1518'), 'and back')
    else:
        check(until(lambda: 'mtu 1400' in link()), 'a larger one than the driver takes is undone', link())
        ip('mtu', '1500')
    until(lambda: w.state()['mtu'] == '1500')


def address(w):
    w.trail()
    ip('address', '52:54:00:11:22:33')
    check(until(lambda: 'address' in w.trail()), 'a new address reaches the driver')
    check('52:54:00:11:22:33' in link(), 'and stays')
    w.mac = bytes.fromhex('525400112233')
    t = restart(w, 3, 'enable', 'list', 'address')
    check(before(t, 'enable', 'list', 'address'), 'and is set again at the next enable, after the list', t)


def carrier(w):
    check('LOWER_UP' in link(), 'carrier')
    for ms in 400, 2000, 8000:  # nobody may have looked before it is up again
        w.ask(f'down {ms}')
        down = until(lambda: 'NO-CARRIER' in link(), ms / 1000 - 0.05)
        if down:
            break
        until(lambda: w.ask('hello', 1) == 'what?')
    check(down, 'the link goes down: no carrier', link())
    check(until(lambda: 'LOWER_UP' in link()), 'and up')


def refuse():
    ip('up')
    check(until(lambda: 'could not be enabled' in open(os.environ['KEXTLOG']).read()), 'kexthost says that it cannot')
    check(',UP' in link(), 'Linux has it up')


# ---- offloads ----
def fold(data, total=0):
    total += sum(struct.unpack(f'>{len(data) // 2}H', data[:len(data) & ~1])) + (data[-1] << 8 if len(data) & 1 else 0)
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return total


def segment(v6, tcp, size):
    """A packet whose transport checksum is left to the device: the field holds the pseudo header's sum."""
    protocol, head = (6, 20) if tcp else (17, 8)
    length = head + size
    a, b = (bytes.fromhex('fd09' + '00' * 13 + n) for n in ('02', '01')) if v6 else (bytes([10, 9, 0, n]) for n in (2, 1))
    partial = fold(a + b, protocol + length)
    if tcp:
        transport = struct.pack('>HHIIBBHHH', 1234, 80, 1, 1, 0x50, 0x10, 1000, partial, 0)
    else:
        transport = struct.pack('>HHHH', 1234, 9, length, partial)
    if v6:
        network = struct.pack('>IHBB', 6 << 28, length, protocol, 64) + a + b
    else:
        network = struct.pack('>BBHHHBBH', 0x45, 0, 20 + length, 1, 0x4000, 64, protocol, 0) + a + b
        network = network[:10] + struct.pack('>H', ~fold(network) & 0xffff) + network[12:]
    return network + transport + bytes(i & 255 for i in range(size)), len(network), head


def features():
    rows = [line.split(':') for line in run('ethtool', '-k', 'en0').stdout.splitlines() if ': o' in line]
    return {name.strip(): value.split()[0] for name, value in rows}


def send_one(w, v6, tcp, size, mss=0, tag=None):
    packet, network, head = segment(v6, tcp, size)
    at = 14 + network + (4 if tag is not None else 0)
    gso = (GSO_TCP6 if v6 else GSO_TCP4) if mss else 0
    header = (NEEDS_CSUM, gso, at + head if mss else 0, mss, at, 16 if tcp else 6)
    w.send(0x86dd if v6 else 0x0800, packet, header, tag)


def sent(w, tcp):
    return [r for r in w.records() if r['proto'] == ('6' if tcp else '17')]


def offload():
    w = start(ipv6=False)
    v4tcp, v4udp, v6 = bool(words & {'csum', 'tcponly'}), 'csum' in words, 'csum6' in words and 'old' not in words
    announced = {(0, 1): v4tcp, (0, 0): v4udp, (1, 1): v6, (1, 0): v6}
    tso = ['tso4' in words and v4tcp, 'tso6' in words and v6]
    on = {'tx-checksum-ip-generic': v4tcp or v6, 'tx-tcp-segmentation': tso[0], 'tx-tcp6-segmentation': tso[1]}
    have = features()
    for name, want in on.items():
        check(have.get(name) == ('on' if want else 'off'), f"ethtool -k: {name} {'on' if want else 'off'}", have.get(name))
    bits = {(0, 1): '2', (0, 0): '4', (1, 1): '20', (1, 0): '40'}
    for kind in bits:
        name = f"{'TCP' if kind[1] else 'UDP'} over IPv{6 if kind[0] else 4}"
        for size in 101, 1000:
            w.records()
            send_one(w, *kind, size)
            rows = sent(w, kind[1])
            row = rows[0] if len(rows) == 1 else {}
            if announced[kind]:
                good = row.get('demand') == bits[kind] and row.get('sum') == 'pseudo'
                check(good, f'{name}, {size} bytes: the driver is asked for the sum', rows)
            else:
                good = row.get('demand') == '0' and row.get('sum') == 'good'
                check(good, f'{name}, {size} bytes: its sum is complete', rows)
    for version in 0, 1:
        large(w, version, tso[version], announced[version, 1])
    vlan(w, v4udp)


def large(w, v6, wanted, announced):
    w.records()
    send_one(w, v6, 1, 5000, mss=1000)
    time.sleep(0.05)
    rows = sent(w, 1)
    header = 14 + (40 if v6 else 20) + 20
    name = f'5000 bytes of TCP over IPv{6 if v6 else 4}'
    if wanted:
        check(len(rows) == 1 and rows[0]['len'] == str(header + 5000), f'{name}: one frame', rows)
        check(len(rows) == 1 and rows[0]['tso'] == ('200000:1000' if v6 else '100000:1000'), 'a request to segment', rows)
    else:
        good = [r['len'] for r in rows] == [str(header + 1000)] * 5 and {r['tso'] for r in rows} == {'0:0'}
        check(good, f'{name}: five segments', rows)
        check({r['sum'] for r in rows} == {'pseudo' if announced else 'good'}, 'each with its sum', rows)


def vlan(w, announced):
    w.records()
    send_one(w, 0, 0, 200, tag=7)
    rows = sent(w, 0)
    row = rows[0] if len(rows) == 1 else {}
    check(row.get('tag') == '7', 'a VLAN tag is in the frame', rows)
    check(row.get('sum') == ('pseudo' if announced else 'good'), 'and the sum behind it is found', rows)


# ---- the output queue under traffic ----
def numbered(w, count):
    for i in range(count):
        w.send(0x9000, bytes(60 + i))


def all_of(w, count):
    got = [int(r['len']) for r in w.records() if r['type'] == '9000']
    return got == [74 + i for i in range(count)], got


def queue():
    w = start(ipv6=False)
    w.records()
    numbered(w, 20)
    check(all_of(w, 20)[0], 'frames arrive in order')
    was = w.pairs('queue')
    w.ask('stall 3')
    numbered(w, 20)
    time.sleep(0.2)
    good, got = all_of(w, 20)
    check(good, 'three stalls: none lost, none twice, in order', got)
    now = w.pairs('queue')
    good = int(now['stall']) - int(was['stall']) == 3 and int(now['retry']) - int(was['retry']) == 3
    check(good, 'the queue counts them', now)
    w.ask('drop 2')
    numbered(w, 5)
    time.sleep(0.05)
    check(all_of(w, 5)[1] == [76, 77, 78], 'two that the driver drops are gone')
    for count, text in (30, 'stopped: they wait for start()'), (100, 'more than the queue holds wait outside: none is dropped'):
        begin = time.time()
        w.ask('halt 300')
        numbered(w, count)
        good, got = all_of(w, count)
        check(good and time.time() - begin > 0.29, text, got)
    s = w.state()
    check(s['overlapped'] == '0' and s['misplaced'] == '0', 'the driver is called by one thread at a time', s)
    now = w.pairs('queue')
    check(now['drop'] == was['drop'] and now['size'] == '0', 'nothing dropped, nothing left', now)


# ---- from the driver ----
def udp_good(frame):
    return fold(frame[26:34] + frame[34:43] + b'\0', 17 + 9) == 0xffff


def receive():
    w = start(ipv6=False)
    rows, _ = w.order('input plain', 1)
    check(len(rows) == 1 and len(rows[0][0]) == 60, 'inputPacket', rows)
    check(rows and udp_good(rows[0][0]), "the bytes are the driver's")
    check(rows and not rows[0][1] & (NEEDS_CSUM | DATA_VALID), 'nobody vouches for its sum')
    rows, _ = w.order('input vouched', 1)
    good = rows and rows[0][1] & (NEEDS_CSUM | DATA_VALID) and not udp_good(rows[0][0])
    check(good, 'setChecksumResult: the sum will not be looked at', rows)
    rows, _ = w.order('input tagged', 1)
    check(rows and rows[0][2] == 5, 'setVlanTag: the frame has the tag', rows)
    rows, answer = w.order('inputs 5', 5)
    check(answer == '5', 'flushInputQueue says how many', answer)
    check([r[0][42] for r in rows] == [0, 1, 2, 3, 4], 'five frames, in order', [r[0][42] for r in rows])
    rows, answer = w.order('clear 4', 0)
    rows += w.order('hello', 0)[0]  # its answer comes after them
    check(answer == '4' and not rows, 'clearInputQueue: none', (answer, len(rows)))
    check(w.pairs('stats')['in'] == '12', "the driver's statistics")


# ---- a neighbour ----
def echo(size):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.settimeout(30)
    data = os.urandom(size)
    s.sendto(data, ('10.9.0.1', 4000))
    try:
        return s.recv(65536) == data
    except socket.timeout:
        return False


def traffic():
    start()
    run('ip', 'addr', 'add', '10.9.0.2/24', 'dev', 'en0')
    p = run('ping', '-q', '-c', '200', '-i', '0.002', '-W', '30', '10.9.0.1')
    check(' 0% packet loss' in p.stdout, '200 pings', p.stdout)
    bad = [size for size in (0, 1, 17, 100, 1472, 4000) if not echo(size)]
    check(not bad, 'UDP of several sizes comes back with good sums', bad)
    flood = subprocess.Popen(['ping', '-q', '-f', '-w', '3', '10.9.0.1'], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(0.5)
    ctl, name = os.environ['KEXTCTL'], 'org.virtio-osx.test.Loop'
    p = run(ctl, 'unload', name)
    check(p.returncode == 0, 'unloaded under traffic', p.stdout)
    check(run('ip', 'link', 'show', 'en0').returncode != 0, 'en0 is gone')
    flood.wait()
    p = run(ctl, 'load', name)
    check(p.returncode == 0 and until(lambda: 'en0' in link()), 'loaded again: en0 is back', p.stdout)
    start()
    run('ip', 'addr', 'add', '10.9.0.2/24', 'dev', 'en0')
    p = run('ping', '-q', '-c', '5', '-i', '0.01', '-W', '30', '10.9.0.1')
    check(' 0% packet loss' in p.stdout, 'and works', p.stdout)


{'life': life, 'offload': offload, 'queue': queue, 'receive': receive, 'refuse': refuse, 'traffic': traffic}[sys.argv[1]]()
sys.exit(failed)
