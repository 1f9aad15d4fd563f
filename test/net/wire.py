#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# The far end of a tap, frame by frame, with the virtio-net header that goes with each (packet(7), PACKET_VNET_HDR).
#   wire.py show INTERFACE FILE            FILE gets a line a frame for port 9999 of the guest's: protocol, and from its header
#                                          flags gso_type gso_size csum_offset, as the guest's driver filled them in
#   wire.py syn INTERFACE MAC PORT KIND    a TCP SYN for the guest (10.9.0.2 port 80) from PORT. KIND: good; damaged: its checksum is
#                                          wrong; claimed: it is wrong, and the header says that there is nothing to verify
import socket, struct, sys

SOL_PACKET, PACKET_VNET_HDR, NEEDS_CSUM = 263, 15, 1
ME, GUEST = socket.inet_aton("10.9.0.1"), socket.inet_aton("10.9.0.2")


def sum16(data):
    s = sum(struct.unpack(">%dH" % (len(data) // 2), data))
    while s >> 16:
        s = (s & 0xFFFF) + (s >> 16)
    return s ^ 0xFFFF


def wire(interface, kind):
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(kind))
    s.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
    s.bind((interface, kind))
    return s


def show(interface, path):
    s = wire(interface, 3)
    out = open(path, "w")
    print("listening", file=out, flush=True)
    while True:
        frame, address = s.recvfrom(1 << 17)
        flags, gso, _, size, _, offset = struct.unpack_from("<BBHHHH", frame)
        ip = frame[10 + 14:]
        if address[2] == socket.PACKET_OUTGOING or frame[22:24] != b"\x08\0" or ip[9] not in (6, 17):
            continue
        if struct.unpack_from(">H", ip, 4 * (ip[0] & 15) + 2)[0] == 9999:
            print({6: "tcp", 17: "udp"}[ip[9]], flags & NEEDS_CSUM, gso, size, offset, file=out, flush=True)


def syn(interface, mac, port, kind):
    tcp = struct.pack(">HHIIBBHHH", int(port), 80, 1, 0, 5 << 4, 2, 4096, 0, 0)
    right = sum16(ME + GUEST + struct.pack(">HH", 6, len(tcp)) + tcp)
    tcp = tcp[:16] + struct.pack(">H", right if kind == "good" else right ^ 0x5555) + tcp[18:]
    ip = struct.pack(">BBHHHBBH", 0x45, 0, 40, 1, 0, 64, 6, 0) + ME + GUEST
    ip = ip[:10] + struct.pack(">H", sum16(ip)) + ip[12:]
    header = struct.pack("<BBHHHH", NEEDS_CSUM, 0, 54, 0, 34, 16) if kind == "claimed" else bytes(10)
    s = wire(interface, 0x0800)
    s.send(header + bytes.fromhex(mac.replace(":", "")) + s.getsockname()[4] + b"\x08\0" + ip + tcp)


{"show": show, "syn": syn}[sys.argv[1]](*sys.argv[2:])
