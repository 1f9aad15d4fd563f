#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Two ends of a wire: 10.9.0.1, which gives leases and has a web server, and a client with traffic.
#   peer.sh server INTERFACE FOLDER     FOLDER/www is served, until FOLDER/stop is there; FOLDER/ready says that it runs
#   peer.sh client SHA1 FOLDER          as COMMAND: a lease, pings, www/data down and up again. One line on what failed.
#   peer.sh both SHA1 FOLDER COMMAND... the server on a new tap peer0 in this namespace, then COMMAND
. "$(dirname "$0")/wait.sh"
url=http://10.9.0.1:8009
server() {
    ip addr add 10.9.0.1/24 dev "$1" && ip link set "$1" up || exit 1
    : >"$2/leases"
    printf '%s\n' 'start 10.9.0.50' 'end 10.9.0.60' "interface $1" "lease_file $2/leases" "pidfile $2/udhcpd.pid" \
        'option subnet 255.255.255.0' 'option lease 3600' >"$2/udhcpd.conf"
    # nobody else is on the wire: an address is asked for 50 ms, not 2 s, before it is offered
    busybox udhcpd -a 50 -f "$2/udhcpd.conf" >"$2/udhcpd" 2>&1 &
    dhcpd=$!
    busybox httpd -f -p 8009 -h "$2/www" &
    httpd=$!
    within 30 listening 8009 || exit 1
    : >"$2/ready"
}
stop() { kill $dhcpd $httpd; wait $dhcpd $httpd 2>/dev/null; true; }
case $1 in
server)
    server "$2" "$3"
    for _ in $(seq 3000); do
        [ ! -e "$3/stop" ] || break
        sleep 0.1
    done
    stop
    ;;
both)
    sum=$2 folder=$3
    shift 3
    ip link set lo up
    ip tuntap add peer0 mode tap vnet_hdr || exit 1
    server peer0 "$folder"
    "$@"
    status=$?
    stop
    exit $status
    ;;
client)
    ip link set en0 up || exit 1
    udhcpc -i en0 -n -q -f -t 30 -T 1 >"$3/udhcpc" 2>&1 || { echo "no lease: $(tail -n 1 "$3/udhcpc")"; exit 1; }
    ping -c 3 -i 0.2 -W 10 -q 10.9.0.1 >"$3/ping" 2>&1 || { echo "no ping: $(grep transmitted "$3/ping")"; exit 1; }
    got=$(curl -sS --max-time 200 "$url/data" | tee "$3/got" | sha1sum | cut -c1-40)
    [ "$got" = "$2" ] || { echo "download damaged or cut: $(stat -c %s "$3/got") bytes"; exit 1; }
    sent=$(curl -sS --max-time 200 -H 'Expect:' -H 'Content-Type: application/octet-stream' --data-binary @"$3/got" \
        "$url/cgi-bin/put?back" | cut -c1-40)
    [ "$sent" = "$2" ] || { echo "upload damaged or cut: server says $sent"; exit 1; }
    ;;
esac
