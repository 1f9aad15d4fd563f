#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# send.py INTERFACE SHAPE SIZE MSS: one frame by a packet socket with a virtio-net header (packet(7), PACKET_VNET_HDR): what
# the kernel's stack would ask of the driver, in shapes that it never makes. SHAPE: words joined by "+": tcp4 tcp6 udp4 udp6,
# options (IPv4: 12 bytes; IPv6: hop-by-hop and destination options), longext (240 bytes of options), vlan, cwr.
# MSS 0: checksum only. The payload is a counter, so that a peer can put segments together.
import socket, struct, sys

name, shape, size, mss = sys.argv[1], sys.argv[2].split("+"), int(sys.argv[3]), int(sys.argv[4])
v6 = "tcp6" in shape or "udp6" in shape
tcp = "tcp4" in shape or "tcp6" in shape
proto = 6 if tcp else 17


def fold(data):
    if len(data) & 1:
        data += b"\0"
    s = sum(struct.unpack(">%dH" % (len(data) // 2), data))
    while s >> 16:
        s = (s & 0xFFFF) + (s >> 16)
    return s


payload = b"".join(struct.pack(">I", i) for i in range(size // 4 + 1))[:size]
mac = "525400123456"
flags = 0x98 if "cwr" in shape else 0x18
header = struct.pack(">HHIIBBHHH", 7777, 9999, 1000, 1, 8 << 4, flags, 4096, 0, 0) + b"\1\1\1\1" * 3 if tcp else \
    struct.pack(">HHHH", 7777, 9999, 8 + size, 0)
length = len(header) + size
if v6:
    src, dst = socket.inet_pton(socket.AF_INET6, "fd09::2"), socket.inet_pton(socket.AF_INET6, "fd09::1")
    chain = [proto]
    ext = b""
    if "longext" in shape:
        ext = struct.pack("BBBB", proto, 29, 1, 236) + bytes(236)
        chain = [60]
    elif "options" in shape:
        ext = bytes([60, 0, 1, 4, 0, 0, 0, 0]) + bytes([proto, 1, 1, 12]) + bytes(12)
        chain = [0]
    network = struct.pack(">IHBB", 6 << 28, len(ext) + length, chain[0], 64) + src + dst + ext
    pseudo = src + dst + struct.pack(">II", length, proto)
else:
    src, dst = socket.inet_aton("10.9.0.2"), socket.inet_aton("10.9.0.1")
    opts = b"\1" * 12 if "options" in shape else b""
    network = struct.pack(">BBHHHBBH", 0x45 + len(opts) // 4, 0, 20 + len(opts) + length, 1, 0, 64, proto, 0) + src + dst + opts
    network = network[:10] + struct.pack(">H", 0xFFFF - fold(network)) + network[12:]
    pseudo = src + dst + struct.pack(">HH", proto, length)
at = 16 if tcp else 6
header = header[:at] + struct.pack(">H", fold(pseudo)) + header[at + 2:]
ether = bytes.fromhex("ffffffffffff" + mac) + (b"\x81\0\0\5" if "vlan" in shape else b"") + struct.pack(">H", 0x86DD if v6 else 0x0800)
start = len(ether) + len(network)
gso = 0 if not mss else (4 if v6 else 1) | (0x80 if "cwr" in shape else 0)
vnet = struct.pack("<BBHHHH", 1, gso, start + len(header), mss, start, at)
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
s.setsockopt(263, 15, 1)  # SOL_PACKET, PACKET_VNET_HDR
s.bind((name, 0x86DD if v6 else 0x0800))
s.send(vnet + ether + network + header + payload)
