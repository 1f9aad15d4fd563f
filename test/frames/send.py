#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# send.py INTERFACE FOLDER <ROWS: frames by a packet socket with a virtio-net header (packet(7), PACKET_VNET_HDR): what the
# kernel's stack would ask of the driver, in shapes that it never makes. A row is "NAME SHAPE SIZE MSS"; SHAPE: words joined
# by "+": tcp4 tcp6 udp4 udp6, options (IPv4: 12 bytes; IPv6: hop-by-hop and destination options), longext (240 bytes of
# options), auth (RFC 4302), full (headers as long as IPv4 and TCP allow), times (12 bytes of TCP options), vlan, vlans (two
# tags), cwr, ece, fin, zero (a checksum of 0), lost (nobody will see it). MSS 0: checksum only. A row "mbufs SHAPE" is said to kexthost's control
# socket. Writes FOLDER/sent, for check.c (a record: place in host order, length, virtio-net header, frame), and
# FOLDER/rows ("PLACE NAME MBUFS"). Each frame has a source port of its own, and the next waits until told.py has seen it, if
# FOLDER/told is there; after a lost one until the driver has counted it as dropped.
import os, re, socket, struct, sys, time

FIRST_PORT = 10000
name, folder = sys.argv[1], sys.argv[2]
payload_all = b"".join(struct.pack(">I", i * 2654435761 & 0xFFFFFFFF) for i in range(16400))


def fold(data, s=0):
    if len(data) & 1:
        data += b"\0"
    s += sum(struct.unpack(">%dH" % (len(data) // 2), data))
    while s >> 16:
        s = (s & 0xFFFF) + (s >> 16)
    return s


def extensions(words, proto):
    if "longext" in words:
        return 60, struct.pack("BBBB", proto, 29, 1, 236) + bytes(236)
    if "auth" in words:
        return 0, bytes([51, 0, 1, 4, 0, 0, 0, 0]) + struct.pack(">BBHII", proto, 4, 0, 1, 1) + bytes(12)
    if "options" in words:
        return 0, bytes([60, 0, 1, 4, 0, 0, 0, 0]) + bytes([proto, 1, 1, 12]) + bytes(12)
    return proto, b""


def transport(words, place, size):
    port = FIRST_PORT + place
    if "tcp4" not in words and "tcp6" not in words:
        return struct.pack(">HHHH", port, 9999, 8 + size, 0), 6, 17
    times = b"\1" * 40 if "full" in words else b"\1\1\x08\x0a" + struct.pack(">II", 0x01020304, place) if "times" in words else b""
    flags = 0x18 | ("cwr" in words) << 7 | ("ece" in words) << 6 | ("fin" in words)
    sequence = 0xFFFF8000 + place & 0xFFFFFFFF  # crosses zero in the larger frames
    return struct.pack(">HHIIBBHHH", port, 9999, sequence, 1, 5 + len(times) // 4 << 4, flags, 4096, 0, 0) + times, 16, 6


def build(words, place, size, mss):
    header, at, proto = transport(words, place, size)
    length = len(header) + size
    if "tcp6" in words or "udp6" in words:
        src, dst = socket.inet_pton(socket.AF_INET6, "fd09::2"), socket.inet_pton(socket.AF_INET6, "fd09::1")
        first, ext = extensions(words, proto)
        network = struct.pack(">IHBB", 6 << 28, len(ext) + length, first, 64) + src + dst + ext
        pseudo, ether, gso = src + dst + struct.pack(">II", length, proto), 0x86DD, 4
    else:
        src, dst = socket.inet_aton("10.9.0.2"), socket.inet_aton("10.9.0.1")
        opts = b"\1" * (40 if "full" in words else 12 if "options" in words else 0)
        network = struct.pack(">BBHHHBBH", 0x45 + len(opts) // 4, 0, 20 + len(opts) + length, 0xFFF0 + place & 0xFFFF, 0, 64,
                              proto, 0) + src + dst + opts
        network = network[:10] + struct.pack(">H", 0xFFFF - fold(network)) + network[12:]
        pseudo, ether, gso = src + dst + struct.pack(">HH", proto, length), 0x0800, 1
    payload = payload_all[:size]
    if "zero" in words:
        payload = payload[:-2] + struct.pack(">H", 0xFFFF - fold(header + payload[:-2], fold(pseudo)))
    header = header[:at] + struct.pack(">H", fold(pseudo)) + header[at + 2:]
    tags = b"\x81\0\x60\5" * ("vlan" in words) + b"\x81\0\0\6\x81\0\x20\7" * ("vlans" in words)
    frame = bytes.fromhex("ffffffffffff525400123456") + tags + struct.pack(">H", ether) + network
    start = len(frame)
    gso = (gso | ("cwr" in words) << 7) if mss else 0
    return struct.pack("<BBHHHH", 1, gso, start + len(header), mss, start, at) + frame + header + payload


def say(command):
    answer = []
    with socket.socket(socket.AF_UNIX) as s:
        s.connect(os.environ["KEXTCTL_SOCKET"])
        s.sendall(command.encode() + b"\n")
        for line in s.makefile():
            if line == "ok\n":
                return "".join(answer)
            answer.append(line)
    sys.exit("send.py: %s: %s" % (command, "".join(answer)))


def dropped():
    return sum(map(int, re.findall(r'"tx dropped for [a-z]+"=(\d+)', say("ioreg"))))


def counted(before, end):
    while dropped() == before:
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


def seen(told, port, end):
    if not told:
        time.sleep(0.002)
        return True
    while time.monotonic() < end:
        if any(line.startswith("%d " % port) for line in told.readlines()):
            return True
        time.sleep(0.0005)
    return False


s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
s.setsockopt(263, 15, 1)  # SOL_PACKET, PACKET_VNET_HDR
s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
place, chain, lost = 0, "whole", 0
told = open(folder + "/told") if os.path.exists(folder + "/told") else None
with open(folder + "/sent", "wb") as sent, open(folder + "/rows", "w") as rows:
    for line in sys.stdin:
        row = line.split()
        if not row:
            continue
        if row[0] == "mbufs":
            chain = row[1]
            say("mbufs " + chain)
            continue
        words = row[1].split("+")
        frame = build(words, place, int(row[2]), int(row[3]))
        sent.write(struct.pack("=II", place, len(frame)) + frame)
        rows.write("%d %s %s\n" % (place, row[0], chain))
        tagged = "vlan" in words or "vlans" in words
        before = dropped() if "lost" in words else None
        s.sendto(frame, (name, 0x8100 if tagged else 0x86DD if "6" in words[0] else 0x0800))
        if "lost" in words:
            done = counted(before, time.monotonic() + 30)
        else:
            done = seen(told, FIRST_PORT + place, time.monotonic() + 30)
        if not done:
            print("send.py: nobody has seen row %s in chain %s" % (row[0], chain), file=sys.stderr)
            lost += 1
            if lost > 3:
                sys.exit(1)
        place += 1
sys.exit(lost != 0)
