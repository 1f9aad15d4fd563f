#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Runs as COMMAND on QEMU's user network: a lease, pings, MEGABYTES down and up with checksums. One line on what failed.
#   traffic.sh MEGABYTES PORT SHA1 FOLDER
ip link set en0 up || exit 1
udhcpc -i en0 -n -q -f -t 10 >"$4/udhcpc" 2>&1 || { echo "no lease: $(tail -n 1 "$4/udhcpc")"; exit 1; }
ping -c 3 -i 0.2 -W 10 -q 10.0.2.2 >"$4/ping" 2>&1 || { echo "no ping: $(grep transmitted "$4/ping")"; exit 1; }
[ "$1" = 0 ] && exit 0
url=http://10.0.2.2:$2
got=$(curl -sS --max-time 200 "$url/data" | tee "$4/got" | sha1sum | cut -c1-40)
[ "$got" = "$3" ] || { echo "download damaged or cut: $(stat -c %s "$4/got") bytes"; exit 1; }
sent=$(curl -sS --max-time 200 -H 'Expect:' -H 'Content-Type: application/octet-stream' --data-binary @"$4/got" \
    "$url/cgi-bin/put?back" | cut -c1-40)
[ "$sent" = "$3" ] || { echo "upload damaged or cut: server says $sent"; exit 1; }
