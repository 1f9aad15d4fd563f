#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# told.py INTERFACE FILE: what the device was told of each frame that comes in on the tap of a virtio-net back end, by the
# virtio-net header that a packet socket gives (packet(7), PACKET_VNET_HDR): "ready", then a line a frame from the driver,
# "SOURCE-PORT csum|- gso=TYPE ecn=0|1 mss=N cwr=0|1 length=N". Ends when it is killed, once it has said what was there by then.
import signal, socket, struct, sys

MAC = bytes.fromhex("525400123456")
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
s.setsockopt(263, 15, 1)  # SOL_PACKET, PACKET_VNET_HDR
try:
    s.setsockopt(socket.SOL_SOCKET, 33, 64 << 20)  # SO_RCVBUFFORCE
except OSError:
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
s.bind((sys.argv[1], 3))
out = open(sys.argv[2], "w", buffering=1)
print("ready", file=out)


def transport(p, at):
    kind = struct.unpack_from(">H", p, at)[0]
    at += 2
    if kind == 0x0800:
        return at + (p[at] & 15) * 4, p[at + 9]
    if kind != 0x86DD:
        return 0, 0
    proto, at = p[at + 6], at + 40
    while proto in (0, 43, 51, 60):
        proto, at = p[at], at + ((p[at + 1] + 2) * 4 if proto == 51 else (p[at + 1] + 1) * 8)
    return at, proto


signal.signal(signal.SIGTERM, lambda *_: s.setblocking(False))
while True:
    try:
        data, where = s.recvfrom(70000)
    except BlockingIOError:
        break
    flags, gso, _, mss, _, _ = struct.unpack_from("<BBHHHH", data)
    p = data[10:]
    if p[6:12] != MAC:
        continue
    tags = 0
    while p[12 + 4 * tags : 14 + 4 * tags] == b"\x81\0":
        tags += 1
    at, proto = transport(p, 12 + 4 * tags)
    if proto not in (6, 17):
        continue
    print("%d %s gso=%d ecn=%d mss=%d cwr=%d length=%d" % (
        struct.unpack_from(">H", p, at)[0], "csum" if flags & 1 else "-", gso & 0x7F, gso >> 7, mss,
        proto == 6 and p[at + 13] >> 7, len(p)), file=out)
