#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# inject.py SOCKET FRAME...: as COMMAND. Frames for the guest, each with a virtio_net_hdr of our own making, through QEMU's
# filter-redirector (vnet_hdr_support=on; net/filter-mirror.c: two lengths, big-endian, before each). For each a line: has Linux's
# stack taken it, refused it for its checksum, or not seen it (lost)? FRAME: words joined by "+":
#   tcp4 tcp6 udp4 udp6 icmp4   what it is                vlan   with a tag: a priority, no VLAN (IEEE 802.1Q)
#   cut      in two IP fragments
#   valid    flags DATA_VALID, and a checksum that is not  partial       flags NEEDS_CSUM, the field holds the pseudo header's sum
#   right    no flags, the right checksum                  wrong         no flags, and a checksum that is not
#   outside  right, but NEEDS_CSUM for a field behind its end             unasked   right, but segmented as nobody negotiated
import socket, struct, sys, time

MAC, PEER = bytes.fromhex("525400123456"), bytes.fromhex("525400ffff01")


def fold(data):
    if len(data) & 1:
        data += b"\0"
    s = sum(struct.unpack(">%dH" % (len(data) // 2), data))
    while s >> 16:
        s = (s & 0xFFFF) + (s >> 16)
    return s


def ipv4(proto, more, at, ends, data):
    network = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(data), 1, more << 13 | at // 8, 64, proto, 0) + ends
    return network[:10] + struct.pack(">H", 0xFFFF - fold(network)) + network[12:]


def frames(words):
    v6, tcp, icmp = words[0][-1] == "6", words[0][:3] == "tcp", words[0] == "icmp4"
    payload = bytes(range(101)) * (10 if "long" in words else 1)
    proto, at = (6, 16) if tcp else (1, 2) if icmp else (17, 6)
    if tcp:
        head = struct.pack(">HHIIBBHHH", 7777, 9, 1000, 1, 5 << 4, 0x10, 4096, 0, 0)
    elif icmp:
        head = struct.pack(">BBHHH", 8, 0, 0, 1, 1)
    else:
        head = struct.pack(">HHHH", 7777, 9999, 8 + len(payload), 0)
    length = len(head) + len(payload)
    if v6:
        ends = socket.inet_pton(socket.AF_INET6, "fd09::1") + socket.inet_pton(socket.AF_INET6, "fd09::2")
        network = struct.pack(">IHBB", 6 << 28, length, proto, 64) + ends
        pseudo = ends + struct.pack(">II", length, proto)
    else:
        ends = socket.inet_aton("10.9.0.1") + socket.inet_aton("10.9.0.2")
        network = ipv4(proto, 0, 0, ends, bytes(length))
        pseudo = b"" if icmp else ends + struct.pack(">HH", proto, length)
    right = 0xFFFF - fold(pseudo + head + payload)
    value = {"partial": fold(pseudo), "valid": right ^ 0x5555, "wrong": right ^ 0x5555}.get(words[1], right)
    head = head[:at] + struct.pack(">H", value) + head[at + 2:]
    ether = MAC + PEER + (b"\x81\0\xa0\0" if "vlan" in words else b"") + (b"\x86\xdd" if v6 else b"\x08\0")
    start = len(ether) + len(network)
    flags = {"partial": 1, "outside": 1, "valid": 2}.get(words[1], 0)
    gso = 1 if words[1] == "unasked" else 0  # VIRTIO_NET_HDR_GSO_TCPV4
    if words[1] == "outside":
        start = 60000
    ether = struct.pack("<BBHHHHH", flags, gso, 0, 100 * gso, start if flags == 1 else 0, at if flags == 1 else 0, 0) + ether
    data = head + payload
    if "cut" in words:
        return [ether + ipv4(proto, 1, 0, ends, data[:64]) + data[:64], ether + ipv4(proto, 0, 64, ends, data[64:]) + data[64:]]
    return [ether + network + data]


def seen():
    """What Linux's stack says of received segments, datagrams and echo requests: taken, and refused for their checksum."""
    count = {}
    lines = open("/proc/net/snmp").read().splitlines()
    for names, values in zip(lines[::2], lines[1::2]):
        for name, value in zip(names.split()[1:], values.split()[1:]):
            count[names.split(":")[0] + name] = int(value)
    for line in open("/proc/net/snmp6"):
        count[line.split()[0]] = int(line.split()[1])
    bad = sum(count.get(c, 0) for c in ("TcpInCsumErrors", "UdpInCsumErrors", "Udp6InCsumErrors", "IcmpInCsumErrors"))
    return sum(count[c] for c in ("TcpInSegs", "UdpNoPorts", "Udp6NoPorts", "IcmpInEchos")) - count.get("TcpInCsumErrors", 0), bad


# One connection for all: QEMU's redirector does not take another. It hears the end before what came last.
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
for words in sys.argv[2:]:
    before = after = seen()
    for f in frames(words.split("+")):
        s.sendall(struct.pack(">II", len(f), 12) + f)
    end = time.monotonic() + (2 if {"outside", "unasked"} & set(words.split("+")) else 20)
    while after == before and time.monotonic() < end:
        time.sleep(0.02)
        after = seen()
    while after != seen():  # it is counted as come first, and then as refused
        after = seen()
    taken, refused = after[0] - before[0], after[1] - before[1]
    print("%s: %s" % (words, {(1, 0): "taken", (0, 1): "refused", (0, 0): "lost"}.get((taken, refused), (taken, refused))))
